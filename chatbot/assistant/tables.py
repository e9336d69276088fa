"""The table of an answer, as its frame carries it: columns, rows with their pages, and the list that has them all."""

from __future__ import annotations

from typing import Any

from shared.query.results import GroupRow, Result, jsonable

#: Units of measures as types of columns.
_TYPES = {"count": "number", "days": "number", "seconds": "duration"}
_PLURALS = {
    "company": "companies", "contact": "contacts", "deal": "deals", "task": "tasks", "note": "notes",
    "meeting": "meetings",
}  # fmt: skip


def href_of(type: str, id: int) -> str:
    """The page of a record; of what has none, an empty string."""
    return f"/{_PLURALS[type]}/{id}" if type in _PLURALS else ""


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
        "entity": result.entity,
        "chart": "bars" if len(groups) > 1 else None,
    }


def _heads(result: Result, group: GroupRow) -> dict[str, Any]:
    """The cells of the columns that were grouped by."""
    names = group.name.split(" · ") if len(result.plan.group) > 1 else [group.name]
    return {part.field: name for part, name in zip(result.plan.group, names, strict=False)}
