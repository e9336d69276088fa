"""No condition that a list can show is answered with other records than the list's.

Each field of the record types that people list, with the operators that name a value: its sentence is understood as a
condition that finds the same records, or it is asked back or searched for.
"""

from __future__ import annotations

import pytest

from shared.errors import AppError
from shared.query import Plan, ask, catalog, check_plan, sentence
from shared.query.types import Field, FieldType
from tests.chatbot.assistant.understanding.conftest import BERLIN, World
from tests.chatbot.assistant.understanding.plan_text import line_of

#: Values that records have, though not where they are asked for: a title, a city.
TEXTS = ("Buyer", "Leeds")
#: Values of fields that are said without their name: “in Bergen”, “of Quill GmbH”.
UNNAMED = {
    "city": ("Bergen", "Leeds"), "country": ("Germany", "Norway"), "currency": ("GBP", "EUR"),
    "company": ("Borealis Shipping Ltd", "Quill GmbH"), "author": ("Alice Archer", "Bob Baker"),
}  # fmt: skip
#: Said by the names of other records alone, which may be several words and signs.
BY_NAME = ("id", "meeting_id", "region")
OPERATORS = {"eq": 1, "ne": 1, "in": 2, "not_in": 2}


def values(world: World, field: Field) -> tuple[str, ...]:
    named = {
        "company": (world.borealis, world.quill), "contact": (world.jane, world.ruth),
        "deal": (world.pilot, world.rollout), "user": (world.cast.alice, world.cast.bob),
    }  # fmt: skip
    if field.name in UNNAMED:
        return UNNAMED[field.name]
    if field.choices:
        return tuple(map(str, field.choices[:2]))
    if field.type is FieldType.REF:
        return tuple(map(str, named.get(field.target or "", (1, 2))))
    if field.type in (FieldType.NUMBER, FieldType.MONEY):
        return ("5", "40")
    if field.type in (FieldType.DATE, FieldType.DATETIME):
        return ("2026-11-10", "2026-11-18")
    return ("true", "false") if field.type is FieldType.BOOL else TEXTS


def found(world: World, plan: Plan) -> list[int]:
    return sorted(row.id for row in ask(world.session, plan, user_id=world.cast.alice, zone=BERLIN).rows)


def other_records(world: World, plan: Plan, language: str) -> str:
    """What a condition's sentence was taken for, where that finds other records; else nothing."""
    words = sentence(world.session, plan, user_id=world.cast.alice, language=language, zone=BERLIN)
    routed = world.route(words)
    if routed.kind != "structured" or routed.plan is None or routed.plan == plan:
        return ""
    is_list = routed.plan.from_ == plan.from_ and not routed.plan.is_measured
    if is_list and found(world, routed.plan) == found(world, plan):
        return ""
    return f"{words}: {line_of(routed.plan, world.names)}"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("type_", ["company", "contact", "deal", "task", "note", "meeting"])
def test_no_condition_is_answered_with_other_records(world: World, language: str, type_: str) -> None:
    wrong = []
    fields = [field for field in catalog(world.session)[type_].fields.values() if field.name not in BY_NAME]
    for field in fields:
        for op, count in OPERATORS.items():
            where = {"type": "cmp", "field": field.name, "op": op, "values": list(values(world, field)[:count])}
            plan = Plan.model_validate({"from": type_, "where": where})
            try:
                check_plan(plan, catalog(world.session))
            except AppError:
                continue  # no list offers it
            wrong.append(other_records(world, plan, language))
    assert len(wrong) > 30
    assert list(filter(None, wrong)) == []
