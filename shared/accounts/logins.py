"""Signing in, and being slow to those who guess.

An attempt is counted *before* the password is looked at and uncounted when it was right: a hundred parallel guesses
count a hundred, not one. The counters are rows, so a restart forgets nothing, and they run on the wall clock. argon2
takes tens of milliseconds, so it runs between two short transactions, never inside one.

    count ── blocked? ─▶ TooManyRequests         (transaction 1, committed whatever comes)
      └─ verify ── wrong ─▶ Unauthorized         (no transaction)
            └─ right ─▶ uncount, login row       (transaction 2)
                  └─ or, with a second factor, no login yet: a statement that the password was right, good for minutes,
                     and the same dance over the code, which has a counter of its own
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shared import clock, events, security
from shared.accounts import second_factor
from shared.accounts.proofs import Proof
from shared.database import Database
from shared.errors import Invalid, TooManyRequests, Unauthorized
from shared.events import Actor
from shared.models import Login, LoginAttempt, User, Workspace
from shared.prepared import Prepared
from shared.tenancy import EVERY_WORKSPACE, TenantSession

LIFETIME = timedelta(days=14)
#: How long a right password waits for its code, seconds.
CODE_WITHIN_S = 10 * 60
_HALF_PURPOSE = "password-was-right"
#: Failures older than this are forgotten.
MEMORY = timedelta(hours=24)
FIRST_BLOCK_S = 30
LONGEST_BLOCK_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures are free; each further one blocks twice as long as the one before."""

    free: int

    def block_s(self, failures: int) -> int:
        """Seconds to wait after this many failures; 0 while they are free."""
        if failures < self.free:
            return 0
        return min(LONGEST_BLOCK_S, FIRST_BLOCK_S << min(failures - self.free, 10))


PER_ACCOUNT = Limit(free=5)
PER_ADDRESS = Limit(free=20)


def sign_in(
    database: Database, email: str, password: str, address: str | None, *, user_agent: str | None = None
) -> tuple[User, str | None]:
    """The user and a token for the cookie; no token while a code is wanted (`half`, then `enter_code`).

    Raises Unauthorized, or TooManyRequests saying when to try again. An unknown account, a deactivated one and a wrong
    password look and take the same.
    """
    account = email.replace("\0", "").strip().casefold()[:254]
    user = _counted(database, account, address)
    if not security.verify_password(user.password_hash if user else None, password) or user is None:
        raise Unauthorized("The e-mail address or the password is wrong.")
    with database.scope(EVERY_WORKSPACE) as session:
        _uncount(session, account, address)
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
    account = f"code {user.email}"  # no address holds a space
    _counted(database, account, address)
    with database.scope(EVERY_WORKSPACE) as session:
        session.enter(user.workspace_id)
        if not second_factor.check(session, secret_key, user, code):
            raise Unauthorized("This code is wrong, too old, or was used before.")
        _uncount(session, account, address)
        return start(session, user, address, user_agent=user_agent)


def _password_state(user: User) -> str:
    return security.hash_token(f"{user.email}\n{user.password_hash or ''}")[:32]


def confirm(database: Database, user: User, password: str, address: str | None) -> None:
    """Ask a signed-in user for the password again. Raises Invalid, or TooManyRequests: this is no place to guess.

    Opens transactions of its own: call it before the request's session has written anything.
    """
    _counted(database, user.email, address)
    if not security.verify_password(user.password_hash, password):
        raise Invalid.field("current_password", "This is not your present password.")
    with database.scope(EVERY_WORKSPACE) as session:
        _uncount(session, user.email, address)


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


def _counted(database: Database, account: str, address: str | None) -> User | None:
    """Count an attempt, for good, and say whom it is about."""
    with database.scope(EVERY_WORKSPACE) as session:
        _count(session, account, address)
        return session.scalar(select(User).where(User.email == account, User.is_active))


def _counters(account: str, address: str | None) -> list[tuple[str, Limit]]:
    """Keys and limits, always in this order, so that two sign-ins cannot wait for each other's rows."""
    counters = [(f"account:{account}", PER_ACCOUNT)]
    return [*counters, (f"address:{address}", PER_ADDRESS)] if address else counters


def _count(session: TenantSession, account: str, address: str | None) -> None:
    now = clock.wall()
    rows = [(_locked(session, key, now), limit) for key, limit in _counters(account, address)]
    until = max((row.blocked_until for row, _ in rows if row.blocked_until and row.blocked_until > now), default=None)
    if until is not None:
        wait_s = int((until - now).total_seconds()) + 1
        raise TooManyRequests(_try_again(wait_s), retry_after_s=wait_s)
    for row, limit in rows:
        row.failures = row.failures + 1 if now - row.last_at < MEMORY else 1
        row.last_at = now
        block_s = limit.block_s(row.failures)
        row.blocked_until = now + timedelta(seconds=block_s) if block_s else None


def _locked(session: TenantSession, key: str, now: datetime) -> LoginAttempt:
    """The counter's row, locked until the transaction ends; made if it is new."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(LoginAttempt).values(key=key, failures=0, last_at=now)
    session.execute(fresh.on_conflict_do_nothing(index_elements=["key"]))
    return session.scalars(select(LoginAttempt).where(LoginAttempt.key == key).with_for_update()).one()


def _uncount(session: TenantSession, account: str, address: str | None) -> None:
    """The password was right: the account starts anew, the address gets back this one attempt.

    Not more: one good account must not buy its owner endless guesses at others. Old rows go at the same time.
    """
    for key, limit in _counters(account, address):
        row = _locked(session, key, clock.wall())
        row.failures = 0 if limit is PER_ACCOUNT else max(0, row.failures - 1)
        row.blocked_until = None
    session.flush()
    session.execute(delete(LoginAttempt).where(LoginAttempt.last_at < clock.wall() - MEMORY))


def _try_again(wait_s: int) -> str:
    minutes = -(-wait_s // 60)
    when = f"{wait_s} seconds" if wait_s <= 90 else f"{minutes} minutes"
    return f"Too many failed attempts. Try again in {when}."
