"""Single words that mean something beside certain others, and those that never do: priorities, and how it was done."""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from dataclasses import replace

from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.lexicon import Sense
from chatbot.assistant.understanding.tokens import Text

_PRIORITIES = {"high": "high", "normal": "normal", "medium": "normal", "low": "low"}
_OF_TASKS = frozenset("priority priorities prio prios task tasks todo todos flagged marked".split())


def with_priorities(items: list[Item], text: Text) -> list[Item]:
    """“high or normal priority”, “tasks marked high”: such words are priorities where tasks are spoken of."""
    if not _OF_TASKS & {token.word for token in text.tokens}:
        return items
    return [
        replace(item, kind="word", senses=(Sense("state", _PRIORITIES[text.tokens[item.first].word]),))
        if item.kind == "unknown" and text.tokens[item.first].word in _PRIORITIES
        else item
        for item in items
    ]


#: Words in -ly that are not how something is done.
_NO_MANNER = frozenset(
    ("early", "daily", "weekly", "monthly", "quarterly", "yearly", "friendly", "likely", "unlikely", "family", "supply",
     "reply")
)  # fmt: skip


def without_manner(item: Item, text: Text) -> Item:
    """“Originally”, “properly”: how something was done is kept nowhere, and asked for by nobody."""
    token = text.tokens[item.first]
    is_manner = token.word.endswith("ly") and len(token.word) > 5 and token.word not in _NO_MANNER
    if item.kind != "unknown" or token.kind != "word" or token.is_capital or not is_manner:
        return item
    return Item("word", item.first, item.last, (Sense("stop", "stop"),))
