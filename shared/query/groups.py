"""A list in groups: their heads with counts and sums, and the condition under which a record is in one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, String, and_, false, func, or_, select

from shared.errors import Invalid
from shared.models import workspace_of
from shared.query import conditions, lists, measuring
from shared.query.catalog import catalog
from shared.query.conditions import Viewpoint
from shared.query.fields import ENTITIES
from shared.query.lists import ListQuery
from shared.query.measuring import Key, Measured
from shared.query.metrics import metric_of
from shared.query.naming import Naming
from shared.query.plan import And, Cmp, Group, Measure, Node
from shared.query.types import Entity, Field, FieldType
from shared.tenancy import TenantSession

#: How the address calls the group of the records without a value; others are `v.` and the value.
NONE = "none"
_DATED = (FieldType.DATE, FieldType.DATETIME)
#: Types of fields by which a list may have thousands of groups.
_MANY = (FieldType.REF, FieldType.TEXT)

Where = Sequence[ColumnElement[bool]]


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


@dataclass(frozen=True, slots=True)
class Heads:
    """Some of a list's groups in their order, of how many, and how many records all of them have: none where a record
    may stand in several."""

    shown: list[Head]
    number: int
    records: int | None


def heads(
    session: TenantSession,
    query: ListQuery,
    group: Group,
    sums: Sequence[str],
    viewpoint: Viewpoint,
    naming: Naming,
    *,
    skip: int = 0,
    first: int | None = None,
) -> Heads:
    """The groups of a list in order, those without a value last: `first` of them (none: all) after `skip`. `sums` are
    the number fields added up.

    What has many groups, the records that a field names and the texts people write, is named and added up for the
    groups shown alone. Of anything else, the question that adds up counts as well.
    """
    entity = catalog(session)[query.type]
    asked, where = entity.fields[group.field], lists.conditions_of(session, query, viewpoint)
    places = naming.places(entity, group.field)
    target = ENTITIES.get(asked.target or "") if asked.expression is not None and not places else None
    measured = partial(_measured, session, entity, group, viewpoint)
    totals: list[Measured] = []
    if target is not None:
        found = _of_records(session, asked, target, where, viewpoint, skip, first)
    else:
        if asked.type not in _MANY:
            totals = [measured(where, _sum_of(name)) for name in sums]
        counts = totals[0].counts if totals else measured(where, Measure(aggregate="count")).counts
        found = _of_values(entity, group, counts, naming, places)
        found = replace(found, shown=found.shown[skip:][:first])
    is_cut = len(found.shown) < found.number
    labels = naming.group_names(entity, [group], [(head.key,) for head in found.shown])
    for head in found.shown:
        head.name = labels[(head.key,)]
    if is_cut and asked.expression is not None and asked.type in _MANY:
        where = [*where, _is_in(asked, found.shown)]
    for name, total in zip(sums, totals or [measured(where, _sum_of(name)) for name in sums], strict=True):
        added: dict[Any, Any] = {}
        for key, value in total.values.items():
            added[_plain(key)] = add(added.get(_plain(key)), value)
        for head in found.shown:
            head.sums[name] = added.get(head.key)
    return found


def _sum_of(name: str) -> Measure:
    return Measure(aggregate="sum", field=name)


def _measured(
    session: TenantSession, entity: Entity, group: Group, viewpoint: Viewpoint, where: Where, measure: Measure
) -> Measured:
    main, metric = workspace_of(session).currency, metric_of(entity, measure)
    return measuring.measure(session, entity, metric, where, [group], viewpoint, main_currency=main)


def _of_records(
    session: TenantSession,
    asked: Field,
    target: Entity,
    where: Where,
    viewpoint: Viewpoint,
    skip: int,
    first: int | None,
) -> Heads:
    """Groups by the record a field names, in the order of these records' names as their own list has them. The database
    cuts: a company has a group for each of its ten thousand customers. Behind those with a name are those of records
    that are gone."""
    key: Any = asked.expression
    counted = select(key.label("key"), func.count().label("count")).where(*where).group_by(key).subquery()
    model = target.model
    named = [model.id == counted.c.key, model.workspace_id == session.workspace_id, *target.live]
    name = getattr(model, "name_key", None)
    name = func.lower(target.title, type_=String()) if name is None else name
    page = select(counted.c.key, counted.c.count, func.count().over(), func.sum(counted.c.count).over())
    page = page.outerjoin_from(counted, model, and_(*named))
    page = page.order_by(counted.c.key.is_(None), name.is_(None), name, counted.c.key).offset(skip).limit(first)
    rows = session.execute(page, viewpoint.parameters).all()
    number, records = (rows[0][2], int(rows[0][3])) if rows else (0, 0)
    return Heads([Head(row[0], "", row[1]) for row in rows], number, records)


def _of_values(
    entity: Entity, group: Group, counted: Mapping[Key, int], naming: Naming, places: dict[Any, int]
) -> Heads:
    """Groups by any other value, all of them, in order."""
    asked = entity.fields[group.field]
    counts: dict[Any, int] = {}
    for key, count in counted.items():
        counts[_plain(key)] = counts.get(_plain(key), 0) + count
    records = None if asked.expression is None else sum(counts.values())
    found = [Head(key, "", count) for key, count in counts.items()]
    return Heads(_in_order(entity, group, found, naming, places), len(found), records)


def _is_in(asked: Field, shown: Sequence[Head]) -> ColumnElement[bool]:
    """In one of these groups."""
    value: Any = asked.expression
    keys = [head.key for head in shown if head.key is not None]
    nothing = value.is_(None) if asked.type is FieldType.REF else func.coalesce(value, "") == ""
    return or_(value.in_(keys), nothing if len(keys) < len(shown) else false())


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


def _in_order(entity: Entity, group: Group, found: list[Head], naming: Naming, places: dict[Any, int]) -> list[Head]:
    asked = entity.fields[group.field]
    if asked.type in _DATED:
        found.sort(key=lambda head: head.key or date.min, reverse=asked.type is FieldType.DATETIME)
    elif places:
        found.sort(key=lambda head: places.get(head.key, len(places)))
    elif asked.choices:
        order = {value: i for i, value in enumerate(asked.choices)}
        found.sort(key=lambda head: order.get(str(head.key), len(order)))
    elif asked.type in (FieldType.NUMBER, FieldType.MONEY):
        found.sort(key=lambda head: head.key or 0)
    elif asked.type is FieldType.TEXT and asked.expression is not None:
        found.sort(key=lambda head: (str(head.key).casefold(), str(head.key)))
    else:
        labels = naming.group_names(entity, [group], [(head.key,) for head in found])
        found.sort(key=lambda head: labels[(head.key,)].casefold())
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
