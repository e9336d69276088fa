"""The frames of one turn, numbered and kept, whoever listens; and what waits for one who does.

A turn's buffer is the queue of all who follow it: a follower is a place in it. So a slow reader costs no memory, one
who comes back is served from where it was, and nobody can be sent a frame twice or out of order. What is older than the
buffer's megabyte is gone; who has not read it by then is told to load the stored answer (`resync`).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import Any

from shared.chat.tickets import Holder
from shared.schemas import chat

MAX_BUFFER_BYTES = 1024 * 1024
#: Answers of the server itself (pongs, acknowledgements) that may wait for one connection.
MAX_WAITING = 256
#: Turns that one connection follows; of more, the oldest is let go.
MAX_FOLLOWED = 200


class Turn:
    """A turn that is running, or has ended within the last minutes.

    `stopping` is set to why it should end (stopped, interrupted); `ended` when its last frame is out; `saved` when its
    answer is in the database.
    """

    def __init__(self, id: str, conversation: str, message_id: int, holder: Holder) -> None:
        self.id, self.conversation, self.message_id, self.holder = id, conversation, message_id, holder
        self.stopping: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.ended, self.saved = asyncio.Event(), asyncio.Event()
        self.started = time.monotonic()
        self.ended_at: float | None = None
        self.outcome: Any = None  # a types.Outcome, once there is one
        self.announced: set[tuple[str, str]] = set()  # results of actions that stand in the buffer
        self.followers: set[Outbox] = set()
        self.bytes = 0
        self._frames: deque[tuple[str, int]] = deque()
        self._dropped = 0
        self._text: list[str] = []

    @property
    def last_seq(self) -> int:
        return self._dropped + len(self._frames)

    @property
    def text(self) -> str:
        """What the answer says so far."""
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return self._text[0] if self._text else ""

    @property
    def ms(self) -> int:
        """How long it has run, or ran, milliseconds."""
        return int(((self.ended_at or time.monotonic()) - self.started) * 1000)

    def emit(self, kind: str, data: dict[str, Any]) -> None:
        """Number a frame, keep it, and wake who follows."""
        if kind == "delta":
            self._text.append(data["text"])
        text = encode(kind, data, conv=self.conversation, turn=self.id, seq=self.last_seq + 1)
        size = len(text.encode())
        self._frames.append((text, size))
        self.bytes += size
        while self.bytes > MAX_BUFFER_BYTES and len(self._frames) > 1:
            self.bytes -= self._frames.popleft()[1]
            self._dropped += 1
        for follower in self.followers:
            follower.notice(self)

    def has_after(self, seq: int) -> bool:
        """Whether everything after this frame is still here."""
        return seq >= self._dropped

    def get(self, seq: int) -> str | None:
        """A frame that is still here; None if it has not been sent yet."""
        at = seq - self._dropped - 1
        return self._frames[at][0] if at < len(self._frames) else None


class Outbox:
    """What waits for one connection: the server's own answers, then the frames of the turns it follows.

    It goes on following turns that have ended, since results of actions may still come. Taking a frame costs the same
    however many those are.
    """

    def __init__(self) -> None:
        self.awake = asyncio.Event()
        self.overflowed = False
        self._own: deque[str] = deque()
        self._places: dict[Turn, int] = {}  # the last frame sent of each turn, oldest turn first
        self._news: dict[Turn, None] = {}  # those of them with frames to send
        self._shown: dict[str, Turn] = {}  # the last turn followed of each conversation

    def put(self, kind: str, data: dict[str, Any], *, conv: str | None = None, turn: str | None = None) -> None:
        """Send a frame that belongs to no turn's numbering."""
        if len(self._own) >= MAX_WAITING:
            self.overflowed = True
            return
        self._own.append(encode(kind, data, conv=conv, turn=turn))
        self.awake.set()

    def follow(self, turn: Turn, after: int) -> None:
        """Send the frames of a turn after this one, those there are and those to come."""
        self._places.pop(turn, None)
        while len(self._places) >= MAX_FOLLOWED:
            self.forget(next(iter(self._places)))
        self._places[turn] = min(after, turn.last_seq)
        self._shown[turn.conversation] = turn
        turn.followers.add(self)
        self.notice(turn)

    def notice(self, turn: Turn) -> None:
        """A followed turn has something to send."""
        self._news[turn] = None
        self.awake.set()

    def follows(self, turn: Turn) -> bool:
        return turn in self._places

    def follows_conversation(self, conversation: str) -> bool:
        """Whether a turn of this conversation is shown here."""
        return conversation in self._shown

    def forget(self, turn: Turn) -> None:
        """Follow a turn no longer."""
        turn.followers.discard(self)
        self._places.pop(turn, None)
        self._news.pop(turn, None)
        if self._shown.get(turn.conversation) is turn:
            del self._shown[turn.conversation]

    def next(self) -> tuple[str, int | None] | None:
        """The next frame, with its number if it has one; None when all is sent."""
        if self._own:
            return self._own.popleft(), None
        while self._news:
            turn = next(iter(self._news))
            seen = self._places[turn]
            if not turn.has_after(seen):
                self.forget(turn)
                return resync(turn.id, turn.conversation), None
            text = turn.get(seen + 1)
            if text is not None:
                self._places[turn] = seen + 1
                return text, seen + 1
            del self._news[turn]
        return None

    def drain(self) -> list[str]:
        """All of the server's own answers, for a request that follows nothing."""
        waiting, self._own = list(self._own), deque()
        return waiting

    def leave(self) -> None:
        """The connection is gone."""
        for turn in list(self._places):
            self.forget(turn)


def encode(
    kind: str, data: dict[str, Any], *, conv: str | None = None, turn: str | None = None, seq: int | None = None
) -> str:
    """A frame as JSON. Half characters, which a model can produce, are replaced: no socket could send them."""
    found = chat.frame(kind, data, conv=conv, turn=turn, seq=seq)
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.encode("utf-8", "replace").decode()


def resync(turn: str, conversation: str) -> str:
    """Frames were missed that are no longer here: the stored answer is at `href` of the CRM."""
    href = f"/chat/conversations/{conversation}"
    return encode("resync", {"turn": turn, "conv": conversation, "href": href}, conv=conversation, turn=turn)
