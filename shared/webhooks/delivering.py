"""The job that sends what is due, and the sweep that has it run.

A delivery is claimed by a lease in one short transaction, sent with no session open, and settled in another. A worker
killed between them leaves a lease that runs out: the message goes out again, under the same `webhook-id`. Several
addresses are asked at the same time, so that one that hangs delays nobody; one that fails is left alone for a while.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import ColumnElement, delete, or_, select, update

from shared import clock, database, events, queue, security
from shared.config import Settings
from shared.database import Database
from shared.models import DeliveryState, Event, Webhook, WebhookAttempt, WebhookDelivery
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from shared.webhooks import messages, sending, signing
from shared.webhooks.sending import Answer, Request

log = get_logger(__name__)

#: Waits between attempts, seconds: eight attempts over a day.
BACKOFF_S = (5, 60, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 16 * 3600)
#: How long a failing address is left alone by messages that were not tried yet.
PAUSE_S = 5 * 60
#: An address that has failed for so long is turned off.
FAILING_FOR = timedelta(days=3)
KEPT_FOR = timedelta(days=30)
#: One run of the job ends after this, seconds, so that others of its queue get their turn.
RUN_S = 45.0
BATCH, AT_ONCE = 16, 4
PURPOSE = "webhook"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours until its lease ends; `request` is None where the secret cannot be opened."""

    id: int
    workspace_id: int
    request: Request | None


def deliver() -> None:
    """The job: send everything that is due."""
    run(database.current(), Settings())


def run(connected: Database, settings: Settings) -> int:
    """Send what is due, for a while. Returns how many requests were made."""
    give_up, sent = time.monotonic() + RUN_S, 0
    while time.monotonic() < give_up and (batch := _claim(connected, settings)):
        answers = asyncio.run(_send(batch, allow_private=settings.webhooks_to_private_addresses))
        for claimed, answer in zip(batch, answers, strict=True):
            with connected.scope(claimed.workspace_id) as session:
                _settle(session, claimed, answer)
        sent += len(batch)
    return sent


def sweep(connected: Database, redis_url: str) -> None:
    """Have the job run if something is due; forget what is long past."""
    now = clock.wall()
    with connected.scope(EVERY_WORKSPACE, read_only=True) as session:
        due = session.scalar(select(WebhookDelivery.id).join(Webhook, _is_joined()).where(*_is_due(now)).limit(1))
        old = session.scalar(select(WebhookDelivery.id).where(WebhookDelivery.created_at < now - KEPT_FOR).limit(1))
    if due is not None:
        queue.nudge(redis_url, queue.DELIVER_WEBHOOKS)
    if old is not None:
        with connected.scope(EVERY_WORKSPACE) as session:
            past = select(WebhookDelivery.id).where(WebhookDelivery.created_at < now - KEPT_FOR).limit(5000)
            session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(past)))


def _is_joined() -> ColumnElement[bool]:
    return Webhook.id == WebhookDelivery.webhook_id


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        WebhookDelivery.state == DeliveryState.PENDING,
        WebhookDelivery.due_at <= now,
        or_(WebhookDelivery.lease_until.is_(None), WebhookDelivery.lease_until < now),
        Webhook.is_active.is_(True),
        or_(Webhook.paused_until.is_(None), Webhook.paused_until <= now),
    )


def _claim(connected: Database, settings: Settings) -> list[Claimed]:
    """Up to a batch of due deliveries, each of them ours alone: one at a time of an address that fails."""
    now = clock.wall()
    with connected.scope(EVERY_WORKSPACE, read_only=True) as session:
        query = select(
            WebhookDelivery.id, WebhookDelivery.workspace_id, WebhookDelivery.webhook_id, Webhook.failing_since
        )
        query = query.join(Webhook, _is_joined()).where(*_is_due(now))
        rows = session.execute(query.order_by(WebhookDelivery.due_at, WebhookDelivery.id).limit(200)).all()
    taken: dict[int, int] = {}
    wanted: list[tuple[int, int]] = []
    for id, workspace_id, webhook_id, failing_since in rows:
        if len(wanted) < BATCH and taken.get(webhook_id, 0) < (1 if failing_since else AT_ONCE):
            taken[webhook_id] = taken.get(webhook_id, 0) + 1
            wanted.append((id, workspace_id))
    lease = timedelta(seconds=max(settings.lease_s, sending.TIMEOUT_S + 5))
    found = []
    for id, workspace_id in wanted:
        with connected.scope(workspace_id) as session:
            claimed = _take(session, id, now + lease, settings)
        if claimed is not None:
            found.append(claimed)
    return found


