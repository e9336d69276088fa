"""Times with what bounds them: since, before, more than … ago, between … and …."""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.periods import Period
from chatbot.assistant.understanding.spans import Span
from chatbot.assistant.understanding.tokens import Text
from shared.query.dates import Calendar
from shared.query.dates import Span as DaySpan

BOUNDS = {
    "since": "since", "seit": "since", "ab": "since", "from": "since", "starting": "since", "after": "after",
    "nach": "after", "before": "before", "vor": "before", "until": "until", "till": "until", "by": "until",
    "bis": "until", "through": "until", "till the": "until", "later": "after", "earlier": "before",
    "spatestens": "until", "spaetestens": "until", "prior": "before", "beginning": "since",
}  # fmt: skip
#: Bounds of several words, as phrases of the lexicon.
PHRASES = {
    "no later than": "until", "not later than": "until", "up until": "until", "up to": "until", "later than": "after",
    "earlier than": "before", "no earlier than": "since", "not before": "since", "as of": "since", "as from": "since",
    "on or after": "since", "at or after": "since", "on or before": "until", "from and including": "since",
    "up to and including": "until", "this side of": "before",
    "ahead of": "before", "following": "after", "sooner than": "before",
}  # fmt: skip
#: Said before a time that is long enough anyway: “over the summer”, “throughout October”.
_DURING = frozenset(("over", "throughout", "across"))
#: Words that set one time against another, and those beside them.
_AGAINST = frozenset("vs versus compared verglichen vergleich gegenuber against".split())
_BESIDE_AGAINST = frozenset("in im to with mit zu zum zur dem den der the that of . von and und".split())
#: Comparisons of how long something has existed; others may be of how long it has been so.
_AGED = frozenset("older old aged created newer younger alter junger neuer".split())
_GLUE = frozenset("the of on in to than am im dem den der die das zum zur mit und spatestens a an last".split())
_BETWEEN = frozenset(("between", "zwischen", "from", "von", "vom", "ab"))
_ONWARDS = frozenset(("on", "onward", "onwards", "forward", "forwards", "to", "until", "till", "through"))
_UNTIL = frozenset(("and", "und", "to", "until", "till", "bis", "through", "-", "bis zum"))


def with_bounds(items: Sequence[Item], text: Text, calendar: Calendar) -> list[Item]:
    """Join times with what bounds them: since, before, more than … ago, between … and …"""
    made: list[Item] = []
    for item in items:
        if item.kind != "time":
            made.append(item)
            continue
        if item.data.span.last and item.data.span.last.startswith("before:"):
            token = item.data.span.last.removeprefix("before:")
            item = replace(item, data=Period(Span(token, token), "before"))
        elif item.data.span.first and item.data.span.first.startswith("after:"):
            token = item.data.span.first.removeprefix("after:")
            item = replace(item, data=Period(Span(token, token), "after"))
        item = _exact(made, item, text)
        if _set_against(made, item, text, calendar):
            continue
        if not _side_by_side(made, item, text, calendar) and not _joined_to_earlier(made, item, text):
            made.append(_bounded(made, item, text))
    return made


def _exact(made: list[Item], item: Item, text: Text) -> Item:
    """“since mid September (after the 15th)”: what stands in brackets says which time was meant before them."""
    opened = next((i for i in range(len(made) - 1, -1, -1) if text.tokens[made[i].first].word == "("), None)
    is_closed = item.last < len(text.tokens) and text.tokens[item.last].word == ")"
    if opened is None or not opened or not is_closed or made[opened - 1].kind != "time" or len(made) - opened > 3:
        return item
    bounded = _bounded(made, item, text)
    first = made[opened - 1].first
    del made[opened - 1 :]
    return replace(bounded, first=first)


