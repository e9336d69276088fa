"""What the assistant's tools take: the arguments a card shows, and a language model may be constrained to.

Ids stand for records that were resolved before; the verbs check them again.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.models import Lifecycle, Priority, TaskStatus
from shared.schemas import values
from shared.schemas.accounts import email_address

Language = Literal["en", "de"]
Title = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Email = Annotated[str, AfterValidator(email_address), Field(max_length=254)]
Phone = Annotated[str, Field(min_length=3, max_length=50, pattern=r".*\d.*")]
Id = values.Id

#: What no field may hold, and half of a character, which no database takes.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNWRITABLE.sub("", value)
    if isinstance(value, dict):
        return {_writable(k): _writable(v) for k, v in value.items()}
    return [_writable(v) for v in value] if isinstance(value, list) else value


class Arguments(BaseModel):
    """Arguments: nothing that the tool does not know, no empty change."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, data: Any) -> Any:
        return _writable(data)

    def given(self, *without: str) -> dict[str, Any]:
        """What was given, but for these."""
        return {k: v for k, v in self.model_dump(exclude_unset=True).items() if k not in without}


class _Change(Arguments):
    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if len(self.model_fields_set) < 2:
            raise ValueError("nothing is to be changed")
        return self


Word = Annotated[str, Field(min_length=1, max_length=50)]


class _RecordChange(_Change):
    """`custom` are values of fields the workspace defined, by key; tags are put on and taken off by name."""

    custom: Annotated[dict[Annotated[str, Field(max_length=40)], Any], Field(max_length=20)] | None = None
    add_tags: Annotated[list[Word], Field(max_length=20)] = []
    remove_tags: Annotated[list[Word], Field(max_length=20)] = []


class Link(Arguments):
    type: Literal["company", "contact", "deal", "meeting"]
    id: Id


Links = Annotated[list[Link], Field(max_length=20)]


class CreateTask(Arguments):
    title: Title
    body: values.Long = None
    due_date: date | None = None
    due_at: values.Aware | None = None
    priority: Priority = Priority.NORMAL
    assignee_id: Id | None = None
    links: Links = []


class UpdateTask(_RecordChange):
    task_id: Id
    title: Title | None = None
    body: values.Long = None
    due_date: date | None = None
    due_at: values.Aware | None = None
    priority: Priority | None = None
    status: TaskStatus | None = None
    assignee_id: Id | None = None


class ScheduleFollowUp(Arguments):
    title: Title
    due_date: date | None = None
    due_at: values.Aware | None = None
    assignee_id: Id | None = None
    links: Annotated[list[Link], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _is_due(self) -> Self:
        if self.due_date is None and self.due_at is None:
            raise ValueError("a follow-up needs a day")
        return self


class CreateNote(Arguments):
    body: Text
    links: Links = []


class UpdateNote(Arguments):
    """`append` puts the text below what stands there; else it takes its place."""

    note_id: Id
    body: Text
    append: bool = False


class LogActivity(Arguments):
    kind: Literal["call", "email", "meeting"]
    text: Text | None = None
    on: date
    who: Annotated[str, Field(max_length=300)] = ""
    links: Annotated[list[Link], Field(min_length=1, max_length=20)]
    language: Language = "en"


class DraftEmail(Arguments):
    """Never sent: shown to be copied, and kept as a note on a yes."""

    contact_id: Id
    subject: Annotated[str, Field(min_length=1, max_length=200)]
    body: Text
    language: Language = "en"


class CreateContact(Arguments):
    """`company` names a company that is not there yet; it is made along."""

    first_name: values.Text100 = None
    last_name: values.Text100 = None
    email: Email | None = None
    phone: Phone | None = None
    title: values.Short = None
    company_id: Id | None = None
    company: values.Short = None
    lifecycle: Lifecycle | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not (self.first_name or self.last_name or self.email):
            raise ValueError("a contact needs a name or an e-mail address")
        return self


class UpdateContact(_RecordChange):
    """`email` and `phone` take the place of the primary ones; `add_email`, `add_phone` stand beside them."""

    contact_id: Id
    first_name: values.Text100 = None
    last_name: values.Text100 = None
    email: Email | None = None
    phone: Phone | None = None
    add_email: Email | None = None
    add_phone: Phone | None = None
    title: values.Short = None
    company_id: Id | None = None
    lifecycle: Lifecycle | None = None
    source: values.Text100 = None
    owner_id: Id | None = None


class CreateCompany(Arguments):
    name: values.Name
    domain: values.Domain = None
    website: values.Website = None
    industry: values.Short = None
    employees: Annotated[values.Whole | None, Field(ge=0, le=100_000_000)] = None
    phone: values.Text50 = None
    city: values.Short = None
    country: values.Text100 = None


class UpdateCompany(_RecordChange):
    company_id: Id
    name: values.Name | None = None
    domain: values.Domain = None
    website: values.Website = None
    industry: values.Short = None
    employees: Annotated[values.Whole | None, Field(ge=0, le=100_000_000)] = None
    phone: values.Text50 = None
    city: values.Short = None
    country: values.Text100 = None
    owner_id: Id | None = None


class MoveDealStage(Arguments):
    """`reason` is why it was won or lost; why a deal was won is kept as a note."""

    deal_id: Id
    stage_id: Id
    reason: values.Text500 = None


class UpdateDeal(_RecordChange):
    """`amount` is in major units, in the deal's currency unless another is given."""

    deal_id: Id
    name: values.Name | None = None
    amount: Annotated[Decimal, Field(ge=0, le=10**13, decimal_places=4)] | None = None
    currency: values.Currency | None = None
    expected_close: date | None = None
    probability: Annotated[values.Whole | None, Field(ge=0, le=100)] = None
    owner_id: Id | None = None


class ChangeList(Arguments):
    """Every record that a plan means.

    `values` are an edit's, `{"tags": […]}` to put on or take off, or `{field, days, months}` of a day that moves,
    with `working` by working days.
    """

    plan: dict[str, Any]
    action: Literal["edit", "shift", "tag", "untag", "delete"]
    values: dict[str, Any] = {}
    language: Language = "en"

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        names = self.values.get("tags")
        if self.action in ("tag", "untag") and not (isinstance(names, list) and 0 < len(names) <= 20):
            raise ValueError("give the tags")
        return self
