"""Settings: oneself, the workspace, its people, one's API tokens."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from crm import web
from crm.web import requires
from shared.accounts import links, tokens, users, workspaces
from shared.accounts.permissions import Scope
from shared.errors import AppError, Conflict, Invalid, NotFound
from shared.models import ApiToken, Role, User
from shared.schemas.accounts import ProfilePatch, UserInput, WorkspacePatch, currencies, timezones

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
@requires(Scope.ACCOUNT_OWN)
def index() -> ResponseReturnValue:
    """Settings open with the part everybody has."""
    return redirect(url_for("settings.profile"), 303)


# --- Oneself


def _profile_page(*, error: AppError | None = None, status: int = 200) -> ResponseReturnValue:
    form = request.form if error else {f: getattr(web.current_user, f) or "" for f in ProfilePatch.model_fields}
    return web.page("settings/profile.html", status=status, form=form, error=error, timezones=timezones())


@bp.get("/profile")
@requires(Scope.ACCOUNT_OWN)
def profile() -> ResponseReturnValue:
    """Name, time zone, language."""
    return _profile_page()


@bp.post("/profile")
@requires(Scope.ACCOUNT_OWN)
def save_profile() -> ResponseReturnValue:
    """Change one's own."""
    try:
        patch = web.parse_form(ProfilePatch)
    except Invalid as error:
        return _profile_page(error=error, status=422)
    users.change_profile(web.session(), web.get_or_404(User, web.current_user.id), patch, by=web.actor())
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.profile"))


# --- The workspace


def _workspace_page(form: object, *, error: AppError | None = None, status: int = 200) -> ResponseReturnValue:
    return web.page(
        "settings/workspace.html",
        status=status,
        form=form,
        error=error,
        timezones=timezones(),
        currencies=currencies(),
    )


@bp.get("/workspace")
@requires(Scope.WORKSPACE_MANAGE)
def workspace() -> ResponseReturnValue:
    """Zone, currency, language, calendar, and which side of a meeting is ours."""
    shown = workspaces.present(workspaces.get(web.session()))
    form = shown.model_dump() | {"own_name": shown.own_company.name, "own_domains": shown.own_company.domains}
    return _workspace_page(form | {"own_domains": "\n".join(shown.own_company.domains)})


@bp.post("/workspace")
@requires(Scope.WORKSPACE_MANAGE)
def save_workspace() -> ResponseReturnValue:
    """Change them; a page opened before somebody else's change is refused."""
    form = request.form.to_dict()
    own = {"name": form.pop("own_name", ""), "domains": form.pop("own_domains", "").replace(",", " ").split()}
    form.pop("csrf_token", None)
    try:
        patch = web.parse(WorkspacePatch, form | {"own_company": own})
        workspaces.patch(web.session(), patch, by=web.actor())
    except (Invalid, Conflict) as error:
        return _workspace_page(request.form, error=error, status=error.status)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.workspace"))


# --- People


def _people_page(
    *, error: AppError | None = None, link: str | None = None, invited: User | None = None, status: int = 200
) -> ResponseReturnValue:
    query = select(User).order_by(User.is_active.desc(), User.name, User.id)
    return web.page(
        "settings/people.html",
        status=status,
        people=list(web.session().scalars(query)),
        roles=list(Role),
        form=request.form if error else {},
        error=error,
        link=link,
        invited=invited,
    )


@bp.get("/people")
@requires(Scope.USERS_MANAGE)
def people() -> ResponseReturnValue:
    """Everybody who works here, with what they may do."""
    return _people_page()


@bp.post("/people")
@requires(Scope.USERS_MANAGE)
def add_person() -> ResponseReturnValue:
    """A new colleague: with a password, or with a one-time link shown here once."""
    try:
        user = users.create_user(web.session(), web.parse_form(UserInput), by=web.actor())
    except Invalid as error:
        return _people_page(error=error, status=422)
    if user.password_hash is None:
        return _people_page(link=_password_url(user), invited=user)
    web.flash_message(_("%(name)s can sign in now.", name=user.name))
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/link")
@requires(Scope.USERS_MANAGE)
def make_link(id: int) -> ResponseReturnValue:
    """A one-time link for somebody who forgot their password."""
    user = web.get_or_404(User, id)
    if not user.is_active:
        raise Conflict(_("%(name)s is deactivated. Reactivate the account first.", name=user.name))
    return _people_page(link=_password_url(user), invited=user)


@bp.post("/people/<int:id>/role")
@requires(Scope.USERS_MANAGE)
def change_role(id: int) -> ResponseReturnValue:
    """Promote or demote."""
    wanted = request.form.get("role", "")
    if wanted not in set(Role):
        raise Invalid.field("role", _("There is no such role."))
    user = web.get_or_404(User, id)
    users.set_role(web.session(), user, Role(wanted), by=web.actor())
    web.flash_message(_("%(name)s is now %(role)s.", name=user.name, role=wanted))
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/deactivate")
@requires(Scope.USERS_MANAGE)
def deactivate(id: int) -> ResponseReturnValue:
    """End somebody's access."""
    user = web.get_or_404(User, id)
    users.deactivate(web.session(), user, by=web.actor())
    web.flash_message(
        _("%(name)s can no longer sign in.", name=user.name), undo_url=url_for("settings.reactivate", id=user.id)
    )
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/reactivate")
@requires(Scope.USERS_MANAGE)
def reactivate(id: int) -> ResponseReturnValue:
    """Give it back."""
    user = web.get_or_404(User, id)
    users.reactivate(web.session(), user, by=web.actor())
    web.flash_message(_("%(name)s can sign in again.", name=user.name))
    return web.go(url_for("settings.people"))


def _password_url(user: User) -> str:
    """Absolute, so that it can be handed over; on the address people use, whatever host this request named."""
    web.session().flush()
    token = links.password_link(web.settings().effective_secret_key, user)
    return web.settings().crm_url.rstrip("/") + url_for("auth.password_form", token=token)


# --- API tokens


def _tokens_page(*, secret: str | None = None) -> ResponseReturnValue:
    query = select(ApiToken).where(ApiToken.user_id == web.current_user.id, ApiToken.revoked_at.is_(None))
    listed = list(web.session().scalars(query.order_by(ApiToken.id.desc())))
    return web.page("settings/tokens.html", tokens=listed, secret=secret)


@bp.get("/tokens")
@requires(Scope.TOKENS_OWN)
def list_tokens() -> ResponseReturnValue:
    """One's tokens, told apart by name and first characters."""
    return _tokens_page()


@bp.post("/tokens")
@requires(Scope.TOKENS_OWN)
def create_token() -> ResponseReturnValue:
    """A new token; this answer is the only place its secret is ever shown."""
    name = " ".join(request.form.get("name", "").replace("\x00", " ").split())
    user = web.get_or_404(User, web.current_user.id)
    _token, secret = tokens.create(web.session(), user, name or _("API"), by=web.actor())
    return _tokens_page(secret=secret)


@bp.post("/tokens/<int:id>/revoke")
@requires(Scope.TOKENS_OWN)
def revoke_token(id: int) -> ResponseReturnValue:
    """End one of one's own tokens; a colleague's does not exist here."""
    token = web.get_or_404(ApiToken, id)
    if token.user_id != web.current_user.id:
        raise NotFound(_("There is no such token."))
    tokens.revoke(web.session(), token, by=web.actor())
    web.flash_message(_("The token no longer works."))
    return web.go(url_for("settings.list_tokens"))
