"""Days moved by a length of time, each from where it stands: “a week later”, “two months earlier”.

What is due, and when a deal is expected to close, is put off from today once that day is past: it would stay overdue.
Days that a team defined, a renewal say, move from where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from shared.errors import Conflict, Invalid
from shared.models import CustomType, Task
from shared.query.catalog import PREFIX, definitions
from shared.query.dates import Calendar
from shared.records.due_words import later, working_days
from shared.tenancy import TenantSession

#: The day of a record that is put off, where it has one of its own.
DAYS = {"task": "due_date", "deal": "expected_close"}
MOST_DAYS, MOST_MONTHS = 3_660, 120


@dataclass(frozen=True, slots=True)
class Delay:
    """So many days, or months of the calendar; below zero is earlier. Working days leave weekends out."""

    days: int
    months: int
    is_working: bool = False

    @property
    def is_earlier(self) -> bool:
        return self.days < 0 or self.months < 0

    def as_values(self) -> dict[str, Any]:
        """As `Shift.read` takes it."""
        return {"days": self.days, "months": self.months} | ({"working": True} if self.is_working else {})

    def after(self, day: date) -> date:
        """The day it comes to. The 31st becomes the last day of a shorter month."""
        if self.is_working:
            return working_days(day, self.days)
        return later(day, self.months) + timedelta(days=self.days)

    def put_off(self, day: date, today: date) -> date:
        """The same for a day on which something is to be done: what is past is put off from today."""
        return self.after(day if self.is_earlier else max(day, today))


@dataclass(frozen=True, slots=True)
class Shift:
    """One field of many records, and how far its day moves. `field` is called as in lists, `custom.KEY` a team's."""

    field: str
    delay: Delay

    @classmethod
    def read(cls, session: TenantSession, type_name: str, values: dict[str, Any]) -> Self:
        """From {field, days, months, working}. Raises Invalid for another field, or no such length."""
        field, days, months = values.get("field"), values.get("days", 0), values.get("months", 0)
        if field not in fields(session, type_name):
            raise Invalid.field("field", "This is no day that can be moved.")
        if type(days) is not int or type(months) is not int or bool(days) == bool(months):
            raise Invalid.field("days", "Say by how many days or months.")
        is_working = values.get("working", False)
        if type(is_working) is not bool or (is_working and not days):
            raise Invalid.field("working", "Only days can be working days.")
        if abs(days) > MOST_DAYS or abs(months) > MOST_MONTHS:
            raise Invalid.field("days", "At most ten years.")
        return cls(str(field), Delay(days, months, is_working))

    def of(self, session: TenantSession, row: Any) -> dict[str, Any]:
        """What a verb is given to move one record's day. Raises Conflict where it has none."""
        try:
            return self._own(row) if self.field.startswith(PREFIX) else self._due(row, Calendar.of(session))
        except (ValueError, OverflowError):
            raise Conflict("The calendar ends before that day.") from None

    def _own(self, row: Any) -> dict[str, Any]:
        key = self.field.removeprefix(PREFIX)
        day = date.fromisoformat(_there((row.custom or {}).get(key)))
        return {"custom": {key: self.delay.after(day).isoformat()}}

    def _due(self, row: Any, here: Calendar) -> dict[str, Any]:
        day = self.delay.put_off(_there(getattr(row, self.field)), here.today)
        if isinstance(row, Task) and row.due_at is not None:  # the same time of that day
            moved = datetime.combine(day, row.due_at.astimezone(here.zone).time(), tzinfo=here.zone)
            return {"due_at": moved.astimezone(UTC).isoformat()}
        return {self.field: day.isoformat()}


def _there(day: Any) -> Any:
    if day is None:
        raise Conflict("There is no day to move.")
    return day


def fields(session: TenantSession, type_name: str) -> dict[str, str | None]:
    """The days of a type's records that can be moved, each with a team's label for it, None for one of our own."""
    own = [DAYS[type_name]] if type_name in DAYS else []
    dates = [d for d in definitions(session) if d.record_type == type_name and d.type is CustomType.DATE]
    return dict.fromkeys(own) | {f"{PREFIX}{d.key}": d.label for d in dates}
