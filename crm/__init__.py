"""The CRM: what staff see. `create_app` is the table of contents."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from flask import Flask, Response, g, has_request_context, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from crm import (
    assets,
    auth,
    compression,
    drawing,
    errors,
    headers,
    localization,
    pages,
    review_page,
    transcript_page,
    web,
)
from crm.routes import ROUTES, SCRIPT_ROUTES
from crm.templating import CompiledTemplates, Environment
from shared import clock, database, telemetry
from shared.accounts.logins import LIFETIME
from shared.config import MAX_UPLOAD_BYTES, Settings
from shared.schemas.ids import LARGEST_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = telemetry.get_logger(__name__)

#: A form around a file of the greatest size: boundaries and the other fields.
FORM_OVERHEAD_BYTES = 256 * 1024


class App(Flask):
    """Flask, with a request id around everything and one commit after the view.

    The commit is part of the dispatch, not an `after_request` hook, so that a conflict found only when the changes
    reach the database is answered by the same handlers as one found earlier.
    """

    jinja_environment = Environment

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address_of = lru_cache(maxsize=8192, typed=True)(self._address)

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """Flask's, remembered: a page has a hundred addresses, most of which stood on the page before."""
        elsewhere = values.get("_external") or values.get("_scheme") or not has_request_context()
        if elsewhere or endpoint.startswith("."):
            return super().url_for(endpoint, **values)
        try:
            return self._address_of(request.root_path, endpoint, **values)
        except TypeError:  # a list among the values
            return super().url_for(endpoint, **values)

    def _address(self, _root_path: str, endpoint: str, /, **values: Any) -> str:
        return super().url_for(endpoint, **values)

    @property
    def secret_key(self) -> str:  # type: ignore[override]  # Flask's is a slot in its configuration
        """The key of sessions and forms; made when first needed, so that a command that only reads writes nothing."""
        settings: Settings = self.extensions["settings"]
        return settings.effective_secret_key

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        environ["afterword.request_id"] = given if re.fullmatch(r"[\w-]{8,64}", given) else uuid4().hex
        with telemetry.bound(request_id=environ["afterword.request_id"]):
            return super().wsgi_app(environ, start_response)

    def dispatch_request(self) -> Any:
        response = self.make_response(super().dispatch_request())
        web.finish(response)
        return response


class RecordId(IntegerConverter):
    """`<int:id>` in a route: a number that no id can have is an address where nothing is."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_ID)


def create_app(settings: Settings | None = None) -> Flask:
    """The application, ready to serve; `settings` default to the environment's."""
    settings = settings or Settings()
    app = App(__name__, static_folder=None)
    app.url_map.converters["int"] = RecordId
    _configure(app, settings)
    if settings.trusted_proxies:  # else everybody comes from the proxy's address: one who guesses would lock all out
        only_address = {"x_for": settings.trusted_proxies, "x_proto": 0, "x_host": 0}
        app.wsgi_app = ProxyFix(app.wsgi_app, **only_address)  # type: ignore[method-assign]
    _observe(app)
    headers.init_app(app, settings)
    localization.init_app(app)
    assets.init_app(app)
    drawing.init_app(app)
    web.public(app.view_functions["static"])
    pages.init_app(app)
    transcript_page.init_app(app)
    review_page.init_app(app)
    errors.init_app(app)
    app.teardown_request(web.close_session)
    app.after_request(auth.note_use)
    compression.init_app(app)

    csrf = CSRFProtect(app)
    for blueprint in ROUTES:
        app.register_blueprint(blueprint)
    for blueprint in SCRIPT_ROUTES:
        csrf.exempt(blueprint)  # reached by bearer token alone; no cookie counts there
        app.register_blueprint(blueprint)
    _add_commands(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    telemetry.configure(settings.log_level, settings.log_format)
    clock.configure(settings.clock)
    connected = database.connect(settings)
    app.extensions |= {"settings": settings, "database": connected}
    app.config.update(
        SESSION_COOKIE_NAME="afterword",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.crm_url.startswith("https://"),
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME + timedelta(days=1),  # the login row decides; the cookie outlives it
        MAX_CONTENT_LENGTH=max(MAX_UPLOAD_BYTES, settings.attachment_max_mb * 2**20) + FORM_OVERHEAD_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_UPLOAD_BYTES + FORM_OVERHEAD_BYTES,  # a pasted transcript is a form field
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over night still works
    )
    app.jinja_env.bytecode_cache = CompiledTemplates(settings.data_dir / "cache" / "templates")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # DefaultJSONProvider has it


def _observe(app: Flask) -> None:
    """Request ids in and out, one line a request."""

    @app.before_request
    def _begin() -> None:
        g.request_id = request.environ["afterword.request_id"]
        g.started = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        response.headers["X-Request-ID"] = request.environ["afterword.request_id"]
        write = log.debug if request.endpoint in ("static", "home.healthz", "home.readyz") else log.info
        ms = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
        write("request.answered", method=request.method, path=web.path_for_log(), status=response.status_code, ms=ms)
        return response


def _add_commands(app: Flask) -> None:
    from crm import cli

    cli.init_app(app)
