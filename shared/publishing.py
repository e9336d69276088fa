"""Which facts go out to webhooks: a delivery is written in the transaction of the event that it tells.

So nothing that happened is lost between the commit and the broker, and nothing goes out that was rolled back. Below
`shared.events`, which calls it for each event; sending is the work of `shared.webhooks`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import select

from shared import clock
from shared.models import Event, Webhook, WebhookDelivery
from shared.tenancy import TenantSession

RECORDS = ("company", "contact", "deal", "task", "note", "meeting", "pipeline", "tag")
#: What the outside calls an event by another name than the timeline does.
_RENAMED = {"meeting.analyzed": "meeting.ready"}
#: Every kind that can be subscribed to.
KINDS: tuple[str, ...] = (
    *(f"{record}.{verb}" for record in RECORDS for verb in ("created", "updated", "deleted", "restored")),
    *(f"{record}.{verb}" for record in ("company", "contact") for verb in ("merged", "unmerged")),
    "meeting.ready",
    "insight.accepted",
)
#: The flag on a session whose transaction wrote deliveries; `events.dispatch` has them sent.
FLAG = "has_deliveries"


def publish(session: TenantSession, event: Event) -> None:
    """Write a delivery of this (flushed) event for each webhook that wants its kind."""
    publish_many(session, event.kind, [event.id])


def publish_many(session: TenantSession, event_kind: str, event_ids: Sequence[int]) -> None:
    """As `publish` for many events of one kind that are in the database already."""
    kind = _RENAMED.get(event_kind, event_kind)
    wanting = [id for id, kinds in _subscribers(session) if kind in kinds]
    session.add_all(delivery(id, kind, event_id=event_id) for id in wanting for event_id in event_ids)
    if wanting:
        session.flush()
        session.info[FLAG] = True


def delivery(webhook_id: int, kind: str, *, event_id: int | None = None, body: str | None = None) -> WebhookDelivery:
    """A message that is due now."""
    now = clock.wall()
    message_id = f"msg_{secrets.token_urlsafe(18)}"
    return WebhookDelivery(
        webhook_id=webhook_id,
        event_id=event_id,
        message_id=message_id,
        kind=kind,
        body=body,
        created_at=now,
        due_at=now,
    )


def forget(session: TenantSession) -> None:
    """Look the webhooks up again: one was changed in this transaction."""
    session.info.pop("webhooks", None)


def _subscribers(session: TenantSession) -> list[tuple[int, frozenset[str]]]:
    """The active webhooks of the workspace, read once a transaction: an import records events by the thousand."""
    transaction = session.get_transaction()
    began, found = session.info.get("webhooks", (None, []))
    if transaction is None or began is not transaction:
        rows = session.execute(select(Webhook.id, Webhook.kinds).where(Webhook.is_active)).all()
        found = [(id, frozenset(kinds)) for id, kinds in rows]
        session.info["webhooks"] = (session.get_transaction(), found)
    return list(found)
