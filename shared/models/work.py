"""Tasks and notes, and the links that hang them on any record."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Choice, Record, record_args
from shared.tenancy import Tenanted


class TaskStatus(StrEnum):
    OPEN = "open"
    DONE = "done"


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Task(Record, Base):
    """Due on a day (`due_date`) or at a time (`due_at`, which sets the day too in the workspace's zone).

    `meeting_id`, `meeting_s`: the second of the meeting in which it was promised.
    `repeat` is RRULE text, `repeat_on` the day of the rule this one stands for, which putting it off does not move;
    `repeats_from_id` the task it came after, unique: one done twice has one that follows.
    """

    __tablename__ = "task"
    __table_args__ = record_args(
        "task",
        Index("ix_task_due", "workspace_id", "status", "due_date"),
        Index("ix_task_mine", "workspace_id", "assignee_id", "deleted_at", "status", "due_date"),
        Index("ix_task_live", "workspace_id", "deleted_at", "status", "due_date", "assignee_id"),  # counts; the bin
        Index("ix_task_created", "workspace_id", "created_at", "id"),
        Index("ix_task_done", "workspace_id", "deleted_at", "completed_at"),
    )

    title: Mapped[str] = mapped_column(String(500))
    body: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime | None]
    due_date: Mapped[date | None]
    priority: Mapped[Priority] = mapped_column(Choice(Priority, 10), default=Priority.NORMAL)
    status: Mapped[TaskStatus] = mapped_column(Choice(TaskStatus, 10), default=TaskStatus.OPEN)
    completed_at: Mapped[datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    promised_by: Mapped[str | None] = mapped_column(String(200))  # an owner who is not a user: the customer's side
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    meeting_s: Mapped[float | None] = mapped_column(Float)
    repeat: Mapped[str | None] = mapped_column(String(200))
    repeat_on: Mapped[date | None]
    repeats_from_id: Mapped[int | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"), unique=True)

    __mapper_args__ = {"version_id_col": Record.version}  # noqa: RUF012


class NoteKind(StrEnum):
    NOTE = "note"
    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"


class Direction(StrEnum):
    """Who began a call or a letter: they, or we."""

    IN = "in"
    OUT = "out"


class Note(Record, Base):
    """Markdown text by somebody about some records. A logged call, meeting or e-mail says when it was and how long;

    who took part are the contacts it hangs on. A meeting with a transcript is a `Meeting`.
    """

    __tablename__ = "note"
    __table_args__ = record_args("note", Index("ix_note_live", "workspace_id", "deleted_at", "created_at"))

    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    kind: Mapped[NoteKind] = mapped_column(Choice(NoteKind, 10), default=NoteKind.NOTE, server_default="note")
    happened_at: Mapped[datetime | None]
    duration_s: Mapped[int | None]
    direction: Mapped[Direction | None] = mapped_column(Choice(Direction, 10))

    __mapper_args__ = {"version_id_col": Record.version}  # noqa: RUF012


class Link(Tenanted, Base):
    """A task or note hangs on a record. Polymorphic on both ends; verbs keep both ends in one workspace."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("owner_type", "owner_id", "target_type", "target_id"),
        Index("ix_link_target", "workspace_id", "target_type", "target_id", "owner_type", "owner_id"),
    )

    owner_type: Mapped[str] = mapped_column(String(20))  # task | note
    owner_id: Mapped[int]
    target_type: Mapped[str] = mapped_column(String(20))  # company | contact | deal | meeting
    target_id: Mapped[int]
