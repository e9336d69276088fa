"""Keyword search within records: which chunks hold the words of a question, ranked by BM25 the same on any database.

The database finds candidates by its full-text index; they are scored here, from the chunk's own words and how many of
the workspace's chunks hold each: so SQLite and PostgreSQL agree, and no tenant's words weigh in another's ranking. Only
the rarest terms are sought, as many as keep the candidates few; the others still count in the score. Where all terms
are common, chunks that hold them together are sought, and of too many the newest: no index is ever ranked as a whole.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects import postgresql

from shared.models import Chunk
from shared.search import folding
from shared.search.prepared import rows
from shared.tenancy import TenantSession

_Select = Select[*tuple[Any, ...]]

#: Chunks that may hold any of the sought terms; a term that alone passes it is common, and sought only with others.
#: The database ranks no more than so many.
_MOST_MATCHES = 3000
#: So many chunks are looked at one by one, without the index.
_FEW = 1500
#: A term is not counted further than this; how many chunks hold a common one is remembered for seconds.
_MOST_COUNTED, _COMMON, _COUNT_KEPT_S = 50_000, 2_000, 60.0
#: Chunks that are scored.
CANDIDATES = 200
_MOST_TERMS = 24
_LONGEST_QUESTION = 2000

#: BM25's usual constants: how fast repetition stops counting, how much length does.
_K1, _B = 1.2, 0.75

_INDEX = table("search_index_chunk", column("rowid"))
_MATCHED: ColumnElement[Any] = literal_column("search_index_chunk")
_WORDS: ColumnElement[Any] = literal_column("chunk.search_index_words")
_SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")

_COUNT_SQLITE = text(
    "SELECT count(*) FROM (SELECT 1 FROM search_index_chunk"
    " WHERE search_index_chunk MATCH 'scope : w' || :workspace || ' AND folded : ' || :term LIMIT :most)"
)
_COUNT_POSTGRESQL = text(
    "SELECT count(*) FROM (SELECT 1 FROM chunk WHERE workspace_id = :workspace"
    " AND search_index_words @@ to_tsquery('simple', :term) LIMIT :most) AS held"
)

_AROUND = text(
    "SELECT DISTINCT n.id, n.record_id, n.position, n.folded FROM chunk c JOIN chunk n"
    " ON n.record_type = c.record_type AND n.record_id = c.record_id"
    " AND n.position BETWEEN c.position - :reach AND c.position + :reach"
    " WHERE c.id IN :ids AND c.part = 'talk' AND n.part = 'talk'"
    " AND c.workspace_id = :workspace AND n.workspace_id = :workspace"
).bindparams(bindparam("ids", expanding=True))

#: Words of questions, English and German, that say nothing about what is sought.
STOP_WORDS = frozenset(
    word
    for line in (
        "a about all am an and any are as at be been but by can could did do does doing for from get had has have",
        "he her here him his how i if in into is it its just let like me my no not of off on or our out she should",
        "so some than that the their them then there these they this those to too up us was we were what when",
        "where which while who whom whose why will with would you your um uh yeah okay please tell show find give",
        "say said says s t re ve ll d m summarize summary discussion discuss anything something everything ever",
        "aber alle als am an auch auf aus bei bin bis bitte da dann das dass dem den der des die dies diese dieser",
        "dieses doch du ein eine einem einen einer eines er es fur gab gibt habe haben hat hatte hatten ich ihr",
        "ihre im in ist ja kann man mein meine mich mir mit nach nicht noch nur ob oder schon sein seine sich sie",
        "sind so uber um und uns unser vom von vor wann war waren warum was welche welcher welches wem wen wenn",
        "wer werden wie wir wird wo woruber wurde wurden zu zum zur zeig sag gesagt",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class Found:
    """A chunk that holds some of the words. `score` is BM25, from 0."""

    id: int
    score: float


@dataclass(frozen=True, slots=True)
class LookUp:
    """What was found, and what each term was worth: its inverse document frequency."""

    weights: dict[str, float]
    found: list[Found]


#: A chunk's id, its words as they are indexed, its record's type.
Row = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Weight:
    """What a term is worth (inverse document frequency) and how many chunks hold it, counted to a limit."""

    value: float
    count: int


def folded(said: str) -> str:
    """A chunk's words as they are indexed: folded, without endings, with the other spellings people search by."""
    words = [stem(word) for word in folding.words(said)]
    return " ".join([*words, *dict.fromkeys(folding.spellings(said))])


def scope(workspace_id: int, record_type: str, record_id: int) -> str:
    """The words a chunk is filtered by; they stand in a column of their own, where no question looks."""
    return f"w{workspace_id} t{record_type} r{record_type}{record_id}"


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word without the endings that English adds to it, if enough is left: `meetings` -> `meet`."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def terms_of(question: str) -> list[str]:
    """What to look for in chunks, in the question's order, at most 24 terms. Anything may be typed."""
    question = question[:_LONGEST_QUESTION]
    words = [word for word in folding.words(question) if word not in STOP_WORDS]
    stems = [stem(word) for word in words or folding.words(question)]
    return list(dict.fromkeys([*stems, *folding.spellings(question)]))[:_MOST_TERMS]


