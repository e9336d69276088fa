"""Cells of the team's own fields: what `shared.records.custom` would keep of a value typed into a form.

Read as leniently as other cells: numbers and days as their column writes them, a choice or a colleague by name, `yes`
and `ja` for a tick. What the export writes is read back as the same value: a list taken out and in changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from shared.imports.reading import Cell
from shared.imports.styles import Style, moment, number
from shared.imports.tag_cells import parts_of
from shared.models import CustomType, FieldDefinition
from shared.records import custom_types, tags
from shared.records.deals import nearest_minor, to_major

SYMBOLS = {
    "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₣": "CHF", "US$": "USD", "A$": "AUD", "C$": "CAD", "R$": "BRL",
    "FR": "CHF", "SFR": "CHF", "₹": "INR", "RS": "INR", "₪": "ILS", "₺": "TRY", "₩": "KRW", "₴": "UAH", "₽": "RUB",
    "ZŁ": "PLN", "KČ": "CZK", "FT": "HUF", "EURO": "EUR",
}  # fmt: skip
_YES = frozenset(["yes", "y", "true", "1", "x", "on", "✓", "✔", "ja", "j", "wahr", "checked", "כן"])
_NO = frozenset(["no", "n", "false", "0", "off", "nein", "falsch", "unchecked", "לא"])


@dataclass(frozen=True, slots=True)
class OwnField:
    """A custom field as a column needs it: `options` are its values by what people may call them."""

    key: str
    type: CustomType
    options: dict[str, str]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, definition: FieldDefinition) -> Self:
        options = {tags.key_of(str(o["value"])): str(o["value"]) for o in definition.options}
        options |= {tags.key_of(str(o["label"])): str(o["value"]) for o in definition.options}
        return cls(definition.key, definition.type, options, tuple(str(o["label"]) for o in definition.options))


@dataclass(frozen=True, slots=True)
class _Asked:
    own: OwnField
    cell: Cell
    style: Style
    currency: str
    find_user: Callable[[Cell], int]

    @property
    def text(self) -> str:
        return str(self.cell).strip()


def read(own: OwnField, cell: Cell, style: Style, currency: str, find_user: Callable[[Cell], int]) -> Any:
    """The value as `custom` JSON holds it. Raises ValueError with a sentence."""
    return _READERS[own.type](_Asked(own, cell, style, currency, find_user))


def _plain(asked: _Asked) -> Any:
    return custom_types.plain(asked.own.type, asked.text)


def _number(asked: _Asked) -> Any:
    exact = asked.cell if isinstance(asked.cell, int | float) else number(asked.cell, asked.style)
    return custom_types.plain(CustomType.NUMBER, exact)


def _money(asked: _Asked) -> Any:
    amount, named = money(asked.cell, asked.style)
    currency = named or asked.currency
    exact = in_currency(asked.cell, amount, currency)
    return custom_types.plain(CustomType.MONEY, {"amount": exact, "currency": currency})


def _date(asked: _Asked) -> Any:
    return custom_types.plain(CustomType.DATE, moment(asked.text, asked.style)[0])


def _checkbox(asked: _Asked) -> bool:
    word = asked.text.casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError("Must be yes or no.")


def _option(asked: _Asked, text: str) -> str:
    found = asked.own.options.get(tags.key_of(text))
    if found is None:
        raise ValueError(f"“{text[:60]}” cannot be chosen. There are: {', '.join(asked.own.labels)}.")
    return found


def _select(asked: _Asked) -> str:
    return _option(asked, asked.text)


def _multi_select(asked: _Asked) -> list[str]:
    """In the order of the options, as the verbs keep them. A comma may belong to an option."""
    parts = [part for part in parts_of(asked.text, ";\n|") if part]
    chosen: set[str] = set()
    for part in parts:
        whole = asked.own.options.get(tags.key_of(part)) or asked.own.options.get(tags.key_of(part.strip('"')))
        chosen |= {whole} if whole else {_option(asked, one) for one in parts_of(part, ",")}
    return [value for value in dict.fromkeys(asked.own.options.values()) if value in chosen]


def _person(asked: _Asked) -> int:
    return asked.find_user(asked.cell)


_READERS: dict[CustomType, Callable[[_Asked], Any]] = {
    CustomType.TEXT: _plain,
    CustomType.NUMBER: _number,
    CustomType.MONEY: _money,
    CustomType.DATE: _date,
    CustomType.SELECT: _select,
    CustomType.MULTI_SELECT: _multi_select,
    CustomType.CHECKBOX: _checkbox,
    CustomType.URL: _plain,
    CustomType.PERSON: _person,
}


def money(cell: Cell, style: Style) -> tuple[Decimal, str]:
    """Amount and currency, which is empty where the cell names none. Raises ValueError."""
    if isinstance(cell, int | float):
        return _of_spreadsheet(cell), ""
    value = number(cell, style)
    if value < 0:
        raise ValueError("An amount cannot be negative.")
    sign = re.sub(r"[\d.,'’+\-−–—/\s\u00a0\u202f()]", "", cell).upper()
    code = SYMBOLS.get(sign, sign)
    if code and len(code) != 3:
        raise ValueError(f"“{sign}” is no currency.")
    return value, code


def in_currency(cell: Cell, amount: Decimal, currency: str) -> Decimal:
    """A cell's amount. What a spreadsheet has worked out (nobody writes three decimals of a price) is in it finer than
    it shows, and is rounded to its currency; what somebody wrote is not, and is refused later."""
    is_worked_out = isinstance(cell, float) and amount != round(amount, 2)
    return to_major(nearest_minor(amount, currency), currency) if is_worked_out else amount


def was_rounded(cell: Cell, value: Any) -> bool:
    """Whether an own field's money is another amount than its cell has."""
    if not (isinstance(cell, float) and isinstance(value, dict)):
        return False
    return to_major(value["minor"], value["currency"]) != _of_spreadsheet(cell)


def _of_spreadsheet(cell: float) -> Decimal:
    """As exact as spreadsheets are: 0.1 + 0.2 is 0.3."""
    return Decimal(f"{cell:.15g}")
