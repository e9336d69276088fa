"""The chatbot's half of the models page: who may, what it tells, downloads that go on by themselves, trials."""

from __future__ import annotations

import json
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

from chatbot import _problem
from chatbot.llm import machine
from chatbot.models_desk import http, pulls
from chatbot.models_desk.desk import Scene, worth_warming
from shared import installation
from shared.chat import internal
from shared.config import Settings
from shared.database import Database
from shared.errors import AppError
from shared.events import Actor
from tests.conftest import Cast
from tests.fakes.ollama_script import Model, Pulling, Reply, busy, out_of_memory
from tests.fakes.ollama_server import OllamaServer

PATHS = [
    ("GET", "", None),
    ("POST", "/pull", {"name": "mistral"}),
    ("POST", "/pull/cancel", None),
    ("POST", "/test", {"role": "chat"}),
    ("POST", "/warm", {"role": "chat"}),
    ("POST", "/delete", {"name": "mistral"}),
]


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


def test_only_admins_may_by_what_the_database_says_now(client: httpx.Client, here: Settings, cast: Cast) -> None:
    for method, path, body in PATHS:
        assert client.request(method, f"/internal/models{path}", json=body).status_code == 401
        for workspace, user in ((cast.acme, cast.bob), (cast.acme, cast.vera), (cast.globex, cast.alice)):
            answer = Admin(client, here, workspace, user).ask(method, path, body)
            assert answer.status_code == 403, path
            assert "qwen" not in answer.text


def test_another_tenants_admin_sees_facts_of_the_installation_alone(
    alice: Admin, client: httpx.Client, here: Settings, cast: Cast
) -> None:
    seen = Admin(client, here, cast.globex, cast.mallory).overview()
    assert seen.keys() == alice.overview().keys()
    assert "acme" not in json.dumps(seen).casefold()


def test_the_overview_tells_models_roles_and_memory(alice: Admin, ollama: OllamaServer) -> None:
    seen = alice.overview()
    assert seen["ollama"] == {
        "is_up": True, "host": ollama.host, "is_here": True, "version": "0.33.0", "is_old": False, "reason": None,
    }  # fmt: skip
    assert [(model["name"], model["can_chat"], model["roles"]) for model in seen["models"]] == [
        ("llama3.1:8b", True, ["extraction", "chat"]),
        ("nomic-embed-text:latest", False, []),
    ]
    assert seen["together"] == "one"
    chat = next(role for role in seen["roles"] if role["name"] == "chat")
    assert (chat["wanted"], chat["serving"]) == ("llama3.1:70b", "llama3.1:8b")
    assert chat["note"] == "llama3.1:70b is not installed; llama3.1:8b answers instead."
    assert chat["need"]["total"] == chat["need"]["weights"] + 8192 * chat["need"]["kv_per_token"]
    assert seen["memory"]["total"] > 0
    alice.overview()
    assert [request.endpoint for request in ollama.requests].count("/api/show") == 2  # once a file


def test_a_choice_holds_at_once_and_can_be_taken_back(alice: Admin, database: Database, cast: Cast) -> None:
    by = Actor("user", cast.alice)
    for chosen, expected in (("nomic-embed-text", True), (None, False)):
        with database.scope(cast.acme) as session:
            installation.choose(session, "chat_model", chosen, by=by)
        role = alice.overview()["roles"][1]
        assert (role["wanted"], role["is_chosen"]) == (chosen or "llama3.1:70b", expected)
        assert role["serving"] == "llama3.1:8b"  # an embedding model cannot answer


def test_no_ollama_is_a_state_and_not_an_error(alice: Admin, ollama: OllamaServer) -> None:
    ollama.die()
    seen = alice.overview()
    assert (seen["ollama"]["is_up"], seen["models"]) == (False, [])
    assert "ollama serve" in seen["ollama"]["reason"]
    assert alice.ask("POST", "/test", {"role": "chat"}).status_code == 503


# --- Downloads


def test_a_download_goes_on_when_its_reader_leaves_and_its_lines_can_be_joined(
    alice: Admin, ollama: OllamaServer
) -> None:
    ollama.pulling = Pulling(seconds=0.6)
    assert alice.pull("mistral", follow=False).status_code == 202
    lines = [json.loads(line) for line in alice.pull("MISTRAL").text.splitlines()]
    done = [line["completed"] for line in lines if line["phase"] == "downloading"]
    assert len(done) > 1 and done == sorted(done)
    assert lines[-1]["phase"] == "done" and lines[-1]["completed"] == lines[-1]["total"] == ollama.pulling.size
    assert "mistral:latest" in [model["name"] for model in alice.overview()["models"]]
    assert [request.endpoint for request in ollama.requests].count("/api/pull") == 1


def test_one_download_at_a_time_cancelled_and_begun_again_where_it_stopped(alice: Admin, ollama: OllamaServer) -> None:
    ollama.pulling = Pulling(seconds=3)
    alice.pull("mistral", follow=False)
    alice.pull_state("downloading")
    assert alice.pull("gemma3", follow=False).status_code == 409
    assert alice.ask("POST", "/pull/cancel").json()["phase"] == "cancelled"
    request = next(request for request in ollama.requests if request.endpoint == "/api/pull")
    give_up = time.monotonic() + 5
    while not request.disconnected and time.monotonic() < give_up:
        time.sleep(0.02)
    assert request.disconnected
    arrived = ollama.arrived["mistral"]
    ollama.pulling = Pulling(seconds=0.1)
    alice.pull("mistral", follow=False)
    assert alice.pull_state("done")["completed"] == ollama.pulling.size
    assert 0 < arrived < ollama.pulling.size
    assert alice.ask("POST", "/pull/cancel").json()["phase"] == "done"  # nothing left to stop


