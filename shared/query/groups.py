"""A list in groups: their heads with counts and sums, and the condition under which a record is in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from shared.errors import Invalid
from shared.models import workspace_of
from shared.query import conditions, lists, measuring
from shared.query.catalog import catalog
from shared.query.conditions import Viewpoint
from shared.query.lists import ListQuery
from shared.query.measuring import Key
from shared.query.metrics import metric_of
from shared.query.naming import Naming
from shared.query.plan import And, Cmp, Group, Measure, Node
from shared.query.types import Entity, FieldType
from shared.tenancy import TenantSession

#: How the address calls the group of the records without a value; others are `v.` and the value.
NONE = "none"
_DATED = (FieldType.DATE, FieldType.DATETIME)


@dataclass(slots=True)
class Head:
    """A group: how it is called, how many records are in it, and what they come to. `part` names it in an address."""

    key: Any
    name: str
    count: int
    sums: dict[str, Any] = field(default_factory=dict)

    @property
    def part(self) -> str:
        return NONE if self.key is None else f"v.{_text(self.key)}"


def group_of(entity: Entity, text: str) -> Group:
    """`expected_close:month` as a group; dates without a period are taken by month."""
    name, _colon, granularity = text.partition(":")
    is_dated = entity.fields[name].type in _DATED
    return Group.model_validate({"field": name, "granularity": (granularity or "month") if is_dated else None})


def heads(
    session: TenantSession,
    query: ListQuery,
    group: Group,
    sums: Sequence[str],
    viewpoint: Viewpoint,
    naming: Naming,
) -> list[Head]:
    """The groups of a list in order, those without a value last; `sums` are the number fields added up."""
    entity = catalog(session)[query.type]
    where = lists.conditions_of(session, query, viewpoint)
    main = workspace_of(session).currency
    names = sums or [""]
    measures = [Measure(aggregate="sum", field=name) if name else Measure(aggregate="count") for name in names]
    found: dict[Any, Head] = {}
    for name, measure in zip(names, measures, strict=True):
        metric = metric_of(entity, measure)
        measured = measuring.measure(session, entity, metric, where, [group], viewpoint, main_currency=main)
        for key, count in measured.counts.items():
            head = found.setdefault(_plain(key), Head(_plain(key), "", 0))
            head.count += count if name == names[0] else 0
            if name:
                head.sums[name] = add(head.sums.get(name), measured.values.get(key))
    labels = naming.group_names(entity, [group], [(key,) for key in found])
    for key, head in found.items():
        head.name = labels[(key,)]
    return _in_order(entity, group, list(found.values()), naming)


def _plain(key: Key | Any) -> Any:
    """The value of a group of one field; an empty text is none."""
    value = key[0] if isinstance(key, tuple) else key
    value = getattr(value, "value", value) if isinstance(value, str) else value
    return None if value == "" else value


def add(one: Any, other: Any) -> Any:
    """Two sums as one; money stays apart by currency."""
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, int | float):
        return one + other
    added: dict[str, Any] = {}
    for money in [*_several(one), *_several(other)]:
        known = added.get(money.currency)
        minor = money.amount_minor + (known.amount_minor if known else 0)
        added[money.currency] = replace(money, amount_minor=minor)
    several = list(added.values())
    return several[0] if len(several) == 1 else several


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _in_order(entity: Entity, group: Group, found: list[Head], naming: Naming) -> list[Head]:
    asked = entity.fields[group.field]
    if asked.type in _DATED:
        found.sort(key=lambda head: head.key or date.min, reverse=asked.type is FieldType.DATETIME)
    elif places := naming.places(entity, group.field):
        found.sort(key=lambda head: places.get(head.key, len(places)))
    elif asked.choices:
        order = {value: i for i, value in enumerate(asked.choices)}
        found.sort(key=lambda head: order.get(str(head.key), len(order)))
    elif asked.type in (FieldType.NUMBER, FieldType.MONEY):
        found.sort(key=lambda head: head.key or 0)
    else:
        found.sort(key=lambda head: head.name.casefold())
    return sorted(found, key=lambda head: head.key is None)


def part_of(entity: Entity, group: Group, part: str, viewpoint: Viewpoint) -> Node:
    """The condition of being in a group. Raises Invalid for a part that is none."""
    asked = entity.fields[group.field]
    if part == NONE:
        return Cmp(field=group.field, op="is", values=("null",))
    value = part.removeprefix("v.")
    if not part.startswith("v.") or not value or len(value) > 500:
        raise Invalid.field("part", "There is no such group.")
    if asked.type not in _DATED:
        try:
            conditions.check(asked, "eq", (value,))
        except ValueError:
            raise Invalid.field("part", "There is no such group.") from None
        return Cmp(field=group.field, values=(value,))
    try:
        span = viewpoint.calendar.period_of(date.fromisoformat(value), group.granularity or "day")
    except (ValueError, OverflowError):
        raise Invalid.field("part", "There is no such group.") from None
    assert span.first is not None
    first, last = span.first.isoformat(), span.last.isoformat()
    since = Cmp(field=group.field, op="gte", values=(first,))
    return And(of=(since, Cmp(field=group.field, op="lte", values=(last,))))


def _text(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else key.isoformat() if isinstance(key, date) else str(key)


def totals(session: TenantSession, query: ListQuery, sums: Sequence[str], viewpoint: Viewpoint) -> dict[str, Any]:
    """What the number fields of a whole list come to."""
    entity = catalog(session)[query.type]
    where = lists.conditions_of(session, query, viewpoint)
    main = workspace_of(session).currency
    found = {}
    for name in sums:
        metric = metric_of(entity, Measure(aggregate="sum", field=name))
        found[name] = measuring.measure(session, entity, metric, where, [], viewpoint, main_currency=main).values[()]
    return found
