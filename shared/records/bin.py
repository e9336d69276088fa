"""The bin: everything that was deleted, newest first; restored, or deleted for good.

Deleting for good leaves nothing of a record: its rows, what hangs on it alone, what search knew, its tombstones, and
its name and values in the history, where only the fact remains that something was done. Tombstones of merges are not
in the bin: they go with their winner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, false, func, null, or_, select, update

from shared import clock, events, queue, search
from shared.config import Settings
from shared.database import Database, session_scope
from shared.errors import Conflict, Invalid
from shared.events import SYSTEM, Actor, Target, Work
from shared.models import (
    Attendee,
    BulkChange,
    BulkItem,
    CustomValue,
    Deal,
    DeliveryState,
    Event,
    EventTarget,
    FieldDefinition,
    ImportJob,
    ImportRow,
    Meeting,
    Merge,
    MergedRecord,
    WebhookDelivery,
    Workspace,
)
from shared.records import removed_fields, uploads, verbs
from shared.records.keys import fold
from shared.records.pointers import POINTERS
from shared.records.types import TYPES, RecordType
from shared.schemas.ids import LARGEST_ID
from shared.tenancy import EVERY_WORKSPACE, TenantSession

#: What can be in the bin, in the order of the filter.
BINNED = ("company", "contact", "deal", "task", "note", "meeting", "pipeline", "tag")
#: In one request, or one round of the sweep.
MOST = 500
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
#: A job that removes files looks at so many purges; each sends one.
_PURGES = 50

#: Where a name is looked for; folded where the column is.
_NAMED = {"contact": "name_key", "company": "name_key", "note": "body", "task": "title", "meeting": "title"}
_FOLDED = frozenset({"contact", "company"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the bin: a type, deleted by whom, at what time, with which words in the name."""

    type: str = ""
    user_id: int | None = None
    since: datetime | None = None
    before: datetime | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class Binned:
    """A deleted record. `user_id` and `actor` say who did it, if that is known."""

    type: str
    row: Any
    name: str
    deleted_at: datetime
    user_id: int | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Binned]
    next_cursor: str | None


