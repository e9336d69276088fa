"""Emptying the bin: part after part by a job, so that it goes on when nobody watches, and whoever returns sees how far.

What goes was settled when it was confirmed: the bin as it was filtered, up to that moment. A job that is killed or sent
twice goes on where the last one stopped (`parts`), and what has not been reached when somebody stops it stays in the
bin.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shared.errors import NotFound
from shared.events import Actor
from shared.models import BulkChange, BulkStatus
from shared.records import bin as records_bin
from shared.records import parts
from shared.records.bin import Asked
from shared.records.types import jsonable
from shared.tenancy import TenantSession

#: The action of a `BulkChange` that empties the bin.
EMPTYING = "bin_emptied"
#: Deleted while the person waits; more are a job.
AT_ONCE = 100
_BATCH = 25  # SQLite lets nobody else write meanwhile


def start(session: TenantSession, asked: Asked, *, by: Actor) -> BulkChange:
    """Delete for good all that is asked for, now or by the job. `asked.before` is the moment it was confirmed."""
    total = records_bin.count(session, asked)
    emptying = BulkChange(
        user_id=by.user_id, record_type="bin", action=EMPTYING, total=total,
        data={"asked": jsonable(asdict(asked)), "actor": by.kind},
    )  # fmt: skip
    session.add(emptying)
    session.flush()
    if total <= AT_ONCE:
        _go_on(session, emptying, AT_ONCE)
    else:
        _send(session, emptying)
    return emptying


def get(session: TenantSession, id: int) -> BulkChange:
    """Raises NotFound. Whoever may empty the bin may see how far it is, whoever began it."""
    emptying = session.scalar(select(BulkChange).where(BulkChange.id == id, BulkChange.action == EMPTYING))
    if emptying is None:
        raise NotFound("There is no such change.")
    return emptying


def under_way(session: TenantSession) -> BulkChange | None:
    """The latest that is not done."""
    found = select(BulkChange).where(BulkChange.action == EMPTYING, BulkChange.status == BulkStatus.RUNNING)
    return session.scalar(found.order_by(BulkChange.id.desc()).limit(1))


def stop(session: TenantSession, emptying: BulkChange) -> None:
    """Leave the rest in the bin."""
    _end(parts.locked(session, emptying.id))
    session.flush()


def resume(session: TenantSession, emptying: BulkChange) -> None:
    """Send the job again, where it was given up."""
    if emptying.status is BulkStatus.RUNNING:
        _send(session, emptying)


def run(workspace_id: int, id: int) -> None:
    """The job: part after part until all are gone or somebody stops it."""
    parts.run(workspace_id, id, lambda session, emptying: _go_on(session, emptying, _BATCH))


def _go_on(session: TenantSession, emptying: BulkChange, limit: int) -> None:
    asked = _asked(emptying.data["asked"])
    gone, is_last = records_bin.purge_next(session, asked, by=parts.actor(emptying), limit=limit)
    emptying.position += gone
    emptying.changed = emptying.position
    if is_last:
        emptying.total = emptying.position + records_bin.count(session, asked)  # somebody else may have emptied it, too
        _end(emptying)
    session.flush()


def _end(emptying: BulkChange) -> None:
    """What was asked for may name somebody who is gone for good."""
    emptying.status, emptying.data = BulkStatus.DONE, {"actor": emptying.data["actor"]}


def _asked(kept: dict[str, Any]) -> Asked:
    moments = {name: datetime.fromisoformat(kept[name]) for name in ("since", "before") if kept[name]}
    return Asked(**kept | moments)


def _send(session: TenantSession, emptying: BulkChange) -> None:
    parts.send(session, emptying, "bin.emptying")
