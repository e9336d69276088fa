"""The state of a meeting's analysis, made so that a worker may die at any point.

    stored ─queue─▶ queued ─claim─▶ analyzing ─finish─▶ ready
                       ▲                │ └────fail───▶ failed ─queue─▶ …
                       └──lease ran out─┘

A worker claims a run with a lease (`shared.leases`) and renews it while it works; whoever finds an expired lease may
claim the run again and goes on from the segments that are stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select

from shared import clock, events, leases
from shared.database import Database
from shared.errors import Conflict, Invalid
from shared.events import SYSTEM, Actor, Work
from shared.leases import MAX_ATTEMPTS, LeaseLost
from shared.models import AnalysisSegment, Meeting, MeetingStatus
from shared.queue import ANALYZE_MEETING
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)

ENGINES = ("auto", "builtin", "ollama")
_BUSY = (MeetingStatus.QUEUED, MeetingStatus.ANALYZING)
_WAITS = (Meeting.status.in_(_BUSY), Meeting.deleted_at.is_(None))


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one run's results."""

    meeting_id: int
    run: int
    token: str
    engine: str


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
    token = leases.take(session, Meeting, meeting_id, run, *_WAITS, lease_s=lease_s, status=MeetingStatus.ANALYZING)
    if token is None:
        return None
    engine = session.scalar(select(Meeting.engine).where(Meeting.id == meeting_id))
    return Lease(meeting_id, run, token, engine or "auto")


def hold(session: TenantSession, lease: Lease, *, lease_s: float, progress: float | None = None) -> None:
    """Renew the lease, and with it prove that it is still ours. Raises LeaseLost."""
    values = {} if progress is None else {"progress": progress}
    leases.renew(
        session, Meeting, lease.meeting_id, lease.run, lease.token, Meeting.deleted_at.is_(None), lease_s=lease_s,
        **values,
    )  # fmt: skip


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
    return leases.sweep(database, Meeting, *_WAITS, send_again=_send_again)


def _send_again(session: TenantSession, meeting: Meeting) -> None:
    if meeting.attempts >= MAX_ATTEMPTS:
        _fail(
            session, meeting.id, f"The analysis was interrupted {meeting.attempts} times and was given up. Try again."
        )
        return
    log.info("analysis.resent", meeting_id=meeting.id, run=meeting.run, attempts=meeting.attempts)
    meeting.queued_at = clock.wall()
    session.flush()
    if not leases.sent_again(session, ANALYZE_MEETING, _work(meeting).job_id):
        events.record(session, "meeting.resent", by=SYSTEM, work=_work(meeting))


def _work(meeting: Meeting) -> Work:
    return Work(
        ANALYZE_MEETING,
        (meeting.workspace_id, meeting.id, meeting.run),
        job_id=f"analyze-{meeting.id}-{meeting.run}-{meeting.attempts}",
    )
