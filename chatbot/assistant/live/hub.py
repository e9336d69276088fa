"""Turns as tasks of the server: begun by a question, ended by the engine, by `stop`, or by the end of the service.

A lost socket touches no turn. `stop` ends one at once: the engine's task is cancelled, which closes the model's stream,
and the last frame goes out without waiting for it to notice. Every second the text so far is stored, so that a killed
service leaves a marked partial answer; a deleted conversation is noticed at the same time and its turn stopped.

One process holds all turns; that is what lets frames be numbered without a database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError

from chatbot.assistant.live.sink import FrameSink
from chatbot.assistant.live.store import Opened, Store, kept
from chatbot.assistant.live.turn import Outbox, Turn
from chatbot.assistant.types import Assistant, Outcome, Question
from shared.chat import turns
from shared.chat.tickets import Holder
from shared.chat.turns import Asked, Busy
from shared.errors import AppError, Forbidden, NotFound, Unavailable
from shared.schemas import chat
from shared.telemetry import get_logger

log = get_logger(__name__)
T = TypeVar("T")

#: Frames of an ended turn are kept so long, seconds, and of all ended turns so much.
KEPT_S = 600.0
MAX_KEPT_BYTES = 48 * 1024 * 1024
SAVE_EVERY_S = 1.0
WATCH_EVERY_S = 2.0
#: How long the last frame of a stopped turn waits for its text to be stored.
STOP_WAIT_S = 0.1

OURS = "This is our fault, not yours. Try again; the log has the details."


class Channel(Protocol):
    """A connection that follows turns: closed when its holder's login ends, told of turns asked in other tabs."""

    holder: Holder | None
    outbox: Outbox

    def end(self, code: int, reason: str = "") -> None: ...


