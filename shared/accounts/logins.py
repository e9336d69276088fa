"""Signing in, and being slow to those who guess.

Attempts are counted (`attempts`) before the password is looked at. argon2 takes tens of milliseconds, so it runs
between two short transactions, never inside one.

    count ── blocked? ─▶ TooManyRequests         (transaction 1, committed whatever comes)
      └─ verify ── wrong ─▶ Unauthorized         (no transaction, but where this attempt locks somebody out)
            └─ right ─▶ uncount, login row       (transaction 2)
                  └─ or, with a second factor, no login yet: a statement that the password was right, good for minutes,
                     and the same dance over the code, which has a counter of its own
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, bindparam, select, update

from shared import clock, events, security
from shared.accounts import attempts, second_factor
from shared.accounts.proofs import Proof
from shared.database import Database
from shared.errors import Invalid, Unauthorized
from shared.events import Actor
from shared.models import Login, User, Workspace
from shared.prepared import Prepared
from shared.tenancy import EVERY_WORKSPACE, TenantSession

LIFETIME = timedelta(days=14)
#: How long a right password waits for its code, seconds.
CODE_WITHIN_S = 10 * 60
_HALF_PURPOSE = "password-was-right"


def sign_in(
    database: Database, email: str, password: str, address: str | None, *, user_agent: str | None = None
) -> tuple[User, str | None]:
    """The user and a token for the cookie; no token while a code is wanted (`half`, then `enter_code`).

    Raises Unauthorized, or TooManyRequests saying when to try again. An unknown account, a deactivated one and a wrong
    password look and take the same.
    """
    account = email.replace("\0", "").strip().casefold()[:254]
    attempt = attempts.count(database, account, address)
    user = attempt.user
    if not security.verify_password(user.password_hash if user else None, password) or user is None:
        attempts.failed(database, attempt)
        raise Unauthorized("The e-mail address or the password is wrong.")
    with database.scope(EVERY_WORKSPACE) as session:
        attempts.uncount(session, attempt)
        session.enter(user.workspace_id)
        if user.second_factor_at is not None:
            return user, None
        token = start(session, user, address, user_agent=user_agent)
    return user, token


def half(secret_key: str, user: User) -> str:
    """A statement that this user's password was right a moment ago."""
    return security.sign(secret_key, _HALF_PURPOSE, {"user": user.id, "state": _password_state(user)})


def open_half(session: TenantSession, secret_key: str, statement: str) -> User | None:
    """Whose code is wanted; None if the statement is forged, too old, or the password has changed since.

    The session must belong to every workspace.
    """
    said = security.unsign(secret_key, _HALF_PURPOSE, statement, max_age_s=CODE_WITHIN_S)
    user = session.scalar(select(User).where(User.id == said["user"], User.is_active)) if said else None
    return user if user is not None and said is not None and said["state"] == _password_state(user) else None


def enter_code(
    database: Database, secret_key: str, user: User, code: str, address: str | None, *, user_agent: str | None = None
) -> str:
    """A token for the cookie of somebody whose password was right. Raises Unauthorized, or TooManyRequests.

    Wrong codes are counted apart from wrong passwords, so that a right password does not forgive them.
    """
    attempt = attempts.count(database, user.email, address, asked="code")
    with database.scope(EVERY_WORKSPACE) as session:
        session.enter(user.workspace_id)
        if second_factor.check(session, secret_key, user, code):
            attempts.uncount(session, attempt)
            return start(session, user, address, user_agent=user_agent)
    attempts.failed(database, attempt)
    raise Unauthorized("This code is wrong, too old, or was used before.")


def _password_state(user: User) -> str:
    return security.hash_token(f"{user.email}\n{user.password_hash or ''}")[:32]


