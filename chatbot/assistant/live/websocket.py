"""`/ws/chat`: one socket of one tab, from the check of its origin to the frame that closes it.

    origin ─ accept ─ hello within 5 s ─ ready ─▶ reader: frames, one after the other ─▶ handling
                                               └ writer: what the outbox holds, as fast as the client takes it
                                               └ pulse (one for all sockets): beats, deadlines, the silent, the stuck

Nothing of a turn lives here: a socket can be lost at any moment. A database session lasts one frame at most.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from chatbot.assistant.live.handling import Fault, Handling, read
from chatbot.assistant.live.hub import Hub
from chatbot.assistant.live.models import Models
from chatbot.assistant.live.turn import Outbox
from shared.chat import tickets
from shared.chat.tickets import Holder
from shared.schemas import chat
from shared.schemas.chat import Hello, Page
from shared.telemetry import get_logger

log = get_logger(__name__)

HELLO_WITHIN_S = 5.0
BEAT_AFTER_S = 15.0
SILENT_AFTER_S = 45.0
#: A client that has taken nothing for this long is closed; it comes back and is sent the rest.
STUCK_AFTER_S = 10.0
PULSE_S = 0.5
#: So many frames that cannot be followed, and the connection ends.
MAX_FAULTS = 20
#: How long the last frames before a close by the server may take.
FAREWELL_S = 1.0


class Live:
    """The sockets of this process."""

    def __init__(self, hub: Hub, models: Models, origins: frozenset[str], secret_key: str) -> None:
        self.hub, self.models, self.origins, self.secret_key = hub, models, origins, secret_key
        self.handling = Handling(hub)
        self.sockets: set[Socket] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The endpoint. A page of another site is refused before the handshake; a script sends no Origin."""
        websocket = WebSocket(scope, receive, send)
        origin = websocket.headers.get("origin")
        if origin is not None and origin.casefold() not in self.origins:
            log.warning("socket.origin_refused", origin=origin[:200])
            await websocket.close(chat.CLOSE_ORIGIN)
            return
        await websocket.accept()
        socket = Socket(websocket, self)
        self.sockets.add(socket)
        self.hub.channels.add(socket)
        try:
            await socket.run()
        finally:
            self.sockets.discard(socket)
            self.hub.channels.discard(socket)
            socket.outbox.leave()

    async def pulse(self) -> None:
        """Look after all sockets, for ever: one timer, not three a socket."""
        while True:
            await asyncio.sleep(PULSE_S)
            now = time.monotonic()
            for socket in list(self.sockets):
                socket.look(now)

    def ready(self, holder: Holder) -> dict[str, Any]:
        """The data of `ready`. `session` is what the HTTP fallback shows in place of tickets."""
        return {
            "session": tickets.session_token(self.secret_key, holder),
            **self.models.known(),
            "limits": {
                "frame_bytes": chat.MAX_FRAME_BYTES,
                "question_chars": chat.MAX_QUESTION_CHARS,
                "beat_s": BEAT_AFTER_S,
                "silent_s": SILENT_AFTER_S,
            },
        }


