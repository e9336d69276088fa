"""How one signs in: the password, the second factor, and where one is signed in now."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import auth, devices, web
from crm.routes.settings.base import bp
from crm.web import requires
from shared.accounts import logins, second_factor
from shared.accounts.permissions import Scope
from shared.errors import NotFound
from shared.models import Login, User


@bp.get("/signing-in")
@requires(Scope.ACCOUNT_OWN)
def signing_in() -> ResponseReturnValue:
    """Password, second factor, logins."""
    me = web.current_user
    return web.page(
        "settings/signing_in.html",
        logins=[(login, devices.name(login.user_agent)) for login in logins.open_of(web.session(), me)],
        place=devices.place,
        this_login=auth.login_id(),
        codes_left=second_factor.codes_left(web.session(), me) if me.second_factor_at else 0,
    )


@bp.post("/logins/<int:id>/revoke")
@requires(Scope.ACCOUNT_OWN)
def revoke_login(id: int) -> ResponseReturnValue:
    """Sign one of one's own browsers out; a colleague's does not exist here."""
    login = web.get_or_404(Login, id)
    if login.user_id != web.current_user.id:
        raise NotFound(_("There is no such login."))
    logins.revoke(web.session(), login, by=web.actor())
    web.flash_message(_("That browser is signed out."))
    return web.go(url_for("settings.signing_in"))


@bp.post("/logins/revoke-others")
@requires(Scope.ACCOUNT_OWN)
def revoke_other_logins() -> ResponseReturnValue:
    """Sign every other browser out."""
    user = web.get_or_404(User, web.current_user.id)
    ended = logins.end_all(web.session(), user, by=web.actor(), but=auth.login_id())
    said = ngettext("%(num)s other browser was signed out.", "%(num)s other browsers were signed out.", ended)
    web.flash_message(said)
    return web.go(url_for("settings.signing_in"))
