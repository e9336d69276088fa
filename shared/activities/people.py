"""Who takes part: our own people and those we know, by their e-mail addresses exactly. Nobody is guessed by name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shared import records
from shared.activities.letters import Person
from shared.events import Actor
from shared.models import Company, Contact, ContactEmail, Direction, User, workspace_of
from shared.records.keys import email_key, split_name
from shared.tenancy import TenantSession

#: Contacts that share an address; more would be a mailing list.
_MOST_SHARING = 5
#: Addresses behind which nobody sits.
_MACHINES = re.compile(
    r"(?:no|do-?not)[-_.]?reply|mailer-daemon|postmaster|bounces?|notifications?|newsletter|unsubscribe|calendar-"
)


@dataclass(frozen=True, slots=True)
class Ours:
    """Addresses of our own people, private ones that they named too, and the domains that are all ours."""

    addresses: frozenset[str]
    domains: frozenset[str]

    @classmethod
    def of(cls, session: TenantSession) -> Ours:
        workspace = workspace_of(session)
        users = session.execute(select(User.email, User.mail_aliases).where(User.workspace_id == session.workspace_id))
        return cls(
            frozenset(email_key(address) for email, aliases in users for address in (email, *aliases)),
            frozenset(str(domain).casefold() for domain in workspace.own_domains),
        )

    def has(self, address: str) -> bool:
        key = email_key(address)
        return key in self.addresses or key.rpartition("@")[2] in self.domains


def direction(people: Sequence[Person], ours: Ours) -> Direction:
    """Out if one of us sent it."""
    is_out = any(person.role == "from" and ours.has(person.address) for person in people)
    return Direction.OUT if is_out else Direction.IN


def is_somebody(address: str, ours: Ours) -> bool:
    """Whether a contact could be made of an address: neither one of us nor a machine's."""
    return not ours.has(address) and not _MACHINES.match(address.casefold())


#: (contact's id, id of the company where they are now)
Found = tuple[int, int | None]


def contacts_of(session: TenantSession, addresses: Iterable[str]) -> dict[str, list[Found]]:
    """The contacts behind addresses, by `email_key`."""
    keys = sorted({email_key(address) for address in addresses})
    found: dict[str, list[Found]] = defaultdict(list)
    for start in range(0, len(keys), 500):
        query = (
            select(ContactEmail.email_key, Contact.id, Contact.company_id)
            .join(Contact, Contact.id == ContactEmail.contact_id)
            .where(ContactEmail.email_key.in_(keys[start : start + 500]), Contact.deleted_at.is_(None))
            .order_by(Contact.id)
        )
        for key, id, company_id in session.execute(query):
            if (id, company_id) not in found[key] and len(found[key]) < _MOST_SHARING:
                found[key].append((id, company_id))
    return found


def make_contact(session: TenantSession, name: str, address: str, *, by: Actor, why: dict[str, Any]) -> Found:
    """Somebody new, at the company whose domain the address has, if there is one. Raises Invalid for a bad address."""
    first, last = split_name(name.strip() or address.partition("@")[0])
    domain = email_key(address).rpartition("@")[2]
    company = session.scalar(
        select(Company.id).where(Company.domain == domain, Company.deleted_at.is_(None)).order_by(Company.id).limit(1)
    )
    data: dict[str, Any] = {"first_name": first[:100], "last_name": last[:100], "emails": [{"email": address}]}
    if company is not None:
        data["company_id"] = company
    contact = records.create(session, "contact", data, by=by, why=why)
    return contact.id, company
