"""The figures of the first page: each a plan, each group with the list behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from crm import charts, deal_board, listing, localization, web
from crm.charts import Figure, Point
from shared import clock
from shared.models import Deal, Meeting, Stage, Task
from shared.prepared import Prepared
from shared.query import Plan, Result, catalog, drilling, linking
from shared.records.deals import to_major

_MONTHS_BACK, _MONTHS_AHEAD, _ACTIVE, _STALE = 11, 5, 6, 5
#: What is shown of a deal.
_SHOWN = (Deal.id, Deal.name, Deal.amount_minor, Deal.currency, Deal.expected_close)


def _activity() -> Prepared:
    """Meetings held, then tasks done, in each of the months that begin at `start0`, `start1`, …"""
    counts = [
        select(func.count())
        .where(model.deleted_at.is_(None), at >= bindparam(f"start{i}"), at < bindparam(f"start{i + 1}"))
        .scalar_subquery()
        for model, at in ((Meeting, Meeting.occurred_at), (Task, Task.completed_at))
        for i in range(_ACTIVE)
    ]
    return Prepared(select(*counts))


_ACTIVITY = _activity()


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
        is_named = len(currencies) > 1 or currency != web.workspace().currency
        heading = f"{title} ({currency})" if is_named else title
        figures.append(Figure(heading, "columns", points, list(series)))
    return figures


def _main_first(currency: str) -> tuple[bool, str]:
    return currency != web.workspace().currency, currency


def _major(minor: int, currency: str) -> float:
    return float(to_major(minor, currency))


def _month(first: date) -> str:
    return localization.day(first, "LLLL y")


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
    """Meetings held and tasks done in each of the last months.

    As a plan by month would count them, but each month is a stretch of an index: no day is worked out for a row.
    """
    first = back(localization.today(), _ACTIVE - 1)
    asked = [
        plan(of, "count", group=at, by="month", where=[cmp(at, first, op="gte")])
        for of, at in (("meeting", "occurred_at"), ("task", "completed_at"))
    ]
    wanted = months(first, _ACTIVE + 1)
    calendar = listing.viewpoint().calendar
    starts = {f"start{i}": calendar.start_of(month) for i, month in enumerate(wanted)}
    found = _ACTIVITY.first(web.session(), **starts)
    points = []
    for i, month in enumerate(wanted[:-1]):
        values = [found[i], found[_ACTIVE + i]]
        texts = [localization.number(value) for value in values]
        hrefs = [charts.href(plan_, month) for plan_ in asked]
        points.append(Point(_month(month), values, texts, hrefs[0], hrefs))
    return Figure(_("Activity by month"), "columns", points, [_("Meetings"), _("Tasks done")])


def sources() -> Figure | None:
    """Where contacts come from."""
    found = charts.answer(plan("contact", "count", group="source", where=[cmp("source", "set", op="is")], limit=6))
    return next(iter(charts.figures(found, found.groups, "bars")), None) if found.groups else None


def stale(open_stages: Iterable[Stage]) -> tuple[Sequence[Row[Any]], int]:
    """Open deals that stay too long in their stage, the longest there first, and how many there are.

    The deals of which the field `is_stale` is true, asked the other way round: each stage is a stretch of an index.
    """
    whole = clock.now().replace(microsecond=0) + timedelta(seconds=1)  # as `whole_days` cuts off
    too_long = [
        and_(Deal.stage_id == stage_id, Deal.stage_since < whole - timedelta(days=days))
        for stage_id, days in deal_board.stale_limits(open_stages).items()
        if days
    ]
    if not too_long:
        return [], 0
    deals, [count] = first_deals([or_(*too_long)], Deal.stage_since, _STALE)
    return deals, count


def first_deals(
    where: Sequence[ColumnElement[bool]], by: InstrumentedAttribute[Any], limit: int, *narrower: ColumnElement[bool]
) -> tuple[Sequence[Row[Any]], list[int]]:
    """The first deals in the order of a column, and how many there are: in all, and of those narrowed further.

    One question, which sorts nothing but ids.
    """
    live = Deal.deleted_at.is_(None), *where
    first = select(Deal.id).where(*live).order_by(by, Deal.id).limit(limit)
    counts = [
        select(func.count()).select_from(Deal).where(*live, *more) for more in ((), *((one,) for one in narrower))
    ]
    shown = select(*_SHOWN, *(count.scalar_subquery() for count in counts)).where(Deal.id.in_(first))
    found = web.session().execute(shown.order_by(by, Deal.id)).all()
    return found, list(found[0][len(_SHOWN) :]) if found else [0] * len(counts)
