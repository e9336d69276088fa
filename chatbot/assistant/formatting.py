"""Numbers, money, days and spans as people write them, in the language of the answer and the zone of who asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.units import format_unit

from shared import clock
from shared.query.results import Money

#: Where a currency is shown by letters, a space belongs between them and the figures: `SEK 5,000`, but `€5,000`.
_LETTER_BY_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_WORDS = {"en": {"yes": "yes", "no": "no"}, "de": {"yes": "ja", "no": "nein"}}


@dataclass(frozen=True, slots=True)
class Format:
    """How values are written for one asker. `language` is that of the answer: `en` or `de`."""

    language: str
    locale: Locale
    zone: ZoneInfo

    @classmethod
    def of(cls, language: str, locale: str, zone: ZoneInfo) -> Format:
        """The asker's locale where it speaks the answer's language: "20.000" would mislead in an English sentence."""
        language = language if language in _WORDS else "en"
        try:
            parsed = Locale.parse(locale.replace("-", "_"))
        except (ValueError, UnknownLocaleError):
            parsed = Locale(language)
        return cls(language, parsed if parsed.language == language else Locale(language), zone)

    @property
    def today(self) -> date:
        return clock.now().astimezone(self.zone).date()

    def value(self, value: Any, type: str = "text") -> str:
        """A value of a column of this type; an empty string for None."""
        if value is None or value == "":
            return ""
        if isinstance(value, list):
            return self.listed([self.value(entry, type) for entry in value])
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, bool):
            return _WORDS[self.language]["yes" if value else "no"]
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, int | float | Decimal):
            return self._measured(value, type)
        return " ".join(str(value).split())

    def _measured(self, value: float | Decimal, type: str) -> str:
        match type:
            case "percent":
                return self.number(value, 1) + ("%" if self.language == "en" else "\u00a0%")
            case "days":
                return str(format_unit(round(float(value), 1), "duration-day", "long", locale=self.locale))
            case "seconds" | "duration":
                return self.span(float(value))
        return self.number(value)

    def number(self, value: float | Decimal, digits: int = 2) -> str:
        return str(format_decimal(round(Decimal(str(value)), digits), locale=self.locale))

    def money(self, value: Money) -> str:
        """Without cents where there are none."""
        whole = value.amount == value.amount.to_integral_value()
        pattern = self.locale.currency_formats["standard"].pattern
        text = format_currency(
            value.amount, value.currency, pattern.replace(".00", "") if whole else None, locale=self.locale,
            currency_digits=not whole,
        )  # fmt: skip
        return _LETTER_BY_DIGIT.sub("\u00a0", str(text))

    def day(self, value: date) -> str:
        return str(format_date(value, format="long", locale=self.locale))

    def moment(self, value: datetime) -> str:
        """A day and time of day where the asker is."""
        local = value.astimezone(self.zone)
        return f"{self.day(local.date())}, {format_time(local.time(), format='short', locale=self.locale)}"

    def local_day(self, value: date) -> date:
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value

    def is_past(self, value: date) -> bool:
        return value < clock.now() if isinstance(value, datetime) else value < self.today

    def ago(self, value: date) -> str:
        """`17 days ago`, `in 2 days`, `today`: by the calendar where the asker is."""
        days = (self.local_day(value) - self.today).days
        if near := _NEAR[self.language].get(days):
            return near
        if abs(days) < 61:
            return str(format_timedelta(timedelta(days=days), "day", 400, add_direction=True, locale=self.locale))
        return str(format_timedelta(timedelta(days=days), "month", 24, add_direction=True, locale=self.locale))

    def span(self, seconds: float) -> str:
        """`1 hour, 20 minutes`."""
        minutes = round(seconds / 60)
        parts = [(minutes // 60, "duration-hour"), (minutes % 60, "duration-minute")]
        shown = [str(format_unit(count, unit, "long", locale=self.locale)) for count, unit in parts if count]
        return ", ".join(shown) or str(format_unit(0, "duration-minute", "long", locale=self.locale))

    def listed(self, parts: list[str]) -> str:
        """`a, b and c`."""
        return str(format_list(parts, locale=Locale("en", "GB") if self.language == "en" else self.locale))


_NEAR = {
    "en": {0: "today", -1: "yesterday", 1: "tomorrow"},
    "de": {0: "heute", -1: "gestern", 1: "morgen", -2: "vorgestern", 2: "übermorgen"},
}


def major(value: Any) -> Any:
    """A value of an answer for programs: money in major units, days and moments in ISO form."""
    if isinstance(value, Money):
        digits = get_currency_precision(value.currency)
        amount = float(value.amount)
        return {"amount": int(amount) if digits == 0 or amount.is_integer() else amount, "currency": value.currency}
    if isinstance(value, list):
        return [major(entry) for entry in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
