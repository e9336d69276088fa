"""Nine months told in order: every act through the CRM's own verbs, at its own moment.

The timeline of a record is ordered by when its events were written, so acts are collected first and carried out in
the order of time. The randomness is seeded and the business clock is the only clock: the same "now" gives the same
story.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shared import clock, records
from shared.demo import cast
from shared.events import Actor
from shared.models import User
from shared.tenancy import TenantSession

#: Any number: it only makes the dice fall the same way each time.
_DICE = 20

Act = Callable[[], None]


@dataclass(slots=True)
class Story:
    """What the parts of the demonstration share: the session, the dice, who is who, and the acts still to be told."""

    session: TenantSession
    upload_dir: Path
    now: datetime
    users: dict[str, User]
    dice: random.Random = field(default_factory=lambda: random.Random(_DICE))  # noqa: S311 (nothing is secret here)
    companies: dict[str, Any] = field(default_factory=dict)
    contacts: dict[str, list[Any]] = field(default_factory=dict)
    deals: dict[str, Any] = field(default_factory=dict)
    meetings: dict[str, Any] = field(default_factory=dict)
    dealt: dict[str, str] = field(default_factory=dict)  # a deal's key -> its company, from the moment it is planned
    planned: dict[str, Any] = field(default_factory=dict)  # tasks by their place in the plan
    phones: Counter[str] = field(default_factory=Counter)  # how many numbers of each range are taken
    _acts: list[tuple[datetime, int, Act]] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day it is, where the company works."""
        return self.now.astimezone(_zone()).date()

    def workday(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """A moment at least `days_ago` days ago (from 1), on a Monday to Friday, in the company's own hours."""
        day = self.today - timedelta(days=days_ago)
        day -= timedelta(days=max(0, day.weekday() - 4))
        return datetime.combine(day, time(hour, minute), _zone())

    def some_time(self, days_ago: int) -> datetime:
        """As `workday`, at an hour that the dice choose."""
        return self.workday(max(1, days_ago), self.dice.randint(8, 16), self.dice.randint(0, 59))

    def last(self, weekday: int, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """That hour of the last such weekday (0 is Monday) at least `days_ago` days ago."""
        day = self.today - timedelta(days=days_ago)
        day -= timedelta(days=(day.weekday() - weekday) % 7)
        return datetime.combine(day, time(hour, minute), _zone())

    def on(self, day: date, hour: int) -> datetime:
        """That hour of a day, where the company works."""
        return datetime.combine(day, time(hour), _zone())

    def by(self, key: str) -> Actor:
        """A colleague as the one who acts."""
        return Actor("user", self.users[key].id)

    def change(self, row: Any, data: dict[str, Any], *, by: str) -> None:
        """A colleague changes a record."""
        records.update(self.session, row, data, by=self.by(by))

    def plan(self, when: datetime, act: Act) -> None:
        """Let this happen then. Nothing lies in the future; acts of one moment keep their order."""
        self._acts.append((min(when, self.now), len(self._acts), act))

    def tell(self) -> None:
        """Carry out every planned act, oldest first, with the business clock at its moment."""
        for when, _, act in sorted(self._acts, key=lambda entry: entry[:2]):
            with clock.at(when):
                act()
        self._acts.clear()


def _zone() -> ZoneInfo:
    return ZoneInfo(cast.TIMEZONE)
