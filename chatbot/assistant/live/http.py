"""The same frames over plain HTTP, for proxies that break websockets, and the blocking turn that the CRM asks for.

    POST /chat/frames                one client frame in; the frames that answer it out. `hello` trades a ticket for a
                                     session; all others show it: `Authorization: Bearer …`
    GET  /chat/turns/{turn}/events   the frames of a turn as server-sent events, from Last-Event-ID on. A ticket will do
                                     in place of a session, once
    POST /internal/ask               for the CRM: one turn, answered whole

Answers to `POST /chat/frames` have the status of the error in them, if there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import ValidationError

from chatbot.assistant.live import answer
from chatbot.assistant.live.handling import Fault, read
from chatbot.assistant.live.turn import Outbox, Turn
from chatbot.assistant.live.websocket import BEAT_AFTER_S, Live
from shared.chat import internal, tickets
from shared.chat.tickets import Holder
from shared.errors import Invalid, TooLarge, Unauthorized
from shared.schemas import chat
from shared.schemas.chat import AskIn, Hello, Page
from shared.schemas.checking import invalid

_STATUS = {
    "bad_frame": 400, "unauthorized": 401, "forbidden": 403, "not_found": 404, "busy_turn": 409, "action_conflict": 409,
    "too_long": 413, "rate_limited": 429,
}  # fmt: skip
_NO_CACHE = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
MAX_TURN_CHARS = 40


class Caller:
    """A request as a client of `handling`: it follows nothing, and is closed by being answered."""

    def __init__(self, holder: Holder | None) -> None:
        self.holder = holder
        self.page: Page | None = None
        self.outbox = Outbox()

    def end(self, code: int, reason: str = "") -> None:
        """Nothing stays open."""


class Stream:
    """A response that follows one turn; a channel of the hub like any socket."""

    def __init__(self, holder: Holder) -> None:
        self.holder: Holder | None = holder
        self.outbox = Outbox()
        self.is_over = False

    def end(self, code: int, reason: str = "") -> None:
        self.is_over = True
        self.outbox.awake.set()


def router(live: Live) -> APIRouter:
    """The routes, on the hub of `live`."""
    routes = APIRouter()

    @routes.post("/chat/frames")
    async def frames(request: Request, authorization: Annotated[str | None, Header()] = None) -> Response:
        """One client frame."""
        text = await _body(request)
        caller = Caller(None)
        status = 200
        try:
            await _follow(live, caller, text, authorization)
        except Fault as fault:
            caller.outbox.put("error", fault.data)
            status = _STATUS.get(fault.code, 503)
        body = '{"frames":[' + ",".join(caller.outbox.drain()) + "]}"
        caller.outbox.leave()
        return Response(body, status, _NO_CACHE, media_type="application/json")

    @routes.get("/chat/turns/{turn}/events")
    async def turn_events(
        turn: str,
        authorization: Annotated[str | None, Header()] = None,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The frames of a turn. 204 once everything was sent: that tells an EventSource to stop asking."""
        holder = await _holder(live, authorization, is_ticket_enough=True)
        conversation = await live.hub.store.conversation_of(holder, turn[:MAX_TURN_CHARS])
        after = _seq(last_event_id)
        found = live.hub.find(turn, holder)
        if found is not None and found.ended.is_set() and after >= found.last_seq:
            return Response(status_code=204, headers=_NO_CACHE)
        stream = Stream(holder)
        if found is None:
            href = f"/chat/conversations/{conversation}"
            stream.outbox.put(
                "resync", {"turn": turn, "conv": conversation, "href": href}, conv=conversation, turn=turn
            )
        else:
            stream.outbox.follow(found, after)
        return StreamingResponse(_events(live, stream, found), media_type="text/event-stream", headers=_NO_CACHE)

    @routes.post("/internal/ask")
    async def ask(
        request: Request,
        authorization: Annotated[str | None, Header()] = None,
        idempotency_key: Annotated[str | None, Header(max_length=64)] = None,
        time_limit: Annotated[float, Header(gt=0, le=600)] = 100.0,
    ) -> JSONResponse:
        """One whole turn for the user whom the CRM's signed statement names."""
        said = internal.read(live.secret_key, authorization)
        holder = await live.hub.store.caller(said) if said else None
        if holder is None:
            raise Unauthorized("This statement is not valid.")
        wish = _ask_in(await _body(request))
        return JSONResponse(await answer.ask(live.hub, holder, wish, client_id=idempotency_key, within_s=time_limit))

    return routes


async def _follow(live: Live, caller: Caller, text: str, authorization: str | None) -> None:
    kind, data = read(text)
    if isinstance(data, Hello):
        holder = await live.handling.redeem(data)
        await live.models.refresh()
        caller.outbox.put("ready", live.ready(holder))
        return
    try:
        caller.holder = await _holder(live, authorization)
    except Unauthorized as error:
        raise Fault("unauthorized", error.detail) from error
    if kind == "resume":
        raise Fault("bad_frame", "Over HTTP a turn is resumed at /chat/turns/{turn}/events.")
    await live.handling.handle(caller, text)


async def _holder(live: Live, authorization: str | None, *, is_ticket_enough: bool = False) -> Holder:
    """Whose request this is. Raises Unauthorized."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.casefold() == "bearer" and token:
        holder = tickets.from_session(live.secret_key, token)
        if holder is not None and await live.hub.store.is_standing(holder):
            return holder
        if is_ticket_enough and (found := await live.hub.store.redeem(token)) is not None:
            return found
    raise Unauthorized("Show a session: Authorization: Bearer …")


async def _body(request: Request) -> str:
    """At most 64 KB of UTF-8. Raises TooLarge, Invalid."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > chat.MAX_FRAME_BYTES:
            raise TooLarge("A frame has at most 64 KB.")
        parts.append(part)
    try:
        return b"".join(parts).decode()
    except UnicodeDecodeError:
        raise Invalid("The body is not UTF-8.") from None


def _ask_in(text: str) -> AskIn:
    try:
        return AskIn.model_validate_json(text)
    except ValidationError as error:
        raise invalid(error) from None


def _seq(last_event_id: str | None) -> int:
    given = (last_event_id or "").strip()
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= 8 else 0


async def _events(live: Live, stream: Stream, turn: Turn | None) -> AsyncIterator[str]:
    """Frames as they come; a beat after 15 s of silence; the end with the turn's."""
    live.hub.channels.add(stream)
    try:
        while not stream.is_over:
            while (found := stream.outbox.next()) is not None:
                text, seq = found
                yield f"id: {seq}\ndata: {text}\n\n" if seq is not None else f"data: {text}\n\n"
            if turn is None or turn.ended.is_set():
                return
            stream.outbox.awake.clear()
            try:
                await asyncio.wait_for(stream.outbox.awake.wait(), BEAT_AFTER_S)
            except TimeoutError:
                stream.outbox.put("beat", {})
    finally:
        live.hub.channels.discard(stream)
        stream.outbox.leave()
