"""Reports: a question put together from measure, group and filter, drawn, kept, shared, taken along."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import ValidationError

from crm import charts, exporting, list_columns, listing, localization, web
from crm.list_page import person
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.errors import AppError, Invalid
from shared.models import Chart, Report
from shared.query import Plan, Result, catalog
from shared.query.metrics import ANY, METRICS
from shared.query.plan import MAX_ROWS, Measure
from shared.query.types import Entity, FieldType
from shared.query.wording import Words
from shared.records import reports
from shared.records.deals import to_major

bp = Blueprint("reports", __name__, url_prefix="/reports")

ENTITY_NAMES = {
    "deal": _l("Deals"), "company": _l("Companies"), "contact": _l("Contacts"), "task": _l("Tasks"),
    "meeting": _l("Meetings"), "note": _l("Notes"), "insight": _l("Insights"),
}  # fmt: skip
CHART_NAMES = {
    Chart.BARS: _l("Bars"), Chart.COLUMNS: _l("Columns"), Chart.LINE: _l("Line"), Chart.TABLE: _l("Table"),
    Chart.NUMBER: _l("One figure"),
}  # fmt: skip
PERIODS = {"day": _l("Day"), "week": _l("Week"), "month": _l("Month"), "quarter": _l("Quarter"), "year": _l("Year")}
_LONGEST_NAME = 200
#: Parts of a plan that the builder does not show and keeps as they are.
_KEPT = ("order", "having", "limit", "skip", "q")


@bp.get("")
@requires(Scope.RECORDS_READ)
def list_() -> ResponseReturnValue:
    """One's own reports, and the shared ones."""
    starters = [(name, url_for("reports.new", plan=json.dumps(plan), name=name)) for name, plan in _starters()]
    return web.page("reports/list.html", reports=reports.visible(web.session(), person()), starters=starters)


def _starters() -> list[tuple[str, dict[str, Any]]]:
    """What most teams ask first, for the builder to begin with."""

    def plan(kind: str, metrics: str, group: str, period: str = "", **only: str) -> dict[str, Any]:
        by = {"field": group, "granularity": period} if period else {"field": group}
        where = [{"type": "cmp", "field": name, "op": "eq", "values": [value]} for name, value in only.items()]
        made = {"from": kind, "measures": [{"metric": name} for name in metrics.split()], "group": [by]}
        return made | ({"where": where[0]} if where else {})

    return [
        (_("Open deals by owner"), plan("deal", "open_pipeline count", "owner_id", stage_type="open")),
        (_("Won by month"), plan("deal", "won_amount count", "closed_at", "month", stage_type="won")),
        (_("Why deals are lost"), plan("deal", "count lost_amount", "lost_reason", stage_type="lost")),
        (_("Contacts by source"), plan("contact", "count", "source")),
        (_("Meetings by week"), plan("meeting", "count", "occurred_at", "week")),
        (_("Open tasks by person"), plan("task", "count", "assignee_id", status="open")),
    ]


@bp.get("/new")
@requires(Scope.RECORDS_READ)
def new() -> ResponseReturnValue:
    """The builder; `plan` in the address is where it begins, as a question of the assistant's can be kept."""
    given = request.args.get("plan")
    try:
        plan: dict[str, Any] = json.loads(given) if given else {}
        if not isinstance(plan, dict):
            raise ValueError
    except ValueError:
        raise Invalid.field("plan", _("This is no plan.")) from None
    if request.args.get("from") in ENTITY_NAMES:
        plan = {"from": request.args["from"]}
    begun = {"from": "deal", "measures": [{"metric": "count"}], "group": [{"field": "stage"}]}
    return _form(
        None, plan or begun, name=_name_of(plan) if plan.get("measures") and "name" not in request.args else ""
    )


def _name_of(plan: dict[str, Any]) -> str:
    """What a question is called as a report: itself, in words. Raises Invalid for one that cannot be asked."""
    found = reports.checked(web.session(), plan)
    said = _words().sentence(found.model_copy(update={"order": (), "limit": 50}))
    return said[:_LONGEST_NAME]


@bp.post("")
@requires(Scope.ACCOUNT_OWN)
def create() -> ResponseReturnValue:
    """Keep what the builder says."""
    try:
        report = reports.create(web.session(), _read(), person(), by=web.actor())
    except Invalid as error:
        web.abandon()
        return _form(None, _plan_of_form(), error)
    return web.go(url_for("reports.show", id=report.id))


@bp.get("/<int:id>")
@requires(Scope.RECORDS_READ)
def show(id: int) -> ResponseReturnValue:
    """Its figures, and the same as a table; or what is wrong with it."""
    report = _found(id)
    problem = reports.problem_of(web.session(), report)
    shown = {} if problem else _shown(reports.plan_of(report), report.chart, report.name)
    may_change = reports.may_change(report, person())
    return web.page("reports/show.html", report=report, problem=problem, may_change=may_change, **shown)


