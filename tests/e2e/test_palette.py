"""The palette by keyboard alone, in a real browser: find, begin, act, and leave as one came."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.test_accessibility import AXE, judge


def test_a_person_is_made_found_in_spite_of_slips_and_written_about_without_a_mouse(
    page: Page, complaints: list[str]
) -> None:
    page.goto("/contacts")
    page.wait_for_selector("body[data-mounted]")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/palette?q=J" in request.url else None)
    field, chosen = page.locator("#palette [role=combobox]"), page.locator("#palette [aria-selected=true]")
    page.keyboard.press("Control+k")
    page.keyboard.type("John Smith")
    expect(page.get_by_role("option", name="New contact “John Smith”")).to_be_visible()
    assert len(asked) <= 2, asked  # letters that follow at once are one question
    page.evaluate(AXE.read_text())
    found = judge(page)
    while "New contact" not in chosen.inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/new?*")
    page.get_by_label("Last name").press("Enter")
    page.wait_for_url(re.compile(r"/contacts/\d+$"))
    contact = page.url

    page.goto("/contacts")
    page.wait_for_selector("body[data-mounted]")
    page.keyboard.press("j")  # to the first row
    row = page.locator("#list .cell-main a")
    expect(row).to_be_focused()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(row).to_be_focused()  # back to where one was
    page.keyboard.press("/")
    page.keyboard.type("Jhon Smtih")
    page.keyboard.press("Enter")  # before the answer came: waits for it
    page.wait_for_url(contact)
    page.wait_for_selector("body[data-mounted]")

    for words, place in (("two-factor", "Signing in"), ("invite", "People and invitations"), ("time z", "Profile")):
        page.keyboard.press("Control+k")
        page.keyboard.type(words)
        expect(page.get_by_role("option", name=place)).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")

    page.keyboard.press("Control+k")
    page.keyboard.type("write a note")
    page.keyboard.press("Enter")
    expect(page.locator("#note-body")).to_be_focused()
    page.keyboard.type("g c? n j")  # letters, not keys
    expect(page.locator("#note-body")).to_have_value("g c? n j")
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="John Smith")).to_have_count(0)  # one is there already
    page.keyboard.press("Control+k")
    expect(page.locator("#note-body")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_contain_text("Search and commands")
    page.evaluate(AXE.read_text())
    found += judge(page)
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/companies")
    page.wait_for_selector("body[data-mounted]")
    page.keyboard.press("?")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past "Close"
    with page.expect_response("**/settings/profile/keys"):
        page.keyboard.press("Space")
    page.reload()
    page.wait_for_selector("body[data-mounted]")
    page.keyboard.press("?")  # a single key, too
    expect(page.locator("#shortcuts")).not_to_be_visible()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    assert found == []
    assert complaints == []
