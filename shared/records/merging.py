"""Several records that are one person or one company: one of them wins, everything that points at the others moves.

    lock ─▶ compare ─▶ move what points at them ─▶ write the chosen values ─▶ tombstones, former names ─▶ one event
                                 └─────────────── the journal notes it all; `undo` takes it back ──────────┘

All in the caller's transaction: a process that dies in between leaves nothing. The records are locked in order of id,
so that of two people who merge the same pair one merges and the other is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from shared import clock, events, search
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import Base, Merge
from shared.records import comparing, custom, tombstones
from shared.records.comparing import Pick
from shared.records.journal import Journal, Row, take_back, unique_keys
from shared.records.pointers import MERGEABLE, POINTERS, How, Pointer
from shared.records.types import TYPES, RecordType, jsonable
from shared.records.verbs import reindex
from shared.tenancy import TenantSession

_TABLES = Base.metadata.tables
#: More than these side by side nobody can compare.
MOST = 20


@dataclass(frozen=True, slots=True)
class Undone:
    """`kept` rows were changed or deleted after the merge and stay as they are."""

    merge: Merge
    kept: int


def load(session: TenantSession, type_name: str, ids: Sequence[int], *, lock: bool = False) -> list[Any]:
    """The records to merge, in the order asked for. Raises Invalid, NotFound, or Conflict for one that is deleted."""
    wanted = list(dict.fromkeys(ids))
    if type_name not in MERGEABLE:
        raise Invalid(f"Records of the type “{type_name}” cannot be merged.")
    if not 2 <= len(wanted) <= MOST:
        raise Invalid.field("ids", f"Choose between two and {MOST} records to merge.")
    model = TYPES[type_name].model
    query = select(model).where(model.id.in_(wanted)).order_by(model.id)
    if lock:
        session.flush()
        query = query.with_for_update().execution_options(populate_existing=True)
    found = {row.id: row for row in session.scalars(query)}
    if missing := [id for id in wanted if id not in found]:
        raise NotFound(f"There is no {type_name} with id {missing[0]}.")
    for row in found.values():
        if row.deleted_at is not None:
            raise Conflict(_why_gone(session, TYPES[type_name], row))
    return [found[id] for id in wanted]


def merge(
    session: TenantSession,
    type_name: str,
    winner_id: int,
    other_ids: Sequence[int],
    *,
    by: Actor,
    picks: Mapping[str, Pick] | None = None,
    versions: Mapping[int, int] | None = None,
) -> Merge:
    """Merge the others into the winner. `picks` say whose value a field takes, where the better one is not wanted.

    Raises Invalid, NotFound; Conflict where a record was merged, deleted, or changed since `versions` were read.
    """
    if winner_id in other_ids:
        raise Invalid.field("ids", "A record cannot be merged into itself.")
    kind = TYPES.get(type_name)
    rows = load(session, type_name, [winner_id, *other_ids], lock=True)
    assert kind is not None  # or load would have refused
    for row in rows:
        if versions and versions.get(row.id, row.version) != row.version:
            raise Conflict(f"“{kind.title(row)}” was changed meanwhile. Look at the records again.")
    winner, others = rows[0], rows[1:]
    fields = comparing.compare(type_name, rows, winner.id)
    values, chosen = comparing.columns(type_name, fields, picks or {}, winner)
    names = [(kind.title(row), row.name_key) for row in rows]
    merged = Merge(
        record_type=type_name, winner_id=winner.id, title="", at=clock.now(), user_id=by.user_id, journal=[],
        names=[{"id": row.id, "name": kind.title(row)} for row in others],
    )  # fmt: skip
    session.add(merged)
    session.flush()
    changes = {name: [getattr(winner, name), value] for name, value in values.items() if _is_news(winner, name, value)}
    if "custom" in changes:
        changes |= custom.changes(*changes.pop("custom"))
    journal = Journal(session)
    _move_all(journal, kind, winner.id, [row.id for row in others])
    if type_name == "contact":
        _tidy_contact(journal, winner.id, values["company_id"], fields, chosen)
    _write(journal, kind, winner.id, values, [row.id for row in others])
    _write_custom(session, journal, kind, winner.id, values["custom"])
    _leave_traces(journal, merged, names, str(values["name_key"]))
    merged.journal = journal.entries
    _settle(session, kind, [row.id for row in rows])
    merged.title = kind.title(winner)[:300]
    _record(session, kind, winner, merged, "merged", by, {"changes": jsonable(changes)} if changes else {})
    return merged


def undo(session: TenantSession, merge_id: int, *, by: Actor) -> Undone:
    """Give everything back. Raises NotFound, or Conflict where it was undone before or a later merge builds on it."""
    merged = session.get(Merge, merge_id, with_for_update=True, populate_existing=True)
    if merged is None:
        raise NotFound("There is no such merge.")
    kind = TYPES[merged.record_type]
    ids = [merged.winner_id, *(entry["id"] for entry in merged.names)]
    query = select(kind.model).where(kind.model.id.in_(ids)).order_by(kind.model.id).with_for_update()
    rows = {row.id: row for row in session.scalars(query.execution_options(populate_existing=True))}
    _check_undoable(session, merged, rows)
    journal = session.scalar(select(Merge.journal).where(Merge.id == merged.id)) or []
    kept = take_back(session, journal)
    merged.undone_at = clock.now()
    merged.journal = []
    _settle(session, kind, ids)
    for row in rows.values() if kept else ():  # a changed own field: its rows follow what the record says now
        custom.store(session, (kind.name, row.id), row.custom or {})
    _record(session, kind, rows[merged.winner_id], merged, "unmerged", by, {"kept": kept} if kept else {})
    return Undone(merged, kept)


def _check_undoable(session: TenantSession, merged: Merge, rows: Mapping[int, Any]) -> None:
    if merged.undone_at is not None:
        raise Conflict("This merge was undone already.")
    if len(rows) <= len(merged.names):
        raise Conflict("One of these records was deleted for good since; the merge cannot be undone.")
    again = (
        select(Merge.id)
        .where(Merge.record_type == merged.record_type, Merge.winner_id == merged.winner_id)
        .where(Merge.id > merged.id, Merge.undone_at.is_(None))
    )
    into = tombstones.winner_of(session, merged.record_type, merged.winner_id)
    if into is not None or session.scalar(again.limit(1)) is not None:
        raise Conflict(f"“{merged.title}” was merged again since. Undo the later merge first.")


# ------------------------------------------------------------------------------------------------------------- the work


def _move_all(journal: Journal, kind: RecordType, winner_id: int, other_ids: Sequence[int]) -> None:
    for pointer in POINTERS:
        if pointer.how is How.MOVED and pointer.about(kind.name):
            for id in other_ids:
                _move(journal, pointer, kind.name, winner_id, id)


def _move(journal: Journal, pointer: Pointer, type_name: str, winner_id: int, other_id: int) -> None:
    """Let rows point at the winner; what would then stand there twice is dropped."""
    table = pointer.table
    coming = journal.rows(table, *pointer.to(type_name, other_id))
    if not coming:
        return
    keys = [key for key in unique_keys(table) if pointer.column in key] + ([list(pointer.same)] if pointer.same else [])
    dropped: list[Row] = []
    if keys:
        there = _Twins(keys, pointer.column, journal.rows(table, *pointer.to(type_name, winner_id)))
        for row in coming:
            twin = there.of(row)
            if twin is None:
                there.add(row)
                continue
            dropped.append(row)
            journal.change(table, twin, **{name: row[name] for name in pointer.fills if twin[name] is None})
    journal.remove(table, dropped)
    gone = {row["id"] for row in dropped}
    moving = [row["id"] for row in coming if row["id"] not in gone]
    journal.move(table, pointer.column, moving, to=winner_id, was=other_id)


class _Twins:
    """Rows found by any of the keys that no two of a record may share, whatever `column` says."""

    def __init__(self, keys: Sequence[Sequence[str]], column: str, rows: Sequence[Row]) -> None:
        self._keys = [tuple(name for name in key if name != column) for key in keys]
        self._rows: list[Row] = []
        self._first: dict[tuple[Any, ...], int] = {}
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        for key in self._values(row):
            self._first.setdefault(key, len(self._rows))
        self._rows.append(row)

    def of(self, row: Row) -> Row | None:
        """The first that is the same as this one."""
        found = [self._first[key] for key in self._values(row) if key in self._first]
        return self._rows[min(found)] if found else None

    def _values(self, row: Row) -> Iterator[tuple[Any, ...]]:
        return ((key, *(row[name] for name in key)) for key in self._keys)


def _tidy_contact(
    journal: Journal,
    id: int,
    company_id: int | None,
    fields: Sequence[comparing.FieldChoice],
    chosen: Mapping[str, Pick],
) -> None:
    """One primary address, one primary number, one present employer; nobody twice in a meeting."""
    by_name = {field.name: field for field in fields if not field.custom}
    for table_name, name in (("contact_email", "email"), ("contact_phone", "phone")):
        table = _TABLES[table_name]
        primary = by_name[name].result(chosen[name])
        rows = sorted(journal.rows(table, table.c.contact_id == id), key=lambda row: (row["position"], row["id"]))
        main = next((row for row in rows if row[name] == primary), rows[0] if rows else None)
        for position, row in enumerate(rows):
            journal.change(table, row, is_primary=row is main, position=position)
    jobs = _TABLES["employment"]
    present = journal.rows(jobs, jobs.c.contact_id == id, jobs.c.ended_on.is_(None), jobs.c.is_primary)
    main = next((row for row in present if row["company_id"] == company_id), None)
    for row in present:
        journal.change(jobs, row, is_primary=row is main)
    attendees = _TABLES["attendee"]
    seats = journal.rows(attendees, attendees.c.contact_id == id)
    named = {row["meeting_id"] for row in seats if row["speaker"]}
    journal.remove(attendees, [row for row in seats if not row["speaker"] and row["meeting_id"] in named])


def _write(journal: Journal, kind: RecordType, winner_id: int, values: Row, other_ids: Sequence[int]) -> None:
    """The others first: an external id that only one of them has goes to the winner, and is unique."""
    table, now = kind.model.__table__, clock.now()
    rows = {row["id"]: row for row in journal.rows(table, table.c.id.in_([winner_id, *other_ids]))}
    winner, others = rows[winner_id], [rows[id] for id in other_ids]
    giver = next((row for row in others if row["external_id"]), None) if winner["external_id"] is None else None
    given = {"external_id": giver["external_id"]} if giver else {}
    for row in others:
        journal.change(table, row, deleted_at=now, **({"external_id": None} if row is giver else {}))
    journal.change(table, winner, **values, **given, updated_at=now)


def _write_custom(
    session: TenantSession, journal: Journal, kind: RecordType, winner_id: int, values: Mapping[str, Any]
) -> None:
    """The winner's own fields as rows, too; a tombstone keeps its own."""
    known = custom.definitions(session, kind.name)
    if not known:
        return
    table = _TABLES["custom_value"]
    ids = [definition.id for definition in known]
    journal.remove(table, journal.rows(table, table.c.definition_id.in_(ids), table.c.record_id == winner_id))
    rows = [row for one in known for row in custom.rows_of(one, winner_id, values.get(one.key))]
    names = [column.name for column in table.columns if column.name not in ("id", "workspace_id")]
    journal.add(table, [{name: getattr(row, name) for name in names} for row in rows])


