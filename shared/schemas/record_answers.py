"""How the REST API shows records. A test holds every answer against these; the OpenAPI document is made of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from shared.models import Direction, NoteKind
from shared.schemas.accounts import RoleName
from shared.schemas.answers import Out
from shared.schemas.api import LinkedTypeName


class RecordOut(Out):
    id: int
    external_id: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    custom: dict[str, Any]


class MoneyOut(Out):
    minor: int
    currency: str


class EmailOut(Out):
    email: str
    label: str | None
    primary: bool


class PhoneOut(Out):
    phone: str
    label: str | None
    primary: bool


class EmploymentOut(Out):
    company_id: int
    title: str | None
    started_on: date | None
    ended_on: date | None = Field(description="None: the contact works there now.")


class DealContactOut(Out):
    contact_id: int
    role: str | None


class LinkOut(Out):
    type: LinkedTypeName
    id: int


class StageOut(Out):
    id: int
    name: str
    type: Literal["open", "won", "lost"]
    probability: int = Field(description="Percent, 0-100.")
    position: int
    stale_days: int | None = Field(description="Days in it after which a deal is stale; None: the workspace's.")


class CompanyOut(RecordOut):
    name: str
    domain: str | None
    website: str | None
    industry: str | None
    employees: int | None
    phone: str | None
    street: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    description: str | None
    owner_id: int | None
    tags: list[str]


class ContactOut(RecordOut):
    first_name: str
    last_name: str
    emails: list[EmailOut]
    phones: list[PhoneOut]
    title: str | None
    company_id: int | None
    employments: list[EmploymentOut]
    lifecycle: Literal["lead", "qualified", "opportunity", "customer", "partner", "former", "other"]
    source: str | None
    description: str | None
    owner_id: int | None
    tags: list[str]


class DealOut(RecordOut):
    name: str
    company_id: int | None
    contact_id: int | None
    contacts: list[DealContactOut]
    pipeline_id: int
    stage_id: int
    stage: str
    stage_type: Literal["open", "won", "lost"]
    amount: MoneyOut | None
    currency: str | None
    probability: int | None = Field(description="Percent; None: the stage's.")
    expected_close: date | None
    closed_at: datetime | None
    lost_reason: str | None
    description: str | None
    owner_id: int | None
    tags: list[str]


class TaskOut(RecordOut):
    title: str
    body: str | None
    due_at: datetime | None
    due_date: date | None
    priority: Literal["low", "normal", "high"]
    status: Literal["open", "done"]
    completed_at: datetime | None
    assignee_id: int | None
    promised_by: str | None
    meeting_id: int | None
    meeting_s: float | None
    repeat: str | None
    repeat_on: date | None
    links: list[LinkOut]
    tags: list[str]


class NoteOut(RecordOut):
    body: str
    author_id: int | None
    kind: NoteKind
    happened_at: datetime | None
    duration_s: int | None
    direction: Direction | None
    links: list[LinkOut]


class MeetingOut(RecordOut):
    title: str
    occurred_at: datetime
    duration_s: float | None
    company_id: int | None
    deal_id: int | None
    user_ids: list[int]
    contact_ids: list[int]
    participants: list[str]
    language: str | None
    file_name: str | None
    format: str | None
    cues_kept: int | None
    cues_found: int | None
    status: Literal["stored", "queued", "analyzing", "ready", "failed"]
    progress: float = Field(ge=0, le=1)
    engine: str | None
    engine_note: str | None
    summary: str | None
    error: str | None
    analyzed_at: datetime | None
    tags: list[str]


class MeetingReceived(MeetingOut):
    """The meeting, and whether these bytes had been received before."""

    duplicate: bool


class PipelineOut(RecordOut):
    name: str
    is_default: bool
    archived: bool
    stages: list[StageOut]


class TagOut(RecordOut):
    name: str
    color: str


class UserOut(RecordOut):
    email: str
    name: str
    role: RoleName
    is_active: bool


OUTPUTS: dict[str, type[BaseModel]] = {
    "company": CompanyOut,
    "contact": ContactOut,
    "deal": DealOut,
    "task": TaskOut,
    "note": NoteOut,
    "meeting": MeetingOut,
    "pipeline": PipelineOut,
    "tag": TagOut,
    "user": UserOut,
}
