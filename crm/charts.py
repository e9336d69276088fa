"""Answers as figures: what a chart draws and the table beside it says, each group with the list behind it.

Money has one figure for each currency: there is no axis on which euros and yen stand together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from crm import localization, web
from shared.query import Money, Plan, Result, ask, catalog, drilling
from shared.query.catalog import PREFIX
from shared.query.plan import And, Cmp, Measure
from shared.query.results import Column

#: Groups of a chart; the table has those of the answer, the CSV all that there are.
MOST = 40


@dataclass(frozen=True, slots=True)
class Point:
    """A group: `values` by series, `texts` the same for people; `hrefs` where the series are of different records."""

    name: str
    values: list[float]
    texts: list[str]
    href: str = ""
    hrefs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Figure:
    """One chart. `kind` is bars, columns or line; `series` are named if there are several."""

    title: str
    kind: str
    points: list[Point]
    series: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for point in self.points for value in point.values)

    @property
    def data(self) -> dict[str, Any]:
        """As the script draws it."""
        points = [{name: getattr(point, name) for name in Point.__slots__} for point in self.points]
        return {"title": self.title, "kind": self.kind, "points": points, "series": self.series}


def answer(plan: Plan) -> Result:
    """What the signed-in user gets for a plan."""
    locale = localization.locale()
    return ask(
        web.session(), plan, user_id=web.current_user.id, zone=localization.zone(), language=locale.language,
        locale=str(locale),
    )  # fmt: skip


def figures(result: Result, kind: str) -> list[Figure]:
    """The charts of a grouped answer: one a measure, and one a currency of it."""
    measured = zip(result.plan.measures, result.columns[len(result.plan.group) :], strict=True)
    return [figure for measure, column in measured for figure in _of_measure(result, measure, column, kind)]


def _of_measure(result: Result, measure: Measure, column: Column, kind: str) -> list[Figure]:
    alone = result.plan.model_copy(update={"measures": (measure,)})  # the bars of what is won open what is won
    groups = result.groups[:MOST]
    by_currency: dict[str, list[Point]] = {}
    currencies = {name for group in groups for name in _split(group.values[column.name])}
    several = len(currencies - {""}) > 1
    is_own = (measure.field or "").startswith(PREFIX)  # no list is narrowed by the currency of an own field
    for group in groups:
        for currency, value in _split(group.values[column.name]).items():
            by_currency.setdefault(currency, []).append(
                Point(
                    group.name,
                    [value[0]],
                    [value[1] or text(group.values[column.name], column.type)],
                    href(alone, group.key, currency if several and not is_own else ""),
                )
            )
    title = heading(column.label)
    return [
        Figure(f"{title} ({currency})" if several and currency else title, kind, points)
        for currency, points in by_currency.items()
        if currency or not several
    ]


def _split(value: Any) -> dict[str, tuple[float, str]]:
    """A measured value by currency ("" for what is no money): a number and, for money, its text."""
    if isinstance(value, Money):
        value = [value]
    if isinstance(value, list):
        return {
            part.currency: (float(part.amount), localization.money(part.amount_minor, part.currency)) for part in value
        }
    return {"": (float(value) if isinstance(value, (int, float)) else 0.0, "")}


def heading(label: str) -> str:
    """A column's label, which may stand in the middle of a sentence, as what stands over it."""
    return label[:1].upper() + label[1:]


def href(plan: Plan, key: Any, currency: str = "") -> str:
    """The list behind a group, or behind what of it is in one currency."""
    entities = catalog(web.session())
    is_grouped_so = any(group.field == "currency" for group in plan.group)
    if currency and not is_grouped_so and "currency" in entities[plan.from_].fields:
        only = Cmp(field="currency", values=(currency,))
        plan = plan.model_copy(update={"where": only if plan.where is None else And(of=(only, plan.where))})
    return drilling.href(plan, key, entities, user_id=web.current_user.id)


def text(value: Any, unit: str) -> str:
    """A measured value for people."""
    if value is None:
        return "–"
    if isinstance(value, Money):
        return localization.money(value.amount_minor, value.currency)
    if isinstance(value, list):
        return " · ".join(text(part, unit) for part in value) or "–"
    if unit == "percent":
        return f"{localization.number(round(value, 1))} %"
    if unit == "days":
        return str(_("%(n)s days", n=localization.number(round(value, 1))))
    if unit == "seconds":
        return str(_("%(n)s h", n=localization.number(round(value / 3600, 1))))
    if unit in ("date", "datetime"):
        return localization.day(value)
    return localization.number(round(value, 2) if isinstance(value, float) else value)


def amounts(value: Any) -> Mapping[str, int]:
    """Measured money by currency, in minor units."""
    parts: Sequence[Money] = [value] if isinstance(value, Money) else value or []
    return {part.currency: part.amount_minor for part in parts}
