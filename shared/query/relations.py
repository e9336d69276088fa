"""How record types belong together: what "companies without an open deal" or "deals of contacts met in May" follow.

Each path is a set of ids: the near end lies in what the far rows point to. Sets are built once a statement, where an
EXISTS would be looked up once a row; `tests/shared/query` holds both databases to the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, distinct, false, func, not_, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from shared.models import (
    Attendee,
    Company,
    Contact,
    Deal,
    DealContact,
    Employment,
    Insight,
    Link,
    Meeting,
    Note,
    Pipeline,
    StageChange,
    Task,
    User,
)
from shared.query.activity import linked


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """`near` of a row is among what `far` selects; `far` has the target's rows in it, to be narrowed."""

    near: InstrumentedAttribute[Any]
    far: Select[Any]

    def condition(self, *where: ColumnElement[bool]) -> ColumnElement[bool]:
        return self.near.in_(self.far.where(*where).correlate(None))

    @property
    def owner(self) -> type[Any]:
        """The model of the near end."""
        model: type[Any] = self.near.parent.class_
        return model

    def pairs(self, value: ColumnElement[Any], *where: ColumnElement[bool]) -> Select[Any]:
        """(id of the row, value of a related row), once for each way between the two."""
        far = self.far.where(*where).add_columns(value).correlate(None)
        if self.near.key == "id":
            return far
        ends, owner = far.subquery(), aliased(self.owner)
        end, found = ends.c
        return select(owner.id, found).join(ends, getattr(owner, self.near.key) == end)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """How many related rows there must be, or how many different values of a field of theirs: `at_least` to `at_most`,
    None unbounded. `value` is that field of the target's rows, or their id; NULL is no value."""

    value: ColumnElement[Any]
    at_least: int | None = None
    at_most: int | None = None


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

    def counted(
        self, where: Sequence[ColumnElement[bool]], count: Counted, *, wanted: bool = True
    ) -> ColumnElement[bool]:
        """So many related rows are such that all this holds, or are not.

        One set of ids, counted once a statement. Rows without any are in no such set: "at most two" are those that are
        not among those with more.
        """
        least, most = count.at_least or 0, count.at_most
        if least == 0 and most is None:
            return true() if wanted else false()
        pairs = [path.pairs(count.value.label("value"), *where) for path in self.paths]
        found = (union_all(*pairs) if len(pairs) > 1 else pairs[0]).subquery()
        owner, value = found.c
        several = func.count(distinct(value))
        is_so = several > most if least == 0 else several >= least if most is None else several.between(least, most)
        among: ColumnElement[bool] = self.paths[0].owner.id.in_(
            select(owner).group_by(owner).having(is_so).correlate(None)
        )
        return among if (least > 0) is wanted else not_(among)


#: What ties are called; other models go by the name of their table.
_TIES: dict[type[Any], str] = {DealContact: "role", StageChange: "move", Employment: "employment"}


def _up(name: str, model: type[Any], column: InstrumentedAttribute[Any]) -> Relation:
    """To the one record that a column refers to."""
    return Relation(name, model.__tablename__, (Path(column, select(model.id)),))


def _down(name: str, owner: type[Any], model: type[Any], column: InstrumentedAttribute[Any]) -> Relation:
    """To the many whose column refers to the row."""
    return Relation(name, _TIES.get(model, model.__tablename__), (_pointing(owner, column),))


def _pointing(owner: type[Any], column: InstrumentedAttribute[Any]) -> Path:
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


def _colleagues_of_meetings() -> Relation:
    through = select(Attendee.meeting_id).select_from(Attendee).join(User, User.id == Attendee.user_id)
    return Relation("users", "user", (Path(Meeting.id, through),))


def _meetings_of(model: type[Any], column: InstrumentedAttribute[Any]) -> Relation:
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
            _down("employments", Company, Employment, Employment.company_id),
        ),
        "contact": (
            _up("company", Company, Contact.company_id), _deals_of_people(),
            _meetings_of(Contact, Attendee.contact_id), *_hanging(Contact),
            _down("insights", Contact, Insight, Insight.contact_id),
            _down("roles", Contact, DealContact, DealContact.contact_id),
            _down("employments", Contact, Employment, Employment.contact_id),
        ),
        "deal": (
            _up("company", Company, Deal.company_id), _people_of_deals(),
            _down("meetings", Deal, Meeting, Meeting.deal_id), *_hanging(Deal),
            _down("insights", Deal, Insight, Insight.deal_id),
            _down("roles", Deal, DealContact, DealContact.deal_id),
            _down("moves", Deal, StageChange, StageChange.deal_id),
        ),
        "task": tuple(_target(Task, model) for model in (Company, Contact, Deal, Meeting)),
        "note": tuple(_target(Note, model) for model in (Company, Contact, Deal, Meeting)),
        "meeting": (
            _up("company", Company, Meeting.company_id), _up("deal", Deal, Meeting.deal_id), _people_of_meetings(),
            _colleagues_of_meetings(), *_hanging(Meeting), _down("insights", Meeting, Insight, Insight.meeting_id),
        ),
        "insight": (
            _up("meeting", Meeting, Insight.meeting_id), _up("company", Company, Insight.company_id),
            _up("deal", Deal, Insight.deal_id), _up("contact", Contact, Insight.contact_id),
        ),
        "user": (
            _down("companies", User, Company, Company.owner_id), _down("contacts", User, Contact, Contact.owner_id),
            _down("deals", User, Deal, Deal.owner_id), _down("tasks", User, Task, Task.assignee_id),
            _down("notes", User, Note, Note.author_id), _meetings_of(User, Attendee.user_id),
            _down("moves", User, StageChange, StageChange.user_id),
        ),
        "role": (_up("deal", Deal, DealContact.deal_id), _up("contact", Contact, DealContact.contact_id)),
        "move": (_up("deal", Deal, StageChange.deal_id), _up("user", User, StageChange.user_id)),
        "employment": (
            _up("contact", Contact, Employment.contact_id), _up("company", Company, Employment.company_id),
        ),
        "pipeline": (_down("deals", Pipeline, Deal, Deal.pipeline_id),),
        "tag": (),
    }.items()
}  # fmt: skip
