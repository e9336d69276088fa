"""Users as records: found by external id, created, changed, listed and shown like every other type.

Deleting one ends their access at once and keeps their name on what they did; restoring lets them in again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shared import clock, events
from shared.accounts import links, users
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import Role, User
from shared.schemas.accounts import UserInput
from shared.tenancy import TenantSession

_FIELDS = ("email", "name", "external_id")


def get(session: TenantSession, id: int, *, deleted: bool = False) -> User:
    """One user of the workspace. Raises NotFound; a deactivated one is found only with `deleted=True`."""
    user = session.get(User, id)
    if user is None or not (user.is_active or deleted):
        raise NotFound(f"There is no user with id {id}.")
    return user


def by_external_id(session: TenantSession, external_id: str) -> User | None:
    """The user of an external id, deactivated or not."""
    return session.scalar(select(User).where(User.external_id == external_id))


def create(session: TenantSession, new: UserInput, *, external_id: str | None = None, by: Actor) -> User:
    """A new colleague. Raises Invalid if the address is taken, Conflict if the external id is."""
    if external_id and by_external_id(session, external_id) is not None:
        raise Conflict(f"There is already a user with external_id “{external_id}”.")
    user = users.create_user(session, new, by=by)
    user.external_id = external_id
    session.flush()
    return user


def update(
    session: TenantSession, user: User, values: dict[str, Any], *, by: Actor, expecting: int | None = None
) -> dict[str, list[Any]]:
    """Set email, name, external_id and role where given. Returns {field: [before, after]}.

    Raises Conflict with the current user for a stale version or the last admin's role, Invalid for a taken address.
    """
    expect(user, expecting)
    before = {field: getattr(user, field) for field in (*_FIELDS, "role")}
    changes = {f: [before[f], values[f]] for f in _FIELDS if f in values and values[f] != before[f]}
    if changes:
        _set(session, user, changes)
        data = {"changes": changes}
        events.record(session, "user.updated", by=by, subject=("user", user.id), title=user.name, data=data)
    if values.get("role") is not None and Role(values["role"]) is not user.role:
        users.set_role(session, user, Role(values["role"]), by=by)
        changes["role"] = [str(before["role"]), str(user.role)]
    return changes


def expect(user: User, version: int | None) -> None:
    """Raise Conflict with the current user if a version is given and stale."""
    if version is not None and user.version != version:
        raise Conflict("This user was changed in the meantime.", current=show(user))


def _set(session: TenantSession, user: User, changes: dict[str, list[Any]]) -> None:
    """Write the values. Addresses are unique over all workspaces, so only the database can tell a taken one."""
    wanted = changes.get("external_id", [None, None])[1]
    if wanted and by_external_id(session, wanted) is not None:
        raise Conflict(f"There is already a user with external_id “{wanted}”.")
    try:
        with session.begin_nested():
            for field, (_, after) in changes.items():
                setattr(user, field, after)
            user.updated_at = clock.now()
    except IntegrityError as error:
        raise Invalid.field("email", "There is already a user with this e-mail address.") from error
    if "email" in changes:
        links.drop(session, user)


def show(user: User) -> dict[str, Any]:
    """The user as REST gives it, ready for JSON."""
    return {
        "id": user.id,
        "external_id": user.external_id,
        "version": user.version,
        "created_at": _iso(user.created_at),
        "updated_at": _iso(user.updated_at),
        "deleted_at": None if user.is_active else _iso(user.updated_at),
        "custom": {},
        "email": user.email,
        "name": user.name,
        "role": str(user.role),
        "is_active": user.is_active,
    }


def _iso(value: Any) -> str:
    return str(value.isoformat()).replace("+00:00", "Z")
