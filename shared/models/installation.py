"""What holds for the installation as a whole, whatever the workspace."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Timestamped


class InstallationSetting(Timestamped, Base):
    """A setting that was chosen on a page; it goes before the environment's. Belongs to no workspace."""

    __tablename__ = "installation_setting"
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(300))
