"""What a team adds to its records: tags, and fields of its own.

A custom field is a typed definition; its values stand in the record's `custom` JSON, which is what people and programs
read, and once more as typed rows, which is what questions are asked of: no column is ever made at run time, and both
databases can use an index.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Choice, Record, Timestamped, record_args
from shared.tenancy import Cached, Tenanted


class CustomType(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    SELECT = "select"
    MULTI_SELECT = "multi_select"
    CHECKBOX = "checkbox"
    URL = "url"
    PERSON = "person"

    @property
    def is_chosen(self) -> bool:
        """Its values are among `options`."""
        return self in (CustomType.SELECT, CustomType.MULTI_SELECT)


class FieldDefinition(Cached, Tenanted, Timestamped, Base):
    """A field an admin defined for one record type. `key` names it in REST and addresses and never changes; a deleted
    one holds it, so that what names the field finds it again once it is restored.

    `options` are `{"value", "label"}` in order; the value stays when the label is reworded.
    """

    __tablename__ = "field_definition"
    __table_args__ = (UniqueConstraint("workspace_id", "record_type", "key"),)

    record_type: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(100))
    type: Mapped[CustomType] = mapped_column(Choice(CustomType, 20))
    options: Mapped[list[Any]] = mapped_column(default=list)
    hint: Mapped[str | None] = mapped_column(String(300))
    position: Mapped[int] = mapped_column(default=0)
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CustomValue(Tenanted, Base):
    """One value of a custom field of one record; a multi-select has several. Only the column of its type is filled.

    `minor` and `currency` are of money, whose `number` is the same in major units.
    """

    __tablename__ = "custom_value"
    __table_args__ = (
        Index("ix_custom_value_record", "definition_id", "record_id"),
        Index("ix_custom_value_text", "definition_id", "text_key", "record_id"),
        Index("ix_custom_value_number", "definition_id", "number", "record_id"),
        Index("ix_custom_value_day", "definition_id", "day", "record_id"),
    )

    definition_id: Mapped[int] = mapped_column(ForeignKey("field_definition.id", ondelete="CASCADE"))
    record_id: Mapped[int]
    text: Mapped[str | None] = mapped_column(String(500))
    text_key: Mapped[str | None] = mapped_column(String(500))  # folded, for `contains`
    number: Mapped[float | None] = mapped_column(Float)
    minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    day: Mapped[date | None]
    flag: Mapped[bool | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)


class Tag(Record, Base):
    """A word that any record may carry. `name_key` is the name folded: one tag a spelling."""

    __tablename__ = "tag"
    __table_args__ = record_args("tag", Index("ix_tag_name", "workspace_id", "name_key"))

    name: Mapped[str] = mapped_column(String(50))
    name_key: Mapped[str] = mapped_column(String(50))
    color: Mapped[str] = mapped_column(String(20), default="neutral")

    __mapper_args__ = {"version_id_col": Record.version}  # noqa: RUF012


class Tagging(Tenanted, Base):
    """A record carries a tag."""

    __tablename__ = "tagging"
    __table_args__ = (
        UniqueConstraint("tag_id", "target_type", "target_id"),
        Index("ix_tagging_target", "workspace_id", "target_type", "target_id"),
    )

    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"))
    target_type: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[int]
