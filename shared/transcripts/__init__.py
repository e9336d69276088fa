"""Every export format -> utterances.

`sniff` is cheap and runs inside the upload request, so that an unreadable file is refused at once; `parse` runs in the
worker. Both decide by content first and by file name second, and both raise `Invalid` or `TooLarge` naming what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of speech. `index` counts from 0 without gaps; times are seconds from the start of the meeting."""

    index: int
    speaker: str | None
    text: str
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What `sniff` found: the reader's name (`vtt`, `srt`, `json`, `docx`, `pdf`, `markdown`, `text`)."""

    format: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A parsed file. `kept` of `found` cues (segments, paragraphs) made it into utterances; the page shows both."""

    format: str
    utterances: tuple[Utterance, ...]
    kept: int
    found: int
    title: str | None = None
    occurred_at: datetime | None = None
    participants: tuple[str, ...] = field(default=())

    @property
    def duration_s(self) -> float | None:
        """End of the last timed utterance, or None where the file has no times."""
        ends = [u.end_s if u.end_s is not None else u.start_s for u in self.utterances]
        return max((e for e in ends if e is not None), default=None)
