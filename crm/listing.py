"""Lists as the signed-in user sees them: `me` is them, and days are those of their zone, as everywhere on the pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select

from crm import localization, web
from shared.query import ListQuery, Page, catalog, conditions, linking, lists
from shared.query.conditions import Viewpoint
from shared.query.plan import Cmp, Node, joined, parts_of
from shared.query.wording import Words


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition of the list in words; `name` is the parameter it stands in, `without` what the address says then."""

    name: str
    text: str
    without: dict[str, str | None] = field(default_factory=dict)


def run(query: ListQuery, *, shown: Select[*tuple[Any, ...]] | None = None) -> Page:
    """One page of a list; of its rows only the columns `shown` selects, if it is given."""
    return lists.run(web.session(), query, user_id=web.current_user.id, zone=localization.zone(), shown=shown)


def viewpoint() -> Viewpoint:
    """Where and as whom the page asks."""
    return Viewpoint.of(web.session(), user_id=web.current_user.id, zone=localization.zone())


def plan_words() -> Words:
    """Plans and their parts in the reader's language."""
    locale = localization.locale()
    return Words(web.session(), viewpoint(), locale.language, str(locale))


def holds(type_name: str, name: str, op: str, *values: str) -> ColumnElement[bool]:
    """What a filter of a list means, for counts that a page makes itself."""
    return conditions.condition(catalog(web.session())[type_name].fields[name], op, values, viewpoint())


def chips(query: ListQuery) -> list[Chip]:
    """What a list was asked for by its address. The page shows those it has no control for."""
    if not query.filters and query.where is None:
        return []
    entity, words, found = catalog(web.session())[query.type], plan_words(), []
    for asked in query.filters:
        node = Cmp.model_validate({"field": asked.field, "op": asked.op, "values": asked.values})
        found.append(Chip(asked.parameter, words.chip(entity, node), {asked.parameter: None}))
    parts = parts_of(query.where)
    for i, part in enumerate(parts):
        rest = joined([*parts[:i], *parts[i + 1 :]])
        found.append(Chip("where", words.chip(entity, part), {"where": None if rest is None else linking.dump(rest)}))
    return found


def condition(node: Node | None) -> str:
    """A condition as JSON, for scripts; a template filter."""
    return "" if node is None else linking.dump(node)
