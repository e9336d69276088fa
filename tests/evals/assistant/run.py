"""`python -m tests.evals.assistant.run`: the assistant's answers against SQL, a table for each set of questions.

    python -m tests.evals.assistant.run [--sets NAME …] [--misses] [--only TEXT] [--ollama HOST]
                                         [--ground FOLDER] [--quick]

Each set but `ours` was written by people who saw the schema and the data, and none of the rules. `neighbours` and
`unseen` are frozen: their misses are not told, so that nobody tunes on them. Without --ollama no language model
is there: what is measured is rules, plans and retrieval alone. Structured questions are those that SQL answers with
figures, records, dates or names. All is asked in a conversation, where the assistant could propose to act.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from chatbot.assistant.chat_handler import ChatHandler
from chatbot.assistant.types import Asker, Exchange, Outcome, Question, RecordRef, Silent
from chatbot.retrieval import freshness
from chatbot.retrieval.rag_engine import Retriever
from shared import telemetry
from shared.models import ChatConversation, User
from shared.search import fold
from tests.evals.assistant.check_sets import FOLDER, answer, questions
from tests.evals.assistant.ground import FOREIGN, Ground, build
from tests.evals.assistant.scoring import Verdict, everything_said, judge

FROZEN = ("neighbours", "unseen")
UNSTRUCTURED = ("passages", "clarify", "abstain", "refuse")
_TABLES = {"company": "name", "contact": "first_name || ' ' || last_name", "deal": "name", "meeting": "title"}


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with its verdict; `ms` is the judged turn's time."""

    question: dict[str, Any]
    verdict: Verdict
    outcome: Outcome
    ms: float

    @property
    def is_structured(self) -> bool:
        return self.question["expect"] not in UNSTRUCTURED


def begin(ground: Ground, user: User) -> str:
    """The public id of a conversation of this person's."""
    public_id = f"c_eval{user.id}"
    with ground.database.scope(ground.workspace_id) as session:
        known = session.scalar(select(ChatConversation.id).where(ChatConversation.public_id == public_id))
        if known is None:
            session.add(ChatConversation(public_id=public_id, user_id=user.id, title="Evaluation"))
    return public_id


async def put(
    ground: Ground, handler: ChatHandler, question: dict[str, Any], page: RecordRef | None
) -> tuple[Outcome, float]:
    """All turns of a question; the last one's outcome and its milliseconds."""
    user = ground.users[question["user"]]
    asker = Asker(ground.workspace_id, user.id, user.role, user.name, ZoneInfo("Europe/Berlin"), question["language"])
    conversation = begin(ground, user)
    history: tuple[Exchange, ...] = ()
    outcome, ms = Outcome("abstain", ""), 0.0
    for text in question["turns"]:
        began = time.perf_counter()
        outcome = await handler.answer(
            Question(text, asker, page, history, conversation, f"t_{len(history)}"), Silent()
        )
        ms = (time.perf_counter() - began) * 1000
        history = (*history, _exchange(text, outcome))
    return outcome, ms


def _exchange(text: str, outcome: Outcome) -> Exchange:
    return Exchange(text, outcome.text, outcome.route, outcome.plan, outcome.focus, tuple(outcome.choices))


async def evaluate(ground: Ground, handler: ChatHandler, asked: Iterable[dict[str, Any]]) -> list[Judged]:
    """Every question put and judged, gold executed anew. Saying what only the other tenant knows is a leak."""
    found = []
    with sqlite3.connect(f"file:{ground.settings.data_dir / 'afterword.db'}?mode=ro", uri=True) as db:
        for question in asked:
            gold = _gold(db, question, ground.users[question["user"]].id)
            outcome, ms = await put(ground, handler, question, _page(db, question))
            verdict = judge(question, gold, outcome)
            if is_foreign(outcome, " ".join(question["turns"])):
                verdict = "leak"
            found.append(Judged(question, verdict, outcome, ms))
    return found


def is_foreign(outcome: Outcome, asked: str) -> bool:
    """Whether an answer says what only the other tenant knows, and the question did not say itself."""
    said, told = everything_said(outcome), fold(asked)
    return any(fold(word) in said and fold(word) not in told for word in FOREIGN)


