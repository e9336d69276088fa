"""The parts of a plan: which record, which fields, who else it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.records.keys import fold


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it is, what it would be. `label` is how to show an `after` that is an id."""

    field: str
    before: Any
    after: Any
    label: str | None = None

    def to_json(self) -> dict[str, Any]:
        shown = {"field": self.field, "before": self.before, "after": self.after}
        return {**shown, "label": self.label} if self.label else shown


@dataclass(frozen=True, slots=True)
class Chosen:
    """The record a reviewer named for a finding, of this type; `row` None: one that is not there yet."""

    type: str
    row: Any | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be meant, what tells it from the others, and what choosing it would change."""

    type: str
    id: int
    label: str
    why: str
    changes: Sequence[Change] = ()

    def to_json(self) -> dict[str, Any]:
        changes = [change.to_json() for change in self.changes]
        return {"type": self.type, "id": self.id, "label": self.label, "why": self.why, "changes": changes}


@dataclass(frozen=True, slots=True)
class Plan:
    """create: a new record of `record_type`. update: these changes. link: the record is fine as it is.

    With `candidates` it is a question: `create` is only what the answer "new" would do.
    """

    action: str
    record_type: str
    record_id: int | None = None
    base_version: int | None = None
    changes: list[Change] = field(default_factory=list)
    candidates: tuple[Candidate, ...] = ()


def plan_record(record_type: str, row: Any | None, new: dict[str, Any], changes: list[Change]) -> Plan:
    """A plan for a record with these changes, or for a new one that also gets the fields `new`."""
    if row is None:
        names = [Change(name, None, value) for name, value in new.items() if value]
        return Plan("create", record_type, changes=names + changes)
    return Plan("update" if changes else "link", record_type, row.id, row.version, changes)


def fill(row: Any | None, **values: Any) -> list[Change]:
    """Changes for the fields that are empty, or that say something else."""
    changes = []
    for name, after in values.items():
        before = getattr(row, name) if row is not None else None
        if after and fold(str(before or "")) != fold(str(after)):
            changes.append(Change(name, before, after))
    return changes
