"""How long a question waits: for an answer out of the database, for a model's first word, for what was just written.

    answering    socket ─▶ the real service ─▶ `turn.end`, and the same handler without a socket; 100,000 contacts
    first_words  handler ─▶ search ─▶ model's first word, in turns with the same prompt sent straight to the model
    freshening   a record edited as the CRM does ─▶ asked until the answer says it, the real worker running

The model is the test server as a process of its own, which takes a fixed time to its first token.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import func, select
from websockets.asyncio.client import ClientConnection

from bench import seed, texts
from bench.figures import Figure, median, p95, spread
from bench.ground import Ground, NeverCame, Site, free_port, wait_until
from bench.sizes import Size
from bench.sockets import greeted, issue_tickets, send
from chatbot.assistant.chat_handler import ChatHandler
from chatbot.assistant.types import Asker, Outcome, Question, Silent
from chatbot.retrieval.embedding_service import EmbeddingService
from chatbot.retrieval.rag_engine import Enough, Retriever
from shared.models import Company, Contact, Role
from tests.evals.assistant import freshness
from tests.fakes.ollama_process import ollama_process

ANSWER_MS, FRESH_MS = 150.0, 2000.0
#: Milliseconds that a turn may add before the model's first word, by chunks searched.
ADDED_MS = (40.0, 80.0)
MODEL_S, WORDS_PER_S = 0.15, 100.0
_SAID = "They asked for it twice and nobody has answered them yet."
#: What is asked of texts: said as people do, each about other words.
_SEARCHED = "what did they say about the {one} and the {other}?"


@dataclass(frozen=True, slots=True)
class Took:
    """One question: milliseconds to the end, and of this process's processor."""

    ms: float
    cpu_ms: float = 0.0


# --- Structured answers


def answering(size: Size) -> Iterator[Figure]:
    """Ten kinds of questions about many records, nobody else asking and no model there."""
    crowd = size.crowded
    with Ground.laid() as ground:
        seed.fill(ground, crowd)
        texts.index_names(ground)
        questions = _structured(ground)
        with _chatbot(ground) as port:
            on_socket = asyncio.run(_on_socket(ground, port, questions, size))
        direct = asyncio.run(_by_handler(ground, questions, size))
    every, without = [ms for kind in on_socket for ms in kind], [took for kind in direct for took in kind]
    kinds = {question: median(taken) for question, taken in zip(questions, on_socket, strict=True)}
    slowest = max(kinds, key=kinds.__getitem__)
    yield Figure(
        name=f"structured answer on the socket, {crowd.contacts:,} contacts (median)", measured=median(every),
        unit="ms", target=ANSWER_MS, beside="without a socket", baseline=median(took.ms for took in without),
        note=f"From the question to its last frame, stored. {len(questions)} kinds, no model. {spread(every)} Slowest"
        f" kind: “{slowest}”, {kinds[slowest]:.0f} ms.",
    )  # fmt: skip
    yield Figure(
        name="the same, 95th percentile", measured=p95(every), unit="ms",
        beside="without a socket", baseline=p95([took.ms for took in without]),
    )  # fmt: skip
    yield Figure(
        name="the same, processor time of the answer (median)", measured=median(took.cpu_ms for took in without),
        unit="ms", note="Without a socket: routing, query and words, what a machine of one's own would need.",
    )  # fmt: skip


def _structured(ground: Ground) -> list[str]:
    """One question of each kind; names are those of one record alone."""
    with ground.database.scope(ground.person.workspace_id, read_only=True) as session:
        alone = select(Contact.name_key).group_by(Contact.name_key).having(func.count() == 1).limit(1)
        contact = session.scalars(select(Contact).where(Contact.name_key.in_(alone.scalar_subquery()))).first()
        only = select(Company.name_key).group_by(Company.name_key).having(func.count() == 1).limit(1)
        company = session.scalars(select(Company).where(Company.name_key.in_(only.scalar_subquery()))).first()
        if contact is None or company is None:
            raise NeverCame("Every name is somebody else's too.")
        person, firm = f"{contact.first_name} {contact.last_name}", company.name
    return [
        "how many contacts do we have?", "total amount of open deals by stage", "top 5 open deals by amount",
        "which companies have no open deal?", "contacts we have not talked to in 60 days", f"who is {person}?",
        "my overdue tasks", "which deals close next quarter?", f"open deals of {firm}", "weighted pipeline",
    ]  # fmt: skip


