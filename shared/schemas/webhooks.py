"""What is typed about a webhook, and what the API shows of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from shared.schemas.accounts import Line


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError("must be an address such as https://example.com/hook") from error
    is_clean = value.isascii() and value.isprintable() and " " not in value
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not is_clean:
        raise ValueError("must be an address such as https://example.com/hook")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password: messages are signed instead")
    return parts._replace(fragment="").geturl()


Address = Annotated[str, Field(max_length=2000), AfterValidator(_address)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class WebhookIn(_In):
    """A new webhook. `kinds` are those listed at `GET /webhooks` as `available`."""

    name: Annotated[Line, Field(max_length=100)]
    url: Address
    kinds: list[str] = Field(min_length=1, max_length=100)
    is_active: bool = True


class WebhookPatch(_In):
    """Fields left out stay as they are."""

    name: Annotated[Line, Field(max_length=100)] | None = None
    url: Address | None = None
    kinds: list[str] | None = Field(default=None, min_length=1, max_length=100)
    is_active: bool | None = None
    version: int | None = None


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WebhookOut(_Out):
    """`failing_since`: the first failure after the last success. `disabled_reason`: it was turned off by itself."""

    id: int
    name: str
    url: str
    kinds: list[str]
    is_active: bool
    disabled_reason: str | None
    failing_since: datetime | None
    old_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class WebhookWithSecret(WebhookOut):
    """The only answer that shows the secret, `whsec_…`."""

    secret: str


class WebhookList(_Out):
    items: list[WebhookOut]
    available: list[str]


class AttemptOut(_Out):
    at: datetime
    ms: int
    status: int | None
    error: str | None
    request_headers: dict[str, Any]
    response_headers: dict[str, Any]
    response_body: str | None


class DeliveryOut(_Out):
    """`attempts` only where one delivery is read."""

    id: int
    webhook_id: int
    message_id: str
    kind: str
    state: str
    tries: int
    created_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    body: str | None
    attempts: list[AttemptOut] | None = None


class DeliveryPage(_Out):
    items: list[DeliveryOut]
    next_cursor: str | None
