"""Which model answers right now, without anybody waiting to find out.

What Ollama has is asked in the background and remembered for seconds; a turn takes what is known. Only a machine that
was silent the last time is asked again before a turn goes without a model, briefly. The model that is wanted and not
there is replaced by the largest that is; one that did not fit into memory by a smaller one, for a while. Both are said.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from chatbot.llm.errors import LlmError
from chatbot.llm.models import Model, Status, describe, resolve, status
from shared.config import Settings
from shared.telemetry import get_logger

log = get_logger(__name__)

#: Seconds that an answer of Ollama's is good for, and that a model which did not fit is left alone.
_FRESH_S, _TOO_LARGE_S = 10.0, 300.0
#: Longest wait of a turn for a machine that was silent the last time, or has not been asked yet.
_PATIENCE_S = 0.4


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model that answers. `why` says why it is not the one that is wanted: `missing`, `memory`, or nothing."""

    model: Model
    wanted: str
    why: str = ""

    @property
    def engine(self) -> str:
        """What stands under an answer."""
        reason = {"missing": "is not installed", "memory": "does not fit into memory"}.get(self.why)
        return f"{self.model.name} ({self.wanted} {reason})"[:200] if reason else self.model.name


@dataclass(frozen=True, slots=True)
class NoModel:
    """None can answer: `code` of the chat protocol, and a sentence."""

    code: str
    reason: str


class ModelWatch:
    """Knows the model for answers. One for each event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._status: Status | None = None
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None
        self._described: dict[tuple[str, int], Model] = {}
        self._too_large: dict[str, float] = {}

    async def choose(self) -> Chosen | NoModel:
        """What is known now; asks in the background when that is old."""
        is_good = self._status is not None and self._status.reachable
        if time.monotonic() - self._asked_at > (_FRESH_S if is_good else 0.5):
            asking = self._ask()
            if not is_good:
                await asyncio.wait({asking}, timeout=_PATIENCE_S)
        return self._chosen()

    def leave_out(self, name: str) -> None:
        """It did not fit into memory."""
        self._too_large[name] = time.monotonic() + _TOO_LARGE_S

    def forget(self) -> None:
        """What is known has turned out wrong: ask before the next turn."""
        self._status = None
        self._asked_at = float("-inf")

    def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()

    def _chosen(self) -> Chosen | NoModel:
        now = self._status
        if now is None or not now.reachable:
            return NoModel(
                "ollama_down", (now and now.reason) or "Ollama is not reachable. Start it with: ollama serve"
            )
        wanted = self._settings.chat_model
        for name in self._candidates(now):
            if model := self._described.get((name, self._window(now, name))):
                is_wanted = resolve(wanted, now.models) == name
                missing = resolve(wanted, now.models) is None
                return Chosen(model, wanted, "" if is_wanted else "missing" if missing else "memory")
        return NoModel("model_missing", f"The model {wanted} is not installed. Run: ollama pull {wanted}")

    def _candidates(self, now: Status) -> list[str]:
        """The chat model, then those smaller than it, largest first; without those that did not fit."""
        sizes = {model.name: model.size for model in now.models if model.can_chat}
        if now.chat_model is None:
            return []
        first = now.chat_model
        smaller = sorted((n for n in sizes if n != first and sizes[n] < sizes.get(first, 0)), key=sizes.__getitem__)
        clock = time.monotonic()
        return [name for name in (first, *reversed(smaller)) if self._too_large.get(name, 0.0) < clock]

    def _window(self, now: Status, name: str) -> int:
        """Always the same for a model: another window makes Ollama load it again."""
        is_readers = name == now.extraction_model
        return self._settings.extraction_num_ctx if is_readers else self._settings.chat_num_ctx

    def _ask(self) -> asyncio.Task[None]:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._look())
        return self._asking

    async def _look(self) -> None:
        now = await asyncio.to_thread(status, self._settings)
        if now.reachable:
            for name in self._candidates(now)[:2]:
                await self._describe(name, self._window(now, name))
        self._status, self._asked_at = now, time.monotonic()

    async def _describe(self, name: str, num_ctx: int) -> None:
        if (name, num_ctx) in self._described:
            return
        try:
            self._described[name, num_ctx] = await asyncio.to_thread(describe, self._settings, name, num_ctx)
        except LlmError as error:
            log.warning("model.not_described", model=name, reason=error.code)
