"""Deals carried over the board by mouse and by keyboard; what the server refuses goes back where it was."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from shared.models import Deal, Pipeline
from shared.records import stages
from shared.tenancy import TenantSession
from tests.factories import make_deal, make_pipeline
from tests.shared.records.test_board import BY

from .conftest import Site


def _column(page: Page, name: str) -> Locator:
    return page.locator(f'.board-column[data-name="{name}"]')


def _drag(page: Page, card: Locator, target: Locator) -> None:
    start, end = card.bounding_box(), target.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 20, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(end["x"] + 60, end["y"] + 80, steps=6)
    page.mouse.up()


def test_a_deal_is_carried_by_mouse_and_by_keyboard(page: Page, site: Site, complaints: list[str]) -> None:
    with site.database.session(site.workspace_id) as session:
        pipeline = make_pipeline(session)
        first = pipeline.stages[0]
        one = make_deal(session, name="Northwind rollout", stage=first, rank=1.0, amount_minor=5_000_00).id
        two = make_deal(session, name="Harbour pilot", stage=first, rank=2.0).id
        pipeline_id, ids = pipeline.id, {stage.name: stage.id for stage in pipeline.stages}
    page.goto("/deals/board")
    page.wait_for_selector("[data-mounted]")

    _drag(page, page.locator(f'[data-deal="{one}"]'), _column(page, "Proposal"))
    expect(_column(page, "Proposal").locator(".count")).to_have_text("1")
    expect(_column(page, "Proposal").locator(".board-sum")).to_have_text("€5,000")
    expect(page.locator("#toasts")).to_contain_text("“Northwind rollout” is in Proposal now.")
    assert _stage(site, one) == ids["Proposal"]
    page.get_by_role("button", name="Undo").click()
    expect(_column(page, "Qualification").locator(".count")).to_have_text("2")
    assert _stage(site, one) == ids["Qualification"]

    page.set_viewport_size({"width": 1000, "height": 900})
    card, last = page.locator(f'[data-deal="{two}"]'), _column(page, "Lost")
    expect(last).not_to_be_in_viewport(ratio=0.9)
    start = card.bounding_box()
    assert start
    page.mouse.move(start["x"] + 20, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(980, start["y"] + 10, steps=3)  # held at the edge, the board scrolls on
    expect(last).to_be_in_viewport(ratio=0.9)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.set_viewport_size({"width": 1440, "height": 900})

    page.get_by_role("link", name="Harbour pilot").focus()
    for key in (" ", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("#board-says")).to_have_text("Harbour pilot: Lost, place 1 of 1.")
    page.keyboard.press("Enter")
    page.get_by_label("Reason").fill("No budget")
    page.keyboard.press("Enter")
    expect(_column(page, "Lost").locator(f'[data-deal="{two}"]')).to_contain_text("No budget")
    with site.database.session(site.workspace_id, read_only=True) as session:
        assert session.get_one(Deal, two).lost_reason == "No budget"
    page.keyboard.press("Control+z")
    expect(_column(page, "Qualification").locator(".count")).to_have_text("2")
    expect(page.get_by_role("link", name="Harbour pilot")).to_be_focused()  # it went back with the card
    page.locator(f'[data-deal="{two}"] .board-menu summary').focus()
    for key in ("Enter", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#toasts")).to_contain_text("“Harbour pilot” is in Proposal now.")
    expect(page.get_by_role("link", name="Harbour pilot")).to_be_focused()
    page.keyboard.press("z")
    expect(_column(page, "Qualification").locator(".count")).to_have_text("2")
    page.goto(f"/deals/{two}")
    page.get_by_role("button", name="Lost", exact=True).press("Enter")
    page.get_by_label("Reason").fill("No money")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("“Harbour pilot” is in Lost now.")
    with site.database.session(site.workspace_id, read_only=True) as session:
        assert session.get_one(Deal, two).lost_reason == "No money"
    page.goto("/deals/board")
    page.wait_for_selector("[data-mounted]")

    with site.database.session(site.workspace_id) as session:
        _remove(session, pipeline_id, ids["Proposal"])
    _drag(page, page.locator(f'[data-deal="{one}"]'), _column(page, "Proposal"))
    expect(page.locator("#toasts")).to_contain_text("This stage is no longer there.")
    expect(_column(page, "Qualification").locator(f'[data-deal="{one}"]')).to_be_visible()
    assert [text for text in complaints if "422" not in text] == []


def test_each_deal_of_a_board_that_stays_open_can_be_lost(page: Page, site: Site) -> None:
    with site.database.session(site.workspace_id) as session:
        pipeline = make_pipeline(session)
        names = ("Atlas fleet", "Brook depot", "Crane hire")
        for rank, name in enumerate(names, 1):
            make_deal(session, name=name, stage=pipeline.stages[0], rank=float(rank))
        pipeline_id = pipeline.id
    page.goto(f"/deals/board?pipeline={pipeline_id}")
    page.wait_for_selector("[data-mounted]")
    for count, name in enumerate(names, 1):
        _drag(page, page.get_by_role("link", name=name), _column(page, "Lost"))
        page.get_by_label("Reason").fill(f"Reason {count}")
        page.keyboard.press("Enter") if count < len(names) else page.get_by_role("button", name="Mark as lost").click()
        expect(_column(page, "Lost").locator(".count")).to_have_text(str(count))
        expect(_column(page, "Lost")).to_contain_text(f"Reason {count}")


def _stage(site: Site, id: int) -> int:
    with site.database.session(site.workspace_id, read_only=True) as session:
        return session.get_one(Deal, id).stage_id


def _remove(session: TenantSession, pipeline_id: int, stage_id: int) -> None:
    stages.remove_stage(session, session.get_one(Pipeline, pipeline_id), stage_id, move_to=None, by=BY)
    session.commit()


def test_a_stage_that_is_added_stands_behind_the_open_ones(page: Page, site: Site) -> None:
    with site.database.session(site.workspace_id) as session:
        pipeline_id = make_pipeline(session).id
    page.goto(f"/settings/pipelines/{pipeline_id}")
    page.wait_for_selector("[data-mounted]")
    page.get_by_role("button", name="Add a stage").press("Enter")
    page.keyboard.type("Pilot")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    page.goto(f"/deals/board?pipeline={pipeline_id}")
    wanted = ["Qualification", "Proposal", "Pilot", "Won", "Lost"]
    assert [column.get_attribute("data-name") for column in page.locator(".board-column").all()] == wanted
