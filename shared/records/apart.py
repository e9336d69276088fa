"""Records that look alike and are not the same: told apart for good, until somebody takes that back.

The event of each such deed says which pairs it made and whom it took out of which group of duplicates: taking it back
needs no more. Groups that a later search replaced are left to the next search.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import delete, func, select, tuple_

from shared import clock, events
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import DistinctPair, DuplicateGroup, DuplicateMember, Event, EventTarget
from shared.records import pairing
from shared.records.pointers import MERGEABLE
from shared.records.types import TYPES
from shared.tenancy import TenantSession

_KINDS = tuple(f"{type_name}.told_apart" for type_name in MERGEABLE)


def pairs_of(session: TenantSession, type_name: str) -> set[tuple[int, int]]:
    """All pairs of a type that were told apart, the smaller id first."""
    query = select(DistinctPair.record_id, DistinctPair.other_id).where(
        DistinctPair.record_type == type_name, DistinctPair.record_id < DistinctPair.other_id
    )
    return {(one, other) for one, other in session.execute(query)}


def tell(
    session: TenantSession, type_name: str, ids: Sequence[int], *, by: Actor, only: int | None = None
) -> Event | None:
    """These records are all different; with `only`, this one differs from the others. Groups that held two of them
    lose what only they made one. Returns the event to take back; None where all of it was known.

    Raises Invalid, or NotFound for an id that is unknown.
    """
    wanted = sorted(set(ids))
    if not 2 <= len(wanted) <= pairing.GROUP:
        raise Invalid.field("ids", "Name at least two records that are not the same.")
    titles = _titles(session, type_name, wanted)
    told = pairs_of(session, type_name)
    new = [pair for pair in combinations(wanted, 2) if (only is None or only in pair) and pair not in told]
    now = clock.now()
    common = {"record_type": type_name, "user_id": by.user_id, "at": now}
    session.add_all(
        DistinctPair(**common, record_id=a, other_id=b) for one, other in new for a, b in ((one, other), (other, one))
    )
    session.flush()
    held = select(DuplicateMember.group_id).where(
        DuplicateMember.record_type == type_name, DuplicateMember.record_id.in_(wanted)
    )
    shared = session.scalars(held.group_by(DuplicateMember.group_id).having(func.count() > 1)).all()
    taken = {str(group_id): _thin_out(session, type_name, group_id) for group_id in shared}
    if not new and not any(taken.values()):
        return None
    data = {"ids": wanted, "pairs": [list(pair) for pair in new], "taken": taken}
    also = [(type_name, id) for id in wanted]
    return events.record(session, f"{type_name}.told_apart", by=by, title=titles, data=data, also=also, at=now)


def _titles(session: TenantSession, type_name: str, ids: Sequence[int]) -> str:
    """What these are called. Raises NotFound for one that is unknown."""
    if type_name not in MERGEABLE:
        raise NotFound(f"There are no duplicates of the type “{type_name}”.")
    model = TYPES[type_name].model
    rows = session.scalars(select(model).where(model.id.in_(ids)).order_by(model.id)).all()
    if missing := set(ids) - {row.id for row in rows}:
        raise NotFound(f"There is no {type_name} with id {min(missing)}.")
    return ", ".join(TYPES[type_name].title(row) for row in rows)


def _thin_out(session: TenantSession, type_name: str, group_id: int) -> list[int]:
    """Drop from a group whoever was told apart from all the others in it. Returns whom."""
    query = select(DuplicateMember.record_id).where(DuplicateMember.group_id == group_id)
    members, told = set(session.scalars(query)), pairs_of(session, type_name)
    alone = {id for id in members if all((min(id, o), max(id, o)) in told for o in members - {id})}
    gone = members if len(members - alone) < 2 else alone
    dropped = delete(DuplicateMember).where(DuplicateMember.group_id == group_id, DuplicateMember.record_id.in_(gone))
    session.execute(dropped.execution_options(synchronize_session=False))
    return sorted(gone)


# --- Taken back


def take_back(session: TenantSession, event_id: int, *, by: Actor) -> tuple[str, list[int]]:
    """They may be the same after all. Returns (type, ids). Raises NotFound, or Conflict where it was taken back."""
    event = session.get(Event, event_id)
    if event is None or event.kind not in _KINDS or "taken" not in event.data:
        raise NotFound("Nothing was told apart there.")
    type_name, ids = event.kind.partition(".")[0], list(event.data["ids"])
    both = [pair for one, other in event.data["pairs"] for pair in ((one, other), (other, one))]
    mine = (
        DistinctPair.record_type == type_name,
        DistinctPair.at == event.at,
        tuple_(DistinctPair.record_id, DistinctPair.other_id).in_(both),
    )
    if both and session.scalar(select(DistinctPair.id).where(*mine).limit(1)) is None:
        raise Conflict("This was taken back already.")
    session.execute(delete(DistinctPair).where(*mine).execution_options(synchronize_session=False))
    for group_id, gone in event.data["taken"].items():
        _put_back(session, type_name, int(group_id), gone)
    also = [(type_name, id) for id in ids]
    events.record(session, f"{type_name}.told_together", by=by, title=event.title, data={"ids": ids}, also=also)
    return type_name, ids


def _put_back(session: TenantSession, type_name: str, group_id: int, gone: Sequence[int]) -> None:
    group = session.get(DuplicateGroup, group_id)
    if group is None or group.record_type != type_name:
        return
    there = set(session.scalars(select(DuplicateMember.record_id).where(DuplicateMember.group_id == group_id)))
    model = TYPES[type_name].model
    known = set(session.scalars(select(model.id).where(model.id.in_(gone))))
    session.add_all(
        DuplicateMember(group_id=group_id, record_type=type_name, record_id=id) for id in sorted(known - there)
    )
    session.flush()


def lately(session: TenantSession, *, limit: int = 20) -> list[Event]:
    """The last deeds that can be taken back, the newest first."""
    newest = select(DistinctPair).where(DistinctPair.record_id < DistinctPair.other_id)
    pairs = session.scalars(newest.order_by(DistinctPair.id.desc()).limit(limit * 5)).all()
    if not pairs:
        return []
    about = [(pair.record_type, pair.record_id) for pair in pairs]
    found = (
        select(Event)
        .join(EventTarget, EventTarget.event_id == Event.id)
        .where(tuple_(EventTarget.target_type, EventTarget.target_id).in_(about), Event.kind.in_(_KINDS))
        .distinct()
        .order_by(Event.id.desc())
        .limit(limit * 2)
    )
    standing = {(pair.record_type, pair.at, pair.record_id, pair.other_id) for pair in pairs}
    return [event for event in session.scalars(found) if _stands(event, standing)][:limit]


def _stands(event: Event, standing: set[Any]) -> bool:
    if "taken" not in event.data:  # of an earlier version, which did not note enough
        return False
    type_name = event.kind.partition(".")[0]
    return any((type_name, event.at, one, other) in standing for one, other in event.data["pairs"])
