"""Tasks that come again: one that is done is followed by one, on the right day, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from shared import clock, records
from shared.database import Database
from shared.errors import Invalid
from shared.events import Actor
from shared.models import Task, User, Workspace
from shared.query.dates import Calendar
from shared.records import recurring
from shared.tenancy import TenantSession

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 11, 27, 10, 0, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("every day", "FREQ=DAILY"),
        ("jeden Montag", "FREQ=WEEKLY;BYDAY=MO"),
        ("every other tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("jeden zweiten Dienstag", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("jeden zweiten Dienstag im Monat", "FREQ=MONTHLY;BYDAY=2TU"),
        ("every last friday of the month", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("every 2 weeks on mon and thu until 31.3.2027", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20270331"),
        ("every friday 10 times", "FREQ=WEEKLY;BYDAY=FR;COUNT=10"),
        ("werktags", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("on the last day of every month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("the 15th of each month", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("the first of every month until 31.3.2027", "FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20270331"),
        ("am ersten Montag jedes Monats", "FREQ=MONTHLY;BYDAY=1MO"),
        ("der 1. und 15. jedes Monats", None),
        ("every blue moon", None),
    ],
)
def test_rules_are_understood_as_people_say_them(text: str, rule: str | None) -> None:
    with clock.at(FRIDAY):
        assert recurring.read(text, Calendar(BERLIN)) == rule


@pytest.mark.parametrize(
    "text", ["FREQ=HOURLY", "FREQ=MONTHLY;BYMONTHDAY=40", "FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "?"]
)
def test_rules_no_task_can_follow_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        recurring.check(text)


def make(session: TenantSession, alice: User, **values: Any) -> Task:
    session.get_one(Workspace, session.workspace_id).timezone = "Europe/Berlin"
    data = {"title": "Send the report", "repeat": "FREQ=WEEKLY;BYDAY=MO", "due_date": "2026-11-23", **values}
    task: Task = records.create(session, "task", data, by=Actor("user", alice.id))
    session.commit()
    return task


def done(session: TenantSession, task: Task, alice: User) -> list[Task]:
    """The other tasks after this one is done."""
    records.update(session, task, {"status": "done"}, by=Actor("user", alice.id))
    session.commit()
    return list(session.scalars(select(Task).where(Task.id != task.id, Task.deleted_at.is_(None)).order_by(Task.id)))


def test_days_that_passed_are_not_piled_up(session: TenantSession, alice: User) -> None:
    with clock.at(FRIDAY):
        task = make(session, alice, due_date="2026-11-02", assignee_id=alice.id)
        (following,) = done(session, task, alice)
    assert (following.due_date, following.title, following.assignee_id) == (date(2026, 11, 30), task.title, alice.id)


def test_putting_one_off_does_not_move_the_series(session: TenantSession, alice: User) -> None:
    with clock.at(FRIDAY):
        task = make(session, alice, due_date="2026-11-30")
        records.update(session, task, {"due_date": "2026-12-02"}, by=Actor("user", alice.id))
        (following,) = done(session, task, alice)
    assert following.due_date == date(2026, 12, 7)


def test_the_time_of_day_stays_when_the_clocks_change(session: TenantSession, alice: User) -> None:
    with clock.at(datetime(2026, 3, 24, 10, 0, tzinfo=BERLIN)):
        at = datetime(2026, 3, 27, 9, 0, tzinfo=BERLIN)
        task = make(session, alice, repeat="FREQ=WEEKLY;BYDAY=FR", due_date=None, due_at=at.isoformat())
        (following,) = done(session, task, alice)
    assert following.due_at == datetime(2026, 4, 3, 7, 0, tzinfo=UTC)


def test_the_thirty_first_is_the_last_of_shorter_months(session: TenantSession, alice: User) -> None:
    with clock.at(datetime(2027, 1, 20, 10, 0, tzinfo=BERLIN)):
        task = make(session, alice, repeat="FREQ=MONTHLY", due_date="2027-01-31")
        (february,) = done(session, task, alice)
        march = done(session, february, alice)[-1]
    assert (february.due_date, march.due_date) == (date(2027, 2, 28), date(2027, 3, 31))


def test_a_series_ends_after_its_times(session: TenantSession, alice: User) -> None:
    with clock.at(FRIDAY):
        task = make(session, alice, repeat="FREQ=WEEKLY;BYDAY=MO;COUNT=2", due_date="2026-11-30")
        (last,) = done(session, task, alice)
        records.update(session, last, {"status": "done"}, by=Actor("user", alice.id))
        session.commit()
    assert session.scalar(select(Task).where(Task.repeats_from_id == last.id)) is None


def test_opening_it_again_takes_the_next_away_and_done_brings_it_back(session: TenantSession, alice: User) -> None:
    with clock.at(FRIDAY):
        task = make(session, alice)
        (following,) = done(session, task, alice)
        for status, is_gone in (("open", True), ("done", False), ("open", True)):
            records.update(session, task, {"status": status}, by=Actor("user", alice.id))
            session.commit()
            assert (following.deleted_at is not None) is is_gone


def test_done_twice_at_once_makes_one(database: Database, session: TenantSession, alice: User) -> None:
    task = make(session, alice)
    if database.engine.dialect.name == "postgresql":
        with database.session(session.workspace_id) as other:
            theirs = other.get_one(Task, task.id)  # both have read it as open
            assert len(done(session, session.get_one(Task, task.id), alice)) == 1
            with pytest.raises(StaleDataError):
                records.update(other, theirs, {"status": "done"}, by=Actor("user", alice.id))
    else:  # one writer at a time: the second sees that it is done
        for _time in range(2):
            with database.scope(session.workspace_id) as other:
                records.update(other, other.get_one(Task, task.id), {"status": "done"}, by=Actor("user", alice.id))
    assert len(list(session.scalars(select(Task).where(Task.repeats_from_id == task.id)))) == 1
