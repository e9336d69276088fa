"""“The last meeting with Borealis” inside a longer question is one record: found first, then named by its number.

A plan has no place for a superlative inside a condition, and a plan without it would answer another question.
"""

from __future__ import annotations

from datetime import date

from chatbot.assistant.types import Asker, RecordRef
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import STATES, SUPERLATIVES, cmp
from chatbot.assistant.understanding.sentence import Parse, is_plural
from shared.query import ask
from shared.query.plan import Order, Plan
from shared.tenancy import TenantSession


def head_record(session: TenantSession, parse: Parse, asker: Asker, today: date) -> RecordRef | None:
    """The one record a question's own superlative means: “summarise the last meeting with X”."""
    sup = parse.superlatives[0] if parse.superlatives else None
    head = parse.head
    if sup is None or head is None or sup.concept not in ("newest", "oldest", "soonest"):
        return None
    order = SUPERLATIVES[sup.concept].get(head.entity)
    if order is None:
        return None
    by = (Order(by=order[0], descending=order[1]),)
    plan = Plan(from_=head.entity, where=head.condition(today), order=by, limit=1)
    rows = ask(session, plan, user_id=asker.user_id, zone=asker.zone).rows
    return RecordRef(head.entity, rows[0].id, rows[0].name) if rows else None


def resolve(session: TenantSession, parse: Parse, asker: Asker, today: date) -> None:
    """Replace each such description by the record it fits; what fits none makes the question impossible."""
    for clause in parse.clauses:
        if clause.superlative is not None and not _found(session, clause, parse, asker, today):
            parse.impossible.append(f"{clause.superlative} {clause.entity}")


def _is_ahead(clause: Clause) -> bool:
    """“without a next task”: any that is still to come."""
    order = SUPERLATIVES["soonest"].get(clause.entity)
    if clause.superlative != "soonest" or order is None:
        return False
    clause.add(cmp(order[0], "gte", "today"))
    if clause.entity in STATES["open"]:
        clause.add(STATES["open"][clause.entity])
    return True


def _found(session: TenantSession, clause: Clause, parse: Parse, asker: Asker, today: date) -> bool:
    assert clause.superlative is not None
    order = SUPERLATIVES.get(clause.superlative, {}).get(clause.entity)
    several = clause.item is not None and is_plural(parse.reading.words_of(clause.item), parse.reading.language)
    if clause.absent:
        return _is_ahead(clause)
    if order is None or several:
        return False
    if clause.superlative == "soonest":
        clause.add(cmp(order[0], "gte", "today"))
        if clause.entity in STATES["open"]:
            clause.add(STATES["open"][clause.entity])
    plan = Plan(
        from_=clause.entity, where=clause.condition(today), order=(Order(by=order[0], descending=order[1]),), limit=1
    )
    rows = ask(session, plan, user_id=asker.user_id, zone=asker.zone).rows
    if not rows:
        return False
    clause.nodes, clause.whens, clause.cues, clause.children = [cmp("id", "eq", str(rows[0].id))], [], [], []
    return True
