"""A span of time with what is said of it (since, before, between …), as conditions on a date field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.spans import Span, settle
from shared.query.plan import Cmp


@dataclass(frozen=True, slots=True)
class Period:
    """`bound` is "" for within, or since, after, before, until; `until` ends a span of two ("between … and …")."""

    span: Span
    bound: str = ""
    until: Span | None = None
    #: what happened then, where the comparison says it: “older than” is created before, “seit mehr als” tells of what
    #: has been so since
    concept: str = ""
    #: the unit of two times set against each other: “Q3 vs Q4”
    split: str = ""
    #: how a mere length is bounded above: “for less than 30 days”
    within: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self.bound)

    @property
    def is_before_so_long(self) -> bool:
        """“more than 60 days ago”."""
        return self.bound == "before" and (self.span.token or "").startswith("last_")

    @property
    def days(self) -> int | None:
        """How many days a rolling span has."""
        parts = (self.span.token or "").split("_")
        if len(parts) != 3 or not parts[1].isdecimal():
            return None
        return int(parts[1]) * {"days": 1, "weeks": 7, "months": 30, "quarters": 91, "years": 365}[parts[2]]

    @property
    def compared(self) -> str:
        """How days since something are compared with this length."""
        return "gt" if self.bound == "before" else self.within or "gte"

    def ahead(self) -> Period:
        """The same length of time to come, where only the length was said."""
        token = self.span.token
        if not self.span.is_bare or not token:
            return self
        ahead = token.replace("last_", "next_", 1)
        return replace(self, span=Span(ahead, ahead))

    def is_future(self, today: date) -> bool:
        """Wholly after today; without a year, if it may be. “Since July” began."""
        if self.bound == "since" and self.span.floats:
            return False
        first = settle(self.span, ahead=True, today=today).first or ""
        return first.startswith(("next", "tomorrow")) or (first[:1].isdecimal() and first > today.isoformat())

    def is_soon(self, today: date) -> bool:
        """Ahead, of what mostly lies behind: said outright, or of a month that is about to come."""
        if not self.span.floats:
            return self.is_future(today)
        first = settle(self.span, ahead=True, today=today).first or ""
        near = (today + timedelta(days=45)).isoformat()
        return self.span.floats == "year" and today.isoformat() < first <= near

    def is_past(self, today: date) -> bool:
        """Wholly before today, or back from today."""
        last = settle(self.until or self.span, ahead=True, today=today).last or ""
        return last.startswith(("last", "yesterday")) or (last[:1].isdecimal() and last < today.isoformat())

    def conditions(self, field: str, *, ahead: bool, today: date) -> list[Cmp]:
        """What the field must fulfil; spans without a year are put ahead or behind."""
        period = self.ahead() if ahead else self
        span = settle(period.span, ahead=ahead, today=today)
        if period.until is not None:
            end = settle(period.until, ahead=ahead, today=today)
            return [cmp(field, "gte", span.first or ""), cmp(field, "lte", _not_before(end, span))]
        first, last = span.first, span.last
        if period.bound == "since":
            return [cmp(field, "gte", first or "")]
        if period.bound == "after":
            return [cmp(field, "gt", last or "")]
        if period.bound == "before":
            return [cmp(field, "lt", first or "")]
        if period.bound == "until":
            return [cmp(field, "lte", last or "")]
        if first == last:
            return [cmp(field, "eq", first or "")]
        return [cmp(field, "gte", first or ""), cmp(field, "lte", last or "")]


def _not_before(end: Span, start: Span) -> str:
    """“between Wednesday and Monday”: the Monday that follows."""
    first, last = start.first or "", end.last or ""
    if (
        first[:1].isdecimal()
        and last[:1].isdecimal()
        and last < first
        and (date.fromisoformat(first) - date.fromisoformat(last)).days < 7
    ):
        return (date.fromisoformat(last) + timedelta(days=7)).isoformat()
    return last
