"""What ties records together: roles, moves between stages, employments, and how many there are."""

from __future__ import annotations

from chatbot.assistant.types import RecordRef
from tests.chatbot.assistant.understanding.conftest import World, expect

ROLES = {
    "who are the decision makers on deals in proposal": "contact[roles[deal[stage=Proposal], role=Decision maker]]",
    "our champions at companies in Norway": "contact[company[country=Norway], roles[role=Champion]]",
    "finance directors who make the decision on something still open": "contact[roles[deal[stage_type=open], "
    "role=Decision maker], title=Finance Director]",
    "who is championing the Borealis pilot?": "contact[roles[deal_id=Borealis pilot, role=Champion]]",
    "do we have a champion at Quill": "contact[company_id=Quill, roles[role=Champion]]",
    "deals where Jane Roe is the decision maker": "deal[roles[contact_id=Jane Roe, role=Decision maker]]",
    "open deals whose decision maker has no phone number": "deal[roles[contact[phone unset], role=Decision maker], "
    "stage_type=open]",
    "open deals with nobody down as technical evaluator": "deal[no roles[role=Technical evaluator], stage_type=open]",
    "which deals still need a champion": "deal[no roles[role=Champion]]",
    "deals without a champion and without a decision maker": "deal[no roles[role=Champion], "
    "no roles[role=Decision maker]]",
    "contacts without a role on any deal": "contact[no roles[deal]]",
    "companies without a champion": "company[no contacts[roles[role=Champion]]]",
    "my deals closing in December: who are the end users?": "contact[roles[deal[expected_close<=2026-12-31, "
    "expected_close>=2026-12-01, owner_id=me, stage_type=open], role=User]]",
    "champion on one open deal and decision maker on another": "contact[roles[deal[stage_type=open], role=Champion], "
    "roles[deal[stage_type=open], role=Decision maker]]",
    "how many decision makers on won deals": "contact[roles[deal[stage_type=won], role=Decision maker]] count",
    "meetings with a decision maker in October": "meeting[contacts[roles[role=Decision maker]], "
    "occurred_at<=2026-10-31, occurred_at>=2026-10-01]",
}  # fmt: skip

COUNTS = {
    "companies with more than 2 deals": "company[3.. deals]",
    "firms where we know at least five people": "company[5.. contacts]",
    "deals with only one contact": "deal[1..1 contacts]",
    "companies with two open deals": "company[open_deals=2]",
    "meetings that gave us four or more tasks": "meeting[4.. tasks]",
    "which reps have no open deals": "user[no deals[stage_type=open]]",
    "who has no open tasks?": "user[no tasks[status=open]]",
    "who has more than one open deal": "user[2.. deals[stage_type=open]]",
    "companies with three contacts or more and no deal": "company[3.. contacts, no deals]",
    "meetings with fewer than 2 tasks": "meeting[..1 tasks]",
    "people who are decision makers on more than one deal": "contact[2.. roles[deal, role=Decision maker]]",
}

TWICE = {
    "companies where we've won something and have another deal open": "company[deals[stage_type=open], "
    "deals[stage_type=won]]",
    "German firms that bought from us and have something in play now": "company[country=Germany, "
    "deals[stage_type=open], deals[stage_type=won]]",
    "open deals at companies where we have already won something": "deal[company[deals[stage_type=won]], "
    "stage_type=open]",
    "companies with an open deal and an overdue task": "company[deals[stage_type=open], tasks[is_overdue=true]]",
}

MOVES = {
    "deals that reached proposal in October": "deal[moves[moved_at<=2026-10-31, moved_at>=2026-10-01, "
    "to_stage=Proposal]]",
    "which deals went straight from Qualification to lost": "deal[moves[from_stage=Qualification, to_stage_type=lost]]",
    "open deals that skipped proposal": "deal[no moves[(to_stage=Proposal or from_stage=Proposal)], stage_type=open]",
    "deals we lost before they ever got to proposal": "deal[no moves[(to_stage=Proposal or from_stage=Proposal)], "
    "stage_type=lost]",
    "has any deal ever moved back": "deal[moves[is_back=true]]",
    "which open deals moved on to another stage this week": "deal[moves[moved_at=this_week], stage_type=open]",
    "when did the Borealis pilot get to proposal": "move[deal_id=Borealis pilot, to_stage=Proposal] -> moved_at",
    "the date the Borealis pilot entered proposal": "move[deal_id=Borealis pilot, to_stage=Proposal] -> moved_at",
    "who pushed the Borealis pilot to proposal?": "move[deal_id=Borealis pilot, to_stage=Proposal] -> user",
    "how often did a deal go from qualification to proposal since October": "move[deal, from_stage=Qualification, "
    "moved_at>=2026-10-01, to_stage=Proposal] count",
    "how many deals have gone into proposal since 1 November": "deal[moves[moved_at>=2026-11-01, to_stage=Proposal]] "
    "count",
}

