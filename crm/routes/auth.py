"""Signing in and out, the first set-up, and passwords: changed, or set by a one-time link."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Form, PasswordField, SelectField, StringField

from crm import auth, localization, web
from crm.forms import options, show_errors
from crm.localization import lazy_gettext as _l
from crm.web import public, requires
from shared.accounts import links, logins, second_factor, users
from shared.accounts.permissions import Scope
from shared.errors import AppError, Conflict, Invalid, NotFound, TooManyRequests, Unauthorized
from shared.events import Actor
from shared.models import User
from shared.schemas.accounts import SetUp, current_currencies, timezones
from shared.tenancy import EVERY_WORKSPACE

bp = Blueprint("auth", __name__)


class LoginForm(Form):
    email = StringField(_l("E-mail"))
    password = PasswordField(_l("Password"))


class SetUpForm(Form):
    workspace_name = StringField(_l("Name of the workspace"))
    own_company = StringField(_l("Your company"))
    timezone = SelectField(_l("Time zone"), default="UTC", validate_choice=False)
    currency = SelectField(_l("Currency"), default="EUR", validate_choice=False)
    name = StringField(_l("Your name"))
    email = StringField(_l("E-mail"))
    password = PasswordField(_l("Password"))
    password_again = PasswordField(_l("The password again"))


def _set_up_form() -> SetUpForm:
    form = SetUpForm(request.form or None)
    form.timezone.choices, form.currency.choices = options(timezones()), options(current_currencies())
    return form


class NewPasswordForm(Form):
    """Behind a one-time link."""

    password = PasswordField(_l("New password"))
    password_again = PasswordField(_l("The new password again"))


class CodeForm(Form):
    """The second question after the password."""

    code = StringField(_l("Code"))


class ChangePasswordForm(NewPasswordForm):
    current_password = PasswordField(_l("Present password"))


def _is_set_up() -> bool:
    with web.database().scope(EVERY_WORKSPACE, read_only=True) as session:
        return users.is_set_up(session)


def _refused(template: str, form: Form, error: AppError, **context: Any) -> ResponseReturnValue:
    show_errors(form, error)
    answer = make_response(web.page(template, status=error.status, form=form, **context))
    if isinstance(error, TooManyRequests):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _user_agent() -> str | None:
    return request.headers.get("User-Agent")


@bp.get("/login")
@public
def login() -> ResponseReturnValue:
    """The login page; the set-up page where nobody can sign in yet."""
    target = web.safe_next(request.args.get("next"))
    if web.find_user():
        return redirect(target, 303)
    if not _is_set_up():
        return redirect(url_for("auth.setup"), 303)
    return web.page("auth/login.html", form=LoginForm(), next=target, demo=_demo())


def _demo() -> dict[str, str] | None:
    """What the login page tells of the demo login, as long as there is one."""
    with web.database().scope(EVERY_WORKSPACE, read_only=True) as session:
        email = users.demo_email(session)
    if email is None:
        return None
    from shared.demo.cast import PASSWORD  # large, and rarely needed

    return {"email": email, "password": PASSWORD}


@bp.post("/login")
@public
def sign_in() -> ResponseReturnValue:
    """Check, remember, go where the person was going."""
    form = LoginForm(request.form)
    target = web.safe_next(request.form.get("next"))
    email, password = form.email.data or "", form.password.data or ""
    try:
        user, token = logins.sign_in(web.database(), email, password, request.remote_addr, user_agent=_user_agent())
    except (TooManyRequests, Unauthorized) as error:
        return _refused("auth/login.html", form, error, next=target, demo=_demo())
    return _let_in(user, token, target)


def _let_in(user: User, token: str | None, target: str) -> ResponseReturnValue:
    """Go on with a login; without one, ask for the code first."""
    if token is not None:
        auth.remember(token)
        return web.go(target)
    auth.remember_half(logins.half(web.settings().effective_secret_key, user))
    return web.go(url_for("auth.code", next=target if target != "/" else None))


def _whose_code() -> User | None:
    """Who has given the right password in this browser and not yet the code."""
    statement = auth.half()
    if statement is None:
        return None
    with web.database().scope(EVERY_WORKSPACE, read_only=True) as session:
        return logins.open_half(session, web.settings().effective_secret_key, statement)


@bp.get("/login/code")
@public
def code() -> ResponseReturnValue:
    """The second question: a code of the authenticator app, or a recovery code."""
    target = web.safe_next(request.args.get("next"))
    if web.find_user():
        return redirect(target, 303)
    if _whose_code() is None:
        return redirect(url_for("auth.login", next=target if target != "/" else None), 303)
    return web.page("auth/code.html", form=CodeForm(), next=target, is_recovery="recovery" in request.args)


@bp.post("/login/code")
@public
def enter_code() -> ResponseReturnValue:
    """Check the code and sign in."""
    form, target = CodeForm(request.form), web.safe_next(request.form.get("next"))
    user = _whose_code()
    if user is None:
        web.flash_message(_("That took too long. Log in again."), tone="info")
        return web.go(url_for("auth.login", next=target if target != "/" else None))
    key, given = web.settings().effective_secret_key, (form.code.data or "")[:100]
    try:
        token = logins.enter_code(web.database(), key, user, given, request.remote_addr, user_agent=_user_agent())
    except (TooManyRequests, Unauthorized) as error:
        return _refused("auth/code.html", form, error, next=target, is_recovery="recovery" in request.form)
    auth.remember(token)
    if "recovery" in request.form:  # who used one should know before the last
        with web.database().scope(EVERY_WORKSPACE, read_only=True) as session:
            left = second_factor.codes_left(session, user)
        said = ngettext("%(num)s recovery code is left.", "%(num)s recovery codes are left.", left)
        web.flash_message(said, tone="info")
    return web.go(target)


@bp.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """End this login, here and on the server."""
    token = auth.forget()
    if token:
        with web.database().scope(EVERY_WORKSPACE) as session:
            logins.sign_out(session, token)
    return web.go(url_for("auth.login"))


@bp.get("/setup")
@public
def setup() -> ResponseReturnValue:
    """The first page of a new installation."""
    if _is_set_up():
        return redirect(url_for("auth.login"), 303)
    return web.page("auth/setup.html", form=_set_up_form())


@bp.post("/setup")
@public
def set_up() -> ResponseReturnValue:
    """Make the workspace and its admin, once, and sign them in."""
    form = _set_up_form()
    try:
        _check_repeat(form.password.data, form.password_again.data)
        data = {name: value for name, value in form.data.items() if name != "password_again"}
        new = web.parse(SetUp, data | {"locale": localization.locale().language})
        with web.database().scope(EVERY_WORKSPACE) as session:
            user = users.set_up(session, new)
            token = logins.start(session, user, request.remote_addr, user_agent=_user_agent())
    except Conflict as error:
        web.flash_message(error.detail, tone="info")
        return web.go(url_for("auth.login"))
    except Invalid as error:
        return _refused("auth/setup.html", form, error)
    auth.remember(token)
    return web.go("/")


def _used_up() -> NotFound:
    return NotFound(_("This link was used already or is too old. Ask an admin for a new one."))


@bp.get("/password/<token>")
@public
def password_link(token: str) -> ResponseReturnValue:
    """The page behind a one-time link."""
    with web.database().scope(EVERY_WORKSPACE, read_only=True) as session:
        user = links.find(session, token)
    if user is None:
        raise _used_up()
    return web.page("auth/set_password.html", form=NewPasswordForm(), user=user, token=token)


@bp.post("/password/<token>")
@public
def set_password(token: str) -> ResponseReturnValue:
    """Set the password and sign in; with a second factor, after its code: the link stands for the password alone."""
    form = NewPasswordForm(request.form)
    secret: str | None = None
    with web.database().session(EVERY_WORKSPACE) as session:
        user = links.find(session, token)
        if user is None:
            raise _used_up()
        session.enter(user.workspace_id)
        try:
            _check_repeat(form.password.data, form.password_again.data)
            users.change_password(session, user, form.password.data or "", by=Actor("user", user.id))
        except Invalid as error:
            return _refused("auth/set_password.html", form, error, user=user, token=token)
        if user.second_factor_at is None:
            secret = logins.start(session, user, request.remote_addr, user_agent=_user_agent())
        session.commit()
    return _let_in(user, secret, "/")


@bp.get("/account/password")
@requires(Scope.ACCOUNT_OWN)
def change_password() -> ResponseReturnValue:
    """A new password for oneself."""
    return web.page("auth/change_password.html", form=ChangePasswordForm())


@bp.post("/account/password")
@requires(Scope.ACCOUNT_OWN)
def save_password() -> ResponseReturnValue:
    """Whoever else is signed in as me is out; this browser stays in."""
    form = ChangePasswordForm(request.form)
    try:
        # Before the request's own session: checking opens short transactions of its own.
        logins.confirm(web.database(), web.current_user, form.current_password.data or "", request.remote_addr)
        _check_repeat(form.password.data, form.password_again.data)
        user = web.get_or_404(User, web.current_user.id)
        users.change_password(web.session(), user, form.password.data or "", by=web.actor())
    except (Invalid, TooManyRequests) as error:
        web.abandon()
        return _refused("auth/change_password.html", form, error)
    auth.remember(logins.start(web.session(), user, request.remote_addr, user_agent=_user_agent()))
    web.flash_message(_("Your password is changed. Other browsers were signed out."))
    return web.go("/")


def _check_repeat(password: str | None, repeat: str | None) -> None:
    if password != repeat:
        raise Invalid.field("password_again", _("The two passwords differ."))
