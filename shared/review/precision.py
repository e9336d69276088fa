"""How often the people here said yes: what a reading is worth on their own meetings, by kind and by confidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from shared.models import Insight, InsightStatus
from shared.schemas.insight import BANDS, Kind
from shared.tenancy import TenantSession

#: Below so many decisions a share says more about chance than about the reading.
ENOUGH = 10

_RIGHT = (InsightStatus.ACCEPTED, InsightStatus.EDITED)
_DECIDED = (*_RIGHT, InsightStatus.REJECTED)


@dataclass(frozen=True, slots=True)
class Tally:
    """Decisions of people on findings: taken as they were, taken after a correction, refused."""

    accepted: int = 0
    edited: int = 0
    rejected: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.accepted + other.accepted, self.edited + other.edited, self.rejected + other.rejected)

    @property
    def decided(self) -> int:
        return self.accepted + self.edited + self.rejected

    @property
    def share(self) -> float | None:
        """The share that was right, corrected ones too (0..1); None where there are too few to say."""
        return (self.accepted + self.edited) / self.decided if self.decided >= ENOUGH else None


@dataclass(frozen=True, slots=True)
class Row:
    """One kind (None: all of them), by band of confidence ("high", "medium", "low") and in total."""

    kind: Kind | None
    bands: dict[str, Tally]

    @property
    def total(self) -> Tally:
        return sum(self.bands.values(), Tally())


def measure(session: TenantSession, *, since: datetime | None = None) -> list[Row]:
    """What was decided (since a moment), a row a kind, all of them last; kinds without a decision are left out.

    What a policy accepted counts for nothing: nobody looked. A merged finding was not wrong either.
    """
    columns = (Insight.kind, Insight.status, Insight.confidence, Insight.correction)
    query = (
        select(*columns, func.count())
        .where(Insight.status.in_(_DECIDED), Insight.kind != Kind.SUMMARY)
        .group_by(*columns)
    )
    if since is not None:
        query = query.where(Insight.decided_at >= since)
    found: dict[str, dict[str, Tally]] = {}
    for kind, status, confidence, correction, count in session.execute(query):
        if "merged_into" in (correction or {}):
            continue
        band = BANDS.name_of(confidence)
        bands = found.setdefault(kind, {"high": Tally(), "medium": Tally(), "low": Tally()})
        bands[band] += Tally(**{status.value: int(count)})
    rows = [Row(kind, found[kind.value]) for kind in Kind if kind.value in found]
    return [*rows, Row(None, _sum(rows))] if rows else []


def _sum(rows: Iterable[Row]) -> dict[str, Tally]:
    sums = {"high": Tally(), "medium": Tally(), "low": Tally()}
    for row in rows:
        sums = {band: tally + row.bands[band] for band, tally in sums.items()}
    return sums
