"""From a group of an answer to the list of the records behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from shared.query import linking
from shared.query.fields import ENTITIES
from shared.query.plan import Cmp, Granularity, Group, Node, Plan, joined, parts_of
from shared.query.types import Entity, FieldType

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
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
    said: dict[tuple[str, str], Cmp] = {(node.field, node.op): node for node in more}
    where = joined([*(node for node in parts_of(plan.where) if not _is_said(node, said)), *more])
    narrowed = plan.model_copy(update={"where": where, "group": (), "order": (), "having": (), "skip": 0})
    return linking.href(narrowed, entities, user_id=user_id)


def _is_said(node: Node, said: Mapping[tuple[str, str], Cmp]) -> bool:
    """Whether the group says as much as a condition of the plan: a month says more than the year it was asked in."""
    if not isinstance(node, Cmp):
        return False
    if (node.op, node.values) == ("is", ("set",)):
        return any(name == node.field and one.op != "is" for (name, _op), one in said.items())
    of = said.get((node.field, node.op))
    if of is None or of.values == node.values:
        return of is not None
    if not all(map(_DAY.fullmatch, (*of.values, *node.values))):  # a day in words
        return False
    return of.values[0] >= node.values[0] if node.op == "gte" else node.op == "lt" and of.values[0] <= node.values[0]


def following(first: date, granularity: Granularity | None) -> date:
    """The first day of the next period."""
    if granularity in _MONTHS:
        months = first.month - 1 + _MONTHS[granularity]
        return first.replace(year=first.year + months // 12, month=months % 12 + 1, day=1)
    return first + timedelta(days=7 if granularity == "week" else 1)


def _of(group: Group, type_: FieldType, value: Any) -> Iterator[Cmp]:
    if value is None:
        yield Cmp(field=group.field, op="is", values=("null",))
    elif type_ in (FieldType.DATE, FieldType.DATETIME):
        yield Cmp(field=group.field, op="gte", values=(value.isoformat(),))
        yield Cmp(field=group.field, op="lt", values=(following(value, group.granularity).isoformat(),))
    elif isinstance(value, bool):
        yield Cmp(field=group.field, values=("true" if value else "false",))
    else:
        yield Cmp(field=group.field, values=(str(value),))
