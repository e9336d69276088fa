"""A person's question as terms, and the terms in the query language of each database.

Whatever was typed is only ever words: nothing of it reaches the database as syntax, so no punctuation can fail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.search import folding

#: More is never typed by a person, and each term costs.
_MOST_TERMS = 16
_LONGEST_QUESTION = 500

_CHUNK = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; the last may be only begun."""

    words: tuple[str, ...]
    is_prefix: bool = False


#: One thing asked for, in the spellings that would do.
Term = tuple[Phrase, ...]


def parse(question: str) -> list[Term]:
    """The terms of a question, at most 16. `"…"` keeps words together; the last word may be unfinished."""
    question = question[:_LONGEST_QUESTION]
    terms: list[Term] = []
    position = 0
    for start, end in folding.phones(question):
        terms += _chunks(question[position:start])
        terms.append(_phone(question[start:end]))
        position = end
    terms += _chunks(question[position:])
    terms = list(dict.fromkeys(terms))[:_MOST_TERMS]
    if terms and not question.rstrip().endswith('"'):
        terms[-1] = tuple(Phrase(phrase.words, is_prefix=True) for phrase in terms[-1])
    return terms


def _chunks(text: str) -> list[Term]:
    found: list[Term] = []
    for match in _CHUNK.finditer(text):
        chunk = match[1] if match[1] is not None else match[2]
        words = tuple(folding.words(chunk))
        if words:
            found.append((Phrase(words),))
    return found


def _phone(written: str) -> Term:
    digits = folding.phone_digits(written) or ""
    ways = dict.fromkeys([digits, folding.national_digits(written) or digits])
    by_end = [Phrase((folding.phone_word(way),), is_prefix=True) for way in ways]
    return (Phrase(tuple(folding.words(written))), *by_end)


def fts5(terms: Sequence[Term], *, any_of_them: bool = False, in_title: bool = False) -> str:
    """The terms for SQLite's MATCH, on the columns that hold words."""
    rendered = ["(" + " OR ".join(_fts5(phrase) for phrase in term) + ")" for term in terms]
    columns = "title_key" if in_title else "title_key folded"
    return f"{{{columns}}} : (" + (" OR " if any_of_them else " AND ").join(rendered) + ")"


def _fts5(phrase: Phrase) -> str:
    return '"' + " ".join(phrase.words) + '"' + ("*" if phrase.is_prefix else "")


def tsquery(terms: Sequence[Term], *, any_of_them: bool = False, in_title: bool = False) -> str:
    """The terms for PostgreSQL's to_tsquery."""
    rendered = ["(" + " | ".join(_tsquery(phrase, in_title) for phrase in term) + ")" for term in terms]
    return (" | " if any_of_them else " & ").join(rendered)


def _tsquery(phrase: Phrase, in_title: bool) -> str:
    weight = "A" if in_title else ""
    words = [f"{word}:{weight}" if weight else word for word in phrase.words[:-1]]
    last = phrase.words[-1] + (f":*{weight}" if phrase.is_prefix else f":{weight}" if weight else "")
    return "(" + " <-> ".join([*words, last]) + ")"
