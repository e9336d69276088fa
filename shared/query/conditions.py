"""From `due_date[lte]=this_week` to a condition: values are read by the field's type, never by the database.

`check` says at once what is wrong with a filter, `condition` turns a checked one into SQL from a `Viewpoint`. Every
condition is true or false of a row, never unknown: `ne` and `not_in` hold of exactly the rows where `eq` and `in` do
not, those without a value included.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, false, func, not_, or_

from shared import clock
from shared.query.dates import Calendar, Span
from shared.query.spelling import LAST, ascii_lower, prefixed
from shared.query.types import Elapsed, Expression, Field, FieldType, Latest
from shared.query.values import meant_by, value_of
from shared.search import fold
from shared.tenancy import TenantSession

_COMPARED = frozenset({"eq", "ne", "in", "not_in", "gte", "gt", "lte", "lt", "is"})
_CHOSEN = frozenset({"eq", "ne", "in", "not_in", "is"})

#: What can be asked of each type. `eq` is the bare `field=value`.
OPERATORS: dict[FieldType, frozenset[str]] = {
    FieldType.TEXT: frozenset({"eq", "ne", "in", "not_in", "contains", "begins", "ends", "is"}),
    FieldType.NUMBER: _COMPARED,
    FieldType.MONEY: _COMPARED,
    FieldType.DATE: _COMPARED,
    FieldType.DATETIME: _COMPARED,
    FieldType.ENUM: _CHOSEN,
    FieldType.REF: _CHOSEN,
    FieldType.BOOL: _CHOSEN,
}
_OPPOSITES = {"ne": "eq", "not_in": "in"}
_SEVERAL = ("in", "not_in")

_WORDS = re.compile(r"[^\W_]+(?: [^\W_]+)*")
_MOST_VALUES = 200
_LONG_AGO = 365_000  # days; nothing here is older


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Where and as whom something is asked: what `today` and `me` mean."""

    calendar: Calendar
    user_id: int | None = None
    #: whether rows are met one after the other, so that values beside them are not to lead to rows
    is_walked: bool = False

    @classmethod
    def of(cls, session: TenantSession, *, user_id: int | None = None, zone: ZoneInfo | None = None) -> Viewpoint:
        """The workspace's, with the user's own zone if given."""
        return cls(Calendar.of(session, zone=zone), user_id)

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement over fields is executed with."""
        today = self.calendar.today
        return {"aw_now": clock.now(), "aw_today": today, "aw_midnight": self.calendar.start_of(today)}


@dataclass(frozen=True, slots=True)
class Interval:
    """From `first` on, before `end`; None is unbounded."""

    first: Any = None
    end: Any = None
    is_overdue: bool = False  # only of what still has to be done
    is_empty: bool = False

    def holds(self, column: Expression) -> ColumnElement[bool]:
        bounds = [column >= self.first] if self.first is not None else []
        bounds += [column < self.end] if self.end is not None else []
        return false() if self.is_empty else and_(*bounds) if bounds else column.is_not(None)


def check(field: Field, op: str, values: Sequence[str]) -> None:
    """Raises ValueError with a sentence when the field cannot be asked this."""
    allowed = OPERATORS[field.type]
    if op not in allowed:
        raise ValueError(f"“{field.name}” cannot be asked with [{op}]; it takes {', '.join(sorted(allowed))}.")
    if len(values) > _MOST_VALUES:
        raise ValueError(f"At most {_MOST_VALUES} values.")
    if len(values) != 1 and op not in _SEVERAL:
        raise ValueError(f"[{op}] takes one value.")
    if op == "is":
        if values[0] not in ("null", "set"):
            raise ValueError("Must be “null” or “set”.")
        return
    for value in values:
        value_of(field, value)


def condition(
    field: Field, op: str, values: Sequence[str], viewpoint: Viewpoint, *, wanted: bool = True
) -> ColumnElement[bool]:
    """The condition for a checked filter, or that it is not met. Raises Invalid for `me` where nobody asks."""
    if op in _OPPOSITES:
        return condition(field, _OPPOSITES[op], values, viewpoint, wanted=not wanted)
    if op == "is":
        return _nothing(field) if (values[0] == "null") is wanted else _something(field)
    found = _condition(field, op, values, viewpoint)
    if wanted:
        return found
    is_known = field.latest is not None or field.elapsed is not None
    return not_(found) if is_known else not_(func.coalesce(found, False))


def _condition(field: Field, op: str, values: Sequence[str], viewpoint: Viewpoint) -> ColumnElement[bool]:
    read = [meant_by(value_of(field, value), viewpoint.user_id) for value in values]
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        spans = [_span(field, op, value, viewpoint.calendar) for value in read]
        return or_(false(), *(_within(field, interval, viewpoint.calendar) for interval in spans))
    if field.elapsed is not None:
        return or_(false(), *(_so_many_days(field.elapsed, op, value) for value in read))
    tests = [_test(field, op, value) for value in read]
    is_walked = viewpoint.is_walked
    return _anywhere(field, lambda column, folded: or_(false(), *(test(column, folded) for test in tests)), is_walked)


#: A test of a value and of the same in folded spelling, where there is one.
Test = Callable[[Expression, Expression | None], ColumnElement[bool]]


def _anywhere(field: Field, test: Test, is_walked: bool = False) -> ColumnElement[bool]:
    """The test on the row's own expression, on values in rows beside it, or on either."""
    places: list[ColumnElement[bool]] = []
    if field.expression is not None and not field.is_lookup:
        places.append(test(field.expression, field.folded))
    if field.via is not None:
        places.append(field.via.of(test(field.via.value, field.via.folded), is_walked=is_walked))
    return or_(*places)


