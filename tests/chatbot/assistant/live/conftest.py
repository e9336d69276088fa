"""The chatbot on a real port, answered for by a scripted engine, and browsers that speak its protocol."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from shared.accounts import logins
from shared.chat import tickets
from shared.config import Settings
from shared.database import Database
from shared.models import User
from shared.tenancy import EVERY_WORKSPACE
from tests.conftest import Cast
from tests.fakes.assistant import ScriptedAssistant
from tests.fakes.chatbot import Server, with_free_port

Frame = dict[str, Any]


class Tab:
    """A tab of a browser: one socket, and what came over it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Frame] = []

    async def send(self, type: str, **data: Any) -> None:
        await self.socket.send(json.dumps({"v": 1, "type": type, "data": data}))

    async def next(self, *types: str, within_s: float = 5.0) -> Frame:
        """The next frame, or the next of these types; the others are kept in `frames`."""
        async with asyncio.timeout(within_s):
            while True:
                frame: Frame = json.loads(await self.socket.recv())
                self.frames.append(frame)
                if not types or frame["type"] in types:
                    return frame

    async def hello(self, ticket: str, **more: Any) -> Frame:
        await self.send("hello", ticket=ticket, **more)
        return await self.next()

    async def ask(self, text: str, **more: Any) -> Frame:
        """Ask; returns the acknowledgement, or the error in its place."""
        await self.send("ask", **{"client_id": f"id-{time.monotonic_ns()}", "text": text, **more})
        return await self.next("ack", "error")

    async def answer(self, text: str, **more: Any) -> list[Frame]:
        """Ask and wait for the end; returns the turn's frames."""
        ack = await self.ask(text, **more)
        assert ack["type"] == "ack", ack
        await self.next("turn.end")
        return self.of(ack["turn"])

    def of(self, turn: str) -> list[Frame]:
        """The numbered frames of a turn, as they came."""
        return [frame for frame in self.frames if frame["turn"] == turn and frame["seq"] is not None]

    async def closed(self, within_s: float = 5.0) -> int | None:
        """Read until the server has closed; its code."""
        with suppress(ConnectionClosed):
            while True:
                await self.next(within_s=within_s)
        return self.socket.close_code


def text_of(frames: list[Frame]) -> str:
    return "".join(frame["data"]["text"] for frame in frames if frame["type"] == "delta")


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def server(database: Database, settings: Settings, assistant: ScriptedAssistant) -> Iterator[Server]:
    """The chatbot, running."""
    running = Server(with_free_port(settings), assistant)
    yield running
    running.stop()


class Desk:
    """Hands out logins and tickets, as the CRM does."""

    def __init__(self, database: Database, server: Server) -> None:
        self.database, self.server = database, server

    def login(self, user_id: int) -> str:
        with self.database.scope(EVERY_WORKSPACE) as session:
            user = session.get_one(User, user_id)
            session.enter(user.workspace_id)
            return logins.start(session, user, "127.0.0.1")

    def ticket(self, user_id: int, login: str | None = None) -> str:
        login = login or self.login(user_id)
        with self.database.scope(EVERY_WORKSPACE) as session:
            user = session.get_one(User, user_id)
            session.enter(user.workspace_id)
            return tickets.issue(session, user, login_token=login)

    @asynccontextmanager
    async def socket(self, **more: Any) -> AsyncIterator[Tab]:
        """A socket that has not said hello."""
        async with connect(self.server.ws, compression=None, **more) as socket:
            yield Tab(socket)

    @asynccontextmanager
    async def tab(self, user_id: int, *, ticket: str | None = None, **hello: Any) -> AsyncIterator[Tab]:
        """A socket of somebody who was let in."""
        async with self.socket() as tab:
            ready = await tab.hello(ticket or self.ticket(user_id), **hello)
            assert ready["type"] == "ready", ready
            yield tab


@pytest.fixture
def desk(database: Database, cast: Cast, server: Server) -> Desk:
    return Desk(database, server)


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test's scene; it may not take longer than a minute."""

    async def timed() -> None:
        async with asyncio.timeout(60):
            await scene()

    asyncio.run(timed())


async def until(holds: Callable[[], object], within_s: float = 5.0) -> None:
    """Wait for something that happens elsewhere."""
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.01)
