"""Fields that several record types have: number and times, tags, what a record hangs on, and its company's own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from shared.models import Company, Link, Note, Tag, Tagging, Task
from shared.query.types import Expression, Field, FieldType, Many, Order, looked_up, ref, text, text_of, time
from shared.query.types import translatable as _
from shared.search import fold


def base(model: type[Any]) -> list[Field]:
    """What every type has."""
    return [
        Field("id", _("Number"), FieldType.REF, model.id, sort=model.id, is_nullable=False, target=model.__tablename__),
        text("external_id", _("External id"), model.external_id, sort=None),
        time("created_at", _("Created"), model.created_at, is_nullable=False),
        time("updated_at", _("Changed"), model.updated_at, is_nullable=False),
    ]


def record(model: type[Any]) -> list[Field]:
    """What every type has that people make."""
    return [
        *base(model),
        ref("created_by_id", _("Created by"), "user", model.created_by_id),
        text("actor", _("Made through"), model.actor, sort=None),
    ]


def tags(model: type[Any]) -> Field:
    """The tags of the record, by their names."""
    carried = select(Tagging.target_id).join(Tag, Tag.id == Tagging.tag_id)
    carried = carried.where(Tagging.target_type == model.__tablename__, Tag.deleted_at.is_(None))
    shown = carried.with_only_columns(func.aggregate_strings(Tag.name, ", ")).where(Tagging.target_id == model.id)
    via = Many(model.id, carried, Tag.name_key, Tag.name_key)
    return Field(
        "tags", _("Tags"), FieldType.TEXT, via=via, key=_tag_key, shown=shown.correlate(model).scalar_subquery()
    )  # fmt: skip


def _tag_key(name: str) -> str:
    return " ".join(fold(name).split())


def linked(model: type[Task | Note], target: str) -> Many:
    """The records of a type that tasks or notes hang on."""
    owners = select(Link.owner_id).where(Link.owner_type == model.__tablename__, Link.target_type == target)
    return Many(model.id, owners, Link.target_id)


def about(model: type[Task | Note], *targets: str) -> list[Field]:
    """What tasks or notes hang on, a field for each type."""
    labels = {"company": _("Company"), "contact": _("Contact"), "deal": _("Deal"), "meeting": _("Meeting")}
    return [ref(f"{target}_id", labels[target], target, via=linked(model, target)) for target in targets]


def of_company(company_id: Expression) -> list[Field]:
    """The record's company, by its name in the order in which companies are listed; and its trade and place."""
    sort = text_of(Company, company_id, "name_key")

    def order(name: str, *, is_lowered: bool = True) -> Order:
        return Order(company_id, Company, name, is_lowered)

    return [
        ref("company_id", _("Company"), "company", company_id),
        looked_up("company", _("Company"), company_id, Company, sort=sort, order=order("name_key", is_lowered=False)),
        looked_up("industry", _("Industry"), company_id, Company, "industry", order=order("industry")),
        looked_up("city", _("City"), company_id, Company, "city", order=order("city")),
        looked_up("country", _("Country"), company_id, Company, "country", order=order("country")),
    ]
