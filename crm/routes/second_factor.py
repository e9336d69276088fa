"""Setting up the second factor, step by step, and turning it off. These pages open also to those who must have one."""

from __future__ import annotations

from typing import Any

import segno
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Form, PasswordField, StringField

from crm import auth, shown_once, web
from crm.forms import show_errors
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import confirm_password
from crm.web import requires
from shared.accounts import logins, second_factor
from shared.accounts.permissions import Scope
from shared.errors import AppError, Conflict, Invalid, TooManyRequests
from shared.models import User

bp = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")


class PasswordForm(Form):
    current_password = PasswordField(_l("Your password"))


class FirstCodeForm(Form):
    code = StringField(_l("Code"))


def _me() -> User:
    return web.get_or_404(User, web.current_user.id)


def _refused(template: str, form: Form, error: AppError, **context: Any) -> ResponseReturnValue:
    web.abandon()
    show_errors(form, error)
    answer = web.page(template, status=error.status, form=form, **context)
    if isinstance(error, TooManyRequests):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


@bp.get("")
@requires(Scope.ACCOUNT_OWN, before_factor=True)
def show() -> ResponseReturnValue:
    """The next step: the password, or the QR code and the first code of the app."""
    if web.current_user.second_factor_at is not None:
        return web.go(url_for("settings.signing_in"))
    secret = second_factor.begun(web.session(), web.settings().effective_secret_key, web.current_user)
    if secret is None:
        return web.page("auth/factor_begin.html", form=PasswordForm())
    return web.page("auth/factor_scan.html", form=FirstCodeForm(), **_scan(secret))


def _scan(secret: str) -> dict[str, Any]:
    """The picture for the app, and the same in letters for those who cannot photograph it."""
    address = second_factor.uri(secret, web.current_user, f"Afterword {web.workspace().name}")
    picture = segno.make(address, error="m", micro=False)
    drawn = picture.svg_inline(scale=5, border=3, dark="#000", light="#fff", svgclass="qr", title=_("QR code"))
    letters = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return {"qr": Markup(drawn), "letters": letters}  # noqa: S704 (drawn by the library, from modules alone)


@bp.post("/begin")
@requires(Scope.ACCOUNT_OWN, before_factor=True)
def begin() -> ResponseReturnValue:
    """Make a secret: after the password, so that a browser left open cannot lock its owner out."""
    try:
        confirm_password()
        second_factor.begin(web.session(), web.settings().effective_secret_key, _me())
    except (Invalid, TooManyRequests) as error:
        return _refused("auth/factor_begin.html", PasswordForm(), error)
    return web.go(url_for("second_factor.show"))


@bp.post("")
@requires(Scope.ACCOUNT_OWN, before_factor=True)
def confirm() -> ResponseReturnValue:
    """The first right code turns it on; the page this leads to is the only place where the recovery codes are shown."""
    user, form, key = _me(), FirstCodeForm(request.form), web.settings().effective_secret_key
    try:
        codes = second_factor.confirm(web.session(), key, user, (form.code.data or "")[:100], by=web.actor())
    except Invalid as error:
        secret = second_factor.begun(web.session(), key, user)
        return _refused("auth/factor_scan.html", form, error, **_scan(secret or ""))
    except Conflict as error:
        web.flash_message(error.detail, tone="info")
        return web.go(url_for("second_factor.show"))
    logins.revoke_all(web.session(), user, but=auth.login_id())
    web.flash_message(_("The second factor is on; other browsers were signed out."))
    return shown_once.go("second_factor.show_codes", " ".join(codes))


@bp.get("/codes")
@requires(Scope.ACCOUNT_OWN)
def ask_codes() -> ResponseReturnValue:
    """Before new recovery codes: the password."""
    return web.page("auth/factor_renew.html", form=PasswordForm())


@bp.post("/codes")
@requires(Scope.ACCOUNT_OWN)
def renew_codes() -> ResponseReturnValue:
    """New recovery codes; the old ones are worthless from now on."""
    try:
        confirm_password()
        codes = second_factor.renew_codes(web.session(), _me(), by=web.actor())
    except (Invalid, TooManyRequests) as error:
        return _refused("auth/factor_renew.html", PasswordForm(), error)
    return shown_once.go("second_factor.show_codes", " ".join(codes))


@bp.get("/codes/new")
@requires(Scope.ACCOUNT_OWN)
def show_codes() -> ResponseReturnValue:
    """The recovery codes that were just made; later only how many are left."""
    codes = shown_once.secret()
    if codes is None:
        return web.go(url_for("settings.signing_in"))
    return web.page("auth/factor_codes.html", codes=codes.split())


@bp.get("/remove")
@requires(Scope.ACCOUNT_OWN)
def ask_remove() -> ResponseReturnValue:
    """Before it is turned off: the password."""
    if web.current_user.second_factor_at is None:  # the way back, after it was done
        return web.go(url_for("settings.signing_in"))
    return web.page("auth/factor_remove.html", form=PasswordForm())


@bp.post("/remove")
@requires(Scope.ACCOUNT_OWN)
def remove() -> ResponseReturnValue:
    """The password alone is enough again, unless the workspace demands more."""
    if web.workspace().second_factor_required:
        raise Conflict(_("Your workspace asks everybody for a second factor."))
    try:
        confirm_password()
        second_factor.remove(web.session(), _me(), by=web.actor())
    except (Invalid, TooManyRequests) as error:
        return _refused("auth/factor_remove.html", PasswordForm(), error)
    web.flash_message(_("The second factor is off."))
    return web.go(url_for("settings.signing_in"))
