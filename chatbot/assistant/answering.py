"""An answer by the chat model, streamed: cited, checked, and given up in favour of search where the model fails.

    Material ─ prompt ─ model ─ MarkerFilter ─ Checker ─▶ deltas, cites
                 │ overflow: packed smaller, once    │ fails after the first word: what there is stays, with the error
                 │ memory: the next smaller model    └ before it: `NotAnswered`, and the caller shows what was found
                 └ busy, broken: tried again by the client, while nothing is visible

The model has no tools, and nothing it writes is ever read as anything but text.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import ollama

from chatbot.assistant import prompting
from chatbot.assistant.chat_model import Chosen, ModelWatch, NoModel
from chatbot.assistant.checking import Checker, Evidence, Source
from chatbot.assistant.citing import MarkerFilter
from chatbot.assistant.formatting import Format
from chatbot.assistant.types import Question, Sink
from chatbot.llm import wire
from chatbot.llm.errors import ContextOverflow, LlmError, ModelMissing, OutOfMemory, ServerDown
from chatbot.llm.models import base_url
from chatbot.llm.ollama_client import Call, Chat, Completion, OllamaClient, Piece
from chatbot.retrieval.passages import Citation
from shared.config import Settings
from shared.schemas import chat as protocol
from shared.schemas.chat import EndReason
from shared.telemetry import get_logger

log = get_logger(__name__)

#: Silence after which the panel says that the model is being loaded, seconds.
_LOADING_AFTER_S = 1.5
#: Somebody waits: shorter than what a job would give a server to come back.
RETRY_AFTER_S = (0.3, 1.0)
_MOST_S = 900.0


@dataclass(frozen=True, slots=True)
class Material:
    """What the model is given: fenced text, the sources its numbers stand for, and what figures are checked against."""

    context: str
    citations: tuple[Citation, ...]
    sources: tuple[Source, ...]
    nonce: str = ""
    facts: str = ""


#: Packs what was found into so many tokens; called again, with fewer, where the model's own count was higher.
Pack = Callable[[int], Awaitable[Material]]


@dataclass(slots=True)
class Written:
    """An answer, or its beginning. `cited` are the sources it names, `unsupported` the figures that none says."""

    text: str
    engine: str
    material: Material
    reason: EndReason = "done"
    error: dict[str, Any] | None = None
    cited: list[int] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, int] = field(default_factory=dict)


class NotAnswered(Exception):
    """No model wrote a word: `error` is data of an `error` frame."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.error = protocol.error(code, reason)


class Answerer:
    """Writes answers. One for each event loop: its connections to Ollama are kept and shared by all turns."""

    def __init__(self, *, retry_after_s: Sequence[float] = RETRY_AFTER_S) -> None:
        self.models = ModelWatch()
        self._retry_after_s = tuple(retry_after_s)
        self._connections: ollama.AsyncClient | None = None

    async def close(self) -> None:
        self.models.close()
        if self._connections is not None:
            await wire.close_connections(self._connections)

    async def write(
        self,
        question: Question,
        fmt: Format,
        pack: Pack,
        sink: Sink,
        *,
        settings: Settings,
        on_call: Callable[[Call], None],
        facts: str = "",
    ) -> Written:
        """The model's answer to a question, told to the sink as it comes. Raises NotAnswered."""
        share = 1.0
        while True:
            chosen = await self.models.choose(settings)
            if isinstance(chosen, NoModel):
                raise NotAnswered(chosen.code, chosen.reason)
            space = prompting.room(question, fmt, chosen.model.num_ctx, facts=facts)
            if space.context < 200:
                raise NotAnswered(
                    "context_overflow", f"The window of {chosen.model.name} is too small for this question."
                )
            material = await pack(int(space.context * share))
            turn = _Turn(chosen, material, sink, fmt)
            chat = Chat(
                "answer", prompting.messages(question, fmt, context=material.context, facts=facts), space.answer,
                prompt_version=prompting.VERSION, temperature=0.2,
            )  # fmt: skip
            try:
                return await turn.write(self._client(settings, chosen, on_call), chat)
            except LlmError as error:
                log.warning("answer.failed", model=chosen.model.name, reason=error.code)
                if isinstance(error, ContextOverflow) and share == 1.0:
                    share = 0.5
                elif isinstance(error, OutOfMemory) and (smaller := await self._smaller(settings, chosen)):
                    sink.status("loading_model", smaller.engine)
                else:
                    self._learn(error)
                    raise NotAnswered(error.code, error.reason) from error

    async def _smaller(self, settings: Settings, chosen: Chosen) -> Chosen | None:
        """What answers instead of a model that does not fit into memory."""
        self.models.leave_out(chosen.model.name)
        smaller = await self.models.choose(settings)
        return smaller if isinstance(smaller, Chosen) else None

    def _learn(self, error: LlmError) -> None:
        if isinstance(error, ServerDown | ModelMissing):
            self.models.forget()

    def _client(self, settings: Settings, chosen: Chosen, on_call: Callable[[Call], None]) -> OllamaClient:
        if self._connections is None:
            self._connections = wire.connect(base_url(settings.ollama_host))
        return OllamaClient(
            settings.ollama_host, chosen.model, idle_s=settings.ollama_timeout_s, total_s=_MOST_S,
            retry_after_s=self._retry_after_s, on_call=on_call, connections=self._connections,
        )  # fmt: skip


