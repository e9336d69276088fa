"""How record types belong together: what "companies without an open deal" or "deals of contacts met in May" follow.

Each path is a set of ids: the near end lies in what the far rows point to. Sets are built once a statement, where an
EXISTS would be looked up once a row; `tests/shared/query` holds both databases to the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, not_, or_, select

from shared.models import (
    Attendee,
    Company,
    Contact,
    Deal,
    DealContact,
    Insight,
    Link,
    Meeting,
    Note,
    Pipeline,
    Task,
    User,
)
from shared.query.activity import linked
from shared.query.types import Expression


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """`near` of a row is among what `far` selects; `far` has the target's rows in it, to be narrowed."""

    near: Expression
    far: Select[Any]

    def condition(self, *where: ColumnElement[bool]) -> ColumnElement[bool]:
        return self.near.in_(self.far.where(*where).correlate(None))


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """From one record type to another, by any of the paths."""

    name: str
    target: str
    paths: tuple[Path, ...]

    def condition(self, where: Sequence[ColumnElement[bool]], *, wanted: bool = True) -> ColumnElement[bool]:
        """The row has a related row of which all this holds, or has none."""
        found = or_(*(path.condition(*where) for path in self.paths))
        if wanted:
            return found
        is_known = all(path.near.key == "id" for path in self.paths)  # else it may be NULL, and in no set or out of it
        return not_(found) if is_known else not_(func.coalesce(found, False))


def _up(name: str, model: type[Any], column: Expression) -> Relation:
    """To the one record that a column refers to."""
    return Relation(name, model.__tablename__, (Path(column, select(model.id)),))


def _down(name: str, owner: type[Any], model: type[Any], column: Expression) -> Relation:
    """To the many whose column refers to the row."""
    return Relation(name, model.__tablename__, (_pointing(owner, column),))


def _pointing(owner: type[Any], column: Expression) -> Path:
    return Path(owner.id, select(column).where(column.is_not(None)))


def _hanging(owner: type[Any]) -> tuple[Relation, Relation]:
    """To the tasks and notes about the row."""
    return _about("tasks", owner, Task), _about("notes", owner, Note)


def _about(name: str, owner: type[Any], model: type[Task | Note]) -> Relation:
    paths = [Path(owner.id, linked(model, owner.__tablename__))]
    if owner is Meeting and model is Task:
        paths.append(_pointing(Meeting, Task.meeting_id))
    return Relation(name, model.__tablename__, tuple(paths))


def _target(model: type[Task | Note], target: type[Any]) -> Relation:
    """To the records a task or note is about."""
    name = target.__tablename__
    found = select(Link.owner_id).select_from(Link).join(target, target.id == Link.target_id)
    paths = [Path(model.id, found.where(Link.owner_type == model.__tablename__, Link.target_type == name))]
    if model is Task and target is Meeting:
        paths.append(Path(Task.meeting_id, select(Meeting.id)))
    return Relation(name, name, tuple(paths))


def _people_of_deals() -> Relation:
    through = select(DealContact.deal_id).select_from(DealContact).join(Contact, Contact.id == DealContact.contact_id)
    return Relation("contacts", "contact", (Path(Deal.contact_id, select(Contact.id)), Path(Deal.id, through)))


def _deals_of_people() -> Relation:
    through = select(DealContact.contact_id).select_from(DealContact).join(Deal, Deal.id == DealContact.deal_id)
    return Relation("deals", "deal", (_pointing(Contact, Deal.contact_id), Path(Contact.id, through)))


def _people_of_meetings() -> Relation:
    through = select(Attendee.meeting_id).select_from(Attendee).join(Contact, Contact.id == Attendee.contact_id)
    return Relation("contacts", "contact", (Path(Meeting.id, through),))


def _meetings_of(model: type[Any], column: Expression) -> Relation:
    through = select(column).select_from(Attendee).join(Meeting, Meeting.id == Attendee.meeting_id)
    return Relation("meetings", "meeting", (Path(model.id, through.where(column.is_not(None))),))


#: The relations of each record type by name.
RELATIONS: dict[str, dict[str, Relation]] = {
    entity: {relation.name: relation for relation in relations}
    for entity, relations in {
        "company": (
            _down("contacts", Company, Contact, Contact.company_id), _down("deals", Company, Deal, Deal.company_id),
            _down("meetings", Company, Meeting, Meeting.company_id), *_hanging(Company),
            _down("insights", Company, Insight, Insight.company_id),
        ),
        "contact": (
            _up("company", Company, Contact.company_id), _deals_of_people(),
            _meetings_of(Contact, Attendee.contact_id), *_hanging(Contact),
            _down("insights", Contact, Insight, Insight.contact_id),
        ),
        "deal": (
            _up("company", Company, Deal.company_id), _people_of_deals(),
            _down("meetings", Deal, Meeting, Meeting.deal_id), *_hanging(Deal),
            _down("insights", Deal, Insight, Insight.deal_id),
        ),
        "task": tuple(_target(Task, model) for model in (Company, Contact, Deal, Meeting)),
        "note": tuple(_target(Note, model) for model in (Company, Contact, Deal, Meeting)),
        "meeting": (
            _up("company", Company, Meeting.company_id), _up("deal", Deal, Meeting.deal_id), _people_of_meetings(),
            *_hanging(Meeting), _down("insights", Meeting, Insight, Insight.meeting_id),
        ),
        "insight": (
            _up("meeting", Meeting, Insight.meeting_id), _up("company", Company, Insight.company_id),
            _up("deal", Deal, Insight.deal_id), _up("contact", Contact, Insight.contact_id),
        ),
        "user": (
            _down("companies", User, Company, Company.owner_id), _down("contacts", User, Contact, Contact.owner_id),
            _down("deals", User, Deal, Deal.owner_id), _down("tasks", User, Task, Task.assignee_id),
            _down("notes", User, Note, Note.author_id), _meetings_of(User, Attendee.user_id),
        ),
        "pipeline": (_down("deals", Pipeline, Deal, Deal.pipeline_id),),
    }.items()
}  # fmt: skip
