"""Trying a model out: loading it before it is needed, and one small question with its timings.

Both send what a real call sends, window and all; anything else would make Ollama load the model again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import ollama
from pydantic import BaseModel, ConfigDict, ValidationError

from chatbot.llm.errors import Broken, LlmError
from chatbot.llm.models import Model
from chatbot.llm.ollama_client import Call, Chat, OllamaClient
from chatbot.llm.structured import schema_of
from chatbot.llm.wire import Watch, stream_chat

#: Loading a large model from a slow disk takes minutes, and Ollama says nothing meanwhile.
PATIENCE_S = 900.0
_PURPOSE = "probe"

_PASSAGE = (
    "The buyer asked for delivery on Tuesday and said that the price of forty euros a pallet was fine. Her colleague "
    "wanted to know whether the warehouse could take a second truck a week, and who would sign for it. They agreed to "
    "talk again once the offer had been read by their purchasing department, at the latest by the end of the month. "
)


class _Said(BaseModel):
    """What the test asks for. Exactly this, or the model was not held to the schema."""

    model_config = ConfigDict(extra="forbid", strict=True)

    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday"]
    euros: int
    summary: str


@dataclass(frozen=True, slots=True)
class Probe:
    """How a small question went: seconds, tokens, tokens a second. None where the server did not say."""

    load_s: float
    first_token_s: float | None
    prompt_tokens: int
    prompt_rate: float | None
    output_tokens: int
    output_rate: float | None
    schema_kept: bool


async def warm(host: str, model: Model, connections: ollama.AsyncClient | None = None) -> float:
    """Have the model loaded; the seconds it took. Raises LlmError. Costs nothing where it is loaded already."""
    client = OllamaClient(host, model)
    began = time.monotonic()
    body = client._body(Chat("warm_up", [], num_predict=1))
    async for _line in stream_chat(client._host, body, _patient(), connections):
        pass
    return time.monotonic() - began


async def probe(
    host: str,
    model: Model,
    connections: ollama.AsyncClient | None = None,
    *,
    on_call: Callable[[Call], None] | None = None,
) -> Probe:
    """Ask one small question with a schema. Raises LlmError. `on_call` books the call, however it went."""
    began = time.monotonic()
    error: str | None = "interrupted"
    found: Probe | None = None
    try:
        found = await _asked(host, model, connections)
        error = None
    except LlmError as failed:
        error = failed.reason[:500]
        raise
    finally:
        if on_call is not None:
            tokens = (found.prompt_tokens, found.output_tokens) if found else (0, 0)
            ms = int((time.monotonic() - began) * 1000)
            on_call(Call(_PURPOSE, model.name, None, *tokens, ms, ok=error is None, error=error))
    return found


async def _asked(host: str, model: Model, connections: ollama.AsyncClient | None) -> Probe:
    client = OllamaClient(host, model)
    body = client._body(Chat(_PURPOSE, _question(), num_predict=160, schema=schema_of(_Said)))
    began = time.monotonic()
    first: float | None = None
    text, last = "", None
    async for line in stream_chat(client._host, body, _patient(), connections):
        if first is None and (line.message.content or line.message.thinking):
            first = time.monotonic() - began
        text += line.message.content or ""
        last = line
    if last is None or not last.done:
        raise Broken("Ollama ended the answer before it was complete.")
    return _measured(last, first, _is_kept(text))


def _question() -> list[Mapping[str, str]]:
    # A prompt that was seen before is not read again but found in the cache: the number at its start makes it new.
    begin = f"Note {secrets.randbelow(10**9)}. {_PASSAGE * 3}"
    ask = (
        'Answer with one JSON object: {"weekday": the day of delivery in lower case, "euros": the price of a pallet, '
        '"summary": the note in one sentence}.'
    )
    return [{"role": "user", "content": f"{begin}\n{ask}"}]


def _measured(last: ollama.ChatResponse, first_token_s: float | None, schema_kept: bool) -> Probe:
    """Ollama leaves out what is zero; its durations are nanoseconds."""
    return Probe(
        load_s=(last.load_duration or 0) / 1e9,
        first_token_s=first_token_s,
        prompt_tokens=last.prompt_eval_count or 0,
        prompt_rate=_rate(last.prompt_eval_count, last.prompt_eval_duration),
        output_tokens=last.eval_count or 0,
        output_rate=_rate(last.eval_count, last.eval_duration),
        schema_kept=schema_kept,
    )


def _rate(count: int | None, nanoseconds: int | None) -> float | None:
    return count / (nanoseconds / 1e9) if count and nanoseconds else None


def _is_kept(text: str) -> bool:
    """Whether the whole answer is the object: chatter around it shows that the grammar was not applied."""
    try:
        _Said.model_validate_json(text.strip())
    except ValidationError:
        return False
    return True


def _patient() -> Watch:
    return Watch(PATIENCE_S, 120.0, PATIENCE_S)


def as_dict(probe: Probe) -> dict[str, Any]:
    return {name: getattr(probe, name) for name in Probe.__slots__}
