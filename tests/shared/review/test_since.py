"""What changed since the last meeting of the same deal: figures, objections, rivals, promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from shared import clock, records, review
from shared.events import Actor
from shared.models import Company, Deal, Insight, InsightStatus, Meeting, MeetingStatus, Task, User
from shared.review.since import Since, since_last, since_latest
from shared.schemas.insight import Evidence, Item, Kind
from shared.tenancy import TenantSession
from tests import factories, statements

FIRST = factories.MONDAY
SECOND = FIRST + timedelta(days=7)
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(SECOND + timedelta(days=1)):
        yield


@pytest.fixture
def deal(session: TenantSession) -> Deal:
    company = factories.make_company(session, name="Quill Ltd")
    return factories.make_deal(session, name="Rollout", company_id=company.id, amount_minor=10_000_00)


def said(kind: Kind, **data: Any) -> Item:
    evidence = Evidence(quote="so", speaker="Jane Roe", start_s=754.0, utterance=0, start=0, end=2)
    return Item(kind=kind, data=data, evidence=[evidence], confidence=0.9)


def held(session: TenantSession, deal: Deal | None, at: datetime, *items: Item, **over: Any) -> Meeting:
    """A meeting that was read; nothing is accepted yet."""
    values = {"deal_id": deal.id, "company_id": deal.company_id} if deal else {}
    meeting = factories.make_meeting(
        session, lines=[("Jane Roe", "so")], occurred_at=at, **{"status": MeetingStatus.READY, **values, **over}
    )
    review.propose(session, meeting, list(items))
    session.commit()
    return meeting


def accept_all(session: TenantSession, meeting: Meeting, alice: User) -> None:
    review.accept_above(session, meeting, 0.0, by=Actor("user", alice.id))
    session.commit()


def compared(session: TenantSession, meeting: Meeting) -> Since:
    found = since_last(session, meeting, today=TODAY)
    assert found is not None
    return found


def figures(found: Since) -> dict[str, tuple[Any, Any]]:
    return {change.field: (change.before, change.after) for change in found.changes}


def euros(amount: int) -> dict[str, Any]:
    return {"minor": amount * 100, "currency": "EUR"}


def test_a_first_meeting_has_nothing_before_it(session: TenantSession, deal: Deal) -> None:
    assert since_last(session, held(session, deal, FIRST), today=TODAY) is None
    assert since_last(session, held(session, None, SECOND), today=TODAY) is None
    assert since_latest(session, deal.id, today=TODAY) is None


def test_a_sum_and_a_day_said_anew_stand_beside_those_of_last_time(session: TenantSession, deal: Deal) -> None:
    held(
        session, deal, FIRST, said(Kind.DEAL, company="Quill", amount=100_000, currency="EUR", close_date="2026-12-01")
    )
    second = held(
        session, deal, SECOND, said(Kind.DEAL, company="Quill", amount=80_000, currency="EUR", close_date="2027-01-15")
    )
    found = compared(session, second)
    assert figures(found) == {
        "amount": (euros(100_000), euros(80_000)),
        "expected_close": ("2026-12-01", "2027-01-15"),
    }
    source = found.changes[0].said
    assert source is not None
    assert (source.meeting_id, source.start_s, source.is_open) == (second.id, 754.0, True)


def test_the_same_sum_again_is_no_change_and_a_refused_one_was_not_said(session: TenantSession, deal: Deal) -> None:
    held(session, deal, FIRST, said(Kind.DEAL, company="Quill", amount=10_000, currency="EUR"))
    second = held(session, deal, SECOND, said(Kind.DEAL, company="Quill", amount=10_000, currency="EUR"))
    assert figures(compared(session, second)) == {}
    third = held(session, deal, SECOND + timedelta(days=1), said(Kind.DEAL, company="Quill", amount=1, currency="EUR"))
    insight = session.query(Insight).filter_by(meeting_id=third.id).one()
    insight.status = InsightStatus.REJECTED
    assert figures(compared(session, third)) == {}


def test_what_somebody_changed_in_the_record_between_the_meetings_counts(
    session: TenantSession, deal: Deal, alice: User
) -> None:
    by = Actor("user", alice.id)
    held(session, deal, FIRST)
    with clock.at(FIRST + timedelta(days=2)):
        records.update(session, deal, {"stage": "Proposal", "amount": 12_000, "expected_close": "2026-12-24"}, by=by)
    second = held(session, deal, SECOND)
    third_day = SECOND + timedelta(days=3)
    third = held(session, deal, third_day)
    with clock.at(third_day + timedelta(days=1)):
        records.update(session, deal, {"amount": 9_000}, by=by)
    session.commit()
    assert figures(compared(session, second)) == {
        "amount": (euros(10_000), euros(12_000)),
        "expected_close": (None, "2026-12-24"),
        "stage": ("Qualification", "Proposal"),
    }
    assert figures(compared(session, third)) == {"amount": (euros(12_000), euros(9_000))}


def test_what_a_meeting_changed_belongs_to_it_however_late_it_was_accepted(
    session: TenantSession, deal: Deal, alice: User
) -> None:
    first = held(session, deal, FIRST, said(Kind.DEAL, company="Quill", stage="proposal"))
    second = held(session, deal, SECOND)
    accept_all(session, first, alice)  # a day after the second
    assert "stage" not in figures(compared(session, second))


def test_objections_are_new_repeated_or_not_raised_again(session: TenantSession, deal: Deal) -> None:
    long_ago = held(
        session, deal, FIRST - timedelta(days=7), said(Kind.OBJECTION, description="They fear a lock-in to one vendor")
    )
    first = held(
        session,
        deal,
        FIRST,
        said(Kind.OBJECTION, description="The price is far too high for the budget"),
        said(Kind.OBJECTION, description="Nobody has time for training"),
    )
    second = held(
        session,
        deal,
        SECOND,
        said(Kind.OBJECTION, description="Price still too high for their budget"),
        said(Kind.OBJECTION, description="The works council must agree"),
        said(Kind.OBJECTION, description="Fear of lock-in to a single vendor"),
    )
    found = compared(session, second)
    states = {o.text: (o.state, o.before.meeting_id if o.before else None) for o in found.objections}
    assert states == {
        "Price still too high for their budget": ("repeated", first.id),
        "The works council must agree": ("new", None),
        "Fear of lock-in to a single vendor": ("repeated", long_ago.id),
        "Nobody has time for training": ("gone", first.id),
    }


def test_only_rivals_never_named_before_are_new(session: TenantSession, deal: Deal) -> None:
    held(session, deal, FIRST - timedelta(days=7), said(Kind.COMPETITOR, name="Oldsoft GmbH"))
    held(session, deal, FIRST)
    second = held(session, deal, SECOND, said(Kind.COMPETITOR, name="Oldsoft"), said(Kind.COMPETITOR, name="Newsoft"))
    assert [rival.text for rival in compared(session, second).competitors] == ["Newsoft"]


def test_promises_are_kept_open_or_overdue_and_may_be_spoken_of_again(
    session: TenantSession, deal: Deal, alice: User, bob: User
) -> None:
    first = held(
        session,
        deal,
        FIRST,
        said(Kind.ACTION_ITEM, description="Send the offer", owner="Alice Archer", due_date="2026-11-18"),
        said(Kind.ACTION_ITEM, description="Clear the rebate with finance", owner="Bob Baker", due_date="2026-11-19"),
        said(Kind.ACTION_ITEM, description="Name a project lead", owner="Jane Roe", due_date="2026-12-24"),
    )
    accept_all(session, first, alice)
    offer = session.query(Task).filter_by(title="Send the offer").one()
    with clock.at(FIRST + timedelta(days=1)):
        records.update(session, offer, {"status": "done"}, by=Actor("user", bob.id))
    second = held(
        session, deal, SECOND, said(Kind.ACTION_ITEM, description="Clear rebate with our finance", owner="Bob")
    )
    found = compared(session, second).promises
    assert [(p.task.title, p.state, p.owner, p.done_by) for p in found] == [
        ("Clear the rebate with finance", "overdue", "Bob Baker", None),
        ("Name a project lead", "open", "Jane Roe", None),
        ("Send the offer", "kept", "Alice Archer", "Bob Baker"),
    ]
    assert found[0].again is not None
    assert found[0].again.meeting_id == second.id
    assert found[1].again is None
    records.delete(session, offer, by=Actor("user", alice.id))
    assert "Send the offer" not in {p.task.title for p in compared(session, second).promises}


def test_the_next_meeting_is_shown_beside_the_one_planned_last_time(session: TenantSession, deal: Deal) -> None:
    held(session, deal, FIRST, said(Kind.NEXT_MEETING, when="2026-11-23T10:00"))
    second = held(session, deal, SECOND, said(Kind.NEXT_MEETING, when="2026-12-01"))
    assert figures(compared(session, second)) == {"next_meeting": ("2026-11-23T10:00", "2026-12-01")}


def test_without_a_deal_the_companys_meeting_before_counts(session: TenantSession, deal: Deal) -> None:
    first = held(session, deal, FIRST)
    second = held(session, None, SECOND, company_id=deal.company_id)
    assert compared(session, second).previous.id == first.id


def test_other_deals_deleted_and_unread_meetings_do_not_count(session: TenantSession, deal: Deal, alice: User) -> None:
    other = factories.make_deal(session, company_id=deal.company_id)
    held(session, other, FIRST)
    gone = held(session, deal, FIRST)
    held(session, deal, FIRST, status=MeetingStatus.FAILED)
    records.delete(session, gone, by=Actor("user", alice.id))
    second = held(session, deal, SECOND)
    assert since_last(session, second, today=TODAY) is None


def test_the_latest_meeting_speaks_for_the_deal(session: TenantSession, deal: Deal) -> None:
    held(session, deal, FIRST)
    latest = held(session, deal, SECOND)
    found = since_latest(session, deal.id, today=TODAY)
    assert found is not None
    assert found.meeting.id == latest.id


def test_the_number_of_questions_does_not_grow_with_what_was_said(
    session: TenantSession, deal: Deal, alice: User
) -> None:
    counts = []
    for n in (2, 30):
        items = [said(Kind.ACTION_ITEM, description=f"Promise {word} number {i}") for i, word in enumerate("ab" * n)]
        objections = [said(Kind.OBJECTION, description=f"Objection {i} of {n}") for i in range(n)]
        at = SECOND + timedelta(hours=2 * n)
        accept_all(session, held(session, deal, at, *items, *objections), alice)
        second = held(session, deal, at + timedelta(hours=1), *objections)
        session.expire_all()
        counts.append(_questions(session, second))
    assert counts[0] == counts[1] <= 16


def _questions(session: TenantSession, meeting: Meeting) -> int:
    with statements.sent(session.get_bind().engine) as asked:
        since_last(session, meeting, today=TODAY)
    return sum(statement.lstrip().upper().startswith("SELECT") for statement in asked)


def test_another_tenant_compares_nothing(session: TenantSession, deal: Deal, mallory_session: TenantSession) -> None:
    held(session, deal, FIRST)
    second = held(session, deal, SECOND)
    company: Company | None = mallory_session.get(Company, deal.company_id or 0)
    assert company is None
    assert since_latest(mallory_session, deal.id, today=TODAY) is None
    assert mallory_session.get(Meeting, second.id) is None
