"""The blueprint of the settings, and what several of their pages say."""

from __future__ import annotations

from flask import Blueprint, request

from crm import web
from crm.localization import lazy_gettext as _l
from shared.accounts import logins
from shared.models import Role

bp = Blueprint("settings", __name__, url_prefix="/settings")

ROLE_NAMES = {
    Role.ADMIN: _l("Admin"),
    Role.MANAGER: _l("Manager"),
    Role.MEMBER: _l("Member"),
    Role.VIEWER: _l("Viewer"),
}


def confirm_password() -> None:
    """The form's `current_password` is the signed-in person's. Raises Invalid, or TooManyRequests.

    Before the request's own session has written: checking opens short transactions of its own.
    """
    given = request.form.get("current_password", "")
    logins.confirm(web.database(), web.current_user, given, request.remote_addr)
