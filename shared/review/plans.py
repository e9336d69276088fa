"""What accepting an insight would do: its data, matched to the CRM, as changes of one record.

    insight data ──match──▶ existing record? ──compare──▶ create | update | link, [{field, before, after}]

Fields are those of the record's REST type, with three readable exceptions that `apply` turns into ids and rows:
`company` (a name), `email` and `phone` (one more of each). A plan never empties a field, and never replaces a filled
field by the same thing written differently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from shared.models import (
    Company,
    Contact,
    Deal,
    Insight,
    InsightStatus,
    Meeting,
    Pipeline,
    Stage,
    StageType,
    Workspace,
)
from shared.records import matching
from shared.records.deals import to_minor
from shared.records.keys import company_key, email_key, fold, phone_key, split_name
from shared.records.pipelines import default_pipeline
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: What was said about a deal's stage -> stage names that pipelines usually use, best first.
_STAGE_NAMES: dict[str, tuple[str, ...]] = {
    "lead": ("lead", "qualification", "qualified"),
    "qualification": ("qualification", "qualified", "lead"),
    "discovery": ("discovery", "qualification"),
    "evaluation": ("evaluation", "demo", "trial", "discovery"),
    "proposal": ("proposal", "quote", "offer"),
    "negotiation": ("negotiation", "contract"),
    "verbal": ("verbal", "negotiation", "contract"),
}

#: What a task's title holds; a longer promise also stands in its body, whole.
_TITLE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it is, what it would be. `label` is how to show an `after` that is an id."""

    field: str
    before: Any
    after: Any
    label: str | None = None

    def to_json(self) -> dict[str, Any]:
        shown = {"field": self.field, "before": self.before, "after": self.after}
        return {**shown, "label": self.label} if self.label else shown


