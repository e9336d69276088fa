"""What a record may say, on the way in: the same rules for REST, web forms, imports and the review gate.

Every field of a `…Fields` model may be left out (PATCH); the `…In` model names what a new record needs. `None` clears a
field. References may be given as `*_external_id`; the verbs resolve them.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.models import CustomType, Direction, Lifecycle, NoteKind, Priority, StageType, TaskStatus
from shared.schemas.accounts import email_address
from shared.schemas.checking import AtField
from shared.schemas.values import (
    Amount,
    Aware,
    Currency,
    Day,
    Domain,
    ExternalId,
    Id,
    Long,
    Moment,
    Name,
    Part,
    Seconds,
    Short,
    TagName,
    Text20,
    Text50,
    Text100,
    Text300,
    Text500,
    Website,
    Whole,
    cleaned,
    in_one_line,
)


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    external_id: ExternalId = None
    custom: dict[str, Any] = Field(
        default_factory=dict, max_length=200,
        description="Custom fields by their key. What is not named stays as it is; null clears.",
    )  # fmt: skip
    #: History from another system; needs an admin's token.
    created_at: Aware | None = None


class _Tagged(_Fields):
    tags: Annotated[list[TagName], BeforeValidator(lambda value: [] if value is None else value)] = Field(
        default_factory=list, max_length=50, description="Names; unknown ones are made."
    )


class EmailIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    email: Annotated[str, AfterValidator(email_address), Field(max_length=254)]
    label: Text50 = None
    primary: bool = False


class PhoneIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    phone: Annotated[str, BeforeValidator(cleaned), Field(min_length=3, max_length=50, pattern=r".*\d.*")]
    label: Text50 = None
    primary: bool = False


class DealContactIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    contact_id: Id | None = None
    contact_external_id: ExternalId = None
    role: Text100 = None

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if self.contact_id is None and self.contact_external_id is None:
            raise ValueError("contact_id or contact_external_id is required")
        return self


class LinkIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["company", "contact", "deal", "meeting"]
    id: Id | None = None
    external_id: ExternalId = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.id is None and self.external_id is None:
            raise ValueError("id or external_id is required")
        return self


class MoneyIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    minor: Whole = Field(ge=0, le=10**15)
    currency: Currency


class CompanyFields(_Tagged):
    name: Name = ""
    domain: Domain = None
    website: Website = None
    industry: Short = None
    employees: Whole | None = Field(default=None, ge=0, le=100_000_000)
    phone: Text50 = None
    street: Text300 = None
    city: Short = None
    region: Short = None
    postcode: Text20 = None
    country: Text100 = None
    description: Long = None
    owner_id: Id | None = None
    owner_external_id: ExternalId = None


class CompanyIn(CompanyFields):
    name: Name


class ContactFields(_Tagged):
    first_name: Part = None
    last_name: Part = None
    emails: list[EmailIn] = Field(default_factory=list, max_length=20)
    phones: list[PhoneIn] = Field(default_factory=list, max_length=20)
    title: Short = None
    company_id: Id | None = None
    company_external_id: ExternalId = None
    lifecycle: Lifecycle = Lifecycle.LEAD
    source: Text100 = None
    description: Long = None
    owner_id: Id | None = None
    owner_external_id: ExternalId = None


class ContactIn(ContactFields):
    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not (self.first_name or self.last_name or self.emails):
            raise AtField("A contact needs a first name, a last name or an e-mail address.", field="last_name")
        return self


class DealFields(_Tagged):
    name: Name = ""
    company_id: Id | None = None
    company_external_id: ExternalId = None
    contact_id: Id | None = None
    contact_external_id: ExternalId = None
    contacts: list[DealContactIn] = Field(default_factory=list, max_length=100)
    pipeline_id: Id | None = None
    pipeline_external_id: ExternalId = None
    stage_id: Id | None = None
    stage: Text100 = None
    #: {minor, currency}, or an amount in major units together with `currency`.
    amount: MoneyIn | Amount | None = None
    currency: Currency | None = None
    probability: Whole | None = Field(default=None, ge=0, le=100)
    expected_close: Day | None = None
    closed_at: Aware | None = None
    lost_reason: Text500 = None
    description: Long = None
    owner_id: Id | None = None
    owner_external_id: ExternalId = None

    @model_validator(mode="after")
    def _in_one_currency(self) -> Self:
        if isinstance(self.amount, MoneyIn) and self.currency not in (None, self.amount.currency):
            raise AtField("This is another currency than that of the amount. Leave one out.", field="currency")
        return self


class DealIn(DealFields):
    name: Name


class TaskFields(_Tagged):
    title: Annotated[str, BeforeValidator(in_one_line), Field(min_length=1, max_length=500)] = ""
    body: Long = None
    due_at: Aware | None = None
    due_date: Day | None = None
    priority: Priority = Priority.NORMAL
    status: TaskStatus = TaskStatus.OPEN
    completed_at: Aware | None = None
    assignee_id: Id | None = None
    assignee_external_id: ExternalId = None
    promised_by: Short = None
    meeting_id: Id | None = None
    meeting_s: Seconds | None = Field(default=None, ge=0)
    repeat: str | None = Field(
        default=None,
        max_length=200,
        description="How it comes again, an RFC 5545 rule by days: `FREQ=WEEKLY;BYDAY=MO`. Done, it makes the next.",
    )
    repeat_on: Day | None = Field(
        default=None, description="The day of its rule a task stands for, wherever it was put."
    )
    links: list[LinkIn] = Field(default_factory=list, max_length=100)

    @model_validator(mode="after")
    def _due_on_one_day(self) -> Self:
        """The day of a time is the workspace's, which no zone on Earth puts further away than the next."""
        day = self.due_at.astimezone(UTC).date() if self.due_at else None
        if day and self.due_date and abs(day - self.due_date) > timedelta(days=1):
            raise AtField("This is another day than that of due_at. Leave one out.", field="due_date")
        return self


