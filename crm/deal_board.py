"""What the board of a pipeline shows: its columns with their first cards, counts and sums.

The list's filters apply, and the same conditions count and sum, so a column's head is true of what stands below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import raiseload
from sqlalchemy.orm.interfaces import ORMOption

from crm import listing, record_names, web
from shared import clock
from shared.models import Deal, Pipeline, Stage, StageType
from shared.query import catalog, lists
from shared.query.conditions import Viewpoint
from shared.query.lists import ListQuery
from shared.tenancy import TenantSession

#: Cards of a column that are fetched at once.
CARDS = 30


@dataclass(frozen=True, slots=True)
class Sum:
    """Deals of one currency; `minor` is None where no amount is known."""

    count: int
    minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """A deal on the board. `days` in its stage; `is_stale` if that is too long."""

    deal: Deal
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
    found = {stage.id: _deals(query, stage) if stage.id in by_stage else ([], None) for stage in pipeline.stages}
    shown = cards([deal for deals, _ in found.values() for deal in deals], pipeline.stages)
    return [
        Column(stage, by_stage.get(stage.id, []), [shown[deal.id] for deal in found[stage.id][0]], found[stage.id][1])
        for stage in pipeline.stages
    ]


def more(query: ListQuery, stage: Stage, after: str) -> tuple[list[Card], str | None]:
    """Further cards of a column, and where those after them begin. Raises ValueError for a place that is none."""
    rank, _, id = after.partition("_")
    deals, following = _deals(query, stage, (float(rank), int(id)))
    shown = cards(deals, [stage])
    return [shown[deal.id] for deal in deals], following


def cards(deals: Sequence[Deal], stages: Sequence[Stage]) -> dict[int, Card]:
    """Deals as cards, by id."""
    owners, now = record_names.people(web.session()), clock.now()
    limits = stale_limits(stages)
    found = {}
    for deal in deals:
        days = max(0, (now - deal.stage_since).days)
        limit = limits.get(deal.stage_id, 0)
        found[deal.id] = Card(deal, owners.get(deal.owner_id or 0), days, 0 < limit <= days)
    return found


def stale_limits(stages: Iterable[Stage]) -> dict[int, int]:
    """Days after which a deal is stale, by open stage; 0 is never."""
    usual = web.workspace().stale_days
    return {
        stage.id: usual if stage.stale_days is None else stage.stale_days
        for stage in stages
        if stage.type is StageType.OPEN
    }


def shown_with(session: TenantSession) -> tuple[ORMOption, ...]:
    """What a deal is loaded with for its card."""
    return (*catalog(session)["deal"].load, raiseload(Deal.contacts))


def _deals(query: ListQuery, stage: Stage, after: tuple[float, int] | None = None) -> tuple[list[Deal], str | None]:
    session, viewpoint = web.session(), listing.viewpoint()
    statement = _in_order(query, stage, viewpoint, after)
    found = list(session.scalars(statement.limit(CARDS + 1), viewpoint.parameters))
    page = found[:CARDS]
    return page, f"{page[-1].rank!r}_{page[-1].id}" if len(found) > CARDS else None


def _in_order(query: ListQuery, stage: Stage, viewpoint: Viewpoint, after: tuple[float, int] | None) -> Any:
    session = web.session()
    plain = replace(query, cursor=None)
    where = lists.conditions_of(session, plain, viewpoint)
    statement = select(Deal).where(*where, Deal.stage_id == stage.id).order_by(Deal.rank, Deal.id)
    statement = statement.options(*shown_with(session))
    return statement if after is None else statement.where(tuple_(Deal.rank, Deal.id) > after)
