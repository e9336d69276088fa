"""How alike two phrasings are: the same objection is raised twice and never in the same words."""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections import Counter
from functools import lru_cache

from shared.search import folding

#: From this on, two descriptions speak of one thing.
SAME = 0.5

_STOP = frozenset(
    """a an the of to in on at by for from with and or is are was were be been it its this that these those as their
    they he she his her our we us you your i my me any will would should can could has have had do does did if than
    then so into about out up all only just s t too very there what which who der die das den dem des ein eine einen
    einem einer und oder ist sind war im in am an auf aus bei mit von vom zu zum zur fur wird werden hat haben dass
    sich es er sie wir ich ihr uns man auch noch schon so da""".split()
)
_ENDINGS = ("ungen", "ings", "ing", "ied", "ies", "ung", "ed", "es", "en", "er", "s", "e")


@lru_cache(maxsize=4096)
def content(text: str) -> tuple[str, ...]:
    """The stems that carry meaning, in order. Cached: every pair is compared."""
    return tuple(_stem(word) for word in folding.words(text) if word not in _STOP)


def overlap(one: str, other: str) -> float:
    """Token F1 over `content`, 0..1. Two texts without content share nothing."""
    left, right = content(one), content(other)
    if not left or not right:
        return 0.0
    common = sum((Counter(left) & Counter(right)).values())
    return 2 * common / (len(left) + len(right))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
