"""The verbs of webhooks: made, changed, their secret exchanged, tried, and messages sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from shared import clock, events, publishing, security
from shared.config import Settings
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor
from shared.models import DeliveryState, Webhook, WebhookAttempt, WebhookDelivery
from shared.prepared import Prepared
from shared.schemas.webhooks import WebhookIn, WebhookOut, WebhookPatch
from shared.tenancy import TenantSession
from shared.webhooks import guard, messages, signing
from shared.webhooks.delivering import PURPOSE

MOST = 20
#: How long the secret before signs along, so that receivers can be changed one after the other.
OVERLAP = timedelta(hours=24)


def all_of(session: TenantSession) -> list[Webhook]:
    """The workspace's webhooks, oldest first."""
    return list(session.scalars(select(Webhook).order_by(Webhook.id)))


def get(session: TenantSession, id: int) -> Webhook:
    """One of them. Raises NotFound."""
    hook = session.get(Webhook, id)
    if hook is None:
        raise NotFound(f"There is no webhook with id {id}.")
    return hook


def create(session: TenantSession, new: WebhookIn, settings: Settings, *, by: Actor) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is shown only now. Raises Invalid for an address inside this network."""
    if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST:
        raise Conflict(f"A workspace has at most {MOST} webhooks.")
    secret = signing.new_secret()
    hook = Webhook(
        name=new.name,
        url=_allowed(new.url, settings),
        kinds=_known(new.kinds),
        secret=security.seal(settings.effective_secret_key, PURPOSE, secret),
        is_active=new.is_active,
        created_by_id=by.user_id,
    )
    session.add(hook)
    session.flush()
    _record(session, "webhook.created", hook, by=by, data={"url": hook.url, "kinds": hook.kinds})
    return hook, secret


def change(
    session: TenantSession, hook: Webhook, patch: WebhookPatch, settings: Settings, *, by: Actor, expecting: int | None
) -> None:
    """Change the fields that were sent. Raises Conflict for a stale version."""
    if expecting is not None and hook.version != expecting:
        raise Conflict("This webhook was changed in the meantime.", current=show(hook))
    sent = {k: v for k, v in patch.model_dump(exclude_unset=True, exclude={"version"}).items() if v is not None}
    if "url" in sent:
        sent["url"] = _allowed(sent["url"], settings)
    if "kinds" in sent:
        sent["kinds"] = _known(sent["kinds"])
    changes = {k: [getattr(hook, k), v] for k, v in sent.items() if getattr(hook, k) != v}
    for name, (_, after) in changes.items():
        setattr(hook, name, after)
    if sent.get("is_active") or "url" in changes:  # a fresh start
        hook.disabled_reason = hook.failing_since = hook.paused_until = None
        waiting = update(WebhookDelivery).where(
            WebhookDelivery.webhook_id == hook.id, WebhookDelivery.state == DeliveryState.PENDING
        )
        session.execute(waiting.values(due_at=clock.wall()))
    session.flush()
    if changes:
        _record(session, "webhook.updated", hook, by=by, data={"changes": changes})
        if hook.is_active:
            session.info[publishing.FLAG] = True  # what waited for it


def remove(session: TenantSession, hook: Webhook, *, by: Actor) -> None:
    """Delete it with everything it was to be told."""
    data = {"url": hook.url}
    name, id = hook.name, hook.id
    session.delete(hook)
    session.flush()
    publishing.forget(session)
    events.record(session, "webhook.deleted", by=by, subject=("webhook", id), title=name, data=data)


def rotate(session: TenantSession, hook: Webhook, settings: Settings, *, by: Actor) -> str:
    """A new secret, shown only now; the one before signs along for a day."""
    secret = signing.new_secret()
    hook.old_secret, hook.old_secret_until = hook.secret, clock.wall() + OVERLAP
    hook.secret = security.seal(settings.effective_secret_key, PURPOSE, secret)
    session.flush()
    _record(session, "webhook.secret_rotated", hook, by=by)
    return secret


def try_out(session: TenantSession, hook: Webhook, *, by: Actor) -> WebhookDelivery:
    """Send a message that says nothing. Raises Conflict for a webhook that is off."""
    if not hook.is_active:
        raise Conflict("This webhook is off. Turn it on first.")
    delivery = publishing.delivery(hook.id, "webhook.test", body=messages.of_test(hook.id))
    session.add(delivery)
    hook.paused_until = None
    _nudge(session)
    _record(session, "webhook.tested", hook, by=by)
    return delivery


def send_again(session: TenantSession, delivery: WebhookDelivery, *, by: Actor) -> None:
    """The same message once more, whatever became of it, with all its attempts before it."""
    hook = get(session, delivery.webhook_id)
    if not hook.is_active:
        raise Conflict("This webhook is off. Turn it on first.")
    delivery.state, delivery.tries, delivery.due_at, delivery.ended_at = DeliveryState.PENDING, 0, clock.wall(), None
    hook.paused_until = None
    _nudge(session)
    _record(session, "webhook.replayed", hook, by=by, data={"message": delivery.message_id})


def send_all_again(session: TenantSession, hook: Webhook, *, by: Actor) -> int:
    """Every message that was given up, once more. Returns how many."""
    if not hook.is_active:
        raise Conflict("This webhook is off. Turn it on first.")
    failed = update(WebhookDelivery).where(
        WebhookDelivery.webhook_id == hook.id, WebhookDelivery.state == DeliveryState.FAILED
    )
    again = failed.values(state=DeliveryState.PENDING, tries=0, due_at=clock.wall(), ended_at=None)
    count = len(session.scalars(again.returning(WebhookDelivery.id)).all())
    hook.paused_until = None
    _nudge(session)
    _record(session, "webhook.replayed", hook, by=by, data={"messages": count})
    return count


def given_up(session: TenantSession, hook: Webhook) -> int:
    """How many messages `send_all_again` would send."""
    mine = (WebhookDelivery.webhook_id == hook.id, WebhookDelivery.state == DeliveryState.FAILED)
    return session.scalar(select(func.count()).select_from(WebhookDelivery).where(*mine)) or 0


def deliveries(
    session: TenantSession, hook: Webhook, *, state: str | None = None, before: int | None = None, limit: int = 50
) -> list[WebhookDelivery]:
    """What it was told, newest first; `before` is the last id of the page before."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id).order_by(WebhookDelivery.id.desc())
    if state in set(DeliveryState):
        query = query.where(WebhookDelivery.state == DeliveryState(state))
    if before is not None:
        query = query.where(WebhookDelivery.id < before)
    return list(session.scalars(query.limit(limit)))


