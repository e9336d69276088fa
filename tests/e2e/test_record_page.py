"""What people do most with a record: look at it beside its list, and change one thing, without the mouse."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect


def test_a_record_is_looked_at_beside_its_list_and_a_field_is_changed_by_keyboard(
    page: Page, complaints: list[str]
) -> None:
    for name in ("Aalto Lamps", "Bergen Boats"):
        page.goto("/companies/new")
        page.get_by_role("textbox", name="Name").fill(name)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.goto("/companies?sort=name")
    expect(page.locator("body[data-mounted]")).to_be_attached()
    first, second = (page.locator("#rows tr .cell-main .link-plain").nth(i) for i in (0, 1))
    names = [first.inner_text(), second.inner_text()]
    panel = page.locator("#panel")
    first.focus()
    page.keyboard.press("Space")
    expect(panel.locator("h2").first).to_have_text(names[0])
    page.keyboard.press("j")
    expect(panel.locator("h2").first).to_have_text(names[1])
    page.reload()
    expect(panel.locator("h2").first).to_have_text(names[1])
    panel.get_by_text("empty fields").click()
    panel.get_by_role("button", name="Edit Industry").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Industry")).to_be_focused()
    page.keyboard.type("Lighthouses")
    page.keyboard.press("Tab")
    cell = panel.locator("[data-cell$='/field/industry']")
    expect(cell).to_contain_text("Lighthouses")
    expect(panel.locator("#record-head")).to_contain_text("Lighthouses")  # drawn anew: nobody loses the focus
    expect(panel.locator("form[data-cell] :focus")).to_have_count(1)  # Tab went on to the next field
    page.keyboard.press("Escape")
    expect(panel).to_be_visible()  # Escape left the field, not the panel
    row = page.locator("#rows tr").nth(1)
    expect(row).to_contain_text("Lighthouses")  # the list follows what is changed beside it
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(cell).not_to_contain_text("Lighthouses")
    expect(row).not_to_contain_text("Lighthouses")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    row.get_by_role("link", name=names[1]).focus()
    page.keyboard.press("F2")
    expect(row.get_by_role("textbox", name="Name")).to_be_focused()
    page.keyboard.type("Cardiff Cranes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Cardiff Cranes")).to_be_focused()
    expect(page).to_have_url(page.url.partition("#")[0])
    assert complaints == []


def test_tab_goes_on_from_a_field_that_was_refused_and_a_step_back_from_the_panel_to_its_row(page: Page) -> None:
    page.goto("/companies/new")
    page.get_by_role("textbox", name="Name").fill("Refusal")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Refusal")
    page.get_by_text("empty fields").click()
    page.get_by_role("button", name="Edit Employees").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Employees")).to_be_focused()
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    refused = page.locator("form[data-cell$='/field/employees']")
    expect(refused.get_by_role("textbox", name="Employees")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Tab")
    expect(refused).to_have_count(0)
    expect(page.locator("form[data-cell] :focus")).to_have_count(1)  # the next field
    page.goto("/companies?q=refusal")
    page.get_by_role("link", name="Refusal").focus()
    page.keyboard.press("Space")
    expect(page.locator("#panel h2").first).to_have_text("Refusal")
    page.reload()
    expect(page.locator("#panel h2").first).to_have_text("Refusal")
    page.go_back()
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.get_by_role("button", name="Preview Refusal")).to_be_focused()


def test_of_a_field_that_somebody_else_changed_either_side_is_chosen_by_keyboard(page: Page) -> None:
    page.goto("/companies/new")
    page.get_by_role("textbox", name="Name").fill("Contested")
    page.get_by_role("textbox", name="Industry").fill("Timber")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Contested")
    page.get_by_role("button", name="Edit Industry").press("Enter")
    expect(page.get_by_role("textbox", name="Industry")).to_be_focused()
    page.keyboard.type("Paper")
    other = page.context.new_page()
    other.goto(f"{page.url}/edit")
    other.get_by_role("textbox", name="Industry").fill("Glass")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Contested")
    other.close()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Keep theirs")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save mine")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-cell$='/field/industry']")).to_contain_text("Paper")
    expect(page.get_by_role("button", name="Edit Industry")).to_be_focused()
    page.keyboard.press("?")  # keys are heard again
    expect(page.locator("#shortcuts")).to_be_visible()


def test_a_task_is_typed_moved_done_and_taken_back_without_the_mouse(page: Page) -> None:
    page.goto("/my-day")
    expect(page.locator("body[data-mounted]")).to_be_attached()
    bell, row = page.locator(".bell-count"), page.locator("#day [data-task]", has_text="Call Ana about the depot")
    before = int(bell.inner_text() or 0)
    page.keyboard.press("n")
    expect(page.locator("[data-quick-add] [name=text]")).to_be_focused()
    page.keyboard.type("Call Ana about the depot today")
    expect(page.locator("#quick-read time")).to_be_visible()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Today")
    expect(bell).to_have_text(str(before + 1))
    page.keyboard.type("Sweep the yard")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.locator("#day [data-task]", has_text="Sweep the yard").focus()
    row.get_by_role("button", name="Done: Call Ana").focus()
    page.keyboard.press("d")  # of the task that one is on, not of that which was marked before
    expect(page.locator("#modal")).to_contain_text("Call Ana about the depot")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    sheet = page.locator("#shortcuts")
    expect(sheet.get_by_role("heading", name="Go to")).to_be_visible()
    expect(sheet.get_by_role("heading", name="New", exact=True)).to_have_count(
        0
    )  # "n c" cannot be typed: "n" acts at once
    page.keyboard.press("Escape")
    row.press("d")
    expect(page.locator("#due-text")).to_be_focused()
    page.keyboard.type("tomorrow 9am")  # instead of the day that stands there
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Tomorrow 9:00")
    expect(page.locator("#modal")).to_be_hidden()
    row.press("x")
    expect(page.get_by_text("1 done today")).to_be_visible()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").last.press("Enter")
    expect(row).to_be_visible()


def test_an_answer_is_heard_though_its_row_was_drawn_anew_meanwhile(page: Page) -> None:
    page.goto("/my-day")
    expect(page.locator("body[data-mounted]")).to_be_attached()
    page.locator("[data-quick-add] [name=text]").fill("Ring the depot today")
    page.keyboard.press("Enter")
    row = page.locator("#day [data-task]", has_text="Ring the depot")
    expect(row).to_be_visible()
    page.keyboard.press("Escape")
    held: list[Route] = []
    page.route("**/done", lambda route: held.append(route))
    with page.expect_request("**/done"):
        row.press("x")
    with page.expect_response("**/my-day*"):
        page.evaluate("htmx.trigger(document.body, 'dayChanged', {})")
    expect(row).to_be_visible()
    page.wait_for_function("!document.querySelector('#day .htmx-request')")  # it is another row now
    held[0].continue_()
    expect(row).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("html.is-loading")).to_have_count(0)


def test_who_took_part_in_a_call_that_is_half_logged_survives_a_reload(page: Page) -> None:
    for name in ("Udo", "Vera"):
        page.goto("/contacts/new")
        page.get_by_role("textbox", name="First name").fill(name)
        page.get_by_role("textbox", name="Last name").fill("Chipkeeper")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{name} Chipkeeper")
    call, tab = page.locator("form.composer-call"), page.locator("[data-command='Log a call']")
    tab.click()
    call.get_by_role("combobox", name="With").fill("Udo Chip")
    call.get_by_role("option", name="Udo Chipkeeper").click()
    chip = call.locator(".chip")
    page.reload()
    expect(chip).to_have_text("Udo Chipkeeper")
    expect(call).to_be_visible()  # the tab that is half filled in is in front
    chip.get_by_role("button").click()
    page.reload()
    expect(page.locator("form.composer-note")).to_be_visible()
    expect(chip).to_have_count(0)
    tab.click()
    call.get_by_role("combobox", name="With").fill("Udo Chip")
    call.get_by_role("option", name="Udo Chipkeeper").click()
    call.get_by_role("textbox", name="What was said").fill("Wants the offer")
    page.reload()
    with page.expect_request(lambda asked: asked.method == "POST" and asked.url.endswith("/notes")) as sent:
        call.get_by_role("button", name="Log call").click()
    assert (sent.value.post_data or "").count("links=contact%3A") == 2  # the record of the page, and who took part
    expect(page.locator("#story")).to_contain_text("Wants the offer")
    expect(chip).to_have_count(0)
    page.reload()
    expect(page.locator("#story")).to_contain_text("Wants the offer")
    expect(chip).to_have_count(0)  # sent, and no draft any more


def test_what_is_half_typed_survives_a_reload_and_nothing_is_sent_twice(page: Page) -> None:
    page.goto("/contacts/new")
    page.get_by_role("textbox", name="First name").fill("Edda")
    page.get_by_role("textbox", name="Last name").fill("Reload")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Edda Reload")
    note = page.get_by_role("textbox", name="Note")
    note.fill("Half a thought")
    page.reload()
    expect(note).to_have_value("Half a thought")
    note.press("Control+Enter")
    expect(page.locator("#story")).to_contain_text("Half a thought")
    with page.expect_navigation():  # a page that the browser kept whole is asked for anew on the way back
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(note).to_have_value("")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.on("dialog", lambda leave: leave.accept())
    page.goto("/settings/webhooks/new")
    page.get_by_role("textbox", name="Name").fill("Bus")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Address")).to_be_focused()  # it was refused, and says where
    page.reload()
    expect(page).to_have_url(re.compile("/webhooks/new$"))
    page.go_back()
    page.go_forward()
    expect(page.get_by_role("textbox", name="Address")).to_be_visible()
    assert len(sent) == 1


def test_what_is_typed_while_a_field_is_being_saved_goes_into_the_next(page: Page) -> None:
    page.goto("/companies/new")
    page.get_by_role("textbox", name="Name").fill("Hasty")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hasty")
    page.get_by_text("empty fields").click()
    cells = page.locator("[data-cells] [data-cell]")
    order = cells.evaluate_all("all => all.map(cell => cell.dataset.cell)")
    first = next(place for place, url in enumerate(order) if url.endswith("/industry"))
    line = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
    page.get_by_role("button", name="Edit Industry").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Industry")).to_be_focused()
    page.keyboard.type("Boats")
    page.keyboard.press("Tab")
    page.keyboard.type("12")  # neither of the fields has come
    page.keyboard.press("Tab")
    page.keyboard.type("34")
    expect(page.locator(f"form[data-cell='{order[first + 2]}'] :focus")).to_have_value("34")
    expect(page.locator(f"[data-cell='{order[first + 1]}']")).to_contain_text("12")
    expect(page.locator(f"[data-cell='{order[first]}']")).to_contain_text("Boats")


def test_what_is_half_typed_or_too_long_is_refused_where_it_stands_and_empties_or_cuts_nothing(page: Page) -> None:
    page.goto("/settings/fields?record_type=company")
    page.get_by_label("Name", exact=True).fill("Renewal")
    page.get_by_label("Kind").select_option(label="Date")
    page.get_by_role("button", name="Add the field").click()
    expect(page.locator("#toasts")).to_contain_text("“Renewal” is now a field.")
    page.goto("/companies/new")
    page.get_by_role("textbox", name="Name").fill("Zwickau Zithers")
    page.get_by_role("button", name="Save").click()
    cell = page.locator("[data-cell$='/field/custom.renewal']")
    cell.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(cell.locator("input[type=date]")).to_be_focused()
    page.keyboard.type("1224")
    page.keyboard.press("Tab")
    expect(cell.locator("input:focus:invalid")).to_be_attached()
    page.keyboard.type("12242026")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("Dec 24, 2026")
    cell.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(cell.locator("input[type=date]")).to_be_focused()
    page.keyboard.type("02312027")  # there is no such day, so the browser's field has no value
    page.keyboard.press("Enter")
    expect(cell.locator("input:focus:invalid")).to_be_attached()
    page.keyboard.press("Escape")
    expect(cell).to_have_text("Dec 24, 2026")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Renewal").press_sequentially("02312027")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("input:focus:invalid")).to_have_attribute("name", "custom.renewal")
    page.get_by_label("Renewal").fill("2026-12-24")
    name = page.get_by_role("textbox", name="Name")
    name.fill("")
    name.press_sequentially("Zither" * 40, delay=0)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Should have at most 200 characters")).to_be_visible()
    expect(name).to_have_value("Zither" * 40)


def test_a_task_that_is_refused_stays_in_the_line_it_was_typed_into(page: Page) -> None:
    page.goto("/my-day")
    expect(page.locator("body[data-mounted]")).to_be_attached()
    page.keyboard.press("n")
    page.keyboard.insert_text("Call " * 110)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("at most 500 characters")
    expect(page.get_by_role("textbox", name="New task, with its day at the end")).to_have_value("Call " * 110)
