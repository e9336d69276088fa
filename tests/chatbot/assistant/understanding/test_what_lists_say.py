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
OPERATORS = {"eq": 1, "ne": 1, "in": 2, "not_in": 2, "contains": 1, "begins": 1}
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
}


def test_the_same_as_people_put_it(world: World) -> None:
    expect({question: world.line(question) for question in PARAPHRASES}, PARAPHRASES)
