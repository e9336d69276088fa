"""The feed that calendars subscribe to, and the page where one gets and revokes its address."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import shown_once, web
from crm.web import public, requires
from shared.accounts import feeds
from shared.accounts.permissions import Scope
from shared.errors import NotFound
from shared.models import User
from shared.records.types import TYPES

bp = Blueprint("calendar", __name__, url_prefix="/calendar")


@bp.get("")
@requires(Scope.ACCOUNT_OWN)
def index() -> ResponseReturnValue:
    """Whether one has a feed, and right after it was made its address."""
    secret = shown_once.secret()
    url = _base() + url_for("calendar.feed", token=secret) if secret else None
    feed = feeds.of(web.session(), web.current_user)
    return web.page("calendar/index.html", feed=feed, url=url)


@bp.post("")
@requires(Scope.ACCOUNT_OWN)
def create() -> ResponseReturnValue:
    """A new address; the page this leads to is the only place that shows it."""
    user = web.get_or_404(User, web.current_user.id)
    return shown_once.go("calendar.index", feeds.create(web.session(), user, by=web.actor()))


@bp.post("/revoke")
@requires(Scope.ACCOUNT_OWN)
def revoke() -> ResponseReturnValue:
    """End one's address."""
    feeds.revoke(web.session(), web.get_or_404(User, web.current_user.id), by=web.actor())
    web.flash_message(_("The address no longer works."))
    return web.go(url_for("calendar.index"))


@bp.get("/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """The calendar file. Whoever knows the address may read it; of one that was revoked nothing is left."""
    from crm import calendars  # icalendar takes 0.1 s to load, which only this needs

    user = feeds.find(web.database(), token)
    if user is None:
        raise NotFound(_("There is no such calendar."))
    base = _base()
    with web.database().session(user.workspace_id, read_only=True) as session:
        body = calendars.feed(
            session,
            user,
            name=f"Afterword · {user.name}",
            url_of=lambda kind, id_: base + url_for(f"{TYPES[kind].plural}.show", id=id_),
            as_todos=request.args.get("tasks") == "todos",
        )
    return _answer(body)


def _answer(body: bytes) -> Response:
    answer = make_response(body)
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = 'inline; filename="afterword.ics"'
    answer.headers["X-Robots-Tag"] = "noindex"
    return web.revalidated(answer)


def _base() -> str:
    """The CRM's address as calendars reach it."""
    return (web.settings().crm_url or request.host_url).rstrip("/")
