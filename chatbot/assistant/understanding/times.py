"""Dates and spans of time in a question, both languages, as the tokens and ISO days that plans are written in.

What stays true tomorrow is kept as a token (`last_month`, `next_30_days`), so that a plan that is asked again, or a
link that is opened later, means the same question; what names a day becomes that day. A month or weekday without a
year is left open (`Span.floats`): whether “in March” lies behind or ahead depends on what is asked about it.

    "since last month" ─ span_at ─▶ Span(first="last_month")      "in Q3" ─▶ Span("2026-07-01", "2026-09-30")
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chatbot.assistant.understanding.calendar_words import (
    AMBIGUOUS,
    COUPLE,
    DAYS,
    FIXED,
    LAST,
    MONTHS,
    NEXT,
    ORDINALS,
    THIS,
    UNITS,
    WEEKDAYS,
)
from chatbot.assistant.understanding.quantities import quantity_at
from chatbot.assistant.understanding.tokens import Token
from shared.query.dates import Calendar


@dataclass(frozen=True, slots=True)
class Span:
    """From first to last, both inclusive, each a token, an ISO day or None for open. Equal tokens are that one span.

    `floats`: named without its week or year, so it may as well lie one earlier or later; put as if in this one.
    `is_ago`: so long ago, a day in "30 days ago", and a boundary in "more than 30 days ago".
    """

    first: str | None
    last: str | None
    floats: str = ""
    is_ago: bool = False
    #: "60 days" without last or next: back, unless what is asked lies ahead.
    is_bare: bool = False

    @property
    def token(self) -> str | None:
        """The one token or day this span is, if it is one."""
        return self.first if self.first == self.last else None


def span_at(tokens: Sequence[Token], position: int, calendar_: Calendar) -> tuple[Span, int] | None:
    """The longest expression of time that begins at a token, and how many tokens it takes."""
    reader = _Reader(tokens, calendar_)
    best: tuple[Span, int] | None = None
    for rule in _RULES:
        found = rule(reader, position)
        if found is not None and (best is None or found[1] > best[1]):
            best = found
    return best


class _Reader:
    """The tokens with what the rules ask of them."""

    def __init__(self, tokens: Sequence[Token], calendar_: Calendar) -> None:
        self.tokens = tokens
        self.words = [token.word for token in tokens]
        self.calendar = calendar_
        self.today = calendar_.today

    def word(self, at: int) -> str:
        return self.words[at] if 0 <= at < len(self.words) else ""

    def number(self, at: int) -> int | None:
        """A small whole number without unit, scale or sign."""
        word = self.word(at)
        if word in COUPLE:
            return COUPLE[word]
        if at >= len(self.tokens) or at < 0:
            return None
        found = quantity_at(self.tokens[at : at + 1], 0)
        if found is None or found[0].is_money or found[0].value != int(found[0].value):
            return None
        value = int(found[0].value)
        return value if 0 < value < 3000 else None

    def year(self, at: int) -> int | None:
        word = self.word(at)
        return int(word) if re.fullmatch(r"(?:19|20)\d\d", word) else None


Found = tuple[Span, int] | None


def _fixed(reader: _Reader, at: int) -> Found:
    for size in (5, 4, 3, 2, 1):
        meaning = FIXED.get(tuple(reader.words[at : at + size]))
        if meaning and meaning.startswith("before") and (reader.number(at + size) or reader.word(at + size) in UNITS):
            continue  # “in the past 90 days”
        if meaning and len(reader.words[at : at + size]) == size:
            return _meant(meaning, reader), size
    return None


def _meant(meaning: str, reader: _Reader) -> Span:
    kind, _, rest = meaning.partition(":")
    if kind == "day":
        return _day(reader.today + timedelta(days=int(rest)))
    if kind == "before":
        return Span(None, meaning)
    if kind == "ago":
        return _day(reader.today - timedelta(days=7))
    if kind in ("end", "start"):
        span = reader.calendar.span(rest)
        return _day(span.last if kind == "end" else span.first or span.last)
    if kind == "weekend":
        saturday = reader.today + timedelta(days=(5 - reader.today.weekday()) % 7)
        return Span(saturday.isoformat(), (saturday + timedelta(days=1)).isoformat())
    if kind == "new_year":
        return _day(date(reader.today.year, 1, 1), floats="year")
    if kind == "christmas":
        return _day(date(reader.today.year, 12, 25))
    return Span(meaning, meaning)


def _day(day: date, *, floats: str = "") -> Span:
    return Span(day.isoformat(), day.isoformat(), floats)


def _relative_period(reader: _Reader, at: int) -> Found:
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


def _rolling(reader: _Reader, at: int) -> Found:
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


def _bare_rolling(reader: _Reader, at: int) -> Found:
    """`in 60 days`, `for two weeks`, `within 30 days`, `30 days`: how far is said, not which way. Read as back."""
    size = 0
    if reader.word(at) in ("a", "the"):
        size = 1 if reader.word(at + 1) in COUPLE else 0
    number = reader.number(at + size)
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
        return _day(_shift(reader.today, number, unit)), after + 3 - at
    if reader.word(at - 1) in ("in", "within", "innerhalb", "for", "binnen", "seit", "since", "over", "fur", "fuer",
                               "during", "than", "als", "least", "uber", "ueber", "von", "of",
                               "mindestens"):  # fmt: skip
        return span, after + 1 - at
    return None


def _ago(reader: _Reader, number: int, unit: str, size: int) -> Found:
    """`30 days ago`: that day; behind "more than" or "before", everything before it."""
    return replace(_day(_shift(reader.today, -number, unit)), is_ago=True), size


def _german_ago(reader: _Reader, at: int) -> Found:
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
    day = _shift(reader.today, -number, unit)
    if size > 1:
        token = _rolling_token("last", number, unit)
        return Span(None, f"before:{token}"), size + 2
    return replace(_day(day), is_ago=True), size + 2


def _a_unit_ago(reader: _Reader, at: int) -> Found:
    if reader.word(at) in ("a", "an", "one") and reader.word(at + 2) == "ago":
        unit = UNITS.get(reader.word(at + 1))
        if unit:
            return _ago(reader, 1, unit, 3)
    return None


def _shift(day: date, number: int, unit: str) -> date:
    if unit in ("day", "week", "fortnight"):
        return day + timedelta(days=number * {"day": 1, "week": 7, "fortnight": 14}[unit])
    months = day.year * 12 + day.month - 1 + number * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    year = max(1800, min(year, 2400))
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _edge_of_period(reader: _Reader, at: int) -> Found:
    """`end of the month`, `the end of this quarter`, `Ende des Monats`, `Ende nächster Woche`: its last day."""
    size = 1 if reader.word(at) == "the" else 0
    if reader.word(at + size) not in ("end", "ende"):
        return None
    at_period = at + size + 1
    while reader.word(at_period) in ("of", "des", "der", "the", "von", "dieses"):
        at_period += 1
    unit = UNITS.get(reader.word(at_period))
    if unit and unit not in ("day", "fortnight"):
        return _day(reader.calendar.span(f"this_{unit}").last), at_period + 1 - at
    inner = _relative_period(reader, at_period) or _month(reader, at_period) or _quarter(reader, at_period)
    if inner is None:
        inner = _year(reader, at_period)
    if inner is None or inner[0].last is None:
        return None
    last = inner[0].last
    day = reader.calendar.span(last).last if not re.match(r"\d", last) else date.fromisoformat(last)
    return _day(day, floats=inner[0].floats), at_period - at + inner[1]


def _month(reader: _Reader, at: int) -> Found:
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


def _is_doubtful(reader: _Reader, at: int) -> bool:
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


def _day_of_month(reader: _Reader, at: int) -> Found:
    """`12 October`, `October 12th, 2026`, `the 3rd of May`, `12. November`, `am 15.`"""
    size = 1 if reader.word(at) in ("the", "am", "dem", "den") else 0
    first = MONTHS.get(reader.word(at + size))
    if first:
        number, taken = _ordinal(reader, at + size + 1)
        if number is None or number > 31:
            return None
        return _dated(reader, at, at + size + 1 + taken, first, number)
    number, taken = _ordinal(reader, at + size)
    if number is None or number > 31:
        return None
    after = at + size + taken
    if reader.word(after) == "of":
        after += 1
    month = MONTHS.get(reader.word(after))
    if month:
        return _dated(reader, at, after + 1, month, number)
    return None


def _ordinal(reader: _Reader, at: int) -> tuple[int | None, int]:
    """A day's number and the tokens it takes: `12`, `12th` (two tokens), `12.` (two tokens)."""
    if reader.word(at) in DAYS:
        return DAYS[reader.word(at)], 1
    if at >= len(reader.tokens) or reader.tokens[at].kind != "number" or not reader.word(at).isdigit():
        return None, 0
    number = int(reader.word(at)) if len(reader.word(at)) <= 2 else 99
    taken = 2 if reader.word(at + 1) in ("st", "nd", "rd", "th", ".") else 1
    return (number if 0 < number <= 31 else None), taken


