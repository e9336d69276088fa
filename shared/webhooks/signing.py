"""Signatures as Standard Webhooks has them: HMAC-SHA256 over `id.timestamp.body`, secrets written `whsec_BASE64`."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret as its receiver configures it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(message_id: str, timestamp_s: int, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """The three headers of a message, signed with each secret: during a rotation with the old one too."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(_bytes(key), signed, "sha256")).decode() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _bytes(key: str) -> bytes:
    return base64.b64decode(key.removeprefix(PREFIX))
