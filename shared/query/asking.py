"""Answering a plan: check, compile, run, and say what was asked.

Plan ─ check_plan ─ compiler.rows_of ─┬─ rows, in order, and how many there are in all
                                      └─ measuring.measure ─ a value, or one for each group
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, null, select

from shared.models import workspace_of
from shared.query import comparing, compiler, linking, measuring, wording
from shared.query.catalog import catalog
from shared.query.checking import check_plan
from shared.query.conditions import Viewpoint
from shared.query.measuring import Measured
from shared.query.metrics import Metric, Unit, metric_of, rounded
from shared.query.plan import Node, Plan, Versus
from shared.query.results import Column, GroupRow, Money, Result, Row
from shared.query.types import Entity, Field, FieldType
from shared.tenancy import TenantSession

TIME_LIMIT_S = 2.0

_Value = Callable[[GroupRow], Any]


def ask(
    session: TenantSession,
    plan: Plan,
    *,
    user_id: int | None,
    zone: ZoneInfo | None = None,
    language: str = "en",
    locale: str = "en",
    time_limit_s: float = TIME_LIMIT_S,
) -> Result:
    """The answer to a plan within the session's workspace, as a user (`me`) in a zone (else the workspace's) asks it.

    `language` (en, de) is that of the sentence and labels, `locale` that of numbers and dates in them.
    Raises Invalid for a plan that asks for what there is not, Unavailable when it takes too long.
    """
    entities = catalog(session)
    check_plan(plan, entities)
    viewpoint = Viewpoint.of(session, user_id=user_id, zone=zone)
    with compiler.limited(session, time_limit_s):
        asked = _Asked(session, plan, viewpoint, wording.Words(session, viewpoint, language, locale), entities)
        return asked.measured() if plan.is_measured else asked.listed()


def ids_of(
    session: TenantSession, plan: Plan, *, user_id: int | None, zone: ZoneInfo | None = None, most: int
) -> list[int]:
    """The ids of the records that a plan means, at most so many: all of them, or of ranked ones the first `limit`.

    Raises as `ask` does.
    """
    entities = catalog(session)
    check_plan(plan, entities)
    viewpoint = Viewpoint.of(session, user_id=user_id, zone=zone)
    with compiler.limited(session, TIME_LIMIT_S):
        asked = _Asked(session, plan, viewpoint, wording.Words(session, viewpoint, "en", "en"), entities)
        if plan.is_ranked:
            return [*session.scalars(asked.wanted(), viewpoint.parameters)][: plan.limit]
        model = asked.entity.model
        meant: Select[tuple[int]] = select(model.id).where(*asked.where).order_by(model.id).limit(most)
        return list(session.scalars(meant, viewpoint.parameters))


class _Asked:
    """One plan being answered."""

    def __init__(
        self,
        session: TenantSession,
        plan: Plan,
        viewpoint: Viewpoint,
        words: wording.Words,
        entities: Mapping[str, Entity],
    ) -> None:
        self.session, self.plan, self.viewpoint, self.words = session, plan, viewpoint, words
        self.entities, self.entity = entities, entities[plan.from_]
        self.where = self._meant(plan.where)
        self.main_currency = workspace_of(session).currency

    def _meant(self, node: Node | None) -> list[ColumnElement[bool]]:
        nodes = [] if node is None else [node]
        return compiler.rows_of(self.session, self.entity, nodes, self.viewpoint, q=self.plan.q)

    # --- Rows

    def listed(self) -> Result:
        """The records, and how many there are."""
        fields = _columns(self.entity, self.plan)
        found = self._rows(fields)
        rows = [self._row(record, fields) for record in found[: self.plan.limit]]
        is_end = 0 < len(found) <= self.plan.limit or not (found or self.plan.skip)
        total = self.plan.skip + len(found) if is_end else self._count()
        columns = [Column(field.name, self.words.label(self.entity, field), field.type.value) for field in fields]
        columns.insert(0, Column("name", self.words.heading(self.entity), FieldType.TEXT.value))
        return self._result(columns, total, rows=rows, is_truncated=total > self.plan.skip + len(rows))

    def _rows(self, fields: Sequence[Field]) -> list[Any]:
        """Ids first: what a sort throws away again is then never looked up."""
        model = self.entity.model
        ids = list(self.session.scalars(self.wanted(), self.viewpoint.parameters))
        external_id = self.entity.fields.get("external_id")
        columns: list[Any] = [model.id, self.entity.title.label("title")]
        columns.append(external_id.expression if external_id else null())
        columns.append(self.entity.page[1] if self.entity.page else null())
        for i, field in enumerate(fields):
            columns.append(_selected(field).label(f"f{i}"))
            if field.currency is not None:
                columns.append(field.currency.label(f"c{i}"))
        shown = select(*columns).where(model.workspace_id == self.session.workspace_id, model.id.in_(ids))
        found = {row[0]: row for row in self.session.execute(shown, self.viewpoint.parameters)} if ids else {}
        return [found[id] for id in ids if id in found]

    def wanted(self) -> Select[tuple[int]]:
        """The ids of the rows, in order, one more than asked for."""
        orders = [(self.entity.fields[order.by], order.descending) for order in self.plan.order]
        wanted = select(self.entity.model.id).where(*self.where).limit(self.plan.limit + 1).offset(self.plan.skip)
        for i, (field, descending) in enumerate(orders):
            table = compiler.over_all(self.session, self.entity, field, self.where, self.viewpoint)
            if table is not None:
                wanted = wanted.outerjoin(table, table.c.owner == self.entity.model.id)
                orders[i] = (replace(field, sort=field.over(table)), descending)
        orders = orders or [compiler.orders_of(self.entity, self.entity.default_sort)]
        return wanted.order_by(*compiler.order_of(self.entity, orders))

    def _row(self, record: Any, fields: Sequence[Field]) -> Row:
        id_, title, external_id, page_id, *rest = record
        name = self.words.title(self.entity, title)
        values: dict[str, Any] = {"name": name}
        given = iter(rest)
        for field in fields:
            value = next(given)
            if field.currency is not None:
                currency = next(given) or self.main_currency
                value = (
                    None if value is None else Money(rounded(Decimal(value) / field.per_minor, Unit.MONEY), currency)
                )
            value = _plain(value)
            values[field.name] = field.labels.get(value, value) if field.labels else value
        page = (self.entity.page[0], page_id) if self.entity.page else None
        return Row(self.entity.name, id_, external_id, name, values, page)

    def _count(self) -> int:
        counted = select(func.count()).select_from(self.entity.model).where(*self.where)
        return int(self.session.scalar(counted, self.viewpoint.parameters) or 0)

    # --- Measures

    def measured(self) -> Result:
        """A value for each measure, of everything or of each group."""
        metrics = [metric_of(self.entity, measure) for measure in self.plan.measures]
        found = self._measure(metrics)
        names = [measure.name for measure in self.plan.measures]
        columns = [
            Column(name, self.words.measure(self.entity, measure), metric.unit.value)
            for name, measure, metric in zip(names, self.plan.measures, metrics, strict=True)
        ]
        if self.plan.group:
            return self._grouped(names, metrics, found, columns)
        if self.plan.versus is not None:
            return self._compared(self.plan.versus, metrics[0], found[0], columns[0])
        values = {name: measured.values[()] for name, measured in zip(names, found, strict=True)}
        value = values[names[0]] if len(names) == 1 else values
        return self._result(columns, max(sum(m.counts.values()) for m in found), value=value)

    def _measure(self, metrics: Sequence[Metric], where: list[ColumnElement[bool]] | None = None) -> list[Measured]:
        return measuring.measure_all(
            self.session, self.entity, metrics, self.where if where is None else where, self.plan.group, self.viewpoint,
            main_currency=self.main_currency,
        )  # fmt: skip

    def _compared(self, versus: Versus, metric: Metric, one: Measured, column: Column) -> Result:
        other = self._measure([metric], self._meant(versus.where))[0]
        figures = (one.values[()], other.values[()])
        value = comparing.compared(versus, *figures, self.main_currency)
        unit = Unit.PERCENT.value if versus.kind == "ratio" else column.type
        return self._result([replace(column, type=unit)], sum(one.counts.values()), value=value, figures=figures)

    def _grouped(self, names: list[str], metrics: list[Metric], found: list[Measured], columns: list[Column]) -> Result:
        of_key = {
            key: {
                name: measured.values.get(key, measuring.empty(metric, self.main_currency))
                for name, metric, measured in zip(names, metrics, found, strict=True)
            }
            for key in dict.fromkeys(key for measured in found for key in measured.values)
        }
        wanted = {key: values for key, values in of_key.items() if self._holds(values)}
        labels = self.words.group_names(self.entity, self.plan.group, list(wanted))
        groups = [
            GroupRow(labels[key], key[0] if len(key) == 1 else list(key), values) for key, values in wanted.items()
        ]
        self._sort(groups)
        heads = [
            Column(group.field, self.words.label(self.entity, self.entity.fields[group.field]), "text")
            for group in self.plan.group
        ]
        end = self.plan.skip + self.plan.limit
        shown = groups[self.plan.skip : end]
        return self._result([*heads, *columns], len(groups), groups=shown, is_truncated=len(groups) > end)

    def _holds(self, values: dict[str, Any]) -> bool:
        return all(comparing.holds(having, values[having.by]) for having in self.plan.having)

    def _sort(self, groups: list[GroupRow]) -> None:
        """By what was asked; else days and stages as they come, and the most first. The last sort counts most."""
        fields = [group.field for group in self.plan.group]
        groups.sort(key=lambda row: (row.name.casefold(), str(row.key)))
        if self.entity.fields[fields[0]].type in (FieldType.NUMBER, FieldType.MONEY):  # 2 comes before 10
            groups.sort(key=lambda row: _key(0, row) or 0)
            groups.sort(key=lambda row: _key(0, row) is None)
        orders = [(order.by, order.descending) for order in self.plan.order] or self._own_order(fields)
        for by, descending in reversed(orders):
            value = self._place(fields.index(by), by) if by in fields else partial(_measured, by)
            groups.sort(key=self._size(value), reverse=descending)
            groups.sort(key=self._is_missing(value))

    def _place(self, at: int, name: str) -> _Value:
        places = self.words.places(self.entity, name)
        return (lambda row: places.get(_key(at, row))) if places else partial(_key, at)

    def _size(self, value: _Value) -> Callable[[GroupRow], Any]:
        return lambda row: measuring.size(value(row), self.main_currency)

    def _is_missing(self, value: _Value) -> Callable[[GroupRow], bool]:
        return lambda row: value(row) is None

    def _own_order(self, fields: list[str]) -> list[tuple[str, bool]]:
        first = self.entity.fields[fields[0]]
        if first.type in (FieldType.DATE, FieldType.DATETIME) or self.words.places(self.entity, first.name):
            return [(first.name, False)]
        return [(self.plan.measures[0].name, True)]

    # --- Both

    def _result(self, columns: list[Column], total: int, **more: Any) -> Result:
        sentence = self.words.sentence(self.plan)
        href = linking.href(self.plan, self.entities, user_id=self.viewpoint.user_id)
        return Result(self.plan, self.entity.name, columns, total, sentence=sentence, href=href, **more)


def _columns(entity: Entity, plan: Plan) -> list[Field]:
    """What was asked for, else the type's own and what the order goes by."""
    names = plan.fields or (*entity.shown, *(order.by for order in plan.order))
    fields = (entity.fields[name] for name in dict.fromkeys(names) if name not in ("name", "id"))
    return [field for field in fields if field.selected is not None and not _is_title(entity, field)]


def _is_title(entity: Entity, field: Field) -> bool:
    return field.expression is entity.title


def _selected(field: Field) -> Any:
    return field.selected if field.minor is None else field.minor


def _plain(value: Any) -> Any:
    return getattr(value, "value", value) if isinstance(value, str) else value


def _key(at: int, row: GroupRow) -> Any:
    return row.key[at] if isinstance(row.key, list) else row.key


def _measured(name: str, row: GroupRow) -> Any:
    return row.values[name]
