"""Many decisions at once, and back; and what all decisions say about the reading."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from shared import clock, review
from shared.events import Actor
from shared.models import Company, Insight, InsightStatus, Meeting, User
from shared.review import batches, correcting, precision
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession
from tests.shared.review.conftest import item


@pytest.fixture
def five(session: TenantSession, meeting: Meeting) -> list[Insight]:
    """Pains of confidence .9, .8, .7, .6, .5."""
    found = [item(Kind.PAIN_POINT, (9 - n) / 10, description=f"It hurts {n}") for n in range(5)]
    return review.propose(session, meeting, found)


def statuses(insights: list[Insight]) -> list[str]:
    return [insight.status.value for insight in insights]


def test_a_band_of_one_group_leaves_the_others_open(
    session: TenantSession, meeting: Meeting, by: Actor, five: list[Insight]
) -> None:
    among = [five[0].id, five[3].id]
    _, counts = review.accept_above(session, meeting, 0.8, by=by, among=among)
    assert counts == {"accepted": 1, "conflicts": 0, "below": 1, "to_ask": 0}
    assert statuses(five) == ["accepted", "pending", "pending", "pending", "pending"]


def test_several_are_refused_as_one_batch_and_come_back_as_one(
    session: TenantSession, meeting: Meeting, by: Actor, five: list[Insight]
) -> None:
    review.accept(session, five[1], by=by)
    batch, counts = batches.reject_all(session, meeting, [i.id for i in five[:3]], by=by)
    assert counts == {"rejected": 2, "conflicts": 1}
    assert statuses(five) == ["rejected", "accepted", "rejected", "pending", "pending"]
    assert review.undo_batch(session, batch, by=by) == {"undone": 2, "conflicts": 0}
    assert statuses(five) == ["pending", "accepted", "pending", "pending", "pending"]


def test_the_last_batch_is_mine_and_stands(
    session: TenantSession, meeting: Meeting, by: Actor, bob: User, five: list[Insight]
) -> None:
    assert batches.last_batch(session, meeting, by=by) is None
    first, _ = review.accept_above(session, meeting, 0.9, by=by)
    second, _ = batches.reject_all(session, meeting, [five[4].id], by=by)
    batches.reject_all(session, meeting, [five[3].id], by=Actor("user", bob.id))
    assert batches.last_batch(session, meeting, by=by) is second
    review.undo_batch(session, second, by=by)
    assert batches.last_batch(session, meeting, by=by) is first


def test_all_my_decisions_on_a_meeting_are_taken_back_and_nobody_elses(
    session: TenantSession, meeting: Meeting, by: Actor, bob: User
) -> None:
    company, deal, one, two, theirs = review.propose(
        session,
        meeting,
        [
            item(Kind.COMPANY, name="Quill"), item(Kind.DEAL, company="Quill"),
            item(Kind.DECISION, description="Go"), item(Kind.DECISION, description="Go at once"),
            item(Kind.PAIN_POINT, description="Slow"),
        ],
    )  # fmt: skip
    correcting.merge(session, one, two, by=by)
    review.accept(session, company, by=by)
    review.accept(session, deal, by=by)
    review.accept(session, one, by=by)
    review.accept(session, theirs, by=Actor("user", bob.id))
    assert batches.undo_mine(session, meeting, by=by) == {"undone": 4, "conflicts": 0}
    assert statuses([company, deal, one, two, theirs]) == ["undone", "undone", "undone", "pending", "accepted"]
    assert [row for row in session.scalars(select(Company)) if row.deleted_at is None] == []


def test_a_merge_is_parted_by_undoing_all_even_if_its_result_waits(
    session: TenantSession, meeting: Meeting, by: Actor, five: list[Insight]
) -> None:
    correcting.merge(session, five[0], five[1], by=by)
    assert batches.undo_mine(session, meeting, by=by) == {"undone": 1, "conflicts": 0}
    assert statuses(five) == ["pending"] * 5


def test_precision_counts_what_people_decided_by_kind_and_band(
    session: TenantSession, meeting: Meeting, by: Actor
) -> None:
    found = [item(Kind.PAIN_POINT, 0.9 if n % 2 else 0.3, description=f"It hurts {n}") for n in range(12)]
    pains = review.propose(session, meeting, [*found, item(Kind.DECISION, 0.6, description="Go")])[-12:]
    pains.sort(key=lambda pain: pain.confidence)
    for pain in pains[:3]:
        review.reject(session, pain, by=by)
    for pain in pains[3:10]:
        review.accept(session, pain, by=by)
    review.accept(session, pains[10], by=by, edits={"description": "It hurts a lot"})
    row, total = precision.measure(session)
    assert (row.kind, total.kind) == (Kind.PAIN_POINT, None)
    assert row.bands["low"] == precision.Tally(accepted=3, rejected=3)
    assert row.bands["high"] == precision.Tally(accepted=4, edited=1)
    assert (row.bands["low"].share, row.total.share) == (None, pytest.approx(8 / 11))
    assert precision.measure(session, since=clock.now() + timedelta(minutes=1)) == []


def test_precision_takes_a_merge_for_no_mistake_and_a_policys_yes_for_no_decision(
    session: TenantSession, meeting: Meeting, by: Actor, five: list[Insight], mallory_session: TenantSession
) -> None:
    correcting.merge(session, five[0], five[1], by=by)
    five[2].status = InsightStatus.AUTO_ACCEPTED
    session.flush()
    assert precision.measure(session) == []
    review.reject(session, five[3], by=by)
    session.commit()
    assert precision.measure(session)[-1].total == precision.Tally(rejected=1)
    session.commit()
    assert precision.measure(mallory_session) == []
