"""Who is meant? Names as people say them -> records: one, several that it may be, or none.

    e-mail, domain, phone ─▶ same name (short forms, umlauts, legal forms) ─▶ a slip away ─▶ a part of the name
                                                 │
             several? ─▶ who attended, has a role in the deal, stands at the meeting's company ─▶ else: asked

It is better to ask than to guess, and better to propose a new record, which a person can refuse, than to take the
wrong one. Every lookup is an index's: keys here, words and pieces of words in `shared.search.naming`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, select

from shared.models import Company, Contact, ContactEmail, ContactPhone, Deal, Employment, Stage, StageType, Task, User
from shared.records import phones, tombstones
from shared.records.around import NOWHERE, Around
from shared.records.keys import company_key, email_key, fold, person_key, split_name
from shared.records.likeness import (
    CompanyLike,
    Like,
    company_likeness,
    company_words,
    forms,
    is_acronym,
    is_in_capitals,
    letters,
    person_likeness,
    person_words,
    word_likeness,
)
from shared.records.wording import name_fits
from shared.search import naming, words
from shared.tenancy import TenantSession

Row = TypeVar("Row", Company, Contact, Deal, Task)

#: More than these to choose from is no question but a search.
MOST_CANDIDATES = 5
#: Somebody who has this much more to do with the meeting than the next is meant; see `Around.ties`.
_CLEARLY = 2
_MOST = 500
_FORMS = {"limited": "ltd", "corporation": "corp", "incorporated": "inc", "company": "co"}


@dataclass(frozen=True, slots=True)
class Match(Generic[Row]):
    """`row` if it is sure enough; else who it may be (`why` in a few words); neither: nobody we know."""

    row: Row | None = None
    candidates: tuple[Row, ...] = ()
    why: str = ""


# ----------------------------------------------------------------------------------------------------------- companies


def find_company(session: TenantSession, name: str | None, domain: str | None = None) -> Company | None:
    """The company of that domain or name, if there is no doubt."""
    return match_company(session, name, domain).row


def match_company(
    session: TenantSession, name: str | None, domain: str | None = None, around: Around = NOWHERE
) -> Match[Company]:
    """The company of that domain or name; of several, the meeting's."""
    if domain and len(found := _companies(session, Company.domain == domain.lower().removeprefix("www."))) == 1:
        return Match(found[0])
    if not name or not company_key(name):
        return Match()
    same = _companies(session, Company.name_key == company_key(name)) or _companies_formerly(session, name)
    if len(same) == 1:
        return Match(same[0])
    alike = {c.id: (c, company_likeness(name, c.name)) for c in same or _companies_like(session, name, around)}
    return _decide_company(session, name, alike, around)


def _companies_formerly(session: TenantSession, name: str) -> list[Company]:
    """Companies that had the name before a merge."""
    ids = tombstones.formerly(session, "company", company_key(name))
    return _companies(session, Company.id.in_(ids)) if ids else []


def _decide_company(
    session: TenantSession, name: str, alike: dict[int, tuple[Company, CompanyLike]], around: Around
) -> Match[Company]:
    best = max((like for _, like in alike.values()), default=CompanyLike.NO)
    if best is CompanyLike.NO:
        return Match()
    found = [company for company, like in alike.values() if like is best]
    if len(found) > 1 and best is CompanyLike.SAME:  # `Lumen Ltd` and `Lumen GmbH` are told apart by what is dropped
        found = [c for c in found if _to_the_form(c.name) == _to_the_form(name)] or found
    here = [company for company in found if company.id == around.company_id]
    if best is CompanyLike.LONGER:
        return Match(candidates=tuple(found[:MOST_CANDIDATES]), why="a longer name")
    if len(here) == 1 and (best is not CompanyLike.SAME or len(found) > 1):
        return Match(here[0])
    is_doubtful = best is CompanyLike.HEARD or (best is CompanyLike.CLOSE and _begins_another(session, name, found))
    if len(found) == 1 and not is_doubtful:
        return Match(found[0])
    return Match(candidates=tuple(found[:MOST_CANDIDATES]), why="a similar name")


def _begins_another(session: TenantSession, name: str, found: Sequence[Company]) -> bool:
    """Whether another company's name begins with the very word that would be a slip in this one's."""
    first = company_words(name)[0]
    others = naming.titled(session, [first], ["company"])
    known = {company.id for company in found}
    return company_words(found[0].name)[0] != first and any(
        n.id not in known and company_words(n.title)[0] == first for n in others
    )


def _to_the_form(name: str) -> list[str]:
    """A company's words with its legal form, in one of its spellings."""
    return [_FORMS.get(word, word) for word in words(name)]


