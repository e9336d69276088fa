"""The same person is typed twice in spite of the warning, merged by the keyboard, and given back by one click."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.test_accessibility import AXE, judge


def save(page: Page, first: str, last: str) -> None:
    page.goto("/contacts/new")
    page.get_by_label("First name").fill(first)
    page.get_by_label("Last name").fill(last)


def test_a_duplicate_is_warned_of_merged_and_given_back(page: Page, complaints: list[str]) -> None:
    save(page, "Elizabeth", "Quartermaine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Elizabeth Quartermaine")).to_be_visible()
    winner = page.url
    save(page, "Liz", "Quartermaine")
    known = page.locator(".known-records")
    expect(known).to_contain_text("Elizabeth Quartermaine")
    use = known.get_by_role("link", name="Use this one").last
    expect(use).to_have_attribute("href", winner[winner.index("/contacts") :])
    page.get_by_role("button", name="Save").click()  # it is somebody else, says whoever types
    expect(page.get_by_role("heading", name="Liz Quartermaine")).to_be_visible()
    other = page.url

    ids = ",".join(url.rpartition("/")[2].partition("?")[0] for url in (winner, other))
    page.goto(f"/contacts/merge?ids={ids}")
    page.locator("body[data-mounted]").wait_for()
    page.evaluate(AXE.read_text())
    found = judge(page)
    page.keyboard.press("2")  # everything from the second
    expect(page.get_by_role("radio", name=re.compile("Keep this one.*Liz Quartermaine"))).to_be_checked()
    page.keyboard.press("1")
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="Elizabeth Quartermaine")).to_be_visible()
    page.goto(other)
    expect(page).to_have_url(winner)  # the old address leads here
    for path in ("/merges", "/duplicates", "/bin"):
        page.goto(path)
        page.evaluate(AXE.read_text())
        found += judge(page)
    page.goto("/merges")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator(".toasts")).to_contain_text("The merge was undone.")
    page.goto(other)
    expect(page.get_by_role("heading", name="Liz Quartermaine")).to_be_visible()
    assert found == []
    assert complaints == []