def _dated(reader: _Reader, at: int, end: int, month: int, number: int) -> Found:
    if reader.word(end) == "," and reader.year(end + 1):
        end += 1
    year = reader.year(end)
    try:
        day = date(year or reader.today.year, month, number)
    except ValueError:
        return None
    return _day(day, floats="" if year else "year"), end + (1 if year else 0) - at


def _written_date(reader: _Reader, at: int) -> Found:
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
            return _day(found, floats="year" if len(parts) == 2 else ""), 1
    return None


def _quarter(reader: _Reader, at: int) -> Found:
    """`Q3`, `q3 2026`, `third quarter`, `the first quarter of 2026`, `3. Quartal`, `Q4 last year`."""
    size = 1 if reader.word(at) in ("the", "im", "das", "dem", "des") else 0
    match = re.fullmatch(r"q([1-4])", reader.word(at + size))
    number: int | None = None
    if match:
        number, size = int(match[1]), size + 1
    elif reader.word(at + size) in ORDINALS and UNITS.get(reader.word(at + size + 1)) == "quarter":
        number, size = ORDINALS[reader.word(at + size)], size + 2
    else:
        day, taken = _ordinal(reader, at + size)
        if day in (1, 2, 3, 4) and UNITS.get(reader.word(at + size + taken)) == "quarter":
            number, size = day, size + taken + 1
    if number is None:
        return None
    year, taken = _year_beside(reader, at + size)
    start = reader.calendar.fiscal_year_start
    base = year if year is not None else _fiscal_year(reader)
    first_month = base * 12 + (start - 1) + (number - 1) * 3
    first = date(first_month // 12, first_month % 12 + 1, 1)
    last = _shift(first, 3, "month") - timedelta(days=1)
    return Span(first.isoformat(), last.isoformat(), floats="" if year else "year"), size + taken


def _fiscal_year(reader: _Reader) -> int:
    today = reader.today
    return today.year - (today.month < reader.calendar.fiscal_year_start)


def _year_beside(reader: _Reader, at: int) -> tuple[int | None, int]:
    extra = 1 if reader.word(at) in ("of", "in", "des") else 0
    year = reader.year(at + extra)
    if year:
        return year, extra + 1
    which, unit = reader.word(at + extra), UNITS.get(reader.word(at + extra + 1))
    if unit == "year" and which in LAST | NEXT | (THIS - {"the"}):
        offset = -1 if which in LAST else 1 if which in NEXT else 0
        return _fiscal_year(reader) + offset, extra + 2
    return None, 0


def _year(reader: _Reader, at: int) -> Found:
    year = reader.year(at)
    if year is None or (at + 1 < len(reader.tokens) and reader.tokens[at + 1].text in "€$£%"):
        return None
    return Span(f"{year}-01-01", f"{year}-12-31"), 1


def _half_year(reader: _Reader, at: int) -> Found:
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
        if (month := _month(reader, at + size)) is not None:
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


def _weekday(reader: _Reader, at: int) -> Found:
    """`on Monday`, `last Friday`, `next Tuesday`, `this Thursday`, `Friday next week`."""
    size, which = 0, ""
    if reader.word(at) in LAST | NEXT | (THIS - {"the"}):
        which, size = reader.word(at), 1
    weekday = WEEKDAYS.get(reader.word(at + size))
    if weekday is None or (len(reader.word(at + size)) == 3 and not reader.tokens[at + size].is_capital):
        return None
    size += 1
    today = reader.today
    if reader.word(at + size) in NEXT and UNITS.get(reader.word(at + size + 1)) == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
        return _day(monday + timedelta(days=weekday)), size + 2
    if which in LAST:
        return _day(today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)), size
    ahead = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if which:
        return _day(ahead), size
    return _day(ahead, floats="week"), size


