"""What the REST API answers, but for records (`record_answers`), merges and what meetings taught.

A test holds every answer against these; the OpenAPI document is made of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from shared.models import ActorKind
from shared.schemas.api import ImportTypeName, RecordTypeName, SearchedTypeName


class Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FieldProblem(Out):
    path: str = Field(description="Dotted: `emails.0.email`. Empty: the whole input.")
    message: str


class Problem(BaseModel):
    """RFC 9457. A stale version adds `current`, the record as it is now; 429 and 503 add `retry_after_s`."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem]
    request_id: str | None
    current: dict[str, Any] | None = None
    retry_after_s: int | None = None


class ImportRowOut(Out):
    row: int = Field(description="The line of the file.")
    result: Literal["failed"]
    reason: str
    record_id: int | None


class ImportOut(Out):
    """An import. Until it has begun the counts are what would happen; `skipped` counts rows that change nothing, too.

    `rows` are the first thousand that failed. `kept` were not reverted: somebody changed them since.
    """

    id: int
    type: ImportTypeName
    status: Literal[
        "mapping", "checking", "checked", "importing", "done", "cancelled", "failed", "reverting", "reverted"
    ]
    file_name: str
    dry_run: bool
    duplicates: Literal["update", "skip", "create"]
    mapping: dict[str, str | None]
    fields: list[str]
    progress: float
    total: int
    created: int
    updated: int
    skipped: int
    failed: int
    reverted: int
    kept: int
    rows: list[ImportRowOut]
    notes: list[str]
    error: str | None
    created_at: datetime
    finished_at: datetime | None


class AttachmentOut(Out):
    id: int
    record_type: SearchedTypeName
    record_id: int
    name: str
    media_type: str = Field(description="As found in the bytes.")
    size: int = Field(description="In bytes.")
    sha256: str
    created_by_id: int | None
    created_at: datetime


class Attachments(Out):
    items: list[AttachmentOut]


class RecordLinkOut(Out):
    """A link, seen from the record it was asked of."""

    id: int
    label: str
    type: SearchedTypeName
    record_id: int


class RecordLinks(Out):
    items: list[RecordLinkOut]


class OptionOut(Out):
    value: str
    label: str


class FieldDefinitionOut(Out):
    id: int
    record_type: Literal["company", "contact", "deal", "task", "meeting"]
    key: str = Field(description="The name in `custom`; in filters and plans `custom.KEY`.")
    label: str
    type: Literal["text", "number", "money", "date", "select", "multi_select", "checkbox", "url", "person"]
    options: list[OptionOut]
    hint: str | None
    position: int
    version: int


class FieldDefinitions(Out):
    items: list[FieldDefinitionOut]


class UtteranceOut(Out):
    index: int
    speaker: str | None
    start_s: float | None
    end_s: float | None
    text: str


class BatchResult(Out):
    type: RecordTypeName
    id: int
    external_id: str | None
    result: Literal["created", "updated", "unchanged"]


class BatchOut(Out):
    items: list[BatchResult]


class HitOut(Out):
    type: SearchedTypeName
    id: int
    title: str
    snippet: str
    score: float


class SearchOut(Out):
    items: list[HitOut]
    mode: Literal["keyword", "hybrid"]


class ColumnOut(Out):
    name: str
    label: str
    type: str = Field(description="A field's type, or a measure's unit: count, number, money, percent, days, seconds.")


class FoundOut(Out):
    type: str
    id: int
    external_id: str | None
    name: str
    values: dict[str, Any] = Field(description="By column. Money is `{amount, currency, minor}`.")


class GroupOut(Out):
    name: str
    key: Any = Field(description="A value, an id, or the first day of a period; a list for two groups.")
    values: dict[str, Any]


class QueryOut(Out):
    """`value` for a measured plan: a number, money, a list of money by currency; of several measures an object."""

    columns: list[ColumnOut]
    rows: list[FoundOut]
    total: int = Field(description="Records in all; groups in all where the plan groups.")
    sentence: str
    href: str = Field(description="The CRM's list of the same records; empty where there is none.")
    value: Any = None
    figures: list[Any] = Field([], description="The two that a plan with `versus` compares.")
    groups: list[GroupOut] = []


class ActorOut(Out):
    kind: ActorKind
    user_id: int | None
    name: str | None
    meeting_id: int | None


class EventOut(Out):
    id: int
    kind: str
    at: datetime
    by: ActorOut
    type: str | None
    record_id: int | None
    title: str
    data: dict[str, Any]


def page_of(item: type[BaseModel], name: str) -> type[BaseModel]:
    """The shape of a list's page."""
    return create_model(
        f"{name}Page",
        __config__=ConfigDict(extra="forbid"),
        items=(list[item], ...),  # type: ignore[valid-type]
        next_cursor=(str | None, ...),
        total=(int | None, Field(default=None, description="Only with `total=1`.")),
    )
