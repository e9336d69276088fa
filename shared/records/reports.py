"""Reports: plans that are saved, one's own or shared with the workspace.

A plan is checked when it is saved. What it names may be gone when it is asked again, a custom field say: `problem_of`
says so, and the report can be mended or deleted.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import or_, select

from shared import clock, events
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.events import Actor
from shared.models import Chart, Event, Report
from shared.query import Plan, catalog, check_plan
from shared.query.catalog import PREFIX
from shared.records.views import Person, add_again
from shared.schemas.checking import check
from shared.schemas.reports import ReportFields, ReportIn
from shared.tenancy import TenantSession

#: A custom field in a plan's JSON.
_OWN = re.compile(rf'"{re.escape(PREFIX)}([^"]+)"')


def visible(session: TenantSession, user: Person) -> list[Report]:
    """One's own reports and those that are shared, by name."""
    mine = or_(Report.owner_id == user.id, Report.is_shared.is_(True))
    return list(session.scalars(select(Report).where(mine).order_by(Report.name, Report.id)))


def get(session: TenantSession, id: int, user: Person) -> Report:
    """Raises NotFound also for what a colleague keeps to themselves."""
    report = session.get(Report, id)
    if report is None or not (report.is_shared or report.owner_id == user.id):
        raise NotFound("There is no such report.")
    return report


def may_change(report: Report, user: Person) -> bool:
    """Its owner, and for a shared one whoever may manage others' records."""
    return report.owner_id == user.id or (report.is_shared and user.may_manage)


def create(session: TenantSession, data: dict[str, Any], user: Person, *, by: Actor) -> Report:
    """A new report of a person. Raises Invalid naming what is wrong, also in the plan."""
    values = check(ReportIn, data)
    _check_sharing(user, values.is_shared)
    plan = checked(session, values.plan)
    report = Report(
        workspace_id=session.workspace_id, owner_id=user.id, name=values.name, chart=Chart(values.chart),
        is_shared=values.is_shared, plan=_stored(plan),
    )  # fmt: skip
    session.add(report)
    _record(session, "report.created", report, by)
    return report


def change(
    session: TenantSession,
    report: Report,
    data: dict[str, Any],
    user: Person,
    *,
    by: Actor,
    expecting: int | None = None,
) -> Event:
    """Change what is given. Raises Forbidden, or Conflict for a stale version. Returns what `take_back` takes back."""
    _must_change(report, user)
    if expecting is not None and expecting != report.version:
        raise Conflict("Somebody else changed this report meanwhile.", current=show(report))
    given, was = check(ReportFields, data), _said(report)
    if given.plan is not None:
        report.plan = _stored(checked(session, given.plan))
    if given.name is not None:
        report.name = given.name
    if given.chart is not None:
        report.chart = Chart(given.chart)
    if given.is_shared is not None:
        _check_sharing(user, given.is_shared and not report.is_shared)
        report.is_shared = given.is_shared
    report.updated_at = clock.now()
    session.flush()
    return _record(session, "report.updated", report, by, show(report) | ({"was": was} if was != _said(report) else {}))


def take_back(session: TenantSession, event_id: int, user: Person, *, by: Actor) -> Report:
    """Let a report say again what it said before a person saved over it. Raises NotFound, Forbidden, or Conflict where
    somebody changed it since."""
    event = events.of_person(session, event_id, "report.updated", user.id)
    if "was" not in event.data or (report := session.get(Report, event.data["id"])) is None:
        raise NotFound("There is nothing to take back.")
    was = event.data["was"]
    if not (was["is_shared"] and user.may_manage):  # who stopped sharing a colleague's may share it again
        _must_change(report, user)
    if show(report) | {"was": was} != event.data:
        raise Conflict("Somebody else changed this report meanwhile.", current=show(report))
    _check_sharing(user, was["is_shared"] and not report.is_shared)
    report.name, report.plan = was["name"], was["plan"]
    report.chart, report.is_shared = Chart(was["chart"]), was["is_shared"]
    report.updated_at = clock.now()
    _record(session, "report.updated", report, by)
    return report


def _must_change(report: Report, user: Person) -> None:
    if not may_change(report, user):
        raise Forbidden("Only its owner or a manager changes a report. Save it under another name.")


def _said(report: Report) -> dict[str, Any]:
    """What can be saved over."""
    return {"name": report.name, "chart": report.chart.value, "is_shared": report.is_shared, "plan": report.plan}


def remove(session: TenantSession, report: Report, user: Person, *, by: Actor) -> Event:
    """Delete a report; it holds no data. What it was stays in the event, for `bring_back`. Raises Forbidden."""
    if not may_change(report, user):
        raise Forbidden("Only its owner or a manager deletes a report.")
    event = _record(session, "report.deleted", report, by, show(report))
    session.delete(report)
    session.flush()
    return event


def bring_back(session: TenantSession, event_id: int, user: Person, *, by: Actor) -> Report:
    """The report that a person deleted, under its old address. Raises NotFound for what is no such event of theirs."""
    was = events.of_person(session, event_id, "report.deleted", user.id).data
    there = session.get(Report, was["id"]) if was else None
    if not was or (there is not None and there.name == was["name"]):
        raise NotFound("There is no such report.")
    report = Report(
        id=was["id"], workspace_id=session.workspace_id, owner_id=was["owner_id"], name=was["name"],
        chart=Chart(was["chart"]), is_shared=was["is_shared"], plan=was["plan"],
    )  # fmt: skip
    add_again(session, report)
    _record(session, "report.restored", report, by)
    return report


def plan_of(report: Report) -> Plan:
    """Raises Invalid where the language has changed since."""
    return check(Plan, report.plan)


def problem_of(session: TenantSession, report: Report) -> str | None:
    """Why a report cannot be asked any more, in words."""
    try:
        check_plan(plan_of(report), catalog(session))
    except Invalid as error:
        return _gone(session, report) or error.detail
    return None


def _gone(session: TenantSession, report: Report) -> str | None:
    """Which custom field it asks for that was deleted, for people: a plan's complaint is written for programs."""
    known = catalog(session)[report.plan["from"]].fields
    asked = _OWN.findall(json.dumps(report.plan))
    gone = next((key for key in asked if f"{PREFIX}{key}" not in known), None)
    if gone is None:
        return None
    return Invalid(f"The field “{gone}” was deleted. Edit the report to choose something else.").detail


def checked(session: TenantSession, data: dict[str, Any]) -> Plan:
    """A plan that measures something that there is. Raises Invalid."""
    plan = check(Plan, data)
    if not plan.measures:
        raise Invalid.field("measures", "A report measures something.")
    check_plan(plan, catalog(session))
    return plan


def _check_sharing(user: Person, is_new: bool) -> None:
    if is_new and not user.may_share:
        raise Forbidden("Your role does not allow sharing reports.")


def show(report: Report) -> dict[str, Any]:
    """As REST gives it."""
    return {
        "id": report.id, "name": report.name, "owner_id": report.owner_id, "is_shared": report.is_shared,
        "chart": report.chart.value, "plan": report.plan, "version": report.version,
        "created_at": report.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": report.updated_at.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip


def _stored(plan: Plan) -> dict[str, Any]:
    return plan.model_dump(mode="json", by_alias=True, exclude_none=True)


def _record(session: TenantSession, kind: str, report: Report, by: Actor, data: dict[str, Any] | None = None) -> Event:
    session.flush()
    return events.record(session, kind, by=by, subject=("report", report.id), title=report.name, data=data)
