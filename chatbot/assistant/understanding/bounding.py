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
_GLUE = frozenset("the of on in to than am im dem den der die das zum zur mit und spatestens a an last".split())
_BETWEEN = frozenset(("between", "zwischen", "from", "von", "vom", "ab"))
_ONWARDS = frozenset(("on", "onward", "onwards", "forward", "forwards", "to", "until", "till", "through"))
_UNTIL = frozenset(("and", "und", "to", "until", "till", "bis", "through", "-", "bis zum"))


def with_bounds(items: Sequence[Item], text: Text, today: date) -> list[Item]:
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
        if not _side_by_side(made, item, text, today) and not _joined_to_earlier(made, item, text):
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


def _side_by_side(made: list[Item], item: Item, text: Text, today: date) -> bool:
    """“yesterday and the day before”, “October or November”: one time, where the one begins as the other ends."""
    if len(made) < 2 or made[-2].kind != "time" or made[-1].kind != "word" or not made[-1].has("link", "and", "or"):
        return False
    one, other = made[-2].data, item.data
    if len(made) > 2 and text.tokens[made[-3].first].word in ("between", "zwischen"):
        return False
    if one.until or other.until or one.bound or other.bound or one.span.floats != other.span.floats:
        return False
    days = sorted((_days(one.span, today), _days(other.span, today)))
    if days[0][0] == date.min or days[0][1] + timedelta(days=1) != days[1][0]:
        return False
    span = Span(days[0][0].isoformat(), days[1][1].isoformat(), one.span.floats)
    made[-2:] = [Item("time", made[-2].first, item.last, data=Period(span))]
    return True


_NEAR = {"yesterday": -1, "today": 0, "tomorrow": 1}


def _days(span: Span, today: date) -> tuple[date, date]:
    """First and last day of a span that names days; for any other a time that stands beside nothing."""
    found = [
        today + timedelta(days=_NEAR[side]) if side in _NEAR else date.fromisoformat(side)
        for side in (span.first or "", span.last or "")
        if side in _NEAR or side[:1].isdecimal()
    ]
    return (found[0], found[1]) if len(found) == 2 else (date.min, date.min)


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
        bound = _compared_ago(before, period)
        if bound is not None:
            del made[at - 1 :]
            return replace(item, first=before.first, data=bound)
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


def _compared_ago(before: Item, period: Period) -> Period | None:
    """`more than 30 days ago` lies before them, `less than` within; a bare length keeps its comparison for later."""
    comparison = before.sense("cmp")
    if comparison is None:
        return None
    if comparison in ("older", "younger"):
        return Period(period.span, "before" if comparison == "older" else "", concept="created")
    is_more = comparison in ("gt", "gte")
    if period.span.is_ago:
        return Period(period.span, "before" if is_more else "since")
    return Period(period.span, "before" if is_more else "")
