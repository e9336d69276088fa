"""Many decisions at once, and many taken back at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import select

from shared import clock
from shared.errors import AppError, Conflict
from shared.events import Actor
from shared.models import Insight, InsightStatus, Meeting, ReviewBatch
from shared.review.correcting import renew
from shared.review.deciding import accept_in, reject_in, undo_in
from shared.review.locking import alone
from shared.review.proposing import ORDER
from shared.review.settling import link_all
from shared.tenancy import TenantSession

_OPEN = (InsightStatus.PENDING, InsightStatus.UNDONE)


def accept_above(
    session: TenantSession, meeting: Meeting, threshold: float, *, by: Actor, among: Sequence[int] | None = None
) -> tuple[ReviewBatch, dict[str, int]]:
    """Accept every open insight of at least this confidence (0..1), as one batch; of those `among`, if given.

    One that conflicts, or of which a person has to say whom it means, stays open and is counted:
    {"accepted", "conflicts", "below", "to_ask"}.
    """
    alone(session, meeting.id)
    waiting = [i for i in _open_insights(session, meeting) if among is None or i.id in among]
    sure = [insight for insight in waiting if insight.confidence >= threshold]
    batch = _batch(session, meeting, by)
    accepted, failed = _each(session, sure, lambda insight: accept_in(session, meeting, insight, by=by, batch=batch))
    link_all(session, meeting)
    asked = sum(1 for i in sure if i.status.is_open and i.proposal is not None and i.proposal.candidates)
    below = len(waiting) - len(sure)
    return batch, {"accepted": accepted, "conflicts": failed - asked, "below": below, "to_ask": asked}


def reject_all(
    session: TenantSession, meeting: Meeting, ids: Sequence[int], *, by: Actor, reason: str | None = None
) -> tuple[ReviewBatch, dict[str, int]]:
    """Refuse these open insights of the meeting as one batch: {"rejected", "conflicts"}.

    Those decided meanwhile are the conflicts; they stay as they are.
    """
    alone(session, meeting.id)
    waiting = [insight for insight in _open_insights(session, meeting) if insight.id in ids]
    batch = _batch(session, meeting, by)
    for insight in waiting:
        reject_in(session, insight, by=by, reason=reason, batch=batch)
    return batch, {"rejected": len(waiting), "conflicts": len(set(ids)) - len(waiting)}


def undo_batch(session: TenantSession, batch: ReviewBatch, *, by: Actor) -> dict[str, int]:
    """Undo what a batch decided, last first: {"undone", "conflicts"}. Raises Conflict the second time."""
    meeting = alone(session, batch.meeting_id)
    session.refresh(batch)
    if batch.undone_at is not None:
        raise Conflict("This batch was undone already.")
    query = select(Insight).where(Insight.batch_id == batch.id).execution_options(populate_existing=True)
    counts = _undo_all(session, meeting, session.scalars(query), by=by)
    batch.undone_at = clock.now()
    session.flush()
    return counts


def last_batch(session: TenantSession, meeting: Meeting, *, by: Actor) -> ReviewBatch | None:
    """The newest batch of this person on the meeting that stands."""
    query = select(ReviewBatch).where(
        ReviewBatch.meeting_id == meeting.id, ReviewBatch.user_id == by.user_id, ReviewBatch.undone_at.is_(None)
    )
    decided = select(Insight.batch_id).where(Insight.meeting_id == meeting.id, Insight.batch_id.is_not(None))
    query = query.where(ReviewBatch.id.in_(decided)).order_by(ReviewBatch.id.desc())
    return session.scalars(query.limit(1)).first()


def undo_mine(session: TenantSession, meeting: Meeting, *, by: Actor) -> dict[str, int]:
    """Undo every decision this person took on the meeting, last first: {"undone", "conflicts"}."""
    alone(session, meeting.id)
    query = select(Insight).where(Insight.meeting_id == meeting.id, Insight.decided_by_id == by.user_id)
    return _undo_all(session, meeting, session.scalars(query.execution_options(populate_existing=True)), by=by)


def _undo_all(session: TenantSession, meeting: Meeting, insights: Iterable[Insight], *, by: Actor) -> dict[str, int]:
    ordered = sorted(insights, key=_dependence, reverse=True)
    ordered.sort(key=lambda insight: insight.status is InsightStatus.REJECTED)  # a merge is parted once both wait
    undone, conflicts = _each(session, ordered, lambda insight: undo_in(session, meeting, insight, by=by))
    link_all(session, meeting)
    return {"undone": undone, "conflicts": conflicts}


def _each(session: TenantSession, insights: Iterable[Insight], act: Callable[[Insight], None]) -> tuple[int, int]:
    """How many were done, and how many could not be; those are compared with the CRM again."""
    done = failed = 0
    for insight in insights:
        try:
            with session.begin_nested():
                act(insight)
            done += 1
        except AppError:
            session.refresh(insight)
            renew(session, insight)
            failed += 1
    return done, failed


def _batch(session: TenantSession, meeting: Meeting, by: Actor) -> ReviewBatch:
    batch = ReviewBatch(
        workspace_id=meeting.workspace_id, meeting_id=meeting.id, user_id=by.user_id, created_at=clock.now()
    )
    session.add(batch)
    session.flush()
    return batch


def _open_insights(session: TenantSession, meeting: Meeting) -> list[Insight]:
    query = select(Insight).where(Insight.meeting_id == meeting.id, Insight.status.in_(_OPEN))
    return sorted(session.scalars(query.execution_options(populate_existing=True)), key=_dependence)


def _dependence(insight: Insight) -> tuple[int, int]:
    """Companies first: people and deals may stand at them."""
    return ORDER[insight.kind], insight.position
