"""Turns belong to the server: cut, followed, stopped, orphaned, and never lost."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import Any

import pytest
from sqlalchemy import select, update

from chatbot.assistant.live import hub, websocket
from chatbot.assistant.live.store import Opened, Store
from shared.chat import conversations
from shared.chat.tickets import Holder
from shared.chat.turns import Asked
from shared.config import Settings
from shared.database import Database
from shared.models import ActionState, ChatAction, ChatConversation, ChatMessage, Note, Task, TurnState, User
from shared.review import actions
from shared.tenancy import EVERY_WORKSPACE
from tests import factories
from tests.conftest import Cast
from tests.fakes.assistant import ScriptedAssistant

from .conftest import Desk, Frame, Server, play, text_of, until

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def answer_of(database: Database, turn: str) -> ChatMessage:
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        return session.scalars(
            select(ChatMessage).where(ChatMessage.turn == turn, ChatMessage.role == "assistant")
        ).one()


@on_sqlite
def test_a_question_sent_again_while_it_is_being_stored_is_the_same_turn(
    database: Database, settings: Settings, cast: Cast
) -> None:
    class Late(Store):
        """The question is in the database, and whoever asked it has not heard so before it is asked again."""

        stored, asked_again = asyncio.Event(), asyncio.Event()

        async def begin(self, holder: Holder, asked: Asked, *, turn: str) -> Opened:
            opened = await super().begin(holder, asked, turn=turn)
            (self.stored if opened.question is not None else self.asked_again).set()
            await self.asked_again.wait()
            return opened

    async def scene() -> None:
        store = Late(settings, database)
        live, holder, asked = hub.Hub(store, ScriptedAssistant()), Holder(cast.acme, cast.alice), Asked("hello", "once")
        first = asyncio.create_task(live.ask(holder, asked))
        await store.stored.wait()
        _, again = await live.ask(holder, asked)
        _, turn = await first
        assert turn is not None and again is turn
        await turn.saved.wait()
        await live.close()
        store.close()

    play(scene)


# --- Cuts


@on_sqlite
def test_a_socket_cut_twenty_times_during_one_answer_brings_it_whole(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        frames: list[Frame] = []
        async with desk.tab(cast.alice) as tab:
            turn = (await tab.ask("slow 100"))["turn"]
            frames += [await tab.next(), await tab.next()]
            frames = [frame for frame in frames if frame["seq"]]
        for cut in range(20):
            last = frames[-1]["seq"] if frames else 0
            async with desk.tab(cast.alice, last=[{"turn": turn, "seq": last}]) as tab:
                frames.append(await tab.next())
                tab.socket.transport.abort() if cut % 2 else None  # a cable pulled, a tab closed
        async with desk.tab(cast.alice, last=[{"turn": turn, "seq": frames[-1]["seq"]}]) as tab:
            await tab.next("turn.end")
            frames += tab.of(turn)
        assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
        assert text_of(frames) == " ".join(f"word{n}" for n in range(100))

    play(scene)


@on_sqlite
def test_resuming_replays_from_where_it_was_asked_to_and_knows_what_is_gone(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            whole = await tab.answer("say one two three")
            turn, conv = whole[0]["turn"], whole[0]["conv"]
            tab.frames.clear()
            await tab.send("resume", turn=turn, after_seq=2)
            await tab.next("turn.end")
            assert tab.of(turn) == whole[2:]
            await tab.send("resume", turn=turn, after_seq=9_999)  # from the future: nothing to replay
            await tab.send("resume", turn="t_never")
            assert (await tab.next())["data"]["code"] == "not_found"
            desk.server.hub._turns[turn].ended_at = time.monotonic() - 3600
            await until(lambda: turn not in desk.server.hub._turns)
            await tab.send("resume", turn=turn, after_seq=0)
            gone = await tab.next()
            assert (gone["type"], gone["seq"]) == ("resync", None)
            assert gone["data"] == {"turn": turn, "conv": conv, "href": f"/chat/conversations/{conv}"}

    play(scene)


@on_sqlite
def test_what_a_slow_reader_missed_beyond_the_buffer_is_loaded_anew(
    desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.assistant.live.turn.MAX_BUFFER_BYTES", 2_000)

    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            ack = await tab.ask("say " + "word " * 500)
            turn = desk.server.hub._turns[ack["turn"]]
            await until(turn.ended.is_set)
            assert turn.bytes <= 2_000
            await tab.send("ping", n=1)
            await tab.next("pong")
            await tab.send("resume", turn=turn.id, after_seq=1)
            await tab.next("resync")
            await tab.send("resume", turn=turn.id, after_seq=turn.last_seq - 1)
            assert (await tab.next())["type"] == "turn.end"

    play(scene)


@on_sqlite
def test_a_client_that_reads_nothing_is_closed_and_harms_nobody(
    desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "STUCK_AFTER_S", 0.5)
    monkeypatch.setattr(ScriptedAssistant, "_say", flood)

    async def scene() -> None:
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.connect(("127.0.0.1", desk.server.settings.chatbot_port))
        narrow.setblocking(False)
        async with (
            desk.socket(sock=narrow, max_queue=1, ping_interval=None, close_timeout=0.1) as stuck,
            desk.tab(cast.bob) as bob,
        ):
            await stuck.hello(desk.ticket(cast.alice))
            acks = [await stuck.ask(f"say {n}") for n in range(2)]
            for n in range(12):  # from now on it only speaks
                await stuck.send("ask", client_id=f"more-{n}", text="say more")
            started = time.monotonic()
            assert text_of(await bob.answer("whole")) == "There are 3."
            assert time.monotonic() - started < 1
            await until(lambda: len(desk.server.hub.channels) == 1, within_s=15)
        async with desk.tab(cast.alice, last=[{"turn": acks[0]["turn"], "seq": 0}]) as again:
            await again.next("turn.end")
            assert len(text_of(again.of(acks[0]["turn"]))) == 900_000

    play(scene)


async def flood(self: ScriptedAssistant, rest: str, sink: Any) -> Any:
    """900 KB at once."""
    from chatbot.assistant.types import Outcome

    for _ in range(90):
        sink.delta("x" * 10_000)
    await asyncio.sleep(0)
    return Outcome(route="semantic", text="x" * 900_000)


# --- Several tabs


@on_sqlite
def test_tabs_of_one_conversation_see_the_same_turns(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as one, desk.tab(cast.alice) as two, desk.tab(cast.alice) as other:
            first = await one.ask("slow 5")
            await two.send("resume", turn=first["turn"], after_seq=0)
            for tab in (one, two):
                await tab.next("turn.end")
            second = await two.ask("say from the second", conv=first["conv"])
            for tab in (one, two):
                await tab.next("turn.end")
            for turn in (first["turn"], second["turn"]):
                assert one.of(turn) == two.of(turn)
            told = [frame["type"] for frame in two.frames if frame["turn"] == second["turn"]]
            assert told[:2] == ["ack", "turn.start"]
            await other.send("ping", n=1)
            assert [frame["type"] for frame in [await other.next()]] == ["pong"]

    play(scene)


def test_one_question_at_a_time_and_asking_twice_is_asking_once(desk: Desk, cast: Cast, database: Database) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as one, desk.tab(cast.alice) as two:
            first = await one.ask("until stopped", client_id="same")
            again = await two.ask("until stopped", client_id="same")
            assert again["data"] == first["data"]
            busy = await two.ask("say more", conv=first["conv"], client_id="other")
            assert busy["data"] | {"message": ""} == {
                "code": "busy_turn", "message": "", "retryable": True, "turn": first["turn"], "client_id": "other",
            }  # fmt: skip
            assert (await two.answer("say elsewhere"))[-1]["data"]["reason"] == "done"  # another conversation
            await two.send("stop", turn=first["turn"])
            await one.next("turn.end")
            assert (await one.answer("say more", conv=first["conv"]))[-1]["data"]["reason"] == "done"
        async with desk.tab(cast.alice) as later:
            repeated = await later.ask("anything", client_id="same")
            assert repeated["turn"] == first["turn"]
            assert (await later.next("turn.end"))["data"]["reason"] == "stopped"
        with database.scope(cast.acme, read_only=True) as session:
            assert len(list(session.scalars(select(ChatMessage.id).where(ChatMessage.client_id == "same")))) == 1

    play(scene)


def test_the_same_question_sent_from_many_tabs_at_once_is_one_turn(desk: Desk, cast: Cast) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as one, desk.tab(cast.alice) as two, desk.tab(cast.alice) as three:
            acks = await asyncio.gather(*(tab.ask("say hello", client_id="race") for tab in (one, two, three)))
            assert len({ack["turn"] for ack in acks}) == 1
            for tab in (one, two, three):
                await tab.next("turn.end")
        assert len(desk.server.assistant.questions) == 1  # type: ignore[attr-defined]

    play(scene)


# --- Stopping


@pytest.mark.parametrize("verb", ["until", "deaf"])
def test_stop_ends_the_answer_and_the_models_stream_at_once(
    desk: Desk, cast: Cast, database: Database, assistant: ScriptedAssistant, verb: str
) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            turn = (await tab.ask(f"{verb} stopped"))["turn"]
            await tab.next("delta")
            await asyncio.sleep(0.2)
            asked_at = time.monotonic()
            await tab.send("stop", turn=turn)
            end = await tab.next("turn.end")
            assert time.monotonic() - asked_at < 0.2
            assert end["data"]["reason"] == "stopped"
            assert assistant.closed and assistant.closed[0] - asked_at < 0.2
            await until(lambda: answer_of(database, turn).state is TurnState.STOPPED)
            seen = text_of(tab.of(turn))
            await asyncio.sleep(0.3)  # whatever a deaf engine still says
            kept = answer_of(database, turn)
            assert kept.text == seen
            assert kept.frames == end["seq"] == desk.server.hub._turns[turn].last_seq
            await tab.send("stop", turn=turn)  # twice is harmless
            await tab.send("ping", n=1)
            assert (await tab.next())["type"] == "pong"

    play(scene)


def test_an_answer_under_way_is_kept_each_second_and_ends_with_its_conversation(
    desk: Desk, cast: Cast, database: Database
) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            ack = await tab.ask("until stopped")
            await until(lambda: answer_of(database, ack["turn"]).text.startswith("more"))
            assert answer_of(database, ack["turn"]).state is TurnState.RUNNING
            with database.scope(cast.acme) as session:
                conversations.remove(session, conversations.get(session, cast.alice, ack["conv"]))
            assert (await tab.next("turn.end"))["data"]["reason"] == "stopped"
            await tab.send("resume", turn=ack["turn"], after_seq=0)
            assert (await tab.next("error"))["data"]["code"] == "not_found"

    play(scene)


# --- The service goes and comes


def test_a_restart_keeps_what_was_written_and_says_so(
    desk: Desk, cast: Cast, database: Database, server: Server
) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            ack = await tab.ask("until stopped")
            await tab.next("delta")
            await asyncio.get_running_loop().run_in_executor(None, server.restart)
            assert await tab.closed() == 1012
        kept = answer_of(database, ack["turn"])
        assert (kept.state, kept.error["code"]) == (TurnState.INTERRUPTED, "interrupted")  # type: ignore[index]
        assert kept.text.startswith("more")
        async with desk.tab(cast.alice, last=[{"turn": ack["turn"], "seq": 3}]) as tab:
            assert (await tab.next())["type"] == "resync"
            assert (await tab.answer("say go on", conv=ack["conv"]))[-1]["data"]["reason"] == "done"

    play(scene)


def test_what_a_killed_service_left_running_is_marked_at_the_next_start(
    desk: Desk, cast: Cast, database: Database, server: Server
) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            ack = await tab.ask("say half of it")
            await tab.next("turn.end")
        with database.scope(EVERY_WORKSPACE) as session:
            session.execute(update(ChatMessage).where(ChatMessage.role == "assistant").values(state=TurnState.RUNNING))
        await asyncio.get_running_loop().run_in_executor(None, server.restart)
        assert answer_of(database, ack["turn"]).state is TurnState.INTERRUPTED
        # and where that could not be done, the next question finds out that nobody is answering
        with database.scope(EVERY_WORKSPACE) as session:
            session.execute(update(ChatMessage).where(ChatMessage.role == "assistant").values(state=TurnState.RUNNING))
        async with desk.tab(cast.alice) as tab:
            assert (await tab.answer("say again", conv=ack["conv"]))[-1]["data"]["reason"] == "done"

    play(scene)


@on_sqlite
def test_a_database_that_is_locked_for_a_moment_costs_no_answer(
    desk: Desk, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "SAVE_EVERY_S", 0.1)

    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            ack = await tab.ask("slow 10")
            with database.session(cast.acme) as session:
                session.add(Note(body="holds the lock", custom={}))
                session.flush()
                await asyncio.sleep(0.6)
                session.rollback()
            await tab.next("turn.end")
            assert answer_of(database, ack["turn"]).state is TurnState.DONE

    play(scene)


# --- Actions and ratings


def test_a_card_is_decided_once_over_the_socket_and_skipped_by_another_question(
    desk: Desk, cast: Cast, database: Database
) -> None:
    def propose(ack: Frame, title: str) -> str:
        return put("create_task", {"title": title}, ack)

    def propose_list(ack: Frame) -> str:
        with database.scope(cast.acme) as session:
            factories.make_company(session, name="One")
        return put("change_list", {"plan": {"from": "company"}, "action": "delete"}, ack)

    def put(tool: str, args: dict[str, Any], ack: Frame) -> str:
        with database.scope(cast.acme) as session:
            conversation = session.scalars(select(ChatConversation)).one()
            user = session.get_one(User, cast.alice)
            action = actions.propose(session, tool, args, user=user, conversation_id=conversation.id, turn=ack["turn"])
            return str(action.public_id)

    async def scene() -> None:
        async with desk.tab(cast.alice) as tab, desk.tab(cast.alice) as other, desk.tab(cast.bob) as bob:
            ack = await tab.ask("say propose")
            await tab.next("turn.end")
            await other.send("resume", turn=ack["turn"], after_seq=0)
            await other.next("turn.end")
            card = propose(ack, "Call Jane")
            await bob.send("decide", action=card, decision="approve", key="k")
            assert (await bob.next())["data"]["code"] == "not_found"
            await tab.send("decide", action=card, decision="approve", edits={"nonsense": 1}, key="k0")
            assert (await tab.next())["data"]["code"] == "bad_frame"
            await tab.send("decide", action=card, decision="approve", key="k1")
            done = await tab.next("action.result")
            assert (done["data"]["id"], done["data"]["status"]) == (card, "approved")
            assert (await other.next("action.result"))["seq"] == done["seq"] > 0
            await tab.send("decide", action=card, decision="approve", key="k1")
            assert (await tab.next("action.result"))["data"]["status"] == "approved"
            listed = propose_list(ack)
            with database.scope(cast.acme) as session:
                factories.make_company(session, name="One more")
            await tab.send("decide", action=listed, decision="approve", key="k2")
            changed = (await tab.next("action.result"))["data"]
            assert (changed["status"], changed["again"]["many"]["count"]) == ("conflict", 2)
            assert (await other.next("action.result"))["data"]["again"]["id"] == changed["again"]["id"]
            await tab.send("decide", action=changed["again"]["id"], decision="reject", key="k3")
            await tab.next("action.result")
            waiting = propose(ack, "Call John")
            await tab.answer("say something else", conv=ack["conv"])
            results = [frame for frame in tab.frames if frame["type"] == "action.result"]
            assert (results[-1]["data"]["id"], results[-1]["data"]["status"]) == (waiting, "skipped")
        with database.scope(cast.acme, read_only=True) as session:
            assert [task.title for task in session.scalars(select(Task))] == ["Call Jane"]
            states = session.scalars(select(ChatAction.state).order_by(ChatAction.id))
            assert list(states) == [
                ActionState.DONE, ActionState.CONFLICT, ActionState.REJECTED, ActionState.SKIPPED
            ]  # fmt: skip

    play(scene)


@on_sqlite
def test_thumbs_are_kept_with_their_reason_and_taken_back(desk: Desk, cast: Cast, database: Database) -> None:
    async def scene() -> None:
        async with desk.tab(cast.alice) as tab:
            turn = (await tab.answer("say hello"))[0]["turn"]
            for score, why, kept in ((-1, "wrong\0 number", (-1, "wrong number")), (0, "x", (None, None))):
                await tab.send("rate", turn=turn, score=score, why=why)
                await tab.send("ping", n=1)
                await tab.next("pong")
                answer = answer_of(database, turn)
                assert (answer.rating, answer.rating_reason) == kept
            await tab.socket.send(
                json.dumps({"v": 1, "type": "rate", "data": {"turn": turn, "score": 1, "why": "x" * 501}})
            )
            assert (await tab.next())["data"]["code"] == "bad_frame"

    play(scene)
