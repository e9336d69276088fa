"""The assistant's page, its tickets, and conversations that are their owner's alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.routes.chat import chatbot_url
from shared.chat import tickets, turns
from shared.chat.turns import Answer, Asked
from shared.config import Settings
from shared.database import Database
from shared.models import ChatMessage, Task, TurnState, User, Workspace
from shared.review import actions
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.conftest import Cast

from .conftest import Browser

Browse = Callable[[int], Browser]
JSON = {"Accept": "application/json"}


class Page:
    """What the widget does: JSON with the page's CSRF token."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.token = browser.csrf_token()

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {**JSON, "X-CSRFToken": self.token, **headers}
        return self.browser.client.open(path, method=method, json=body, headers=sent)


@pytest.fixture
def said(session: TenantSession, alice: User) -> tuple[str, str]:
    """Alice's conversation and its turn: a finished answer with a card."""
    begun = turns.begin(session, alice.id, Asked("Who is Jane?", client_id="k"), turn="t_alices")
    kept = Answer(
        TurnState.DONE,
        "Jane buys [1].",
        frames=9,
        route="semantic",
        sentence="Notes about Jane",
        table={"rows": []},
        citations=[{"n": 1, "type": "note", "id": 3, "title": "Secret note", "quote": "Jane buys."}],
        focus={"record": None, "choices": [{"label": "Jane R", "question": "Jane R?", "record": None}]},
        engine="llama3.1:70b",
        usage={"output_tokens": 5},
        timings={"total": 12},
    )
    turns.finish(session, "t_alices", kept)
    session.commit()
    return begun.conversation.public_id, "t_alices"


@pytest.fixture
def card(session: TenantSession, alice: User, said: tuple[str, str]) -> str:
    """A task that the assistant proposed and Alice approved."""
    row = session.scalars(select(ChatMessage)).first()
    assert row is not None
    action = actions.propose(
        session, "create_task", {"title": "Call Jane"}, user=alice, conversation_id=row.conversation_id, turn="t_alices"
    )
    actions.decide(session, action, "approve", user=alice, key="k")
    session.commit()
    return str(action.public_id)


# --- Tickets


def test_a_ticket_opens_the_chatbot_for_this_login_until_it_ends(
    browse: Browse, database: Database, cast: Cast
) -> None:
    page = Page(browse(cast.vera))  # a viewer may ask
    issued = page("POST", "/chat/ticket")
    assert issued.status_code == 200
    assert issued.headers["Cache-Control"] == "no-store"
    assert {name: issued.json[name] for name in ("url", "http_url", "expires_in")} == {
        "url": "ws://localhost:8001/ws/chat", "http_url": "http://localhost:8001", "expires_in": 60,
    }  # fmt: skip
    with database.scope(EVERY_WORKSPACE) as session:
        holder = tickets.redeem(session, issued.json["ticket"])
    assert holder is not None
    assert (holder.user_id, holder.workspace_id, holder.login_id is not None) == (cast.vera, cast.acme, True)
    page.browser.post("/logout")
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        assert tickets.standing(session, holder) is None


def test_without_a_login_or_the_pages_token_there_is_no_ticket(browse: Browse, stranger: Browser, cast: Cast) -> None:
    assert stranger.client.post("/chat/ticket", headers=JSON).status_code == 400
    token = {"X-CSRFToken": stranger.csrf_token()}
    assert stranger.client.post("/chat/ticket", headers={**JSON, **token}).status_code == 401
    refused = browse(cast.alice).client.post("/chat/ticket", headers=JSON)
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_socket_is_looked_for_where_the_browser_can_find_it(settings: Settings, database: Database) -> None:
    assert chatbot_url(settings, "127.0.0.1:5000") == "http://127.0.0.1:8001"
    assert chatbot_url(settings, "localhost:5000") == "http://localhost:8001"
    assert chatbot_url(settings, "[::1]:5000") == "http://127.0.0.1:8001"
    public = settings.model_copy(update={"chatbot_public_url": "https://crm.example/assistant/"})
    assert chatbot_url(public, "crm.example") == "https://crm.example/assistant"


# --- Conversations


def test_the_page_stands_alone(browse: Browse, cast: Cast) -> None:
    page = browse(cast.alice).get("/chat")
    assert page.status_code == 200
    assert "<afterword-chat" in page.text and 'mode="page"' in page.text


def test_conversations_are_listed_searched_shown_renamed_exported(
    browse: Browse, cast: Cast, said: tuple[str, str], card: str
) -> None:
    page = Page(browse(cast.alice))
    conversation, turn = said
    (listed,) = page("GET", "/chat/conversations?q=buys").json["items"]
    assert (listed["id"], listed["title"]) == (conversation, "Who is Jane?")
    assert page("GET", "/chat/conversations?q=nothing").json == {"items": [], "next_cursor": None}
    assert page("GET", "/chat/conversations?cursor=made-up").status_code == 422

    shown = page("GET", f"/chat/conversations/{conversation}").json
    question, answer = shown["messages"]
    assert (question["role"], question["text"], question["client_id"]) == ("user", "Who is Jane?", "k")
    expected = {
        "turn": turn, "state": "done", "route": "semantic", "sentence": "Notes about Jane", "frames": 9,
        "engine": "llama3.1:70b", "usage": {"output_tokens": 5}, "timings": {"total": 12},
    }  # fmt: skip
    assert answer | expected == answer
    assert answer["citations"][0]["quote"] == "Jane buys."
    assert answer["choices"][0]["label"] == "Jane R"
    (action,) = answer["actions"]
    assert (action["id"], action["status"], action["record"]["type"], action["can_undo"]) == (
        card,
        "done",
        "task",
        True,
    )
    assert page("GET", f"/chat/conversations/{conversation}?before={question['id']}").json["messages"] == []

    renamed = page("PATCH", f"/chat/conversations/{conversation}", {"title": " About Jane "})
    assert renamed.json["title"] == "About Jane"
    for body in ({"title": ""}, {"title": "x" * 201}, {}, {"title": "x", "user_id": 1}, []):
        assert page("PATCH", f"/chat/conversations/{conversation}", body).status_code == 422, body

    export = page("GET", f"/chat/conversations/{conversation}/export")
    assert export.mimetype == "text/markdown"
    assert export.headers["Content-Disposition"].startswith("attachment;")
    assert "> Who is Jane?" in export.text and "Call Jane" in export.text
    whole = page("GET", f"/chat/conversations/{conversation}/export?format=json")
    assert [message["role"] for message in whole.json["messages"]] == ["user", "assistant"]
    assert page("GET", f"/chat/conversations/{conversation}/export?format=exe").status_code == 422