def confirm(database: Database, user: User, password: str, address: str | None) -> None:
    """Ask a signed-in user for the password again. Raises Invalid, or TooManyRequests: this is no place to guess.

    Opens transactions of its own: call it before the request's session has written anything.
    """
    attempt = attempts.count(database, user.email, address)
    if not security.verify_password(user.password_hash, password):
        attempts.failed(database, attempt)
        raise Invalid.field("current_password", "This is not your present password.")
    with database.scope(EVERY_WORKSPACE) as session:
        attempts.uncount(session, attempt)


def start(session: TenantSession, user: User, address: str | None, *, user_agent: str | None = None) -> str:
    """A new login of a user who has proved who they are; returns the token for the cookie."""
    token, digest = security.new_token("awl")
    now = clock.wall()
    session.add(
        Login(
            workspace_id=user.workspace_id,
            user_id=user.id,
            token_hash=digest,
            created_at=now,
            expires_at=now + LIFETIME,
            address=(address or "")[:64] or None,
            user_agent=(user_agent or "")[:300] or None,
            last_used_at=now,
            last_address=(address or "")[:64] or None,
        )
    )
    events.record(session, "user.signed_in", by=Actor("user", user.id), subject=("user", user.id), title=user.name)
    return token


def _is_open(now: BindParameter[datetime] | None = None) -> tuple[ColumnElement[bool], ...]:
    return (Login.revoked_at.is_(None), Login.expires_at > (clock.wall() if now is None else now))


#: Asked by every page.
_BY_TOKEN = Prepared(
    select(Login.id, Login.last_used_at, Login.user_id, Login.workspace_id, Workspace.stamp)
    .join(Workspace, Workspace.id == Login.workspace_id)
    .where(Login.token_hash == bindparam("token_hash"), *_is_open(bindparam("now")))
)


def find(session: TenantSession, token: str) -> Proof | None:
    """What a cookie proves; None if it is unknown, expired or revoked. The session must belong to every workspace."""
    found = _BY_TOKEN.rows(session, token_hash=security.hash_token(token), now=clock.wall())
    return Proof(*found[0]) if found else None


def note_use(database: Database, login_id: int, address: str | None) -> None:
    """Write down that a login was used, in a transaction of its own: reading requests hold no write lock."""
    values = {"last_used_at": clock.wall(), "last_address": (address or "")[:64] or None}
    with database.scope(EVERY_WORKSPACE) as session:
        session.execute(update(Login).where(Login.id == login_id).values(**values))


def open_of(session: TenantSession, user: User) -> list[Login]:
    """Where a user is signed in, the latest used first."""
    query = select(Login).where(Login.user_id == user.id, *_is_open())
    return sorted(session.scalars(query), key=lambda login: login.last_used_at or login.created_at, reverse=True)


def revoke(session: TenantSession, login: Login, *, by: Actor) -> None:
    """End a login at once. Twice is once."""
    if login.revoked_at is None:
        login.revoked_at = clock.wall()
        session.flush()
        name = session.get_one(User, login.user_id).name
        events.record(session, "user.login_ended", by=by, subject=("user", login.user_id), title=name)


def sign_out(session: TenantSession, token: str) -> None:
    """End one login. An unknown token is nothing to complain about."""
    session.execute(
        update(Login)
        .where(Login.token_hash == security.hash_token(token), Login.revoked_at.is_(None))
        .values(revoked_at=clock.wall())
    )


def revoke_all(session: TenantSession, user: User, *, but: int | None = None) -> int:
    """Sign a user out everywhere, `but` in one login. Returns how many ended."""
    open_ones = update(Login).where(Login.user_id == user.id, *_is_open())
    if but is not None:
        open_ones = open_ones.where(Login.id != but)
    return len(session.scalars(open_ones.values(revoked_at=clock.wall()).returning(Login.id)).all())


def end_all(session: TenantSession, user: User, *, by: Actor, but: int | None = None) -> int:
    """`revoke_all` as something that was wished for, and stands in the audit log. Returns how many ended."""
    ended = revoke_all(session, user, but=but)
    if ended:
        data = {"logins": ended}
        events.record(session, "user.login_ended", by=by, subject=("user", user.id), title=user.name, data=data)
    return ended
