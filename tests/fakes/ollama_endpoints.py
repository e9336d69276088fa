"""The endpoints of the Ollama test server: method and path → answer (a dict, a text, or an iterator of lines)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tests.fakes.ollama_engine import IsGone, Refused, joined
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
        },
        "capabilities": list(model.capabilities),
        "modified_at": LONG_AGO,
    }


def ps(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    running = [
        _listed(loaded.model)
        | {"expires_at": "2099-01-01T00:00:00Z", "size_vram": loaded.model.size, "context_length": loaded.num_ctx}
        for loaded in owner.engine.loaded.values()
    ]
    return {"models": running}


def pull(owner: OllamaServer, request: Request, is_gone: IsGone) -> Answer:
    name = request.model or str(request.body.get("name") or "")
    if not name:
        raise Refused(400, "invalid model name")
    lines = _pulling(owner, name)
    return list(lines)[-1] if request.body.get("stream") is False else lines


def _pulling(owner: OllamaServer, name: str) -> Iterator[dict[str, Any]]:
    yield {"status": "pulling manifest"}
    if name.startswith("no-such-model"):
        yield {"error": "pull model manifest: file does not exist"}
        return
    digest, total = _digest(name), 4_661_211_424
    status = {"status": f"pulling {digest[7:19]}", "digest": digest, "total": total}
    yield status
    for done in (total // 3, total):
        yield {**status, "completed": done}
    yield {"status": "verifying sha256 digest"}
    yield {"status": "writing manifest"}
    if find_model(owner.engine.models, name) is None:
        owner.engine.models.append(Model(full_name(name)))
    yield {"status": "success"}


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
    return {"name": name, "model": name, "size": model.size, "digest": _digest(name)[7:], "details": _details(model)}


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
    ("POST", "/api/embed"): embed,
}
