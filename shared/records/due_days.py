"""Days as they are typed: a table of whole wordings, English and German side by side, and what each comes to.

Texts come folded: lower case, ä as ae, ß as ss, one space between words.
"""

from __future__ import annotations

import calendar as months
import re
import unicodedata
from collections.abc import Callable
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
_MONTHS = {name: index for index, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
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
_W, _M, _N = rf"(?P<w>{WEEKDAY})", rf"(?P<m>{_any(_MONTHS)})\.?", rf"(?P<n>{NUMBER})"
_D = r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?"
_Y = r"(?:,?\s+(?P<y>\d{4}))?"
_NEXT = r"(?:next|naechste[nrms]?|kommende[nrms]?)"
_AFTER_NEXT = r"(?:uebernaechste[nrms]?)"
_THIS = r"(?:this|the|current|diese[nrms]?|laufende[nrms]?|des|der|vom)"
_PERIOD = r"(?P<u>week|month|quarter|year|woche|monats?|quartals?|jahre?s?)"
_UNIT = (
    r"(?P<u>d|days?|tage?n?|w|wks?|weeks?|wochen?|fortnights?|m|months?|monate?n?|quarters?|quartale?n?|y|years?|"
    r"jahre?n?|(?:working|business|week)\s*days?|werktage?n?|arbeitstage?n?)"
)


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
    return int(said) if said.isdigit() else _NUMBERS[said]


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


def later(day: date, count: int, *, unit: str = "month") -> date:
    """So many months or years on: the same day, or the month's last."""
    last = month_end(day.year, day.month + count * (12 if unit == "year" else 1))
    return last.replace(day=min(day.day, last.day))


def nth_weekday(year: int, month: int, n: int, which: int) -> date:
    """The n-th such weekday of a month, from its end for -1."""
    last = month_end(year, month)
    if n < 0:
        return last - timedelta(days=(last.weekday() - which) % 7)
    first = last.replace(day=1)
    return first + timedelta(days=(which - first.weekday()) % 7 + 7 * (n - 1))


def after(day: date, which: int) -> date:
    """The first such weekday after a day."""
    return day + timedelta(days=(which - day.weekday() - 1) % 7 + 1)


def in_week(calendar: Calendar, which: int, weeks: int) -> date:
    """That weekday in the week so many on, as the workspace counts weeks."""
    first = calendar.period_of(calendar.today, "week").first or calendar.today
    return first + timedelta(days=(which - calendar.week_start) % 7, weeks=weeks)


def working_days(day: date, count: int) -> date:
    """So many days on, Saturdays and Sundays not counted."""
    for _step in range(count):
        day += timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
    return day


def _unit(said: str) -> str:
    for unit, starts in (("week", ("w", "fort")), ("month", ("m",)), ("quarter", ("q",)), ("year", ("y", "j"))):
        if said.startswith(starts) and not said.startswith(("work", "werk", "weekd", "week d")):
            return unit
    return "day" if said.startswith(("d", "t")) else "working"


Resolver = Callable[[Calendar, "re.Match[str]", bool], date]


def _fixed(days: int) -> Resolver:
    return lambda calendar, _match, _first: calendar.today + timedelta(days=days)


def _in_units(calendar: Calendar, match: re.Match[str], _month_first: bool) -> date:
    count, unit = number(match["n"]), _unit(match["u"])
    day = calendar.today
    if unit == "working":
        return working_days(day, count)
    if unit in ("month", "quarter", "year"):
        return later(day, count * {"month": 1, "quarter": 3, "year": 12}[unit])
    return day + timedelta(days=count * (1 if unit == "day" else 14 if match["u"].startswith("fort") else 7))


def _week(weeks: int) -> Resolver:
    return lambda calendar, match, _first: in_week(calendar, weekday(match["w"]), weeks)


def _first_after(weeks: int = 0) -> Resolver:
    return lambda calendar, match, _first: after(calendar.today, weekday(match["w"])) + timedelta(weeks=weeks)


def _period_edge(offset: int, *, is_end: bool) -> Resolver:
    """First or last day of this or a later week (its Monday, its Friday), month, quarter or year."""

    def resolve(calendar: Calendar, match: re.Match[str], _month_first: bool) -> date:
        unit = _unit(match["u"])
        if unit == "week":
            friday = in_week(calendar, 4, offset)
            if is_end and offset == 0 and friday < calendar.today:
                return after(calendar.today, 4)
            return friday if is_end else in_week(calendar, 0, offset)
        span = calendar.period_of(calendar.today, unit)
        for _step in range(offset):
            span = calendar.period_of(span.last + timedelta(days=1), unit)
        return span.last if is_end or span.first is None else span.first

    return resolve


def _of_month(day_of: Callable[[date], date]) -> Resolver:
    """A day of a named month: this year's, or next year's once it is over."""

    def resolve(calendar: Calendar, match: re.Match[str], _month_first: bool) -> date:
        month, year = _MONTHS[match["m"]], int(match["y"] or 0)
        found = day_of(month_end(year or calendar.today.year, month))
        return found if year or found >= calendar.today else day_of(month_end(calendar.today.year + 1, month))

    return resolve


def _quarter_end(calendar: Calendar, match: re.Match[str], _month_first: bool) -> date:
    end = month_end(int(match["y"] or calendar.today.year), int(match["q"]) * 3)
    return end if match["y"] or end >= calendar.today else month_end(end.year + 1, end.month)


def _nth_of_month(calendar: Calendar, match: re.Match[str], _month_first: bool) -> date:
    n, which, today = ordinal(match["o"]), weekday(match["w"]), calendar.today
    if match["m"]:
        year, month = int(match["y"] or today.year), _MONTHS[match["m"]]
        found = nth_weekday(year, month, n, which)
        return found if match["y"] or found >= today else nth_weekday(year + 1, month, n, which)
    base = later(today.replace(day=1), 1) if match["next"] else today
    found = nth_weekday(base.year, base.month, n, which)
    following = later(base.replace(day=1), 1)
    return found if found >= today else nth_weekday(following.year, following.month, n, which)


def _written(calendar: Calendar, match: re.Match[str], month_first: bool) -> date:
    """Day and month in figures or words; without a year the next such day. Raises NoSuchDay."""
    parts = match.groupdict()
    day, month = int(parts["d"]), _MONTHS.get(parts.get("m") or "") or int(parts.get("mm") or 0)
    if parts.get("slash") and (month > 12 or (month_first and day <= 12)):
        day, month = month, day
    year = int(parts["y"]) if parts.get("y") else None
    if year is not None and year < 100:
        year += 2000
    found = _next_such(calendar.today, month, day, year)
    if found is None:
        raise NoSuchDay("no_such_day")
    if parts.get("w") and found.weekday() != weekday(parts["w"]):
        raise NoSuchDay("weekday", found.isoformat())
    return found


def _next_such(today: date, month: int, day: int, year: int | None) -> date | None:
    for candidate in (year,) if year is not None else range(today.year, today.year + 9):  # 29 February, at most 8 on
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if year is not None or found >= today:
            return found
    return None


def _day_of_month(calendar: Calendar, match: re.Match[str], _month_first: bool) -> date:
    day = int(match["d"])
    for step in range(12):
        last = month_end(calendar.today.year, calendar.today.month + step)
        if 1 <= day <= last.day and last.replace(day=day) >= calendar.today:
            return last.replace(day=day)
    raise NoSuchDay("no_such_day")


_END = r"(?:(?:the\s+)?end(?:\s+of)?|ende|(?:the\s+)?last\s+day\s+of|close\s+of)"
_START = r"(?:(?:the\s+)?(?:start|beginning)(?:\s+of)?|anfang|beginn|first\s+day\s+of)"
_MID = r"(?:mid|middle\s+of|mitte)"
_RULES: tuple[tuple[re.Pattern[str], Resolver], ...] = tuple(
    (re.compile(wording), resolve)
    for wording, resolve in (
        (r"today|tod|now|heute|jetzt", _fixed(0)),
        (r"tomorrow|tomorow|tommorow|tmrw?|morgen", _fixed(1)),
        (r"(?:the\s+)?day\s+after\s+tomorrow|overmorrow|uebermorgen", _fixed(2)),
        (r"yesterday|gestern", _fixed(-1)),
        (r"(?:tomorrow|morgen)\s+in\s+(?:a|one|einer)\s+(?:week|woche)", _fixed(8)),
        (rf"(?:this\s+|diese[sn]?\s+|coming\s+|{_NEXT}\s+)?(?:weekend|wochenende)",
         lambda calendar, _match, _first: after(calendar.today, 5)),
        (rf"(?:in\s+|\+\s?)?{_N}\s*{_UNIT}(?:\s+time|\s+from\s+(?:now|today)|\s+ab\s+heute)?", _in_units),
        (rf"(?:heute|today)\s+in\s+{_N}\s+{_UNIT}", _in_units),
        (r"\+\s?(?P<n>\d{1,3})(?P<u>)",
         lambda calendar, match, _first: calendar.today + timedelta(days=int(match["n"]))),
        (r"in\s+(?:half\s+a\s+year|einem\s+halben\s+jahr)", lambda calendar, _match, _first: later(calendar.today, 6)),
        (rf"(?:this\s+|coming\s+|diese[nrm]?\s+|kommende[nrm]?\s+|naechste[nrm]\s+)?{_W}", _first_after()),
        (rf"next\s+{_W}", _week(1)),
        (rf"{_W}\s+(?:of\s+)?next\s+week", _week(1)),
        (rf"next\s+week,?\s+(?:on\s+)?{_W}", _week(1)),
        (rf"(?:in\s+der\s+|der\s+)?{_NEXT}\s+woche,?\s+(?:am\s+)?{_W}", _week(1)),
        (rf"{_W}\s+(?:in\s+der\s+|der\s+)?{_NEXT}\s+woche", _week(1)),
        (rf"{_AFTER_NEXT}\s+{_W}", _week(2)),
        (rf"{_W}\s+after\s+next", _week(2)),
        (rf"{_W}\s+(?:in\s+der\s+)?{_AFTER_NEXT}\s+woche", _week(2)),
        (rf"{_AFTER_NEXT}\s+woche,?\s+(?:am\s+)?{_W}", _week(2)),
        (rf"a\s+week\s+(?:from|on)\s+{_W}", _first_after(1)),
        (rf"{_W}\s+(?:week|in\s+a\s+week|in\s+einer\s+woche)", _first_after(1)),
        (rf"{_W}\s+in\s+{_N}\s+(?:weeks|wochen)",
         lambda calendar, match, _first: in_week(calendar, weekday(match["w"]), number(match["n"]))),
        (rf"(?:{_END}\s+(?:{_THIS}\s+)?|this\s+|diese[snr]?\s+){_PERIOD}", _period_edge(0, is_end=True)),
        (r"(?P<u>month|quarter|year)[ -]?end", _period_edge(0, is_end=True)),
        (r"(?P<u>monat|quartal|jahr)(?:e?s)?ende", _period_edge(0, is_end=True)),
        (r"eo(?P<u>[wmqy])", _period_edge(0, is_end=True)),
        (rf"{_END}\s+(?:{_THIS}\s+)?{_NEXT}\s+{_PERIOD}", _period_edge(1, is_end=True)),
        (rf"{_START}\s+(?:{_THIS}\s+)?{_NEXT}\s+{_PERIOD}", _period_edge(1, is_end=False)),
        (rf"(?:in\s+|im\s+)?(?:{_THIS}\s+)?{_NEXT}\s+{_PERIOD}", _period_edge(1, is_end=False)),
        (rf"(?:the\s+)?{_PERIOD}\s+after\s+next", _period_edge(2, is_end=False)),
        (rf"{_AFTER_NEXT}\s+{_PERIOD}", _period_edge(2, is_end=False)),
        (rf"{_END}\s+(?:of\s+)?{_M}{_Y}", _of_month(lambda last: last)),
        (rf"{_START}\s+(?:of\s+)?{_M}{_Y}", _of_month(lambda last: last.replace(day=1))),
        (rf"{_MID}[ -]{_M}{_Y}", _of_month(lambda last: last.replace(day=15))),
        (rf"{_END}\s+(?:of\s+)?q(?P<q>[1-4]){_Y}", _quarter_end),
        (rf"(?:the\s+)?(?P<o>{ORDINAL})\s+{_W}\s+(?:(?:of|in|im|des)\s+)?"
         rf"(?:(?:{_THIS}\s+)?(?P<next>{_NEXT}\s+)?(?:month|monats?)|{_M}{_Y})", _nth_of_month),
        (r"(?P<y>\d{4})-(?P<mm>\d{1,2})-(?P<d>\d{1,2})", _written),
        (rf"(?:{_W},?\s+)?(?:(?:the|der|den|dem)\s+)?(?P<d>\d{{1,2}})\.\s?(?P<mm>\d{{1,2}})\.?\s?(?P<y>\d{{4}}|\d\d)?",
         _written),
        (rf"(?:{_W},?\s+)?(?P<d>\d{{1,2}})(?P<slash>/)(?P<mm>\d{{1,2}})(?:/(?P<y>\d{{4}}|\d\d))?", _written),
        (rf"(?:{_W},?\s+)?(?:(?:the|der|den|dem)\s+)?{_D}\s*(?:of\s+)?{_M}{_Y}", _written),
        (rf"(?:{_W},?\s+)?{_M}\s+(?:the\s+)?{_D}{_Y}", _written),
        (r"(?:the\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th|\.)", _day_of_month),
    )
)  # fmt: skip


def find(text: str, calendar: Calendar, *, month_first: bool = False) -> date | None:
    """The day a folded text names, None if it names none. Raises NoSuchDay."""
    for wording, resolve in _RULES:
        if match := wording.fullmatch(text):
            try:
                return resolve(calendar, match, month_first)
            except OverflowError as error:  # a thousand years on
                raise NoSuchDay("too_far") from error
    return None
