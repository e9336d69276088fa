"""Webhooks over the API: an admin's script may set up what an admin may on the page."""

from __future__ import annotations

from typing import Any

from flask import url_for

from crm import web
from crm.api import http
from crm.api.http import Reply
from crm.api.operations import Api
from shared import publishing
from shared.accounts.permissions import Scope
from shared.models import WebhookDelivery
from shared.schemas import api as schemas
from shared.schemas.webhooks import (
    AttemptOut,
    DeliveryOut,
    DeliveryPage,
    WebhookIn,
    WebhookList,
    WebhookOut,
    WebhookPatch,
    WebhookWithSecret,
)
from shared.webhooks import managing

_KIND: dict[str, Any] = {"tag": "webhooks", "scope": Scope.WORKSPACE_MANAGE}


def register(api: Api) -> None:
    """`/webhooks`, `/webhook-deliveries`."""
    _register_webhooks(api)
    _register_acts(api)
    _register_deliveries(api)


def _register_webhooks(api: Api) -> None:
    @api.operation(
        "GET", "/webhooks", summary="List webhooks, and the kinds of events there are",
        answers={200: WebhookList}, **_KIND,
    )  # fmt: skip
    def list_webhooks() -> Reply:
        shown = [managing.show(hook) for hook in managing.all_of(web.session())]
        return Reply({"items": shown, "available": list(publishing.KINDS)})

    @api.operation(
        "POST", "/webhooks", summary="Create a webhook; this answer alone shows its secret",
        description="Messages are signed by [Standard Webhooks](https://www.standardwebhooks.com): `webhook-id`, "
        "`webhook-timestamp`, `webhook-signature`.",
        body=WebhookIn, answers={201: WebhookWithSecret}, errors=(409,), **_KIND,
    )  # fmt: skip
    def create_webhook() -> Reply:
        new = http.parsed(WebhookIn)
        hook, secret = managing.create(web.session(), new, web.settings(), by=web.actor())
        place = url_for("api.get_webhook", id=hook.id)
        return http.versioned({**managing.show(hook), "secret": secret}, status=201, location=place)

    @api.operation(
        "GET", "/webhooks/{id}", summary="Read one webhook", answers={200: WebhookOut}, errors=(404,), **_KIND,
    )  # fmt: skip
    def get_webhook(id: int) -> Reply:
        return http.versioned(managing.show(managing.get(web.session(), id)))

    @api.operation(
        "PATCH", "/webhooks/{id}", summary="Change a webhook; `is_active: true` turns it on again",
        body=WebhookPatch, answers={200: WebhookOut}, errors=(404,), is_versioned=True, **_KIND,
    )  # fmt: skip
    def update_webhook(id: int) -> Reply:
        hook = managing.get(web.session(), id)
        body = http.json_object()
        expecting = http.take_version(body)
        patch = web.parse(WebhookPatch, body)
        managing.change(web.session(), hook, patch, web.settings(), by=web.actor(), expecting=expecting)
        return http.versioned(managing.show(hook))

    @api.operation(
        "DELETE", "/webhooks/{id}", summary="Delete a webhook and its log", answers={204: None}, errors=(404,), **_KIND,
    )  # fmt: skip
    def delete_webhook(id: int) -> Reply:
        managing.remove(web.session(), managing.get(web.session(), id), by=web.actor())
        return Reply(None, 204)


def _register_acts(api: Api) -> None:
    @api.operation(
        "POST", "/webhooks/{id}/rotate", summary="Make a new secret; the old one signs along for a day",
        answers={200: WebhookWithSecret}, errors=(404,), **_KIND,
    )  # fmt: skip
    def rotate_webhook(id: int) -> Reply:
        hook = managing.get(web.session(), id)
        secret = managing.rotate(web.session(), hook, web.settings(), by=web.actor())
        return http.versioned({**managing.show(hook), "secret": secret})

    @api.operation(
        "POST", "/webhooks/{id}/test", summary="Send a message that says nothing", answers={202: DeliveryOut},
        errors=(404, 409), **_KIND,
    )  # fmt: skip
    def test_webhook(id: int) -> Reply:
        sent = managing.try_out(web.session(), managing.get(web.session(), id), by=web.actor())
        return Reply(_shown(sent), 202)


def _register_deliveries(api: Api) -> None:
    @api.operation(
        "GET", "/webhooks/{id}/deliveries", summary="What a webhook was told, newest first", query=schemas.Paging,
        answers={200: DeliveryPage}, errors=(404,), **_KIND,
    )  # fmt: skip
    def list_deliveries(id: int) -> Reply:
        asked = http.query(schemas.Paging)
        before = http.decode_cursor("delivery", asked.cursor)
        hook = managing.get(web.session(), id)
        rows = managing.deliveries(web.session(), hook, before=before, limit=asked.limit + 1)
        more = http.encode_cursor("delivery", rows[asked.limit - 1].id) if len(rows) > asked.limit else None
        return Reply({"items": [_shown(row) for row in rows[: asked.limit]], "next_cursor": more})

    @api.operation(
        "GET", "/webhook-deliveries/{id}", summary="One message and every attempt to deliver it",
        answers={200: DeliveryOut}, errors=(404,), **_KIND,
    )  # fmt: skip
    def get_delivery(id: int) -> Reply:
        row = managing.delivery(web.session(), id)
        fields = AttemptOut.model_fields
        tried = [{name: getattr(a, name) for name in fields} for a in managing.attempts(web.session(), row)]
        return Reply({**_shown(row), "attempts": [AttemptOut(**entry).model_dump(mode="json") for entry in tried]})

    @api.operation(
        "POST", "/webhook-deliveries/{id}/replay", summary="Send a message again, under the same webhook-id",
        answers={202: DeliveryOut}, errors=(404, 409), **_KIND,
    )  # fmt: skip
    def replay_delivery(id: int) -> Reply:
        row = managing.delivery(web.session(), id)
        managing.send_again(web.session(), row, by=web.actor())
        return Reply(_shown(row), 202)


def _shown(row: WebhookDelivery) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in DeliveryOut.model_fields if name != "attempts"}
    shown = DeliveryOut(**{**fields, "state": str(row.state), "due_at": row.due_at if row.ended_at is None else None})
    return shown.model_dump(mode="json")