def test_deleting_can_be_undone(browse: Browse, cast: Cast, said: tuple[str, str]) -> None:
    page, path = Page(browse(cast.alice)), f"/chat/conversations/{said[0]}"
    assert page("DELETE", path).status_code == 204
    assert page("GET", path).status_code == 404
    assert page("POST", f"{path}/restore").json["id"] == said[0]
    assert page("GET", path).status_code == 200


def test_an_answer_is_rated_and_what_it_did_taken_back(
    browse: Browse, cast: Cast, said: tuple[str, str], card: str, session: TenantSession
) -> None:
    page = Page(browse(cast.alice))
    rated = page("POST", f"/chat/messages/{said[1]}/rating", {"score": -1, "why": "Not Jane"})
    assert rated.json == {"turn": said[1], "rating": -1, "rating_reason": "Not Jane"}
    assert page("POST", f"/chat/messages/{said[1]}/rating", {"score": 5}).status_code == 422
    undone = page("POST", f"/chat/actions/{card}/undo")
    assert undone.json["action"]["status"] == "undone"
    assert session.scalars(select(Task.deleted_at)).one() is not None
    session.commit()
    assert page("POST", f"/chat/actions/{card}/undo").status_code == 200  # twice is harmless


def test_for_everybody_else_nothing_of_it_exists(
    app: Flask, browse: Browse, cast: Cast, said: tuple[str, str], card: str, session: TenantSession
) -> None:
    ids = {"conversations": said[0], "messages": said[1], "actions": card}
    bodies = {"rename": {"title": "Mine"}, "rate": {"score": 1}}
    for user in (cast.mallory, cast.bob):
        page = Page(browse(user))
        assert page("GET", "/chat/conversations?q=Jane").json["items"] == []
        tried = 0
        for rule in app.url_map.iter_rules():
            _, _, view = rule.endpoint.partition("chat.")
            if not view or "<" not in rule.rule:
                continue
            path = rule.rule.replace("<id>", ids[rule.rule.split("/")[2]]).replace("<turn>", said[1])
            for method in (rule.methods or set()) & {"GET", "POST", "PATCH", "DELETE"}:
                tried += 1
                answer = page(method, path, bodies.get(view))
                assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), f"{method} {path}"
                assert "Jane" not in answer.text
        assert tried == 8
    with_mine = session.scalars(select(ChatMessage.rating).where(ChatMessage.role == "assistant")).one()
    assert with_mine is None
    assert session.scalars(select(Task.deleted_at)).one() is None


@pytest.mark.parametrize("id", ["x", "c_" + "x" * 200, "c_%00", "../../etc", "1"])
def test_an_id_that_nothing_has_is_not_found(browse: Browse, cast: Cast, id: str) -> None:
    page = Page(browse(cast.alice))
    for path in (f"/chat/conversations/{id}", f"/chat/conversations/{id}/export"):
        assert page("GET", path).status_code == 404
    assert page("POST", f"/chat/messages/{id}/rating", {"score": 1}).status_code == 404
    assert page("POST", f"/chat/actions/{id}/undo").status_code == 404


# --- Settings


def test_admins_say_how_long_conversations_are_kept(browse: Browse, cast: Cast, session: TenantSession) -> None:
    alice = browse(cast.alice)

    def save(days: str) -> int:
        version = session.scalars(select(Workspace.version).where(Workspace.id == cast.acme)).one()
        session.commit()
        form = {
            "version": version, "name": "Acme", "timezone": "UTC", "locale": "en", "currency": "EUR", "week_start": "0",
            "fiscal_year_start": "1", "chat_retention_days": days,
        }  # fmt: skip
        return alice.post("/settings/workspace", form).status_code

    def kept() -> int | None:
        found = session.scalars(select(Workspace.chat_retention_days).where(Workspace.id == cast.acme)).one()
        session.commit()
        return found

    assert (save("30"), kept()) == (303, 30)
    for wrong in ("-1", "4000", "a month", "1.5"):
        assert (save(wrong), kept()) == (422, 30), wrong
    assert 'value="30"' in alice.get("/settings/workspace").text
    assert (save(""), kept()) == (303, None)
    assert (save("7"), kept()) == (303, 7)
    assert (save("0"), kept()) == (303, None)
    assert browse(cast.bob).post("/settings/workspace", {"chat_retention_days": "1"}).status_code == 403
