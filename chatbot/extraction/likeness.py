"""How alike two texts are in meaning, by the embedding model that search uses, where there is one.

Loaded on first need and kept for the life of the process: a worker reads one meeting after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from chatbot.extraction.support import Likeness
from chatbot.retrieval.embedding_service import Embedder, NoEmbeddings, load
from shared.config import Settings
from shared.telemetry import get_logger

log = get_logger(__name__)

_KEPT: dict[str, Embedder | None] = {}


def likeness(settings: Settings) -> Likeness | None:
    """None where no model lives here: asking another server about every item would take too long."""
    if settings.embedding_model.strip().startswith("ollama:"):
        return None

    @lru_cache(maxsize=4096)
    def cosine(one: str, other: str) -> float | None:
        model = _model(settings)
        if model is None:
            return None
        left, right = model.embed([one, other])
        return float(left @ right)

    def alike(pairs: Sequence[tuple[str, str]]) -> list[float] | None:
        found = [cosine(one, other) for one, other in pairs]
        known = [value for value in found if value is not None]
        return known if len(known) == len(found) else None

    return alike


def _model(settings: Settings) -> Embedder | None:
    name = settings.embedding_model.strip()
    if name not in _KEPT:
        try:
            _KEPT[name] = load(settings)
        except NoEmbeddings as error:
            log.info("likeness.words_only", reason=error.detail)
            _KEPT[name] = None
    return _KEPT[name]
