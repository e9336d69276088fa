"""Do two sentences of minutes say the same? By what is done, to what, and the numbers in it.

    "Email Jane the updated proposal" ─▶ done: send · things: jane, revised, proposal · figures: none

Near misses are the danger: `Send the contract to Jane` shares most words with `Send the proposal to Jane` and is
another task. So what one sentence says beyond the other may come from one side only: an extra word is a detail, a
word exchanged for another is another thing. No model, no lists of customers; words of one meaning stand in
`words/meaning.txt`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from rapidfuzz import fuzz

from shared.records.likeness import letters
from shared.search import fold

#: The share of all different words of two sentences that both must have: if one only adds to the other, and if not.
_ADDING, _EXCHANGING = 0.6, 0.75
#: Two words of this similarity (0-100) are one; or of one beginning, as `propose` and `proposal`.
_WORD_ALIKE, _BEGINNING = 86, 0.7
#: Of many sentences, so many are compared word by word.
_CLOSE = 20

#: What a word may end on besides: plans, planned, Berichte, gehostet.
_ENDING = re.compile(r"(ing|ed|ten|tes|ter|tem|en|er|em|es|et|te|s|e|t|n)$")
_WORD = re.compile(r"[^\W_]+")
_NOT = frozenset(["not", "no", "never", "without", "nicht", "kein", "keine", "keinen", "nie", "ohne"])


@dataclass(frozen=True, slots=True)
class Content:
    """What a sentence is about. `done` are classes of what is done; `things` are words, one for each meaning."""

    done: frozenset[str]
    things: frozenset[str]
    figures: frozenset[str]
    is_denied: bool


@lru_cache(maxsize=8192)
def content(text: str, *, is_task: bool = False) -> Content:
    """The content of a sentence; only in a task is what is done told from what it is done to."""
    done: set[str] = set()
    things, figures, denied = set[str](), set[str](), False
    for at, match in enumerate(_WORD.finditer(text)):
        written = match[0]
        word = letters(fold(written))
        is_name = at > 0 and written[0].isupper()  # May, IT: small words are names in capitals
        if word in _NOT:
            denied = not denied
        elif any(c.isdecimal() for c in word) or word in _numbers():
            figures.add(_numbers().get(word, word))
        elif (word in _little() and not is_name) or len(word) < 2:
            continue
        elif is_task and word not in _meanings() and (acts := _acts().get(word)):
            done |= acts
        else:
            things.add(_meanings().get(word) or _meanings().get(_stem(word), word))
    return Content(frozenset(done), frozenset(things), frozenset(figures), denied)


def _lines(name: str) -> list[str]:
    lines = (Path(__file__).parent / "words" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@cache
def _little() -> frozenset[str]:
    return frozenset(word for line in _lines("little") for word in line.split())


@cache
def _numbers() -> dict[str, str]:
    return {letters(word): line.split()[0] for line in _lines("numbers") for word in line.split()[1:]}


@cache
def _acts() -> dict[str, frozenset[str]]:
    """word -> what is done by it, by the first words of its lines: `prepare` may be to write and to set up."""
    acts: dict[str, set[str]] = defaultdict(set)
    for line in _lines("meaning"):
        for verb in line.split()[1:] if line.startswith("!") else []:
            for word in _inflected(verb):
                acts[letters(word)].add(line.split()[1])
    return {word: frozenset(classes) for word, classes in acts.items()}


@cache
def _meanings() -> dict[str, str]:
    plain = [line.split() for line in _lines("meaning") if not line.startswith("!")]
    return {form: line[0] for line in plain for word in line for form in (_stem(letters(word)), letters(word))}


def _inflected(verb: str) -> set[str]:
    stem = verb.removesuffix("e")
    return {
        verb,
        verb + "s",
        stem + "ing",
        stem + "ed",
        stem + "es",
        verb.removesuffix("n"),
        verb.removesuffix("en") + "t",
    }


def says_the_same(one: str, other: str, *, is_task: bool = False) -> bool:
    """Whether two sentences say the same, by their words."""
    a, b = content(one, is_task=is_task), content(other, is_task=is_task)
    if a.is_denied != b.is_denied or (a.figures and b.figures and a.figures != b.figures):
        return False
    if a.done and b.done and not a.done & b.done:
        return False
    share, added_by_both = overlap(a, b)
    both = min(len(a.things), len(b.things))
    if both < 2:
        return share == 1 and a.figures == b.figures and bool(a.things) and a.done == b.done
    return share >= (_EXCHANGING if added_by_both else _ADDING)


def overlap(a: Content, b: Content) -> tuple[float, bool]:
    """Shared things of all different things (0..1), and whether each sentence has some that the other has not."""
    left = set(b.things)
    shared = 0
    for thing in sorted(a.things):
        match = thing if thing in left else next((w for w in sorted(left) if _is_one_word(thing, w)), None)
        if match is not None:
            left.discard(match)
            shared += 1
    different = len(a.things) + len(b.things) - shared
    return (shared / different if different else 0.0), shared < len(a.things) and shared < len(b.things)


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    """A word without its endings, roughly: planned, plans -> plan; gehostet, Hosting -> host."""
    stem = word[2:] if word.startswith("ge") and len(word) > 6 and word.endswith(("t", "en")) else word
    for _ in range(2):
        shorter = _ENDING.sub("", stem)
        stem = shorter if len(shorter) >= 4 else stem
    return stem[:-1] if len(stem) > 4 and stem[-1] == stem[-2] else stem


class Sayings:
    """Many sentences, to ask of many others whether they say one of these again, in time that grows with their number.

    Sentences of the same words are one; and only the `_CLOSE` that have the most words in common with the asked one to
    the letter are looked at closely, word by word.
    """

    def __init__(self, sentences: Iterable[str]) -> None:
        self._known: dict[tuple[frozenset[str], bool], float] = {}
        self._by_thing: dict[str, list[Content]] = defaultdict(list)
        for said in dict.fromkeys((c.things, c.is_denied) for c in map(content, sentences)):
            for thing in said[0]:
                self._by_thing[thing].append(Content(frozenset(), said[0], frozenset(), said[1]))

    def likeness(self, sentence: str) -> float:
        """How much it has in common with the likest of them, 0..1."""
        asked = content(sentence)
        key = (asked.things, asked.is_denied)
        if key not in self._known:
            near = Counter(other for thing in sorted(asked.things) for other in self._by_thing.get(thing, ()))
            for other in [other for other in near if other.is_denied != asked.is_denied]:
                del near[other]
            self._known[key] = max((overlap(asked, other)[0] for other, _n in near.most_common(_CLOSE)), default=0.0)
        return self._known[key]


def shared_words(one: str, other: str) -> float:
    """How much two sentences have in common, 0..1: nothing if one denies what the other says.

    For many pairs: what has no word in common to the letter is not looked at closely.
    """
    a, b = content(one), content(other)
    if a.is_denied != b.is_denied or not a.things & b.things:
        return 0.0
    return overlap(a, b)[0]


def _is_one_word(one: str, other: str) -> bool:
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < 4:
        return False
    if _stem(one) == _stem(other):
        return True
    common = next((i for i, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other)))
    return (common >= 4 and common >= _BEGINNING * longest) or fuzz.ratio(one, other) >= _WORD_ALIKE


def name_fits(said: str, known: str) -> bool | None:
    """Whether a deal that was named is the one of this name; None if the names do not tell. Numbers decide."""
    a, b = content(said), content(known)
    if a.figures != b.figures:
        share, _ = overlap(a, b)
        return False if a.figures and b.figures and (share or not a.things or not b.things) else None
    share, _ = overlap(a, b)
    return True if share >= _EXCHANGING or (share >= _ADDING and min(len(a.things), len(b.things)) > 1) else None
