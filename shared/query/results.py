"""What a plan answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from babel.numbers import get_currency_precision

from shared.query.plan import Plan


@dataclass(frozen=True, slots=True)
class Money:
    """Minor units of an ISO currency."""

    amount_minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """Major units: 1250 EUR is 12.50."""
        return Decimal(self.amount_minor).scaleb(-get_currency_precision(self.currency))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer. `type` is a field's type or a measure's unit."""

    name: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class Row:
    """A record. `values` are by column: numbers, texts, dates, times in UTC, Money, ids; None where there is none.

    `page` is the record whose page shows it, by type and id, where it has none of its own.
    """

    type: str
    id: int
    external_id: str | None
    name: str
    values: dict[str, Any]
    page: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group: how it is called, what it is (a value, an id, the first day of a period; a list for two groups)."""

    name: str
    key: Any
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to a plan.

    Rows for a plan without measures; `value` for a measured one (a number, Money, a list of Money for several
    currencies, None where there is nothing to measure; of several measures a dict by their names); `groups` for a
    grouped one. `total` counts the records, or the groups, that there are in all. `figures` are the two that a plan
    with `versus` compares; its `value` is None where they say nothing of each other.
    """

    plan: Plan
    entity: str
    columns: list[Column]
    total: int
    rows: list[Row] = field(default_factory=list)
    value: Any = None
    groups: list[GroupRow] = field(default_factory=list)
    sentence: str = ""
    href: str = ""
    is_truncated: bool = False
    figures: tuple[Any, ...] = ()


def jsonable(value: Any) -> Any:
    """A value of an answer as JSON carries it; money is {amount, currency, minor}."""
    if isinstance(value, Money):
        return {"amount": float(value.amount), "currency": value.currency, "minor": value.amount_minor}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, dict):
        return {name: jsonable(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(entry) for entry in value]
    return value
