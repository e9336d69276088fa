"""Answers to our own question back: “the first”, “Jane Roe”, “the one at Borealis”, “die zweite”."""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re

from chatbot.assistant.types import Choice
from shared.search import words

_ORDINALS = {
    word: number
    for number, listed in enumerate(
        ("first 1 1st one erste ersten erster erstes eins a", "second 2 2nd two zweite zweiten zweiter zweites zwei b",
         "third 3 3rd three dritte dritten dritter drittes drei c", "fourth 4 4th four vierte vierten vier d",
         "fifth 5 5th five funfte funften funf", "sixth 6 6th sechste sechsten", "seventh 7 7th siebte siebten",
         "eighth 8 8th achte achten"))
    for word in listed.split()
}  # fmt: skip
_LAST = frozenset("last letzte letzten letzter letztes".split())
_EMPTY = frozenset(
    "the one ones a an i mean meant at from of with in please bitte der die das den dem ich meine von bei aus mit in "
    "no nein yes ja number nummer option choice it is es ist that this take nimm and und".split()
)


def chosen(text: str, choices: tuple[Choice, ...]) -> Choice | None:
    """The choice a short reply means; None where it means none, or several."""
    said = words(re.sub(r"\[(\w+):(\d+)\]", " ", text))
    by_reference = [c for c in choices if c.record and f"[{c.record.type}:{c.record.id}]" in text]
    if len(by_reference) == 1 and not said:
        return by_reference[0]
    if not said or len(said) > 8:
        return None
    same = [c for c in choices if said in (words(c.label), words(c.question))]
    if same:
        return same[0]
    meaning = [word for word in said if word not in _EMPTY]
    named = [c for c in choices if meaning and set(meaning) <= set(words(c.label))]
    if len(named) == 1:
        return named[0]
    return _by_number(said, choices) if not named else None


def _by_number(said: list[str], choices: tuple[Choice, ...]) -> Choice | None:
    rest = [word for word in said if word not in _EMPTY or word in _ORDINALS]
    numbers = [word for word in rest if word in _ORDINALS and word not in ("one", "a")] or [
        w for w in rest if w == "one"
    ]
    others = [word for word in rest if word not in _ORDINALS and word not in _LAST]
    if others:
        return None
    if any(word in _LAST for word in said):
        return choices[-1]
    if len(numbers) == 1 and _ORDINALS[numbers[0]] < len(choices):
        return choices[_ORDINALS[numbers[0]]]
    return None
