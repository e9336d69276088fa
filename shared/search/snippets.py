"""The piece of a text that shows why it was found, as plain parts: the page decides how a match looks, and escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.search import folding
from shared.search.terms import Phrase, Term

_WORD = re.compile(r"[^\W_]+")
_BLANKS = re.compile(r"\s+")
_LINES = re.compile(r"\s*\n\s*")

#: Matches looked at before choosing a place; the first hundred of a common word are as good as all.
_MOST_MATCHES = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of plain text; `is_match` if it is what was asked for."""

    text: str
    is_match: bool = False


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    term: int


def snippet(text: str, terms: Sequence[Term], *, chars: int = 160, between: str = " ") -> tuple[Part, ...]:
    """About `chars` characters of the text around most of the terms; its beginning when none is in it.

    `between` takes the place of the ends of its lines.
    """
    found = _matches(text, terms)
    start = _best_start(found, chars)
    start = _next_word(text, start - chars // 4) if start > chars // 2 else 0
    end = min(len(text), start + chars)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + chars // 2)
    parts: list[Part] = [Part("… ")] if start > 0 else []
    position = start
    for match in found:
        if match.start < position or match.end > end:
            continue
        parts += [Part(text[position : match.start]), Part(text[match.start : match.end], is_match=True)]
        position = match.end
    parts.append(Part(text[position:end] + (" …" if end < len(text) else "")))
    cleaned = (Part(_BLANKS.sub(" ", _LINES.sub(between, part.text)), part.is_match) for part in parts)
    return tuple(part for part in cleaned if part.text)


def _matches(text: str, terms: Sequence[Term]) -> list[_Match]:
    exact: dict[str, int] = {}
    begun: list[tuple[str, int]] = []
    for number, word, is_prefix in _wanted(terms):
        if is_prefix:
            begun.append((word, number))
        exact.setdefault(word, number)
    found: list[_Match] = []
    for match in _WORD.finditer(text):
        word = folding.fold(match[0])
        term = exact.get(word)
        if term is None:
            term = next((number for start, number in begun if word.startswith(start)), None)
        if term is not None:
            found.append(_Match(match.start(), match.end(), term))
            if len(found) == _MOST_MATCHES:
                break
    return found


def _wanted(terms: Sequence[Term]) -> Iterator[tuple[int, str, bool]]:
    """(term's number, word, may be longer) of each word that can stand in a text."""
    for number, term in enumerate(terms):
        phrase: Phrase = term[0]  # the other spellings are made for the index and stand in no text
        for word in phrase.words:
            yield number, word, phrase.is_prefix and word == phrase.words[-1]


def _best_start(found: Sequence[_Match], chars: int) -> int:
    """Where a window that holds the most different terms begins; 0 without matches."""
    best, start = 0, 0
    for i, first in enumerate(found):
        terms = {match.term for match in found[i:] if match.end <= first.start + chars * 3 // 4}
        if len(terms) > best:
            best, start = len(terms), first.start
    return start


def _next_word(text: str, position: int) -> int:
    blank = text.find(" ", position, position + 30)
    return blank + 1 if blank >= 0 else position
