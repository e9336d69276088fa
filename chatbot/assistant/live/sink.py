"""What an engine tells while it answers, as frames of its turn.

Text comes in bits of a few characters. The first goes out at once, the following are joined until 50 ms have passed or
32 characters are there: the eye sees no difference, and a fifth of the frames are sent. Once the turn has ended,
whatever a late engine still says is dropped.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from chatbot.assistant.live.turn import Turn
from chatbot.assistant.types import Choice, Outcome
from chatbot.retrieval.passages import Citation
from shared.schemas.chat import EndReason, RouteKind, Stage

JOIN_S = 0.05
JOIN_CHARS = 32


class FrameSink:
    """A `types.Sink`. It may be called from a thread: the frames are then made in the event loop, in order."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._waiting: list[str] = []
        self._length = 0
        self._sent_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self.first_text_ms: int | None = None
        self.told: dict[str, Any] = {"cards": []}

    def status(self, stage: Stage, detail: str = "") -> None:
        self._emit("status", {"stage": stage, "detail": detail})

    def route(self, kind: RouteKind, sentence: str, choices: Sequence[Choice] = ()) -> None:
        offered = [choice_json(choice) for choice in choices]
        self.told |= {"route": kind, "sentence": sentence, "choices": list(choices)}
        self._emit("route", {"kind": kind, "sentence": sentence, "choices": offered})

    def table(self, table: dict[str, Any]) -> None:
        self.told["table"] = table
        self._emit("table", table)

    def sources(self, items: Sequence[Citation]) -> None:
        self.told["sources"] = list(items)
        self._emit("sources", {"items": [asdict(item) for item in items]})

    def cite(self, n: int) -> None:
        self._emit("cite", {"n": n})

    def action(self, card: dict[str, Any]) -> None:
        self.told["cards"].append(card)
        self._emit("action", card)

    def delta(self, text: str) -> None:
        text = storable(text)
        if text:
            self._in_loop(lambda: self._join(text))

    def close(self) -> None:
        """Send what waits; from now on nothing is heard."""
        self._flush()
        self._is_closed = True

    def partial(self, reason: EndReason, error: dict[str, Any] | None = None) -> Outcome:
        """What there is of the answer when it did not come to its end."""
        return Outcome(
            route=self.told.get("route", "abstain"),
            text=self._turn.text,
            reason=reason,
            table=self.told.get("table"),
            sentence=self.told.get("sentence"),
            citations=self.told.get("sources", []),
            choices=self.told.get("choices", []),
            actions=self.told["cards"],
            error=error,
        )

    def _emit(self, kind: str, data: dict[str, Any]) -> None:
        self._in_loop(lambda: self._now(kind, data))

    def _now(self, kind: str, data: dict[str, Any]) -> None:
        self._flush()
        if not self._is_closed:
            self._turn.emit(kind, data)

    def _join(self, text: str) -> None:
        if self._is_closed:
            return
        self._waiting.append(text)
        self._length += len(text)
        if self.first_text_ms is None:
            self.first_text_ms = self._turn.ms
        since = time.monotonic() - self._sent_at
        if self._length >= JOIN_CHARS or since >= JOIN_S:
            self._flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(JOIN_S - since, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._waiting or self._is_closed:
            return
        text, self._waiting, self._length = "".join(self._waiting), [], 0
        self._sent_at = time.monotonic()
        self._turn.emit("delta", {"text": text})

    def _in_loop(self, act: Callable[[], None]) -> None:
        if threading.get_ident() == self._thread:
            act()
        else:
            self._loop.call_soon_threadsafe(act)


def choice_json(choice: Choice) -> dict[str, Any]:
    """A choice as frames and the database carry it."""
    record = asdict(choice.record) if choice.record else None
    return {"label": choice.label, "question": choice.question, "record": record}


def storable(text: str) -> str:
    """Text that every database keeps: no NUL, no half characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
