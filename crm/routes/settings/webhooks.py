"""Webhooks: addresses that are told what happens here, what they were told, and what they answered."""

from __future__ import annotations

import json
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Form, StringField

from crm import shown_once, web
from crm.forms import show_errors
from crm.localization import lazy_gettext as _l
from crm.routes.settings.base import bp
from crm.web import requires
from shared import clock, publishing
from shared.accounts.permissions import Scope
from shared.errors import AppError, Conflict, Invalid
from shared.models import DeliveryState, Webhook
from shared.schemas.webhooks import WebhookIn, WebhookPatch
from shared.webhooks import managing

PAGE = 30


class WebhookForm(Form):
    name = StringField(_l("Name"))
    url = StringField(_l("Address"))


def _kinds() -> list[tuple[str, list[str]]]:
    """The kinds by what they are about, for the boxes to tick."""
    groups: dict[str, list[str]] = {}
    for kind in publishing.KINDS:
        groups.setdefault(kind.partition(".")[0], []).append(kind)
    return list(groups.items())


def _form_page(form: Form, wanted: list[str], *, status: int = 200, hook: Webhook | None = None) -> ResponseReturnValue:
    return web.page(
        "settings/webhook_form.html", status=status, form=form, hook=hook, wanted=set(wanted), groups=_kinds()
    )


def _wanted() -> list[str]:
    return [kind for kind in request.form.getlist("kinds") if kind in publishing.KINDS]


def _typed() -> dict[str, Any]:
    return {"name": request.form.get("name", ""), "url": request.form.get("url", ""), "kinds": _wanted()}


def _in_our_words(error: AppError) -> AppError:
    """No box ticked is said once, above the form."""
    if any(problem.path == "kinds" for problem in error.errors):
        return Invalid(_("Tick at least one kind of event."))
    return error


@bp.get("/webhooks")
@requires(Scope.WORKSPACE_MANAGE)
def list_webhooks() -> ResponseReturnValue:
    """All of them, with how they fare."""
    return web.page("settings/webhooks.html", hooks=managing.all_of(web.session()))


@bp.get("/webhooks/new")
@requires(Scope.WORKSPACE_MANAGE)
def new_webhook() -> ResponseReturnValue:
    """A form for one."""
    return _form_page(WebhookForm(), ["meeting.ready"])


@bp.post("/webhooks")
@requires(Scope.WORKSPACE_MANAGE)
def create_webhook() -> ResponseReturnValue:
    """Make it; the page this leads to is the only place that shows its secret."""
    try:
        new = web.parse(WebhookIn, _typed())
        hook, secret = managing.create(web.session(), new, web.settings(), by=web.actor())
    except (Invalid, Conflict) as error:
        form = WebhookForm(request.form)
        show_errors(form, _in_our_words(error))
        return _form_page(form, _wanted(), status=error.status)
    return shown_once.go("settings.show_webhook", secret, id=hook.id)


@bp.get("/webhooks/<int:id>")
@requires(Scope.WORKSPACE_MANAGE)
def show_webhook(id: int) -> ResponseReturnValue:
    """One, with the log of its messages."""
    hook = managing.get(web.session(), id)
    state = request.args.get("state", "")
    before = request.args.get("before", type=web.whole)
    rows = managing.deliveries(web.session(), hook, state=state, before=before, limit=PAGE + 1)
    return web.page(
        "settings/webhook.html",
        block="log",
        hook=hook,
        secret=shown_once.secret(),
        deliveries=rows[:PAGE],
        attempts=managing.attempts_of(web.session(), rows),
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        state=state if state in set(DeliveryState) else "",
        given_up=managing.given_up(web.session(), hook),
        is_moving=hook.is_active and before is None and any(row.state is DeliveryState.PENDING for row in rows),
        wall=clock.wall(),
    )


@bp.get("/webhooks/<int:id>/edit")
@requires(Scope.WORKSPACE_MANAGE)
def edit_webhook(id: int) -> ResponseReturnValue:
    """The form of one that exists."""
    hook = managing.get(web.session(), id)
    return _form_page(WebhookForm(data={"name": hook.name, "url": hook.url}), hook.kinds, hook=hook)


