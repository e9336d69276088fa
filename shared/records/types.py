"""The table of record types: everything a verb needs to know about each, in one place.

A new type is one `RecordType` here, a model, a schema and a module beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from shared.errors import NotFound
from shared.events import Actor, Target
from shared.models import Company, Contact, Deal, Meeting, Note, Pipeline, Tag, Task
from shared.records import companies, contacts, deals, meetings, pipelines, tags, work
from shared.schemas import records as schemas
from shared.tenancy import TenantSession


@dataclass(frozen=True, slots=True)
class RecordType:
    """`fields` validates a change, `new` a new record. `write` sets validated values on a row (flushing nothing),

    `show` lists the type's own fields as REST gives them, `title` names a row, `text` is what search may find beside
    the title, `related` says on whose timelines its events also stand.
    `show_all` is `show` for many rows, where one by one would ask the database for each.
    """

    name: str
    plural: str
    model: type[Any]
    fields: type[BaseModel]
    new: type[BaseModel]
    write: Callable[[TenantSession, Any, dict[str, Any], Actor], None]
    show: Callable[[TenantSession, Any], dict[str, Any]]
    title: Callable[[Any], str]
    text: Callable[[TenantSession, Any], str] | None
    related: Callable[[TenantSession, Any], list[Target]]
    show_all: Callable[[TenantSession, Sequence[Any]], list[dict[str, Any]]] | None = None


TYPES: dict[str, RecordType] = {
    kind.name: kind
    for kind in (
        RecordType(
            "company", "companies", Company, schemas.CompanyFields, schemas.CompanyIn,
            companies.write, companies.show, lambda row: row.name, companies.text, companies.related,
        ),
        RecordType(
            "contact", "contacts", Contact, schemas.ContactFields, schemas.ContactIn,
            contacts.write, contacts.show, contacts.title, contacts.text, contacts.related,
        ),
        RecordType(
            "deal", "deals", Deal, schemas.DealFields, schemas.DealIn,
            deals.write, deals.show, lambda row: row.name, deals.text, deals.related, deals.show_all,
        ),
        RecordType(
            "task", "tasks", Task, schemas.TaskFields, schemas.TaskIn,
            work.write_task, work.show_task, lambda row: row.title, work.task_text, work.task_related, work.show_tasks,
        ),
        RecordType(
            "note", "notes", Note, schemas.NoteFields, schemas.NoteIn,
            work.write_note, work.show_note, work.note_title, work.note_text, work.note_related, work.show_notes,
        ),
        RecordType(
            "meeting", "meetings", Meeting, schemas.MeetingFields, schemas.MeetingFields,
            meetings.write, meetings.show, lambda row: row.title, meetings.text, meetings.related,
        ),
        RecordType(
            "pipeline", "pipelines", Pipeline, schemas.PipelineFields, schemas.PipelineIn,
            pipelines.write, pipelines.show, lambda row: row.name, None, lambda _session, _row: [],
        ),
        RecordType(
            "tag", "tags", Tag, schemas.TagFields, schemas.TagIn,
            tags.write, tags.show, lambda row: row.name, None, lambda _session, _row: [],
        ),
    )
}  # fmt: skip


def type_of(row: object) -> RecordType:
    """The record type of a row."""
    return next(kind for kind in TYPES.values() if isinstance(row, kind.model))


def named(name: str) -> RecordType:
    """A record type by its singular or plural name. Raises NotFound."""
    for kind in TYPES.values():
        if name in (kind.name, kind.plural):
            return kind
    raise NotFound(f"There is no record type “{name}”.")


#: Most values by far; a list of records asks for each of its fields.
_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})


def jsonable(value: Any) -> Any:
    """A field's value as JSON carries it: dates ISO 8601, times in UTC with Z, enums their value."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, dict):
        return _jsonable_members(value)
    if isinstance(value, list):
        return [jsonable(v) for v in value]
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return value


def _jsonable_members(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v if type(v) in _AS_THEY_ARE else jsonable(v) for k, v in values.items()}


def show(session: TenantSession, row: Any) -> dict[str, Any]:
    """The whole record as REST gives it, ready for JSON."""
    return show_all(session, [row])[0]


def show_all(session: TenantSession, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """As `show` for rows of one type, with a fixed number of queries however many they are."""
    if not rows:
        return []
    kind = type_of(rows[0])
    own = kind.show_all(session, rows) if kind.show_all else [kind.show(session, row) for row in rows]
    if kind.name in tags.TAGGED:
        carried = tags.of(session, kind.name, [row.id for row in rows])
        own = [{**fields, "tags": carried.get(row.id, [])} for row, fields in zip(rows, own, strict=True)]
    return [_whole(row, fields) for row, fields in zip(rows, own, strict=True)]


def _whole(row: Any, own: dict[str, Any]) -> dict[str, Any]:
    common = {
        "id": row.id,
        "external_id": row.external_id,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "deleted_at": row.deleted_at,
        "custom": row.custom or {},
    }
    return _jsonable_members({**common, **own})
