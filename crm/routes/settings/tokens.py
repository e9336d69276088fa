"""API tokens: bearer secrets for scripts, shown once."""

from __future__ import annotations

from datetime import timedelta

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from crm import shown_once, web
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import bp
from crm.web import requires
from shared import clock
from shared.accounts import tokens
from shared.accounts.permissions import Scope
from shared.errors import Invalid, NotFound
from shared.models import ApiToken, User

#: Days a new token may live; an empty text: for ever.
LIFETIMES = {"30": _l("30 days"), "90": _l("90 days"), "365": _l("A year"), "": _l("It does not expire")}


@bp.get("/tokens")
@requires(Scope.TOKENS_OWN)
def list_tokens() -> ResponseReturnValue:
    """One's tokens, told apart by name and first characters."""
    query = select(ApiToken).where(ApiToken.user_id == web.current_user.id, ApiToken.revoked_at.is_(None))
    listed = list(web.session().scalars(query.order_by(ApiToken.id.desc())))
    secret = shown_once.secret()
    is_listed = secret is not None and any(secret.startswith(token.hint) for token in listed)
    return web.page(
        "settings/tokens.html",
        tokens=listed,
        secret=secret if is_listed else None,
        lifetimes=list(LIFETIMES.items()),
        wall=clock.wall(),
    )


@bp.post("/tokens")
@requires(Scope.TOKENS_OWN)
def create_token() -> ResponseReturnValue:
    """A new token; the page this leads to is the only place its secret is ever shown."""
    name = " ".join(request.form.get("name", "").replace("\x00", " ").split())
    days = request.form.get("days", "")
    if days not in LIFETIMES:
        raise Invalid.field("days", _("Choose one of the times offered."))
    user = web.get_or_404(User, web.current_user.id)
    _token, secret = tokens.create(
        web.session(),
        user,
        name or _("API"),
        by=web.actor(),
        is_read_only=request.form.get("access") == "read",
        lifetime=timedelta(days=int(days)) if days else None,
    )
    return shown_once.go("settings.list_tokens", secret)


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
