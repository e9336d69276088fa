"""One call to a model, start to end, with everything that goes wrong turned into a typed error.

The `ollama` package knows neither `truncate` nor `shift`, and its calls wait for ever. Here a client is bound to one
model with one window (a change of either makes Ollama load the model again), always streams so that silence can be told
from work, gives up after `idle_s` of silence, beats while it waits so that a lease can be renewed, and tries again what
may pass. Each attempt is reported as a `Call`.

`chat` is for jobs and commands; inside an event loop use `achat`, or `astream` where somebody reads along.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import ollama
from ollama._types import ChatRequest

from chatbot.llm import tokens
from chatbot.llm.errors import Broken, ContextOverflow, LlmError
from chatbot.llm.logprobs import Token, tokens_of
from chatbot.llm.models import Model, base_url
from chatbot.llm.wire import Beat, Watch, rest, stream_chat
from shared.telemetry import get_logger

log = get_logger(__name__)

#: A prompt of so many tokens may take another `idle_s` to be read: without a graphics card a model of eight billion
#: parameters reads some twenty tokens a second, and is silent meanwhile.
READ_PER_IDLE = 2400
#: Seconds between attempts. Together longer than Ollama's own service waits before it restarts what died (3 s).
RETRY_AFTER_S = (0.5, 2.0, 5.0)
#: A constrained model that has nothing more to say can print white space for ever; this much is enough of it.
MOST_WHITE_SPACE = 200


@dataclass(frozen=True, slots=True)
class Chat:
    """One question. `schema` is a JSON schema the answer should fit; servers do not always hold a model to it."""

    purpose: str
    messages: Sequence[Mapping[str, str]]
    num_predict: int
    schema: Mapping[str, Any] | None = None
    prompt_version: str | None = None
    temperature: float = 0.0
    #: None: as little thinking as the model allows. Models that do not think are never asked.
    think: bool | None = None
    #: Ask for the probability of each token; servers before 0.12.11 pass over the question.
    logprobs: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer. `done_reason` is Ollama's `stop` or `length`, or `whitespace` where we ended it.

    `tokens` are its tokens with their probabilities, in order; none where the server gives none.
    """

    text: str
    done_reason: str
    prompt_tokens: int
    output_tokens: int
    ms: int
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A few characters of an answer under way; of what the model thinks first, if `is_thinking`."""

    text: str
    is_thinking: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt, for the book: `llm_call` has a column for each field."""

    purpose: str
    model: str
    prompt_version: str | None
    prompt_tokens: int
    output_tokens: int
    ms: int
    ok: bool
    error: str | None = None


@dataclass(slots=True)
class _Answer:
    """What an attempt has brought so far; kept outside it, so that a failed attempt can be booked too."""

    watch: Watch
    parts: list[str] = field(default_factory=list)
    blank: int = 0
    length: int = 0
    tokens: list[Token] = field(default_factory=list)
    last: ollama.ChatResponse | None = None

    def add(self, line: ollama.ChatResponse) -> None:
        self.last = line
        text = line.message.content or ""
        if text and line.logprobs:
            self.tokens += tokens_of(self.length, text, [(entry.token, entry.logprob) for entry in line.logprobs])
        self.length += len(text)
        self.parts.append(text)
        self.blank = self.blank + len(text) if not text.strip() else 0

    @property
    def has_text(self) -> bool:
        return any(self.parts)

    @property
    def prompt_tokens(self) -> int:
        return (self.last and self.last.prompt_eval_count) or 0

    @property
    def output_tokens(self) -> int:
        return (self.last and self.last.eval_count) or self.watch.tokens

    @property
    def ms(self) -> int:
        return int(self.watch.elapsed_s * 1000)


def _in_words(error: BaseException) -> str:
    return error.reason if isinstance(error, LlmError) else f"Ended: {type(error).__name__}"


