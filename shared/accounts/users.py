"""Workspaces and their people: made, promoted, deactivated. A workspace never loses its last admin."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from shared import events, security
from shared.accounts import links, logins, tokens
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import Role, User, Workspace
from shared.schemas.accounts import ProfilePatch, SetUp, UserInput
from shared.tenancy import TenantSession

#: Any number of our own: PostgreSQL's advisory lock around the first set-up.
_SET_UP_LOCK = 0x41_46_57


def create_workspace(session: TenantSession, name: str, *, is_demo: bool = False) -> Workspace:
    """A new tenant. The session must belong to every workspace; it stays so."""
    workspace = Workspace(name=name, is_demo=is_demo, own_domains=[])
    session.add(workspace)
    session.flush()
    return workspace


def create_user(session: TenantSession, new: UserInput, *, by: Actor, is_demo: bool = False) -> User:
    """A new person in the session's workspace. Raises Invalid if the address is taken, in whatever workspace."""
    user = User(
        workspace_id=session.workspace_id,
        email=new.email,
        name=new.name or new.email.partition("@")[0],
        role=Role(new.role),
        password_hash=_hashed(new.password) if new.password else None,
        is_demo=is_demo,
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError as error:
        raise Invalid.field("email", "There is already a user with this e-mail address.") from error
    events.record(session, "user.created", by=by, subject=("user", user.id), title=user.name, data={"role": user.role})
    return user


def is_set_up(session: TenantSession) -> bool:
    """Whether anybody can sign in at all. The session must belong to every workspace."""
    return session.scalar(select(User.id).limit(1)) is not None


def demo_email(session: TenantSession) -> str | None:
    """The address of the active demo login, whose password everybody knows; None once it is changed or closed."""
    return session.scalar(select(User.email).where(User.is_demo, User.is_active).order_by(User.id).limit(1))


def set_up(session: TenantSession, new: SetUp) -> User:
    """The first workspace and its admin, once. Raises Conflict if there is a user already, also under a race.

    SQLite's write sessions are alone from their beginning; PostgreSQL's wait here for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_SET_UP_LOCK)))
    if is_set_up(session):
        raise Conflict("Afterword is set up already. Sign in instead.")
    workspace = create_workspace(session, new.workspace_name)
    workspace.timezone, workspace.currency, workspace.own_name = new.timezone, new.currency, new.own_company
    workspace.locale = new.locale
    session.enter(workspace.id)
    _refuse_guessed(new.password, new.email, new.name)
    person = UserInput(email=new.email, name=new.name, role="admin", password=new.password)
    return create_user(session, person, by=events.SYSTEM)


def change_password(session: TenantSession, user: User, password: str, *, by: Actor) -> None:
    """Set a new password and sign the user out everywhere. Raises Invalid for one too short, too long or guessed."""
    _refuse_guessed(password, user.email, user.name)
    user.password_hash = _hashed(password)
    user.is_demo = False  # its password is no longer the one everybody knows
    links.drop(session, user)
    logins.revoke_all(session, user)
    events.record(session, "user.password_changed", by=by, subject=("user", user.id), title=user.name)


def change_profile(session: TenantSession, user: User, patch: ProfilePatch, *, by: Actor) -> None:
    """Name, time zone, language, keys and other addresses of one person. The audit log says that addresses changed, not
    which: they may be private ones."""
    aliases = [one for one in dict.fromkeys(patch.mail_aliases) if one != user.email]
    patch = patch.model_copy(update={"mail_aliases": aliases})
    changes = {
        field: [getattr(user, field), value]
        for field, value in patch.model_dump().items()
        if getattr(user, field) != value
    }
    for field, (_, after) in changes.items():
        setattr(user, field, after)
    if changes:
        session.flush()
        if "mail_aliases" in changes:
            changes["mail_aliases"] = [len(addresses) for addresses in changes["mail_aliases"]]
        events.record(session, "user.updated", by=by, subject=("user", user.id), title=user.name, data=changes)


def set_role(session: TenantSession, user: User, role: Role, *, by: Actor) -> None:
    """Change what somebody may do. Raises Conflict if that would leave the workspace without an admin."""
    if user.role == role:
        return
    if role is not Role.ADMIN:
        _keep_an_admin(session, user)
    data = {"role": [str(user.role), str(role)]}
    user.role = role
    session.flush()
    events.record(session, "user.role_changed", by=by, subject=("user", user.id), title=user.name, data=data)


def deactivate(session: TenantSession, user: User, *, by: Actor) -> None:
    """End somebody's access at once: logins and tokens too. Their records stay. Conflict for the last admin."""
    if not user.is_active:
        return
    _keep_an_admin(session, user)
    user.is_active = False
    logins.revoke_all(session, user)
    tokens.revoke_all(session, user)
    links.drop(session, user)
    session.flush()
    events.record(session, "user.deactivated", by=by, subject=("user", user.id), title=user.name)


def reactivate(session: TenantSession, user: User, *, by: Actor) -> None:
    """Let somebody in again, with the password they had."""
    if user.is_active:
        return
    user.is_active = True
    session.flush()
    events.record(session, "user.reactivated", by=by, subject=("user", user.id), title=user.name)


def _refuse_guessed(password: str, *about: str) -> None:
    """What somebody chooses for themselves on a page. An admin who makes a login by the command line or the API is the
    one who knows what it is for."""
    is_right_size = security.MIN_PASSWORD_CHARS <= len(password) <= security.MAX_PASSWORD_CHARS
    if is_right_size and security.is_tried_first(password, *about):
        raise Invalid.field("password", "Whoever guesses tries this one first. Take a sentence that only you know.")


def _hashed(password: str) -> str:
    if len(password) < security.MIN_PASSWORD_CHARS:
        raise Invalid.field("password", f"A password has at least {security.MIN_PASSWORD_CHARS} characters.")
    if len(password) > security.MAX_PASSWORD_CHARS:
        raise Invalid.field("password", f"A password has at most {security.MAX_PASSWORD_CHARS:,} characters.")
    return security.hash_password(password)


def _keep_an_admin(session: TenantSession, leaving: User) -> None:
    """Raise Conflict unless another active admin remains. The rows stay locked, so two cannot leave at once."""
    query = select(User.id).where(User.role == Role.ADMIN, User.is_active).order_by(User.id).with_for_update()
    admins = set(session.scalars(query))
    if admins == {leaving.id}:
        raise Conflict("This is the last admin. Make somebody else an admin first.")
