"""The values of records' fields, as pydantic takes and tidies them: names, lines, addresses, days, amounts, ids."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from shared.schemas.accounts import NO_MONEY, is_visible
from shared.schemas.checking import CONTROL
from shared.schemas.ids import LARGEST_ID

_FIGURES = re.compile(r"\s*[-+]?[\d.]+\s*")
_ADDRESS = re.compile(
    r"(?P<scheme>https?://)?(?P<host>\w[\w-]*(?:\.\w[\w-]*)*|\[[0-9a-f:.]+\])\.?(?::\d{1,5})?(?:[/?#]\S*)?", re.I
)
_DOMAIN = re.compile(r"\.[^\W\d_][\w-]+$|^\d{1,3}(?:\.\d{1,3}){3}$")
_BREAKS = re.compile(r"[ \t]*[\t\r\n\x85\u2028\u2029]+[ \t]*")


def cleaned(value: object) -> object:
    """Control characters never belong in a field; a text without a visible character means "nothing"."""
    if isinstance(value, str):
        text = CONTROL.sub("", value).strip()
        return text if is_visible(text) else None
    return value


def named(value: object) -> object:
    if isinstance(value, str) and not cleaned(value):
        raise ValueError("must not be empty")
    return in_one_line(value)


def in_one_line(value: object) -> object:
    """What stands in one line of a list: a quoted line break of a spreadsheet is a space there."""
    text = cleaned(value)
    return _BREAKS.sub(" ", text) if isinstance(text, str) else text


def _currency(value: str) -> str:
    code = value.upper()
    from babel.core import get_global

    if code not in get_global("all_currencies") or code in NO_MONEY:
        raise ValueError(f"“{value[:20]}” is not an ISO 4217 currency code")
    return code


def is_web_address(text: str) -> bool:
    """With a scheme any host, of an office's network too; without one only what looks like a domain."""
    match = _ADDRESS.fullmatch(text)
    return match is not None and bool(match["scheme"] or _DOMAIN.search(match["host"]))


def _web_address(value: str) -> str:
    if not is_web_address(value):
        raise ValueError("Must be a web address, such as example.com/page or https://example.com.")
    return re.sub(r"^https?://", lambda scheme: scheme[0].lower(), value, flags=re.I)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("needs a time zone, for example 2026-11-20T09:00:00Z")
    return _of_our_time(value)


def _of_our_time(value: datetime) -> datetime:
    """Years at the ends of the calendar overflow when a zone is applied."""
    if not 1800 <= value.year <= 2400:
        raise ValueError("must lie between 1800 and 2400")
    return value


def _no_number(value: object) -> object:
    """0 is 1970 to pydantic, and so is “20261120”."""
    if isinstance(value, int | float) or (isinstance(value, str) and _FIGURES.fullmatch(value)):
        raise ValueError("must be written like 2026-11-20 or 2026-11-20T09:00:00Z")
    return value


def _no_bool(value: object) -> object:
    """`true` is 1 to Python."""
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


Name = Annotated[str, BeforeValidator(named), Field(min_length=1, max_length=200)]
Text20 = Annotated[Annotated[str, Field(max_length=20)] | None, BeforeValidator(cleaned)]
#: Of a name.
Part = Annotated[Annotated[str, Field(max_length=100)] | None, BeforeValidator(in_one_line)]
Text50 = Annotated[Annotated[str, Field(max_length=50)] | None, BeforeValidator(cleaned)]
Text100 = Annotated[Annotated[str, Field(max_length=100)] | None, BeforeValidator(cleaned)]
Short = Annotated[Annotated[str, Field(max_length=200)] | None, BeforeValidator(cleaned)]
Text300 = Annotated[Annotated[str, Field(max_length=300)] | None, BeforeValidator(cleaned)]
Text500 = Annotated[Annotated[str, Field(max_length=500)] | None, BeforeValidator(cleaned)]
Long = Annotated[Annotated[str, Field(max_length=100_000)] | None, BeforeValidator(cleaned)]
ExternalId = Short
Website = Annotated[
    Annotated[str, Field(max_length=500, pattern=r"^(https?://)?[^\s:/]+(:\d+)?([/?#]\S*)?$")] | None,
    BeforeValidator(cleaned),
]
#: Of a custom field: what may be clicked.
WebAddress = Annotated[
    Annotated[str, Field(max_length=500), AfterValidator(_web_address)] | None, BeforeValidator(cleaned)
]
Currency = Annotated[str, AfterValidator(_currency)]
Moment = Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_of_our_time)]
Aware = Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_aware)]
Whole = Annotated[int, BeforeValidator(_no_bool)]
Seconds = Annotated[float, BeforeValidator(_no_bool)]
Id = Annotated[Whole, Field(ge=1, le=LARGEST_ID)]
Amount = Annotated[Decimal, Field(ge=0, le=10**13, decimal_places=4)]
Day = Annotated[date, BeforeValidator(_no_number), Field(ge=date(1800, 1, 1), le=date(2400, 12, 31))]
TagName = Annotated[str, BeforeValidator(named), Field(min_length=1, max_length=50)]
Domain = Annotated[
    Annotated[str, Field(max_length=253, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")]
    | None,
    BeforeValidator(lambda v: bare_domain(v)),
]


def bare_domain(value: object) -> object:
    """`https://www.Acme.com/about` -> `acme.com`."""
    value = cleaned(value)
    if not isinstance(value, str):
        return value
    bare = re.sub(r"^[a-z]+://", "", value.lower()).split("/")[0].split("?")[0].removeprefix("www.")
    try:
        return bare.encode("idna").decode("ascii") if not bare.isascii() else bare
    except UnicodeError:
        return bare
