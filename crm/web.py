"""What every view uses: the request's session, who asks, what they may, and how a page is answered.

A view is `@bp.get(...)` + `@requires(Scope.X)` (or `@public`) and translates between HTTP and verbs:

    @bp.post("/tasks/<int:id>/done")
    @requires(Scope.RECORDS_WRITE)
    def complete(id: int) -> ResponseReturnValue:
        task = get_or_404(Task, id)
        tasks.complete(session(), task, by=actor())
        row = page("tasks/list.html", block="row", task=task)
        return toast(row, _("Done."), undo_url=url_for("tasks.reopen", id=id))

It never commits: a request that changes things is committed when its view has answered with a status below 400 and
rolled back otherwise; jobs go to the broker after that. GET and HEAD cannot write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from flask import Response, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup, escape
from pydantic import BaseModel
from werkzeug.exceptions import ClientDisconnected
from werkzeug.local import LocalProxy

from shared import events
from shared.accounts.permissions import Scope, allows
from shared.config import Settings
from shared.database import Database
from shared.errors import Forbidden, NotFound, Unauthorized
from shared.events import Actor
from shared.models import User, Workspace
from shared.models.base import Base
from shared.records import tombstones
from shared.schemas.checking import check
from shared.schemas.ids import LARGEST_ID
from shared.tenancy import TenantSession

P = ParamSpec("P")
RecordT = TypeVar("RecordT", bound=Base)
ModelT = TypeVar("ModelT", bound=BaseModel)
ViewT = TypeVar("ViewT", bound=Callable[..., Any])


# --- The request's surroundings


def settings() -> Settings:
    """The settings this process was started with."""
    return cast("Settings", current_app.extensions["settings"])


def database() -> Database:
    """The application's database. Views want `session()`."""
    return cast("Database", current_app.extensions["database"])


def is_api() -> bool:
    """Whether a script asks: it gets JSON, and only its bearer token counts."""
    return request.path.startswith("/api/v")


def still_working() -> None:
    """Say that this request is not stuck though nothing of its answer goes out yet: the server ends a process that is
    silent for two minutes. Where nobody waits for the answer any more, it ends here."""
    line: Any = request.environ.get("gunicorn.socket")
    if hasattr(line, "still_working"):  # other servers have no such line (`launcher.gunicorn_sender`)
        try:
            line.still_working()
        except ConnectionResetError:
            raise ClientDisconnected from None


def is_htmx() -> bool:
    """Whether htmx asks for a piece of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def wants_json() -> bool:
    """Whether a script of our pages asks for data, not for a page or a piece of one."""
    return request.accept_mimetypes.best == "application/json"


def path_for_log() -> str:
    """The request's path; of an address that carries a secret, only its rule: who reads the log must not use it."""
    has_secret = request.url_rule is not None and "token" in request.url_rule.arguments
    return request.url_rule.rule if request.url_rule is not None and has_secret else request.path


# --- Who asks, and the session that sees only their workspace


def find_user() -> User | None:
    """Who asks; None for a stranger."""
    try:
        return cast("User | None", g.user)
    except AttributeError:
        from crm import auth  # auth stands on this module

        return auth.identify()


def _user() -> User:
    user = find_user()
    if user is None:
        raise Unauthorized(_("Sign in to go on."))
    return user


#: The signed-in user. Raises Unauthorized where there is none; public pages ask `find_user`.
current_user = cast("User", LocalProxy(_user))


def session() -> TenantSession:
    """The request's session in the user's workspace: read-only for GET and HEAD, committed after the view otherwise."""
    found: TenantSession | None = g.get("session")
    if found is None:
        reading = request.method in ("GET", "HEAD", "OPTIONS") or "failed" in g or "only_reads" in g
        found = g.session = database().session(_user().workspace_id, read_only=reading)
    return found


def only_read() -> None:
    """Say that this request changes nothing, whatever its method. Before its session is asked for."""
    g.only_reads = True


def workspace() -> Workspace:
    """The signed-in user's workspace, as it was when the request began; to change it, ask `accounts.workspaces`."""
    _user()
    return cast("Workspace", g.workspace)


def actor() -> Actor:
    """The signed-in user as the doer of what this request does."""
    return Actor("api" if is_api() else "user", user_id=_user().id)


def finish(response: Response) -> None:
    """Commit what the view did and send its jobs, or roll back when it answered with an error. Called by the app."""
    open_session: TenantSession | None = g.get("session")
    if open_session is None or open_session.info["read_only"]:
        return
    if response.status_code >= 400:
        abandon()
        return
    open_session.commit()
    events.dispatch(open_session, database(), settings().effective_redis_url)


def abandon() -> None:
    """Undo what the request did, because it failed. The page that says so may still read."""
    g.failed = True
    open_session: TenantSession | None = g.pop("session", None)
    if open_session is not None:
        open_session.close()


def close_session(_error: BaseException | None = None) -> None:
    """Give the connection back; what was not committed is rolled back."""
    open_session: TenantSession | None = g.pop("session", None)
    if open_session is not None:
        open_session.close()


def get_or_404(model: type[RecordT], id: int, *, deleted: bool = False) -> RecordT:
    """A row of the user's workspace. Raises NotFound; with `deleted` a soft-deleted one is found too."""
    row = session().get(model, id)
    if row is None or (not deleted and getattr(row, "deleted_at", None) is not None):
        if row is not None and tombstones.winner_of(session(), model.__tablename__, id) is not None:
            raise NotFound(_("This record was merged into another one meanwhile. Reload the page to see that one."))
        raise NotFound(_("There is no such record, or it was deleted."))
    return row


