"""A small business in which every question has an answer worth checking; the same on every database, ids included.

Now is Friday, 20 November 2026, noon, in Berlin. Money is in two currencies, some of everything is missing, and some of
everything was deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared import clock, models
from shared.models import InsightStatus, Lifecycle, Priority, TaskStatus
from shared.tenancy import TenantSession
from tests.factories import (
    make_attendee,
    make_company,
    make_contact,
    make_deal,
    make_insight,
    make_link,
    make_meeting,
    make_move,
    make_note,
    make_pipeline,
    make_task,
    save,
)

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@dataclass
class Business:
    """Everything by name."""

    companies: dict[str, models.Company] = field(default_factory=dict)
    contacts: dict[str, models.Contact] = field(default_factory=dict)
    deals: dict[str, models.Deal] = field(default_factory=dict)
    tasks: dict[str, models.Task] = field(default_factory=dict)
    meetings: dict[str, models.Meeting] = field(default_factory=dict)
    stages: dict[str, models.Stage] = field(default_factory=dict)


def found(session: TenantSession, alice: int, bob: int) -> Business:
    """Make it, in a session of Alice's workspace, with the clock set to its now."""
    clock.configure(NOW)
    b = Business()
    _companies(session, b, alice, bob)
    _contacts(session, b, alice, bob)
    _deals(session, b, alice, bob)
    _meetings(session, b, alice, bob)
    _tasks(session, b, alice, bob)
    _notes(session, b, alice)
    return b


def _companies(session: TenantSession, b: Business, alice: int, bob: int) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "Borealis", "city": "Berlin", "country": "Germany", "industry": "Energy", "employees": 120},
        {"name": "Cedar Foods", "city": "Ulm", "country": "Germany", "industry": "Food", "employees": 15},
        {"name": "Delta, Sons & Co", "city": "Wien", "country": "Austria", "industry": "Food"},
        {"name": "Elm", "employees": 3},
        {"name": "Gone", "city": "Berlin", "deleted_at": NOW},
    ]
    for i, row in enumerate(rows):
        owner = (alice, bob, None)[i % 3]
        at = ago(300 - i)
        made = make_company(session, **row, owner_id=owner, created_at=at, updated_at=at)
        b.companies[made.name] = made


def _contacts(session: TenantSession, b: Business, alice: int, bob: int) -> None:
    rows: list[tuple[str, str | None, Lifecycle, dict[str, Any]]] = [
        ("Jane", "Borealis", Lifecycle.CUSTOMER, {"email": "jane@borealis.example", "title": "CEO", "owner_id": alice}),
        ("Karl", "Borealis", Lifecycle.LEAD, {"email": "karl@borealis.example", "owner_id": bob}),
        ("Lena", "Cedar Foods", Lifecycle.QUALIFIED, {"title": "Buyer", "source": "Fair"}),
        ("Mona", None, Lifecycle.LEAD, {"phone": "+49 30 1234567"}),
        ("Nils", "Gone", Lifecycle.FORMER, {}),
        ("Olga", "Elm", Lifecycle.LEAD, {"deleted_at": NOW}),
    ]
    for i, (first, company, lifecycle, more) in enumerate(rows):
        company_id = b.companies[company].id if company else None
        at = ago(200 - i)
        b.contacts[first] = make_contact(
            session, first_name=first, last_name="Roe", company_id=company_id, lifecycle=lifecycle, created_at=at,
            updated_at=at, **more,
        )  # fmt: skip
    for first, company, title, began, ended in (
        ("Lena", "Borealis", "Trainee", "2019-01-01", "2021-12-31"),
        ("Mona", "Cedar Foods", "Cook", None, "2024-06-30"),
        ("Mona", "Gone", "Clerk", None, None),
    ):
        terms = {"started_on": began and date.fromisoformat(began), "ended_on": ended and date.fromisoformat(ended)}
        ends = {"contact_id": b.contacts[first].id, "company_id": b.companies[company].id}
        save(session, models.Employment(**ends, **terms, title=title, created_at=ago(150)))


def _deals(session: TenantSession, b: Business, alice: int, bob: int) -> None:
    b.stages = {stage.name: stage for stage in make_pipeline(session, name="Sales").stages}
    rows: list[tuple[str, str, int | None, str, str | None, int, dict[str, Any]]] = [
        (
            "Pilot",
            "Qualification",
            1_000_00,
            "EUR",
            "Borealis",
            100,
            {"owner_id": alice, "expected_close": "2026-11-27"},
        ),
        ("Rollout", "Proposal", 25_000_50, "EUR", "Borealis", 90, {"owner_id": alice, "expected_close": "2026-12-15"}),
        ("Export", "Proposal", 9_000_00, "USD", "Cedar Foods", 80, {"owner_id": bob, "expected_close": "2026-10-01"}),
        ("Unpriced", "Qualification", None, "EUR", None, 20, {}),
        ("First", "Won", 7_000_01, "EUR", "Borealis", 120, {"owner_id": alice, "closed_at": ago(60)}),
        ("Second", "Won", 3_000_00, "USD", "Cedar Foods", 110, {"owner_id": bob, "closed_at": ago(10)}),
        ("Missed", "Lost", 4_000_00, "EUR", "Delta, Sons & Co", 100, {"closed_at": ago(5), "lost_reason": "price"}),
        ("Bin", "Proposal", 99_000_00, "EUR", "Borealis", 10, {"deleted_at": NOW}),
    ]
    for name, stage, minor, currency, company, age, more in rows:
        if "expected_close" in more:
            more["expected_close"] = date.fromisoformat(more["expected_close"])
        at = ago(age)
        b.deals[name] = make_deal(
            session, name=name, stage=b.stages[stage], amount_minor=minor, currency=currency if minor else None,
            company_id=b.companies[company].id if company else None, created_at=at, updated_at=at, **more,
        )  # fmt: skip
    b.deals["Rollout"].contact_id = b.contacts["Jane"].id
    session.commit()
    for name, role in (("Karl", "Champion"), ("Mona", None), ("Olga", "Champion")):
        save(session, models.DealContact(deal_id=b.deals["Pilot"].id, contact_id=b.contacts[name].id, role=role))
    for deal in ("Rollout", "Bin"):
        jane = b.contacts["Jane"].id
        save(session, models.DealContact(deal_id=b.deals[deal].id, contact_id=jane, role="Decision maker"))
    _moves(session, b, alice, bob)


