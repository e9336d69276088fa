"""The whole way with the real engine: the words of a model through citing, checking, frames and cuts; stopping it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from chatbot.assistant import query_router
from chatbot.assistant.chat_handler import ChatHandler
from chatbot.assistant.types import Assistant, Routed
from chatbot.retrieval import freshness
from chatbot.retrieval.embedding_service import EmbeddingService, NoEmbeddings
from chatbot.retrieval.rag_engine import Retriever
from shared import records
from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from shared.models import ChatMessage
from shared.tenancy import EVERY_WORKSPACE
from tests.conftest import Cast
from tests.fakes.chatbot import Server, with_free_port
from tests.fakes.ollama_script import Model, Reply
from tests.fakes.ollama_server import OllamaServer

from .conftest import Desk, Frame, play, text_of, until

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
QUESTION = "What is the budget of Borealis?"


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    with OllamaServer(models=[Model("llama3.1:8b")]) as running:
        yield running


class Late:
    """The real engine, made in the loop that it serves."""

    def __init__(self, make: Callable[[], ChatHandler]) -> None:
        self._make = make
        self._made: ChatHandler | None = None

    async def answer(self, question: Any, sink: Any) -> Any:
        self._made = self._made or self._make()
        return await self._made.answer(question, sink)

    async def close(self) -> None:
        if self._made is not None:
            await self._made.close()


def without_embeddings() -> Any:
    raise NoEmbeddings("Not in these tests.")


@pytest.fixture
def server(
    database: Database, settings: Settings, ollama: OllamaServer, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """A chatbot with a model, and a note that answers the question."""
    with database.scope(cast.acme) as session:
        body = "Borealis: Jane wants the rollout before Christmas, the budget is 45,000 euros."
        records.create(session, "note", {"body": body}, by=Actor("user", cast.alice))
    freshness.catch_up(database, None)
    routed = Routed("semantic", search=QUESTION)
    monkeypatch.setattr(query_router, "route", lambda session, question, **more: routed)
    own = with_free_port(settings).model_copy(update={"ollama_host": ollama.host})
    engine: Assistant = Late(lambda: ChatHandler(own, database, Retriever(EmbeddingService(without_embeddings))))
    running = Server(own, engine)
    yield running
    running.stop()


def stored(database: Database, turn: str) -> ChatMessage:
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        found = select(ChatMessage).where(ChatMessage.turn == turn, ChatMessage.role == "assistant")
        return session.scalars(found).one()


def test_an_answer_cut_twenty_times_is_the_stored_one_with_its_sources(
    desk: Desk, cast: Cast, database: Database, ollama: OllamaServer
) -> None:
    words = " ".join(f"word{'abcdefghij'[n % 10]}" for n in range(120))
    ollama.script.replies.append(
        Reply(text=f"The budget is 45,000 euros [1], or 77,000 [4]. {words}", tokens_per_s=150)
    )

    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            turn = (await tab.ask(QUESTION))["turn"]
        frames: list[Frame] = []
        for _ in range(20):
            last = [{"turn": turn, "seq": frames[-1]["seq"] if frames else 0}]
            async with desk.tab(cast.alice, last=last) as tab:
                frames.append(await tab.next())
                tab.socket.transport.abort()
        async with desk.tab(cast.alice, last=[{"turn": turn, "seq": frames[-1]["seq"]}]) as tab:
            await tab.next("turn.end")
            frames += tab.of(turn)
        assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
        kept = stored(database, turn)
        assert text_of(frames) == kept.text
        assert kept.text == f"The budget is 45,000 euros [1], or 77,000⁽?⁾. {words}"
        assert (kept.state, kept.frames, kept.citations[0]["type"]) == ("done", len(frames), "note")

    play(scene)


def test_stop_hangs_up_on_the_model_within_a_fifth_of_a_second(
    desk: Desk, cast: Cast, database: Database, ollama: OllamaServer
) -> None:
    ollama.script.replies.append(Reply(text="word " * 2000, tokens_per_s=50))

    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            turn = (await tab.ask(QUESTION))["turn"]
            await tab.next("delta", within_s=15)
            asked_at = time.monotonic()
            await tab.send("stop", turn=turn)
            assert (await tab.next("turn.end"))["data"]["reason"] == "stopped"
            assert time.monotonic() - asked_at < 0.2
            await until(lambda: ollama.chats[0].disconnected, within_s=1)
            assert ollama.chats[0].tokens_sent < 100
            await until(lambda: stored(database, turn).state == "stopped")
            assert stored(database, turn).text == text_of(tab.of(turn))
            assert stored(database, turn).citations[0]["type"] == "note"

    play(scene)


def test_a_stop_while_the_model_is_still_loading_counts_too(
    desk: Desk, cast: Cast, database: Database, ollama: OllamaServer
) -> None:
    ollama.script.replies.append(Reply(text="Never.", load_s=30))

    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            turn = (await tab.ask(QUESTION))["turn"]
            await until(lambda: ollama.chats, within_s=15)
            asked_at = time.monotonic()
            await tab.send("stop", turn=turn)
            assert (await tab.next("turn.end"))["data"]["reason"] == "stopped"
            assert time.monotonic() - asked_at < 0.2
            await until(lambda: ollama.chats[0].disconnected, within_s=2)

    play(scene)
