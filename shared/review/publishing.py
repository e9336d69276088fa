"""The end of a run, made visible in one transaction: summary, proposals, state, search, timelines."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from shared import events, search
from shared.events import Actor
from shared.models import Insight, InsightStatus, Meeting
from shared.records import analysis, meetings, speakers
from shared.records.analysis import Lease
from shared.review.proposing import propose
from shared.schemas.insight import Item, Kind
from shared.tenancy import TenantSession


def publish(
    session: TenantSession,
    lease: Lease,
    items: Sequence[Item],
    *,
    engine: str | None,
    note: str | None = None,
    language: str | None = None,
    ms: int,
) -> list[Insight]:
    """Propose what a run found and mark it ready. The caller has called `analysis.hold` in this transaction.

    `engine` is None where no engine found it (demonstration data). Raises LeaseLost if the meeting is gone.
    """
    meeting = analysis.finish(session, lease, engine=engine, note=note, ms=ms)
    if not _is_summary_written(session, meeting):
        meeting.summary = next((str(item.data["text"]) for item in items if item.kind is Kind.SUMMARY), None)
    meeting.language = language or meeting.language
    insights = propose(session, meeting, items)
    speakers.match(session, meeting)
    search.index(session, "meeting", meeting.id, meeting.title, meetings.text(session, meeting))
    events.record(
        session,
        "meeting.analyzed",
        by=Actor("meeting", meeting_id=meeting.id),
        subject=("meeting", meeting.id),
        title=meeting.title,
        also=meetings.related(session, meeting),
        data={"insights": len(insights), "engine": engine, "ms": ms},
    )
    return insights


def _is_summary_written(session: TenantSession, meeting: Meeting) -> bool:
    """Whether a person has put the summary in other words; those stay."""
    query = select(Insight.id).where(
        Insight.meeting_id == meeting.id, Insight.kind == Kind.SUMMARY, Insight.status == InsightStatus.EDITED
    )
    return session.scalar(query.limit(1)) is not None