def _leave_traces(journal: Journal, merged: Merge, names: Sequence[tuple[str, str]], now_key: str) -> None:
    """Tombstones, and the names that would be forgotten."""
    common = {"record_type": merged.record_type, "merge_id": merged.id}
    graves = [{**common, "record_id": entry["id"], "winner_id": merged.winner_id} for entry in merged.names]
    journal.add(_TABLES["merged_record"], graves)
    former = {key: name for name, key in names if key and key != now_key}
    rows = [{**common, "record_id": merged.winner_id, "name": n[:201], "name_key": k} for k, n in former.items()]
    journal.add(_TABLES["former_name"], rows)


def _settle(session: TenantSession, kind: RecordType, ids: Sequence[int]) -> None:
    """After rows were written below the session: new versions, fresh objects, the search index."""
    session.flush()
    model = kind.model
    bump = update(model).where(model.id.in_(ids)).values(version=model.version + 1, updated_at=model.updated_at)
    session.execute(bump.execution_options(synchronize_session=False))
    session.expire_all()
    for row in session.scalars(select(model).where(model.id.in_(ids)).order_by(model.id)):
        if row.deleted_at is not None:
            search.remove(session, kind.name, row.id)
        else:
            reindex(session, kind, row)
        search.mark_dependents(session, kind.name, row.id)


def _record(
    session: TenantSession, kind: RecordType, winner: Any, merged: Merge, verb: str, by: Actor, data: dict[str, Any]
) -> None:
    others = merged.names
    events.record(
        session,
        f"{kind.name}.{verb}",
        by=by,
        subject=(kind.name, winner.id),
        title=kind.title(winner),
        also=[(kind.name, entry["id"]) for entry in others] if verb == "unmerged" else (),
        data={**data, "merge_id": merged.id, "others": others},
    )


def _is_news(winner: Any, name: str, value: Any) -> bool:
    return name != "name_key" and (getattr(winner, name) or None) != (value or None)


def _why_gone(session: TenantSession, kind: RecordType, row: Any) -> str:
    into = tombstones.winner_of(session, kind.name, row.id)
    if into is None:
        return f"“{kind.title(row)}” was deleted meanwhile. Nothing was merged."
    return f"“{kind.title(row)}” was merged into another {kind.name} (id {into}) meanwhile. Nothing was merged now."
