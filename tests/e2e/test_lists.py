"""A list put together, many of its rows changed and changed back, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from shared import clock
from shared.models import Lifecycle, MeetingStatus, User
from tests.e2e.conftest import Site
from tests.e2e.test_accessibility import AXE, judge
from tests.factories import make_company, make_contact, make_deal, make_meeting, make_task, make_user


@pytest.fixture
def people(site: Site) -> list[str]:
    """Six people in alphabetical order; four of them buy."""
    with site.database.session(site.workspace_id) as session:
        for i in range(6):
            make_contact(session, first_name=f"Ada{i}", last_name="Bulk", title="Buyer" if i < 4 else "Seller")
    return [f"Ada{i} Bulk" for i in range(6)]


def test_filter_select_a_range_change_and_take_back(page: Page, people: list[str]) -> None:
    page.goto("/contacts?sort=name&saved=0")
    page.wait_for_selector("body[data-mounted]")
    page.keyboard.press("f")
    row = page.locator(".build-cmp")
    expect(row).to_be_visible()
    page.evaluate(AXE.read_text())
    found = judge(page)
    row.get_by_label("Field", exact=True).select_option("title")
    row.get_by_label("Comparison").select_option("eq")
    row.get_by_label("Value").press("Enter")
    expect(row.get_by_label("Value")).to_have_accessible_description("Fill this in.")
    page.keyboard.type("Buyer")
    expect(row.get_by_text("Fill this in.")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".filter-chip")).to_contain_text("Buyer")
    expect(page.locator("#main")).to_be_focused()  # where a dialog has led to
    expect(page.get_by_text("Ada4 Bulk")).to_have_count(0)
    boxes = page.locator("[data-pick]")
    for key in ("j", "j", "x", "j", "j", "Shift+X"):  # from the second row to the fourth, as Shift and the mouse do
        page.keyboard.press(key)
    expect(page.locator(".bulk-count")).to_have_text("3 selected")
    boxes.nth(3).click()
    boxes.nth(1).click(modifiers=["Shift"])
    expect(page.locator("#bulk-bar")).to_be_hidden()
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator(".bulk-count")).to_have_text("3 selected")
    page.evaluate(AXE.read_text())
    found += judge(page)
    page.locator("[data-bulk=edit]").click()
    page.locator("#bulk-field").select_option("source")
    page.locator("#modal [name=source]").fill("Fair")
    page.get_by_role("button", name="Change 3 records").click()
    note = page.locator(".note", has_text="3 records changed.")
    expect(note).to_be_visible()
    expect(page.locator("#bulk-bar")).to_be_hidden()  # the list is drawn anew, without a selection
    expect(page.locator("[data-picks] tbody tr").nth(3).locator(".cell-main .link-plain")).to_be_focused()
    page.goto("/contacts?source=Fair&saved=0")
    expect(page.locator("[data-picks] tbody tr")).to_have_count(3)
    page.go_back()
    expect(page.locator(".filter-chip")).to_contain_text("Buyer")
    boxes.nth(0).click()
    expect(page.locator(".bulk-count")).to_have_text("1 selected")
    page.locator("[data-bulk=delete]").click()
    page.locator("#confirm [value=yes]").click()
    page.locator(".note", has_text="1 record deleted.").get_by_role("button", name="Undo").click()
    expect(page.locator(".note", has_text="as it was")).to_be_visible()
    expect(page.get_by_text(people[0])).to_be_visible()
    assert page.evaluate("document.activeElement !== document.body"), "who works by keyboard is sent to the top"
    page.get_by_role("link", name="Title", exact=True).press("Enter")
    expect(page.locator("[aria-sort=ascending] .sort")).to_be_focused()  # of another page, but where one was
    assert found == []


@pytest.mark.usefixtures("people")
def test_the_row_that_one_walks_to_is_not_covered_by_the_bar_of_the_selection(page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 390})  # a wide window enlarged
    page.goto("/contacts?sort=name&saved=0")
    page.wait_for_selector("body[data-mounted]")
    for key in ("j", "x", "j", "j", "j", "j"):
        page.keyboard.press(key)
        covered = page.evaluate(
            """() => {
                const {left, top, width, height} = document.activeElement.getBoundingClientRect();
                return !document.activeElement.contains(document.elementFromPoint(left + width / 2, top + height / 2));
            }"""
        )
        assert not covered, key
    expect(page.locator("#bulk-bar")).to_be_in_viewport()


@pytest.mark.usefixtures("people")
def test_the_bar_of_the_selection_neither_moves_the_page_nor_is_covered_by_messages(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 480})
    page.goto("/contacts?sort=name&saved=0")
    page.wait_for_selector("body[data-mounted]")
    for key in ("j", "x"):
        page.keyboard.press(key)
    before = page.evaluate("scrollY")
    for key in ("b", "Tab"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Assign")).to_be_focused()
    assert page.evaluate("scrollY") == before
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Change 1 record").press("Enter")
    expect(page.locator("#toasts .note")).to_be_visible()
    expect(page.locator("#list tbody .cell-main a").first).to_be_focused()
    assert page.evaluate("scrollY") == before
    page.keyboard.press("x")
    bar, note = page.locator("#bulk-bar").bounding_box(), page.locator("#toasts .note").bounding_box()
    assert bar and note and note["y"] + note["height"] <= bar["y"]
    page.goto("/contacts?sort=name&saved=0&limit=2")
    page.wait_for_selector("body[data-mounted]")
    page.get_by_label("Select all on this page").press("Space")
    page.get_by_role("button", name=re.compile("All .* of this list")).press("Enter")
    expect(page.get_by_role("button", name="Set a field")).to_be_focused()  # the button itself is done with


@pytest.mark.usefixtures("people")
def test_after_rows_were_deleted_the_count_is_right_and_the_keyboard_on_the_row_in_their_place(page: Page) -> None:
    page.goto("/contacts?sort=name&saved=0")
    page.wait_for_selector("body[data-mounted]")
    names, lead = page.locator("#list tbody .cell-main a"), page.locator("#list-lead")
    before, third = int(lead.inner_text().split()[0]), names.nth(2).inner_text()
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    page.locator("#bulk-bar").get_by_role("button", name="Delete").press("Enter")
    page.locator("#confirm").get_by_role("button", name="Delete").press("Enter")
    expect(lead).to_have_text(f"{before - 2} in all")
    assert third in names.all_inner_texts()[:2]
    expect(names.nth(1)).to_be_focused()
    page.keyboard.press("z")
    expect(lead).to_have_text(f"{before} in all")


@pytest.mark.usefixtures("people")
def test_on_a_phone_all_of_a_row_stands_below_its_name_and_not_below_its_box(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/contacts?sort=name&saved=0&columns=lifecycle")
    page.wait_for_selector("body[data-mounted]")
    row = page.locator("#rows tr").first
    box, name, below = (row.locator(part).bounding_box() for part in (".cell-check", ".cell-main a", "td:last-child"))
    assert box and name and below
    assert box["x"] + box["width"] < name["x"]
    assert below["y"] > name["y"]
    assert abs(below["x"] - name["x"]) <= 1


def test_conditions_too_long_for_an_address_are_refused_in_the_builder_and_stay_there(
    page: Page, people: list[str]
) -> None:
    page.goto("/contacts?saved=0")
    page.wait_for_selector("body[data-mounted]")
    page.keyboard.press("f")
    expect(page.locator(".build-cmp")).to_be_visible()
    for n in range(14):
        if n:
            page.locator(".build-group [data-add]").first.click()
        row = page.locator(".build-cmp").nth(n)
        row.get_by_label("Field", exact=True).select_option("title")
        row.get_by_label("Comparison").select_option("eq")
        row.get_by_label("Value").fill("x" * 450)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="These conditions are too long: ")).to_contain_text("6000")
    expect(page.locator(".build-cmp")).to_have_count(14)
    for n in range(13):
        page.locator(".build-cmp").nth(n).get_by_label("Value").fill("Buyer")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".filter-chip")).to_have_count(14)


def test_groups_and_rows_that_were_loaded_and_opened_are_there_after_a_reload_and_on_the_way_back(
    page: Page, site: Site
) -> None:
    with site.database.session(site.workspace_id) as session:
        for i in range(53):
            make_deal(session, name=f"Crane {i:02}", company_id=make_company(session, name=f"Firm {i:02}").id)
        for i in range(28):
            make_deal(
                session, name=f"Lift {i:02}", company_id=make_company(session, name="Zenith").id if not i else None
            )
    page.goto("/deals?by=company_id&sort=name&saved=0")
    page.wait_for_selector("body[data-mounted]")
    heads = page.locator(".group-open")
    page.get_by_role("link", name="Load more").press("Enter")
    expect(heads).to_have_count(55)
    expect(page.locator("#list tbody:nth-last-of-type(n + 2) :focus")).to_have_count(1)  # the first of more groups
    for name in ("Firm 51", "none"):
        heads.filter(has_text=name).click()
    expect(page.get_by_text("Crane 51")).to_be_visible()
    page.locator(".group-more button").click()
    expect(page.locator("tr", has_text="Lift ")).to_have_count(27)
    expect(page).to_have_url(re.compile("27"))

    def expect_the_same() -> None:
        expect(heads).to_have_count(55)
        expect(page.locator(".group-open[aria-expanded=true]")).to_have_count(3)
        expect(page.get_by_text("Crane 51")).to_be_visible()
        expect(page.locator("tr", has_text="Lift ")).to_have_count(27)

    page.reload()
    expect_the_same()
    page.get_by_role("link", name="Crane 51").click()
    expect(page.locator("h1")).to_have_text("Crane 51")
    page.go_back()
    expect_the_same()


def test_who_loads_more_rows_by_keyboard_goes_on_at_the_first_of_them(page: Page, site: Site) -> None:
    with site.database.session(site.workspace_id) as session:
        for i in range(103):
            make_company(session, name=f"Yard {i:03}")
    page.goto("/companies?name[begins]=Yard&sort=name&saved=0")
    page.wait_for_selector("body[data-mounted]")
    for first in ("Yard 050", "Yard 100"):
        page.get_by_role("link", name="Load more").press("Enter")
        expect(page.get_by_role("link", name=first)).to_be_focused()
        expect(page.get_by_role("link", name=first)).to_be_in_viewport()


def test_a_report_takes_its_conditions_from_the_builder_of_the_lists(page: Page, people: list[str]) -> None:
    page.goto("/reports/new?from=contact")
    page.get_by_label("Name", exact=True).fill("Leads")
    page.get_by_role("button", name="Add condition").press("Enter")
    page.get_by_label("Field", exact=True).press_sequentially("Full name")
    expect(page.get_by_label("Field", exact=True)).to_be_focused()
    page.get_by_label("Comparison").select_option("set")
    expect(page.locator(".report-preview")).to_contain_text("with a first name")  # drawn anew
    page.get_by_role("button", name="Add condition").click()
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile("/reports/new"))  # the second one lacks its value
    page.get_by_role("button", name="Remove").last.click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".page-lead")).to_contain_text("name")


def test_the_usual_columns_fit_and_addresses_are_read_whole_where_there_is_room(page: Page, site: Site) -> None:
    with site.database.session(site.workspace_id) as session:
        dana = make_user(session, name="Dana Whitlock")
        make_contact(
            session, first_name="Imogen", last_name="Carrick", title="Head of Customer Service", owner_id=dana.id,
            company_id=make_company(session, name="Moorside Animal Feeds").id, lifecycle=Lifecycle.FORMER,
            email="imogen.carrick@moorside-feeds.example", phone="+44 20 7946 0034",
        )  # fmt: skip
    for width, is_room in ((1440, True), (1366, True), (1280, False)):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/contacts?last_name=Carrick&saved=0")
        assert page.evaluate("(box => box.scrollWidth - box.clientWidth)(document.querySelector('.table-wrap'))") == 0
        wide = "(cell => cell.scrollWidth - cell.clientWidth)(document.querySelector('{}'))"
        assert (page.evaluate(wide.format(".cell-main small")) == 0) is is_room, width
        assert page.evaluate(wide.format("[data-field=title]")) == 0, width


def test_ctrl_z_takes_back_one_thing_after_the_other_and_is_a_text_fields_own(
    page: Page, people: list[str], site: Site
) -> None:
    with site.database.session(site.workspace_id) as session:
        for title in ("Call Ada", "Write to Ada"):
            make_task(session, title=title)
    undo = page.locator("#toasts").get_by_role("button", name="Undo")
    page.goto("/tasks?saved=0")
    page.wait_for_selector("body[data-mounted]")
    for title in ("Call Ada", "Write to Ada"):
        page.get_by_role("button", name=f"Done: {title}").press("Enter")
        expect(page.get_by_role("button", name=f"Open again: {title}")).to_be_visible()
    for title in ("Write to Ada", "Call Ada"):
        page.keyboard.press("Control+z")
        expect(page.get_by_role("button", name=f"Done: {title}")).to_be_visible()
    expect(undo).to_have_count(0)

    page.goto("/contacts?sort=name&last_name=Bulk&saved=0")
    page.wait_for_selector("body[data-mounted]")
    for key in ("j", "x", "j", "x", "b"):
        page.keyboard.press(key)
    page.locator("[data-bulk=edit]").press("Enter")
    page.locator("#bulk-field").select_option("source")
    page.locator("#modal [name=source]").fill("Fair")
    page.keyboard.press("Enter")
    expect(undo).to_be_visible()
    search = page.get_by_placeholder("Filter contacts")
    search.press_sequentially("Ada")
    search.press("Control+z")
    expect(search).not_to_have_value("Ada")
    expect(undo).to_be_visible()
    page.get_by_role("combobox", name="Lifecycle").press("Control+z")
    expect(page.locator(".note", has_text="2 records are as they were.")).to_be_visible()

    page.goto("/contacts?sort=name&last_name=Bulk&saved=0")
    page.get_by_role("link", name=people[0]).first.press("Enter")
    page.wait_for_selector("body[data-mounted]")
    title = page.locator(".prop", has_text="Title")
    for taken_back in ("Tab", "layout"):
        title.locator(".cell-edit").press("Enter")
        title.get_by_role("textbox").fill("Chief")
        page.keyboard.press("Enter")
        expect(title.locator(".cell-edit")).to_be_focused()
        if taken_back == "layout":  # Hebrew: the key of Z writes another letter
            key = {"key": "ז", "code": "KeyZ", "ctrlKey": True, "bubbles": True, "cancelable": True}
            title.locator(".cell-edit").dispatch_event("keydown", key)
        for _press in range(40):
            if taken_back == "layout" or undo.evaluate("button => button === document.activeElement"):
                break
            page.keyboard.press("Tab")
        if taken_back == "Tab":
            page.keyboard.press("Enter")
        expect(title).to_contain_text("Buyer")


@pytest.fixture(params=["en", "de"])
def in_language(request: pytest.FixtureRequest, site: Site) -> Iterator[None]:
    """Priya reads the pages in it."""
    for locale in (request.param, None):
        with site.database.session(site.workspace_id) as session:
            session.scalars(select(User).where(User.email == site.email)).one().locale = locale
        if locale:
            yield


@pytest.mark.usefixtures("in_language")
def test_on_a_tablet_lists_fit_and_their_filters_and_a_meetings_facts_take_two_lines(page: Page, site: Site) -> None:
    with site.database.session(site.workspace_id) as session:
        dana = make_user(session, name="Dana Whitlock").id
        firm = make_company(
            session, name="Moorside Animal Feeds", industry="Agriculture", city="Birmingham", owner_id=dana
        )
        make_contact(
            session, first_name="Imogen", last_name="Carrick", title="Head of Customer Service", owner_id=dana,
            company_id=firm.id, lifecycle=Lifecycle.FORMER, email="imogen.carrick@moorside-feeds.example",
            phone="+44 20 7946 0034",
        )  # fmt: skip
        make_deal(
            session, name="Route planning", company_id=firm.id, amount_minor=53_350_000, currency="SEK", owner_id=dana,
            expected_close=clock.today(),
        )  # fmt: skip
        meeting = make_meeting(
            session, lines=[("Ann", "We start in May.")], status=MeetingStatus.READY, engine="builtin",
            company_id=firm.id, duration_s=504, cues_found=25, cues_kept=25,
        ).id  # fmt: skip
    for width in (768, 992, 1180):
        page.set_viewport_size({"width": width, "height": 1000})
        for path in ("/contacts?last_name=Carrick", "/companies?industry=Agriculture", "/deals?currency=SEK"):
            page.goto(f"{path}&saved=0")
            wide = page.locator(".table-wrap").evaluate("box => box.scrollWidth - box.clientWidth")
            assert wide == 0, (path, width)
            bar = page.locator(".list-bar").bounding_box()
            assert bar and bar["height"] < 80, (path, width)
            owner = page.locator("[data-field=owner]").first
            expect(owner.locator(".avatar")).to_be_in_viewport(ratio=1)
            assert owner.text_content() == "DWDana Whitlock", "read to whoever cannot see the face"
        page.goto(f"/meetings/{meeting}")
        facts = page.locator(".record-facts").bounding_box()
        assert facts and facts["height"] < 50, width
