"""From a question to the passages that may answer it, or to the knowledge that there are none.

    question ─ named records (address, number, id) ──────────────────────────────┐
             ├ words  ─▶ chunks by BM25   ┐                                       ├─▶ live passages, best first
             └ vector ─▶ chunks by cosine ┴─ smoothed ─ fused ─ recency, page ────┘

The tenant's filter is inside each query. Without a model, or while it is being loaded, words alone answer and `mode`
says so. `is_enough` says whether the passages are worth answering from: by how much of the question they hold, and how
near its meaning they come. What is returned is read from the records themselves, now.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from sqlalchemy import bindparam, func, select

from chatbot.retrieval import exact, passages, ranking, related
from chatbot.retrieval.bert import Floats
from chatbot.retrieval.cross_encoder import CrossEncoder
from chatbot.retrieval.embedding_service import EmbeddingService, NoEmbeddings
from chatbot.retrieval.passages import About, Hit, Passage
from chatbot.retrieval.ranking import Place, Weights
from chatbot.retrieval.related import Records, Ref
from chatbot.retrieval.vector_index import VectorIndex
from shared import clock
from shared.config import Settings
from shared.models import Chunk, Insight, InsightStatus, SearchDocument
from shared.search import passages as words
from shared.search.prepared import rows
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)

Mode = Literal["hybrid", "keyword"]

WEIGHTS = Weights()
#: Chunks taken from each way of finding; of a few records nearly all, so that smoothing sees a whole meeting.
_EACH, _EACH_OF_FEW = 60, 150
#: Candidates that the cross-encoder reads.
_READ = 20
#: How long a count of records, which is only told, is good for, seconds.
_COUNTS_KEPT_S = 5.0
#: Windows of talk whose neighbours are looked at.
_SMOOTHED = 24
#: Of one record at most so many passages, unless the search is about a few records.
_OF_ONE_RECORD = 3
#: How much newness can add to a score, and after how many days half of it is gone.
_RECENCY, _HALF_LIFE_DAYS = 0.05, 120.0
#: The score of a record that the question names: above all that is only found.
_EXACT = 2.0
#: How much standing on the page's record, or near it, adds.
_ON_PAGE = 0.15


@dataclass(frozen=True, slots=True)
class Enough:
    """From when passages are worth answering from: `words` · coverage + `meaning` · cosine must reach `least`.

    Coverage is how much of the question, by the weight of its terms, stands in one of the first three passages; without
    a model it decides alone.

    Calibrated on questions that have, and have not, an answer (docs/retrieval.md).
    """

    words: float = 0.5
    meaning: float = 1.0
    least: float = 0.6
    words_alone: float = 0.4


ENOUGH = Enough()


@dataclass(frozen=True, slots=True)
class Found:
    """Passages, best first. `looked_in` names what was searched (`80 notes, 12 meetings`); `reason` says why search by
    meaning took no part, when it did not."""

    passages: list[Passage]
    mode: Mode
    looked_in: str
    is_enough: bool
    reason: str = ""


@lru_cache(maxsize=4)
def for_process(settings: Settings) -> Retriever:
    """The one retriever of this process for these settings: its model and vectors are in memory once."""
    return Retriever.of(settings)


@dataclass(frozen=True, slots=True)
class Legs:
    """What each way of finding says of each chunk, before they are put together."""

    words: dict[int, float]
    meaning: dict[int, float]
    weights: dict[str, float]  # of the question's terms
    is_hybrid: bool
    is_narrow: bool = False  # about a few records


class Retriever:
    """One for a process; safe to use from several threads, each with its own session."""

    def __init__(
        self,
        embeddings: EmbeddingService,
        *,
        weights: Weights = WEIGHTS,
        enough: Enough = ENOUGH,
        in_database: bool = False,
        cross_encoder: Path | None = None,
    ) -> None:
        self.embeddings = embeddings
        self._cross_encoder = _Reader(cross_encoder) if cross_encoder is not None else None
        self._in_database = in_database
        self._weights = weights
        self._enough = enough
        self._indexes: dict[str, VectorIndex] = {}
        self._counts: dict[int, tuple[float, dict[str, int]]] = {}
        self._lock = threading.Lock()
        self._is_started = False

    @classmethod
    def of(cls, settings: Settings) -> Retriever:
        """With the model the settings name, not loaded yet: `start` does that in the background."""
        reader = settings.cross_encoder_model
        return cls(
            EmbeddingService.of(settings),
            in_database=settings.vector_index == "pgvector",
            cross_encoder=Path(reader).expanduser() if reader else None,
        )

    def start(self) -> None:
        """Load the model in a thread, once. Until it is there, search goes by words alone."""
        with self._lock:
            if self._is_started:
                return
            self._is_started = True
        self.embeddings.start()

    def search(
        self,
        session: TenantSession,
        query: str,
        *,
        about: Sequence[Ref] = (),
        page: Ref | None = None,
        limit: int = 8,
        types: Sequence[str] | None = None,
    ) -> Found:
        """Passages of the session's workspace for a question, at most `limit`.

        `about` limits the search to these records and what belongs to them; `page` only favours it; `types` names
        record types, `insight` among them. The session should be read-only and fresh: the model is asked before it is.
        """
        vector = self.embeddings.query(query)
        records = related.around(session, about) if about else None
        legs = self.legs(session, words.terms_of(query), vector, types, records)
        weights = legs.weights
        named = [ref for ref in exact.named(session, query) if _is_within(ref, types, records)]
        scores = self.fused(session, legs, vector)
        firsts = passages.card_chunks(session, named) if named else []
        best = ranking.order(scores)[: max(3 * limit, 16)]
        hits = passages.hits_of(session, [*firsts, *best])
        abouts = passages.records(session, [hit.record for hit in hits.values()])
        near = related.around(session, [page]) if page is not None else {}
        signalled = {
            id_: _EXACT if id_ in firsts else _signalled(scores[id_], hit, abouts[hit.record], near)
            for id_, hit in hits.items()
            if hit.record in abouts
        }
        ordered = [hits[id_] for id_ in sorted(signalled, key=lambda id_: (-signalled[id_], id_))]
        if self._cross_encoder is not None:
            ordered = self._cross_encoder.order(query, ordered, first=len(firsts))
        picked = _picked(ordered, limit, most=limit if about else _OF_ONE_RECORD)
        chosen = [
            replace(p, score=signalled[p.chunk_id], similarity=legs.meaning.get(p.chunk_id))
            for p in passages.read(session, picked, abouts, weights, exact=named)
        ]
        return Found(
            passages=chosen,
            mode="hybrid" if legs.is_hybrid else "keyword",
            looked_in=self._looked_in(session, types, records),
            is_enough=self._is_enough(chosen, weights, is_hybrid=legs.is_hybrid)
            or bool(chosen and about and not words.says_what(query)),  # "summarize this call": all of it answers
            reason="" if legs.is_hybrid else self.embeddings.reason,
        )

    def legs(
        self,
        session: TenantSession,
        terms: Sequence[str],
        vector: Floats | None,
        types: Sequence[str] | None,
        records: Records | None,
    ) -> Legs:
        """What words and what meaning find, each by itself."""
        most = _EACH if records is None else _EACH_OF_FEW
        total = self._counted(session).get("chunk", 0) if records is None else None
        by_words = words.look_up(session, terms, types=types, records=records, limit=most, total=total)
        by_meaning: list[tuple[int, float]] = []
        index = self._index()
        if vector is not None and index is not None:
            by_meaning = index.nearest(session, vector, k=most, types=types, records=records)
        scores = {hit.id: hit.score for hit in by_words.found}
        is_hybrid = vector is not None and index is not None
        return Legs(scores, dict(by_meaning), by_words.weights, is_hybrid, records is not None)

    def fused(self, session: TenantSession, legs: Legs, vector: Floats | None) -> dict[int, float]:
        """One score for each chunk either way has found, talk smoothed; comparable within one search only."""
        places = _places(session, [*legs.words, *legs.meaning])
        reach = max(ranking.NEIGHBOURS)
        windows = words.windows_around(session, self._worth_smoothing(legs, places), reach=reach)
        places |= {window.id: Place("meeting", window.meeting_id, window.position, True) for window in windows}
        by_words = dict.fromkeys(places, 0.0) if legs.words else {}
        others = [(window.id, window.folded) for window in windows if window.id not in legs.words]
        by_words |= {hit.id: hit.score for hit in words.score(others, legs.weights)} if legs.words else {}
        by_words |= legs.words
        by_meaning = dict(legs.meaning)
        index = self._index()
        if vector is not None and index is not None:
            rest = [id_ for id_ in places if id_ not in by_meaning]
            by_meaning |= index.similarity(session, vector, rest, as_seen=True)
        return ranking.fuse(by_words, by_meaning, places, self._weights)

    def _worth_smoothing(self, legs: Legs, places: Mapping[int, Place]) -> list[int]:
        """The windows of talk that may come to the top; of a search about few records all."""
        own = ranking.blend(
            [
                (self._weights.words, ranking.scaled(legs.words, lowest=0.0)),
                (self._weights.meaning, ranking.scaled(legs.meaning)),
            ]
        )
        talk = [id_ for id_ in ranking.order(own) if id_ in places and places[id_].is_talk]
        return talk if legs.is_narrow else talk[:_SMOOTHED]

    def _looked_in(self, session: TenantSession, types: Sequence[str] | None, records: Records | None) -> str:
        """What was searched, in words: `80 notes, 12 meetings`."""
        counts = self._counted(session) if records is None else {kind: len(ids) for kind, ids in records.items()}
        parts = [
            f"{counts[kind]:,} {kind if counts[kind] == 1 else _PLURALS.get(kind, f'{kind}s')}"
            for kind in _IN_ORDER
            if counts.get(kind) and (types is None or kind in types)
        ]
        return ", ".join(parts)

    def _counted(self, session: TenantSession) -> dict[str, int]:
        """Records of the workspace by type, as of some seconds ago at most."""
        now = time.monotonic()
        counted_at, counts = self._counts.get(session.workspace_id, (float("-inf"), {}))
        if now - counted_at > _COUNTS_KEPT_S:
            counts = _counts(session)
            self._counts[session.workspace_id] = (now, counts)
        return counts

    def _index(self) -> VectorIndex | None:
        embedder = self.embeddings.embedder
        if embedder is None:
            return None
        with self._lock:
            if embedder.name not in self._indexes:
                self._indexes[embedder.name] = VectorIndex(embedder.name, in_database=self._in_database)
            return self._indexes[embedder.name]

    def _is_enough(self, chosen: Sequence[Passage], weights: Mapping[str, float], *, is_hybrid: bool) -> bool:
        if any(passage.is_exact for passage in chosen):
            return True
        if not chosen:
            return False
        held = max(passages.coverage(f"{p.title}\n{p.text}", weights) for p in chosen[:3])
        if not is_hybrid:
            return held >= self._enough.words_alone
        nearest = max((p.similarity or 0.0 for p in chosen), default=0.0)
        return self._enough.words * held + self._enough.meaning * nearest >= self._enough.least


class _Reader:
    """The optional cross-encoder, loaded when it is first asked. One that cannot be used is said so once, and left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._model: CrossEncoder | None = None
        self._is_tried = False

    def order(self, question: str, hits: Sequence[Hit], *, first: int) -> list[Hit]:
        """The best twenty in the order of its scores, but for the `first` ones, which the question names."""
        model = self._loaded()
        read = hits[first : first + _READ]
        if model is None or not read:
            return list(hits)
        scores = model.scores(question, [hit.text for hit in read])
        by_score = sorted(range(len(read)), key=lambda i: -scores[i])
        return [*hits[:first], *(read[i] for i in by_score), *hits[first + _READ :]]

    def _loaded(self) -> CrossEncoder | None:
        with self._lock:
            if not self._is_tried:
                self._is_tried = True
                try:
                    self._model = CrossEncoder(self._folder)
                except NoEmbeddings as error:
                    log.warning("cross_encoder.missing", reason=error.detail)
            return self._model