def says_what(question: str) -> bool:
    """Whether a question has a word of its own, beside those that every question has."""
    return any(word not in STOP_WORDS for word in folding.words(question[:_LONGEST_QUESTION]))


def look_up(
    session: TenantSession,
    terms: Sequence[str],
    *,
    types: Sequence[str] | None = None,
    records: Mapping[str, Sequence[int]] | None = None,
    limit: int = 100,
    total: int | None = None,
) -> LookUp:
    """Chunks of the session's workspace that hold any of the terms, best first; of these types, of these records.

    `records` is {type: ids}; an empty mapping finds nothing. `total` is how many chunks the workspace has, if that is
    known; about will do. Among few records a term weighs by how rare it is there:
    in a meeting about pumps, "pump" tells nothing apart.
    """
    if records is not None:
        few = _rows_within(session, records)
        if few is not None:
            weights = _weigh(terms, few)
            allowed = few if types is None else [row for row in few if row[2] in types]
            return LookUp(weights, score(allowed, weights)[:limit])
    known = weights_of(session, terms, total)
    weights = {term: weight.value for term, weight in known.items()}
    return LookUp(weights, _found(session, known, types, records)[:limit])


def _rows_within(session: TenantSession, records: Mapping[str, Sequence[int]]) -> list[Row] | None:
    """Id, words and type of all chunks of these records; None if there are too many to look at each."""
    query = select(Chunk.id, Chunk.folded, Chunk.record_type).where(of_records(records)).limit(_FEW + 1)
    found = [(row[0], row[1], row[2]) for row in session.execute(query)]
    return found if len(found) <= _FEW else None


def _weigh(terms: Sequence[str], rows: Sequence[Row]) -> dict[str, float]:
    held = Counter(term for row in rows for term in set(row[1].split()) & set(terms))
    return {term: _idf(len(rows), held[term]) for term in terms}


def _found(
    session: TenantSession,
    weights: Mapping[str, Weight],
    types: Sequence[str] | None,
    records: Mapping[str, Sequence[int]] | None,
) -> list[Found]:
    present = sorted((weight.count, term) for term, weight in weights.items() if weight.count)
    if not present or types == []:
        return []
    for wanted in _wanted(present):
        if found := _matching(session, wanted, types, records):
            return score(found, {term: weight.value for term, weight in weights.items()})
    return []


def score(chunks: Iterable[Sequence[Any]], weights: Mapping[str, float], *, average: float = 90.0) -> list[Found]:
    """BM25 of (id, folded words, …), best first; rows without any of the terms are left out.

    `average` is the usual length of a chunk in words; a constant, so that a score depends on the chunk alone.
    """
    found = []
    for id_, words, *_ in chunks:
        near = [term for term in weights if term in words]  # most hold none, and need no counting
        said = words.split() if near else []
        damp = _K1 * (1 - _B + _B * len(said) / average)
        counts = [(weights[term], said.count(term)) for term in near]
        total = sum(weight * count * (_K1 + 1) / (count + damp) for weight, count in counts if count)
        if total > 0:
            found.append(Found(id_, total))
    return sorted(found, key=lambda hit: (-hit.score, hit.id))


def weights_of(session: TenantSession, terms: Sequence[str], total: int | None = None) -> dict[str, Weight]:
    """How much each term tells apart in the session's workspace; one that stands nowhere tells most."""
    everything = count_chunks(session) if total is None else total
    counts = {term: _frequency(session, term) for term in dict.fromkeys(terms)}
    return {term: Weight(_idf(max(everything, count), count), count) for term, count in counts.items()}


def count_chunks(session: TenantSession) -> int:
    """Chunks of the session's workspace."""
    mine = select(func.count()).select_from(Chunk).where(Chunk.workspace_id == session.workspace_id)
    return session.scalar(mine) or 0


def _idf(total: int, count: int) -> float:
    return math.log(1 + (total - count + 0.5) / (count + 0.5))


def _frequency(session: TenantSession, term: str) -> int:
    """How many chunks of the workspace hold a term, from the index alone: asked for each term of each question."""
    key = (id(session.get_bind().engine), session.workspace_id, term)
    counted_at, count = _counts.get(key, (float("-inf"), 0))
    if time.monotonic() - counted_at < _COUNT_KEPT_S:
        return count
    if _is_sqlite(session):
        count = int(rows(session, _COUNT_SQLITE, term=f'"{term}"', most=_MOST_COUNTED)[0][0])
    else:
        count = int(rows(session, _COUNT_POSTGRESQL, term=term, most=_MOST_COUNTED)[0][0])
    if count >= _COMMON:
        if len(_counts) >= _MOST_KEPT:
            _counts.clear()
        _counts[key] = (time.monotonic(), count)
    return count