class TaskIn(TaskFields):
    title: Annotated[str, BeforeValidator(in_one_line), Field(min_length=1, max_length=500)]


class NoteFields(_Fields):
    body: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=200_000)] = ""
    author_id: Id | None = None
    author_external_id: ExternalId = None
    kind: NoteKind = Field(default=NoteKind.NOTE, description="What is told: a thought, or a call, meeting or letter.")
    happened_at: Aware | None = Field(default=None, description="When the call, meeting or letter was.")
    duration_s: Whole | None = Field(default=None, ge=0, le=24 * 3600)
    direction: Direction | None = None
    links: list[LinkIn] = Field(default_factory=list, max_length=100)


class NoteIn(NoteFields):
    body: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=200_000)]


class MeetingFields(_Tagged):
    title: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=300)] = ""
    #: Without a zone it is the workspace's local time.
    occurred_at: Moment | None = None
    duration_s: Seconds | None = Field(default=None, ge=0, le=24 * 3600)
    company_id: Id | None = None
    company_external_id: ExternalId = None
    deal_id: Id | None = None
    deal_external_id: ExternalId = None
    user_ids: list[Id] = Field(default_factory=list, max_length=200)
    contact_ids: list[Id] = Field(default_factory=list, max_length=200)


class StageIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    id: Id | None = None
    name: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=100)]
    type: StageType = StageType.OPEN
    probability: Whole = Field(default=0, ge=0, le=100)
    position: Whole | None = Field(default=None, ge=0, le=1000)
    #: Days in this stage after which a deal is stale. None: as the workspace says; 0: never.
    stale_days: Whole | None = Field(default=None, ge=0, le=3650)


class PipelineFields(_Fields):
    name: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=100)] = ""
    is_default: bool | None = None
    archived: bool | None = None
    stages: list[StageIn] = Field(default_factory=list, max_length=50)


class PipelineIn(PipelineFields):
    name: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=100)]
    stages: list[StageIn] = Field(min_length=1, max_length=50)


#: The tones of `components/ui.html`.
TagColor = Literal["neutral", "red", "amber", "green", "teal", "blue", "violet", "pink"]


class TagFields(_Fields):
    name: TagName = ""
    color: TagColor | None = None


class TagIn(TagFields):
    name: TagName


# --- Custom fields


class OptionIn(BaseModel):
    """`value` is what records hold; left out, it is made of the label."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    value: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,50}$")] | None = None
    label: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=100)]


def _option(value: object) -> object:
    return {"label": value} if isinstance(value, str) else value


class FieldDefinitionFields(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    label: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=100)] = ""
    hint: Text300 = None
    position: Whole = Field(default=0, ge=0, le=1000)
    options: list[Annotated[OptionIn, BeforeValidator(_option)]] = Field(default_factory=list, max_length=200)


class FieldDefinitionIn(FieldDefinitionFields):
    record_type: Literal["company", "contact", "deal", "task", "meeting"]
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = None
    label: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=100)]
    type: CustomType
