"""Imports: the file as it was read, a row for each of its rows, and what became of it.

The rows are what makes an import resumable and reversible: a row is applied in the transaction that marks it done, and
keeps what it changed.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Choice, Leased, Timestamped
from shared.tenancy import Tenanted


class ImportStatus(StrEnum):
    """`mapping` and `checked` wait for a person, the -ing ones for a worker, the rest for nobody."""

    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REVERTING = "reverting"
    REVERTED = "reverted"

    @property
    def is_working(self) -> bool:
        return self in (ImportStatus.CHECKING, ImportStatus.IMPORTING, ImportStatus.REVERTING)


class ImportJob(Leased, Timestamped, Base):
    """One file. `layout` is how it is read and what its columns hold, `mapping` a field or null for each column,
    `options` what the person chose, `plan` what the check found would happen; the counts are what did."""

    __tablename__ = "import_job"
    __table_args__ = (
        Index("ix_import_job_recent", "workspace_id", "id"),
        Index("ix_import_job_working", "status", "lease_until"),
    )

    type: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(300))
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[ImportStatus] = mapped_column(Choice(ImportStatus, 20), default=ImportStatus.MAPPING)
    layout: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mapping: Mapped[list[Any]] = mapped_column(default=list)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[list[Any]] = mapped_column(default=list)
    error: Mapped[str | None] = mapped_column(String(1000))
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)  # of the present stage
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    reverted: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)  # not reverted: changed since
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ImportRow(Tenanted, Base):
    """A row of the file, by its line `number`. `values` is valid and ready; `cells` are kept as they stood only where
    something is wrong with them (`problems`).

    `record_id` is the record it matches, then the one it became. `leader` is an earlier row of the file with the same
    key. `before` is what a revert needs; `made` are records it brought along (its company).
    """

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("job_id", "number"),
        Index("ix_import_row_state", "job_id", "state", "number"),
        Index("ix_import_row_match", "job_id", "match", "number"),
        Index("ix_import_row_record", "job_id", "record_id"),
    )

    job_id: Mapped[int] = mapped_column(ForeignKey("import_job.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))  # ready | bad | left_out | done | reverted
    values: Mapped[dict[str, Any]]
    cells: Mapped[list[Any] | None]
    problems: Mapped[list[Any] | None]
    match: Mapped[str | None] = mapped_column(String(10))  # exact | similar | file
    why: Mapped[str | None] = mapped_column(String(60))
    record_id: Mapped[int | None]
    leader: Mapped[int | None]
    choice: Mapped[str | None] = mapped_column(String(10))  # update | skip | create
    result: Mapped[str | None] = mapped_column(String(10))  # created | updated | skipped | failed
    reason: Mapped[str | None] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None]
    made: Mapped[list[Any] | None]
