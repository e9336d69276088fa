"""The builder of reports: what its form offers, and the plan that it says."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import ValidationError

from crm import charts, list_columns, listing, report_result, web
from crm.localization import lazy_gettext as _l
from shared.accounts.permissions import Scope
from shared.errors import AppError, Invalid
from shared.models import Chart, Report
from shared.query import catalog
from shared.query.metrics import ANY, METRICS
from shared.query.plan import Measure
from shared.query.types import Entity, FieldType
from shared.query.wording import Words

ENTITY_NAMES = {
    "deal": _l("Deals"), "company": _l("Companies"), "contact": _l("Contacts"), "task": _l("Tasks"),
    "meeting": _l("Meetings"), "note": _l("Notes"), "insight": _l("Insights"),
}  # fmt: skip
CHART_NAMES = {
    Chart.BARS: _l("Bars"), Chart.COLUMNS: _l("Columns"), Chart.LINE: _l("Line"), Chart.TABLE: _l("Table"),
    Chart.NUMBER: _l("One figure"),
}  # fmt: skip
PERIODS = {"day": _l("Day"), "week": _l("Week"), "month": _l("Month"), "quarter": _l("Quarter"), "year": _l("Year")}
#: Parts of a plan that the builder does not show and keeps as they are.
_CARRIED = ("order", "having", "limit", "skip", "q")


def form(
    report: Report | None, plan: dict[str, Any], error: AppError | None = None, *, suggested: str = ""
) -> ResponseReturnValue:
    """The builder's page, with a plan in it; `suggested` is a name for a new report."""
    name = plan.get("from", "deal")
    entity = catalog(web.session())[name if name in ENTITY_NAMES else "deal"]
    words = listing.plan_words()
    return web.page(
        "reports/form.html",
        status=error.status if error else 200,
        report=report,
        plan=plan,
        where=json.dumps(plan["where"]) if plan.get("where") else "",
        kept=json.dumps({part: plan[part] for part in _CARRIED if plan.get(part)}),
        suggested=suggested,
        usual_chart=report_result.usual_chart([group.get("granularity") for group in plan.get("group") or []]).value,
        given=request.values,
        entity=entity.name,
        entity_names=ENTITY_NAMES,
        chart_names=[(chart.value, text) for chart, text in CHART_NAMES.items()],
        periods=list(PERIODS.items()),
        fields=_fields(entity, words, {group.get("field") for group in plan.get("group") or ()}),
        days=[name for name, field in entity.fields.items() if field.type in (FieldType.DATE, FieldType.DATETIME)],
        measures=_measures(entity, words),
        measured=[_measure_key(measure) for measure in plan.get("measures", [])],
        groups=plan.get("group", []),
        may_share=web.can(Scope.RECORDS_WRITE),
        problems=[error.detail] if error else [],
    )


def _fields(entity: Entity, words: Words, chosen: set[str | None]) -> list[tuple[str, str]]:
    """What to group by. A stage by its name and by its record (`stage`, `stage_id`) is one field to people: the record,
    which tells namesakes apart, or what the plan has."""
    twins = ((name, f"{name}_id") for name in entity.fields if f"{name}_id" in entity.fields)
    hidden = {record if name in chosen else name for name, record in twins} - chosen
    shown = (field for name, field in entity.fields.items() if name not in hidden)
    found = [(field.name, list_columns.label(entity, field, words)) for field in shown]
    return sorted(found, key=lambda pair: pair[1].casefold())


def _measures(entity: Entity, words: Words) -> list[tuple[str, str]]:
    """`metric` or `aggregate:field`, and what it is called."""
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


def read() -> dict[str, Any]:
    """The report that the sent form says, for the verbs. Raises Invalid for conditions that are none."""
    form = request.form
    return {
        "name": form.get("name", ""),
        "chart": form.get("chart", "bars"),
        "is_shared": form.get("is_shared") == "1",
        "plan": plan_of_form(),
    }


def plan_of_form() -> dict[str, Any]:
    """The plan alone, which may not be one that can be asked yet."""
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
    return plan | {"limit": 200} | _carried(plan, form.get("kept", ""))


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


def _carried(plan: dict[str, Any], text: str) -> dict[str, Any]:
    """An order, bounds, a limit that came with the plan, as far as they speak of what is measured or grouped by."""
    try:
        given = json.loads(text) if text else {}
        measured = {Measure.model_validate(measure).name for measure in plan["measures"]}
    except (ValueError, ValidationError):
        return {}
    named = measured | {group["field"] for group in plan.get("group", [])}
    if not isinstance(given, dict) or not plan.get("group"):
        return {"q": given["q"]} if isinstance(given, dict) and given.get("q") else {}
    kept = {part: given[part] for part in _CARRIED if given.get(part)}
    for part in ("order", "having"):
        if part in kept:
            kept[part] = [each for each in kept[part] if isinstance(each, dict) and each.get("by") in named]
    return kept
