"""Times by the calendar: months, days, dates, quarters, halves, years, weekdays."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import date, timedelta

from chatbot.assistant.understanding.calendar_words import (
    AMBIGUOUS,
    DAYS,
    LAST,
    MONTHS,
    NEXT,
    ORDINALS,
    THIS,
    UNITS,
    WEEKDAYS,
)
from chatbot.assistant.understanding.relative_times import relative_period
from chatbot.assistant.understanding.spans import Found, Span, TimeReader, day_span, shift

_OPENED = frozenset(("between", "from", "zwischen", "von", "vom"))
_JOINTS = frozenset(("and", "to", "until", "till", "through", "-", "–", "und", "bis"))


def month_at(reader: TimeReader, at: int) -> Found:
    """`March`, `in March 2026`, `last March`, `this May`, `January and February` is two."""
    size, which = 0, ""
    if reader.word(at) in LAST | NEXT | (THIS - {"the"}):
        which, size = reader.word(at), 1
    month = MONTHS.get(reader.word(at + size))
    if month is None or (_is_doubtful(reader, at + size) and not which):
        return None
    size += 1
    if reader.word(at + size) == "of" and reader.year(at + size + 1):
        size += 1
    year = reader.year(at + size)
    if year:
        return _whole_month(year, month), size + 1
    if which in LAST:
        past = reader.today.year - (month >= reader.today.month)
        return _whole_month(past, month), size
    if which in NEXT:
        ahead = reader.today.year + (month <= reader.today.month)
        return _whole_month(ahead, month), size
    span = _whole_month(reader.today.year, month)
    return (span if which else replace(span, floats="year")), size


def _is_doubtful(reader: TimeReader, at: int) -> bool:
    """Whether a month's name may be another word here: “may”, “march”, a person called April."""
    if reader.word(at) not in AMBIGUOUS:
        return False
    before, after = reader.word(at - 1), reader.word(at + 1)
    if reader.year(at + 1) or before in ("in", "im", "of", "for", "since", "until", "till", "by", "before", "after",
                                         "seit", "bis", "during", "and", "to", "fur", "fuer", "vor", "nach", "ab",
                                         "end", "ende", "anfang", "mitte", "from", "between", "through", "und",
                                         "early", "late", "mid"):  # fmt: skip
        return False
    return not (reader.number(at + 1) or (at > 0 and reader.number(at - 1)) or after in ("and", "to"))


def _whole_month(year: int, month: int) -> Span:
    return Span(date(year, month, 1).isoformat(), date(year, month, calendar.monthrange(year, month)[1]).isoformat())


def day_of_month(reader: TimeReader, at: int) -> Found:
    """`12 October`, `October 12th, 2026`, `the 3rd of May`, `12. November`, `am 15.`"""
    size = 1 if reader.word(at) in ("the", "am", "dem", "den") else 0
    first = MONTHS.get(reader.word(at + size))
    if first:
        number, taken = ordinal(reader, at + size + 1)
        if number is None or number > 31:
            return None
        return _dated(reader, at, at + size + 1 + taken, first, number)
    number, taken = ordinal(reader, at + size)
    if number is None or number > 31:
        return None
    after = at + size + taken
    if reader.word(after) == "of":
        after += 1
    month = MONTHS.get(reader.word(after))
    if month:
        return _dated(reader, at, after + 1, month, number)
    return None


def day_before_another(reader: TimeReader, at: int) -> Found:
    """`between 1 | and 15 January`, `vom 1. | bis 15. Mai`: the month is that of the second."""
    size = 1 if reader.word(at) in ("the", "dem", "den") else 0
    number, taken = ordinal(reader, at + size)
    joint = at + size + taken
    is_opened = reader.word(at - 1) in _OPENED
    if number is None or not is_opened or reader.word(joint) not in _JOINTS:
        return None
    second = day_of_month(reader, joint + 1)
    if second is None or not second[0].first:
        return None
    try:
        day = date.fromisoformat(second[0].first).replace(day=number)
    except ValueError:
        return None
    return day_span(day, floats=second[0].floats), joint - at


def ordinal(reader: TimeReader, at: int) -> tuple[int | None, int]:
    """A day's number and the tokens it takes: `12`, `12th` (two tokens), `12.` (two tokens)."""
    if reader.word(at) in DAYS:
        return DAYS[reader.word(at)], 1
    if at >= len(reader.tokens) or reader.tokens[at].kind != "number" or not reader.word(at).isdecimal():
        return None, 0
    number = int(reader.word(at)) if len(reader.word(at)) <= 2 else 99
    taken = 2 if reader.word(at + 1) in ("st", "nd", "rd", "th", ".") else 1
    return (number if 0 < number <= 31 else None), taken


def _dated(reader: TimeReader, at: int, end: int, month: int, number: int) -> Found:
    if reader.word(end) == "," and reader.year(end + 1):
        end += 1
    year = reader.year(end)
    try:
        day = date(year or reader.today.year, month, number)
    except ValueError:
        return None
    return day_span(day, floats="" if year else "year"), end + (1 if year else 0) - at


def written_date(reader: TimeReader, at: int) -> Found:
    """`2026-10-01`, `01.10.2026`, `1/10/2026` (day first, unless that is no date), `12.11.`"""
    token = reader.tokens[at]
    if token.kind != "date":
        return None
    parts = [int(part) for part in re.split(r"[-/.]", token.text) if part]
    today = reader.today
    if len(parts) == 2:
        candidates = [(today.year, parts[1], parts[0])]
    elif len(token.text.split(re.findall(r"[-/.]", token.text)[0])[0]) == 4:
        candidates = [(parts[0], parts[1], parts[2])]
    else:
        year = parts[2] + 2000 if parts[2] < 100 else parts[2]
        candidates = [(year, parts[1], parts[0]), (year, parts[0], parts[1])]
    for year, month, day in candidates:
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if 1800 <= found.year <= 2400:
            return day_span(found, floats="year" if len(parts) == 2 else ""), 1
    return None


