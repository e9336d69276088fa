"""Ids and external ids in incoming data -> rows of this workspace, or a clear refusal.

Every foreign key that a caller can set passes here: the session only sees its own workspace, so another tenant's id is
simply unknown.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from shared.errors import Invalid
from shared.models import Company, Contact, Deal, Meeting, Pipeline, Stage, User
from shared.records import tombstones
from shared.tenancy import TenantSession

_MODELS: dict[str, type[Any]] = {
    "company": Company,
    "contact": Contact,
    "deal": Deal,
    "meeting": Meeting,
    "pipeline": Pipeline,
    "stage": Stage,
    "owner": User,
    "assignee": User,
    "author": User,
    "user": User,
}


def resolve(session: TenantSession, values: dict[str, Any]) -> dict[str, Any]:
    """Replace `*_external_id` by `*_id` and check every id, in nested lists too. Raises Invalid naming the field."""
    found = dict(values)
    for role, model in _MODELS.items():
        _reference(session, found, role, model, path="")
    for many, model in (("user_ids", User), ("contact_ids", Contact)):
        if found.get(many):
            found[many] = [_existing(session, model, id, f"{many}.{i}") for i, id in enumerate(found[many])]
    for i, entry in enumerate(found.get("contacts") or ()):
        _reference(session, entry, "contact", Contact, path=f"contacts.{i}.")
    for i, link in enumerate(found.get("links") or ()):
        link["id"] = _link_target(session, link, f"links.{i}")
        link.pop("external_id", None)
    return found


def _reference(session: TenantSession, data: dict[str, Any], role: str, model: type[Any], *, path: str) -> None:
    external = data.pop(f"{role}_external_id", None)
    key = f"{role}_id"
    if data.get(key) is not None:
        data[key] = _existing(session, model, data[key], path + key)
    if external is not None:
        found = _by_external_id(session, model, external, f"{path}{role}_external_id")
        if data.setdefault(key, found) not in (found, None):
            raise Invalid.field(f"{path}{role}_external_id", f"This is another {model.__tablename__} than {key} says.")
        data[key] = found


def _link_target(session: TenantSession, link: dict[str, Any], path: str) -> int:
    model = _MODELS[link["type"]]
    if link.get("id") is not None:
        return _existing(session, model, link["id"], f"{path}.id")
    return _by_external_id(session, model, link["external_id"], f"{path}.external_id")


def _existing(session: TenantSession, model: type[Any], id: int, path: str) -> int:
    row = session.get(model, id)
    if row is None or getattr(row, "deleted_at", None) is not None:
        return _merged(session, row, path, f"There is no {model.__tablename__} with id {id}.")
    return id


def _by_external_id(session: TenantSession, model: type[Any], external_id: str, path: str) -> int:
    row = session.scalar(select(model).where(model.external_id == external_id))
    if row is None or getattr(row, "deleted_at", None) is not None:
        return _merged(session, row, path, f"There is no {model.__tablename__} with external_id “{external_id}”.")
    return int(row.id)


def _merged(session: TenantSession, row: Any, path: str, missing: str) -> int:
    """The record that a deleted one was merged into. Raises Invalid where it is just gone."""
    into = tombstones.winner_of(session, row.__tablename__, row.id) if row is not None else None
    if into is None or session.get(type(row), into).deleted_at is not None:  # type: ignore[union-attr]
        raise Invalid.field(path, missing)
    return into
