"""Parts of periods and times beside them: early October, the rest of the year, the week before last, the summer."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, timedelta

from chatbot.assistant.understanding.calendar_times import (
    day_of_month,
    month_at,
    ordinal,
    quarter_at,
    weekday_at,
    written_date,
    year_at,
)
from chatbot.assistant.understanding.calendar_words import DAYS, LAST, MONTHS, NEXT, SEASONS, THIS, UNITS
from chatbot.assistant.understanding.relative_times import relative_period
from chatbot.assistant.understanding.spans import Found, Span, TimeReader, day_span, shift

_LONG_UNITS = frozenset(("week", "month", "quarter", "year"))
#: Behind these an edge is its very day; elsewhere it is the days around it.
_BOUNDING = frozenset(
    ("since", "by", "until", "till", "before", "after", "from", "of", "bis", "seit", "vor", "nach", "ab")
)
_STARTS = frozenset(("start", "beginning", "outset", "anfang", "beginn"))
_ENDS = frozenset(("end", "ende", "close"))
#: “since the quarter began”: its first day, said as what it did.
_BEGAN = frozenset(("began", "started", "begins", "starts", "begann", "anfing"))
_PARTS = {"early": "start", "late": "end", "mid": "middle", "anfang": "start", "ende": "end", "mitte": "middle"}


def _inner(reader: TimeReader, at: int) -> Found:
    """The period a part is of: `the month`, `this quarter`, `October`, `Q3`, `2027`, with its “of the”."""
    begin = at
    while reader.word(at) in ("of", "in", "des", "der", "the", "von", "dieses"):
        at += 1
    unit = UNITS.get(reader.word(at))
    if unit in _LONG_UNITS:
        span = reader.calendar.span(f"this_{unit}")
        found: Found = (_of_days(span.first, span.last), 1)
    else:
        found = relative_period(reader, at) or month_at(reader, at) or quarter_at(reader, at) or year_at(reader, at)
    return (found[0], at - begin + found[1]) if found is not None else None


def _of_days(first: date | None, last: date | None) -> Span:
    return Span(first.isoformat() if first else None, last.isoformat() if last else None)


def _days_of(reader: TimeReader, span: Span) -> tuple[date, date] | None:
    """First and last day of a span that has both."""
    if span.first is None or span.last is None:
        return None
    if span.first[:1].isdecimal():
        return date.fromisoformat(span.first), date.fromisoformat(span.last)
    days = reader.calendar.span(span.first)
    return (days.first, days.last) if days.first and days.last else None


def edge_of_period(reader: TimeReader, at: int) -> Found:
    """`the end of this quarter`, `Ende nächster Woche`: its last day. `the start of October`: its first days."""
    size = 1 if reader.word(at) == "the" else 0
    word = reader.word(at + size)
    if word in _ENDS | _STARTS:
        found = _inner(reader, at + size + 1)
        if found is None or (word == "close" and reader.word(at + size + 1) != "of"):
            return None
        kind = "end" if word in _ENDS else "start"
        made = _part(reader, found[0], kind, is_day=kind == "end" or reader.word(at - 1) in _BOUNDING)
        return (made, size + 1 + found[1]) if made is not None else None
    unit = UNITS.get(word)
    if unit not in _LONG_UNITS:
        return None
    is_of_it = reader.word(at + size + 1) == "'s"
    after = at + size + 1 + is_of_it
    is_over = reader.word(after) in ("is", "has") and reader.word(after + 1) in (
        "out",
        "over",
        "up",
        "through",
        "ended",
    )
    if not is_over and reader.word(after) not in _ENDS | _STARTS | _BEGAN | {"ends"} - {"close"}:
        return None
    end = reader.calendar.span(f"this_{unit}")
    day = end.first if reader.word(after) in _STARTS | _BEGAN else end.last
    return day_span(day or reader.today), after + 1 + is_over - at


def _part(reader: TimeReader, span: Span, part: str, *, is_day: bool) -> Span | None:
    days = _days_of(reader, span)
    if days is None:
        return None
    first, last = days
    third = ((last - first).days + 1) // 3
    middle = first + timedelta(days=(last - first).days // 2)
    if is_day:
        day = {"start": first, "end": last, "middle": middle}[part]
        return day_span(day, floats=span.floats)
    begin, end = {
        "start": (first, first + timedelta(days=third - 1)),
        "middle": (first + timedelta(days=third), last - timedelta(days=third)),
        "end": (last - timedelta(days=third - 1), last),
    }[part]
    return Span(begin.isoformat(), end.isoformat(), span.floats)


def part_of_period(reader: TimeReader, at: int) -> Found:
    """`early November`, `mid-September`, `late last month`, `Anfang Oktober`; since mid September: its 15th."""
    size = 1 if reader.word(at) == "the" else 0
    part = _PARTS.get(reader.word(at + size)) or ("middle" if reader.word(at + size) == "middle" else None)
    if part is None:
        return None
    after = at + size + 1
    if reader.word(after) in ("or", "to") and reader.word(after + 1) in _PARTS:
        return None
    found = _inner(reader, after)
    if found is None:
        return None
    made = _part(reader, found[0], part, is_day=reader.word(at - 1) in _BOUNDING)
    return (made, size + 1 + found[1]) if made is not None else None


def rest_of_period(reader: TimeReader, at: int) -> Found:
    """`the rest of the year`, `what is left of the month`: from today on. `later this week`, `earlier this year`."""
    for words in (("rest", "of"), ("remainder", "of"), ("what", "is", "left", "of"), ("remaining", "part", "of")):
        size = 1 if reader.word(at) == "the" else 0
        if tuple(reader.words[at + size : at + size + len(words)]) == words:
            unit, taken = _this_unit(reader, at + size + len(words))
            return (Span("today", f"this_{unit}"), size + len(words) + taken) if unit else None
    which = reader.word(at)
    if which not in ("later", "earlier"):
        return None
    after = at + 1 + (reader.word(at + 1) in ("in", "on", "during"))
    unit, taken = _this_unit(reader, after)
    if unit is None:
        return None
    until = "yesterday" if unit == "week" else "today"
    span = Span("tomorrow", f"this_{unit}") if which == "later" else Span(f"this_{unit}", until)
    return span, after + taken - at


def _this_unit(reader: TimeReader, at: int) -> tuple[str | None, int]:
    size = 1 if reader.word(at) in THIS else 0
    unit = UNITS.get(reader.word(at + size))
    return (unit, size + 1) if unit in _LONG_UNITS else (None, 0)


def two_units_away(reader: TimeReader, at: int) -> Found:
    """`the week before last`, `the month after next`, `vorletzte Woche`; `the week before this one` is the last."""
    size = 1 if reader.word(at) in ("the", "der", "die", "das", "den", "dem") else 0
    unit = UNITS.get(reader.word(at + size))
    said = (reader.word(at + size + 1), reader.word(at + size + 2))
    if size and unit in _LONG_UNITS and said in (("before", "this"), ("after", "this")):
        token = f"{'last' if said[0] == 'before' else 'next'}_{unit}"
        is_one = reader.word(at + size + 3) == "one" or UNITS.get(reader.word(at + size + 3)) == unit
        return Span(token, token), size + 3 + is_one
    which = {("before", "last"): "last", ("after", "next"): "next"}.get(said)
    taken = 3
    if unit is None and (word := reader.word(at + size)).startswith(("vorletzt", "ubernachst", "uebernachst")):
        unit, which, taken = UNITS.get(reader.word(at + size + 1)), "last" if word.startswith("vor") else "next", 2
    if unit not in _LONG_UNITS or which is None:
        return None
    near = reader.calendar.span(f"{which}_{unit}")
    this = reader.calendar.span(f"this_{unit}")
    assert near.first and near.last and this.first
    if which == "last":
        first, last = shift(near.first, -1, unit), near.first - timedelta(days=1)
    else:
        first = near.last + timedelta(days=1)
        last = shift(first, 1, unit) - timedelta(days=1)
    return _of_days(first, last), size + taken


def same_a_year_ago(reader: TimeReader, at: int) -> Found:
    """`the same month last year`, `this time last year`: that month, week or quarter a year earlier."""
    size = 1 if reader.word(at) == "the" else 0
    if reader.word(at + size) not in ("same", "this"):
        return None
    unit = {"time": "month", "period": "month"}.get(reader.word(at + size + 1)) or UNITS.get(reader.word(at + size + 1))
    after = at + size + 2
    after += reader.word(after) in ("of", "in")
    if unit not in ("week", "month", "quarter") or reader.word(after) not in LAST:
        return None
    if UNITS.get(reader.word(after + 1)) != "year":
        return None
    this = reader.calendar.span(f"this_{unit}")
    assert this.first and this.last
    if unit == "week":
        return _of_days(this.first - timedelta(days=364), this.last - timedelta(days=364)), after + 2 - at
    first = shift(this.first, -1, "year")
    last = shift(first, 1, unit) - timedelta(days=1)
    return _of_days(first, last), after + 2 - at


def days_of_period(reader: TimeReader, at: int) -> Found:
    """`the first week of November`, `the last ten days of October`, `the first two weeks of the quarter`."""
    size = 1 if reader.word(at) == "the" else 0
    which = reader.word(at + size)
    if which not in ("first", "second", "third", "last"):
        return None
    number = reader.number(at + size + 1)
    after = at + size + 1 + (number is not None)
    days = {"day": 1, "week": 7}.get(UNITS.get(reader.word(after), ""))
    if days is None or reader.word(after + 1) not in ("of", "in") or (number and which in ("second", "third")):
        return None
    if number is None and days == 1:
        return None
    inner = _inner(reader, after + 1)
    ends = _days_of(reader, inner[0]) if inner is not None else None
    if inner is None or ends is None:
        return None
    length = timedelta(days=days * (number or 1))
    begin = ends[0] + length * {"first": 0, "second": 1, "third": 2, "last": 0}[which]
    if which == "last":
        begin = ends[1] - length + timedelta(days=1)
    end = begin + length - timedelta(days=1)
    return Span(begin.isoformat(), end.isoformat(), inner[0].floats), after + 1 + inner[1] - at


def season_at(reader: TimeReader, at: int) -> Found:
    """`over the summer`, `last winter`, `spring 2026`: three whole months."""
    size, which = 0, ""
    if reader.word(at) in LAST | NEXT | THIS | {"der", "dem", "den"}:
        which, size = reader.word(at), 1
    months = SEASONS.get(reader.word(at + size))
    if months is None:
        return None
    year = reader.year(at + size + 1)
    is_placed = (
        which or year or reader.word(at - 1) in ("in", "im", "since", "during", "over", "until", "by", "through")
    )
    if not is_placed:
        return None
    base = year or reader.today.year
    first = date(base, months, 1)
    if which in LAST and shift(first, 3, "month") > reader.today:
        first = shift(first, -1, "year")
    if which in NEXT and first <= reader.today:
        first = shift(first, 1, "year")
    last = shift(first, 3, "month") - timedelta(days=1)
    is_open = not year and which not in LAST | NEXT
    return Span(first.isoformat(), last.isoformat(), "year" if is_open else ""), size + 1 + bool(year)


def week_of_day(reader: TimeReader, at: int) -> Found:
    """`the week of November 9`, `week commencing 9 November`, `the month of October`."""
    size = 1 if reader.word(at) == "the" else 0
    unit = UNITS.get(reader.word(at + size))
    link = reader.word(at + size + 1)
    if unit == "month" and link == "of":
        month = month_at(reader, at + size + 2)
        return (month[0], size + 2 + month[1]) if month is not None else None
    if unit != "week" or link not in ("of", "commencing", "starting", "beginning", "containing"):
        return None
    at_day = at + size + 2
    day = day_of_month(reader, at_day) or day_alone(reader, at_day)
    if day is None and at_day < len(reader.tokens):
        day = written_date(reader, at_day)
    if day is None or day[0].token is None or not day[0].token[:1].isdecimal():
        return None
    start = reader.calendar.span("this_week").first
    assert start is not None
    named = date.fromisoformat(day[0].token)
    first = named - timedelta(days=(named - start).days % 7)
    span = Span(first.isoformat(), (first + timedelta(days=6)).isoformat(), day[0].floats)
    return span, size + 2 + day[1]


#: What may stand before a day that is said without its month, and what may not follow it.
_BEFORE_DAYS = frozenset(
    ("on", "since", "by", "after", "before", "until", "till", "from", "between", "and", "to", "of")
)
_AFTER_DAYS = frozenset(("", "and", "to", "or", "for", "with", "at", "until", "till", "of", "this", "in", "who", "by"))


def day_alone(reader: TimeReader, at: int) -> Found:
    """`on the 12th`, `since the first`, `the 3rd of this month`: the month is the one spoken of, or the nearest."""
    if reader.word(at) not in ("the", "am"):
        return None
    number, taken = ordinal(reader, at + 1)
    if number is None or not 0 < number <= 31 or (taken == 1 and reader.word(at + 1) not in DAYS):
        return None
    after = at + 1 + taken
    is_end = after >= len(reader.tokens) or reader.tokens[after].kind == "break"
    if not is_end and reader.word(after) not in _AFTER_DAYS:
        return None
    if reader.word(after) == "of":
        return _day_of_unit(reader, at, after + 1, number)
    if reader.word(at) == "the" and reader.word(at - 1) not in _BEFORE_DAYS:
        return None
    month = next((MONTHS[w] for w in reversed(reader.words[:at]) if w in MONTHS), None)
    base = reader.today.replace(day=1)
    floats = "month"
    if month is not None:
        base, floats = base.replace(month=month), "year"
    return (day_span(_day_in(base, number), floats=floats), after - at)


def _day_of_unit(reader: TimeReader, at: int, at_unit: int, number: int) -> Found:
    """`the 3rd of last month`, `of the month`."""
    which, unit = reader.word(at_unit), UNITS.get(reader.word(at_unit + 1))
    if unit != "month" or which not in LAST | NEXT | THIS:
        return None
    offset = -1 if which in LAST else 1 if which in NEXT else 0
    base = shift(reader.today.replace(day=1), offset, "month")
    return day_span(_day_in(base, number)), at_unit + 2 - at


def _day_in(month: date, number: int) -> date:
    return month.replace(day=min(number, calendar.monthrange(month.year, month.month)[1]))


def month_and_year(reader: TimeReader, at: int) -> Found:
    """`November last year`, `in March of next year`."""
    month = month_at(reader, at)
    if month is None or month[0].first is None or not month[0].floats:
        return None
    after = at + month[1]
    after += reader.word(after) in ("of", "in")
    which = reader.word(after)
    if UNITS.get(reader.word(after + 1)) != "year" or which not in LAST | NEXT | (THIS - {"the"}):
        return None
    offset = -1 if which in LAST else 1 if which in NEXT else 0
    first = shift(date.fromisoformat(month[0].first), offset, "year")
    last = _day_in(first, 31)
    return replace(month[0], first=first.isoformat(), last=last.isoformat(), floats=""), after + 2 - at


def weekdays_together(reader: TimeReader, at: int) -> Found:
    """`this Saturday or Sunday`, `Monday and Tuesday`: two days, one after the other."""
    first = weekday_at(reader, at)
    if first is None or reader.word(at + first[1]) not in ("and", "or", "und", "oder"):
        return None
    second = weekday_at(reader, at + first[1] + 1)
    if second is None or not first[0].token or not second[0].token:
        return None
    begin, end = date.fromisoformat(first[0].token), date.fromisoformat(second[0].token)
    if (end - begin).days not in (1, -6):
        return None
    last = begin + timedelta(days=1)
    return Span(begin.isoformat(), last.isoformat(), first[0].floats), first[1] + 1 + second[1]
