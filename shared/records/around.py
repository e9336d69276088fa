"""Who has to do with a meeting: what decides between two people of one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import or_, select

from shared.models import Attendee, Contact, Deal, DealContact, Meeting
from shared.tenancy import TenantSession

#: What a tie counts: present here, a role in the deal, present at an earlier meeting of the deal or its company.
_HERE, _ROLE, _EARLIER = 8, 2, 2
#: Earlier meetings that are looked at, the newest.
_MEETINGS = 50


@dataclass(frozen=True, slots=True)
class Around:
    """A meeting's company, and contacts (by id) who have to do with it beyond that; the more, the higher."""

    company_id: int | None = None
    ties: Mapping[int, int] = field(default_factory=dict)


NOWHERE = Around()


def around(session: TenantSession, meeting: Meeting) -> Around:
    """What is known around a meeting now."""
    deal = session.get(Deal, meeting.deal_id) if meeting.deal_id else None
    company_id = meeting.company_id or (deal.company_id if deal else None)
    ties: Counter[int] = Counter({a.contact_id: _HERE for a in meeting.attendees if a.contact_id})
    for contact_id in _attended_earlier(session, meeting, company_id):
        ties[contact_id] += _EARLIER
    if deal is not None:
        roles = set(session.scalars(select(DealContact.contact_id).where(DealContact.deal_id == deal.id)))
        for contact_id in roles | ({deal.contact_id} if deal.contact_id else set()):
            ties[contact_id] += _ROLE
    return Around(company_id, dict(ties))


def _attended_earlier(session: TenantSession, meeting: Meeting, company_id: int | None) -> set[int]:
    tied = [Meeting.deal_id == meeting.deal_id] if meeting.deal_id else []
    tied += [Meeting.company_id == company_id] if company_id else []
    if not tied:
        return set()
    earlier = (
        select(Meeting.id)
        .where(or_(*tied), Meeting.id != meeting.id, Meeting.deleted_at.is_(None))
        .order_by(Meeting.occurred_at.desc())
        .limit(_MEETINGS)
    )
    query = (
        select(Attendee.contact_id)
        .join(Contact, Contact.id == Attendee.contact_id)
        .where(Attendee.meeting_id.in_(earlier), Contact.deleted_at.is_(None))
    )
    return {id_ for id_ in session.scalars(query) if id_ is not None}
