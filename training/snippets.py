"""Labelled snippets of business talk: what the heads learn most of what they know from.

A snippet is a few turns, a line each: `C:` the customer's side, `V:` the vendor's, `N:` colleagues among themselves. A
label in braces follows the sentence it is about: A(ction), D(ecision), P(ain), O(bjection), R(equirement), small where
not everybody would share it. All of it is invented, written for Afterword; see `snippets/README.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "snippets"
LABELS = "ADPOR"
_TURN = re.compile(r"\s*([CVN]): (.*)")
_LABEL = re.compile(r"(\{[A-Za-z]+\})")
_STOP = re.compile(r"(?<=[.!?…])[\"”]?\s+")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: who says it (C, V, N), and its labels, small letters where they are not sure."""

    side: str
    text: str
    labels: str


def read(folder: Path = FOLDER) -> Iterator[list[Said]]:
    """The snippets of every `.txt` of the folder, each as its sentences."""
    for path in sorted(folder.glob("*.txt")):
        for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
            said = [sentence for line in block.splitlines() for sentence in _sentences(line)]
            if said:
                yield said


def _sentences(line: str) -> Iterator[Said]:
    turn = _TURN.match(line)
    if turn is None:
        return
    *parts, rest = _LABEL.split(turn[2])
    for text, label in zip(parts[::2], parts[1::2], strict=True):
        *before, last = _split(text) or [""]
        yield from (Said(turn[1], sentence, "") for sentence in before)
        if last:
            yield Said(turn[1], last, label[1:-1])
    yield from (Said(turn[1], sentence, "") for sentence in _split(rest))


def _split(text: str) -> list[str]:
    return [part.strip() for part in _STOP.split(text) if part.strip()]
