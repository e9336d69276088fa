"""What a person keeps at hand: the records with their star, and those they looked at last. Nobody else's concern."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, delete, select

from shared import clock
from shared.errors import Invalid
from shared.events import Target
from shared.models import Favourite, RecentView
from shared.prepared import Prepared
from shared.tenancy import TenantSession

_MOST_STARS = 100
#: Looks that are remembered of each person.
KEPT = 30


def star(session: TenantSession, user_id: int, target: Target, *, on: bool) -> None:
    """Put a record among somebody's favourites, or take it away."""
    mine = _of(Favourite, user_id, target)
    present = session.scalar(select(Favourite).where(*mine))
    if not on:
        session.execute(delete(Favourite).where(*mine))
    elif present is None:
        if len(starred(session, user_id)) >= _MOST_STARS:
            raise Invalid(f"There can be {_MOST_STARS} favourites at most.")
        session.add(Favourite(user_id=user_id, record_type=target[0], record_id=target[1]))
    session.flush()


def is_starred(session: TenantSession, user_id: int, target: Target) -> bool:
    return target in starred(session, user_id)


_STARRED = Prepared(
    select(Favourite.record_type, Favourite.record_id)
    .where(Favourite.user_id == bindparam("user"))
    .order_by(Favourite.id)
)


def starred(session: TenantSession, user_id: int) -> list[Target]:
    """Somebody's favourites, in the order they were starred."""

    def find() -> list[Target]:
        return [(type_, id) for type_, id in _STARRED.rows(session, user=user_id)]

    return list(session.cached(("starred", user_id), find))


def look(session: TenantSession, user_id: int, target: Target) -> None:
    """Remember that somebody looked at a record, and forget the oldest look beyond `KEPT`."""
    present = session.scalar(select(RecentView).where(*_of(RecentView, user_id, target)))
    if present is None:
        session.add(RecentView(user_id=user_id, record_type=target[0], record_id=target[1]))
    else:
        present.at = clock.now()
    session.flush()
    newest = (
        select(RecentView.id).where(RecentView.user_id == user_id).order_by(RecentView.at.desc(), RecentView.id.desc())
    )
    old = session.scalars(newest.offset(KEPT)).all()
    if old:
        session.execute(delete(RecentView).where(RecentView.id.in_(old)))


def recent(session: TenantSession, user_id: int, *, limit: int = KEPT) -> list[Target]:
    """What somebody looked at, the latest first."""
    found = select(RecentView.record_type, RecentView.record_id).where(RecentView.user_id == user_id)
    newest = found.order_by(RecentView.at.desc(), RecentView.id.desc()).limit(limit)
    return [(type_, id) for type_, id in session.execute(newest)]


def _of(model: type[Favourite | RecentView], user_id: int, target: Target) -> tuple[ColumnElement[bool], ...]:
    return (model.user_id == user_id, model.record_type == target[0], model.record_id == target[1])
