"""Who is meant? Names as people say them -> records.

Exact keys first (e-mail, domain, folded name), similarity last and only where it leaves one candidate. Two people of
the same first name are nobody: it is better to propose a new record, which a person can refuse, than to guess.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, or_, select

from shared.models import Company, Contact, ContactEmail, Deal, Stage, StageType, User
from shared.records.keys import company_key, email_key, fold, person_key, split_name
from shared.tenancy import TenantSession

#: Two company names of at least this similarity (0-100, rapidfuzz ratio of the keys) are one, if no other is as close.
SIMILAR = 90


def find_company(session: TenantSession, name: str | None, domain: str | None = None) -> Company | None:
    """The company of that domain or name."""
    if domain and (found := _only(session, Company.domain == domain.lower())):
        return found
    key = company_key(name or "")
    if not key:
        return None
    if found := _only(session, Company.name_key == key):
        return found
    near = session.scalars(
        select(Company)
        .where(Company.deleted_at.is_(None), or_(Company.name_key.startswith(key[:3], autoescape=True)))
        .limit(500)
    )
    return _closest(key, near)


def _only(session: TenantSession, criterion: ColumnElement[bool]) -> Company | None:
    rows = list(session.scalars(select(Company).where(criterion, Company.deleted_at.is_(None)).limit(2)))
    return rows[0] if len(rows) == 1 else None


def _closest(key: str, companies: Iterable[Company]) -> Company | None:
    """The one company whose name is the key with more words behind it, or misspelt."""
    squeezed = key.replace(" ", "")
    close = []
    for company in companies:
        other = company.name_key.replace(" ", "")
        longer_by_words = min(len(key), len(company.name_key)) >= 4 and (
            company.name_key.startswith(key + " ") or key.startswith(company.name_key + " ")
        )
        if longer_by_words or fuzz.ratio(squeezed, other) >= SIMILAR:
            close.append(company)
    return close[0] if len(close) == 1 else None


def find_contact(
    session: TenantSession, name: str, *, email: str | None = None, company_id: int | None = None
) -> Contact | None:
    """The contact of that e-mail address, or of that name (at that company, if it is known)."""
    if email:
        owners = select(ContactEmail.contact_id).where(ContactEmail.email_key == email_key(email))
        found = _contacts(session, Contact.id.in_(owners))
        if len(found) == 1:
            return found[0]
    first, last = split_name(name)
    key = person_key(first, last)
    if not key:
        return None
    same = _contacts(session, Contact.name_key == key)
    here = [c for c in same if c.company_id == company_id] if company_id else same
    if len(here) == 1:
        return here[0]
    if len(same) == 1 and (same[0].company_id is None or company_id is None):
        return same[0]
    return _by_first_name(session, key, company_id) if company_id and not last else None


def _by_first_name(session: TenantSession, key: str, company_id: int) -> Contact | None:
    colleagues = _contacts(session, Contact.company_id == company_id)
    named = [c for c in colleagues if fold(c.first_name) == key or fold(c.last_name) == key]
    return named[0] if len(named) == 1 else None


def _contacts(session: TenantSession, criterion: ColumnElement[bool]) -> list[Contact]:
    return list(session.scalars(select(Contact).where(criterion, Contact.deleted_at.is_(None)).limit(500)))


def find_user(session: TenantSession, name: str | None) -> User | None:
    """The colleague of that full name, or of that first name if only one has it."""
    wanted = fold(name or "")
    if not wanted:
        return None
    users = list(session.scalars(select(User).where(User.is_active)))
    exact = [u for u in users if fold(u.name) == wanted]
    first = [u for u in users if fold(u.name).split()[:1] == [wanted]]
    for found in (exact, first):
        if len(found) == 1:
            return found[0]
    return None


def find_deal(session: TenantSession, company_id: int, name: str | None = None) -> Deal | None:
    """The company's open deal; of several, the one of that name."""
    query = (
        select(Deal)
        .join(Stage, Stage.id == Deal.stage_id)
        .where(Deal.company_id == company_id, Deal.deleted_at.is_(None), Stage.type == StageType.OPEN)
    )
    deals = list(session.scalars(query.order_by(Deal.id)))
    if len(deals) > 1:
        deals = [d for d in deals if name and fuzz.token_set_ratio(fold(d.name), fold(name)) >= SIMILAR]
    return deals[0] if len(deals) == 1 else None