@contextmanager
def _chatbot(ground: Ground) -> Iterator[int]:
    """The service as the launcher starts it, its embedding model loaded; its port."""
    port = free_port()
    process = ground.start(
        "-m", "uvicorn", "chatbot_main:app", "--host", "127.0.0.1", "--port", str(port), "--ws", "websockets-sansio",
        "--ws-max-size", "65536", "--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "warning",
    )  # fmt: skip
    site = Site(port)

    def is_whole() -> bool:
        if process.poll() is not None:
            raise NeverCame(f"The chatbot ended: {ground.logs()}")
        with contextlib.suppress(OSError, NeverCame):
            return b"is being loaded" not in site.ask("GET", "/readyz").body
        return False

    wait_until(is_whole, "the chatbot and its embedding model")
    yield port


async def _on_socket(ground: Ground, port: int, questions: Sequence[str], size: Size) -> list[list[float]]:
    """Milliseconds from each question to its `turn.end`, by kind; each round asks all kinds."""
    taken: list[list[float]] = [[] for _ in questions]
    async with greeted(port, issue_tickets(ground, 1)[0]) as socket:
        for turn in range(size.warm_up + size.rounds):
            for kind, question in enumerate(questions):
                ms = await _asked(socket, question)
                if turn >= size.warm_up:
                    taken[kind].append(ms)
                await asyncio.sleep(0.05)  # a person's questions are not counted by the limit on questions
    return taken


async def _asked(socket: ClientConnection, question: str) -> float:
    """Raises NeverCame for another route than the structured one: then the question would measure something else."""
    began = time.perf_counter()
    await send(socket, "ask", client_id=f"q-{time.monotonic_ns()}", text=question)
    route = ""
    while True:
        frame = json.loads(await socket.recv())
        if frame["type"] == "error":
            raise NeverCame(f"“{question}” was refused: {frame['data']}")
        if frame["type"] == "route":
            route = frame["data"]["kind"]
        if frame["type"] == "turn.end":
            if route != "structured":
                raise NeverCame(f"“{question}” was taken for {route}.")
            return (time.perf_counter() - began) * 1000


