"""Who is known already, while a new record is typed: looked up by index at each pause, so it may cost milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shared import search
from shared.models import Company, Contact, ContactEmail, ContactPhone
from shared.records import phones, tombstones
from shared.records.keys import company_key, email_key, person_key, phone_key
from shared.records.likeness import (
    CompanyLike,
    Like,
    company_likeness,
    company_words,
    forms,
    person_likeness,
    person_words,
)
from shared.records.pairing import Reason, mailbox
from shared.schemas.values import bare_domain
from shared.search import naming
from shared.tenancy import TenantSession

#: More than these nobody reads beside a form.
MOST = 5


@dataclass(frozen=True, slots=True)
class Known:
    """A record that may be the one being typed. `score` is 0..1."""

    row: Any
    score: float
    reasons: tuple[Reason, ...]


def known(
    session: TenantSession, type_name: str, values: Mapping[str, Any], *, besides: int | None = None
) -> list[Known]:
    """The records that a new one with these (unchecked) values may be, likeliest first.

    `values`: first_name, last_name, company_id, emails, phones of a contact (lists of texts); name, domain, phone of a
    company. `besides` is the record being edited.
    """
    found = _Found()
    if type_name == "contact":
        _people(session, found, values)
        model: Any = Contact
    else:
        _firms(session, found, values)
        model = Company
    found.drop(besides)
    rows = session.scalars(select(model).where(model.id.in_(found.best(MOST * 3)), model.deleted_at.is_(None)))
    list_ = [Known(row, found.scores[row.id], tuple(found.reasons[row.id])) for row in rows]
    return sorted(list_, key=lambda k: (-k.score, k.row.id))[:MOST]


class _Found:
    """Scores and reasons by record's id."""

    def __init__(self) -> None:
        self.scores: dict[int, float] = {}
        self.reasons: dict[int, list[Reason]] = {}

    def add(self, id: int, score: float, kind: str, value: str = "") -> None:
        self.scores[id] = max(self.scores.get(id, 0.0), score)
        told = self.reasons.setdefault(id, [])
        if kind not in {reason.kind for reason in told} and not (told and kind == "similar"):
            told.append(Reason(kind, value))

    def drop(self, id: int | None) -> None:
        self.scores.pop(id or 0, None)

    def best(self, most: int) -> list[int]:
        return sorted(self.scores, key=lambda found: (-self.scores[found], found))[:most]


def _people(session: TenantSession, found: _Found, values: Mapping[str, Any]) -> None:
    for email in _texts(values.get("emails")):
        keys = {email_key(email), mailbox(email_key(email))}
        query = select(ContactEmail.contact_id).where(ContactEmail.email_key.in_(keys)).limit(MOST * 2)
        for id in session.scalars(query):
            found.add(id, 1.0, "email", email)
    for phone in _texts(values.get("phones")):
        _people_with(session, found, phone)
    first, last = str(values.get("first_name") or ""), str(values.get("last_name") or "")
    name, company_id = f"{first} {last}".strip(), values.get("company_id")
    if len(person_words(name)) > 1:
        _people_called(session, found, name, person_key(first, last), company_id)


def _people_with(session: TenantSession, found: _Found, phone: str) -> None:
    """Who has the number; less sure, who has one that ends so, a country's code being on one of them only."""
    if not (keys := phones.keys(phone, phones.region_of(session))):
        return
    query = select(ContactPhone.contact_id).where(ContactPhone.phone_key.in_(keys)).limit(MOST * 2)
    for id in session.scalars(query):
        found.add(id, 0.9, "phone", phone)
    ending = search.matches(session, "contact", ContactPhone.contact_id.expression, phone)
    for id, key in session.execute(select(ContactPhone.contact_id, ContactPhone.phone_key).where(ending).limit(100)):
        if key not in keys and phones.share_an_end(phone_key(phone), key):
            found.add(id, 0.5, "phone_end", phone)


def _people_called(session: TenantSession, found: _Found, name: str, key: str, company_id: int | None) -> None:
    here = select(Contact.id, Contact.company_id).where(Contact.name_key == key, Contact.deleted_at.is_(None))
    for id, employer in session.execute(here.limit(MOST * 2)):
        found.add(id, 0.95 if company_id and employer == company_id else 0.8, "name")
    for id in tombstones.formerly(session, "contact", key, limit=MOST):
        found.add(id, 0.8, "name")
    words = person_words(name)
    asked = [[form, words[-1]] for form in (words[0], *sorted(forms(words[0])))]
    named = [n for pair in asked for n in naming.titled(session, pair, ["contact"], limit=MOST * 2)]
    named = named or naming.spelled_like(session, words[-1], ["contact"], limit=100)
    for other in named:
        if other.id not in found.scores and person_likeness(name, other.title) >= Like.CLOSE:
            found.add(other.id, 0.6, "similar")


#: Of a company's name that agrees like this.
_FIRMS = {
    CompanyLike.SAME: 0.85, CompanyLike.CLOSE: 0.7, CompanyLike.SHORT: 0.6, CompanyLike.LONGER: 0.6,
    CompanyLike.HEARD: 0.55, CompanyLike.ACRONYM: 0.55,
}  # fmt: skip


def _firms(session: TenantSession, found: _Found, values: Mapping[str, Any]) -> None:
    domain = str(bare_domain(values.get("domain") or "") or "")
    if domain:
        query = select(Company.id).where(Company.domain == domain, Company.deleted_at.is_(None)).limit(MOST * 2)
        for id in session.scalars(query):
            found.add(id, 1.0, "domain", domain)
    name = str(values.get("name") or "").strip()
    if not (key := company_key(name)) or len(name) < 2:
        return
    here = select(Company.id).where(Company.name_key == key, Company.deleted_at.is_(None)).limit(MOST * 2)
    for id in (*session.scalars(here), *tombstones.formerly(session, "company", key, limit=MOST)):
        found.add(id, 0.95, "name")
    words = company_words(name)
    named = list(naming.titled(session, words, ["company"], limit=MOST * 4))
    named += naming.titled(session, words[:1], ["company"], limit=MOST * 4)
    if len(words[0]) > 3:
        named += naming.spelled_like(session, words[0], ["company"], limit=100)
    for other in named:
        if other.id not in found.scores and (score := _FIRMS.get(company_likeness(name, other.title))):
            found.add(other.id, score, "similar")


def _texts(values: Any) -> Sequence[str]:
    return [text for value in values or () if (text := str(value).strip())][:10]
