"""Marks on what has changed, and chunks of what is gone: written in the transaction of the change itself.

A mark is all that a person's change costs; chunks and vectors are made by a job that reads marks. So nothing a job
does or fails to do can lose a change, and nothing that was deleted is found a moment longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, delete, func, literal, null, select
from sqlalchemy.dialects import postgresql, sqlite

from shared import clock
from shared.database import write_many
from shared.models import (
    Chunk,
    ChunkMark,
    ChunkRemoval,
    Contact,
    Deal,
    Insight,
    InsightStatus,
    Link,
    Meeting,
    SearchDocument,
)
from shared.models.base import UtcDateTime
from shared.tenancy import TenantSession

_APPLIED = [status for status in InsightStatus if status.is_applied]


def mark(session: TenantSession, record_type: str, record_id: int) -> None:
    """Have a record's chunks made anew. With a meeting its accepted insights, which live and die with it."""
    mark_many(session, record_type, [record_id])


def mark_many(session: TenantSession, record_type: str, record_ids: Sequence[int]) -> None:
    """As `mark` for many of one type."""
    common = {"workspace_id": session.workspace_id, "record_type": record_type, "seq": 1, "marked_at": clock.wall()}
    rows = [{**common, "record_id": id_} for id_ in record_ids]
    write_many(session, _marking(_dialect(session)), rows)
    for id_ in record_ids if record_type == "meeting" else ():
        of_meeting = _insights_of(session, id_).where(Insight.status.in_(_APPLIED))
        _mark_all(session, "insight", of_meeting, clock.wall())


def mark_dependents(session: TenantSession, record_type: str, record_id: int) -> None:
    """Mark the records that show this one's name among their own words."""
    now = clock.wall()
    workspace = session.workspace_id
    links = select(Link.owner_id).where(
        Link.workspace_id == workspace, Link.target_type == record_type, Link.target_id == record_id
    )
    for owner in ("note", "task"):
        _mark_all(session, owner, links.where(Link.owner_type == owner), now)
    if record_type == "company":
        for name, model in (("contact", Contact), ("deal", Deal), ("meeting", Meeting)):
            here = select(model.id).where(
                model.workspace_id == workspace, model.company_id == record_id, model.deleted_at.is_(None)
            )
            _mark_all(session, name, here, now)
    if record_type == "deal":
        _mark_all(
            session,
            "meeting",
            select(Meeting.id).where(Meeting.workspace_id == workspace, Meeting.deal_id == record_id),
            now,
        )


def mark_found(session: TenantSession, record_type: str, ids: Select[Any]) -> None:
    """Mark the records that a query of ids finds; it must bind the workspace itself."""
    _mark_all(session, record_type, ids, clock.wall())


def mark_everything(session: TenantSession) -> int:
    """Mark every record of the session's workspace that has words. Returns how many marks there are."""
    now, workspace = clock.wall(), session.workspace_id
    kinds = session.scalars(select(SearchDocument.record_type).distinct()).all()
    for kind in kinds:
        found = select(SearchDocument.record_id).where(
            SearchDocument.workspace_id == workspace, SearchDocument.record_type == kind
        )
        _mark_all(session, kind, found, now)
    live = (
        select(Insight.id)
        .join(Meeting, Meeting.id == Insight.meeting_id)
        .where(Insight.workspace_id == workspace, Insight.status.in_(_APPLIED), Meeting.deleted_at.is_(None))
    )
    _mark_all(session, "insight", live, now)
    return session.scalar(select(func.count()).select_from(ChunkMark)) or 0


def forget(session: TenantSession, record_type: str, record_id: int) -> None:
    """Take a record's chunks away, now. With a meeting those of its insights."""
    _forget_where(session, record_type, [record_id])
    if record_type == "meeting":
        _forget_where(session, "insight", _insights_of(session, record_id))


def forget_many(session: TenantSession, record_type: str, record_ids: Sequence[int]) -> None:
    """Take the chunks of records that are no meetings away, now."""
    _forget_where(session, record_type, record_ids)


def has_marks(session: TenantSession) -> bool:
    """Whether any record waits for its chunks, in the session's workspace or in all."""
    return session.scalar(select(ChunkMark.id).limit(1)) is not None


def _insights_of(session: TenantSession, meeting_id: int) -> Select[Any]:
    return select(Insight.id).where(Insight.workspace_id == session.workspace_id, Insight.meeting_id == meeting_id)


def _dialect(session: TenantSession) -> Any:
    return sqlite if session.get_bind().dialect.name == "sqlite" else postgresql


@cache
def _marking(dialect: Any) -> Any:
    """Put together once: that takes longer than to run it."""
    return _upsert(dialect.insert(ChunkMark.__table__))


def _upsert(statement: Any) -> Any:
    return statement.on_conflict_do_update(
        index_elements=["record_type", "record_id"],
        set_={"seq": ChunkMark.seq + 1, "marked_at": statement.excluded.marked_at},
        where=ChunkMark.workspace_id == statement.excluded.workspace_id,
    )


def _mark_all(session: TenantSession, record_type: str, ids: Select[Any], now: datetime) -> None:
    """Mark whatever a query of ids finds, in one statement."""
    (id_column,) = ids.selected_columns
    rows = ids.with_only_columns(
        literal(session.workspace_id), literal(record_type), id_column, literal(1), literal(now, UtcDateTime())
    ).where(id_column.is_not(None))  # SQLite needs a WHERE before ON CONFLICT
    columns = ["workspace_id", "record_type", "record_id", "seq", "marked_at"]
    statement = _dialect(session).insert(ChunkMark.__table__).from_select(columns, rows)
    session.execute(_upsert(statement))


def _forget_where(session: TenantSession, record_type: str, ids: Sequence[int] | Select[Any]) -> None:
    # The mark first: on PostgreSQL the job holds it while it writes chunks, and those must not come after our delete.
    marks = (ChunkMark.record_type == record_type, ChunkMark.record_id.in_(ids))
    session.execute(delete(ChunkMark).where(*marks).execution_options(synchronize_session=False))
    mine = (Chunk.workspace_id == session.workspace_id, Chunk.record_type == record_type, Chunk.record_id.in_(ids))
    gone = select(Chunk.workspace_id, Chunk.id, null()).where(*mine)
    columns = ["workspace_id", "chunk_id", "change"]
    session.execute(_dialect(session).insert(ChunkRemoval.__table__).from_select(columns, gone))
    session.execute(delete(Chunk).where(*mine).execution_options(synchronize_session=False))