def _nothing(field: Field) -> ColumnElement[bool]:
    moments = field.latest or (field.elapsed.since if field.elapsed is not None else None)
    if moments is not None:
        is_since = moments.reaches(None)
        counts = field.elapsed.only if field.elapsed is not None else None
        return not_(is_since if counts is None else and_(counts, is_since))
    places: list[ColumnElement[bool]] = []
    if field.expression is not None and not field.is_lookup:
        places.append(_is_empty(field, field.expression))
    if field.via is not None:
        some = field.via.of(not_(_is_empty(field, field.via.value)))
        places.append(not_(func.coalesce(some, False)))
    return and_(*places)


def _something(field: Field) -> ColumnElement[bool]:
    if field.type is FieldType.TEXT and field.via is None and field.latest is None and field.expression is not None:
        return field.expression > ""  # as the contrary of nothing, but an index can be entered at it
    return not_(_nothing(field))


def _is_empty(field: Field, column: Expression) -> ColumnElement[bool]:
    nothing = column.is_(None)
    return or_(nothing, column == "") if field.type is FieldType.TEXT else nothing


def _test(field: Field, op: str, value: Any) -> Test:
    if op in _PARTS and field.key is str.casefold and field.expression is None:
        return lambda column, _folded: _part_of_key(column, op, value)
    if op == "contains":
        return lambda column, folded: _contains(column, folded, value)
    if op == "begins":
        return lambda column, folded: _begins(column, folded, value)
    if op == "ends":
        return lambda column, _folded: _ends(column, value.strip())
    if op == "gte":
        return lambda column, _folded: column >= value
    if op == "gt":
        return lambda column, _folded: column > value
    if op == "lte":
        return lambda column, _folded: column <= value
    if op == "lt":
        return lambda column, _folded: column < value
    if field.type is FieldType.TEXT:
        value = field.key(value)
    return lambda column, _folded: column == value


_PARTS = ("contains", "begins", "ends")


def _part_of_key(column: Expression, op: str, value: str) -> ColumnElement[bool]:
    """A part of a text that is kept without case already: to make each small again takes a third of the time."""
    said = value.casefold() if op == "contains" else value.casefold().strip()
    if op == "contains":
        return column.contains(said, autoescape=True)
    return column.startswith(said, autoescape=True) if op == "begins" else column.endswith(said, autoescape=True)


def _contains(column: Expression, folded: Expression | None, value: str) -> ColumnElement[bool]:
    if folded is None or not fold(value):
        return column.icontains(value, autoescape=True)
    small = value.encode().lower().decode()  # of bytes, only ASCII letters are made small
    written = ascii_lower(column).contains(small, autoescape=True)  # letters beyond ASCII are folded anyway
    return or_(folded.contains(fold(value), autoescape=True), written)


