"""What a list says of its conditions is understood as these conditions, word by word and as people put it.

The words above a list (`shared/query/wording.py`) are what somebody reads who then asks the assistant.
"""

from __future__ import annotations

import pytest

from shared.query import Plan, sentence
from tests.chatbot.assistant.understanding.conftest import BERLIN, World, expect
from tests.chatbot.assistant.understanding.plan_text import line_of

#: Texts by record type and field, two values each.
TEXTS = {
    ("contact", "first_name"): ("Jane", "Ruth"), ("contact", "last_name"): ("Roe", "Okafor"),
    ("contact", "title"): ("Buyer", "Head of IT"), ("contact", "source"): ("Website", "Trade fair"),
    ("contact", "phone"): ("+49301234567", "+49401234567"), ("company", "website"): ("https://a.example", "https://b.example"),
    ("company", "street"): ("Harbour Street 1", "Ringstrasse 5"), ("company", "postcode"): ("5003", "10115"),
    ("meeting", "title"): ("Borealis: kick-off", "Borealis: review"),
}  # fmt: skip
OPERATORS = {"eq": 1, "ne": 1, "in": 2, "not_in": 2, "contains": 1, "begins": 1, "ends": 1}
#: Times by record type and field.
TIMES = [
    ("contact", "created_at"), ("contact", "last_contact_at"), ("company", "last_meeting_at"),
    ("company", "updated_at"), ("deal", "last_activity_at"), ("deal", "stage_since"),
]  # fmt: skip


def plan(type_: str, field: str, op: str, *values: str) -> Plan:
    condition = {"type": "cmp", "field": field, "op": op, "values": list(values)}
    return Plan.model_validate({"from": type_, "where": condition})


def said(world: World, asked: Plan, language: str) -> str:
    return sentence(world.session, asked, user_id=world.cast.alice, language=language, zone=BERLIN)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_comparison_of_a_text_is_read_back(world: World, language: str) -> None:
    got, expected = {}, {}
    for (type_, field), values in TEXTS.items():
        for op, count in OPERATORS.items():
            if (type_, field, op) == ("meeting", "title", "contains"):
                continue  # “about …”: also what was said there
            asked = plan(type_, field, op, *values[:count])
            words = said(world, asked, language)
            got[words], expected[words] = world.line(words), line_of(asked, world.names)
    expect(got, expected)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("type_", "field"), TIMES)
def test_a_day_is_the_day_also_where_its_word_stands_behind_it(
    world: World, language: str, type_: str, field: str
) -> None:
    got, expected = {}, {}
    for op, value, day in (("lt", "this_month", "2026-11-01"), ("gt", "this_month", "2026-11-30"),
                           ("lt", "2026-11-20", "2026-11-20"), ("gt", "last_30_days", "2026-11-20")):  # fmt: skip
        words = said(world, plan(type_, field, op, value), language)
        got[words], expected[words] = world.line(words), line_of(plan(type_, field, op, day), world.names)
    expect(got, expected)


