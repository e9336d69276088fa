"""`POST /query`: a plan in, its answer out. It only reads, so it takes no write lock and keeps no idempotency key."""

from __future__ import annotations

from typing import Any

from crm import localization, web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from shared import query
from shared.accounts.permissions import Scope
from shared.query.plan import Plan
from shared.query.results import Result, jsonable
from shared.schemas import answers

_ABOUT = """\
A plan says which records are meant (`from`, `where`, `q`), and either which fields of them to show, or what to measure
of them, as a whole or by group. The fields are those that lists filter by; metrics and relations are named in the error
for one that is unknown. Relative dates count in the workspace's zone; money is answered by currency. `sentence` is the
plan in words, `href` the page of the CRM that lists the same records.
"""


def register(api: Api) -> None:
    """`/query`."""

    @api.operation(
        "POST", "/query", tag="finding", scope=Scope.RECORDS_READ, summary="Ask for records, numbers and groups",
        description=_ABOUT, body=Plan, answers={200: answers.QueryOut}, errors=(503,), is_reading=True,
    )  # fmt: skip
    def query_records() -> Reply:
        plan = http.parsed(Plan)
        locale = localization.locale()
        found = query.ask(
            web.session(), plan, user_id=web.current_user.id, language=locale.language, locale=str(locale)
        )
        return Reply(_shown(found))


def _shown(found: Result) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "columns": [{"name": c.name, "label": c.label, "type": c.type} for c in found.columns],
        "rows": [
            {
                "type": row.type,
                "id": row.id,
                "external_id": row.external_id,
                "name": row.name,
                "values": jsonable(row.values),
            }
            for row in found.rows
        ],
        "total": found.total,
        "sentence": found.sentence,
        "href": found.href,
    }
    if found.plan.group:
        shown["groups"] = [
            {"name": group.name, "key": jsonable(group.key), "values": jsonable(group.values)} for group in found.groups
        ]
    elif found.plan.is_measured:
        shown["value"] = jsonable(found.value)
    if found.plan.versus is not None:
        shown["figures"] = jsonable(found.figures)
    return shown
