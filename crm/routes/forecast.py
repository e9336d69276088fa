"""Deals looked ahead and back: forecast by month, won and lost with reasons, time in stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from crm import charts, dashboard, localization, record_names, web
from crm.dashboard import cmp, plan
from crm.web import requires
from shared import clock
from shared.accounts.permissions import Scope
from shared.models import Deal, Pipeline, Stage, StageChange
from shared.records import pipelines

bp = Blueprint("forecast", __name__, url_prefix="/deals")

_AHEAD = 11


@bp.get("/forecast")
@requires(Scope.RECORDS_READ)
def show() -> ResponseReturnValue:
    """What may be won month by month, and what was won and lost, of all or of one owner or pipeline."""
    given = {name: request.args.get(name, type=web.whole) for name in ("owner_id", "pipeline_id")}
    where = [cmp(name, value) for name, value in given.items() if value is not None]
    since = dashboard.back(localization.today(), 11)
    closed = cmp("closed_at", since, op="gte")
    lost = charts.answer(
        plan(
            "deal",
            "count",
            "lost_amount",
            group="lost_reason",
            where=[cmp("stage_type", "lost"), closed, *where],
            limit=50,
        )
    )
    owners = charts.answer(
        plan(
            "deal",
            "open_pipeline",
            "weighted_pipeline",
            group="owner_id",
            where=[cmp("stage_type", "open"), *where],
            limit=50,
        )
    )
    rate = charts.answer(plan("deal", "win_rate", where=[closed, *where]))
    return web.page(
        "deals/forecast.html",
        figures=dashboard.forecast(where, _AHEAD),
        left_out=dashboard.left_out(where, _AHEAD),
        reasons=_table(lost),
        owners=_table(owners),
        win_rate=charts.text(rate.value, "percent"),
        since=since,
        pipeline_choices=[(p.id, p.name) for p in pipelines.listed(web.session())],
        users=record_names.asked_for(web.session()),
        given=given,
    )


def _table(found: Any) -> dict[str, Any]:
    columns = found.columns
    rows = [
        (row.name, charts.href(found.plan, row.key), [charts.text(row.values[c.name], c.type) for c in columns[1:]])
        for row in found.groups
    ]
    return {"heads": [charts.heading(column.label) for column in columns], "rows": rows}


# --- Time in stages


@dataclass(frozen=True, slots=True)
class Stay:
    """Days that deals spent in a stage before they left it; `now` stand there still."""

    stage: Stage
    left: int
    median: float | None
    most: float | None
    now: int


@bp.get("/stages")
@requires(Scope.RECORDS_READ)
def stages() -> ResponseReturnValue:
    """How long deals stay in each stage of a pipeline: half of them, nine of ten."""
    known = pipelines.listed(web.session(), archived=True)
    wanted = request.args.get("pipeline", type=web.whole)
    pipeline = next((p for p in known if p.id == wanted), known[0] if known else None)
    stays = _stays(pipeline) if pipeline else []
    return web.page("deals/stages.html", pipeline=pipeline, pipelines=known, stays=stays)


def _stays(pipeline: Pipeline) -> list[Stay]:
    log = (
        select(StageChange.deal_id, StageChange.to_stage_id, StageChange.at)
        .join(Deal, Deal.id == StageChange.deal_id)
        .where(Deal.pipeline_id == pipeline.id, Deal.deleted_at.is_(None))
        .order_by(StageChange.deal_id, StageChange.at, StageChange.id)
    )
    days: dict[int | None, list[float]] = {}
    now: dict[int | None, int] = {}
    moves = web.session().execute(log).all()
    for (deal, stage, at), (other, _next, left_at) in pairwise([*moves, (0, 0, clock.now())]):
        if deal == other:
            days.setdefault(stage, []).append((left_at - at).total_seconds() / 86400)
        else:
            now[stage] = now.get(stage, 0) + 1
    return [
        Stay(
            stage,
            len(days.get(stage.id, ())),
            share(days.get(stage.id, ()), 0.5),
            share(days.get(stage.id, ()), 0.9),
            now.get(stage.id, 0),
        )
        for stage in pipeline.stages
    ]


def share(values: Sequence[float], part: float) -> float | None:
    """The value that a part of the others do not exceed, between neighbours in proportion; None for none."""
    if not values:
        return None
    ordered = sorted(values)
    at = (len(ordered) - 1) * part
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def history(deal: Deal) -> list[tuple[str, datetime, int]]:
    """The stages a deal was in, the first one first: name, since when, days."""
    query = select(StageChange.at, Stage.name).outerjoin(Stage, Stage.id == StageChange.to_stage_id)
    moves = (
        web.session()
        .execute(query.where(StageChange.deal_id == deal.id).order_by(StageChange.at, StageChange.id))
        .all()
    )
    ends = [at for at, _name in moves[1:]] + [deal.closed_at or clock.now()]
    return [
        (name or _("a stage that is gone"), at, max(0, (end - at).days))
        for (at, name), end in zip(moves, ends, strict=False)  # without moves there is but an end
    ]