@dataclass(frozen=True, slots=True)
class Plan:
    """create: a new record of `record_type`. update: these changes. link: the record is fine as it is."""

    action: str
    record_type: str
    record_id: int | None = None
    base_version: int | None = None
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The record a reviewer named for a finding, of this type; `row` None: one that is not there yet."""

    type: str
    row: Any | None


def plan(
    session: TenantSession, meeting: Meeting, kind: Kind, data: dict[str, Any], *, chosen: Chosen | None = None
) -> Plan:
    """What accepting this would do now; for companies, people and deals to the `chosen` record, if there is one."""
    if kind in _RECORD_PLANNERS:
        return _RECORD_PLANNERS[kind](session, meeting, data, chosen)
    return _PLANNERS.get(kind, _plan_link)(session, meeting, data)


def _plan_company(session: TenantSession, meeting: Meeting, data: dict[str, Any], chosen: Chosen | None) -> Plan:
    company = chosen.row if chosen else matching.find_company(session, data["name"], data.get("domain"))
    changes = _fill(company, domain=data.get("domain"), industry=data.get("industry"))
    return _plan_record("company", company, {"name": data["name"]}, changes)


def _plan_contact(session: TenantSession, meeting: Meeting, data: dict[str, Any], chosen: Chosen | None) -> Plan:
    company = matching.find_company(session, data.get("company")) if data.get("company") else None
    company_id = company.id if company else None
    contact = (
        chosen.row
        if chosen
        else matching.find_contact(session, data["name"], email=data.get("email"), company_id=company_id)
    )
    first, last = split_name(data["name"])
    changes = _fill(contact, title=data.get("title"))
    if contact is not None and last and not contact.last_name:
        changes.append(Change("last_name", contact.last_name, last))
    if data.get("company") and (contact is None or contact.company_id is None):
        changes.append(Change("company", None, company.name if company else data["company"]))
    if (email := data.get("email")) and email_key(email) not in _known(contact, "emails", "email_key"):
        changes.append(Change("email", contact.email if contact else None, email))
    if (phone := data.get("phone")) and phone_key(phone) not in _known(contact, "phones", "phone_key"):
        changes.append(Change("phone", contact.phone if contact else None, phone))
    return _plan_record("contact", contact, {"first_name": first, "last_name": last}, changes)


def _plan_deal(session: TenantSession, meeting: Meeting, data: dict[str, Any], chosen: Chosen | None) -> Plan:
    company = matching.find_company(session, data["company"])
    deal = chosen.row if chosen else _deal_of(session, meeting, company, data)
    changes = (
        [] if deal and deal.company_id else [Change("company", None, company.name if company else data["company"])]
    )
    if data.get("amount") is not None:
        changes += _amount_change(session, deal, data)
    if data.get("close_date"):
        before = deal.expected_close.isoformat() if deal and deal.expected_close else None
        changes += [Change("expected_close", before, data["close_date"])] if before != data["close_date"] else []
    if data.get("stage"):
        changes += _stage_change(session, deal, data["stage"])
    return _plan_record("deal", deal, {"name": data.get("name") or data["company"]}, changes)


def _deal_of(session: TenantSession, meeting: Meeting, company: Company | None, data: dict[str, Any]) -> Deal | None:
    linked = session.get(Deal, meeting.deal_id) if meeting.deal_id else None
    if linked and linked.deleted_at is None and (company is None or linked.company_id in (None, company.id)):
        return linked
    return matching.find_deal(session, company.id, data.get("name")) if company else None


def _amount_change(session: TenantSession, deal: Deal | None, data: dict[str, Any]) -> list[Change]:
    workspace = session.get(Workspace, session.workspace_id)
    currency = data.get("currency") or (deal.currency if deal else None) or (workspace.currency if workspace else "EUR")
    after = {"minor": to_minor(Decimal(str(data["amount"])), currency), "currency": currency}
    has_amount = deal is not None and deal.amount_minor is not None
    before = {"minor": deal.amount_minor, "currency": deal.currency} if deal is not None and has_amount else None
    return [Change("amount", before, after)] if before != after else []


def _stage_change(session: TenantSession, deal: Deal | None, said: str) -> list[Change]:
    """Forward only: a meeting that mentions an earlier stage does not pull a deal back."""
    now = session.get(Stage, deal.stage_id) if deal else None
    pipeline_stages = default_pipeline(session).stages if now is None else _stages_beside(session, now)
    target = _stage_named(pipeline_stages, said)
    if target is None or (now is not None and (target.id == now.id or now.type != StageType.OPEN)):
        return []
    if now is not None and target.type == StageType.OPEN and target.position < now.position:
        return []
    return [Change("stage", now.name if now else None, target.name)]


def _stages_beside(session: TenantSession, stage: Stage) -> list[Stage]:
    pipeline = session.get(Pipeline, stage.pipeline_id)
    return pipeline.stages if pipeline else []


def _stage_named(stages: list[Stage], said: str) -> Stage | None:
    if said in ("won", "lost"):
        return next((s for s in stages if s.type == said), None)
    for name in _STAGE_NAMES.get(said, ()):
        for stage in stages:
            if stage.type == StageType.OPEN and fold(stage.name).startswith(name):
                return stage
    return None


def _plan_task(session: TenantSession, meeting: Meeting, data: dict[str, Any]) -> Plan:
    changes = [Change("title", None, data["description"][:_TITLE_CHARS])]
    if len(data["description"]) > _TITLE_CHARS:
        changes.append(Change("body", None, data["description"]))
    if data.get("due_date"):
        changes.append(Change("due_date", None, data["due_date"]))
    if data.get("owner"):
        user = None if _is_guest(session, meeting, data["owner"]) else matching.find_user(session, data["owner"])
        changes.append(
            Change("assignee_id", None, user.id, user.name) if user else Change("promised_by", None, data["owner"])
        )
    return Plan("create", "task", changes=changes)


def _is_guest(session: TenantSession, meeting: Meeting, owner: str) -> bool:
    """Whether a first name is that of a contact of this meeting: the promise is not a namesake's among us."""
    name = fold(owner)
    query = select(Insight.data).where(
        Insight.meeting_id == meeting.id, Insight.kind == Kind.CONTACT, Insight.status != InsightStatus.REJECTED
    )
    return " " not in name and any(fold(data["name"]).split()[:1] == [name] for data in session.scalars(query))


