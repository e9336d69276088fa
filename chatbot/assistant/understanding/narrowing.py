"""Telling namesakes apart: by the company named beside them, and by what is shown of each in a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding.items import Item, Reading
from chatbot.assistant.understanding.mentions import Candidate, Mention
from shared.models import Company, Contact, Deal, Meeting, Stage, User
from shared.tenancy import TenantSession


def narrow(session: TenantSession, reading: Reading, page: RecordRef | None = None) -> Reading:
    """“Jane at Borealis”: of several Janes those who work there, if any do; where none is said, the page's."""
    companies = _companies(reading.items) or _company_of(session, page)
    if not companies:
        return reading
    items = [_narrowed(session, item, companies) for item in reading.items]
    return replace(reading, items=tuple(items))


def _companies(items: Sequence[Item]) -> set[int]:
    named = [item.data[0] for item in items if item.kind == "name"]
    return {record.id for mention in named for record in mention.records("company")}


def _company_of(session: TenantSession, page: RecordRef | None) -> set[int]:
    """The company of the record a question is asked beside."""
    if page is None or page.type == "company":
        return {page.id} if page is not None else set()
    query = {
        "contact": select(Contact.company_id).where(Contact.id == page.id),
        "deal": select(Deal.company_id).where(Deal.id == page.id),
        "meeting": select(Meeting.company_id).where(Meeting.id == page.id),
    }.get(page.type)
    return {found for found in session.scalars(query) if found} if query is not None else set()


def _narrowed(session: TenantSession, item: Item, companies: set[int]) -> Item:
    if item.kind != "name":
        return item
    mention: Mention = item.data[0]
    if mention.by_type.get("company"):
        return item
    by_type = {
        type_: _of_companies(session, type_, found, companies) if len(mention.records(type_)) > 1 else found
        for type_, found in mention.by_type.items()
    }
    return replace(item, data=(replace(mention, by_type=by_type), item.data[1]))


def _of_companies(
    session: TenantSession, type_: str, found: tuple[Candidate, ...], companies: set[int]
) -> tuple[Candidate, ...]:
    ids, among = [candidate.record.id for candidate in found], sorted(companies)
    query = {
        "contact": select(Contact.id).where(Contact.id.in_(ids), Contact.company_id.in_(among)),
        "deal": select(Deal.id).where(Deal.id.in_(ids), Deal.company_id.in_(among)),
    }.get(type_)
    if query is None:
        return found
    there = set(session.scalars(query))
    return tuple(c for c in found if c.record.id in there) or found


def details(session: TenantSession, records: Sequence[RecordRef]) -> list[str]:
    """What tells each of some records of one type from its namesakes."""
    if not records:
        return []
    ids = [record.id for record in records]
    query = {
        "contact": select(Contact.id, Company.name).join(Company, Company.id == Contact.company_id, isouter=True).where(
            Contact.id.in_(ids)
        ),
        "company": select(Company.id, Company.city).where(Company.id.in_(ids)),
        "deal": select(Deal.id, Stage.name).join(Stage, Stage.id == Deal.stage_id).where(Deal.id.in_(ids)),
        "meeting": select(Meeting.id, Meeting.occurred_at).where(Meeting.id.in_(ids)),
        "user": select(User.id, User.email).where(User.id.in_(ids)),
    }.get(records[0].type)  # fmt: skip
    if query is None:
        return ["" for _ in records]
    found = {row[0]: row[1] for row in session.execute(query)}
    return [_shown(found.get(id_)) for id_ in ids]


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value.date().isoformat() if hasattr(value, "date") else str(value)
