"""What a filter's values mean: text, read by the type of the field, never by the database."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Integer

from shared.errors import Invalid
from shared.query.dates import is_token
from shared.query.types import Field, FieldType
from shared.schemas.ids import LARGEST_ID, id_of

ME = "me"  # in place of a user's id: whoever asks
_ASKER = object()  # that word, read

_LONGEST = 500
_LARGEST = 2**63 - 1
_YEARS = (1800, 2400)  # beyond, zones and calendars overflow, and nobody has customers
_YES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def value_of(field: Field, text: str) -> Any:
    """A value of the field's type; a relative date stays a word. Raises ValueError with a sentence."""
    if len(text) > _LONGEST or "\0" in text or not _is_encodable(text):
        raise ValueError(f"Must be text of at most {_LONGEST} characters.")
    return _READERS[field.type](field, text)


def meant_by(value: Any, user_id: int | None) -> Any:
    """The same value for somebody who asks. Raises Invalid for `me` where nobody does."""
    if value is not _ASKER:
        return value
    if user_id is None:
        raise Invalid("“me” is nobody here; name a user.")
    return user_id


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _read_number(field: Field, text: str) -> int | float:
    try:
        number = float(text)
        exact: int | float = int(text) if number.is_integer() and text.lstrip("+-").isdecimal() else number
    except (ValueError, OverflowError):
        number = exact = math.nan
    if not math.isfinite(number) or abs(number) > _LARGEST:
        raise ValueError(f"“{text}” is not a number.")
    kind = field.expression.type if field.expression is not None else None
    if isinstance(kind, Integer) and not isinstance(kind, BigInteger):
        return max(-LARGEST_ID, min(exact, LARGEST_ID))  # PostgreSQL refuses to compare its integers with more
    return exact


def _read_ref(field: Field, text: str) -> object:
    if text == ME and field.target == "user":
        return _ASKER
    id = id_of(text)
    if id is None:
        raise ValueError(f"“{text}” is not the number of a record.")
    return id


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
