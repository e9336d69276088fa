"""The inside of the Ollama test server: loading, queueing, the context window, and the stream of an answer."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.fakes.ollama_script import SURE, Model, Reply, Request, Script, find_model, missing, tokens

#: Options that make Ollama load a model again when they change (server/sched.go), beside the effective `shift`.
LOADING = ("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread")
TOO_LONG = (
    "the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the "
    "context length in settings, or use a model with a longer context length"
)

IsGone = Callable[[], bool]


class Refused(Exception):
    """An error before the first byte."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Cut(Exception):
    """The connection ends here, after `partial`."""

    def __init__(self, partial: str = "") -> None:
        super().__init__(partial)
        self.partial = partial


class ClientGone(Exception):
    """The client hung up."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory, with what it was loaded with."""

    model: Model
    num_ctx: int
    key: tuple[Any, ...]


@dataclass(slots=True)
class Prompt:
    """A prompt after the context rules: how many tokens arrived, and how many the model gets to see."""

    sent: int
    kept: int


@dataclass(slots=True)
class Engine:
    """Holds the models, the queue and the log. `loads` names each loading, so a test can count reloads."""

    models: list[Model]
    script: Script
    default_num_ctx: int
    parallel: int
    max_queue: int
    requests: list[Request] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    loaded: dict[str, Loaded] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    #: Ollama tells the probabilities of tokens since 0.12.11 and passes over the question before.
    knows_logprobs: bool = True
    _running: int = 0
    _waiting: int = 0
    _turn: threading.Condition = field(default_factory=threading.Condition)

    def model(self, request: Request) -> Model:
        if not request.model:
            raise Refused(400, "model is required")
        found = find_model(self.models, request.model)
        if found is None:
            refusal = missing(request.model)
            raise Refused(refusal.status, refusal.error)
        return found

    def chat(self, request: Request, is_gone: IsGone) -> Iterator[dict[str, Any]]:
        """The lines of an answer to /api/chat or /api/generate. Raises Refused before the first."""
        model = self.model(request)
        check(request, model)
        if not request.prompt:
            return iter([self._load_only(request, model)])
        prompt = fit(request, model, self.num_ctx(request, model))
        reply = self._reply(request)
        lines = _Answer(self, request, model, reply, prompt, is_gone).lines()
        # The first line is drawn here, so that an error before the first byte is still a status.
        first = next(lines)
        return _chain(first, lines)

    def _reply(self, request: Request) -> Reply:
        reply = self.script.reply_to(request)
        if reply.status >= 400:
            raise Refused(reply.status, reply.error)
        return reply

    def _load_only(self, request: Request, model: Model) -> dict[str, Any]:
        if request.body.get("keep_alive") in (0, "0", "0s"):
            self.loaded.pop(model.name, None)
            return _line(request, "", done=True, done_reason="unload")
        self.load(request, model)
        return _line(request, "", done=True, done_reason="load")

    def num_ctx(self, request: Request, model: Model) -> int:
        asked = int(request.options.get("num_ctx") or self.default_num_ctx)
        return min(asked, model.context_length)

    def load(self, request: Request, model: Model) -> float:
        """Seconds this request must wait for the model; 0 if it is in memory with the same loading options."""
        options = {**request.options, "num_ctx": self.num_ctx(request, model)}
        key = (*(options.get(name) for name in LOADING), request.body.get("shift", True))
        now = self.loaded.get(model.name)
        if now is not None and now.key == key:
            return 0.0
        self.loads.append(model.name)
        self.loaded[model.name] = Loaded(model, options["num_ctx"], key)
        return model.load_s

    @contextlib.contextmanager
    def slot(self, is_gone: IsGone) -> Iterator[None]:
        """One of `parallel` places; beyond `max_queue` waiting requests Ollama refuses."""
        with self._turn:
            if self._running >= self.parallel and self._waiting >= self.max_queue:
                raise Refused(503, "server busy, please try again.  maximum pending requests exceeded")
            self._waiting += 1
            try:
                while self._running >= self.parallel:
                    self._turn.wait(0.02)
                    if is_gone() or self.stopping.is_set():
                        raise ClientGone
                self._running += 1
            finally:
                self._waiting -= 1
        try:
            yield
        finally:
            with self._turn:
                self._running -= 1
                self._turn.notify()

    def pause(self, until: float, is_gone: IsGone) -> None:
        """Sleep until the monotonic time `until`, noticing a client that hangs up or the server stopping."""
        while True:
            if is_gone() or self.stopping.is_set():
                raise ClientGone
            left = until - time.monotonic()
            if left <= 0:
                return
            self.stopping.wait(min(left, 0.05))


