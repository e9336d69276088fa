"""Records by words of their titles: what a name in a question may stand for.

Asked while somebody waits for the first word of an answer, so every lookup is an index's own: no ranking, a limit on
what is read, and for misspelt words a search by the part of a word that one slip leaves as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, column, func, literal_column, select, table

from shared.models import SearchDocument
from shared.search import folding
from shared.tenancy import TenantSession

_FTS5 = table("search_index", column("rowid"))
_WORDS: ColumnElement[Any] = literal_column("search_document.search_index_words")
_GRAMS: ColumnElement[Any] = literal_column("search_document.search_index_grams")
_SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")


@dataclass(frozen=True, slots=True)
class Named:
    """A record and its title."""

    type: str
    id: int
    title: str


def titled(
    session: TenantSession, words: Sequence[str], types: Sequence[str], *, limit: int = 40, among: int | None = None
) -> list[Named]:
    """Records whose title has all these folded words, in no order. `among`: look at so many titles with them at most,
    of whatever type and workspace."""
    plain = [folded for word in words if (folded := "".join(folding.words(word)))]
    if not plain:
        return []
    if _is_sqlite(session):
        question = "{title_key} : (" + " AND ".join(f'"{word}"' for word in plain) + ")"
        return _matching(session, _fts5(question), types, limit, among)
    asked = func.to_tsquery(_SIMPLE, " & ".join(f"{word}:A" for word in plain))
    return _matching(session, _WORDS.op("@@")(asked), types, limit, among)


def spelled_like(session: TenantSession, word: str, types: Sequence[str], *, limit: int = 200) -> list[Named]:
    """Records with a title word that shares the beginning, the end, or both edges of this one's letters; to be compared
    by similarity, which this does not."""
    ways = _intact(word)
    if not ways:
        return []
    if _is_sqlite(session):
        asked = " OR ".join("(" + " AND ".join(f'"{gram}"' for gram in way) + ")" for way in ways)
        return _matching(session, _fts5("grams : (" + asked + ")"), types, limit)
    asked = " | ".join("(" + " & ".join(f"'{gram}'" for gram in way) + ")" for way in ways)
    return _matching(session, _GRAMS.op("@@")(func.to_tsquery(_SIMPLE, asked)), types, limit)


def _intact(word: str) -> list[list[str]]:
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


def _matching(
    session: TenantSession, condition: ColumnElement[bool], types: Sequence[str], limit: int, among: int | None = None
) -> list[Named]:
    """The first records that fit, in no order: among ten thousand people called Ana a few are enough to ask about."""
    statement = select(SearchDocument.record_type, SearchDocument.record_id, SearchDocument.title)
    if _is_sqlite(session):
        found = select(_FTS5.c.rowid).where(condition).limit(among).subquery()
        statement = statement.join(found, found.c.rowid == SearchDocument.id)
    else:
        statement = statement.where(condition)
    statement = statement.where(
        SearchDocument.workspace_id == session.workspace_id, SearchDocument.record_type.in_(list(types))
    )
    return [Named(*row) for row in session.execute(statement.limit(limit))]


def _fts5(question: str) -> ColumnElement[bool]:
    return literal_column("search_index").op("MATCH")(question)


def _is_sqlite(session: TenantSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"
