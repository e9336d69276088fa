"""One-time links by which a new colleague sets a first password, or somebody a forgotten one.

There is no mail server here: an admin copies the link and hands it over. Of each user there is at most one: a new link
ends the one before. It lasts a week, and any change of the password or of the address ends it too.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from shared import clock, events, security
from shared.events import Actor
from shared.models import PasswordLink, User
from shared.tenancy import TenantSession

LIFETIME = timedelta(days=7)


def create(session: TenantSession, user: User, *, by: Actor) -> str:
    """The token of a new link, which is not kept."""
    drop(session, user)
    token, digest = security.new_token("awp")
    now = clock.wall()
    link = PasswordLink(
        workspace_id=user.workspace_id,
        user_id=user.id,
        token_hash=digest,
        created_at=now,
        expires_at=now + LIFETIME,
        created_by_id=by.user_id,
    )
    session.add(link)
    events.record(session, "user.link_made", by=by, subject=("user", user.id), title=user.name)
    return token


def find(session: TenantSession, token: str) -> User | None:
    """Whose link this is; None if there is no such link, it is too old, was used, withdrawn or replaced.

    The session must belong to every workspace.
    """
    query = select(User).join(PasswordLink, PasswordLink.user_id == User.id)
    is_good = (PasswordLink.token_hash == security.hash_token(token), PasswordLink.expires_at > clock.wall())
    return session.scalar(query.where(*is_good, User.is_active))


def withdraw(session: TenantSession, user: User, *, by: Actor) -> None:
    """End a link that was not used yet. Twice is once."""
    if drop(session, user):
        events.record(session, "user.link_withdrawn", by=by, subject=("user", user.id), title=user.name)


def drop(session: TenantSession, user: User) -> bool:
    """Delete the user's link; whether there was one."""
    gone = session.scalars(delete(PasswordLink).where(PasswordLink.user_id == user.id).returning(PasswordLink.id))
    return gone.first() is not None


def of_all(session: TenantSession) -> dict[int, PasswordLink]:
    """The links of the workspace by user id, the expired ones too."""
    return {link.user_id: link for link in session.scalars(select(PasswordLink))}
