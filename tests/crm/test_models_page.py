"""The models page: drawn from what the chatbot tells, for admins alone, and clear about everything that is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from crm import chatbot
from shared import installation
from shared.config import Settings
from shared.database import Database
from shared.models import Event, User
from shared.tenancy import TenantSession
from tests.chatbot.models_desk.conftest import running
from tests.fakes.ollama_script import Model, Pulling, out_of_memory
from tests.fakes.ollama_server import OllamaServer

from .conftest import Browser

Browse = Callable[[int], Browser]
HTMX = {"HX-Request": "true"}
EMBEDDER = Model("nomic-embed-text", family="nomic-bert", capabilities=("embedding",))
ROUTES = [
    ("GET", "/settings/models"),
    ("GET", "/settings/models?part=roles"),
    ("GET", "/settings/models/pull"),
    ("GET", "/settings/models/trial/chat"),
    ("POST", "/settings/models/pull"),
    ("POST", "/settings/models/pull/cancel"),
    ("POST", "/settings/models/trial/chat"),
    ("POST", "/settings/models/choose/chat"),
    ("POST", "/settings/models/delete"),
]


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    with OllamaServer(models=[Model(), Model("qwen3:8b", size=5_225_387_923), EMBEDDER]) as server:
        yield server


@pytest.fixture
def database_kind() -> str:
    """One will do: what is kept here, choices, is tested on both beside `shared.installation`."""
    return "sqlite"


def ask_at(app: Flask, url: str) -> None:
    """Let the CRM look for the chatbot there."""
    app.extensions["settings"] = app.extensions["settings"].model_copy(update={"chatbot_url": url})


@pytest.fixture
def desk(app: Flask, settings: Settings, database: Database, ollama: OllamaServer) -> Iterator[OllamaServer]:
    """The chatbot's half, running, before the given Ollama."""
    here = settings.model_copy(update={"ollama_host": ollama.host, "warm_up": False})
    with running(here, database) as client:
        ask_at(app, str(client.base_url))
        yield ollama


def until(browser: Browser, path: str, text: str) -> TestResponse:
    """The fragment once it holds `text`."""
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        answer = browser.get(path, headers=HTMX)
        if text in answer.text:
            return answer
        time.sleep(0.05)
    pytest.fail(answer.text)


def test_only_admins_reach_any_of_it(browse: Browse, stranger: Browser, bob: User, vera: User) -> None:
    for method, path in ROUTES:
        for user in (bob, vera):
            browser = browse(user.id)
            answer = browser.get(path) if method == "GET" else browser.post(path)
            assert answer.status_code == 403, path
        assert stranger.get(path).status_code in (303, 405)


def test_the_page_says_that_the_chatbot_is_down_and_the_rest_goes_on(browse: Browse, alice: User) -> None:
    browser = browse(alice.id)
    answer = browser.get("/settings/models")
    assert answer.status_code == 503
    assert "The assistant is not running" in answer.text
    assert browser.get("/settings/workspace").status_code == 200
    for method, path in ROUTES[2:]:
        data = {"kind": "test", "name": "mistral"}
        answer = browser.get(path, headers=HTMX) if method == "GET" else browser.post(path, data, headers=HTMX)
        assert answer.status_code == 503, path
        assert "assistant is not running" in answer.json["detail"]


def test_without_ollama_the_page_tells_how_to_get_it(browse: Browse, desk: OllamaServer, alice: User) -> None:
    desk.die()
    answer = browse(alice.id).get("/settings/models")
    assert answer.status_code == 200
    for text in ("Ollama is not there", "ollama serve", "Everything works without it", desk.host):
        assert text in answer.text


def test_what_the_chatbot_says_is_told_in_the_readers_language(
    browse: Browse, desk: OllamaServer, alice: User, session: TenantSession
) -> None:
    alice.locale = "de"
    session.commit()
    browser = browse(alice.id)
    answer = browser.post("/settings/models/delete", {"name": "qwen3:8b"})
    assert "qwen3:8b wird verwendet. Wählen Sie zuerst ein anderes Modell für seine Arbeit." in answer.text
    desk.die()
    assert "Ollama ist nicht erreichbar. Starten Sie es mit: ollama serve" in browser.get("/settings/models").text


def test_roles_and_models_stand_there_with_the_sum(browse: Browse, desk: OllamaServer, alice: User) -> None:
    page = browse(alice.id).get("/settings/models").text
    assert "llama3.1:70b is not installed; qwen3:8b answers instead." in page
    assert "<strong>6\u00a0GB</strong>" in page  # 4.9 GB and 131 kB for each of 8,192 tokens
    assert "131\u00a0kB × 8,192 tokens" in page
    assert page.count('<option value="qwen3:8b"') == 2
    assert '<option value="nomic' not in page  # it cannot answer
    assert "nomic-embed-text:latest" in page


def test_an_old_ollama_is_named(browse: Browse, desk: OllamaServer, alice: User) -> None:
    desk.version = "0.5.1"
    assert "This Ollama is old" in browse(alice.id).get("/settings/models").text


def test_another_tenants_admin_sees_the_installation_and_nothing_of_acmes(
    browse: Browse, desk: OllamaServer, alice: User, mallory: User
) -> None:
    page = browse(mallory.id).get("/settings/models").text
    assert "qwen3:8b" in page
    for theirs in ("Acme", "acme", "Alice"):
        assert theirs not in page


