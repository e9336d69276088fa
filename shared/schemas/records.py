"""What a record may say, on the way in: the same rules for REST, web forms, imports and the review gate.

Every field of a `…Fields` model may be left out (PATCH); the `…In` model names what a new record needs. `None` clears a
field. References may be given as `*_external_id`; the verbs resolve them.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.models import CustomType, Direction, Lifecycle, NoteKind, Priority, StageType, TaskStatus
from shared.schemas.accounts import NO_MONEY, email_address, is_visible
from shared.schemas.checking import CONTROL, AtField
from shared.schemas.ids import LARGEST_ID

_FIGURES = re.compile(r"\s*[-+]?[\d.]+\s*")
_ADDRESS = re.compile(
    r"(?P<scheme>https?://)?(?P<host>\w[\w-]*(?:\.\w[\w-]*)*|\[[0-9a-f:.]+\])\.?(?::\d{1,5})?(?:[/?#]\S*)?", re.I
)
_DOMAIN = re.compile(r"\.[^\W\d_][\w-]+$|^\d{1,3}(?:\.\d{1,3}){3}$")
_BREAKS = re.compile(r"[ \t]*[\t\r\n\x85\u2028\u2029]+[ \t]*")


def _clean(value: object) -> object:
    """Control characters never belong in a field; a text without a visible character means "nothing"."""
    if isinstance(value, str):
        text = CONTROL.sub("", value).strip()
        return text if is_visible(text) else None
    return value


def _name(value: object) -> object:
    if isinstance(value, str) and not _clean(value):
        raise ValueError("must not be empty")
    return _line(value)


def _line(value: object) -> object:
    """What stands in one line of a list: a quoted line break of a spreadsheet is a space there."""
    text = _clean(value)
    return _BREAKS.sub(" ", text) if isinstance(text, str) else text


def _currency(value: str) -> str:
    code = value.upper()
    from babel.core import get_global

    if code not in get_global("all_currencies") or code in NO_MONEY:
        raise ValueError(f"“{value[:20]}” is not an ISO 4217 currency code")
    return code


def is_web_address(text: str) -> bool:
    """With a scheme any host, of an office's network too; without one only what looks like a domain."""
    match = _ADDRESS.fullmatch(text)
    return match is not None and bool(match["scheme"] or _DOMAIN.search(match["host"]))


def _web_address(value: str) -> str:
    if not is_web_address(value):
        raise ValueError("Must be a web address, such as example.com/page or https://example.com.")
    return re.sub(r"^https?://", lambda scheme: scheme[0].lower(), value, flags=re.I)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("needs a time zone, for example 2026-11-20T09:00:00Z")
    return _of_our_time(value)


def _of_our_time(value: datetime) -> datetime:
    """Years at the ends of the calendar overflow when a zone is applied."""
    if not 1800 <= value.year <= 2400:
        raise ValueError("must lie between 1800 and 2400")
    return value


def _no_number(value: object) -> object:
    """0 is 1970 to pydantic, and so is “20261120”."""
    if isinstance(value, int | float) or (isinstance(value, str) and _FIGURES.fullmatch(value)):
        raise ValueError("must be written like 2026-11-20 or 2026-11-20T09:00:00Z")
    return value


def _no_bool(value: object) -> object:
    """`true` is 1 to Python."""
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


