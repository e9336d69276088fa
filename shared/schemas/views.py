"""A saved view on the way in: its name, who sees it, and the list it stands for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.schemas.values import cleaned

#: Of the record, or of one it belongs to: "owner", "custom.tier", "company.owner", "company.custom.tier".
FieldName = Annotated[str, Field(pattern=r"^([a-z]{1,20}\.)?(custom\.)?[a-z][a-z0-9_]{0,49}$")]
ViewedType = Literal["company", "contact", "deal", "task", "meeting"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ViewFields(_Part):
    """What may be changed of a view; what is left out stays."""

    name: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=100)] = ""
    shared: bool = Field(default=False, description="Whether the whole workspace sees it.")
    columns: list[FieldName] = Field(default_factory=list, max_length=40, description="None: the list's own.")
    where: dict[str, Any] | None = Field(default=None, description="A condition of the query language.")
    q: str = Field(default="", max_length=500)
    sort: Annotated[str, Field(pattern=r"^(-?([a-z]{1,20}\.)?(custom\.)?[a-z][a-z0-9_]{0,49})?$")] = ""
    group: str = Field(
        default="", max_length=80, pattern=r"^((custom\.)?[a-z][a-z0-9_]{0,49}(:(day|week|month|quarter|year))?)?$",
        description="A field, with `:month` after it for dates.",
    )  # fmt: skip


class ViewIn(ViewFields):
    """A new view."""

    type: ViewedType
    name: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=100)]


class ViewPatch(ViewFields):
    """A change of a view, made against a version."""

    version: int | None = Field(default=None, description="The version that was read, unless `If-Match` says it.")


class ViewsQuery(_Part):
    """Which views."""

    type: ViewedType | None = None


class ViewOut(BaseModel):
    """A saved view."""

    id: int
    type: ViewedType
    name: str
    shared: bool
    team_default: bool = Field(description="Whether everybody's list opens with it.")
    user_id: int | None = Field(description="Whose it is.")
    version: int
    columns: list[str]
    where: dict[str, Any] | None
    q: str
    sort: str
    group: str


class Views(BaseModel):
    """Saved views in alphabetical order."""

    items: list[ViewOut]
