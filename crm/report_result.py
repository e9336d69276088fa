"""What a report's page and its file show of an answer: figures, the table beside them, a sheet of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from crm import charts, downloads
from shared.models import Chart
from shared.query import Plan, Result
from shared.query.plan import MAX_ROWS
from shared.records.deals import to_major


def shown(plan: Plan, chart: Chart, name: str) -> dict[str, Any]:
    """What `reports/_result.html` draws. `name` is what the report is called."""
    result, chart = charts.answer(plan), _fitting(chart, plan)
    is_drawn = result.groups and chart not in (Chart.TABLE, Chart.NUMBER)
    drawn = charts.drawn(result) if is_drawn else []
    figures = charts.figures(result, drawn, chart.value) if is_drawn else []
    titles = [f"{name}: {one.title}" if name and len(figures) > 1 else name or one.title for one in figures]
    files = [downloads.named(title if name else "", "report") for title in titles]
    return {
        "result": result,
        "chart": chart.value,
        "figures": list(zip(figures, titles, files, strict=True)),
        "drawn": len(drawn),
        "table": _table(result),
    }


def _fitting(chart: Chart, plan: Plan) -> Chart:
    """How it is drawn: groups are no one figure, and what has none is nothing else."""
    is_fitting = chart is Chart.TABLE or (plan.group and chart is not Chart.NUMBER)
    return chart if is_fitting else usual_chart([group.granularity for group in plan.group])


def usual_chart(periods: Sequence[str | None]) -> Chart:
    """How an answer is best drawn, before somebody says so, by the period of each group, if it is one of time."""
    if not periods:
        return Chart.NUMBER
    return Chart.COLUMNS if periods[0] else Chart.BARS


def _table(result: Result) -> dict[str, Any]:
    depth = len(result.plan.group)
    measured = result.columns[depth:]
    if not depth:
        values = (
            result.value if isinstance(result.value, dict) and len(measured) > 1 else {measured[0].name: result.value}
        )
        texts = [charts.text(values[c.name], c.type) for c in measured]
        return {
            "heads": [_("All"), *(charts.heading(c.label) for c in measured)],
            "rows": [(result.sentence, result.href, texts)],
        }
    rows = [
        (row.name, charts.href(result.plan, row.key), [charts.text(row.values[c.name], c.type) for c in measured])
        for row in result.groups
    ]
    named = " · ".join(charts.heading(c.label) for c in result.columns[:depth])
    return {"heads": [named, *(charts.heading(c.label) for c in measured)], "rows": rows}


def whole(plan: Plan) -> Result:
    """The answer with all its groups, where the plan asks for no fewer than a page shows."""
    result = charts.answer(plan)
    while result.is_truncated and plan.limit == MAX_ROWS and len(result.groups) < result.total:
        more = charts.answer(plan.model_copy(update={"skip": plan.skip + len(result.groups)}))
        if not more.groups:  # there were more a moment ago
            break
        result = replace(result, groups=[*result.groups, *more.groups])
    return result


def sheet(result: Result) -> Iterator[list[Any]]:
    """Heads and rows for a spreadsheet: numbers it can add up, money with a column a currency."""
    table, measured = _table(result), result.columns[len(result.plan.group) :]
    if not result.plan.group:
        yield from ([table["heads"]] + [[name, *texts] for name, _href, texts in table["rows"]])
        return
    columns = []
    for column in measured:
        sums = [charts.amounts(row.values[column.name]) for row in result.groups] if column.type == "money" else []
        columns += [(column, currency) for currency in sorted({c for parts in sums for c in parts})] or [(column, "")]
    heads = [charts.heading(c.label) + (f" ({currency})" if currency else "") for c, currency in columns]
    yield [table["heads"][0], *heads]
    for row in result.groups:
        yield [row.name, *(_cell(row.values[column.name], currency) for column, currency in columns)]


def _cell(value: Any, currency: str) -> Any:
    if currency:
        minor = charts.amounts(value).get(currency)
        return None if minor is None else to_major(minor, currency)
    if value is None or isinstance(value, (int, float)):
        return round(value, 4) if isinstance(value, float) else value
    return charts.text(value, "")
