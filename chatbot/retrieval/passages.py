"""Found chunks as passages of live records: what they say now, which sentence counts, and where that stands.

Chunks are a copy; the record is the truth. Whatever is shown is read from the record when the question is answered: a
record that has changed since its chunks were made is cut anew on the spot, one that is gone is never shown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from chatbot.retrieval import chunks
from shared.models import Chunk, ChunkMark, Insight, InsightStatus, Meeting, SearchDocument, Utterance
from shared.records.titles import MODELS
from shared.schemas.insight import Kind
from shared.search import folding
from shared.search.passages import of_records, stem
from shared.search.prepared import rows
from shared.tenancy import TenantSession

_SENTENCE = re.compile(r"\S(?:[^.?!…。！？\n]|[.?!…](?![\"'”’)\]]*(?:\s|$)))*(?:[.?!…。！？]+[\"'”’)\]]*|\n|$)")
_APPLIED = [status for status in InsightStatus if status.is_applied]
#: Shorter ones carry no statement of their own ("Yes.").
_LEAST_SENTENCE = 12


@dataclass(frozen=True, slots=True)
class Citation:
    """A source as shown beside `[n]`. `quote` is its sentence that counts; `start_s` the second of a meeting."""

    n: int
    type: str
    id: int
    title: str
    href: str
    quote: str
    external_id: str | None = None
    start_s: float | None = None
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a live record that may answer. `text[sentence_start:sentence_end]` is the sentence that counts.

    `score` is comparable within one search only; `similarity` is the cosine with the question where both have vectors.
    `start_s`, `speaker` are of the sentence, for talk. `happened_at` is when a meeting took place, else `updated_at`.
    """

    type: str
    id: int
    title: str
    text: str
    href: str
    score: float = 0.0
    similarity: float | None = None
    external_id: str | None = None
    start_s: float | None = None
    speaker: str | None = None
    updated_at: datetime | None = None
    happened_at: datetime | None = None
    sentence_start: int = 0
    sentence_end: int = 0
    is_exact: bool = False
    chunk_id: int = 0

    @property
    def sentence(self) -> str:
        return self.text[self.sentence_start : self.sentence_end]

    def cited(self, n: int) -> Citation:
        """The passage as the source of that number."""
        updated = self.updated_at.isoformat().replace("+00:00", "Z") if self.updated_at else None
        quote = " ".join(self.sentence.split())
        return Citation(n, self.type, self.id, self.title, self.href, quote, self.external_id, self.start_s, updated)


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk as it was found."""

    id: int
    record_type: str
    record_id: int
    position: int
    part: str
    first: int | None
    last: int | None
    start_s: float | None
    text: str

    @property
    def record(self) -> tuple[str, int]:
        return self.record_type, self.record_id


@dataclass(frozen=True, slots=True)
class About:
    """What is shown of a record beside its text."""

    title: str
    external_id: str | None
    updated_at: datetime
    happened_at: datetime
    href: str


def hits_of(session: TenantSession, ids: Sequence[int]) -> dict[int, Hit]:
    """Chunks of the session's workspace by id; what was deleted meanwhile is not there."""
    return {row[0]: Hit(*row) for row in rows(session, _HITS, ids=list(ids))}


_OF_CHUNKS = (Chunk.id.in_(bindparam("ids", expanding=True)), Chunk.workspace_id == bindparam("workspace"))
_HITS = select(
    Chunk.id, Chunk.record_type, Chunk.record_id, Chunk.position, Chunk.part, Chunk.first, Chunk.last, Chunk.start_s,
    Chunk.text,
).where(*_OF_CHUNKS)  # fmt: skip


def read(
    session: TenantSession,
    hits: Iterable[Hit],
    abouts: Mapping[tuple[str, int], About],
    weights: Mapping[str, float],
    *,
    exact: Iterable[tuple[str, int]] = (),
) -> list[Passage]:
    """The hits as passages of what their records say now, in their order; those of records that are gone left out."""
    hits = list(hits)
    named = set(exact)
    stale = _marked(session, [hit.record for hit in hits])
    said = _said(session, [hit.id for hit in hits if hit.part == "talk" and hit.record not in stale])
    found = []
    for hit in hits:
        about = abouts.get(hit.record)
        now = _now(session, hit, weights) if hit.record in stale else hit
        if about is None or now is None:
            continue
        lines = said.get(hit.id) if now is hit else None
        if lines is None and now.part == "talk" and now.first is not None:
            lines = chunks.lines_of(session, now.record_id, now.first, now.last)
        found.append(replace(_passage(now, about, weights, lines or []), is_exact=hit.record in named))
    return found


