"""Several rankings become one: by rank, because BM25 and cosine share no scale; with a meeting's talk smoothed.

What stands beside a good passage of talk belongs to the same discussion, so a window's score is blended with those of
its neighbours. Records have no neighbours; they are lowered by what talk loses on average, so that neither side gains.
The weights were measured (docs/retrieval.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: How much a window's neighbours count beside itself, by distance.
NEIGHBOURS = {-2: 0.25, -1: 0.5, 1: 0.5, 2: 0.25}
#: What is left of a lone record's score, where a window would be blended with neighbours that are a bit worse.
_ALONE = 0.8


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the two ways of finding, and how fast ranks stop counting."""

    words: float = 1.0
    meaning: float = 1.0
    k: int = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk stands: `is_talk` if its neighbours are the same discussion."""

    record_type: str
    record_id: int
    position: int
    is_talk: bool


def fuse(rankings: Sequence[tuple[float, Sequence[int]]], *, k: int = 60) -> dict[int, float]:
    """Reciprocal-rank fusion of (weight, ids best first): each id's score, in (0, sum of weights / (k + 1)].

    Each ranking may be partial; ids missing from one add nothing.
    """
    scores: dict[int, float] = {}
    for weight, ranking in rankings:
        for rank, id_ in enumerate(ranking, 1):
            scores[id_] = scores.get(id_, 0.0) + weight / (k + rank)
    return scores


def order(scores: Mapping[int, float]) -> list[int]:
    """Ids by score, best first; of equal ones the lowest."""
    return sorted(scores, key=lambda id_: (-scores[id_], id_))


def smooth(
    scores: Mapping[int, float], places: Mapping[int, Place], *, lowest: float | None = None
) -> dict[int, float]:
    """Scores in 0..1, those of talk blended with their neighbours'. `lowest` is what a chunk without a score has."""
    if not scores:
        return {}
    low = min(scores.values()) if lowest is None else lowest
    span = (max(scores.values()) - low) or 1.0
    scaled = {id_: (score - low) / span for id_, score in scores.items()}
    at = {(p.record_type, p.record_id, p.position): id_ for id_, p in places.items() if p.is_talk}
    total = 1.0 + sum(NEIGHBOURS.values())
    found: dict[int, float] = {}
    for id_, own in scaled.items():
        place = places.get(id_)
        if place is None or not place.is_talk:
            found[id_] = own * _ALONE
            continue
        beside = (
            weight * scaled.get(at.get((place.record_type, place.record_id, place.position + step), -1), 0.0)
            for step, weight in NEIGHBOURS.items()
        )
        found[id_] = (own + sum(beside)) / total
    return found
