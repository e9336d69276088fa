"""What `/readyz` says of search by meaning: never a reason to be down, always a reason in words."""

from __future__ import annotations

import threading
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from chatbot.retrieval import freshness, rag_engine
from chatbot.retrieval.embedding_service import EmbeddingService
from chatbot.retrieval.rag_engine import Retriever
from shared import clock, health, queue, records
from shared.config import Settings
from shared.database import Database
from shared.events import SYSTEM
from shared.models import ChunkMark
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.chatbot.retrieval.conftest import WordsEmbedder
from tests.fakes.chatbot import Server, with_free_port

MODEL = "all-MiniLM-L6-v2"
NAMES = {"database", "broker", "worker", "ollama", "embeddings", "migrations"}


def embeddings(settings: Settings, database: Database, **change: str) -> tuple[str, str]:
    """The status and the words of that check."""
    found = health.check(settings.model_copy(update=change), database)
    assert found.checks.keys() == NAMES
    assert found.status != "down"
    check = found.checks["embeddings"]
    return check.status, check.detail


@pytest.fixture
def embed_worker(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody listens on the queue of vectors."""
    monkeypatch.setattr(queue, "worker_count", lambda url, name: int(name == "embed"))


def test_why_nothing_is_found_by_meaning_is_said(settings: Settings, database: Database) -> None:
    assert embeddings(settings, database) == ("ok", "switched off")
    assert embeddings(settings, database, embedding_model="unheard-of")[1].startswith("The embedding model unheard-of")
    status, why = embeddings(settings, database, embedding_model="ollama:nomic-embed-text")
    assert (status, why) == ("degraded", "Ollama, which EMBEDDING_MODEL names, is not reachable.")
    assert embeddings(settings, database, embedding_model=MODEL)[1].startswith("No worker makes vectors")


@pytest.mark.usefixtures("embed_worker")
def test_records_that_wait_for_their_vectors_are_told_of(
    settings: Settings, database: Database, session: TenantSession
) -> None:
    assert embeddings(settings, database, embedding_model=MODEL) == ("ok", MODEL)
    records.create(session, "note", {"body": "Trucks wait at the gate."}, by=SYSTEM)
    session.commit()
    assert embeddings(settings, database, embedding_model=MODEL)[0] == "ok"  # two seconds are no delay
    with database.scope(EVERY_WORKSPACE) as every:
        every.execute(update(ChunkMark).values(marked_at=clock.wall() - timedelta(minutes=1)))
    assert embeddings(settings, database, embedding_model=MODEL)[1].startswith("Records are being indexed")
    freshness.catch_up(database, None)
    assert embeddings(settings, database, embedding_model=MODEL)[1].startswith("Records are being indexed")
    freshness.catch_up(database, WordsEmbedder())
    assert embeddings(settings, database, embedding_model=MODEL) == ("ok", MODEL)


@pytest.mark.usefixtures("embed_worker")
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_chatbot_says_that_its_own_model_is_still_being_loaded(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_load, loads = threading.Event(), []

    def load() -> WordsEmbedder:
        loads.append(1)
        assert may_load.wait(10)
        return WordsEmbedder()

    retriever = Retriever(EmbeddingService(load))
    monkeypatch.setattr(rag_engine, "for_process", lambda settings: retriever)
    server = Server(with_free_port(settings.model_copy(update={"embedding_model": MODEL})))
    try:
        with httpx.Client(base_url=server.http, trust_env=False) as client:
            ready = client.get("/readyz")
            check = ready.json()["checks"]["embeddings"]
            assert (ready.status_code, check["status"]) == (200, "degraded")
            assert check["detail"] == "The embedding model is being loaded."
            may_load.set()
            assert retriever.embeddings.wait(10)
            assert client.get("/readyz").json()["checks"]["embeddings"] == {"status": "ok", "detail": MODEL}
    finally:
        may_load.set()
        server.stop()
    assert loads == [1]  # the assistant and the search want the same one