def test_a_chosen_model_serves_until_the_choice_is_taken_back(
    browse: Browse, desk: OllamaServer, session: TenantSession, database: Database, settings: Settings, alice: User
) -> None:
    admin = browse(alice.id)
    assert admin.post("/settings/models/choose/chat", {"model": "llama3.1:8b"}).status_code == 303
    assert installation.effective(settings, database).chat_model == "llama3.1:8b"
    page = admin.get("/settings/models").text
    assert "chosen here; the setting says llama3.1:70b" in page
    assert "One model does both" in page
    for wrong in ("nomic-embed-text:latest", "absent", "x" * 5000):
        assert admin.post("/settings/models/choose/chat", {"model": wrong}).status_code == 422
    assert admin.post("/settings/models/choose/cook", {"model": "qwen3:8b"}).status_code == 404
    admin.post("/settings/models/choose/chat", {"model": ""})
    assert installation.effective(settings, database).chat_model == "llama3.1:70b"
    events = list(session.scalars(select(Event).where(Event.kind == "installation.model_chosen")))
    assert [(event.user_id, event.data) for event in events] == [
        (alice.id, {"chat_model": [None, "llama3.1:8b"]}), (alice.id, {"chat_model": ["llama3.1:8b", None]}),
    ]  # fmt: skip


def test_a_download_shows_its_progress_and_the_new_model(browse: Browse, desk: OllamaServer, alice: User) -> None:
    desk.pulling = Pulling(seconds=0.8)
    admin = browse(alice.id)
    begun = admin.post("/settings/models/pull", {"name": "mistral"}, headers=HTMX)
    assert 'hx-trigger="every 1s"' in begun.text
    over = until(admin, "/settings/models/pull", "mistral is here.")
    assert "models-changed" in over.headers["HX-Trigger"]
    assert "every 1s" not in over.text
    assert "mistral:latest" in admin.get("/settings/models?part=installed", headers=HTMX).text


def test_a_download_is_cancelled_and_a_second_one_refused(browse: Browse, desk: OllamaServer, alice: User) -> None:
    desk.pulling = Pulling(seconds=20)
    admin = browse(alice.id)
    assert admin.post("/settings/models/pull", {"name": "mistral"}).status_code == 303
    second = admin.post("/settings/models/pull", {"name": "gemma3"}, headers=HTMX)
    assert (second.status_code, "mistral is being downloaded" in second.json["detail"]) == (409, True)
    assert "was cancelled" in admin.post("/settings/models/pull/cancel", headers=HTMX).text


def test_a_bad_name_is_shown_at_its_field_with_what_was_typed(browse: Browse, desk: OllamaServer, alice: User) -> None:
    hostile = '"><script>alert(1)</script>'
    answer = browse(alice.id).post("/settings/models/pull", {"name": hostile}, headers=HTMX)
    assert answer.status_code == 422
    assert 'id="pull-error"' in answer.text
    assert "<script>alert" not in answer.text
    whole = browse(alice.id).post("/settings/models/pull", {"name": "gpt-oss:120b-cloud"})
    assert whole.status_code == 422
    assert "would leave this machine" in whole.text


def test_a_test_call_shows_its_timings_or_what_went_wrong(browse: Browse, desk: OllamaServer, alice: User) -> None:
    admin = browse(alice.id)
    begun = admin.post("/settings/models/trial/extraction", {"kind": "test"}, headers=HTMX)
    assert 'id="trial-extraction"' in begun.text
    assert "tokens/s" in until(admin, "/settings/models/trial/extraction", "First word after").text
    desk.script.replies.append(out_of_memory())
    admin.post("/settings/models/trial/extraction", {"kind": "test"}, headers=HTMX)
    failed = until(admin, "/settings/models/trial/extraction", "Out of memory.")
    assert "Choose a smaller model or a smaller context" in failed.text
    assert admin.post("/settings/models/trial/extraction", {"kind": "dance"}).status_code == 404
    assert admin.post("/settings/models/trial/cook", {"kind": "test"}).status_code == 404
    assert admin.get("/settings/models/trial/cook", headers=HTMX).status_code == 404


def test_a_model_is_loaded_on_demand(browse: Browse, desk: OllamaServer, alice: User) -> None:
    admin = browse(alice.id)
    admin.post("/settings/models/trial/chat", {"kind": "warm"}, headers=HTMX)
    until(admin, "/settings/models/trial/chat", "Loaded in")
    page = admin.get("/settings/models?part=roles", headers=HTMX).text
    assert "with a window of 8,192 tokens, none of it on a graphics card" in page
    assert desk.engine.loads == ["qwen3:8b"]


def test_what_is_unused_is_removed_after_a_question(browse: Browse, desk: OllamaServer, alice: User) -> None:
    admin = browse(alice.id)
    page = admin.get("/settings/models").text
    assert "Remove nomic-embed-text:latest from this machine?" in page
    assert "Remove qwen3:8b" not in page
    assert admin.post("/settings/models/delete", {"name": "qwen3:8b"}).status_code == 409
    assert admin.post("/settings/models/delete", {"name": "nomic-embed-text:latest"}).status_code == 303
    assert admin.post("/settings/models/delete", {"name": "nomic-embed-text:latest"}).status_code == 404
    assert [model.name for model in desk.engine.models] == ["llama3.1:8b", "qwen3:8b"]


def test_a_foreign_answer_is_no_crash(app: Flask, browse: Browse, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with OllamaServer() as server:  # something that speaks HTTP, and is not the chatbot
        ask_at(app, f"http://{server.host}")
        assert browse(alice.id).get("/settings/models").status_code == 503
    monkeypatch.setattr(chatbot, "ask", lambda *_, **__: {"of": "another version"})
    answer = browse(alice.id).get("/settings/models")
    assert answer.status_code == 503
    assert "not the assistant of this version" in answer.text