def _said(session: TenantSession, ids: Sequence[int]) -> dict[int, list[chunks.Line]]:
    """The utterances of windows of talk, by chunk."""
    found: dict[int, list[chunks.Line]] = {}
    for id_, *line in rows(session, _SAID, ids=list(ids)) if ids else ():
        found.setdefault(id_, []).append(chunks.Line(*line))
    return found


_SAID = (
    select(Chunk.id, Utterance.position, Utterance.speaker, Utterance.start_s, Utterance.text)
    .join(
        Utterance,
        (Utterance.meeting_id == Chunk.record_id) & Utterance.position.between(Chunk.first, Chunk.last),
    )
    .where(*_OF_CHUNKS, Chunk.record_type == "meeting", Utterance.workspace_id == bindparam("workspace"))
    .order_by(Chunk.id, Utterance.position)
)


def _marked(session: TenantSession, wanted: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    """Records that have changed since their chunks were made."""
    if not wanted:
        return set()
    found = rows(session, _MARKS, ids=[id_ for _, id_ in wanted])
    return {(kind, id_) for kind, id_ in found} & set(wanted)


_MARKS = select(ChunkMark.record_type, ChunkMark.record_id).where(
    ChunkMark.record_id.in_(bindparam("ids", expanding=True)), ChunkMark.workspace_id == bindparam("workspace")
)


def _now(session: TenantSession, hit: Hit, weights: Mapping[str, float]) -> Hit | None:
    """The piece of a changed record that comes nearest to what was found in it before."""
    pieces = chunks.pieces_of(session, hit.record_type, hit.record_id)
    if not pieces:
        return None
    same = next((piece for piece in pieces if piece.text == hit.text), None)
    best = same or max(
        pieces, key=lambda piece: (_worth(piece.text, weights), -abs(pieces.index(piece) - hit.position))
    )
    return replace(
        hit, part=best.part, first=best.first, last=best.last, start_s=best.start_s, text=best.text,
        position=pieces.index(best),
    )  # fmt: skip


def _passage(hit: Hit, about: About, weights: Mapping[str, float], lines: Sequence[chunks.Line]) -> Passage:
    """`lines`: the utterances of a window of talk."""
    body = hit.text.find("\n") + 1 if hit.part == "text" else 0  # the line before names the record
    start, end = best_sentence(hit.text, weights, body)
    speaker, start_s = None, hit.start_s
    line = _line_at(lines, start)
    if line is not None:
        speaker, start_s = line.speaker, line.start_s
        start = max(start, hit.text.find(line.text[:40], max(0, start - len(speaker or "") - 2), end))
    page, mark, fragment = about.href.partition("#")
    at = f"?t={int(start_s)}" if hit.record_type in ("meeting", "insight") and start_s is not None else ""
    return Passage(
        type=hit.record_type, id=hit.record_id, title=about.title, text=hit.text, href=f"{page}{at}{mark}{fragment}",
        external_id=about.external_id, start_s=start_s, speaker=speaker, updated_at=about.updated_at,
        happened_at=about.happened_at, sentence_start=start, sentence_end=end, chunk_id=hit.id,
    )  # fmt: skip


def _line_at(lines: Sequence[chunks.Line], offset: int) -> chunks.Line | None:
    """The utterance in which a place of a window of talk lies."""
    position = 0
    if len(lines) == 1:
        return lines[0]
    for line in lines:
        position += len(chunks.spoken(line.speaker, line.text)) + 1
        if offset < position:
            return line
    return lines[-1] if lines else None


# ------------------------------------------------------------------------------------------------------------ records


def records(session: TenantSession, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], About]:
    """What is to be shown of live records of the session's workspace; the others are left out."""
    found: dict[tuple[str, int], About] = {}
    for kind, ids in _by_type(wanted).items():
        live = _insights(session, ids) if kind == "insight" else _live(session, kind, ids)
        found.update({(kind, id_): about for id_, about in live.items()})
    return found