def _companies_like(session: TenantSession, name: str, around: Around) -> list[Company]:
    said = company_words(name)
    named = list(naming.titled(session, said, ["company"]))
    named += naming.titled(session, said[:1], ["company"], limit=200)
    for word in dict.fromkeys(["".join(said), *said]):
        named += naming.spelled_like(session, word, ["company"])
    wanted = {n.id for n in named if company_likeness(name, n.title) is not CompanyLike.NO}
    ids = sorted(wanted | ({around.company_id} if around.company_id else set()))[:_MOST]
    found = _companies(session, Company.id.in_(ids)) if ids else []
    return found + _companies_by_initials(session, name)


def _companies_by_initials(session: TenantSession, name: str) -> list[Company]:
    short = name.strip()
    if not is_in_capitals(short):
        return []
    first = short[0].casefold()
    columns = select(Company.id, Company.name).where(
        Company.name_key >= first, Company.name_key < chr(ord(first) + 1), Company.deleted_at.is_(None)
    )
    ids = [id_ for id_, full in session.execute(columns) if is_acronym(short, full)]
    return _companies(session, Company.id.in_(ids[:_MOST])) if ids else []


def _companies(session: TenantSession, criterion: ColumnElement[bool]) -> list[Company]:
    return list(session.scalars(select(Company).where(criterion, Company.deleted_at.is_(None)).limit(_MOST)))


# -------------------------------------------------------------------------------------------------------------- people


@dataclass(frozen=True, slots=True)
class Said:
    """A person as a meeting tells of them. `employer` is a name that was said, `company` its record if it has one."""

    name: str
    email: str | None = None
    phone: str | None = None
    employer: str | None = None
    company: Company | None = None


def find_contact(
    session: TenantSession, name: str, *, email: str | None = None, company_id: int | None = None
) -> Contact | None:
    """The contact of that e-mail address, or of that name (at that company, if it is known), if there is no doubt."""
    company = session.get(Company, company_id) if company_id else None
    return match_contact(session, Said(name, email, employer=company.name if company else None, company=company)).row


def match_contact(session: TenantSession, said: Said, around: Around = NOWHERE) -> Match[Contact]:
    """The contact who is meant; of several, who has clearly more to do with the meeting."""
    if found := _by_address(session, said):
        return found
    if not person_words(said.name):
        return Match()
    near = _near(session, said, around)
    likes: dict[int, tuple[Contact, Like]] = {c.id: (c, person_likeness(said.name, c.name)) for c in near}
    alike = {id_: pair for id_, pair in likes.items() if pair[1] is not Like.NO}
    if Like.SAME not in {like for _, like in alike.values()} or said.company is None:
        for contact in _elsewhere(session, said):
            alike.setdefault(contact.id, (contact, person_likeness(said.name, contact.name)))
    alike |= {contact.id: (contact, Like.SAME) for contact in _formerly(session, said.name)}
    return _decide_contact(session, said, list(alike.values()), around)


def _by_address(session: TenantSession, said: Said) -> Match[Contact] | None:
    """Who has the e-mail address or number; asked about if the name is somebody else's."""
    wanted = []
    if said.email:
        wanted.append(select(ContactEmail.contact_id).where(ContactEmail.email_key == email_key(said.email)))
    if said.phone and (keys := phones.keys(said.phone, phones.region_of(session))):
        wanted.append(select(ContactPhone.contact_id).where(ContactPhone.phone_key.in_(keys)))
    for owners in wanted:
        found = _contacts(session, Contact.id.in_(owners))
        fits = [c for c in found if not _contradicts(said.name, c.name)]
        if len(fits) == 1:
            return Match(fits[0])
        if len(found) == 1:
            return Match(candidates=tuple(found), why="the same address")
    return None


def _contradicts(said: str, known: str) -> bool:
    one, other = person_words(said), person_words(known)
    return (
        len(one) > 1
        and len(other) > 1
        and not any(a[0] == b[0] or letters(b) in forms(a) or word_likeness(a, b) for a in one for b in other)
    )


def _near(session: TenantSession, said: Said, around: Around) -> list[Contact]:
    """Everybody at the company that was named, or else at the meeting's, and who else has to do with it."""
    company_id = said.company.id if said.company else None if said.employer else around.company_id
    found = _contacts(session, Contact.company_id == company_id) if company_id else []
    present = {contact.id for contact in found}
    others = [id_ for id_ in around.ties if id_ not in present]
    return found + (_contacts(session, Contact.id.in_(others)) if others else [])


def _elsewhere(session: TenantSession, said: Said) -> list[Contact]:
    """People anywhere whose whole name is like it; of a single name only the very same."""
    first, last = split_name(said.name)
    found = _contacts(session, Contact.name_key == person_key(first, last))
    name = person_words(said.name)
    if len(name) < 2:
        return found
    named = [naming.titled(session, [form, name[-1]], ["contact"]) for form in (name[0], *sorted(forms(name[0])))]
    named.append(naming.titled(session, name, ["contact"]))
    if not any(named):
        named.append(naming.spelled_like(session, name[-1], ["contact"]))
    present = {contact.id for contact in found}
    wanted = {n.id for rows in named for n in rows if person_likeness(said.name, n.title) >= Like.CLOSE} - present
    return found + (_contacts(session, Contact.id.in_(sorted(wanted)[:_MOST])) if wanted else [])


