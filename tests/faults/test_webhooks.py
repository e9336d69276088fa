"""A message to a webhook outlives the worker that was sending it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shared import events, records
from shared.events import Actor
from shared.models import DeliveryState, WebhookAttempt, WebhookDelivery
from shared.schemas.webhooks import WebhookIn
from shared.webhooks import managing
from tests.faults.conftest import Stack, kill, wait_until
from tests.shared.webhooks.receiver import receiving, verify

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


def test_a_worker_killed_while_it_sends_is_followed_by_one_that_sends_again(stack: Stack) -> None:
    by, inside = Actor("user", stack.cast.alice), {"webhooks_to_private_addresses": True}
    with receiving(answers=["hang", 200]) as receiver:
        with stack.database.session(stack.cast.acme) as session:
            new = WebhookIn(name="Sync", url=receiver.url, kinds=["company.created"])
            settings = stack.settings.model_copy(update=inside)
            _, secret = managing.create(session, new, settings, by=by)
            records.create(session, "company", {"name": "Quillhaven"}, by=by)
            session.commit()
            events.dispatch(session, stack.database, stack.redis_url)
        worker = stack.start_worker("crm")
        wait_until(lambda: len(receiver.got) == 1, "the first request", explain=stack.logs)
        kill(worker)
        receiver.let_go.set()
        stack.start_worker("crm")
        wait_until(lambda: len(receiver.got) == 2, "the second request", explain=stack.logs)
        wait_until(lambda: state(stack) is DeliveryState.DELIVERED, "the message is delivered", explain=stack.logs)
    (first, _), (second, body) = receiver.got
    assert first["webhook-id"] == second["webhook-id"]
    assert verify(secret, second, body)
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        assert len(session.scalars(select(WebhookAttempt)).all()) == 1


def state(stack: Stack) -> DeliveryState:
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        return session.scalars(select(WebhookDelivery.state)).one()
