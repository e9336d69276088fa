"""The chatbot on a real port, answered for by a scripted engine, and browsers that speak its protocol."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from chatbot import create_app
from chatbot.assistant.live.hub import Hub
from shared.accounts import logins
from shared.chat import tickets
from shared.config import Settings
from shared.database import Database
from shared.models import User
from shared.tenancy import EVERY_WORKSPACE
from tests.conftest import Cast
from tests.fakes.assistant import ScriptedAssistant

Frame = dict[str, Any]


class Server:
    """Our service under uvicorn, as the Procfile starts it, in a thread of the test."""

    def __init__(self, settings: Settings, assistant: ScriptedAssistant) -> None:
        self.settings, self.assistant = settings, assistant
        self._start()

    def _start(self) -> None:
        self.app = create_app(self.settings, assistant=self.assistant)
        config = uvicorn.Config(
            self.app,
            host="127.0.0.1",
            port=self.settings.chatbot_port,
            ws="websockets-sansio",
            ws_max_size=65536,
            ws_per_message_deflate=False,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        give_up = time.monotonic() + 10
        while not self._server.started:
            assert self._thread.is_alive() and time.monotonic() < give_up, "the server did not start"
            time.sleep(0.005)

    @property
    def hub(self) -> Hub:
        found: Hub = self.app.state.live.hub
        return found

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.settings.chatbot_port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.settings.chatbot_port}/ws/chat"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    def restart(self) -> None:
        self.stop()
        self._start()


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
        """Wait until the server has closed; its code."""
        async with asyncio.timeout(within_s):
            await self.socket.wait_closed()
        return self.socket.close_code


def text_of(frames: list[Frame]) -> str:
    return "".join(frame["data"]["text"] for frame in frames if frame["type"] == "delta")


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def live_settings(settings: Settings) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return settings.model_copy(update={"chatbot_port": probe.getsockname()[1]})


@pytest.fixture
def server(database: Database, live_settings: Settings, assistant: ScriptedAssistant) -> Iterator[Server]:
    """The chatbot, running."""
    running = Server(live_settings, assistant)
    yield running
    running.stop()
    logging.getLogger().handlers.clear()


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
