"""One handler for everything that goes wrong: a page, a toast for htmx, or a problem document for scripts.

`AppError`s say what a person can do. Anything else is a bug: logged with its trace, shown as a reference id.
"""

from __future__ import annotations

import errno

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from jinja2 import Template
from pydantic import ValidationError
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from crm import web
from shared import migration
from shared.config import LONGEST_ADDRESS, MAX_UPLOAD_BYTES
from shared.database import is_away, is_busy
from shared.errors import (
    AppError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from shared.schemas.checking import invalid
from shared.telemetry import get_logger

log = get_logger(__name__)


class BadRequest(AppError):
    status = 400
    title = "Bad request"


class WrongMethod(AppError):
    status = 405
    title = "Method not allowed"


class TooLong(AppError):
    status = 414
    title = "Address too long"


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.before_request(_refuse_long_address)
    app.register_error_handler(AppError, answer)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(CSRFError, _from_csrf)
    app.register_error_handler(StaleDataError, _from_stale)
    app.register_error_handler(ValidationError, lambda error: answer(invalid(error)))
    app.register_error_handler(DBAPIError, _from_database)
    app.register_error_handler(OSError, _from_system)
    app.register_error_handler(OverflowError, _from_overflow)  # SQLite's way of refusing a number
    app.register_error_handler(Exception, _from_bug)


def _refuse_long_address() -> None:
    """A page repeats its address in each of its links, so it has an end; servers would say so in two bare words."""
    if len(request.query_string) > LONGEST_ADDRESS:
        raise TooLong(_("Its conditions name too much. Open the list without them and filter by fewer names."))


def answer(error: AppError) -> Response:
    """An error in the asker's language: JSON for scripts, a toast for htmx, a page for people."""
    web.abandon()
    if web.is_api() or web.wants_json():
        response = problem(error)
    elif web.is_htmx():
        response = problem(error)  # the page's script makes a message of it
        if error.status == 422:  # would be swapped in, as a form with its errors
            response = web.toast(response, error.detail, tone="error")
            response.headers["HX-Reswap"] = "none"
    else:
        response = _page(error)
    if isinstance(error, (TooManyRequests, Unavailable)):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Unauthorized) and web.is_api():
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem(error: AppError) -> Response:
    """RFC 9457 `application/problem+json`."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "errors": [{"path": e.path, "message": e.message} for e in error.errors],
        "request_id": g.get("request_id"),
    }
    if isinstance(error, Conflict) and error.current is not None:
        document["current"] = error.current
    if isinstance(error, (TooManyRequests, Unavailable)):
        document["retry_after_s"] = error.retry_after_s
    response = jsonify(document)
    response.status_code = error.status
    response.mimetype = "application/problem+json"
    return response


def _page(error: AppError) -> Response:
    names: list[str | Template] = [f"errors/{error.status}.html", f"errors/{400 if error.status < 500 else 500}.html"]
    wait_s = getattr(error, "retry_after_s", None)
    try:
        body = render_template(
            names, error=error, detail=error.detail, reference=g.get("request_id"), retry_after_s=wait_s
        )
    except Exception as broken:  # the page needs what is missing (built assets, the database): plain words then
        log.error("error_page.failed", exc_info=broken)
        return Response(f"{error.title}\n\n{error.detail}\n", error.status, mimetype="text/plain")
    return make_response(body, error.status)


def _from_http(error: HTTPException) -> Response:
    """Werkzeug's own refusals in our words."""
    if error.response is not None:
        return make_response(error.response)
    code = error.code or 500
    if code in (301, 302, 303, 304, 307, 308):
        return make_response(error.get_response())
    translated = _translate(code, error)
    response = answer(translated)
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _translate(code: int, error: HTTPException) -> AppError:
    if code == 404:
        return NotFound(_("There is nothing at this address."))
    if code == 405:
        return WrongMethod(_("This address does not take %(method)s requests.", method=request.method))
    if code == 413:
        return TooLarge(_("That is too large. Files may have up to %(mb)s MB.", mb=MAX_UPLOAD_BYTES // 1024 // 1024))
    if code == 403:
        return Forbidden(_("You are not allowed to do this."))
    translated = BadRequest(error.description or error.name)
    translated.status = code
    translated.title = error.name
    return translated


def _from_csrf(_error: CSRFError) -> Response:
    return answer(BadRequest(_("This page is out of date or was open in another session. Reload it and try again.")))


def _from_stale(_error: StaleDataError) -> Response:
    return answer(
        Conflict(
            _("Somebody else changed this in the meantime. Nothing was overwritten; reload to see it as it is now.")
        )
    )


def _from_database(error: DBAPIError) -> Response:
    if is_busy(error) or error.connection_invalidated:
        return answer(Unavailable(_("The database is busy. Nothing was changed; try again in a moment.")))
    if is_away(error):
        log.error("database.away", path=web.path_for_log(), reason=str(error.orig).strip().partition("\n")[0])
        return answer(Unavailable(_("The database does not answer. Nothing was changed; try again in a moment.")))
    if isinstance(error, DataError):  # PostgreSQL stores no NUL and no number beyond its columns' width
        return _from_overflow(error)
    if _is_schema_old():
        log.error("database.schema_old", path=web.path_for_log(), reason=type(error.orig).__name__)
        return answer(Unavailable(_("The database's schema is not this version's. Run: flask --app main db upgrade")))
    return _from_bug(error)


def _is_schema_old() -> bool:
    """Whether a statement may have failed because migrations are missing."""
    web.abandon()  # the look takes a connection of its own
    try:
        return not migration.is_current(web.database())
    except (SQLAlchemyError, AppError):
        return False


def _from_overflow(error: Exception) -> Response:
    """What slipped past the forms' own checks and no database can hold. Logged: the check is missing somewhere."""
    log.warning("request.unstorable", method=request.method, reason=type(error).__name__, exc_info=error)
    return answer(Invalid(_("A number here is too large, or a text has a character that cannot be stored.")))


def _from_system(error: OSError) -> Response:
    """Uploads and files that are made lie on a disk on their way, and it may be full."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return _from_bug(error)
    log.error("disk.full", path=web.path_for_log(), method=request.method)
    return answer(Unavailable(_("The disk is full. Nothing was stored; free some space and try again.")))


def _from_bug(error: Exception) -> Response:
    log.error("request.failed", path=web.path_for_log(), method=request.method, exc_info=error)
    return answer(AppError(_("This is our fault, not yours. The log knows it by its reference.")))
