"""Settings: oneself, the workspace, its people, one's API tokens."""

from __future__ import annotations

from datetime import timedelta

from babel.dates import get_day_names, get_month_names
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import Form, HiddenField, PasswordField, SelectField, StringField, TextAreaField

from crm import localization, web
from crm.forms import options, show_errors
from crm.web import requires
from shared import clock
from shared.accounts import links, tokens, users, workspaces
from shared.accounts.permissions import Scope
from shared.errors import AppError, Conflict, FieldError, Invalid, NotFound
from shared.models import ApiToken, Role, User
from shared.review import precision
from shared.schemas.accounts import LOCALES, ProfilePatch, UserInput, WorkspacePatch, currencies, timezones

bp = Blueprint("settings", __name__, url_prefix="/settings")

#: What "lately" means on the page of the reading's worth.
_RECENT_DAYS = 90

ROLE_NAMES = {
    Role.ADMIN: _l("Admin"),
    Role.MANAGER: _l("Manager"),
    Role.MEMBER: _l("Member"),
    Role.VIEWER: _l("Viewer"),
}


class ProfileForm(Form):
    name = StringField(_l("Name"))
    locale = SelectField(
        _l("Language"), choices=options([("", _l("The workspace's")), *LOCALES.items()]), validate_choice=False
    )
    timezone = SelectField(_l("Time zone"), validate_choice=False)


class WorkspaceForm(Form):
    """Days and months get their names in the page's language when the form is made."""

    version = HiddenField()
    name = StringField(_l("Name"))
    timezone = SelectField(_l("Time zone"), validate_choice=False)
    locale = SelectField(_l("Language"), choices=options(LOCALES.items()), validate_choice=False)
    currency = SelectField(_l("Currency"), validate_choice=False)
    week_start = SelectField(_l("The week begins on"), validate_choice=False)
    fiscal_year_start = SelectField(_l("The fiscal year begins in"), validate_choice=False)
    own_name = StringField(_l("Name of your company"))
    own_domains = TextAreaField(_l("Domains"))
    chat_retention_days = StringField(_l("Keep conversations for so many days"))


class PersonForm(Form):
    name = StringField(_l("Name"))
    email = StringField(_l("E-mail"))
    role = SelectField(_l("Role"), choices=options(ROLE_NAMES.items()), default=Role.MEMBER, validate_choice=False)
    password = PasswordField(_l("Initial password"))


@bp.get("")
@requires(Scope.ACCOUNT_OWN)
def index() -> ResponseReturnValue:
    """Settings open with the part everybody has."""
    return redirect(url_for("settings.profile"), 303)


# --- Oneself


def _profile_form(**data: object) -> ProfileForm:
    form = ProfileForm(request.form or None, data=data)
    form.timezone.choices = options([("", _("The workspace's")), *timezones()])
    return form


@bp.get("/profile")
@requires(Scope.ACCOUNT_OWN)
def profile() -> ResponseReturnValue:
    """Name, language, time zone."""
    me = web.current_user
    return web.page("settings/profile.html", form=_profile_form(name=me.name, locale=me.locale, timezone=me.timezone))


@bp.post("/profile")
@requires(Scope.ACCOUNT_OWN)
def save_profile() -> ResponseReturnValue:
    """Change one's own."""
    form = _profile_form()
    try:
        patch = web.parse(ProfilePatch, form.data)
    except Invalid as error:
        show_errors(form, error)
        return web.page("settings/profile.html", status=422, form=form)
    users.change_profile(web.session(), web.get_or_404(User, web.current_user.id), patch, by=web.actor())
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.profile"))


# --- The workspace


def _workspace_form(**data: object) -> WorkspaceForm:
    form = WorkspaceForm(request.form or None, data=data)
    form.timezone.choices, form.currency.choices = options(timezones()), options(currencies())
    language = localization.locale()
    form.week_start.choices = options((str(n), name) for n, name in get_day_names(locale=language).items())
    form.fiscal_year_start.choices = options((str(n), name) for n, name in get_month_names(locale=language).items())
    return form


@bp.get("/workspace")
@requires(Scope.WORKSPACE_MANAGE)
def workspace() -> ResponseReturnValue:
    """Zone, currency, language, calendar, and which side of a meeting is ours."""
    shown = workspaces.present(workspaces.get(web.session())).model_dump()
    own = shown.pop("own_company")
    form = _workspace_form(**shown, own_name=own["name"], own_domains="\n".join(own["domains"]))
    return web.page("settings/workspace.html", form=form)


@bp.post("/workspace")
@requires(Scope.WORKSPACE_MANAGE)
def save_workspace() -> ResponseReturnValue:
    """Change them; a page opened before somebody else's change is refused."""
    form = _workspace_form()
    data = {name: value for name, value in form.data.items() if name in request.form}
    own = {"name": data.pop("own_name", ""), "domains": data.pop("own_domains", "").replace(",", " ").split()}
    try:
        patch = web.parse(WorkspacePatch, data | {"own_company": own})
        workspaces.patch(web.session(), patch, by=web.actor())
    except (Invalid, Conflict) as error:
        show_errors(form, _about_own_company(error))
        return web.page("settings/workspace.html", status=error.status, form=form)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.workspace"))


def _about_own_company(error: AppError) -> AppError:
    """`own_company.domains.1` is the form's field `own_domains`."""
    renamed = []
    for problem in error.errors:
        part = problem.path.split(".")
        renamed.append(FieldError(f"own_{part[1]}" if part[0] == "own_company" else part[0], problem.message))
    error.errors = tuple(renamed)
    return error


# --- People


def _people_page(
    form: PersonForm | None = None, *, link: str | None = None, invited: User | None = None, status: int = 200
) -> ResponseReturnValue:
    query = select(User).order_by(User.is_active.desc(), User.name, User.id)
    return web.page(
        "settings/people.html",
        status=status,
        people=list(web.session().scalars(query)),
        role_names=ROLE_NAMES,
        form=form or PersonForm(),
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
    form = PersonForm(request.form)
    try:
        user = users.create_user(web.session(), web.parse(UserInput, form.data), by=web.actor())
    except Invalid as error:
        show_errors(form, error)
        return _people_page(form, status=422)
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
    user = web.get_or_404(User, id)
    wanted = request.form.get("role", "")
    if wanted not in set(Role):
        raise Invalid.field("role", _("There is no such role."))
    users.set_role(web.session(), user, Role(wanted), by=web.actor())
    web.flash_message(_("Changed the role of %(name)s.", name=user.name))
    return web.go(url_for("settings.people"))


@bp.post("/people/<int:id>/deactivate")
@requires(Scope.USERS_MANAGE)
def deactivate(id: int) -> ResponseReturnValue:
    """End somebody's access."""
    user = web.get_or_404(User, id)
    users.deactivate(web.session(), user, by=web.actor())
    undo_url = url_for("settings.reactivate", id=user.id)
    web.flash_message(_("%(name)s can no longer sign in.", name=user.name), undo_url=undo_url)
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
    token = links.password_link(web.settings().effective_secret_key, user)
    return web.settings().crm_url.rstrip("/") + url_for("auth.password_link", token=token)


# --- What the reading is worth


@bp.get("/review")
@requires(Scope.RECORDS_READ)
def review_quality() -> ResponseReturnValue:
    """How often people here said yes to what was found, by kind and confidence."""
    since = clock.now() - timedelta(days=_RECENT_DAYS)
    return web.page(
        "settings/review.html",
        recent=precision.measure(web.session(), since=since),
        ever=precision.measure(web.session()),
        days=_RECENT_DAYS,
        enough=precision.ENOUGH,
    )


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
