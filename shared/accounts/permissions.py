"""Who may do what: one table, asked by every view, API route and verb.

                viewer  member  manager  admin
read              ✓       ✓        ✓       ✓
write, review             ✓        ✓       ✓
delete            —      own      any     any
bulk, audit                        ✓       ✓
people, settings                           ✓
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from shared.models import Role, User


class Scope(StrEnum):
    """One thing a user may be allowed to do."""

    RECORDS_READ = "records.read"
    RECORDS_WRITE = "records.write"
    RECORDS_DELETE = "records.delete"  # one's own: made by or owned by the user
    RECORDS_MANAGE = "records.manage"  # delete other people's, restore, merge, import, change many at once
    REVIEW = "review"
    MEETINGS_UPLOAD = "meetings.upload"
    TOKENS_OWN = "tokens.own"
    ACCOUNT_OWN = "account.own"  # one's password, name, time zone
    AUDIT_READ = "audit.read"
    HISTORY_WRITE = "history.write"  # set created_at, closed_at, author_id: moving in from another system
    USERS_MANAGE = "users.manage"
    WORKSPACE_MANAGE = "workspace.manage"


_VIEWER = frozenset({Scope.RECORDS_READ, Scope.ACCOUNT_OWN, Scope.TOKENS_OWN})
_MEMBER = _VIEWER | {Scope.RECORDS_WRITE, Scope.RECORDS_DELETE, Scope.REVIEW, Scope.MEETINGS_UPLOAD}
_MANAGER = _MEMBER | {Scope.RECORDS_MANAGE, Scope.AUDIT_READ}
_ADMIN = frozenset(Scope)

GRANTS: dict[Role, frozenset[Scope]] = {
    Role.VIEWER: _VIEWER,
    Role.MEMBER: _MEMBER,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: _ADMIN,
}


#: What a token that only reads may use, of what its owner may.
READING = frozenset({Scope.RECORDS_READ, Scope.AUDIT_READ})


def allows(role: Role, scope: Scope) -> bool:
    """Whether a role includes a scope."""
    return scope in GRANTS[Role(role)]


def may_delete(user: User, record: Any) -> bool:
    """Whether the user may delete this record: their own with RECORDS_DELETE, anybody's with RECORDS_MANAGE."""
    if allows(user.role, Scope.RECORDS_MANAGE):
        return True
    people = {getattr(record, name, None) for name in ("created_by_id", "owner_id", "author_id", "assignee_id")}
    return allows(user.role, Scope.RECORDS_DELETE) and user.id in people
