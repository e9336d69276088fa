"""The running product, as it is started, while its parts are killed: what was asked is answered, or said to be broken.

One launcher for all tests of the module; what a test kills, the launcher starts again. Ollama is not there when it all
starts: each test that needs one brings it, at the address the settings name.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from redis import Redis
from sqlalchemy import func, select
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from shared import records
from shared.accounts import users
from shared.config import Settings
from shared.database import Database
from shared.events import SYSTEM
from shared.models import ChatMessage, Chunk, ChunkMark, TurnState
from shared.schemas.accounts import UserInput
from shared.tenancy import EVERY_WORKSPACE
from tests.chatbot.assistant.live.conftest import Tab, text_of
from tests.fakes.ollama_script import Reply, Rule
from tests.fakes.ollama_server import OllamaServer
from tests.launcher.conftest import Run
from tests.ports import free_port

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PASSWORD = "correct horse battery"
GATE = "What did customers say about the trucks that wait at the gate?"
COUNT = "How many companies do we have?"
WORDS = " ".join(f"{one}o{other}a" for one in "bdfghklmnp" for other in "bdfghklmnp")
#: Two to four seconds of words.
SLOW = Rule("the trucks", Reply(text=WORDS, tokens_per_s=70))
#: Longer than anybody waits.
ENDLESS = Rule("the trucks", Reply(text=" ".join([WORDS] * 20), tokens_per_s=70))


class Product:
    """The running product and its person."""

    def __init__(self, run: Run, database: Database, workspace: int, ollama_port: int) -> None:
        self.run, self.database, self.workspace, self.ollama_port = run, database, workspace, ollama_port
        self.crm = httpx.Client(base_url=f"http://127.0.0.1:{run.crm_port}", trust_env=False, timeout=30)
        self._sign_in()

    def _sign_in(self) -> None:
        form = {"email": "ann@acme.example", "password": PASSWORD, "csrf_token": self._token("/login")}
        assert self.crm.post("/login", data=form).status_code == 303
        self.crm.headers["X-CSRFToken"] = self._token("/settings/profile")

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.crm.get(path).text)
        assert found
        return found[1]

    def ticket(self) -> str:
        return str(self.crm.post("/chat/ticket", headers={"Accept": "application/json"}).json()["ticket"])

    @asynccontextmanager
    async def ollama(self, *rules: Rule) -> AsyncIterator[None]:
        """A language model, for as long as the block lasts."""
        with OllamaServer(rules=rules, port=self.ollama_port):
            await asyncio.sleep(0.6)  # so long a machine that was silent is left in peace
            yield

    @asynccontextmanager
    async def tab(self, *, ticket: str | None = None, **hello: Any) -> AsyncIterator[Tab]:
        """A browser's socket, let in."""
        url = f"ws://127.0.0.1:{self.run.chatbot_port}/ws/chat"
        async with connect(url, compression=None) as socket:
            tab = Tab(socket)
            assert (await tab.hello(ticket or self.ticket(), **hello))["type"] == "ready"
            yield tab

    def kill(self, *words: str) -> None:
        """kill -9 of the process whose command line holds these words."""
        self.run.running(*words)[0].kill()

    def crm_is_gone(self) -> bool:
        """Gunicorn's processes end a moment after the one that is killed."""
        try:
            self.crm.get("/healthz")
        except httpx.TransportError:
            return True
        return False

    def kill_broker(self) -> None:
        url = Settings(_env_file=None, data_dir=self.run.folder).effective_redis_url
        with Redis.from_url(url) as broker:
            psutil.Process(broker.info("server")["process_id"]).kill()

    def answer_of(self, turn: str) -> ChatMessage:
        with self.database.scope(EVERY_WORKSPACE, read_only=True) as session:
            mine = (ChatMessage.turn == turn, ChatMessage.role == "assistant")
            return session.scalars(select(ChatMessage).where(*mine)).one()


@pytest.fixture(scope="module")
def product(sqlite_template: Path) -> Iterator[Product]:
    with tempfile.TemporaryDirectory(prefix="aw-", ignore_cleanup_errors=True) as folder:  # short: socket paths end
        yield from _running(Path(folder), sqlite_template)


def _running(folder: Path, sqlite_template: Path) -> Iterator[Product]:
    shutil.copyfile(sqlite_template, folder / "afterword.db")
    database = Database(f"sqlite:///{folder / 'afterword.db'}")
    with database.scope(EVERY_WORKSPACE) as session:
        workspace = users.create_workspace(session, "Acme").id
        session.enter(workspace)
        ann = UserInput(email="ann@acme.example", name="Ann", role="admin", password=PASSWORD)
        users.create_user(session, ann, by=SYSTEM)
        records.create(session, "company", {"name": "Quillhaven"}, by=SYSTEM)
        note = "Jane of Quillhaven says that customers complain: the trucks wait fifty minutes at the gate."
        records.create(session, "note", {"body": note}, by=SYSTEM)
    ollama_port = free_port()
    run = Run(folder, DEMO="0", OLLAMA_HOST=f"127.0.0.1:{ollama_port}")
    try:
        run.wait_for("Afterword is ready")
        yield Product(run, database, workspace, ollama_port)
    finally:
        run.close()
        database.dispose()