def _set_against(made: list[Item], item: Item, text: Text, calendar: Calendar) -> bool:
    """“Q3 vs Q4”, “this month compared to last month”: one time, told by its halves; others than neighbours are two."""
    at = next((i for i in range(len(made) - 1, -1, -1) if made[i].kind == "time"), None)
    between = {token.word for token in text.tokens[made[at].last : item.first]} if at is not None else set()
    if at is None or not between & _AGAINST or not between <= _AGAINST | _BESIDE_AGAINST:
        return False
    one, other = made[at].data, item.data
    if one.until or other.until or one.bound or other.bound:
        return False
    units = {_unit(one.span), _unit(other.span)}
    spans = sorted((one.span, other.span), key=lambda span: _days(span, calendar))
    if len(units) != 1 or "" in units or not _are_neighbours(spans[0], spans[1], calendar):
        return False
    first = made[at].first
    del made[at:]
    made.append(Item("time", first, item.last, data=Period(spans[0], "", spans[1], split=units.pop())))
    return True


def _unit(span: Span) -> str:
    """The week, month, quarter or year that a span is, else nothing."""
    which, _, unit = (span.token or "").partition("_")
    if which in _PLACES and unit in ("week", "month", "quarter", "year"):
        return unit
    if not (span.first or "")[:1].isdecimal() or not (span.last or "")[:1].isdecimal():
        return ""
    first, last = date.fromisoformat(span.first or ""), date.fromisoformat(span.last or "")
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    is_whole = first.day == 1 and (last + timedelta(days=1)).day == 1
    return {1: "month", 3: "quarter", 12: "year"}.get(months, "") if is_whole else ""


_PLACES = ("last", "this", "next")


def _are_neighbours(one: Span, other: Span, calendar: Calendar) -> bool:
    """Whether one time ends as the other begins."""
    first, second = _days(one, calendar), _days(other, calendar)
    return one.floats == other.floats and first[0] > date.min and first[1] + timedelta(days=1) == second[0]


def _side_by_side(made: list[Item], item: Item, text: Text, calendar: Calendar) -> bool:
    """“yesterday and the day before”, “October or November”: one time, where the one begins as the other ends."""
    if len(made) < 2 or made[-2].kind != "time" or made[-1].kind != "word" or not made[-1].has("link", "and", "or"):
        return False
    one, other = made[-2].data, item.data
    if len(made) > 2 and text.tokens[made[-3].first].word in ("between", "zwischen"):
        return False
    if one.until or other.until or one.bound or other.bound or one.span.floats != other.span.floats:
        return False
    first, last = sorted((one.span, other.span), key=lambda span: _days(span, calendar))
    if not _are_neighbours(first, last, calendar):
        return False
    if _is_word(first) and _is_word(last):  # “this week or next week” is another one tomorrow
        together = Period(first, "", last)
    else:
        span = Span(_days(first, calendar)[0].isoformat(), _days(last, calendar)[1].isoformat(), one.span.floats)
        together = Period(span)
    made[-2:] = [Item("time", made[-2].first, item.last, data=together)]
    return True


def _is_word(span: Span) -> bool:
    return (span.token or "").partition("_")[0] in _PLACES


def _days(span: Span, calendar: Calendar) -> tuple[date, date]:
    """First and last day of a span; for one without an end a time that stands beside nothing."""
    sides = [side for side in (span.first, span.last) if side is not None and ":" not in side]
    if len(sides) != 2 or span.is_bare:
        return date.min, date.min
    ends = [_span_of(side, calendar) for side in sides]
    return ends[0].first or date.min, ends[1].last


def _span_of(side: str, calendar: Calendar) -> DaySpan:
    day = date.fromisoformat(side) if side[:1].isdecimal() else None
    return DaySpan(day, day) if day is not None else calendar.span(side)


