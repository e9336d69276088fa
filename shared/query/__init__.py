"""Asking for records: what can be filtered and sorted, and lists that stay fast a hundred thousand rows deep.

Pages, REST and saved views ask through one door: `parse` turns URL parameters into a `ListQuery`, `run` answers it
within the session's workspace. A list can therefore always be linked to, and a link always means the same list.

    ?status=open&due_date[lte]=this_week&sort=-due_date ─ parse ─▶ ListQuery ─ run ─▶ Page(items, next_cursor, total)
"""

from shared.query.fields import ENTITIES, Entity, Field, FieldType
from shared.query.lists import Filter, ListQuery, Page, parse, run

__all__ = ["ENTITIES", "Entity", "Field", "FieldType", "Filter", "ListQuery", "Page", "parse", "run"]
