"""Retrieval: vectors compared, texts embedded, passages found.

    comparing   a question's vector against all of a workspace, beside one pass of numpy over the same matrix
    embedding   the default model's own speed, one question and many short texts
    finding     from a question to its passages: words, meaning, fusion, live records

Vectors lie near a subspace of 64 dimensions, as those of texts do; in random directions everything is equally far, and
bits could tell nothing apart.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import cast

import numpy as np
from sqlalchemy import Table, bindparam, select, update

from bench import texts
from bench.figures import Figure, in_turns, median, spread, timed_ms
from bench.ground import Ground, NeverCame
from bench.sizes import Size
from chatbot.retrieval.bert import Floats
from chatbot.retrieval.embedding_service import Embedder, EmbeddingService, load, one_thread, unit
from chatbot.retrieval.matrices import Codes, Matrix, Rows
from chatbot.retrieval.rag_engine import Retriever
from shared.models import Chunk

K = 20
#: Times one pass over the matrix, for the exact search and for the one over bits.
EXACT, BITS = 1.3, 0.5
LEAST_RECALL = 0.99
QUERY_MS, TEXTS_A_SECOND = 8.0, 150.0
#: Milliseconds to the passages, by chunks searched.
FIND_MS = (25.0, 60.0)

_MODEL = "bench"
_SENTENCE = "The customer asked whether the rollout in depot {n} could start before the summer holidays."


def comparing(size: Size) -> Iterator[Figure]:
    """Exact and by bits, through the session and its workspace filter, as search does it."""
    with Ground.laid() as ground:
        texts.write(ground, size.chunks[-1], _MODEL)
        vectors = _near_a_subspace(ground)
        questions = unit(vectors[:: max(1, len(vectors) // 50)] + 0.03 * _noise(vectors.shape[1], 7))
        whole, bits = Matrix(_MODEL), Codes(_MODEL)
        exact_ms, pass_ms = _timed(ground, whole, questions, vectors, size)
        bits_ms, _ = _timed(ground, bits, questions, vectors, size)
        types_ms, _ = _timed(ground, whole, questions, vectors, size, types=["note"])
        recall = _recall(ground, whole, bits, questions)
    count = f"{len(vectors):,} x {vectors.shape[1]}"
    one_pass = median(pass_ms)
    yield Figure(
        name=f"nearest {K} of {count}, exact (median)", measured=median(exact_ms), unit="ms", target=EXACT * one_pass,
        beside="one pass of numpy", baseline=one_pass,
        note=f"The questions for the change counter included. {spread(exact_ms, pass_ms)}",
    )  # fmt: skip
    yield Figure(
        name="the same, of one type of record", measured=median(types_ms), unit="ms", target=EXACT * one_pass,
        beside="one pass of numpy", baseline=one_pass, note=spread(types_ms),
    )  # fmt: skip
    yield Figure(
        name="the same by bits, compared in full from the database", measured=median(bits_ms), unit="ms",
        beside="one pass of numpy", baseline=one_pass,
        note=f"Recall {recall:.3f}; {bits.size_bytes / 1e6:.1f} MB in memory beside {whole.size_bytes / 1e6:.0f}. For"
        " workspaces of more than 300,000 chunks.",
    )  # fmt: skip
    yield Figure(name="chunks that bits miss", measured=max(1e-4, 1 - recall), unit="", target=1 - LEAST_RECALL)


def _noise(width: int, seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal(width, dtype=np.float32)


def _near_a_subspace(ground: Ground) -> Floats:
    """New vectors for the chunks there are, as the database has them."""
    random = np.random.default_rng(5)
    with ground.database.scope(ground.person.workspace_id) as session:
        ids = list(session.scalars(select(Chunk.id).order_by(Chunk.id)))
        basis = random.standard_normal((64, texts.WIDTH), dtype=np.float32)
        made = random.standard_normal((len(ids), 64), dtype=np.float32) @ basis + 4 * _noise(texts.WIDTH, 1)
        vectors = unit(made + random.standard_normal(made.shape, dtype=np.float32))
        connection = session.connection()
        table = cast("Table", Chunk.__table__)
        statement = update(table).where(table.c.id == bindparam("of")).values(vector=bindparam("v"))
        connection.execute(
            statement, [{"of": id_, "v": vector.tobytes()} for id_, vector in zip(ids, vectors, strict=True)]
        )
    return vectors


def _timed(
    ground: Ground, rows: Rows, questions: Floats, vectors: Floats, size: Size, types: Sequence[str] | None = None
) -> tuple[list[float], list[float]]:
    """Milliseconds of each search, and of a bare product of the same matrix in turns with it."""
    number = iter(range(1_000_000))

    with ground.database.session(ground.person.workspace_id, read_only=True) as session:

        def search() -> float:
            vector = questions[next(number) % len(questions)]

            def once() -> None:
                rows.refresh(session)
                rows.nearest(session, vector, K, types)

            return timed_ms(once)

        def bare() -> float:
            one_thread()
            return timed_ms(lambda: vectors @ questions[0])

        ours, one_pass = in_turns(size.rounds, search, bare, warm_up=3)
    return ours, one_pass


def _recall(ground: Ground, whole: Rows, bits: Rows, questions: Floats) -> float:
    found = 0
    with ground.database.session(ground.person.workspace_id, read_only=True) as session:
        for question in questions:
            expected = {id_ for id_, _ in whole.nearest(session, question, K)}
            found += len(expected & {id_ for id_, _ in bits.nearest(session, question, K)})
    return found / (K * len(questions))


def embedding(size: Size) -> Iterator[Figure]:
    """One thread, as the product has it."""
    with Ground.laid() as ground:
        started = time.perf_counter()
        model = load(ground.settings)
        loaded_s = time.perf_counter() - started
    asked = [f"what did they say about depot {n}?" for n in range(size.rounds)]
    taken = [timed_ms(partial(model.embed, [question], "query")) for question in asked]
    yield Figure(
        name="embed one question (median)", measured=median(taken), unit="ms", target=QUERY_MS,
        note=f"One thread. {spread(taken)} The model was loaded in {loaded_s:.2f} s, its checksum included.",
    )  # fmt: skip
    rate = max(_rate(model) for _ in range(max(1, size.rounds // 8)))
    yield Figure(
        name="embed a thousand short texts", measured=1000 / rate, unit="s", target=1000 / TEXTS_A_SECOND,
        note=f"{rate:.0f} texts of 16 words a second at the best of several tries.",
    )  # fmt: skip


def _rate(model: Embedder) -> float:
    """Texts a second."""
    some = [_SENTENCE.format(n=n) for n in range(64)]
    return len(some) * 1000 / timed_ms(lambda: model.embed(some))


def finding(size: Size) -> Iterator[Figure]:
    """With vectors in random directions: looking through them costs the same, whatever they mean."""
    for chunks, target in zip(size.chunks, FIND_MS, strict=True):
        with Ground.laid() as ground:
            service = EmbeddingService.of(ground.settings)
            service.load()
            if service.embedder is None:
                raise NeverCame(f"There is no embedding model: {service.reason}")
            texts.write(ground, chunks, service.embedder.name)
            taken, embedded = _found(ground, Retriever(service), size)
        yield Figure(
            name=f"from question to passages, {chunks:,} chunks (median)", measured=median(taken), unit="ms",
            target=target, beside="embedding the question", baseline=median(embedded),
            note=f"Eight passages, read live. {spread(taken)}",
        )  # fmt: skip


def _found(ground: Ground, retriever: Retriever, size: Size) -> tuple[list[float], list[float]]:
    """Milliseconds of each search without its embedding (which is kept), and of the embedding."""
    taken, embedded = [], []
    for turn in range(size.warm_up + size.rounds):
        one, other = texts.SUBJECTS[turn % len(texts.SUBJECTS)], texts.SUBJECTS[(turn * 7 + 3) % len(texts.SUBJECTS)]
        question = f"what did they say about the {one} and the {other} in case {turn}?"
        first = timed_ms(partial(retriever.embeddings.query, question))
        with ground.database.session(ground.person.workspace_id, read_only=True) as session:
            ms = timed_ms(partial(retriever.search, session, question))
        if turn >= size.warm_up:
            taken.append(first + ms)
            embedded.append(first)
    return taken, embedded
