"""The first page after signing in, and the questions a supervisor asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, Select, bindparam, func, nulls_last, select
from sqlalchemy.orm import raiseload

from crm import activity, dashboard, localization, web
from crm.routes.meetings import ACCEPT
from crm.web import public, requires
from shared import health
from shared.accounts.permissions import Scope
from shared.models import (
    Deal,
    Insight,
    InsightStatus,
    Meeting,
    MeetingStatus,
    Pipeline,
    Stage,
    StageType,
    Task,
    TaskStatus,
)
from shared.prepared import Prepared
from shared.query import asking, compiler
from shared.schemas.insight import Kind
from shared.tenancy import standing

bp = Blueprint("home", __name__)

SHOWN = 6
#: What all figures may take together; one may take as long as any answer.
_FIGURES_S = 3 * asking.TIME_LIMIT_S
_UNDECIDED = (InsightStatus.PENDING, InsightStatus.UNDONE)


# --- Questions that every first page asks, written once


def _newest_to_review() -> Select[Any]:
    """(meeting, findings in it, meetings in all, findings in all) that nobody has decided on."""
    meeting_id = Insight.meeting_id + 0  # else SQLite goes through all that was ever found, in this order
    waiting = (
        select(meeting_id.label("meeting_id"), func.count().label("count"))
        .where(Insight.status.in_(_UNDECIDED), Insight.kind != Kind.SUMMARY)
        .group_by(meeting_id)
        .subquery()
    )
    total, findings = func.count().over().label("total"), func.sum(waiting.c.count).over().label("findings")
    order = Meeting.occurred_at.desc(), Meeting.id.desc()
    newest = (
        select(Meeting.id, waiting.c.count, total, findings)
        .join(waiting, waiting.c.meeting_id == Meeting.id)
        .where(Meeting.deleted_at.is_(None), Meeting.status == MeetingStatus.READY)
        .order_by(*order)
        .limit(SHOWN)
        .subquery()
    )
    shown = select(Meeting, newest.c.count, newest.c.total, newest.c.findings).join(newest, newest.c.id == Meeting.id)
    return standing(shown.order_by(*order).options(raiseload(Meeting.attendees)))


_TO_REVIEW = _newest_to_review()
_UNDER_WAY = standing(
    select(Meeting)
    .where(
        Meeting.deleted_at.is_(None),
        Meeting.status.in_((MeetingStatus.QUEUED, MeetingStatus.ANALYZING, MeetingStatus.FAILED)),
    )
    .options(raiseload(Meeting.attendees))
    .order_by(Meeting.updated_at.desc(), Meeting.id.desc())
    .limit(SHOWN)
)
_OPEN_STAGES = standing(
    select(Stage, Pipeline.deleted_at.is_(None))
    .join(Pipeline, Pipeline.id == Stage.pipeline_id)
    .where(Stage.type == StageType.OPEN)
    .order_by(Pipeline.is_default.desc(), Pipeline.id, Stage.position)
)
_SUMS = Prepared(
    select(Deal.stage_id, Deal.currency, func.count(), func.sum(Deal.amount_minor))
    .where(Deal.deleted_at.is_(None), Deal.stage_id.in_(bindparam("stages", expanding=True)))
    .group_by(Deal.stage_id, Deal.currency)
    .order_by(Deal.currency)
)
_MINE = (Task.deleted_at.is_(None), Task.status == TaskStatus.OPEN, Task.assignee_id == bindparam("me"))
_MY_TASKS = Prepared(
    select(Task.id, Task.title, Task.status, Task.due_date, Task.due_at)
    .where(*_MINE)
    .order_by(nulls_last(Task.due_date), Task.id)
    .limit(SHOWN)
)
#: All, those that are late, those due today. Each by itself is a stretch of an index; together each task is looked at.
_MY_COUNTS = Prepared(
    select(
        *(
            select(func.count()).select_from(Task).where(*_MINE, *due).scalar_subquery()
            for due in (
                (),
                (Task.due_date < bindparam("today"),),
                (Task.due_date >= bindparam("today"), Task.due_date < bindparam("tomorrow")),
            )
        )
    )
)


@dataclass(slots=True)
class StageSum:
    """The open deals in one stage: how many, and their worth in minor units by currency."""

    stage: Stage
    count: int = 0
    amounts: dict[str, int] = field(default_factory=dict)


@bp.get("/")
@requires(Scope.RECORDS_READ)
def index() -> ResponseReturnValue:
    """What waits for this person today; three steps where nothing is there yet."""
    to_review, reviews, findings = _to_review()
    tasks, open_tasks, overdue, due_today = _tasks()
    open_stages = _open_stages()
    stages = _pipeline(open_stages)
    under_way = _under_way()
    closing, closing_count, late_deals = _closing(open_stages)
    return web.page(
        "home/index.html",
        to_review=to_review,
        reviews=reviews,
        findings=findings,
        under_way=under_way,
        tasks=tasks,
        open_tasks=open_tasks,
        overdue=overdue,
        due_today=due_today,
        stages=stages,
        closing=closing,
        closing_count=closing_count,
        closing_before=_next_month(),
        late_deals=late_deals,
        stage_max=max((entry.count for entry in stages), default=0),
        charts=_figures(open_stages) if stages or tasks else {},
        moments=activity.recent(web.session()),
        has_meetings=bool(to_review or under_way) or _has_meetings(),
        accept=ACCEPT,
    )


def _to_review() -> tuple[list[tuple[Meeting, int]], int, int]:
    """Meetings with findings nobody has decided on, newest first; how many meetings and findings there are."""
    found = web.session().execute(_TO_REVIEW).all()
    counts = (int(found[0].total), int(found[0].findings)) if found else (0, 0)
    return [(row[0], int(row[1])) for row in found], *counts


def _under_way() -> list[Meeting]:
    """Meetings being read, waiting to be, or that could not be."""
    return list(web.session().scalars(_UNDER_WAY))


def _tasks() -> tuple[Sequence[Row[*tuple[Any, ...]]], int, int, int]:
    """My open tasks, the most urgent first; how many there are, how many of them are late, and due today."""
    session, today = web.session(), localization.today()
    me = web.current_user.id
    total, overdue, due_today = _MY_COUNTS.first(session, me=me, today=today, tomorrow=today + timedelta(days=1))
    return _MY_TASKS.rows(session, me=me) if total else (), total, overdue, due_today


def _has_meetings() -> bool:
    return web.session().scalar(select(Meeting.id).where(Meeting.deleted_at.is_(None)).limit(1)) is not None


def _open_stages() -> list[tuple[Stage, bool]]:
    """The open stages of all pipelines, the default one's first; and whether that pipeline is there."""
    return [(stage, is_there) for stage, is_there in web.session().execute(_OPEN_STAGES)]


