"""From `due_date[lte]=this_week` to a condition: values are read by the field's type, never by the database.

`check` says at once what is wrong with a filter, `condition` turns a checked one into SQL on the workspace's calendar.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, false, not_, or_

from shared.query.dates import Calendar, Span, is_token
from shared.query.fields import Expression, Field, FieldType
from shared.search import fold

_COMPARED = frozenset({"eq", "gte", "lte", "in", "is"})
_CHOSEN = frozenset({"eq", "in", "is"})

#: What can be asked of each type. `eq` is the bare `field=value`.
OPERATORS: dict[FieldType, frozenset[str]] = {
    FieldType.TEXT: frozenset({"eq", "in", "contains", "is"}),
    FieldType.NUMBER: _COMPARED,
    FieldType.MONEY: _COMPARED,
    FieldType.DATE: _COMPARED,
    FieldType.DATETIME: _COMPARED,
    FieldType.ENUM: _CHOSEN,
    FieldType.REF: _CHOSEN,
    FieldType.BOOL: _CHOSEN,
}

_LONGEST = 500
_MOST_VALUES = 200
_LARGEST = 2**63 - 1
_INTEGER = 2**31 - 1  # PostgreSQL refuses to compare its integers with more
_YEARS = (1800, 2400)  # beyond, zones and calendars overflow, and nobody has customers
_YES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def check(field: Field, op: str, values: Sequence[str]) -> None:
    """Raises ValueError with a sentence when the field cannot be asked this."""
    allowed = OPERATORS[field.type]
    if op not in allowed:
        raise ValueError(f"“{field.name}” cannot be asked with [{op}]; it takes {', '.join(sorted(allowed))}.")
    if len(values) > _MOST_VALUES:
        raise ValueError(f"At most {_MOST_VALUES} values.")
    if op == "is":
        if values[0] not in ("null", "set"):
            raise ValueError("Must be “null” or “set”.")
        return
    for value in values:
        _read(field, value)


def condition(field: Field, op: str, values: Sequence[str], calendar: Calendar) -> ColumnElement[bool]:
    """The condition for a checked filter."""
    if op == "is":
        empty = _nothing(field)
        return empty if values[0] == "null" else not_(empty)
    tests = [_test(field, op, _read(field, value), calendar) for value in values]
    return _anywhere(field, lambda column: or_(false(), *(test(column) for test in tests)))


Test = Callable[[Expression], ColumnElement[bool]]


def _anywhere(field: Field, test: Test) -> ColumnElement[bool]:
    """The test on the row's own expression, on values in rows beside it, or on either."""
    places: list[ColumnElement[bool]] = []
    if field.expression is not None:
        places.append(test(field.expression))
    if field.via is not None:
        places.append(field.via.id.in_(field.via.owners.where(test(field.via.value))))
    return or_(*places)


def _nothing(field: Field) -> ColumnElement[bool]:
    places: list[ColumnElement[bool]] = []
    if field.expression is not None:
        nothing = field.expression.is_(None)
        places.append(or_(nothing, field.expression == "") if field.type is FieldType.TEXT else nothing)
    if field.via is not None:
        places.append(field.via.id.not_in(field.via.owners.where(field.via.value.is_not(None))))
    return and_(*places)


def _test(field: Field, op: str, value: Any, calendar: Calendar) -> Test:
    if field.type is FieldType.DATE:
        return _date_test(field, op, calendar.span(value) if isinstance(value, str) else Span(value, value))
    if field.type is FieldType.DATETIME:
        return _time_test(field, op, value, calendar)
    if op == "contains":
        return _contains(field, value)
    if op == "gte":
        return lambda column: column >= value
    if op == "lte":
        return lambda column: column <= value
    if field.type is FieldType.TEXT:
        value = field.key(value)
    return lambda column: column == value


def _contains(field: Field, value: str) -> Test:
    def test(column: Expression) -> ColumnElement[bool]:
        written = column.icontains(value, autoescape=True)
        if field.folded is None or column is not field.expression:
            return written
        return or_(written, field.folded.contains(fold(value), autoescape=True))

    return test


