"""The same frames without a websocket, and the blocking turn that the CRM asks for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from chatbot.assistant.live import http as live_http
from shared.accounts import logins
from shared.chat import internal
from shared.database import Database
from shared.models import ChatMessage, TurnState
from shared.tenancy import EVERY_WORKSPACE
from tests.conftest import Cast

from .conftest import Desk, Frame, play, text_of, until

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


class Caller:
    """A page behind a proxy that breaks websockets."""

    def __init__(self, desk: Desk, client: httpx.AsyncClient) -> None:
        self.desk, self.client, self.session = desk, client, ""

    async def frames(self, type: str, **data: Any) -> tuple[int, list[Frame]]:
        answer = await self.client.post("/chat/frames", json={"v": 1, "type": type, "data": data}, headers=self.proof())
        return answer.status_code, answer.json()["frames"]

    async def hello(self, ticket: str) -> Frame:
        _, (frame,) = await self.frames("hello", ticket=ticket)
        self.session = frame["data"].get("session", "")
        return frame

    def proof(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.session}"} if self.session else {}

    async def events(
        self, turn: str, after: int | None = None, *, at_most: int = 10_000
    ) -> list[tuple[str | None, Frame]]:
        """(id, frame) of a turn's events, until the stream ends."""
        found: list[tuple[str | None, Frame]] = []
        headers = self.proof() | ({} if after is None else {"Last-Event-ID": str(after)})
        async with self.client.stream("GET", f"/chat/turns/{turn}/events", headers=headers) as answer:
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            id = None
            async for line in answer.aiter_lines():
                if line.startswith("id: "):
                    id = line[4:]
                if line.startswith("data: "):
                    found.append((id, json.loads(line[6:])))
                    id = None
                if len(found) >= at_most:
                    break
        return found


def calling(desk: Desk) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=desk.server.http, trust_env=False, timeout=10)


def test_a_turn_can_be_asked_followed_resumed_stopped_and_rated_over_http(
    desk: Desk, cast: Cast, database: Database
) -> None:
    async def scene() -> None:
        async with calling(desk) as client:
            page = Caller(desk, client)
            ready = await page.hello(desk.ticket(cast.alice))
            assert ready["type"] == "ready"
            status, (ack,) = await page.frames("ask", client_id="one", text="slow 20")
            assert (status, ack["type"]) == (200, "ack")
            first = await page.events(ack["turn"], at_most=5)
            rest = await page.events(ack["turn"], after=first[-1][1]["seq"])
            frames = [frame for _, frame in [*first, *rest]]
            assert [id for id, _ in [*first, *rest]] == [str(n) for n in range(1, len(frames) + 1)]
            assert text_of(frames) == " ".join(f"word{n}" for n in range(20))
            assert frames[-1]["type"] == "turn.end"
            over = {**page.proof(), "Last-Event-ID": str(frames[-1]["seq"])}
            assert (await client.get(f"/chat/turns/{ack['turn']}/events", headers=over)).status_code == 204

            _, (endless,) = await page.frames("ask", client_id="two", text="until stopped")
            following = asyncio.create_task(page.events(endless["turn"]))
            await asyncio.sleep(0.2)
            assert await page.frames("stop", turn=endless["turn"]) == (200, [])
            assert (await following)[-1][1]["data"]["reason"] == "stopped"
            assert await page.frames("rate", turn=ack["turn"], score=1) == (200, [])
            assert (await page.frames("ping", n=3))[1][0]["data"] == {"n": 3}
        with database.scope(cast.acme, read_only=True) as session:
            rated = select(ChatMessage.rating).where(ChatMessage.turn == ack["turn"], ChatMessage.role == "assistant")
            assert session.scalar(rated) == 1

    play(scene)


