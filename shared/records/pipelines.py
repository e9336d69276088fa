"""Pipelines and their stages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, null, select, update

from shared import clock
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import Deal, Pipeline, Stage, StageType
from shared.tenancy import TenantSession

#: The pipeline a new workspace starts with: name, type, probability in percent.
DEFAULT_STAGES = (
    ("Qualification", StageType.OPEN, 10),
    ("Discovery", StageType.OPEN, 25),
    ("Proposal", StageType.OPEN, 50),
    ("Negotiation", StageType.OPEN, 75),
    ("Won", StageType.WON, 100),
    ("Lost", StageType.LOST, 0),
)


def listed(session: TenantSession, *, archived: bool = False) -> list[Pipeline]:
    """The pipelines, the default one first; archived ones, after the others, only if asked for."""
    order = (Pipeline.archived_at.is_not(None), Pipeline.is_default.desc(), Pipeline.id)
    query = select(Pipeline).where(Pipeline.deleted_at.is_(None)).order_by(*order)
    known = session.cached("pipelines", lambda: list(session.scalars(query)))
    return [pipeline for pipeline in known if archived or pipeline.archived_at is None]


def stages(session: TenantSession, pipeline_ids: Iterable[int]) -> Sequence[Stage]:
    """The stages of pipelines in their order."""
    ids = frozenset(pipeline_ids)
    known = session.cached("stages", lambda: list(session.scalars(select(Stage).order_by(Stage.position))))
    return [stage for stage in known if stage.pipeline_id in ids]


def default_pipeline(session: TenantSession) -> Pipeline:
    """The workspace's default pipeline, made on first use."""
    pipeline = next(iter(listed(session)), None)
    if pipeline is None:
        pipeline = Pipeline(name="Sales", is_default=True, actor="system", custom={})
        pipeline.stages = [
            Stage(name=name, type=type_, probability=probability, position=i)
            for i, (name, type_, probability) in enumerate(DEFAULT_STAGES)
        ]
        session.add(pipeline)
        session.flush()
    return pipeline


def write(session: TenantSession, pipeline: Pipeline, values: dict[str, Any], by: Actor) -> None:
    """Set validated values. Stages are matched by id, then by name; one that deals stand in cannot be left out."""
    if "name" in values:
        pipeline.name = values["name"]
    if "stages" in values:
        _write_stages(session, pipeline, values["stages"])
    if values.get("archived") is not None:
        _archive(pipeline, is_wanted=values["archived"])
    if values.get("is_default"):
        _make_default(session, pipeline)
    elif values.get("is_default") is False and pipeline.is_default:
        raise Invalid.field("is_default", "New deals must begin somewhere. Make another pipeline the default instead.")


def _archive(pipeline: Pipeline, *, is_wanted: bool) -> None:
    if is_wanted and pipeline.is_default:
        raise Conflict("New deals begin in this pipeline. Make another one the default first.")
    if is_wanted != (pipeline.archived_at is not None):
        pipeline.archived_at = clock.now() if is_wanted else None


def _make_default(session: TenantSession, pipeline: Pipeline) -> None:
    if pipeline.archived_at is not None:
        raise Conflict("An archived pipeline takes no new deals. Bring it back first.")
    for other in session.scalars(select(Pipeline).where(Pipeline.is_default.is_(True))):
        other.is_default = other is pipeline
    pipeline.is_default = True


def _write_stages(session: TenantSession, pipeline: Pipeline, given: list[dict[str, Any]]) -> None:
    names = [entry["name"].casefold() for entry in given]
    if len(set(names)) != len(names):
        raise Invalid.field("stages", "Two stages have the same name.")
    if not any(entry.get("type", StageType.OPEN) is StageType.OPEN for entry in given):
        raise Invalid.field("stages", "A pipeline needs at least one open stage.")
    ids = [entry["id"] for entry in given if entry.get("id") is not None]
    if len(set(ids)) != len(ids):
        raise Invalid.field("stages", "A stage is named twice.")
    by_id = {stage.id: stage for stage in pipeline.stages}
    types = {stage: stage.type for stage in pipeline.stages}
    by_name = {stage.name.casefold(): stage for stage in pipeline.stages}
    kept: list[Stage] = []
    for i, entry in enumerate(given):
        if entry.get("id") is not None and entry["id"] not in by_id:
            raise Invalid.field(f"stages.{i}.id", f"This pipeline has no stage with id {entry['id']}.")
        stage = by_id.get(entry.get("id") or 0) or by_name.get(entry["name"].casefold()) or Stage()
        stage.name = entry["name"]
        stage.type = entry.get("type", stage.type or StageType.OPEN)
        stage.probability = entry.get("probability", _usual_probability(stage))
        stage.position = i if entry.get("position") is None else entry["position"]
        if "stale_days" in entry:
            stage.stale_days = entry["stale_days"]
        kept.append(stage)
    _refuse_if_used(session, [stage for stage in pipeline.stages if stage not in kept])
    pipeline.stages = sorted(kept, key=lambda stage: stage.position)
    for stage in kept:
        if types.get(stage, stage.type) is not stage.type:
            _reckon_anew(session, stage)


def _reckon_anew(session: TenantSession, stage: Stage) -> None:
    """Close or reopen the deals in a stage that is of another type now, those in the bin too.

    Whatever was not closed before was on the day it came here: reports go by that day.
    """
    session.flush()
    is_open = stage.type is StageType.OPEN
    values: dict[str, Any] = {
        "closed_at": null() if is_open else func.coalesce(Deal.closed_at, Deal.stage_since),
        "updated_at": clock.now(), "version": Deal.version + 1,
    }  # fmt: skip
    if stage.type is not StageType.LOST:
        values["lost_reason"] = None
    session.execute(update(Deal).where(Deal.stage_id == stage.id).values(values))


def _usual_probability(stage: Stage) -> int:
    if stage.probability is not None:
        return stage.probability
    return 100 if stage.type is StageType.WON else 0


def _refuse_if_used(session: TenantSession, dropped: list[Stage]) -> None:
    for stage in dropped:
        deals = session.scalar(select(func.count(Deal.id)).where(Deal.stage_id == stage.id)) or 0
        if deals:
            raise Conflict(f"{deals} deals stand in the stage “{stage.name}”. Move them before removing it.")


def show(session: TenantSession, pipeline: Pipeline) -> dict[str, Any]:
    return {
        "name": pipeline.name,
        "is_default": pipeline.is_default,
        "archived": pipeline.archived_at is not None,
        "stages": [
            {
                "id": s.id, "name": s.name, "type": s.type, "probability": s.probability, "position": s.position,
                "stale_days": s.stale_days,
            }
            for s in pipeline.stages
        ],
    }  # fmt: skip
