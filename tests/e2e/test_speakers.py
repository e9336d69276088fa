"""A file put into the watch folder is read by itself, and who spoke in it is said in one step."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site

TALK = """WEBVTT

1
00:00:05.000 --> 00:00:09.000
Speaker 1: Good morning, this is about the offer.

2
00:00:10.000 --> 00:00:19.000
Speaker 2: I will send the signed offer by Friday.

3
00:00:20.000 --> 00:00:24.000
Jane Roe: Thank you. Our budget is 45,000 euros.

4
00:00:25.000 --> 00:00:29.000
Speaker 2: Understood.
"""


def test_a_file_in_the_inbox_is_read_and_its_speakers_are_named_and_unnamed(
    page: Page, site: Site, complaints: list[str]
) -> None:
    page.goto("/meetings/new")
    inbox = Path(page.locator("main code").inner_text())
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "weekly.vtt").write_text(TALK)
    row = page.get_by_role("link", name="weekly", exact=True)
    for _ in range(40):
        page.goto("/meetings")
        if row.count():
            break
        page.wait_for_timeout(500)
    row.click()
    expect(page.locator("[data-review]")).to_be_visible()
    expect(page.locator(".record-facts")).to_contain_text("4 of 4 cues")
    voice = page.locator("li.voice", has_text="Speaker 2")
    voice.get_by_role("button").click()
    name = page.get_by_role("combobox", name="Name")
    expect(page.get_by_role("option", name="Priya Nandakumar")).to_be_visible()
    name.fill("Jane Roe")
    page.keyboard.press("Escape")  # closes the choices, if there are any, and not the dialog
    expect(name).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#modal")).to_contain_text("speaks in this meeting already")
    expect(page.get_by_role("button", name="Make them one")).to_be_visible()
    name.fill("Priya")
    page.get_by_role("option", name="Priya Nandakumar").click()
    expect(page.get_by_role("button", name="Make them one")).to_have_count(0)  # the question was about somebody else
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#u-1")).to_contain_text("Priya Nandakumar")
    expect(page.locator("#u-3")).to_contain_text("Priya Nandakumar")
    expect(page.locator("article.insight .evidence", has_text="Priya Nandakumar").first).to_be_visible()
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#u-1")).to_contain_text("Speaker 2")
    assert (inbox / "done" / "weekly.vtt").exists()
    assert complaints == []
