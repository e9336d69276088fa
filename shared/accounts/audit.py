"""The audit log: the workspace's events, filtered by who, what, which record, when and through which door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Select, or_, select

from shared.database import Database
from shared.errors import Invalid
from shared.events import Target
from shared.models import ActorKind, Event, EventTarget
from shared.tenancy import TenantSession

#: Who or what may have come in: `Event.actor`.
DOORS: tuple[str, ...] = get_args(ActorKind)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for; None and empty mean any.

    `kinds` are kinds (`deal.updated`) or groups that end in a dot (`deal.`); `record` also finds what was done to
    others and stands on its timeline. `since` is included, `until` is not.
    """

    user_id: int | None = None
    kinds: tuple[str, ...] = ()
    record: Target | None = None
    door: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(session: TenantSession, asked: Filter, *, before: int | None = None, limit: int = 50) -> list[Event]:
    """Events, newest first; `before` is the last id of the page before."""
    query = _query(session.workspace_id, asked).order_by(Event.id.desc()).limit(limit)
    return list(session.scalars(query if before is None else query.where(Event.id < before)))


def everything(database: Database, workspace_id: int, asked: Filter) -> Iterator[Event]:
    """All of them, newest first, some hundred at a time: no transaction stays open while somebody downloads."""
    before: int | None = None
    while True:
        with database.session(workspace_id, read_only=True) as session:
            found = page(session, asked, before=before, limit=_BATCH)
        yield from found
        if len(found) < _BATCH:
            return
        before = found[-1].id


def _query(workspace_id: int, asked: Filter) -> Select[Any]:
    query = select(Event).where(Event.workspace_id == workspace_id)
    if asked.record is not None:
        mine = (EventTarget.target_type == asked.record[0], EventTarget.target_id == asked.record[1])
        query = query.join(EventTarget, EventTarget.event_id == Event.id).where(*mine)
    if asked.user_id is not None:
        query = query.where(Event.user_id == asked.user_id)
    if asked.door is not None:
        if asked.door not in DOORS:
            raise Invalid.field("door", f"There is no such door. There are: {', '.join(DOORS)}.")
        query = query.where(Event.actor == asked.door)
    if asked.kinds:
        query = query.where(or_(*(_is(kind) for kind in asked.kinds)))
    if asked.since is not None:
        query = query.where(Event.at >= asked.since)
    return query if asked.until is None else query.where(Event.at < asked.until)


def _is(kind: str) -> Any:
    return Event.kind.startswith(kind, autoescape=True) if kind.endswith(".") else Event.kind == kind
