"""Asking the index. Raw SQL stands here and binds the workspace; every statement also names it in its ORM part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Select, cast, column, func, literal_column, or_, select, table, true
from sqlalchemy.dialects.postgresql import TSQUERY

from shared.models import Contact, ContactEmail, ContactPhone, SearchDocument
from shared.search import folding, slips, snippets, terms
from shared.search.slips import Meant
from shared.search.snippets import Part
from shared.search.terms import Term
from shared.tenancy import TenantSession

#: Fewer hits for all the words than this, and those for any of them follow.
_TOO_FEW = 3

#: Matching records that are ranked, beside ten for each that is wanted: of all words, of any of them.
_AMONG = 200
_AMONG_ANY = 1500

#: Titles with pieces in common that are compared letter by letter.
_CANDIDATES = 200

#: Similarity, 0..100, from which a title counts as the same with a typing error.
_ALIKE = 78.0

#: Characters of a body that a snippet is sought in: an hour of talk is 60,000.
_SNIPPET_REACH = 200_000

#: SQLite's index is a table of its own; PostgreSQL's are columns of search_document that the models do not know.
_FTS5 = table("search_index", column("rowid"))
_WORDS: ColumnElement[Any] = literal_column("search_document.search_index_words")
_GRAMS: ColumnElement[Any] = literal_column("search_document.search_index_grams")
#: From the index to the documents. The plus keeps SQLite from the other way round, which it would choose where it knows
#: nothing of the sizes, and which asks the index anew for each document.
_FROM_INDEX: ColumnElement[bool] = literal_column("+search_index.rowid") == SearchDocument.id
_Select = Select[*tuple[Any, ...]]
_SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")


@dataclass(frozen=True, slots=True)
class Hit:
    """A found record. `score` lies in (0, 1]; above 0.5 all words were found, above 0.4 all but for a slip in each."""

    type: str
    id: int
    title: str
    snippet: tuple[Part, ...]
    score: float

    @property
    def snippet_text(self) -> str:
        """The snippet without marks."""
        return "".join(part.text for part in self.snippet)


def find(session: TenantSession, query: str, *, types: Sequence[str] | None = None, limit: int = 20) -> list[Hit]:
    """Records of the session's workspace that a question finds, best first. Anything may be typed."""
    asked = terms.parse(query)
    if not asked or limit < 1:
        return []
    scored: dict[int, float] = {}
    _add(scored, _by_email(session, query, types), low=1.0, high=1.0)
    _add(scored, _ranked(session, asked, types, limit, in_title=True), low=0.75, high=1.0)
    if len(scored) < limit:
        _add(scored, _ranked(session, asked, types, limit), low=0.5, high=0.75)
    if not scored:
        _add(scored, _by_phone(session, query, types), low=0.5, high=0.5)
    if not scored:
        _add(scored, _slipped(session, query, asked, types), low=0.4, high=0.5)
    if len(scored) < _TOO_FEW and len(asked) > 1:
        _add(scored, _ranked(session, asked, types, limit, any_of_them=True), low=0.25, high=0.4)
    if not scored:
        _add(scored, _alike(session, query, types), low=0.0, high=0.25)
    best = sorted(scored.items(), key=lambda item: -item[1])[:limit]
    return _hits(session, dict(best), asked)


def highlighted(text: str, query: str) -> tuple[Part, ...]:
    """A short text whole, with the words of a question marked in it."""
    return snippets.snippet(text, terms.parse(query), chars=max(160, len(text)))


def matches(session: TenantSession, record_type: str, id_: ColumnElement[int], query: str) -> ColumnElement[bool]:
    """A condition for lists: the record of this id has all words of a question. One without words refuses nothing."""
    asked = terms.parse(query)
    if not asked:
        return true()
    found = _scope(session, select(SearchDocument.record_id), [record_type]).where(_condition(session, asked))
    return id_.in_(found)


def many(session: TenantSession, record_type: str, query: str, *, than: int) -> Select[tuple[int]] | None:
    """The ids of records that have all words of a question, where these may be more `than` so many and the database
    would fetch each of them to find the first in another order; PostgreSQL, which knows sizes, is not asked first."""
    asked = terms.parse(query)
    if not asked:
        return None
    if _is_sqlite(session):
        match = literal_column("search_index").op("MATCH")(terms.fts5(asked))
        if (session.scalar(select(func.count()).select_from(_FTS5).where(match)) or 0) <= than:
            return None
    return _scope(session, select(SearchDocument.record_id), [record_type]).where(_condition(session, asked))


