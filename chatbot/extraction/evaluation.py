"""Analyse a file or a folder of annotated meetings; what `flask analyze` and `make eval` share. Needs no service."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chatbot.extraction.language import detect_language
from chatbot.extraction.types import MeetingContext
from shared.schemas.insight import Item
from shared.transcripts import Transcript

#: Beside its gold file a meeting may lie in any of these formats.
FORMATS = (".txt", ".vtt", ".srt", ".json", ".md", ".docx", ".pdf")


@dataclass(frozen=True, slots=True)
class Annotated:
    """A meeting with its gold file: where the transcript lies and what the analyzer may be told."""

    name: str
    transcript: Path
    occurred_at: datetime
    own_company: str | None


def annotated(folder: Path) -> list[Annotated]:
    """The meetings `NAME.gold.json` + `NAME.*` of a folder, by name. A gold file without transcript is left out."""
    found = []
    for gold in sorted(folder.glob("*.gold.json")):
        name = gold.name.removesuffix(".gold.json")
        path = next((folder / (name + ending) for ending in FORMATS if (folder / (name + ending)).exists()), None)
        if path is None:
            continue
        told = json.loads(gold.read_text(encoding="utf-8"))["meeting"]
        found.append(
            Annotated(name, path, datetime.fromisoformat(told["occurred_at"]), told.get("own_company") or None)
        )
    return found


def context(transcript: Transcript, occurred_at: datetime, own_company: str | None = None) -> MeetingContext:
    """What an engine is given for a parsed file."""
    return MeetingContext(
        utterances=transcript.utterances,
        occurred_at=occurred_at,
        own_company=own_company,
        participants=transcript.participants,
        title=transcript.title,
        language=detect_language(transcript.utterances),
    )


def as_json(items: list[Item]) -> dict[str, object]:
    """`{"items": [...]}` in the shape of the gold files, confidence added."""
    return {"items": [item.model_dump(mode="json") for item in items]}
