"""Addresses that are told what happens here, what they are told, and what they answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Choice, Timestamped
from shared.tenancy import Cached, Tenanted


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; can be sent again by hand


class Webhook(Cached, Tenanted, Timestamped, Base):
    """An address and the kinds of events it wants. Secrets are sealed; an old one signs along until it runs out.

    `failing_since` is the first failure after the last success. While `paused_until` is to come nothing new is tried.
    All times but the mixin's are the wall clock's.
    """

    __tablename__ = "webhook"

    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(2000))
    kinds: Mapped[list[Any]] = mapped_column(default=list)
    secret: Mapped[str] = mapped_column(String(400))
    old_secret: Mapped[str | None] = mapped_column(String(400))
    old_secret_until: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str | None] = mapped_column(String(300))  # set where it was turned off by itself
    failing_since: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class WebhookDelivery(Tenanted, Base):
    """One message to one address, written in the transaction of what it tells; `body` is made at the first attempt."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_due", "state", "due_at"),
        Index("ix_webhook_delivery_webhook_id", "webhook_id", "id"),
    )

    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[str] = mapped_column(String(40))  # the same at every attempt, so that a receiver can tell
    kind: Mapped[str] = mapped_column(String(60))
    body: Mapped[str | None] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(Choice(DeliveryState, 20), default=DeliveryState.PENDING)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class WebhookAttempt(Tenanted, Base):
    """One request and its answer, cut to what helps to find a fault. `status` is None where none came."""

    __tablename__ = "webhook_attempt"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    ms: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(300))
    request_headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    response_headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    response_body: Mapped[str | None] = mapped_column(Text)