@dataclass(slots=True)
class Purged:
    """What was deleted for good, by type; `files` (SHA-256) may be removed once that is committed."""

    counts: Counter[str] = field(default_factory=Counter)
    ids: dict[str, list[int]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


# ------------------------------------------------------------------------------------------------------------- reading


def page(session: TenantSession, asked: Asked, *, cursor: str | None = None, limit: int = 50) -> Page:
    """Deleted records of all types, the last deleted first. Raises Invalid for a cursor of something else."""
    after = _place(cursor) if cursor else None
    found: list[tuple[datetime, str, int]] = []
    for type_name in _types(asked):
        query = _deleted(type_name, asked)
        model = TYPES[type_name].model
        if after is not None:
            query = query.where(_after(model, type_name, *after))
        for id, at in session.execute(query.limit(limit + 1)):
            found.append((at, type_name, id))
    found.sort(key=lambda entry: (-entry[0].timestamp(), BINNED.index(entry[1]), -entry[2]))
    shown = found[:limit]
    more = _cursor(*shown[-1]) if len(found) > limit else None
    return Page(_filled(session, [(type_name, id) for _, type_name, id in shown]), more)


def count(session: TenantSession, asked: Asked) -> int:
    """How many there are."""
    queries = [_deleted(type_name, asked).order_by(None).subquery() for type_name in _types(asked)]
    return sum(session.scalar(select(func.count()).select_from(query)) or 0 for query in queries)


def counts(session: TenantSession, asked: Asked) -> dict[str, int]:
    """How many there are of each type; of types without any nothing."""
    found = {type_name: count(session, replace(asked, type=type_name)) for type_name in _types(asked)}
    return {type_name: n for type_name, n in found.items() if n}


def load(session: TenantSession, targets: Iterable[Target]) -> list[Binned]:
    """These records, as far as they are in the bin."""
    wanted = [(type_name, id) for type_name, id in dict.fromkeys(targets) if type_name in BINNED]
    return _filled(session, wanted)


def _types(asked: Asked) -> Sequence[str]:
    if asked.type and asked.type not in BINNED:
        return ()
    return (asked.type,) if asked.type else BINNED


def _deleted(type_name: str, asked: Asked) -> Select[Any]:
    model = TYPES[type_name].model
    # A range, where SQLite uses its index; for IS NOT NULL it would read everything that was never deleted.
    deleted = model.deleted_at > _BEGINNING
    query = select(model.id, model.deleted_at).where(deleted, ~_is_tombstone(model, type_name))
    if asked.since is not None:
        query = query.where(model.deleted_at >= asked.since)
    if asked.before is not None:
        query = query.where(model.deleted_at < asked.before)
    if asked.user_id is not None:
        query = query.where(_was_by(model, type_name, asked.user_id))
    if words := asked.q.strip():
        column = getattr(model, _NAMED.get(type_name, "name"))
        said = fold(words) if type_name in _FOLDED else words
        query = query.where(column.icontains(said, autoescape=True))
    return query.order_by(model.deleted_at.desc(), model.id.desc())


def _is_tombstone(model: Any, type_name: str) -> ColumnElement[bool]:
    return exists().where(MergedRecord.record_type == type_name, MergedRecord.record_id == model.id)


def _was_by(model: Any, type_name: str, user_id: int) -> ColumnElement[bool]:
    return exists().where(
        EventTarget.workspace_id == model.workspace_id,
        EventTarget.target_type == type_name,
        EventTarget.target_id == model.id,
        Event.id == EventTarget.event_id,
        Event.kind == f"{type_name}.deleted",
        Event.user_id == user_id,
    )


def _filled(session: TenantSession, targets: Sequence[Target]) -> list[Binned]:
    by_type: dict[str, list[int]] = {}
    for type_name, id in targets:
        by_type.setdefault(type_name, []).append(id)
    rows: dict[Target, Any] = {}
    who: dict[Target, tuple[int | None, str]] = {}
    for type_name, ids in by_type.items():
        model = TYPES[type_name].model
        query = select(model).where(model.id.in_(ids), model.deleted_at.is_not(None), ~_is_tombstone(model, type_name))
        rows |= {(type_name, row.id): row for row in session.scalars(query)}
        deeds = (
            select(EventTarget.target_id, Event.user_id, Event.actor)
            .join(Event, Event.id == EventTarget.event_id)
            .where(EventTarget.target_type == type_name, EventTarget.target_id.in_(ids))
            .where(Event.kind == f"{type_name}.deleted")
            .order_by(Event.id)
        )
        who |= {(type_name, id): (user_id, actor) for id, user_id, actor in session.execute(deeds)}
    return [
        Binned(target[0], row, TYPES[target[0]].title(row), row.deleted_at, *who.get(target, (None, "")))
        for target in targets
        if (row := rows.get(target)) is not None
    ]


def _after(model: Any, type_name: str, at: datetime, after_type: str, after_id: int) -> ColumnElement[bool]:
    """Further down than this place."""
    mine, theirs = BINNED.index(type_name), BINNED.index(after_type)
    at_once: ColumnElement[bool] = false()
    if mine > theirs:
        at_once = model.deleted_at == at
    elif mine == theirs:
        at_once = and_(model.deleted_at == at, model.id < after_id)
    return and_(model.deleted_at <= at, or_(model.deleted_at < at, at_once))


def _cursor(at: datetime, type_name: str, id: int) -> str:
    return f"{at.astimezone(UTC).isoformat()}~{type_name}~{id}"


def _place(cursor: str) -> tuple[datetime, str, int]:
    try:
        moment, type_name, id = cursor.split("~")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or type_name not in BINNED or not 0 < int(id) <= LARGEST_ID:
            raise ValueError
    except (ValueError, OverflowError):
        raise Invalid.field("cursor", "This is not a place in the bin. Start again without it.") from None
    return at, type_name, int(id)


# ----------------------------------------------------------------------------------------------------------- restoring


def restore(session: TenantSession, entries: Sequence[Binned], *, by: Actor) -> None:
    """Take the deletions back."""
    for entry in entries:
        verbs.restore(session, entry.row, by=by)


# ---------------------------------------------------------------------------------------------------- deleting for good


def purge(session: TenantSession, entries: Sequence[Binned], *, by: Actor) -> Purged:
    """Delete records from the bin for good, unless somebody has taken one out of it meanwhile; the audit log keeps one
    fact. Raises Conflict for a pipeline in use."""
    done, entries = Purged(), _locked(session, entries)
    for entry in entries:
        _purge(session, TYPES[entry.type], entry.row, done)
    for type_name, ids in done.ids.items():
        _forget_changes(session, type_name, ids)
    if done.counts:
        data = {"counts": dict(done.counts), "records": [[e.type, e.row.id] for e in entries][:MOST]}
        _record(session, done, data, by)
    return done


def _locked(session: TenantSession, entries: Sequence[Binned]) -> list[Binned]:
    """Those that are in the bin still, and cannot be taken out until the transaction ends."""
    held: set[Target] = set()
    for type_name in sorted({entry.type for entry in entries}):
        model = TYPES[type_name].model
        ids = [entry.row.id for entry in entries if entry.type == type_name]
        query = select(model.id).where(model.id.in_(ids), model.deleted_at.is_not(None)).order_by(model.id)
        held |= {(type_name, id) for id in session.scalars(query.with_for_update())}
    return [entry for entry in entries if (entry.type, entry.row.id) in held]


def purge_next(session: TenantSession, asked: Asked, *, by: Actor, limit: int) -> tuple[int, bool]:
    """Delete the next few of these for good, pipelines that deals stand in left out. Returns (how many, whether these
    were the last)."""
    cursor: str | None = None
    while True:
        found = page(session, asked, cursor=cursor, limit=limit)
        entries = [entry for entry in found.items if not _is_in_use(session, entry)]
        cursor = found.next_cursor
        if entries or cursor is None:
            gone = purge(session, entries, by=by).ids
            return sum(entry.row.id in gone.get(entry.type, ()) for entry in entries), cursor is None


def _record(session: TenantSession, done: Purged, data: dict[str, Any], by: Actor) -> None:
    """The fact, without the names; files go after the commit."""
    work = None
    if done.files:
        data["files"] = sorted(done.files)
        work = Work(queue.REMOVE_FILES, (session.workspace_id,), f"remove-files-{session.workspace_id}")
    events.record(session, "bin.purged", by=by, data=data, work=work)


def _purge(session: TenantSession, kind: RecordType, row: Any, done: Purged) -> None:
    id, model = row.id, kind.model
    if kind.name == "pipeline" and session.scalar(select(Deal.id).where(Deal.pipeline_id == id).limit(1)) is not None:
        raise Conflict(f"The pipeline “{kind.title(row)}” still has deals, deleted ones perhaps. Nothing was deleted.")
    if kind.name == "meeting" and row.file_sha256:
        done.files.add(row.file_sha256)
    merged = select(MergedRecord.record_id).where(MergedRecord.record_type == kind.name, MergedRecord.winner_id == id)
    tombs = session.scalars(select(model).where(model.id.in_(merged.scalar_subquery()))).all()
    _blank_history(session, (kind.name, id), [tomb.id for tomb in tombs])
    for tomb in tombs:
        _purge(session, kind, tomb, done)
    search.remove(session, kind.name, id)
    if kind.name == "contact":  # whoever spoke stays a speaker
        seats = update(Attendee).where(Attendee.contact_id == id, Attendee.speaker.is_not(None))
        session.execute(seats.values(contact_id=None).execution_options(synchronize_session=False))
    for statement in _of_record(kind.name, id):
        session.execute(statement.execution_options(synchronize_session=False))
    session.expunge(row)
    gone = delete(model).where(model.id == id, model.deleted_at.is_not(None))
    result: Any = session.execute(gone.execution_options(synchronize_session=False))
    done.counts[kind.name] += result.rowcount
    done.ids.setdefault(kind.name, []).append(id)


def _of_record(type_name: str, id: int) -> Iterator[Any]:
    """Statements for what no foreign key cleans up."""
    yield delete(Merge).where(Merge.record_type == type_name, Merge.winner_id == id)
    definitions = select(FieldDefinition.id).where(FieldDefinition.record_type == type_name)
    yield delete(CustomValue).where(CustomValue.record_id == id, CustomValue.definition_id.in_(definitions))
    for pointer in POINTERS:
        if not pointer.kind or pointer.place in ("event.record_id", "merge.winner_id"):
            continue
        model = pointer.model
        here = [getattr(model, pointer.column) == id, getattr(model, pointer.kind) == type_name]
        if pointer.table.c[pointer.column].nullable:
            yield update(model).where(*here).values({pointer.column: None})
        else:
            yield delete(model).where(*here)


def _forget_changes(session: TenantSession, type_name: str, ids: Sequence[int]) -> None:
    """What imports and changes of many remember of these records: once for all, no index serves it."""
    of_many = select(BulkChange.id).where(BulkChange.record_type == type_name)
    items = delete(BulkItem).where(BulkItem.record_id.in_(ids), BulkItem.change_id.in_(of_many))
    jobs = select(ImportJob.id).where(ImportJob.type == type_name)
    rows = update(ImportRow).where(ImportRow.record_id.in_(ids), ImportRow.job_id.in_(jobs))
    activities = select(ImportJob.id).where(ImportJob.type.in_(("email", "calendar")))
    of_files = update(ImportRow).where(
        ImportRow.record_id.in_(ids), ImportRow.match == type_name, ImportRow.job_id.in_(activities)
    )
    blank = {"values": {}, "cells": null(), "problems": null(), "before": null()}
    for statement in (items, rows.values(blank), of_files.values(blank)):
        session.execute(statement.execution_options(synchronize_session=False))


def _blank_history(session: TenantSession, target: Target, merged: Sequence[int]) -> None:
    """What was done stays known; to whom, and with which values, does not. `merged` were merged into it: what was done
    to them stands on its timeline."""
    type_name, id = target
    mine = select(EventTarget.event_id).where(EventTarget.target_type == type_name, EventTarget.target_id == id)
    facts = update(Event).where(Event.id.in_(mine), Event.record_type == type_name, Event.record_id.in_([id, *merged]))
    session.execute(facts.values(title="", data={}).execution_options(synchronize_session=False))
    about = Event.id.in_(mine) & (Event.record_type == type_name) & Event.record_id.in_([id, *merged])
    told = WebhookDelivery.event_id.in_(select(Event.id).where(about))
    waits = WebhookDelivery.state == DeliveryState.PENDING  # goes out all the same, written anew without the record
    session.execute(delete(WebhookDelivery).where(told, ~waits).execution_options(synchronize_session=False))
    session.execute(
        update(WebhookDelivery).where(told, waits).values(body=None).execution_options(synchronize_session=False)
    )


def remove_files(workspace_id: int) -> None:
    """The job: remove the files of meetings purged lately from disk, unless another meeting has the same."""
    with session_scope(workspace_id, read_only=True) as session:
        lately = select(Event.data).where(Event.kind == "bin.purged", Event.job.is_not(None)).order_by(Event.id.desc())
        digests = {digest for data in session.scalars(lately.limit(_PURGES)) for digest in data.get("files", ())}
        digests -= set(session.scalars(select(Meeting.file_sha256).where(Meeting.file_sha256.in_(digests))))
    for digest in digests:
        uploads.path_of(Settings().upload_dir, workspace_id, digest).unlink(missing_ok=True)


# ------------------------------------------------------------------------------------------------------- by itself


def sweep(database: Database) -> int:
    """Empty bins of what is older than their workspaces keep it. Returns how many records are gone."""
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        kept = session.execute(select(Workspace.id, Workspace.bin_days).where(Workspace.bin_days.is_not(None))).all()
    total = 0
    for workspace_id, days in kept:
        asked = Asked(before=clock.now() - timedelta(days=days or 0))
        with database.scope(workspace_id, read_only=True) as session:
            if not page(session, asked, limit=1).items and not _old_fields(session, asked):
                continue
        with database.scope(workspace_id) as session:
            old = [e for e in page(session, asked, limit=MOST).items if not _is_in_use(session, e)]
            total += sum(purge(session, old, by=SYSTEM).counts.values())
            for definition in _old_fields(session, asked):
                removed_fields.purge(session, definition, by=SYSTEM)
    return total


def count_old(session: TenantSession, days: int) -> int:
    """How many records and custom fields would be gone for good if nothing older than that were kept."""
    asked = Asked(before=clock.now() - timedelta(days=days))
    return count(session, asked) + len(_old_fields(session, asked))


def _old_fields(session: TenantSession, asked: Asked) -> list[FieldDefinition]:
    assert asked.before is not None
    return [one for one in removed_fields.listed(session) if one.deleted_at and one.deleted_at < asked.before]


def _is_in_use(session: TenantSession, entry: Binned) -> bool:
    in_use = select(Deal.id).where(Deal.pipeline_id == entry.row.id).limit(1)
    return entry.type == "pipeline" and session.scalar(in_use) is not None
