"""`POST /internal/search`: for the CRM, on behalf of a user it names, within that user's workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from chatbot.retrieval import http
from chatbot.retrieval.rag_engine import Retriever
from chatbot.web import _problem
from shared.chat import internal
from shared.config import Settings
from shared.database import Database
from shared.errors import AppError
from shared.models import User
from shared.tenancy import TenantSession
from tests.conftest import Cast

Search = Callable[..., Any]


@pytest.fixture
def search(settings: Settings, database: Database, retriever: Retriever, cast: Cast) -> Search:
    """Asks as Alice, unless told otherwise."""
    app = FastAPI()
    app.add_exception_handler(AppError, _problem)
    app.include_router(http.router(settings, database, retriever))

    async def post(body: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chatbot") as client:
            return await client.post("/internal/search", json=body, headers=headers)

    def ask(q: str, *, workspace: int = cast.acme, user: int = cast.alice, key: str = "", **more: Any) -> Any:
        signed = internal.token(key or settings.effective_secret_key, workspace_id=workspace, user_id=user)
        return asyncio.run(post({"q": q, **more}, {"Authorization": f"Bearer {signed}"}))

    return ask


def test_records_are_found_once_each_with_the_sentence(
    session: TenantSession, write: Any, indexed: Any, search: Search
) -> None:
    note = write("note", body="Hello there. They find our price too high. Bye now.")
    indexed(session)
    reply = search("expensive", limit=5)
    assert reply.status_code == 200, reply.text
    assert reply.json()["mode"] == "hybrid"
    (item,) = reply.json()["items"]
    assert (item["type"], item["id"], item["score"]) == ("note", note.id, 1.0)
    assert set(item) == {"type", "id", "title", "snippet", "score"}
    assert search("price", types=["task"]).json()["items"] == []


def test_another_tenant_finds_nothing(
    session: TenantSession, write: Any, indexed: Any, search: Search, cast: Cast
) -> None:
    write("note", body="Our price.")
    indexed(session)
    assert search("price", workspace=cast.globex, user=cast.mallory).json()["items"] == []


def test_who_is_not_vouched_for_is_refused(session: TenantSession, search: Search, cast: Cast) -> None:
    assert search("price", key="somebody else's key, long enough too").status_code == 401
    assert search("price", user=cast.mallory).status_code == 403  # of another workspace
    session.get_one(User, cast.alice).is_active = False
    session.commit()
    assert search("price").status_code == 403


@pytest.mark.parametrize("body", [{"q": ""}, {"q": "x" * 401}, {"q": "x", "limit": 0}, {"q": "x", "types": ["user"]}])
def test_bad_questions_are_422(search: Search, body: dict[str, Any]) -> None:
    assert search(**body).status_code == 422