def _joined_to_earlier(made: list[Item], item: Item, text: Text) -> bool:
    """`between March and May`, `from 1 October to today`, `January to March`."""
    if len(made) < 2 or made[-2].kind != "time" or made[-2].data.until is not None:
        return False
    link = text.slice(made[-1].first, made[-1].last).lower()
    earlier = made[-2]
    opened = made[-3] if len(made) > 2 else None
    is_opened = opened is not None and text.tokens[opened.first].word in _BETWEEN
    if link not in _UNTIL or (link in ("and", "und") and not is_opened and earlier.data.bound == ""):
        return False
    if link in ("and", "und") and (opened is None or text.tokens[opened.first].word not in ("between", "zwischen")):
        return False
    start = made[-3].first if is_opened and opened is not None else earlier.first
    del made[len(made) - (3 if is_opened else 2) :]
    made.append(Item("time", start, item.last, data=Period(earlier.data.span, "", item.data.span)))
    return True


def _bounded(made: list[Item], item: Item, text: Text) -> Item:
    period: Period = item.data
    at = len(made)
    while at and made[at - 1].kind in ("word", "break") and _is_glue(made[at - 1], text):
        at -= 1
    if not at:
        return item
    before = made[at - 1]
    word = text.tokens[before.first].word
    if word in _DURING and before.last - before.first == 1 and not (period.span.is_ago or period.span.is_bare):
        del made[at - 1 :]
        return replace(item, first=before.first)
    if period.span.is_ago or period.span.is_bare:
        bound = _compared_ago(before, period, text)
        if bound is not None:
            is_since = bound.within and at > 1 and text.tokens[made[at - 2].first].word in ("seit", "since")
            first = made[at - 2].first if is_since else before.first  # „seit weniger als 30 Tagen“
            del made[at - (2 if is_since else 1) :]
            return replace(item, first=first, data=bound)
    if word == "from" and not _begins(item, text):
        del made[at - 1 :]
        return replace(item, first=before.first)
    is_bound = before.last - before.first == 1 or word in ("prior", "later", "earlier", "starting", "beginning")
    side = PHRASES.get(text.slice(before.first, before.last).lower()) or (BOUNDS.get(word) if is_bound else None)
    if side is not None and before.kind == "word" and not period.bound:
        del made[at - 1 :]
        if side == "before" and {"end", "ende", "out", "over"} & {
            token.word for token in text.tokens[item.first : item.last]
        }:
            side = "until"  # “before the end of the year”: its last day is still before
        bounded = replace(period, bound=side, span=replace(period.span, is_ago=False, is_bare=False))
        return replace(item, first=before.first, data=_since_so_long(bounded, period))
    return item


def _begins(item: Item, text: Text) -> bool:
    """“from 3 March”, “from Monday on” begin there; “meetings from yesterday” are yesterday's."""
    if item.last < len(text.tokens) and text.tokens[item.last].word in _ONWARDS:
        return True
    said = text.tokens[item.first : item.last]
    return any(token.kind in ("date", "number") for token in said) or said[-1].word in ("today", "tomorrow", "now")


def _is_glue(item: Item, text: Text) -> bool:
    return item.last - item.first == 1 and text.tokens[item.first].word in _GLUE


def _since_so_long(bounded: Period, period: Period) -> Period:
    """`seit 60 Tagen`, `since 60 days`: within them."""
    if bounded.bound == "since" and period.span.is_bare:
        return replace(bounded, bound="", span=replace(bounded.span, is_bare=True))
    return bounded


def _compared_ago(before: Item, period: Period, text: Text) -> Period | None:
    """`more than 30 days ago` lies before them, `less than` within; a bare length keeps its comparison for later."""
    comparison = before.sense("cmp")
    if comparison is None:
        return None
    if comparison in ("older", "younger"):
        is_age = bool(_AGED & {token.word for token in text.tokens[before.first : before.last]})
        concept = "created" if is_age else "lasting"
        return Period(period.span, "before" if comparison == "older" else "", concept=concept)
    is_more = comparison in ("gt", "gte")
    if period.span.is_ago:
        return Period(period.span, "before" if is_more else "since")
    within = comparison if comparison in ("lt", "lte") else ""
    return Period(period.span, "before" if is_more else "", within=within)