PARAPHRASES = {
    "which contacts are listed with a title other than “Buyer”?": "contact[title!=Buyer]",
    "contacts whose first name is not “Jane”": "contact[first_name!=Jane]",
    "companies whose website contains “example”": "company[website contains example]",
    "which companies have “5003” as postcode?": "company[postcode=5003]",
    "Welche Firmen haben “+49301234567” als Telefon?": "company[phone=+49301234567]",
    "contacts whose title is neither “Buyer” nor “Head of IT”": "contact[title not in Buyer|Head of IT]",
    "Kontakte, deren Position weder “Buyer” noch “Head of IT” ist": "contact[title not in Buyer|Head of IT]",
    "Kontakte, deren Position “Head” enthält": "contact[title contains Head]",
    "notes whose text contains “SSO”": "note[body contains SSO]",
    "deals with Jane Roe or Ruth Okafor": "deal[contact_id in Jane Roe|Ruth Okafor]",
    "meetings with Jane Roe or Ruth Okafor": "meeting[contact_id in Jane Roe|Ruth Okafor]",
    "meetings with Jane Roe and Ruth Okafor": "meeting[contact_id=Jane Roe, contact_id=Ruth Okafor]",
    "Deals mit Jane Roe oder Ruth Okafor": "deal[contact_id in Jane Roe|Ruth Okafor]",
    "deals not owned by me or Bob Baker": "deal[owner_id not in Bob|me]",
    "deals not owned by Bob Baker or me": "deal[owner_id not in Bob|me]",
    "Deals nicht von mir oder Bob Baker": "deal[owner_id not in Bob|me]",
    "notes by me or Bob Baker": "note[author_id in Bob|me]",
    "Aufgaben mir oder Bob Baker zugewiesen": "task[assignee_id in Bob|me]",
    "companies entered by Bob Baker or me": "company[created_by_id in Bob|me]",
    "meetings with me or Bob Baker": "meeting[user_id in Bob|me]",
    "show me or list the deals of Bob Baker": "deal[owner_id=Bob]",
    "companies not (in Berlin or Leeds)": "company[city!=Berlin, city!=Leeds]",
    "Firmen nicht (in Berlin oder Leeds)": "company[city!=Berlin, city!=Leeds]",
    "deals that are not in stage Proposal": "deal[stage!=Proposal]",
    "tasks promised by somebody": "task[promised_by set]",
    "tasks promised by us": "task[promised_by unset]",
    "contacts without a city": "contact[city unset]",
    "Kontakte ohne Branche": "contact[industry unset]",
    "Firmen mit letztem Kontakt vor dem 1. November": "company[last_contact_at<2026-11-01]",
    "deals last moved before 1 November": "deal[stage_since<2026-11-01]",
    # whoever asks, among others, wherever they are named
    "deals owned by Alice, Bob or me": "deal[owner_id in Alice|Bob|me]",
    "open deals of Bob or me in Berlin": "deal[company[city=Berlin], owner_id in Bob|me, stage_type=open]",
    "tasks assigned to Alice, me or Bob": "task[assignee_id in Alice|Bob|me]",
    "meetings with Alice, Bob Baker or me": "meeting[user_id in Alice|Bob|me]",
    "deals not owned by Alice, Bob or me": "deal[owner_id not in Alice|Bob|me]",
    "Deals von mir, Alice oder Bob Baker": "deal[owner_id in Alice|Bob|me]",
    "Aufgaben Alice, Bob Baker oder mir zugewiesen": "task[assignee_id in Alice|Bob|me]",
    # who put something in, and whose meetings they are
    "companies entered by me or Bob": "company[created_by_id in Bob|me]",
    "companies not entered by me": "company[created_by_id!=me]",
    "Firmen von Bob Baker eingetragen": "company[created_by_id=Bob]",
    "companies created by Bob Baker last week": "company[created_at=last_week, created_by_id=Bob]",
    "meetings owned by Bob Baker": "meeting[owner_id=Bob]",
    "my meetings": "meeting[user_id=me]",
    # stages and pipelines
    "deals not in stage Proposal or Won": "deal[stage not in Proposal|Won]",
    "Deals nicht in Stufe Proposal oder Won": "deal[stage not in Proposal|Won]",
    "deals in pipeline Sales": "deal[pipeline=Sales]",
    "deals not in pipeline Sales": "deal[pipeline!=Sales]",
    "Deals außerhalb der Pipeline Sales": "deal[pipeline!=Sales]",
    "Deals, die weder in Proposal noch in Won sind": "deal[stage!=Proposal, stage_type!=won]",
    "deals not in stage since 10 November": "deal[stage_since!=2026-11-10]",
    "deals whose stage begins with “Prop”": "deal[stage begins Prop]",
    "contacts whose tags contain “VIP”": "contact[tags contains VIP]",
    # numbers and days
    "Deals mit Aktivität vor höchstens 5 Tagen": "deal[stale_days<=5]",
    "deals with age in days over 30": "deal[age_days>30]",
    "deals with fewer than 12 days in stage": "deal[days_in_stage<12]",
    "Firmen geändert 10.11. oder 18.11.": "company[updated_at in 2026-11-10|2026-11-18]",
    "tasks with a due time after 10 November": "task[due_at>2026-11-10]",
    "Aufgaben ohne Fälligkeitszeit": "task[due_at unset]",
    "tasks with no due time": "task[due_at unset]",
    "notes dated after 10 November": "note[happened_at>2026-11-10]",
    "stale deals": "deal[is_stale=true]",
    "deals stale for 45 days": "deal[stage_type=open, stale_days>=45]",
    "Deals, die noch nicht lange in ihrer Phase sind": "deal[is_stale=false]",
    # what is there or not
    "contacts with a city": "contact[city set]",
    "companies where the industry is filled in": "company[industry set]",
    "wie viele Deals stehen still?": "deal[is_stale=true] count",
    "Firmen, bei denen eine Branche eingetragen ist": "company[industry set]",
    "Kontakte, bei denen keine Quelle eingetragen ist": "contact[source unset]",
}


def test_the_same_as_people_put_it(world: World) -> None:
    expect({question: world.line(question) for question in PARAPHRASES}, PARAPHRASES)


#: What a label names is a value of its field, though records have it elsewhere: Leeds is a city, “buyer” a title.
BOUND = {
    "companies named Leeds": "company[name=Leeds]",
    "contacts named Harbour": "contact[name=Harbour]",
    "companies named Borealis or Leeds": "company[name in Borealis Shipping Ltd|Leeds]",
    "contacts tagged Buyer": "contact[tags=Buyer]",
    "Aufgaben nicht mit Tag Buyer": "task[tags!=Buyer]",
    "Deals namens Buyer": "deal[name=Buyer]",
    "deals not in the industry Leeds": "deal[industry!=Leeds]",
    "Kontakte nicht aus der Branche Buyer oder Leeds": "contact[industry not in Buyer|Leeds]",
    "contacts whose title is Leeds": "contact[title=Leeds]",
    "notes of the kind note or call": "note[kind in call|note]",
    "notes about “Buyer”": "note[body contains Buyer]",
    "which deals carry the tag Logistics?": "deal[tags=Logistics]",
    "deals from pipeline Sales or Partner": "deal[pipeline in Partner|Sales]",
    "Kontakte, deren Quelle nicht Berlin ist": "contact[source!=Berlin]",
    "deals with owner Leeds": "abstain",
    "Aufgaben, die Hamburg zugewiesen sind": "semantic",
    "deals whose currency is Berlin": "abstain",
    # what nobody has, and what is said of no field, is not guessed at
    "contacts tagged Nonexistent": "abstain",
    "companies in Buyer": "semantic",
}


def test_a_label_binds_the_value_behind_it(world: World) -> None:
    expect({question: world.line(question) for question in BOUND}, BOUND)


def test_values_of_the_labels_own_field_are_read_as_before(world: World) -> None:
    expected = {
        "contacts named Jane": "contact[first_name=Jane]",
        "contacts named Jane Roe": "contact[id=Jane Roe]",
        "companies in the industry Logistics": "company[industry=Logistics]",
        "deals in stage Proposal": "deal[stage=Proposal]",
        "reps with more than 5 open deals": "deal[stage_type=open] count by owner_id order -count having >5",
    }
    expect({question: world.line(question) for question in expected}, expected)
