"""Every page of the main path fits a phone and a desk, in light and dark, without a complaint from the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from shared import records, review
from shared.events import Actor
from shared.models import ImportStatus, MeetingStatus, User
from shared.schemas.insight import Evidence, Item, Kind
from tests.factories import make_import, make_meeting

from .conftest import Site

PATHS = (
    "/", "/meetings", "/meetings/new", "/companies", "/companies/new", "/contacts", "/contacts/new", "/deals",
    "/deals/new", "/deals/board", "/deals/forecast", "/my-day", "/tasks", "/tasks/new", "/calendar", "/reports/new",
    "/imports", "/duplicates", "/bin", "/search?q=a", "/settings/profile", "/settings/people", "/settings/roles",
    "/settings/audit", "/settings/webhooks/new", "/api/docs",
)  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_pages_fit_and_the_browser_does_not_complain(
    page: Page, complaints: list[str], width: int, scheme: str
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in PATHS:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme, path
        assert page.locator("h1").count() == 1, path
    page.emulate_media(media="print")
    page.goto("/deals/forecast")
    printed = page.locator("main").bounding_box()
    assert printed and printed["width"] > 0.9 * width, "it takes the paper, not the sidebar's column"
    assert complaints == []


def test_a_list_on_paper_has_all_its_columns_and_only_the_filters_in_force(page: Page, site: Site) -> None:
    name, email = "Maximiliane von Hohenstein", "maximiliane.hohenstein@wolkenburger-werke.example"
    ada = {"first_name": name, "emails": [{"email": email}], "title": "Head of Procurement and Logistics"}
    with site.database.scope(site.workspace_id) as session:
        records.create(session, "contact", {**ada, "lifecycle": "customer"}, by=Actor("user"))
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    page.emulate_media(media="print")
    page.goto("/contacts?lifecycle=customer")
    expect(page.get_by_text(email)).to_be_visible()
    for cell in page.locator("thead th:not(.cell-check), tbody td:not(.cell-check)").all():
        box = cell.bounding_box()
        assert box and box["x"] + box["width"] <= 794, cell.inner_text()
    assert page.locator("td .named-text").first.evaluate("e => e.scrollWidth <= e.clientWidth"), "a name is whole"
    expect(page.get_by_role("combobox", name="Lifecycle")).to_be_visible()
    for hidden in ("Owner", "Group by"):
        expect(page.get_by_role("combobox", name=hidden)).to_be_hidden()
    expect(page.get_by_role("checkbox").first).to_be_hidden()


@pytest.mark.parametrize("path", ["/contacts", "/my-day"])
def test_on_a_phone_the_mark_of_the_open_tab_stands_on_the_line_below_the_tabs(
    page: Page, site: Site, path: str
) -> None:
    with site.database.scope(site.workspace_id) as session:
        records.create(session, "contact", {"first_name": "Ada"}, by=Actor("user"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path)
    tab, tabs = (
        page.locator("main [aria-current=page]:is(.tab, .view-tab)"),
        page.locator("main :is(.tabs, .view-tabs)"),
    )
    marked, line = tab.bounding_box(), tabs.bounding_box()
    assert marked and line
    assert marked["y"] + marked["height"] == line["y"] + line["height"], "neither above it nor cut off by it"
    bar = page.locator("main :is(.tabs, .view-bar)").bounding_box()
    assert bar and bar["height"] == line["height"], "no empty room below"


@pytest.mark.parametrize("width", [390, 1440])
def test_the_way_between_list_board_and_forecast_stays_under_the_pointer(page: Page, site: Site, width: int) -> None:
    with site.database.scope(site.workspace_id) as session:
        records.create(session, "deal", {"name": "Pilot"}, by=Actor("user"))
    page.set_viewport_size({"width": width, "height": 844})
    places = []
    for path in ("/deals", "/deals/board", "/deals/forecast"):
        page.goto(path)
        box = page.locator(".page-actions > .segmented").bounding_box()
        assert box
        places.append((box["x"], box["width"]))
    assert len(set(places)) == 1, places


def test_on_a_small_phone_german_words_find_room(page: Page, site: Site) -> None:
    said = "We start in May."
    with site.database.scope(site.workspace_id) as session:
        session.scalars(select(User).where(User.email == site.email)).one().locale = "de"
        meeting = make_meeting(session, lines=[("Ann", said)], status=MeetingStatus.READY)
        evidence = [Evidence(quote=said, utterance=0, start=0, end=len(said))]
        item = Item(kind=Kind.DECISION, data={"description": "Start in May"}, confidence=0.9, evidence=evidence)
        review.propose(session, meeting, [item])
        records.create(session, "deal", {"name": "Pilot"}, by=Actor("user"))
        id = meeting.id
    page.set_viewport_size({"width": 375, "height": 740})  # 360 without the scrollbar that this browser has
    page.goto(f"/meetings/{id}")
    expect(page.get_by_role("button", name="Verwerfen")).to_be_visible()
    page.locator(".insight-actions > .menu").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    for path in ("/deals", "/deals/board"):
        page.goto(path)
        boxes = [box for one in page.locator(".page-actions > *").all() if (box := one.bounding_box())]
        assert len(boxes) > 2
        assert max(box["y"] for box in boxes) - min(box["y"] for box in boxes) < 24, f"{path}: one row"


def test_on_a_phone_the_sums_of_many_currencies_take_as_many_lines_as_they_need(page: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        for currency in ("EUR", "GBP", "USD", "SEK", "CHF"):
            deal = {"name": f"Crane in {currency}", "amount": 1_234_567, "currency": currency}
            records.create(session, "deal", deal, by=Actor("user"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/deals?q=Crane&saved=0")
    expect(page.locator("tfoot")).to_contain_text("CHF")
    assert page.locator(".table-wrap").evaluate("box => box.scrollWidth - box.clientWidth") == 0


def test_on_a_tablet_the_counts_of_an_import_stand_in_one_line(page: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        id = make_import(session, status=ImportStatus.CHECKED).id
    page.set_viewport_size({"width": 768, "height": 900})
    page.goto(f"/imports/{id}")
    boxes = [box for one in page.locator("#import-counts > .stat").all() if (box := one.bounding_box())]
    assert len(boxes) == 4
    assert len({box["y"] for box in boxes}) == 1


def test_on_a_phone_people_keep_away_from_the_edge_of_their_card(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/settings/people")
    row = page.locator(".table-cards > tbody > tr").first
    card, face = row.bounding_box(), row.locator(".avatar").bounding_box()
    assert card and face
    assert face["x"] - card["x"] >= 12


def test_on_a_phone_menus_keep_away_from_the_edges(page: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        id = records.create(session, "contact", {"first_name": "Ada"}, by=Actor("user")).id
    for width in (390, 340):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"/contacts/{id}")
        for summary in page.locator("details.menu > summary:visible").all():
            summary.click()
            box = page.locator(".menu-list:popover-open").bounding_box()
            room = page.evaluate("document.documentElement.clientWidth")
            assert box and box["x"] >= 16 and box["x"] + box["width"] <= room - 16, (width, box)
            page.keyboard.press("Escape")


def test_where_the_system_chooses_the_colours_what_is_current_and_in_focus_has_a_frame(page: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        id = records.create(session, "contact", {"first_name": "Ada"}, by=Actor("user")).id
    page.emulate_media(forced_colors="active")
    page.goto("/contacts")
    framed = "e => getComputedStyle(e).outlineStyle === 'solid' && parseFloat(getComputedStyle(e).outlineWidth) >= 2"
    assert page.locator("#sidebar [aria-current=page]").evaluate(framed)
    row = page.locator(f"#contact-{id}")
    row.get_by_role("link", name="Ada").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert row.evaluate(framed), "the row, not the link whose end fades out"


def test_where_the_system_chooses_the_colours_only_a_done_task_looks_done(page: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        tasks = [records.create(session, "task", {"title": title}, by=Actor("user")) for title in ("Call", "Write")]
        records.update(session, tasks[1], {"status": "done"}, by=Actor("user"))
        ids = [task.id for task in tasks]
    page.emulate_media(forced_colors="active")
    for id, status in zip(ids, ("open", "done"), strict=True):
        page.goto(f"/tasks?status={status}")
        expect(page.locator(f"[data-task='{id}'] .tick .icon")).to_be_visible(visible=status == "done")


def test_in_a_language_from_right_to_left_names_begin_at_the_right_and_arrows_point_left(
    page: Page, site: Site
) -> None:
    said = "We start in May."
    with site.database.scope(site.workspace_id) as session:
        session.scalars(select(User).where(User.email == site.email)).one().locale = "he"
        meeting = make_meeting(session, lines=[("Ann", said)], status=MeetingStatus.READY)
        evidence = [Evidence(quote=said, utterance=0, start=0, end=len(said))]
        item = Item(kind=Kind.DECISION, data={"description": "Start in May"}, confidence=0.9, evidence=evidence)
        review.propose(session, meeting, [item])
        id = meeting.id
        firm = records.create(session, "company", {"name": "Quill", "description": "Pens."}, by=Actor("user")).id
    page.goto(f"/companies/{firm}")
    stop = """e => { const left = n => { const letter = document.createRange();
      letter.setStart(e.firstChild, n); letter.setEnd(e.firstChild, n + 1);
      return letter.getBoundingClientRect().left; }; return left(4) - left(0); }"""
    assert page.locator(".pre-line", has_text="Pens.").evaluate(stop) > 0, "an English text ends with its full stop"
    page.goto(f"/meetings/{id}")
    gap = """e => { const words = document.createRange(); words.selectNodeContents(e);
      return e.getBoundingClientRect().right - words.getBoundingClientRect().right; }"""
    assert page.locator(".insight-title h3").evaluate(gap) < 2
    page.get_by_role("article").locator(".menu summary").click()
    arrow = page.locator('[data-act="move"]:visible .icon')
    expect(arrow).to_have_css("scale", "-1 1")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    assert page.locator(".cell-main > a").first.evaluate(gap) < 2


def test_the_bell_speaks_the_language_of_the_page_as_soon_as_that_was_changed(page: Page) -> None:
    page.goto("/")
    bell = page.locator(".bell > summary")
    expect(bell).to_have_attribute("aria-label", "0 tasks are due")
    for language, label in (("de", "0 Aufgaben sind fällig"), ("en", "0 tasks are due")):
        page.goto("/settings/profile")
        page.locator("#locale").select_option(language)
        page.locator("form:has(#locale) button[type=submit]").first.click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(bell).to_have_attribute("aria-label", label, timeout=10_000)
