"""An answer somebody reads along: pieces as they come, tried again only before the first, stopped at once."""

from __future__ import annotations

import asyncio
import time

import pytest

from chatbot.llm import errors, wire
from chatbot.llm.models import Model, base_url
from chatbot.llm.ollama_client import Call, Chat, Completion, OllamaClient, Piece
from tests.fakes.ollama_script import Model as Installed
from tests.fakes.ollama_script import Reply, crashed
from tests.fakes.ollama_server import OllamaServer

LLAMA = Model("llama3.1:8b", num_ctx=4096)
HELLO = Chat("greet", ({"role": "user", "content": "Grüß Gott 🙂"},), 64)


async def read(client: OllamaClient, pieces: list[Piece | Completion]) -> None:
    async for piece in client.astream(HELLO):
        pieces.append(piece)


def text_of(pieces: list[Piece | Completion]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Piece) and not piece.is_thinking)


def test_pieces_come_as_they_are_written_and_then_the_completion(
    server: OllamaServer, client: OllamaClient, calls: list[Call]
) -> None:
    server.script.replies.append(Reply(text="Servus, schöne Grüße [1]"))
    pieces: list[Piece | Completion] = []
    asyncio.run(read(client, pieces))
    *parts, last = pieces
    assert len(parts) > 4 and text_of(pieces) == "Servus, schöne Grüße [1]"
    assert isinstance(last, Completion) and (last.text, last.done_reason) == ("Servus, schöne Grüße [1]", "stop")
    assert [(call.ok, call.output_tokens) for call in calls] == [(True, last.output_tokens)]


def test_what_the_model_thinks_first_is_told_apart() -> None:
    with OllamaServer(models=[Installed("qwen3:8b", capabilities=("completion", "thinking"))]) as server:
        server.script.replies.append(Reply(text="Servus", thinking="Say hello."))
        client = OllamaClient(server.host, Model("qwen3:8b", 4096, can_think=True))
        pieces: list[Piece | Completion] = []

        async def thinking() -> None:
            async for piece in client.astream(Chat("greet", HELLO.messages, 64, think=True)):
                pieces.append(piece)

        asyncio.run(thinking())
    assert text_of(pieces) == "Servus"
    assert "".join(p.text for p in pieces if isinstance(p, Piece) and p.is_thinking) == "Say hello."


def test_a_crash_before_the_first_piece_is_tried_again(
    server: OllamaServer, client: OllamaClient, calls: list[Call]
) -> None:
    server.script.replies.extend([crashed(), Reply(die_after=0), Reply(text="Servus")])
    pieces: list[Piece | Completion] = []
    asyncio.run(read(client, pieces))
    assert text_of(pieces) == "Servus"
    assert [call.ok for call in calls] == [False, False, True]


def test_a_crash_after_the_first_piece_is_not(server: OllamaServer, client: OllamaClient, calls: list[Call]) -> None:
    server.script.replies.extend([Reply(text="one two three", die_after=2), Reply(text="another answer")])
    pieces: list[Piece | Completion] = []
    with pytest.raises(errors.Broken):
        asyncio.run(read(client, pieces))
    assert text_of(pieces) == "one two"
    assert len(server.chats) == 1 and [call.ok for call in calls] == [False]


def test_a_cancelled_reader_hangs_up_at_once(server: OllamaServer, client: OllamaClient, calls: list[Call]) -> None:
    server.script.replies.append(Reply(text="word " * 500, tokens_per_s=50))
    pieces: list[Piece | Completion] = []

    async def stop_after_a_few() -> float:
        task = asyncio.create_task(read(client, pieces))
        while len(pieces) < 3:
            await asyncio.sleep(0.005)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return time.monotonic() - began

    assert asyncio.run(stop_after_a_few()) < 0.1
    until = time.monotonic() + 1
    while not server.chats[0].disconnected and time.monotonic() < until:
        time.sleep(0.01)
    assert server.chats[0].disconnected and server.chats[0].tokens_sent < 20
    assert [(call.ok, call.error) for call in calls] == [(False, "Ended: CancelledError")]


def test_shared_connections_serve_many_streams_at_once_and_are_kept(calls: list[Call]) -> None:
    async def twice_thirty(host: str) -> int:
        connections = wire.connect(base_url(host))
        client = OllamaClient(host, LLAMA, connections=connections, on_call=calls.append)
        for _ in range(2):
            await asyncio.gather(*(read(client, []) for _ in range(30)))
        kept = connections._client._transport._pool.connections  # type: ignore[attr-defined]
        await wire.close_connections(connections)
        return len(kept)

    with OllamaServer(default=lambda request: Reply(text="Servus"), parallel=60) as server:
        assert 1 <= asyncio.run(twice_thirty(server.host)) <= 30
    assert len(calls) == 60 and all(call.ok for call in calls)
