"""The chatbot's half of the models page on a real port, an Ollama test server behind it, and admins who ask."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from chatbot.llm.inventory import Warehouse
from chatbot.models_desk import http
from chatbot.web import _problem
from shared.chat import internal
from shared.config import Settings
from shared.database import Database
from shared.errors import AppError
from tests.conftest import Cast
from tests.fakes.ollama_script import Model
from tests.fakes.ollama_server import OllamaServer


class Admin:
    """The CRM, asking on a user's behalf."""

    def __init__(self, client: httpx.Client, settings: Settings, workspace_id: int, user_id: int) -> None:
        self._client = client
        token = internal.token(settings.effective_secret_key, workspace_id=workspace_id, user_id=user_id)
        self._headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        return self._client.request(method, f"/internal/models{path}", json=body, headers=self._headers)

    def overview(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", "").json()
        return found

    def pull(self, name: str, **more: object) -> httpx.Response:
        return self.ask("POST", "/pull", {"name": name, **more})

    def pull_state(self, *phases: str) -> dict[str, Any]:
        """The download once it is in one of these phases."""
        give_up = time.monotonic() + 10
        while time.monotonic() < give_up:
            state: dict[str, Any] = self.overview()["pull"]
            if state["phase"] in phases:
                return state
            time.sleep(0.03)
        pytest.fail(f"still {state}")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests may take longer over an answer than a page waits for it."""
    monkeypatch.setitem(Warehouse.look.__kwdefaults__, "within_s", 15.0)


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    with OllamaServer(
        models=[Model(), Model("nomic-embed-text", family="nomic-bert", capabilities=("embedding",))]
    ) as server:
        yield server


@pytest.fixture
def here(settings: Settings, ollama: OllamaServer) -> Settings:
    return settings.model_copy(update={"ollama_host": ollama.host, "warm_up": False})


@contextmanager
def running(settings: Settings, database: Database) -> Iterator[httpx.Client]:
    """The routes on a real port, in a thread of the test."""
    app = FastAPI()
    app.add_exception_handler(AppError, _problem)
    app.include_router(http.create(settings, database))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        give_up = time.monotonic() + 10
        while not server.started:
            assert thread.is_alive() and time.monotonic() < give_up, "the server did not start"
            time.sleep(0.005)
        port = listening.getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
            yield client
        server.should_exit = True
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture
def client(here: Settings, database: Database) -> Iterator[httpx.Client]:
    with running(here, database) as client:
        yield client


@pytest.fixture
def alice(client: httpx.Client, here: Settings, cast: Cast) -> Admin:
    return Admin(client, here, cast.acme, cast.alice)
