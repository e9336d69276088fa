"""Which records others hang on: notes, tasks, deals, meetings, people, files and links.

Whoever takes an import back wants to be rid of what the file brought, not of the note that a colleague has written on
it since; so what something hangs on stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from shared.models import (
    Attachment,
    Attendee,
    Contact,
    Deal,
    DealContact,
    Link,
    Meeting,
    Note,
    RecordLink,
    Task,
)
from shared.tenancy import TenantSession


def hung_on(session: TenantSession, type_: str, ids: Collection[int]) -> set[int]:
    """Those of the records that something live hangs on."""
    asked = sorted(ids)
    found: set[int] = set()
    for query in _queries(type_, asked) if asked else ():
        found.update(session.scalars(query))
    return found


def _queries(type_: str, ids: list[int]) -> Iterator[Select[Any]]:
    for owner, model in (("note", Note), ("task", Task)):
        of_owner = (Link.owner_type == owner) & (Link.owner_id == model.id)
        yield _at(Link.target_type == type_, Link.target_id, ids).join(model, of_owner).where(_is_live(model))
    yield _at(Attachment.record_type == type_, Attachment.record_id, ids).where(_is_live(Attachment))
    yield _at(RecordLink.from_type == type_, RecordLink.from_id, ids)
    yield _at(RecordLink.to_type == type_, RecordLink.to_id, ids)
    if type_ == "company":
        for part in (Contact, Deal, Meeting):
            yield _at(_is_live(part), part.company_id, ids)
    elif type_ == "contact":
        yield _at(_is_live(Deal), Deal.contact_id, ids)
        yield _at(_is_live(Deal), DealContact.contact_id, ids).join(Deal, Deal.id == DealContact.deal_id)
        yield _at(_is_live(Meeting), Attendee.contact_id, ids).join(Meeting, Meeting.id == Attendee.meeting_id)
    elif type_ == "deal":
        yield _at(_is_live(Meeting), Meeting.deal_id, ids)


def _at(condition: ColumnElement[bool], column: Any, ids: list[int]) -> Select[Any]:
    return select(column).where(condition, column.in_(ids)).distinct()


def _is_live(model: Any) -> ColumnElement[bool]:
    is_live: ColumnElement[bool] = model.deleted_at.is_(None)
    return is_live
