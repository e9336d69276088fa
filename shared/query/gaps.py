"""Periods in which nothing was: an answer by time leaves them out, a chart of it must not.

What lies side by side on an axis of time is read as following one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from shared.models import workspace_of
from shared.query import drilling, measuring, wording
from shared.query.catalog import catalog
from shared.query.conditions import Viewpoint
from shared.query.metrics import metric_of
from shared.query.plan import Granularity
from shared.query.results import GroupRow, Result
from shared.tenancy import TenantSession


def without_gaps(
    session: TenantSession,
    result: Result,
    *,
    most: int,
    user_id: int | None,
    zone: ZoneInfo | None = None,
    language: str = "en",
    locale: str = "en",
) -> Sequence[GroupRow]:
    """The groups of an answer by time, in their order, with a row of nothing for each period missing between them.

    As they are where they are of something else too, stand in another order than that of time, were chosen by what they
    measure (what is missing then is not nothing), or would be more than `most`. The rest as for `ask`.
    """
    plan, groups = result.plan, result.groups
    days = [row.key for row in groups if isinstance(row.key, date)]
    if len(plan.group) != 1 or plan.having or not days or days not in (sorted(days), sorted(days, reverse=True)):
        return groups
    granularity: Granularity = plan.group[0].granularity or "day"
    wanted = list(_periods(min(days), max(days), granularity, most))
    if len(wanted) > most:
        return groups
    entity = catalog(session)[plan.from_]
    words = wording.Words(session, Viewpoint.of(session, user_id=user_id, zone=zone), language, locale)
    currency = workspace_of(session).currency
    nothing: dict[str, Any] = {m.name: measuring.empty(metric_of(entity, m), currency) for m in plan.measures}
    known = {row.key: row for row in groups}
    rows = [known.get(day) or GroupRow(words.period(day, granularity), day, nothing) for day in wanted]
    undated = [row for row in groups if row.key is None]  # they come last
    return [*(rows if days == sorted(days) else reversed(rows)), *undated]


def _periods(first: date, last: date, granularity: Granularity, most: int) -> Iterator[date]:
    """Their first days, at most one more than `most`."""
    while first <= last and most >= 0:
        yield first
        first, most = drilling.following(first, granularity), most - 1
