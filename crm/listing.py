"""Lists as the signed-in user sees them: `me` is them, and days are those of their zone, as everywhere on the pages."""

from __future__ import annotations

from crm import localization, web
from shared.query import ListQuery, Page, lists
from shared.query.conditions import Viewpoint


def run(query: ListQuery) -> Page:
    """One page of a list."""
    return lists.run(web.session(), query, user_id=web.current_user.id, zone=localization.zone())


def viewpoint() -> Viewpoint:
    """Where and as whom the page asks."""
    return Viewpoint.of(web.session(), user_id=web.current_user.id, zone=localization.zone())
