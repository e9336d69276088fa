"""Bearer tokens for scripts: shown once, kept as a hash, revoked by their owner or an admin."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, or_, select, update

from shared import clock, events, security
from shared.accounts.proofs import Proof
from shared.database import Database
from shared.events import Actor
from shared.models import ApiToken, User, Workspace
from shared.prepared import Prepared
from shared.tenancy import EVERY_WORKSPACE, TenantSession

PREFIX = "aw"
HINT_CHARS = 8


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


#: Asked by every request of a script.
_BY_SECRET = Prepared(
    select(
        ApiToken.id, ApiToken.last_used_at, ApiToken.user_id, ApiToken.workspace_id, Workspace.stamp,
        ApiToken.is_read_only,
    )
    .join(Workspace, Workspace.id == ApiToken.workspace_id)
    .where(ApiToken.token_hash == bindparam("token_hash"), ApiToken.revoked_at.is_(None))
    .where(or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > bindparam("now", type_=ApiToken.expires_at.type)))
)  # fmt: skip


def find(session: TenantSession, secret: str) -> Proof | None:
    """What a bearer secret proves; None if it is unknown, expired or revoked.

    The session must belong to every workspace.
    """
    found = _BY_SECRET.rows(session, token_hash=security.hash_token(secret), now=clock.wall())
    return Proof(*found[0]) if found else None


def note_use(database: Database, token_id: int) -> None:
    """Write down that a token was used, in a transaction of its own: reading requests hold no write lock."""
    with database.scope(EVERY_WORKSPACE) as session:
        session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=clock.wall()))


def of_all(session: TenantSession) -> dict[int, list[ApiToken]]:
    """The workspace's tokens that work, by user id, the oldest first."""
    is_good = (ApiToken.revoked_at.is_(None), or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > clock.wall()))
    found: dict[int, list[ApiToken]] = {}
    for token in session.scalars(select(ApiToken).where(*is_good).order_by(ApiToken.id)):
        found.setdefault(token.user_id, []).append(token)
    return found


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
