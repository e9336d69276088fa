"""Which models are there, and what they can do: cheap questions to Ollama, asked before any long one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import ollama

from chatbot.llm.errors import LlmError, ModelMissing, Refused, ServerDown, from_response
from shared.config import Settings
from shared.schemas.model_names import runs_elsewhere

T = TypeVar("T")

_DEFAULT_HOST = "127.0.0.1:11434"
_NOT_CHAT = ("bert", "nomic-bert", "clip")


@dataclass(frozen=True, slots=True)
class Installed:
    """A model on the server. `size` is bytes on disk."""

    name: str
    size: int = 0
    family: str = ""

    @property
    def can_chat(self) -> bool:
        """Embedding models are told by their family; older servers list no capabilities.

        A model that Ollama would ask on somebody else's computers is none for us.
        """
        return self.family not in _NOT_CHAT and "embed" not in self.name and not runs_elsewhere(self.name)


@dataclass(frozen=True, slots=True)
class Status:
    """What `status` saw. `reason` is a sentence for the page where the extraction model cannot be used, else None.

    `extraction_model` and `chat_model` are names as installed; the chat model is the largest one that chats where the
    configured one is missing.
    """

    reachable: bool
    version: str | None = None
    models: tuple[Installed, ...] = ()
    extraction_model: str | None = None
    chat_model: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model to talk to. `num_ctx` is the window it is used with, always the same: a change makes Ollama reload it."""

    name: str
    num_ctx: int
    can_think: bool = False

    @property
    def thinks_in_levels(self) -> bool:
        """gpt-oss takes low, medium or high, and cannot be told not to think."""
        return "gpt-oss" in self.name.casefold()


def base_url(host: str) -> str:
    """OLLAMA_HOST as an address to connect to: http or https. 0.0.0.0 is where a server listens, not where it is."""
    host = host.strip() or _DEFAULT_HOST
    scheme, mark, _ = host.partition("://")
    if mark and scheme.casefold() not in ("http", "https"):
        raise Refused(f"OLLAMA_HOST must be an http or https address, not {scheme}.")
    try:
        parts = urlsplit(host if mark else f"http://{host}")
        valid = parts.port is None or parts.port > 0
    except ValueError:
        valid = False
    if not valid:
        raise Refused(f"OLLAMA_HOST is not an address: {host[:100]}")
    return host.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 -- it is taken out, not bound to


def resolve(name: str, installed: Iterable[Installed]) -> str | None:
    """The installed name for `name` by Ollama's tag rules: `x` is `x:latest`, case does not matter."""
    wanted = _full(name)
    return next((model.name for model in installed if _full(model.name) == wanted), None)


def _full(name: str) -> str:
    name = name.strip().casefold().removeprefix("registry.ollama.ai/").removeprefix("library/")
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def status(settings: Settings, *, within_s: float = 1.0) -> Status:
    """Ask what is there; about `within_s` seconds at most, never an exception."""
    until = time.monotonic() + within_s
    try:
        with _client(settings, within_s) as client:
            models = _installed(client)
            version = _version(client, until - time.monotonic())
    except LlmError as error:
        return Status(reachable=False, reason=error.reason)
    extraction = resolve(settings.extraction_model, [model for model in models if not runs_elsewhere(model.name)])
    missing = f"The model {settings.extraction_model} is not installed. Run: ollama pull {settings.extraction_model}"
    return Status(
        reachable=True,
        version=version,
        models=models,
        extraction_model=extraction,
        chat_model=_chat_model(settings.chat_model, models),
        reason=None if extraction else missing,
    )


def describe(settings: Settings, name: str, num_ctx: int, *, within_s: float = 5.0) -> Model:
    """The model as it will be used: whether it thinks, and the window it really has.

    Ollama clamps num_ctx to the length a model was trained for and does not say so. Raises ModelMissing, ServerDown.
    """
    with _client(settings, within_s) as client:
        shown = _asked(name, lambda: client.show(name))
    info = shown.modelinfo or {}
    trained = info.get(f"{info.get('general.architecture')}.context_length")
    if isinstance(trained, int) and trained > 0:
        num_ctx = min(num_ctx, trained)
    return Model(name, num_ctx, "thinking" in (shown.capabilities or ()))


def extraction_model(settings: Settings) -> Model:
    """The model for reading meetings. Raises ServerDown or ModelMissing with the sentence to show."""
    now = status(settings)
    if not now.reachable:
        raise ServerDown(now.reason or "Ollama is not reachable.")
    if now.extraction_model is None:
        raise ModelMissing(now.reason or "The model is not installed.")
    return describe(settings, now.extraction_model, settings.extraction_num_ctx)


def _client(settings: Settings, timeout_s: float) -> ollama.Client:
    """Straight to the host: no proxy from the environment, no redirect, or customers' words could go elsewhere."""
    url, timeout = base_url(settings.ollama_host), httpx.Timeout(timeout_s, connect=timeout_s / 2)
    # Without TLS no certificates are read, which takes longer than the question.
    is_tls = url.casefold().startswith("https:")
    return ollama.Client(url, timeout=timeout, trust_env=False, follow_redirects=False, verify=is_tls)


def _installed(client: ollama.Client) -> tuple[Installed, ...]:
    listed = _asked("", client.list)
    return tuple(
        Installed(model.model or "", int(model.size or 0), (model.details and model.details.family) or "")
        for model in listed.models
    )


def _version(client: ollama.Client, within_s: float) -> str | None:
    """Nice to know; a server that will not say is still a server."""
    try:
        answer = client._client.get("/api/version", timeout=max(0.05, within_s))
        return str(answer.json()["version"])[:50]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None


def _asked(model: str, question: Callable[[], T]) -> T:
    """The answer, or the typed error for what happened instead."""
    try:
        return question()
    except ollama.ResponseError as error:
        raise from_response(error.status_code, error.error, model) from None
    except httpx.ReadTimeout:
        raise ServerDown("Ollama does not answer. If it hangs, restart it.") from None
    except (ConnectionError, httpx.HTTPError, httpx.InvalidURL):
        raise ServerDown("Ollama is not reachable. Start it with: ollama serve") from None
    except (ValueError, AttributeError, TypeError):
        raise Refused("What answers at OLLAMA_HOST is not Ollama.") from None


def _chat_model(wanted: str, models: tuple[Installed, ...]) -> str | None:
    chatting = [model for model in models if model.can_chat]
    return resolve(wanted, chatting) or max(chatting, key=lambda model: model.size, default=Installed("")).name or None
