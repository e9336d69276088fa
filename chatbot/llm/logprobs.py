"""How sure a model was of the values in its JSON answer, from the probabilities of its tokens.

Ollama gives them since 0.12.11 where `logprobs` is asked for: with each line a list of `{token, logprob, bytes}`. Keys,
quotes and brackets are all but certain under a schema and say nothing, so only the tokens of values count, and of an
object that is a list's entry the geometric mean over its values is what is kept. A server that gives none, or gives
some that do not match the text, leaves everything as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

#: The key under which an entry of an answer carries the probability of its values, 0..1.
KEY = "value_logprob"
#: A token that is ruled out has minus infinity; one such must not hide all the others.
_LEAST = -20.0
_SCALAR = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"|-?\d[\d.eE+-]*|true|false|null')
_BLANK = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Token:
    """text[start:end] of the answer was written with this log-probability."""

    start: int
    end: int
    logprob: float


def tokens_of(start: int, text: str, given: Sequence[tuple[str, float]]) -> list[Token]:
    """The tokens of one line whose text begins at `start`, of their (text, log-probability) pairs.

    A line can hold several tokens (a parser held them back), and a token can be part of a character: where the tokens'
    texts do not make up the line's, each counts for the whole of it.
    """
    logprobs = [max(_LEAST, value) for _, value in given]
    if "".join(piece for piece, _ in given) != text:
        return [Token(start, start + len(text), value) for value in logprobs]
    found = []
    for (piece, _), value in zip(given, logprobs, strict=True):
        found.append(Token(start, start + len(piece), value))
        start += len(piece)
    return found


def annotate(
    value: Mapping[str, Any], source: str, offset: int, tokens: Sequence[Token], leave_out: frozenset[str]
) -> dict[str, Any]:
    """The answer with `KEY` in each entry of its lists; `source` is its JSON, which begins at `offset` of the answer.

    Values under the keys `leave_out` (where something was said, rather than what) do not count, nor do empty ones.
    """
    if not tokens:
        return dict(value)
    means: dict[tuple[str, int], float] = {}
    for path, spans in _entries(source):
        inside = [
            token.logprob
            for key, start, end in spans
            if key not in leave_out and end > start
            for token in _overlapping(tokens, offset + start, offset + end)
        ]
        if inside:
            means[path] = round(exp(sum(inside) / len(inside)), 4)
    return {
        name: [
            {**entry, KEY: means[(name, at)]} if isinstance(entry, dict) and (name, at) in means else entry
            for at, entry in enumerate(part)
        ]
        if isinstance(part, list)
        else part
        for name, part in value.items()
    }


def _overlapping(tokens: Sequence[Token], start: int, end: int) -> Iterator[Token]:
    """Those that lie in the stretch. Tokens are in order, so a binary search would do; answers are short."""
    return (token for token in tokens if token.start < end and start < token.end)


def _entries(source: str) -> Iterator[tuple[tuple[str, int], list[tuple[str, int, int]]]]:
    """((list, place), [(key, start, end) of each scalar value]) of the objects in the lists of the top object."""
    found: dict[tuple[str, int], list[tuple[str, int, int]]] = {}
    for path, start, end in _scalars(source, 0, ())[0]:
        if len(path) >= 3 and isinstance(path[0], str) and isinstance(path[1], int):
            found.setdefault((path[0], path[1]), []).append((str(path[2]), start, end))
    yield from found.items()


Path = tuple[str | int, ...]


def _scalars(source: str, at: int, path: Path) -> tuple[list[tuple[Path, int, int]], int]:
    """The scalars of the value that begins at `at`, strings without their quotes, and where it ends."""
    at = _skip(source, at)
    if source[at] in "{[":
        return _inside(source, at, path)
    match = _SCALAR.match(source, at)
    if match is None:
        raise ValueError(f"no JSON value at {at}")
    span = match.span("text") if match["text"] is not None else match.span()
    return [(path, *span)], match.end()


def _inside(source: str, at: int, path: Path) -> tuple[list[tuple[Path, int, int]], int]:
    is_object, close = source[at] == "{", "}" if source[at] == "{" else "]"
    found: list[tuple[Path, int, int]] = []
    at, number = _skip(source, at + 1), 0
    while source[at] != close:
        step: str | int = number
        if is_object:
            match = _SCALAR.match(source, at)
            if match is None or match["text"] is None:
                raise ValueError(f"no key at {at}")
            step = json.loads(match.group())
            at = _skip(source, _skip(source, match.end()) + 1)
        more, at = _scalars(source, at, (*path, step))
        found += more
        at = _skip(source, at)
        at = _skip(source, at + 1) if source[at] == "," else at
        number += 1
    return found, at + 1


def _skip(source: str, at: int) -> int:
    match = _BLANK.match(source, at)
    return match.end() if match else at
