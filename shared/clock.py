"""The business's "now", which the CLOCK setting can freeze, and the wall clock, which nothing can.

Relative dates, overdue marks and dashboards ask `now`; tickets, logins, throttles, leases and queues ask `wall`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_frozen: datetime | None = None
_replayed: ContextVar[datetime | None] = ContextVar("replayed", default=None)


def configure(frozen: datetime | None) -> None:
    """Freeze `now` at an aware time, or let it run again with None. Called once by each `create_app`."""
    global _frozen
    _frozen = frozen.astimezone(UTC) if frozen else None


def frozen() -> datetime | None:
    """The frozen time, for the banner; None when the clock runs."""
    return _frozen


def now() -> datetime:
    """The business's present time, aware, UTC."""
    return _replayed.get() or _frozen or wall()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let `now` be `moment` inside the block, in this thread alone: history told through the verbs gets its dates."""
    token = _replayed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _replayed.reset(token)


def wall() -> datetime:
    """The real time, aware, UTC."""
    return datetime.now(UTC)


def today(zone: str = "UTC") -> date:
    """The business's present date in an IANA zone."""
    return now().astimezone(ZoneInfo(zone)).date()
