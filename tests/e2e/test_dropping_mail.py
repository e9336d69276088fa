"""Mails dropped on a contact's page: looked at, one left out, taken in and taken back, by keyboard after the drop."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.test_accessibility import AXE, JUDGE
from tests.shared.activities.conftest import letter

#: What a browser does with two files let go over the page.
DROP = """(mails) => {
    const files = new DataTransfer();
    mails.forEach((text, n) => files.items.add(new File([text], `mail${n}.eml`, {type: "message/rfc822"})));
    const zone = document.querySelector("form[data-activities]");
    zone.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: files}));
}"""


def test_mails_are_dropped_looked_at_taken_in_and_back(page: Page, complaints: list[str]) -> None:
    page.goto("/contacts/new")
    page.get_by_role("textbox", name="Last name").fill("Droppington")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Droppington")
    contact = page.url
    expect(page.locator("body[data-mounted]")).to_be_attached()
    mails: list[Any] = [letter(id=f"<e2e{n}@x.example>", subject=f"Subject {n}").decode() for n in range(2)]
    page.evaluate(DROP, mails)
    page.wait_for_url("**/activities/*")
    expect(page.locator("#activities-plan")).to_contain_text("2 e-mails")
    page.evaluate(AXE.read_text())
    assert page.evaluate(JUDGE.replace("run(document", "run(document.querySelector('main')")) == []
    page.get_by_role("button", name="Leave out “Subject 1”").press("Enter")
    expect(page.locator("#activities-plan")).to_contain_text("1 e-mail ")
    page.get_by_role("button", name="Take in", exact=True).press("Enter")
    page.wait_for_url(contact)
    expect(page.get_by_role("main")).to_contain_text("Subject 0")
    page.locator("[data-flash], #toasts").get_by_role("button", name="Undo").first.press("Enter")
    expect(page.get_by_text("Taken back.").first).to_be_visible()
    expect(page.locator(".note-item")).to_have_count(0)
    assert complaints == []
