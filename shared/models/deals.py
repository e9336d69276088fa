"""Deals in pipelines. Won and lost follow from a stage's type, never from its label."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared import clock
from shared.models.base import Base, Choice, Record, record_args
from shared.models.people import Company
from shared.tenancy import Cached, Tenanted


class StageType(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Pipeline(Cached, Record, Base):
    __tablename__ = "pipeline"
    __table_args__ = record_args("pipeline")

    name: Mapped[str] = mapped_column(String(100))
    is_default: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None]  # no new deals; those there stay
    stages: Mapped[list[Stage]] = relationship(
        cascade="all, delete-orphan", order_by="Stage.position", lazy="selectin", back_populates="pipeline"
    )

    __mapper_args__ = {"version_id_col": Record.version}  # noqa: RUF012


class Stage(Cached, Tenanted, Base):
    """`probability` in percent, 0-100. After `stale_days` in it a deal is stale; None: the workspace's, 0: never."""

    __tablename__ = "stage"
    __table_args__ = (
        UniqueConstraint("pipeline_id", "name"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),
    )

    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    type: Mapped[StageType] = mapped_column(Choice(StageType, 10), default=StageType.OPEN)
    probability: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    stale_days: Mapped[int | None]
    pipeline: Mapped[Pipeline] = relationship(lazy="raise", back_populates="stages")


def _as_made(context: DefaultExecutionContext) -> Any:
    """The time a row is said to be made, else now."""
    given: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return given.get("created_at") or clock.now()


class Deal(Record, Base):
    """Money is minor units and an ISO currency; `rank` is the place in a board column (one row written a move)."""

    __tablename__ = "deal"
    __table_args__ = record_args(
        "deal",
        Index("ix_deal_stage", "workspace_id", "stage_id", "rank"),
        # All that sums by month and by stage add up, so that no row is looked at.
        Index(
            "ix_deal_forecast",
            "workspace_id",
            "deleted_at",
            "expected_close",
            "stage_id",
            "currency",
            "amount_minor",
            "probability",
        ),
        Index("ix_deal_sums", "workspace_id", "deleted_at", "stage_id", "currency", "amount_minor"),
        Index("ix_deal_closed", "workspace_id", "closed_at"),
        Index("ix_deal_live", "workspace_id", "deleted_at", "stage_id", "owner_id"),
        Index("ix_deal_stage_since", "workspace_id", "deleted_at", "stage_id", "stage_since"),
    )

    name: Mapped[str] = mapped_column(String(200))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id", ondelete="SET NULL"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    probability: Mapped[int | None]  # None: the stage's
    expected_close: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    lost_reason: Mapped[str | None] = mapped_column(String(500))
    description: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    rank: Mapped[float] = mapped_column(Float, default=0.0)
    #: When it came to its stage: the last of its moves, kept here so that nobody looks through these.
    stage_since: Mapped[datetime] = mapped_column(default=_as_made)

    stage: Mapped[Stage] = relationship(lazy="raise", viewonly=True)
    company: Mapped[Company | None] = relationship(lazy="raise", viewonly=True)
    contacts: Mapped[list[DealContact]] = relationship(
        cascade="all, delete-orphan", order_by="DealContact.id", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": Record.version}  # noqa: RUF012


class DealContact(Tenanted, Base):
    __tablename__ = "deal_contact"
    __table_args__ = (UniqueConstraint("deal_id", "contact_id"),)

    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    role: Mapped[str | None] = mapped_column(String(100))


class StageChange(Tenanted, Base):
    """One move between stages; the difference of neighbours is the time in stage."""

    __tablename__ = "stage_change"
    __table_args__ = (
        Index("ix_stage_change_deal", "deal_id", "at", "workspace_id"),
        Index("ix_stage_change_recent", "workspace_id", "at", "deal_id"),
    )

    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    from_stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id", ondelete="SET NULL"))
    to_stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