def _moves(session: TenantSession, b: Business, alice: int, bob: int) -> None:
    for deal, before, after, days, user in (
        ("Rollout", None, "Qualification", 90, alice),
        ("Rollout", "Qualification", "Proposal", 45, alice),
        ("Export", None, "Qualification", 80, bob),
        ("Export", "Qualification", "Proposal", 70, bob),
        ("Export", "Proposal", "Qualification", 60, alice),
        ("Export", "Qualification", "Proposal", 50, bob),
        ("Missed", "Proposal", "Lost", 5, None),
        ("Bin", "Qualification", "Proposal", 5, alice),
    ):
        stages = {"from_stage_id": b.stages[before].id if before else None, "to_stage_id": b.stages[after].id}
        make_move(session, b.deals[deal], at=ago(days), user_id=user, **stages)


def _meetings(session: TenantSession, b: Business, alice: int, bob: int) -> None:
    rows: list[tuple[str, datetime, str | None, str | None, tuple[str, ...], float | None]] = [
        ("Kick-off", ago(75), "Borealis", "Pilot", ("Jane", "Karl"), 1800.0),
        ("Review", ago(12), "Borealis", "Rollout", ("Jane",), 900.5),
        ("Tasting", ago(61), "Cedar Foods", None, ("Lena",), None),
        # 31 October, 23:30 in Berlin; in UTC the same day, an hour before midnight of a month's end
        ("Late call", datetime(2026, 10, 31, 22, 30, tzinfo=UTC), None, None, ("Mona",), 60.0),
        # 1 November, 00:30 in Berlin, still October in UTC
        ("Night call", datetime(2026, 10, 31, 23, 30, tzinfo=UTC), None, None, (), 60.0),
        ("Planned", NOW + timedelta(days=3), "Elm", None, (), None),
    ]
    for title, at, company, deal, people, seconds in rows:
        meeting = make_meeting(
            session, title=title, occurred_at=at, duration_s=seconds, owner_id=alice, created_at=at, updated_at=at,
            company_id=b.companies[company].id if company else None, deal_id=b.deals[deal].id if deal else None,
        )  # fmt: skip
        b.meetings[title] = meeting
        for name in people:
            make_attendee(session, meeting, contact_id=b.contacts[name].id)
        make_attendee(session, meeting, user_id=bob)
    review, gone = b.meetings["Review"], make_meeting(session, title="Bin", deleted_at=NOW)
    about = {"company_id": b.companies["Borealis"].id, "deal_id": b.deals["Rollout"].id}
    accepted = {"status": InsightStatus.ACCEPTED}
    for meeting, kind, text, more in (
        (review, "objection", "It is too dear.", {**about, **accepted, "contact_id": b.contacts["Jane"].id}),
        (review, "decision", "We start in May.", {**about, "status": InsightStatus.EDITED}),
        (review, "objection", "Not yet reviewed.", about),
        (review, "objection", "Refused.", {**about, "status": InsightStatus.REJECTED}),
        (gone, "objection", "Of a deleted meeting.", {**about, **accepted}),
    ):
        make_insight(session, meeting, kind=kind, data={"description": text}, created_at=ago(1), **more)


def _tasks(session: TenantSession, b: Business, alice: int, bob: int) -> None:
    rows: list[tuple[str, int | None, dict[str, Any]]] = [
        ("Late", -2, {"assignee_id": alice, "priority": Priority.HIGH}),
        ("Today", 0, {"assignee_id": alice}),
        ("Soon", 3, {"assignee_id": bob}),
        ("Someday", None, {}),
        ("Done late", -9, {"assignee_id": alice, "status": TaskStatus.DONE, "completed_at": ago(3)}),
    ]
    for i, (title, days, more) in enumerate(rows):
        due = None if days is None else (NOW + timedelta(days=days)).date()
        b.tasks[title] = make_task(
            session, title=title, due_date=due, created_at=ago(30 - i), updated_at=ago(i), **more
        )
    make_link(session, b.tasks["Late"], b.companies["Borealis"])
    make_link(session, b.tasks["Today"], b.deals["Pilot"])
    make_link(session, b.tasks["Done late"], b.deals["Export"])
    make_link(session, b.tasks["Soon"], b.meetings["Review"])


def _notes(session: TenantSession, b: Business, alice: int) -> None:
    for body, target, days in (
        ("# Call\nAsks for a discount", b.contacts["Karl"], 40),
        ("Sent the offer", b.deals["Unpriced"], 4),
        ("Visited", b.companies["Delta, Sons & Co"], 1),
    ):
        note = make_note(session, body=body, author_id=alice, created_at=ago(days), updated_at=ago(days))
        make_link(session, note, target)
