"""Many new records at once, and many deletions: what the verbs do for each, in a few statements for all.

Beside the verbs, not instead of them: rows are filled, titled and made findable by the same functions, and every record
gets its event, its entry in the search index and its mark for embedding. Only values that are validated and resolved
come here, and only of the types that `can_make` names; everything else takes the verbs' way.

    prepare (no database: rows, keys, words) ─▶ insert (short) ─▶ ids
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select, update

from shared import clock, events, search
from shared.database import insert_into, next_ids, write_many
from shared.events import Actor, Fact, Target
from shared.models import Base, Contact, ContactEmail, ContactPhone, Employment, FieldDefinition, Lifecycle
from shared.models.base import table_of
from shared.records import companies, contacts, custom, tags
from shared.records.types import TYPES
from shared.tenancy import TenantSession

_COLUMNS = {type_: [column.key for column in table_of(TYPES[type_].model).columns] for type_ in ("company", "contact")}
_BLANK = {
    type_: dict.fromkeys(
        set(columns)
        - {"workspace_id", "actor", "created_by_id", "custom", "external_id", "created_at", "updated_at", "version"}
    )
    for type_, columns in _COLUMNS.items()
}


_NO_FIELDS: dict[str, Any] = {}  # the same for all rows, and so turned into JSON once


def can_make(type_: str) -> bool:
    """Whether records of this type may be made here."""
    return type_ in _COLUMNS


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row that is not in the database yet, and what it is found by."""

    row: Any
    found_by: dict[str, str]
    at: datetime | None
    tags: tuple[str, ...] = ()


def prepare(
    workspace_id: int,
    type_: str,
    values: Sequence[dict[str, Any]],
    employers: Sequence[str | None],
    *,
    by: Actor,
    own: Sequence[FieldDefinition] = (),
) -> list[Prepared]:
    """Rows of validated values, as JSON carries them, each with the name of the company it goes to, if any.

    The id of that company is set on the row before `create_many`: it may not be known yet. `own` are the type's custom
    fields; values of others must not be among `values`.
    """  # fmt: skip
    pairs, now = zip(values, employers, strict=True), clock.now()
    return [_prepared(_new(workspace_id, type_, one, by, now), one, employer, own) for one, employer in pairs]


class _Company(SimpleNamespace):
    """A row under the names of `Company`. The mapped class watches each attribute, which takes longer than all else."""


class _Contact(SimpleNamespace):
    """A row under the names of `Contact`, with its addresses and numbers."""

    name = Contact.__dict__["name"]
    email = Contact.__dict__["email"]


def _new(workspace_id: int, type_: str, values: dict[str, Any], by: Actor, now: datetime) -> Any:
    created = values.get("created_at")
    at = datetime.fromisoformat(created) if isinstance(created, str) else created or now
    made = _Company if type_ == "company" else _Contact
    return made(
        **_BLANK[type_], workspace_id=workspace_id, actor=by.kind, created_by_id=by.user_id,
        custom=values.get("custom") or _NO_FIELDS, external_id=values.get("external_id"), created_at=at, updated_at=at,
        version=1, emails=[], phones=[],
    )  # fmt: skip


def _prepared(row: Any, values: dict[str, Any], employer: str | None, own: Sequence[FieldDefinition]) -> Prepared:
    at = row.created_at if values.get("created_at") else None
    if isinstance(row, _Company):
        companies.fill(row, values)
        title, text = row.name, companies.words(row)
    else:
        contacts.fill(row, {**values, "lifecycle": Lifecycle(values.get("lifecycle") or Lifecycle.LEAD)})
        title, text = contacts.title(row), contacts.words(row, employer)
    carried = tuple(values.get("tags") or ())
    more = (custom.words(own, row.custom) if row.custom else "", *carried)
    return Prepared(row, search.searchable(title, "\n".join([text, *filter(None, more)])), at, carried)


def create_many(
    session: TenantSession, type_: str, prepared: Sequence[Prepared], *, by: Actor, why: dict[str, Any] | None = None
) -> list[int]:
    """Insert them. Returns their ids, in order. A taken external id is the database's IntegrityError."""
    if not prepared:
        return []
    kind = TYPES[type_]
    rows = [one.row for one in prepared]
    table = table_of(kind.model)
    ids = next_ids(session, table, len(rows))
    for row, id_ in zip(rows, ids, strict=True):
        row.id = id_
    columns = _COLUMNS[type_]
    write_many(session, insert_into(table), [{name: row.__dict__[name] for name in columns} for row in rows])
    if type_ == "contact":
        _insert_parts(session, rows)
    custom.store_many(session, type_, [(row.id, row.custom) for row in rows if row.custom])
    tags.carry_many(session, type_, [(one.row.id, one.tags) for one in prepared if one.tags], by=by)
    search.index_many(session, type_, [(one.row.id, one.found_by) for one in prepared])
    data = {"why": why} if why else {}
    facts = [Fact((type_, one.row.id), kind.title(one.row), data, _also(one.row), one.at) for one in prepared]
    events.record_many(session, f"{type_}.created", facts, by=by)
    return ids


def _also(row: Any) -> tuple[Target, ...]:
    return tuple(contacts.related_to(row)) if isinstance(row, _Contact) else ()


def _insert_parts(session: TenantSession, rows: Sequence[Any]) -> None:
    now = clock.now()
    parts: dict[type[Base], list[dict[str, Any]]] = {
        ContactEmail: [{**email.__dict__, "contact_id": row.id} for row in rows for email in row.emails],
        ContactPhone: [{**phone.__dict__, "contact_id": row.id} for row in rows for phone in row.phones],
        Employment: [contacts.employment_of(row, row.company_id, now) for row in rows if row.company_id is not None],
    }
    for model, values in parts.items():
        write_many(session, insert_into(table_of(model)), values)


def delete_many(
    session: TenantSession, type_: str, ids: Sequence[int], *, by: Actor, why: dict[str, Any] | None = None
) -> list[int]:
    """Delete those of the records that are still there. Returns their ids."""
    kind = TYPES[type_]
    model = kind.model
    rows = session.scalars(select(model).where(model.id.in_(ids), model.deleted_at.is_(None))).all()
    if not rows:
        return []
    gone = [row.id for row in rows]
    data = {"why": why} if why else {}
    facts = [Fact((type_, row.id), kind.title(row), data, tuple(kind.related(session, row))) for row in rows]
    now = clock.now()
    session.execute(
        update(model)
        .where(model.id.in_(gone))
        .values(deleted_at=now, updated_at=now, version=model.version + 1)
        .execution_options(synchronize_session=False)
    )
    for row in rows:
        session.expire(row)
    if kind.text is not None:
        search.remove_many(session, type_, gone)
    events.record_many(session, f"{type_}.deleted", facts, by=by)
    return gone
