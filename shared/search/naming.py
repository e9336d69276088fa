"""Records by words of their titles: what a name in a question may stand for.

Asked while somebody waits for the first word of an answer, so every lookup is an index's own: no ranking, a limit on
what is read, and for misspelt words a search by the part of a word that one slip leaves as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Select,
    String,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
)

from shared.models import SearchDocument, User
from shared.search import folding, slips
from shared.search.prepared import rows
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
        return _matching(session, _sqlite(), question, types, limit, among)
    return _matching(session, _postgresql(_WORDS), " & ".join(f"{word}:A" for word in plain), types, limit)


def spelled_like(session: TenantSession, word: str, types: Sequence[str], *, limit: int = 200) -> list[Named]:
    """Records with a title word that shares the beginning, the end, or both edges of this one's letters; to be compared
    by similarity, which this does not."""
    ways = slips.intact(word)
    if not ways:
        return []
    if _is_sqlite(session):
        asked = " OR ".join("(" + " AND ".join(f'"{gram}"' for gram in way) + ")" for way in ways)
        return _matching(session, _sqlite(), "grams : (" + asked + ")", types, limit)
    asked = " | ".join("(" + " & ".join(f"'{gram}'" for gram in way) + ")" for way in ways)
    return _matching(session, _postgresql(_GRAMS), asked, types, limit)


def colleagues(session: TenantSession) -> list[tuple[int, str]]:
    """(id, name) of the workspace's users: few, so all of them, a thousand at most."""
    query = select(User.id, User.name).order_by(User.id).limit(1000)
    return session.once("colleagues", lambda: [(id_, name) for id_, name in session.execute(query)])


def _matching(
    session: TenantSession,
    statement: Executable,
    asked: str,
    types: Sequence[str],
    limit: int,
    among: int | None = None,
) -> list[Named]:
    """The first records that fit, in no order: among ten thousand people called Ana a few are enough to ask about."""
    bound = {"asked": asked, "types": list(types), "most": limit}
    if _is_sqlite(session):
        bound["among"] = -1 if among is None else among  # SQLite's way to say: all
    key = ("named", statement, asked, tuple(types), limit, among)
    return session.once(key, lambda: [Named(*row) for row in rows(session, statement, **bound)])


@cache
def _sqlite() -> Executable:
    found = select(_FTS5.c.rowid).where(literal_column("search_index").op("MATCH")(bindparam("asked", type_=String())))
    within = found.limit(bindparam("among", type_=Integer())).subquery()
    return _documents().join(within, within.c.rowid == SearchDocument.id)


@cache
def _postgresql(index: ColumnElement[Any]) -> Executable:
    return _documents().where(index.op("@@")(func.to_tsquery(_SIMPLE, bindparam("asked", type_=String()))))


def _documents() -> Select[*tuple[Any, ...]]:
    columns = (SearchDocument.record_type, SearchDocument.record_id, SearchDocument.title)
    return (
        select(*columns)
        .where(
            SearchDocument.workspace_id == bindparam("workspace"),
            SearchDocument.record_type.in_(bindparam("types", expanding=True)),
        )
        .limit(bindparam("most", type_=Integer()))
    )


def _is_sqlite(session: TenantSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"
