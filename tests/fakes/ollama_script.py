"""What the Ollama test server is told to do: models, replies, and the rules that pick a reply for a request.

A test scripts the server with data (`Reply`, `Rule`) or with a function from request to reply; the same data can be
read from a JSON file when the server runs as a process of its own.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

# A stand-in for a byte-pair tokenizer: about 1.3 tokens an English word, punctuation and digits apart, one token a
# character outside Latin script. The server counts prompts with it and streams one token a line, so tags such as
# `<think>` and markers such as `[1]` arrive split over several lines, as they do from a real model.
_TOKEN = re.compile(r"\s?(?:[A-Za-z\u00C0-\u024F]{1,6}|\d{1,3}|\S)|\s{1,4}")


#: Log-probabilities of what a model is sure and unsure of.
SURE, UNSURE = -0.02, -2.5


def tokens(text: str) -> list[str]:
    """Cut into tokens; joined again they give `text` back."""
    return _TOKEN.findall(text)


@dataclass(frozen=True, slots=True)
class Model:
    """An installed model. `context_length` is what it was trained for: a larger num_ctx is clamped to it, silently."""

    name: str = "llama3.1:8b"
    family: str = "llama"
    parameter_size: str = "8.0B"
    size: int = 4_920_753_328
    context_length: int = 131_072
    capabilities: tuple[str, ...] = ("completion", "tools")
    #: Seconds to load into memory, paid on the first request and again whenever a loading option changes.
    load_s: float = 0.0
    #: Which of Ollama's two paths renders the prompt; they word a context overflow differently.
    renderer: str = "ollama"
    #: Layers, heads with keys and values, and the length of each: what the cache of a window is computed from.
    block_count: int = 32
    head_count_kv: int = 8
    key_length: int = 128
    #: A model that Ollama asks on somebody else's computers names them.
    remote_host: str = ""
    #: The part of it that goes on a graphics card, 0 to 1.
    on_card: float = 0.0


@dataclass(frozen=True, slots=True)
class Pulling:
    """How downloads go: `size` bytes in `seconds`. `die_at` cuts the connection at these shares, one an attempt; what
    has arrived by then is kept. `error` is sent in place of the bytes."""

    size: int = 4_661_211_424
    seconds: float = 0.0
    die_at: tuple[float, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `json` is sent as text; `text` is sent as it stands, whatever `format` the request asked for.

    With `error` and a `status` of 400 or more the request fails before the first byte. With `error_after`,
    `die_after` or `hang_after` (tokens) the stream begins, then ends in an error line, in half a line and a closed
    connection, or in silence. Zero means before the first line: for `error_after` that is still an error line at
    status 200.
    """

    text: str = ""
    json: Any = None
    thinking: str = ""
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    load_s: float = 0.0
    tokens_per_s: float | None = None
    status: int = 200
    error: str = ""
    error_after: int | None = None
    die_after: int | None = None
    hang_after: int | None = None
    done_reason: str = "stop"
    #: Overrides the counted prompt: what a server says that cut the prompt without a word.
    prompt_eval_count: int | None = None
    #: Words of the answer that the model was unsure of: their tokens have a low probability, all others a high one.
    doubts: tuple[str, ...] = ()

    def logprob_at(self, at: int, length: int) -> float:
        """The log-probability of the token that is these characters of the answer."""
        places = ((self.content.find(word), len(word)) for word in self.doubts)
        return (
            UNSURE if any(start >= 0 and at < start + size and start < at + length for start, size in places) else SURE
        )

    @property
    def content(self) -> str:
        return self.text if self.json is None else json.dumps(self.json, ensure_ascii=False)


def missing(model: str) -> Reply:
    """The reply to a model that is not installed."""
    return Reply(status=404, error=f"model '{model}' not found")


def busy() -> Reply:
    """A full queue. The two blanks are Ollama's."""
    return Reply(status=503, error="server busy, please try again.  maximum pending requests exceeded")


def out_of_memory() -> Reply:
    return Reply(status=500, error="model requires more system memory (69.0 GiB) than is available (31.2 GiB)")


def crashed() -> Reply:
    return Reply(
        status=500,
        error="model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, "
        "check ollama server logs for details",
    )


