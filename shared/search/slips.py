"""Words that were meant: one letter too many, too few or wrong, or two in the wrong order.

An index finds words it is asked for, not words that resemble them. So it is asked for what a slip leaves as it was: two
letters that changed places give few other words, all of which are asked for; any other slip leaves the first half of a
word's three-letter pieces untouched, or the last half, or both edges. What comes back is looked at letter by letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from shared.search import folding
from shared.search.terms import Term

_SHORTEST, _LONGEST = 3, 24


@dataclass(frozen=True, slots=True)
class Meant:
    """What one word may stand for: one of these words, or all pieces of one of these ways. Or just what was typed."""

    words: tuple[str, ...] = ()
    ways: tuple[tuple[str, ...], ...] = ()
    is_prefix: bool = False
    typed: Term = ()


def meant(asked: Sequence[Term]) -> list[Meant] | None:
    """What each term may stand for; None where nothing typed can be a slip of something else."""
    found = [_of(term) for term in asked]
    return found if any(one.ways for one in found) else None


def is_near(asked: Sequence[str], title: Sequence[str]) -> bool:
    """Whether a title has every word asked for, each but for one slip; the last may be only begun."""
    return all(_is_one_of(word, title, is_last=i == len(asked) - 1) for i, word in enumerate(asked))


def intact(word: str) -> list[list[str]]:
    """The three-letter pieces that one slip may leave as they are: those of the first half, of the last, of the edges.

    A slip touches up to four neighbouring pieces; wherever it is, one of the three lists is untouched.
    """
    folded = "".join(folding.words(word))
    pieces = folding.grams(folded)
    if len(folded) < 4 or len(pieces) < 4:
        return []
    middle = len(pieces) // 2
    edge = max(1, (len(pieces) - 4) // 2)
    return [pieces[:middle], pieces[-middle:], [*pieces[:edge], *pieces[-edge:]]]


def _of(term: Term) -> Meant:
    word = term[0].words[0] if len(term) == 1 and len(term[0].words) == 1 else ""
    if not word.isalpha() or not _SHORTEST <= len(word) <= _LONGEST:
        return Meant(typed=term)
    pieces = folding.grams(word)
    ways = intact(word) or [[pieces[0], pieces[-1]]]
    swapped = (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1))
    return Meant(tuple(dict.fromkeys([word, *swapped])), tuple(map(tuple, ways)), term[0].is_prefix, term)


def _is_one_of(word: str, title: Sequence[str], *, is_last: bool) -> bool:
    if len(word) < _SHORTEST or not word.isalpha():
        return any(other.startswith(word) if is_last else other == word for other in title)
    near = any(OSA.distance(word, other, score_cutoff=1) <= 1 for other in title)
    return near or (is_last and any(OSA.distance(word, other[: len(word)], score_cutoff=1) <= 1 for other in title))
