"""One change of many records: each through its verb with an event of its own, and taken back as a whole.

    start ─ up to 200 at once ─────────────▶ done ─ undo ─▶ undone
          └ more: job ─ batches, committed ─┘    └ more: job, batches

What was set is kept by record with what stood there before, so that taking back gives exactly that, and leaves alone
what somebody changed since. A job that is killed or sent twice goes on where the last one stopped (`parts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from sqlalchemy import func, or_, select

from shared import clock
from shared.errors import AppError, Conflict, Invalid, NotFound, Unavailable
from shared.events import Actor
from shared.models import BulkChange, BulkItem, BulkStatus
from shared.query.catalog import PREFIX
from shared.records import parts, tags
from shared.records.shifting import Shift
from shared.records.types import TYPES, jsonable, show
from shared.records.verbs import delete, restore, update
from shared.tenancy import TenantSession

Action = Literal["edit", "shift", "tag", "untag", "delete"]
#: Told apart by each record, or long: nobody sets these for many.
_ALONE = frozenset(
    ("name", "first_name", "last_name", "emails", "phones", "links", "contacts", "contact_ids", "user_ids", "tags",
     "body", "description", "external_id", "domain")
)  # fmt: skip
#: Records changed while the person waits; more are a job.
AT_ONCE = 200
MOST = 500_000
_BATCH = 25  # the write lock of SQLite is held for a tenth of a second
_AT_A_TIME = 5_000  # ids in one statement
#: What a verb sets beside what it was asked to: a stage closes a deal, a status completes a task.
_FOLLOWS = frozenset({"closed_at", "completed_at", "due_at", "due_date", "currency", "lost_reason"})
_PEOPLE = ("created_by_id", "owner_id", "author_id", "assignee_id")


def is_alone(type_name: str, field: str) -> bool:
    """Whether a field is each record's own matter, and not to be set for many."""
    return field in _ALONE or (field == "title" and type_name != "contact")


def start(
    session: TenantSession,
    type_name: str,
    ids: Sequence[int],
    action: Action,
    values: dict[str, Any],
    *,
    by: Actor,
    only_own: bool,
) -> BulkChange:
    """Change records, now or by a job. `values` are an edit's data, `{"tags": […]}` to add or take off, or a `Shift`.

    `only_own` leaves alone what the user neither made nor owns. Raises Invalid for nothing, or too many.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise Invalid("Select records first.")
    must_be_few(wanted)
    change = BulkChange(
        user_id=by.user_id, record_type=type_name, action=action, ids=wanted, total=len(wanted),
        data={"values": jsonable(_plain(values)), "only_own": only_own, "actor": by.kind},
    )  # fmt: skip
    session.add(change)
    session.flush()
    if action == "edit":
        try_one(session, type_name, wanted, change.data["values"], by=by)
    elif action == "shift":
        Shift.read(session, type_name, values)
    if len(wanted) > AT_ONCE:
        _send(session, change)
    else:
        _go_on(session, change, wanted)
    return change


def must_be_few(ids: Sequence[int]) -> None:
    """Raises Invalid for more than one change may be of."""
    if len(ids) > MOST:
        raise Invalid(f"At most {MOST:,} records can be changed at once. Narrow the list.")


def _plain(value: Any) -> Any:
    """Decimals as the numbers they are written as."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return str(value) if type(value).__name__ == "Decimal" else value


def try_one(
    session: TenantSession, type_name: str, ids: Sequence[int], values: dict[str, Any], *, by: Actor
) -> dict[str, list[Any]]:
    """Let an edit that no record can take be refused at once, not a thousand times later. Changes nothing.

    Returns what it would change of one of them, as `update` does.
    """
    model = TYPES[type_name].model
    row = session.scalar(select(model).where(model.id.in_(ids[:50]), model.deleted_at.is_(None)).limit(1))
    if row is None:
        return {}
    waiting = list(session.info.get("outbox", ()))
    savepoint = session.begin_nested()
    try:
        changes: dict[str, list[Any]] = jsonable(update(session, row, dict(values), by=by))
        return changes
    finally:
        savepoint.rollback()
        session.info["outbox"] = waiting