#: Days for which “due in October” still means the one that was.
_JUST_PAST = 60
_RULES = (
    _fixed, _relative_period, _rolling, _bare_rolling, _german_ago, _a_unit_ago, _edge_of_period, _month,
    _day_of_month, _written_date, _quarter, _half_year, _year, _weekday,
)  # fmt: skip


def settle(span: Span, *, ahead: bool, today: date) -> Span:
    """A span named without its year, put where it is meant: ahead for what is to come, else behind (today included)."""
    if not span.floats or span.first is None or span.last is None:
        return span
    first, last = date.fromisoformat(span.first), date.fromisoformat(span.last)
    if span.floats == "week":
        if not ahead:
            first, last = first - timedelta(days=7), last - timedelta(days=7)
    elif ahead and last < today - timedelta(days=_JUST_PAST):
        first, last = _shift(first, 1, "year"), _end_like(last, 1)
    elif not ahead and first > today:
        first, last = _shift(first, -1, "year"), _end_like(last, -1)
    return replace(span, first=first.isoformat(), last=last.isoformat(), floats="")


def _end_like(day: date, years: int) -> date:
    moved = _shift(day, years, "year")
    is_month_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return moved.replace(day=calendar.monthrange(moved.year, moved.month)[1]) if is_month_end else moved
