"""Who may ask about models, what they are told, and what is loaded at a start."""

from __future__ import annotations

import json
import time

import httpx

from chatbot.models_desk.desk import Scene, worth_warming
from shared import installation
from shared.config import Settings
from shared.database import Database
from shared.events import Actor
from tests.conftest import Cast
from tests.fakes.ollama_script import Model
from tests.fakes.ollama_server import OllamaServer

from .conftest import Admin, running

PATHS = [
    ("GET", "", None),
    ("POST", "/pull", {"name": "mistral"}),
    ("POST", "/pull/cancel", None),
    ("POST", "/test", {"role": "chat"}),
    ("POST", "/warm", {"role": "chat"}),
    ("POST", "/delete", {"name": "mistral"}),
]


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


def test_a_start_warms_what_fits(here: Settings, database: Database, cast: Cast) -> None:
    with OllamaServer(models=[Model(size=1_000_000, load_s=0.3, block_count=1)]) as server:
        began = time.monotonic()
        with running(here.model_copy(update={"ollama_host": server.host, "warm_up": True}), database):
            while not server.engine.loads and time.monotonic() - began < 5:
                time.sleep(0.02)
        assert server.engine.loads == ["llama3.1:8b"]


def test_nothing_is_warmed_without_knowing_that_it_fits(settings: Settings) -> None:
    assert worth_warming(Scene(settings, None, "down", None)) == []
