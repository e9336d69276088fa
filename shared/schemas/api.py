"""What the REST API takes beside the records' own fields, which are in `shared.schemas.records`: bodies, query strings.

What it answers is in `shared.schemas.answers`. The OpenAPI document is made of all three.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.models import ActorKind
from shared.schemas import records, values
from shared.schemas.accounts import Email, Line, RoleName, WorkspacePatch

RecordTypeName = Literal["company", "contact", "deal", "task", "note", "meeting", "pipeline", "tag", "user"]
LinkedTypeName = Literal["company", "contact", "deal", "meeting"]
SearchedTypeName = Literal["company", "contact", "deal", "task", "note", "meeting"]
ImportTypeName = Literal["company", "contact", "deal", "task", "note", "email", "calendar"]
InsightStatusName = Literal["pending", "accepted", "edited", "rejected", "auto_accepted", "undone"]
Engine = Literal["auto", "builtin", "ollama"]

#: Kept byte for byte: the same text must be recognised as the same.
Verbatim = Annotated[str, StringConstraints(strip_whitespace=False)]
Version = Annotated[int, Field(ge=1, le=2**53)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


# --- Records in: the verbs' schemas, and what the API itself reads before it hands the rest to them


class CompanyCreate(records.CompanyIn):
    pass


class CompanyPatch(records.CompanyFields):
    version: Version | None = None


class ContactCreate(records.ContactIn):
    pass


class ContactPatch(records.ContactFields):
    version: Version | None = None


class DealCreate(records.DealIn):
    pass


class DealPatch(records.DealFields):
    version: Version | None = None


class TaskCreate(records.TaskIn):
    pass


class TaskPatch(records.TaskFields):
    version: Version | None = None


class NoteCreate(records.NoteIn):
    pass


class NotePatch(records.NoteFields):
    version: Version | None = None


class MeetingPatch(records.MeetingFields):
    version: Version | None = None


class PipelineCreate(records.PipelineIn):
    pass


class PipelinePatch(records.PipelineFields):
    version: Version | None = None


class StageRemoval(BaseModel):
    """`move_to` is the stage its deals go to; it may be of another pipeline."""

    model_config = ConfigDict(extra="forbid")

    stage_id: values.Id
    move_to: values.Id | None = None


class TagCreate(records.TagIn):
    pass


class TagPatch(records.TagFields):
    version: Version | None = None


class FieldsQuery(_In):
    record_type: Literal["company", "contact", "deal", "task", "meeting"] | None = None
    deleted: bool = Field(False, description="Those that were deleted and can be restored, in place of the others.")


class FieldDefinitionPatch(records.FieldDefinitionFields):
    version: Version | None = None


CREATES: dict[str, type[BaseModel]] = {
    "company": CompanyCreate,
    "contact": ContactCreate,
    "deal": DealCreate,
    "task": TaskCreate,
    "note": NoteCreate,
    "pipeline": PipelineCreate,
    "tag": TagCreate,
}

#: Any of the fields, and the version they were read at unless If-Match says it.
PATCHES: dict[str, type[BaseModel]] = {
    "company": CompanyPatch,
    "contact": ContactPatch,
    "deal": DealPatch,
    "task": TaskPatch,
    "note": NotePatch,
    "meeting": MeetingPatch,
    "pipeline": PipelinePatch,
    "tag": TagPatch,
}


class UserCreate(_In):
    """A colleague. They cannot sign in until a password is set for them."""

    email: Email
    name: Annotated[Line, Field(max_length=200)] | None = None
    role: RoleName = "member"
    external_id: values.ExternalId = None
    custom: dict[str, Any] = Field(default_factory=dict, max_length=0)


class UserPatch(_In):
    email: Email | None = None
    name: Annotated[Line, Field(max_length=200)] | None = None
    role: RoleName | None = None
    external_id: values.ExternalId = None
    custom: dict[str, Any] = Field(default_factory=dict, max_length=0)
    version: Version | None = None


class WorkspaceUpdate(WorkspacePatch):
    """Settings to change, with the version they were read at unless If-Match says it."""


class UtteranceIn(_In):
    speaker: Annotated[str, Field(max_length=200)] | None = None
    start_s: values.Seconds | None = Field(default=None, ge=0, le=6 * 3600)
    end_s: values.Seconds | None = Field(default=None, ge=0, le=6 * 3600)
    text: str = Field(min_length=1, max_length=100_000)


class MeetingCreate(records.MeetingFields):
    """A transcript as `text` is analysed; `utterances` are stored, and analysed only with `analyze`."""

    text: Verbatim | None = Field(default=None, description="The transcript, in any text format. Up to 20 MB.")
    file_name: str | None = Field(default=None, max_length=255, description="Helps to tell the format of `text`.")
    utterances: list[UtteranceIn] | None = Field(default=None, max_length=50_000)
    participants: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list, max_length=100)
    analyze: bool | None = Field(default=None, description="Whether to analyse; true for `text`, false for utterances.")
    engine: Engine = "auto"


class AttachmentFile(_In):
    """One file of any kind."""

    file: bytes


class RecordLinkIn(_In):
    """The other record, and what it is to this one."""

    type: SearchedTypeName
    id: values.Id
    label: Annotated[str, StringConstraints(max_length=100)] = "related"


class MeetingFile(_In):
    """A transcript as a file: txt, md, vtt, srt, json, docx, pdf; up to 20 MB."""

    file: bytes
    title: str | None = None
    occurred_at: datetime | None = None
    company_id: values.Id | None = None
    company_external_id: str | None = None
    deal_id: values.Id | None = None
    deal_external_id: str | None = None
    external_id: str | None = None
    participants: list[str] = Field(default_factory=list)
    engine: Engine = "auto"


class Analyze(_In):
    engine: Engine = "auto"


class Accept(_In):
    edits: dict[str, Any] | None = Field(default=None, description="Keys of `data` to change; null removes one.")
    record_id: int | Literal["new"] | None = Field(
        default=None, description="Which record is meant, where the proposal has candidates: its id, or `new`."
    )


class Reject(_In):
    reason: Annotated[str, Field(max_length=500)] | None = None


class Merge(_In):
    other: int = Field(description="The insight of the same kind and meeting that is absorbed, and refused as merged.")


class Move(_In):
    type: Literal["company", "contact", "deal"]
    id: int | None = Field(description="The record the insight is about; null: one that is not there yet.")


class Assign(_In):
    user_id: int | None = None
    name: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="Somebody who is no user. Neither: nobody owns the task."
    )


class Review(_In):
    accept_above: float = Field(ge=0, le=1, description="Accept every open insight of at least this confidence.")
    among: list[int] | None = Field(default=None, max_length=2000, description="Only of these insights.")


class RejectMany(_In):
    ids: list[int] = Field(min_length=1, max_length=2000)
    reason: Annotated[str, Field(max_length=500)] | None = None


class BatchItem(_In):
    type: RecordTypeName
    data: dict[str, Any]


class Batch(_In):
    items: list[BatchItem] = Field(max_length=500)


# --- Query strings


class Paging(_In):
    limit: int = Field(default=50, ge=1, le=200, description="How many at most.")
    cursor: str | None = Field(default=None, max_length=500, description="`next_cursor` of the page before.")


class UtterancePaging(_In):
    limit: int = Field(default=200, ge=1, le=200, description="How many at most.")
    cursor: str | None = Field(default=None, max_length=500, description="`next_cursor` of the page before.")


class InsightPaging(UtterancePaging):
    status: InsightStatusName | None = None
    kind: str | None = Field(default=None, max_length=20)


class ImportFile(_In):
    """A table of records: CSV in any encoding, a spreadsheet (xlsx) or vCards (vcf); rows have no cap. Or e-mails (eml,
    mbox) or a calendar (ics)."""

    file: bytes
    type: ImportTypeName | None = Field(default=None, description="Guessed where it is left out.")
    on: str | None = Field(
        default=None,
        max_length=40,
        description="Of e-mails and calendars: a record they are about, `contact:5`, `company:5` or `deal:5`.",
    )
    new_contacts: bool = Field(
        default=False, description="Of e-mails and calendars: make contacts of people who are none yet."
    )
    mapping: str | None = Field(
        default=None,
        max_length=200_000,
        description='JSON: `{"column": "field"}`, null or left out for columns that nothing is made of. Guessed where'
        " it is left out altogether.",
    )
    encoding: str | None = Field(
        default=None,
        max_length=40,
        description="What a CSV or vCard file is written in, such as cp1251; guessed where it is left out.",
    )
    dry_run: bool = Field(default=False, description="Only check: the counts are what would happen.")
    duplicates: Literal["update", "skip", "create"] = Field(
        default="update", description="What becomes of rows whose record is there already, by exact keys."
    )
    date_style: Literal["auto", "dmy", "mdy"] = Field(
        default="auto", description="Which stands first in 03/04/2026; auto decides over each whole column."
    )


class MinutesQuery(_In):
    format: Literal["json", "md", "docx", "pdf"] = "json"
    open: int = Field(default=1, ge=0, le=1, description="0: only what was reviewed and accepted.")


class TimelineQuery(Paging):
    type: SearchedTypeName
    id: values.Id


class AuditQuery(Paging):
    kind: str | None = Field(default=None, max_length=60, description="`deal.updated`, or `deal.` for all of deals.")
    user_id: values.Id | None = None
    type: str | None = Field(default=None, max_length=20, description="Of one record, together with `record_id`.")
    record_id: values.Id | None = None
    door: ActorKind | None = None
    since: values.Aware | None = Field(default=None, description="From this moment on.")
    until: values.Aware | None = Field(default=None, description="Before this moment.")


class SearchQuery(_In):
    q: str = Field(min_length=1, max_length=400)
    types: str | None = Field(default=None, max_length=100, description="Comma-separated types; all by default.")
    mode: Literal["keyword", "hybrid"] = Field(
        default="keyword", description="`hybrid` is answered by keywords where the assistant is not there; see `mode`."
    )
    limit: int = Field(default=20, ge=1, le=100)
