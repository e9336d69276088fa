"""Times counted from today: last month, the next 30 days, three weeks ago, vor zwei Jahren."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from chatbot.assistant.understanding.calendar_words import COUPLE, FIXED, LAST, NEXT, THIS, UNITS
from chatbot.assistant.understanding.spans import Found, Span, TimeReader, day_span, shift


def fixed_at(reader: TimeReader, at: int) -> Found:
    for size in (5, 4, 3, 2, 1):
        meaning = FIXED.get(tuple(reader.words[at : at + size]))
        if meaning and meaning.startswith("before") and (reader.number(at + size) or reader.word(at + size) in UNITS):
            continue  # “in the past 90 days”
        if meaning and len(reader.words[at : at + size]) == size:
            return _meant(meaning, reader), size
    return None


def now_at(reader: TimeReader, at: int) -> Found:
    """`from now until the end of the month`, `between now and Friday`, `from Monday until now`: today."""
    if reader.word(at) not in ("now", "jetzt"):
        return None
    is_start = reader.word(at - 1) in ("from", "between", "von", "ab", "zwischen")
    begins = is_start and reader.word(at + 1) in ("until", "till", "to", "through", "and", "bis", "und")
    ends = reader.word(at - 1) in ("until", "till", "through") and at > 2
    return (Span("today", "today"), 1) if begins or ends else None


def _meant(meaning: str, reader: TimeReader) -> Span:
    kind, _, rest = meaning.partition(":")
    if kind == "day":
        return day_span(reader.today + timedelta(days=int(rest)))
    if kind == "before":
        return Span(None, meaning)
    if kind == "after":
        return Span(meaning, None)
    if kind == "ago":
        return day_span(reader.today - timedelta(days=7))
    if kind in ("end", "start"):
        span = reader.calendar.span(rest)
        return day_span(span.last if kind == "end" else span.first or span.last)
    if kind == "weekend":
        saturday = reader.today + timedelta(days=(5 - reader.today.weekday()) % 7)
        return Span(saturday.isoformat(), (saturday + timedelta(days=1)).isoformat())
    if kind == "new_year":
        return day_span(date(reader.today.year, 1, 1), floats="year")
    if kind == "christmas":
        return day_span(date(reader.today.year, 12, 25))
    return Span(meaning, meaning)


def relative_period(reader: TimeReader, at: int) -> Found:
    """`this month`, `last quarter`, `the previous year's`, `next week`."""
    size = 1 if reader.word(at) == "the" and reader.word(at + 1) in LAST | NEXT | THIS - {"the"} else 0
    which = reader.word(at + size)
    unit = UNITS.get(reader.word(at + size + 1))
    if unit is None or unit in ("day", "fortnight"):
        return _last_fortnight(which, unit, size)
    name = "last" if which in LAST else "next" if which in NEXT else "this" if which in THIS else None
    if name is None or (which == "the" and reader.word(at - 1) not in ("of", "in", "for", "during", "this")):
        return None
    token = f"{name}_{unit}"
    return Span(token, token), size + 2


def _last_fortnight(which: str, unit: str | None, size: int) -> Found:
    if unit != "fortnight" or which not in LAST | NEXT:
        return None
    token = "last_14_days" if which in LAST else "next_14_days"
    return Span(token, token), size + 2


def rolling_at(reader: TimeReader, at: int) -> Found:
    """`last 30 days`, `past two weeks`, `next 3 months`, `over the last year`'s numbered kin."""
    size = 1 if reader.word(at) in ("the", "den", "die", "der", "dem") else 0
    which = reader.word(at + size)
    if which not in LAST | NEXT:
        return None
    number_at = at + size + 1
    if reader.word(number_at) == "a" and reader.word(number_at + 1) in COUPLE:
        number_at += 1
    number = reader.number(number_at)
    after = number_at + 1
    if reader.word(after) == "of":
        after += 1
    if reader.word(after) in ("full", "whole"):
        after += 1
    unit = UNITS.get(reader.word(after))
    if number is None or unit is None:
        return None
    token = _rolling_token("last" if which in LAST else "next", number, unit)
    return Span(token, token), after + 1 - at


def _rolling_token(which: str, number: int, unit: str) -> str:
    if unit == "fortnight":
        number, unit = number * 14, "day"
    return f"{which}_{min(number, 9999)}_{unit}s"


def bare_rolling(reader: TimeReader, at: int) -> Found:
    """`in 60 days`, `for two weeks`, `within 30 days`, `30 days`: how far is said, not which way. Read as back."""
    size = 0
    if reader.word(at) in ("a", "the"):
        size = 1 if reader.word(at + 1) in COUPLE else 0
    number = 1 if reader.word(at) in ("a", "an", "einem", "einer") and not size else reader.number(at + size)
    after = at + size + 1
    if reader.word(after) == "of":
        after += 1
    unit = UNITS.get(reader.word(after))
    if number is None or unit is None:
        return None
    token = _rolling_token("last", number, unit)
    span = Span(token, token, is_bare=True)
    if reader.word(after + 1) == "ago":
        return _ago(reader, number, unit, after + 2 - at)
    if reader.word(after + 1) in ("from",) and reader.word(after + 2) in ("now", "today"):
        return day_span(shift(reader.today, number, unit)), after + 3 - at
    if reader.word(at - 1) in ("in", "within", "innerhalb", "for", "binnen", "seit", "since", "over", "fur", "fuer",
                               "during", "than", "als", "least", "most", "uber", "ueber", "von", "of",
                               "mindestens", "hochstens", "maximal"):  # fmt: skip
        return span, after + 1 - at
    return None


def _ago(reader: TimeReader, number: int, unit: str, size: int) -> Found:
    """`30 days ago`: that day; behind "more than" or "before", everything before it."""
    return replace(day_span(shift(reader.today, -number, unit)), is_ago=True), size


def german_ago(reader: TimeReader, at: int) -> Found:
    """`vor 30 Tagen`, `vor einem Monat`, `vor mehr als 30 Tagen`."""
    if reader.word(at) != "vor":
        return None
    size = (
        3 if reader.words[at + 1 : at + 3] == ["mehr", "als"] else 2 if reader.word(at + 1) in ("uber", "ueber") else 1
    )
    number = reader.number(at + size)
    unit = UNITS.get(reader.word(at + size + 1))
    if number is None or unit is None:
        return None
    day = shift(reader.today, -number, unit)
    if size > 1:
        token = _rolling_token("last", number, unit)
        return Span(None, f"before:{token}"), size + 2
    return replace(day_span(day), is_ago=True), size + 2


def a_unit_ago(reader: TimeReader, at: int) -> Found:
    if reader.word(at) in ("a", "an", "one") and reader.word(at + 2) == "ago":
        unit = UNITS.get(reader.word(at + 1))
        if unit:
            return _ago(reader, 1, unit, 3)
    return None
