"""Where a merged record is found now, and under which names a winner was known before."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from shared.models import FormerName, MergedRecord
from shared.tenancy import TenantSession


def winner_of(session: TenantSession, type_name: str, id: int) -> int | None:
    """The record that this one was merged into; None if it was not merged."""
    query = select(MergedRecord.winner_id).where(MergedRecord.record_type == type_name, MergedRecord.record_id == id)
    return session.scalar(query)


def formerly(session: TenantSession, type_name: str, name_key: str, *, limit: int = 50) -> list[int]:
    """Ids of records that once had this folded name."""
    query = select(FormerName.record_id).where(FormerName.record_type == type_name, FormerName.name_key == name_key)
    return list(session.scalars(query.distinct().limit(limit)))


def former_names(session: TenantSession, type_name: str, id: int) -> Sequence[str]:
    """Names a record had before merges, oldest first."""
    query = select(FormerName.name).where(FormerName.record_type == type_name, FormerName.record_id == id)
    return list(dict.fromkeys(session.scalars(query.order_by(FormerName.id))))
