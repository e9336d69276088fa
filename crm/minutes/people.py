"""Who was there: the meeting's attendees, and whoever speaks in its transcript."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select

from shared.models import Company, Contact, DealContact, Meeting, User, Utterance, Workspace, workspace_of
from shared.records.keys import company_key, fold, person_key, split_name
from shared.tenancy import TenantSession


@dataclass(frozen=True, slots=True)
class Attended:
    """`labels` are names in the transcript that belong to nobody known; `employers` names by company id."""

    workspace: Workspace
    contacts: tuple[Contact, ...]
    colleagues: tuple[User, ...]
    labels: tuple[str, ...]
    employers: dict[int, str]

    @property
    def own(self) -> str:
        """What our own company is called."""
        return self.workspace.own_name or self.workspace.name

    @property
    def guests(self) -> tuple[Contact, ...]:
        """The contacts who do not work for us."""
        return tuple(c for c in self.contacts if not self.is_own(self.employer(c), c.email))

    def employer(self, contact: Contact) -> str | None:
        return self.employers.get(contact.company_id or 0)

    def is_own(self, company: str | None, email: str | None) -> bool:
        """Whether somebody of that company or address is one of us."""
        own_names = {company_key(name) for name in (self.workspace.own_name, self.workspace.name) if name}
        domain = (email or "").rpartition("@")[2].casefold()
        return company_key(company or "") in own_names or (
            bool(domain) and domain in (self.workspace.own_domains or ())
        )


def attended(session: TenantSession, meeting: Meeting) -> Attended:
    """Attendees, then who only speaks: a contact of that whole name at the meeting's company or deal, or one of us."""
    spoken = session.scalars(select(Utterance.speaker).where(Utterance.meeting_id == meeting.id).distinct())
    placed = {a.speaker for a in meeting.attendees if a.contact_id is not None or a.user_id is not None}
    labels = [a.speaker for a in meeting.attendees if a.contact_id is None and a.user_id is None]
    labels = [label for label in dict.fromkeys([*labels, *sorted(s for s in spoken if s)]) if label not in placed]
    contacts = _contacts(session, meeting, [label for label in labels if label])
    spelled = {fold(label or "") for label in labels}
    ids = {a.user_id for a in meeting.attendees}
    users = session.scalars(select(User).order_by(User.id))
    colleagues = [user for user in users if user.id in ids or fold(user.name) in spelled]
    known = {fold(name) for name in (*(c.name for c in contacts), *(user.name for user in colleagues))}
    return Attended(
        workspace=workspace_of(session),
        contacts=tuple(contacts),
        colleagues=tuple(colleagues),
        labels=tuple(label for label in labels if label and fold(label) not in known),
        employers=_employers(session, contacts),
    )


def _contacts(session: TenantSession, meeting: Meeting, labels: Sequence[str]) -> list[Contact]:
    """Attending contacts in the meeting's order, then the others by name."""
    ids = [a.contact_id for a in meeting.attendees if a.contact_id is not None]
    keys = {person_key(*split_name(label)) for label in labels} - {""}
    of_deal = select(DealContact.contact_id).where(DealContact.deal_id == meeting.deal_id)
    near: list[ColumnElement[bool]] = [Contact.id.in_(of_deal)] if meeting.deal_id is not None else []
    near += [Contact.company_id == meeting.company_id] if meeting.company_id is not None else []
    wanted = or_(Contact.id.in_(ids), and_(Contact.name_key.in_(keys), or_(*near)) if near else Contact.id.in_(()))
    found = list(session.scalars(select(Contact).where(Contact.deleted_at.is_(None), wanted)))
    order = {id: at for at, id in enumerate(ids)}
    return sorted(found, key=lambda contact: (order.get(contact.id, len(order)), contact.name, contact.id))


def _employers(session: TenantSession, contacts: Iterable[Contact]) -> dict[int, str]:
    ids = {contact.company_id for contact in contacts if contact.company_id is not None}
    rows = session.execute(select(Company.id, Company.name).where(Company.id.in_(ids))) if ids else ()
    return {int(id): str(name) for id, name in rows}
