"""The board: where a card stands in its column, and what moving it there writes.

A place is a float between those of the neighbours, so a move writes one row. Between the same two cards that goes well
about fifty times; then the column is numbered anew by one statement. Places are not content: they change neither a
deal's version nor when it was last changed, so that whoever edits it is not disturbed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, select, tuple_, update
from sqlalchemy.orm.attributes import set_committed_value

from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import Deal, Event, Stage
from shared.records import verbs
from shared.records.types import show
from shared.tenancy import TenantSession

#: What moving to another stage changes, and taking the move back restores.
_MOVED = ("stage_id", "closed_at", "lost_reason")


def place(
    session: TenantSession,
    deal: Deal,
    stage_id: int,
    *,
    by: Actor,
    after: int | None = None,
    before: int | None = None,
    rank: float | None = None,
    expecting: int | None = None,
    lost_reason: str | None = None,
) -> Event | None:
    """Put a deal into a stage, between the cards `after` (above it) and `before` (below it), or at a known `rank`.

    Cards that are elsewhere by now do not count; without any it comes first. Returns the event of the move, None where
    the stage stays. Raises Conflict for a stale version, Invalid for a stage that is gone.
    """
    if expecting is not None and deal.version != expecting:
        raise Conflict("Somebody else moved or changed this deal meanwhile.", current=show(session, deal))
    event = None
    if session.get(Stage, stage_id) is None:
        raise Invalid.field("stage_id", "This stage is no longer there.")
    if stage_id != deal.stage_id:
        fields: dict[str, Any] = {"stage_id": stage_id}
        if lost_reason is not None:
            fields["lost_reason"] = lost_reason or None
        verbs.update(session, deal, fields, by=by, expecting=expecting)
        event = last_event(session, deal)
    if rank is None and (after is not None or before is not None):
        rank = _between(session, deal, after, before)
    if rank is not None and rank != deal.rank:
        _write_rank(session, deal, rank)
    return event


def last_event(session: TenantSession, deal: Deal) -> Event | None:
    """What happened to a deal last."""
    own = select(Event).where(Event.record_type == "deal", Event.record_id == deal.id)
    return session.scalars(own.order_by(Event.id.desc()).limit(1)).first()


def take_back(session: TenantSession, deal: Deal, event_id: int, *, rank: float | None, by: Actor) -> Event | None:
    """Undo the move an event tells of: stage, closing time and reason as they were before.

    Raises Invalid for an event that is no move of this deal, Conflict if it has moved on since.
    """
    event = session.get(Event, event_id)
    changes = event.data.get("changes", {}) if event is not None else {}
    if event is None or (event.record_type, event.record_id) != ("deal", deal.id) or "stage_id" not in changes:
        raise Invalid.field("undo", "This is no move of this deal.")
    if deal.stage_id != changes["stage_id"][1]:
        raise Conflict("This deal has moved on since.", current=show(session, deal))
    verbs.update(session, deal, {name: changes[name][0] for name in _MOVED if name in changes}, by=by)
    if rank is not None:
        _write_rank(session, deal, rank)
    return last_event(session, deal)


def _write_rank(session: TenantSession, deal: Deal, rank: float) -> None:
    session.flush()
    keep = {"rank": rank, "updated_at": Deal.updated_at}
    own = update(Deal).where(Deal.id == deal.id).values(keep)
    session.execute(own, execution_options={"synchronize_session": False})
    set_committed_value(deal, "rank", rank)


def _between(session: TenantSession, deal: Deal, after: int | None, before: int | None) -> float | None:
    """A rank below one card and above another; None where neither is in the column."""
    for is_last in (False, True):
        low, high = _neighbours(session, deal, after, None if is_last and after is not None else before)
        if low is None and high is None:
            return None
        if low is None or high is None:
            return high - 1.0 if low is None and high is not None else (low or 0.0) + 1.0
        middle = (low + high) / 2
        if low < middle < high:
            return middle
        _number_anew(session, deal.stage_id)
    return middle


def _neighbours(
    session: TenantSession, deal: Deal, after: int | None, before: int | None
) -> tuple[float | None, float | None]:
    """The ranks to stand between. Of one card alone the other is whatever follows, or precedes, in the whole column."""
    others = select(Deal.rank, Deal.id).where(
        Deal.stage_id == deal.stage_id, Deal.id != deal.id, Deal.deleted_at.is_(None)
    )
    wanted = [id for id in (after, before) if id is not None]
    known = {id: rank for rank, id in session.execute(others.where(Deal.id.in_(wanted)))}
    low, high = known.get(after or 0), known.get(before or 0)
    key = tuple_(Deal.rank, Deal.id)
    if low is not None and high is None:
        following = others.where(key > (low, after)).order_by(Deal.rank, Deal.id).limit(1)
        high = _rank_of(session.execute(following).first())
    elif high is not None and low is None:
        preceding = others.where(key < (high, before)).order_by(Deal.rank.desc(), Deal.id.desc()).limit(1)
        low = _rank_of(session.execute(preceding).first())
    return low, high


def _rank_of(row: Row[float, int] | None) -> float | None:
    return None if row is None else row[0]


def _number_anew(session: TenantSession, stage_id: int) -> None:
    """1, 2, 3 … down the column."""
    place = func.row_number().over(order_by=(Deal.rank, Deal.id)).label("place")
    numbered = select(Deal.id.label("deal"), place).where(Deal.stage_id == stage_id).subquery()
    anew = update(Deal).where(Deal.id == numbered.c.deal).values(rank=numbered.c.place, updated_at=Deal.updated_at)
    session.execute(anew, execution_options={"synchronize_session": False})