def _add(scored: dict[int, float], found: Sequence[tuple[int, float]], *, low: float, high: float) -> None:
    """Put ranks (bigger is better, from 0) of one way of finding into its band of scores."""
    top = max((rank for _, rank in found), default=0.0) or 1.0
    for document, rank in found:
        scored.setdefault(document, low + (high - low) * max(rank / top, 0.001))


def _scope(session: TenantSession, statement: _Select, types: Sequence[str] | None) -> _Select:
    statement = statement.where(SearchDocument.workspace_id == session.workspace_id)
    return statement if types is None else statement.where(SearchDocument.record_type.in_(types))


def _is_sqlite(session: TenantSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _condition(session: TenantSession, asked: Sequence[Term], *, any_of_them: bool = False) -> ColumnElement[bool]:
    if _is_sqlite(session):
        match = literal_column("search_index").op("MATCH")(terms.fts5(asked, any_of_them=any_of_them))
        return SearchDocument.id.in_(select(_FTS5.c.rowid).where(match))
    return _WORDS.op("@@")(func.to_tsquery(_SIMPLE, terms.tsquery(asked, any_of_them=any_of_them)))


def _ranked(
    session: TenantSession,
    asked: Sequence[Term],
    types: Sequence[str] | None,
    limit: int,
    *,
    any_of_them: bool = False,
    in_title: bool = False,
) -> list[tuple[int, float]]:
    """(document, rank) of the best among the newest that match; a word in the title counts eight times.

    What ten thousand records have in common tells them apart no more: to look at all takes fifty times as long.
    """
    among = (_AMONG_ANY if any_of_them else _AMONG) + 10 * limit
    if _is_sqlite(session):
        match = literal_column("search_index").op("MATCH")(
            terms.fts5(asked, any_of_them=any_of_them, in_title=in_title)
        )
        rank = (-func.bm25(literal_column("search_index"), 8.0, 1.0, 0.0)).label("rank")
        matching = select(SearchDocument.id, rank).join(_FTS5, _FROM_INDEX).where(match)
        some = _scope(session, matching, types).order_by(_FTS5.c.rowid.desc()).limit(among).subquery()
    else:
        question = func.to_tsquery(_SIMPLE, terms.tsquery(asked, any_of_them=any_of_them, in_title=in_title))
        weights: ColumnElement[Any] = literal_column("'{0.125, 0.25, 0.5, 1.0}'::float4[]")
        rank = func.ts_rank(weights, _WORDS, question, 1).label("rank")
        matching = select(SearchDocument.id, rank).where(_WORDS.op("@@")(question))
        some = _scope(session, matching, types).limit(among).subquery()
    best = select(some.c.id, some.c.rank).order_by(some.c.rank.desc(), some.c.id.desc()).limit(limit)
    return [(document, float(value)) for document, value in session.execute(best)]


def _by_email(session: TenantSession, query: str, types: Sequence[str] | None) -> list[tuple[int, float]]:
    """The document of the contact whose address was asked for, to the letter."""
    address = query.strip().casefold()
    if "@" not in address or (types is not None and "contact" not in types):
        return []
    contacts = (
        select(Contact.id)
        .join(ContactEmail, ContactEmail.contact_id == Contact.id)
        .where(ContactEmail.email_key == address, Contact.workspace_id == session.workspace_id)
    )
    statement = _scope(session, select(SearchDocument.id), ["contact"]).where(SearchDocument.record_id.in_(contacts))
    return [(document, 1.0) for document in session.scalars(statement)]


def _by_phone(session: TenantSession, query: str, types: Sequence[str] | None) -> list[tuple[int, float]]:
    """Contacts whose number has these digits anywhere: the index knows numbers by their ends, this is half typed."""
    digits = folding.phone_digits(query) if folding.phones(query) else None
    if digits is None or (types is not None and "contact" not in types):
        return []
    contacts = select(ContactPhone.contact_id).where(
        ContactPhone.phone_key.contains(digits), ContactPhone.workspace_id == session.workspace_id
    )
    some = contacts.limit(_CANDIDATES)
    statement = _scope(session, select(SearchDocument.id), ["contact"]).where(SearchDocument.record_id.in_(some))
    return [(document, 1.0) for document in session.scalars(statement)]


def _slipped(
    session: TenantSession, query: str, asked: Sequence[Term], types: Sequence[str] | None
) -> list[tuple[int, float]]:
    """(document, similarity) of titles that have every word, each but for one slip."""
    meant = slips.meant(asked)
    if meant is None:
        return []
    statement = select(SearchDocument.id, SearchDocument.title)
    if _is_sqlite(session):
        question = " AND ".join(_meant_fts5(one) for one in meant)
        match = literal_column("search_index").op("MATCH")(question)
        statement = statement.join(_FTS5, _FROM_INDEX).where(match)
    else:
        statement = statement.where(*(_meant_tsquery(one) for one in meant))
    statement = _scope(session, statement, types).limit(_CANDIDATES * 2)
    asked_words = folding.words(query)
    return [
        (document, _similarity(" ".join(asked_words), " ".join(words)))
        for document, title in session.execute(statement)
        if slips.is_near(asked_words, words := folding.words(title))
    ]


def _meant_fts5(one: Meant) -> str:
    if not one.words:
        return "(" + terms.fts5([one.typed]) + ")"
    words = [f'"{word}"' + ("*" if one.is_prefix else "") for word in one.words]
    ways = ["(" + " AND ".join(f'"{piece}"' for piece in way) + ")" for way in one.ways]
    return "({title_key} : (" + " OR ".join(words) + ") OR {grams} : (" + " OR ".join(ways) + "))"


def _meant_tsquery(one: Meant) -> ColumnElement[bool]:
    if not one.words:
        return _WORDS.op("@@")(func.to_tsquery(_SIMPLE, terms.tsquery([one.typed])))
    words = " | ".join(f"{word}:{'*' if one.is_prefix else ''}A" for word in one.words)
    ways = " | ".join("(" + " & ".join(f"'{piece}'" for piece in way) + ")" for way in one.ways)
    named: ColumnElement[bool] = _WORDS.op("@@")(func.to_tsquery(_SIMPLE, words))
    return or_(named, _GRAMS.op("@@")(cast(ways, TSQUERY)))


def _alike(session: TenantSession, query: str, types: Sequence[str] | None) -> list[tuple[int, float]]:
    """(document, similarity) of titles that are spelled like the question."""
    pieces = _telling(folding.grams(query[:100], most=60))
    rank: ColumnElement[Any]
    statement: _Select
    if _is_sqlite(session):
        wanted = "grams : (" + " OR ".join(f'"{piece}"' for piece in pieces) + ")"
        rank = -func.bm25(literal_column("search_index"), 0.0, 0.0, 1.0)
        statement = select(SearchDocument.id, SearchDocument.title).join(_FTS5, _FROM_INDEX)
        statement = statement.where(literal_column("search_index").op("MATCH")(wanted))
    else:
        question = cast(" | ".join(f"'{piece}'" for piece in pieces), TSQUERY)
        rank = func.ts_rank(_GRAMS, question, 1)
        statement = select(SearchDocument.id, SearchDocument.title).where(_GRAMS.op("@@")(question))
    statement = _scope(session, statement, types).order_by(rank.desc(), SearchDocument.id.desc()).limit(_CANDIDATES)
    asked = " ".join(folding.words(query))
    compared = [
        (document, _similarity(asked, " ".join(folding.words(title)))) for document, title in session.execute(statement)
    ]
    return [(document, score) for document, score in compared if score >= _ALIKE]


def _telling(pieces: Sequence[str]) -> Sequence[str]:
    """Without first letters and endings of words, which ten thousands share: that is slow and says little."""
    return [piece for piece in pieces if not piece.startswith("00") and not piece.endswith("0")] or pieces


def _similarity(asked: str, title: str) -> float:
    """0..100: the question against the whole title and against each run of words in it."""
    return max(fuzz.ratio(asked, title), fuzz.token_sort_ratio(asked, title), 0.98 * _partial(asked, title))


def _partial(asked: str, title: str) -> float:
    size = len(asked.split())
    found = title.split()
    windows = [" ".join(found[i : i + size]) for i in range(max(1, len(found) - size + 1))]
    return max((fuzz.ratio(asked, window) for window in windows), default=0.0)


def _hits(session: TenantSession, scored: dict[int, float], asked: Sequence[Term]) -> list[Hit]:
    """The documents in the order of `scored`, each with the piece of text that shows why."""
    beginning = func.substr(SearchDocument.body, 1, _SNIPPET_REACH)
    columns = (SearchDocument.id, SearchDocument.record_type, SearchDocument.record_id, SearchDocument.title, beginning)
    statement = _scope(session, select(*columns), None).where(SearchDocument.id.in_(scored))
    rows = {row[0]: row for row in session.execute(statement)}
    hits = []
    for document, score in scored.items():
        if document in rows:
            _, type_, id_, title, body = rows[document]
            between = " · " if type_ in _OF_FACTS else " "
            hits.append(Hit(type_, id_, title, snippets.snippet(body, asked, between=between), score))
    return hits


#: Records whose text has a fact a line, and no sentences that were wrapped.
_OF_FACTS = ("company", "contact", "deal")
