"""What accepting an insight would do: its data, matched to the CRM, as changes of one record.

    insight data ──match──▶ existing record? ──compare──▶ create | update | link, [{field, before, after}]
                                 └─ several ──▶ a question with candidates, and what each choice would change

Fields are those of the record's REST type, with three readable exceptions that `apply` turns into ids and rows:
`company` (a name), `email` and `phone` (one more of each). A plan never empties a field, and never replaces a filled
field by the same thing written differently.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from shared.models import Company, Contact, Deal, Insight, InsightStatus, Meeting, Task
from shared.records import matching, phones
from shared.records.around import Around, around
from shared.records.keys import company_key, email_key, phone_key, split_name
from shared.records.matching import Match, Said
from shared.review.deal_plans import match_deal, plan_deal
from shared.review.plan_parts import Candidate, Change, Chosen, Plan, fill, plan_record
from shared.review.task_plans import match_task, plan_next_meeting, plan_task
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: Kinds that become a record of their own, which a reviewer may choose.
RECORDS = {Kind.COMPANY: "company", Kind.CONTACT: "contact", Kind.DEAL: "deal", Kind.ACTION_ITEM: "task"}


def plan(
    session: TenantSession, meeting: Meeting, kind: Kind, data: dict[str, Any], *, chosen: Chosen | None = None
) -> Plan:
    """What accepting this would do now; for what is a record of its own to the `chosen` one, if there is one."""
    if kind not in RECORDS:
        planned = plan_next_meeting if kind is Kind.NEXT_MEETING else _plan_link
        return planned(session, meeting, data)
    near = around(session, meeting)
    company = company_of(session, meeting, data.get("company"), near)

    def made(row: Any | None) -> Plan:
        return _plan_for(session, meeting, kind, data, row, company)

    if chosen is not None:
        return made(chosen.row)
    match = _match(session, meeting, kind, data, company, near)
    may_be = match.candidates if match.row is None else ()
    candidates = (Candidate(RECORDS[kind], r.id, _label(session, r), match.why, made(r).changes) for r in may_be)
    return replace(made(match.row), candidates=tuple(candidates))


def _match(
    session: TenantSession, meeting: Meeting, kind: Kind, data: dict[str, Any], company: Match[Company], near: Around
) -> Match[Any]:
    if kind is Kind.COMPANY:
        return matching.match_company(session, data["name"], data.get("domain"), near)
    if kind is Kind.ACTION_ITEM:
        return match_task(session, meeting, data)
    if kind is Kind.DEAL:
        return match_deal(session, meeting, data, company)
    said = Said(data["name"], data.get("email"), data.get("phone"), data.get("company"), company.row)
    return matching.match_contact(session, said, near)


def _plan_for(
    session: TenantSession, meeting: Meeting, kind: Kind, data: dict[str, Any], row: Any | None, company: Match[Company]
) -> Plan:
    if kind is Kind.COMPANY:
        changes = fill(row, domain=data.get("domain"), industry=data.get("industry"))
        return plan_record("company", row, {"name": data["name"]}, changes)
    if kind is Kind.ACTION_ITEM:
        return plan_task(session, meeting, data, row)
    return plan_deal(session, data, row, company) if kind is Kind.DEAL else _plan_contact(session, data, row, company)


def _label(session: TenantSession, row: Any) -> str:
    """A record's name with what tells it from its namesakes: title and company, the company, the day."""
    if isinstance(row, Task):
        return f"{row.title} ({row.due_date.isoformat()})" if row.due_date else row.title
    more = [row.domain or row.city] if isinstance(row, Company) else []
    if isinstance(row, Contact | Deal):
        company = session.get(Company, row.company_id) if row.company_id else None
        more = [row.title if isinstance(row, Contact) else None, company.name if company else None]
    return " · ".join([row.name, *(part for part in more if part)])


def company_of(session: TenantSession, meeting: Meeting, name: str | None, near: Around) -> Match[Company]:
    """The company of that name: as it was decided in this meeting, else as the records tell."""
    if not name:
        return Match()
    match = matching.match_company(session, name, None, near)
    if match.row is not None:
        return match
    query = select(Insight).where(
        Insight.meeting_id == meeting.id, Insight.kind == Kind.COMPANY, Insight.status.in_(_APPLIED)
    )
    for insight in session.scalars(query):
        if company_key(insight.data["name"]) == company_key(name) and insight.proposal and insight.proposal.record_id:
            decided = session.get(Company, insight.proposal.record_id)
            return Match(decided) if decided is not None and decided.deleted_at is None else match
    return match


_APPLIED = tuple(status for status in InsightStatus if status.is_applied)


def _plan_contact(
    session: TenantSession, data: dict[str, Any], contact: Contact | None, company: Match[Company]
) -> Plan:
    first, last = split_name(data["name"])
    changes = fill(contact, title=data.get("title"))
    if contact is not None and last and not contact.last_name:
        changes.append(Change("last_name", contact.last_name, last))
    is_doubtful = bool(company.candidates)
    if data.get("company") and not is_doubtful and (contact is None or contact.company_id is None):
        changes.append(Change("company", None, company.row.name if company.row else data["company"]))
    if (email := data.get("email")) and not _is_written_to_at(contact, email):
        changes.append(Change("email", contact.email if contact else None, email))
    if (phone := data.get("phone")) and not _is_reached_at(session, contact, phone):
        changes.append(Change("phone", contact.phone if contact else None, phone))
    return plan_record("contact", contact, {"first_name": first, "last_name": last}, changes)


def _is_written_to_at(contact: Contact | None, email: str) -> bool:
    return contact is not None and email_key(email) in {row.email_key for row in contact.emails}


def _is_reached_at(session: TenantSession, contact: Contact | None, phone: str) -> bool:
    """Whether the number is the contact's, with its country's code or without."""
    if contact is None:
        return False
    same = phones.keys(phone, phones.region_of(session)) or (phone_key(phone),)
    return not {row.phone_key for row in contact.phones}.isdisjoint(same)


def _plan_link(session: TenantSession, meeting: Meeting, data: dict[str, Any]) -> Plan:
    """A decision, pain, objection, …: it lives on as an insight, shown on the deal, company and contact pages."""
    named = data.get("company")
    company = company_of(session, meeting, named, around(session, meeting)).row if named else None
    if company is not None and company.id != meeting.company_id:
        return Plan("link", "company", company.id)
    if meeting.deal_id:
        return Plan("link", "deal", meeting.deal_id)
    if meeting.company_id:
        return Plan("link", "company", meeting.company_id)
    return Plan("link", "meeting", meeting.id)
