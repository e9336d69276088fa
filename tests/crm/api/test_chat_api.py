"""Asking over REST: the CRM names the user, the chatbot answers; without one, a 503 says when to come back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import create_app
from crm.api import chat
from shared.config import Settings
from shared.database import Database
from shared.models import ChatConversation, ChatMessage, IdempotencyKey, Task, User
from shared.review import actions
from shared.tenancy import TenantSession
from tests.conftest import Cast
from tests.fakes.assistant import ScriptedAssistant
from tests.fakes.chatbot import Server, with_free_port


@pytest.fixture
def assistant() -> ScriptedAssistant:
    return ScriptedAssistant()


@pytest.fixture
def chatbot(settings: Settings, database: Database, assistant: ScriptedAssistant) -> Iterator[Server]:
    """A running chatbot that answers by script."""
    server = Server(with_free_port(settings), assistant)
    yield server
    server.stop()


@pytest.fixture
def app(chatbot: Server, database: Database, compiled_templates: Any) -> Iterator[Flask]:
    """A CRM that knows where the chatbot is."""
    app = create_app(chatbot.settings)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    logging.getLogger().handlers.clear()


def test_a_question_is_answered_as_the_user_of_the_token(
    script: Any, cast: Cast, assistant: ScriptedAssistant, session: TenantSession
) -> None:
    vera = script(cast.vera)
    first = vera.post("/chat/ask", {"text": " table ", "page": {"type": "deal", "id": 1}})
    assert first.status_code == 200
    assert (first.json["route"], first.json["plan"]["from"]) == ("structured", "deal")
    assert first.json["rows"][0]["external_id"] == "d-1"
    second = vera.post("/chat/ask", {"text": "whole", "conversation_id": first.json["conversation_id"]}).json
    assert (second["value"], second["conversation_id"]) == (3, first.json["conversation_id"])
    assert second["turn"] != first.json["turn"]
    assert vera.post("/chat/ask", {"text": "cite"}).json["citations"][0]["title"] == "A note"
    assert vera.post("/chat/ask", {"text": "which"}).json["route"] == "clarify"
    asker = assistant.questions[0].asker
    assert (asker.user_id, asker.workspace_id) == (cast.vera, cast.acme)
    assert session.scalar(select(func.count(ChatMessage.id))) == 8


def test_another_tenants_and_a_colleagues_conversation_is_not_found(script: Any, cast: Cast) -> None:
    mine = script(cast.alice).post("/chat/ask", {"text": "say hello"}).json["conversation_id"]
    for stranger in (cast.mallory, cast.bob):
        answer = script(stranger).post("/chat/ask", {"text": "say hello", "conversation_id": mine})
        assert answer.status_code == 404


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "body",
    [
        {}, {"text": ""}, {"text": "  "}, {"text": "x" * 8001}, {"text": 7}, {"text": "x", "user_id": 1},
        {"text": "x", "page": {"type": "user", "id": 1}}, {"text": "x", "page": {"type": "deal", "id": 0}},
        {"text": "x", "conversation_id": "../x"}, {"text": "\0"},
    ],
)  # fmt: skip
def test_bad_questions_are_refused_by_name(script: Any, cast: Cast, body: dict[str, Any]) -> None:
    assert script(cast.alice).post("/chat/ask", body).status_code == 422


def test_the_same_question_under_one_key_is_one_turn_also_at_once(
    script: Any, cast: Cast, session: TenantSession
) -> None:
    alice, key = script(cast.alice), {"Idempotency-Key": "once"}

    def ask(_: int) -> Any:
        return alice.post("/chat/ask", {"text": "slow 10"}, headers=key)

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(ask, range(2)))
    later = ask(2)
    assert later.headers["Idempotency-Replayed"] == "true"
    assert [answer.status_code for answer in (*together, later)] == [200] * 3
    assert len({answer.json["turn"] for answer in (*together, later)}) == 1
    assert alice.post("/chat/ask", {"text": "another"}, headers=key).status_code == 422
    assert session.scalar(select(func.count(ChatConversation.id))) == 1
    assert session.scalar(select(func.count(IdempotencyKey.id))) == 1


def test_a_conversation_that_is_being_answered_is_a_conflict_and_a_failing_model_unavailable(
    script: Any, cast: Cast
) -> None:
    alice = script(cast.alice)
    conversation = alice.post("/chat/ask", {"text": "say hello"}).json["conversation_id"]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(alice.post, "/chat/ask", {"text": "silent 3", "conversation_id": conversation})
        time.sleep(1)
        assert alice.post("/chat/ask", {"text": "say more", "conversation_id": conversation}).status_code == 409
        assert running.result().json["answer"] == "At last."
    down = alice.post("/chat/ask", {"text": "fail"})
    assert (down.status_code, down.json["detail"].startswith("Ollama is not reachable")) == (503, True)
    assert int(down.headers["Retry-After"]) == down.json["retry_after_s"] > 0
    assert alice.post("/chat/ask", {"text": "break"}).status_code == 503


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_scripts_that_wait_leave_a_process_for_the_pages(
    script: Any, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "BRIEFLY_S", 0.5)
    app.extensions["settings"] = app.extensions["settings"].model_copy(update={"web_processes": 3})
    alice = script(cast.alice)

    def ask(text: str) -> Any:
        return alice.post("/chat/ask", {"text": text})

    with ThreadPoolExecutor(2) as pool:
        seated = [pool.submit(ask, "silent 1.5") for _ in range(2)]
        time.sleep(0.5)
        assert ask("whole").status_code == 200  # what needs no model is quick enough
        began = time.monotonic()
        refused = ask("silent 5")
        assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
        assert time.monotonic() - began < 2
        assert [one.result().status_code for one in seated] == [200, 200]
    assert ask("silent 1").status_code == 200


def test_without_a_chatbot_everything_else_works(
    chatbot: Server, script: Any, cast: Cast, session: TenantSession
) -> None:
    alice = script(cast.alice)
    chatbot.stop()
    refused = alice.post("/chat/ask", {"text": "say hello"}, headers={"Idempotency-Key": "k"})
    assert (refused.status_code, refused.headers["Retry-After"], refused.json["retry_after_s"]) == (503, "5", 5)
    assert alice.get("/companies").status_code == 200
    assert session.scalar(select(func.count(IdempotencyKey.id))) == 0  # it may be sent again under its key
    session.commit()
    chatbot.restart()
    assert alice.post("/chat/ask", {"text": "say hello"}, headers={"Idempotency-Key": "k"}).status_code == 200


def test_a_chatbot_with_another_key_is_told_from_one_that_is_down(
    chatbot: Server, cast: Cast, script: Callable[..., Any], compiled_templates: Any
) -> None:
    other_key = {**chatbot.settings.model_dump(), "secret_key": "quite another key, also long enough"}
    app = create_app(Settings(_env_file=None, **other_key))
    app.jinja_env.bytecode_cache = compiled_templates
    stranger = script(cast.alice)
    stranger.app = app
    answer = stranger.post("/chat/ask", {"text": "say hello"})
    assert (answer.status_code, "SECRET_KEY" in answer.json["detail"]) == (503, True)


def test_a_proposal_is_decided_over_rest_once(
    script: Any, cast: Cast, session: TenantSession, alice: User, bob: User
) -> None:
    program = script(cast.alice)
    turn = program.post("/chat/ask", {"text": "say hello"}).json["turn"]
    conversation = session.scalars(select(ChatConversation.id)).one()

    def propose(title: str) -> str:
        action = actions.propose(
            session, "create_task", {"title": title}, user=alice, conversation_id=conversation, turn=turn
        )
        session.commit()
        return f"/chat/actions/{action.public_id}/decide"

    card = propose("Call Jane")
    approve = {"decision": "approve"}
    for body in ({}, {"decision": "maybe"}, {**approve, "more": 1}, {**approve, "edits": {"no": 1}}):
        assert program.post(card, body).status_code == 422, body
    assert script(cast.bob).post(card, {"decision": "approve"}).status_code == 404
    assert script(cast.mallory).post(card, {"decision": "approve"}).status_code == 404
    done = program.post(card, {"decision": "approve", "edits": {"title": "Call Jane back"}, "key": "k"})
    assert (done.status_code, done.json["status"], done.json["record"]["type"]) == (200, "approved", "task")
    assert program.post(card, {"decision": "reject"}).json["status"] == "approved"  # decided before
    assert program.post(propose("Never"), {"decision": "reject"}).json["status"] == "rejected"
    assert program.post("/chat/actions/a_none/decide", {"decision": "reject"}).status_code == 404
    assert program.post("/chat/actions/7/decide", {"decision": "reject"}).status_code == 404
    assert [task.title for task in session.scalars(select(Task))] == ["Call Jane back"]