@bp.post("/preview")
@requires(Scope.RECORDS_READ)
def preview() -> ResponseReturnValue:
    """What the builder says, drawn beside it and not kept; where that is no plan yet, what is missing.

    The address of a new report's builder follows, so that a reload and the way back show what was chosen.
    """
    web.only_read()
    chart, plan = request.form.get("chart", ""), _plan_of_form()
    try:
        kind, name = Chart(chart if chart in set(Chart) else "bars"), request.form.get("name", "")
        shown = _shown(reports.checked(web.session(), plan), kind, name)
    except Invalid as error:
        return web.page("reports/_preview.html", problem=error.detail)
    answer = web.page("reports/_preview.html", **shown)
    if "version" not in request.form:
        said: dict[str, Any] = {
            name: request.form[name] for name in ("name", "chart", "is_shared") if name in request.form
        }
        answer.headers["HX-Replace-Url"] = url_for("reports.new", plan=json.dumps(plan), **said)
    return answer


def _shown(plan: Plan, chart: Chart, name: str) -> dict[str, Any]:
    """What `reports/_result.html` draws. `name` is what the report is called."""
    result, chart = charts.answer(plan), _fitting(chart, plan)
    is_drawn = result.groups and chart not in (Chart.TABLE, Chart.NUMBER)
    figures = charts.figures(result, chart.value) if is_drawn else []
    files = [exporting.named(f"{name} {figure.title}" if len(figures) > 1 else name, "report") for figure in figures]
    return {
        "result": result,
        "chart": chart.value,
        "figures": list(zip(figures, files, strict=True)),
        "most_drawn": charts.MOST,
        "table": _table(result),
    }


def _fitting(chart: Chart, plan: Plan) -> Chart:
    """How it is drawn: groups are no one figure, and what has none is nothing else."""
    is_fitting = chart is Chart.TABLE or (plan.group and chart is not Chart.NUMBER)
    return chart if is_fitting else _usual([group.granularity for group in plan.group])


def _usual(periods: Sequence[str | None]) -> Chart:
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


@bp.get("/<int:id>.csv")
@requires(Scope.RECORDS_READ)
def export(id: int) -> ResponseReturnValue:
    """The table as CSV."""
    report = _found(id)
    rows = list(_sheet(_whole(reports.plan_of(report))))
    return exporting.csv_response(rows, f"{exporting.named(report.name, f'report-{report.id}')}.csv")


def _whole(plan: Plan) -> Result:
    """The answer with all its groups, where the plan asks for no fewer than a page shows."""
    result = charts.answer(plan)
    while result.is_truncated and plan.limit == MAX_ROWS and len(result.groups) < result.total:
        more = charts.answer(plan.model_copy(update={"skip": plan.skip + len(result.groups)}))
        if not more.groups:  # there were more a moment ago
            break
        result = replace(result, groups=[*result.groups, *more.groups])
    return result


def _sheet(result: Result) -> Iterator[list[Any]]:
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


@bp.get("/<int:id>/edit")
@requires(Scope.RECORDS_READ)
def edit(id: int) -> ResponseReturnValue:
    """The builder with the report in it."""
    report = _found(id)
    return _form(report, report.plan)


@bp.post("/<int:id>")
@requires(Scope.ACCOUNT_OWN)
def update(id: int) -> ResponseReturnValue:
    """Change it as the builder says."""
    report = _found(id)
    version = request.form.get("version", type=int)
    try:
        reports.change(web.session(), report, _read(), person(), by=web.actor(), expecting=version)
    except Invalid as error:
        web.abandon()
        return _form(_found(id), _plan_of_form(), error)
    return web.go(url_for("reports.show", id=id))


@bp.post("/<int:id>/delete")
@requires(Scope.ACCOUNT_OWN)
def delete(id: int) -> ResponseReturnValue:
    """Delete it; the message brings it back."""
    report = _found(id)
    event = reports.remove(web.session(), report, person(), by=web.actor())
    undo_url = url_for("reports.bring_back", id=event.id)
    web.flash_message(_("The report “%(name)s” was deleted.", name=report.name), undo_url=undo_url)
    return web.go(url_for("reports.list_"))


@bp.post("/deleted/<int:id>/undo")
@requires(Scope.ACCOUNT_OWN)
def bring_back(id: int) -> ResponseReturnValue:
    """Take back that one deleted a report; `id` is the event of it."""
    report = reports.bring_back(web.session(), id, person(), by=web.actor())
    web.flash_message(_("The report “%(name)s” is back.", name=report.name))
    return web.go(url_for("reports.show", id=report.id))