def _date_test(field: Field, op: str, span: Span) -> Test:
    if op == "gte":
        first = span.first
        return lambda column: column >= first if first is not None else column.is_not(None)
    if op == "lte" or span.first is None:
        return _open_only(field, lambda column: column <= span.last, span)
    return lambda column: column.between(span.first, span.last)


def _time_test(field: Field, op: str, value: str | date | datetime, calendar: Calendar) -> Test:
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=calendar.zone)
        if op == "eq" or op == "in":
            return lambda column: column == moment
        return (lambda column: column >= moment) if op == "gte" else (lambda column: column <= moment)
    span = calendar.span(value) if isinstance(value, str) else Span(value, value)
    start = calendar.start_of(span.first) if span.first else None
    end = calendar.after(span.last)
    if op == "gte":
        return lambda column: column >= start if start is not None else column.is_not(None)
    if op == "lte" or start is None:
        return _open_only(field, lambda column: column < end, span)
    return lambda column: and_(column >= start, column < end)


def _open_only(field: Field, test: Test, span: Span) -> Test:
    """What is done is never overdue."""
    is_open = field.is_open
    if span.first is not None or is_open is None:
        return test
    return lambda column: and_(test(column), is_open)


def _read(field: Field, text: str) -> Any:
    """A value of the field's type; a relative date stays a word. Raises ValueError with a sentence."""
    if len(text) > _LONGEST or "\0" in text or not _is_encodable(text):
        raise ValueError(f"Must be text of at most {_LONGEST} characters.")
    return _READERS[field.type](field, text)


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _read_number(field: Field, text: str) -> int | float:
    try:
        number = float(text)
        exact: int | float = int(text) if number.is_integer() and text.lstrip("+-").isdigit() else number
    except (ValueError, OverflowError):
        number = exact = math.nan
    if not math.isfinite(number) or abs(number) > _LARGEST:
        raise ValueError(f"“{text}” is not a number.")
    kind = field.expression.type if field.expression is not None else None
    if isinstance(kind, Integer) and not isinstance(kind, BigInteger):
        return max(-_INTEGER, min(exact, _INTEGER))
    return exact


def _read_ref(_field: Field, text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 17 or int(text) > _INTEGER:
        raise ValueError(f"“{text}” is not the number of a record.")
    return int(text)


def _read_choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise ValueError(f"“{text}” is none of: {', '.join(field.choices)}.")
    return text


def _read_bool(_field: Field, text: str) -> bool:
    if text.lower() not in _YES:
        raise ValueError(f"“{text}” is neither true nor false.")
    return _YES[text.lower()]


def _read_date(_field: Field, text: str) -> str | date:
    if is_token(text):
        return text
    try:
        day = date.fromisoformat(text)
        if not _YEARS[0] <= day.year <= _YEARS[1]:
            raise ValueError
    except ValueError:
        raise ValueError(f"“{text}” is not a date; write 2026-11-20, or a word such as today or this_week.") from None
    return day


def _read_time(field: Field, text: str) -> str | date | datetime:
    if is_token(text):
        return text
    try:
        # A plus sign that was not escaped in an address arrives as a blank.
        moment = datetime.fromisoformat(text.replace(" ", "+") if text.count("T") == 1 else text)
    except ValueError:
        return _read_date(field, text)
    if len(text) <= len("2026-11-20") or not _YEARS[0] <= moment.year <= _YEARS[1]:
        return _read_date(field, text[:10])
    return moment


_READERS: dict[FieldType, Callable[[Field, str], Any]] = {
    FieldType.TEXT: lambda _field, text: text,
    FieldType.NUMBER: _read_number,
    FieldType.MONEY: _read_number,
    FieldType.DATE: _read_date,
    FieldType.DATETIME: _read_time,
    FieldType.ENUM: _read_choice,
    FieldType.REF: _read_ref,
    FieldType.BOOL: _read_bool,
}
