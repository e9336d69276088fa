"""The blueprint of the settings, and what several of their pages say."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from shared.models import Role

bp = Blueprint("settings", __name__, url_prefix="/settings")

ROLE_NAMES = {
    Role.ADMIN: _l("Admin"),
    Role.MANAGER: _l("Manager"),
    Role.MEMBER: _l("Member"),
    Role.VIEWER: _l("Viewer"),
}