@bp.post("/webhooks/<int:id>")
@requires(Scope.WORKSPACE_MANAGE)
def save_webhook(id: int) -> ResponseReturnValue:
    """Change it."""
    hook = managing.get(web.session(), id)
    try:
        patch = web.parse(WebhookPatch, _typed())
        managing.change(web.session(), hook, patch, web.settings(), by=web.actor(), expecting=None)
    except Invalid as error:
        form = WebhookForm(request.form)
        show_errors(form, _in_our_words(error))
        return _form_page(form, _wanted(), status=422, hook=hook)
    web.flash_message(_("Saved."))
    return web.go(url_for("settings.show_webhook", id=id))


@bp.post("/webhooks/<int:id>/active")
@requires(Scope.WORKSPACE_MANAGE)
def switch_webhook(id: int) -> ResponseReturnValue:
    """Turn it on or off. What waits for it goes out when it is on again."""
    hook = managing.get(web.session(), id)
    patch = WebhookPatch(is_active=request.form.get("on") == "1")
    managing.change(web.session(), hook, patch, web.settings(), by=web.actor(), expecting=None)
    web.flash_message(_("The webhook is on.") if hook.is_active else _("The webhook is off."))
    return web.go(url_for("settings.show_webhook", id=id))


@bp.post("/webhooks/<int:id>/rotate")
@requires(Scope.WORKSPACE_MANAGE)
def rotate_webhook(id: int) -> ResponseReturnValue:
    """A new secret, shown once."""
    hook = managing.get(web.session(), id)
    secret = managing.rotate(web.session(), hook, web.settings(), by=web.actor())
    return shown_once.go("settings.show_webhook", secret, id=id)


@bp.post("/webhooks/<int:id>/test")
@requires(Scope.WORKSPACE_MANAGE)
def test_webhook(id: int) -> ResponseReturnValue:
    """Send a message that says nothing; the log shows what became of it."""
    managing.try_out(web.session(), managing.get(web.session(), id), by=web.actor())
    web.flash_message(_("A test message is on its way."), tone="info")
    return web.go(url_for("settings.show_webhook", id=id))


@bp.post("/webhooks/<int:id>/replay")
@requires(Scope.WORKSPACE_MANAGE)
def replay_webhook(id: int) -> ResponseReturnValue:
    """Send everything again that was given up."""
    count = managing.send_all_again(web.session(), managing.get(web.session(), id), by=web.actor())
    web.flash_message(ngettext("%(num)s message goes out again.", "%(num)s messages go out again.", count))
    return web.go(url_for("settings.show_webhook", id=id))


@bp.post("/webhooks/<int:id>/delete")
@requires(Scope.WORKSPACE_MANAGE)
def delete_webhook(id: int) -> ResponseReturnValue:
    """Delete it with its log."""
    hook = managing.get(web.session(), id)
    managing.remove(web.session(), hook, by=web.actor())
    web.flash_message(_("“%(name)s” is deleted.", name=hook.name))
    return web.go(url_for("settings.list_webhooks"))


@bp.get("/webhooks/deliveries/<int:id>")
@requires(Scope.WORKSPACE_MANAGE)
def show_delivery(id: int) -> ResponseReturnValue:
    """One message, and every attempt with request and answer."""
    row = managing.delivery(web.session(), id)
    return web.page(
        "settings/webhook_delivery.html",
        block="state",
        delivery=row,
        hook=managing.get(web.session(), row.webhook_id),
        attempts=managing.attempts(web.session(), row),
        body=_indented(row.body),
    )


@bp.post("/webhooks/deliveries/<int:id>/replay")
@requires(Scope.WORKSPACE_MANAGE)
def replay_delivery(id: int) -> ResponseReturnValue:
    """The same message once more."""
    managing.send_again(web.session(), managing.delivery(web.session(), id), by=web.actor())
    web.flash_message(_("The message goes out again."), tone="info")
    return web.go(url_for("settings.show_delivery", id=id))


def _indented(body: str | None) -> str:
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False) if body else ""
