"""Everything Ollama says about its models, read at once: what is installed, what is in memory, what each would take.

Read as plain JSON and not through the `ollama` package, which drops fields that newer servers send: whether a model
runs elsewhere, what it can do. A field that is missing, or is not what it should be, is unknown and never an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import httpx
import ollama

from chatbot.llm.errors import LlmError, Refused, ServerDown, from_response
from chatbot.llm.models import Installed
from shared.schemas.model_names import runs_elsewhere

#: Models that are asked about one by one; a server with more is listed without what they can do.
MOST_SHOWN = 60
#: Longest wait for any one answer, seconds; removing a large model takes a moment.
_PATIENCE_S = 30.0
#: `truncate` and `shift` exist since then; an older server cuts a long prompt without a word.
OLDEST = (0, 12, 6)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """An installed model. `kv_per_token` is bytes of cache for each token of its window, at 16 bits a value."""

    name: str
    size: int = 0
    digest: str = ""
    family: str = ""
    parameters: str = ""
    quantization: str = ""
    context_length: int | None = None
    kv_per_token: int | None = None
    capabilities: tuple[str, ...] | None = None
    is_remote: bool = False

    @property
    def can_chat(self) -> bool:
        """Whether it answers, here. One that runs on somebody else's machine does not count."""
        if self.is_remote:
            return False
        if self.capabilities is not None:
            return "completion" in self.capabilities
        return Installed(self.name, self.size, self.family).can_chat


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory. `size` is all it takes, cache included, `size_vram` the part on graphics cards; bytes."""

    name: str
    size: int
    size_vram: int
    context_length: int | None
    expires_at: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a server has, models by name."""

    version: str | None
    models: tuple[ModelFacts, ...] = ()
    loaded: tuple[Loaded, ...] = ()

    @property
    def is_old(self) -> bool:
        """Whether the server is too old to be told not to cut prompts."""
        numbers = _numbers(self.version or "")
        return bool(numbers) and numbers < OLDEST

    def find(self, name: str | None) -> ModelFacts | None:
        return next((model for model in self.models if model.name == name), None)


@dataclass(slots=True)
class Warehouse:
    """Asks one server; what a model's file says is asked once for each file."""

    connections: ollama.AsyncClient
    _shown: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    async def look(self, *, within_s: float = 2.0) -> Inventory:
        """What is there now. Raises LlmError where nobody answers in time, or not as Ollama does."""
        try:
            async with asyncio.timeout(within_s):
                return await self._look()
        except TimeoutError:
            raise ServerDown("Ollama does not answer. If it hangs, restart it.") from None

    async def _look(self) -> Inventory:
        tags, running, version = await asyncio.gather(
            self._ask("GET", "/api/tags"), self._optional("/api/ps"), self._optional("/api/version")
        )
        if not isinstance(listed := tags.get("models"), list | None):
            raise Refused("What answers at OLLAMA_HOST is not Ollama.")
        models = await asyncio.gather(
            *[self._facts(entry, number < MOST_SHOWN) for number, entry in enumerate(listed or []) if _is_named(entry)]
        )
        loaded = [_loaded(entry) for entry in running.get("models") or [] if _is_named(entry)]
        said = version.get("version")
        return Inventory(str(said)[:50] if said else None, tuple(models), tuple(loaded))

    async def delete(self, name: str) -> None:
        """Remove a model's files. Raises ModelMissing, LlmError."""
        await self._ask("DELETE", "/api/delete", {"model": name})

    async def _facts(self, entry: Mapping[str, Any], ask: bool) -> ModelFacts:
        name, digest = str(entry["name"]), str(entry.get("digest") or "")
        shown = self._shown.get((name, digest))
        if shown is None and ask and (shown := await self._optional("/api/show", {"model": name})):
            self._shown[name, digest] = shown
        return _facts(entry, shown or {})

    async def _optional(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer, or nothing where the server will not say: it is still a server."""
        try:
            return await self._ask("POST" if body else "GET", path, body)
        except LlmError:
            return {}

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = await self.connections._client.request(method, path, json=body, timeout=_PATIENCE_S)
            if answer.status_code >= 400:
                raise from_response(answer.status_code, answer.text, str((body or {}).get("model", "")))
            found = answer.json() if answer.content else {}
        except (httpx.TransportError, httpx.InvalidURL):
            raise ServerDown("Ollama is not reachable. Start it with: ollama serve") from None
        except ValueError:
            raise Refused("What answers at OLLAMA_HOST is not Ollama.") from None
        if not isinstance(found, dict):
            raise Refused("What answers at OLLAMA_HOST is not Ollama.")
        return found


def kv_per_token(info: Mapping[str, Any]) -> int | None:
    """Bytes of key and value cache a token takes, at 16 bits a value, from `model_info`; None where it does not say.

    For each layer, each head that has keys and values of its own: its key and its value. Llama 3.1 8B: 32 layers x 8
    heads x (128 + 128) x 2 bytes = 128 KiB. Layers that look back over a short window only take less than this.
    """
    prefix = info.get("general.architecture")
    layers = _whole(info.get(f"{prefix}.block_count"))
    heads = _whole(info.get(f"{prefix}.attention.head_count"))
    kv_heads = info.get(f"{prefix}.attention.head_count_kv")
    if layers is None:
        return None
    each = _whole(kv_heads) or heads
    total_heads = sum(kv_heads) if _is_numbers(kv_heads) else layers * each if each else None
    width = _whole(info.get(f"{prefix}.embedding_length"))
    default = width // heads if width and heads else None
    key = _whole(info.get(f"{prefix}.attention.key_length")) or default
    value = _whole(info.get(f"{prefix}.attention.value_length")) or default
    return total_heads * (key + value) * 2 if total_heads and key and value else None


def _facts(entry: Mapping[str, Any], shown: Mapping[str, Any]) -> ModelFacts:
    info = shown.get("model_info")
    info = info if isinstance(info, dict) else {}
    details = entry.get("details") or shown.get("details")
    details = details if isinstance(details, dict) else {}
    capabilities = entry.get("capabilities") or shown.get("capabilities")
    name = str(entry["name"])
    trained = _whole(info.get(f"{info.get('general.architecture')}.context_length"))
    return ModelFacts(
        name=name,
        size=_whole(entry.get("size")) or 0,
        digest=str(entry.get("digest") or ""),
        family=str(details.get("family") or ""),
        parameters=str(details.get("parameter_size") or ""),
        quantization=str(details.get("quantization_level") or ""),
        context_length=trained or _whole(details.get("context_length")),
        kv_per_token=kv_per_token(info),
        capabilities=tuple(map(str, capabilities)) if isinstance(capabilities, list) else None,
        is_remote=bool(entry.get("remote_host") or shown.get("remote_host") or runs_elsewhere(name)),
    )


def _loaded(entry: Mapping[str, Any]) -> Loaded:
    return Loaded(
        str(entry["name"]),
        _whole(entry.get("size")) or 0,
        _whole(entry.get("size_vram")) or 0,
        _whole(entry.get("context_length")),
        str(entry.get("expires_at") or "")[:40],
    )


def _is_named(entry: object) -> bool:
    return isinstance(entry, dict) and bool(entry.get("name"))


def _is_numbers(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and bool(value) and all(isinstance(part, int) for part in value)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _numbers(version: str) -> tuple[int, ...]:
    """`0.33.0-rc2` → (0, 33, 0). A version built from source, 0.0.0, is taken for a new one."""
    head = version.split("-")[0].split("+")[0].split(".")
    numbers = tuple(int(part) for part in head if part.isdecimal())
    return numbers if any(numbers) else ()