def own(session: TenantSession, type_name: str, ids: Sequence[int], user_id: int) -> int:
    """How many of the records a user made or owns: what `only_own` leaves."""
    model = TYPES[type_name].model
    is_theirs = or_(*(getattr(model, name) == user_id for name in _PEOPLE if hasattr(model, name)))
    return sum(
        session.scalar(select(func.count()).where(model.id.in_(ids[at : at + _AT_A_TIME]), is_theirs)) or 0
        for at in range(0, len(ids), _AT_A_TIME)
    )


def get(session: TenantSession, id: int, *, by: Actor) -> BulkChange:
    """One's own change of many. Raises NotFound."""
    mine = BulkChange.user_id == by.user_id, BulkChange.action.in_(get_args(Action))  # others have an undo of their own
    change = session.scalar(select(BulkChange).where(BulkChange.id == id, *mine))
    if change is None:
        raise NotFound("There is no such change.")
    return change


def to_take_back(session: TenantSession, id: int, action: str) -> BulkChange:
    """What an action with an undo of its own kept of itself. Raises NotFound, or Conflict where it was taken back."""
    kept = session.get(BulkChange, id, with_for_update=True, populate_existing=True)
    if kept is None or kept.action != action:
        raise NotFound("There is no such change.")
    if kept.status is BulkStatus.UNDONE:
        raise Conflict("This was taken back already.")
    return kept


def undo(session: TenantSession, change: BulkChange) -> None:
    """Take it back, now or by a job. Raises Conflict while it runs, or where it was taken back."""
    locked = parts.locked(session, change.id)
    if locked.status is BulkStatus.RUNNING:
        raise Conflict("This is still under way. Take it back when it is done.")
    if locked.status is not BulkStatus.DONE:
        raise Conflict("This was taken back already.")
    locked.status, locked.position, locked.failed = BulkStatus.UNDOING, 0, 0
    session.flush()
    if locked.changed > AT_ONCE:
        _send(session, locked)
    else:
        _take_back(session, locked, locked.changed)


def stop(session: TenantSession, change: BulkChange) -> None:
    """Leave the records alone that were not come to yet; what was changed stays, and can be taken back."""
    locked = parts.locked(session, change.id)
    if locked.status is BulkStatus.RUNNING:
        locked.status = BulkStatus.DONE
        session.flush()


def resume(session: TenantSession, change: BulkChange) -> None:
    """Send the job again, where it was given up."""
    if change.status in parts.UNDER_WAY:
        _send(session, change)


def _send(session: TenantSession, change: BulkChange) -> None:
    parts.send(session, change, "records.changing", title=change.record_type)


def run(workspace_id: int, change_id: int) -> None:
    """The job: batch after batch until all are done or taken back."""
    ids: list[int] = []  # read once: half a million take 35 ms, a batch of changes 60 to 100

    def part(session: TenantSession, change: BulkChange) -> None:
        if change.status is BulkStatus.UNDOING:
            _take_back(session, change, _BATCH)
            return
        if not ids:
            ids.extend(change.ids)
        _go_on(session, change, ids[change.position : change.position + _BATCH])

    parts.run(workspace_id, change_id, part)


# --- Doing it


def _go_on(session: TenantSession, change: BulkChange, ids: Sequence[int]) -> None:
    """The next records, in order."""
    model = TYPES[change.record_type].model
    # Locked, in order: somebody who edits one of them meanwhile waits, rather than that the whole batch is stale.
    found = select(model).where(model.id.in_(ids)).order_by(model.id).with_for_update()
    rows = {row.id: row for row in session.scalars(found.execution_options(populate_existing=True))}
    for id in ids:
        _one(session, change, rows.get(id))
    change.position += len(ids)
    if change.position >= change.total:
        change.status = BulkStatus.DONE
    session.flush()


