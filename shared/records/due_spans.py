"""Days at the edge of a span of time: “end of next month”, “Anfang KW 50”, “second tuesday of january”.

An edge (its end, its middle, its last working day) and a span (this quarter, March, week 50) are read apart, so that
each edge goes with each span. Of a span said without its year, the one is meant whose edge is still to come.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from shared.query.dates import Calendar
from shared.records.due_words import (
    AFTER_NEXT,
    MONTH,
    MONTHS,
    NEXT,
    NTH,
    ORDINAL,
    THIS,
    WEEKDAY,
    WORKING_DAY,
    YEAR,
    NoSuchDay,
    month_end,
    ordinal,
    unit_of,
    weekday,
    working_days,
)

_PERIOD = r"(?P<u>week|month|quarter|year|woche|monats?|quartals?|jahre?s?)"
_QUARTER = rf"(?:q(?P<q>[1-4])|(?P<oq>{NTH}|[1-4]\.)\s+(?:quarter|quartals?)){YEAR}"
_WEEK = rf"(?:(?:calendar\s+)?week|wk|cw|kw|kalenderwoche|woche)\s*(?P<kw>\d{{1,2}}){YEAR}"


@dataclass(frozen=True, slots=True)
class _Candidate:
    unit: str  # week, month, quarter or year
    first: date
    last: date

    def on(self, which: int) -> date:
        """The first such weekday in it, 0 for Monday."""
        return self.first + timedelta(days=(which - self.first.weekday()) % 7)


Candidates = list[_Candidate]
Edge = Callable[[_Candidate], date]


def _period(offset: int, *, or_next: bool = False) -> Callable[[Calendar, re.Match[str]], Candidates]:
    """This week, month, quarter or year, or a later one, as the workspace counts them."""

    def read(calendar: Calendar, match: re.Match[str]) -> Candidates:
        unit, day, found = unit_of(match["u"]), calendar.today, []
        for _step in range(offset + 2):
            span = calendar.period_of(day, unit)
            found.append(_Candidate(unit, span.first or day, span.last))
            day = span.last + timedelta(days=1)
        return found[offset:] if or_next else found[offset : offset + 1]

    return read


def _years(calendar: Calendar, match: re.Match[str]) -> tuple[int, ...]:
    return (int(match["y"]),) if match["y"] else (calendar.today.year, calendar.today.year + 1)


def _month(calendar: Calendar, match: re.Match[str]) -> Candidates:
    ends = [month_end(year, MONTHS[match["m"].rstrip(".")]) for year in _years(calendar, match)]
    return [_Candidate("month", end.replace(day=1), end) for end in ends]


def _quarter(calendar: Calendar, match: re.Match[str]) -> Candidates:
    n = int(match["q"] or 0) or (int(match["oq"][0]) if match["oq"][0].isdecimal() else ordinal(match["oq"]))
    ends = [month_end(year, n * 3) for year in _years(calendar, match)]
    return [_Candidate("quarter", month_end(end.year, end.month - 2).replace(day=1), end) for end in ends]


def _numbered_week(calendar: Calendar, match: re.Match[str]) -> Candidates:
    """Weeks by ISO 8601; the year after is tried too. Raises NoSuchDay."""
    found = []
    for year in _years(calendar, match):
        try:
            monday = date.fromisocalendar(year, int(match["kw"]), 1)
        except ValueError:
            continue  # a 53rd week has every sixth year only
        found.append(_Candidate("week", monday, monday + timedelta(days=6)))
    if not found:
        raise NoSuchDay("no_such_day")
    return found


Reader = Callable[[Calendar, re.Match[str]], Candidates]


def _compiled(*rules: tuple[str, Reader]) -> tuple[tuple[re.Pattern[str], Reader], ...]:
    return tuple((re.compile(wording), read) for wording, read in rules)


_PRESENT = _compiled((rf"(?:{THIS}\s+)?{_PERIOD}", _period(0, or_next=True)))
_LATER = _compiled(
    (rf"(?:{THIS}\s+)?{NEXT}\s+{_PERIOD}", _period(1)),
    (rf"(?:the\s+)?{_PERIOD}\s+after\s+next", _period(2)),
    (rf"{AFTER_NEXT}\s+{_PERIOD}", _period(2)),
)
_NUMBERED = _compiled((rf"(?:the\s+|der\s+)?{_WEEK}", _numbered_week), (rf"(?:the\s+|des\s+)?{_QUARTER}", _quarter))
_MONTHS = _compiled((rf"(?P<m>{MONTH}){YEAR}", _month))
_ALL = (*_PRESENT, *_LATER, *_NUMBERED, *_MONTHS)


def _first(span: _Candidate) -> date:
    return span.on(0) if span.unit == "week" else span.first


def _last(span: _Candidate) -> date:
    return span.on(4) if span.unit == "week" else span.last  # a week ends when work does


def _middle(span: _Candidate) -> date:
    if span.unit == "week":
        return span.on(2)
    return span.first + timedelta(days=14 if span.unit == "month" else (span.last - span.first).days // 2)


def _working_day(n: int) -> Edge:
    """Its n-th day from Monday to Friday, the last for -1."""
    if n < 0:
        return lambda span: working_days(span.last + timedelta(days=1), -1)
    return lambda span: working_days(span.first - timedelta(days=1), n)


def _nth(n: int, which: int) -> Edge:
    """Its n-th such weekday, the last for -1."""

    def edge(span: _Candidate) -> date:
        if n < 0:
            return span.last - timedelta(days=(span.last.weekday() - which) % 7)
        return span.on(which) + timedelta(weeks=n - 1)

    return edge


def _edge(edge: Edge) -> Callable[[re.Match[str]], Edge]:
    return lambda _match: edge


_END = r"(?:(?:the\s+)?end|ende|(?:the\s+)?last\s+day|letzter\s+tag|close)"
_START = r"(?:(?:the\s+)?(?:start|beginning)|early|anfang|beginn|(?:the\s+)?first\s+day|erster\s+tag)"
_MID = r"(?:(?:the\s+)?mid(?:dle)?|mitte)"
_OF = r"(?:\s+(?:of|in|im|von|vom|der|des))?[\s-]+(?P<span>.+)"
_IN_WEEK = r"(?:\s+(?:of|in|in\s+der|der))?\s+(?P<span>(?:.*\s)?(?:week|woche|kw|cw|wk)\b.*)"
_EDGES = tuple(
    (re.compile(wording), edge)
    for wording, edge in (
        (_END + _OF, _edge(_last)),
        (_START + _OF, _edge(_first)),
        (_MID + _OF, _edge(_middle)),
        (rf"(?:the\s+)?(?P<o>{ORDINAL})\s+{WORKING_DAY}{_OF}", lambda match: _working_day(ordinal(match["o"]))),
        (rf"(?:the\s+)?(?P<o>{ORDINAL})\s+(?P<w>{WEEKDAY}){_OF}",
         lambda match: _nth(ordinal(match["o"]), weekday(match["w"]))),
        (rf"(?P<w>{WEEKDAY}){_IN_WEEK}", lambda match: _nth(1, weekday(match["w"]))),
        (rf"(?P<span>.*(?:week|woche|(?:kw|cw|wk)\s*\d+)),?(?:\s+(?:on|am))?\s+(?P<w>{WEEKDAY})",
         lambda match: _nth(1, weekday(match["w"]))),
    )
)  # fmt: skip
#: “month end”, “Quartalsende”, “eow”: the end of the present one.
_SHORT_END = re.compile(
    r"(?P<long>month|quarter|year)[ -]?end|(?P<lang>monat|quartal|jahr)e?s?ende|eo(?P<letter>[wmqy])"
)
_LETTERS = {"w": "week", "m": "month", "q": "quarter", "y": "year"}
_IN = re.compile(r"(?:in|im|in\s+der)\s+(?P<span>.+)")


def find(text: str, calendar: Calendar) -> date | None:
    """The day a folded text names by an edge or a whole span, None if it does not. Raises NoSuchDay."""
    if short := _SHORT_END.fullmatch(text):
        period = short["long"] or short["lang"] or _LETTERS[short["letter"]]
        return _meant(_read(period, _PRESENT, calendar), _last, calendar)
    for wording, edge_of in _EDGES:
        if (match := wording.fullmatch(text)) and (spans := _read(match["span"], _ALL, calendar)):
            return _meant(spans, edge_of(match), calendar)
    return _whole(text, calendar)


def _whole(text: str, calendar: Calendar) -> date | None:
    """A span by itself: of this one the end, of a later one the beginning.

    “March” and “May” alone are as often names; “in March” and “March 2027” are spans.
    """
    inside = _IN.fullmatch(text)
    said = inside["span"] if inside else text
    if re.match(r"(?:this|current|diese[nrms]?|laufende[nrms]?)\s", said):
        return _meant(_read(said, _PRESENT, calendar), _last, calendar)
    if later := _read(said, _LATER, calendar):
        return _meant(later, _first, calendar)
    named = (*_NUMBERED, *_MONTHS) if inside or said[-4:].isdecimal() else _NUMBERED
    spans = _read(said, named, calendar)
    return (
        _meant(spans, lambda span: _last(span) if _first(span) < calendar.today else _first(span), calendar)
        if spans
        else None
    )


def _read(text: str, rules: tuple[tuple[re.Pattern[str], Reader], ...], calendar: Calendar) -> Candidates:
    for wording, read in rules:
        if match := wording.fullmatch(text):
            return read(calendar, match)
    return []


def _meant(spans: Candidates, edge: Edge, calendar: Calendar) -> date | None:
    """The edge of the first of them that has it still to come; None without spans."""
    days = [edge(span) for span in spans]
    return next((day for day in days if day >= calendar.today), days[-1] if days else None)
