"""Measures of the rows that are meant, as a whole or by group.

One statement a measure adds up its parts by group and currency; days become months, and parts numbers, in Python, by
one calendar for both databases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Subquery,
    cast,
    distinct,
    func,
    null,
    select,
)

from shared.errors import Invalid
from shared.query import compiler, local_days
from shared.query.conditions import Viewpoint
from shared.query.metrics import ONE, How, Metric, Part, Unit, different, rounded
from shared.query.plan import Group
from shared.query.results import Money
from shared.query.types import Entity, FieldType, Many
from shared.tenancy import TenantSession

#: Combinations of groups, days and currencies that are fetched; more is a mistake, not a question.
MAX_CELLS = 50_000

#: Periods that begin with a month: the database adds up so far, which are fewer rows to fetch than days.
_OF_MONTHS = frozenset(("month", "quarter", "year"))

Key = tuple[Any, ...]
Cells = dict[Key, dict[str | None, list[Any]]]


@dataclass(frozen=True, slots=True)
class Measured:
    """The values of a measure by group (the empty key: of everything), and how many rows each was measured of."""

    values: dict[Key, Any]
    counts: dict[Key, int]


def measure(
    session: TenantSession,
    entity: Entity,
    metric: Metric,
    where: Sequence[ColumnElement[bool]],
    groups: Sequence[Group],
    viewpoint: Viewpoint,
    *,
    main_currency: str,
) -> Measured:
    """A metric of the rows of which all of `where` holds."""
    return measure_all(session, entity, [metric], where, groups, viewpoint, main_currency=main_currency)[0]


def measure_all(
    session: TenantSession,
    entity: Entity,
    metrics: Sequence[Metric],
    where: Sequence[ColumnElement[bool]],
    groups: Sequence[Group],
    viewpoint: Viewpoint,
    *,
    main_currency: str,
) -> list[Measured]:
    """Several metrics of the same rows: those that look at the same ones, in the same currencies, in one statement."""
    if len(metrics) > 1 and all(_go_together(metrics[0], metric) for metric in metrics):
        parts = tuple(part for metric in metrics for part in metric.parts)
        beside = next((metric.beside for metric in metrics if metric.beside is not None), None)
        asked = [replace(metrics[0], parts=parts, beside=beside)]
    else:
        asked = list(metrics)
    found = []
    for each in asked:
        cells, counts = _cells(session, entity, each, where, groups, viewpoint)
        if not groups:
            cells.setdefault((), {})
        start = 0
        for metric in metrics if len(asked) < len(metrics) else [each]:
            mine = slice(start, start := start + len(metric.parts))
            values = {
                key: _finish(metric, {currency: parts[mine] for currency, parts in slot.items()}, main_currency)
                for key, slot in cells.items()
            }
            found.append(Measured(values, counts))
    return found


def _go_together(one: Metric, other: Metric) -> bool:
    """Whether a statement can add up both: neither looks anything up, nor counts what differs."""
    is_plain = all(part.field is None and part.how is not How.DISTINCT for part in (*one.parts, *other.parts))
    is_plain = is_plain and (one.beside is None or other.beside in (None, one.beside))
    return is_plain and one.filters == other.filters and one.currency is other.currency


def empty(metric: Metric, main_currency: str) -> Any:
    """What a metric is of nothing."""
    return _finish(metric, {}, main_currency)


# --- The statement


def _cells(
    session: TenantSession,
    entity: Entity,
    metric: Metric,
    where: Sequence[ColumnElement[bool]],
    groups: Sequence[Group],
    viewpoint: Viewpoint,
) -> tuple[Cells, dict[Key, int]]:
    statement = _by_neighbour(entity, metric, where, groups)
    if statement is None:
        statement = _statement(session, entity, metric, where, groups, viewpoint)
    cells: Cells = {}
    counts: dict[Key, int] = {}
    width, is_spread = len(groups), _is_spread(metric, groups)
    rows = session.execute(statement.limit(MAX_CELLS + 1), viewpoint.parameters).all()
    if len(rows) > MAX_CELLS:
        raise Invalid.field("group", "That makes too many groups. Narrow the question, or take longer periods.")
    for row in rows:
        key = tuple(_period(group, part, viewpoint) for group, part in zip(groups, row[:width], strict=True))
        counts[key] = counts.get(key, 0) + row[width + 1]
        slot = cells.setdefault(key, {})
        parts = [{part} - {None} if is_spread else part for part in row[width + 2 :]]
        known = slot.get(row[width])
        slot[row[width]] = parts if known is None else _added(metric.parts, known, parts)
    return cells, counts


def _is_spread(metric: Metric, groups: Sequence[Group]) -> bool:
    """Whether different values are told apart after the statement: those of two days may be the same."""
    is_by_period = any(group.granularity not in (None, "day") for group in groups)
    return is_by_period and metric.parts[0].how is How.DISTINCT


def _statement(
    session: TenantSession,
    entity: Entity,
    metric: Metric,
    where: Sequence[ColumnElement[bool]],
    groups: Sequence[Group],
    viewpoint: Viewpoint,
) -> Select[Any]:
    """Values of rows inside, added up outside: PostgreSQL then never sees a column that is not grouped by."""
    conditions = [*where, metric.where] if metric.where is not None else where
    tables = [compiler.over_all(session, entity, entity.fields[group.field], conditions, viewpoint) for group in groups]
    inner = select(*_keys(entity, groups, tables, viewpoint)).select_from(entity.model)
    for table in tables:
        if table is not None:
            inner = inner.outerjoin(table, table.c.owner == entity.model.id)
    if metric.beside is not None:
        inner = inner.join(*metric.beside)
    for i, group in enumerate(groups):
        if entity.fields[group.field].expression is None:
            inner, value = _beside(inner, entity.fields[group.field].via)
            inner = inner.add_columns(value.label(f"g{i}"))
    if metric.currency is not None:
        inner = inner.add_columns(metric.currency.label("currency"))
    inner = _with_parts(session, inner, entity, metric, conditions, viewpoint)
    rows = inner.where(*conditions).subquery("measured")
    keys: list[ColumnElement[Any]] = [rows.c[f"g{i}"] for i in range(len(groups))]
    for i, group in enumerate(groups):
        if entity.fields[group.field].type is FieldType.DATETIME:
            keys[i] = local_days.day_of(session, keys[i], viewpoint.calendar.zone)
        elif f"at{i}" in rows.c:
            day = local_days.day_of(session, rows.c[f"at{i}"], viewpoint.calendar.zone)
            keys[i] = func.coalesce(day, keys[i], type_=Date())
        if group.granularity in _OF_MONTHS:
            keys[i] = local_days.month_of(session, keys[i])
    values = [rows.c[f"p{_column(metric, i)}"] for i in range(len(metric.parts))]
    if _is_spread(metric, groups):
        return select(*keys, null(), _records(rows), *values).select_from(rows).group_by(*keys, *values)
    added = [_adding(part, value) for part, value in zip(metric.parts, values, strict=True)]
    if metric.currency is None:
        return select(*keys, null(), _records(rows), *added).select_from(rows).group_by(*keys)
    keys.append(rows.c.currency)
    return select(*keys, func.count(), *added).group_by(*keys)


def _by_neighbour(
    entity: Entity, metric: Metric, where: Sequence[ColumnElement[bool]], groups: Sequence[Group]
) -> Select[Any] | None:
    """Rows counted by a value of the record they belong to: by that record first, so that the value is looked up once
    for each company, and not for each of its contacts. None for anything else."""
    field = entity.fields[groups[0].field] if len(groups) == 1 else None
    if field is None or field.via is None or not field.is_lookup or field.expression is None:
        return None
    is_of_row = field.via.id is entity.model.id or field.type in (FieldType.DATE, FieldType.DATETIME)
    is_count = metric.currency is None and metric.beside is None and all(part.of is ONE for part in metric.parts)
    if is_of_row or not is_count:
        return None
    conditions = [*where, metric.where] if metric.where is not None else where
    owner = field.via.id
    counted = select(owner.label("id"), func.count().label("count")).where(*conditions).group_by(owner).subquery()
    beside, value = _beside(select(), replace(field.via, id=counted.c.id))
    records = cast(func.sum(counted.c.count), Integer)
    return beside.add_columns(value, null(), records, *(records for _part in metric.parts)).group_by(value)


def _adding(part: Part, value: ColumnElement[Any]) -> ColumnElement[Any]:
    if part.of is ONE:
        return func.count()  # the same, without a look at each
    return func.count(distinct(value)) if part.how is How.DISTINCT else getattr(func, part.how.value)(value)


def _records(rows: Subquery) -> ColumnElement[int]:
    """How many records there are, where each may stand in several rows."""
    return func.count(distinct(rows.c.record)) if "record" in rows.c else func.count()


def _with_parts(
    session: TenantSession,
    inner: Select[Any],
    entity: Entity,
    metric: Metric,
    where: Sequence[ColumnElement[bool]],
    viewpoint: Viewpoint,
) -> Select[Any]:
    """The values that are added up; a metric's parts are of one field at most."""
    field = metric.parts[0].field
    table = None if field is None else compiler.over_all(session, entity, field, where, viewpoint)
    if table is not None:
        inner = inner.outerjoin(table, table.c.owner == entity.model.id)
    if field is not None and field.expression is None:
        inner, beside = _beside(inner, field.via)
        return inner.add_columns(different(field, beside).label("p0"), entity.model.id.label("record"))
    for i, part in enumerate(metric.parts):
        if _column(metric, i) == i:
            value = part.of if table is None or part.field is None else part.field.over(table)
            inner = inner.add_columns(value.label(f"p{i}"))
    return inner