def test_a_cut_download_is_resumed_by_itself(
    alice: Admin, ollama: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulls, "RETRY_AFTER_S", (0.05,))
    ollama.pulling = Pulling(seconds=0.2, die_at=(0.3, 0.6))
    alice.pull("mistral", follow=False)
    assert alice.pull_state("done", "failed")["phase"] == "done"
    assert [request.endpoint for request in ollama.requests].count("/api/pull") == 3


FAILURES = (
    ("no-such-model", "", "There is no model named no-such-model in the library."),
    ("mistral", "write blob: no space left on device", "The disk is full"),
    ("mistral", "max retries exceeded: dial tcp: lookup registry.ollama.ai: no such host", "is this machine online"),
)


def test_a_failed_download_says_what_is_wrong(alice: Admin, ollama: OllamaServer) -> None:
    for name, error, said in FAILURES:
        ollama.pulling = Pulling(error=error)
        alice.pull(name, follow=False)
        assert said in alice.pull_state("failed")["error"]


def test_a_download_that_would_fill_the_disk_is_stopped_at_its_first_line(
    alice: Admin, ollama: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "free_disk", lambda _settings: 3_000_000_000)
    ollama.pulling = Pulling(seconds=1)
    alice.pull("mistral", follow=False)
    assert "needs 4.7 GB more on the disk; 3.0 GB are free" in alice.pull_state("failed")["error"]
    assert "mistral:latest" not in [model["name"] for model in alice.overview()["models"]]


BAD_NAMES = (
    "", " ", "a b", "../../etc/passwd", "evil.example/a/b", "10.0.0.1:80/a/b", "m;rm -rf", "a\nb", "x" * 200, "\u00fc",
    "gpt-oss:120b-cloud", "kimi-k2:cloud", "http://evil.example/m", "-m", "m:",
)  # fmt: skip


def test_what_is_no_name_or_leads_elsewhere_is_refused_before_anybody_is_asked(
    alice: Admin, ollama: OllamaServer
) -> None:
    for name in BAD_NAMES:
        assert alice.pull(name, follow=False).status_code == 422, name
    assert ollama.requests == []


# --- Trials


def test_a_test_call_is_timed_and_shows_whether_the_schema_was_kept(alice: Admin, ollama: OllamaServer) -> None:
    kept = {"weekday": "tuesday", "euros": 40, "summary": "Delivery on Tuesday."}
    ollama.script.replies += [Reply(json=kept, tokens_per_s=200), Reply(text=f"Sure! {json.dumps(kept)}")]
    first = alice.ask("POST", "/test", {"role": "chat", "wait_s": 10}).json()
    assert (first["state"], first["schema_kept"]) == ("done", True)
    assert first["output_tokens"] > 5 and 100 < first["output_rate"] < 260
    assert first["prompt_tokens"] > 100
    assert alice.ask("POST", "/test", {"role": "chat", "wait_s": 10}).json()["schema_kept"] is False
    one, other = ollama.chats
    assert one.prompt != other.prompt  # or the second would be read from the cache
    assert one.body["shift"] is False and one.options["num_ctx"] == 8192


def test_a_failed_test_says_what_is_wrong(alice: Admin, ollama: OllamaServer) -> None:
    for reply, code in ((out_of_memory(), "out_of_memory"), (busy(), "queue_full")):
        ollama.script.replies.append(reply)
        seen = alice.ask("POST", "/test", {"role": "extraction", "wait_s": 10}).json()
        assert (seen["state"], seen["code"]) == ("failed", code)
        assert alice.overview()["roles"][0]["trial"]["error"] == seen["error"]


def test_a_warm_up_loads_with_the_window_of_real_calls(alice: Admin, ollama: OllamaServer) -> None:
    seen = alice.ask("POST", "/warm", {"role": "extraction", "wait_s": 10}).json()
    assert (seen["kind"], seen["state"]) == ("warm", "done")
    assert alice.overview()["roles"][0]["verdict"] == "loaded"
    alice.ask("POST", "/test", {"role": "extraction", "wait_s": 10})
    assert ollama.engine.loads == ["llama3.1:8b"]  # the test did not load it again


def test_a_slow_load_keeps_nobody_waiting(alice: Admin, ollama: OllamaServer) -> None:
    ollama.engine.models[0] = Model(load_s=2)
    ollama.script.replies.append(Reply(text="{}", load_s=2))
    began = time.monotonic()
    assert alice.ask("POST", "/test", {"role": "extraction"}).status_code == 202
    assert alice.ask("POST", "/test", {"role": "extraction"}).json()["state"] == "running"  # joins
    assert time.monotonic() - began < 1.5


def test_only_what_is_unused_can_be_deleted(alice: Admin, ollama: OllamaServer) -> None:
    assert alice.ask("POST", "/delete", {"name": "llama3.1:8b"}).status_code == 409
    assert alice.ask("POST", "/delete", {"name": "absent"}).status_code == 404
    assert alice.ask("POST", "/delete", {"name": "nomic-embed-text"}).status_code == 200
    assert [model.name for model in ollama.engine.models] == ["llama3.1:8b"]


def test_a_start_warms_what_fits(here: Settings, database: Database, cast: Cast) -> None:
    with OllamaServer(models=[Model(size=1_000_000, load_s=0.3, block_count=1)]) as server:
        began = time.monotonic()
        with running(here.model_copy(update={"ollama_host": server.host, "warm_up": True}), database):
            while not server.engine.loads and time.monotonic() - began < 5:
                time.sleep(0.02)
        assert server.engine.loads == ["llama3.1:8b"]


def test_nothing_is_warmed_without_knowing_that_it_fits(settings: Settings) -> None:
    assert worth_warming(Scene(settings, None, "down", None)) == []