def _begins(column: Expression, folded: Expression | None, value: str) -> ColumnElement[bool]:
    """Whether a text begins so. A word is found in the folded text, by its index; signs and legal forms, which that may
    lack, are looked for as they are written."""
    start = fold(value).strip()
    written = column.istartswith(value.strip(), autoescape=True)
    if folded is None or not _WORDS.fullmatch(start):
        return written
    found = prefixed(folded, start, start + LAST, f"{start}%")
    return or_(found, written) if " " in start else found


def _ends(column: Expression, value: str) -> ColumnElement[bool]:
    """Whether a text ends so, as it is written: the folded one may lack the legal form at its end. SQLite makes only
    ASCII letters small, so that others are looked for in both sizes."""
    sizes = {value} if value.isascii() else {value, value.lower(), value.upper()}
    return or_(*(column.iendswith(size, autoescape=True) for size in sorted(sizes)))


# --- Days and times


def _span(field: Field, op: str, value: str | date | datetime, calendar: Calendar) -> Interval:
    """What a comparison with a day, a moment or a word such as `last_week` means for the field."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=calendar.zone)
        return _compared(op, moment, moment + timedelta(microseconds=1))
    span = calendar.span(value) if isinstance(value, str) else Span(value, value)
    if field.type is FieldType.DATE:
        return _compared(op, span.first, span.last + timedelta(days=1))
    return _compared(op, calendar.start_of(span.first) if span.first else None, calendar.after(span.last))


def _compared(op: str, first: Any, end: Any) -> Interval:
    """`overdue` has no first day: nothing lies before it."""
    if op == "gte":
        return Interval(first=first)
    if op == "gt":
        return Interval(first=end)
    if op == "lt":
        return Interval(end=first, is_empty=first is None)
    return Interval(first=first if op != "lte" else None, end=end, is_overdue=first is None)


def _within(field: Field, interval: Interval, calendar: Calendar) -> ColumnElement[bool]:
    if field.latest is not None:
        return _latest_within(field.latest, interval)
    if field.moment is not None and calendar.is_away:
        found = _within_days_there(field, field.moment, interval, calendar)
    else:
        found = _anywhere(field, lambda column, _folded: interval.holds(column))
    return and_(found, field.is_open) if interval.is_overdue and field.is_open is not None else found


#: Two zones are never further apart than this.
_APART = timedelta(days=2)


def _within_days_there(field: Field, moment: Expression, days: Interval, calendar: Calendar) -> ColumnElement[bool]:
    """A day that has a time is the asker's, not the workspace's, by which it is kept; near that day it is found."""
    assert field.expression is not None
    if days.is_empty:
        return false()
    first, end = days.first, days.end
    near = Interval(first=first and first - _APART, end=end and end + _APART)
    moments = Interval(first=first and calendar.start_of(first), end=end and calendar.start_of(end))
    exact = case((moment.is_(None), days.holds(field.expression)), else_=moments.holds(moment))
    return and_(near.holds(field.expression), exact)


def _latest_within(latest: Latest, interval: Interval) -> ColumnElement[bool]:
    if interval.is_empty:
        return false()
    found = latest.reaches(interval.first)
    return and_(found, not_(latest.reaches(interval.end))) if interval.end is not None else found


def _so_many_days(elapsed: Elapsed, op: str, count: float) -> ColumnElement[bool]:
    """A comparison of whole days since a moment, as one of the moment itself."""
    least, above = math.ceil(count), math.floor(count) + 1
    if op == "gte":
        interval = Interval(end=_before(least))
    elif op == "gt":
        interval = Interval(end=_before(above))
    elif op == "lte":
        interval = Interval(first=_before(above), is_empty=above <= 0)
    elif op == "lt":
        interval = Interval(first=_before(least), is_empty=least <= 0)
    else:
        interval = Interval(first=_before(above), end=_before(least), is_empty=least != above - 1 or above <= 0)
    found = _latest_within(elapsed.since, interval)
    return found if elapsed.only is None else and_(elapsed.only, found)


def _before(days: int) -> datetime | None:
    """The end of the moments that are at least so many days ago; None: all are."""
    if days <= 0:
        return None
    return clock.now().replace(microsecond=0) - timedelta(days=min(days, _LONG_AGO)) + timedelta(seconds=1)
