"""Figures compared: a group's with a bound, one figure with another. Amounts only ever with those of their currency."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from shared.query.metrics import Unit, rounded
from shared.query.plan import Having, Versus
from shared.query.results import Money

#: Units of which more and less can be said.
NUMBERS = frozenset((Unit.COUNT, Unit.NUMBER, Unit.MONEY, Unit.PERCENT, Unit.DAYS, Unit.SECONDS))

_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "gte": operator.ge, "gt": operator.gt, "lte": operator.le, "lt": operator.lt,
}  # fmt: skip


def holds(having: Having, value: Any) -> bool:
    """Whether a group's measure is within the bound; of nothing measured nothing holds."""
    bound, test = Decimal(str(having.value)), _TESTS[having.op]
    if isinstance(value, Money | list):
        amounts = value if isinstance(value, list) else [value]
        named = [money.amount for money in amounts if having.currency in (None, money.currency)]
        return any(test(amount, bound) for amount in named or [Decimal(0)])
    return value is not None and test(Decimal(str(value)), bound)


def compared(versus: Versus, one: Any, other: Any, main_currency: str) -> Any:
    """The answer to a plan with `versus`; None where the figures say nothing of each other."""
    if one is None or other is None:
        return None
    if versus.kind == "ratio":
        return _ratio(one, other)
    if isinstance(one, Money | list):
        return _amounts_between(_by_currency(one), _by_currency(other), main_currency)
    return rounded(Decimal(str(one)) - Decimal(str(other)), Unit.NUMBER)


def _ratio(one: Any, other: Any) -> Any:
    """In percent. Of amounts in several currencies there is none."""
    if isinstance(other, Money | list):
        part, whole = _by_currency(one), _by_currency(other)
        if len(whole) != 1 or not part.keys() <= whole.keys():
            return None
        ((currency, minor),) = whole.items()
        one, other = part.get(currency, 0), minor
    return rounded(100 * Decimal(str(one)) / Decimal(str(other)), Unit.PERCENT) if other else None


def _amounts_between(one: dict[str, int], other: dict[str, int], main_currency: str) -> Any:
    names = sorted(one.keys() | other.keys() or {main_currency}, key=lambda name: (name != main_currency, name))
    amounts = [Money(one.get(name, 0) - other.get(name, 0), name) for name in names]
    return amounts[0] if len(amounts) == 1 else amounts


def _by_currency(value: Any) -> dict[str, int]:
    amounts = value if isinstance(value, list) else [value]
    return {money.currency: money.amount_minor for money in amounts if money.amount_minor}
