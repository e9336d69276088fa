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


def narrow(session: TenantSession, reading: Reading) -> Reading:
    """“Jane at Borealis”: of several Janes those who work there, if any do."""
    companies = _companies(reading.items)
    if not companies:
        return reading
    items = [_narrowed(session, item, companies) for item in reading.items]
    return replace(reading, items=tuple(items))


def _companies(items: Sequence[Item]) -> set[int]:
    named = [item.data[0] for item in items if item.kind == "name"]
    return {record.id for mention in named for record in mention.records("company")}


def _narrowed(session: TenantSession, item: Item, companies: set[int]) -> Item:
    if item.kind != "name":
        return item
    mention: Mention = item.data[0]
    candidates = mention.by_type.get("contact", ())
    if len(mention.records("contact")) < 2 or mention.by_type.get("company"):
        return item
    ids = [candidate.record.id for candidate in candidates]
    query = select(Contact.id).where(Contact.id.in_(ids), Contact.company_id.in_(sorted(companies)))
    there = set(session.scalars(query))
    if not there:
        return item
    kept: tuple[Candidate, ...] = tuple(c for c in candidates if c.record.id in there)
    narrowed = replace(mention, by_type={**mention.by_type, "contact": kept})
    return replace(item, data=(narrowed, item.data[1]))


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
