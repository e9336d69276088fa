"""A record that was changed while its proposal was on the screen: another look, never an overwrite or a dead end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from shared import records, review
from shared.accounts import tokens
from shared.events import Actor
from shared.models import Contact, Insight, MeetingStatus, User
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
