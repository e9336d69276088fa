"""Reports over the API: one's own, and what colleagues share. What one answers is `POST /query` of its plan."""

from __future__ import annotations

from flask import url_for

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from crm.list_address import person
from shared.accounts.permissions import Scope
from shared.models import Report
from shared.records import reports
from shared.schemas import reports as schemas


def register(api: Api) -> None:
    """`/reports`."""

    @api.operation(
        "GET", "/reports", tag="reports", scope=Scope.RECORDS_READ, summary="List the reports that you see",
        answers={200: schemas.Reports},
    )  # fmt: skip
    def list_reports() -> Reply:
        found = reports.visible(web.session(), person())
        return Reply({"items": [reports.show(report) for report in found]})

    @api.operation(
        "POST", "/reports", tag="reports", scope=Scope.ACCOUNT_OWN, summary="Keep a plan as a report",
        body=schemas.ReportIn, answers={201: schemas.ReportOut},
    )  # fmt: skip
    def create_report() -> Reply:
        report = reports.create(web.session(), http.json_object(), person(), by=web.actor())
        return http.versioned(reports.show(report), status=201, location=url_for("api.get_report", id=report.id))

    @api.operation(
        "GET", "/reports/{id}", tag="reports", scope=Scope.RECORDS_READ, summary="Read one report",
        answers={200: schemas.ReportOut}, errors=(404,),
    )  # fmt: skip
    def get_report(id: int) -> Reply:
        return http.versioned(reports.show(_found(id)))

    @api.operation(
        "PATCH", "/reports/{id}", tag="reports", scope=Scope.ACCOUNT_OWN, summary="Change or share a report",
        body=schemas.ReportPatch, answers={200: schemas.ReportOut}, errors=(404,), is_versioned=True,
    )  # fmt: skip
    def update_report(id: int) -> Reply:
        report, body = _found(id), http.json_object()
        expecting = http.take_version(body)
        reports.change(web.session(), report, body, person(), by=web.actor(), expecting=expecting)
        web.session().flush()
        return http.versioned(reports.show(report))

    @api.operation(
        "DELETE", "/reports/{id}", tag="reports", scope=Scope.ACCOUNT_OWN, summary="Delete a report for good",
        answers={204: None}, errors=(404,),
    )  # fmt: skip
    def delete_report(id: int) -> Reply:
        reports.remove(web.session(), _found(id), person(), by=web.actor())
        return Reply(None, 204)


def _found(id: int) -> Report:
    return reports.get(web.session(), id, person())
