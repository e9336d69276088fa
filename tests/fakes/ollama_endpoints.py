"""The endpoints of the Ollama test server: method and path → answer (a dict, a text, or an iterator of lines)."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tests.fakes.ollama_engine import Cut, IsGone, Loaded, Refused, joined
from tests.fakes.ollama_script import Model, Request, find_model, full_name, tokens

if TYPE_CHECKING:
    from tests.fakes.ollama_server import OllamaServer

Answer = dict[str, Any] | str | Iterator[dict[str, Any]]
DIMENSIONS = 64
LONG_AGO = "2026-01-15T09:00:00.000000000Z"


def root(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    return "Ollama is running"


def version(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    return {"version": owner.version}


def chat(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    lines = owner.engine.chat(request, is_gone)
    return joined(lines) if request.body.get("stream") is False else lines


def tags(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    return {"models": [_listed(model) | {"modified_at": LONG_AGO} for model in owner.engine.models]}


def show(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    model = owner.engine.model(request)
    return {
        "modelfile": f"FROM {model.name}",
        "template": "{{ .Prompt }}",
        "details": _details(model),
        "model_info": {
            "general.architecture": model.family,
            f"{model.family}.context_length": model.context_length,
            f"{model.family}.block_count": model.block_count,
            f"{model.family}.embedding_length": 32 * model.key_length,
            f"{model.family}.attention.head_count": 32,
            f"{model.family}.attention.head_count_kv": model.head_count_kv,
            f"{model.family}.attention.key_length": model.key_length,
            f"{model.family}.attention.value_length": model.key_length,
        },
        "capabilities": list(model.capabilities),
        "modified_at": LONG_AGO,
    }


def ps(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    return {"models": [_running(loaded) for loaded in list(owner.engine.loaded.values())]}


def _running(loaded: Loaded) -> dict[str, Any]:
    model = loaded.model
    size = model.size + model.block_count * model.head_count_kv * 2 * model.key_length * 2 * loaded.num_ctx
    more = {"expires_at": "2099-01-01T00:00:00Z", "context_length": loaded.num_ctx}
    return _listed(model) | {"size": size, "size_vram": int(size * model.on_card)} | more


def delete(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    """An empty answer with status 200."""
    model = owner.engine.model(request)
    owner.engine.models.remove(model)
    owner.engine.loaded.pop(model.name, None)
    return ""


def pull(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    name = request.model or str(request.body.get("name") or "")
    if not name:
        raise Refused(400, "invalid model name")
    lines = _pulling(owner, name, is_gone)
    return list(lines)[-1] if request.body.get("stream") is False else lines


def _pulling(owner: OllamaServer, name: str, is_gone: IsGone) -> Iterator[dict[str, Any]]:
    """Begun again, a download goes on where it stopped. A client that hangs up ends it."""
    yield {"status": "pulling manifest"}
    if name.startswith("no-such-model"):
        yield {"error": "pull model manifest: file does not exist"}
        return
    if owner.pulling.error:
        yield {"error": owner.pulling.error}
        return
    yield from _layer(owner, name, is_gone)
    yield {"status": "verifying sha256 digest"}
    yield {"status": "writing manifest"}
    if find_model(owner.engine.models, name) is None:
        owner.engine.models.append(Model(full_name(name), size=owner.pulling.size))
    yield {"status": "success"}


def _layer(owner: OllamaServer, name: str, is_gone: IsGone) -> Iterator[dict[str, Any]]:
    digest, total = _digest(name), owner.pulling.size
    status = {"status": f"pulling {digest[7:19]}", "digest": digest, "total": total}
    done = owner.arrived.get(name, 0)
    yield status | ({"completed": done} if done else {})  # left out while it is zero
    steps = max(3, int(owner.pulling.seconds / 0.06))
    attempt = sum(request.endpoint == "/api/pull" and request.model == name for request in owner.requests)
    dies_at = dict(enumerate(owner.pulling.die_at, 1)).get(attempt, 2.0)
    while done < total:
        owner.engine.pause(time.monotonic() + owner.pulling.seconds / steps, is_gone)
        done = min(total, done + total // steps + 1)
        owner.arrived[name] = done
        if done >= dies_at * total:
            raise Cut('{"status":"pulling')
        yield {**status, "completed": done}


def embed(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    if find_model(owner.engine.models, request.model) is None:
        raise Refused(404, f'model "{request.model}" not found, try pulling it first')
    texts = request.body.get("input")
    texts = [texts] if isinstance(texts, str) else texts or []
    if not isinstance(texts, list) or any(not isinstance(text, str) for text in texts):
        raise Refused(400, "invalid input type")
    counts = [len(tokens(text)) for text in texts]
    if request.body.get("truncate", True) is False and any(count > owner.engine.default_num_ctx for count in counts):
        raise Refused(400, "the input length exceeds the context length")
    size = int(request.body.get("dimensions") or DIMENSIONS)
    return {
        "model": request.model,
        "embeddings": [_vector(text, size) for text in texts],
        "total_duration": 1_000_000,
        "load_duration": 1_000,
        "prompt_eval_count": sum(counts),
    }


def _vector(text: str, size: int) -> list[float]:
    """Unit length, and near for texts that share words: each word votes for a place."""
    values = [0.0] * size
    for word in text.casefold().split() or [""]:
        place = hashlib.sha256(word.encode()).digest()
        values[int.from_bytes(place[:4], "big") % size] += 1.0 if place[4] % 2 else -1.0
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return [value / length for value in values]


def _listed(model: Model) -> dict[str, Any]:
    name = model.name if ":" in model.name else f"{model.name}:latest"
    listed = {"name": name, "model": name, "size": model.size, "digest": _digest(name)[7:], "details": _details(model)}
    return listed | ({"remote_host": model.remote_host, "remote_model": name} if model.remote_host else {})


def _details(model: Model) -> dict[str, Any]:
    return {
        "parent_model": "",
        "format": "gguf",
        "family": model.family,
        "families": [model.family],
        "parameter_size": model.parameter_size,
        "quantization_level": "Q4_K_M",
    }


def _digest(name: str) -> str:
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


ANSWERS: dict[tuple[str, str], Callable[[OllamaServer, Request, IsGone], Answer]] = {
    ("GET", "/"): root,
    ("GET", "/api/version"): version,
    ("GET", "/api/tags"): tags,
    ("GET", "/api/ps"): ps,
    ("POST", "/api/show"): show,
    ("POST", "/api/chat"): chat,
    ("POST", "/api/generate"): chat,
    ("POST", "/api/pull"): pull,
    ("DELETE", "/api/delete"): delete,
    ("POST", "/api/embed"): embed,
}
