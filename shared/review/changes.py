"""Carrying out a plan on its record, and taking it back.

`apply` returns what `revert` needs: {"type", "id", "created", "fields": {field: [before, after]}, "company_created"}.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from shared import records
from shared.errors import Conflict
from shared.events import Actor, Target
from shared.models import (
    Company,
    Contact,
    Deal,
    Employment,
    Insight,
    InsightStatus,
    Link,
    Meeting,
    Proposal,
)
from shared.query.catalog import PREFIX
from shared.records import matching
from shared.records.types import show
from shared.records.verbs import get
from shared.tenancy import TenantSession

APPLIED = tuple(status for status in InsightStatus if status.is_applied)
#: What changes on a record without anybody working on it: our own writing, and links that follow the meeting.
_MOVING = frozenset({"version", "updated_at", "links"})


def flat(shown: dict[str, Any]) -> dict[str, Any]:
    """A record as REST shows it, with the fields its workspace defined beside the others, as changes name them."""
    return shown | {f"{PREFIX}{key}": value for key, value in (shown.get("custom") or {}).items()}


def apply(
    session: TenantSession, proposal: Proposal, links: list[dict[str, Any]], *, by: Actor, why: dict[str, Any]
) -> dict[str, Any]:
    """Create or update the proposal's record. Raises Conflict if a field is no longer what the reviewer saw."""
    row, fields, company_created = None, {}, None
    if proposal.action != "link":
        after = {change["field"]: change["after"] for change in proposal.changes}
        values, company_created = _values(session, proposal, after, by=by, why=why)
        if proposal.record_type == "task" and proposal.action == "create":
            values |= {"links": links, "meeting_id": by.meeting_id, "meeting_s": why.get("start_s")}
    if proposal.action == "create":
        row = _create_again(session, proposal, values, by=by, why=why)
        fields = {name: [None, value] for name, value in show(session, row).items() if name not in _MOVING}
    elif proposal.action == "update":
        row = get(session, proposal.record_type, proposal.record_id or 0)
        _check_unchanged(session, row, proposal)
        fields = records.update(session, row, values, by=by, why=why)
    return {
        "type": proposal.record_type,
        "id": row.id if row is not None else proposal.record_id,
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
        name = "company_id" if change["field"] == "company" else change["field"]
        if name in current and change["before"] != current[name]:
            raise Conflict(
                f"“{name}” of this {proposal.record_type} was changed meanwhile: it is now {current[name]!r}. "
                "Look at the proposal again.",
                current=current,
            )


def revert(session: TenantSession, applied: dict[str, Any], *, by: Actor) -> list[Target]:
    """Take an applied plan back. Returns the records that are gone by it.

    Raises Conflict, and nothing is undone, if somebody changed the same fields since, or if people and deals stand at
    a company that would go.
    """
    if not applied["created"] and not applied["fields"]:
        return []
    row = get(session, applied["type"], applied["id"], deleted=True)
    gone: list[Target] = [(applied["type"], row.id)] if applied["created"] else []
    if row.deleted_at is None:
        _check_untouched(session, row, applied)
        if applied["created"]:
            _check_unused(session, row)
            records.delete(session, row, by=by)
        else:
            _write_back(session, row, applied, by=by)
    company = session.get(Company, applied["company_created"]) if applied.get("company_created") else None
    if company is not None and company.deleted_at is None and not _is_wanted(session, company):
        records.delete(session, company, by=by)
        gone.append(("company", company.id))
    return gone


def _check_untouched(session: TenantSession, row: Any, applied: dict[str, Any]) -> None:
    current = flat(show(session, row))
    changed = [name for name, (_, after) in applied["fields"].items() if current.get(name) != after]
    if changed:
        raise Conflict(f"This cannot be undone: {', '.join(changed)} was changed again since.", current=current)


def _check_unused(session: TenantSession, row: Any) -> None:
    if isinstance(row, Company) and _has_people_or_deals(session, row):
        raise Conflict(
            f"People or deals stand at “{row.name}” by now. Take those back first, or delete the company.",
            current=show(session, row),
        )


def _write_back(session: TenantSession, row: Any, applied: dict[str, Any], *, by: Actor) -> None:
    before = {name: values[0] for name, values in applied["fields"].items()}
    records.update(session, row, _writable(applied["type"], before), by=by)
    if applied["type"] == "contact" and "company_id" in before:  # the yes was wrong: nobody ever worked there
        newest = select(Employment.id).where(
            Employment.contact_id == row.id, Employment.company_id == applied["fields"]["company_id"][1]
        )
        began = session.scalar(newest.order_by(Employment.id.desc()).limit(1))
        session.execute(delete(Employment).where(Employment.id == began))


def _writable(record_type: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Of the fields a record shows, those it accepts. When it was closed is written back; that it is not, follows."""
    known = records.TYPES[record_type].fields.model_fields
    times = {"completed_at", "closed_at"}
    writable = {n: value for n, value in fields.items() if n in known and not (n in times and value is None)}
    if "stage_id" in writable:
        writable.pop("stage", None)
    if writable.get("amount") is not None:
        writable.pop("currency", None)
    own = {name.removeprefix(PREFIX): value for name, value in fields.items() if name.startswith(PREFIX)}
    return writable | ({"custom": own} if own else {})


def _has_people_or_deals(session: TenantSession, company: Company) -> bool:
    used = (
        select(model.id).where(model.company_id == company.id, model.deleted_at.is_(None)).limit(1)
        for model in (Contact, Deal)
    )
    return any(session.scalar(query) is not None for query in used)


def _is_wanted(session: TenantSession, company: Company) -> bool:
    """Whether a company that was made along with a contact or deal is more than that by now."""
    if company.version > 1 or _has_people_or_deals(session, company):  # a version means that somebody wrote to it
        return True
    points_here = (
        select(Meeting.id).where(Meeting.company_id == company.id),
        select(Link.id).where(Link.target_type == "company", Link.target_id == company.id),
        select(Proposal.id)
        .join(Insight, Insight.id == Proposal.insight_id)
        .where(Proposal.record_type == "company", Proposal.record_id == company.id, Insight.status.in_(APPLIED)),
    )
    return any(session.scalar(query.limit(1)) is not None for query in points_here)
