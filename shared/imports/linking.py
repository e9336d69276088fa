"""Names in cells to records: the company a contact works for, what a task is about. Many rows at a time.

A company that nobody knows is made when the row is imported; any other record must be there, or the cell is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select

from shared.database import batched
from shared.imports.values import Converted, Problem
from shared.models import Company, Contact, ContactEmail, Deal
from shared.records.keys import company_key, email_key, person_key, split_name
from shared.records.likeness import CompanyLike, company_likeness
from shared.tenancy import TenantSession

#: Conditions in one statement: SQLite nests no deeper than a thousand.
_AT_ONCE = 200
#: So many letters of a name are taken as they stand when others like it are looked for.
_PREFIX = 3
_KEPT = 100_000
_PLURALS = {"company": "companies", "contact": "contacts", "deal": "deals"}
#: Namesakes that a complaint tells apart.
_MOST_TOLD = 4
_AT_COMPANY = re.compile(r"(.+?)\s*\(([^()]+)\)")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")


class CompanyNames:
    """Which company is meant by a name? Asked once for each name of a file."""

    def __init__(self) -> None:
        self._known: dict[str, int | None] = {}

    def learn(self, session: TenantSession, names: Iterable[str]) -> None:
        """Look up those that are new, together."""
        new = {company_key(name): name for name in names if company_key(name) not in self._known}
        if not new:
            return
        if len(self._known) > _KEPT:
            self._known.clear()
        found = same_named(session, list(new))
        self._known |= {key: found.get(key) for key in new}
        unknown = {key: name for key, name in new.items() if key not in found}
        self._known |= _spelled_otherwise(session, unknown)

    def id_of(self, name: str) -> int | None:
        """The company's id; None if there is none. After `learn`."""
        return self._known.get(company_key(name))


def same_named(session: TenantSession, keys: Sequence[str]) -> dict[str, int]:
    """Live companies by folded name; of several the oldest."""
    found: dict[str, int] = {}
    for some in batched(keys, _AT_ONCE * 2):
        query = select(Company.name_key, Company.id).where(Company.name_key.in_(some), Company.deleted_at.is_(None))
        for key, id_ in session.execute(query.order_by(Company.id.desc())):
            found[key] = id_
    return found


def _spelled_otherwise(session: TenantSession, names: dict[str, str]) -> dict[str, int]:
    """Companies that are the same but for the spelling of umlauts, a legal form or a blank."""
    found: dict[str, int] = {}
    for prefix, some in _by_prefix(names).items():
        for id_, known in beginning_with(session, [prefix]):
            for key in some:
                if company_likeness(names[key], known) is CompanyLike.SAME:
                    found.setdefault(key, id_)
    return found