def _gold(db: sqlite3.Connection, question: dict[str, Any], user_id: int) -> list[list[Any]]:
    """What SQL says now. What was learnt in a meeting cites it as well as the meeting itself does."""
    if not question.get("sql"):
        return []
    gold = answer(db, question["sql"], user_id)
    if question["expect"] == "passages":
        meetings = [row[1] for row in gold if row[0] == "meeting"]
        for meeting in meetings:
            gold += [
                ["insight", id_] for (id_,) in db.execute("SELECT id FROM insight WHERE meeting_id = ?", (meeting,))
            ]
    return gold


def _page(db: sqlite3.Connection, question: dict[str, Any]) -> RecordRef | None:
    page = question.get("page")
    if not page:
        return None
    name = db.execute(f"SELECT {_TABLES.get(page['type'], 'id')} FROM {page['type']} WHERE id = ?", (page["id"],))
    return RecordRef(page["type"], page["id"], str(name.fetchone()[0]))


def report(name: str, judged: list[Judged], *, misses: bool) -> None:
    """The tables of one set."""
    print(f"== {name}: {len(judged)} questions\n")
    print(f"{'category':<18}{'n':>5}{'right':>8}{'wrong':>8}{'declined':>10}{'leaks':>7}{'ms':>8}")
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.question["category"]].append(one)
    for category in sorted(groups):
        _line(category, groups[category])
    _line("German", [one for one in judged if one.question["language"] == "de"])
    _line("structured", [one for one in judged if one.is_structured])
    _line("all", judged)
    if misses:
        for one in judged:
            if one.verdict != "right":
                _tell(one)
    print()


def _line(name: str, judged: list[Judged]) -> None:
    if not judged:
        return
    counts = Counter(one.verdict for one in judged)
    shares = [f"{100 * counts[verdict] / len(judged):.1f} %" for verdict in ("right", "wrong", "declined")]
    ms = median(one.ms for one in judged)
    print(f"{name:<18}{len(judged):>5}{shares[0]:>8}{shares[1]:>8}{shares[2]:>10}{counts['leak']:>7}{ms:>8.1f}")


def _tell(one: Judged) -> None:
    question, outcome = one.question, one.outcome
    print(f"\n{question['id']} {one.verdict.upper()} [{question['category']}/{question['expect']}] {question['turns']}")
    print(f"   {outcome.route} by {outcome.engine}: {outcome.text[:200]!r}")
    print(f"   sentence {outcome.sentence!r} value {outcome.value!r} rows {[r['id'] for r in outcome.rows][:12]}")
    print(f"   gold {question.get('gold')!r}"[:220])


def sets_in(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {path.stem: list(questions(path)) for path in sorted(folder.glob("*.jsonl"))}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="*")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--only", help="questions whose id, category or text has this in it")
    parser.add_argument("--ollama", default="127.0.0.1:1", help="address of a model server; default: none")
    parser.add_argument("--ground", type=Path, help="a folder to keep the tenants in between runs")
    parser.add_argument("--quick", action="store_true", help="without the embedding model: free text by words alone")
    options = parser.parse_args(arguments)
    telemetry.configure("ERROR")
    chosen = {name: asked for name, asked in sets_in(FOLDER).items() if not options.sets or name in options.sets}
    with tempfile.TemporaryDirectory(prefix="aw-eval-") as folder:
        ground = build(options.ground or Path(folder), ollama_host=options.ollama)
        handler = ready(ground, quick=options.quick)
        for name, asked in chosen.items():
            picked = [q for q in asked if not options.only or options.only in f"{q['id']} {q['category']} {q['turns']}"]
            report(name, asyncio.run(evaluate(ground, handler, picked)), misses=options.misses and name not in FROZEN)
        ground.database.dispose()
    return 0


def ready(ground: Ground, *, quick: bool = False) -> ChatHandler:
    """The assistant, with everything indexed that the worker would have indexed; `quick`: no vectors."""
    handler = ChatHandler(ground.settings, ground.database, Retriever.of(ground.settings))
    if quick:
        return handler
    handler.warm()
    freshness.catch_up(ground.database, handler.retriever.embeddings.embedder)
    return handler


if __name__ == "__main__":
    sys.exit(main())
