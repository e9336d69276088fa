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
    "weighted value of everything Bob has open": "deal[owner_id=Bob, stage_type=open] weighted_pipeline",
    # times
    "deals won since november started": "deal[closed_at>=2026-11-01, stage_type=won]",
    "open deals that have blown past the date they were supposed to close": "deal[expected_close=overdue, "
    "stage_type=open]",
    "what's late on my plate?": "task[assignee_id=me, is_overdue=true]",
    "my two deals that ought to close soonest": "deal[expected_close>=today, owner_id=me, stage_type=open] "
    "order expected_close top 2",
    # what runs is open, what is said of a stage is said of its deals
    "what have we still got running with German companies": "deal[company[country=Germany], stage_type=open]",
    "proposals that have no meeting": "deal[no meetings, stage=Proposal]",
    "proposals without an open task": "deal[no tasks[status=open], stage=Proposal]",
    "open deals we have had a recorded meeting about": "deal[meetings, stage_type=open]",
    # lost is never won: what is not won is another deal
    "companies with a lost deal but no won one": "company[deals[stage_type=lost], no deals[stage_type=won]]",
    "companies with at least one won deal and not a single loss": "company[deals[stage_type=won], "
    "no deals[stage_type=lost]]",
    # groups, and what is left out of them
    "number of contacts by country of their company": "contact count by country order -count",
    "contacts by source, ignore the ones where we don't know": "contact[source set] count by source order -count",
    # said around it, in words that a deal has too
    "I want to plan a trip. Show me the leads of Quill": "contact[company_id=Quill, lifecycle=lead]",
    "How's the funnel looking? open deals per stage": "deal[stage_type=open] count by stage",
    # in other words
    "pain points Quill told us about": "insight[company_id=Quill, kind=pain_point]",
    "deals that died in october": "deal[closed_at<=2026-10-31, closed_at>=2026-10-01, stage_type=lost]",
    "people with the final say on open deals": "contact[roles[deal[stage_type=open], role=Decision maker]]",
    "tasks still waiting to happen": "task[status=open]",
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


ON_A_CONTACT = {
    "since when has he been working there": "employment[contact_id=Ruth Okafor, is_current=true] -> started_on",
    "how long has she worked there": "employment[contact_id=Ruth Okafor, is_current=true] -> started_on",
}


def test_a_hurry_does_not_change_the_plan(world: World) -> None:
    expect({question: world.line(question) for question in PLANS}, PLANS)


@pytest.mark.parametrize("question", ON_A_DEAL)
def test_the_open_deal_is_asked(world: World, question: str) -> None:
    assert world.line(question, page=RecordRef("deal", world.pilot)) == ON_A_DEAL[question]


@pytest.mark.parametrize("question", ON_A_CONTACT)
def test_working_there_is_the_present_employment(world: World, question: str) -> None:
    assert world.line(question, page=RecordRef("contact", world.ruth)) == ON_A_CONTACT[question]


def test_what_one_denial_is_said_of_twice_has_no_plan(world: World) -> None:
    assert not world.line("companies nobody has met or written a note about since august").startswith("company")


def test_what_somebodys_company_bought_is_not_told_by_its_name(world: World) -> None:
    asked = "has her company ever bought anything"
    assert world.line(asked, page=RecordRef("contact", world.ruth)).startswith("abstain")
