"""A condition that names a merged record means the one it was merged into: saved views, links and answers go on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from shared.models import MergedRecord
from shared.query.types import Field
from shared.tenancy import TenantSession

_MERGED = ("company", "contact")


def followed(session: TenantSession, field: Field, values: Sequence[str]) -> Sequence[str]:
    """Checked values of a condition, ids of merged records replaced by where these are now."""
    ids = tuple(int(value) for value in values if value.isdecimal()) if field.target in _MERGED else ()
    into = winners_of(session, field.target or "", ids) if ids else {}
    return [str(into[int(value)]) if value.isdecimal() and int(value) in into else value for value in values]


def winners_of(session: TenantSession, type_: str, ids: Sequence[int]) -> dict[int, int]:
    """Those of the records that were merged, with where each is now."""
    if type_ not in _MERGED:
        return {}
    merged = MergedRecord.record_type == type_, MergedRecord.record_id.in_(ids)
    query = select(MergedRecord.record_id, MergedRecord.winner_id).where(*merged)
    found: dict[int, int] = session.once((winners_of, type_, tuple(ids)), lambda: dict(session.execute(query).all()))
    return found
