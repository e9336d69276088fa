"""Where an insight among the rows of an answer leads: to its meeting, at the second it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from shared.models import Insight
from shared.query import Result
from shared.tenancy import TenantSession


def pages_of(session: TenantSession, result: Result) -> dict[int, str]:
    """Addresses by insight; empty where the rows are something else."""
    ids = [row.id for row in result.rows if row.type == "insight"]
    if not ids:
        return {}
    query = select(Insight.id, Insight.meeting_id, Insight.evidence).where(Insight.id.in_(ids))
    return {id_: page_of(id_, meeting, evidence) for id_, meeting, evidence in session.execute(query)}


def page_of(id_: int, meeting_id: int, evidence: Sequence[dict[str, Any]] | None) -> str:
    """`/meetings/3?t=65#insight-8`; without a second where nobody knows when it was said."""
    second = evidence[0].get("start_s") if evidence else None
    at = "" if second is None else f"?t={int(second)}"
    return f"/meetings/{meeting_id}{at}#insight-{id_}"


def link(table: dict[str, Any], pages: dict[int, str]) -> None:
    """Put the addresses into the rows of an answer's table."""
    for row in table["rows"]:
        if row.get("type") == "insight":
            row["href"] = pages.get(row["id"], "")
