"""Which messages and events are known already, by what names them in the world."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shared.activities.calendars import revision
from shared.models import ActivitySource
from shared.records.types import TYPES, jsonable
from shared.tenancy import TenantSession


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a calendar entry; a message has but one."""

    sequence: int
    stamp: datetime | None
    digest: str

    @classmethod
    def of(cls, values: dict[str, Any]) -> Version:
        """From a staged row's values."""
        stamp = values.get("stamp")
        return cls(values.get("sequence", 0), datetime.fromisoformat(stamp) if stamp else None, values["digest"])

    def is_after(self, known: ActivitySource) -> bool:
        """Whether it says something else, and later."""
        return self.digest != known.digest and revision(self) > revision(known)


def find(session: TenantSession, keys: Collection[str]) -> dict[str, ActivitySource]:
    """Those that are known, by key."""
    query = select(ActivitySource).where(ActivitySource.key.in_(sorted(set(keys))))
    return {source.key: source for source in session.scalars(query)}


def in_the_bin(session: TenantSession, sources: Collection[ActivitySource]) -> set[str]:
    """The keys of those whose record was deleted."""
    found: set[str] = set()
    for type_ in {source.record_type for source in sources}:
        ids = {source.record_id: source.key for source in sources if source.record_type == type_}
        model = TYPES[type_].model
        live = set(session.scalars(select(model.id).where(model.id.in_(sorted(ids)), model.deleted_at.is_(None))))
        found |= {key for id, key in ids.items() if id not in live}
    return found


def state(source: ActivitySource) -> list[Any]:
    """Its version as JSON keeps it."""
    return [source.sequence, jsonable(source.stamp), source.digest]


def put_back(source: ActivitySource, kept: list[Any]) -> None:
    """The version it had."""
    source.sequence, source.digest = kept[0], kept[2]
    source.stamp = datetime.fromisoformat(kept[1]) if kept[1] else None