def _column(metric: Metric, i: int) -> int:
    """Where a part's value stands: a sum and a count of the same are computed once."""
    return next(j for j, part in enumerate(metric.parts) if part.of is metric.parts[i].of)


def _keys(
    entity: Entity, groups: Sequence[Group], tables: Sequence[Subquery | None], viewpoint: Viewpoint
) -> Iterator[ColumnElement[Any]]:
    """What is grouped by, of many rows from the table of its moments; beside a day that may have a time, where the
    asker's day is another one, that time."""
    for i, (group, table) in enumerate(zip(groups, tables, strict=True)):
        field: Any = entity.fields[group.field]
        if table is not None:
            yield field.over(table).label(f"g{i}")
        elif field.expression is not None:
            yield field.expression.label(f"g{i}")
        if field.moment is not None and viewpoint.calendar.is_away:
            yield field.moment.label(f"at{i}")


def _beside(inner: Select[Any], via: Many | None) -> tuple[Select[Any], ColumnElement[Any]]:
    """Rows once for each of their values beside them, and once without one if they have none; and those values."""
    assert via is not None
    owner = via.owners.selected_columns[0]
    pairs = via.owners.with_only_columns(owner.label("owner"), via.value.label("value")).where(via.value.is_not(None))
    beside = pairs.subquery()
    return inner.outerjoin(beside, beside.c.owner == via.id), beside.c.value


