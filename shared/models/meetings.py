"""Meetings: the stored file, its utterances, and an analysis that survives being killed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Choice, Leased, Record, Timestamped, record_args
from shared.models.deals import Deal
from shared.models.people import Company
from shared.tenancy import Tenanted


class MeetingStatus(StrEnum):
    STORED = "stored"  # kept, not to be analysed
    QUEUED = "queued"
    ANALYZING = "analyzing"
    READY = "ready"
    FAILED = "failed"


class Meeting(Record, Leased, Base):
    """A meeting and the state of its analysis.

    `run` counts analyses. A lease that ran out may be taken over by anybody; who lost it writes nothing.
    """

    __tablename__ = "meeting"
    __table_args__ = record_args(
        "meeting",
        Index("ix_meeting_occurred", "workspace_id", "occurred_at", "id"),
        Index("ix_meeting_live", "workspace_id", "deleted_at", "occurred_at", "company_id", "deal_id"),
        Index("ix_meeting_sha", "workspace_id", "file_sha256"),
        Index("ix_meeting_status", "status", "lease_until"),
    )

    title: Mapped[str] = mapped_column(String(300))
    occurred_at: Mapped[datetime]
    duration_s: Mapped[float | None] = mapped_column(Float)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id", ondelete="SET NULL"), index=True)
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="SET NULL"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    language: Mapped[str | None] = mapped_column(String(8))
    summary: Mapped[str | None] = mapped_column(Text)
    participants: Mapped[list[Any]] = mapped_column(default=list)  # names as given at upload

    file_name: Mapped[str | None] = mapped_column(String(255))
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_bytes: Mapped[int | None]
    format: Mapped[str | None] = mapped_column(String(20))
    cues_kept: Mapped[int | None]
    cues_found: Mapped[int | None]

    status: Mapped[MeetingStatus] = mapped_column(Choice(MeetingStatus, 20), default=MeetingStatus.STORED)
    progress: Mapped[float] = mapped_column(Float, default=0.0)  # 0..1
    engine: Mapped[str | None] = mapped_column(String(50))  # what was asked for, then what was used
    engine_note: Mapped[str | None] = mapped_column(String(500))  # why it fell back, if it did
    error: Mapped[str | None] = mapped_column(String(1000))
    analyzed_at: Mapped[datetime | None]
    analysis_ms: Mapped[int | None]

    company: Mapped[Company | None] = relationship(lazy="raise", viewonly=True)
    deal: Mapped[Deal | None] = relationship(lazy="raise", viewonly=True)
    attendees: Mapped[list[Attendee]] = relationship(
        cascade="all, delete-orphan", order_by="Attendee.id", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": Record.version}  # noqa: RUF012


class Attendee(Tenanted, Base):
    """Somebody in the meeting: a contact, a user, or only a label in the transcript."""

    __tablename__ = "attendee"
    __table_args__ = (
        Index("ix_attendee_contact", "workspace_id", "contact_id", "meeting_id"),
        Index("ix_attendee_meeting", "meeting_id", "workspace_id", "contact_id", "user_id"),
        Index("ix_attendee_user", "workspace_id", "user_id", "meeting_id"),
    )

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    speaker: Mapped[str | None] = mapped_column(String(200))


class Utterance(Tenanted, Base):
    """One stretch of speech; `position` counts from 0 without gaps."""

    __tablename__ = "utterance"
    __table_args__ = (UniqueConstraint("meeting_id", "position"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    position: Mapped[int]
    speaker: Mapped[str | None] = mapped_column(String(200))
    start_s: Mapped[float | None] = mapped_column(Float)
    end_s: Mapped[float | None] = mapped_column(Float)
    text: Mapped[str] = mapped_column(Text)


class AnalysisSegment(Tenanted, Base):
    """What one segment of one run yielded, kept so that a killed run goes on where it stopped."""

    __tablename__ = "analysis_segment"
    __table_args__ = (UniqueConstraint("meeting_id", "run", "position"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    run: Mapped[int]
    position: Mapped[int]
    first: Mapped[int]  # utterance positions, inclusive
    last: Mapped[int]
    engine: Mapped[str] = mapped_column(String(50))
    drafts: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[str | None] = mapped_column(String(500))  # why this segment fell back
    ms: Mapped[int] = mapped_column(default=0)


class LlmCall(Tenanted, Timestamped, Base):
    """A row for every call of a language model."""

    __tablename__ = "llm_call"

    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    turn: Mapped[str | None] = mapped_column(String(40), index=True)  # of a conversation
    purpose: Mapped[str] = mapped_column(String(50))
    model: Mapped[str] = mapped_column(String(200))
    prompt_version: Mapped[str | None] = mapped_column(String(50))
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    output_tokens: Mapped[int] = mapped_column(default=0)
    ms: Mapped[int] = mapped_column(default=0)
    ok: Mapped[bool] = mapped_column(default=True)
    error: Mapped[str | None] = mapped_column(String(500))
