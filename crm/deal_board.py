"""What the board of a pipeline shows: its columns with their first cards, counts and sums.

The list's filters apply, and the same conditions count and sum, so a column's head is true of what stands below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, tuple_, union_all

from crm import listing, record_names, web
from shared import clock
from shared.models import Company, Deal, Pipeline, Stage, StageType
from shared.query import lists
from shared.query.lists import ListQuery

#: Cards of a column that are fetched at once.
CARDS = 30


@dataclass(frozen=True, slots=True)
class Sum:
    """Deals of one currency; `minor` is None where no amount is known."""

    count: int
    minor: int | None
    currency: str | None


class Card(NamedTuple):
    """A deal on the board. `company` is the name of one that is there; `days` in its stage, `is_stale` if that is too
    long."""

    id: int
    version: int
    name: str
    company: str | None
    amount_minor: int | None
    currency: str | None
    expected_close: date | None
    closed_at: datetime | None
    lost_reason: str | None
    owner: str | None
    days: int
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A stage, its first cards and what all its deals come to; `after` is where further cards begin, if there are."""

    stage: Stage
    parts: Sequence[Sum]
    cards: Sequence[Card] = ()
    after: str | None = None

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)

    @property
    def sums(self) -> Sequence[Sum]:
        return totals(self.parts)


def sums(query: ListQuery, stages: Iterable[Stage] | None = None) -> dict[int, list[Sum]]:
    """What the deals of a list come to, by stage and currency; of some stages, if they are given."""
    session, viewpoint = web.session(), listing.viewpoint()
    where = lists.conditions_of(session, query, viewpoint)
    if stages is not None:
        where.append(Deal.stage_id.in_({stage.id for stage in stages}))
    counted = select(Deal.stage_id, Deal.currency, func.count(), func.sum(Deal.amount_minor)).where(*where)
    found: dict[int, list[Sum]] = defaultdict(list)
    by_stage = counted.group_by(Deal.stage_id, Deal.currency)
    for stage_id, currency, count, minor in session.execute(by_stage, viewpoint.parameters):
        found[stage_id].append(Sum(count, None if minor is None else int(minor), currency))
    return found


def totals(sums_: Iterable[Sum]) -> list[Sum]:
    """One sum a currency, the largest number of deals first."""
    by_currency: dict[str, list[Sum]] = defaultdict(list)
    for part in sums_:
        if part.currency and part.minor is not None:
            by_currency[part.currency].append(part)
    added = [Sum(sum(p.count for p in parts), sum(p.minor or 0 for p in parts), c) for c, parts in by_currency.items()]
    return sorted(added, key=lambda part: (-part.count, part.currency or ""))


def columns(query: ListQuery, pipeline: Pipeline) -> list[Column]:
    """Every stage of a pipeline."""
    by_stage = sums(query, pipeline.stages)
    found = _rows(query, [stage for stage in pipeline.stages if stage.id in by_stage])
    pages = {stage.id: _page(found.get(stage.id, []), stage) for stage in pipeline.stages}
    return [Column(stage, by_stage.get(stage.id, []), *pages[stage.id]) for stage in pipeline.stages]


def more(query: ListQuery, stage: Stage, after: str) -> tuple[list[Card], str | None]:
    """Further cards of a column, and where those after them begin. Raises ValueError for a place that is none."""
    rank, _, id = after.partition("_")
    further = tuple_(Deal.rank, Deal.id) > (float(rank), int(id))
    return _page(_rows(query, [stage], further).get(stage.id, []), stage)


def card(id: int, stage: Stage) -> Card:
    """The card of one deal, which is in this stage."""
    return _cards(web.session().execute(_SHOWN.where(Deal.id == id)).all(), stage)[0]


#: What a card shows of a deal in the order of its fields, and what the rest of it is told from.
_SHOWN = select(
    Deal.id, Deal.version, Deal.name, Company.name.label("company"), Deal.amount_minor, Deal.currency,
    Deal.expected_close, Deal.closed_at, Deal.lost_reason, Deal.owner_id, Deal.stage_since, Deal.stage_id, Deal.rank,
).outerjoin(Company, and_(Company.id == Deal.company_id, Company.deleted_at.is_(None)))  # fmt: skip


def _rows(
    query: ListQuery, stages: Sequence[Stage], *further: ColumnElement[bool]
) -> dict[int, list[Row[*tuple[Any, ...]]]]:
    """The first deals of each stage in one question, one more than are shown where there are more."""
    session, viewpoint = web.session(), listing.viewpoint()
    where = lists.conditions_of(session, replace(query, cursor=None), viewpoint)
    ordered = _SHOWN.where(*where, *further).order_by(Deal.rank, Deal.id).limit(CARDS + 1)
    firsts: list[Select[*tuple[Any, ...]]] = [ordered.where(Deal.stage_id == stage.id) for stage in stages]
    found: dict[int, list[Any]] = defaultdict(list)
    if firsts:
        together = firsts[0] if len(firsts) == 1 else union_all(*(select(first.subquery()) for first in firsts))
        for row in session.execute(together, viewpoint.parameters):
            found[row.stage_id].append(row)
    for rows in found.values():
        rows.sort(key=_place)  # a union promises no order
    return found


def _place(row: Any) -> tuple[float, int]:
    return row.rank, row.id


def _page(rows: Sequence[Any], stage: Stage) -> tuple[list[Card], str | None]:
    """The cards that are shown, and where further ones begin."""
    shown = rows[:CARDS]
    after = f"{shown[-1].rank!r}_{shown[-1].id}" if len(rows) > CARDS else None
    return _cards(shown, stage), after


def _cards(rows: Sequence[Any], stage: Stage) -> list[Card]:
    owners, now, limit = record_names.people(web.session()), clock.now(), stale_limits([stage]).get(stage.id, 0)
    found = []
    for *shown, owner_id, since, _stage, _rank in rows:
        days = max(0, (now - since).days)
        found.append(Card._make([*shown, owners.get(owner_id), days, 0 < limit <= days]))
    return found


def stale_limits(stages: Iterable[Stage]) -> dict[int, int]:
    """Days after which a deal is stale, by open stage; 0 is never."""
    usual = web.workspace().stale_days
    return {
        stage.id: usual if stage.stale_days is None else stage.stale_days
        for stage in stages
        if stage.type is StageType.OPEN
    }
