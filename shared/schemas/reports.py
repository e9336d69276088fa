"""A report as it comes in and goes out. Its `plan` is a `shared.query.Plan`, checked by the verbs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.schemas.accounts import Line

ChartName = Literal["bars", "columns", "line", "table", "number"]
Name = Annotated[Line, Field(max_length=200)]


class ReportFields(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Name | None = None
    chart: ChartName | None = None
    is_shared: bool | None = None
    plan: dict[str, Any] | None = Field(default=None, description="As for POST /query; it must measure something.")


class ReportIn(ReportFields):
    name: Name
    chart: ChartName = "bars"
    is_shared: bool = False
    plan: dict[str, Any] = Field(description="As for POST /query; it must measure something.")


class ReportPatch(ReportFields):
    version: int | None = Field(default=None, strict=True, ge=1)


class ReportOut(BaseModel):
    id: int
    name: str
    owner_id: int
    is_shared: bool
    chart: ChartName
    plan: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


class Reports(BaseModel):
    items: list[ReportOut]
