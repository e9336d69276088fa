"""How people ask who never were told how: in a hurry, by halves, in their own words."""

from __future__ import annotations

import pytest

from chatbot.assistant.types import RecordRef
from tests.chatbot.assistant.understanding.conftest import World, expect

PLANS = {
    # said without an apostrophe
    "whats ruth okafors number": "contact[id=Ruth Okafor] -> phone",
    # places where nobody is
    "any firms in Brazil or Japan?": "company[country in Brazil|Japan]",
    # where people came from
    "contacts who reached us by trade fair": "contact[source=Trade fair]",
    "people that came by trade fair but aren't customers": "contact[lifecycle!=customer, source=Trade fair]",
    # yes or no
    "so did we win anything last week or not?": "deal[closed_at=last_week, stage_type=won]",
    "are there any tasks for Bob or not": "task[assignee_id=Bob]",
    # of us all, and of nobody in particular
    "what's the pipeline worth, every rep together": "deal[stage_type=open] open_pipeline",
    "open pipeline across all reps": "deal[stage_type=open] open_pipeline",
    "weighted value of everything Bob has open": "deal[owner_id=Bob, stage_type=open] sum(weighted_amount)",
    # times
    "deals won since november started": "deal[closed_at>=2026-11-01, stage_type=won]",
    "open deals that have blown past the date they were supposed to close": "deal[expected_close=overdue, "
    "stage_type=open]",
    "what's late on my plate?": "task[assignee_id=me, is_overdue=true]",
    # just a number
    "just a number: contacts from Norway": "contact[company[country=Norway]] count",
    "won this year, just the number please": "deal[closed_at=this_year, stage_type=won] count",
    "just a number: open pipeline": "deal[stage_type=open] open_pipeline",
}

ON_A_DEAL = {
    "how far along is this one": "deal[id=Borealis pilot] -> stage",
    "how likely is this, in percent": "deal[id=Borealis pilot] -> probability",
    "number of people on this deal": "contact[deals[id=Borealis pilot]] count",
}


def test_a_hurry_does_not_change_the_plan(world: World) -> None:
    expect({question: world.line(question) for question in PLANS}, PLANS)


@pytest.mark.parametrize("question", ON_A_DEAL)
def test_the_open_deal_is_asked(world: World, question: str) -> None:
    assert world.line(question, page=RecordRef("deal", world.pilot)) == ON_A_DEAL[question]
