"""`python -m tests.evals.retrieval`: how well passages are found, by the code that finds them in the product.

    python -m tests.evals.retrieval [--all] [--data FILE]

Two sets. QMSum's validation split (meetings with questions and the spans that answer them; not ours to pass on, so its
file is named by AFTERWORD_RETRIEVAL_DATA and the set is skipped without): each meeting becomes a record, is chunked and
embedded by the job, and each question is asked about that meeting. And our own questions on the demonstration company,
half of which nothing there answers: for these it should be said that nothing was found.

R@5, R@10  share of the utterances that answer which the best 5 or 10 passages touch
nDCG@10    the same with order, a passage being worth the answering utterances it touches
MRR        1 / rank of the first passage that touches any
W1500      share of the answering words within the first 1,500 retrieved
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from chatbot.retrieval import freshness, ranking
from chatbot.retrieval.embedding_service import EmbeddingService, NoEmbeddings
from chatbot.retrieval.rag_engine import Retriever
from shared import demo, migration, telemetry
from shared.config import Settings
from shared.database import Database
from shared.events import SYSTEM
from shared.models import Chunk, Workspace
from shared.records import meetings
from shared.search import passages as words
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from shared.transcripts import Utterance

QUESTIONS = Path(__file__).parent / "retrieval_questions.json"
MEASURES = ("R@5", "R@10", "nDCG@10", "MRR", "W1500")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Record:
    """The meeting a question is about."""

    type: str
    id: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a meeting of the set, and the utterances that answer it."""

    meeting: int
    name: str
    question: str
    gold: frozenset[int]
    words: tuple[int, ...]  # of each utterance


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("AFTERWORD_RETRIEVAL_DATA"))
    parser.add_argument("--all", action="store_true", help="all meetings of the set, not its core")
    options = parser.parse_args(arguments)
    telemetry.configure("ERROR")
    service = EmbeddingService.of(Settings(_env_file=None))
    service.load()
    if service.embedder is None:
        print(f"Retrieval is not measured: {service.reason}", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'eval.db'}")
        migration.upgrade(database)
        _report_questions(database, Retriever(service), Path(folder))
        if options.data is None or not Path(options.data).exists():
            print("QMSum is not measured: AFTERWORD_RETRIEVAL_DATA names no file.", file=sys.stderr)
        else:
            _report_meetings(database, Retriever(service), Path(options.data), everything=options.all)
        database.dispose()
    return 0


# ------------------------------------------------------------------------------------------------------------ meetings


def _report_meetings(database: Database, retriever: Retriever, path: Path, *, everything: bool) -> None:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        data = [json.loads(line) for line in file]
    data = [meeting for meeting in data if everything or meeting["core"]]
    with database.scope(EVERY_WORKSPACE) as session:
        workspace = Workspace(name="QMSum", own_domains=[])
        session.add(workspace)
        session.flush()
        session.enter(workspace.id)
        asked = [question for meeting in data for question in _store(session, meeting)]
    started = time.perf_counter()
    count = freshness.catch_up(database, retriever.embeddings.embedder, within_s=3600)
    print(f"\n== QMSum: {len(data)} meetings, {len(asked)} questions; indexed in {time.perf_counter() - started:.0f} s")
    scored: dict[str, list[tuple[str, dict[str, float]]]] = defaultdict(list)
    for question in asked:
        with database.scope(workspace.id, read_only=True) as session:
            orders = rankings(session, retriever, question)
            spans = [(row[0], row[1]) for row in session.execute(_spans(question))]
            for name, order in orders.items():
                scored[name].append((question.name, score(order, question, spans)))
    print(f"{count} steps\n\n{'':22}" + "".join(f"{name:>20}" for name in MEASURES))
    for name, rows in scored.items():
        print(
            f"{name:22}"
            + "".join(f"{_mean(rows, m):8.3f} [{_low(rows, m):.2f}-{_high(rows, m):.2f}]" for m in MEASURES)
        )


def _store(session: TenantSession, meeting: dict[str, Any]) -> Iterator[Asked]:
    said = [Utterance(i, speaker, text, None, None) for i, (speaker, text) in enumerate(meeting["utterances"])]
    row = meetings.add_utterances(session, {"title": meeting["meeting"]}, said, by=SYSTEM)
    lengths = tuple(len(text.split()) for _, text in meeting["utterances"])
    for query in meeting["queries"]:
        if query["kind"] == "specific":
            gold = frozenset(u for first, last in query["spans"] for u in range(first, last + 1))
            yield Asked(row.id, meeting["meeting"], query["query"], gold, lengths)


def rankings(session: TenantSession, retriever: Retriever, asked: Asked) -> dict[str, list[Span]]:
    """Spans of utterances as each way orders them, the whole of what search does last."""
    vector = retriever.embeddings.query(asked.question)
    terms = words.terms_of(asked.question)
    records = {"meeting": [asked.meeting]}
    legs = retriever.legs(session, terms, vector, None, records)
    plain = ranking.blend([(0.5, ranking.scaled(legs.words, lowest=0.0)), (0.5, ranking.scaled(legs.meaning))])
    smooth_words = ranking.order(retriever.fused(session, replace(legs, meaning={}), None))
    smooth_meaning = ranking.order(retriever.fused(session, replace(legs, words={}), vector))
    found = {
        "words (BM25)": ranking.order(legs.words),
        "meaning (cosine)": ranking.order(legs.meaning),
        "fused": ranking.order(plain),
        "words, smoothed": smooth_words,
        "meaning, smoothed": smooth_meaning,
        "by rank, smoothed": ranking.order(by_rank([smooth_words, smooth_meaning])),
        "fused, smoothed": ranking.order(retriever.fused(session, legs, vector)),
    }
    spans = {row[2]: (row[0], row[1]) for row in session.execute(_spans(asked))}
    return {name: [spans[id_] for id_ in order if id_ in spans] for name, order in found.items()}


