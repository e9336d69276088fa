"""The state of a meeting's analysis, made so that a worker may die at any point.

    stored ─queue─▶ queued ─claim─▶ analyzing ─finish─▶ ready
                       ▲                │ └────fail───▶ failed ─queue─▶ …
                       └──lease ran out─┘

A worker claims a run with a lease and renews it while it works; whoever finds an expired lease may claim the run again
and goes on from the segments that are stored. Every write of a worker first proves that it still holds the lease, in
the same transaction, so a run has one result however many workers touched it. Leases use the wall clock.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from shared import clock, events
from shared.database import Database
from shared.errors import Conflict, Invalid
from shared.events import SYSTEM, Actor, Work
from shared.models import AnalysisSegment, Meeting, MeetingStatus
from shared.queue import ANALYZE_MEETING
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession

log = get_logger(__name__)

ENGINES = ("auto", "builtin", "ollama")
#: A run that took the worker down with it this often is given up, so that one file cannot block the queue for ever.
MAX_ATTEMPTS = 5
#: A waiting run is sent again after this many seconds; the broker may have lost it.
_RESEND_AFTER_S = 4

_BUSY = (MeetingStatus.QUEUED, MeetingStatus.ANALYZING)


class LeaseLost(Exception):
    """Another worker took the run over, or it was cancelled. What is in hand must not be written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one run's results."""

    meeting_id: int
    run: int
    token: str
    engine: str
    attempt: int


def queue(session: TenantSession, meeting: Meeting, *, engine: str = "auto", by: Actor) -> None:
    """Ask for a (new) analysis. Raises Conflict while one is under way, Invalid for an unknown engine."""
    if engine not in ENGINES:
        raise Invalid.field("engine", f"“{engine}” is no engine. Use auto, builtin or ollama.")
    if meeting.status in _BUSY:
        raise Conflict("This meeting is being analysed already.")
    meeting.run = (meeting.run or 0) + 1
    meeting.status, meeting.progress, meeting.attempts = MeetingStatus.QUEUED, 0.0, 0
    meeting.engine, meeting.engine_note, meeting.error = engine, None, None
    meeting.queued_at, meeting.lease_token, meeting.lease_until = clock.wall(), None, None
    session.execute(delete(AnalysisSegment).where(AnalysisSegment.meeting_id == meeting.id))
    session.flush()
    events.record(
        session,
        "meeting.queued",
        by=by,
        subject=("meeting", meeting.id),
        title=meeting.title,
        work=_work(meeting),
    )


