"""What an analyzer is given and what it gives back, the same for every engine.

An engine reads a meeting segment by segment and returns drafts: raw finds with the words they claim to rest on. Nothing
about a draft is trusted: `meeting_analyzer.assemble` merges drafts, looks each quote up in the transcript and turns
what holds into `shared.schemas.insight.Item`. Drafts are stored between segments so that an interrupted analysis
resumes; hence `to_json` and `from_json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shared.schemas.insight import Kind
from shared.transcripts import Utterance


@dataclass(frozen=True, slots=True)
class MeetingContext:
    """One meeting as an engine sees it. `occurred_at` is its local time; spoken dates are relative to that day."""

    utterances: tuple[Utterance, ...]
    occurred_at: datetime
    own_company: str | None = None
    own_domains: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    title: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the meeting that is read in one go: utterances `first` to `last`, both included."""

    index: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What an engine says the transcript holds, and where. Not yet verified; `utterance` may be wrong or None."""

    utterance: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An engine's raw find. `score` is the engine's own opinion, 0..1; `data` has the keys of its kind.

    `signals` are what the engine observed about it, 0..1 each; they go with the item to `confidence`.
    """

    kind: Kind
    data: dict[str, object]
    quotes: tuple[Quote, ...]
    score: float = 0.5
    signals: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A plain dict for a JSON column; `from_json` is its inverse."""
        return {
            "kind": self.kind.value,
            "data": self.data,
            "quotes": [[quote.utterance, quote.text] for quote in self.quotes],
            "score": self.score,
            **({"signals": self.signals} if self.signals else {}),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Draft:
        quotes = tuple(Quote(utterance, text) for utterance, text in stored["quotes"])
        signals = dict(stored.get("signals") or {})
        return cls(Kind(stored["kind"]), dict(stored["data"]), quotes, float(stored["score"]), signals)


class Engine(Protocol):
    """Reads meetings. `read` may take minutes with a language model; the others are quick or one model call."""

    @property
    def name(self) -> str:
        """`builtin` or `ollama`; stored with the analysis and shown on the page."""
        ...

    def segments(self, meeting: MeetingContext) -> list[Segment]:
        """Cut the meeting into pieces that `read` can take, covering every utterance in order; none if it is empty."""
        ...

    def read(self, meeting: MeetingContext, segment: Segment) -> list[Draft]:
        """Everything found in one segment. Depends on its arguments only: a crash repeats one segment."""
        ...

    def finish(self, meeting: MeetingContext, drafts: list[Draft]) -> list[Draft]:
        """Look at the whole: add what only the whole shows (summary, mood), drop what was taken back later."""
        ...