def _take(session: TenantSession, id: int, until: datetime, settings: Settings) -> Claimed | None:
    """Lease one delivery and write its request down; None if somebody else has it."""
    is_free = or_(WebhookDelivery.lease_until.is_(None), WebhookDelivery.lease_until < clock.wall())
    mine = update(WebhookDelivery).where(
        WebhookDelivery.id == id, WebhookDelivery.state == DeliveryState.PENDING, is_free
    )
    if session.scalar(mine.values(lease_until=until).returning(WebhookDelivery.id)) is None:
        return None
    row = session.get_one(WebhookDelivery, id)
    hook = session.get_one(Webhook, row.webhook_id)
    if row.body is None:
        event = session.get(Event, row.event_id) if row.event_id is not None else None
        if event is None:  # deleted with its workspace's history: nothing is left to tell
            row.state, row.ended_at = DeliveryState.FAILED, clock.wall()
            return None
        row.body = messages.of_event(session, event, row.kind, crm_url=settings.crm_url)
    session.flush()
    return Claimed(row.id, row.workspace_id, _request(hook, row, settings.effective_secret_key))


def _request(hook: Webhook, row: WebhookDelivery, secret_key: str) -> Request | None:
    now = clock.wall()
    sealed = [hook.secret]
    if hook.old_secret and hook.old_secret_until and hook.old_secret_until > now:
        sealed.append(hook.old_secret)
    keys = [key for one in sealed if (key := security.unseal(secret_key, PURPOSE, one))]
    if not keys:
        return None
    body = (row.body or "").encode()
    return Request(hook.url, signing.headers(row.message_id, int(now.timestamp()), body, keys), body)


async def _send(batch: list[Claimed], *, allow_private: bool) -> list[Answer]:
    async with sending.client() as via:
        return await asyncio.gather(*(_one(via, claimed.request, allow_private) for claimed in batch))


async def _one(via: httpx.AsyncClient, request: Request | None, allow_private: bool) -> Answer:
    if request is None:
        return Answer(0, "The signing secret cannot be opened: SECRET_KEY has changed. Make a new secret.")
    return await sending.send(via, request, allow_private=allow_private)


def _settle(session: TenantSession, claimed: Claimed, answer: Answer) -> None:
    """Write the attempt down, and what follows from it."""
    row = session.get(WebhookDelivery, claimed.id, with_for_update=True)
    if row is None:  # its webhook was deleted meanwhile
        return
    hook = session.get_one(Webhook, row.webhook_id, with_for_update=True)
    now = clock.wall()
    session.add(
        WebhookAttempt(
            delivery_id=row.id,
            at=now,
            ms=answer.ms,
            status=answer.status,
            error=answer.error,
            request_headers=claimed.request.headers if claimed.request else {},
            response_headers=answer.headers,
            response_body=answer.body,
        )
    )
    row.tries, row.lease_until = row.tries + 1, None
    if answer.error is None:
        row.state, row.ended_at = DeliveryState.DELIVERED, now
        state: dict[str, Any] = {"failing_since": None, "paused_until": None}
    else:
        state = _put_off(row, hook, answer, now)
        state |= _turn_off(session, hook, answer, now)
    session.flush()
    if any(getattr(hook, name) != value for name, value in state.items()):
        # Not through the row: its version counts what people change, and a form of theirs must not go stale by this.
        session.execute(update(Webhook).where(Webhook.id == hook.id).values(**state))
    log.info("webhook.tried", delivery_id=row.id, status=answer.status, state=str(row.state), ms=answer.ms)


def _put_off(row: WebhookDelivery, hook: Webhook, answer: Answer, now: datetime) -> dict[str, Any]:
    """When this message is tried again, if at all; and how the webhook stands now."""
    if row.tries > len(BACKOFF_S):
        row.state, row.ended_at = DeliveryState.FAILED, now
        wait_s = float(PAUSE_S)
    else:
        jitter = random.uniform(0.9, 1.1)  # noqa: S311 (so that a crowd does not come back at one moment)
        wait_s = max(BACKOFF_S[row.tries - 1] * jitter, answer.retry_after_s or 0)
        row.due_at = now + timedelta(seconds=wait_s)
    pause_s = max(min(wait_s, PAUSE_S), answer.retry_after_s or 0)
    return {"failing_since": hook.failing_since or now, "paused_until": now + timedelta(seconds=pause_s)}


def _turn_off(session: TenantSession, hook: Webhook, answer: Answer, now: datetime) -> dict[str, Any]:
    """An address that says it is gone, or that failed for days, is not asked any more; what waits for it stays."""
    if answer.status == 410:
        reason = "It answered that it is gone (410)."
    elif hook.failing_since and now - hook.failing_since >= FAILING_FOR:
        reason = f"It failed for {FAILING_FOR.days} days. The last time: {answer.error}"
    else:
        return {}
    of, data = ("webhook", hook.id), {"reason": reason[:300]}
    events.record(session, "webhook.disabled", by=events.SYSTEM, subject=of, title=hook.name, data=data)
    return {"is_active": False, "disabled_reason": reason[:300]}
