"""Carrying out what a tool comes to, for trial or in earnest, and comparing a record with what a card showed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from shared import records
from shared.errors import Conflict, NotFound
from shared.events import Actor
from shared.models import ChatAction, Company
from shared.records import matching
from shared.records.keys import company_key
from shared.review import changes
from shared.review.tools import Step
from shared.tenancy import TenantSession

_OWN_WRITING = frozenset({"version", "updated_at"})


def carry_out(session: TenantSession, steps: Sequence[Step], *, by: Actor) -> list[dict[str, Any]]:
    """Do each step. Returns what undoing needs, as `changes.revert` takes it: one for each step."""
    done: list[dict[str, Any]] = []
    for step in steps:
        values = step.values | ({step.takes: done[-1]["id"]} if step.takes else {})
        if step.id is None:
            _refuse_double(session, step.type, values)
            row = records.create(session, step.type, values, by=by)
            shown = records.show(session, row)
            fields = {name: [None, value] for name, value in shown.items() if name not in _OWN_WRITING}
        else:
            row = records.get(session, step.type, step.id)
            fields = records.update(session, row, values, by=by)
        done.append({"type": step.type, "id": row.id, "created": step.id is None, "fields": fields})
    return done


def rehearse(session: TenantSession, steps: Sequence[Step], *, by: Actor) -> list[dict[str, Any]]:
    """`carry_out` and take back: what would come of it. Jobs the writes would have sent are forgotten with them."""
    waiting = list(session.info.get("outbox", ()))
    trial = session.begin_nested()
    try:
        return carry_out(session, steps, by=by)
    finally:
        trial.rollback()
        session.info["outbox"] = waiting


def _refuse_double(session: TenantSession, type_: str, values: dict[str, Any]) -> None:
    """The same address or the same company name twice is one too many; people may share a name."""
    if type_ == "contact":
        for entry in values.get("emails", ()):
            if person := matching.find_contact(session, "", email=entry["email"]):
                raise Conflict(f"There is already a contact with {entry['email']}: {person.name or person.email}.")
    if type_ == "company":
        same = select(Company).where(Company.name_key == company_key(values["name"]), Company.deleted_at.is_(None))
        if found := session.scalars(same.limit(1)).first():
            raise Conflict(f"There is already a company “{found.name}”.")


def lock(session: TenantSession, type_: str, id: int) -> Any | None:
    """The record as it is now, ours to write until the transaction ends; None if it is gone altogether."""
    model = records.TYPES[type_].model
    return session.get(model, id, populate_existing=True, with_for_update={"key_share": True})


def expect_as_shown(session: TenantSession, action: ChatAction) -> None:
    """Raises Conflict if the record is gone, or no longer says what the card showed."""
    if action.record_id is None or action.base_version is None:
        return
    row = lock(session, action.record_type or "", action.record_id)
    if row is None or row.deleted_at is not None:
        raise Conflict(f"This {action.record_type} was deleted meanwhile. Nothing was done.")
    if row.version == action.base_version:
        return
    current = changes.flat(records.show(session, row))
    if any(current.get(name) != before for name, before in action.before.items()):
        raise Conflict(f"This {action.record_type} was changed meanwhile. Nothing was done.", current=current)


def current(session: TenantSession, action: ChatAction) -> dict[str, Any]:
    """The record's fields as they are now; empty if there is none."""
    if action.record_id is None:
        return {}
    try:
        return changes.flat(records.show(session, records.get(session, action.record_type or "", action.record_id)))
    except NotFound:
        return {}
