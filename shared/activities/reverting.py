"""Taking it back: the notes, tasks and contacts that a file made are deleted, changed ones get what they said before.

What somebody has changed since stays, and its row says so. What was taken back can be dropped again and is new then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from shared import records
from shared.activities import sources
from shared.activities.staging import BATCH_ROWS
from shared.errors import AppError
from shared.events import Actor
from shared.models import ActivitySource, Event, ImportJob, ImportRow, Task, TaskStatus
from shared.records.hanging import hung_on
from shared.tenancy import TenantSession

CHANGED_SINCE = "Changed since; left as it is."


def waiting(session: TenantSession, job_id: int) -> list[ImportRow]:
    """The next rows to take back: the last first."""
    query = select(ImportRow).where(ImportRow.job_id == job_id, ImportRow.state == "done")
    return list(session.scalars(query.order_by(ImportRow.number.desc()).limit(BATCH_ROWS)))


def revert(session: TenantSession, job: ImportJob, rows: Sequence[ImportRow], *, by: Actor) -> Counter[str]:
    """Take these rows back in this transaction. Returns how many were `reverted` and how many `kept`."""
    counts: Counter[str] = Counter()
    for row in rows:
        row.state = "reverted"
        if row.result not in ("created", "updated"):
            continue
        source = _source(session, row)
        is_back = _delete(session, job, row, by) if row.result == "created" else _put_back(session, job, row, by)
        counts["reverted" if is_back else "kept"] += 1
        if not is_back:
            row.state, row.reason = "kept", CHANGED_SINCE
        elif source is not None and "task" in (row.before or {}):
            _open_task(session, job, row, source, by)
        elif source is not None and row.result == "created":
            session.execute(delete(ActivitySource).where(ActivitySource.id == source.id))
        elif source is not None and row.before:
            sources.put_back(source, row.before["source"])
        session.flush()
        for type_, id in row.made or ():
            _delete_made(session, job, type_, id, by)
    session.flush()
    return counts


def _source(session: TenantSession, row: ImportRow) -> ActivitySource | None:
    return sources.find(session, [row.values["key"]]).get(row.values["key"]) if "key" in row.values else None


def _record(session: TenantSession, row: ImportRow) -> Any:
    return session.get(records.TYPES[row.match or "note"].model, row.record_id)


def _delete(session: TenantSession, job: ImportJob, row: ImportRow, by: Actor) -> bool:
    record = _record(session, row)
    if record is not None and record.deleted_at is None:
        if _is_touched(session, job, row.match or "note", record.id):
            return False
        records.delete(session, record, by=by)
    return True


def _open_task(session: TenantSession, job: ImportJob, row: ImportRow, source: ActivitySource, by: Actor) -> None:
    """The task again that a meeting was before it was held."""
    before = row.before or {}
    source.record_type, source.record_id = "task", before["task"]
    sources.put_back(source, before["source"])
    task = session.get(Task, source.record_id)
    if task is not None and task.deleted_at is None and before["was_open"] and task.status is TaskStatus.DONE:
        why = {"import_id": job.id, "reverted": True}
        records.update(session, task, {"status": TaskStatus.OPEN}, by=by, why=why)


def _put_back(session: TenantSession, job: ImportJob, row: ImportRow, by: Actor) -> bool:
    record, before = _record(session, row), row.before or {}
    if record is None:
        return False
    try:
        with session.begin_nested():
            if before.get("deleted"):
                records.restore(session, record, by=by)
                return True
            changes: dict[str, list[Any]] = before.get("changes", {})
            present = records.show(session, record)
            if record.deleted_at is not None or any(present.get(name) != sides[1] for name, sides in changes.items()):
                return False
            old = {name: sides[0] for name, sides in changes.items()}
            records.update(session, record, old, by=by, why={"import_id": job.id, "reverted": True})
    except AppError:  # what it refers to is gone
        return False
    return True


def _is_touched(session: TenantSession, job: ImportJob, type_: str, id: int) -> bool:
    """Whether somebody changed a record: a person, a script, another file."""
    query = select(Event.actor, Event.data).where(
        Event.record_type == type_, Event.record_id == id, Event.kind == f"{type_}.updated"
    )
    return any(
        actor != "import" or (data.get("why") or {}).get("import_id") != job.id
        for actor, data in session.execute(query)
    )


def _delete_made(session: TenantSession, job: ImportJob, type_: str, id: int, by: Actor) -> None:
    """A contact that was made for a message, unless something else hangs on it or somebody has changed it."""
    record = session.get(records.TYPES[type_].model, id)
    if record is None or record.deleted_at is not None or _is_touched(session, job, type_, id):
        return
    if not hung_on(session, type_, [id]):
        records.delete(session, record, by=by)
