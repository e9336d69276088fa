"""Carrying out a plan on its record, and taking it back.

`apply` returns what `revert` needs: {"type", "id", "created", "fields": {field: [before, after]}, "company_created"}.
"""

from __future__ import annotations

from typing import Any

from shared import records
from shared.errors import Conflict
from shared.events import Actor
from shared.models import Company, Contact, Proposal
from shared.records import matching
from shared.records.types import show
from shared.records.verbs import get
from shared.tenancy import TenantSession


def apply(
    session: TenantSession, proposal: Proposal, links: list[dict[str, Any]], *, by: Actor, why: dict[str, Any]
) -> dict[str, Any]:
    """Create or update the proposal's record. Raises Conflict if a field is no longer what the reviewer saw."""
    after = {change["field"]: change["after"] for change in proposal.changes}
    values, company_created = _values(session, proposal, after, by=by, why=why)
    if proposal.record_type == "task":
        values |= {"links": links, "meeting_id": by.meeting_id, "meeting_s": why.get("start_s")}
    if proposal.action == "create":
        row = _create_again(session, proposal, values, by=by, why=why)
        fields: dict[str, Any] = {}
    else:
        row = get(session, proposal.record_type, proposal.record_id or 0)
        _check_unchanged(session, row, proposal)
        fields = records.update(session, row, values, by=by, why=why)
    return {
        "type": proposal.record_type,
        "id": row.id,
        "created": proposal.action == "create",
        "fields": fields,
        "company_created": company_created,
    }


def _create_again(
    session: TenantSession, proposal: Proposal, values: dict[str, Any], *, by: Actor, why: dict[str, Any]
) -> Any:
    """A new record; or the one made at the first yes, if that was undone in between."""
    earlier = proposal.applied
    if earlier and earlier["created"] and earlier["type"] == proposal.record_type:
        row = get(session, proposal.record_type, earlier["id"], deleted=True)
        if row.deleted_at is not None:
            records.restore(session, row, by=by)
            records.update(session, row, values, by=by, why=why)
            return row
    return records.create(session, proposal.record_type, values, by=by, why=why)


def _values(
    session: TenantSession, proposal: Proposal, after: dict[str, Any], *, by: Actor, why: dict[str, Any]
) -> tuple[dict[str, Any], int | None]:
    """The readable fields of a plan as the fields of the record's schema; makes the company if there is none yet."""
    values = dict(after)
    company_created = None
    if name := values.pop("company", None):
        company = matching.find_company(session, name)
        if company is None:
            company = records.create(session, "company", {"name": name}, by=by, why=why)
            company_created = company.id
        values["company_id"] = company.id
    contact = None
    if proposal.record_type == "contact" and proposal.action == "update":
        contact = get(session, "contact", proposal.record_id or 0)
    if email := values.pop("email", None):
        values["emails"] = _with_one_more(session, contact, "emails", {"email": email})
    if phone := values.pop("phone", None):
        values["phones"] = _with_one_more(session, contact, "phones", {"phone": phone})
    return values, company_created


def _with_one_more(
    session: TenantSession, contact: Contact | None, many: str, entry: dict[str, Any]
) -> list[dict[str, Any]]:
    present: list[dict[str, Any]] = show(session, contact)[many] if contact is not None else []
    return [*present, entry]


def _check_unchanged(session: TenantSession, row: Any, proposal: Proposal) -> None:
    """The reviewer said yes to before -> after; another `before` by now needs another look."""
    if row.version == proposal.base_version:
        return
    current = show(session, row)
    for change in proposal.changes:
        name = change["field"]
        if name in current and change["before"] != current[name]:
            raise Conflict(
                f"“{name}” of this {proposal.record_type} was changed meanwhile: it is now {current[name]!r}. "
                "Look at the proposal again.",
                current=current,
            )


def revert(session: TenantSession, applied: dict[str, Any], *, by: Actor) -> None:
    """Take an applied plan back. Raises Conflict if somebody changed the same fields since; nothing is undone then."""
    row = get(session, applied["type"], applied["id"], deleted=True)
    if applied["created"]:
        records.delete(session, row, by=by)
    elif row.deleted_at is None:
        current = show(session, row)
        changed = [name for name, (_, after) in applied["fields"].items() if current.get(name) != after]
        if changed:
            raise Conflict(f"This cannot be undone: {', '.join(changed)} was changed again since.", current=current)
        before = {name: values[0] for name, values in applied["fields"].items()}
        records.update(session, row, _writable(applied["type"], before), by=by)
    if company_id := applied.get("company_created"):
        _remove_if_unused(session, company_id, by=by)


def _writable(record_type: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Of the fields a record shows, those it accepts; the derived ones follow by themselves."""
    known = records.TYPES[record_type].fields.model_fields
    derived = {"stage_type", "completed_at", "closed_at"}
    writable = {name: value for name, value in fields.items() if name in known and name not in derived}
    if "stage_id" in writable:
        writable.pop("stage", None)
    if writable.get("amount") is not None:
        writable.pop("currency", None)
    return writable


def _remove_if_unused(session: TenantSession, company_id: int, *, by: Actor) -> None:
    from sqlalchemy import select

    from shared.models import Deal

    company = session.get(Company, company_id)
    if company is None:
        return
    for model in (Contact, Deal):
        used = select(model.id).where(model.company_id == company_id, model.deleted_at.is_(None)).limit(1)
        if session.scalar(used) is not None:
            return
    records.delete(session, company, by=by)