def _live(session: TenantSession, kind: str, ids: Sequence[int]) -> dict[int, About]:
    plural = {"company": "companies"}.get(kind, f"{kind}s")
    return {
        id_: About(title or f"{kind.capitalize()} {id_}", external_id, updated_at, at, f"/{plural}/{id_}")
        for id_, title, external_id, updated_at, at in rows(session, _of_type(kind), ids=list(ids))
    }


@cache
def _of_type(kind: str) -> Select[Any]:
    """The question for live records of a type."""
    model = MODELS[kind]
    happened = model.occurred_at if kind == "meeting" else model.updated_at
    title = (
        (SearchDocument.record_type == kind)
        & (SearchDocument.record_id == model.id)
        & (SearchDocument.workspace_id == bindparam("workspace"))
    )
    return (
        select(model.id, SearchDocument.title, model.external_id, model.updated_at, happened)
        .join(SearchDocument, title, isouter=True)
        .where(
            model.id.in_(bindparam("ids", expanding=True)),
            model.deleted_at.is_(None),
            model.workspace_id == bindparam("workspace"),
        )
    )


def _insights(session: TenantSession, ids: Sequence[int]) -> dict[int, About]:
    found = {}
    for id_, kind, updated_at, meeting_id, title, occurred_at in rows(session, _INSIGHTS, ids=list(ids)):
        named = f"{chunks.INSIGHT_NAMES.get(Kind(kind), kind)} · {title}"
        found[id_] = About(named, None, updated_at, occurred_at, f"/meetings/{meeting_id}#insight-{id_}")
    return found


_INSIGHTS = (
    select(Insight.id, Insight.kind, Insight.updated_at, Insight.meeting_id, Meeting.title, Meeting.occurred_at)
    .join(Meeting, Meeting.id == Insight.meeting_id)
    .where(
        Insight.id.in_(bindparam("ids", expanding=True)),
        Insight.workspace_id == bindparam("workspace"),
        Meeting.workspace_id == bindparam("workspace"),
        Insight.status.in_(_APPLIED),
        Meeting.deleted_at.is_(None),
    )
)


def _by_type(wanted: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    by_type: dict[str, list[int]] = defaultdict(list)
    for kind, id_ in dict.fromkeys(wanted):
        by_type[kind].append(id_)
    return by_type


def card_chunks(session: TenantSession, wanted: Sequence[tuple[str, int]]) -> list[int]:
    """The first chunk of each of these records, in their order."""
    query = select(Chunk.record_type, Chunk.record_id, Chunk.id).where(Chunk.position == 0)
    first = session.execute(query.where(of_records(_by_type(wanted))))
    by_record: dict[tuple[str, int], int] = {(row[0], row[1]): row[2] for row in first}
    return [by_record[record] for record in wanted if record in by_record]


# ---------------------------------------------------------------------------------------------------------- sentences


def best_sentence(text: str, weights: Mapping[str, float], begin: int = 0) -> tuple[int, int]:
    """Where the sentence with the most of the terms (by weight) begins and ends; the first one when none has any."""
    spans = [_trimmed(text, *match.span()) for match in _SENTENCE.finditer(text, begin)]
    spans = [(start, end) for start, end in spans if end - start >= _LEAST_SENTENCE] or spans
    if not spans:
        return 0, len(text)
    return max(spans, key=lambda span: (_worth(text[slice(*span)], weights), -span[0]))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _worth(text: str, weights: Mapping[str, float]) -> float:
    present = {stem(word) for word in folding.words(text)}
    return sum(weight for term, weight in weights.items() if term in present)


def coverage(text: str, weights: Mapping[str, float]) -> float:
    """Which share of the question's terms, by weight, stands in a text: 0..1."""
    total = sum(weights.values())
    if not total:
        return 0.0
    present = {stem(word) for word in folding.words(text)}
    return sum(weight for term, weight in weights.items() if term in present) / total
