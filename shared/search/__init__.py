"""Keyword search: the words of every record, found on SQLite (FTS5) and PostgreSQL (tsvector) alike.

Text is folded to plain words before it is stored, and questions are folded the same way, so both databases compare
the same words: `Müller` finds `MULLER`, `(030) 12 34 56 7` finds `+49 30 1234567`. The verbs of `shared.records` keep
the index true, in their own transaction; the rest of the house only asks.

    question ─ terms ─▶ all of them ─(too few)─▶ any of them ─(none)─▶ titles spelled like it ─▶ list[Hit]
"""

from shared.search.folding import fold, words
from shared.search.indexing import index, index_many, remove, remove_many, searchable
from shared.search.lookup import Hit, find, matches
from shared.search.marking import forget, has_marks, mark, mark_dependents, mark_everything, mark_found
from shared.search.snippets import Part

__all__ = [
    "Hit", "Part", "find", "fold", "forget", "has_marks", "index", "index_many", "mark", "mark_dependents",
    "mark_everything", "mark_found", "matches", "remove", "remove_many", "searchable", "words",
]  # fmt: skip
