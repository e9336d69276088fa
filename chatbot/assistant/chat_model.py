"""Which model answers right now, without anybody waiting to find out.

A turn looks once at what Ollama has (`chatbot.llm.presence`) and takes what is known from then on. The model that is
wanted and not there is replaced by the largest that is; one that did not fit into memory by a smaller one, for a while.
Both are said.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from chatbot.llm.errors import LlmError
from chatbot.llm.models import Model, Status, describe, resolve
from chatbot.llm.presence import Presence
from shared.config import Settings
from shared.telemetry import get_logger

log = get_logger(__name__)

#: Seconds that a model which did not fit is left alone.
_TOO_LARGE_S = 300.0
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
    """Knows what Ollama has. One for each event loop. `settings` name the wanted models, and may change at any time."""

    def __init__(self) -> None:
        self.presence = Presence()
        self._described: dict[tuple[str, int], Model] = {}
        self._too_large: dict[str, float] = {}

    async def look(self, settings: Settings) -> None:
        """See that what is known is of these seconds; once for each turn."""
        await self.presence.look(lambda: settings, patience_s=_PATIENCE_S)

    async def choose(self, settings: Settings) -> Chosen | NoModel:
        """From what is known now; asks only where nothing is."""
        if not self.presence.was_asked:
            await self.look(settings)
        now = self.presence.known
        if now is None or not now.reachable:
            return NoModel(
                "ollama_down", (now and now.reason) or "Ollama is not reachable. Start it with: ollama serve"
            )
        return await self._chosen(settings, now)

    def can_read(self, settings: Settings) -> bool:
        """Whether the small model could be asked what a question means."""
        now = self.presence.known
        return now is not None and now.reachable and resolve(settings.extraction_model, now.models) is not None

    def leave_out(self, name: str) -> None:
        """It did not fit into memory."""
        self._too_large[name] = time.monotonic() + _TOO_LARGE_S

    def forget(self) -> None:
        """What is known has turned out wrong: ask before the next turn."""
        self.presence.forget()
        self._described.clear()

    def close(self) -> None:
        self.presence.close()

    async def _chosen(self, settings: Settings, now: Status) -> Chosen | NoModel:
        wanted = settings.chat_model
        there = resolve(wanted, [model for model in now.models if model.can_chat])
        for name in self._candidates(there, now):
            if model := await self._describe(settings, name, _window(settings, now, name)):
                why = "" if name == there else "missing" if there is None else "memory"
                return Chosen(model, wanted, why)
        return NoModel("model_missing", f"The model {wanted} is not installed. Run: ollama pull {wanted}")

    def _candidates(self, wanted: str | None, now: Status) -> list[str]:
        """The wanted model, or the largest; then those smaller than it. Without those that did not fit."""
        sizes = {model.name: model.size for model in now.models if model.can_chat}
        by_size = sorted(sizes, key=sizes.__getitem__, reverse=True)
        first = wanted or next(iter(by_size), None)
        if first is None:
            return []
        clock = time.monotonic()
        names = [first, *(name for name in by_size if sizes[name] < sizes[first])]
        return [name for name in names if self._too_large.get(name, 0.0) < clock]

    async def _describe(self, settings: Settings, name: str, num_ctx: int) -> Model | None:
        """What the model can do, asked once."""
        if (name, num_ctx) not in self._described:
            try:
                self._described[name, num_ctx] = await asyncio.to_thread(describe, settings, name, num_ctx)
            except LlmError as error:
                log.warning("model.not_described", model=name, reason=error.code)
        return self._described.get((name, num_ctx))


def _window(settings: Settings, now: Status, name: str) -> int:
    """Always the same for a model, whatever it does: another window makes Ollama load it again."""
    reads_too = resolve(settings.extraction_model, now.models) == name
    return settings.extraction_num_ctx if reads_too else settings.chat_num_ctx
