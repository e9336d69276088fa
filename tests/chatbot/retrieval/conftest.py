"""Ground for tests of retrieval: records through the verbs, a small model that needs no files, and the job run at once.

`WordsEmbedder` puts words of the same stem, and words listed as alike, in the same place: near enough to meaning for
everything but the quality of ranking, which `make eval` measures with the real model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from chatbot.retrieval import freshness
from chatbot.retrieval.bert import Floats
from chatbot.retrieval.embedding_service import EmbeddingService, Kind, unit
from chatbot.retrieval.rag_engine import Retriever
from shared import records
from shared.database import Database
from shared.events import Actor
from shared.search import folding
from shared.search.passages import stem
from shared.tenancy import TenantSession

ALIKE = {"cost": "price", "expensive": "price", "car": "vehicle", "auto": "vehicle"}
BY = Actor("user")


class WordsEmbedder:
    """A bag of words as a vector of 64 numbers. Counts what it embeds."""

    def __init__(self, name: str = "words-1") -> None:
        self.name = name
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str], kind: Kind = "document") -> Floats:
        self.embedded += texts
        found = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in folding.words(text):
                key = ALIKE.get(stem(word), stem(word))
                digest = hashlib.sha256(key.encode()).digest()
                found[row, digest[0] % 64] += 1.0 if digest[1] % 2 else -1.0
        return unit(found)


@pytest.fixture
def embedder() -> WordsEmbedder:
    return WordsEmbedder()


@pytest.fixture
def retriever(embedder: WordsEmbedder) -> Retriever:
    """With its model loaded."""
    service = EmbeddingService(lambda: embedder)
    service.load()
    embedder.embedded.clear()
    return Retriever(service)


@pytest.fixture
def indexed(database: Database, embedder: WordsEmbedder) -> Callable[[TenantSession], int]:
    """Commits a session and runs the job, as the worker would within two seconds."""

    def run(session: TenantSession) -> int:
        session.commit()
        return freshness.catch_up(database, embedder)

    return run


@pytest.fixture
def write(session: TenantSession) -> Callable[..., Any]:
    """A record of Alice's workspace through the verbs: `write("note", body="…")`."""

    def create(kind: str, **data: Any) -> Any:
        return records.create(session, kind, data, by=BY)

    return create
