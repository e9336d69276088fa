"""One append-only table: timeline, audit log and outbox at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base
from shared.tenancy import Tenanted

#: Who or what does something.
ActorKind = Literal["user", "api", "import", "meeting", "assistant", "system"]


class Event(Tenanted, Base):
    """A fact in the past tense (`deal.updated`) about a record, by an actor.

    `job` makes the row an outbox entry: it is sent to the broker after commit, and again by a sweep until `sent_at` is
    set. The two last columns are the only ones ever updated.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_outbox", "job", "sent_at"), Index("ix_event_recent", "workspace_id", "id"))

    kind: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"))
    record_type: Mapped[str | None] = mapped_column(String(20))
    record_id: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(300), default="")  # the record's name then
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)  # changes: {field: [before, after]}
    job: Mapped[str | None] = mapped_column(String(100))
    job_args: Mapped[list[Any] | None]
    job_id: Mapped[str | None] = mapped_column(String(100))
    sent_at: Mapped[datetime | None]

    targets: Mapped[list[EventTarget]] = relationship(cascade="all, delete-orphan", lazy="raise")


class EventTarget(Tenanted, Base):
    """On whose timeline an event stands."""

    __tablename__ = "event_target"
    __table_args__ = (Index("ix_event_target", "workspace_id", "target_type", "target_id", "event_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    target_type: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[int]
