"""What is known already around a meeting: open tasks, and what was accepted from earlier meetings of the same deal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from shared.models import Deal, Insight, InsightStatus, Link, Meeting, Task, TaskStatus
from shared.records.likeness import CompanyLike, company_likeness
from shared.records.matching import MOST_CANDIDATES
from shared.records.wording import says_the_same
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: What stands in later meetings again: it is linked to the first time it was said.
REPEATED = (Kind.DECISION, Kind.REQUIREMENT, Kind.PAIN_POINT, Kind.OBJECTION, Kind.COMPETITOR)
_APPLIED = tuple(status for status in InsightStatus if status.is_applied)
#: The newest so many are compared.
_MOST = 300


def tasks_like(session: TenantSession, meeting: Meeting, description: str) -> list[Task]:
    """Open tasks of the meeting, its deal and its company that say the same, the newest first."""
    tied: list[ColumnElement[bool]] = [and_(Link.target_type == "meeting", Link.target_id == meeting.id)]
    company_id = _company_id(session, meeting)
    if meeting.deal_id:
        tied.append(and_(Link.target_type == "deal", Link.target_id == meeting.deal_id))
    if company_id:
        tied.append(and_(Link.target_type == "company", Link.target_id == company_id))
    linked = select(Link.owner_id).where(Link.owner_type == "task", or_(*tied))
    query = (
        select(Task.id, Task.title)
        .where(Task.id.in_(linked), Task.status == TaskStatus.OPEN, Task.deleted_at.is_(None))
        .order_by(Task.id.desc())
        .limit(_MOST)
    )
    alike = [id_ for id_, title in session.execute(query) if says_the_same(description, title, is_task=True)]
    return [session.get_one(Task, id_) for id_ in alike[:MOST_CANDIDATES]]


def is_from_a_later_meeting(session: TenantSession, task: Task, meeting: Meeting) -> bool:
    """Whether a task was promised after this meeting: a transcript that comes late changes nothing on it."""
    origin = session.get(Meeting, task.meeting_id) if task.meeting_id else None
    return origin is not None and origin.id != meeting.id and origin.occurred_at > meeting.occurred_at


def said_before(session: TenantSession, meeting: Meeting, kind: Kind, data: dict[str, Any]) -> Insight | None:
    """What was accepted from an earlier meeting of the same deal or company and says the same."""
    company_id = _company_id(session, meeting)
    tied = [Insight.deal_id == meeting.deal_id] if meeting.deal_id else []
    tied += [Insight.company_id == company_id] if company_id else []
    if kind not in REPEATED or not tied:
        return None
    query = (
        select(Insight)
        .join(Meeting, Meeting.id == Insight.meeting_id)
        .where(
            or_(*tied),
            Insight.kind == kind.value,
            Insight.status.in_(_APPLIED),
            Insight.meeting_id != meeting.id,
            Meeting.occurred_at <= meeting.occurred_at,
            Meeting.deleted_at.is_(None),
        )
        .order_by(Insight.id)
        .limit(_MOST)
    )
    return next((old for old in session.scalars(query) if is_one(kind, data, old.data)), None)


def is_one(kind: Kind, data: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two finds of a kind say the same."""
    if kind is Kind.COMPETITOR:
        return company_likeness(data["name"], other["name"]) in (CompanyLike.SAME, CompanyLike.CLOSE)
    return says_the_same(data["description"], other["description"], is_task=kind is Kind.ACTION_ITEM)


def _company_id(session: TenantSession, meeting: Meeting) -> int | None:
    deal = session.get(Deal, meeting.deal_id) if meeting.deal_id and not meeting.company_id else None
    return meeting.company_id or (deal.company_id if deal else None)
