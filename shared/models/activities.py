"""What a note or a task was made of: the e-mail or calendar entry behind it, so that none is taken in twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base
from shared.tenancy import Tenanted


class ActivitySource(Tenanted, Base):
    """One message or event. `key` is the SHA-256 of what names it in the world (Message-ID, UID and day of a series).

    `sequence` and `stamp` are the revision of a calendar entry, `digest` the SHA-256 of what was read from it.
    """

    __tablename__ = "activity_source"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_activity_source_record", "record_type", "record_id"),
    )

    key: Mapped[str] = mapped_column(String(64))
    record_type: Mapped[str] = mapped_column(String(20))  # note | task
    record_id: Mapped[int]
    sequence: Mapped[int] = mapped_column(default=0)
    stamp: Mapped[datetime | None]
    digest: Mapped[str] = mapped_column(String(64), default="")
