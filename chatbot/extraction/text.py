"""Words, and how alike two phrasings are: what merging, grounding and the built-in analyzer share.

Comparison ignores case, accents, common endings and stop words, and reads number words as digits, because the same
thing is said twice in a meeting and never in the same words.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
import unicodedata
from collections import Counter
from functools import lru_cache

from chatbot.extraction.numbers import find_numbers

_STOP = frozenset(
    """a an the of to in on at by for from with and or is are was were be been being it its this that these those as
    their they he she his her our we us you your i my me not no any will would should can could has have had do does did
    if than then so into per about over out up all only just s t re ve ll d m too also very there here what which who
    und oder der die das den dem des ein eine einen einem einer eines ist sind war im in am an auf aus bei mit von vom
    zu zum zur für nur nicht wird werden wurde hat haben dass sich es er sie wir ich ihr ihnen sie mir uns man auch
    noch schon so da""".split()
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+(?:[.,]\d+)*")
_NO_KEY = re.compile(r"[^a-z0-9]+")
_ENDINGS = ("ungen", "ings", "ing", "ied", "ies", "ung", "ed", "es", "en", "er", "s", "e")


def fold(text: str) -> str:
    """Lower case without accents; `ß` becomes `ss`. The length may change."""
    if text.isascii():  # nearly always, and many thousand times a meeting
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def squeeze(text: str) -> str:
    """Every run of white space becomes one blank; none at the ends."""
    return " ".join(text.split())


@lru_cache(maxsize=16_384)
def key(name: str) -> str:
    """A name without case, accents, blanks and punctuation: `Field Harrow` and `Fieldharrow` share one.

    Cached: every name is looked for in every utterance.
    """
    return _NO_KEY.sub("", fold(name))


def words(text: str) -> list[str]:
    return [match.group() for match in _WORD.finditer(text)]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=4096)
def content(text: str) -> tuple[str, ...]:
    """The stems that carry meaning, numbers as digits, in order. Cached: merging compares every pair."""
    parts: list[str] = []
    position = 0
    for number in find_numbers(text):
        parts += words(text[position : number.start])
        parts.append(f"{number.value:g}")
        position = number.end
    parts += words(text[position:])
    stems = (_stem(fold(part.split("'")[0].split("’")[0])) for part in parts)
    return tuple(stem for stem in stems if stem and stem not in _STOP)


def overlap(one: str, other: str) -> float:
    """Token F1 of two phrasings, 0..1, over `content`. Two empty texts share nothing."""
    left, right = content(one), content(other)
    if not left or not right:
        return 0.0
    common = sum((Counter(left) & Counter(right)).values())
    return 2 * common / (len(left) + len(right))


def contained(part: str, whole: str) -> float:
    """The share of `part`'s content words that `whole` has, 0..1."""
    wanted = content(part)
    have = set(content(whole))
    return sum(word in have for word in wanted) / len(wanted) if wanted else 0.0
