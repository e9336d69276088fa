"""What the REST API answers about what meetings taught: insights, decisions on them, minutes. See `answers`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from shared.schemas.answers import Out
from shared.schemas.api import InsightStatusName


class EvidenceOut(BaseModel):
    quote: str
    speaker: str | None
    start_s: float | None
    utterance: int | None


class ChangeOut(BaseModel):
    field: str
    before: Any
    after: Any


class CandidateOut(BaseModel):
    """A record that may be meant, and what choosing it would change."""

    type: str
    id: int
    label: str
    why: str
    changes: list[ChangeOut]


class ProposalOut(BaseModel):
    action: Literal["create", "update", "link"]
    type: str
    record_id: int | None = None
    changes: list[ChangeOut]
    candidates: list[CandidateOut] = Field(
        description="If there are any, accepting needs a `record_id`: that of one, of another record, or `new`."
    )


class InsightOut(BaseModel):
    """One thing said in a meeting, with the sentences that prove it, and what accepting it would change."""

    id: int
    kind: str
    data: dict[str, Any]
    evidence: list[EvidenceOut]
    confidence: float
    status: InsightStatusName
    again_of_id: int | None = Field(description="The insight of an earlier meeting that says the same.")
    decided_by_id: int | None = None
    proposal: ProposalOut | None


class MinutesPerson(Out):
    name: str
    about: str | None = Field(description="Title and company.")
    reviewed: bool


class MinutesSummaryPart(Out):
    label: str | None
    points: list[str]


class MinutesSource(Out):
    speaker: str | None
    time: str | None = Field(description="Of the recording: 12:34.")
    utterance: int


class MinutesPoint(Out):
    text: str
    who: str | None
    due_date: str | None
    said: list[MinutesSource]
    reviewed: bool


class MinutesSection(Out):
    kind: str
    heading: str
    points: list[MinutesPoint]


class MinutesOut(Out):
    """Minutes as data; in the language of the meeting."""

    meeting_id: int
    language: str
    title: str
    when: str
    company: str | None
    deal: str | None
    attendees: list[MinutesPerson]
    summary: list[MinutesSummaryPart]
    sections: list[MinutesSection]


class ReviewOut(Out):
    batch_id: int
    accepted: int
    conflicts: int = Field(description="Stayed open: the record changed meanwhile.")
    below: int = Field(description="Stayed open: less sure than asked for.")
    to_ask: int = Field(description="Stayed open: several records may be meant, and one has to be chosen.")


class RejectedOut(Out):
    batch_id: int
    rejected: int
    conflicts: int = Field(description="Were decided meanwhile, and stay as they are.")


class Undone(Out):
    undone: int
    conflicts: int


class BatchUndone(Undone):
    batch_id: int
