"""What the API answers about merges and duplicates."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.schemas.answers import Out


class MergedOut(Out):
    id: int
    name: str = Field(description="Before the merge.")


class MergeOut(Out):
    id: int
    type: str
    winner_id: int
    others: list[MergedOut]
    at: datetime
    undone_at: datetime | None
    kept: int = Field(description="Later changes that stayed as they are.")


class DuplicateReasonOut(Out):
    kind: Literal["email", "phone", "domain", "name", "similar"]
    value: str | None


class DuplicateRecordOut(Out):
    id: int
    external_id: str | None
    name: str


class DuplicatesOut(Out):
    type: str
    score: float = Field(description="0..1")
    reasons: list[DuplicateReasonOut]
    records: list[DuplicateRecordOut]


class DuplicateSearchOut(Out):
    type: str
    status: Literal["queued", "running", "done"]
    done: int
    total: int
