"""Cues of any reader -> a Transcript: cleaned, cut to a usable length, numbered, and within the limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from shared.config import MAX_MEETING_S
from shared.errors import TooLarge
from shared.transcripts.cleaning import collapse, pieces
from shared.transcripts.decoding import refuse
from shared.transcripts.model import Cue, Reading, Transcript, Utterance

MAX_CUES = 100_000
MAX_SPEAKER = 200


def assemble(reading: Reading, *, format: str) -> Transcript:
    """Raises Invalid if nothing is readable or the meeting is over six hours, TooLarge for too many cues."""
    if len(reading.cues) > MAX_CUES:
        raise TooLarge(f"The file has {len(reading.cues):,} pieces of speech; at most {MAX_CUES:,} are read. Split it.")
    cues = _within_limit(_shifted([cue for raw in reading.cues if (cue := _clean(raw)).text]))
    if not any(ch.isalnum() for cue in cues for ch in cue.text):
        raise refuse(
            "There is no readable speech in this file. Check that the export is complete, then upload it again."
        )
    utterances = tuple(
        Utterance(index, cue.speaker, cue.text, cue.start_s, cue.end_s) for index, cue in enumerate(_pieces(cues))
    )
    header = reading.header
    return Transcript(
        format=format,
        utterances=utterances,
        kept=min(reading.kept, reading.found),
        found=reading.found,
        title=collapse(header.title)[:200] or None if header.title else None,
        occurred_at=header.occurred_at,
        participants=tuple(dict.fromkeys(name for raw in header.participants if (name := collapse(raw)[:MAX_SPEAKER]))),
    )


def check_length(reading: Reading) -> None:
    """Raises Invalid if the times show a meeting over six hours."""
    _within_limit(_shifted([_clean(cue) for cue in reading.cues]))


def _clean(cue: Cue) -> Cue:
    speaker = collapse(cue.speaker)[:MAX_SPEAKER].strip() or None if cue.speaker else None
    start, end = _time(cue.start_s), _time(cue.end_s)
    if start is None or (end is not None and end < start):
        end = None
    return Cue(collapse(cue.text), speaker, start, end)


def _time(value: float | None) -> float | None:
    return max(value, 0.0) if value is not None and math.isfinite(value) else None


def _shifted(cues: list[Cue]) -> list[Cue]:
    """Clock times ("14:02:10") and broadcast codes start late in the day: count those from the first one."""
    starts = [cue.start_s for cue in cues if cue.start_s is not None]
    if not starts or max(starts) <= MAX_MEETING_S or max(starts) - min(starts) > MAX_MEETING_S:
        return cues
    origin = min(starts)
    return [
        cue
        if cue.start_s is None
        else replace(
            cue,
            start_s=round(cue.start_s - origin, 3),
            end_s=None if cue.end_s is None else round(cue.end_s - origin, 3),
        )
        for cue in cues
    ]


def _within_limit(cues: list[Cue]) -> list[Cue]:
    last = max((cue.start_s for cue in cues if cue.start_s is not None), default=0.0)
    if last > MAX_MEETING_S:
        raise refuse(
            f"The times in this file reach {clock(last)}; meetings of up to {MAX_MEETING_S // 3600} hours are read. "
            "Split the transcript and upload the parts."
        )
    # An end that runs far past every start ("99:59:59") is a placeholder, not a time.
    return [replace(c, end_s=None) if c.end_s is not None and c.end_s > MAX_MEETING_S else c for c in cues]


def clock(value: float) -> str:
    """3723.4 -> "1:02:03"."""
    whole = int(value)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _pieces(cues: list[Cue]) -> Iterator[Cue]:
    """Each piece of a long cue keeps the cue's times: they are true of it, and finer ones would be invented."""
    for cue in cues:
        for text in pieces(cue.text):
            yield cue if text == cue.text else replace(cue, text=text)
