"""Records that turned out to be one: what a merge did, where an old address leads, and what may be a duplicate."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from shared.models.base import Base, Choice, Json
from shared.tenancy import Tenanted


class Merge(Tenanted, Base):
    """One merge of several records into a winner. `journal` is all it did to any row, in order: undoing needs no more.

    `title` is the winner's name, `names` those of the others, as they were.
    """

    __tablename__ = "merge"
    __table_args__ = (
        Index("ix_merge_winner", "workspace_id", "record_type", "winner_id", "id"),
        Index("ix_merge_recent", "workspace_id", "id"),
    )

    record_type: Mapped[str] = mapped_column(String(20))
    winner_id: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    names: Mapped[list[Any]]
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    undone_at: Mapped[datetime | None]
    journal: Mapped[list[Any]] = deferred(mapped_column(Json, nullable=False))


class MergedRecord(Tenanted, Base):
    """A tombstone: the record is deleted, and whoever asks for it is led to the winner. Always one step: where a winner
    is merged in its turn, its tombstones point on."""

    __tablename__ = "merged_record"
    __table_args__ = (
        UniqueConstraint("record_type", "record_id"),
        Index("ix_merged_record_winner", "workspace_id", "record_type", "winner_id"),
    )

    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    winner_id: Mapped[int]
    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id", ondelete="CASCADE"), index=True)


class FormerName(Tenanted, Base):
    """How a record was called before a merge. `name_key` is folded like the names of its type."""

    __tablename__ = "former_name"
    __table_args__ = (
        Index("ix_former_name_key", "workspace_id", "record_type", "name_key"),
        Index("ix_former_name_record", "workspace_id", "record_type", "record_id"),
    )

    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(201))
    name_key: Mapped[str] = mapped_column(String(200))
    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id", ondelete="CASCADE"), index=True)


class ScanStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class DuplicateScan(Tenanted, Base):
    """The last search for duplicates among the records of a type. `done` of `total` records have been compared.

    `run` counts searches; a job of an earlier run stops. `touched_at` (wall clock) tells a slow job from a dead one.
    """

    __tablename__ = "duplicate_scan"
    __table_args__ = (UniqueConstraint("workspace_id", "record_type"), Index("ix_duplicate_scan_status", "status"))

    record_type: Mapped[str] = mapped_column(String(20))
    status: Mapped[ScanStatus] = mapped_column(Choice(ScanStatus, 10), default=ScanStatus.QUEUED)
    run: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    touched_at: Mapped[datetime]


class DuplicateGroup(Tenanted, Base):
    """Records that may be one. `score` is 0..1; `reasons` say why, strongest first (shared.records.duplicates)."""

    __tablename__ = "duplicate_group"
    __table_args__ = (Index("ix_duplicate_group_score", "workspace_id", "record_type", "score", "id"),)

    record_type: Mapped[str] = mapped_column(String(20))
    score: Mapped[float] = mapped_column(Float)
    reasons: Mapped[list[Any]]


class DuplicateMember(Tenanted, Base):
    __tablename__ = "duplicate_member"
    __table_args__ = (
        UniqueConstraint("group_id", "record_id"),
        Index("ix_duplicate_member_record", "workspace_id", "record_type", "record_id"),
    )

    group_id: Mapped[int] = mapped_column(ForeignKey("duplicate_group.id", ondelete="CASCADE"))
    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]


class DistinctPair(Tenanted, Base):
    """Somebody said that these two are not the same. Kept for good, once in each direction."""

    __tablename__ = "distinct_pair"
    __table_args__ = (UniqueConstraint("record_type", "record_id", "other_id"),)

    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    other_id: Mapped[int] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime]
