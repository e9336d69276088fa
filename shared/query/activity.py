"""When something last happened: meetings, notes, moves and tasks done, as moments of the records they are about.

Only what has happened counts: a meeting that was entered for next week is no contact yet.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from shared.models import (
    Attendee,
    Company,
    Contact,
    Deal,
    Link,
    Meeting,
    Note,
    Task,
    TaskStatus,
)
from shared.query.types import NOW, Latest, Many

_HELD = (Meeting.deleted_at.is_(None), Meeting.occurred_at <= NOW)


def linked(owner: type[Task | Note], target: str) -> Select[int]:
    """The ids of records of a type that tasks or notes hang on; the tasks or notes can be narrowed further."""
    found = select(Link.target_id).select_from(Link).join(owner, owner.id == Link.owner_id)
    return found.where(Link.owner_type == owner.__tablename__, Link.target_type == target, owner.deleted_at.is_(None))


def _notes(model: type[Any]) -> Many:
    at = func.coalesce(Note.happened_at, Note.created_at)
    return Many(model.id, linked(Note, model.__tablename__).where(at <= NOW), at)


def _tasks_done(model: type[Any]) -> Many:
    about = linked(Task, model.__tablename__).where(Task.status == TaskStatus.DONE, Task.completed_at <= NOW)
    return Many(model.id, about, Task.completed_at)


def _attended() -> Many:
    met = select(Attendee.contact_id).select_from(Attendee).join(Meeting, Meeting.id == Attendee.meeting_id)
    return Many(Contact.id, met.where(Attendee.contact_id.is_not(None), *_HELD), Meeting.occurred_at)


_COMPANY_MEETINGS = Many(
    Company.id, select(Meeting.company_id).where(Meeting.company_id.is_not(None), *_HELD), Meeting.occurred_at
)
_DEAL_MEETINGS = Many(Deal.id, select(Meeting.deal_id).where(Meeting.deal_id.is_not(None), *_HELD), Meeting.occurred_at)

COMPANY_MET = Latest((), (_COMPANY_MEETINGS,))
COMPANY_CONTACTED = Latest((), (_COMPANY_MEETINGS, _notes(Company)))
CONTACT_MET = Latest((), (_attended(),))
CONTACT_CONTACTED = Latest((), (_attended(), _notes(Contact)))
DEAL_MET = Latest((), (_DEAL_MEETINGS,))
DEAL_MOVED = Latest((Deal.stage_since,), ())
DEAL_ACTIVE = Latest((Deal.stage_since,), (_DEAL_MEETINGS, _notes(Deal), _tasks_done(Deal)))
DEAL_MADE = Latest((Deal.created_at,), ())
