"""The service is killed in the middle of an answer: what was written is kept, marked, and found again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from shared.chat import tickets
from shared.database import Database
from shared.models import ChatMessage, TurnState, User
from shared.tenancy import EVERY_WORKSPACE
from tests.conftest import Cast
from tests.ports import free_port

from .conftest import Tab, play, text_of, until

ROOT = Path(__file__).resolve().parents[4]


class Process:
    """The chatbot in a process of its own, answering fifty words a second."""

    def __init__(self, env: dict[str, str]) -> None:
        self.port = free_port()
        self.env = {**env, "LOG_LEVEL": "ERROR"}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "bench.streaming", str(self.port)]
        self.running = subprocess.Popen(command, cwd=ROOT, env=self.env)

    def answers(self) -> bool:
        assert self.running.poll() is None, "the service ended"
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", trust_env=False).is_success
        return False

    def stop(self, within_s: float) -> float:
        """Tell it to stop; the seconds it took. Fails where it takes longer than that."""
        began = time.monotonic()
        self.running.send_signal(signal.SIGTERM)
        self.running.wait(timeout=within_s)
        return time.monotonic() - began

    def kill(self) -> None:
        self.running.kill()
        self.running.wait(timeout=10)


@pytest.fixture
def process(database: Database, process_env: dict[str, str]) -> Iterator[Process]:
    running = Process(process_env)
    yield running
    running.kill()


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_killed_in_mid_answer(process: Process, database: Database, cast: Cast) -> None:
    def ticket() -> str:
        with database.scope(cast.acme) as session:
            return tickets.issue(session, session.get_one(User, cast.alice))

    def kept(turn: str) -> ChatMessage:
        with database.scope(EVERY_WORKSPACE, read_only=True) as session:
            return session.scalars(
                select(ChatMessage).where(ChatMessage.turn == turn, ChatMessage.role == "assistant")
            ).one()

    async def scene() -> None:
        await until(process.answers, within_s=50)
        url = f"ws://127.0.0.1:{process.port}/ws/chat"
        async with connect(url, compression=None) as connection:
            tab = Tab(connection)
            await tab.hello(ticket())
            turn = (await tab.ask("5000"))["turn"]
            while not kept(turn).text:
                await tab.next()
            process.kill()
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await tab.next()
        partial = kept(turn)
        assert partial.state is TurnState.RUNNING
        assert text_of(tab.of(turn)).startswith(partial.text)
        process.start()
        await until(process.answers, within_s=50)
        assert kept(turn).state is TurnState.INTERRUPTED
        assert kept(turn).text == partial.text
        async with connect(url, compression=None) as connection:
            tab = Tab(connection)
            await tab.hello(ticket(), last=[{"turn": turn, "seq": 3}])
            assert (await tab.next())["data"]["conv"].startswith("c_")
            assert tab.frames[-1]["type"] == "resync"

    play(scene)


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_streams_end_when_the_service_is_told_to_stop(process: Process, database: Database, cast: Cast) -> None:
    """The server waits for open responses: nothing but the end of the turn would end this one for minutes."""
    with database.scope(cast.acme) as session:
        ticket = tickets.issue(session, session.get_one(User, cast.alice))

    async def scene() -> None:
        await until(process.answers, within_s=50)
        url = f"http://127.0.0.1:{process.port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as client:

            async def frame(type: str, **data: object) -> dict[str, Any]:
                body = {"v": 1, "type": type, "data": data}
                found: dict[str, Any] = (await client.post("/chat/frames", json=body)).json()["frames"][0]
                return found

            session = (await frame("hello", ticket=ticket))["data"]["session"]
            client.headers["Authorization"] = f"Bearer {session}"
            turn = (await frame("ask", client_id="one", text="10000"))["turn"]
            async with client.stream("GET", f"/chat/turns/{turn}/events") as answer:
                frames = []
                async for line in answer.aiter_lines():
                    frames += [json.loads(line[6:])] if line.startswith("data: ") else []
                    if len(frames) == 3:
                        stopping = asyncio.create_task(asyncio.to_thread(process.stop, 10.0))
            assert await stopping < 4.0
            assert [frame["type"] for frame in frames[-2:]] == ["error", "turn.end"]
            assert frames[-2]["data"]["code"] == "interrupted"
        with database.scope(EVERY_WORKSPACE, read_only=True) as session:
            query = select(ChatMessage).where(ChatMessage.turn == turn, ChatMessage.role == "assistant")
            assert session.scalars(query).one().state is TurnState.INTERRUPTED

    play(scene)