def whole(text: str) -> int:
    """A number from an address or a form, as `args.get("before", type=web.whole)`: one that no column holds is none."""
    number = int(text)
    if abs(number) > LARGEST_ID:
        raise ValueError(text[:20])
    return number


# --- Permissions


def can(scope: Scope) -> bool:
    """Whether the signed-in user may do this; also in templates: `{% if can(Scope.RECORDS_WRITE) %}`."""
    user = find_user()
    only: frozenset[Scope] | None = g.get("only_scopes")
    return user is not None and allows(user.role, scope) and (only is None or scope in only)


def must_add_factor() -> bool:
    """Whether the signed-in person has to set up a second factor before anything else. Tokens are not asked."""
    return not is_api() and workspace().second_factor_required and current_user.second_factor_at is None


def requires(
    scope: Scope, *, before_factor: bool = False
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let only signed-in users with this scope into a view. A stranger is led to the login page and back.

    Where the workspace demands a second factor, those without one get no further than the views `before_factor`.
    """

    def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if find_user() is None:
                return _to_login()
            if not before_factor and must_add_factor():
                return _to_factor()
            if not can(scope):
                raise Forbidden(_refusal())
            return view(*args, **kwargs)

        guarded.access = scope  # type: ignore[attr-defined]  # read by the test that walks all routes
        return guarded

    return decorate


def public(view: ViewT) -> ViewT:
    """Say that a view is for everybody. Every view says this or `requires`."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def _to_login() -> ResponseReturnValue:
    if is_api():
        raise Unauthorized("Send a valid bearer token: `Authorization: Bearer aw_…`.")
    if wants_json():
        raise Unauthorized(_("Sign in to go on."))
    if is_htmx():
        back = _path_of(request.headers.get("HX-Current-URL", ""))
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = url_for("auth.login", next=back or None)
        return answer
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("auth.login", next=back if back != "/" else None), 303)


def _to_factor() -> ResponseReturnValue:
    if wants_json():
        raise Forbidden(_("Your workspace asks for a second factor. Set it up to go on."))
    return go(url_for("second_factor.show"))


def _refusal() -> str:
    if g.get("only_scopes") is not None:
        return str(_("This token may only read."))
    return str(_("Your role does not allow this. Ask an admin of your workspace."))


def _path_of(url: str) -> str:
    """Path and query of an address; an empty string for nonsense."""
    try:
        here = urlsplit(url)
    except ValueError:
        return ""
    return here.path + (f"?{here.query}" if here.query else "")


def safe_next(target: str | None, default: str = "/") -> str:
    """A path of this site to go to, or the default: never another site, whatever the link said."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(ord(c) < 33 or c == "\\" for c in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def url_with(**changed: Any) -> Markup:
    """The present address with parameters replaced (None removes), escaped; a template global.

    What is changed stands at its end. A new sort or filter starts at the first page again: `cursor` goes.
    """
    changed = {"cursor": None, **changed}
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] not in changed]
    pairs += [(name, value) for name, value in changed.items() if value is not None]
    return escape(f"{request.path}?{urlencode(pairs)}" if pairs else request.path)


# --- Input


def parse(model: type[ModelT], data: Any) -> ModelT:
    """Check input against a schema. Raises Invalid naming every wrong field."""
    return check(model, data)


# --- Answers


def render(template: str, **context: Any) -> str:
    """A whole page."""
    return render_template(template, **context)


def page(template: str, *, block: str | None = None, status: int = 200, **context: Any) -> Response:
    """A page, or for htmx only its named block. Blocks see the page's imports and what it `set`s at its top."""
    body = render_block(template, block, **context) if block and is_htmx() else render_template(template, **context)
    answer = make_response(body, status)
    answer.vary.add("HX-Request")
    return answer


def revalidated(answer: Response) -> Response:
    """An answer that its reader stores, and asks for again each time: as long as it would be the same, a 304 says so.

    Who may no longer read it is told that, stored or not.
    """
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32], weak=True)  # the same, compressed or not
    answer.make_conditional(request)
    return answer


def render_block(template: str, block: str, **context: Any) -> str:
    """One block of a template, without the page around it."""
    found = current_app.jinja_env.get_template(template)
    current_app.update_template_context(context)
    scope = found.new_context(context)
    # A template's imports run before its first output: start it, then leave it. Without this a block would not see
    # the macros that its own file imports.
    next(iter(found.root_render_func(scope)), None)
    return "".join(scope.blocks[block][0](scope))  # the template's own, or the one it inherits


def go(url: str) -> Response:
    """Send the browser on after a form, also from within htmx."""
    if is_htmx():
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = url
        return answer
    return cast("Response", redirect(url, 303))


def toast(
    answer: ResponseReturnValue,
    text: str,
    *,
    tone: str = "success",
    undo_url: str | None = None,
    key: str | None = None,
    events: Mapping[str, Any] | None = None,
) -> Response:
    """Show a short message with an htmx answer. `undo_url` takes it back when POSTed to; one of the same `key` goes.
    What was taken back by a message has no undo: who presses Ctrl-Z twice means two things, not one and back.

    `tone`: success, info, warning, error. The page's script listens to the `toast` event; `events` are further ones.
    """
    response = make_response(answer)
    undo_url = None if request.headers.get("X-Undo") else undo_url
    event = {**(events or {}), "toast": {"text": str(text), "tone": tone, "undo_url": undo_url, "key": key}}
    response.headers["HX-Trigger"] = json.dumps(event)
    return response


def flash_message(text: str, *, tone: str = "success", undo_url: str | None = None) -> None:
    """The same for the next whole page."""
    flash(cast("str", {"text": str(text), "undo_url": undo_url}), tone)
