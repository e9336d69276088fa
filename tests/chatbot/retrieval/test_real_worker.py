"""The worker of `embed` as it really runs: a process, a broker, the real model."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared import queue, records
from shared.config import Settings
from shared.database import Database
from shared.models import Chunk, ChunkMark
from shared.search.passages import look_up, terms_of
from shared.tenancy import TenantSession
from tests.chatbot.retrieval.conftest import BY
from tests.conftest import Cast

ROOT = Path(__file__).resolve().parents[3]
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def start(process_env: dict[str, str], broker: str) -> Iterator[Start]:
    """Starts a worker; all that were started end with the test."""
    started: list[subprocess.Popen[bytes]] = []
    env = {**process_env, "EMBEDDING_MODEL": "all-MiniLM-L6-v2", "LOG_LEVEL": "WARNING"}

    def worker() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-m", "shared.worker", "embed"], cwd=ROOT, env=env))
        return started[-1]

    yield worker
    for process in started:
        process.kill()
        process.wait(timeout=10)


def wait_until(holds: Callable[[], object], seconds: float) -> float:
    """How long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"{seconds} s were not enough"
        time.sleep(0.02)
    return time.monotonic() - began


def is_indexed(database: Database, workspace: int, word: str) -> bool:
    """By its words, and with a vector of the text that has them."""
    with database.scope(workspace, read_only=True) as session:
        ids = [hit.id for hit in look_up(session, terms_of(word)).found]
        return bool(ids) and all(session.scalars(select(Chunk.model).where(Chunk.id.in_(ids))))


def test_an_edited_record_is_found_by_its_new_words_within_two_seconds_and_a_kill_loses_nothing(
    database: Database, session: TenantSession, settings: Settings, cast: Cast, start: Start
) -> None:
    note: Any = records.create(session, "note", {"body": "Before the worker came."}, by=BY)
    session.commit()
    worker = start()
    wait_until(lambda: is_indexed(database, cast.acme, "worker"), 60)
    took = []
    for word in ("zeppelin", "harpsichord", "marzipan"):
        records.update(session, note, {"body": f"Now it is about a {word}."}, by=BY)
        session.commit()
        took.append(wait_until(lambda word=word: is_indexed(database, cast.acme, word), 20))  # type: ignore[misc]
        time.sleep(0.2)
    assert sorted(took)[1] < 2.0, took
    worker.kill()
    worker.wait(timeout=10)
    records.update(session, note, {"body": "Written while nobody worked: trombone."}, by=BY)
    session.commit()
    queue.enqueue(settings.effective_redis_url, queue.EMBED_CHANGES, [], job_id="embed-changes")
    start()
    wait_until(lambda: is_indexed(database, cast.acme, "trombone"), 60)
    with database.scope(cast.acme, read_only=True) as reading:
        assert reading.scalars(select(ChunkMark.id)).all() == []
