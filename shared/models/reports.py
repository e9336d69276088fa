"""Reports: questions to the semantic layer that somebody keeps, with the chart they are drawn as."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Choice, Timestamped
from shared.tenancy import Tenanted


class Chart(StrEnum):
    """How a report is drawn; `number` is one figure."""

    BARS = "bars"
    COLUMNS = "columns"
    LINE = "line"
    TABLE = "table"
    NUMBER = "number"


class Report(Tenanted, Timestamped, Base):
    """`plan` is a `shared.query.Plan` as JSON, checked when it is asked: a field it names may be gone by then."""

    __tablename__ = "report"

    name: Mapped[str] = mapped_column(String(200))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    is_shared: Mapped[bool] = mapped_column(default=False)
    chart: Mapped[Chart] = mapped_column(Choice(Chart, 10), default=Chart.BARS)
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
