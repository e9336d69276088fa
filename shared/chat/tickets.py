"""How a browser that is signed in to the CRM proves itself to the chatbot, which has no cookie of its own.

A ticket is fetched from the CRM, travels in the first frame (never in an address, which proxies log) and works once,
within a minute. What it stands for is a login: when that ends, so do its unused tickets and its open sockets. Where a
proxy breaks websockets, a ticket is exchanged for a session, a signed statement that is checked against the login each
time it is used.

    CRM: issue ─ticket─▶ browser ─hello─▶ chatbot: redeem ─▶ Holder ─ every question ─▶ standing ─▶ User
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update

from shared import clock, security
from shared.database import Database
from shared.errors import Unauthorized
from shared.models import ChatTicket, Login, User
from shared.tenancy import EVERY_WORKSPACE, TenantSession

LIFETIME_S = 60
SESSION_PURPOSE = "chat-session"
SESSION_LIFETIME_S = 12 * 60 * 60


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a ticket let in, and through which login. Without a login (a script) only the user is looked at."""

    workspace_id: int
    user_id: int
    login_id: int | None = None


def issue(session: TenantSession, user: User, *, login_token: str | None = None) -> str:
    """A new ticket; only its hash is stored. Raises Unauthorized if the login has ended meanwhile."""
    now = clock.wall()
    login_id = None
    if login_token is not None:
        mine = (Login.user_id == user.id, Login.token_hash == security.hash_token(login_token), _is_open())
        login_id = session.scalar(select(Login.id).where(*mine))
        if login_id is None:
            raise Unauthorized("Sign in to go on.")
    session.execute(delete(ChatTicket).where(ChatTicket.user_id == user.id, ChatTicket.expires_at < now))
    ticket, digest = security.new_token("awt")
    session.add(
        ChatTicket(
            user_id=user.id,
            login_id=login_id,
            token_hash=digest,
            created_at=now,
            expires_at=now + timedelta(seconds=LIFETIME_S),
        )
    )
    session.flush()
    return ticket


def redeem(session: TenantSession, ticket: str) -> Holder | None:
    """Use a ticket up; None if there is no such ticket, it was used, is late, or its login or user has ended.

    One UPDATE decides, so of two that come at once one is let in. The session must belong to every workspace.
    """
    now = clock.wall()
    digest = security.hash_token(ticket)
    unused = (ChatTicket.token_hash == digest, ChatTicket.used_at.is_(None), ChatTicket.expires_at > now)
    used = session.execute(update(ChatTicket).where(*unused).values(used_at=now))
    if getattr(used, "rowcount", 0) != 1:
        return None
    row = session.execute(
        select(ChatTicket.workspace_id, ChatTicket.user_id, ChatTicket.login_id).where(ChatTicket.token_hash == digest)
    ).one()
    holder = Holder(*row)
    return holder if standing(session, holder) is not None else None


def standing(session: TenantSession, holder: Holder) -> User | None:
    """The holder as they are now; None if they were deactivated, moved, or have signed out."""
    user = session.scalar(
        select(User).where(User.id == holder.user_id, User.workspace_id == holder.workspace_id, User.is_active)
    )
    if user is None or holder.login_id is None:
        return user
    is_open = session.scalar(select(Login.id).where(Login.id == holder.login_id, _is_open()))
    return user if is_open is not None else None


def lapsed(session: TenantSession, holders: Iterable[Holder]) -> set[Holder]:
    """Those who may not stay: two queries, however many sockets are open. The session is of every workspace."""
    asked = set(holders)
    logins = {holder.login_id for holder in asked if holder.login_id is not None}
    users = {holder.user_id for holder in asked}
    active = select(User.id, User.workspace_id).where(User.id.in_(users), User.is_active)
    still_here = {(int(user), int(workspace)) for user, workspace in session.execute(active)}
    still_open = set(session.scalars(select(Login.id).where(Login.id.in_(logins), _is_open()))) if logins else set()
    return {
        holder
        for holder in asked
        if (holder.user_id, holder.workspace_id) not in still_here
        or (holder.login_id is not None and holder.login_id not in still_open)
    }


def session_token(secret_key: str, holder: Holder) -> str:
    """A session: what a browser shows with each request of the fallback, in place of one-use tickets."""
    said = {"workspace": holder.workspace_id, "user": holder.user_id, "login": holder.login_id}
    return security.sign(secret_key, SESSION_PURPOSE, said)


def from_session(secret_key: str, token: str) -> Holder | None:
    """Whose session this is; whether they may still be let in, `standing` says."""
    said = security.unsign(secret_key, SESSION_PURPOSE, token, max_age_s=SESSION_LIFETIME_S)
    return Holder(said["workspace"], said["user"], said["login"]) if said else None


def sweep(database: Database) -> int:
    """Drop tickets of more than an hour ago. Returns how many."""
    old = ChatTicket.expires_at < clock.wall() - timedelta(hours=1)
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        ids = list(session.scalars(select(ChatTicket.id).where(old).limit(500)))
    if ids:
        with database.scope(EVERY_WORKSPACE) as session:
            session.execute(delete(ChatTicket).where(ChatTicket.id.in_(ids)))
    return len(ids)


def _is_open() -> ColumnElement[bool]:
    """Of a login: neither ended nor run out."""
    return ~or_(Login.revoked_at.is_not(None), Login.expires_at <= clock.wall())
