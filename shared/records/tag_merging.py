"""One tag folded into another, and taken back: what carried it carries the other, what asks for it asks for the other.

Which taggings moved, which records carried both, and how views and reports asked before is kept (`BulkChange`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from shared import clock
from shared.database import batched
from shared.errors import Conflict
from shared.events import Actor
from shared.models import BulkChange, BulkStatus, Report, SavedView, Tag, Tagging
from shared.records import changing, tags, verbs
from shared.tenancy import TenantSession

#: The action of a `BulkChange` that keeps what a merge of tags did.
MERGED = "tag_merged"
_AT_A_TIME = 5_000  # ids in one statement
_ASKING: tuple[tuple[Any, str], ...] = ((SavedView, "state"), (Report, "plan"))


def merge(session: TenantSession, tag: Tag, into: Tag, *, by: Actor) -> BulkChange:
    """Let everything that carries or asks for one tag carry or ask for another; the first is deleted. Returns what
    `take_back` needs."""
    carried = _carried(session, into.id)
    moved, both = [], []
    for tagging in session.scalars(select(Tagging).where(Tagging.tag_id == tag.id)):
        target = (tagging.target_type, tagging.target_id)
        if target in carried:
            both.append(list(target))
            session.delete(tagging)
        else:
            moved.append(tagging.id)
            tagging.tag_id = into.id
    before = {(model, row.id): getattr(row, column) for model, column, row in _asking(session)}
    tags.follow(session, tag.name_key, into.name)
    asked = [
        [model.__tablename__, row.id, before[model, row.id], getattr(row, column)]
        for model, column, row in _asking(session)
        if getattr(row, column) != before[model, row.id]
    ]
    kept = BulkChange(
        user_id=by.user_id, record_type="tag", action=MERGED, status=BulkStatus.DONE, ids=moved,
        total=len(moved) + len(both), position=len(moved) + len(both), changed=len(moved) + len(both),
        data={"tag_id": tag.id, "into_id": into.id, "both": both, "asked": asked},
    )  # fmt: skip
    session.add(kept)
    session.flush()
    verbs.delete(session, tag, by=by)
    return kept


def take_back(session: TenantSession, id: int, *, by: Actor) -> Tag:
    """Give both tags back what they had, where nobody has changed it since. Raises NotFound, or Conflict where it was
    taken back, or a tag is gone for good."""
    kept = changing.to_take_back(session, id, MERGED)
    tag = session.get(Tag, kept.data["tag_id"])
    if tag is None:
        raise Conflict("The tag was deleted for good since.")
    tags.refuse_namesake(session, tag)
    if tag.deleted_at is not None:
        verbs.restore(session, tag, by=by)
    _taggings_back(session, kept, tag)
    for model, column, row in _asking(session):
        for table, row_id, before, after in kept.data["asked"]:
            if (table, row_id) == (model.__tablename__, row.id) and getattr(row, column) == after:
                setattr(row, column, before)
    kept.status, kept.undone_at = BulkStatus.UNDONE, clock.now()
    session.flush()
    return tag


def _taggings_back(session: TenantSession, kept: BulkChange, tag: Tag) -> None:
    into_id, have = kept.data["into_id"], _carried(session, tag.id)
    for ids in batched(kept.ids, _AT_A_TIME):
        for tagging in session.scalars(select(Tagging).where(Tagging.id.in_(ids), Tagging.tag_id == into_id)):
            if (tagging.target_type, tagging.target_id) in have:  # somebody added it again
                session.delete(tagging)
            else:
                tagging.tag_id = tag.id
    there = _carried(session, into_id)  # who was deleted for good carries nothing any more
    again = {(str(type_name), int(id)) for type_name, id in kept.data["both"]} & there
    session.add_all(Tagging(tag_id=tag.id, target_type=type_name, target_id=id) for type_name, id in again - have)
    session.flush()


def _carried(session: TenantSession, tag_id: int) -> set[tuple[str, int]]:
    found = select(Tagging.target_type, Tagging.target_id).where(Tagging.tag_id == tag_id)
    return {(type_name, id) for type_name, id in session.execute(found)}


def _asking(session: TenantSession) -> Iterator[tuple[Any, str, Any]]:
    """All that may ask for a tag: (model, its column of JSON, row)."""
    for model, column in _ASKING:
        for row in session.scalars(select(model)).all():
            yield model, column, row
