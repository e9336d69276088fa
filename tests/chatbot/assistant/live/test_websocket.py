"""The door, the frames and the clock of a socket, with a real client at a real server."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from chatbot.assistant.live import websocket
from chatbot.assistant.live.limits import Buckets
from chatbot.assistant.types import Exchange
from shared import clock
from shared.accounts import logins
from shared.database import Database
from shared.models import ChatConversation, ChatMessage, ChatTicket, Role, User
from shared.tenancy import EVERY_WORKSPACE
from tests import factories
from tests.conftest import Cast

from .conftest import Desk, play, text_of, until

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


# --- Questions and answers


def test_a_question_is_acknowledged_answered_in_numbered_frames_and_kept(
    desk: Desk, cast: Cast, database: Database
) -> None:
    async def scene() -> None:
        async with desk.socket() as tab:
            ready = await tab.hello(desk.ticket(cast.alice))
            assert ready["type"] == "ready"
            assert ready["data"]["models"] == {"chat": None, "extract": None}
            assert ready["data"]["ollama"] == "down"
            ack = await tab.ask("cite something", client_id="first")
            await tab.next("turn.end")
            frames = tab.of(ack["turn"])
            assert ack["data"] == {"client_id": "first", "conv": ack["conv"], "turn": ack["turn"]}
            assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
            types = [frame["type"] for frame in frames]
            assert types == ["turn.start", "status", "route", "sources", "delta", "cite", "delta", "turn.end"]
            assert all(
                frame["v"] == 1 and frame["ts"].endswith("Z") and frame["conv"] == ack["conv"] for frame in frames
            )
            end = frames[-1]["data"]
            assert (end["reason"], end["text"]) == ("done", "They will sign [1] soon.")
            with database.scope(cast.acme, read_only=True) as session:
                question, answer = session.scalars(select(ChatMessage).order_by(ChatMessage.id))
            assert (question.text, question.role, question.client_id) == ("cite something", "user", "first")
            assert (answer.state, answer.text, answer.route) == ("done", "They will sign [1] soon.", "semantic")
            assert (answer.id, answer.frames, answer.engine) == (end["message_id"], len(frames), "scripted")
            assert answer.citations[0]["quote"] == "They will sign."
            assert answer.timings["total"] >= 0

    play(scene)


@on_sqlite
def test_small_bits_are_joined_and_nothing_of_them_is_lost(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            words = " ".join(f"w{n}" for n in range(1200))
            frames = await tab.answer(f"say {words}")
            assert text_of(frames) == words
            assert len([frame for frame in frames if frame["type"] == "delta"]) < 400
            assert text_of(await tab.answer("threads")) == "".join(f"{n}," for n in range(50))
            assert text_of(await tab.answer("whole")) == "There are 3."

    play(scene)


def test_what_people_write_comes_back_as_it_was(desk: Desk, cast: Cast, database: Database) -> None:
    texts = ["🦆" * 50, "שלום עולם", "مرحبا", "'; DROP TABLE deal; --", "{{ 7*7 }} {% raw %}", "</script><b>x"]
    texts += ["a\u202eb", "x" * 8000]

    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            for text in texts:
                frames = await tab.answer(text)
                assert frames[0]["data"]["question"] == text
            assert (await tab.ask("nul\0 here"))["type"] == "ack"
            with database.scope(cast.acme, read_only=True) as session:
                kept = session.scalars(
                    select(ChatMessage.text).where(ChatMessage.role == "user").order_by(ChatMessage.id)
                )
                assert list(kept) == [*texts, "nul here"]

    play(scene)


def test_the_engine_is_told_who_asks_on_which_page_and_after_what(desk: Desk, cast: Cast, database: Database) -> None:
    with database.session(cast.acme) as session:
        company = factories.make_company(session, name="Fernhallow", external_id="erp-7")
    with database.session(cast.globex) as session:
        foreign = factories.make_company(session, name="Secret")

    async def scene() -> None:
        page = {"type": "company", "id": company.id}
        async with desk.tab(cast.bob, page=page, tz="Europe/Berlin") as tab:
            ack = await tab.ask("which one")
            await tab.next("turn.end")
            await tab.answer("cite", conv=ack["conv"], page=None)
            await tab.answer("say so", conv=ack["conv"], page={"type": "company", "id": foreign.id})
        first, second, third = desk.server.assistant.questions  # type: ignore[attr-defined]
        assert (first.asker.user_id, first.asker.workspace_id, first.asker.role) == (cast.bob, cast.acme, Role.MEMBER)
        assert (first.asker.name, str(first.asker.zone)) == ("Bob Baker", "UTC")
        assert (first.page.name, first.page.external_id, second.page, third.page) == ("Fernhallow", "erp-7", None, None)
        assert (first.history, len(second.history), len(third.history)) == ((), 1, 2)
        asked: Exchange = third.history[0]
        assert (asked.question, asked.route, asked.choices[0].record.name) == ("which one", "clarify", "Anna A")  # type: ignore[union-attr]
        assert third.history[1].focus.name == "Acme"
        assert third.conversation == ack["conv"]

    play(scene)


@on_sqlite
def test_what_goes_wrong_inside_is_said_without_telling_secrets(desk: Desk, cast: Cast, database: Database) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            down = await tab.answer("fail")
            bug = await tab.answer("break")
            assert [frame["type"] for frame in down[-2:]] == ["error", "turn.end"]
            assert (down[-2]["data"]["code"], down[-2]["data"]["retryable"]) == ("ollama_down", True)
            assert (down[-1]["data"]["reason"], text_of(down)) == ("error", "It be")
            assert bug[-2]["data"]["code"] == "internal"
            assert "bug" not in bug[-2]["data"]["message"]
            assert (await tab.answer("say still here"))[-1]["data"]["reason"] == "done"
        with database.scope(cast.acme, read_only=True) as session:
            states = session.execute(select(ChatMessage.state, ChatMessage.text).where(ChatMessage.role == "assistant"))
            assert [tuple(row) for row in states] == [("error", "It be"), ("error", ""), ("done", "still here")]

    play(scene)


# --- The door


@on_sqlite
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:5001", "http://localhost:5000.evil.example"]
)
def test_pages_of_other_sites_are_refused_before_the_handshake(desk: Desk, cast: Cast, origin: str) -> None:
    async def scene() -> None:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(desk.server.ws, origin=origin):  # type: ignore[arg-type]
                pass
        assert refused.value.response.status_code == 403

    play(scene)


@on_sqlite
@pytest.mark.parametrize("origin", [None, "http://localhost:5000", "http://127.0.0.1:5000"])
def test_the_crms_own_pages_and_scripts_are_let_in(desk: Desk, cast: Cast, origin: str | None) -> None:
    async def scene() -> None:
        async with desk.socket(origin=origin) as tab:
            assert (await tab.hello(desk.ticket(cast.vera)))["type"] == "ready"

    play(scene)


def test_a_ticket_works_once_in_its_minute_for_its_login(desk: Desk, cast: Cast, database: Database) -> None:
    def spoil(ticket: str, what: str) -> str:
        with database.scope(EVERY_WORKSPACE) as session:
            if what == "late":
                session.execute(update(ChatTicket).values(expires_at=clock.wall() - timedelta(seconds=1)))
            if what == "deactivated":
                session.execute(update(User).where(User.id == cast.bob).values(is_active=False))
        return ticket

    async def scene() -> None:
        used = desk.ticket(cast.alice)
        async with desk.tab(cast.alice, ticket=used):
            pass
        login = desk.login(cast.alice)
        of_ended_login = desk.ticket(cast.alice, login)
        with database.scope(EVERY_WORKSPACE) as session:
            logins.sign_out(session, login)
        late = spoil(desk.ticket(cast.alice), "late")
        deactivated = spoil(desk.ticket(cast.bob), "deactivated")
        for ticket in (used, of_ended_login, late, deactivated, "awt_made_up", "", "x" * 200):
            async with desk.socket() as tab:
                error = await tab.hello(ticket)
                assert (error["type"], error["data"]["code"]) == ("error", "unauthorized"), ticket
                assert await tab.closed() == 4401

    play(scene)


@on_sqlite
def test_only_hello_comes_first_and_it_comes_soon(desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "HELLO_WITHIN_S", 0.3)

    async def scene() -> None:
        async with desk.socket() as tab:
            await tab.send("ask", client_id="x", text="Let me in")
            assert (await tab.next())["data"]["code"] == "unauthorized"
            assert await tab.closed() == 4401
        async with desk.socket() as tab:
            assert await tab.closed() == 4408

    play(scene)


def test_another_tenant_and_a_colleague_reach_nothing(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as alice:
            ack = await alice.ask("until stopped")
            for stranger in (cast.mallory, cast.bob):
                async with desk.tab(stranger, last=[{"turn": ack["turn"], "seq": 0}]) as tab:
                    await tab.send("resume", turn=ack["turn"], after_seq=0)
                    assert (await tab.next())["data"]["code"] == "not_found"
                    await tab.send("stop", turn=ack["turn"])
                    assert (await tab.next())["data"]["code"] == "not_found"
                    await tab.send("rate", turn=ack["turn"], score=-1)
                    assert (await tab.next())["data"]["code"] == "not_found"
                    assert (await tab.ask("say hello", conv=ack["conv"]))["data"]["code"] == "not_found"
                    assert not tab.of(ack["turn"])
            await alice.send("stop", turn=ack["turn"])
            assert (await alice.next("turn.end"))["data"]["reason"] == "stopped"

    play(scene)


def test_signing_out_deactivation_and_a_new_role_count_at_once(desk: Desk, cast: Cast, database: Database) -> None:
    def change(user_id: int, **values: Any) -> None:
        with database.scope(EVERY_WORKSPACE) as session:
            session.execute(update(User).where(User.id == user_id).values(**values))

    async def scene() -> None:
        login = desk.login(cast.alice)
        async with desk.tab(cast.alice, ticket=desk.ticket(cast.alice, login)) as alice, desk.tab(cast.bob) as bob:
            await bob.answer("say one")
            change(cast.bob, role=Role.VIEWER)
            await bob.answer("say two")
            roles = [question.asker.role for question in desk.server.assistant.questions]  # type: ignore[attr-defined]
            assert roles == [Role.MEMBER, Role.VIEWER]
            change(cast.bob, is_active=False)
            assert (await bob.ask("say three"))["data"]["code"] == "unauthorized"
            assert await bob.closed() == 4401
            with database.scope(EVERY_WORKSPACE) as session:
                logins.sign_out(session, login)
            assert await alice.closed() == 4401  # without having asked for anything

    play(scene)


# --- Frames that cannot be followed

BAD: list[str | bytes] = [
    "hello", "[]", "null", "7", '{"v":1}', '{"v":2,"type":"ping"}', '{"v":true,"type":"ping"}', '{"type":"ping"}',
    '{"v":1,"type":"unknown"}', '{"v":1,"type":7}', '{"v":1,"type":"ask","data":[]}', '{"v":1,"type":"ask","data":{}}',
    '{"v":1,"type":"ask","data":{"client_id":"a b","text":"x"}}',
    '{"v":1,"type":"ask","data":{"client_id":"a","text":"  "}}',
    '{"v":1,"type":"resume","data":{"turn":"t_x","after_seq":-1}}', '{"v":1,"type":"stop","data":{"turn":"../x"}}',
    '{"v":1,"type":"rate","data":{"turn":"t_x","score":5}}', '{"v":1,"type":"hello","data":{"ticket":"x"}}',
    "[" * 60_000, b"\x00\x01",
]  # fmt: skip


@on_sqlite
def test_nonsense_is_refused_and_the_socket_goes_on_until_it_is_too_much(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            for frame in BAD:
                await tab.socket.send(frame)
                error = await tab.next()
                assert (error["type"], error["data"]["code"]) == ("error", "bad_frame"), frame[:80]
                assert (error["seq"], error["data"]["retryable"]) == (None, False)
            await tab.send("ping", n=5)
            assert (await tab.next())["data"] == {"n": 5}
            await tab.socket.send("once more")
            assert await tab.closed() == 4400

    play(scene)


@on_sqlite
def test_sizes_have_limits(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            error = await tab.ask("x" * 8001, client_id="long")
            assert (error["data"]["code"], error["data"]["client_id"]) == ("too_long", "long")
            frame = {"v": 1, "type": "ask", "data": {"client_id": "a", "text": ""}}
            frame["data"]["text"] = "x" * (64 * 1024 - len(json.dumps(frame)))  # type: ignore[index]
            await tab.socket.send(json.dumps(frame))
            assert (await tab.next())["data"]["code"] == "too_long"
            await tab.socket.send(json.dumps(frame) + " ")
            assert await tab.closed() == 1009

    play(scene)


@on_sqlite
def test_a_flood_of_questions_is_slowed_down_and_one_of_frames_cut_off(desk: Desk, cast: Cast) -> None:
    handling = desk.server.app.state.live.handling
    handling._asks, handling._frames = Buckets(burst=5, per_s=1), Buckets(burst=60, per_s=1)

    async def scene() -> None:
        async with desk.tab(cast.alice) as tab, desk.tab(cast.bob) as bob:
            for n in range(10):
                await tab.send("ask", client_id=f"flood-{n}", text="say x")
            while (error := await tab.next("error"))["data"]["code"] != "rate_limited":
                pass
            assert error["data"]["retry_after_ms"] > 0
            assert (await bob.answer("say hello"))[-1]["data"]["reason"] == "done"
            for n in range(60):
                await tab.send("ping", n=n)
            assert await tab.closed() == 4429

    play(scene)


# --- The clock


@on_sqlite
def test_silence_is_filled_with_beats_also_while_a_model_loads(
    desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "BEAT_AFTER_S", 0.2)

    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            assert (await tab.next())["type"] == "beat"
            await tab.ask("silent 1.5")
            await tab.next("turn.end")
            beats = [frame for frame in tab.frames[4:] if frame["type"] == "beat"]
            assert len(beats) >= 2
            assert all(frame["seq"] is None for frame in beats)

    play(scene)


@on_sqlite
def test_a_client_that_says_nothing_is_dropped_and_one_that_pings_is_kept(
    desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "SILENT_AFTER_S", 0.9)

    async def scene() -> None:
        async with desk.tab(cast.alice) as quiet, desk.tab(cast.alice) as alive:
            started = time.monotonic()
            while time.monotonic() - started < 1.8:
                await alive.send("ping", n=1)
                await alive.next("pong")
                await asyncio.sleep(0.2)
            assert await quiet.closed() == 4408

    play(scene)


def test_tabs_come_and_go_and_leave_nothing_behind(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        ack: Any = None
        async with desk.tab(cast.alice) as first:
            ack = await first.ask("say hello")
            await first.next("turn.end")
            for _ in range(20):
                async with desk.tab(cast.alice, last=[{"turn": ack["turn"], "seq": 0}]) as tab:
                    await tab.next("turn.end")
        await until(lambda: not desk.server.hub.channels)
        assert not desk.server.hub._turns[ack["turn"]].followers

    play(scene)


def test_each_workspace_keeps_its_own_conversations(desk: Desk, cast: Cast, database: Database) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as alice, desk.tab(cast.mallory) as mallory:
            await alice.answer("say a")
            await mallory.answer("say b")
        for workspace, user in ((cast.acme, cast.alice), (cast.globex, cast.mallory)):
            with database.scope(workspace, read_only=True) as session:
                (own,) = session.scalars(select(ChatConversation))
                assert own.user_id == user

    play(scene)
