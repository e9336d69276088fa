"""What a client's frame does, whichever way it came: read strictly, answered with frames.

text ─ read ─▶ (type, data) ─ handle ─▶ hub, store ─▶ channel.outbox
         └──────────┴── Fault: an `error` frame, for some also the end of the connection
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn, Protocol, cast

from pydantic import BaseModel, ValidationError

from chatbot.assistant.live.hub import Channel, Hub, code_of
from chatbot.assistant.live.limits import Buckets
from chatbot.assistant.live.sink import storable
from chatbot.assistant.live.store import page_json
from chatbot.assistant.live.turn import Outbox
from shared.chat.tickets import Holder
from shared.chat.turns import Asked, Busy
from shared.errors import AppError, Conflict, Invalid, NotFound, TooManyRequests, Unauthorized
from shared.schemas import chat
from shared.schemas.chat import Ask, Decide, Hello, Page, Ping, Rate, Resume, Stop
from shared.schemas.checking import invalid


class Fault(Exception):
    """A frame that cannot be followed. `close` also ends the connection; `about` goes into the error's data."""

    def __init__(
        self, code: str, message: str, *, close: int | None = None, about: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.close, self.about = code, message, close, dict(about or {})

    @property
    def data(self) -> dict[str, Any]:
        return {**chat.error(self.code, self.message), **self.about}


class Client(Channel, Protocol):
    """A connection with what its `hello` said. `page` is the record its person looks at."""

    holder: Holder | None
    page: Page | None
    outbox: Outbox


def read(text: str) -> tuple[str, BaseModel]:
    """A client's frame, checked field by field. Raises Fault `bad_frame`."""
    try:
        envelope = json.loads(text)
    except (ValueError, RecursionError):
        _refuse("A frame is a JSON object.")
    if not isinstance(envelope, dict):
        _refuse("A frame is a JSON object.")
    if envelope.get("v") != chat.VERSION or isinstance(envelope.get("v"), bool):
        _refuse(f"This server speaks version {chat.VERSION}.")
    kind = envelope.get("type")
    if not isinstance(kind, str) or kind not in chat.CLIENT_FRAMES:
        _refuse("There is no frame of this type.")
    data = envelope.get("data", {})
    if not isinstance(data, dict):
        _refuse("data is an object.")
    try:
        return kind, chat.CLIENT_FRAMES[kind].model_validate(_storable(data))
    except ValidationError as error:
        _refuse(f"{kind}: {invalid(error, data).detail}"[:500], _client_id(data))
    except RecursionError:
        _refuse("This frame is nested too deeply.")


def _refuse(message: str, about: Mapping[str, Any] | None = None) -> NoReturn:
    raise Fault("bad_frame", message, about=about) from None


def _client_id(data: dict[str, Any]) -> dict[str, Any]:
    given = data.get("client_id")
    return {"client_id": given[:64]} if isinstance(given, str) else {}


def _storable(value: Any) -> Any:
    """Without the characters that no database keeps."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): _storable(entry) for key, entry in value.items()}
    return [_storable(entry) for entry in value] if isinstance(value, list) else value


class Handling:
    """Follows clients' frames."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._frames = Buckets(burst=600, per_s=100)
        self._asks = Buckets(burst=100, per_s=20)
        self._verbs: dict[str, Callable[[Client, Any], Awaitable[None]]] = {
            "ask": self._ask, "resume": self._resume, "stop": self._stop, "decide": self._decide, "rate": self._rate,
            "ping": self._ping,
        }  # fmt: skip

    async def handle(self, client: Client, text: str) -> None:
        """Follow one frame of a client that has said hello. Raises Fault."""
        kind, data = read(text)
        if self._frames.take(_holder(client).user_id):
            raise Fault("rate_limited", "Too many frames.", close=chat.CLOSE_RATE)
        if kind not in self._verbs:
            raise Fault("bad_frame", "hello comes once, and first.")
        try:
            await self._verbs[kind](client, data)
        except Unauthorized as error:
            raise Fault("unauthorized", error.detail, close=chat.CLOSE_UNAUTHORIZED) from error
        except AppError as error:
            raise _fault(error, data) from error

    async def redeem(self, hello: Hello) -> Holder:
        """Whom a ticket lets in. Raises Fault `unauthorized`, which closes."""
        holder = await self.hub.store.redeem(hello.ticket)
        if holder is None:
            raise Fault("unauthorized", "This ticket is not valid.", close=chat.CLOSE_UNAUTHORIZED)
        return holder

    async def resume_all(self, client: Client, hello: Hello) -> None:
        """Go on with the turns that a client saw before it was cut off; those it may not see are passed over."""
        for seen in hello.last:
            try:
                await self._resume(client, Resume(turn=seen.turn, after_seq=seen.seq))
            except NotFound:
                continue

    async def _ask(self, client: Client, ask: Ask) -> None:
        about: dict[str, Any] = {"client_id": ask.client_id}
        if len(ask.text) > chat.MAX_QUESTION_CHARS:
            raise Fault("too_long", f"A question has at most {chat.MAX_QUESTION_CHARS:,} characters.", about=about)
        if not ask.text.strip():
            raise Fault("bad_frame", "The question is empty.", about=about)
        holder = _holder(client)
        wait_s = self._asks.take(holder.user_id)
        if wait_s:
            about["retry_after_ms"] = int(wait_s * 1000) + 1
            raise Fault("rate_limited", "Too many questions at once. Wait a moment.", about=about)
        page = ask.page if "page" in ask.model_fields_set else client.page
        asked = Asked(ask.text.strip(), ask.client_id, ask.conv, page_json(page, ask.list))
        opened, turn = await self.hub.ask(holder, asked, by=client.outbox)
        ids = {"conv": opened.conversation, "turn": opened.turn}
        client.outbox.put("ack", {"client_id": ask.client_id, **ids}, **ids)
        if turn is None:
            _resync(client, opened.turn, opened.conversation)
        elif not client.outbox.follows(turn):
            client.outbox.follow(turn, 0)

    async def _resume(self, client: Client, wish: Resume) -> None:
        holder = _holder(client)
        turn = self.hub.find(wish.turn, holder)
        conversation = await self.hub.store.conversation_of(holder, wish.turn)  # NotFound: deleted, or not theirs
        if turn is None:
            _resync(client, wish.turn, conversation)
        else:
            client.outbox.follow(turn, wish.after_seq)

    async def _stop(self, client: Client, wish: Stop) -> None:
        turn = self.hub.find(wish.turn, _holder(client))
        if turn is None:  # over and given up, or never theirs
            await self.hub.store.conversation_of(_holder(client), wish.turn)
            return
        self.hub.stop(turn)

    async def _decide(self, client: Client, wish: Decide) -> None:
        turn, result = await self.hub.store.decide(_holder(client), wish)
        self.hub.announce(turn, result, to=client.outbox)

    async def _rate(self, client: Client, wish: Rate) -> None:
        await self.hub.store.rate(_holder(client), wish.turn, wish.score, wish.why)

    async def _ping(self, client: Client, wish: Ping) -> None:
        client.outbox.put("pong", {"n": wish.n})


def _holder(client: Client) -> Holder:
    return cast("Holder", client.holder)


def _resync(client: Client, turn: str, conversation: str) -> None:
    ids = {"turn": turn, "conv": conversation}
    client.outbox.put("resync", {**ids, "href": f"/chat/conversations/{conversation}"}, **ids)


def _fault(error: AppError, data: BaseModel) -> Fault:
    """An error that means something to a person, in the protocol's words; it names what it is about."""
    about = {name: getattr(data, name) for name in ("client_id", "turn", "action") if hasattr(data, name)}
    if isinstance(error, Busy):
        return Fault("busy_turn", error.detail, about=about | {"turn": error.turn})
    if isinstance(error, TooManyRequests):
        return Fault("rate_limited", error.detail, about=about | {"retry_after_ms": error.retry_after_s * 1000})
    if isinstance(error, Conflict):
        return Fault("action_conflict", error.detail, about=about)
    if isinstance(error, Invalid):
        fields = [{"path": e.path, "message": e.message} for e in error.errors]
        return Fault("bad_frame", error.detail, about=about | {"errors": fields})
    return Fault(code_of(error), error.detail, about=about)
