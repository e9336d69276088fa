"""Who gets in at each address of the chatbot: the table is held against the application, so none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import update

from shared.chat import internal, tickets
from shared.chat.tickets import Holder
from shared.chat.turns import Asked, begin
from shared.config import Settings
from shared.database import Database
from shared.models import Role, User
from shared.tenancy import EVERY_WORKSPACE
from tests import factories
from tests.conftest import Cast
from tests.fakes.chatbot import Server, with_free_port

ASK = {"text": "How many companies?"}
PING = {"v": 1, "type": "ping", "data": {"n": 1}}
#: Address → (who gets in, a body that makes sense).
ACCESS: dict[tuple[str, str], tuple[str, Any]] = {
    ("GET", "/healthz"): ("anybody", None),
    ("GET", "/readyz"): ("anybody", None),
    ("GET", "/ws/chat"): ("ticket", None),  # `live/test_websocket.py` knocks at this door
    ("POST", "/chat/frames"): ("session", PING),
    ("GET", "/chat/turns/{turn}/events"): ("session", None),
    ("POST", "/internal/ask"): ("user", ASK),
    ("POST", "/internal/search"): ("user", {"q": "Fernhallow"}),
    ("GET", "/internal/models"): ("admin", None),
    ("POST", "/internal/models/pull"): ("admin", {"name": "no model has this name", "follow": False}),
    ("POST", "/internal/models/pull/cancel"): ("admin", None),
    ("POST", "/internal/models/test"): ("admin", {"role": "chat"}),
    ("POST", "/internal/models/warm"): ("admin", {"role": "chat"}),
    ("POST", "/internal/models/delete"): ("admin", {"name": "no model has this name"}),
}
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
CLOSED = {address: told for address, told in ACCESS.items() if told[0] not in ("anybody", "ticket")}


@pytest.fixture
def server(database: Database, settings: Settings) -> Iterator[Server]:
    """The service as it is started, its own assistant included."""
    running = Server(with_free_port(settings))
    yield running
    running.stop()


class Door:
    """Knocks at every closed address with one `Authorization`."""

    def __init__(self, server: Server) -> None:
        self.server, self.key = server, server.settings.effective_secret_key

    def knock(self, authorization: str | None, *, turn: str = "t_x") -> dict[str, int]:
        """Address → status."""
        headers = {} if authorization is None else {"Authorization": authorization}
        with httpx.Client(base_url=self.server.http, trust_env=False, timeout=20, headers=headers) as client:
            return {
                f"{method} {path}": client.request(method, path.replace("{turn}", turn), json=body).status_code
                for (method, path), (_, body) in CLOSED.items()
            }

    def statement(self, workspace: int, user: int) -> str:
        return "Bearer " + internal.token(self.key, workspace_id=workspace, user_id=user)

    def session(self, workspace: int, user: int) -> str:
        return "Bearer " + tickets.session_token(self.key, Holder(workspace, user))


@pytest.fixture
def door(server: Server) -> Door:
    return Door(server)


@on_sqlite
def test_the_table_names_every_address(server: Server) -> None:
    there = {
        (method, context.route.path)
        for context in iter_route_contexts(server.app.router.routes)
        for method in getattr(context.route, "methods", None) or {"GET"}
    }
    assert there == set(ACCESS)


@on_sqlite
def test_who_shows_nothing_or_something_made_up_gets_in_nowhere(door: Door, cast: Cast) -> None:
    forged = "Bearer " + internal.token("another key, long enough to sign with", workspace_id=1, user_id=cast.alice)
    for shown in (None, "", "Bearer", "Bearer x", "Basic YWxpY2U6eA==", forged, "Bearer " + "x" * 6000):
        assert set(door.knock(shown).values()) == {401}, shown


@on_sqlite
def test_each_paper_opens_its_own_doors_alone(door: Door, cast: Cast) -> None:
    kinds = {f"{method} {path}": kind for (method, path), (kind, _) in CLOSED.items()}

    def opened(statuses: dict[str, int]) -> set[str]:
        return {kinds[address] for address, status in statuses.items() if status not in (401, 403)}

    assert opened(door.knock(door.session(cast.acme, cast.alice))) == {"session"}
    assert opened(door.knock(door.statement(cast.acme, cast.alice))) == {"user", "admin"}
    assert opened(door.knock(door.statement(cast.acme, cast.vera))) == {"user"}
    for workspace, user in ((cast.globex, cast.alice), (cast.acme, cast.mallory), (999, cast.alice), (cast.acme, 999)):
        assert opened(door.knock(door.statement(workspace, user))) == set()
        assert opened(door.knock(door.session(workspace, user))) == set()


def test_who_was_deactivated_or_lost_the_role_is_out_although_the_paper_is_good(
    door: Door, cast: Cast, database: Database
) -> None:
    papers = door.statement(cast.acme, cast.alice), door.session(cast.acme, cast.alice)

    def change(**values: Any) -> None:
        with database.scope(EVERY_WORKSPACE) as session:
            session.execute(update(User).where(User.id == cast.alice).values(**values))

    change(role=Role.MEMBER)
    assert {s for a, s in door.knock(papers[0]).items() if "models" in a} == {403}
    change(is_active=False)
    for paper in papers:
        assert set(door.knock(paper).values()) <= {401, 403}


def test_another_tenant_finds_nothing_at_any_address(door: Door, cast: Cast, database: Database) -> None:
    with database.scope(cast.acme) as session:
        factories.make_company(session, name="Fernhallow")
        begun = begin(session, cast.alice, Asked("Who is Fernhallow?", "c1", None, None), turn="t_alices")
        conversation = begun.conversation.public_id
    mallory = door.statement(cast.globex, cast.mallory)
    assert door.knock(door.session(cast.globex, cast.mallory), turn="t_alices")["GET /chat/turns/{turn}/events"] == 404
    with httpx.Client(base_url=door.server.http, trust_env=False, headers={"Authorization": mallory}) as client:
        assert client.post("/internal/ask", json={**ASK, "conversation_id": conversation}).status_code == 404
        assert client.post("/internal/search", json={"q": "Fernhallow"}).json()["items"] == []
        for question in ("Who is Fernhallow?", "How many companies do we have?", "Ask Fernhallow about prices"):
            told = client.post("/internal/ask", json={"text": question, "page": {"type": "company", "id": 1}}).json()
            assert (told.get("rows", []), told.get("value") or 0) == ([], 0), told
            assert not any(citation["id"] for citation in told["citations"]), told
