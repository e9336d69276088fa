"""What the CRM shows the chatbot when it asks on a user's behalf: a signed statement of who that is, good for a minute.

Both services hold the same `SECRET_KEY`. The statement names ids alone; the chatbot reads role and state of the user
from the database, so a statement outlives neither a deactivation nor a change of role.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared import security

PURPOSE = "internal"
LIFETIME_S = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose question it is."""

    workspace_id: int
    user_id: int


def token(secret_key: str, *, workspace_id: int, user_id: int) -> str:
    """The statement, for `Authorization: Bearer`."""
    return security.sign(secret_key, PURPOSE, {"workspace": workspace_id, "user": user_id})


def read(secret_key: str, authorization: str | None) -> Caller | None:
    """Who an `Authorization` header speaks for; None if it is missing, forged or old."""
    scheme, _, given = (authorization or "").partition(" ")
    if scheme.casefold() != "bearer":
        return None
    said = security.unsign(secret_key, PURPOSE, given.strip(), max_age_s=LIFETIME_S)
    return Caller(int(said["workspace"]), int(said["user"])) if said else None
