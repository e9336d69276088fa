"""Permissions that depend on what is sent, not on the route alone."""

from __future__ import annotations

from typing import Any

from crm import web
from shared.accounts.permissions import Scope, may_delete
from shared.errors import FieldError, Forbidden

#: Fields by which history moves in from another system: they say what the CRM otherwise notes itself.
HISTORY_FIELDS = ("created_at", "closed_at", "completed_at", "author_id", "author_external_id")

#: What writing a type needs; the others need RECORDS_WRITE.
WRITE_SCOPES = {
    "meeting": Scope.MEETINGS_UPLOAD,
    "pipeline": Scope.WORKSPACE_MANAGE,
    "user": Scope.USERS_MANAGE,
}


def write_scope(type_name: str) -> Scope:
    """What a user needs to create or change records of a type."""
    return WRITE_SCOPES.get(type_name, Scope.RECORDS_WRITE)


def check_history(data: dict[str, Any]) -> None:
    """Raise Forbidden naming the fields of history that this token may not set."""
    if web.can(Scope.HISTORY_WRITE):
        return
    named = [name for name in HISTORY_FIELDS if data.get(name) is not None]
    if named:
        message = "Only an admin's token may set this."
        raise Forbidden(f"{', '.join(named)}: {message}", errors=[FieldError(name, message) for name in named])


def check_write(type_name: str) -> None:
    """Raise Forbidden unless this token may write the type."""
    if not web.can(write_scope(type_name)):
        raise Forbidden(f"Your role does not allow writing a {type_name}.")


def check_delete(row: Any) -> None:
    """Raise Forbidden unless this token may delete (and restore) the record."""
    if not may_delete(web.current_user, row):
        raise Forbidden("You may delete and restore what you made or own. Ask a manager for the rest.")
