"""Where the keyboard is after each step: a file chosen, an import that ended, what was logged, linked, taken away."""

from __future__ import annotations

import sys

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site, running

CSV = b"Name,Email\nIda Keys,ida@keys.example\n"


def test_an_import_is_gone_through_and_the_keyboard_stays_in_the_page_where_it_goes_on_by_itself(
    page: Page, site: Site
) -> None:
    main = page.locator("#main")
    with running([[sys.executable, "-m", "shared.worker", "crm"]], site.environment):
        page.on("filechooser", lambda _chooser: None)  # the browser's own dialog is caught from now on
        page.goto("/imports")
        page.wait_for_selector("body[data-mounted]")
        with page.expect_file_chooser() as chosen:
            page.locator("input[type=file]").press("Enter")
        chosen.value.set_files({"name": "ida.csv", "mimeType": "text/csv", "buffer": CSV})
        page.wait_for_url("**/imports/*")
        expect(main).to_be_focused()
        page.get_by_role("button", name="Check the file").press("Enter")
        expect(main).to_contain_text("Ready to import")
        page.get_by_role("button", name="Import", exact=True).press("Enter")
        expect(main).to_contain_text("To the list")
        expect(main).to_be_focused()  # not on what stands where Cancel stood: to take it back
        page.get_by_role("button", name="Take it back").press("Enter")
        page.get_by_role("dialog").get_by_role("button", name="Take it back").press("Enter")
        expect(main).to_contain_text("as it was before")
        expect(main).to_be_focused()


def test_what_is_logged_linked_or_taken_away_leaves_the_keyboard_beside_it(page: Page) -> None:
    for name in ("Otto", "Nora"):
        page.goto("/contacts/new")
        page.get_by_label("First name").fill(name)
        page.get_by_label("Last name").fill("Keys")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{name} Keys")
    page.wait_for_selector("body[data-mounted]")
    page.get_by_role("radio", name="Note", exact=True).press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.type("We met")
    page.keyboard.press("Tab")
    page.keyboard.type("112720260230PM")  # without a step between year and hour
    expect(page.locator("#met-happened")).to_have_value("2026-11-27T14:30")
    for width, wanted in ((390, 230), (1440, 190)):  # the longest way of writing a date and its hour
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator("#met-happened").evaluate("(field) => field.clientWidth") > wanted
    people = page.locator("#met-people")
    people.focus()
    page.keyboard.type("Otto")
    expect(page.get_by_role("option", name="Otto Keys", selected=True)).to_be_visible()
    page.keyboard.press("Enter")
    sign = page.locator("#composer .composer-met .chip > .icon use")
    assert (sign.get_attribute("href") or "").endswith("#user")
    page.get_by_role("button", name="Log meeting").press("Enter")
    expect(page.locator("#history")).to_contain_text("We met")
    expect(page.locator("#composer :focus")).to_have_count(1)

    page.get_by_text("Link a record").press("Enter")
    expect(page.get_by_label("What it is to this record")).to_be_focused()
    page.keyboard.type("colleague")
    page.keyboard.press("Enter")
    expect(page.locator("#link-other")).to_be_focused()
    page.keyboard.type("Otto")
    expect(page.get_by_role("option", name="Otto Keys", selected=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".links-card")).to_contain_text("colleague")

    files = page.locator("#files")
    box = files.locator("input[type=file]")
    box.set_input_files({"name": "plan.txt", "mimeType": "text/plain", "buffer": b"plan"})
    expect(page.locator("#files-count")).to_have_text("1")
    files.get_by_role("button", name="Take plan.txt away").press("Enter")
    expect(files).to_contain_text("No files yet.")
    expect(page.locator("#files-count")).to_be_hidden()
    expect(box).to_be_focused()
    page.keyboard.press("z")  # nothing is typed into a box of files
    expect(files).to_contain_text("plan.txt")


def test_a_task_that_was_ticked_in_the_bell_is_opened_again_and_the_keyboard_stays_at_the_bell(page: Page) -> None:
    page.goto("/my-day")
    page.wait_for_selector("body[data-mounted]")
    page.keyboard.press("n")
    page.keyboard.type("Ring the bell today")
    expect(page.locator("#quick-read time")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#day")).to_contain_text("Ring the bell")
    bell = page.locator(".bell > summary")
    bell.press("Enter")
    page.locator("#bell-list").get_by_role("button", name="Done: Ring the bell").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Done.")
    expect(page.locator("#bell-list")).not_to_contain_text("Ring the bell")
    expect(page.locator("#bell-list :focus")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.locator("#day")).to_contain_text("Ring the bell")
    expect(bell).to_be_focused()


def test_a_question_asked_from_a_menu_and_refused_leaves_the_keyboard_at_the_menu(page: Page) -> None:
    page.goto("/settings/webhooks/new")
    page.get_by_label("Name", exact=True).fill("Sync")
    page.get_by_label("Address").fill("https://93.184.216.34/hook")
    page.get_by_role("button", name="Create the webhook").press("Enter")
    page.wait_for_url("**/settings/webhooks/*?shown=*")
    page.wait_for_selector("body[data-mounted]")
    more = page.locator("main details.menu > summary")
    for refuse in ("Enter", "Escape"):
        more.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
        page.keyboard.press(refuse)
        expect(more).to_be_focused()


def test_a_list_taken_along_from_a_menu_leaves_the_keyboard_at_the_menu(page: Page) -> None:
    page.goto("/contacts")
    page.wait_for_selector("body[data-mounted]")
    more = page.locator("details.menu:has(a[data-making]) > summary")
    for format in ("CSV", "XLSX"):
        more.press("Enter")
        with page.expect_download():
            page.get_by_role("link", name=f"Export this list as {format}").press("Enter")
        expect(more).to_be_focused()
        expect(page.locator("#toasts")).to_contain_text("The file is being made.")


def test_a_question_that_was_answered_no_can_be_answered_anew_on_the_same_page(page: Page) -> None:
    page.goto("/settings/fields?record_type=task")
    page.get_by_label("Name", exact=True).fill("Effort")
    page.get_by_role("button", name="Add the field").click()
    question = page.get_by_role("dialog").filter(has_text="Delete “Effort”")
    for answer in ("Cancel", "Cancel", "Delete the field"):
        page.locator("tr", has_text="Effort").locator("summary").press("Enter")
        page.get_by_role("button", name="Delete", exact=True).press("Enter")
        question.get_by_role("button", name=answer).press("Enter")
        expect(question).to_be_hidden()
    expect(page.get_by_role("button", name="Delete Effort for good")).to_be_visible()
