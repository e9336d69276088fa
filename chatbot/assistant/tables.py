"""The table of an answer, as its frame carries it: columns, rows with their pages, and the list that has them all."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from shared.query import ENTITIES
from shared.query.catalog import PREFIX, catalog
from shared.query.metrics import metric_of
from shared.query.plan import Plan
from shared.query.results import GroupRow, Money, Result, jsonable
from shared.records.view_states import can_group
from shared.tenancy import TenantSession

#: Units of measures as types of columns.
_TYPES = {"count": "number", "days": "number", "seconds": "duration"}
_PLURALS = {
    "company": "companies", "contact": "contacts", "deal": "deals", "task": "tasks", "note": "notes",
    "meeting": "meetings",
}  # fmt: skip


#: Types whose lists are shown in groups.
_GROUPED_LISTS = frozenset(("company", "contact", "deal", "task", "meeting"))
#: What the report builder takes, and how long an address may be.
_REPORTED = frozenset((*_PLURALS, "insight"))
_LONGEST = 3_800


def report_of(plan: Plan) -> str:
    """The address of the report builder with a measured plan in it; empty for one that it cannot hold."""
    if not plan.is_measured or plan.from_ not in _REPORTED or plan.versus is not None:
        return ""
    given = plan.model_dump(mode="json", by_alias=True, exclude_none=True)
    given = {name: value for name, value in given.items() if value not in ([], "", 0) and name != "limit"}
    text = json.dumps(given | ({"limit": plan.limit} if plan.limit != 50 else {}), separators=(",", ":"))
    found = f"/reports/new?plan={quote(text)}"
    return found if len(found) <= _LONGEST else ""


def href_of(type: str, id: int) -> str:
    """The page of a record; of what has none, an empty string."""
    return f"/{_PLURALS[type]}/{id}" if type in _PLURALS else ""


def grouped(session: TenantSession, plan: Plan, href: str) -> str:
    """The address of an answer's list, in the groups of the answer where lists have such."""
    if not href or len(plan.group) != 1 or plan.from_ not in _GROUPED_LISTS:
        return href
    entity, group = catalog(session)[plan.from_], plan.group[0]
    name = next((n for n in (group.field, f"{group.field}_id") if can_group(entity, n)), None)
    if name is None:
        return href
    by = f"{name}:{group.granularity}" if group.granularity else name
    found = f"{href}{'&' if '?' in href else '?'}by={quote(by)}"
    return found if len(found) <= _LONGEST else href


def unit_of(result: Result) -> str:
    """What two compared figures are, where the answer itself may be a ratio; a team's own fields say it by values."""
    measure = result.plan.measures[0]
    if (measure.field or "").startswith(PREFIX):
        return "money" if any(isinstance(figure, Money | list) for figure in result.figures) else "number"
    return metric_of(ENTITIES[result.plan.from_], measure).unit.value


def table_of(result: Result) -> dict[str, Any]:
    """`values` are by column: numbers, texts, ISO days and moments, {amount, currency, minor}. `chart` is a hint."""
    columns = [
        {"name": column.name, "label": column.label, "type": _TYPES.get(column.type, column.type)}
        for column in result.columns
    ]
    records = [
        {
            "type": row.type,
            "id": row.id,
            "name": row.name,
            "href": href_of(*(row.page or (row.type, row.id))),
            "values": jsonable(row.values),
        }
        for row in result.rows
    ]
    groups = [
        {"name": group.name, "key": jsonable(group.key), "values": jsonable(group.values) | _heads(result, group)}
        for group in result.groups
    ]
    return {
        "columns": columns,
        "rows": records + groups,
        "total": result.total,
        "href": result.href,
        "report": report_of(result.plan),
        "entity": result.entity,
        "chart": "bars" if len(groups) > 1 else None,
    }


def _heads(result: Result, group: GroupRow) -> dict[str, Any]:
    """The cells of the columns that were grouped by."""
    names = group.name.split(" · ") if len(result.plan.group) > 1 else [group.name]
    return {part.field: name for part, name in zip(result.plan.group, names, strict=False)}
