"""What changed since the last meeting, on the pages of the meeting and of its deal."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared import review
from shared.models import Deal, Meeting, MeetingStatus
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories
from tests.conftest import Cast

from .conftest import Browser


@pytest.fixture
def deal(session: TenantSession) -> Deal:
    return factories.make_deal(session, name="Rollout", amount_minor=10_000_00)


def held(session: TenantSession, deal: Deal, days: int, *items: tuple[Kind, dict[str, Any]]) -> Meeting:
    meeting = factories.make_meeting(
        session,
        lines=[("Jane Roe", "so"), ("Jane Roe", "and so")],
        occurred_at=factories.MONDAY + timedelta(days=days),
        status=MeetingStatus.READY,
        deal_id=deal.id,
    )
    evidence = Evidence(quote="and so", speaker="Jane Roe", start_s=754.0, utterance=1, start=0, end=6)
    found = [Item(kind=kind, data=data, evidence=[evidence], confidence=0.9) for kind, data in items]
    review.propose(session, meeting, found)
    session.commit()
    return meeting


def card_of(page: str) -> str:
    """The card's words and links; empty where there is none."""
    found = re.search(r'<details class="card since".*?</details>', page, re.DOTALL)
    return html.unescape(" ".join(found[0].split())) if found else ""


def test_both_pages_show_what_changed_with_the_way_to_both_meetings(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, deal: Deal
) -> None:
    objection = (Kind.OBJECTION, {"description": "Too <b>expensive</b> for us"})
    first = held(session, deal, 0, (Kind.DEAL, {"company": "Quill", "amount": 100_000, "currency": "EUR"}), objection)
    second = held(
        session,
        deal,
        7,
        (Kind.DEAL, {"company": "Quill", "amount": 80_000, "currency": "EUR"}),
        objection,
        (Kind.COMPETITOR, {"name": "Rivalsoft"}),
        (Kind.NEXT_MEETING, {"when": "2026-12-01T14:30"}),
    )
    browser = browse(cast.alice)
    for path in (f"/meetings/{second.id}", f"/deals/{deal.id}"):
        page = browser.get(path).text
        card = card_of(page)
        for part in ("€100,000", "€80,000", "Again", "Rivalsoft", "Dec 1, 2026, 14:30", "not reviewed", "12:34"):
            assert part in card, (path, part)
        assert f"/meetings/{first.id}#u-1" in card
        assert "Too &lt;b&gt;expensive" in page
        assert "<b>expensive" not in page
    assert f'href="/meetings/{second.id}#u-1"' in card_of(browser.get(f"/deals/{deal.id}").text)
    assert 'href="#u-1"' in card_of(browser.get(f"/meetings/{second.id}").text)


def test_a_first_meeting_shows_no_card(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, deal: Deal
) -> None:
    only = held(session, deal, 0, (Kind.COMPETITOR, {"name": "Rivalsoft"}))
    browser = browse(cast.alice)
    assert card_of(browser.get(f"/meetings/{only.id}").text) == ""
    assert card_of(browser.get(f"/deals/{deal.id}").text) == ""


def test_a_card_is_closed_while_there_is_something_to_review(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, deal: Deal
) -> None:
    held(session, deal, 0)
    second = held(session, deal, 7, (Kind.COMPETITOR, {"name": "Rivalsoft"}))
    browser = browse(cast.alice)
    assert card_of(browser.get(f"/meetings/{second.id}").text).startswith('<details class="card since">')
    browser.post(f"/meetings/{second.id}/review", {"accept_above": "0"})
    assert card_of(browser.get(f"/meetings/{second.id}").text).startswith('<details class="card since" open>')


def test_another_tenant_sees_neither_page(
    browse: Callable[[int], Browser], cast: Cast, session: TenantSession, deal: Deal
) -> None:
    held(session, deal, 0)
    second = held(session, deal, 7, (Kind.COMPETITOR, {"name": "Rivalsoft"}))
    for path in (f"/meetings/{second.id}", f"/deals/{deal.id}"):
        answer = browse(cast.mallory).get(path)
        assert answer.status_code == 404
        assert "Rivalsoft" not in answer.text