class Socket:
    """One socket. `holder` is None until its ticket was redeemed."""

    __slots__ = (
        "_close", "_faults", "_has_greeted", "_heard_at", "_live", "_opened_at", "_over", "_sending_since", "_sent_at",
        "_websocket", "holder", "outbox", "page",
    )  # fmt: skip

    def __init__(self, websocket: WebSocket, live: Live) -> None:
        self._websocket, self._live = websocket, live
        self.holder: Holder | None = None
        self.page: Page | None = None
        self.outbox = Outbox()
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._close: tuple[int, str] | None = None
        self._faults = 0
        self._has_greeted = False
        self._opened_at = self._heard_at = self._sent_at = time.monotonic()
        self._sending_since: float | None = None

    async def run(self) -> None:
        """Read and write until the client leaves or `end` is called."""
        reader = asyncio.create_task(self._read())
        writer = asyncio.create_task(self._write())
        for task in (reader, writer):
            task.add_done_callback(self._done)
        try:
            await self._over
        finally:
            reader.cancel()
            if self._close is not None:
                await self._say_farewell(writer)
            writer.cancel()

    def end(self, code: int, reason: str = "") -> None:
        """Close from this side, after what was said before has gone out."""
        if not self._over.done():
            self._close = (code, reason)
            self._over.set_result(None)

    def look(self, now: float) -> None:
        """The pulse: everything that depends on time alone."""
        if not self._has_greeted and now - self._opened_at >= HELLO_WITHIN_S:
            self.end(chat.CLOSE_NO_HELLO, "no hello")
        elif now - self._heard_at >= SILENT_AFTER_S:
            self.end(chat.CLOSE_NO_HELLO, "silent")
        elif self.outbox.overflowed or (self._sending_since and now - self._sending_since >= STUCK_AFTER_S):
            self.end(chat.CLOSE_SLOW, "too slow")
        elif self.holder is not None and now - self._sent_at >= BEAT_AFTER_S and not self._sending_since:
            self.outbox.put("beat", {})
            self._sent_at = now

    async def _read(self) -> None:
        while (message := await self._websocket.receive())["type"] != "websocket.disconnect":
            self._heard_at = time.monotonic()
            try:
                await self._take(message)
            except Fault as fault:
                self.outbox.put("error", fault.data)
                self._faults += fault.code == "bad_frame"
                if fault.close is not None or self._faults > MAX_FAULTS:
                    self.end(fault.close or chat.CLOSE_BAD_FRAME, fault.code)
                    return

    async def _take(self, message: Any) -> None:
        text = message.get("text")
        if text is None:
            raise Fault("bad_frame", "A frame is text, not bytes.")
        if len(text) > chat.MAX_FRAME_BYTES or len(text.encode()) > chat.MAX_FRAME_BYTES:
            raise Fault("too_long", "A frame has at most 64 KB.", close=chat.CLOSE_TOO_BIG)
        if self.holder is not None:
            await self._live.handling.handle(self, text)
            return
        kind, data = read(text)
        if not isinstance(data, Hello):
            raise Fault("unauthorized", f"Say hello before {kind}.", close=chat.CLOSE_UNAUTHORIZED)
        await self._greet(data)

    async def _greet(self, hello: Hello) -> None:
        self._has_greeted = True  # in time, however long the database takes
        holder = await self._live.handling.redeem(hello)
        self.page = hello.page
        await self._live.models.refresh()
        self.holder = holder
        self.outbox.put("ready", self._live.ready(holder))
        await self._live.handling.resume_all(self, hello)

    async def _write(self) -> None:
        while True:
            await self.outbox.awake.wait()
            self.outbox.awake.clear()
            await self._send_all()

    async def _send_all(self) -> None:
        while (found := self.outbox.next()) is not None:
            self._sending_since = time.monotonic()
            await self._websocket.send({"type": "websocket.send", "text": found[0]})
            self._sending_since, self._sent_at = None, time.monotonic()

    async def _say_farewell(self, writer: asyncio.Task[None]) -> None:
        """The rest, then the reason. A client that takes nothing is left behind: the connection goes down without."""
        assert self._close is not None
        writer.cancel()
        with suppress(Exception, asyncio.TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._send_all()
                await self._websocket.close(*self._close)

    def _done(self, task: asyncio.Task[None]) -> None:
        """The reader or the writer came to its end: the client left, or this side has a fault."""
        if not task.cancelled() and (error := task.exception()) is not None and not _is_gone(error):
            log.error("socket.broke", exc_info=error)
            self.end(1011, "internal error")
        if not self._over.done():
            self._over.set_result(None)


def _is_gone(error: BaseException) -> bool:
    """Whether this only says that the client is no longer there."""
    return isinstance(error, (OSError, WebSocketDisconnect, WebSocketDisconnected))
