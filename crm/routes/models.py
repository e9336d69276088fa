"""The models page of the settings: what Ollama has, which model does what, whether it fits; fetch, try, choose, remove.

Everything is asked of the chatbot, which looks at Ollama; where the chatbot is down the page says so and nothing else
of the CRM minds. Only choices are kept here, in the database. Parts under way refresh themselves, each on its own, so
that nothing somebody is typing is swapped away.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import ValidationError

from crm import chatbot, localization, web
from crm.web import requires
from shared import installation
from shared.accounts.permissions import Scope
from shared.errors import AppError, Invalid, NotFound, Unavailable
from shared.schemas.models_page import ModelsOverview, RoleName, RoleState

bp = Blueprint("models", __name__, url_prefix="/settings/models")

TEMPLATE = "settings/models.html"
#: Longest wait for the chatbot, seconds; it takes milliseconds, and two seconds where Ollama hangs.
WITHIN_S = 5.0
ROLES: tuple[RoleName, ...] = ("chat", "extraction")
#: What parts of the page listen for, once something that was under way is over.
CHANGED = "models-changed"


@bp.get("")
@requires(Scope.WORKSPACE_MANAGE)
def show() -> ResponseReturnValue:
    """The page; for htmx one of its blocks."""
    block = request.args.get("part", "")
    return _page(block if block in ("roles", "installed") else None)


@bp.get("/pull")
@requires(Scope.WORKSPACE_MANAGE)
def pull_state() -> ResponseReturnValue:
    """How far the download is."""
    if not web.is_htmx():
        return web.go(url_for("models.show"))
    overview = _overview()
    answer = web.page(TEMPLATE, block="pull", **_context(overview))
    return _told(answer) if overview.pull and overview.pull.is_over else answer


@bp.post("/pull")
@requires(Scope.WORKSPACE_MANAGE)
def pull() -> ResponseReturnValue:
    """Begin a download. It belongs to the service: leaving the page stops nothing."""
    try:
        _ask("POST", "/pull", {"name": request.form.get("name", "")[:300], "follow": False})
    except Invalid as error:
        return _page("pull", problem=error, asked=request.form.get("name", ""))
    return _after("pull")


@bp.post("/pull/cancel")
@requires(Scope.WORKSPACE_MANAGE)
def cancel() -> ResponseReturnValue:
    """Stop it; what has arrived is kept."""
    _ask("POST", "/pull/cancel")
    return _after("pull")


@bp.get("/trial/<role>")
@requires(Scope.WORKSPACE_MANAGE)
def trial_state(role: str) -> ResponseReturnValue:
    """How the test or the warm-up of a role's model goes."""
    return _trial(_overview(), role)


@bp.post("/trial/<role>")
@requires(Scope.WORKSPACE_MANAGE)
def begin_trial(role: str) -> ResponseReturnValue:
    """Try a role's model: `kind` is test or warm."""
    kind = request.form.get("kind", "")
    if kind not in ("test", "warm") or role not in ROLES:
        raise NotFound(_("There is nothing to try by that name."))
    _ask("POST", f"/{kind}", {"role": role})
    if not web.is_htmx():
        return web.go(url_for("models.show"))
    return _trial(_overview(), role)


@bp.post("/choose/<role>")
@requires(Scope.WORKSPACE_MANAGE)
def choose(role: str) -> ResponseReturnValue:
    """Give a role's work to another model, or back to the setting; from the next question on, in every workspace."""
    if role not in ROLES:
        raise NotFound(_("There is no such role."))
    name = request.form.get("model", "").strip()
    usable = [model.name for model in _overview().models if model.can_chat]
    if name and name not in usable:
        raise Invalid.field("model", _("%(name)s is not installed, or cannot answer.", name=name[:100]))
    setting: installation.Choosable = "chat_model" if role == "chat" else "extraction_model"
    installation.choose(web.session(), setting, name or None, by=web.actor())
    web.flash_message(_("Chosen. It holds from the next question on."))
    return web.go(url_for("models.show"))


@bp.post("/delete")
@requires(Scope.WORKSPACE_MANAGE)
def delete() -> ResponseReturnValue:
    """Remove a model that no role uses from Ollama."""
    name = request.form.get("name", "")[:300]
    _ask("POST", "/delete", {"name": name})
    web.flash_message(_("%(name)s was removed.", name=name))
    return web.go(url_for("models.show"))


# --- Asking and answering


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return chatbot.ask(method, f"/internal/models{path}", json=body, within_s=WITHIN_S)


def _overview() -> ModelsOverview:
    """Raises Unavailable where the chatbot is not there, or something else is."""
    try:
        return ModelsOverview.model_validate(_ask("GET", ""))
    except ValidationError:
        raise Unavailable(_("What answers at CHATBOT_URL is not the assistant of this version.")) from None


def _page(block: str | None = None, *, problem: AppError | None = None, asked: str = "") -> Response:
    status = problem.status if problem else 200
    try:
        context = _context(_overview())
    except Unavailable as error:
        if block:
            raise
        return web.page(TEMPLATE, status=503, overview=None, reason=error.detail, settings=web.settings())
    return web.page(TEMPLATE, block=block, status=status, **context, problem=problem, asked=asked)


def _context(overview: ModelsOverview) -> dict[str, Any]:
    """What the template draws."""
    roles = sorted(overview.roles, key=lambda role: ROLES.index(role.name))
    installed = {model.name for model in overview.models}
    missing = list(dict.fromkeys(role.wanted for role in roles if not _serves(role)))
    return {
        "overview": overview,
        "roles": roles,
        "usable": [model.name for model in overview.models if model.can_chat],
        "missing": [name for name in missing if name not in installed],
        "size": size,
        "number": localization.number,
        "settings": web.settings(),
    }


def _serves(role: RoleState) -> bool:
    return role.note is None


def _after(block: str) -> ResponseReturnValue:
    """After something began or ended: that part of the page, or the page for a browser without scripts."""
    return _told(_page(block)) if web.is_htmx() else web.go(url_for("models.show"))


def _trial(overview: ModelsOverview, name: str) -> ResponseReturnValue:
    role = next((role for role in overview.roles if role.name == name), None)
    if role is None:
        raise NotFound(_("There is no such role."))
    answer = web.page(TEMPLATE, block="trial", role=role, **_context(overview))
    return _told(answer) if role.trial is None or role.trial.state != "running" else answer


def _told(answer: Response) -> Response:
    """Tell the other parts that something is over, and perhaps otherwise than they show it."""
    answer.headers["HX-Trigger"] = json.dumps({CHANGED: True})
    return answer


def size(count: int | None) -> str:
    """Bytes in words, in units of a thousand as Ollama and disks count: `4.9 GB`, `131 kB`."""
    if count is None:
        return ""
    for unit, factor in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            value = count / factor
            return f"{localization.number(round(value, 1) if value < 100 else round(value))}\u00a0{unit}"
    return f"{localization.number(count)}\u00a0B"
