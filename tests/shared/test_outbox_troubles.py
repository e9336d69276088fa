"""A broker that is there but takes nothing, and a database too busy to note what was sent: the answer stands."""

from __future__ import annotations

import pytest
from redis import Redis
from sqlalchemy import select

from shared import events, queue
from shared.database import Database
from shared.errors import Unavailable
from shared.events import Actor, Work
from shared.models import Event
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.conftest import Cast

WORK = Work(queue.ANALYZE_MEETING, (1, 1, 1), job_id="analyze-1-1-0")


def recorded(session: TenantSession, cast: Cast) -> None:
    events.record(session, "meeting.queued", by=Actor("user", cast.alice), work=WORK)
    session.commit()


def unsent(session: TenantSession) -> int:
    session.expire_all()
    waiting = session.scalars(select(Event).where(Event.job.is_not(None), Event.sent_at.is_(None))).all()
    session.commit()
    return len(waiting)


def test_a_broker_without_memory_keeps_the_work_waiting(
    session: TenantSession, database: Database, cast: Cast, broker: str
) -> None:
    recorded(session, cast)
    with Redis.from_url(broker) as client:
        client.config_set("maxmemory", 1)
        try:
            events.dispatch(session, database, broker)
            assert unsent(session) == 1
        finally:
            client.config_set("maxmemory", 0)
    assert events.sweep(database, broker) == 1
    assert unsent(session) == 0


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_too_busy_to_note_it_is_no_error_after_the_commit(
    session: TenantSession, database: Database, cast: Cast, broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(session, cast)
    monkeypatch.setattr("shared.database.LOCK_WAIT_S", 0.1)
    with database.scope(EVERY_WORKSPACE) as holder:
        holder.scalars(select(Event)).all()  # takes SQLite's write lock
        events.dispatch(session, database, broker)
    assert unsent(session) == 1  # sent, but nobody could note it: the sweep sends it again, which does no harm
    assert events.sweep(database, broker) == 1


def test_a_broker_that_refuses_is_unavailable(broker: str) -> None:
    with Redis.from_url(broker) as client:
        client.config_set("maxmemory", 1)
        try:
            with pytest.raises(Unavailable):
                queue.enqueue(broker, queue.ANALYZE_MEETING, [1, 1, 1], job_id="x")
        finally:
            client.config_set("maxmemory", 0)


def test_a_job_of_another_version_does_not_hold_up_the_others(
    session: TenantSession, database: Database, broker: str
) -> None:
    for job in ("chatbot.jobs.no_longer_there", queue.ANALYZE_MEETING):
        events.record(session, "meeting.queued", by=events.SYSTEM, work=Work(job, (1, 1, 1), job_id=f"id-{len(job)}"))
    session.commit()
    assert events.sweep(database, broker) == 2
    assert events.sweep(database, broker) == 0
