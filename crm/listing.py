"""Lists as the signed-in user sees them: `me` is them, and days are those of their zone, as everywhere on the pages."""

from __future__ import annotations

from dataclasses import dataclass

from crm import localization, web
from shared.query import ListQuery, Page, catalog, lists
from shared.query.conditions import Viewpoint
from shared.query.plan import Cmp
from shared.query.wording import Words


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition of the list in words; `name` is the parameter it stands in."""

    name: str
    text: str


def run(query: ListQuery) -> Page:
    """One page of a list."""
    return lists.run(web.session(), query, user_id=web.current_user.id, zone=localization.zone())


def viewpoint() -> Viewpoint:
    """Where and as whom the page asks."""
    return Viewpoint.of(web.session(), user_id=web.current_user.id, zone=localization.zone())


def chips(query: ListQuery) -> list[Chip]:
    """What a list was asked for by its address. The page shows those it has no control for."""
    if not query.filters and query.where is None:
        return []
    entity, locale = catalog(web.session())[query.type], localization.locale()
    words = Words(web.session(), viewpoint(), locale.language, str(locale))
    found = [
        Chip(
            asked.parameter,
            words.chip(entity, Cmp.model_validate({"field": asked.field, "op": asked.op, "values": asked.values})),
        )
        for asked in query.filters
    ]
    return found if query.where is None else [*found, Chip("where", words.chip(entity, query.where))]
