"""Links between any two records: "parent company", "referred by", or words of one's own, seen from both sides.

A link is stored once, from one record to another: `label` says what the other is to the first. Known labels have words
for the way back; own words are the same on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select

from shared import events
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor, Target
from shared.models import RecordLink
from shared.prepared import Prepared
from shared.records.types import TYPES
from shared.records.verbs import get as get_record
from shared.tenancy import TenantSession

#: The record types that may be linked.
LINKED = ("company", "contact", "deal", "task", "note", "meeting")
#: Known labels, and the label of the same link from its other end.
RELATIONS = {
    "parent": "subsidiary",
    "subsidiary": "parent",
    "referred_by": "referred",
    "referred": "referred_by",
    "partner": "partner",
    "supplier": "customer",
    "customer": "supplier",
    "reports_to": "manages",
    "manages": "reports_to",
    "replaces": "replaced_by",
    "replaced_by": "replaces",
    "related": "related",
}
_MOST = 200
_BEGINS = and_(RecordLink.from_type == bindparam("type"), RecordLink.from_id == bindparam("id"))
_ENDS = and_(RecordLink.to_type == bindparam("type"), RecordLink.to_id == bindparam("id"))
_COLUMNS = (
    RecordLink.id, RecordLink.label, RecordLink.from_type, RecordLink.from_id, RecordLink.to_type, RecordLink.to_id,
)  # fmt: skip
_LINKS = Prepared(select(*_COLUMNS).where(or_(_BEGINS, _ENDS)).order_by(RecordLink.id))


@dataclass(frozen=True, slots=True)
class Linked:
    """A link from one of its ends: what the other record is to this one."""

    id: int
    label: str
    other: Target


def link(session: TenantSession, target: Target, other: Target, label: str, *, by: Actor) -> RecordLink:
    """Link two records. Raises Invalid for a record with itself, Conflict where the same link is there already."""
    label = " ".join(label.split())[:100] or "related"
    if target == other:
        raise Invalid.field("other", "A record cannot be linked with itself.")
    for type_, id in (target, other):
        if type_ not in LINKED:
            raise Invalid.field("other", "There is no such record.")
        get_record(session, type_, id)
    present = of(session, target)
    if any(found.other == other and found.label.casefold() == label.casefold() for found in present):
        raise Conflict("These two are linked like that already.")
    if len(present) >= _MOST:
        raise Invalid.field("other", f"A record has {_MOST} links at most.")
    made = RecordLink(
        from_type=target[0], from_id=target[1], to_type=other[0], to_id=other[1], label=label, created_by_id=by.user_id
    )
    session.add(made)
    session.flush()
    _record(session, "linked", made, by=by)
    return made


def of(session: TenantSession, target: Target) -> list[Linked]:
    """The links of a record, as seen from it, in the order they were made."""
    return [seen_from(link, target) for link in _LINKS.rows(session, type=target[0], id=target[1])]


def seen_from(link: RecordLink | Row[*tuple[Any, ...]], target: Target) -> Linked:
    """A link from the end that `target` is."""
    if (link.from_type, link.from_id) == target:
        return Linked(link.id, link.label, (link.to_type, link.to_id))
    return Linked(link.id, RELATIONS.get(link.label, link.label), (link.from_type, link.from_id))


def end_of(session: TenantSession, id: int) -> Target:
    """The record that a link was made on. Raises NotFound where there is no such link, or the record was deleted."""
    found = session.get(RecordLink, id)
    if found is None:
        raise NotFound("There is no such link.")
    get_record(session, found.from_type, found.from_id)
    return found.from_type, found.from_id


def unlink(session: TenantSession, target: Target, id: int, *, by: Actor) -> Linked:
    """Take a link of a record away; what it was is returned, so that it can be made again. Raises NotFound."""
    found = session.get(RecordLink, id)
    if found is None or target not in ((found.from_type, found.from_id), (found.to_type, found.to_id)):
        raise NotFound("There is no such link.")
    seen = seen_from(found, target)
    _record(session, "unlinked", found, by=by)
    session.delete(found)
    session.flush()
    return seen


def _record(session: TenantSession, what: str, link: RecordLink, *, by: Actor) -> None:
    target, other = (link.from_type, link.from_id), (link.to_type, link.to_id)
    row = session.get(TYPES[other[0]].model, other[1])
    title = TYPES[other[0]].title(row) if row is not None else ""
    data = {"label": link.label, "other": {"type": other[0], "id": other[1]}}
    events.record(session, f"{target[0]}.{what}", by=by, subject=target, title=title, also=[other], data=data)
