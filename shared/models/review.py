"""What a meeting taught us (insight), what that would change (proposal), and who said yes (batch)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.models.base import Base, Choice, Json, Timestamped
from shared.models.meetings import Meeting
from shared.tenancy import Tenanted


class InsightStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    EDITED = "edited"  # accepted with changes
    REJECTED = "rejected"
    AUTO_ACCEPTED = "auto_accepted"
    UNDONE = "undone"  # accepted once, then taken back; open to a new decision

    @property
    def is_applied(self) -> bool:
        return self in (InsightStatus.ACCEPTED, InsightStatus.EDITED, InsightStatus.AUTO_ACCEPTED)

    @property
    def is_open(self) -> bool:
        return self in (InsightStatus.PENDING, InsightStatus.UNDONE)


class ReviewBatch(Tenanted, Base):
    """Decisions made together and undone together."""

    __tablename__ = "review_batch"

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Insight(Tenanted, Timestamped, Base):
    """One thing said in a meeting. `data` by kind as in shared.schemas.insight; `evidence` is a list of Evidence.

    `identity` is a hash of kind and normalised data: a refused insight does not come back on re-analysis.
    Accepted insights without a record type of their own (decision, pain point, …) live on here, linked to records.
    """

    __tablename__ = "insight"
    __table_args__ = (
        Index("ix_insight_meeting", "meeting_id", "position"),
        Index("ix_insight_company", "workspace_id", "company_id", "status"),
        Index("ix_insight_deal", "workspace_id", "deal_id", "status"),
        Index("ix_insight_contact", "workspace_id", "contact_id", "status"),
        Index("ix_insight_kind", "workspace_id", "kind", "status"),
        # What waits, counted on every page.
        Index("ix_insight_waiting", "workspace_id", "status", "meeting_id", "kind"),
    )

    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    run: Mapped[int]
    position: Mapped[int]
    identity: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]]
    found: Mapped[dict[str, Any]]  # `data` as the engine gave it, kept when a person edits
    evidence: Mapped[list[Any]]
    confidence: Mapped[float] = mapped_column(Float)
    #: How a reviewer put it right before deciding: merged, moved, owned by somebody else (shared.review.correcting).
    correction: Mapped[dict[str, Any] | None] = mapped_column(Json)
    status: Mapped[InsightStatus] = mapped_column(Choice(InsightStatus, 20), default=InsightStatus.PENDING)
    reason: Mapped[str | None] = mapped_column(String(500))  # why it was rejected
    version: Mapped[int] = mapped_column(default=1)
    again_of_id: Mapped[int | None]  # the insight of an earlier meeting that says the same; it may be gone by now
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id", ondelete="SET NULL"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="SET NULL"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("review_batch.id", ondelete="SET NULL"), index=True)

    meeting: Mapped[Meeting] = relationship(lazy="raise", viewonly=True)
    proposal: Mapped[Proposal | None] = relationship(
        cascade="all, delete-orphan", lazy="selectin", back_populates="insight", uselist=False
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Proposal(Tenanted, Timestamped, Base):
    """What accepting an insight would do to one record.

    `changes` is [{field, before, after}] in the fields of the record's REST type. `candidates`, if any, are the records
    that may be meant, [{type, id, label, why, changes}]: nothing is applied before one, or a new one, is chosen.
    `applied` is what accepting did, in enough detail to take it back: {"type", "id", "created", "fields": {field:
    [before, after]}, "company_created", "settled"}.
    """

    __tablename__ = "proposal"

    insight_id: Mapped[int] = mapped_column(ForeignKey("insight.id", ondelete="CASCADE"), unique=True)
    action: Mapped[str] = mapped_column(String(10))  # create | update | link
    record_type: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int | None]
    base_version: Mapped[int | None]
    changes: Mapped[list[Any]]
    candidates: Mapped[list[Any]] = mapped_column(default=list)
    applied: Mapped[dict[str, Any] | None]

    insight: Mapped[Insight] = relationship(lazy="raise", back_populates="proposal")
