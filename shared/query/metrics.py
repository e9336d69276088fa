"""What can be measured: named metrics, each defined once, and aggregates of any field.

A measure is added up by the database in `parts` that can be added up further (days to months, stages to pipelines), and
finished in Python: an average is a sum and a count until the last moment. Money stays apart by currency throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, literal, select, type_coerce
from sqlalchemy.orm import aliased

from shared.models import Deal, Meeting, Stage, StageType
from shared.query.fields import ENTITIES, is_stage
from shared.query.plan import Measure
from shared.query.types import Entity, Expression, Field, FieldType

ANY = ""  # the entity of a metric that can be taken of all


class Unit(StrEnum):
    """What a measured number is."""

    COUNT = "count"
    NUMBER = "number"
    MONEY = "money"  # minor units, one for each currency
    PERCENT = "percent"
    DAYS = "days"
    SECONDS = "seconds"
    DATE = "date"
    DATETIME = "datetime"


class How(StrEnum):
    """How a part is added up, by the database and after it."""

    SUM = "sum"
    COUNT = "count"
    DISTINCT = "distinct"
    MIN = "min"
    MAX = "max"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A value of each row, and how the rows' values become one. COUNT counts those that are not NULL, DISTINCT the
    different ones among them: a number, or the set of them where it has still to be added up.

    `field` says that the value is that of a field, which may be had in another way.
    """

    how: How
    of: Expression
    field: Field | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """What a measure is made of: the rows it looks at, the parts, and how they make the number.

    `finish` gets the parts in order, None where no row had a value. `where` in words a list understands is `filters`.
    `beside` is a table that parts look into, joined to the rows by a condition: of every row there is one.
    """

    name: str
    entity: str
    unit: Unit
    parts: tuple[Part, ...]
    finish: Callable[[Sequence[Any]], Any]
    where: ColumnElement[bool] | None = None
    filters: tuple[tuple[str, str], ...] = ()
    currency: Expression | None = None
    is_zero_when_empty: bool = False
    beside: tuple[Any, ColumnElement[bool]] | None = None


def _sum(parts: Sequence[Any]) -> Any:
    return parts[0]


def _size(parts: Sequence[Any]) -> Any:
    return len(parts[0]) if isinstance(parts[0], set) else parts[0]


def _ratio(parts: Sequence[Any]) -> Any:
    total, count = parts
    return Decimal(str(total)) / count if count else None


def _percent(parts: Sequence[Any]) -> Any:
    won, lost = (part or 0 for part in parts)
    return Decimal(100 * won) / (won + lost) if won + lost else None


def _deal_field(name: str) -> Field:
    return ENTITIES["deal"].fields[name]


def _money(name: str, field: str, *states: StageType, is_average: bool = False) -> Metric:
    """A sum or average of an amount, of the deals in these states (none given: of all)."""
    amount = _deal_field(field)
    assert amount.minor is not None
    filters = ((("stage_type", ",".join(states)),)) if states else ()
    return Metric(
        name, "deal", Unit.MONEY, *_totalled(amount.minor, amount.per_minor, is_average=is_average),
        where=is_stage(*states) if states else None, filters=filters, currency=amount.currency,
        is_zero_when_empty=not is_average,
    )  # fmt: skip


def _weighted_pipeline() -> Metric:
    """The field `weighted_amount` of open deals. A stage looked up for each row would take most of the time."""
    plain, stage = _money("weighted_pipeline", "weighted_amount", StageType.OPEN), aliased(Stage)
    likely = func.coalesce(Deal.probability, stage.probability)
    parts = (replace(plain.parts[0], of=Deal.amount_minor * likely),)
    return replace(plain, parts=parts, beside=(stage, stage.id == Deal.stage_id))


def _totalled(
    value: Expression, per: int, *, is_average: bool
) -> tuple[tuple[Part, ...], Callable[[Sequence[Any]], Any]]:
    if is_average:
        parts = (Part(How.SUM, value), Part(How.COUNT, value))
        return parts, lambda found: None if not found[1] else Decimal(str(found[0])) / found[1] / per
    return (Part(How.SUM, value),), lambda found: None if found[0] is None else Decimal(str(found[0])) / per


def _average_days(name: str, field: str, *states: StageType) -> Metric:
    known = _deal_field(field)
    days = known.expression
    assert days is not None
    parts = (Part(How.SUM, days, known), Part(How.COUNT, days, known))
    filters = (("stage_type", ",".join(states)),)
    return Metric(name, "deal", Unit.DAYS, parts, _ratio, where=is_stage(*states), filters=filters)


#: What is counted where records are.
ONE = literal(1, Integer())


def _win_rate() -> Metric:
    won, lost = (case((is_stage(state), 1), else_=0) for state in (StageType.WON, StageType.LOST))
    return Metric(
        "win_rate", "deal", Unit.PERCENT, (Part(How.SUM, won), Part(How.SUM, lost)), _percent,
        where=is_stage(StageType.WON, StageType.LOST), filters=(("stage_type", "won,lost"),),
    )  # fmt: skip


