"""Asking for records: one language for lists, dashboards and the assistant, and the same rows whichever way one asks.

Pages, REST and saved views ask by address: `parse` turns URL parameters into a `ListQuery`, `run` answers it. Whoever
counts, measures or follows relations asks by `Plan`: `ask` answers it, with its sentence and the address of the list
that shows the same rows. Both stand on one compiler, which adds the workspace and leaves out what is deleted.

    ?status=open&due_date[lte]=this_week ─ parse ─▶ ListQuery ─ run ─▶ Page(items, next_cursor, total)
                                     ▲ href            │
                                    Plan ── ask ──▶ compiler ──▶ Result(rows | value | groups, total, sentence, href)
"""

from shared.query.asking import ask, ids_of
from shared.query.catalog import catalog
from shared.query.checking import check_plan
from shared.query.fields import ENTITIES
from shared.query.linking import href
from shared.query.lists import Filter, ListQuery, Page, parse, run
from shared.query.plan import Plan
from shared.query.results import Money, Result
from shared.query.wording import sentence

__all__ = [
    "ENTITIES", "Filter", "ListQuery", "Money", "Page", "Plan", "Result", "ask", "catalog", "check_plan", "href",
    "ids_of", "parse", "run", "sentence",
]  # fmt: skip
