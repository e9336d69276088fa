"""A record that was changed while its proposal was on the screen: another look, never an overwrite or a dead end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from shared import records, review
from shared.accounts import tokens
from shared.events import Actor
from shared.models import Contact, Insight, Meeting, MeetingStatus, User
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast


@pytest.fixture
def outdated(session: TenantSession, cast: Cast) -> int:
    """An insight that makes Jane CFO, where somebody made her head of buying since."""
    by = Actor("user", cast.alice)
    contact = factories.make_contact(session, first_name="Jane", last_name="Roe", title="Buyer")
    meeting = factories.make_meeting(session, lines=[("Jane Roe", "I am CFO now.")], status=MeetingStatus.READY)
    evidence = Evidence(quote="I am CFO now.", utterance=0, start=0, end=13)
    found = Item(kind=Kind.CONTACT, data={"name": "Jane Roe", "title": "CFO"}, evidence=[evidence], confidence=0.9)
    (insight,) = review.propose(session, meeting, [found])
    records.update(session, contact, {"title": "Head of buying"}, by=by)
    session.commit()
    return insight.id


def title_of_jane(session: TenantSession) -> str | None:
    session.expire_all()
    title = session.scalars(select(Contact)).one().title
    session.commit()
    return title


def test_the_card_shows_the_record_as_it_is_now_before_another_yes(
    browse: Callable[[int], Any], session: TenantSession, cast: Cast, outdated: int
) -> None:
    browser = browse(cast.alice)
    first = browser.post(f"/insights/{outdated}/accept", headers={"HX-Request": "true"})
    assert first.status_code == 200
    assert "Head of buying" in first.text and "warning" in first.headers["HX-Trigger"]
    assert title_of_jane(session) == "Head of buying"
    browser.post(f"/insights/{outdated}/accept", headers={"HX-Request": "true"})
    assert title_of_jane(session) == "CFO"


def test_a_script_gets_a_409_and_finds_the_proposal_renewed(
    app: Any, session: TenantSession, cast: Cast, outdated: int
) -> None:
    _, secret = tokens.create(session, session.get_one(User, cast.alice), "script", by=Actor("user", cast.alice))
    session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    assert client.post(f"/api/v1/insights/{outdated}/accept", headers=headers).status_code == 409
    renewed = client.get(f"/api/v1/insights/{outdated}", headers=headers).json["proposal"]["changes"]
    assert [(change["before"], change["after"]) for change in renewed] == [("Head of buying", "CFO")]
    assert client.post(f"/api/v1/insights/{outdated}/accept", headers=headers).status_code == 200
    assert title_of_jane(session) == "CFO"


def test_accepting_all_leaves_it_open_with_a_renewed_proposal(
    browse: Callable[[int], Any], session: TenantSession, cast: Cast, outdated: int
) -> None:
    meeting_id = session.get_one(Insight, outdated).meeting_id
    session.commit()
    browser = browse(cast.alice)
    browser.post(f"/meetings/{meeting_id}/review", {"accept_above": "0.8"})
    assert title_of_jane(session) == "Head of buying"
    browser.post(f"/meetings/{meeting_id}/review", {"accept_above": "0.8"})
    assert title_of_jane(session) == "CFO"


@pytest.fixture
def asked(session: TenantSession, cast: Cast) -> Insight:
    """An insight that makes a Sarah CFO, where there are two at the meeting's company."""
    by = Actor("user", cast.alice)
    company = records.create(session, "company", {"name": "Quill"}, by=by)
    for last in ("Kimble", "Montrose"):
        values = {"first_name": "Sarah", "last_name": last, "company_id": company.id}
        records.create(session, "contact", values, by=by)
    meeting = factories.make_meeting(session, company_id=company.id, status=MeetingStatus.READY)
    (insight,) = review.propose(session, meeting, [Item(kind=Kind.CONTACT, data={"name": "Sarah", "title": "CFO"})])
    session.commit()
    return insight


def titles(session: TenantSession) -> dict[str, str | None]:
    session.expire_all()
    found = {contact.last_name: contact.title for contact in session.scalars(select(Contact))}
    session.commit()
    return found


def test_the_card_asks_who_is_meant_and_takes_the_one_that_was_chosen(
    browse: Callable[[int], Any], session: TenantSession, cast: Cast, asked: Insight
) -> None:
    browser, path, htmx = browse(cast.alice), f"/insights/{asked.id}/accept", {"HX-Request": "true"}
    second = asked.proposal.candidates[1] if asked.proposal else {}
    session.commit()
    unanswered = browser.post(path, headers=htmx)
    assert "Which one is meant?" in unanswered.text and "Sarah Montrose" in unanswered.text
    assert "warning" in unanswered.headers["HX-Trigger"]
    assert titles(session) == {"Kimble": None, "Montrose": None}
    assert browser.post(path, data={"record_id": second["id"]}, headers=htmx).status_code == 200
    assert titles(session) == {"Kimble": None, "Montrose": "CFO"}


def test_the_bar_offers_what_needs_no_answer_and_says_how_many_ask(
    browse: Callable[[int], Any], session: TenantSession, cast: Cast, asked: Insight
) -> None:
    meeting = session.get_one(Meeting, asked.meeting_id)
    sarah = Item(kind=Kind.CONTACT, data={"name": "Sarah", "title": "CFO"}, confidence=0.9)
    start = Item(kind=Kind.DECISION, data={"description": "We start in May"}, confidence=0.9)
    review.propose(session, meeting, [sarah, start])
    meeting_id = meeting.id
    session.commit()
    browser = browse(cast.alice)
    page = browser.get(f"/meetings/{meeting_id}").text
    assert "1 high" in page and "1 asks" in page and "Accept 1<" in page
    answer = browser.post(f"/meetings/{meeting_id}/review", {"accept_above": "0"}, headers={"HX-Request": "true"})
    assert "1 accepted. 1 asks which one is meant." in answer.headers["HX-Trigger"]
    assert re.search(r'id="accept-all" disabled', answer.text)


def test_a_script_is_told_whom_it_may_be_and_answers_by_id(
    app: Any, session: TenantSession, cast: Cast, asked: Insight
) -> None:
    _, secret = tokens.create(session, session.get_one(User, cast.alice), "script", by=Actor("user", cast.alice))
    id, meeting_id = asked.id, asked.meeting_id
    session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    refused = client.post(f"/api/v1/insights/{id}/accept", headers=headers)
    assert refused.status_code == 409 and "Sarah Kimble" in refused.json["detail"]
    band = client.post(f"/api/v1/meetings/{meeting_id}/review", json={"accept_above": 0}, headers=headers)
    assert (band.json["accepted"], band.json["to_ask"]) == (0, 1)
    shown = client.get(f"/api/v1/insights/{id}", headers=headers).json["proposal"]
    for wrong in ("everybody", 10**12, -1):
        bad = client.post(f"/api/v1/insights/{id}/accept", json={"record_id": wrong}, headers=headers)
        assert bad.status_code == 422, wrong
    first = {"record_id": shown["candidates"][0]["id"]}
    assert client.post(f"/api/v1/insights/{id}/accept", json=first, headers=headers).status_code == 200
    assert titles(session) == {"Kimble": "CFO", "Montrose": None}
