"""What can go wrong with a language model, each with a sentence for the person who reads it.

Every one is an `Unavailable`: the pipeline answers it by falling back, never by failing. `code` is the name the chat
protocol uses; `is_transient` says whether the same call may succeed in a moment.
"""

from __future__ import annotations

import json
import re

from shared.errors import Unavailable


class LlmError(Unavailable):
    """A model call that brought nothing. `reason` is one sentence naming what is wrong and what to do."""

    title = "The language model did not answer"
    code = "internal"
    is_transient = False

    @property
    def reason(self) -> str:
        return self.detail


class ServerDown(LlmError):
    code = "ollama_down"
    is_transient = True


class ModelMissing(LlmError):
    code = "model_missing"


class ModelBusy(LlmError):
    code = "queue_full"
    is_transient = True


class OutOfMemory(LlmError):
    code = "out_of_memory"


class ContextOverflow(LlmError):
    code = "context_overflow"


class CutOff(LlmError):
    """The answer reached its limit (`length`), or ran off in white space."""

    code = "bad_model_output"


class TimedOut(LlmError):
    code = "model_loading_timeout"


class Broken(LlmError):
    """The stream ended before the answer did, or the runner crashed."""

    code = "interrupted"
    is_transient = True


class BadOutput(LlmError):
    """The answer does not fit the schema. `wrong` says where, in words for the model; `text` is the answer."""

    code = "bad_model_output"

    def __init__(self, detail: str, *, wrong: str, text: str) -> None:
        super().__init__(detail)
        self.wrong, self.text = wrong, text


class Refused(LlmError):
    """The server understood the request and will not serve it."""

    code = "internal"


_OVERFLOW = re.compile(r"context (?:length|size|window)|exceed_context_size|context shift is disabled", re.I)
_MEMORY = re.compile(r"more system memory|out of memory|cudaMalloc|insufficient memory|unable to allocate", re.I)
_MISSING = re.compile(r"model ['\"]?.+['\"]? (?:was )?not found", re.I)


def from_response(status: int, error: object, model: str) -> LlmError:
    """The error for an HTTP status (-1: a line in the middle of a stream) and Ollama's text.

    The status decides where it is telling; the wording of a 500 is all that tells lack of memory from a crash.
    """
    text = error_text(error)
    if status == 404 or (status == -1 and _MISSING.search(text)):
        return ModelMissing(f"The model {model} is not installed. Run: ollama pull {model}")
    if _MEMORY.search(text):
        return OutOfMemory(f"Not enough memory for {model}: {text}. Choose a smaller model or a smaller context.")
    if _OVERFLOW.search(f"{error} {text}"):
        return ContextOverflow(f"The prompt is longer than the context of {model}: {text}")
    if status in (429, 503):
        return ModelBusy(f"Ollama is busy with other requests ({text}).")
    if status in (-1, 499) or status >= 500:
        return Broken(f"{model} stopped in the middle of its work: {text}")
    return Refused(f"Ollama refused the request ({status}): {text}")


def error_text(error: object) -> str:
    """One line of at most 300 characters. Some errors are llama.cpp's own JSON, nested once or twice."""
    for _ in range(3):
        if isinstance(error, str) and error.lstrip().startswith("{"):
            try:
                error = json.loads(error)
            except ValueError:
                break
        if isinstance(error, dict):
            error = error.get("error") or error.get("message") or str(error)
    return " ".join(str(error).split())[:300].rstrip(" .") or "no reason given"
