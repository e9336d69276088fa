"""Downloads that go on by themselves, trials that keep nobody waiting, and removing what is not used."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from sqlalchemy import select

from chatbot.llm import machine, wire
from chatbot.llm.models import base_url
from chatbot.models_desk import pulls
from shared.database import Database
from shared.models import LlmCall
from tests.conftest import Cast
from tests.fakes.ollama_script import Model, Pulling, Reply, busy, out_of_memory
from tests.fakes.ollama_server import OllamaServer

from .conftest import Admin


@pytest.fixture
def database_kind() -> str:
    """One will do: the database is only asked who may."""
    return "sqlite"


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


def test_a_download_cancelled_at_once_keeps_no_place(ollama: OllamaServer) -> None:
    async def at_once() -> list[str]:
        connections = wire.connect(base_url(ollama.host))
        desk = pulls.Pulls(connections, lambda: None)
        desk.start("mistral")
        cancelled = await desk.cancel()
        desk.start("gemma3")
        again = [state.phase async for state in desk.follow(every_s=0.01)]
        await wire.close_connections(connections)
        assert cancelled is not None
        return [cancelled.phase, again[-1]]

    assert asyncio.run(at_once()) == ["cancelled", "done"]


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


def test_test_calls_are_booked_where_they_were_asked_for(
    alice: Admin, ollama: OllamaServer, database: Database, cast: Cast
) -> None:
    ollama.script.replies += [Reply(text="{}"), out_of_memory()]
    for _ in range(2):
        alice.ask("POST", "/test", {"role": "chat", "wait_s": 10})

    def booked(workspace: int) -> list[LlmCall]:
        with database.scope(workspace, read_only=True) as session:
            return list(session.scalars(select(LlmCall).order_by(LlmCall.id)))

    give_up = time.monotonic() + 5
    while len(booked(cast.acme)) < 2 and time.monotonic() < give_up:
        time.sleep(0.02)
    went, failed = booked(cast.acme)
    assert (went.purpose, went.model, went.ok, went.error) == ("probe", "llama3.1:8b", True, None)
    assert went.prompt_tokens > 100 and went.ms >= 0
    assert not failed.ok and failed.error and "memory" in failed.error
    assert booked(cast.globex) == []


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
