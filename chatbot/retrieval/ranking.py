"""Two ways of finding become one ranking; a meeting's talk is ordered by what stands around it.

BM25 and cosine share no scale, so each is brought to 0..1 among the candidates, every one of which has both, and they
are added: measured to be better than fusing ranks (docs/retrieval.md), which throws away how much better the best is.

What stands beside a good passage of talk belongs to the same discussion, so windows of talk are ordered by scores
blended with their neighbours': that gains more than anything else here. Among themselves alone: blending lowers every
peak, and records, which have no neighbours, would win against any talk. So the windows share out the scores they had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: How much a window's neighbours count beside itself, by distance.
NEIGHBOURS = {-3: 0.2, -2: 0.4, -1: 0.7, 1: 0.7, 2: 0.4, 3: 0.2}

Scores = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the two ways of finding."""

    words: float = 0.5
    meaning: float = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk stands: `is_talk` if its neighbours are the same discussion."""

    record_type: str
    record_id: int
    position: int
    is_talk: bool


def fuse(words: Scores, meaning: Scores, places: Mapping[int, Place], weights: Weights) -> dict[int, float]:
    """One score in 0..1 for each candidate of either way. A way that found nothing takes no part."""
    parts = [(weights.words, scaled(words, lowest=0.0)), (weights.meaning, scaled(meaning))]
    own = blend(parts)
    around = blend([(weight, smoothed(part, places)) for weight, part in parts])
    talk = [id_ for id_ in own if id_ in places and places[id_].is_talk]
    shares = sorted((own[id_] for id_ in talk), reverse=True)
    return own | dict(zip(sorted(talk, key=lambda id_: (-around[id_], id_)), shares, strict=True))


def scaled(scores: Scores, *, lowest: float | None = None) -> dict[int, float]:
    """Scores brought to 0..1: the best is 1, and `lowest`, by default the worst, 0.

    Where all are nearly as good as the best, none is 0: then the worst of a few would be called worthless.
    """
    if not scores:
        return {}
    best = max(scores.values())
    low = min(*scores.values(), best / 2) if lowest is None else lowest
    span = (best - low) or 1.0
    return {id_: (score - low) / span for id_, score in scores.items()}


def blend(parts: Sequence[tuple[float, Scores]]) -> dict[int, float]:
    """The weighted sum of scores; an id missing from one has nothing of it."""
    scores: dict[int, float] = {}
    for weight, part in parts:
        for id_, score in part.items():
            scores[id_] = scores.get(id_, 0.0) + weight * score
    return scores


def smoothed(scores: Scores, places: Mapping[int, Place]) -> dict[int, float]:
    """The scores of windows of talk, blended with those of their neighbours; a missing neighbour counts as 0."""
    rows: dict[tuple[str, int], dict[int, float]] = {}
    talk = [(id_, (p.record_type, p.record_id), p.position) for id_, p in places.items() if p.is_talk]
    for id_, record, position in talk:
        rows.setdefault(record, {})[position] = scores.get(id_, 0.0)
    total = 1.0 + sum(NEIGHBOURS.values())
    steps = list(NEIGHBOURS.items())
    found: dict[int, float] = {}
    for id_, record, position in talk:
        row = rows[record]
        beside = 0.0
        for step, weight in steps:
            beside += weight * row.get(position + step, 0.0)
        found[id_] = (row[position] + beside) / total
    return found


def order(scores: Scores) -> list[int]:
    """Ids by score, best first; of equal ones the lowest."""
    return sorted(scores, key=lambda id_: (-scores[id_], id_))
