"""A span of time, and the tokens of a question with what the rules of time ask of them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chatbot.assistant.understanding.calendar_words import COUPLE
from chatbot.assistant.understanding.quantities import quantity_at
from chatbot.assistant.understanding.tokens import Token
from shared.query.dates import Calendar


@dataclass(frozen=True, slots=True)
class Span:
    """From first to last, both inclusive, each a token, an ISO day or None for open. Equal tokens are that one span.

    `floats`: named without its week, month or year, so it may as well lie one earlier or later; put as if in this one.
    `is_ago`: so long ago, a day in "30 days ago", and a boundary in "more than 30 days ago".
    """

    first: str | None
    last: str | None
    floats: str = ""
    is_ago: bool = False
    #: "60 days" without last or next: back, unless what is asked lies ahead.
    is_bare: bool = False

    @property
    def token(self) -> str | None:
        """The one token or day this span is, if it is one."""
        return self.first if self.first == self.last else None


Found = tuple[Span, int] | None


class TimeReader:
    """The tokens with what the rules ask of them."""

    def __init__(self, tokens: Sequence[Token], calendar_: Calendar) -> None:
        self.tokens = tokens
        self.words = [token.word for token in tokens]
        self.calendar = calendar_
        self.today = calendar_.today

    def word(self, at: int) -> str:
        return self.words[at] if 0 <= at < len(self.words) else ""

    def number(self, at: int) -> int | None:
        """A small whole number without unit, scale or sign."""
        word = self.word(at)
        if word in COUPLE:
            return COUPLE[word]
        if at >= len(self.tokens) or at < 0:
            return None
        found = quantity_at(self.tokens[at : at + 1], 0)
        if found is None or found[0].is_money or found[0].value != int(found[0].value):
            return None
        value = int(found[0].value)
        return value if 0 < value < 3000 else None

    def year(self, at: int) -> int | None:
        word = self.word(at)
        return int(word) if re.fullmatch(r"(?:19|20)\d\d", word) else None


def day_span(day: date, *, floats: str = "") -> Span:
    return Span(day.isoformat(), day.isoformat(), floats)


def shift(day: date, number: int, unit: str) -> date:
    if unit in ("day", "week", "fortnight"):
        return day + timedelta(days=number * {"day": 1, "week": 7, "fortnight": 14}[unit])
    months = day.year * 12 + day.month - 1 + number * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    year = max(1800, min(year, 2400))
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


#: Days for which “due in October” still means the one that was.
_JUST_PAST = 60


def settle(span: Span, *, ahead: bool, today: date) -> Span:
    """A span named without its year, put where it is meant: ahead for what is to come, else behind (today included)."""
    if not span.floats or span.first is None or span.last is None:
        return span
    first, last = date.fromisoformat(span.first), date.fromisoformat(span.last)
    if span.floats == "week":
        if not ahead:
            first, last = first - timedelta(days=7), last - timedelta(days=7)
    elif span.floats == "month":
        if ahead and last < today:
            first, last = shift(first, 1, "month"), shift(last, 1, "month")
        elif not ahead and first > today:
            first, last = shift(first, -1, "month"), shift(last, -1, "month")
    elif ahead and last < today - timedelta(days=_JUST_PAST):
        first, last = shift(first, 1, "year"), _end_like(last, 1)
    elif not ahead and first > today:
        first, last = shift(first, -1, "year"), _end_like(last, -1)
    return replace(span, first=first.isoformat(), last=last.isoformat(), floats="")


def _end_like(day: date, years: int) -> date:
    moved = shift(day, years, "year")
    is_month_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return moved.replace(day=calendar.monthrange(moved.year, moved.month)[1]) if is_month_end else moved
