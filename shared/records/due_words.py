"""The words that days are made of, English and German, and the counting of days: what `due_days` and `due_spans` share.

Texts come folded: lower case, ä as ae, ß as ss, one space between words.
"""

from __future__ import annotations

import calendar as months
import re
import unicodedata
from datetime import date, timedelta

from shared.query.dates import Calendar

_NAMES = (
    ("monday", "mon", "montag", "mo"), ("tuesday", "tue", "tues", "dienstag", "di"),
    ("wednesday", "wed", "mittwoch", "mi"), ("thursday", "thu", "thur", "thurs", "donnerstag", "do"),
    ("friday", "fri", "freitag", "fr"), ("saturday", "sat", "samstag", "sonnabend", "sa"),
    ("sunday", "sun", "sonntag", "so"),
)  # fmt: skip
WEEKDAYS = {name: index for index, names in enumerate(_NAMES) for name in names}
_MONTH_NAMES = (
    "january jan januar jaenner", "february feb februar", "march mar maerz mrz", "april apr", "may mai",
    "june jun juni", "july jul juli", "august aug", "september sep sept", "october oct oktober okt",
    "november nov", "december dec dezember dez",
)  # fmt: skip
MONTHS = {name: index for index, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_NUMBERS = {
    word: n for n, words in enumerate(
        ("", "a an one ein eine einem einer", "two zwei", "three drei", "four vier", "five fuenf", "six sechs",
         "seven sieben", "eight acht", "nine neun", "ten zehn", "eleven elf", "twelve zwoelf", "thirteen dreizehn",
         "fourteen vierzehn")
    ) for word in words.split()
} | {"couple": 2, "a couple of": 2, "twenty": 20, "zwanzig": 20, "thirty": 30, "dreissig": 30}  # fmt: skip
_ORDINALS = {
    word: n for n, words in (
        (1, "first 1st erster ersten erste"), (2, "second 2nd zweiter zweiten zweite"),
        (3, "third 3rd dritter dritten dritte"), (4, "fourth 4th vierter vierten vierte"),
        (-1, "last letzter letzten letzte"),
    ) for word in words.split()
}  # fmt: skip


def _any(table: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, table), key=len, reverse=True))


NUMBER = rf"(?:\d{{1,3}}|{_any(_NUMBERS)})"
WEEKDAY = rf"(?:{_any(WEEKDAYS)})\.?"
ORDINAL = _any(_ORDINALS)
NTH = _any({word: n for word, n in _ORDINALS.items() if n > 0})
MONTH = rf"(?:{_any(MONTHS)})\.?"
YEAR = r"(?:,?\s+(?P<y>\d{4}))?"
NEXT = r"(?:next|naechste[nrms]?|kommende[nrms]?)"
AFTER_NEXT = r"(?:uebernaechste[nrms]?)"
THIS = r"(?:this|the|current|diese[nrms]?|laufende[nrms]?|des|der|den|dem|vom)"
UNIT = (
    r"(?P<u>d|days?|tage?n?|w|wks?|weeks?|wochen?|fortnights?|m|months?|monate?n?|quarters?|quartale?n?|y|years?|"
    r"jahre?n?|(?:working|work|business|week)\s*days?|werktage?n?|arbeitstage?n?)"
)
WORKING_DAY = r"(?:(?:working|work|business)\s?day|werktag|arbeitstag)"


class NoSuchDay(ValueError):
    """It has the form of a day and is none: `no_such_day`, or `weekday` where day and weekday disagree."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def fold(text: str) -> str:
    """Lower case, umlauts spelled out, accents off, one space between words, no full stop at the end."""
    lowered = text.casefold().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("’"): " ", ord("'"): " "})
    plain = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return " ".join(plain.split()).strip(" ,;!?")


def number(said: str) -> int:
    """A number in figures or words."""
    return int(said) if said.isdecimal() else _NUMBERS[said]


def weekday(said: str) -> int:
    """0 for Monday."""
    return WEEKDAYS[said.rstrip(".")]


def ordinal(said: str) -> int:
    """1 for the first, -1 for the last."""
    return _ORDINALS[said]


def month_end(year: int, month: int) -> date:
    """The last day of a month; months beyond twelve are of the years after."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, months.monthrange(year, month)[1])


def later(day: date, count: int) -> date:
    """So many months on (back if negative): the same day, or the month's last."""
    last = month_end(day.year, day.month + count)
    return last.replace(day=min(day.day, last.day))


def after(day: date, which: int) -> date:
    """The first such weekday after a day."""
    return day + timedelta(days=(which - day.weekday() - 1) % 7 + 1)


def in_week(calendar: Calendar, which: int, weeks: int) -> date:
    """That weekday in the week so many on, as the workspace counts weeks."""
    first = calendar.period_of(calendar.today, "week").first or calendar.today
    return first + timedelta(days=(which - calendar.week_start) % 7, weeks=weeks)


def working_days(day: date, count: int) -> date:
    """So many days on, or back, Saturdays and Sundays not counted."""
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while day.weekday() > 4:
            day += step
    return day


def unit_of(said: str) -> str:
    """Week, month, quarter, year, day, or working for working days."""
    for unit, starts in (("week", ("w", "fort")), ("month", ("m",)), ("quarter", ("q",)), ("year", ("y", "j"))):
        if said.startswith(starts) and not said.startswith(("work", "werk", "weekd", "week d")):
            return unit
    return "day" if said.startswith(("d", "t")) else "working"


def shifted(day: date, count: int, said: str) -> date:
    """So many of the unit that was said on; back if negative."""
    unit = unit_of(said)
    if unit == "working":
        return working_days(day, count)
    if unit in ("month", "quarter", "year"):
        return later(day, count * {"month": 1, "quarter": 3, "year": 12}[unit])
    return day + timedelta(days=count * (1 if unit == "day" else 14 if said.startswith("fort") else 7))