def _is_within(ref: tuple[str, int], types: Sequence[str] | None, records: Records | None) -> bool:
    kind, id_ = ref
    return (types is None or kind in types) and (records is None or id_ in records.get(kind, ()))


def _places(session: TenantSession, ids: Sequence[int]) -> dict[int, Place]:
    found = rows(session, _PLACES, ids=list(ids))
    return {id_: Place(kind, record, position, part == "talk") for id_, kind, record, position, part in found}


_PLACES = select(Chunk.id, Chunk.record_type, Chunk.record_id, Chunk.position, Chunk.part).where(
    Chunk.id.in_(bindparam("ids", expanding=True)), Chunk.workspace_id == bindparam("workspace")
)


def _signalled(score: float, hit: Hit, about: About, near: Records) -> float:
    """A fused score with the mild signals: newness, and the page the person is on."""
    age = max(0.0, (clock.now() - about.happened_at).total_seconds() / 86_400)
    factor: float = 1.0 + _RECENCY * 0.5 ** (age / _HALF_LIFE_DAYS)
    if hit.record_id in near.get(hit.record_type, ()):
        factor += _ON_PAGE
    return score * factor


def _picked(ordered: Sequence[Hit], limit: int, *, most: int) -> list[Hit]:
    """The first ones, the same text only once and not too many of one record."""
    picked: list[Hit] = []
    texts: set[str] = set()
    counts: dict[tuple[str, int], int] = {}
    for hit in ordered:
        if hit.text in texts or counts.get(hit.record, 0) >= most:
            continue
        texts.add(hit.text)
        counts[hit.record] = counts.get(hit.record, 0) + 1
        picked.append(hit)
        if len(picked) == limit:
            break
    return picked


_PLURALS = {"company": "companies"}
_IN_ORDER = ("note", "meeting", "insight", "task", "deal", "contact", "company")


def _counts(session: TenantSession) -> dict[str, int]:
    query = (
        select(SearchDocument.record_type, func.count())
        .where(SearchDocument.workspace_id == session.workspace_id)
        .group_by(SearchDocument.record_type)
    )
    counts = dict(session.execute(query).all())
    applied = [status for status in InsightStatus if status.is_applied]
    counts["chunk"] = words.count_chunks(session)
    counts["insight"] = (
        session.scalar(select(func.count()).select_from(Insight).where(Insight.status.in_(applied))) or 0
    )
    return counts
