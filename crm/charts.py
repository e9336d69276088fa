"""Answers as figures: what a chart draws and the table beside it says, each group with the list behind it.

Money has one figure for each currency: there is no axis on which euros and yen stand together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _

from crm import localization, web
from shared.query import Money, Plan, Result, ask, catalog, drilling
from shared.query.catalog import PREFIX
from shared.query.gaps import without_gaps
from shared.query.plan import Cmp, Measure, joined, parts_of
from shared.query.results import Column, GroupRow

#: Groups of a chart; the table has those of the answer, the CSV all that there are. Of time there may be more: columns
#: need no names beside each.
MOST, MOST_PERIODS = 40, 120


@dataclass(frozen=True, slots=True)
class Point:
    """A group: `values` by series, `texts` the same for people; `hrefs` where the series are of different records.

    None is drawn as nothing: there is no average of nothing, and a line goes on at the next value.
    """

    name: str
    values: list[float | None]
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
    return ask(web.session(), plan, **_asker())


def _asker() -> dict[str, Any]:
    locale = localization.locale()
    return {
        "user_id": web.current_user.id, "zone": localization.zone(), "language": locale.language, "locale": str(locale),
    }  # fmt: skip


def drawn(result: Result) -> Sequence[GroupRow]:
    """The groups that its charts have: of time each period, of other groups the first."""
    groups = without_gaps(web.session(), result, most=MOST_PERIODS, **_asker())
    is_whole = len(groups) <= MOST_PERIODS and _is_of_time(groups) and len(result.plan.group) == 1
    return groups if is_whole else groups[:MOST]


def figures(result: Result, groups: Sequence[GroupRow], kind: str) -> list[Figure]:
    """The charts of a grouped answer, of which `groups` are drawn: one a measure, and one a currency of it."""
    measured = zip(result.plan.measures, result.columns[len(result.plan.group) :], strict=True)
    return [
        figure for measure, column in measured for figure in _of_measure(result.plan, groups, measure, column, kind)
    ]


def _of_measure(plan: Plan, groups: Sequence[GroupRow], measure: Measure, column: Column, kind: str) -> list[Figure]:
    alone = plan.model_copy(update={"measures": (measure,)})  # the bars of what is won open what is won
    currencies = list(dict.fromkeys(name for group in groups for name in _split(group.values[column.name])))
    several = len([name for name in currencies if name]) > 1
    title, is_of_time = heading(column.label), _is_of_time(groups)
    is_own = (measure.field or "").startswith(PREFIX)  # no list is narrowed by the currency of an own field
    found = []
    for currency in [name for name in currencies if name] or [""]:
        narrowed = currency if several and not is_own else ""
        points = [
            Point(group.name, [part[0]], [part[1]], href(alone, group.key, narrowed))
            for group in groups
            if (part := _part(group.values[column.name], currency, column.type, is_of_time)) is not None
        ]
        found.append(Figure(f"{title} ({currency})" if several else title, kind, points))
    return found


def _is_of_time(groups: Sequence[GroupRow]) -> bool:
    return any(isinstance(group.key, date) for group in groups)


def _part(value: Any, currency: str, unit: str, is_wanted: bool) -> tuple[float | None, str] | None:
    """What of a measured value is in a currency: a number and its text. None for nothing that is not `is_wanted`."""
    split = _split(value)
    if currency in split:
        number, words = split[currency]
        return number, words or text(value, unit)
    if not is_wanted:
        return None
    return (None, "–") if value is None else (0.0, localization.money(0, currency))


def _split(value: Any) -> dict[str, tuple[float | None, str]]:
    """A measured value by currency ("" for what is no money): a number and, for money, its text."""
    if isinstance(value, Money):
        value = [value]
    if isinstance(value, list):
        return {
            part.currency: (float(part.amount), localization.money(part.amount_minor, part.currency)) for part in value
        }
    return {"": (float(value) if isinstance(value, (int, float)) else None, "")}


def heading(label: str) -> str:
    """A column's label, which may stand in the middle of a sentence, as what stands over it."""
    return label[:1].upper() + label[1:]


def href(plan: Plan, key: Any, currency: str = "") -> str:
    """The list behind a group, or behind what of it is in one currency."""
    entities = catalog(web.session())
    is_grouped_so = any(group.field == "currency" for group in plan.group)
    if currency and not is_grouped_so and "currency" in entities[plan.from_].fields:
        only = Cmp(field="currency", values=(currency,))
        plan = plan.model_copy(update={"where": joined([only, *parts_of(plan.where)])})
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