def _pipeline(open_stages: list[tuple[Stage, bool]]) -> list[StageSum]:
    """The open stages of the first pipeline. Sums stand per currency, never across."""
    first = next((stage.pipeline_id for stage, is_there in open_stages if is_there), None)
    found = {stage.id: StageSum(stage) for stage, _is_there in open_stages if stage.pipeline_id == first}
    if not found:
        return []
    for stage_id, currency, count, amount in _SUMS.rows(web.session(), stages=list(found)):
        entry = found[stage_id]
        entry.count += count
        if currency and amount is not None:
            entry.amounts[currency] = int(amount)
    return list(found.values())


def _figures(open_stages: list[tuple[Stage, bool]]) -> dict[str, Any]:
    """What the dashboard draws, and the deals that stand still."""
    deals, count = dashboard.stale(stage for stage, _is_there in open_stages)
    with compiler.limited(web.session(), _FIGURES_S):
        return {
            "won": dashboard.won(),
            "forecast": dashboard.forecast(),
            "activity": dashboard.activity(),
            "sources": dashboard.sources(),
            "stale": deals,
            "stale_count": count,
        }


def _next_month() -> date:
    return (localization.today().replace(day=28) + timedelta(days=4)).replace(day=1)


def _closing(open_stages: list[tuple[Stage, bool]]) -> tuple[Sequence[Row[Any]], int, int]:
    """Open deals due by the end of this month, the most overdue first; how many there are, and how many are late."""
    due = Deal.stage_id.in_([stage.id for stage, _is_there in open_stages]), Deal.expected_close < _next_month()
    is_late = Deal.expected_close < localization.today()
    deals, [count, late] = dashboard.first_deals(due, Deal.expected_close, SHOWN, is_late)
    return deals, count, late


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """What works and what does not; 503 only when the CRM cannot serve."""
    found = health.check(web.settings(), web.database())
    return jsonify(found.to_json()), 503 if found.status == "down" else 200
