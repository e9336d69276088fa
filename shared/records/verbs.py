"""Create, change, delete, restore: the same for every type, from every door.

Verbs take the session first, flush, record an event, never commit. A change that changes nothing writes nothing.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from shared import clock, events, search
from shared.errors import Conflict, NotFound
from shared.events import Actor
from shared.models import Task, TaskStatus
from shared.records import custom, recurring, tags, tombstones
from shared.records.references import resolve
from shared.records.types import RecordType, jsonable, named, show, type_of
from shared.schemas.checking import check
from shared.tenancy import TenantSession

_UNTRACKED = frozenset({"version", "updated_at"})


def validated(schema: type[BaseModel], data: dict[str, Any]) -> dict[str, Any]:
    """The fields that were given, valid. Raises Invalid naming each that is not."""
    return check(schema, data).model_dump(exclude_unset=True)


def get(session: TenantSession, type_name: str, id: int, *, deleted: bool = False) -> Any:
    """One record. Raises NotFound; a deleted one is found only with `deleted=True`."""
    kind = named(type_name)
    row = session.get(kind.model, id)
    if row is None or (row.deleted_at is not None and not deleted):
        raise NotFound(f"There is no {kind.name} with id {id}.")
    return row


def create(
    session: TenantSession, type_name: str, data: dict[str, Any], *, by: Actor, why: dict[str, Any] | None = None
) -> Any:
    """A new record from unvalidated data. Raises Invalid, or Conflict if the external id is taken.

    `why` is the evidence that the event keeps (quote, speaker, start_s, insight_id).
    """
    kind = named(type_name)
    values = resolve(session, validated(kind.new, data))
    external_id = values.get("external_id")
    if external_id and by_external_id(session, kind, external_id) is not None:
        raise Conflict(f"There is already a {kind.name} with external_id “{external_id}”.")
    return _insert(session, kind, values, by=by, why=why)


def _insert(
    session: TenantSession, kind: RecordType, values: dict[str, Any], *, by: Actor, why: dict[str, Any] | None = None
) -> Any:
    own = custom.read(session, kind.name, values["custom"], {}) if values.get("custom") else {}
    row = kind.model(actor=by.kind, created_by_id=by.user_id, custom=own, external_id=values.get("external_id"))
    if created_at := values.get("created_at"):
        row.created_at = row.updated_at = created_at
    with session.no_autoflush:
        kind.write(session, row, values, by)  # adds the row itself where it needs the id
    session.add(row)
    session.flush()
    _tag(session, kind, row, values, by=by)
    if own:
        custom.store_many(session, kind.name, [(row.id, own)])
    reindex(session, kind, row)
    _record(session, f"{kind.name}.created", kind, row, by=by, at=values.get("created_at"), data=_data(why=why))
    return row


def update(
    session: TenantSession,
    row: Any,
    data: dict[str, Any],
    *,
    by: Actor,
    expecting: int | None = None,
    why: dict[str, Any] | None = None,
) -> dict[str, list[Any]]:
    """Change some fields. Returns {field: [before, after]}, empty if nothing changed.

    Raises Conflict with the current record if `expecting` is not its version.
    """
    kind = type_of(row)
    if row.deleted_at is not None:
        raise NotFound(f"This {kind.name} was deleted. Restore it first.")
    if expecting is not None and row.version != expecting:
        raise Conflict(
            f"This {kind.name} was changed meanwhile (version {row.version}, not {expecting}).",
            current=show(session, row),
        )
    values = resolve(session, validated(kind.fields, data))
    before = show(session, row)
    found_by = _searchable(session, kind, row, before)
    _tag(session, kind, row, values, by=by)  # sent at once, while the row itself is as it was: its version moves once
    with session.no_autoflush:
        for field in ("external_id", "created_at"):
            if field in values and (values[field] is not None or field == "external_id"):
                setattr(row, field, values[field])
        kind.write(session, row, values, by)
        _write_custom(session, kind, row, values)
        after = show(session, row)
    changes = _changes(before, after)
    if not changes:
        return {}
    row.updated_at = clock.now()
    flag_modified(row, "updated_at")  # the version must move even where only child rows changed
    session.flush()
    words = _searchable(session, kind, row, after)
    if words is not None and words != found_by:  # writing the index costs as much as the change itself
        _index(session, kind, row, words)
    elif found_by is not None:  # the record's card shows more than is searched by
        search.mark(session, kind.name, row.id)
    _record(session, f"{kind.name}.updated", kind, row, by=by, data=_data(changes=changes, why=why))
    if isinstance(row, Task) and row.repeat and "status" in changes:
        _repeat(session, kind, row, by=by)
    return changes


def _repeat(session: TenantSession, kind: RecordType, task: Task, *, by: Actor) -> None:
    """Make the next of a recurring task that is done; of one opened again, take the next away if it is untouched."""
    if task.status == TaskStatus.DONE:
        values = recurring.following(session, task)
        if values is not None:
            like = show(session, task)
            _insert(session, kind, values | {name: like[name] for name in ("links", "tags", "custom")}, by=by)
        elif (waiting := recurring.successor(session, task)) is not None and waiting.deleted_at is not None:
            restore(session, waiting, by=by)
    elif (waiting := recurring.untouched_next(session, task)) is not None:
        delete(session, waiting, by=by)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]}; custom fields each by their own name."""
    found = {k: [before[k], after[k]] for k in after if before[k] != after[k] and k not in _UNTRACKED}
    if "custom" in found:
        found |= custom.changes(*found.pop("custom"))
    return found


