"""Times with what bounds them: since, before, more than … ago, between … and …."""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Sequence
from dataclasses import replace

from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.periods import Period
from chatbot.assistant.understanding.spans import Span
from chatbot.assistant.understanding.tokens import Text

_BOUNDS = {
    "since": "since", "seit": "since", "ab": "since", "from": "since", "starting": "since", "after": "after",
    "nach": "after", "before": "before", "vor": "before", "until": "until", "till": "until", "by": "until",
    "bis": "until", "through": "until", "till the": "until", "later": "after", "earlier": "before",
    "spatestens": "until", "spaetestens": "until", "prior": "before", "beginning": "since",
}  # fmt: skip
_GLUE = frozenset("the of on in to than am im dem den der die das zum zur mit und spatestens a an last".split())
_BETWEEN = frozenset(("between", "zwischen", "from", "von", "vom", "ab"))
_ONWARDS = frozenset(("on", "onward", "onwards", "forward", "forwards", "to", "until", "till", "through"))
_UNTIL = frozenset(("and", "und", "to", "until", "till", "bis", "through", "-", "bis zum"))


def with_bounds(items: Sequence[Item], text: Text) -> list[Item]:
    """Join times with what bounds them: since, before, more than … ago, between … and …"""
    made: list[Item] = []
    for item in items:
        if item.kind != "time":
            made.append(item)
            continue
        if item.data.span.last and item.data.span.last.startswith("before:"):
            token = item.data.span.last.removeprefix("before:")
            item = replace(item, data=Period(Span(token, token), "before"))
        if not _joined_to_earlier(made, item, text):
            made.append(_bounded(made, item, text))
    return made


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
    if link in ("and", "und") and not is_opened:
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
    if period.span.is_ago or period.span.is_bare:
        bound = _compared_ago(before, period)
        if bound is not None:
            del made[at - 1 :]
            return replace(item, first=before.first, data=bound)
    if word == "from" and not _begins(item, text):
        del made[at - 1 :]
        return replace(item, first=before.first)
    is_bound = before.last - before.first == 1 or word in ("prior", "later", "earlier", "starting", "beginning")
    if word in _BOUNDS and before.kind == "word" and not period.bound and is_bound:
        del made[at - 1 :]
        side = _BOUNDS[word]
        if side == "before" and {"end", "ende"} & {token.word for token in text.tokens[item.first : item.last]}:
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