def _found(id: int) -> Report:
    return reports.get(web.session(), id, person())


# --- The builder


def _form(
    report: Report | None, plan: dict[str, Any], error: AppError | None = None, *, name: str = ""
) -> ResponseReturnValue:
    suggested = name
    name = plan.get("from", "deal")
    entity = catalog(web.session())[name if name in ENTITY_NAMES else "deal"]
    return web.page(
        "reports/form.html",
        status=error.status if error else 200,
        report=report,
        plan=plan,
        where=json.dumps(plan["where"]) if plan.get("where") else "",
        kept=json.dumps({part: plan[part] for part in _KEPT if plan.get(part)}),
        suggested=suggested,
        usual_chart=_usual([group.get("granularity") for group in plan.get("group") or []]).value,
        given=request.values,
        entity=entity.name,
        entity_names=ENTITY_NAMES,
        chart_names=[(chart.value, text) for chart, text in CHART_NAMES.items()],
        periods=list(PERIODS.items()),
        fields=_fields(entity),
        days=[name for name, field in entity.fields.items() if field.type in (FieldType.DATE, FieldType.DATETIME)],
        measures=_measures(entity),
        measured=[_measure_key(measure) for measure in plan.get("measures", [])],
        groups=plan.get("group", []),
        may_share=web.can(Scope.RECORDS_WRITE),
        problems=[error.detail] if error else [],
    )


def _words() -> Words:
    locale = localization.locale()
    return Words(web.session(), listing.viewpoint(), locale.language, str(locale))


def _fields(entity: Entity) -> list[tuple[str, str]]:
    words = _words()
    found = [(field.name, list_columns.label(entity, field, words)) for field in entity.fields.values()]
    return sorted(found, key=lambda pair: pair[1].casefold())


def _measures(entity: Entity) -> list[tuple[str, str]]:
    """`metric` or `aggregate:field`, and what it is called."""
    words = _words()
    named = [m for m in METRICS.values() if m.entity in (ANY, entity.name)]
    found = [(m.name, charts.heading(words.phrases.metrics.get(m.name, m.name.replace("_", " ")))) for m in named]
    for field in entity.fields.values():
        if field.type in (FieldType.NUMBER, FieldType.MONEY) and field.expression is not None:
            label = list_columns.label(entity, field, words)
            found += [
                (f"sum:{field.name}", _("Sum: %(field)s", field=label)),
                (f"avg:{field.name}", _("Average: %(field)s", field=label)),
            ]
    return found


def _measure_key(measure: dict[str, Any]) -> str:
    if measure.get("metric"):
        return str(measure["metric"])
    return f"{measure.get('aggregate')}:{measure['field']}" if measure.get("field") else "count"


def _plan_of_form() -> dict[str, Any]:
    form = request.form
    plan: dict[str, Any] = {
        "from": form.get("from", "deal"),
        "measures": [_measure(key) for key in form.getlist("measure") if key],
    }
    groups = [
        {"field": name, **({"granularity": period} if period else {})}
        for name, period in zip(form.getlist("group"), form.getlist("period"), strict=False)
        if name
    ]
    if groups:
        plan["group"] = groups
    if where := _where(form.get("where", "")):
        plan["where"] = where
    return plan | {"limit": 200} | _kept(plan, form.get("kept", ""))


def _kept(plan: dict[str, Any], text: str) -> dict[str, Any]:
    """An order, bounds, a limit that came with the plan, as far as they speak of what is measured or grouped by."""
    try:
        given = json.loads(text) if text else {}
        measured = {Measure.model_validate(measure).name for measure in plan["measures"]}
    except (ValueError, ValidationError):
        return {}
    named = measured | {group["field"] for group in plan.get("group", [])}
    if not isinstance(given, dict) or not plan.get("group"):
        return {"q": given["q"]} if isinstance(given, dict) and given.get("q") else {}
    kept = {part: given[part] for part in _KEPT if given.get(part)}
    for part in ("order", "having"):
        if part in kept:
            kept[part] = [each for each in kept[part] if isinstance(each, dict) and each.get("by") in named]
    return kept


def _where(text: str) -> dict[str, Any] | None:
    """The conditions as the filter builder tells them."""
    try:
        found = json.loads(text) if text else None
    except ValueError:
        found = text
    if found is not None and not isinstance(found, dict):
        raise Invalid.field("where", _("This is no plan."))
    return found


def _measure(key: str) -> dict[str, str]:
    aggregate, colon, field = key.partition(":")
    return {"aggregate": aggregate, "field": field} if colon else {"metric": key}


def _read() -> dict[str, Any]:
    form = request.form
    return {
        "name": form.get("name", ""),
        "chart": form.get("chart", "bars"),
        "is_shared": form.get("is_shared") == "1",
        "plan": _plan_of_form(),
    }
