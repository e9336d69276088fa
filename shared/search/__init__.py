"""Keyword search: the words of every record, found on SQLite (FTS5) and PostgreSQL (tsvector) alike.

Text is folded to plain words before it is stored, and questions are folded the same way, so both databases compare
the same words: `Müller` finds `MULLER`, `(030) 12 34 56 7` finds `+49 30 1234567`. The verbs of `shared.records` keep
the index true, in their own transaction; the rest of the house only asks.

    question ─ terms ─▶ all ─(none)─▶ all, a slip in each ─(too few)─▶ any ─(none)─▶ titles spelled like it ─▶ list[Hit]
"""

from shared.search.folding import fold, is_same_phone, phones, words
from shared.search.indexing import index, index_many, remove, remove_many, searchable
from shared.search.lookup import Hit, find, highlighted, many, matches
from shared.search.marking import forget, has_marks, mark, mark_dependents, mark_everything, mark_found
from shared.search.snippets import Part

__all__ = [
    "Hit",
    "Part",
    "find",
    "fold",
    "forget",
    "has_marks",
    "highlighted",
    "index",
    "index_many",
    "is_same_phone",
    "many",
    "mark",
    "mark_dependents",
    "mark_everything",
    "mark_found",
    "matches",
    "phones",
    "remove",
    "remove_many",
    "searchable",
    "words",
]  # fmt: skip
