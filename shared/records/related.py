"""What belongs to a record: how much of each kind there is, and the short rows that its page shows of it.

A page has room for a few of each and leads to the whole list; which rows are meant, and in which order, is what that
list would say (`shared.query.fields`). Each kind is one prepared question, asked only where there is something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, and_, bindparam, func, or_, select

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
from shared.prepared import Prepared, here, prepared
from shared.records.titles import PRIMARY_EMAIL
from shared.tenancy import TenantSession

_ID: BindParameter[Any] = bindparam("id")
_LIMIT: BindParameter[Any] = bindparam("limit")
_TABLES = {
    "contact": table_of(Contact), "deal": table_of(Deal), "meeting": table_of(Meeting), "task": table_of(Task),
    "note": table_of(Note),
}  # fmt: skip
_CONTACT, _DEAL, _MEETING, _TASK, _NOTE = _TABLES.values()
_LINK, _STAGE, _FILE, _RECORD_LINK = table_of(Link), table_of(Stage), table_of(Attachment), table_of(RecordLink)


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
        return _counted(target[0]).ask(session, id=target[1])[0]._asdict()

    return session.once(("counts", target), find)


def related(session: TenantSession, type_: str, target: Target, *, limit: int) -> Related:
    """The newest `limit` contacts, deals, meetings or notes of a record."""
    total = counts(session, target)[type_]
    return Related(_shown(type_, target[0]).ask(session, id=target[1], limit=limit) if total else (), total)


def tasks(session: TenantSession, target: Target, *, limit: int) -> Tasks:
    """The first `limit` open tasks of a record."""
    counted = counts(session, target)
    rows = _open_tasks(target[0]).ask(session, id=target[1], limit=limit) if counted["task"] else ()
    first: dict[int, Row[Any]] = {}
    links: dict[int, list[Target]] = {}
    for row in rows:
        first.setdefault(row.id, row)
        if row.target_type is not None:
            links.setdefault(row.id, []).append((row.target_type, row.target_id))
    return Tasks(list(first.values()), counted["task"], counted["done"], links)


# --- Which rows


def _of(type_: str, target: str) -> tuple[ColumnElement[bool], ...]:
    """The condition under which a row of a type belongs to the record of another, `_ID`."""
    table = _TABLES[type_]
    return (here(table), table.c.deleted_at.is_(None), _belongs(type_, target))


def _belongs(type_: str, target: str) -> ColumnElement[bool]:
    """By its own reference, by rows of another table, or by either: each is looked up by its own index."""
    table = _TABLES[type_]
    own: Any = table.c.get(f"{target}_id")
    beside = _beside(type_, target)
    if beside is None:
        found: ColumnElement[bool] = own == _ID
        return found
    return table.c.id.in_(beside if own is None else select(table.c.id).where(own == _ID).union_all(beside))


def _beside(type_: str, target: str) -> Select[Any] | None:
    """The ids of rows that hang on a record by another table."""
    if type_ in ("task", "note"):
        hung = select(_LINK.c.owner_id).where(here(_LINK), _LINK.c.owner_type == type_)
        return hung.where(_LINK.c.target_type == target, _LINK.c.target_id == _ID)
    if target != "contact":
        return None
    between = table_of(DealContact if type_ == "deal" else Attendee)
    return select(between.c[f"{type_}_id"]).where(here(between), between.c.contact_id == _ID)


#: The types that are related to the records of one.
_RELATED = {
    "company": ("contact", "deal", "meeting", "note"),
    "contact": ("deal", "meeting", "note"),
    "deal": ("meeting", "note"),
    "meeting": ("note",),
}


@lru_cache
def _counted(target: str) -> Prepared:
    def count(name: str, table: Any, *where: ColumnElement[bool]) -> ColumnElement[int]:
        return select(func.count()).select_from(table).where(*where).scalar_subquery().label(name)

    found = [count(type_, _TABLES[type_], *_of(type_, target)) for type_ in _RELATED.get(target, ())]
    if found:
        found += [
            count(name, _TASK, *_of("task", target), _TASK.c.status == status)
            for name, status in (("task", TaskStatus.OPEN), ("done", TaskStatus.DONE))
        ]
    file, link = _FILE.c, _RECORD_LINK.c
    own = (file.record_type == target, file.record_id == _ID, file.deleted_at.is_(None))
    ends = (and_(link[f"{end}_type"] == target, link[f"{end}_id"] == _ID) for end in ("from", "to"))
    found.append(count("file", _FILE, here(_FILE), *own))
    found.append(count("link", _RECORD_LINK, here(_RECORD_LINK), or_(*ends)))
    return prepared(select(*found))


# --- What is shown of them

_COLUMNS: dict[str, tuple[Any, ...]] = {
    "contact": (*(_CONTACT.c[n] for n in ("id", "first_name", "last_name", "title")), PRIMARY_EMAIL.label("email")),
    "deal": (
        *(_DEAL.c[n] for n in ("id", "name", "amount_minor", "currency", "expected_close", "closed_at")),
        _STAGE.c.name.label("stage"), _STAGE.c.type.label("stage_type"),
    ),
    "meeting": tuple(_MEETING.c[n] for n in ("id", "title", "occurred_at", "status")),
    "note": tuple(_NOTE.c[n] for n in ("id", "body", "author_id", "kind", "created_at", "happened_at", "duration_s")),
}  # fmt: skip
_NEWEST = {
    "contact": _CONTACT.c.updated_at, "deal": _DEAL.c.updated_at, "meeting": _MEETING.c.occurred_at,
    "note": _NOTE.c.created_at,
}  # fmt: skip


@lru_cache
def _shown(type_: str, target: str) -> Prepared:
    found: Select[Any] = select(*_COLUMNS[type_]).where(*_of(type_, target))
    if type_ == "deal":
        found = found.join(_STAGE, and_(_STAGE.c.id == _DEAL.c.stage_id, here(_STAGE)))
    return prepared(found.order_by(_NEWEST[type_].desc(), _TABLES[type_].c.id.desc()).limit(_LIMIT))


@lru_cache
def _open_tasks(target: str) -> Prepared:
    order = (_TASK.c.due_date.asc().nulls_last(), _TASK.c.id)
    some = select(_TASK).where(*_of("task", target), _TASK.c.status == TaskStatus.OPEN).order_by(*order).limit(_LIMIT)
    page = some.subquery()
    hung = and_(here(_LINK), _LINK.c.owner_type == "task", _LINK.c.owner_id == page.c.id)
    found = select(page, _LINK.c.target_type, _LINK.c.target_id).outerjoin(_LINK, hung)
    return prepared(found.order_by(page.c.due_date.asc().nulls_last(), page.c.id, _LINK.c.id))
