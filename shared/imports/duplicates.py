"""Is this row somebody we know, or an earlier row? By keys that decide, then by names that are alike.

    exact    the same ID, domain, e-mail or number; the same name where nothing speaks against it
    similar  the same address under another name, the same name elsewhere, a slip apart at the same company
    file     as exact, but of an earlier row of the file

Likeness is looked for within small blocks only (a company's people, companies that begin alike), so that a hundred
thousand rows take seconds. Rows of the file are compared by `earlier`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from shared.database import batched
from shared.imports.earlier import Earlier, compare
from shared.imports.linking import beginning_with
from shared.imports.staged import LARGEST_BLOCK, Staged, are_alike, are_alike_companies, fits
from shared.models import Company, Contact, ContactEmail, ContactPhone, Deal, Link, MergedRecord, Note, Task
from shared.records import phones
from shared.records.keys import company_key, fold, person_key
from shared.records.likeness import Like, person_likeness
from shared.tenancy import TenantSession

_AT_ONCE = 400


def find(session: TenantSession, type_: str, rows: Sequence[Staged], earlier: Earlier) -> None:
    """Say of each row what it matches, and remember the rows for those to come."""
    known(session, type_, rows)
    for row in rows:
        compare(type_, row, earlier)


def known(session: TenantSession, type_: str, rows: Sequence[Staged]) -> None:
    """Say of each row which record it matches."""
    deleted_too = _by_external_id(session, type_, rows)
    for row in rows:
        if (id_ := deleted_too.get(str(row.data.get("external_id") or ""))) is not None:
            row.settle("exact", "the same ID", record_id=id_)
    _FINDERS[type_](session, [row for row in rows if row.match is None])


_MODELS: dict[str, type[Any]] = {"contact": Contact, "company": Company, "deal": Deal, "task": Task, "note": Note}


def _by_external_id(session: TenantSession, type_: str, rows: Sequence[Staged]) -> dict[str, int]:
    """By the ID of another system; of deleted records too, which an import brings back; of merged ones the winner."""
    model = _MODELS[type_]
    ids = [str(row.data["external_id"]) for row in rows if row.data.get("external_id")]
    found: dict[str, int] = {}
    for some in batched(ids, _AT_ONCE):
        query = select(model.external_id, func.coalesce(MergedRecord.winner_id, model.id)).where(
            model.external_id.in_(some)
        )
        is_tomb = and_(MergedRecord.record_type == type_, MergedRecord.record_id == model.id)
        query = query.outerjoin(MergedRecord, is_tomb)
        found |= {str(external): int(id_) for external, id_ in session.execute(query)}
    return found


# --- Records that are there


@dataclass(slots=True)
class _Person:
    id: int
    name: str
    company_id: int | None
    external_id: str | None
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)


def _contacts(session: TenantSession, rows: Sequence[Staged]) -> None:
    """By address first, which settles most rows of a file that was read before; the others are looked for wider."""
    people: dict[int, _Person] = {}
    _people(session, people, ContactEmail.email_key, {key for row in rows for key in row.emails}, of=ContactEmail)
    _addresses(session, people)
    by = _indexed(people)
    open_rows = [row for row in rows if not _settle_by_email(row, by)]
    if not open_rows:
        return
    seen = set(people)
    names = {_key_of(row) for row in open_rows} - {""}
    companies = {int(row.refs["company_id"]) for row in open_rows if row.refs.get("company_id")}
    numbers = {key for row in open_rows for phone in row.phones for key in phones.keys(phone, row.region)}
    _people(session, people, ContactPhone.phone_key, numbers, of=ContactPhone)
    _people(session, people, Contact.name_key, names)
    _colleagues(session, people, companies)
    _addresses(session, {id_: person for id_, person in people.items() if id_ not in seen})
    for person in people.values():
        person.phones = {phones.number(key, open_rows[0].region) or key for key in person.phones}
    by = _indexed(people)
    for row in open_rows:
        _decide_contact(row, by)


def _key_of(row: Staged) -> str:
    return person_key(row.data.get("first_name") or "", row.data.get("last_name") or "")


def _indexed(people: dict[int, _Person]) -> dict[tuple[str, Any], list[_Person]]:
    """By address, number, name and company, the oldest first."""
    by: dict[tuple[str, Any], list[_Person]] = {}
    for person in sorted(people.values(), key=lambda p: p.id):
        for key in {("e", e) for e in person.emails} | {("p", p) for p in person.phones}:
            by.setdefault(key, []).append(person)
        by.setdefault(("n", fold(person.name)), []).append(person)
        if person.company_id is not None:
            by.setdefault(("c", person.company_id), []).append(person)
    return by


def _settle_by_email(row: Staged, by: dict[tuple[str, Any], list[_Person]]) -> bool:
    for person in (p for email in row.emails for p in by.get(("e", email), ())):
        if fits(row.name, person.name):
            row.settle("exact", "the same e-mail", record_id=person.id)
            return True
    return False


def _people(
    session: TenantSession, people: dict[int, _Person], column: Any, keys: Iterable[Any], of: type[Any] | None = None
) -> None:
    query = select(*_PERSON)
    if of is not None:
        query = query.join(of, of.contact_id == Contact.id)
    for some in batched(sorted(keys), _AT_ONCE):
        found = query.where(column.in_(some), Contact.deleted_at.is_(None)).limit(20_000)
        _add(people, session.execute(found))


_PERSON = (Contact.id, Contact.first_name, Contact.last_name, Contact.company_id, Contact.external_id)


def _add(people: dict[int, _Person], found: Iterable[Any]) -> None:
    for id_, first, last, company_id, external_id in found:
        people.setdefault(id_, _Person(id_, f"{first} {last}".strip(), company_id, external_id))


def _colleagues(session: TenantSession, people: dict[int, _Person], companies: Iterable[int]) -> None:
    """Of each company those whose names are compared: the oldest, however many work there."""
    place = func.row_number().over(partition_by=Contact.company_id, order_by=Contact.id).label("place")
    for some in batched(sorted(companies), _AT_ONCE):
        ranked = select(*_PERSON, place).where(Contact.company_id.in_(some), Contact.deleted_at.is_(None)).subquery()
        of_each = select(*(ranked.c[column.key] for column in _PERSON)).where(ranked.c.place <= LARGEST_BLOCK)
        _add(people, session.execute(of_each))


def _addresses(session: TenantSession, people: dict[int, _Person]) -> None:
    ids = sorted(people)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        for model, key, many in (
            (ContactEmail, ContactEmail.email_key, "emails"),
            (ContactPhone, ContactPhone.phone_key, "phones"),
        ):
            query: Any = select(model.contact_id, key).where(model.contact_id.in_(some))
            for id_, value in session.execute(query):
                getattr(people[id_], many).add(value)


def _decide_contact(row: Staged, by: dict[tuple[str, Any], list[_Person]]) -> None:
    same_address = [p for email in row.emails for p in by.get(("e", email), ())]
    for person in (p for phone in row.phones for p in by.get(("p", phone), ())):
        if row.name and person_likeness(row.name, person.name) >= Like.CLOSE:
            return row.settle("exact", "the same phone and name", record_id=person.id)
    same_name = by.get(("n", row.folded), []) if row.name else []
    company_id = int(row.refs["company_id"]) if row.refs.get("company_id") else None
    for person in same_name:
        is_here = person.company_id == company_id and not row.refs.get("company")
        if is_here and not (person.emails and row.emails) and row.may_be(person.external_id):
            why = "the same name at the same company" if company_id else "the same name"
            return row.settle("exact", why, record_id=person.id)
    if same_address:
        return row.settle("similar", "the same e-mail, another name", record_id=same_address[0].id)
    if same_name:
        return row.settle("similar", "the same name", record_id=same_name[0].id)
    block = by.get(("c", company_id), []) if company_id and row.name else []
    for person in block[:LARGEST_BLOCK]:
        if are_alike(row.name, person.name):
            return row.settle("similar", "a similar name at the same company", record_id=person.id)
    return None


def _companies(session: TenantSession, rows: Sequence[Staged]) -> None:
    domains = {row.data["domain"] for row in rows if row.data.get("domain")}
    keys = {company_key(row.data["name"]) for row in rows}
    known: dict[int, tuple[str, str, str | None, str | None]] = {}
    for column, wanted in ((Company.domain, domains), (Company.name_key, keys)):
        for some in batched(sorted(wanted), _AT_ONCE):
            query = select(Company.id, Company.name, Company.name_key, Company.domain, Company.external_id)
            for id_, *about in session.execute(query.where(column.in_(some), Company.deleted_at.is_(None))):
                known[id_] = (str(about[0]), str(about[1]), about[2], about[3])
    by_domain: dict[str, int] = {}
    by_key: dict[str, list[int]] = {}
    for id_, (_, key, domain, _) in sorted(known.items(), reverse=True):
        by_key.setdefault(key, []).insert(0, id_)
        if domain:
            by_domain[domain] = id_
    unknown: list[Staged] = []
    for row in rows:
        domain, same = row.data.get("domain"), by_key.get(company_key(row.data["name"]), [])
        if domain in by_domain:
            row.settle("exact", "the same domain", record_id=by_domain[domain])
        elif agreeing := [id_ for id_ in same if _may_be(row, known[id_])]:
            row.settle("exact", "the same name", record_id=agreeing[0])
        elif same:
            row.settle("similar", "the same name, another domain or ID", record_id=same[0])
        else:
            unknown.append(row)
    _similar_companies(session, unknown)


def _may_be(row: Staged, known: tuple[str, str, str | None, str | None]) -> bool:
    domain, external_id = known[2:]
    return not (domain and row.data.get("domain")) and row.may_be(external_id)


def _similar_companies(session: TenantSession, rows: Sequence[Staged]) -> None:
    prefixes = {company_key(row.data["name"])[:4] for row in rows}
    block: dict[str, list[tuple[int, str]]] = {}
    for id_, name in beginning_with(session, sorted(prefixes)):
        block.setdefault(company_key(name)[:4], []).append((id_, name))
    for row in rows:
        for id_, name in block.get(company_key(row.data["name"])[:4], [])[:LARGEST_BLOCK]:
            if are_alike_companies(row.data["name"], name):
                row.settle("similar", "a similar name", record_id=id_)
                break


def _deals(session: TenantSession, rows: Sequence[Staged]) -> None:
    known: dict[str, list[Any]] = {}
    for some in batched({row.data["name"] for row in rows}, _AT_ONCE):
        columns = (Deal.name, Deal.id, Deal.company_id, Deal.external_id, Deal.expected_close)
        query = select(*columns).where(Deal.name.in_(some), Deal.deleted_at.is_(None)).order_by(Deal.id).limit(20_000)
        for found in session.execute(query):
            known.setdefault(found.name, []).append(found)
    for row in rows:
        named = [d for d in known.get(row.data["name"], []) if row.may_be(d.external_id)]
        here = [d for d in named if str(d.company_id or "") == row.refs.get("company_id", "")]
        if row.refs.get("company"):  # a company that is still to be made has no deals
            here = []
        close = row.data.get("expected_close")
        same = [d for d in here if close is None or d.expected_close is None or d.expected_close.isoformat() == close]
        if len(same) == 1 or (same and close):
            row.settle("exact", "the same name and company", record_id=same[0].id)
        elif here:
            row.settle("similar", "the same name and company", record_id=here[0].id)


def _tasks(session: TenantSession, rows: Sequence[Staged]) -> None:
    def is_same(row: Staged, task: Any) -> bool:
        day = row.data.get("due_date") or str(row.data.get("due_at") or "")[:10] or None
        mine = task.due_at.date() if task.due_at and "due_at" in row.data else task.due_date
        return (mine.isoformat() if mine else None) == day

    columns = (Task.id, Task.title, Task.due_date, Task.due_at, Task.external_id)
    _with_links(session, rows, "task", "title", Task.title, columns, Task.deleted_at.is_(None), is_same)


def _notes(session: TenantSession, rows: Sequence[Staged]) -> None:
    columns = (Note.id, Note.body, Note.external_id)
    _with_links(session, rows, "note", "body", Note.body, columns, Note.deleted_at.is_(None), lambda _row, _note: True)


def _with_links(
    session: TenantSession, rows: Sequence[Staged], owner: str, key: str, column: Any, columns: Sequence[Any],
    is_live: ColumnElement[bool], is_same: Any,
) -> None:  # fmt: skip
    known: dict[str, list[Any]] = {}
    links: dict[int, set[tuple[str, str]]] = {}
    for some in batched({row.data[key] for row in rows}, _AT_ONCE):
        for found in session.execute(select(*columns).where(column.in_(some), is_live).limit(20_000)):
            known.setdefault(getattr(found, key), []).append(found)
    ids = [found.id for many in known.values() for found in many]
    for start in range(0, len(ids), _AT_ONCE):
        query = select(Link.owner_id, Link.target_type, Link.target_id).where(
            Link.owner_type == owner, Link.owner_id.in_(ids[start : start + _AT_ONCE])
        )
        for owner_id, type_, id_ in session.execute(query):
            links.setdefault(owner_id, set()).add((type_, str(id_)))
    for row in rows:
        about = {(name, row.refs[f"{name}_id"]) for name in ("company", "contact", "deal") if f"{name}_id" in row.refs}
        for found in known.get(row.data[key], []):
            if (
                row.may_be(found.external_id)
                and is_same(row, found)
                and about <= links.get(found.id, set())
                and "company" not in row.refs
            ):
                row.settle("exact", "the same text", record_id=found.id)
                break


_FINDERS: dict[str, Any] = {
    "contact": _contacts, "company": _companies, "deal": _deals, "task": _tasks, "note": _notes,
}  # fmt: skip