class OllamaClient:
    """Talks to one model.

    `idle_s` is the longest silence (longer before the first word of a long prompt), `total_s` the longest attempt,
    seconds. `on_call` books attempts; `on_beat` is called about once a second during a call, in the caller's thread,
    and may raise to end it (a lost lease, say). `connections` (`wire.connect`) are shared by all calls of an event
    loop.
    """

    def __init__(
        self,
        host: str,
        model: Model,
        *,
        idle_s: float = 120.0,
        total_s: float = 1800.0,
        keep_alive: str = "30m",
        retry_after_s: Sequence[float] = RETRY_AFTER_S,
        on_call: Callable[[Call], None] | None = None,
        on_beat: Callable[[Beat], None] | None = None,
        connections: ollama.AsyncClient | None = None,
    ) -> None:
        self.model = model
        self.on_call = on_call
        self.on_beat = on_beat
        self._host = base_url(host)
        self._idle_s, self._total_s = idle_s, total_s
        self._keep_alive = keep_alive
        self._retry_after_s = tuple(retry_after_s)
        self._connections = connections

    def chat(self, chat: Chat, judge: Callable[[Completion], None] | None = None) -> Completion:
        """Ask and wait for the whole answer. Raises LlmError; what may pass has then been tried again.

        `judge` sees the answer before the call is booked, and may raise LlmError to have it booked as failed.
        """
        return asyncio.run(self.achat(chat, judge))

    async def achat(self, chat: Chat, judge: Callable[[Completion], None] | None = None) -> Completion:
        """As `chat`, for callers inside an event loop."""
        self._check_size(chat)
        for wait_s in self._retry_after_s:
            try:
                return await self._booked(chat, judge)
            except LlmError as error:
                if not error.is_transient:
                    raise
                log.warning("llm.call_retried", purpose=chat.purpose, model=self.model.name, reason=error.code)
            await rest(wait_s, self.on_beat)
        return await self._booked(chat, judge)

    async def astream(self, chat: Chat) -> AsyncGenerator[Piece | Completion, None]:
        """The answer piece by piece, then the `Completion`. Raises LlmError.

        What may pass is tried again only while nothing of the answer has been given: nobody can take back what was
        read. Leaving the generator, or cancelling whoever awaits it, closes the connection and so stops the model.
        """
        self._check_size(chat)
        for wait_s in (*self._retry_after_s, None):
            answer = _Answer(self._watch(chat))
            try:
                async with aclosing(self._stream(chat, answer)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except LlmError as error:
                if wait_s is None or not error.is_transient or answer.has_text:
                    raise
                log.warning("llm.call_retried", purpose=chat.purpose, model=self.model.name, reason=error.code)
            await rest(wait_s, self.on_beat)

    async def _stream(self, chat: Chat, answer: _Answer) -> AsyncGenerator[Piece | Completion, None]:
        """One attempt, booked however it ends: a reader who leaves has cost tokens too."""
        try:
            async with aclosing(self._lines(chat, answer)) as lines:
                async for line in lines:
                    if line.message.thinking:
                        yield Piece(line.message.thinking, is_thinking=True)
                    if line.message.content:
                        yield Piece(line.message.content)
            completion = self._judged(chat, answer)
        except BaseException as error:
            self._book(chat, answer, _in_words(error))
            raise
        self._book(chat, answer, None)
        yield completion

    def _watch(self, chat: Chat) -> Watch:
        reading = tokens.estimate_messages(chat.messages) / READ_PER_IDLE
        return Watch(self._idle_s * (1 + reading), self._idle_s, self._total_s, self.on_beat)

    def _check_size(self, chat: Chat) -> None:
        needed = tokens.estimate_messages(chat.messages)
        if needed >= self.model.num_ctx:
            raise ContextOverflow(
                f"The prompt needs about {needed} tokens; {self.model.name} is used with {self.model.num_ctx}."
            )

    async def _booked(self, chat: Chat, judge: Callable[[Completion], None] | None) -> Completion:
        answer = _Answer(self._watch(chat))
        try:
            completion = await self._attempt(chat, answer)
            if judge:
                judge(completion)
        except BaseException as error:
            # Also what on_beat raised and a cancelled task: tokens were spent, so the book says so.
            self._book(chat, answer, _in_words(error))
            raise
        self._book(chat, answer, None)
        return completion

    def _book(self, chat: Chat, answer: _Answer, error: str | None) -> None:
        call = Call(
            chat.purpose, self.model.name, chat.prompt_version, answer.prompt_tokens, answer.output_tokens, answer.ms,
            ok=error is None, error=error and error[:500],
        )  # fmt: skip
        log.info(
            "llm.call_ended", purpose=call.purpose, model=call.model, tokens=call.output_tokens, ms=call.ms, ok=call.ok
        )
        if self.on_call:
            self.on_call(call)

    async def _attempt(self, chat: Chat, answer: _Answer) -> Completion:
        async with aclosing(self._lines(chat, answer)) as lines:
            async for _ in lines:
                if chat.schema and answer.blank > MOST_WHITE_SPACE:
                    return self._completion(answer, "whitespace")
        return self._judged(chat, answer)

    async def _lines(self, chat: Chat, answer: _Answer) -> AsyncGenerator[ollama.ChatResponse, None]:
        async with aclosing(stream_chat(self._host, self._body(chat), answer.watch, self._connections)) as lines:
            async for line in lines:
                answer.add(line)
                yield line

    def _judged(self, chat: Chat, answer: _Answer) -> Completion:
        if answer.last is None or not answer.last.done:
            raise Broken("Ollama ended the answer before it was complete.")
        if tokens.was_cut(chat.messages, answer.prompt_tokens):
            raise ContextOverflow(
                f"Ollama cut the prompt: {self.model.name} saw only {answer.prompt_tokens} tokens of it."
            )
        return self._completion(answer, answer.last.done_reason or "stop")

    @staticmethod
    def _completion(answer: _Answer, reason: str) -> Completion:
        text = "".join(answer.parts)
        return Completion(text, reason, answer.prompt_tokens, answer.output_tokens, answer.ms, tuple(answer.tokens))

    def _body(self, chat: Chat) -> dict[str, Any]:
        """The request. `truncate` and `shift` stand at the top level: inside `options` Ollama ignores them and cuts."""
        request = ChatRequest(
            model=self.model.name,
            messages=list(chat.messages),
            stream=True,
            format=dict(chat.schema) if chat.schema else None,
            think=self._think(chat),
            logprobs=True if chat.logprobs else None,
            keep_alive=self._keep_alive,
            options={
                "num_ctx": self.model.num_ctx,
                "num_predict": chat.num_predict,
                "temperature": chat.temperature,
                "seed": 7,  # the same meeting read twice should read the same
            },
        )
        return {**request.model_dump(exclude_none=True), "truncate": False, "shift": False}

    def _think(self, chat: Chat) -> bool | str | None:
        """What to send as `think`: nothing at all to a model that cannot, since Ollama refuses even the question."""
        if not self.model.can_think:
            return None
        if self.model.thinks_in_levels:
            return "medium" if chat.think else "low"
        return bool(chat.think)