def _one(session: TenantSession, change: BulkChange, row: Any | None) -> None:
    if row is None or row.deleted_at is not None:
        change.failed += 1
        return
    if change.data["only_own"] and change.user_id not in {getattr(row, name, None) for name in _PEOPLE}:
        change.skipped += 1
        return
    try:
        with session.begin_nested():
            sides = _act(session, change, row)
    except Unavailable:  # of the database, not of this record: the whole batch is tried again
        raise
    except AppError as error:
        change.failed += 1
        change.reason = change.reason or error.detail[:300]
        return
    if sides is not None:
        before, after = sides
        session.add(BulkItem(change_id=change.id, record_id=row.id, before=before, after=after))
        change.changed += 1


def _act(session: TenantSession, change: BulkChange, row: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Change one record. Returns what it set, before and after; None where it was so already."""
    by, values = parts.actor(change), change.data["values"]
    if change.action == "delete":
        delete(session, row, by=by)
        return {}, {"deleted_at": jsonable(row.deleted_at)}
    if change.action == "shift":
        values = Shift.read(session, change.record_type, values).of(session, row)
    elif change.action != "edit":
        values = {"tags": _tags(session, change, row)}
    changes = update(session, row, dict(values), by=by)
    asked = {*values, *_FOLLOWS, *(f"{PREFIX}{key}" for key in values.get("custom", ()))}
    kept = {name: sides for name, sides in changes.items() if name in asked}
    if not kept:
        return None
    return {name: sides[0] for name, sides in kept.items()}, {name: sides[1] for name, sides in kept.items()}


def _tags(session: TenantSession, change: BulkChange, row: Any) -> list[str]:
    carried = tags.of(session, change.record_type, [row.id]).get(row.id, [])
    given = list(change.data["values"]["tags"])
    keys = {tags.key_of(name) for name in given}
    kept = [name for name in carried if tags.key_of(name) not in keys]
    return kept if change.action == "untag" else [*kept, *given]


# --- Taking it back


def _take_back(session: TenantSession, change: BulkChange, count: int) -> None:
    """The next ones of what was changed, the last first."""
    items = select(BulkItem).where(BulkItem.change_id == change.id).order_by(BulkItem.id.desc())
    batch = session.scalars(items.offset(change.position).limit(count)).all()
    for item in batch:
        _restore(session, change, item)
    change.position += len(batch)
    if len(batch) < count or change.position >= change.changed:
        change.status, change.undone_at = BulkStatus.UNDONE, clock.now()
    session.flush()


def _restore(session: TenantSession, change: BulkChange, item: BulkItem) -> None:
    row = session.get(TYPES[change.record_type].model, item.record_id, with_for_update=True, populate_existing=True)
    try:
        with session.begin_nested():
            if row is None or not _is_as_left(session, row, item):
                raise Conflict("This was changed since.")
            if change.action == "delete":
                restore(session, row, by=parts.actor(change))
            else:
                update(session, row, _data(item.before), by=parts.actor(change))
    except Unavailable:
        raise
    except AppError:
        change.failed += 1


def _is_as_left(session: TenantSession, row: Any, item: BulkItem) -> bool:
    """Whether a record still says what the change set."""
    if "deleted_at" in item.after:
        return bool(jsonable(row.deleted_at) == item.after["deleted_at"])
    if row.deleted_at is not None:
        return False
    now = show(session, row)
    custom = now.get("custom", {})
    return all(
        (custom.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else now.get(name)) == value
        for name, value in item.after.items()
    )


def _data(before: dict[str, Any]) -> dict[str, Any]:
    """What stood there, as a verb is given it."""
    data: dict[str, Any] = {name: value for name, value in before.items() if not name.startswith(PREFIX)}
    custom = {name.removeprefix(PREFIX): value for name, value in before.items() if name.startswith(PREFIX)}
    return data | ({"custom": custom} if custom else {})
