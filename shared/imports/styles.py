"""How a column writes dates and numbers, decided over the whole of it: one cell alone cannot tell 03/04 from 04/03.

31/12/2026 anywhere ─▶ the day stands first in all of the column
1.234,50 anywhere   ─▶ the comma is the decimal sign in all of it
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

_NUMERIC = re.compile(r"^(\d{1,4})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{1,4})")
_CLOCK = re.compile(
    r"[T ,]*(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap]\.?m\.?)?\s*(?:Uhr)?\s*(Z|[+-]\d{2}:?\d{2})?\s*$",
    re.I,
)
_WORDED = re.compile(r"^(?:\w+,?\s+)?(\d{1,2})[.\s-]+([^\W\d_]{3,})\.?[,\s-]*(\d{4}|\d{2})$")
_WORDED_US = re.compile(r"^(?:\w+,\s*)?([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$")
#: Days since the end of 1899, as spreadsheets count them, from 1954 to 2118; behind the point the time of the day.
_SERIAL = re.compile(r"([2-7]\d{4})(\.\d+)?")
_SERIAL_ZERO = datetime.combine(date(1899, 12, 30), time(0))
_NUMBER_ALONE = re.compile(r"[+-]?[\d.,'’]+")
#: `1.500,-`, `CHF 20.–` and `Rs. 5,000/-` name no cents; `Fr.` and `Rs.` end in no decimal point.
_NO_CENTS, _BY_NAME = re.compile(r"([.,])\s*[-–—−]+(?!\s*\d)"), re.compile(r"^\s*[^\W\d_]{1,3}\.\s*|/[-–—−]\s*$")
#: What may stand in a number: signs, and a word of three letters, be it a currency or a unit; but not `12k` or `5 Mio`.
_BESIDE = re.compile(
    r"[\d.,'’+\-−–—\s\u00a0\u202f()%]|(?<![^\W\d_])(?:[^\W\d_]{1,3}|euros?)(?![^\W\d_])|[€$£¥₣₹₪₺₩₴₽]", re.I
)
_TIMES = re.compile(r"\d\s*(?:[kK]|[mM]io|[mM]rd|[tT]sd|[bmBM]n|(?<=\d)M)(?![^\W\d_])")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan januar january", "feb februar february", "mar mrz mär maer märz maerz march marz", "apr april", "mai may",
         "jun juni june", "jul juli july", "aug august", "sep sept september", "okt oct oktober october",
         "nov november", "dez dec dezember december"), 1)
    for name in names.split()
}  # fmt: skip


@dataclass(slots=True)
class Evidence:
    """What has been seen of a column."""

    day_first: int = 0
    month_first: int = 0
    dotted: int = 0
    decimal_comma: int = 0
    decimal_point: int = 0
    problems: list[str] = field(default_factory=list)

    def see_date(self, cell: object) -> None:
        match = _NUMERIC.match(str(cell).strip())
        if match is None or len(match[1]) == 4:
            return
        first, second = int(match[1]), int(match[3])
        if first > 12 >= second:
            self.day_first += 1
        elif second > 12 >= first:
            self.month_first += 1
        elif match[2] == ".":
            self.dotted += 1

    def see_number(self, cell: object) -> None:
        if isinstance(cell, str) and (sign := _decimal_sign(_bare_number(cell))):
            if sign == ",":
                self.decimal_comma += 1
            else:
                self.decimal_point += 1

    def style(self, locale: str) -> Style:
        """The column's style; where nothing in it tells, as the language of the workspace has it."""
        if self.day_first or self.month_first:
            order = "dmy" if self.day_first >= self.month_first else "mdy"
        else:
            order = "mdy" if not self.dotted and locale.replace("-", "_").lower() in ("en", "en_us") else "dmy"
        comma = self.decimal_comma > self.decimal_point
        if not self.decimal_comma and not self.decimal_point:
            comma = locale[:2] in ("de",)
        return Style(order, "," if comma else ".")


@dataclass(frozen=True, slots=True)
class Style:
    """`order` of a date in figures: dmy or mdy; `decimal` is the decimal sign."""

    order: str = "dmy"
    decimal: str = "."

    def to_json(self) -> dict[str, Any]:
        return {"order": self.order, "decimal": self.decimal}


def _bare_number(text: str) -> str:
    return re.sub(r"[^\d.,'’+\-−]", "", _BY_NAME.sub("", _NO_CENTS.sub(r"\g<1>00", text))).replace("−", "-")


