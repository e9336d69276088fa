"""What a meeting promises: a new task, or one that is known with another day or in other hands."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from shared.models import Insight, InsightStatus, Meeting, Task, User, workspace_of
from shared.records import matching
from shared.records.keys import fold
from shared.records.likeness import person_likeness
from shared.records.matching import Match
from shared.review import known
from shared.review.plan_parts import Change, Plan, plan_record
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: What a task's title holds; a longer promise also stands in its body, whole.
_TITLE_CHARS = 500


def match_task(session: TenantSession, meeting: Meeting, data: dict[str, Any]) -> Match[Task]:
    """The open task around the meeting that says the same; somebody else's is asked about."""
    found = known.tasks_like(session, meeting, data["description"])
    owner = data.get("owner")
    user = owner_of(session, meeting, owner)
    theirs = [task for task in found if owner and _is_of(task, owner, user)]
    free = [task for task in found if not owner or (task.assignee_id is None and not task.promised_by)]
    for fits in (theirs, free):
        if fits:
            return Match(fits[0]) if len(fits) == 1 else Match(candidates=tuple(fits), why="says the same")
    return Match(candidates=tuple(found), why="says the same, promised by somebody else")


def owner_of(session: TenantSession, meeting: Meeting, owner: str | None) -> User | None:
    """The colleague who promised, if it was one of us."""
    return None if not owner or _is_guest(session, meeting, owner) else matching.find_user(session, owner)


def _is_of(task: Task, owner: str, user: User | None) -> bool:
    if user is not None:
        return task.assignee_id == user.id
    return bool(task.promised_by) and bool(person_likeness(owner, task.promised_by or ""))


def plan_task(session: TenantSession, meeting: Meeting, data: dict[str, Any], task: Task | None) -> Plan:
    """A new task; or of a known one the new day and, if nobody had it, who does it."""
    changes = []
    if data.get("due_date"):
        before = task.due_date.isoformat() if task and task.due_date else None
        changes += [Change("due_date", before, data["due_date"])] if before != data["due_date"] else []
    if owner := data.get("owner"):
        user = owner_of(session, meeting, owner)
        if task is None or (user and task.assignee_id != user.id) or not (user or task.promised_by or task.assignee_id):
            changes.append(_owner_change(task, owner, user))
    if task is not None and known.is_from_a_later_meeting(session, task, meeting):
        changes = []
    if task is None and len(data["description"]) > _TITLE_CHARS:
        changes.insert(0, Change("body", None, data["description"]))
    return plan_record("task", task, {"title": data["description"][:_TITLE_CHARS]}, changes)


def _owner_change(task: Task | None, owner: str, user: User | None) -> Change:
    if user is not None:
        return Change("assignee_id", task.assignee_id if task else None, user.id, user.name)
    return Change("promised_by", task.promised_by if task else None, owner)


def _is_guest(session: TenantSession, meeting: Meeting, owner: str) -> bool:
    """Whether a first name is that of a contact of this meeting: the promise is not a namesake's among us."""
    name = fold(owner)
    query = select(Insight.data).where(
        Insight.meeting_id == meeting.id, Insight.kind == Kind.CONTACT, Insight.status != InsightStatus.REJECTED
    )
    return " " not in name and any(fold(data["name"]).split()[:1] == [name] for data in session.scalars(query))


def plan_next_meeting(session: TenantSession, meeting: Meeting, data: dict[str, Any]) -> Plan:
    """There is no calendar yet: the next meeting becomes a task on its day."""
    title = data.get("purpose") or f"Next meeting: {meeting.title}"
    changes = [Change("title", None, title[:_TITLE_CHARS])]
    when = data["when"]
    if "T" in when:
        workspace = workspace_of(session)
        zone = ZoneInfo(workspace.timezone)
        changes.append(Change("due_at", None, datetime.fromisoformat(when).replace(tzinfo=zone).isoformat()))
    else:
        changes.append(Change("due_date", None, when))
    if meeting.owner_id:
        changes.append(Change("assignee_id", None, meeting.owner_id))
    return Plan("create", "task", changes=changes)
