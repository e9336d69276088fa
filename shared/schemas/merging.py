"""What the API takes to merge records and to look for duplicates."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.schemas import values
from shared.schemas.api import Paging, Version

MergeableName = Literal["contact", "company"]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class MergeIn(_In):
    ids: list[values.Id] = Field(min_length=1, max_length=19, description="The records that are merged into this one.")
    fields: dict[Annotated[str, Field(max_length=100)], values.Id | Literal["all"]] = Field(
        default_factory=dict,
        description="Field -> id of the record whose value is taken, or `all` where texts or lists can be joined."
        " `name` stands for first and last name of a contact, `email` and `phone` for the primary ones,"
        " `custom.KEY` for own fields.",
    )
    versions: dict[values.Id, Version] = Field(
        default_factory=dict, description="Versions you read; 409 where a record has changed since."
    )


class DuplicatesQuery(Paging):
    type: MergeableName = "contact"


class SearchIn(_In):
    type: MergeableName


class ApartIn(_In):
    type: MergeableName
    ids: list[values.Id] = Field(min_length=2, max_length=20)
