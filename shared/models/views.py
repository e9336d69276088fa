"""Lists as people keep them, and what they did to many records of one at once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Choice, Leased, Timestamped
from shared.tenancy import Cached, Tenanted


class SavedView(Cached, Tenanted, Timestamped, Base):
    """A list of one record type by name. `state` is what `shared.records.views.State` says; `user_id` whose it is.

    A shared view is seen by the whole workspace; of each type one of them may be what a list opens with.
    """

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_type", "workspace_id", "record_type"),)

    record_type: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    is_shared: Mapped[bool] = mapped_column(default=False)
    is_team_default: Mapped[bool] = mapped_column(default=False)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ViewChoice(Cached, Tenanted, Base):
    """What one person made of a view: in their sidebar, or what their list opens with."""

    __tablename__ = "view_choice"
    __table_args__ = (UniqueConstraint("user_id", "view_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_view.id", ondelete="CASCADE"), index=True)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)


class BulkStatus(StrEnum):
    """How far a change of many records is."""

    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


class BulkChange(Leased, Timestamped, Base):
    """One change of many records: `ids` in order, `position` of them looked at so far.

    `data` are the values of an edit. `skipped` were not the user's to change, `failed` could not be; while it is taken
    back, `position` counts down through what was changed, and `failed` what somebody else has changed since.
    """

    __tablename__ = "bulk_change"
    __table_args__ = (Index("ix_bulk_change_working", "status", "lease_until"),)

    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    record_type: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ids: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[BulkStatus] = mapped_column(Choice(BulkStatus, 20), default=BulkStatus.RUNNING)
    total: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(String(300))
    undone_at: Mapped[datetime | None]


class BulkItem(Tenanted, Base):
    """What a change of many did to one record: the values it set, before and after."""

    __tablename__ = "bulk_item"
    __table_args__ = (UniqueConstraint("change_id", "record_id"),)

    change_id: Mapped[int] = mapped_column(ForeignKey("bulk_change.id", ondelete="CASCADE"))
    record_id: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
