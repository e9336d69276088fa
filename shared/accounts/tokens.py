"""Bearer tokens for scripts: shown once, kept as a hash, revoked by their owner or an admin."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update

from shared import clock, events, security
from shared.database import Database
from shared.events import Actor
from shared.models import ApiToken, User
from shared.tenancy import EVERY_WORKSPACE, TenantSession

PREFIX = "aw"
HINT_CHARS = 8
#: How often a token in use is written to: the list need not be truer than this.
USE_NOTED_EVERY = timedelta(minutes=1)


def create(
    session: TenantSession,
    user: User,
    name: str,
    *,
    by: Actor,
    is_read_only: bool = False,
    lifetime: timedelta | None = None,
) -> tuple[ApiToken, str]:
    """A new token of this user and its secret, which is not kept. Without a lifetime it does not expire."""
    secret, digest = security.new_token(PREFIX)
    token = ApiToken(
        user_id=user.id,
        workspace_id=user.workspace_id,
        name=name[:100] or "API",
        token_hash=digest,
        hint=secret[:HINT_CHARS],
        is_read_only=is_read_only,
        created_at=clock.wall(),
        expires_at=clock.wall() + lifetime if lifetime else None,
    )
    session.add(token)
    session.flush()
    data = {"name": token.name, "hint": token.hint, "is_read_only": is_read_only}
    events.record(session, "token.created", by=by, subject=("user", user.id), title=user.name, data=data)
    return token, secret


def find(session: TenantSession, secret: str) -> tuple[ApiToken, User] | None:
    """Token and user of a bearer secret; None if unknown, revoked, expired, or the user is deactivated.

    The session must belong to every workspace.
    """
    row = session.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.token_hash == security.hash_token(secret),
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > clock.wall()),
            User.is_active,
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def is_use_due(token: ApiToken) -> bool:
    """Whether this use of a token should be written down."""
    return token.last_used_at is None or clock.wall() - token.last_used_at >= USE_NOTED_EVERY


def note_use(database: Database, token_id: int) -> None:
    """Write down that a token was used, in a transaction of its own: reading requests hold no write lock."""
    with database.scope(EVERY_WORKSPACE) as session:
        session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=clock.wall()))


def revoke(session: TenantSession, token: ApiToken, *, by: Actor) -> None:
    """End a token at once. Twice is once."""
    if token.revoked_at is not None:
        return
    token.revoked_at = clock.wall()
    session.flush()
    data = {"name": token.name, "hint": token.hint}
    events.record(session, "token.revoked", by=by, subject=("user", token.user_id), data=data)


def revoke_all(session: TenantSession, user: User) -> None:
    """End all tokens of a user."""
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock.wall())
    )