@dataclass(slots=True)
class Request:
    """A request as it arrived, and what became of it."""

    method: str
    endpoint: str
    body: dict[str, Any]
    at: float
    status: int = 0
    tokens_sent: int = 0
    #: The client closed the connection before the answer was complete.
    disconnected: bool = False
    completed: bool = False

    @property
    def model(self) -> str:
        return str(self.body.get("model") or "")

    @property
    def options(self) -> dict[str, Any]:
        return self.body.get("options") or {}

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.body.get("messages") or []

    @property
    def format(self) -> Any:
        return self.body.get("format")

    @property
    def prompt(self) -> str:
        """All message texts, or the prompt of /api/generate."""
        if self.endpoint == "/api/generate":
            return f"{self.body.get('system') or ''}\n{self.body.get('prompt') or ''}".strip()
        return "\n".join(str(message.get("content") or "") for message in self.messages)

    def as_json(self) -> dict[str, Any]:
        return {spec.name: getattr(self, spec.name) for spec in fields(self)}


@dataclass(frozen=True, slots=True)
class Rule:
    """Answer with `reply` where the prompt contains `contains`, `times` times (None: always)."""

    contains: str
    reply: Reply
    times: int | None = None


Answerer = Callable[[Request], Reply | None]


@dataclass(slots=True)
class Script:
    """Replies in order first, then rules, then the function, then the default. Safe to use from several threads."""

    replies: list[Reply] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    answer: Answerer | None = None
    default: Answerer | None = None
    _used: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reply_to(self, request: Request) -> Reply:
        with self._lock:
            if self.replies:
                return self.replies.pop(0)
            for number, rule in enumerate(self.rules):
                used = self._used.get(number, 0)
                if rule.contains in request.prompt and (rule.times is None or used < rule.times):
                    self._used[number] = used + 1
                    return rule.reply
        for answerer in (self.answer, self.default):
            if answerer and (reply := answerer(request)) is not None:
                return reply
        return Reply(text="I have nothing scripted for this request.")


def reply_from(data: Mapping[str, Any]) -> Reply:
    """A reply from JSON; an unknown key is an error, so that a typing mistake in a script is not silence."""
    return Reply(**data)


def read_script(text: str, default: Answerer | None) -> tuple[list[Model], Script, dict[str, Any]]:
    """Models, script and server settings from a JSON file.

    Keys: `models` [{name, …}], `replies` [{…}], `rules` [{contains, reply, times}], `default` {a reply, or pace only:
    load_s and tokens_per_s for the built-in reader}, `pulling` {size, seconds, error}, `server` {parallel, max_queue,
    default_num_ctx}.
    """
    data = json.loads(text) if text.strip() else {}
    models = [_model(entry) for entry in data.get("models", [])]
    rules = [Rule(rule["contains"], reply_from(rule["reply"]), rule.get("times")) for rule in data.get("rules", [])]
    script = Script([reply_from(reply) for reply in data.get("replies", [])], rules, default=default)
    if pace := data.get("default"):
        script.default = _paced(pace, default)
    more = {"pulling": Pulling(**data["pulling"])} if "pulling" in data else {}
    return models, script, {**data.get("server", {}), **more}


def _model(entry: Mapping[str, Any] | str) -> Model:
    if isinstance(entry, str):
        return Model(entry)
    return Model(**{**entry, "capabilities": tuple(entry.get("capabilities", ("completion", "tools")))})


def _paced(pace: Mapping[str, Any], default: Answerer | None) -> Answerer:
    """The default answer at the given pace; with `text` or `json` that answer itself."""
    if "text" in pace or "json" in pace or "error" in pace or default is None:
        fixed = reply_from(pace)
        return lambda _request: fixed

    def answer(request: Request) -> Reply | None:
        found = default(request)
        return found and at_pace(found, **pace)

    return answer


def at_pace(reply: Reply, *, load_s: float = 0.0, tokens_per_s: float | None = None) -> Reply:
    """The same reply, `load_s` seconds to the first token and `tokens_per_s` after it."""
    values = {spec.name: getattr(reply, spec.name) for spec in fields(reply)}
    return Reply(**{**values, "load_s": load_s, "tokens_per_s": tokens_per_s})


def same_model(one: str, other: str) -> bool:
    """Ollama's tag rule: `x` is `x:latest`, and case does not matter."""
    return full_name(one) == full_name(other)


def full_name(name: str) -> str:
    name = name.strip().casefold()
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def find_model(models: Sequence[Model], name: str) -> Model | None:
    return next((model for model in models if same_model(model.name, name)), None)
