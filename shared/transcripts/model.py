"""The shapes of a transcript: what callers get (Transcript and its parts), what readers hand over (Reading)."""

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
    """The reader's name: `vtt`, `srt`, `sbv`, `ttml`, `json`, `docx`, `pdf`, `mail`, `markdown` or `text`."""

    format: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A parsed file. `kept` of `found` cues (segments, paragraphs) made it into utterances; the page shows both.

    `occurred_at` is naive, local time of the meeting, unless the file names a zone; midnight where it states only the
    day. `participants` are the people a header names, not the speakers.
    """

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


@dataclass(frozen=True, slots=True)
class Cue:
    """What a reader finds: raw text with its label and its times in seconds, before cleaning and numbering."""

    text: str
    speaker: str | None = None
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about itself before anybody speaks."""

    title: str | None = None
    occurred_at: datetime | None = None
    participants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's result. `found` counts cues in the file that say something, `kept` those whose text is in `cues`."""

    cues: list[Cue]
    found: int
    kept: int
    header: Header = field(default_factory=Header)
