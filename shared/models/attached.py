"""What people put beside a record: files, links to other records, a star, and the trace of having looked at it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared import clock
from shared.models.base import Base, Timestamped
from shared.tenancy import Cached, Tenanted


class Attachment(Tenanted, Timestamped, Base):
    """A file of a record. Its bytes lie on disk under their SHA-256 (`shared.records.uploads`), once for many names.

    `media_type` was found in the bytes, not taken from whoever sent them.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_record", "workspace_id", "record_type", "record_id", "id"),
        Index("ix_attachment_file", "workspace_id", "sha256"),
    )

    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]  # bytes
    sha256: Mapped[str] = mapped_column(String(64))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    deleted_at: Mapped[datetime | None]


class RecordLink(Tenanted, Timestamped, Base):
    """Two records of any types belong together. `label` says what the second one is to the first:

    a key of `shared.records.links.RELATIONS`, which has words for either side, or somebody's own words.
    """

    __tablename__ = "record_link"
    __table_args__ = (
        UniqueConstraint("from_type", "from_id", "to_type", "to_id", "label"),
        Index("ix_record_link_from", "workspace_id", "from_type", "from_id"),
        Index("ix_record_link_to", "workspace_id", "to_type", "to_id"),
    )

    from_type: Mapped[str] = mapped_column(String(20))
    from_id: Mapped[int]
    to_type: Mapped[str] = mapped_column(String(20))
    to_id: Mapped[int]
    label: Mapped[str] = mapped_column(String(100))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class Favourite(Cached, Tenanted, Base):
    """Somebody's star on a record."""

    __tablename__ = "favourite"
    __table_args__ = (UniqueConstraint("user_id", "record_type", "record_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)


class RecentView(Tenanted, Base):
    """Somebody looked at a record; the last few of each person are kept."""

    __tablename__ = "recent_view"
    __table_args__ = (
        UniqueConstraint("user_id", "record_type", "record_id"),
        Index("ix_recent_view_at", "user_id", "at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)
