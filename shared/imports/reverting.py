"""An import taken back: what it made is deleted, what it changed gets its old values; from the last row to the first.

What somebody has changed since, or has hung something on (a note, a task, a deal), is left as it is, and the row says
so. Deleted records can be restored like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from shared import records
from shared.errors import AppError
from shared.events import Actor
from shared.imports.applying import BATCH_ROWS, hold
from shared.models import Event, EventTarget, ImportJob, ImportRow, Tagging
from shared.query.catalog import PREFIX
from shared.records import bulk, tags
from shared.records.hanging import hung_on
from shared.tenancy import TenantSession

CHANGED_SINCE = "Changed since the import; left as it is."
IN_USE = "Something was added to it since the import; left as it is."


def waiting(session: TenantSession, job_id: int) -> list[ImportRow]:
    """The next rows to take back: the last first."""
    query = select(ImportRow).where(ImportRow.job_id == job_id, ImportRow.state == "done")
    return list(session.scalars(query.order_by(ImportRow.number.desc()).limit(BATCH_ROWS)))


def revert(session: TenantSession, job: ImportJob, rows: Sequence[ImportRow], *, by: Actor) -> Counter[str]:
    """Take these rows back in this transaction. Returns how many were `reverted` and how many `kept`."""
    counts: Counter[str] = Counter()
    hold(session, job.type, [row.record_id for row in rows if row.record_id])
    own = _created(session, job.id, rows)
    new = {row.record_id for row in rows if row.result == "created" and row.record_id}
    unchanged = new - _changed_by_others(session, job, job.type, new)
    in_use = hung_on(session, job.type, unchanged)
    gone = set(bulk.delete_many(session, job.type, sorted(unchanged - in_use), by=by, why=_why(job)))
    for row in rows:
        row.state = "reverted"
        if row.result == "created":
            is_back = row.record_id in gone or _is_deleted(session, job.type, row.record_id)
            _count(counts, row, is_back, IN_USE if row.record_id in in_use else CHANGED_SINCE)
        elif row.result == "updated" and row.record_id not in own:
            _count(counts, row, _restore_values(session, job, row, by))
        for type_, id_ in row.made or ():
            _delete_made(session, job, type_, id_, by)
    session.flush()
    return counts


def _why(job: ImportJob) -> dict[str, Any]:
    return {"import_id": job.id, "reverted": True}


def _count(counts: Counter[str], row: ImportRow, is_back: bool, why_not: str = CHANGED_SINCE) -> None:
    counts["reverted" if is_back else "kept"] += 1
    if not is_back:
        row.state, row.reason = "kept", why_not


def _created(session: TenantSession, job_id: int, rows: Sequence[ImportRow]) -> set[int]:
    """Those of the rows' records that this import made itself."""
    ids = {row.record_id for row in rows if row.record_id}
    query = select(ImportRow.record_id).where(
        ImportRow.job_id == job_id, ImportRow.result == "created", ImportRow.record_id.in_(ids)
    )
    return {id_ for id_ in session.scalars(query) if id_}


def _changed_by_others(session: TenantSession, job: ImportJob, type_: str, ids: set[int]) -> set[int]:
    """Those of the records that somebody changed: a person, a script, or another import that was not taken back."""
    query = (
        select(Event.record_id, Event.actor, Event.data)
        .join(EventTarget, EventTarget.event_id == Event.id)
        .where(
            EventTarget.target_type == type_,
            EventTarget.target_id.in_(sorted(ids)),
            Event.record_type == type_,
            Event.record_id == EventTarget.target_id,
            Event.kind.in_([f"{type_}.updated", f"{type_}.merged"]),  # a winner holds more than the file gave
        )
    )
    changed: set[tuple[int, int]] = set()
    taken_back: set[tuple[int, int]] = set()
    for id_, actor, data in session.execute(query):
        why = data.get("why") or {}
        number = int(why.get("import_id") or 0) if actor == "import" else 0
        (taken_back if why.get("reverted") else changed).add((id_, number))
    return {id_ for id_, number in changed - taken_back if number != job.id}


def _is_deleted(session: TenantSession, type_: str, id_: int | None) -> bool:
    record = session.get(records.TYPES[type_].model, id_) if id_ else None
    return record is None or record.deleted_at is not None


def _restore_values(session: TenantSession, job: ImportJob, row: ImportRow, by: Actor) -> bool:
    kind = records.TYPES[job.type]
    record = session.get(kind.model, row.record_id)
    if record is None or record.deleted_at is not None or not row.before:
        return False
    changes: dict[str, list[Any]] = row.before["changes"]
    present = records.show(session, record)
    present |= {f"{PREFIX}{key}": value for key, value in present["custom"].items()}
    if any(present.get(name) != after for name, (_, after) in changes.items()):
        return False
    fields = {name: before for name, (before, _) in changes.items() if name in kind.fields.model_fields}
    fields.pop("stage", None)  # its id says it
    own = {name.removeprefix(PREFIX): before for name, (before, _) in changes.items() if name.startswith(PREFIX)}
    if own:
        fields["custom"] = own
    try:
        with session.begin_nested():
            if fields:
                records.update(session, record, fields, by=by, why=_why(job))
            if row.before.get("restored"):
                records.delete(session, record, by=by)
    except AppError:  # what it refers to is gone
        return False
    return True


def _delete_made(session: TenantSession, job: ImportJob, type_: str, id_: int, by: Actor) -> None:
    """A company or a tag that a row brought along, unless somebody uses it or has changed it."""
    record = session.get(records.TYPES[type_].model, id_)
    if record is None or record.deleted_at is not None or _changed_by_others(session, job, type_, {id_}):
        return
    if not (_is_carried(session, id_) if type_ == "tag" else hung_on(session, type_, [id_])):
        records.delete(session, record, by=by)


def _is_carried(session: TenantSession, tag_id: int) -> bool:
    for type_ in sorted(tags.TAGGED):
        model = records.TYPES[type_].model
        carried = (
            select(model.id)
            .join(Tagging, Tagging.target_id == model.id)
            .where(Tagging.tag_id == tag_id, Tagging.target_type == type_, model.deleted_at.is_(None))
        )
        if session.scalar(carried.limit(1)) is not None:
            return True
    return False