def _period(group: Group, value: Any, viewpoint: Viewpoint) -> Any:
    """The first day of the period a day lies in; any other value as it is."""
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        return value
    return viewpoint.calendar.period_of(value, group.granularity or "day").first


# --- From parts to values


def _added(parts: Sequence[Part], one: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    return [_combine(part.how, a, b) for part, a, b in zip(parts, one, other, strict=True)]


def _combine(how: How, a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    if how is How.DISTINCT:
        a.update(b)
        return a
    return min(a, b) if how is How.MIN else max(a, b) if how is How.MAX else a + b


def _finish(metric: Metric, by_currency: dict[str | None, list[Any]], main_currency: str) -> Any:
    if metric.currency is not None:
        return _money(metric, by_currency, main_currency)
    nothing: list[Any] = [None] * len(metric.parts)
    found = rounded(metric.finish(by_currency.get(None, nothing)), metric.unit)
    return 0 if found is None and metric.is_zero_when_empty else found


def _money(metric: Metric, by_currency: dict[str | None, list[Any]], main_currency: str) -> Any:
    """One amount, or one for each currency, the workspace's first. Amounts without a currency are in that."""
    merged: dict[str, list[Any]] = {}
    for currency, parts in by_currency.items():
        name = currency or main_currency
        merged[name] = _added(metric.parts, merged[name], parts) if name in merged else parts
    finished = {name: rounded(metric.finish(parts), Unit.MONEY) for name, parts in merged.items()}
    names = sorted(name for name, value in finished.items() if value is not None)
    names.sort(key=lambda name: name != main_currency)
    if not names:
        return Money(0, main_currency) if metric.is_zero_when_empty else None
    amounts = [Money(finished[name], name) for name in names]
    return amounts[0] if len(amounts) == 1 else amounts


def size(value: Any, main_currency: str) -> tuple[int, Any, Any]:
    """What values of one kind are ordered by: texts without case, money by the workspace's currency first."""
    if value is None:
        return (0, 0, 0)
    if isinstance(value, Money | list):
        amounts = value if isinstance(value, list) else [value]
        main = [money.amount for money in amounts if money.currency == main_currency]
        return (1 if main else 0, main[0] if main else Decimal(0), max(money.amount for money in amounts))
    return (1, value.casefold() if isinstance(value, str) else value, 0)
