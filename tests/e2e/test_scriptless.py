"""A browser without scripts: each step by plain forms, and what cannot be had is left out and said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from shared import records, review
from shared.events import Actor
from shared.models import MeetingStatus
from shared.schemas.insight import Evidence, Item, Kind
from tests.factories import make_meeting

from .conftest import Site, sign_in


@pytest.fixture
def plain(site: Site, chromium: Browser) -> Iterator[Page]:
    """Priya's phone, with scripts switched off."""
    context = chromium.new_context(
        java_script_enabled=False, base_url=site.url, viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    )
    page = context.new_page()
    sign_in(page, site)
    yield page
    context.close()


def test_a_record_is_found_opened_changed_and_made_and_a_note_written(plain: Page, site: Site) -> None:
    with site.database.scope(site.workspace_id) as session:
        company = records.create(session, "company", {"name": "Plainfield"}, by=Actor("user"))
        ada = {"first_name": "Ada", "last_name": "Plain", "company_id": company.id}
        records.create(session, "contact", ada, by=Actor("user"))
    expect(plain.locator("noscript .banner")).to_be_visible()
    plain.get_by_role("link", name="More").click()
    plain.locator("#sidebar").get_by_role("link", name="Contacts").click()
    expect(plain.get_by_role("button", name="Preview Ada Plain")).to_be_hidden()
    plain.get_by_placeholder("Filter contacts").fill("ada")
    plain.get_by_placeholder("Filter contacts").press("Enter")
    plain.get_by_role("link", name="Ada Plain").click()
    plain.get_by_role("link", name="Edit", exact=True).click()
    plain.get_by_label("Job title").fill("Engineer")
    plain.get_by_role("button", name="Save", exact=True).click()
    expect(plain.locator("#record-head")).to_contain_text("Engineer")
    plain.get_by_placeholder("Write a note").fill("Said in plain words.")
    plain.get_by_role("button", name="Save note").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Ada Plain")
    expect(plain.locator("#story")).to_contain_text("Said in plain words.")
    plain.goto("/contacts/new")
    plain.get_by_label("First name").fill("Bea")
    plain.get_by_role("combobox", name="Company").fill("Plainfield")
    plain.get_by_role("button", name="Save", exact=True).click()
    expect(plain.locator("#record-head")).to_contain_text("Plainfield")
    plain.goto("/chat")
    expect(plain.locator("main noscript p")).to_be_visible()


def test_a_meeting_is_reviewed(plain: Page, site: Site) -> None:
    said = "We start in May."
    with site.database.scope(site.workspace_id) as session:
        meeting = make_meeting(session, lines=[("Ann", said)], status=MeetingStatus.READY)
        evidence = [Evidence(quote=said, utterance=0, start=0, end=len(said))]
        item = Item(kind=Kind.DECISION, data={"description": "Start in May"}, confidence=0.9, evidence=evidence)
        review.propose(session, meeting, [item])
        id = meeting.id
    plain.goto(f"/meetings/{id}")
    expect(plain.locator("#u-0 mark")).to_have_text(said)
    card = plain.locator("article.insight")
    expect(card.get_by_role("button", name="Edit")).to_be_hidden()
    card.get_by_role("link", name="Edit").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Start in May")
    plain.get_by_role("link", name="Back").click()
    card.get_by_role("button", name="Accept").click()
    expect(plain.locator("article.insight-accepted")).to_be_visible()
    plain.locator("article.insight-accepted").get_by_role("button", name="Undo").click()
    expect(card.get_by_role("button", name="Accept")).to_be_visible()
    card.get_by_role("link", name="Edit").click()
    plain.get_by_label("Description").fill("Start on 3 May")
    plain.get_by_role("button", name="Accept").click()
    expect(plain.locator("article.insight-edited")).to_contain_text("Start on 3 May")
