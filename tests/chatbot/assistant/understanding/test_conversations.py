"""Corrections, words that point back, related records, and the page: what a question takes from where it is asked."""

from __future__ import annotations

from chatbot.assistant.types import RecordRef
from tests.chatbot.assistant.understanding.conftest import World, expect

#: first question → what is said next → its plan
TALKS: dict[str, dict[str, str]] = {
    "open deals of Bob": {
        "no, I meant Alice": "deal[owner_id=Alice, stage_type=open]",
        "sorry, Vera's": "deal[owner_id=Vera, stage_type=open]",
        "not open, lost": "deal[owner_id=Bob, stage_type=lost]",
        "what's that worth in total?": "deal[owner_id=Bob, stage_type=open] total_amount",
        "how many is that": "deal[owner_id=Bob, stage_type=open] count",
        "leave out the ones in dollars": "deal[currency!=USD, owner_id=Bob, stage_type=open]",
        "which of those are past qualification?": "deal[owner_id=Bob, stage=Proposal]",
        "biggest first": "deal[owner_id=Bob, stage_type=open] order -amount",
        "group them by reason": "deal[owner_id=Bob, stage_type=lost] count by lost_reason order -count",
        "whose are they?": "deal[owner_id=Bob, stage_type=open] -> owner",
        "How many companies are in Norway?": "company[country=Norway] count",
    },
    "which tasks are due this week?": {
        "no, next week": "task[due_date=next_week, status=open]",
        "no, the urgent ones": "task[due_date=this_week, priority=high, status=open]",
        "not mine, Bob's": "task[assignee_id=Bob, due_date=this_week, status=open]",
        "which ones are Vera's?": "task[assignee_id=Vera, due_date=this_week, status=open]",
        "without Alice's": "task[assignee_id!=Alice, due_date=this_week, status=open]",
        "how many per person?": "task[due_date=this_week, status=open] count by assignee_id order -count",
        "how many are overdue?": "task[is_overdue=true] count",
        "and the week after?": "task[due_date=next_week, status=open]",
        "priority low": "task[due_date=this_week, priority=low, status=open]",
    },
    "How many companies are in Germany?": {
        "list them": "company[country=Germany]",
        "which have open deals?": "company[country=Germany, deals[stage_type=open]]",
    },
    "which company has the most open deals?": {
        "which deals are those": "deal[company_id set, company_id=Quill, stage_type=open]",
    },
    "how many deals did Bob win in October?": {
        "and Alice in the same month?": "deal[closed_at<=2026-10-31, closed_at>=2026-10-01, owner_id=Alice, "
        "stage_type=won] count",
    },
    "Which meetings did we have with Borealis?": {
        "who's their finance director?": "contact[company_id=Borealis, title=Finance Director]",
    },
    "companies in Germany": {
        "who do we know there?": "contact[company[country=Germany]]",
        "when did we last talk to them?": "company[country=Germany] -> last_contact_at",
    },
    "Who owns the Borealis pilot?": {
        "who is the contact": "contact[deals[id=Borealis pilot]]",
        "any open tasks on it?": "task[deal_id=Borealis pilot, status=open]",
    },
}


def test_what_is_said_next(world: World) -> None:
    for first, following in TALKS.items():
        expect({text: world.talk(first, text)[1] for text in following}, following)


def test_a_total_of_nothing_known_is_not_that_of_everything(world: World) -> None:
    assert world.route("what's that worth in total?").plan is None
    assert world.route("only the managers").plan is None
    assert world.talk("what did people say about prices?", "what's that worth in total?")[1] == "abstain"


def test_the_page_is_meant_by_what_points_at_it(world: World) -> None:
    deal, company = RecordRef("deal", world.pilot, "Borealis pilot"), RecordRef("company", world.borealis, "Borealis")
    on_deal = {
        "any tasks on this?": "task[deal_id=Borealis pilot]",
        "when was the last meeting": "meeting[deal_id=Borealis pilot] -> occurred_at order -occurred_at top 1",
        "their website?": "company[deals[id=Borealis pilot]] -> website",
        "where are they based": "company[deals[id=Borealis pilot]] -> city, country",
        "the account's open deals": "deal[company[deals[id=Borealis pilot]], stage_type=open]",
        "is this late?": "deal[id=Borealis pilot] -> expected_close",
        "when did this one get to proposal?": "move[deal_id=Borealis pilot, to_stage=Proposal] -> moved_at",
        "how many open deals do we have?": "deal[stage_type=open] count",
    }
    on_company = {
        "when did we last speak to these guys?": "company[id=Borealis] -> last_contact_at",
        "which of this one's contacts have no phone number?": "contact[company_id=Borealis, phone unset]",
        "what's the open stuff here worth in total": "deal[company_id=Borealis, stage_type=open] total_amount",
        "who do we know at this place": "contact[company_id=Borealis]",
    }
    expect({text: world.line(text, page=deal) for text in on_deal}, on_deal)
    expect({text: world.line(text, page=company) for text in on_company}, on_company)


def test_what_somebody_has_to_do(world: World) -> None:
    mine = {
        "what do I have to get done next week?": "task[assignee_id=me, due_date=next_week, status=open]",
        "what must Bob finish by Friday": "task[assignee_id=Bob, due_date<=2026-11-27, status=open]",
        "what's on my plate for tomorrow?": "task[assignee_id=me, due_date=tomorrow, status=open] order due_date",
        "what does my week look like": "task[assignee_id=me, due_date=this_week, status=open] order due_date",
        "anything waiting for me?": "task[assignee_id=me, status=open]",
        "what am I behind on": "task[assignee_id=me, is_overdue=true]",
        "my open tasks and done ones too": "task[assignee_id=me]",
        "which of my accounts haven't I spoken to in a month": "company[no meetings[occurred_at=last_1_months, "
        "user_id=me], no notes[author_id=me, created_at=last_1_months], owner_id=me]",
    }
    expect({text: world.line(text) for text in mine}, mine)
