"""What a meeting can yield, and what each kind may say.

The same shapes are the analyzer's output, the JSON schema that a language model is held to, the insight's `data` in
REST and the columns of the review page. Kinds and keys follow the field's usual minutes; see `docs/extraction.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from shared.schemas.checking import CONTROL


@dataclass(frozen=True, slots=True)
class Bands:
    """Where a confidence (0..1) is called high or medium: on the review page, and in "accept all above"."""

    high: float = 0.8
    medium: float = 0.5

    def name_of(self, confidence: float) -> str:
        """high, medium or low."""
        return "high" if confidence >= self.high else "medium" if confidence >= self.medium else "low"


BANDS = Bands()


class Kind(StrEnum):
    """What an insight is about. The order is the order of review."""

    CONTACT = "contact"
    COMPANY = "company"
    DEAL = "deal"
    ACTION_ITEM = "action_item"
    NEXT_MEETING = "next_meeting"
    DECISION = "decision"
    PAIN_POINT = "pain_point"
    OBJECTION = "objection"
    COMPETITOR = "competitor"
    REQUIREMENT = "requirement"
    SENTIMENT = "sentiment"
    SUMMARY = "summary"


DealStage = Literal[
    "lead", "qualification", "discovery", "evaluation", "proposal", "negotiation",
    "verbal", "won", "lost", "on_hold", "renewal",
]  # fmt: skip


def _in_the_calendar(value: str) -> str:
    """Raises ValueError for a day or time that does not exist, such as 2026-02-31."""
    datetime.fromisoformat(value)
    return value


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_in_the_calendar)]
DayOrTime = Annotated[
    str, Field(pattern=r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$"), AfterValidator(_in_the_calendar)
]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _without_control_characters(cls, value: object) -> object:
        return CONTROL.sub("", value) if isinstance(value, str) else value


class ContactData(_Data):
    name: str = Field(min_length=1, max_length=200)
    title: str | None = Field(default=None, max_length=200)
    company: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=50)
    attended: bool = False


class CompanyData(_Data):
    name: str = Field(min_length=1, max_length=200)
    domain: str | None = Field(default=None, max_length=253)
    industry: str | None = Field(default=None, max_length=200)
    size: str | None = Field(default=None, max_length=100)


class DealData(_Data):
    company: str = Field(min_length=1, max_length=200)
    name: str | None = Field(default=None, max_length=200)
    amount: float | None = Field(default=None, ge=0, le=1e13)
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    stage: DealStage | None = None
    close_date: Day | None = None


class ActionItemData(_Data):
    description: str = Field(min_length=1, max_length=1000)
    owner: str | None = Field(default=None, max_length=200)
    due_date: Day | None = None


class NextMeetingData(_Data):
    when: DayOrTime
    purpose: str | None = Field(default=None, max_length=500)


class DescriptionData(_Data):
    description: str = Field(min_length=1, max_length=1000)


class CompanyDescriptionData(DescriptionData):
    company: str | None = Field(default=None, max_length=200)


class CompetitorData(_Data):
    name: str = Field(min_length=1, max_length=200)


class SentimentData(_Data):
    label: Literal["positive", "neutral", "negative"]
    about: str | None = Field(default=None, max_length=500)


class Citation(_Data):
    """What stands before `text[at]` of a summary rests on this utterance."""

    at: int = Field(ge=0)
    utterance: int = Field(ge=0)


class SummaryData(_Data):
    text: str = Field(min_length=1, max_length=8000)
    citations: list[Citation] | None = Field(default=None, max_length=100)


DATA_BY_KIND: dict[Kind, type[BaseModel]] = {
    Kind.CONTACT: ContactData,
    Kind.COMPANY: CompanyData,
    Kind.DEAL: DealData,
    Kind.ACTION_ITEM: ActionItemData,
    Kind.NEXT_MEETING: NextMeetingData,
    Kind.DECISION: DescriptionData,
    Kind.PAIN_POINT: CompanyDescriptionData,
    Kind.OBJECTION: CompanyDescriptionData,
    Kind.COMPETITOR: CompetitorData,
    Kind.REQUIREMENT: DescriptionData,
    Kind.SENTIMENT: SentimentData,
    Kind.SUMMARY: SummaryData,
}


class Evidence(BaseModel):
    """A piece of the transcript, verbatim: utterances[utterance].text[start:end] == quote.

    `utterance` is the utterance's index in the meeting; speaker and time come from that utterance, never from a model.
    """

    model_config = ConfigDict(extra="forbid")

    quote: str
    speaker: str | None = None
    start_s: float | None = None
    utterance: int
    start: int = 0
    end: int = 0


class Item(BaseModel):
    """One thing found in a meeting: grounded, not yet resolved against the CRM. `data` is valid for its kind."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    data: dict[str, object]
    evidence: list[Evidence] = Field(default_factory=list)
    confidence: float = Field(default=0.5, ge=0, le=1)

    @property
    def typed(self) -> BaseModel:
        """`data` as its kind's model; raises pydantic.ValidationError if it does not fit."""
        return DATA_BY_KIND[self.kind].model_validate(self.data)
