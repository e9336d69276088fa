"""Counting who guesses at passwords and codes, and locking them out for longer and longer.

An attempt is counted *before* the secret is looked at and uncounted when it was right: a hundred parallel guesses count
a hundred, not one. The counters are rows, so a restart forgets nothing, and they run on the wall clock.

    count ─▶ Attempt ─┬─ right: uncount
                      └─ wrong: failed ─▶ "user.locked_out" in the audit log, if it was the one too many

The audit log gets an entry where a lock-out begins and where its wait grows, six at most: who goes on guessing at the
longest wait fills no log. It says whom it was about, never what was typed; an account that does not exist belongs to no
workspace, and a password may have been typed in the place of its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shared import clock, events
from shared.database import Database
from shared.errors import TooManyRequests
from shared.models import LoginAttempt, User
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession

log = get_logger(__name__)

#: Failures older than this are forgotten.
MEMORY = timedelta(hours=24)
FIRST_BLOCK_S = 30
LONGEST_BLOCK_S = 15 * 60
Asked = Literal["password", "code"]


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


@dataclass(frozen=True, slots=True)
class LockOut:
    """What becomes of an account, or of an address, if the attempt fails."""

    of: Literal["account", "address"]
    failures: int
    wait_s: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that was counted. `user` is None for an account that nobody has."""

    account: str
    address: str | None
    asked: Asked
    user: User | None
    locks: tuple[LockOut, ...]

    def counters(self) -> list[tuple[str, Limit]]:
        """Keys and limits, always in this order, so that two sign-ins cannot wait for each other's rows.

        Wrong codes are counted apart from wrong passwords, so that a right password does not forgive them.
        """
        name = f"code {self.account}" if self.asked == "code" else self.account  # no address holds a space
        counters = [(f"account:{name}", PER_ACCOUNT)]
        return [*counters, (f"address:{self.address}", PER_ADDRESS)] if self.address else counters


def count(database: Database, account: str, address: str | None, *, asked: Asked = "password") -> Attempt:
    """Count an attempt, for good, and say whom it is about. Raises TooManyRequests where they have to wait."""
    with database.scope(EVERY_WORKSPACE) as session:
        user = session.scalar(select(User).where(User.email == account, User.is_active))
        attempt = Attempt(account, address, asked, user, ())
        locks = _count(session, attempt.counters())
    return Attempt(account, address, asked, user, locks)


def _count(session: TenantSession, counters: list[tuple[str, Limit]]) -> tuple[LockOut, ...]:
    now, locks = clock.wall(), list[LockOut]()
    rows = [(_locked(session, key, now), limit) for key, limit in counters]
    until = max((row.blocked_until for row, _ in rows if row.blocked_until and row.blocked_until > now), default=None)
    if until is not None:
        wait_s = int((until - now).total_seconds()) + 1
        raise TooManyRequests(_try_again(wait_s), retry_after_s=wait_s)
    for row, limit in rows:
        row.failures = row.failures + 1 if now - row.last_at < MEMORY else 1
        row.last_at = now
        block_s = limit.block_s(row.failures)
        row.blocked_until = now + timedelta(seconds=block_s) if block_s else None
        if block_s > limit.block_s(row.failures - 1):
            locks.append(LockOut("account" if limit is PER_ACCOUNT else "address", row.failures, block_s))
    return tuple(locks)


def failed(database: Database, attempt: Attempt) -> None:
    """The secret was wrong: where that locks somebody out, the audit log of who was attempted says so."""
    if not attempt.locks:
        return
    user = attempt.user
    for lock in attempt.locks:
        log.warning(
            "login.locked_out",
            of=lock.of, user_id=user and user.id, address=attempt.address, failures=lock.failures, wait_s=lock.wait_s,
        )  # fmt: skip
    with database.scope(EVERY_WORKSPACE) as session:
        if user is None:  # a write all the same: how long this takes must not tell whether there is such an account
            key = attempt.counters()[0][0]
            session.execute(update(LoginAttempt).where(LoginAttempt.key == key).values(key=key))
            return
        session.enter(user.workspace_id)
        for lock in attempt.locks:
            data: dict[str, Any] = {
                "of": lock.of, "asked": attempt.asked, "address": attempt.address,
                "failures": lock.failures, "wait_s": lock.wait_s,
            }  # fmt: skip
            subject = ("user", user.id)
            events.record(session, "user.locked_out", by=events.SYSTEM, subject=subject, title=user.name, data=data)


def _locked(session: TenantSession, key: str, now: datetime) -> LoginAttempt:
    """The counter's row, locked until the transaction ends; made if it is new."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(LoginAttempt).values(key=key, failures=0, last_at=now)
    session.execute(fresh.on_conflict_do_nothing(index_elements=["key"]))
    return session.scalars(select(LoginAttempt).where(LoginAttempt.key == key).with_for_update()).one()


def uncount(session: TenantSession, attempt: Attempt) -> None:
    """The secret was right: the account starts anew, the address gets back this one attempt.

    Not more: one good account must not buy its owner endless guesses at others. Old rows go at the same time.
    """
    for key, limit in attempt.counters():
        row = _locked(session, key, clock.wall())
        row.failures = 0 if limit is PER_ACCOUNT else max(0, row.failures - 1)
        row.blocked_until = None
    session.flush()
    session.execute(delete(LoginAttempt).where(LoginAttempt.last_at < clock.wall() - MEMORY))


def _try_again(wait_s: int) -> str:
    minutes = -(-wait_s // 60)
    when = f"{wait_s} seconds" if wait_s <= 90 else f"{minutes} minutes"
    return f"Too many failed attempts. Try again in {when}."
