"""What stood in a deal's record at the time of a meeting, told by the record's events.

The record is walked back from today. A change made by accepting what a meeting said belongs to that meeting, whenever
it was accepted; any other one to the time it was made.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from shared.models import Event, EventTarget
from shared.tenancy import TenantSession

#: A deal with more changes than this since a meeting shows what it was that many changes ago.
_EVENTS = 300


class History:
    """A deal after the meeting before (`before`) and after this one (`now`); fields: amount, expected_close, stage_id.

    `known_then` and `known_now` are the meetings that were held by then; `next_time` is when this one's successor was.
    """

    def __init__(
        self,
        session: TenantSession,
        deal: Row[*tuple[Any, ...]],
        *,
        last_time: datetime,
        known_then: Collection[int],
        known_now: Collection[int],
        next_time: datetime | None,
    ) -> None:
        query = (
            select(Event)
            .join(EventTarget, EventTarget.event_id == Event.id)
            .where(EventTarget.target_type == "deal", EventTarget.target_id == deal.id, Event.kind == "deal.updated")
            .order_by(EventTarget.event_id.desc())
            .limit(_EVENTS)
        )
        self._events = [event for event in session.scalars(query) if event.record_id == deal.id]
        has_amount = deal.amount_minor is not None and deal.currency is not None
        self._today = {
            "amount": {"minor": deal.amount_minor, "currency": deal.currency} if has_amount else None,
            "expected_close": deal.expected_close.isoformat() if deal.expected_close else None,
            "stage_id": deal.stage_id,
        }
        self._then, self._known_then = last_time, known_then
        self._next, self._known_now = next_time, known_now

    def before(self, field: str) -> Any:
        return self._as_of(field, self._then, self._known_then)

    def now(self, field: str) -> Any:
        return self._as_of(field, self._next, self._known_now)

    def _as_of(self, field: str, moment: datetime | None, meetings: Collection[int]) -> Any:
        value = self._today[field]
        for event in self._events:
            change = (event.data.get("changes") or {}).get(field)
            if change is None:
                continue
            if event.meeting_id in meetings or (event.meeting_id is None and (moment is None or event.at <= moment)):
                return value
            value = change[0]
        return value
