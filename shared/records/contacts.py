"""Contacts: names, addresses, numbers, and the history of their employers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from shared import clock
from shared.events import Actor, Target
from shared.models import Company, Contact, ContactEmail, ContactPhone, Employment, Lifecycle
from shared.records.keys import email_key, person_key, phone_key
from shared.tenancy import TenantSession

_PLAIN = ("title", "lifecycle", "source", "description", "owner_id")
_ALONG = timedelta(seconds=1)  # an employment that is younger than its contact by less was made with it
_A_DAY = timedelta(days=1)


def write(session: TenantSession, contact: Contact, values: dict[str, Any], by: Actor) -> None:
    """Set validated values. A new `company_id` ends the present employment and opens another."""
    fill(contact, values)
    if "company_id" in values and values["company_id"] != contact.company_id:
        _change_employer(session, contact, values["company_id"])
    elif "title" in values and contact.id is not None:
        for employment in _open_employments(session, contact):
            employment.title = contact.title


def fill(contact: Any, values: dict[str, Any]) -> None:
    """Set validated values, the employer apart. It needs no database; any object with the same names will do."""
    contact.first_name = (values.get("first_name", contact.first_name)) or ""
    contact.last_name = (values.get("last_name", contact.last_name)) or ""
    for field in _PLAIN:
        if field in values:
            setattr(contact, field, values[field])
    contact.lifecycle = contact.lifecycle or Lifecycle.LEAD
    if "emails" in values:
        _write_many(contact, "emails", "email", ContactEmail, email_key, values["emails"])
    if "phones" in values:
        _write_many(contact, "phones", "phone", ContactPhone, phone_key, values["phones"])
    contact.name_key = person_key(contact.first_name, contact.last_name) or email_key(contact.email or "")


def _write_many(
    contact: Any,
    many: str,
    field: str,
    row_type: type[ContactEmail] | type[ContactPhone],
    key: Callable[[str], str],
    given: list[dict[str, Any]],
) -> None:
    """Replace a contact's addresses or numbers, unless they are the same already."""
    entries = _with_one_primary(given, lambda entry: key(entry[field]))
    present = [(getattr(row, field), row.label, row.is_primary) for row in getattr(contact, many)]
    if [(entry[field], entry.get("label"), entry["primary"]) for entry in entries] == present:
        return
    make = row_type if isinstance(contact, Contact) else SimpleNamespace
    rows = [
        make(
            workspace_id=contact.workspace_id,
            label=entry.get("label"),
            is_primary=entry["primary"],
            position=position,
            **{field: entry[field], f"{field}_key": key(entry[field])},
        )
        for position, entry in enumerate(entries)
    ]
    setattr(contact, many, rows)


def _with_one_primary(entries: list[dict[str, Any]], key: Callable[[dict[str, Any]], str]) -> list[dict[str, Any]]:
    """The same entries, each value once, exactly one of them primary (the first marked, else the first)."""
    unique = list({key(entry): dict(entry) for entry in reversed(entries)}.values())[::-1]
    primary = next((e for e in unique if e.get("primary")), unique[0] if unique else None)
    return [{**e, "primary": e is primary} for e in unique]


def _change_employer(session: TenantSession, contact: Contact, company_id: int | None) -> None:
    present, before = _open_employments(session, contact), _left_today(session, contact)
    is_back = company_id == (before.company_id if before else None)
    contact.company_id = company_id
    if is_back and all(_is_fresh(contact, employment) for employment in present):
        for employment in present:
            session.delete(employment)
        if before is not None:
            before.ended_on, before.title = None, contact.title
        return
    for employment in present:
        employment.ended_on = clock.today()
    if company_id is None:
        return
    session.add(contact)
    session.flush()  # the employment needs the contact's id
    session.add(Employment(**employment_of(contact, company_id, clock.now())))


def employment_of(contact: Any, company_id: int, now: datetime) -> dict[str, Any]:
    """The row of a contact's new, present employment."""
    return {
        "workspace_id": contact.workspace_id,
        "contact_id": contact.id,
        "company_id": company_id,
        "title": contact.title,
        "started_on": None,
        "is_primary": True,
        "created_at": now,
    }


def _is_fresh(contact: Contact, employment: Employment) -> bool:
    """Whether a contact that was there already got it within a day. Who then goes back to what was before takes the
    change back (an undo, an import, a slip), and nobody has worked there."""
    return employment.created_at - contact.created_at > _ALONG and clock.now() - employment.created_at < _A_DAY


def _left_today(session: TenantSession, contact: Contact) -> Employment | None:
    """The employment that was ended last, if it was today."""
    if contact.id is None:
        return None
    query = select(Employment).where(Employment.contact_id == contact.id, Employment.is_primary)
    ended = query.where(Employment.ended_on == clock.today()).order_by(Employment.id.desc()).limit(1)
    return session.scalars(ended).first()


def _open_employments(session: TenantSession, contact: Contact) -> list[Employment]:
    if contact.id is None:
        return []
    query = select(Employment).where(
        Employment.contact_id == contact.id, Employment.ended_on.is_(None), Employment.is_primary
    )
    return list(session.scalars(query))


def employments(session: TenantSession, contact: Contact) -> list[dict[str, Any]]:
    """Where the contact worked, oldest first; the present employment has no `ended_on`."""
    return employments_of(session, [contact.id])[contact.id]


def employments_of(session: TenantSession, contact_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """`employments` of many contacts at once, by contact's id; an empty list for those without."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    query = select(Employment).where(Employment.contact_id.in_(contact_ids)).order_by(Employment.id)
    for row in session.scalars(query):
        entry = {"company_id": row.company_id, "title": row.title}
        found[row.contact_id].append({**entry, "started_on": row.started_on, "ended_on": row.ended_on})
    return found


def title(contact: Any) -> str:
    return str(contact.name or contact.email or "")


def show(session: TenantSession, contact: Contact) -> dict[str, Any]:
    return {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "emails": [{"email": e.email, "label": e.label, "primary": e.is_primary} for e in contact.emails],
        "phones": [{"phone": p.phone, "label": p.label, "primary": p.is_primary} for p in contact.phones],
        **{field: getattr(contact, field) for field in _PLAIN},
        "company_id": contact.company_id,
    }


def text(session: TenantSession, contact: Contact) -> str:
    company = session.get(Company, contact.company_id) if contact.company_id else None
    return words(contact, company.name if company else None)


def words(contact: Any, employer: str | None) -> str:
    """What is searched beside the name; `employer` is a company's name."""
    parts = [contact.title, employer, contact.description]
    parts += [e.email for e in contact.emails] + [p.phone for p in contact.phones]
    return "\n".join(part for part in parts if part)


def related(session: TenantSession, contact: Contact) -> list[Target]:
    return related_to(contact)


def related_to(contact: Any) -> list[Target]:
    return [("company", contact.company_id)] if contact.company_id else []