def by_rank(orders: Sequence[Sequence[int]], *, k: int = 20) -> dict[int, float]:
    """Reciprocal-rank fusion of ids, best first, which the product's blend of scores is compared with."""
    scores: defaultdict[int, float] = defaultdict(float)
    for order in orders:
        for rank, id_ in enumerate(order, 1):
            scores[id_] += 1 / (k + rank)
    return scores


def _spans(asked: Asked) -> Any:
    columns = (Chunk.first, Chunk.last, Chunk.id)
    return select(*columns).where(Chunk.record_id == asked.meeting, Chunk.part == "talk").order_by(Chunk.position)


def score(order: Sequence[Span], asked: Asked, all_spans: Sequence[Span]) -> dict[str, float]:
    """The measures of one ranking of spans, of all there are."""
    touched = [set(range(first, last + 1)) & asked.gold for first, last in order]
    first = next((rank for rank, gold in enumerate(touched, 1) if gold), 0)
    return {
        "R@5": len(set().union(*touched[:5])) / len(asked.gold),
        "R@10": len(set().union(*touched[:10])) / len(asked.gold),
        "nDCG@10": _ndcg([len(gold) for gold in touched], [_gain(span, asked) for span in all_spans]),
        "MRR": 1 / first if first else 0.0,
        "W1500": _words_within(order, asked, 1500),
    }


def _gain(span: Span, asked: Asked) -> int:
    return sum(utterance in asked.gold for utterance in range(span[0], span[1] + 1))


def _ndcg(gains: Sequence[int], possible: Sequence[int], k: int = 10) -> float:
    def dcg(values: Sequence[int]) -> float:
        return sum(value / math.log2(rank + 1) for rank, value in enumerate(values[:k], 1))

    best = dcg(sorted(possible, reverse=True))
    return dcg(gains) / best if best else 0.0


def _words_within(order: Sequence[Span], asked: Asked, budget: int) -> float:
    used = got = 0
    for first, last in order:
        for utterance in range(first, last + 1):
            taken = max(0, min(asked.words[utterance], budget - used))
            used += taken
            got += taken if utterance in asked.gold else 0
    return got / (sum(asked.words[u] for u in asked.gold) or 1)


def _mean(rows: Sequence[tuple[str, dict[str, float]]], measure: str) -> float:
    return sum(row[measure] for _, row in rows) / len(rows)


def _interval(rows: Sequence[tuple[str, dict[str, float]]], measure: str) -> list[float]:
    """Means over meetings drawn with replacement, in order."""
    by_meeting: dict[str, list[tuple[str, dict[str, float]]]] = defaultdict(list)
    for row in rows:
        by_meeting[row[0]].append(row)
    draw = random.Random(1)
    names = sorted(by_meeting)
    samples = (draw.choices(names, k=len(names)) for _ in range(500))
    return sorted(_mean([row for name in sample for row in by_meeting[name]], measure) for sample in samples)


def _low(rows: Sequence[tuple[str, dict[str, float]]], measure: str) -> float:
    return _interval(rows, measure)[12]


def _high(rows: Sequence[tuple[str, dict[str, float]]], measure: str) -> float:
    return _interval(rows, measure)[-13]


# ----------------------------------------------------------------------------------------------------------- questions


def _report_questions(database: Database, retriever: Retriever, folder: Path) -> None:
    with database.scope(EVERY_WORKSPACE) as session:
        demo.seed(session, upload_dir=folder / "uploads")
        workspace = session.workspace_id
    freshness.catch_up(database, retriever.embeddings.embedder, within_s=3600)
    questions = json.loads(QUESTIONS.read_text(encoding="utf-8"))["questions"]
    answered = [q for q in questions if q.get("answer")]
    without = [q for q in questions if not q.get("answer")]
    print(f"\n== demonstration company: {len(answered)} questions with an answer, {len(without)} without\n")
    print(f"{'':22}{'first':>9}{'of first 8':>12}{'answered':>10}{'abstained':>11}")
    silent = EmbeddingService(_no_model)
    silent.load()
    for name, each in (("words and meaning", retriever), ("words alone", Retriever(silent))):
        ranks, enough = [], []
        for question in questions:
            with database.scope(workspace, read_only=True) as session:
                found = each.search(session, question["question"])
            enough.append(found.is_enough)
            if question.get("answer"):
                ranks.append(next((i for i, p in enumerate(found.passages) if question["answer"] in p.text), None))
        said_so = [not is_enough for q, is_enough in zip(questions, enough, strict=True) if not q.get("answer")]
        kept = [is_enough for q, is_enough in zip(questions, enough, strict=True) if q.get("answer")]
        first = sum(rank == 0 for rank in ranks) / len(ranks)
        among = sum(rank is not None for rank in ranks) / len(ranks)
        print(f"{name:22}{first:9.2f}{among:12.2f}{sum(kept) / len(kept):10.2f}{sum(said_so) / len(said_so):11.2f}")


def _no_model() -> Any:
    raise NoEmbeddings("Measured without.")


if __name__ == "__main__":
    sys.exit(main())
