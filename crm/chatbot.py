"""Asking the chatbot on a user's behalf: over HTTP, with a signed statement of who asks, and a time limit.

The chatbot may be down, starting or busy; then the caller gets `Unavailable` and goes on without it. No database
session should be open while it is asked: on SQLite a writing one would keep the chatbot from answering.
"""

from __future__ import annotations

from typing import Any

import httpx

from crm import web
from shared.chat import internal
from shared.errors import AppError, Conflict, FieldError, Forbidden, Invalid, NotFound, Unavailable
from shared.telemetry import get_logger

log = get_logger(__name__)

#: Beside the time the chatbot was given: for the way there and back.
MARGIN_S = 5.0
CONNECT_S = 2.0
DOWN = "The assistant is not running. Everything else works; try again in a moment."
_ERRORS: dict[int, type[AppError]] = {403: Forbidden, 404: NotFound, 409: Conflict, 422: Invalid}


def ask(
    method: str,
    path: str,
    *,
    json: Any = None,
    within_s: float,
    margin_s: float = MARGIN_S,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The chatbot's answer, JSON. Raises Unavailable, or what the chatbot says is wrong with the request."""
    timeout = httpx.Timeout(within_s + margin_s, connect=min(CONNECT_S, within_s + margin_s))
    user = web.current_user
    statement = internal.token(web.settings().effective_secret_key, workspace_id=user.workspace_id, user_id=user.id)
    sent = {"Authorization": f"Bearer {statement}", "Time-Limit": f"{within_s:g}", **(headers or {})}
    url = web.settings().chatbot_internal_url.rstrip("/") + path
    try:
        answer = httpx.request(method, url, json=json, headers=sent, timeout=timeout, trust_env=False)
        found: dict[str, Any] = answer.json()
    except httpx.TimeoutException:
        raise Unavailable("The assistant took too long. Try again.", retry_after_s=10) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        log.warning("chatbot.unreachable", path=path, reason=type(error).__name__)
        raise Unavailable(DOWN, retry_after_s=5) from None
    if answer.is_success:
        return found
    raise _error(answer, found)


def _error(answer: httpx.Response, problem: Any) -> AppError:
    said = problem if isinstance(problem, dict) else {}
    detail = str(said.get("detail") or DOWN)
    if answer.status_code == 401:
        log.error("chatbot.refused_statement")
        return Unavailable("The assistant does not know this installation. Are both services on one SECRET_KEY?")
    kind = _ERRORS.get(answer.status_code)
    if kind is None:
        wait = answer.headers.get("Retry-After", "")
        return Unavailable(detail, retry_after_s=int(wait) if wait.isdecimal() else 5)
    errors = [FieldError(str(e.get("path", "")), str(e.get("message", ""))) for e in said.get("errors") or []]
    return kind(detail, errors=errors) if kind is not Conflict else Conflict(detail)
