"""Many people at once: what an open socket holds, and how long a word is under way while fifty answers stream.

The words carry the time they left the engine (`bench/streaming.py`). What is measured from there to the socket's other
end includes the joining of words into frames (up to 50 ms) and this process, which reads all sockets alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect

from bench.figures import Figure, median, p95
from bench.ground import Ground, NeverCame, Site, free_port, wait_until
from bench.sizes import Size
from shared.chat import tickets
from shared.models import User

SOCKET_KB, LATENCY_MS, FIRST_MS = 60.0, 100.0, 150.0
#: Sockets opened at the same time: as a server sees them after a restart, not all in one millisecond.
OPENING = 25


@dataclass
class Heard:
    """What one asker got: milliseconds each word was under way, and to the first frame; frames in order."""

    words_ms: list[float] = field(default_factory=list)
    first_ms: float = 0.0
    frames: int = 0


def socketing(size: Size) -> Iterator[Figure]:
    """Open sockets, idle; then some of them asking."""
    with Ground.laid() as ground:
        port = free_port()
        process = ground.start("-m", "bench.streaming", str(port))
        site = Site(port)

        def answers() -> bool:
            if process.poll() is not None:
                raise NeverCame(f"The chatbot ended: {ground.logs()}")
            with contextlib.suppress(OSError):
                return site.ask("GET", "/healthz").status == 200
            return False

        wait_until(answers, "the chatbot to answer")
        taken_kb, heard = asyncio.run(_crowd(ground, port, psutil.Process(process.pid), size))
    yield from _figures(size, taken_kb, heard)


def _figures(size: Size, taken_kb: float, heard: Sequence[Heard]) -> Iterator[Figure]:
    words = [ms for one in heard for ms in one.words_ms]
    yield Figure(
        name=f"an open socket of {size.sockets}", measured=max(taken_kb, 0.1), unit="KB", target=SOCKET_KB,
        note="Of the chatbot's own memory, above what it holds with its parts loaded and one question answered.",
    )  # fmt: skip
    yield Figure(
        name=f"a word from engine to browser, {size.streams} of {size.sockets} streaming, 95th percentile",
        measured=p95(words), unit="ms", target=LATENCY_MS,
        note=f"Median {median(words):.0f} ms; {sum(one.frames for one in heard):,} frames, none lost or out of order.",
    )  # fmt: skip
    yield Figure(
        name="question to first frame, all asking at once, 95th percentile",
        measured=p95([one.first_ms for one in heard]), unit="ms", target=None,
        note="With the commit that stores the question, on SQLite one after the other.",
    )  # fmt: skip


async def _crowd(ground: Ground, port: int, server: psutil.Process, size: Size) -> tuple[float, list[Heard]]:
    async with contextlib.AsyncExitStack() as stack:
        warm = await stack.enter_async_context(greeted(port, issue_tickets(ground, 1)[0]))
        await _ask(warm, 10)
        await asyncio.sleep(1.5)  # the first save, the first look at logins
        before = server.memory_full_info().uss
        opened = await _open_all(stack, port, issue_tickets(ground, size.sockets))
        await asyncio.sleep(1.0)
        taken_kb = (server.memory_full_info().uss - before) / 1024 / size.sockets
        heard = await asyncio.gather(*(_ask(socket, size.stream_words) for socket in opened[: size.streams]))
    return taken_kb, heard


def issue_tickets(ground: Ground, count: int) -> list[str]:
    with ground.database.scope(ground.person.workspace_id) as session:
        user = session.get_one(User, ground.person.user_id)
        return [tickets.issue(session, user) for _ in range(count)]


async def _open_all(stack: contextlib.AsyncExitStack, port: int, issued: Sequence[str]) -> list[ClientConnection]:
    opened: list[ClientConnection] = []
    for start in range(0, len(issued), OPENING):
        some = [greeted(port, ticket) for ticket in issued[start : start + OPENING]]
        opened += await asyncio.gather(*(stack.enter_async_context(one) for one in some))
    return opened


@contextlib.asynccontextmanager
async def greeted(port: int, ticket: str) -> AsyncIterator[ClientConnection]:
    """A socket that was greeted."""
    async with connect(f"ws://127.0.0.1:{port}/ws/chat", compression=None, close_timeout=1, open_timeout=30) as socket:
        await send(socket, "hello", ticket=ticket)
        ready = json.loads(await socket.recv())
        if ready["type"] != "ready":
            raise NeverCame(f"A socket was not greeted: {ready}")
        yield socket


async def send(socket: ClientConnection, type: str, **data: Any) -> None:
    await socket.send(json.dumps({"v": 1, "type": type, "data": data}))


async def _ask(socket: ClientConnection, words: int) -> Heard:
    """Ask for so many words. Raises NeverCame where a frame is missing or out of order."""
    heard, asked_at = Heard(), time.monotonic()
    await send(socket, "ask", client_id=f"q-{id(socket)}-{time.monotonic_ns()}", text=str(words))
    while True:
        frame = json.loads(await socket.recv())
        now = time.monotonic()
        if frame["type"] == "error":
            raise NeverCame(f"A question was refused: {frame['data']}")
        if frame["seq"] is None:
            continue
        heard.frames += 1
        if frame["seq"] != heard.frames:
            raise NeverCame(f"Frame {heard.frames} was expected, {frame['seq']} came.")
        heard.first_ms = heard.first_ms or (now - asked_at) * 1000
        if frame["type"] == "delta":
            heard.words_ms += [(now - float(word)) * 1000 for word in frame["data"]["text"].split()]
        if frame["type"] == "turn.end":
            if len(heard.words_ms) != words:
                raise NeverCame(f"{words} words were asked for, {len(heard.words_ms)} came.")
            return heard