async def _by_handler(ground: Ground, questions: Sequence[str], size: Size) -> list[list[Took]]:
    taken: list[list[Took]] = [[] for _ in questions]
    async with _handler(ground) as handler:
        for turn in range(size.warm_up + size.rounds):
            for kind, question in enumerate(questions):
                began, cpu = time.perf_counter(), time.process_time()
                outcome = await handler.answer(Question(question, _asker(ground)), Silent())
                took = Took((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000)
                if outcome.route != "structured":
                    raise NeverCame(f"“{question}” was taken for {outcome.route}.")
                if turn >= size.warm_up:
                    taken[kind].append(took)
    return taken


@contextlib.asynccontextmanager
async def _handler(ground: Ground, **settings: Any) -> AsyncIterator[ChatHandler]:
    """As the service makes it; passages are always enough, since vectors in random directions resemble no question."""
    chosen = ground.settings.model_copy(update=settings)
    retriever = Retriever(EmbeddingService.of(chosen), enough=Enough(least=0.0))
    handler = ChatHandler(chosen, ground.database, retriever)
    handler.warm()
    try:
        yield handler
    finally:
        await handler.close()


def _asker(ground: Ground) -> Asker:
    return Asker(ground.person.workspace_id, ground.person.user_id, Role.ADMIN, "Admin", ZoneInfo("Europe/Berlin"))


# --- A model's first word


def first_words(size: Size) -> Iterator[Figure]:
    """What a turn adds to the model's own time to its first word, in workspaces of two sizes."""
    for chunks, target in zip(size.chunks, ADDED_MS, strict=True):
        with Ground.laid() as ground, _model(ground) as host:
            yield asyncio.run(_first_words(ground, host, chunks, target, size))


async def _first_words(ground: Ground, host: str, chunks: int, target: float, size: Size) -> Figure:
    async with _handler(ground, ollama_host=host) as handler, httpx.AsyncClient(timeout=60, trust_env=False) as client:
        embedder = handler.retriever.embeddings.embedder
        if embedder is None:
            raise NeverCame(f"There is no embedding model: {handler.retriever.embeddings.reason}")
        texts.write(ground, chunks, embedder.name)
        ours: list[Took] = []
        direct: list[float] = []
        for turn in range(size.warm_up + size.rounds):
            one, other = turn % len(texts.SUBJECTS), (turn * 7 + 3) % (len(texts.SUBJECTS) - 1)
            named = [word for word in texts.SUBJECTS if word != texts.SUBJECTS[one]]
            question = _SEARCHED.format(one=texts.SUBJECTS[one], other=named[other])
            took = await _first_word(handler, Question(question, _asker(ground)))
            alone = await _straight(client, host)
            if turn >= size.warm_up:
                ours.append(took)
                direct.append(alone)
    added = [took.ms - alone for took, alone in zip(ours, direct, strict=True)]
    return Figure(
        name=f"added before the model's first word, {chunks:,} chunks (median)", measured=max(0.1, median(added)),
        unit="ms", target=target,
        note=f"The same prompt sent straight to the model took {median(direct):.0f} ms of the turn's"
        f" {median(took.ms for took in ours):.0f}. 95th percentile of what was added {p95(added):.0f} ms; processor"
        f" time to the first word {median(took.cpu_ms for took in ours):.0f} ms (median).",
    )  # fmt: skip


class _First(Silent):
    """Notes when the first text comes."""

    def __init__(self) -> None:
        self.began, self.cpu = time.perf_counter(), time.process_time()
        self.took: Took | None = None

    def delta(self, text: str) -> None:
        if self.took is None:
            self.took = Took((time.perf_counter() - self.began) * 1000, (time.process_time() - self.cpu) * 1000)


async def _first_word(handler: ChatHandler, question: Question) -> Took:
    sink = _First()
    outcome = await handler.answer(question, sink)
    if sink.took is None or outcome.usage.get("model") is None or outcome.usage["route_by"] == "model":
        raise NeverCame(f"“{question.text}” did not go straight to the model: {_told(outcome)}")
    return sink.took


def _told(outcome: Outcome) -> str:
    return f"{outcome.route}, {outcome.engine}, {outcome.usage}, {outcome.error}"


async def _straight(client: httpx.AsyncClient, host: str) -> float:
    """Milliseconds to the first word of the prompt that was sent last, sent once more by nobody of ours."""
    requests = (await client.get(f"http://{host}/_fake/requests")).json()
    body = next(request["body"] for request in reversed(requests) if request["endpoint"] == "/api/chat")
    began = time.perf_counter()
    first = 0.0
    async with client.stream("POST", f"http://{host}/api/chat", json=body) as reply:
        async for line in reply.aiter_lines():
            if not first and json.loads(line)["message"]["content"]:
                first = (time.perf_counter() - began) * 1000
    return first


@contextmanager
def _model(ground: Ground) -> Iterator[str]:
    """The test server with the chat model alone, so that it cannot be asked for a route; its address."""
    script = {
        "models": [ground.settings.chat_model],
        "default": {"text": _SAID, "load_s": MODEL_S, "tokens_per_s": WORDS_PER_S},
    }
    with ollama_process(script) as server:
        yield server.host.removeprefix("http://")


# --- What was just written


def freshening(size: Size) -> Iterator[Figure]:
    """Records and notes edited, each asked about at once, until the answer says the new thing."""
    found = freshness.run(size.edits)
    late = [one.question for one in found if one.seconds is None]
    if late:
        raise NeverCame(f"Never answered with what was written: {late}")
    taken = [one.seconds * 1000 for one in found if one.seconds is not None]
    kinds = {one.kind for one in found}
    yield Figure(
        name="record edited to answer right, 95th percentile", measured=p95(taken), unit="ms", target=FRESH_MS,
        note=f"{len(taken)} edits ({', '.join(sorted(kinds))}), from the commit to the end of the answer that says it."
        f" Median {median(taken):.0f} ms.",
    )  # fmt: skip
