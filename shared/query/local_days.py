"""The day and month of a moment where the asker is, computed by the database: what measures are grouped by.

PostgreSQL knows time zones. SQLite does not: there the changes of the clock are written into the statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, String, cast, func, literal_column, type_coerce

from shared import clock
from shared.tenancy import TenantSession

_NO_OFFSET = "'+0 seconds'"
_FROM, _TO = datetime(1990, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)


def month_of(session: TenantSession, day: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first of a day's month."""
    if session.get_bind().dialect.name != "sqlite":
        return cast(func.date_trunc("month", day), Date)
    month = func.substr(day, literal_column("1"), literal_column("7"), type_=String())
    return type_coerce(month + literal_column("'-01'", String()), Date())


def day_of(session: TenantSession, moment: ColumnElement[Any], zone: ZoneInfo) -> ColumnElement[Any]:
    """The day in a zone on which a moment lies; for SQLite the moment is a column of a subquery that has a name."""
    if session.get_bind().dialect.name != "sqlite":
        return cast(func.timezone(zone.key, moment), Date)
    offset = _offset(f"{moment.table.name}.{moment.key}", zone)
    if offset == _NO_OFFSET:
        return func.substr(moment, literal_column("1"), literal_column("10"), type_=Date())
    # As text: a hundred changes of the clock as bound values would cost more than the question.
    return func.date(moment, literal_column(offset), type_=Date())


def _offset(moment: str, zone: ZoneInfo) -> str:
    """SQL for a zone's distance from UTC at a moment, as a modifier of SQLite's `date`.

    The present comes first, then the past, then the future: most rows are recent.
    """
    (_, first), *changes = _changes(zone)
    now = clock.now()
    past = [(at, seconds) for at, seconds in changes if at <= now]
    future = [(at, seconds) for at, seconds in changes if at > now]
    cases = [f"WHEN {moment} >= '{at:%Y-%m-%d %H:%M:%S}' THEN '{s:+d} seconds'" for at, s in reversed(past)]
    if future:
        latest = " ".join(f"WHEN {moment} >= '{at:%Y-%m-%d %H:%M:%S}' THEN '{s:+d} seconds'" for at, s in future[::-1])
        cases.insert(0, f"WHEN {moment} >= '{future[0][0]:%Y-%m-%d %H:%M:%S}' THEN CASE {latest} END")
    return f"CASE {' '.join(cases)} ELSE '{first:+d} seconds' END" if cases else f"'{first:+d} seconds'"


@cache
def _changes(zone: ZoneInfo) -> tuple[tuple[datetime, int], ...]:
    """(since when, seconds east of UTC), oldest first."""
    return tuple(_find_changes(zone))


def _find_changes(zone: ZoneInfo) -> Iterator[tuple[datetime, int]]:
    def offset(moment: datetime) -> int:
        return int(moment.astimezone(zone).utcoffset().total_seconds())  # type: ignore[union-attr]

    step, moment, known = timedelta(days=7), _FROM, offset(_FROM)
    yield moment, known
    while moment < _TO:
        following = moment + step
        if offset(following) != known:
            low, high = moment, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (low, middle) if offset(middle) != known else (middle, high)
            known = offset(following)
            yield high.replace(microsecond=0), known
        moment = following
