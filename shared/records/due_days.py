"""Days as they are typed: a table of whole wordings, English and German side by side, and what each comes to.

Days at the edge of a span (“end of next month”) are `due_spans`'; days counted from another day (“3 days before
christmas”) are counted here from whatever day the rest of the text names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from dateutil.easter import easter

from shared.query.dates import Calendar
from shared.records import due_spans
from shared.records.due_words import (
    AFTER_NEXT,
    MONTH,
    MONTHS,
    NEXT,
    NTH,
    NUMBER,
    UNIT,
    WEEKDAY,
    WORKING_DAY,
    YEAR,
    NoSuchDay,
    after,
    in_week,
    later,
    month_end,
    number,
    ordinal,
    shifted,
    weekday,
    working_days,
)

_W, _M, _N = rf"(?P<w>{WEEKDAY})", rf"(?P<m>{MONTH})", rf"(?P<n>{NUMBER})"
_D = r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?"

#: Days with a name: (month, day), or days after Easter Sunday.
_HOLIDAYS: dict[str, tuple[int, int] | int] = {
    name: when
    for names, when in (
        ("christmas|christmas day|xmas|weihnachten", (12, 25)), ("boxing day", (12, 26)),
        ("christmas eve|heiligabend|heilig abend|heiliger abend", (12, 24)),
        ("new year s eve|new years eve|silvester", (12, 31)),
        ("new year|new year s|new years|new year s day|new years day|neujahr", (1, 1)),
        ("good friday|karfreitag", -2), ("easter|easter sunday|ostern|ostersonntag", 0),
        ("easter monday|ostermontag", 1),
        ("ascension|ascension day|himmelfahrt|christi himmelfahrt", 39), ("whitsun|pentecost|pfingsten", 49),
        ("whit monday|pfingstmontag", 50),
    )
    for name in names.split("|")
}  # fmt: skip
HOLIDAY = rf"(?P<holiday>{'|'.join(sorted(_HOLIDAYS, key=len, reverse=True))})"

Resolver = Callable[[Calendar, "re.Match[str]", bool], date]


def _fixed(days: int) -> Resolver:
    return lambda calendar, _match, _first: calendar.today + timedelta(days=days)


def _in_units(calendar: Calendar, match: re.Match[str], _month_first: bool) -> date:
    return shifted(calendar.today, number(match["n"]), match["u"])


def _this_weekend(calendar: Calendar, _match: re.Match[str], _month_first: bool) -> date:
    """Its Saturday; within it, what is left of it begins today."""
    return calendar.today if calendar.today.weekday() >= 5 else after(calendar.today, 5)


def _holiday(calendar: Calendar, match: re.Match[str], _month_first: bool) -> date:
    when, today = _HOLIDAYS[match["holiday"]], calendar.today
    years = (today.year, today.year + 1)
    days = [date(year, *when) if isinstance(when, tuple) else easter(year) + timedelta(days=when) for year in years]
    return next(day for day in days if day >= today)


def _before_holiday(calendar: Calendar, match: re.Match[str], month_first: bool) -> date:
    """The last working day before it: nobody is due on the holiday itself."""
    return working_days(_holiday(calendar, match, month_first), -1)


def _nth_of_month(calendar: Calendar, match: re.Match[str], _month_first: bool) -> date:
    """“First of December”: the day in an ordinal's word."""
    found = _next_such(
        calendar.today, MONTHS[match["m"].rstrip(".")], ordinal(match["o"]), int(match["y"] or 0) or None
    )
    return found or calendar.today


def _week(weeks: int) -> Resolver:
    return lambda calendar, match, _first: in_week(calendar, weekday(match["w"]), weeks)


def _first_after(weeks: int = 0) -> Resolver:
    return lambda calendar, match, _first: after(calendar.today, weekday(match["w"])) + timedelta(weeks=weeks)


def _written(calendar: Calendar, match: re.Match[str], month_first: bool) -> date:
    """Day and month in figures or words; without a year the next such day. Raises NoSuchDay."""
    parts = match.groupdict()
    day, month = int(parts["d"]), MONTHS.get((parts.get("m") or "").rstrip(".")) or int(parts.get("mm") or 0)
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