class _Turn:
    """One call being read: what of it is shown, and what is known of it when it ends."""

    def __init__(self, chosen: Chosen, material: Material, sink: Sink, fmt: Format) -> None:
        self.chosen, self.material, self.sink = chosen, material, sink
        self.filter = MarkerFilter([citation.n for citation in material.citations], nonce=material.nonce)
        self.evidence = Evidence(
            [*material.sources, *([Source(material.facts)] if material.facts else [])], today=fmt.today
        )
        self.checker = Checker(self.evidence)
        self.parts: list[str] = []
        self.blank = ""
        self.cited: list[int] = []
        self.began = time.monotonic()
        self.first_ms: int | None = None
        self.stage = ""

    async def write(self, client: OllamaClient, chat: Chat) -> Written:
        """Raises LlmError while nothing is visible; later the answer so far is given, with the error."""
        preparing = asyncio.create_task(asyncio.to_thread(self.evidence.prepare))
        loading = asyncio.get_running_loop().call_later(_LOADING_AFTER_S, self._is_loading)
        completion: Completion | None = None
        try:
            self._status("thinking")
            async with aclosing(client.astream(chat)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Completion):
                        completion = piece
                        continue
                    loading.cancel()
                    await preparing
                    self._read(piece)
        except LlmError as error:
            if not self.parts:
                raise
            return self._broken(error)
        finally:
            loading.cancel()
        self._show(self.filter.finish())
        self._give(self.checker.flush())
        return self._written(completion)

    def _read(self, piece: Piece) -> None:
        if piece.is_thinking:
            self._status("thinking")
            return
        self._show(self.filter.feed(piece.text))

    def _show(self, items: Sequence[str | int]) -> None:
        for item in items:
            if isinstance(item, str):
                self._give(self.checker.feed(item))
            else:
                self._give(f"{self.checker.flush()}[{item}]")
                if item not in self.cited:
                    self.cited.append(item)
                    self.sink.cite(item)

    def _give(self, text: str) -> None:
        """Blanks wait for what follows them, so that the text ends where its last word does."""
        text = self.blank + text
        shown = text.rstrip()
        self.blank = text[len(shown) :]
        if not shown:
            return
        if self.first_ms is None:
            self.first_ms = int((time.monotonic() - self.began) * 1000)
            self._status("writing")
        self.parts.append(shown)
        self.sink.delta(shown)

    def _status(self, stage: Any) -> None:
        if stage != self.stage:
            self.stage = stage
            self.sink.status(stage, self.chosen.engine)

    def _is_loading(self) -> None:
        self._status("loading_model")

    def _broken(self, error: LlmError) -> Written:
        """What could be read stays; half a claim is given as it is, unmarked only if a source says it."""
        self._show(self.filter.finish())
        self._give(self.checker.flush())
        found = self._written(None)
        found.reason, found.error = "error", protocol.error(error.code, error.reason)
        return found

    def _written(self, completion: Completion | None) -> Written:
        text = "".join(self.parts)
        if not text:
            raise NotAnswered("bad_model_output", f"{self.chosen.model.name} wrote nothing that could be shown.")
        usage: dict[str, Any] = {"model": self.chosen.model.name, "checked": self.checker.checked}
        if completion is not None:
            usage |= {"prompt_tokens": completion.prompt_tokens, "output_tokens": completion.output_tokens}
        if self.checker.unsupported:
            usage["unsupported"] = self.checker.unsupported
        if self.filter.dropped:
            usage["dropped_markers"] = self.filter.dropped
        if self.chosen.why:
            usage["instead_of"] = self.chosen.wanted
        is_cut = completion is not None and completion.done_reason == "length"
        return Written(
            text, self.chosen.engine, self.material, "length" if is_cut else "done", None, self.cited,
            self.checker.unsupported, usage,
            {"model_ms": int((time.monotonic() - self.began) * 1000), "model_first_token_ms": self.first_ms or 0},
        )  # fmt: skip