EMPLOYMENTS = {
    "who used to work at Quill": "contact[employments[company_id=Quill, is_current=false]]",
    "anyone formerly with Borealis": "contact[employments[company_id=Borealis, is_current=false]]",
    "has anybody from Borealis left?": "contact[employments[company_id=Borealis, is_current=false]]",
    "former Quill people": "contact[employments[company_id=Quill, is_current=false]]",
    "who left Quill this year?": "contact[employments[company_id=Quill, ended_on=this_year, is_current=false]]",
    "contacts who switched employers since July": "contact[employments[ended_on>=2026-07-01, is_current=false]]",
    "somebody from Harbour Foods moved over to Quill, who?": "contact[employments[company_id=Harbour, "
    "is_current=false], employments[company_id=Quill, is_current=true]]",
    "when did Ruth Okafor leave Quill": "employment[company_id=Quill, contact[id=Ruth Okafor], is_current=false] -> "
    "ended_on",
    "where did Ruth Okafor work before?": "employment[contact_id=Ruth Okafor, is_current=false] -> company, title",
}


def test_moves_say_something_of_deals_or_are_asked_for(world: World) -> None:
    expect({question: world.line(question) for question in MOVES}, MOVES)


def test_where_people_worked(world: World) -> None:
    expect({question: world.line(question) for question in EMPLOYMENTS}, EMPLOYMENTS)


PEOPLE_BESIDE = {
    "people Bob wrote a note about": "contact[notes[author_id=Bob]]",
    "who did I write a note about in November?": "contact[notes[author_id=me, created_at<=2026-11-30, "
    "created_at>=2026-11-01]]",
    "deals nobody has written a note about": "deal[no notes]",
    "companies of mine nobody ever wrote a note about": "company[no notes, owner_id=me]",
    "deals without a meeting and without a note": "deal[no meetings, no notes]",
    "contacts I have never spoken to": "contact[no meetings[user_id=me], no notes[author_id=me]]",
    "companies without an open deal but with a meeting in October": "company[meetings[occurred_at<=2026-10-31, "
    "occurred_at>=2026-10-01], no deals[stage_type=open]]",
    "deals missing an amount or a close date": "deal[(amount unset or expected_close unset)]",
    "meetings Bob attended": "meeting[users[id=Bob]]",
    "who from Borealis has been in a meeting with us": "contact[company_id=Borealis, last_meeting_at set]",
    "who at Quill do we not have a phone number for": "contact[company_id=Quill, phone unset]",
    "which companies have we met but there is no deal yet": "company[last_meeting_at set, no deals]",
    "objections raised by customers in Norway": "insight[company[country=Norway], kind=objection]",
    "German firms that do not have a single contact with a phone number": "company[country=Germany, "
    "no contacts[phone set]]",
}


def test_people_beside_records_do_not_own_them(world: World) -> None:
    expect({question: world.line(question) for question in PEOPLE_BESIDE}, PEOPLE_BESIDE)


def test_two_states_of_deals_are_two_deals(world: World) -> None:
    expect({question: world.line(question) for question in TWICE}, TWICE)


def test_roles_mean_people_or_say_something_of_deals(world: World) -> None:
    expect({question: world.line(question) for question in ROLES}, ROLES)


def test_related_records_are_counted(world: World) -> None:
    expect({question: world.line(question) for question in COUNTS}, COUNTS)


def test_a_role_on_this_is_one_on_the_deal_of_the_page(world: World) -> None:
    page = RecordRef("deal", world.pilot, "Borealis pilot")
    champions = "contact[roles[deal_id=Borealis pilot, role=Champion]]"
    assert world.line("who's championing this for us?", page=page) == champions
    assert world.line("what part does Ruth Okafor play in this?", page=page) == (
        "role[contact_id=Ruth Okafor, deal_id=Borealis pilot] -> role"
    )
    assert world.route("who is championing this?").plan is None