class Hub:
    """The turns of this process, and who is connected."""

    def __init__(self, store: Store, engine: Assistant) -> None:
        self.store = store
        self.channels: set[Channel] = set()
        self._engine = engine
        self._turns: dict[str, Turn] = {}  # oldest first
        self._opening: dict[str, asyncio.Event] = {}  # turns that are being stored; set when they are there
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_closing = False

    # --- Its life

    async def start(self) -> None:
        """Mark what an earlier process left unfinished, and begin to keep watch."""
        self._spawn(self._forever(self._save_texts, SAVE_EVERY_S))
        self._spawn(self._forever(self._watch_logins, WATCH_EVERY_S))
        orphans = await self.store.interrupt()
        if orphans:
            log.warning("turns.interrupted", turns=orphans)

    def interrupt(self) -> None:
        """The service is about to stop: no new turns, and those that run end now, so that nobody follows them on."""
        self._is_closing = True
        for turn in [turn for turn in self._turns.values() if not turn.ended.is_set()]:
            self._end(turn, "interrupted")

    async def close(self) -> None:
        """End all turns, keeping their texts as interrupted."""
        self.interrupt()
        unsaved = [turn for turn in self._turns.values() if not turn.saved.is_set()]
        if unsaved:
            await asyncio.wait([asyncio.ensure_future(turn.saved.wait()) for turn in unsaved], timeout=4.0)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        close = getattr(self._engine, "close", None)
        if close is not None:
            await close()

    # --- Turns

    async def ask(self, holder: Holder, asked: Asked, *, by: Outbox | None = None) -> tuple[Opened, Turn | None]:
        """Begin a turn, or find the one this client_id began; None where its frames are gone.

        `by` is told of it by the caller; other tabs that show the conversation follow at once. Whoever asks may vanish
        meanwhile: what was begun goes on. Raises Busy, NotFound, Unauthorized, Unavailable.
        """
        if self._is_closing:
            raise Unavailable("The service is restarting. Try again in a moment.")
        return await asyncio.shield(self._spawn(self._open(holder, asked, by)))

    def find(self, id: str, holder: Holder) -> Turn | None:
        """One's own turn, if its frames are still here."""
        turn = self._turns.get(id)
        is_own = turn is not None and turn.holder.user_id == holder.user_id
        return turn if is_own and turn and turn.holder.workspace_id == holder.workspace_id else None

    def stop(self, turn: Turn) -> None:
        """End it now. Stopping one that has ended does nothing."""
        self._end(turn, "stopped")

    def announce(self, turn_id: str, result: dict[str, Any], to: Outbox | None = None) -> None:
        """Tell what became of an action: to all who follow its turn, once; to who asked again, again."""
        turn = self._turns.get(turn_id)
        is_new = turn is not None and (result["id"], result["status"]) not in turn.announced
        if turn is not None and is_new:
            turn.announced.add((result["id"], result["status"]))
            turn.emit("action.result", result)
        if to is not None and not (turn is not None and is_new and to.follows(turn)):
            to.put("action.result", result, turn=turn_id, conv=turn.conversation if turn else None)

    async def _open(self, holder: Holder, asked: Asked, by: Outbox | None) -> tuple[Opened, Turn | None]:
        id = turns.new_id("t")
        self._opening[id] = asyncio.Event()
        try:
            opened = await self._begin(holder, asked, id)
            if opened.question is None:
                return opened, await self._begun(opened.turn)
            turn = Turn(opened.turn, opened.conversation, opened.message_id, holder)
            self._turns[turn.id] = turn
        finally:
            self._opening.pop(id).set()
        self._show(turn, but=by)
        self._start(turn, opened, opened.question)
        if self._is_closing:  # it was being stored when the service was told to stop
            self._end(turn, "interrupted")
        return opened, turn

    async def _begun(self, id: str) -> Turn | None:
        """A turn that was asked for before, perhaps at the same moment; None where its frames are gone."""
        if id in self._opening:
            await self._opening[id].wait()
        return self._turns.get(id)

    async def _begin(self, holder: Holder, asked: Asked, id: str) -> Opened:
        """Begin, once more if the turn that is in the way is only just being stored, or nobody's any more."""
        try:
            return await self.store.begin(holder, asked, turn=id)
        except Busy as busy:
            other = self._turns.get(busy.turn)
            if busy.turn in self._opening or (other is not None and not other.ended.is_set()):
                raise
            if other is not None:
                await asyncio.wait_for(other.saved.wait(), timeout=10.0)
            else:
                await self.store.interrupt(busy.turn)
            return await self.store.begin(holder, asked, turn=id)

    def _show(self, turn: Turn, *, but: Outbox | None) -> None:
        """Let the owner's tabs that show this conversation follow."""
        for channel in self.channels:
            is_own = channel.holder is not None and channel.holder.user_id == turn.holder.user_id
            if is_own and channel.outbox is not but and channel.outbox.follows_conversation(turn.conversation):
                channel.outbox.follow(turn, 0)

    def _start(self, turn: Turn, opened: Opened, question: Question) -> None:
        for of_turn, result in opened.skipped:
            self.announce(of_turn, result)
        turn.emit("turn.start", {"message_id": turn.message_id, "question": question.text})
        log.info("turn.started", turn=turn.id, workspace_id=turn.holder.workspace_id)
        self._spawn(self._drive(turn, question))

    def _end(self, turn: Turn, why: str) -> None:
        if not turn.stopping.done():
            turn.stopping.set_result(why)

    async def _drive(self, turn: Turn, question: Question) -> None:
        sink = FrameSink(turn)
        work = self._spawn(self._engine.answer(question, sink))
        first: set[asyncio.Future[Any]] = {work, turn.stopping}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            outcome = _outcome(work, turn, sink)
            reason = str(outcome.reason)
        else:
            reason = turn.stopping.result()
            work.cancel()  # not awaited: a slow end is the engine's own affair
            sink.close()
            outcome = sink.partial("stopped" if reason == "stopped" else "error", _error_of(reason))
        await self._finish(turn, sink, outcome, reason)

    async def _finish(self, turn: Turn, sink: FrameSink, outcome: Outcome, reason: str) -> None:
        if outcome.text and not turn.text:  # told at the end only
            sink.delta(outcome.text)
        sink.close()
        turn.outcome = outcome
        first = {"first_text_ms": sink.first_text_ms} if sink.first_text_ms is not None else {}
        outcome.timings = {**first, **outcome.timings, "total": turn.ms}
        outcome.timings.pop("total_ms", None)  # the engine's own idea of it, without the way in and out
        is_error = reason in ("error", "interrupted")
        saving = self._spawn(self._keep(turn, kept(outcome, reason, frames=turn.last_seq + 1 + is_error)))
        await asyncio.wait({saving}, timeout=STOP_WAIT_S if reason == "stopped" else None)
        if is_error:
            turn.emit("error", outcome.error or chat.error("internal", OURS))
        turn.ended_at = time.monotonic()
        turn.emit("turn.end", _end_data(turn, outcome, "error" if is_error else reason))
        turn.ended.set()
        log.info("turn.ended", turn=turn.id, reason=reason, route=outcome.route, engine=outcome.engine, ms=turn.ms)

    async def _keep(self, turn: Turn, answer: turns.Answer) -> None:
        try:
            await self.store.finish(turn.holder, turn.id, answer)
        except (Unavailable, DBAPIError) as error:
            log.error("turn.not_saved", turn=turn.id, reason=type(error).__name__)
        finally:
            turn.saved.set()

    # --- Watching

    async def _save_texts(self) -> None:
        self._give_up_old()
        running = {id: turn for id, turn in self._turns.items() if not turn.stopping.done() and not turn.outcome}
        written = {id: (turn.text, turn.last_seq) for id, turn in running.items() if turn.text}
        for id in await self.store.save(written) if written else ():
            if id in running and not running[id].outcome:
                self.stop(running[id])  # its conversation was deleted

    async def _watch_logins(self) -> None:
        holders = {channel.holder for channel in self.channels if channel.holder is not None}
        lapsed = await self.store.lapsed(holders) if holders else set()
        for channel in [channel for channel in self.channels if channel.holder in lapsed]:
            channel.end(chat.CLOSE_UNAUTHORIZED, "signed out")

    def _give_up_old(self) -> None:
        """Forget ended turns that are old, or the oldest where there are too many."""
        ended = [turn for turn in self._turns.values() if turn.ended_at is not None]
        total = sum(turn.bytes for turn in ended)
        for turn in ended:
            if time.monotonic() - (turn.ended_at or 0) < KEPT_S and total < MAX_KEPT_BYTES:
                continue
            total -= turn.bytes
            del self._turns[turn.id]
            for follower in list(turn.followers):
                follower.forget(turn)

    async def _forever(self, look: Any, every_s: float) -> None:
        """Look again and again; bad moments of the database are waited out."""
        while True:
            await asyncio.sleep(every_s)
            try:
                await look()
            except (Unavailable, DBAPIError) as error:
                log.warning("hub.postponed", what=look.__name__, reason=type(error).__name__)
            except Exception:
                log.exception("hub.broke", what=look.__name__)

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that nobody needs to hold on to."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # looked at by whoever waited, or logged where it was raised


