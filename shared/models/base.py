"""The common ground of every table: naming, times, and what makes a row a record."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from shared import clock
from shared.tenancy import Tenanted

#: A missing value is NULL, however it is written: JSON has a null of its own, which `IS NULL` does not find.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in and out, UTC in the database. A naive value is a bug and raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A datetime without a zone reached the database.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Choice(TypeDecorator[StrEnum]):
    """A StrEnum in a plain VARCHAR: members in and out, nothing to migrate when a member is added."""

    impl = String
    cache_ok = True

    def __init__(self, choices: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.choices = choices

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.choices(value)


class Base(DeclarativeBase):
    """All tables. Constraint names are fixed so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        datetime: UtcDateTime,
        dict[str, Any]: Json,
        list[Any]: Json,
        str: String,
    }

    id: Mapped[int] = mapped_column(primary_key=True)


def table_of(model: type[Base]) -> Table:
    """A model's table, for statements on many rows: the mapping costs as much again as the database.

    They see no workspace but the one they are given.
    """
    table = model.__table__
    assert isinstance(table, Table)
    return table


class Timestamped:
    """Mixin: when the row was made and last changed, in business time."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class Leased(Tenanted):
    """Mixin: work that one worker at a time holds (`shared.leases`). `run` counts how often it was asked for."""

    if TYPE_CHECKING:
        id: Mapped[int]

    run: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)  # of the present run
    queued_at: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]  # wall clock


class Record(Tenanted, Timestamped):
    """Mixin: a row people see and keep: versioned, restorable, addressable from outside.

    `version` is bumped by every flush that changes the row; a stale write raises StaleDataError, shown as a 409.
    `created_by_id`/`actor` say who made it; who changed it when is in `event`.
    """

    external_id: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[datetime | None]
    actor: Mapped[str] = mapped_column(String(20), default="user")
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @declared_attr
    def created_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]


def record_args(table: str, *more: Any) -> tuple[Any, ...]:
    """Table arguments of a record: `external_id` is unique per workspace; lists read newest first."""
    return (
        UniqueConstraint("workspace_id", "external_id", name=f"uq_{table}_workspace_id_external_id"),
        Index(f"ix_{table}_recent", "workspace_id", "updated_at", "id"),
        *more,
    )