def play(product: Product, scene: Coroutine[Any, Any, None]) -> None:
    """Run a scene, then wait until everything is there again."""

    async def timed() -> None:
        async with asyncio.timeout(120):
            await scene

    asyncio.run(timed())
    product.run.eventually(product.run.is_ready)


async def said(tab: Tab, question: str, **more: Any) -> str:
    """The whole answer."""
    frames = await tab.answer(question, **more)
    assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
    assert frames[-1]["data"]["reason"] == "done", frames[-1]
    return text_of(frames)


def test_a_language_model_that_comes_late_goes_and_comes_again_is_used_while_it_is_there(product: Product) -> None:
    async def scene() -> None:
        async with product.tab() as tab:
            for _ in range(2):
                assert (await said(tab, GATE)).startswith("No language model is running.")
                assert await said(tab, COUNT) == "There is 1 company."
                async with product.ollama(Rule("the trucks", Reply(text="Fifty minutes [1]."))):
                    assert await said(tab, GATE) == "Fifty minutes [1]."

    play(product, scene())


def test_an_answer_under_way_outlives_the_crm_and_the_broker(product: Product) -> None:
    async def scene() -> None:
        async with product.ollama(SLOW), product.tab() as tab, product.tab() as other:
            ack = await tab.ask(GATE)
            await tab.next("delta")
            product.kill_broker()
            product.kill("gunicorn")
            product.run.eventually(product.crm_is_gone)
            assert await said(other, COUNT) == "There is 1 company."
            end = await tab.next("turn.end", within_s=20)
            assert (end["data"]["reason"], text_of(tab.of(ack["turn"]))) == ("done", WORDS)

    play(product, scene())


def test_killed_in_mid_answer_the_page_shows_what_there_was_and_that_it_broke_off(product: Product) -> None:
    async def scene() -> None:
        ticket = product.ticket()
        async with product.ollama(ENDLESS):
            async with product.tab() as tab:
                ack = await tab.ask(GATE)
                while not product.answer_of(ack["turn"]).text:
                    await tab.next()
                product.kill("uvicorn")
                with contextlib.suppress(ConnectionClosed):
                    while True:
                        await tab.next()
            seen = text_of(tab.of(ack["turn"]))
        await asyncio.to_thread(product.run.eventually, product.run.is_ready)
        whole = product.crm.get(f"/chat/conversations/{ack['conv']}").json()
        answer = whole["messages"][-1]
        assert (answer["state"], answer["error"]["code"]) == ("interrupted", "interrupted")
        assert answer["text"] and seen.startswith(answer["text"])
        last = [{"turn": ack["turn"], "seq": 3}]
        async with product.tab(ticket=ticket, last=last) as tab:  # a ticket outlives the service too
            assert (await tab.next())["type"] == "resync"
            assert await said(tab, COUNT, conv=ack["conv"]) == "There is 1 company."

    play(product, scene())


def test_a_database_locked_for_three_seconds_costs_neither_a_question_nor_an_answer(product: Product) -> None:
    def lock(is_locked: threading.Event) -> None:
        with contextlib.closing(sqlite3.connect(product.run.folder / "afterword.db")) as holder:
            holder.execute("BEGIN IMMEDIATE")
            is_locked.set()
            time.sleep(3)

    async def scene() -> None:
        is_locked = threading.Event()
        async with product.ollama(SLOW), product.tab() as tab, product.tab() as other:
            ack = await tab.ask(GATE)
            await tab.next("delta")
            locking = asyncio.create_task(asyncio.to_thread(lock, is_locked))
            await asyncio.to_thread(is_locked.wait)
            await other.send("ask", client_id="while-locked", text=COUNT)
            end = await tab.next("turn.end", within_s=20)
            assert (end["data"]["reason"], text_of(tab.of(ack["turn"]))) == ("done", WORDS)
            await locking
            await other.next("turn.end", within_s=20)
        assert product.answer_of(ack["turn"]).state is TurnState.DONE
        assert "There is 1 company." in json.dumps(other.frames)

    play(product, scene())


def test_a_worker_killed_while_it_makes_vectors_leaves_nothing_undone(product: Product) -> None:
    def waiting() -> tuple[int, int]:
        """Marks, and chunks without a vector."""
        with product.database.scope(EVERY_WORKSPACE, read_only=True) as session:
            marks = session.scalar(select(func.count()).select_from(ChunkMark))
            chunks = session.scalar(select(func.count()).select_from(Chunk).where(Chunk.model.is_(None)))
        return marks or 0, chunks or 0

    for _ in range(5):
        product.run.eventually(lambda: waiting() == (0, 0))
        with product.database.scope(product.workspace) as session:
            for number in range(20):
                body = f"Visit {number}. " + "They load pallets all night. " * 15
                records.create(session, "note", {"body": body}, by=SYSTEM)
        product.run.eventually(lambda: waiting()[0] == 0 or waiting()[1])
        product.kill("shared.worker", "embed")
        if waiting() != (0, 0):
            break
    else:
        pytest.fail("it was killed too late to show anything")
    product.run.eventually(lambda: waiting() == (0, 0))
    crm = product.crm.get("/readyz").json()["checks"]["embeddings"]
    assert crm["status"] == "ok", crm
