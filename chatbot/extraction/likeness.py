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
    """None where there is no model, or none that lives here: a round trip for every item would take too long."""
    name = settings.embedding_model.strip()
    if name.startswith("ollama:"):
        return None
    if name not in _KEPT:
        try:
            _KEPT[name] = load(settings)
        except NoEmbeddings as error:
            log.info("likeness.words_only", reason=error.detail)
            _KEPT[name] = None
    model = _KEPT[name]
    return None if model is None else _of(model)


def _of(model: Embedder) -> Likeness:
    @lru_cache(maxsize=4096)
    def cached(one: str, other: str) -> float:
        left, right = model.embed([one, other])
        return float(left @ right)

    def alike(pairs: Sequence[tuple[str, str]]) -> list[float]:
        return [cached(one, other) for one, other in pairs]

    return alike
