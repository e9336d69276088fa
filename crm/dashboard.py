"""The figures of the first page: each a plan, each group with the list behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_, func, not_, or_, select

from crm import charts, deal_board, localization, web
from crm.charts import Figure, Point
from shared import clock
from shared.models import Deal, Stage, StageChange, StageType
from shared.query import Plan, Result, catalog, drilling, linking
from shared.query.types import latest
from shared.records.deals import to_major

_MONTHS_BACK, _MONTHS_AHEAD, _STALE = 11, 5, 5


def months(first: date, count: int) -> list[date]:
    """The first days of months, from the month of a day on."""
    found = [first.replace(day=1)]
    while len(found) < count:
        found.append(drilling.following(found[-1], "month"))
    return found


def back(day: date, count: int) -> date:
    """The first day of the month so many months before."""
    total = day.year * 12 + day.month - 1 - count
    return date(total // 12, total % 12 + 1, 1)


def cmp(name: str, *values: Any, op: str = "eq") -> dict[str, Any]:
    """A condition of a plan."""
    return {"type": "cmp", "field": name, "op": op, "values": [str(value) for value in values]}


def plan(
    of: str, *measures: str, group: str = "", by: str | None = None, where: Sequence[dict[str, Any]] = (), **more: Any
) -> Plan:
    """A measured plan in short."""
    data: dict[str, Any] = {"from": of, "measures": [{"metric": name} for name in measures], **more}
    if group:
        data["group"] = [{"field": group, **({"granularity": by} if by else {})}]
    if where:
        data["where"] = {"type": "and", "of": list(where)}
    return Plan.model_validate(data)


def by_month(result: Result, title: str, wanted: Sequence[date], series: Sequence[str] = ()) -> list[Figure]:
    """A money answer by month, with the months in which nothing was; one figure a currency."""
    names = [column.name for column in result.columns[1:]]
    found = {row.key: [charts.amounts(row.values[name]) for name in names] for row in result.groups}
    currencies = sorted({c for parts in found.values() for part in parts for c in part}, key=_main_first)
    figures = []
    for currency in currencies or [web.workspace().currency]:
        points = []
        for first in wanted:
            minors = [part.get(currency, 0) for part in found.get(first, [{} for _name in names])]
            texts = [localization.money(minor, currency) for minor in minors]
            href = charts.href(result.plan, first, currency if len(currencies) > 1 else "")
            points.append(Point(_month(first), [_major(m, currency) for m in minors], texts, href))
        heading = f"{title} ({currency})" if len(currencies) > 1 else title
        figures.append(Figure(heading, "columns", points, list(series)))
    return figures


def _main_first(currency: str) -> tuple[bool, str]:
    return currency != web.workspace().currency, currency


def _major(minor: int, currency: str) -> float:
    return float(to_major(minor, currency))


def _month(first: date) -> str:
    return str(format_date(first, "LLLL y", locale=localization.locale()))


def won() -> list[Figure]:
    """What was won in each of the last twelve months."""
    first = back(localization.today(), _MONTHS_BACK)
    found = charts.answer(
        plan(
            "deal",
            "won_amount",
            group="closed_at",
            by="month",
            where=[cmp("stage_type", "won"), cmp("closed_at", first, op="gte")],
            limit=50,
        )
    )
    return by_month(found, _("Won by month"), months(first, _MONTHS_BACK + 1))


def forecast(where: Sequence[dict[str, Any]] = (), ahead: int = _MONTHS_AHEAD) -> list[Figure]:
    """What may be won from this month on, as it stands and weighted by probability."""
    wanted = months(localization.today(), ahead + 1)
    end = drilling.following(wanted[-1], "month")
    span = [cmp("stage_type", "open"), cmp("expected_close", wanted[0], op="gte"), cmp("expected_close", end, op="lt")]
    asked = plan(
        "deal",
        "open_pipeline",
        "weighted_pipeline",
        group="expected_close",
        by="month",
        where=[*span, *where],
        limit=50,
    )
    return by_month(charts.answer(asked), _("Forecast by month"), wanted, [_("All"), _("Weighted")])


def left_out(where: Sequence[dict[str, Any]] = (), ahead: int = _MONTHS_AHEAD) -> list[tuple[str, str]]:
    """Open deals that no month of the forecast has, in words with their list: with them it comes to the whole board."""
    wanted = months(localization.today(), ahead + 1)
    end = drilling.following(wanted[-1], "month")
    spans = {
        "late": cmp("expected_close", wanted[0], op="lt"),
        "later": cmp("expected_close", end, op="gte"),
        "never": cmp("expected_close", "null", op="is"),
    }
    found = []
    for name, when in spans.items():
        asked = plan("deal", "count", "open_pipeline", where=[cmp("stage_type", "open"), when, *where])
        result = charts.answer(asked)
        values = result.value if isinstance(result.value, dict) else {}
        if values.get("count"):
            worth = charts.text(values["open_pipeline"], "money")
            found.append(
                (
                    f"{_left_words(name, values['count'], wanted[0])} ({worth})",
                    linking.href(asked, catalog(web.session())),
                )
            )
    return found


def _left_words(name: str, n: int, first: date) -> str:
    if name == "late":
        said = ngettext(
            "%(num)s deal should have closed before %(month)s", "%(num)s deals should have closed before %(month)s", n,
            month=_month(first),
        )  # fmt: skip
        return str(said)
    if name == "later":
        return str(ngettext("%(num)s closes later", "%(num)s close later", n))
    return str(ngettext("%(num)s has no date", "%(num)s have no date", n))


def activity() -> Figure:
    """Meetings held and tasks done in each of the last months."""
    today = localization.today()
    first = back(today, 5)
    meetings = charts.answer(
        plan("meeting", "count", group="occurred_at", by="month", where=[cmp("occurred_at", first, op="gte")], limit=50)
    )
    tasks = charts.answer(
        plan("task", "count", group="completed_at", by="month", where=[cmp("completed_at", first, op="gte")], limit=50)
    )
    counts = [{row.key: row.values["count"] for row in found.groups} for found in (meetings, tasks)]
    points = []
    for month in months(first, 6):
        values = [count.get(month, 0) for count in counts]
        texts = [localization.number(value) for value in values]
        hrefs = [charts.href(found.plan, month) for found in (meetings, tasks)]
        points.append(Point(_month(month), values, texts, hrefs[0], hrefs))
    return Figure(_("Activity by month"), "columns", points, [_("Meetings"), _("Tasks done")])


def sources() -> Figure | None:
    """Where contacts come from."""
    found = charts.answer(plan("contact", "count", group="source", where=[cmp("source", "set", op="is")], limit=6))
    return next(iter(charts.figures(found, "bars")), None) if found.groups else None


def stale() -> tuple[list[Deal], int]:
    """Open deals that stay too long in their stage, the longest there first, and how many there are.

    The deals of which the field `is_stale` is true, asked the other way round: not how long each has been there, but
    which have not moved since the day that its stage allows.
    """
    session, now = web.session(), clock.now()
    limits = deal_board.stale_limits(session.scalars(select(Stage).where(Stage.type == StageType.OPEN)))
    moved = StageChange.deal_id == Deal.id
    too_long = []
    for stage_id, days in limits.items():
        if days:
            since = now.replace(microsecond=0) - timedelta(days=days) + timedelta(seconds=1)  # as `whole_days` cuts off
            has_moved = select(StageChange.id).where(moved, StageChange.at >= since, StageChange.at <= now).exists()
            too_long.append(and_(Deal.stage_id == stage_id, Deal.created_at < since, not_(has_moved)))
    if not too_long:
        return [], 0
    last_move = select(func.max(StageChange.at)).where(moved, StageChange.at <= now).scalar_subquery()
    longest = select(Deal.id, func.count().over()).where(Deal.deleted_at.is_(None), or_(*too_long))
    found = session.execute(longest.order_by(latest(Deal.created_at, last_move), Deal.id).limit(_STALE)).all()
    rows = {deal.id: deal for deal in session.scalars(select(Deal).where(Deal.id.in_([id for id, _ in found])))}
    return [rows[id] for id, _ in found], found[0][1] if found else 0
