"""Nearest vectors, exactly, of one workspace, brought up to date by the change counter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from chatbot.retrieval import freshness
from chatbot.retrieval.freshness import next_change
from chatbot.retrieval.matrices import Codes, Matrix, top
from chatbot.retrieval.vector_index import VectorIndex, put_vectors
from shared import records
from shared.database import Database
from shared.models import Chunk
from shared.search import pgvector
from shared.tenancy import TenantSession
from tests.chatbot.retrieval.conftest import BY, WordsEmbedder

Write = Callable[..., Any]
Indexed = Callable[[TenantSession], int]


@pytest.mark.parametrize("n", [0, 1, 19, 20, 127, 128, 5000, 20_001])
def test_the_best_are_those_a_sort_would_give(n: int) -> None:
    random = np.random.default_rng(n)
    scores = random.integers(0, 300, size=n).astype(np.float32)  # many are equal
    expected = np.lexsort((np.arange(n), -scores))[:20]
    assert list(top(scores, 20)) == list(expected)


def fill(session: TenantSession, count: int, dimensions: int = 16) -> np.ndarray[Any, Any]:
    """Chunks of notes 1..count with random vectors of the model `random`."""
    change = next_change(session)
    vectors = np.random.default_rng(1).normal(size=(count, dimensions)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for i in range(count):
        session.add(
            Chunk(
                record_type="note" if i % 2 else "task", record_id=i + 1, position=0, part="text", text=str(i),
                hash=str(i), scope="", folded=str(i), change=change,
            )
        )  # fmt: skip
    session.flush()
    ids = session.scalars(select(Chunk.id).order_by(Chunk.id)).all()
    made = [(id_, str(i), vectors[i]) for i, id_ in enumerate(ids)]
    assert put_vectors(session, made, model="random", change=change) == count
    session.commit()
    return vectors


def test_search_is_exact_and_keeps_to_types_and_records(session: TenantSession) -> None:
    vectors = fill(session, 300)
    ids = session.scalars(select(Chunk.id).order_by(Chunk.id)).all()
    index = VectorIndex("random")
    order = np.argsort(-(vectors @ vectors[7]))
    found = index.nearest(session, vectors[7], k=10)
    assert [id_ for id_, _ in found] == [ids[i] for i in order[:10]]
    assert found[0][1] == pytest.approx(1.0, abs=1e-5)
    notes = [i for i in order if i % 2][:5]
    assert [id_ for id_, _ in index.nearest(session, vectors[7], k=5, types=["note"])] == [ids[i] for i in notes]
    chosen = index.nearest(session, vectors[7], k=5, records={"task": [1, 3], "note": [2], "deal": [9]})
    assert {id_ for id_, _ in chosen} == {ids[0], ids[1], ids[2]}
    assert index.nearest(session, vectors[7], k=5, types=["deal"]) == []
    assert index.nearest(session, vectors[7][:3], k=5) == []  # of another model


def test_postgresqls_own_vectors_give_the_same(session: TenantSession, database: Database) -> None:
    vectors = fill(session, 60)
    if database.is_sqlite:
        assert not pgvector.is_available(session)
        return
    assert pgvector.is_available(session)
    index, within = VectorIndex("random"), VectorIndex("random", in_database=True)
    narrowings: list[dict[str, Any]] = [{}, {"types": ["note"]}, {"records": {"note": [2, 4], "task": [1]}}]
    for how in narrowings:
        ours = index.nearest(session, vectors[3], k=8, **how)
        theirs = within.nearest(session, vectors[3], k=8, **how)
        assert [id_ for id_, _ in theirs] == [id_ for id_, _ in ours]
        assert [score for _, score in theirs] == pytest.approx([score for _, score in ours], abs=1e-5)
    assert within.count(session) == 60
    assert within.memory_bytes == 0


def test_a_large_workspace_is_kept_as_bits_and_finds_nearly_the_same(session: TenantSession) -> None:
    vectors = fill(session, 1500, dimensions=80)
    whole, bits = VectorIndex("random"), VectorIndex("random", most_whole=1000)
    same = 0
    for i in range(20):
        expected = {id_ for id_, _ in whole.nearest(session, vectors[i], k=10)}
        found = bits.nearest(session, vectors[i], k=10)
        assert found[0][1] == pytest.approx(1.0, abs=1e-5)
        same += len(expected & {id_ for id_, _ in found})
    assert same >= 190  # random vectors are the worst case: all are equally unlike
    assert isinstance(next(iter(bits._held.values())), Codes)
    assert isinstance(next(iter(whole._held.values())), Matrix)
    assert bits.memory_bytes < whole.memory_bytes / 5
    assert bits.nearest(session, vectors[1], k=3, types=["note"])[0][1] == pytest.approx(1.0, abs=1e-5)
    assert bits.nearest(session, vectors[1], k=3, types=["deal"]) == []


def test_a_vector_made_from_a_text_that_has_changed_is_not_kept(session: TenantSession) -> None:
    vectors = fill(session, 2)
    first = session.scalars(select(Chunk.id).order_by(Chunk.id)).first()
    assert put_vectors(session, [(first or 0, "another hash", vectors[1])], model="random", change=9) == 0


def test_changes_and_deletions_reach_an_index_that_is_already_there(
    session: TenantSession, write: Write, indexed: Indexed, embedder: WordsEmbedder
) -> None:

    notes = [write("note", body=f"price {n}") for n in range(5)]
    indexed(session)
    index = VectorIndex(embedder.name)
    question = embedder.embed(["price"])[0]
    assert len(index.nearest(session, question, k=20)) == 5
    records.delete(session, notes[0], by=BY)
    assert len(index.nearest(session, question, k=20)) == 4  # within the deleting transaction already
    session.commit()
    write("note", body="price six")
    indexed(session)
    assert len(index.nearest(session, question, k=20)) == 5
    assert index.count(session) == 5


def test_an_index_left_far_behind_reads_everything_again(
    session: TenantSession, write: Write, indexed: Indexed, embedder: WordsEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:

    notes = [write("note", body=f"price {n}") for n in range(8)]
    indexed(session)
    index = VectorIndex(embedder.name)
    question = embedder.embed(["price"])[0]
    assert index.count(session) == 8
    monkeypatch.setattr(freshness, "_REMOVALS_KEPT", 1)
    for note in notes[:6]:
        records.delete(session, note, by=BY)
        write("note", body="parking")
        indexed(session)
    assert index.count(session) == 8
    assert len([s for _, s in index.nearest(session, question, k=20) if s > 0.3]) == 2


def test_workspaces_make_room_for_each_other(
    session: TenantSession, mallory_session: TenantSession, write: Write, indexed: Indexed, embedder: WordsEmbedder
) -> None:

    write("note", body="ours")
    session.commit()
    records.create(mallory_session, "note", {"body": "theirs"}, by=BY)
    indexed(mallory_session)
    index = VectorIndex(embedder.name, memory_bytes=1)
    question = embedder.embed(["ours"])[0]
    for each in (session, mallory_session, session):
        assert len(index.nearest(each, question, k=5)) == 1
        each.rollback()
    assert len(index._held) == 1
