"""Secret addresses of calendar feeds: shown once, kept as a hash, one of each user at a time, revoked at once.

Calendar programs send no password, so the address itself is the secret.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from shared import clock, events, security
from shared.database import Database
from shared.events import Actor
from shared.models import CalendarFeed, User
from shared.tenancy import EVERY_WORKSPACE, TenantSession

PREFIX = "awcal"
HINT_CHARS = 10
USE_NOTED_EVERY = timedelta(hours=1)


def of(session: TenantSession, user: User) -> CalendarFeed | None:
    """The user's feed that works."""
    query = select(CalendarFeed).where(CalendarFeed.user_id == user.id, CalendarFeed.revoked_at.is_(None))
    return session.scalars(query.order_by(CalendarFeed.id.desc())).first()


def create(session: TenantSession, user: User, *, by: Actor) -> str:
    """A new secret; the one before no longer works."""
    revoke(session, user, by=by)
    secret, digest = security.new_token(PREFIX)
    hint = secret[:HINT_CHARS]
    session.add(CalendarFeed(user_id=user.id, token_hash=digest, hint=hint, created_at=clock.wall()))
    session.flush()
    events.record(session, "calendar.shared", by=by, subject=("user", user.id), title=user.name, data={"hint": hint})
    return secret


def revoke(session: TenantSession, user: User, *, by: Actor) -> None:
    """End the user's feed at once. Twice is once."""
    mine = (CalendarFeed.user_id == user.id, CalendarFeed.revoked_at.is_(None))
    if session.scalar(select(CalendarFeed.id).where(*mine).limit(1)) is None:
        return
    session.execute(update(CalendarFeed).where(*mine).values(revoked_at=clock.wall()))
    events.record(session, "calendar.revoked", by=by, subject=("user", user.id), title=user.name)


def find(database: Database, secret: str) -> User | None:
    """Whose feed it is; None if unknown, revoked, or the user is deactivated. Notes that it is used, hourly at most."""
    with database.scope(EVERY_WORKSPACE) as session:
        found = session.execute(
            select(CalendarFeed, User)
            .join(User, User.id == CalendarFeed.user_id)
            .where(
                CalendarFeed.token_hash == security.hash_token(secret),
                CalendarFeed.revoked_at.is_(None),
                User.is_active,
            )
        ).one_or_none()
        if found is None:
            return None
        feed, user = found
        if feed.last_used_at is None or clock.wall() - feed.last_used_at >= USE_NOTED_EVERY:
            feed.last_used_at = clock.wall()
        session.flush()
        session.expunge(user)
        return user