#: When a common term was counted, and in how many chunks it stands, by database and workspace.
_counts: dict[tuple[int, int, str], tuple[float, int]] = {}
_MOST_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Terms to look for, any or `together`; `few`: so few chunks hold them that all can be scored."""

    terms: tuple[str, ...]
    together: bool = False
    few: bool = False


def _wanted(present: Sequence[tuple[int, str]]) -> list[_Wanted]:
    """What to look for, given (count, term), rarest first: as many terms as keep the matches few. Where even the rarest
    is common, all of them together, and it alone only if they never are."""
    sought: list[str] = []
    matches = 0
    for count, term in present:
        if sought and matches + count > _MOST_MATCHES:
            break
        sought.append(term)
        matches += count
    if matches <= _MOST_MATCHES or len(present) == 1:
        return [_Wanted(tuple(sought), few=matches <= CANDIDATES)]
    return [_Wanted(tuple(term for _, term in present[:3]), together=True), _Wanted((present[0][1],))]


def _matching(
    session: TenantSession,
    wanted: _Wanted,
    types: Sequence[str] | None,
    records: Mapping[str, Sequence[int]] | None,
) -> Sequence[Any]:
    """Id and words of the database's own best candidates; all that match where the caller will choose among them."""
    is_ranked = records is None and not wanted.few
    bound: dict[str, Any] = {"most": _MOST_MATCHES, "best": CANDIDATES} if is_ranked else {"most": _MOST_COUNTED}
    if _is_sqlite(session):
        statement = _sqlite(is_ranked=is_ranked)
        joined = (" AND " if wanted.together else " OR ").join(f'"{term}"' for term in wanted.terms)
        kinds = "" if types is None else " AND scope : (" + " OR ".join(f"t{kind}" for kind in types) + ")"
        bound["asked"] = f"scope : w{session.workspace_id}{kinds} AND folded : ({joined})"
    else:
        statement = _postgresql(is_ranked=is_ranked)
        bound["asked"] = (" & " if wanted.together else " | ").join(wanted.terms)
        if types is not None:
            statement = statement.where(Chunk.record_type.in_(types))
    if records is not None:
        statement = statement.where(of_records(records))
    return rows(session, statement, **bound)


@cache
def _sqlite(*, is_ranked: bool) -> _Select:
    """Candidates from the full-text index alone, joined to their words. FTS5 goes from the newest row back itself."""
    match = _MATCHED.op("MATCH")(bindparam("asked", type_=String()))
    newest = select(_INDEX.c.rowid.label("id")).where(match)
    if not is_ranked:
        found = newest.limit(bindparam("most", type_=Integer())).subquery()
        return _chunks().join(found, found.c.id == Chunk.id)
    measured = newest.add_columns(func.bm25(_MATCHED, 0.0, 1.0).label("distance")).order_by(_INDEX.c.rowid.desc())
    among = measured.limit(bindparam("most", type_=Integer())).subquery()
    best = select(among.c.id).order_by(among.c.distance, among.c.id).limit(bindparam("best", type_=Integer()))
    found = best.subquery()
    return _chunks().join(found, found.c.id == Chunk.id)


@cache
def _postgresql(*, is_ranked: bool) -> _Select:
    asked = bindparam("asked", type_=String())
    question = func.to_tsquery(_SIMPLE, asked, type_=postgresql.TSQUERY())
    matching = _chunks().where(_WORDS.op("@@")(question))
    if not is_ranked:
        return matching.limit(bindparam("most", type_=Integer()))
    among = select(Chunk.id, func.ts_rank(_WORDS, question, 1).label("rank"))
    among = among.where(_WORDS.op("@@")(question), Chunk.workspace_id == bindparam("workspace"))
    some = among.limit(bindparam("most", type_=Integer())).subquery()
    best = (
        select(some.c.id).order_by(some.c.rank.desc(), some.c.id).limit(bindparam("best", type_=Integer())).subquery()
    )
    return _chunks().join(best, best.c.id == Chunk.id)


def _chunks() -> _Select:
    return select(Chunk.id, Chunk.folded).where(Chunk.workspace_id == bindparam("workspace"))


@dataclass(frozen=True, slots=True)
class Window:
    """A chunk of a meeting's talk, with its words as they are indexed."""

    id: int
    meeting_id: int
    position: int
    folded: str


def windows_around(session: TenantSession, ids: Sequence[int], *, reach: int) -> list[Window]:
    """The windows of talk among these chunks, and those up to `reach` places before and after them."""
    return [Window(*row) for row in rows(session, _AROUND, ids=list(ids), reach=reach)] if ids else []


def of_records(records: Mapping[str, Sequence[int]]) -> ColumnElement[bool]:
    """A condition: the chunk belongs to one of these records."""
    wanted = [(Chunk.record_type == kind) & Chunk.record_id.in_(ids) for kind, ids in records.items() if ids]
    return or_(*wanted) if wanted else Chunk.id.is_(None)


def _is_sqlite(session: TenantSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"
