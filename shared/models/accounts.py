"""Who works here: workspaces, users, their logins and tokens."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Choice, Timestamped
from shared.tenancy import Cached, Tenanted, TenantSession, new_stamp


class Role(StrEnum):
    """What a user may do is in `shared.accounts.permissions`, in one table."""

    ADMIN = "admin"
    MANAGER = "manager"
    MEMBER = "member"
    VIEWER = "viewer"


class Workspace(Cached, Timestamped, Base):
    """A tenant. `own_name` and `own_domains` name the side that keeps this CRM, for the analyzer."""

    __tablename__ = "workspace"

    name: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    locale: Mapped[str] = mapped_column(String(16), default="en")
    week_start: Mapped[int] = mapped_column(default=0)  # 0 is Monday
    fiscal_year_start: Mapped[int] = mapped_column(default=1)  # month, 1-12
    own_name: Mapped[str | None] = mapped_column(String(200))
    own_domains: Mapped[list[Any]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    is_demo: Mapped[bool] = mapped_column(default=False)
    chat_retention_days: Mapped[int | None]  # None: conversations are kept until they are deleted
    second_factor_required: Mapped[bool] = mapped_column(default=False)
    stale_days: Mapped[int] = mapped_column(default=30)  # in one stage; a stage may say otherwise
    lost_reasons: Mapped[list[Any]] = mapped_column(default=list)  # texts that are offered when a deal is lost
    accent: Mapped[str | None] = mapped_column(String(20))  # of `schemas.accounts.ACCENTS`; None: our own
    logo: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of a PNG among the uploads
    bin_days: Mapped[int | None]  # how long deleted records can be restored; None: always
    stamp: Mapped[str] = mapped_column(String(16), default=new_stamp)  # another when a `Cached` row changes

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


def workspace_of(session: TenantSession) -> Workspace:
    """The session's workspace; in a session that only reads not to be changed, since its whole process shares it."""
    return session.cached("workspace", lambda: [session.get_one(Workspace, session.workspace_id)])[0]


class User(Cached, Tenanted, Timestamped, Base):
    """A person who signs in; belongs to one workspace. E-mail addresses are unique over all workspaces."""

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("workspace_id", "external_id"),)

    email: Mapped[str] = mapped_column(String(254), unique=True)  # casefolded
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(Choice(Role, 20), default=Role.MEMBER)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    external_id: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)
    timezone: Mapped[str | None] = mapped_column(String(64))
    locale: Mapped[str | None] = mapped_column(String(16))
    single_keys: Mapped[bool] = mapped_column(default=True)  # letters alone are shortcuts
    mail_aliases: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # other addresses, casefolded
    second_factor_at: Mapped[datetime | None]  # since when signing in takes a code as well

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Login(Tenanted, Base):
    """A signed-in browser. The cookie holds the token, the row its hash; revoked rows stop working at once.

    `address` is where it began, `last_address` where it was used last. All times are the wall clock's.
    """

    __tablename__ = "login"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str | None] = mapped_column(String(300))
    last_used_at: Mapped[datetime | None]
    last_address: Mapped[str | None] = mapped_column(String(64))


class PasswordLink(Tenanted, Base):
    """An open invitation, or the way back of somebody who forgot their password: one a user, used once."""

    __tablename__ = "password_link"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class SecondFactor(Tenanted, Base):
    """The secret an authenticator app shares with us, sealed. `last_step` is the newest time step already used."""

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # until then it guards nothing
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Tenanted, Base):
    """One of the codes that stand in for the app, once each. 80 random bits, so that a plain hash is enough."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class ApiToken(Tenanted, Base):
    """A bearer token, shown once. `hint` is its first characters, to tell tokens apart in the list."""

    __tablename__ = "api_token"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    is_read_only: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class CalendarFeed(Tenanted, Base):
    """A secret address at which a user's tasks and meetings can be subscribed to. One of each user works at a time."""

    __tablename__ = "calendar_feed"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LoginAttempt(Base):
    """Failed sign-ins of one account or address. Not tenanted: it is asked before anybody is known."""

    __tablename__ = "login_attempt"

    key: Mapped[str] = mapped_column(String(300), unique=True)  # "account:…" or "address:…"
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class IdempotencyKey(Tenanted, Base):
    """The first answer to a POST, replayed for 24 h. `request_hash` refuses the same key with another body."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id", "key"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(200))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
