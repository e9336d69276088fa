"""The values of custom fields by their type: from what somebody sends to what a record's `custom` JSON holds.

Each reader raises ValueError with a sentence for the person.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from shared.models import CustomType, FieldDefinition, User
from shared.records.deals import to_minor
from shared.records.tags import key_of
from shared.schemas import values
from shared.schemas.checking import invalid
from shared.schemas.ids import LARGEST_ID
from shared.schemas.records import MoneyIn
from shared.tenancy import TenantSession

_LARGEST = 10**15

Values = dict[str, Any]


def plain(type_: CustomType, value: Any) -> Any:
    """A value of a type that has neither options nor people to choose from, as `custom` holds it."""
    return _PLAIN[type_](value)


def read(session: TenantSession, definition: FieldDefinition, value: Any) -> Any:
    """A value of any type, as `custom` holds it."""
    type_ = definition.type
    return _PLAIN[type_](value) if type_ in _PLAIN else _LOOKED_UP[type_](session, definition, value)


def _text(value: Any) -> Any:
    return _checked(_TEXT, value)


def _url(value: Any) -> Any:
    return _checked(_URL, value)


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("Must be a number.")
    if not math.isfinite(value) or not -_LARGEST < value < _LARGEST:
        raise ValueError("Must be a number that is not so large.")
    return int(value) if float(value).is_integer() else float(value)


def _money(value: Any) -> Values:
    """`{minor, currency}`, or `{amount, currency}` in major units."""
    if isinstance(value, Mapping) and set(value) == {"amount", "currency"}:
        currency = _checked(_CURRENCY, value["currency"], "Needs an ISO 4217 currency.")
        amount = _checked(_AMOUNT, value["amount"], "Must be an amount.")
        return {"minor": to_minor(amount, currency), "currency": currency}
    money: Any = _checked(_MONEY, value, "Must be {minor, currency} or {amount, currency}.")
    return {"minor": money.minor, "currency": money.currency}


def _date(value: Any) -> str:
    day: date = _checked(_DATE, value, "Must be a date, such as 2026-11-20.")
    return day.isoformat()


def _checkbox(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("Must be true or false.")
    return value


def _person(session: TenantSession, _definition: FieldDefinition, value: Any) -> int:
    """A user's id or e-mail address."""
    same = User.email == value.strip().casefold() if isinstance(value, str) else User.id == value
    is_id = type(value) is int and 0 < value <= LARGEST_ID
    id = session.scalar(select(User.id).where(same)) if is_id or isinstance(value, str) else None
    if id is None:
        raise ValueError(f"There is no user “{str(value)[:100]}”.")
    return id


def _select(_session: TenantSession, definition: FieldDefinition, value: Any) -> str:
    """An option by its value, or by its label."""
    if isinstance(value, str):
        for option in definition.options:
            if value == option["value"] or key_of(value) == key_of(str(option["label"])):
                return str(option["value"])
    options = ", ".join(str(option["value"]) for option in definition.options)
    raise ValueError(f"“{str(value)[:100]}” is none of: {options}.")


def _multi_select(session: TenantSession, definition: FieldDefinition, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("Must be a list of options.")
    chosen = {_select(session, definition, one) for one in value}
    return [str(option["value"]) for option in definition.options if option["value"] in chosen]


_PLAIN: dict[CustomType, Callable[[Any], Any]] = {
    CustomType.TEXT: _text,
    CustomType.NUMBER: _number,
    CustomType.MONEY: _money,
    CustomType.DATE: _date,
    CustomType.CHECKBOX: _checkbox,
    CustomType.URL: _url,
}
_LOOKED_UP: dict[CustomType, Callable[[TenantSession, FieldDefinition, Any], Any]] = {
    CustomType.SELECT: _select,
    CustomType.MULTI_SELECT: _multi_select,
    CustomType.PERSON: _person,
}
_TEXT: TypeAdapter[Any] = TypeAdapter(values.Text500)
_URL: TypeAdapter[Any] = TypeAdapter(values.WebAddress)
_CURRENCY: TypeAdapter[Any] = TypeAdapter(values.Currency)
_AMOUNT: TypeAdapter[Any] = TypeAdapter(values.Amount)
_MONEY: TypeAdapter[Any] = TypeAdapter(MoneyIn)
_DATE: TypeAdapter[Any] = TypeAdapter(values.Day)


def _checked(adapter: TypeAdapter[Any], value: Any, otherwise: str = "") -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise ValueError(otherwise or invalid(error).errors[0].message) from None