def _write_custom(session: TenantSession, kind: RecordType, row: Any, values: dict[str, Any]) -> None:
    if values.get("custom"):
        row.custom = custom.read(session, kind.name, values["custom"], row.custom or {})
        custom.store(session, (kind.name, row.id), row.custom)


def _tag(session: TenantSession, kind: RecordType, row: Any, values: dict[str, Any], *, by: Actor) -> None:
    if "tags" in values:
        tags.set_(session, (kind.name, row.id), values["tags"], by=by)


def upsert(session: TenantSession, type_name: str, data: dict[str, Any], *, by: Actor) -> tuple[Any, str]:
    """Create, or update the record of that external id. Returns (row, "created" | "updated" | "unchanged").

    A deleted record of that external id is restored and updated. Where another transaction makes it at the same time,
    the database's IntegrityError comes through: begin again, and it will be found.
    """
    kind = named(type_name)
    external_id = data.get("external_id")
    row = by_external_id(session, kind, external_id) if isinstance(external_id, str) and external_id else None
    if row is None:
        return _insert(session, kind, resolve(session, validated(kind.new, data)), by=by), "created"
    restored = row.deleted_at is not None
    if restored:
        restore(session, row, by=by)
    if row.external_id != external_id:  # of a record that was merged into this one
        data = {name: value for name, value in data.items() if name != "external_id"}
    changes = update(session, row, data, by=by)
    return row, "updated" if changes or restored else "unchanged"


def delete(session: TenantSession, row: Any, *, by: Actor, expecting: int | None = None) -> None:
    """Soft-delete; `restore` takes it back. Deleting what is deleted does nothing."""
    kind = type_of(row)
    if row.deleted_at is not None:
        return
    if expecting is not None and row.version != expecting:
        raise Conflict(f"This {kind.name} was changed meanwhile.", current=show(session, row))
    row.deleted_at = clock.now()
    session.flush()
    search.remove(session, kind.name, row.id)
    _record(session, f"{kind.name}.deleted", kind, row, by=by)


def restore(session: TenantSession, row: Any, *, by: Actor) -> None:
    """Take a deletion back. Restoring what is not deleted does nothing. Raises Conflict for what was merged."""
    kind = type_of(row)
    if row.deleted_at is None:
        return
    if tombstones.winner_of(session, kind.name, row.id) is not None:
        raise Conflict(f"This {kind.name} was merged into another. Undo the merge to have it back.")
    row.deleted_at = None
    session.flush()
    reindex(session, kind, row)
    _record(session, f"{kind.name}.restored", kind, row, by=by)


def by_external_id(session: TenantSession, kind: RecordType, external_id: str) -> Any | None:
    """The record of an external id, deleted or not; of one that was merged, the winner."""
    row = session.scalar(select(kind.model).where(kind.model.external_id == external_id))
    if row is None or row.deleted_at is None:
        return row
    into = tombstones.winner_of(session, kind.name, row.id)
    return row if into is None else session.get(kind.model, into)


def _searchable(
    session: TenantSession, kind: RecordType, row: Any, shown: dict[str, Any] | None = None
) -> tuple[str, str] | None:
    """Title and text that search may find; None for a type it does not know. `shown` is the row as it was just shown:
    its tags need no asking for."""
    if kind.text is None:
        return None
    found = [kind.text(session, row)]
    if row.custom:
        found.append(custom.words(custom.definitions(session, kind.name), row.custom))
    if kind.name in tags.TAGGED:
        found += tags.of(session, kind.name, [row.id]).get(row.id, []) if shown is None else shown["tags"]
    return kind.title(row), "\n".join(part for part in found if part)


def reindex(session: TenantSession, kind: RecordType, row: Any) -> None:
    """Make a record findable by what it says now, and by the names it had before merges."""
    if words := _searchable(session, kind, row):
        _index(session, kind, row, words)


def _index(session: TenantSession, kind: RecordType, row: Any, words: tuple[str, str]) -> None:
    title, text = words
    former = tombstones.former_names(session, kind.name, row.id) if row.version > 1 else ()
    search.index(session, kind.name, row.id, title, "\n".join([text, *former]))


def _data(**parts: dict[str, Any] | None) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part}


def _record(session: TenantSession, name: str, kind: RecordType, row: Any, **more: Any) -> None:
    events.record(
        session,
        name,
        subject=(kind.name, row.id),
        title=kind.title(row),
        also=kind.related(session, row),
        **{**more, "data": jsonable(more.get("data") or {})},
    )
