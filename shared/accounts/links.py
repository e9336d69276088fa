"""One-time links by which a new colleague sets a first password, or somebody a forgotten one.

There is no mail server here: an admin copies the link and hands it over. It is signed, lasts a week and names the
password it replaces, so it is worthless once used.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from shared import security
from shared.models import User
from shared.tenancy import TenantSession

PURPOSE = "set-password"
LIFETIME_S = 7 * 24 * 60 * 60


def password_link(secret_key: str, user: User) -> str:
    """The token of a link for this user, good until their password changes."""
    return security.sign(secret_key, PURPOSE, {"user": user.id, "state": _state(user)})


def open_password_link(session: TenantSession, secret_key: str, token: str) -> User | None:
    """Whose link this is; None if it is forged, too old or used. The session must belong to every workspace."""
    payload = security.unsign(secret_key, PURPOSE, token, max_age_s=LIFETIME_S)
    if payload is None:
        return None
    user = session.scalar(select(User).where(User.id == payload["user"], User.is_active))
    return user if user is not None and payload["state"] == _state(user) else None


def _state(user: User) -> str:
    return hashlib.sha256(f"{user.email}\n{user.password_hash or ''}".encode()).hexdigest()[:32]
