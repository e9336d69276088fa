"""Webhooks through the pages and the API: made, tried, looked at, and an admin's alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from shared.config import Settings
from shared.database import Database
from shared.models import DeliveryState, User, Webhook, WebhookDelivery
from shared.tenancy import TenantSession
from shared.webhooks import delivering
from tests.factories import make_webhook
from tests.shared.webhooks.receiver import Receiver, receiving, verify

from .conftest import Browser

Browse = Callable[[int], Browser]
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation that may call its own network."""
    return settings.model_copy(update={"webhooks_to_private_addresses": True})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_an_admin_makes_one_tries_it_reads_the_log_and_sends_again(
    browse: Browse, database: Database, session: TenantSession, settings: Settings, receiver: Receiver, alice: User
) -> None:
    admin = browse(alice.id)
    form = {"name": "n8n", "url": receiver.url, "kinds": ["company.created", "meeting.ready"]}
    made = admin.post("/settings/webhooks", form, follow_redirects=True)
    secret = re.search(r'value="(whsec_[^"]+)"', made.text)
    assert secret
    id = session.scalars(select(Webhook.id)).one()
    session.commit()
    shown = admin.get(f"/settings/webhooks/{id}").text
    assert "whsec_" not in shown
    assert "This cannot be undone. Turned off instead, it keeps its secret and its log." in shown
    receiver.answers = [500, 200]
    admin.post(f"/settings/webhooks/{id}/test")
    delivering.run(database, settings)
    sent = session.scalars(select(WebhookDelivery.id)).one()
    session.commit()
    page = admin.get(f"/settings/webhooks/deliveries/{sent}").text
    assert "It answered 500" in page
    assert "webhook-signature" in page
    assert "Afterword can reach you." in page
    admin.post(f"/settings/webhooks/deliveries/{sent}/replay")
    delivering.run(database, settings)
    moved = admin.get(f"/settings/webhooks/{id}", headers={"HX-Request": "true"}).text
    assert "Delivered" in moved and 'id="hook-state" hx-swap-oob="true"' in moved  # the head follows its log
    assert all(verify(secret[1], headers, body) for headers, body in receiver.got)
    rotated = admin.post(f"/settings/webhooks/{id}/rotate", follow_redirects=True).text
    renewed = re.search(r'value="(whsec_[^"]+)"', rotated)
    assert renewed and renewed[1] != secret[1]


def test_what_was_given_up_is_counted_and_all_of_it_goes_out_again(
    browse: Browse, database: Database, session: TenantSession, settings: Settings, receiver: Receiver, alice: User
) -> None:
    admin = browse(alice.id)
    admin.post("/settings/webhooks", {"name": "n8n", "url": receiver.url, "kinds": ["company.created"]})
    page = f"/settings/webhooks/{session.scalars(select(Webhook.id)).one()}"
    session.commit()
    assert "given up" not in admin.get(page).text.replace("Given up", "")
    for _ in range(3):
        admin.post(f"{page}/test")
    session.execute(update(WebhookDelivery).values(state=DeliveryState.FAILED))
    session.commit()
    shown = admin.get(page).text
    assert "3 messages were given up." in shown and f'action="{page}/replay"' in shown
    admin.post(f"{page}/active", {"on": "0"})
    off = admin.get(page).text
    assert "Turn the webhook on to send them again." in off and f'action="{page}/replay"' not in off
    admin.post(f"{page}/active", {"on": "1"})
    assert "3 messages go out again." in admin.post(f"{page}/replay", follow_redirects=True).text
    receiver.answers = [200, 200, 200]
    delivering.run(database, settings)
    shown = admin.get(page).text
    assert shown.count("1 attempt</span>") == 3 and "were given up" not in shown
    sent = session.scalars(select(WebhookDelivery)).all()
    assert [row.state for row in sent] == [DeliveryState.DELIVERED] * 3
    session.commit()
    admin.post(f"/settings/webhooks/deliveries/{sent[0].id}/replay")
    receiver.answers = [200]
    delivering.run(database, settings)
    assert admin.get(page).text.count("2 attempts</span>") == 1, "the one before it was sent again is one, too"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": "ftp://example.com"}, "must be an address such as"),
        ({"url": "https://me:word@example.com/"}, "must not hold a user name"),
        ({"name": " "}, "must not be empty"),
        ({"kinds": ["company.exploded"]}, "Tick at least one kind"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_made(
    browse: Browse, session: TenantSession, alice: User, change: dict[str, object], message: str
) -> None:
    form = {"name": "n8n", "url": "https://example.com/hook", "kinds": ["meeting.ready"], **change}
    answer = browse(alice.id).post("/settings/webhooks", form)
    assert (answer.status_code, message.casefold() in answer.text.casefold()) == (422, True)
    assert session.scalars(select(Webhook)).all() == []


def test_a_private_address_is_refused_on_the_page_unless_the_installation_allows_it(
    browse: Browse, app: Flask, settings: Settings, alice: User
) -> None:
    app.extensions["settings"] = settings.model_copy(update={"webhooks_to_private_addresses": False})
    form = {"name": "x", "url": "http://169.254.169.254/latest/meta-data", "kinds": ["meeting.ready"]}
    answer = browse(alice.id).post("/settings/webhooks", form)
    assert (answer.status_code, "” is inside this network" in answer.text) == (422, True)


def test_one_that_was_turned_off_is_told_to_admins_on_every_page(
    browse: Browse, session: TenantSession, alice: User, bob: User
) -> None:
    said = "A webhook was turned off"
    hook = make_webhook(session)
    session.commit()
    assert said not in browse(alice.id).get("/").text
    session.execute(update(Webhook).values(is_active=False, disabled_reason="It failed for 3 days."))
    session.commit()
    assert said in browse(alice.id).get("/").text
    assert said not in browse(bob.id).get("/").text
    session.refresh(hook)
    hook.is_active = True
    session.commit()
    assert said not in browse(alice.id).get("/").text


def test_only_admins_reach_them_and_never_another_tenants(
    browse: Browse, session: TenantSession, alice: User, bob: User, mallory: User
) -> None:
    hook = make_webhook(session)
    delivery = WebhookDelivery(
        webhook_id=hook.id, message_id="msg_1", kind="webhook.test", body="{}", created_at=hook.created_at,
        due_at=hook.created_at,
    )  # fmt: skip
    session.add(delivery)
    session.commit()
    one, message = f"/settings/webhooks/{hook.id}", f"/settings/webhooks/deliveries/{delivery.id}"
    gets = [one, f"{one}/edit", message]
    posts = [one, *(f"{one}/{act}" for act in ("active", "rotate", "test", "replay", "delete")), f"{message}/replay"]
    member, intruder = browse(bob.id), browse(mallory.id)
    for path in gets:
        assert (member.get(path).status_code, intruder.get(path).status_code) == (403, 404), path
    for path in posts:
        assert (member.post(path).status_code, intruder.post(path).status_code) == (403, 404), path
    assert member.get("/settings/webhooks").status_code == 403
    assert hook.url not in intruder.get("/settings/webhooks").text
    assert browse(alice.id).get(one).status_code == 200
