"""One append-only table: timeline, audit log and outbox at once.

`record` writes the fact in the caller's transaction. A fact may carry a job; `dispatch` sends it to the broker after
the commit, and `sweep` sends again whatever a crash or a missing broker left behind. Jobs are sent at least once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update

from shared import clock, publishing, queue
from shared.database import Database, insert_into, next_ids, write_many
from shared.errors import NotFound, Unavailable
from shared.models import ActorKind, Event, EventTarget
from shared.models.base import table_of
from shared.prepared import Prepared
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession

log = get_logger(__name__)

Target = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a person in the browser, a script with a token, an import, a reviewed meeting, …"""

    kind: ActorKind
    user_id: int | None = None
    meeting_id: int | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Work:
    """A job to send once the transaction has committed. `job_id` makes sending it twice harmless."""

    path: str
    args: tuple[int, ...]
    job_id: str


def record(
    session: TenantSession,
    kind: str,
    *,
    by: Actor,
    subject: Target | None = None,
    title: str = "",
    data: dict[str, Any] | None = None,
    also: Iterable[Target] = (),
    at: datetime | None = None,
    work: Work | None = None,
) -> Event:
    """Write a fact. It stands on the timeline of its subject and of the records in `also`."""
    targets = dict.fromkeys([subject, *also] if subject else also)
    event = Event(
        workspace_id=session.workspace_id,
        kind=kind,
        at=at or clock.now(),
        actor=by.kind,
        user_id=by.user_id,
        meeting_id=by.meeting_id,
        record_type=subject[0] if subject else None,
        record_id=subject[1] if subject else None,
        title=title[:300],
        data=data or {},
        job=work.path if work else None,
        job_args=list(work.args) if work else None,
        job_id=work.job_id if work else None,
        targets=[EventTarget(target_type=t, target_id=i) for t, i in targets],
    )
    session.add(event)
    session.flush()
    publishing.publish(session, event)
    if work:
        session.info.setdefault("outbox", []).append(event.id)
    return event


@dataclass(frozen=True, slots=True)
class Fact:
    """One of many facts of one kind; see `record`."""

    subject: Target
    title: str
    data: dict[str, Any]
    also: tuple[Target, ...] = ()
    at: datetime | None = None


def record_many(session: TenantSession, kind: str, facts: Sequence[Fact], *, by: Actor) -> None:
    """As `record` for each of them, in two statements."""
    if not facts:
        return
    now, workspace = clock.now(), session.workspace_id
    ids = next_ids(session, table_of(Event), len(facts))
    common = {
        "workspace_id": workspace, "kind": kind, "actor": by.kind, "user_id": by.user_id, "meeting_id": by.meeting_id,
        "job": None, "sent_at": None,
    }  # fmt: skip
    rows = [
        {
            **common, "id": id_, "at": fact.at or now, "record_type": fact.subject[0], "record_id": fact.subject[1],
            "title": fact.title[:300], "data": fact.data,
        }
        for id_, fact in zip(ids, facts, strict=True)
    ]  # fmt: skip
    targets = [
        {"workspace_id": workspace, "event_id": id_, "target_type": type_, "target_id": target}
        for id_, fact in zip(ids, facts, strict=True)
        for type_, target in dict.fromkeys((fact.subject, *fact.also))
    ]
    write_many(session, insert_into(table_of(Event)), rows)
    write_many(session, insert_into(table_of(EventTarget)), targets)
    publishing.publish_many(session, kind, ids)


def dispatch(session: TenantSession, database: Database, redis_url: str) -> None:
    """Send what the session's committed transaction left in the outbox. Never raises: the sweep will send it."""
    ids, has_deliveries = session.info.pop("outbox", []), session.info.pop(publishing.FLAG, False)
    try:
        if ids:
            _send(database, redis_url, ids)
        if has_deliveries:
            queue.nudge(redis_url, queue.DELIVER_WEBHOOKS)
    except Unavailable as error:  # the database is busy, and what it was asked to keep it has
        log.warning("outbox.waiting", waiting=len(ids), reason=error.detail)


def sweep(database: Database, redis_url: str, *, limit: int = 200) -> int:
    """Send every unsent job, oldest first. Returns how many were sent."""
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        pending = select(Event.id).where(Event.job.is_not(None), Event.sent_at.is_(None)).order_by(Event.id)
        ids = list(session.scalars(pending.limit(limit)))
    return _send(database, redis_url, ids) if ids else 0


def _send(database: Database, redis_url: str, ids: Sequence[int]) -> int:
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        rows = list(session.scalars(select(Event).where(Event.id.in_(ids), Event.sent_at.is_(None))))
    sent: list[int] = []
    for row in rows:
        if row.job not in queue.JOBS:  # written by another version; it must not hold up the others
            log.error("outbox.unknown_job", job=row.job, event_id=row.id)
            sent.append(row.id)
            continue
        try:
            queue.enqueue(redis_url, row.job or "", row.job_args or [], job_id=row.job_id or f"event-{row.id}")
        except Unavailable as error:
            log.warning("outbox.waiting", waiting=len(rows) - len(sent), reason=error.detail)
            break
        sent.append(row.id)
    if sent:
        with database.scope(EVERY_WORKSPACE) as session:
            session.execute(update(Event).where(Event.id.in_(sent)).values(sent_at=clock.wall()))
    return len(sent)


def of_person(session: TenantSession, id: int, kind: str, user_id: int) -> Event:
    """What a person did themselves, to be taken back. Raises NotFound for anything else."""
    event = session.get(Event, id)
    if event is None or event.kind != kind or event.user_id != user_id:
        raise NotFound("There is nothing to take back.")
    return event


class Told(NamedTuple):
    """An `Event` as a timeline tells it."""

    id: int
    kind: str
    at: datetime
    actor: str
    user_id: int | None
    meeting_id: int | None
    record_type: str | None
    record_id: int | None
    title: str
    data: dict[str, Any]


_OF_RECORD = (
    select(*(getattr(Event, name) for name in Told._fields))
    .join(EventTarget, EventTarget.event_id == Event.id)
    .where(EventTarget.target_type == bindparam("type"), EventTarget.target_id == bindparam("id"))
    .order_by(Event.at.desc(), Event.id.desc())  # a mail that was dropped today stands on the day it was sent
    .limit(bindparam("limit"))
)
_NEWEST = Prepared(_OF_RECORD)


def timeline(
    session: TenantSession, target: Target, *, before: int | None = None, limit: int = 30, only: Any = None
) -> list[Told]:
    """Facts about a record by when they happened, newest first, at most `limit`.

    `before` is the last event's id of the page before, `only` a further condition on `Event`.
    """
    narrowed = [_earlier_than(session, before)] if before is not None else []
    narrowed += [only] if only is not None else []
    asked = {"type": target[0], "id": target[1], "limit": limit}
    rows = session.execute(_OF_RECORD.where(*narrowed), asked) if narrowed else _NEWEST.rows(session, **asked)
    return [Told._make(row) for row in rows]


def _earlier_than(session: TenantSession, id: int) -> ColumnElement[bool]:
    at = session.scalar(select(Event.at).where(Event.id == id))
    if at is None:  # deleted for good since that page was sent
        return Event.id < id
    return or_(Event.at < at, and_(Event.at == at, Event.id < id))
