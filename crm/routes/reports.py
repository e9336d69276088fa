"""Reports: a question put together from measure, group and filter, drawn, saved, shared, taken along."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import downloads, listing, report_builder, report_result, web
from crm.list_address import person
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.models import Chart, Report
from shared.records import reports

bp = Blueprint("reports", __name__, url_prefix="/reports")

_LONGEST_NAME = 200


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
    """The builder; `plan` in the address is where it begins, as a question of the assistant's can be saved."""
    given = request.args.get("plan")
    try:
        plan: dict[str, Any] = json.loads(given) if given else {}
        if not isinstance(plan, dict):
            raise ValueError
    except ValueError:
        raise Invalid.field("plan", _("This is no plan.")) from None
    if request.args.get("from") in report_builder.ENTITY_NAMES:
        plan = {"from": request.args["from"]}
    begun = {"from": "deal", "measures": [{"metric": "count"}], "group": [{"field": "stage"}]}
    suggested = _name_of(plan) if plan.get("measures") and "name" not in request.args else ""
    return report_builder.form(None, plan or begun, suggested=suggested)


def _name_of(plan: dict[str, Any]) -> str:
    """What a question is called as a report: itself, in words. Raises Invalid for one that cannot be asked."""
    found = reports.checked(web.session(), plan)
    said = listing.plan_words().sentence(found.model_copy(update={"order": (), "limit": 50}))
    return said[:_LONGEST_NAME]


@bp.post("")
@requires(Scope.ACCOUNT_OWN)
def create() -> ResponseReturnValue:
    """Keep what the builder says."""
    try:
        report = reports.create(web.session(), report_builder.read(), person(), by=web.actor())
    except Invalid as error:
        web.abandon()
        return report_builder.form(None, report_builder.plan_of_form(), error)
    return web.go(url_for("reports.show", id=report.id))


@bp.get("/<int:id>")
@requires(Scope.RECORDS_READ)
def show(id: int) -> ResponseReturnValue:
    """Its figures, and the same as a table; or what is wrong with it."""
    report = _found(id)
    problem = reports.problem_of(web.session(), report)
    shown = {} if problem else report_result.shown(reports.plan_of(report), report.chart, report.name)
    may_change = reports.may_change(report, person())
    return web.page("reports/show.html", report=report, problem=problem, may_change=may_change, **shown)


@bp.post("/preview")
@requires(Scope.RECORDS_READ)
def preview() -> ResponseReturnValue:
    """What the builder says, drawn beside it and not saved; where that is no plan yet, what is missing.

    The address of a new report's builder follows, so that a reload and the way back show what was chosen.
    """
    web.only_read()
    chart, plan = request.form.get("chart", ""), report_builder.plan_of_form()
    try:
        kind, name = Chart(chart if chart in set(Chart) else "bars"), request.form.get("name", "")
        shown = report_result.shown(reports.checked(web.session(), plan), kind, name)
    except Invalid as error:
        return web.page("reports/_preview.html", problem=error.detail)
    answer = web.page("reports/_preview.html", **shown)
    if "version" not in request.form:
        said: dict[str, Any] = {
            name: request.form[name] for name in ("name", "chart", "is_shared") if name in request.form
        }
        answer.headers["HX-Replace-Url"] = url_for("reports.new", plan=json.dumps(plan), **said)
    return answer


@bp.get("/<int:id>.csv")
@requires(Scope.RECORDS_READ)
def export(id: int) -> ResponseReturnValue:
    """The table as CSV."""
    report = _found(id)
    rows = list(report_result.sheet(report_result.whole(reports.plan_of(report))))
    downloads.note_taken(f"{report.name}.csv")
    return downloads.csv_response(rows, f"{downloads.named(report.name, f'report-{report.id}')}.csv")


@bp.get("/<int:id>/edit")
@requires(Scope.RECORDS_READ)
def edit(id: int) -> ResponseReturnValue:
    """The builder with the report in it."""
    report = _found(id)
    return report_builder.form(report, report.plan)


@bp.post("/<int:id>")
@requires(Scope.ACCOUNT_OWN)
def update(id: int) -> ResponseReturnValue:
    """Change it as the builder says."""
    report = _found(id)
    version = request.form.get("version", type=web.whole)
    try:
        data = report_builder.read()
        event = reports.change(web.session(), report, data, person(), by=web.actor(), expecting=version)
    except Invalid as error:
        web.abandon()
        return report_builder.form(_found(id), report_builder.plan_of_form(), error)
    undo_url = url_for("reports.take_back", id=event.id) if "was" in event.data else None
    web.flash_message(_("“%(name)s” is saved.", name=report.name), undo_url=undo_url)
    is_seen = report.is_shared or report.owner_id == person().id  # a colleague's that is shared no more is not
    return web.go(url_for("reports.show", id=id) if is_seen else url_for("reports.list_"))


@bp.post("/changed/<int:id>/undo")
@requires(Scope.ACCOUNT_OWN)
def take_back(id: int) -> ResponseReturnValue:
    """Take back that one saved over a report; `id` is the event of it."""
    report = reports.take_back(web.session(), id, person(), by=web.actor())
    web.flash_message(_("“%(name)s” is as it was.", name=report.name))
    return web.go(url_for("reports.show", id=report.id))


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