_RULES: tuple[tuple[re.Pattern[str], Resolver], ...] = tuple(
    (re.compile(wording), resolve)
    for wording, resolve in (
        (r"today|tod|now|heute|jetzt", _fixed(0)),
        (r"tomorrow|tomorow|tommorow|tmrw?|morgen", _fixed(1)),
        (r"(?:the\s+)?day\s+after\s+tomorrow|overmorrow|uebermorgen", _fixed(2)),
        (r"yesterday|gestern", _fixed(-1)),
        (r"(?:this\s+|diese[sn]?\s+)?(?:weekend|wochenende)", _this_weekend),
        (rf"(?:coming\s+|{NEXT}\s+)(?:weekend|wochenende)",
         lambda calendar, _match, _first: after(calendar.today, 5)),
        (rf"(?:in\s+|\+\s?)?{_N}\s*{UNIT}(?:\s+time|\s+from\s+(?:now|today)|\s+ab\s+heute)?", _in_units),
        (r"\+\s?(?P<n>\d{1,3})(?P<u>)",
         lambda calendar, match, _first: calendar.today + timedelta(days=int(match["n"]))),
        (r"in\s+(?:half\s+a\s+year|einem\s+halben\s+jahr)", lambda calendar, _match, _first: later(calendar.today, 6)),
        (rf"(?:this\s+|coming\s+|diese[nrm]?\s+|kommende[nrm]?\s+|naechste[nrm]\s+)?{_W}", _first_after()),
        (rf"{NEXT}\s+{WORKING_DAY}", lambda calendar, _match, _first: working_days(calendar.today, 1)),
        (rf"next\s+{_W}", _week(1)),
        (rf"{AFTER_NEXT}\s+{_W}", _week(2)),
        (rf"{_W}\s+after\s+next", _week(2)),
        (rf"{_W}\s+(?:week|in\s+a\s+week|in\s+einer\s+woche)", _first_after(1)),
        (rf"{_W}\s+in\s+{_N}\s+(?:weeks|wochen)",
         lambda calendar, match, _first: in_week(calendar, weekday(match["w"]), number(match["n"]))),
        (rf"(?:in\s+)?{_N}\s+{_W}s?\s+(?:from\s+now|ab\s+jetzt)",
         lambda calendar, match, _first: after(calendar.today, weekday(match["w"].removesuffix("s")))
         + timedelta(weeks=number(match["n"]) - 1)),
        (HOLIDAY, _holiday),
        (rf"(?:before|vor)\s+{HOLIDAY}", _before_holiday),
        (r"(?P<y>\d{4})-(?P<mm>\d{1,2})-(?P<d>\d{1,2})", _written),
        (rf"(?:{_W},?\s+)?(?:(?:the|der|den|dem)\s+)?(?P<d>\d{{1,2}})\.\s?(?P<mm>\d{{1,2}})\.?\s?(?P<y>\d{{4}}|\d\d)?",
         _written),
        (rf"(?:{_W},?\s+)?(?P<d>\d{{1,2}})(?P<slash>/)(?P<mm>\d{{1,2}})(?:/(?P<y>\d{{4}}|\d\d))?", _written),
        (rf"(?:{_W},?\s+)?(?:(?:the|der|den|dem)\s+)?{_D}\s*(?:of\s+)?{_M}{YEAR}", _written),
        (rf"(?:{_W},?\s+)?{_M}\s+(?:the\s+)?{_D}{YEAR}", _written),
        (rf"(?:(?:the|der|den|dem)\s+)?(?P<o>{NTH})\s+(?:of\s+)?{_M}{YEAR}", _nth_of_month),
        (r"(?:the\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th|\.)", _day_of_month),
    )
)  # fmt: skip


#: “Two weeks from monday”, “eine Woche vor Weihnachten”, “tomorrow in 14 days”: a day counted from another.
_FROM = re.compile(rf"(?:the\s+)?(?:{_N}\s*)?{UNIT}\s+(?P<way>before|prior\s+to|vor|after|nach|from|on)\s+(?P<day>.+)")
_AFTER = re.compile(rf"(?P<day>.+?)\s+in\s+{_N}\s+{UNIT}")
_ARTICLE = re.compile(r"(?:the|der|dem|den|das)\s+")


def find(text: str, calendar: Calendar, *, month_first: bool = False) -> date | None:
    """The day a folded text names, None if it names none. Raises NoSuchDay."""
    try:
        for wording, resolve in _RULES:
            if match := wording.fullmatch(text):
                return resolve(calendar, match, month_first)
        if (found := due_spans.find(text, calendar)) is not None:
            return found
        return _counted(text, calendar, month_first)
    except OverflowError as error:  # a thousand years on
        raise NoSuchDay("too_far") from error


def _counted(text: str, calendar: Calendar, month_first: bool) -> date | None:
    """A day counted from the day that the rest of the text names."""
    if not (match := _FROM.fullmatch(text) or _AFTER.fullmatch(text)):
        return None
    day = find(_ARTICLE.sub("", match["day"], count=1), calendar, month_first=month_first)
    if day is None:
        return None
    is_back = match.groupdict().get("way", "").startswith(("before", "prior", "vor"))
    return shifted(day, number(match["n"] or "a") * (-1 if is_back else 1), match["u"])
