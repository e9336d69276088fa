"""Answers that fit a schema.

The schema travels in `format`, but Ollama does not always hold a model to it (thinking models, some runners), so every
answer is validated here and asked for once more if it does not fit. After that the caller falls back.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chatbot.llm import logprobs, tokens
from chatbot.llm.errors import BadOutput, CutOff
from chatbot.llm.logprobs import Token
from chatbot.llm.ollama_client import Chat, Completion, OllamaClient

T = TypeVar("T", bound=BaseModel)

#: What says where something was said: copied from the prompt, so it tells nothing about the values.
_WHERE = frozenset(("line", "lines", "quote"))

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.S | re.I)
_FENCE = re.compile(r"^\s*```[a-z]*\s*\n(.*?)\n?\s*```\s*$", re.S | re.I)
#: Keys of JSON Schema that a grammar cannot hold, or holds at a price, and those that only cost tokens.
_NOT_SENT = frozenset(
    ("title", "default", "description", "pattern", "format", "minLength", "maxLength", "exclusiveMinimum",
     "exclusiveMaximum", "maxItems")
)  # fmt: skip


def ask(client: OllamaClient, chat: Chat, shape: type[T]) -> T:
    """The answer as a `shape`. Raises LlmError: CutOff where the answer hit its limit, BadOutput after one repair.

    Where the chat asks for `logprobs`, entries of lists are validated with `logprobs.KEY` among their values.
    """
    chat = dataclasses.replace(chat, schema=schema_of(shape))
    try:
        return _once(client, chat, shape)
    except BadOutput as bad:
        again = _repair(chat, bad, client.model.num_ctx)
    return _once(client, again, shape)


def _once(client: OllamaClient, chat: Chat, shape: type[T]) -> T:
    """One call, judged before it is booked: an answer that cannot be used is a call that failed."""
    answers: list[T] = []
    name = client.model.name

    def judge(completion: Completion) -> None:
        if completion.done_reason in ("length", "whitespace"):
            raise CutOff(
                f"The answer of {name} ran off in white space before it was complete."
                if completion.done_reason == "whitespace"
                else f"The answer of {name} reached its limit before it was complete."
            )
        try:
            answers.append(parse(completion.text, shape, completion.tokens))
        except ValueError as error:
            wrong = _in_short(error)
            detail = f"{name} did not answer in the asked form: {wrong}."
            raise BadOutput(detail, wrong=wrong, text=completion.text) from None

    client.chat(chat, judge)
    return answers[0]


def _repair(chat: Chat, bad: BadOutput, num_ctx: int) -> Chat:
    """The same question with what was wrong about the answer; without the answer itself where it does not fit.

    Thinking is allowed the second time: with `think: false` some models are not held to `format` (ollama#15260).
    """
    plea = f"That was not valid: {bad.wrong}. Answer again: the whole JSON object, with nothing before or after it."
    answered = [*chat.messages, {"role": "assistant", "content": bad.text}, {"role": "user", "content": plea}]
    if tokens.estimate_messages(answered) + chat.num_predict > num_ctx:
        first, last = chat.messages[:-1], chat.messages[-1]
        answered = [
            *first,
            {"role": "user", "content": f"{last['content']}\n\nYour last answer was not valid: {bad.wrong}."},
        ]
    is_json = "{" in bad.text
    return dataclasses.replace(chat, messages=answered, think=chat.think if is_json else True)


def parse(text: str, shape: type[T], written: Sequence[Token] = ()) -> T:
    """The JSON object in `text` as a `shape`; thoughts, fences and chatter around it are ignored. Raises ValueError.

    `written` are the tokens of `text`, if their probabilities are known.
    """
    whole, text = text, without_thoughts(text).replace("\x00", "")
    if fenced := _FENCE.match(text):
        text = fenced[1]
    start = text.find("{")
    if start < 0:
        raise ValueError("there is no JSON object in it")
    # raw_decode stops where the object ends, so chatter after it does no harm.
    try:
        value, end = json.JSONDecoder(parse_constant=_no_constant).raw_decode(text, start)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    offset = whole.rfind(text[start:end]) if written else -1
    if offset >= 0:
        value = logprobs.annotate(value, text[start:end], offset, written, _WHERE)
    return shape.model_validate(value)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def without_thoughts(text: str) -> str:
    """The text without leaked thinking, closed or cut off."""
    return _THOUGHT.sub("", text)


def _in_short(error: ValueError) -> str:
    """What to tell the model: the places and the messages, never a page of them."""
    if isinstance(error, ValidationError):
        parts = [f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()[:3]]
        return "; ".join(parts)[:300]
    return " ".join(str(error).split())[:200]


def schema_of(shape: type[BaseModel]) -> dict[str, Any]:
    """The shape as a JSON schema a grammar can hold: references resolved, titles, patterns and lengths left out.

    Everything is required: a small model does better with an empty string than with the choice to leave a key out.
    """
    whole = shape.model_json_schema()
    definitions = whole.pop("$defs", {})
    slim = _slim(whole, definitions)
    assert isinstance(slim, dict)
    return slim


def _slim(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_slim(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _slim(definitions[node["$ref"].rpartition("/")[2]], definitions)
    kept = {key: value for key, value in node.items() if key not in _NOT_SENT}
    slim = {key: _slim(value, definitions) for key, value in kept.items() if key != "properties"}
    if "properties" in node:
        slim["properties"] = {name: _slim(part, definitions) for name, part in node["properties"].items()}
        slim["required"] = list(node["properties"])
    return slim