def _outcome(work: asyncio.Task[Outcome], turn: Turn, sink: FrameSink) -> Outcome:
    """What the engine came to; what it raised, as an outcome that says so."""
    try:
        return work.result()
    except asyncio.CancelledError:
        log.error("turn.cancelled_itself", turn=turn.id)
        error = chat.error("internal", OURS)
    except AppError as failed:
        log.warning("turn.failed", turn=turn.id, reason=type(failed).__name__)
        error = chat.error(code_of(failed), failed.detail)
    except Exception:
        log.exception("turn.broke", turn=turn.id)
        error = chat.error("internal", OURS)
    sink.close()
    return sink.partial("error", error)


def code_of(error: AppError) -> str:
    """The protocol's name for an error; model errors bring their own."""
    code = getattr(error, "code", None)
    if code in chat.ERRORS:
        return str(code)
    return "not_found" if isinstance(error, NotFound) else "forbidden" if isinstance(error, Forbidden) else "internal"


def _error_of(reason: str) -> dict[str, Any] | None:
    if reason != "interrupted":
        return None
    return chat.error("interrupted", "The service was restarted while it was answering.")


def _end_data(turn: Turn, outcome: Outcome, reason: str) -> dict[str, Any]:
    """`text` only where the checked answer differs from what was streamed."""
    data = {
        "reason": reason, "message_id": turn.message_id, "usage": outcome.usage, "ms": turn.ms,
        "engine": outcome.engine, "timings": outcome.timings,
    }  # fmt: skip
    if outcome.text and outcome.text != turn.text:
        data["text"] = outcome.text
    with suppress(AttributeError, TypeError):
        data["focus"] = asdict(outcome.focus) if outcome.focus else None
    return data
