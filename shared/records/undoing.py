"""Taking back one change of a record, as its event remembers it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from shared.errors import Conflict, NotFound
from shared.events import Actor
from shared.models import Event
from shared.query.catalog import PREFIX
from shared.records.types import show, type_of
from shared.records.verbs import update
from shared.tenancy import TenantSession


def latest_event(session: TenantSession, row: Any) -> int | None:
    """The id of the newest event about a record itself, to take back what was just done."""
    mine = select(Event.id).where(Event.record_type == type_of(row).name, Event.record_id == row.id)
    return session.scalar(mine.order_by(Event.id.desc()).limit(1))


def take_back(session: TenantSession, row: Any, event_id: int, names: Collection[str], *, by: Actor) -> dict[str, Any]:
    """Give fields the values they had before an event. Returns the changes.

    Raises NotFound where the event is not about these fields of this record, Conflict where they changed since.
    """
    event = session.get(Event, event_id)
    kind = type_of(row)
    changes = event.data.get("changes", {}) if event is not None else {}
    told = {name: changes[name] for name in names if name in changes}
    if event is None or (event.record_type, event.record_id) != (kind.name, row.id) or not told:
        raise NotFound("There is no such change of this record.")
    now = show(session, row)
    if any(_value(now, name) != after for name, (_before, after) in told.items()):
        raise Conflict("This was changed again since; nothing was taken back.")
    data: dict[str, Any] = {}
    for name, (before, _after) in told.items():
        if name.startswith(PREFIX):
            data.setdefault("custom", {})[name.removeprefix(PREFIX)] = before
        else:
            data[name] = before
    return update(session, row, data, by=by)


def _value(shown: dict[str, Any], name: str) -> Any:
    return shown["custom"].get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else shown.get(name)
