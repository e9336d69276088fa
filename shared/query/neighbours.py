"""Columns that stand in another record: the owner of a contact's company, the stage of the deal a task is about.

Such a column is called `RELATION.FIELD` ("company.owner", "deal.custom.tier"). The relation leads to one record; where
a task hangs on several of a type, to the one it was linked to first. Their values are looked up for the rows of a page
in two steps, which records and what these hold, so that each is drawn and written as in a list of its own type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from shared.models import Company, Contact, Deal, Link, Meeting, Task
from shared.query.columns import values_of
from shared.query.conditions import Viewpoint
from shared.query.fields import ENTITIES
from shared.query.types import Entity, Expression, Field, FieldType, ref, text_of
from shared.tenancy import TenantSession


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """One such column: the record it stands in is of type `target`, and what it shows of that is `field`."""

    relation: str
    target: Entity
    field: Field

    @property
    def name(self) -> str:
        return f"{self.relation}.{self.field.name}"


def _linked(model: type[Company | Contact | Deal | Meeting]) -> Expression:
    """The first record of a type that the task at hand was linked to."""
    found = select(Link.target_id).join(model, model.id == Link.target_id)
    mine = Link.owner_type == "task", Link.owner_id == Task.id, Link.target_type == model.__tablename__
    first = found.where(*mine, model.deleted_at.is_(None)).order_by(Link.id).limit(1)
    return first.correlate(Task).scalar_subquery()


#: Which record a relation leads to, by type and relation.
_NEAR: dict[str, dict[str, Expression]] = {
    "contact": {"company": text_of(Company, Contact.company_id, "id")},
    "deal": {"company": text_of(Company, Deal.company_id, "id"), "contact": text_of(Contact, Deal.contact_id, "id")},
    "meeting": {"company": text_of(Company, Meeting.company_id, "id"), "deal": text_of(Deal, Meeting.deal_id, "id")},
    "task": {
        "company": _linked(Company), "contact": _linked(Contact), "deal": _linked(Deal),
        "meeting": func.coalesce(text_of(Meeting, Task.meeting_id, "id"), _linked(Meeting)),
    },
}  # fmt: skip


def find(entity: Entity, name: str) -> Neighbour | None:
    """The column of this name; None: it is none of a related record."""
    relation, _dot, asked = name.partition(".")
    if relation not in _NEAR.get(entity.name, {}):
        return None
    target = (entity.beside or ENTITIES)[relation]
    field = target.fields.get(asked)
    return None if field is None or field.selected is None else Neighbour(relation, target, field)


def offered(entity: Entity) -> Iterator[Neighbour]:
    """Every such column of a record type, except what it has itself of that record already."""
    for relation in _NEAR.get(entity.name, {}):
        target = (entity.beside or ENTITIES)[relation]
        for field in target.fields.values():
            if field.selected is not None and not _has(entity, relation, field):
                yield Neighbour(relation, target, field)


def _has(entity: Entity, relation: str, field: Field) -> bool:
    own = entity.fields.get(field.name)
    return relation == "company" and own is not None and own.is_lookup and field.name in ("industry", "city", "country")


def sort_of(entity: Entity, name: str) -> Field | None:
    """What a list is ordered by for such a column. None where each row would need more than one look-up: of what hangs
    on several, and of what is itself counted or the latest of many."""
    found = find(entity, name)
    if found is None or found.field.sort is None or entity.name == "task":
        return None
    asked, model = found.field, found.target.model
    assert asked.sort is not None
    is_plain = isinstance(asked.expression, InstrumentedAttribute) or asked.is_lookup or asked.type is FieldType.MONEY
    if not is_plain:
        return None
    near = _NEAR[entity.name][found.relation]
    value = select(asked.sort).where(model.id == near, *found.target.live).correlate_except(model)
    return Field(name, asked.label, asked.type, sort=value.scalar_subquery())


def ends(
    session: TenantSession, entity: Entity, relation: str, ids: Sequence[int], viewpoint: Viewpoint
) -> dict[int, int]:
    """`{id: id of its related record}` for the rows of a page that have one that is not deleted."""
    near = ref("near", "", relation, _NEAR[entity.name][relation])
    rows = values_of(session, entity, ids, [near], viewpoint)
    return {id: row["near"] for id, row in rows.items() if row.get("near") is not None}