Name = Annotated[str, BeforeValidator(_name), Field(min_length=1, max_length=200)]
Text20 = Annotated[Annotated[str, Field(max_length=20)] | None, BeforeValidator(_clean)]
#: Of a name.
Part = Annotated[Annotated[str, Field(max_length=100)] | None, BeforeValidator(_line)]
Text50 = Annotated[Annotated[str, Field(max_length=50)] | None, BeforeValidator(_clean)]
Text100 = Annotated[Annotated[str, Field(max_length=100)] | None, BeforeValidator(_clean)]
Short = Annotated[Annotated[str, Field(max_length=200)] | None, BeforeValidator(_clean)]
Text300 = Annotated[Annotated[str, Field(max_length=300)] | None, BeforeValidator(_clean)]
Text500 = Annotated[Annotated[str, Field(max_length=500)] | None, BeforeValidator(_clean)]
Long = Annotated[Annotated[str, Field(max_length=100_000)] | None, BeforeValidator(_clean)]
ExternalId = Short
Website = Annotated[
    Annotated[str, Field(max_length=500, pattern=r"^(https?://)?[^\s:/]+(:\d+)?([/?#]\S*)?$")] | None,
    BeforeValidator(_clean),
]
#: Of a custom field: what may be clicked.
WebAddress = Annotated[
    Annotated[str, Field(max_length=500), AfterValidator(_web_address)] | None, BeforeValidator(_clean)
]
Currency = Annotated[str, AfterValidator(_currency)]
Moment = Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_of_our_time)]
Aware = Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_aware)]
Whole = Annotated[int, BeforeValidator(_no_bool)]
Seconds = Annotated[float, BeforeValidator(_no_bool)]
Id = Annotated[Whole, Field(ge=1, le=LARGEST_ID)]
Amount = Annotated[Decimal, Field(ge=0, le=10**13, decimal_places=4)]
Day = Annotated[date, BeforeValidator(_no_number), Field(ge=date(1800, 1, 1), le=date(2400, 12, 31))]
TagName = Annotated[str, BeforeValidator(_name), Field(min_length=1, max_length=50)]
Domain = Annotated[
    Annotated[str, Field(max_length=253, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")]
    | None,
    BeforeValidator(lambda v: bare_domain(v)),
]


def bare_domain(value: object) -> object:
    """`https://www.Acme.com/about` -> `acme.com`."""
    value = _clean(value)
    if not isinstance(value, str):
        return value
    bare = re.sub(r"^[a-z]+://", "", value.lower()).split("/")[0].split("?")[0].removeprefix("www.")
    try:
        return bare.encode("idna").decode("ascii") if not bare.isascii() else bare
    except UnicodeError:
        return bare


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

    phone: Annotated[str, BeforeValidator(_clean), Field(min_length=3, max_length=50, pattern=r".*\d.*")]
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
    title: Annotated[str, BeforeValidator(_line), Field(min_length=1, max_length=500)] = ""
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
    title: Annotated[str, BeforeValidator(_line), Field(min_length=1, max_length=500)]


class NoteFields(_Fields):
    body: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=200_000)] = ""
    author_id: Id | None = None
    author_external_id: ExternalId = None
    kind: NoteKind = Field(default=NoteKind.NOTE, description="What is told: a thought, or a call, meeting or letter.")
    happened_at: Aware | None = Field(default=None, description="When the call, meeting or letter was.")
    duration_s: Whole | None = Field(default=None, ge=0, le=24 * 3600)
    direction: Direction | None = None
    links: list[LinkIn] = Field(default_factory=list, max_length=100)


class NoteIn(NoteFields):
    body: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=200_000)]


class MeetingFields(_Tagged):
    title: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=300)] = ""
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
    name: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=100)]
    type: StageType = StageType.OPEN
    probability: Whole = Field(default=0, ge=0, le=100)
    position: Whole | None = Field(default=None, ge=0, le=1000)
    #: Days in this stage after which a deal is stale. None: as the workspace says; 0: never.
    stale_days: Whole | None = Field(default=None, ge=0, le=3650)


class PipelineFields(_Fields):
    name: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=100)] = ""
    is_default: bool | None = None
    archived: bool | None = None
    stages: list[StageIn] = Field(default_factory=list, max_length=50)


class PipelineIn(PipelineFields):
    name: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=100)]
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
    label: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=100)]


def _option(value: object) -> object:
    return {"label": value} if isinstance(value, str) else value


class FieldDefinitionFields(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    label: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=100)] = ""
    hint: Text300 = None
    position: Whole = Field(default=0, ge=0, le=1000)
    options: list[Annotated[OptionIn, BeforeValidator(_option)]] = Field(default_factory=list, max_length=200)


class FieldDefinitionIn(FieldDefinitionFields):
    record_type: Literal["company", "contact", "deal", "task", "meeting"]
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = None
    label: Annotated[str, BeforeValidator(_clean), Field(min_length=1, max_length=100)]
    type: CustomType