def test_over_http_too_only_the_owner_gets_in_and_only_while_signed_in(
    desk: Desk, cast: Cast, database: Database
) -> None:
    async def scene() -> None:
        async with calling(desk) as client:
            alice, mallory, bob = (Caller(desk, client) for _ in range(3))
            login = desk.login(cast.alice)
            await alice.hello(desk.ticket(cast.alice, login))
            _, (ack,) = await alice.frames("ask", client_id="one", text="until stopped")
            await mallory.hello(desk.ticket(cast.mallory))
            await bob.hello(desk.ticket(cast.bob))
            path = f"/chat/turns/{ack['turn']}/events"
            for stranger in (mallory, bob):
                assert (await client.get(path, headers=stranger.proof())).status_code == 404
                assert (await stranger.frames("stop", turn=ack["turn"]))[0] == 404
                status, (error,) = await stranger.frames("ask", client_id="x", text="hi", conv=ack["conv"])
                assert (status, error["data"]["code"]) == (404, "not_found")
            for proof in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
                assert (await client.get(path, headers=proof)).status_code == 401
                answer = await client.post("/chat/frames", json={"v": 1, "type": "ping"}, headers=proof)
                assert (answer.status_code, answer.json()["frames"][0]["data"]["code"]) == (401, "unauthorized")
            ticket = {"Authorization": f"Bearer {desk.ticket(cast.alice, login)}"}
            async with client.stream("GET", path, headers=ticket) as followed:
                assert followed.status_code == 200
                assert (await client.get(path, headers=ticket)).status_code == 401  # a ticket, once
                with database.scope(EVERY_WORKSPACE) as session:
                    logins.sign_out(session, login)
                async for _ in followed.aiter_lines():
                    pass  # ends, although the turn goes on
            assert (await alice.frames("stop", turn=ack["turn"]))[0] == 401
            assert (await Caller(desk, client).hello("awt_made_up"))["data"]["code"] == "unauthorized"

    play(scene)


