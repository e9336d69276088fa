"""What a webhook is told: the fact, and the record as it is when the message first goes out.

{"type": "deal.updated", "timestamp": "2026-11-27T10:00:00Z",
 "data": {"type": "deal", "id": 7, "title": …, "url": …, "by": {…}, "changes": {field: [before, after]}, "record": {…}}}
"""

from __future__ import annotations

import json
from typing import Any

from shared import clock, records
from shared.errors import NotFound
from shared.models import Event
from shared.records.types import jsonable
from shared.tenancy import TenantSession

#: A message larger than this goes without the record: receivers read it over the API.
MAX_BYTES = 256 * 1024


def of_event(session: TenantSession, event: Event, kind: str, *, crm_url: str) -> str:
    """The body, JSON. The record is null where it is gone for good."""
    data: dict[str, Any] = {
        "type": event.record_type,
        "id": event.record_id,
        "title": event.title,
        "url": _url(event, crm_url),
        "by": {"kind": event.actor, "user_id": event.user_id, "meeting_id": event.meeting_id},
        **({"changes": event.data["changes"]} if "changes" in event.data else {}),
        **({"others": event.data["others"]} if "others" in event.data else {}),
        **({"insight": {"kind": event.data.get("kind")}} if kind == "insight.accepted" else {}),
        "record": _record(session, event),
    }
    body = _written(kind, event.at, data)
    return body if len(body.encode()) <= MAX_BYTES else _written(kind, event.at, {**data, "record": None})


def of_test(webhook_id: int) -> str:
    """A message that says nothing but that messages arrive."""
    return _written("webhook.test", clock.wall(), {"webhook_id": webhook_id, "text": "Afterword can reach you."})


def _written(kind: str, at: Any, data: dict[str, Any]) -> str:
    message = {"type": kind, "timestamp": jsonable(at), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def _record(session: TenantSession, event: Event) -> dict[str, Any] | None:
    if event.record_type not in records.TYPES or event.record_id is None:
        return None
    try:
        row = records.get(session, event.record_type, event.record_id, deleted=True)
    except NotFound:
        return None
    return records.show(session, row)


def _url(event: Event, crm_url: str) -> str | None:
    kind = records.TYPES.get(event.record_type or "")
    has_page = kind is not None and kind.text is not None
    return f"{crm_url.rstrip('/')}/{kind.plural}/{event.record_id}" if kind and has_page else None