def _plan_next_meeting(session: TenantSession, meeting: Meeting, data: dict[str, Any]) -> Plan:
    """There is no calendar yet: the next meeting becomes a task on its day."""
    title = data.get("purpose") or f"Next meeting: {meeting.title}"
    changes = [Change("title", None, title[:_TITLE_CHARS])]
    when = data["when"]
    if "T" in when:
        workspace = session.get(Workspace, session.workspace_id)
        zone = ZoneInfo(workspace.timezone if workspace else "UTC")
        changes.append(Change("due_at", None, datetime.fromisoformat(when).replace(tzinfo=zone).isoformat()))
    else:
        changes.append(Change("due_date", None, when))
    if meeting.owner_id:
        changes.append(Change("assignee_id", None, meeting.owner_id))
    return Plan("create", "task", changes=changes)


def _plan_link(session: TenantSession, meeting: Meeting, data: dict[str, Any]) -> Plan:
    """A decision, pain, objection, …: it lives on as an insight, shown on the deal, company and contact pages."""
    company = matching.find_company(session, data.get("company")) if data.get("company") else None
    if company is not None and company.id != meeting.company_id:
        return Plan("link", "company", company.id)
    if meeting.deal_id:
        return Plan("link", "deal", meeting.deal_id)
    if meeting.company_id:
        return Plan("link", "company", meeting.company_id)
    return Plan("link", "meeting", meeting.id)


_RECORD_PLANNERS: dict[Kind, Callable[[TenantSession, Meeting, dict[str, Any], Chosen | None], Plan]] = {
    Kind.COMPANY: _plan_company,
    Kind.CONTACT: _plan_contact,
    Kind.DEAL: _plan_deal,
}
_PLANNERS: dict[Kind, Callable[[TenantSession, Meeting, dict[str, Any]], Plan]] = {
    Kind.ACTION_ITEM: _plan_task,
    Kind.NEXT_MEETING: _plan_next_meeting,
}


def _plan_record(record_type: str, row: Any | None, new: dict[str, Any], changes: list[Change]) -> Plan:
    if row is None:
        names = [Change(name, None, value) for name, value in new.items() if value]
        return Plan("create", record_type, changes=names + changes)
    return Plan("update" if changes else "link", record_type, row.id, row.version, changes)


def _fill(row: Any | None, **values: Any) -> list[Change]:
    """Changes for the fields that are empty, or that say something else."""
    changes = []
    for name, after in values.items():
        before = getattr(row, name) if row is not None else None
        if after and fold(str(before or "")) != fold(str(after)):
            changes.append(Change(name, before, after))
    return changes


def _known(contact: Contact | None, many: str, key: str) -> set[str]:
    return {getattr(row, key) for row in getattr(contact, many)} if contact is not None else set()


def identity_key(kind: Kind, data: dict[str, Any]) -> str:
    """What makes two finds the same insight, however their details differ."""
    if kind is Kind.COMPANY or kind is Kind.COMPETITOR:
        return company_key(data["name"])
    if kind is Kind.DEAL:
        return f"{company_key(data['company'])}|{fold(data.get('name') or '')}"
    if kind is Kind.CONTACT:
        return fold(data["name"])
    if kind in (Kind.SUMMARY, Kind.SENTIMENT):
        return ""
    if kind is Kind.NEXT_MEETING:
        return str(data["when"])[:10]
    return f"{fold(data['description'])}|{fold(data.get('owner') or '')}"
