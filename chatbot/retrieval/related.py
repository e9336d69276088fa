"""What belongs to a record: the limits of a search `about` it, and what is near on its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import or_, select

from shared.models import Attendee, Contact, Deal, DealContact, Employment, Insight, InsightStatus, Link, Meeting
from shared.tenancy import TenantSession

#: A company's records, at most so many of each type, newest first: what is older is found by a search without limits.
_MOST = 2000
_APPLIED = [status for status in InsightStatus if status.is_applied]


class Ref(Protocol):
    """A record by type and id."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> int: ...


Records = dict[str, list[int]]


def around(session: TenantSession, about: Sequence[Ref]) -> Records:
    """{type: ids} of the records themselves and of what hangs on them, of the session's workspace."""
    found: dict[str, dict[int, None]] = {}
    for ref in about:
        for kind, ids in _around(session, ref.type, ref.id).items():
            found.setdefault(kind, {}).update(dict.fromkeys(ids))
    return {kind: list(ids) for kind, ids in found.items()}


def _around(session: TenantSession, kind: str, id_: int) -> Records:
    found: Records = {kind: [id_]}
    collect = {"company": _of_company, "deal": _of_deal, "contact": _of_contact, "meeting": _of_meeting}.get(kind)
    if collect is not None:
        _add(found, collect(session, id_))
    if kind in ("task", "note"):
        _add(found, _linked_by(session, kind, id_))
    else:
        _add(found, _linked_to(session, kind, id_))
    meetings = found.get("meeting", []) if kind != "contact" else []
    insights = [Insight.meeting_id.in_(meetings)] if meetings else []
    if kind in ("company", "deal", "contact"):
        insights.append(getattr(Insight, f"{kind}_id") == id_)
    if insights:
        found["insight"] = _ids(session, select(Insight.id).where(or_(*insights), Insight.status.in_(_APPLIED)))
    return found


def _of_company(session: TenantSession, id_: int) -> Records:
    deals = _ids(session, _newest(select(Deal.id), Deal).where(Deal.company_id == id_))
    contacts = select(Contact.id).where(
        or_(
            Contact.company_id == id_, Contact.id.in_(select(Employment.contact_id).where(Employment.company_id == id_))
        )
    )
    meetings = _newest(select(Meeting.id), Meeting).where(
        or_(Meeting.company_id == id_, Meeting.deal_id.in_(deals)) if deals else Meeting.company_id == id_
    )
    found = {"deal": deals, "contact": _ids(session, _newest(contacts, Contact)), "meeting": _ids(session, meetings)}
    for deal in deals[:50]:
        _add(found, _linked_to(session, "deal", deal))
    return found


def _of_deal(session: TenantSession, id_: int) -> Records:
    deal = session.get(Deal, id_)
    if deal is None:
        return {}
    people = [deal.contact_id, *session.scalars(select(DealContact.contact_id).where(DealContact.deal_id == id_))]
    return {
        "company": [deal.company_id] if deal.company_id else [],
        "contact": [person for person in people if person is not None],
        "meeting": _ids(session, _newest(select(Meeting.id), Meeting).where(Meeting.deal_id == id_)),
    }


def _of_contact(session: TenantSession, id_: int) -> Records:
    contact = session.get(Contact, id_)
    attended = select(Attendee.meeting_id).where(Attendee.contact_id == id_)
    deals = select(Deal.id).where(
        or_(Deal.contact_id == id_, Deal.id.in_(select(DealContact.deal_id).where(DealContact.contact_id == id_)))
    )
    return {
        "company": [contact.company_id] if contact is not None and contact.company_id else [],
        "deal": _ids(session, _newest(deals, Deal)),
        "meeting": _ids(session, _newest(select(Meeting.id), Meeting).where(Meeting.id.in_(attended))),
    }


def _of_meeting(session: TenantSession, id_: int) -> Records:
    meeting = session.get(Meeting, id_)
    if meeting is None:
        return {}
    return {
        "company": [meeting.company_id] if meeting.company_id else [],
        "deal": [meeting.deal_id] if meeting.deal_id else [],
        "contact": [a.contact_id for a in meeting.attendees if a.contact_id is not None],
    }


def _linked_to(session: TenantSession, kind: str, id_: int) -> Records:
    query = select(Link.owner_type, Link.owner_id).where(Link.target_type == kind, Link.target_id == id_)
    return _by_type(session.execute(query.order_by(Link.id.desc()).limit(_MOST)))


def _linked_by(session: TenantSession, kind: str, id_: int) -> Records:
    query = select(Link.target_type, Link.target_id).where(Link.owner_type == kind, Link.owner_id == id_)
    return _by_type(session.execute(query))


def _by_type(pairs: Iterable[tuple[str, int]]) -> Records:
    found: Records = {}
    for kind, id_ in pairs:
        found.setdefault(kind, []).append(id_)
    return found


def _newest(query: Any, model: Any) -> Any:
    return query.where(model.deleted_at.is_(None)).order_by(model.id.desc()).limit(_MOST)


def _ids(session: TenantSession, query: Any) -> list[int]:
    return list(session.scalars(query))


def _add(found: Records, more: Records) -> None:
    for kind, ids in more.items():
        found[kind] = list(dict.fromkeys([*found.get(kind, []), *ids]))