def _decimal_sign(bare: str) -> str | None:
    """The decimal sign, where the number tells: the last of two different ones, or one not before three figures."""
    signs = [c for c in bare if c in ".,"]
    if not signs:
        return None
    last = signs[-1]
    after = len(bare) - bare.rindex(last) - 1
    if len(set(signs)) == 2:
        return last
    if len(signs) > 1:
        return "." if last == "," else ","  # 1,234,567: a sign that stands twice groups
    return last if after != 3 or bare.lstrip("+-").startswith("0") else None


def number(text: str, style: Style) -> Decimal:
    """A number in local spelling: `1.234,50`, `1,234.5`, `1'234`, `(12)`. Raises ValueError."""
    bare = _bare_number(text)
    negative = bare.startswith("-") or bare.endswith("-") or re.fullmatch(r"\s*\(.*\)\s*", text) is not None
    bare = bare.strip("+-").replace("'", "").replace("’", "")
    letters = _BESIDE.sub("", _BY_NAME.sub("", text))
    if not any(c.isdecimal() for c in bare) or letters or _TIMES.search(text):
        raise ValueError("This is not a number.")
    decimal = _decimal_sign(bare) or style.decimal
    whole = bare.replace("." if decimal == "," else ",", "").replace(decimal, ".")
    try:
        value = Decimal(whole)
    except InvalidOperation:
        raise ValueError("This is not a number.") from None
    return -value if negative else value


def moment(text: str, style: Style) -> tuple[date, time | None, str]:
    """A day, the time of it if it was given, and that time's zone as written; a spreadsheet's count of days too.

    Raises ValueError.
    """
    text = " ".join(text.split())
    if _SERIAL.fullmatch(text):
        counted = _SERIAL_ZERO + timedelta(seconds=round(float(text) * 86400))
        return counted.date(), counted.time() if "." in text else None, ""
    clock = _CLOCK.search(text)
    at, zone = None, ""
    if clock is not None and clock.start() > 0:
        at, zone, text = _time(clock), clock[5] or "", text[: clock.start()].rstrip(" ,T")
        text = text.removesuffix(" um").removesuffix(" at")
    return _day(text, style), at, zone


def unmistakable(text: str, style: Style, *, is_date: bool) -> str:
    """A day or a number of a column, so that it reads the same without the rest of it; what cannot be read as it is."""
    try:
        if is_date:
            day, at, zone = moment(text, style)
            return f"{day.isoformat()}{f' {at.isoformat()}{zone}' if at else ''}"
        whole = f"{number(text, style):f}" if _NUMBER_ALONE.fullmatch(text.strip()) else text
    except ValueError:
        return text
    return f"{whole}0" if re.fullmatch(r"-?\d+\.\d{3}", whole) else whole  # 1.125 may be a thousand


def _time(clock: re.Match[str]) -> time:
    hour = int(clock[1])
    if clock[4]:
        hour = hour % 12 + (12 if clock[4].lower().startswith("p") else 0)
    try:
        return time(hour, int(clock[2]), int(clock[3] or 0))
    except ValueError:
        raise ValueError("This is not a time of a day.") from None


def _day(text: str, style: Style) -> date:
    wrong = ValueError("This is not a date.")
    if (match := _NUMERIC.fullmatch(text)) or (match := re.fullmatch(r"(\d{4})(-?)(\d{2})\2(\d{2})", text)):
        one, two, three = match[1], match[3], match[4]
        if len(one) == 4:
            year, month, day = int(one), int(two), int(three)
        else:
            first, second, year = int(one), int(two), _year(three)
            day, month = (first, second) if style.order != "mdy" else (second, first)
            if month > 12 and day <= 12:
                raise ValueError("Day and month stand the other way round in the rest of this column.")
    elif match := _WORDED.match(text):
        day, month, year = int(match[1]), _month(match[2]), _year(match[3])
    elif match := _WORDED_US.match(text):
        day, month, year = int(match[2]), _month(match[1]), int(match[3])
    else:
        raise wrong
    try:
        found = date(year, month, day)
    except ValueError:
        raise wrong from None
    if not 1800 <= found.year <= 2400:
        raise ValueError("Must lie between 1800 and 2400.")
    return found


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 70 else 1900)


def _month(word: str) -> int:
    found = _MONTHS.get(word.casefold())
    if found is None:
        raise ValueError("This is not a date.")
    return found


def as_datetime(day: date, at: time | None) -> datetime:
    """Without a zone."""
    return datetime.combine(day, at or time(0))