def delivery(session: TenantSession, id: int) -> WebhookDelivery:
    """One message. Raises NotFound."""
    found = session.get(WebhookDelivery, id)
    if found is None:
        raise NotFound(f"There is no delivery with id {id}.")
    return found


def attempts(session: TenantSession, row: WebhookDelivery) -> list[WebhookAttempt]:
    """How often it was tried, latest first."""
    query = select(WebhookAttempt).where(WebhookAttempt.delivery_id == row.id).order_by(WebhookAttempt.id.desc())
    return list(session.scalars(query.limit(50)))


def attempts_of(session: TenantSession, rows: Sequence[WebhookDelivery]) -> Mapping[int, int]:
    """How often each was tried in all, before it was sent again included."""
    query = select(WebhookAttempt.delivery_id, func.count()).group_by(WebhookAttempt.delivery_id)
    found = session.execute(query.where(WebhookAttempt.delivery_id.in_([row.id for row in rows])))
    return dict(found.all())


_TURNED_OFF = Prepared(select(Webhook.id).where(Webhook.disabled_reason.is_not(None), ~Webhook.is_active))


def is_one_turned_off(session: TenantSession) -> bool:
    """Whether a webhook was turned off by itself and not looked after since."""
    return bool(session.cached("webhooks turned off", lambda: _TURNED_OFF.rows(session)))


def show(hook: Webhook) -> dict[str, Any]:
    """As REST gives it, without secrets."""
    fields = {name: getattr(hook, name) for name in WebhookOut.model_fields}
    return WebhookOut(**fields).model_dump(mode="json")


def _allowed(url: str, settings: Settings) -> str:
    try:
        guard.check_literal(urlsplit(url).hostname or "", allow_private=settings.webhooks_to_private_addresses)
    except guard.Refused as refused:
        raise Invalid.field("url", refused.detail) from refused
    return url


def _known(kinds: list[str]) -> list[str]:
    unknown = [kind for kind in kinds if kind not in publishing.KINDS]
    if unknown:
        raise Invalid.field("kinds", f"There is no kind “{unknown[0][:60]}”.")
    return [kind for kind in publishing.KINDS if kind in kinds]


def _nudge(session: TenantSession) -> None:
    session.flush()
    session.info[publishing.FLAG] = True


def _record(session: TenantSession, kind: str, hook: Webhook, *, by: Actor, data: dict[str, Any] | None = None) -> None:
    publishing.forget(session)
    events.record(session, kind, by=by, subject=("webhook", hook.id), title=hook.name, data=data)
