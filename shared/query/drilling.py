"""From a group of an answer to the list of the records behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from shared.query import linking
from shared.query.fields import ENTITIES
from shared.query.plan import And, Cmp, Granularity, Group, Node, Plan
from shared.query.types import Entity, FieldType

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def href(plan: Plan, key: Any, entities: Mapping[str, Entity] = ENTITIES, *, user_id: int | None = None) -> str:
    """Path and query of the list of one group's records; `key` as in `GroupRow`. Empty where there is no such list."""
    keys = key if isinstance(key, list) else [key]
    fields = entities[plan.from_].fields
    more = [
        node
        for group, value in zip(plan.group, keys, strict=True)
        for node in _of(group, fields[group.field].type, value)
    ]
    before: Sequence[Node] = (
        () if plan.where is None else plan.where.of if isinstance(plan.where, And) else (plan.where,)
    )
    where = And(of=(*before, *more))
    narrowed = plan.model_copy(update={"where": where, "group": (), "order": (), "having": (), "skip": 0})
    return linking.href(narrowed, entities, user_id=user_id)


def following(first: date, granularity: Granularity | None) -> date:
    """The first day of the next period."""
    if granularity in _MONTHS:
        months = first.month - 1 + _MONTHS[granularity]
        return first.replace(year=first.year + months // 12, month=months % 12 + 1, day=1)
    return first + timedelta(days=7 if granularity == "week" else 1)


def _of(group: Group, type_: FieldType, value: Any) -> Iterator[Node]:
    if value is None:
        yield Cmp(field=group.field, op="is", values=("null",))
    elif type_ in (FieldType.DATE, FieldType.DATETIME):
        yield Cmp(field=group.field, op="gte", values=(value.isoformat(),))
        yield Cmp(field=group.field, op="lt", values=(following(value, group.granularity).isoformat(),))
    elif isinstance(value, bool):
        yield Cmp(field=group.field, values=("true" if value else "false",))
    else:
        yield Cmp(field=group.field, values=(str(value),))
