"""The annotated meetings that weights are fitted on: those of the repository, or the folders AFTERWORD_TRAINING names.

AFTERWORD_TRAINING=folder[:folder] replaces the default, `tests/data/meetings`, `tests/evals/meetings` and the folders
in it but `frozen`, which nobody trains on. A folder holds NAME.gold.json beside its transcript, as the README.md of
tests/data/meetings says.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.extraction.builtin.discourse import Discourse, cut
from chatbot.extraction.evaluation import Annotated, annotated, context
from shared.transcripts import parse

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Meeting:
    """One annotated meeting, cut into sentences. `items` are the gold items as the file has them."""

    name: str
    folder: Path
    source: Annotated
    discourse: Discourse
    items: list[dict[str, Any]]


def folders() -> list[Path]:
    told = os.environ.get("AFTERWORD_TRAINING")
    if told:
        return [Path(part) for part in told.split(":") if part]
    later = _ROOT / "tests" / "evals" / "meetings"
    return [
        _ROOT / "tests" / "data" / "meetings",
        later,
        *sorted(p for p in later.iterdir() if p.is_dir() and p.name != "frozen"),
    ]


def load(places: list[Path] | None = None) -> list[Meeting]:
    """All annotated meetings, by folder and name."""
    found = []
    for folder in places or folders():
        for source in annotated(folder):
            transcript = parse(source.transcript.read_bytes(), source.transcript.name)
            items = json.loads((folder / f"{source.name}.gold.json").read_text(encoding="utf-8"))["items"]
            discourse = cut(context(transcript, source.occurred_at, source.own_company))
            found.append(Meeting(source.name, folder, source, discourse, items))
    return found
