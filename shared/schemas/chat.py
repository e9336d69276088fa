"""What crosses the chat's wire: websocket frames (also replayed over SSE), and the blocking turn of `/chat/ask`.

Every frame is `{"v": 1, "type", "conv", "turn", "seq", "ts", "data"}`. `seq` counts from 1 within a turn and stands on
server frames of that turn only. What a client may send is checked here, field by field; what the server sends is made
by `frame` from plain data, so that an old client is never broken by a stricter server.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared import clock
from shared.schemas.values import Id, Whole

VERSION = 1
MAX_FRAME_BYTES = 64 * 1024
MAX_QUESTION_CHARS = 8_000

PublicId = Annotated[str, StringConstraints(pattern=r"^[a-z]_[A-Za-z0-9_-]{1,37}$")]
Key = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
Score = Annotated[Whole, Field(ge=-1, le=1)]
Seq = Annotated[Whole, Field(ge=0, le=10_000_000)]
PageType = Literal["company", "contact", "deal", "task", "note", "meeting"]

Stage = Literal["routing", "querying", "searching", "loading_model", "thinking", "writing"]
RouteKind = Literal["structured", "semantic", "hybrid", "action", "clarify", "abstain"]
EndReason = Literal["done", "stopped", "length", "error"]
ActionResult = Literal["approved", "rejected", "failed", "conflict", "skipped", "expired"]

#: What an `error` frame may say, and whether trying again can help.
ERRORS: dict[str, bool] = {
    "bad_frame": False, "unauthorized": False, "forbidden": False, "not_found": False, "rate_limited": True,
    "busy_turn": True, "too_long": False, "ollama_down": True, "model_missing": False, "model_loading_timeout": True,
    "out_of_memory": False, "queue_full": True, "context_overflow": False, "bad_model_output": True,
    "retrieval_failed": True, "action_conflict": False, "action_expired": False, "interrupted": True, "internal": True,
}  # fmt: skip

#: Why the server closes a socket.
CLOSE_BAD_FRAME, CLOSE_UNAUTHORIZED, CLOSE_ORIGIN, CLOSE_NO_HELLO = 4400, 4401, 4403, 4408
CLOSE_SLOW, CLOSE_RATE, CLOSE_RESTART, CLOSE_TOO_BIG = 4413, 4429, 1012, 1009


class _Data(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Page(_Data):
    """The record a person looks at; `{type, id}` everywhere."""

    type: PageType
    id: Id


class Listed(_Data):
    """The list a person looks at: `query` is that of its address, as `GET /api/v1/{type}` and the page take it.

    `is_meant`: they said that they ask about it, so that "which contacts …" are those of the list.
    """

    type: PageType
    query: Annotated[str, Field(max_length=8_000)] = ""
    is_meant: bool = False


class Seen(_Data):
    """The last frame of a turn that a client has."""

    turn: PublicId
    seq: Seq


class Hello(_Data):
    ticket: Annotated[str, Field(max_length=200)]
    last: Annotated[list[Seen], Field(max_length=20)] = []
    tz: Annotated[str, Field(max_length=64)] | None = None
    page: Page | None = None


class Ask(_Data):
    client_id: Key
    text: str  # its length is answered with `too_long`, not with `bad_frame`
    conv: PublicId | None = None
    page: Page | None = None
    list: Listed | None = None


class Resume(_Data):
    turn: PublicId
    after_seq: Seq = 0


class Stop(_Data):
    turn: PublicId


class Decide(_Data):
    action: PublicId
    decision: Literal["approve", "reject"]
    edits: dict[str, Any] | None = None
    key: Key


class Rate(_Data):
    turn: PublicId
    score: Score
    why: Annotated[str, Field(max_length=500)] | None = None


class Ping(_Data):
    n: Annotated[Whole, Field(ge=0, le=2**53)] = 0


#: What a client may send: the type of a frame, and what its `data` is checked against.
CLIENT_FRAMES: dict[str, type[_Data]] = {
    "hello": Hello, "ask": Ask, "resume": Resume, "stop": Stop, "decide": Decide, "rate": Rate, "ping": Ping,
}  # fmt: skip


class AskIn(BaseModel):
    """The body of `POST /chat/ask`."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    text: Annotated[str, Field(min_length=1, max_length=MAX_QUESTION_CHARS)]
    page: Page | None = None
    list: Listed | None = Field(default=None, description="The list that “these” means.")
    conversation_id: PublicId | None = None


class Decision(BaseModel):
    """The body that answers a proposal over REST. The same `key` again gets the first result."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    decision: Literal["approve", "reject"]
    edits: dict[str, Any] | None = Field(default=None, description="Arguments of the tool to change first.")
    key: Key | None = Field(default=None, description="Any text of your choice; sending it again is harmless.")


class Title(BaseModel):
    """The body that renames a conversation."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: Annotated[str, Field(min_length=1, max_length=200)]


class Rating(BaseModel):
    """The body that rates an answer; `rate` over HTTP."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    score: Score
    why: Annotated[str, Field(max_length=500)] | None = None


def frame(
    kind: str, data: dict[str, Any], *, conv: str | None = None, turn: str | None = None, seq: int | None = None
) -> dict[str, Any]:
    """A server frame, ready for JSON."""
    ts = clock.wall().astimezone(UTC)
    return {
        "v": VERSION,
        "type": kind,
        "conv": conv,
        "turn": turn,
        "seq": seq,
        "ts": _stamp(ts),
        "data": data,
    }


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def error(code: str, message: str, *, retry_after_ms: int | None = None) -> dict[str, Any]:
    """The data of an `error` frame."""
    found: dict[str, Any] = {"code": code, "message": message, "retryable": ERRORS[code]}
    if retry_after_ms is not None:
        found["retry_after_ms"] = retry_after_ms
    return found
