"""Settings, a module a page: oneself, the workspace, its people, what may be done from outside.

Importing a module puts its routes on the one blueprint. A new page is a module here and a line in
`settings/_layout.html`.
"""

from __future__ import annotations

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from crm.routes.settings import (
    audit,
    backup,
    branding,
    fields,
    people,
    pipelines,
    profile,
    reading,
    roles,
    signing_in,
    tags,
    tokens,
    webhooks,
    workspace,
)
from crm.routes.settings.base import bp
from crm.web import requires
from shared.accounts.permissions import Scope

__all__ = [
    "audit",
    "backup",
    "bp",
    "branding",
    "fields",
    "people",
    "pipelines",
    "profile",
    "reading",
    "roles",
    "signing_in",
    "tags",
    "tokens",
    "webhooks",
    "workspace",
]


@bp.get("")
@requires(Scope.ACCOUNT_OWN)
def index() -> ResponseReturnValue:
    """Settings open with the part everybody has."""
    return redirect(url_for("settings.profile"), 303)