@on_sqlite
def test_requests_that_make_no_sense_are_refused(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        async with calling(desk) as client:
            page = Caller(desk, client)
            await page.hello(desk.ticket(cast.alice))
            post = lambda body: client.post("/chat/frames", content=body, headers=page.proof())  # noqa: E731
            for body in (b"", b"[]", b"{", b'{"v":1,"type":"resume","data":{"turn":"t_x"}}'):
                assert (await post(body)).status_code == 400, body
            assert (await post(b"\xff")).status_code == 422
            assert (await post(b"x" * 65_537)).status_code == 413
            assert (await page.frames("ask", client_id="a", text="x" * 8001))[0] == 413
            busy = [await page.frames("ask", client_id=f"c{n}", text="until stopped") for n in range(1)]
            conv = busy[0][1][0]["conv"]
            assert (await page.frames("ask", client_id="d", text="again", conv=conv))[0] == 409
            for name in ("id", "type"):  # a bool is no number, a number is no type
                status, (fault,) = await page.frames("ask", client_id="e", text="x", page={"type": "deal", name: True})
                assert (status, fault["data"]["code"]) == (400, "bad_frame") and f"page.{name}" in str(fault["data"])
            for number in (2**31, 2**63, 10**400):
                status, (fault,) = await page.frames(
                    "ask", client_id="f", text="x", page={"type": "deal", "id": number}
                )
                assert status == 400 and "page.id" in fault["data"]["message"]
            assert (await page.frames("rate", turn=busy[0][1][0]["turn"], score=True))[0] == 400
            assert (await page.frames("ping", n=True))[0] == (await page.frames("ping", n=2**70))[0] == 400
            odd = {**page.proof(), "Last-Event-ID": "-7; DROP"}
            async with client.stream("GET", f"/chat/turns/{busy[0][1][0]['turn']}/events", headers=odd) as answer:
                assert answer.status_code == 200
            assert (await client.get("/chat/turns/t_never/events", headers=page.proof())).status_code == 404

    play(scene)


@on_sqlite
def test_only_the_crms_pages_may_read_the_answers(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        async with calling(desk) as client:
            asks = {
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type",
            }
            own = await client.options("/chat/frames", headers={"Origin": "http://localhost:5000", **asks})
            assert own.headers["Access-Control-Allow-Origin"] == "http://localhost:5000"
            other = await client.options("/chat/frames", headers={"Origin": "https://evil.example", **asks})
            assert "Access-Control-Allow-Origin" not in other.headers

    play(scene)


@on_sqlite
def test_a_stream_beats_in_silence_and_tells_what_is_gone(
    desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_http, "BEAT_AFTER_S", 0.1)

    async def scene() -> None:
        async with calling(desk) as client:
            page = Caller(desk, client)
            await page.hello(desk.ticket(cast.alice))
            _, (ack,) = await page.frames("ask", client_id="one", text="silent 0.5")
            events = await page.events(ack["turn"])
            assert (None, "beat") in [(id, frame["type"]) for id, frame in events]
            desk.server.hub._turns.clear()
            ((id, frame),) = await page.events(ack["turn"])
            assert (id, frame["type"], frame["data"]["conv"]) == (None, "resync", ack["conv"])

    play(scene)


# --- For the CRM


def test_one_whole_turn_is_answered_for_the_user_whom_the_crm_names(desk: Desk, cast: Cast, database: Database) -> None:
    key = desk.server.settings.effective_secret_key

    def statement(user_id: int, workspace_id: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {internal.token(key, workspace_id=workspace_id, user_id=user_id)}"}

    async def scene() -> None:
        async with calling(desk) as client:
            alice = statement(cast.alice, cast.acme)

            async def ask(text: str, headers: dict[str, str] = alice, **body: Any) -> httpx.Response:
                return await client.post("/internal/ask", json={"text": text, **body}, headers=headers)

            table = (await ask("table")).json()
            assert {name: table[name] for name in ("route", "answer", "rows", "citations", "engine")} == {
                "route": "structured",
                "answer": "One deal.",
                "rows": [{"type": "deal", "id": 1, "external_id": "d-1", "name": "Acme", "value": 5}],
                "citations": [],
                "engine": "rules",
            }
            assert table["plan"]["from"] == "deal"
            whole = (await ask("whole", conversation_id=table["conversation_id"])).json()
            assert (whole["value"], whole["conversation_id"]) == (3, table["conversation_id"])
            cited = (await ask("cite")).json()["citations"][0]
            assert (cited["n"], cited["external_id"], cited["quote"]) == (1, "n-7", "They will sign.")
            assert (await ask("which")).json()["choices"][0] == {"label": "Anna A", "question": "deals of Anna A"}

            once = [await ask("say once", {**alice, "Idempotency-Key": "k"}) for _ in range(2)]
            assert once[0].json() == once[1].json()
            down = await ask("fail")
            assert (down.status_code, down.json()["detail"][:6]) == (503, "Ollama")
            late = await ask("until stopped", {**alice, "Time-Limit": "0.3"})
            assert (late.status_code, late.headers["Content-Type"]) == (503, "application/problem+json")
            await until(lambda: answers(database)[-1] is TurnState.STOPPED)

            for headers in ({}, statement(cast.alice, cast.globex), {"Authorization": "Bearer x"}):
                assert (await ask("say x", headers)).status_code == 401
            mallory = statement(cast.mallory, cast.globex)
            assert (await ask("say x", mallory, conversation_id=table["conversation_id"])).status_code == 404
            for body in ({"text": ""}, {"text": "\0"}, {"text": "x" * 8001}, {"text": 7}, {}, {"text": "x", "more": 1}):
                answer = await client.post("/internal/ask", json=body, headers=alice)
                assert (answer.status_code, answer.json()["errors"][0]["path"] in ("text", "more")) == (422, True), body

    play(scene)


def answers(database: Database) -> list[TurnState]:
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        states = select(ChatMessage.state).where(ChatMessage.role == "assistant").order_by(ChatMessage.id)
        return list(session.scalars(states))


@on_sqlite
def test_a_statement_is_good_for_a_minute(desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    key = desk.server.settings.effective_secret_key
    token = internal.token(key, workspace_id=cast.acme, user_id=cast.alice)
    assert internal.read(key, f"Bearer {token}") == internal.Caller(cast.acme, cast.alice)
    assert internal.read(key + "x", f"Bearer {token}") is None
    monkeypatch.setattr(internal, "LIFETIME_S", -1)
    assert internal.read(key, f"Bearer {token}") is None
