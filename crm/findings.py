"""What was found in a meeting, as its page reads it.

The page of a meeting is asked for again and again while it is reviewed, and most of it is JSON. So a finding is taken
apart once in a process, and again when a letter of it is another: what is remembered is found by all that it says.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import String, Text, bindparam, cast, select, type_coerce

from shared.models import Insight, InsightStatus, Proposal
from shared.prepared import Prepared
from shared.tenancy import TenantSession

#: So many are remembered: some ten long meetings.
_REMEMBERED = 1024


class Proposed(NamedTuple):
    """What a yes to a finding would do, as `Proposal` says it."""

    action: str
    record_type: str
    record_id: int | None
    changes: list[Any]
    candidates: list[Any]


@dataclass(frozen=True, eq=False)
class Finding:
    """An `Insight` to be read, with its proposal. It is shared by requests: nobody may change what it holds.

    `drawn` keeps what was made of it, under all that this was made with (`insight_cards.Cards`).
    """

    id: int
    kind: str
    position: int
    identity: str
    confidence: float
    status: InsightStatus
    reason: str | None
    again_of_id: int | None
    decided_by_id: int | None
    data: dict[str, Any]
    evidence: list[Any]
    correction: dict[str, Any] | None
    proposal: Proposed | None
    drawn: dict[Hashable, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, insight: Insight) -> Finding:
        """A finding that was just decided."""
        own, proposed = insight.proposal, None
        if own is not None:
            proposed = Proposed(own.action, own.record_type, own.record_id, own.changes, own.candidates)
        return cls(**{name: getattr(insight, name) for name in _OWN}, proposal=proposed)

    @cached_property
    def state(self) -> str:
        """A short mark that changes with what the card shows: the page asks for it to see others' decisions."""
        shown = (
            self.status.value, self.decided_by_id, self.data, len(self.evidence), self.correction,
            self.proposal and (
                self.proposal.action, self.proposal.record_id, self.proposal.changes, self.proposal.candidates
            ),
        )  # fmt: skip
        return f"{zlib.crc32(repr(shown).encode()):08x}"


def of_meeting(session: TenantSession, meeting_id: int) -> list[Finding]:
    """Everything found in a meeting, its summary too, in the order of review."""
    return [_read(row) for row in _FOUND.rows(session, meeting=meeting_id)]


_PLAIN = ("id", "kind", "position", "identity", "confidence", "reason", "again_of_id", "decided_by_id")
_JSON = ("data", "evidence", "correction")
_OWN = (*_PLAIN, "status", *_JSON)

_FOUND = Prepared(
    select(
        *(getattr(Insight, name) for name in _PLAIN),
        type_coerce(Insight.status, String).label("status"),
        *(cast(getattr(Insight, name), Text).label(name) for name in _JSON),
        Proposal.action, Proposal.record_type, Proposal.record_id,
        cast(Proposal.changes, Text).label("changes"), cast(Proposal.candidates, Text).label("candidates"),
    )
    .outerjoin(Proposal, Proposal.insight_id == Insight.id)
    .where(Insight.meeting_id == bindparam("meeting"))
    .order_by(Insight.position, Insight.id)
)  # fmt: skip


@lru_cache(maxsize=_REMEMBERED)
def _read(row: Any) -> Finding:
    """A row whose JSON is still text."""
    proposed = None
    if row.action is not None:
        changes, candidates = json.loads(row.changes), json.loads(row.candidates)
        proposed = Proposed(row.action, row.record_type, row.record_id, changes, candidates)
    plain = {name: getattr(row, name) for name in _PLAIN}
    read = {name: text and json.loads(text) for name in _JSON for text in [getattr(row, name)]}
    return Finding(**plain, **read, status=InsightStatus(row.status), proposal=proposed)
