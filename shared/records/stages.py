"""Taking stages and pipelines away: the deals in them go elsewhere first, however many there are.

Deals are moved by a handful of statements, not one by one; each still gets its entry in the log of stages and a new
version. The pipeline's own event says how many went where. What stood where is kept by deal (`BulkChange`), for
`stage_undo`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, insert, literal, null, select, update

from shared import clock, events, search
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import BulkChange, BulkItem, BulkStatus, Deal, Pipeline, Stage, StageChange, StageType
from shared.records import verbs
from shared.records.types import jsonable
from shared.tenancy import TenantSession

#: The action of a `BulkChange` that keeps where deals stood.
EMPTIED = "stage_emptied"
#: What is kept of each deal, and of a stage.
KEPT = ("stage_id", "closed_at", "lost_reason", "stage_since")
STAGE_COLUMNS = ("name", "type", "probability", "position", "stale_days")


def count_deals(session: TenantSession, stage_ids: list[int], *, binned: bool = False) -> dict[int, int]:
    """How many deals stand in each of these stages, those in the bin left out; or, `binned`, those alone."""
    is_meant = Deal.deleted_at.is_not(None) if binned else Deal.deleted_at.is_(None)
    query = select(Deal.stage_id, func.count()).where(Deal.stage_id.in_(stage_ids), is_meant)
    return dict(session.execute(query.group_by(Deal.stage_id)).all())


def remove_stage(
    session: TenantSession, pipeline: Pipeline, stage_id: int, *, move_to: int | None, by: Actor
) -> tuple[Stage, BulkChange]:
    """Take a stage away, its deals to the stage `move_to`. Returns (the removed stage, what was moved).

    Raises Conflict where deals stand in it and no stage was named, Invalid where that stage will not do, or where no
    open stage would be left.
    """
    stage = next((stage for stage in pipeline.stages if stage.id == stage_id), None)
    if stage is None:
        raise Invalid.field("stage_id", "This stage does not exist, or no longer.")
    if not any(other.type is StageType.OPEN for other in pipeline.stages if other is not stage):
        raise Invalid.field("stage_id", "A pipeline needs at least one open stage.")
    moved = _empty(session, pipeline, [stage], _target(session, [stage], move_to), by)
    moved.data = {**moved.data, "stage": _kept(session, stage)}
    pipeline.stages = [other for other in pipeline.stages if other is not stage]
    for i, other in enumerate(pipeline.stages):
        other.position = i
    touch(session, pipeline, by, {"removed": stage.name, "moved": moved.changed, "to_stage_id": move_to})
    return stage, moved


def remove_pipeline(session: TenantSession, pipeline: Pipeline, *, move_to: int | None, by: Actor) -> BulkChange:
    """Delete a pipeline, its deals to the stage `move_to` of another. Returns what was moved."""
    if pipeline.is_default:
        raise Conflict("New deals begin in this pipeline. Make another one the default first.")
    moved = _empty(session, pipeline, pipeline.stages, _target(session, pipeline.stages, move_to), by)
    verbs.delete(session, pipeline, by=by)
    return moved


def check_deletable(session: TenantSession, pipeline: Pipeline) -> None:
    """Raise Conflict where deals stand in a pipeline, or new ones begin in it."""
    deals = sum(count_deals(session, [stage.id for stage in pipeline.stages]).values())
    if deals:
        raise Conflict(f"{deals} deals stand in “{pipeline.name}”. Move them before deleting it, or archive it.")
    if pipeline.is_default:
        raise Conflict("New deals begin in this pipeline. Make another one the default first.")


def _target(session: TenantSession, left: list[Stage], move_to: int | None) -> Stage | None:
    if move_to is None:
        return None
    target = session.get(Stage, move_to)
    if target is None or target.id in {stage.id for stage in left}:
        raise Invalid.field("move_to", "Choose a stage that stays.")
    pipeline = session.get(Pipeline, target.pipeline_id)
    if pipeline is None or pipeline.deleted_at is not None:
        raise Invalid.field("move_to", "Choose a stage that stays.")
    return target


def _empty(
    session: TenantSession, pipeline: Pipeline, left: list[Stage], target: Stage | None, by: Actor
) -> BulkChange:
    """Move every deal out of stages, those in the bin too: restored, they must stand somewhere."""
    ids = [stage.id for stage in left]
    now, here = clock.now(), Deal.stage_id.in_(ids)
    columns = select(Deal.id, Deal.stage_id, Deal.closed_at, Deal.lost_reason, Deal.stage_since)
    deals = session.execute(columns.where(here)).all()
    kept = BulkChange(
        user_id=by.user_id, record_type="deal", action=EMPTIED, status=BulkStatus.DONE, ids=[], total=len(deals),
        position=len(deals), changed=len(deals),
        data={"pipeline_id": pipeline.id, "to_stage_id": target.id if target else None, "at": now.isoformat()},
    )  # fmt: skip
    session.add(kept)
    session.flush()
    if not deals:
        return kept
    if target is None:
        raise Conflict(f"{len(deals)} deals stand in “{left[0].name}”. Say where they go.")
    moves = [
        {"workspace_id": session.workspace_id, "deal_id": deal.id, "from_stage_id": deal.stage_id,
         "to_stage_id": target.id, "at": now, "user_id": by.user_id}
        for deal in deals
    ]  # fmt: skip
    items = [
        {"workspace_id": session.workspace_id, "change_id": kept.id, "record_id": deal.id, "after": {},
         "before": jsonable({name: getattr(deal, name) for name in KEPT})}
        for deal in deals
    ]  # fmt: skip
    session.execute(insert(BulkItem), items)
    session.execute(insert(StageChange), moves)
    values: dict[str, Any] = {
        "stage_id": target.id, "pipeline_id": target.pipeline_id, "closed_at": _closed(left, target, now),
        "stage_since": now, "updated_at": now, "version": Deal.version + 1,
    }  # fmt: skip
    if target.type is not StageType.LOST:
        values["lost_reason"] = None
    session.execute(update(Deal).where(here).values(values), execution_options={"synchronize_session": False})
    session.expire_all()
    there = Deal.stage_id == target.id
    search.mark_found(session, "deal", select(Deal.id).where(Deal.workspace_id == session.workspace_id, there))
    return session.get_one(BulkChange, kept.id)


def _kept(session: TenantSession, stage: Stage) -> dict[str, Any]:
    """What bringing a stage back takes: its own columns, and where it stands in the log."""
    columns = {name: getattr(stage, name) for name in ("id", *STAGE_COLUMNS)}
    log = {
        name: list(session.scalars(select(StageChange.id).where(getattr(StageChange, name) == stage.id)))
        for name in ("from_stage_id", "to_stage_id")
    }
    kept: dict[str, Any] = jsonable({**columns, "log": log})
    return kept


def _closed(left: list[Stage], target: Stage, now: datetime) -> ColumnElement[Any]:
    """When deals count as closed in `target`: as before where they had ended that way, else from now on."""
    if target.type is StageType.OPEN:
        return null()
    same = [stage.id for stage in left if stage.type is target.type]
    return case((Deal.stage_id.in_(same), Deal.closed_at), else_=literal(now, Deal.closed_at.type))


def touch(session: TenantSession, pipeline: Pipeline, by: Actor, data: dict[str, object]) -> None:
    """Say what was done to a stage of a pipeline."""
    pipeline.updated_at = clock.now()
    session.flush()
    events.record(
        session, "pipeline.updated", by=by, subject=("pipeline", pipeline.id), title=pipeline.name, data={"stage": data}
    )