def _by_prefix(names: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in names:
        # Only where another spelling is likely at all: umlauts, joined words.
        if any(pair in key for pair in ("ae", "oe", "ue")) or any(c in names[key] for c in "äöüÄÖÜ-"):
            found.setdefault(key[:_PREFIX], []).append(key)
    return found


def beginning_with(session: TenantSession, prefixes: Sequence[str], *, most: int = 2000) -> list[tuple[int, str]]:
    """(id, name) of live companies whose folded name begins so."""
    found: list[tuple[int, str]] = []
    for some in batched(sorted(set(prefixes)), _AT_ONCE):
        ranges = [and_(Company.name_key >= p, Company.name_key < p[:-1] + chr(ord(p[-1]) + 1)) for p in some if p]
        if ranges:
            query = select(Company.id, Company.name).where(or_(*ranges), Company.deleted_at.is_(None)).limit(most)
            found += [(int(id_), str(name)) for id_, name in session.execute(query)]
    return found


def find_several(session: TenantSession, rows: Sequence[Converted], columns: dict[str, int]) -> None:
    """`Jane Roe; Joe Poe`, for records that may be about several: all but the first named, as `also` = `contact:7`.

    The first is found, or made, as where it stands alone.
    """
    for key, find in (("company", _companies), ("contact", _contacts), ("deal", _deals)):
        several = [row for row in rows if ";" in row.refs.get(key, "")]
        named = {id(row): [name.strip() for name in row.refs[key].split(";") if name.strip()] for row in several}
        others = {name for names in named.values() for name in names[1:]}
        known = find(session, others) if others else {}
        apart = _apart(session, known) if key == "contact" else {}
        for row in several:
            row.refs[key], *rest = named[id(row)] or [row.refs[key]]
            found = [f"{key}:{known[name][0]}" for name in rest if len(known.get(name, [])) == 1]
            row.refs["also"] = " ".join([*row.refs.get("also", "").split(), *found])
            row.problems += [
                _not_one(key, name, known.get(name, []), columns, apart)
                for name in rest
                if len(known.get(name, [])) != 1
            ]


def _not_one(key: str, text: str, ids: Sequence[int], columns: dict[str, int], apart: Mapping[int, str]) -> Problem:
    them = ", ".join(apart[id_] for id_ in ids[:_MOST_TOLD] if id_ in apart)
    if them:
        told = f"There are several contacts “{text[:60]}”. Write which one is meant: {them}."
        return Problem(columns.get(key), key, text, told)
    what, plural = ("There is no", key) if not ids else ("There are several", _PLURALS[key])
    return Problem(columns.get(key), key, text, f"{what} {plural} “{text[:60]}”.")


def find_records(session: TenantSession, rows: Sequence[Converted], columns: dict[str, int]) -> None:
    """Settle `contact` and `deal` of the rows; what is not there, or not alone, is a problem of its cell."""
    for key, find, field in (("contact", _contacts, "contact_id"), ("deal", _deals, "deal_id")):
        asked = {row.refs[key] for row in rows if key in row.refs}
        known = find(session, asked) if asked else {}
        apart = _apart(session, known) if key == "contact" else {}
        for row in rows:
            if (text := row.refs.get(key)) is None:
                continue
            ids = known.get(text, [])
            if len(ids) == 1:
                row.refs[field] = str(ids[0])
                del row.refs[key]
                continue
            row.problems.append(_not_one(key, text, ids, columns, apart))


def _contacts(session: TenantSession, asked: set[str]) -> dict[str, list[int]]:
    """By e-mail address, also within `Jane Roe (jane@acme.example)` as HubSpot writes it; else by name, or by name and
    company: `Jane Roe (Acme)`."""
    found: dict[str, list[int]] = {}
    addresses = {text: email_key(match[0]) for text in asked if (match := _ADDRESS.search(text))}
    names = {text: person_key(*split_name(text)) for text in asked - addresses.keys()}
    for some in batched(sorted(set(addresses.values())), _AT_ONCE * 2):
        query = (
            select(ContactEmail.email_key, Contact.id)
            .join(Contact, Contact.id == ContactEmail.contact_id)
            .where(ContactEmail.email_key.in_(some), Contact.deleted_at.is_(None))
        )
        _collect(found, addresses, session.execute(query.order_by(Contact.id).limit(5000)))
    for some in batched(sorted(set(names.values())), _AT_ONCE * 2):
        query = select(Contact.name_key, Contact.id).where(Contact.name_key.in_(some), Contact.deleted_at.is_(None))
        _collect(found, names, session.execute(query.limit(5000)))
    at = {text: match for text in names.keys() - found.keys() if (match := _AT_COMPANY.fullmatch(text))}
    pairs = {text: f"{person_key(*split_name(match[1]))}\n{company_key(match[2])}" for text, match in at.items()}
    for some in batched(sorted({pair.partition("\n")[0] for pair in pairs.values()}), _AT_ONCE * 2):
        query = (
            select(Contact.name_key + "\n" + Company.name_key, Contact.id)
            .join(Company, Company.id == Contact.company_id)
            .where(Contact.name_key.in_(some), Contact.deleted_at.is_(None))
        )
        _collect(found, pairs, session.execute(query.limit(5000)))
    return found


def _apart(session: TenantSession, known: Mapping[str, Sequence[int]]) -> dict[int, str]:
    """How each of the namesakes is written so that it alone is meant: the e-mail address, else name and company."""
    wanted = sorted({id_ for ids in known.values() if len(ids) > 1 for id_ in ids[:_MOST_TOLD]})
    email = select(ContactEmail.email).where(ContactEmail.contact_id == Contact.id)
    email = email.order_by(ContactEmail.is_primary.desc(), ContactEmail.id).limit(1)
    told: dict[int, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(Contact, email.correlate(Contact).scalar_subquery(), Company.name)
        query = query.outerjoin(Company, Company.id == Contact.company_id)
        query = query.where(Contact.id.in_(wanted[start : start + _AT_ONCE]))
        for contact, address, company in session.execute(query):
            name = f"{contact.first_name} {contact.last_name}".strip()
            if address or company:
                told[contact.id] = address or f"{name} ({company})"
    return told


def _companies(session: TenantSession, asked: set[str]) -> dict[str, list[int]]:
    keys = {text: company_key(text) for text in asked}
    found = same_named(session, sorted(set(keys.values())))
    return {text: [found[key]] for text, key in keys.items() if key in found}


def _deals(session: TenantSession, asked: set[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for some in batched(sorted(asked), _AT_ONCE * 2):
        query = select(Deal.name, Deal.id).where(Deal.name.in_(some), Deal.deleted_at.is_(None))
        _collect(found, {text: text for text in some}, session.execute(query.limit(5000)))
    return found


def _collect(found: dict[str, list[int]], keys: dict[str, str], rows: Iterable[Any]) -> None:
    by_key: dict[str, list[str]] = {}
    for text, key in keys.items():
        by_key.setdefault(key, []).append(text)
    for key, id_ in rows:
        for text in by_key.get(key, ()):
            if id_ not in found.setdefault(text, []):
                found[text].append(id_)