def check(request: Request, model: Model) -> None:
    """The refusals that depend on the request and the model alone."""
    if "completion" not in model.capabilities:
        raise Refused(400, f'"{request.model}" does not support chat')
    think = request.body.get("think")
    if think not in (None, False) and "thinking" not in model.capabilities:
        raise Refused(400, f'"{request.model}" does not support thinking')
    if request.body.get("tools") and "tools" not in model.capabilities:
        raise Refused(400, f"registry.ollama.ai/library/{model.name} does not support tools")
    if not 0 <= int(request.body.get("top_logprobs") or 0) <= 20:
        raise Refused(400, "top_logprobs must be between 0 and 20")
    if request.format not in (None, "", "json") and not isinstance(request.format, dict):
        raise Refused(
            500, f'invalid format: {json.dumps(request.format)}; expected "json" or a valid JSON Schema object'
        )


def fit(request: Request, model: Model, num_ctx: int) -> Prompt:
    """What of the prompt the model sees. `truncate` and `shift` count at the top level; in `options` they are noise.

    By default the oldest messages but the system's go, then the middle of what is left, and nobody is told.
    """
    sizes = [(m.get("role"), len(tokens(str(m.get("content") or ""))) + 4) for m in request.messages]
    sizes = sizes or [("user", len(tokens(request.prompt)) + 4)]
    sent = sum(size for _, size in sizes) + 3
    if sent < num_ctx:
        return Prompt(sent, sent)
    if request.body.get("truncate", True) is False:
        raise Refused(400, _overflow(model, sent, num_ctx))
    kept = sent
    for role, size in sizes[:-1]:
        if kept < num_ctx:
            break
        kept -= 0 if role == "system" else size
    if kept < num_ctx:
        return Prompt(sent, kept)
    if request.body.get("shift", True) is False:
        raise Refused(400, TOO_LONG)
    num_keep = int(request.options.get("num_keep", 4))
    return Prompt(sent, num_ctx - max((num_ctx - num_keep) // 2, 1))


def _overflow(model: Model, sent: int, num_ctx: int) -> str:
    if model.renderer == "ollama":
        return TOO_LONG
    message = f"request ({sent} tokens) exceeds the available context size ({num_ctx} tokens), try increasing it"
    inner = {
        "code": 400,
        "message": message,
        "type": "exceed_context_size_error",
        "n_prompt_tokens": sent,
        "n_ctx": num_ctx,
    }
    return json.dumps({"error": inner})


@dataclass(slots=True)
class _Answer:
    """One answer on its way out."""

    engine: Engine
    request: Request
    model: Model
    reply: Reply
    prompt: Prompt
    is_gone: IsGone

    def lines(self) -> Generator[dict[str, Any], None, None]:
        with self.engine.slot(self.is_gone):
            started = time.monotonic()
            self._at(0)
            load_s = self.engine.load(self.request, self.model) + self.reply.load_s
            self.engine.pause(started + load_s, self.is_gone)
            yield from self._tokens(started, load_s)

    def _tokens(self, started: float, load_s: float) -> Iterator[dict[str, Any]]:
        first_at = time.monotonic()
        if self.reply.error_after == 0:
            yield {"error": self.reply.error}
            return
        pieces, reason = self._pieces()
        written = 0
        for number, (kind, piece) in enumerate(pieces):
            if number and (stop := self._at(number)):
                yield stop
                return
            if self.reply.tokens_per_s:
                self.engine.pause(first_at + number / self.reply.tokens_per_s, self.is_gone)
            elif self.is_gone():
                raise ClientGone
            self.request.tokens_sent = number + 1
            yield _line(self.request, piece, kind=kind, **self._logprobs(written if kind == "content" else -1, piece))
            written += len(piece) if kind == "content" else 0
        if stop := self._at(len(pieces)) if pieces else None:
            yield stop
            return
        for call in self.reply.tool_calls:
            yield _line(self.request, "", tool_calls=[dict(call)])
        yield self._last(started, load_s, first_at, len(pieces), reason)

    def _logprobs(self, at: int, piece: str) -> dict[str, Any]:
        """What a line says about its token where that was asked for, beside the message and not in it.

        `at` is the token's place in the answer; -1 for one of the thoughts.
        """
        if not self.request.body.get("logprobs") or not self.engine.knows_logprobs:
            return {}
        said = _token(piece, self.reply.logprob_at(at, len(piece)) if at >= 0 else SURE)
        if most := int(self.request.body.get("top_logprobs") or 0):
            others = [_token(f" {n}", said["logprob"] - 1 - n) for n in range(most - 1)]
            said["top_logprobs"] = [_token(piece, said["logprob"]), *others]
        return {"logprobs": [said]}

    def _at(self, number: int) -> dict[str, Any] | None:
        """What the script wants after `number` tokens: death and silence happen here, an error line is returned."""
        if self.reply.die_after == number:
            next_line = json.dumps(_line(self.request, "…"), ensure_ascii=False)
            raise Cut(next_line[: len(next_line) // 2])
        if self.reply.hang_after == number:
            self.engine.pause(float("inf"), self.is_gone)
        if number and self.reply.error_after == number:
            return {"error": self.reply.error}
        return None

    def _pieces(self) -> tuple[list[tuple[str, str]], str]:
        """(kind, token) pairs cut to num_predict and, without shifting, to the window; and the reason for the end."""
        thinks = "thinking" in self.model.capabilities and self.request.body.get("think") is not False
        pieces = [("thinking", piece) for piece in tokens(self.reply.thinking)] if thinks else []
        pieces += [("content", piece) for piece in tokens(self.reply.content)]
        limit = len(pieces)
        if (num_predict := int(self.request.options.get("num_predict", -1))) > 0:
            limit = min(limit, num_predict)
        if self.request.body.get("shift", True) is False:
            limit = min(limit, self.engine.num_ctx(self.request, self.model) - self.prompt.kept)
        return pieces[:limit], "length" if limit < len(pieces) else self.reply.done_reason

    def _last(self, started: float, load_s: float, first_at: float, count: int, reason: str) -> dict[str, Any]:
        now = time.monotonic()
        counted = self.reply.prompt_eval_count
        metrics = {
            "total_duration": _ns(now - started),
            "load_duration": _ns(load_s),
            "prompt_eval_count": self.prompt.kept if counted is None else counted,
            "prompt_eval_duration": _ns(first_at - started - load_s),
            "eval_count": count,
            "eval_duration": _ns(now - first_at),
        }
        self.request.completed = True
        shown: dict[str, Any] = {name: value for name, value in metrics.items() if value > 0}
        return _line(self.request, "", done=True, done_reason=reason, **shown)


def _token(text: str, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def _ns(seconds: float) -> int:
    return max(0, int(seconds * 1e9))


def _line(request: Request, text: str, *, kind: str = "content", done: bool = False, **more: Any) -> dict[str, Any]:
    head: dict[str, Any] = {"model": request.model, "created_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"}
    tool_calls = more.pop("tool_calls", None)
    if request.endpoint == "/api/generate":
        return {**head, "response": text, "done": done, **more}
    message: dict[str, Any] = {"role": "assistant", "content": text if kind == "content" else ""}
    if kind == "thinking":
        message["thinking"] = text
    if tool_calls:
        message["tool_calls"] = tool_calls
    return {**head, "message": message, "done": done, **more}


def _chain(first: dict[str, Any], rest: Generator[dict[str, Any], None, None]) -> Iterator[dict[str, Any]]:
    """`first`, then the rest. Closing this closes the rest, so that a client that hangs up frees its place at once."""
    with contextlib.closing(rest):
        yield first
        yield from rest


def joined(lines: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """The one object of `"stream": false`; an error line becomes a status 500, since nothing has been sent yet."""
    text, thinking = "", ""
    calls: list[dict[str, Any]] = []
    probabilities: list[dict[str, Any]] = []
    last: dict[str, Any] = {}
    for line in lines:
        if "error" in line:
            raise Refused(500, line["error"])
        last = line
        probabilities += line.get("logprobs", [])
        message = line.get("message", {})
        text += line.get("response", "") + message.get("content", "")
        thinking += message.get("thinking", "")
        calls += message.get("tool_calls", [])
    last |= {"logprobs": probabilities} if probabilities else {}
    if "response" in last:
        return {**last, "response": text}
    message = {"role": "assistant", "content": text}
    message |= {"thinking": thinking} if thinking else {}
    message |= {"tool_calls": calls} if calls else {}
    return {**last, "message": message}
