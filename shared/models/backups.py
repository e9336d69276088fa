"""Archives of a workspace that an admin asked for on a page."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Choice
from shared.tenancy import Tenanted


class BackupState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class Backup(Tenanted, Base):
    """One archive. `beat_at` is when its worker was last heard of; all times are the wall clock's."""

    __tablename__ = "backup"

    state: Mapped[BackupState] = mapped_column(Choice(BackupState, 20), default=BackupState.WAITING)
    progress: Mapped[float] = mapped_column(Float, default=0.0)  # 0 to 1
    created_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    file_name: Mapped[str] = mapped_column(String(80))
    size: Mapped[int | None] = mapped_column(BigInteger)
    rows: Mapped[int | None]
    files: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(300))
