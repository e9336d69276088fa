"""Bringing back a stage or a pipeline that was taken away (`shared.records.stages`), its deals to where they stood.

Deals that somebody moved since stay where they are and are counted. For the others nothing has happened: their closing
day, reason and time in the stage are as before, and the log of stages forgets the move.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from shared import clock, search
from shared.database import batched, write_many
from shared.errors import Conflict
from shared.events import Actor
from shared.models import BulkChange, BulkItem, BulkStatus, Deal, Pipeline, Stage, StageChange, StageType
from shared.models.base import table_of
from shared.records import changing, verbs
from shared.records.stages import EMPTIED, STAGE_COLUMNS, touch
from shared.tenancy import TenantSession

_AT_A_TIME = 5_000  # ids in one statement


def take_back(session: TenantSession, id: int, *, by: Actor) -> tuple[Pipeline, int]:
    """Returns (the pipeline, how many deals stayed where they are by now).

    Raises NotFound, or Conflict where it was taken back, the pipeline is gone for good, or the stage's name is taken.
    """
    moved = changing.to_take_back(session, id, EMPTIED)
    pipeline = session.get(Pipeline, moved.data["pipeline_id"])
    kept = moved.data.get("stage")
    if pipeline is None or (kept and pipeline.deleted_at is not None):
        raise Conflict("The pipeline was deleted since.")
    if pipeline.deleted_at is not None:
        verbs.restore(session, pipeline, by=by)
    stage = _stage_back(session, pipeline, kept) if kept else None
    back = _deals_back(session, moved, {kept["id"]: stage.id} if kept and stage else {})
    if stage is not None:
        touch(session, pipeline, by, {"restored": stage.name, "moved": back})
    moved.status, moved.undone_at = BulkStatus.UNDONE, clock.now()
    session.flush()
    return pipeline, moved.changed - back


def _stage_back(session: TenantSession, pipeline: Pipeline, kept: dict[str, Any]) -> Stage:
    name = kept["name"]
    if any(stage.name.casefold() == name.casefold() for stage in pipeline.stages):
        raise Conflict(f"There is a stage “{name}” by now. Give that one another name first.")
    stage = Stage(**{column: kept[column] for column in STAGE_COLUMNS} | {"type": StageType(kept["type"])})
    if session.get(Stage, kept["id"]) is None:  # SQLite gives the id of the last row again once that is deleted
        stage.id = kept["id"]
    stages = list(pipeline.stages)
    stages.insert(kept["position"], stage)
    pipeline.stages = stages
    for i, other in enumerate(stages):
        other.position = i
    session.flush()
    for column, ids in kept["log"].items():
        for batch in batched(ids, _AT_A_TIME):
            here = StageChange.id.in_(batch), getattr(StageChange, column).is_(None)
            session.execute(update(StageChange).where(*here).values({column: stage.id}), execution_options=_UNSEEN)
    return stage


def _deals_back(session: TenantSession, moved: BulkChange, new_ids: dict[int, int]) -> int:
    """Returns how many."""
    at, target = datetime.fromisoformat(moved.data["at"]), moved.data["to_stage_id"]
    standing = (
        select(Deal.id, BulkItem.before)
        .join(BulkItem, BulkItem.record_id == Deal.id)
        .where(BulkItem.change_id == moved.id, Deal.stage_id == target, Deal.stage_since == at)
    )
    rows = [
        {
            "deal": id,
            "stage": new_ids.get(before["stage_id"], before["stage_id"]),
            "closed": _moment(before["closed_at"]),
            "lost": before["lost_reason"],
            "since": _moment(before["stage_since"]),
        }
        for id, before in session.execute(standing)
    ]
    ids = [row["deal"] for row in rows]
    for batch in batched(ids, _AT_A_TIME):
        log = delete(StageChange).where(
            StageChange.deal_id.in_(batch), StageChange.at == at, StageChange.to_stage_id == target
        )
        session.execute(log, execution_options=_UNSEEN)
    table = table_of(Deal)
    back = (
        update(table)
        .where(table.c.id == bindparam("deal"))
        .values(
            stage_id=bindparam("stage"), pipeline_id=moved.data["pipeline_id"], closed_at=bindparam("closed"),
            lost_reason=bindparam("lost"), stage_since=bindparam("since"), updated_at=clock.now(),
            version=table.c.version + 1,
        )
    )  # fmt: skip
    session.flush()
    write_many(session, back, rows)
    session.expire_all()
    for batch in batched(ids, _AT_A_TIME):
        mine = Deal.workspace_id == session.workspace_id
        search.mark_found(session, "deal", select(Deal.id).where(mine, Deal.id.in_(batch)))
    return len(rows)


_UNSEEN = {"synchronize_session": False}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
