"""Relative dates: what `today` or `last_30_days` mean where the workspace is, by the business's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared import clock
from shared.models import workspace_of
from shared.tenancy import TenantSession

_ROLLING = re.compile(r"^(last|next)_([1-9]\d{0,3})_(day|week|month|quarter|year)s$")
_MOST = {"day": 9999, "week": 999, "month": 999, "quarter": 399, "year": 99}
_PERIODS = re.compile(r"^(last|this|next)_(week|month|quarter|year)$")
_OVERDUE = "overdue"
_SINGLE = {"yesterday": -1, "today": 0, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class Span:
    """Days from first to last, both inclusive. `first` is None for everything before."""

    first: date | None
    last: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a workspace counts days: its zone, its first weekday (0 is Monday), the first month of its year.

    `is_away`: the zone is another than the workspace's, in which due days are kept.
    """

    zone: ZoneInfo
    week_start: int = 0
    fiscal_year_start: int = 1
    is_away: bool = False

    @classmethod
    def of(cls, session: TenantSession, *, zone: ZoneInfo | None = None) -> Calendar:
        """The calendar of the session's workspace, in another zone if given."""
        workspace = workspace_of(session)
        is_away = zone is not None and zone.key != workspace.timezone
        here = zone or ZoneInfo(workspace.timezone)
        return cls(here, workspace.week_start, workspace.fiscal_year_start, is_away)

    @property
    def today(self) -> date:
        return clock.now().astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """The first moment of a day here, UTC."""
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)

    def after(self, day: date) -> datetime:
        """The first moment after a day here, UTC; days are 23 to 25 hours long."""
        return self.start_of(day + timedelta(days=1))

    def span(self, token: str) -> Span:
        """The days a token means today. Raises ValueError for a word that is none."""
        if token == _OVERDUE:
            return Span(None, self.today - timedelta(days=1))
        if token in _SINGLE:
            day = self.today + timedelta(days=_SINGLE[token])
            return Span(day, day)
        if match := _rolling(token):
            return self._rolling(match[3], int(match[2]), is_past=match[1] == "last")
        if match := _PERIODS.match(token):
            return self._period(match[2], {"last": -1, "this": 0, "next": 1}[match[1]])
        raise ValueError(f"“{token}” is not a date")

    def _rolling(self, unit: str, count: int, *, is_past: bool) -> Span:
        """So many days, weeks, months … that end or begin today; 3 months before May 15th begin on February 16th."""
        if unit in ("day", "week"):
            days = timedelta(days=count * (7 if unit == "week" else 1) - 1)
            return Span(self.today - days, self.today) if is_past else Span(self.today, self.today + days)
        months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
        if is_past:
            return Span(_months_from(self.today, -months) + timedelta(days=1), self.today)
        return Span(self.today, _months_from(self.today, months) - timedelta(days=1))

    def period_of(self, day: date, unit: str) -> Span:
        """The day, week, month, quarter or year a day lies in, by this calendar."""
        return Span(day, day) if unit == "day" else self._period(unit, 0, day)

    def _period(self, unit: str, offset: int, day: date | None = None) -> Span:
        day = day or self.today
        if unit == "week":
            first = day - timedelta(days=(day.weekday() - self.week_start) % 7)
            first += timedelta(weeks=offset)
            return Span(first, first + timedelta(days=6))
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        passed = (day.month - self.fiscal_year_start) % months  # since the period began
        month = day.year * 12 + day.month - 1 - passed + offset * months
        return Span(_first_of(month), _first_of(month + months) - timedelta(days=1))


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _months_from(day: date, months: int) -> date:
    """The same day some months on, or that month's last."""
    first = _first_of(day.year * 12 + day.month - 1 + months)
    return min(first + timedelta(days=day.day - 1), _first_of(first.year * 12 + first.month) - timedelta(days=1))


def _rolling(text: str) -> re.Match[str] | None:
    match = _ROLLING.match(text)
    return match if match and int(match[2]) <= _MOST[match[3]] else None


def is_token(text: str) -> bool:
    """Whether a text is a relative date, whatever day it is."""
    return text in _SINGLE or text == _OVERDUE or bool(_rolling(text) or _PERIODS.match(text))
