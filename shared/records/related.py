"""What belongs to a record: how much of each kind there is, and the short rows that its page shows of it.

A page has room for a few of each and leads to the whole list; which rows are meant, and in which order, is what that
list would say (`shared.query.fields`). Each kind is one standing question, asked only where there is something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, or_, select

from shared.events import Target
from shared.models import (
    Attachment,
    Attendee,
    Contact,
    Deal,
    DealContact,
    Link,
    Meeting,
    Note,
    RecordLink,
    Stage,
    Task,
    TaskStatus,
)
from shared.models.base import table_of
from shared.prepared import Prepared
from shared.records.titles import PRIMARY_EMAIL
from shared.tenancy import TenantSession

_ID: BindParameter[Any] = bindparam("id")
_LIMIT: BindParameter[Any] = bindparam("limit")
_MODELS: Mapping[str, Any] = {"contact": Contact, "deal": Deal, "meeting": Meeting, "task": Task, "note": Note}


@dataclass(frozen=True, slots=True)
class Related:
    """The first of the related records of a kind, and how many there are."""

    items: Sequence[Any] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Tasks(Related):
    """Open tasks, those due first before the others, and on which records each hangs; `done` are finished."""

    done: int = 0
    links: Mapping[int, Sequence[Target]] = field(default_factory=dict)


def counts(session: TenantSession, target: Target) -> Mapping[str, int]:
    """How many there are of each kind: record types (`task`: the open ones), `done` tasks, `file` and `link`."""

    def find() -> Mapping[str, int]:
        [row] = _counted(target[0]).rows(session, id=target[1])
        found: Mapping[str, int] = row._asdict()
        return found

    return session.once(("counts", target), find)


def related(session: TenantSession, type_: str, target: Target, *, limit: int) -> Related:
    """The newest `limit` contacts, deals, meetings or notes of a record."""
    total = counts(session, target)[type_]
    return Related(_shown(type_, target[0]).rows(session, id=target[1], limit=limit) if total else (), total)


def tasks(session: TenantSession, target: Target, *, limit: int) -> Tasks:
    """The first `limit` open tasks of a record."""
    counted = counts(session, target)
    rows = _open_tasks(target[0]).rows(session, id=target[1], limit=limit) if counted["task"] else ()
    first: dict[int, Any] = {}
    links: dict[int, list[Target]] = {}
    for row in rows:
        first.setdefault(row.id, row)
        if row.target_type is not None:
            links.setdefault(row.id, []).append((row.target_type, row.target_id))
    return Tasks(list(first.values()), counted["task"], counted["done"], links)


# --- Which rows


def _of(type_: str, target: str) -> tuple[ColumnElement[bool], ...]:
    """The condition under which a row of a type belongs to the record of another, `_ID`."""
    return (_MODELS[type_].deleted_at.is_(None), _belongs(type_, target))


def _belongs(type_: str, target: str) -> ColumnElement[bool]:
    """By its own reference, by rows of another table, or by either: each is looked up by its own index."""
    model = _MODELS[type_]
    own: Any = getattr(model, f"{target}_id", None)
    beside: Any = _beside(type_, target)
    if beside is not None and own is not None:
        # Of the table alone: told the workspace here too, SQLite may go through all that is in it.
        table = table_of(model)
        beside = select(table.c.id).where(table.c[own.key] == _ID).union_all(beside)
    found: ColumnElement[bool] = own == _ID if beside is None else model.id.in_(beside)
    return found


def _beside(type_: str, target: str) -> Select[Any] | None:
    """The ids of rows that hang on a record by another table."""
    if type_ in ("task", "note"):
        hung = select(Link.owner_id).where(Link.owner_type == type_)
        return hung.where(Link.target_type == target, Link.target_id == _ID)
    if target != "contact":
        return None
    if type_ == "deal":
        return select(DealContact.deal_id).where(DealContact.contact_id == _ID)
    return select(Attendee.meeting_id).where(Attendee.contact_id == _ID)


#: The types that are related to the records of one.
_RELATED = {
    "company": ("contact", "deal", "meeting", "note"),
    "contact": ("deal", "meeting", "note"),
    "deal": ("meeting", "note"),
    "meeting": ("note",),
}


@lru_cache
def _counted(target: str) -> Prepared:
    def count(name: str, model: Any, *where: ColumnElement[bool]) -> ColumnElement[int]:
        return select(func.count()).select_from(model).where(*where).scalar_subquery().label(name)

    found = [count(type_, _MODELS[type_], *_of(type_, target)) for type_ in _RELATED.get(target, ())]
    if found:
        found += [
            count(name, Task, *_of("task", target), Task.status == status)
            for name, status in (("task", TaskStatus.OPEN), ("done", TaskStatus.DONE))
        ]
    own = (Attachment.record_type == target, Attachment.record_id == _ID, Attachment.deleted_at.is_(None))
    begins = and_(RecordLink.from_type == target, RecordLink.from_id == _ID)
    ends = and_(RecordLink.to_type == target, RecordLink.to_id == _ID)
    return Prepared(select(*found, count("file", Attachment, *own), count("link", RecordLink, or_(begins, ends))))


# --- What is shown of them

_COLUMNS: Mapping[str, tuple[Any, ...]] = {
    "contact": (Contact.id, Contact.first_name, Contact.last_name, Contact.title, PRIMARY_EMAIL.label("email")),
    "deal": (
        Deal.id, Deal.name, Deal.amount_minor, Deal.currency, Deal.expected_close, Deal.closed_at,
        Stage.name.label("stage"), Stage.type.label("stage_type"),
    ),
    "meeting": (Meeting.id, Meeting.title, Meeting.occurred_at, Meeting.status),
    "note": (
        Note.id, Note.body, Note.author_id, Note.kind, Note.created_at, Note.happened_at, Note.duration_s,
    ),
    "task": (
        Task.id, Task.title, Task.status, Task.priority, Task.due_date, Task.due_at, Task.completed_at,
        Task.assignee_id, Task.promised_by, Task.repeat, Task.deleted_at,
    ),
}  # fmt: skip
_NEWEST: Mapping[str, Any] = {
    "contact": Contact.updated_at, "deal": Deal.updated_at, "meeting": Meeting.occurred_at, "note": Note.created_at,
}  # fmt: skip


@lru_cache
def _shown(type_: str, target: str) -> Prepared:
    found: Select[Any] = select(*_COLUMNS[type_]).where(*_of(type_, target))
    if type_ == "deal":
        found = found.join(Stage, Stage.id == Deal.stage_id)
    return Prepared(found.order_by(_NEWEST[type_].desc(), _MODELS[type_].id.desc()).limit(_LIMIT))


@lru_cache
def _open_tasks(target: str) -> Prepared:
    """Each as often as it hangs on a record."""
    some = select(*_COLUMNS["task"]).where(*_of("task", target), Task.status == TaskStatus.OPEN)
    page = some.order_by(Task.due_date.asc().nulls_last(), Task.id).limit(_LIMIT).subquery()
    hung = and_(Link.owner_type == "task", Link.owner_id == page.c.id)
    found = select(page, Link.target_type, Link.target_id).outerjoin(Link, hung)
    return Prepared(found.order_by(page.c.due_date.asc().nulls_last(), page.c.id, Link.id))
