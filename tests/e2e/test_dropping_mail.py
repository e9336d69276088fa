"""Files that are dropped: mails looked at, one left out, taken in and back, and a table corrected; all by keyboard."""

from __future__ import annotations

import sys
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site, running
from tests.e2e.test_accessibility import AXE, JUDGE
from tests.shared.activities.conftest import calendar, letter

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


EVENT = "UID:mix\nSUMMARY:Review\nDTSTART:20991102T090000Z"


def test_mails_dropped_among_other_files_are_offered_beside_them(page: Page, complaints: list[str]) -> None:
    page.goto("/contacts/new")
    page.get_by_role("textbox", name="Last name").fill("Mixington")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body[data-mounted]")).to_be_attached()
    sent: list[Any] = [
        {"name": name, "mimeType": "text/plain", "buffer": data}
        for name, data in (
            ("a.eml", letter(id="<mix@x.example>")),
            ("b.ics", calendar(EVENT)),
            ("plan.txt", b"The plan"),
        )
    ]
    page.set_input_files("form[data-activities] input[type=file]", sent)
    offered = page.locator(".dropzone-file")
    expect(offered).to_have_count(2)
    expect(offered.get_by_role("link")).to_have_count(2)
    assert offered.first.evaluate("(row) => getComputedStyle(row).textDecorationLine") == "none"  # it waits
    expect(page.get_by_role("main").get_by_text("plan.txt")).to_be_visible()
    offered.filter(has_text="a.eml").get_by_role("link").press("Enter")
    expect(page.locator("#activities-plan")).to_contain_text("1 e-mail ")
    assert complaints == []


def test_whom_to_add_is_ticked_before_mails_of_strangers_are_taken_in(page: Page, complaints: list[str]) -> None:
    page.goto("/imports")
    expect(page.locator("body[data-mounted]")).to_be_attached()
    page.evaluate(
        DROP, [letter(id=f"<s{n}@x.example>", sender=f"Stranger {n} <s{n}@x.example>").decode() for n in range(2)]
    )
    page.wait_for_url("**/activities/*")
    page.get_by_role("button", name="Take in", exact=True).press("Enter")
    expect(page.get_by_text("Tick somebody to add first")).to_be_visible()
    everybody = page.get_by_role("checkbox", name="All of them")
    everybody.press("Space")
    expect(page.get_by_role("checkbox", name="Stranger 0")).to_be_checked()
    page.reload()
    expect(everybody).to_be_checked()
    page.get_by_role("checkbox", name="Stranger 1").press("Space")
    expect(everybody).not_to_be_checked()
    assert everybody.evaluate("(box) => box.indeterminate")
    everybody.press("Space")
    expect(page.get_by_role("checkbox", name="Stranger 1")).to_be_checked()
    everybody.press("Space")
    expect(page.locator("input[name=contact]:checked")).to_have_count(0)
    page.get_by_role("checkbox", name="Stranger 1").press("Space")
    page.reload()
    expect(page.get_by_role("checkbox", name="Stranger 1")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Stranger 0")).not_to_be_checked()
    page.get_by_role("button", name="Take in", exact=True).press("Enter")
    expect(page.get_by_role("main")).to_contain_text("1 was added. 1 was left as it is.")
    assert complaints == []


TABLE = """First name,Last name,E-mail,Phone,Lifecycle
Bea,Gridley,bea-at,abc,nonsense
Ben,Gridley,ben-at,,lead
Cy,Gridloft,cy@grid.example,+49 30 200300,lead
Di,Gridmoor,di@grid.example,+49 30 200301,lead
Ed,Gridnell,ed@grid.example,+49 30 200302,lead
"""


def test_bad_cells_of_a_table_are_typed_over_one_after_the_other(page: Page, site: Site, complaints: list[str]) -> None:
    page.goto("/imports")
    expect(page.locator("body[data-mounted]")).to_be_attached()
    file: Any = {"name": "grid.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.set_input_files("form[data-dropzone] input[type=file]", file)
    page.wait_for_url("**/imports/*")
    for choice in ("", "phones"):  # what was chosen outlives a reload
        page.get_by_label("Phone", exact=True).select_option(choice)
        page.reload()
        expect(page.get_by_label("Phone", exact=True)).to_have_value(choice)
    with running([[sys.executable, "-m", "shared.worker", "crm"]], site.environment):
        page.get_by_role("button", name="Check the file").press("Enter")
        expect(page.get_by_role("heading", name="To correct")).to_be_visible(timeout=20_000)
    page.get_by_role("textbox", name="E-mail, line 2").press("Control+a")
    for typed in ("bea@grid.example", "Tab", "Control+a", "+49 30 123456", "Tab", "Control+a", "customer", "Enter"):
        keys = page.keyboard.press if typed in ("Tab", "Control+a", "Enter") else page.keyboard.type
        keys(typed)  # without waiting for the server between two cells
    expect(page.locator("#row-2")).to_contain_text("Good")
    expect(page.locator("#row-2")).to_contain_text("bea@grid.example +49 30 123456 customer", use_inner_text=True)
    expect(page.get_by_role("textbox", name="E-mail, line 3")).to_be_focused()
    page.keyboard.type("ben@grid.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_focused()
    assert complaints == []
