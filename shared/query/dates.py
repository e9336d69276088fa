"""Relative dates: what `today` or `last_30_days` mean where the workspace is, by the business's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared import clock
from shared.models import Workspace
from shared.tenancy import TenantSession

_DAYS = re.compile(r"^(last|next)_([1-9]\d{0,3})_days$")
_PERIODS = re.compile(r"^(last|this|next)_(week|month|quarter|year)$")
_OVERDUE = "overdue"
_SINGLE = {"yesterday": -1, "today": 0, "tomorrow": 1}

#: For messages and menus; any number may stand in place of 7.
TOKENS = (
    "today", "yesterday", "tomorrow", "this_week", "last_week", "next_week", "this_month", "last_month", "next_month",
    "this_quarter", "last_quarter", "next_quarter", "this_year", "last_year", "next_year", "last_7_days", "next_7_days",
    "overdue",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """Days from first to last, both inclusive. `first` is None for everything before."""

    first: date | None
    last: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a workspace counts days: its zone, its first weekday (0 is Monday), the first month of its year."""

    zone: ZoneInfo
    week_start: int = 0
    fiscal_year_start: int = 1

    @classmethod
    def of(cls, session: TenantSession) -> Calendar:
        """The calendar of the session's workspace."""
        workspace = session.get_one(Workspace, session.workspace_id)
        return cls(ZoneInfo(workspace.timezone), workspace.week_start, workspace.fiscal_year_start)

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
        if match := _DAYS.match(token):
            days = timedelta(days=int(match[2]) - 1)
            return Span(self.today - days, self.today) if match[1] == "last" else Span(self.today, self.today + days)
        if match := _PERIODS.match(token):
            return self._period(match[2], {"last": -1, "this": 0, "next": 1}[match[1]])
        raise ValueError(f"“{token}” is not a date")

    def _period(self, unit: str, offset: int) -> Span:
        if unit == "week":
            first = self.today - timedelta(days=(self.today.weekday() - self.week_start) % 7)
            first += timedelta(weeks=offset)
            return Span(first, first + timedelta(days=6))
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        passed = (self.today.month - self.fiscal_year_start) % months  # since the period began
        month = self.today.year * 12 + self.today.month - 1 - passed + offset * months
        return Span(_first_of(month), _first_of(month + months) - timedelta(days=1))


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def is_token(text: str) -> bool:
    """Whether a text is a relative date, whatever day it is."""
    return text in _SINGLE or text == _OVERDUE or bool(_DAYS.match(text) or _PERIODS.match(text))