def quarter_at(reader: TimeReader, at: int) -> Found:
    """`Q3`, `q3 2026`, `third quarter`, `the first quarter of 2026`, `3. Quartal`, `Q4 last year`."""
    size = 1 if reader.word(at) in ("the", "im", "das", "dem", "des") else 0
    match = re.fullmatch(r"q([1-4])", reader.word(at + size))
    number: int | None = None
    if match:
        number, size = int(match[1]), size + 1
    elif reader.word(at + size) in ORDINALS and UNITS.get(reader.word(at + size + 1)) == "quarter":
        number, size = ORDINALS[reader.word(at + size)], size + 2
    else:
        day, taken = ordinal(reader, at + size)
        if day in (1, 2, 3, 4) and UNITS.get(reader.word(at + size + taken)) == "quarter":
            number, size = day, size + taken + 1
    if number is None:
        return None
    year, taken = _year_beside(reader, at + size)
    start = reader.calendar.fiscal_year_start
    base = year if year is not None else _fiscal_year(reader)
    first_month = base * 12 + (start - 1) + (number - 1) * 3
    first = date(first_month // 12, first_month % 12 + 1, 1)
    last = shift(first, 3, "month") - timedelta(days=1)
    return Span(first.isoformat(), last.isoformat(), floats="" if year else "year"), size + taken


def _fiscal_year(reader: TimeReader) -> int:
    today = reader.today
    return today.year - (today.month < reader.calendar.fiscal_year_start)


def _year_beside(reader: TimeReader, at: int) -> tuple[int | None, int]:
    extra = 1 if reader.word(at) in ("of", "in", "des") else 0
    year = reader.year(at + extra)
    if year:
        return year, extra + 1
    which, unit = reader.word(at + extra), UNITS.get(reader.word(at + extra + 1))
    if unit == "year" and which in LAST | NEXT | (THIS - {"the"}):
        offset = -1 if which in LAST else 1 if which in NEXT else 0
        return _fiscal_year(reader) + offset, extra + 2
    return None, 0


def year_at(reader: TimeReader, at: int) -> Found:
    year = reader.year(at)
    if year is None or (at + 1 < len(reader.tokens) and reader.tokens[at + 1].text in "€$£%"):
        return None
    return Span(f"{year}-01-01", f"{year}-12-31"), 1


def half_year(reader: TimeReader, at: int) -> Found:
    match = re.fullmatch(r"h([12])", reader.word(at))
    size, half = (1, int(match[1])) if match else (0, 0)
    if not match:
        size = 1 if reader.word(at) in ("the", "im", "der", "dem", "den") else 0
        half = ORDINALS.get(reader.word(at + size), 0)
        if half not in (1, 2) or reader.word(at + size + 1) not in ("half", "halfte", "haelfte", "halbjahr"):
            return None
        size += 2
        while reader.word(at + size) in ("of", "des", "der", "the", "year", "jahres"):
            size += 1
        if (month := month_at(reader, at + size)) is not None:
            return _half_of_month(month[0], half), size + month[1]
    year, taken = _year_beside(reader, at + size)
    base = year or reader.today.year
    first, last = ((1, 1), (6, 30)) if half == 1 else ((7, 1), (12, 31))
    return Span(
        date(base, *first).isoformat(), date(base, *last).isoformat(), floats="" if year else "year"
    ), size + taken


def _half_of_month(month: Span, half: int) -> Span:
    first, last = month.first or "", month.last or ""
    if half == 1:
        return replace(month, last=f"{first[:8]}15")
    return replace(month, first=f"{first[:8]}16", last=last)


def weekday_at(reader: TimeReader, at: int) -> Found:
    """`on Monday`, `last Friday`, `this Thursday`, `Friday next week`, `Monday of last week`, `last week's Tuesday`."""
    week = relative_period(reader, at)
    if week is not None and _is_week(week[0]):
        after = at + week[1]
        after += reader.word(after) in ("'s", "on", "am")
        weekday = _weekday(reader, after)
        return (_day_of_week(reader, week[0], weekday), after + 1 - at) if weekday is not None else None
    size, which = 0, ""
    if reader.word(at) in LAST | NEXT | (THIS - {"the"}):
        which, size = reader.word(at), 1
    weekday = _weekday(reader, at + size)
    if weekday is None:
        return None
    size += 1
    today = reader.today
    after = at + size + (reader.word(at + size) in ("of", "in", "der"))
    week = relative_period(reader, after)
    if not which and week is not None and _is_week(week[0]):
        return _day_of_week(reader, week[0], weekday), after + week[1] - at
    if which in LAST:
        return day_span(today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)), size
    if which in THIS and weekday == today.weekday():
        return day_span(today), size
    ahead = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if which:
        return day_span(ahead), size
    return day_span(ahead, floats="week"), size


def _weekday(reader: TimeReader, at: int) -> int | None:
    """A weekday; a short one only with its capital."""
    weekday = WEEKDAYS.get(reader.word(at))
    is_small = len(reader.word(at)) == 3 and not reader.tokens[at].is_capital if weekday is not None else False
    return None if is_small else weekday


def _is_week(span: Span) -> bool:
    return span.token in ("last_week", "this_week", "next_week")


def _day_of_week(reader: TimeReader, week: Span, weekday: int) -> Span:
    first = reader.calendar.span(week.first or "").first
    assert first is not None
    return day_span(first + timedelta(days=(weekday - first.weekday()) % 7))