#: Every named metric.
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("count", ANY, Unit.COUNT, (Part(How.COUNT, ONE),), _sum, is_zero_when_empty=True),
        _money("open_pipeline", "amount", StageType.OPEN),
        _weighted_pipeline(),
        _money("won_amount", "amount", StageType.WON),
        _money("lost_amount", "amount", StageType.LOST),
        _money("total_amount", "amount"),
        _money("average_deal", "amount", is_average=True),
        _win_rate(),
        _average_days("average_cycle_days", "cycle_days", StageType.WON),
        _average_days("average_stale_days", "stale_days", StageType.OPEN),
        Metric(
            "total_duration_s", "meeting", Unit.SECONDS, (Part(How.SUM, Meeting.duration_s),), _sum,
            is_zero_when_empty=True,
        ),
    )
}  # fmt: skip

_MEASURED = (FieldType.NUMBER, FieldType.MONEY)
_ORDERED = (*_MEASURED, FieldType.DATE, FieldType.DATETIME)


def metric_of(entity: Entity, measure: Measure) -> Metric:
    """What a measure means for an entity. Raises ValueError with a sentence."""
    if measure.metric is not None:
        return _named(entity, measure)
    if measure.aggregate is None:
        raise ValueError("A measure is a metric, or an aggregate.")
    if measure.field is None:
        if measure.aggregate != "count":
            raise ValueError(f"“{measure.aggregate}” needs a field.")
        return METRICS["count"]
    field = entity.fields.get(measure.field)
    if field is None:
        raise ValueError(f"“{measure.field}” is no field of {entity.name}.")
    return _aggregate(measure, field)


def _named(entity: Entity, measure: Measure) -> Metric:
    if measure.aggregate is not None or measure.field is not None:
        raise ValueError("A named metric takes neither aggregate nor field.")
    metric = METRICS.get(str(measure.metric))
    if metric is None or metric.entity not in (ANY, entity.name):
        names = ", ".join(m.name for m in METRICS.values() if m.entity in (ANY, entity.name))
        raise ValueError(f"“{measure.metric}” is no metric of {entity.name}; there are {names}.")
    return metric


def _aggregate(measure: Measure, field: Field) -> Metric:
    kind, value = measure.aggregate, field.expression
    if kind == "distinct":
        return Metric(measure.name, ANY, Unit.COUNT, _different(field), _size, is_zero_when_empty=True)
    if value is None:
        raise ValueError(f"“{field.name}” has several values in a record and cannot be measured.")
    if kind == "count":
        return Metric(measure.name, ANY, Unit.COUNT, (Part(How.COUNT, value, field),), _sum, is_zero_when_empty=True)
    if kind in ("min", "max"):
        if field.type not in _ORDERED:
            raise ValueError(f"“{field.name}” has no least and no greatest value.")
        return _extreme(measure, field, How(kind))
    if field.type not in _MEASURED:
        raise ValueError(f"“{field.name}” is no number; it cannot be added up.")
    is_average = kind == "avg"
    of, per = (field.minor, field.per_minor) if field.minor is not None else (value, 1)
    parts, finish = _totalled(of, per, is_average=is_average)
    parts = tuple(replace(part, field=field) for part in parts)
    return Metric(
        measure.name, ANY, _unit(field), parts, finish, currency=field.currency, is_zero_when_empty=not is_average
    )


def _different(field: Field) -> tuple[Part, ...]:
    if field.type is FieldType.MONEY:
        raise ValueError(f"“{field.name}” is money; amounts are added up, not told apart.")
    return (Part(How.DISTINCT, different(field), field),)


def different(field: Field, value: Expression | None = None) -> ColumnElement[Any]:
    """The value of a field to be told from others: nothing for an empty text, or for a record that was deleted.

    `value` is where it stands for a field that is only in rows beside its record.
    """
    found: Any = field.expression if value is None else value
    if found is None:
        assert field.via is not None
        found = field.via.value
    if field.type is FieldType.TEXT:
        return func.nullif(found, "")
    target = ENTITIES.get(field.target or "")
    if target is None or field.name == "id":
        return type_coerce(found, found.type)
    there = select(target.model.id).where(*target.live).correlate(None)
    return case((found.in_(there), found))


def _extreme(measure: Measure, field: Field, how: How) -> Metric:
    if field.minor is not None:
        part, per = Part(how, field.minor), field.per_minor
        return Metric(
            measure.name, ANY, Unit.MONEY, (part,),
            lambda found: None if found[0] is None else Decimal(found[0]) / per, currency=field.currency,
        )  # fmt: skip
    assert field.expression is not None
    return Metric(measure.name, ANY, _unit(field), (Part(how, field.expression, field),), _sum)


def _unit(field: Field) -> Unit:
    if field.name.endswith("_days") or field.name.startswith("days_"):
        return Unit.DAYS
    if field.name.endswith("_s"):
        return Unit.SECONDS
    kinds = {FieldType.MONEY: Unit.MONEY, FieldType.DATE: Unit.DATE, FieldType.DATETIME: Unit.DATETIME}
    return kinds.get(field.type, Unit.NUMBER)


def rounded(value: Any, unit: Unit) -> Any:
    """A finished measure as it is answered: whole numbers as int, money in whole minor units, else 6 decimals."""
    if value is None or unit in (Unit.DATE, Unit.DATETIME):
        return value
    if unit is Unit.MONEY:
        return int(Decimal(value).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    exact = round(float(value), 6)
    return int(exact) if exact.is_integer() and not isinstance(value, float) else exact