def _formerly(session: TenantSession, name: str) -> list[Contact]:
    """People who had the name before a merge."""
    ids = tombstones.formerly(session, "contact", person_key(*split_name(name)))
    return _contacts(session, Contact.id.in_(ids)) if ids else []


def _decide_contact(
    session: TenantSession, said: Said, alike: Sequence[tuple[Contact, Like]], around: Around
) -> Match[Contact]:
    is_near = _nearness(said, around)
    for like in (Like.SAME, Like.CLOSE, Like.PART):
        near = [contact for contact, how in alike if how is like and is_near(contact)]
        if near:
            return _one_of(near, around)
    same = [contact for contact, how in alike if how is Like.SAME]
    if said.employer:
        return _who_moved(session, said, same)
    if len(same) == 1:
        return Match(same[0])
    close = same or [contact for contact, how in alike if how is Like.CLOSE]
    return Match(candidates=tuple(close[:MOST_CANDIDATES]), why="a similar name" if not same else "the same name")


def _nearness(said: Said, around: Around) -> Any:
    def is_near(contact: Contact) -> bool:
        if said.employer:
            return said.company is not None and contact.company_id == said.company.id
        return contact.id in around.ties or (contact.company_id is not None and contact.company_id == around.company_id)

    return is_near


def _who_moved(session: TenantSession, said: Said, same: list[Contact]) -> Match[Contact]:
    """The name is known, but not at this company: who once worked there or has no employer yet, else a question."""
    if said.company is not None and same:
        query = select(Employment.contact_id).where(
            Employment.company_id == said.company.id, Employment.contact_id.in_([c.id for c in same])
        )
        once = set(session.scalars(query))
        if len(once) == 1:
            return Match(next(contact for contact in same if contact.id in once))
    free = [contact for contact in same if contact.company_id is None]
    if len(same) == 1 and free:
        return Match(free[0])
    return Match(candidates=tuple(same[:MOST_CANDIDATES]), why="the same name at another company")


def _one_of(found: list[Contact], around: Around) -> Match[Contact]:
    ranked = sorted(found, key=lambda contact: -around.ties.get(contact.id, 0))
    if len(ranked) == 1:
        return Match(ranked[0])
    first, second = (around.ties.get(contact.id, 0) for contact in ranked[:2])
    if first - second >= _CLEARLY:
        return Match(ranked[0])
    return Match(candidates=tuple(ranked[:MOST_CANDIDATES]), why="the same name")


def _contacts(session: TenantSession, criterion: ColumnElement[bool]) -> list[Contact]:
    return list(session.scalars(select(Contact).where(criterion, Contact.deleted_at.is_(None)).limit(_MOST)))


def find_user(session: TenantSession, name: str | None, *, by_short_form: bool = True) -> User | None:
    """The colleague of that name, in whatever form of the first name; or of that first name, if only one has it.

    `by_short_form`: also of another form of the first name alone, `Liz` for Elizabeth Archer.
    """
    wanted = fold(name or "")
    if not wanted:
        return None
    users = list(session.scalars(select(User).where(User.is_active)))
    likes = [(user, person_likeness(wanted, user.name)) for user in users]
    ways: Iterable[list[User]] = (
        [user for user in users if fold(user.name) == wanted],
        [user for user in users if fold(user.name).split()[:1] == [wanted]],
        [user for user, like in likes if like is Like.SAME],
        [user for user, _ in likes if by_short_form and letters(fold(user.name).split()[0]) in forms(wanted)],
    )
    first = next((found for found in ways if found), [])
    return first[0] if len(first) == 1 else None


# --------------------------------------------------------------------------------------------------------------- deals


def match_deal(
    session: TenantSession, company_id: int, name: str | None = None, amount_minor: int | None = None
) -> Match[Deal]:
    """The company's open deal; of several, the one of that name or amount, else a question.

    A name that differs only in a number (`Phase 3`) is another deal.
    """
    query = (
        select(Deal)
        .join(Stage, Stage.id == Deal.stage_id)
        .where(Deal.company_id == company_id, Deal.deleted_at.is_(None), Stage.type == StageType.OPEN)
    )
    deals = list(session.scalars(query.order_by(Deal.id).limit(_MOST)))
    if name:
        deals = [deal for deal in deals if name_fits(name, deal.name) is not False]
        named = [deal for deal in deals if name_fits(name, deal.name)]
        if len(named) == 1:
            return Match(named[0])
        deals = named or deals
    if len(deals) > 1 and amount_minor is not None:
        worth = [deal for deal in deals if deal.amount_minor == amount_minor]
        deals = worth if len(worth) == 1 else deals
    if len(deals) == 1:
        return Match(deals[0])
    return Match(candidates=tuple(deals[:MOST_CANDIDATES]), why="an open deal of the company")