def claim(session: TenantSession, meeting_id: int, run: int, *, lease_s: float) -> Lease | None:
    """Take a waiting run, or one whose lease ran out. None if it is done, superseded, deleted or held by another."""
    token = secrets.token_hex(16)
    now = clock.wall()
    taken = session.execute(
        update(Meeting)
        .where(
            Meeting.id == meeting_id,
            Meeting.run == run,
            Meeting.deleted_at.is_(None),
            Meeting.status.in_(_BUSY),
            or_(Meeting.lease_until.is_(None), Meeting.lease_until < now),
        )
        .values(
            status=MeetingStatus.ANALYZING,
            lease_token=token,
            lease_until=now + timedelta(seconds=lease_s),
            attempts=Meeting.attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        return None
    engine, attempt = session.execute(select(Meeting.engine, Meeting.attempts).where(Meeting.id == meeting_id)).one()
    return Lease(meeting_id, run, token, engine or "auto", attempt)


def hold(session: TenantSession, lease: Lease, *, lease_s: float, progress: float | None = None) -> None:
    """Renew the lease, and with it prove that it is still ours. Raises LeaseLost."""
    values: dict[str, Any] = {"lease_until": clock.wall() + timedelta(seconds=lease_s)}
    if progress is not None:
        values["progress"] = progress
    renewed = session.execute(
        update(Meeting)
        .where(
            Meeting.id == lease.meeting_id,
            Meeting.run == lease.run,
            Meeting.lease_token == lease.token,
            Meeting.deleted_at.is_(None),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not renewed.rowcount:  # type: ignore[attr-defined]
        raise LeaseLost


def store_segment(session: TenantSession, lease: Lease, segment: AnalysisSegment) -> None:
    """Keep what a segment yielded. The caller has called `hold` in this transaction."""
    segment.meeting_id, segment.run = lease.meeting_id, lease.run
    session.add(segment)
    session.flush()


def segments(session: TenantSession, lease: Lease) -> list[AnalysisSegment]:
    """The segments of this run that are done, in order."""
    query = select(AnalysisSegment).where(
        AnalysisSegment.meeting_id == lease.meeting_id, AnalysisSegment.run == lease.run
    )
    return list(session.scalars(query.order_by(AnalysisSegment.position)))


def finish(session: TenantSession, lease: Lease, *, engine: str | None, note: str | None, ms: int) -> Meeting:
    """Mark the run ready and give the lease back. The caller has called `hold` in this transaction."""
    meeting = session.get(Meeting, lease.meeting_id, populate_existing=True)
    if meeting is None:
        raise LeaseLost
    meeting.status, meeting.progress = MeetingStatus.READY, 1.0
    meeting.engine, meeting.engine_note, meeting.error = engine, note, None
    meeting.analyzed_at, meeting.analysis_ms = clock.now(), ms
    meeting.lease_token = meeting.lease_until = None
    session.flush()
    return meeting


def fail(session: TenantSession, lease: Lease, reason: str) -> None:
    """Give the run up, with a reason for the page. Raises LeaseLost."""
    hold(session, lease, lease_s=0)
    _fail(session, lease.meeting_id, reason)


def _fail(session: TenantSession, meeting_id: int, reason: str) -> None:
    meeting = session.get(Meeting, meeting_id, populate_existing=True)
    if meeting is None:
        return
    meeting.status, meeting.error = MeetingStatus.FAILED, reason[:1000]
    meeting.lease_token = meeting.lease_until = None
    session.flush()
    events.record(
        session,
        "meeting.failed",
        by=SYSTEM,
        subject=("meeting", meeting.id),
        title=meeting.title,
        data={"reason": reason},
    )


def sweep(database: Database) -> int:
    """Queue again the runs that nobody holds: their worker died, or the broker lost them. Returns how many.

    Runs that brought `MAX_ATTEMPTS` workers down are given up. Only outbox rows are written; the caller sends them.
    """
    now = clock.wall()
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        query = select(Meeting.workspace_id, Meeting.id).where(
            Meeting.status.in_(_BUSY),
            Meeting.deleted_at.is_(None),
            or_(Meeting.lease_until.is_(None), Meeting.lease_until < now),
            Meeting.queued_at < now - timedelta(seconds=_RESEND_AFTER_S),
        )
        lost = [(int(w), int(m)) for w, m in session.execute(query.limit(100))]
    for workspace_id, meeting_id in lost:
        with database.scope(workspace_id) as session:
            _send_again(session, meeting_id)
    return len(lost)


def _send_again(session: TenantSession, meeting_id: int) -> None:
    meeting = session.get(Meeting, meeting_id, with_for_update=True)
    if meeting is None or meeting.status not in _BUSY or (meeting.lease_until and meeting.lease_until > clock.wall()):
        return
    if meeting.attempts >= MAX_ATTEMPTS:
        _fail(
            session, meeting_id, f"The analysis was interrupted {meeting.attempts} times and was given up. Try again."
        )
        return
    log.info("analysis.resent", meeting_id=meeting_id, run=meeting.run, attempts=meeting.attempts)
    meeting.queued_at = clock.wall()
    session.flush()
    events.record(session, "meeting.resent", by=SYSTEM, work=_work(meeting))


def _work(meeting: Meeting) -> Work:
    return Work(
        ANALYZE_MEETING,
        (meeting.workspace_id, meeting.id, meeting.run),
        job_id=f"analyze-{meeting.id}-{meeting.run}-{meeting.attempts}",
    )
