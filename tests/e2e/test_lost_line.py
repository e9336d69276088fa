"""A slow line, and one that is lost while somebody works: it is said, nothing is sent twice, what was typed stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import func, select

from shared.models import Company, Contact, Deal
from tests.e2e.test_transcript import SHIFTS
from tests.factories import make_company, make_deal, make_pipeline

from .conftest import Site

#: Of a phone on a train, there and back.
LATENCY_MS = 400


@pytest.fixture
def lose(page: Page) -> Callable[[bool], None]:
    """Pulls the plug, and puts it in again."""
    return page.context.set_offline


def posts(page: Page) -> list[str]:
    """What is sent from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    page.on("request", note)
    return sent


def throttle(page: Page, bytes_a_second: int = 180_000) -> None:
    """A slow line from now on."""
    line = {
        "offline": False, "latency": LATENCY_MS, "downloadThroughput": bytes_a_second, "uploadThroughput": 84_000,
    }  # fmt: skip
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)


def test_a_form_filled_in_without_a_line_keeps_what_was_typed_and_is_sent_once_it_is_back(
    page: Page, site: Site, lose: Callable[[bool], None]
) -> None:
    page.goto("/contacts/new")
    page.get_by_label("First name").fill("Femke")
    page.get_by_label("Last name").fill("Tunnel")
    lose(True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toasts")).to_contain_text("You are offline.")
    expect(page.get_by_label("Last name")).to_have_value("Tunnel")
    lose(False)
    expect(page.locator(".toasts")).to_contain_text("Back online.")
    page.locator(".toasts").get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Femke Tunnel")
    with site.database.scope(site.workspace_id, read_only=True) as session:
        assert session.scalar(select(func.count()).where(Contact.last_name == "Tunnel")) == 1


def test_a_form_is_not_sent_to_a_server_that_is_down(page: Page) -> None:
    page.goto("/companies/new")
    page.get_by_role("textbox", name="Name").fill("Downtime Ltd")
    page.route("**/healthz", lambda route: route.fulfill(status=502, body="Bad gateway"))
    sent = posts(page)
    page.get_by_role("textbox", name="Name").press("Enter")
    expect(page.locator(".toasts")).to_contain_text("The server cannot be reached.")
    assert [url for url in sent if url.endswith("/companies")] == []
    page.unroute("**/healthz")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Downtime Ltd")


def test_a_field_saved_without_a_line_stays_open_and_is_saved_with_one_click(
    page: Page, site: Site, lose: Callable[[bool], None]
) -> None:
    with site.database.scope(site.workspace_id) as session:
        company = make_company(session, name="Fernweh", industry="Travel").id
    page.goto(f"/companies/{company}")
    page.get_by_role("button", name="Edit Industry").click()
    page.get_by_role("textbox", name="Industry").fill("Trains")
    lose(True)
    page.keyboard.press("Enter")
    expect(page.locator(".toasts")).to_contain_text("The server cannot be reached.")
    expect(page.get_by_role("textbox", name="Industry")).to_have_value("Trains")
    lose(False)
    page.locator(".toasts .note", has_text="Back online").get_by_role("button", name="Try again").click()
    expect(page.locator("[data-cell$='/field/industry']:not(form)")).to_contain_text("Trains")
    with site.database.scope(site.workspace_id, read_only=True) as session:
        assert session.get_one(Company, company).industry == "Trains"


def test_on_a_slow_line_an_impatient_hand_sends_nothing_twice(page: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        company = make_company(session, name="Slowpoke").id
    page.goto(f"/companies/{company}")
    throttle(page)
    sent = posts(page)
    note = page.get_by_placeholder("Write a note")
    note.fill("Said once.")
    save = page.get_by_role("button", name="Save note")
    save.click()
    expect(save).to_have_attribute("aria-busy", "true")
    save.click(force=True)
    expect(page.locator("#story")).to_contain_text("Said once.")
    expect(note).to_have_value("")
    page.get_by_text("empty fields").click()
    page.get_by_role("button", name="Edit Industry").click()
    page.get_by_role("textbox", name="Industry").fill("Snails")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("[data-cell$='/field/industry']:not(form)")).to_contain_text("Snails")
    page.goto("/companies/new")
    page.get_by_role("textbox", name="Name").fill("Tortoise Ltd")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tortoise Ltd")
    kinds = [url.removeprefix(site.url) for url in sent]
    for path in ("/notes", f"/companies/{company}/field/industry", "/companies"):
        assert kinds.count(path) == 1, path
    with site.database.scope(site.workspace_id, read_only=True) as session:
        assert session.scalar(select(func.count()).where(Company.name == "Tortoise Ltd")) == 1


def test_what_is_typed_while_a_field_or_a_dialog_is_on_its_way_is_written_there(page: Page, site: Site) -> None:
    """Letters are shortcuts outside of fields: “e” would lead to the form, “n t” begin a task."""
    with site.database.scope(site.workspace_id) as session:
        company = make_company(session, name="Ahead Ltd", industry="Travel").id
    page.goto(f"/companies/{company}")
    throttle(page)
    page.get_by_role("button", name="Edit Industry").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("engines and tools")
    field = page.get_by_role("textbox", name="Industry")
    expect(field).to_have_value("engines and tools")
    page.keyboard.press("Enter")
    expect(page.locator("[data-cell$='/field/industry']:not(form)")).to_contain_text("engines and tools")
    assert page.url.endswith(f"/companies/{company}")
    page.goto("/companies?q=ahead")
    page.get_by_role("button", name="Save as view").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("next xmas")
    expect(page.get_by_role("dialog").get_by_role("textbox", name="Name")).to_have_value("next xmas")


def test_a_field_asked_for_without_a_line_can_be_asked_for_again(
    page: Page, site: Site, lose: Callable[[bool], None]
) -> None:
    with site.database.scope(site.workspace_id) as session:
        company = make_company(session, name="Again Ltd", industry="Travel").id
    page.goto(f"/companies/{company}")
    button = page.get_by_role("button", name="Edit Industry")
    button.focus()
    lose(True)
    page.keyboard.press("Enter")
    expect(page.locator(".toasts")).to_contain_text("The server cannot be reached.")
    expect(button).to_be_focused()
    lose(False)
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Industry")).to_be_focused()


def test_a_card_carried_without_a_line_goes_back_and_is_told_once(
    page: Page, site: Site, lose: Callable[[bool], None]
) -> None:
    with site.database.scope(site.workspace_id) as session:
        pipeline = make_pipeline(session)
        stage = pipeline.stages[0]
        deal, first = make_deal(session, name="Night train", stage=stage).id, stage.id
    page.goto("/deals/board")
    page.wait_for_selector("[data-mounted]")
    lose(True)
    page.get_by_role("link", name="Night train").focus()
    for key in (" ", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    told = page.locator(".toasts .note", has_text="offline")
    expect(told).to_have_count(1)
    expect(page.locator(f'[data-stage="{first}"] [data-deal="{deal}"]')).to_be_visible()
    lose(False)
    expect(page.locator(".toasts")).to_contain_text("Back online.")
    with site.database.scope(site.workspace_id, read_only=True) as session:
        assert session.get_one(Deal, deal).stage_id == first


def test_a_page_that_comes_piece_by_piece_moves_nothing_that_is_seen(page: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        stage = make_pipeline(session).stages[0]
        company = make_company(session, name="Dripfeed", description="A long story. " * 300).id
        for n in range(30):
            make_deal(session, name=f"Drop {n} of many that fill the first column", stage=stage)
    widths = {f"/companies/{company}": 390, "/deals/board": 1440}
    for path in widths:
        page.goto(path)  # what every page shares is kept by the browser from now on
    throttle(page, bytes_a_second=6_000)
    for path, width in widths.items():
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(path)
        expect(page.locator("body[data-mounted]")).to_be_attached()
        assert page.evaluate(SHIFTS) < 0.05, path
