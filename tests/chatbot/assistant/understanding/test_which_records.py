"""Which records are meant: what comes from where, who does what, what is left out, though the CRM has other words."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

PLACES = {
    "which of our contacts are Norwegians?": "contact[company[country=Norway]]",
    "list the Norwegians": "company[country=Norway]",
    "Scandinavian companies": "company[country=Norway]",
    "deals outside Scandinavia": "deal[no company[country=Norway]]",
    "British and Norwegian companies": "company[country in Norway|United Kingdom]",
    "any Austrian companies?": "company[country=Austria]",
    "our us customers": "contact[company[country=United States], lifecycle=customer]",
    "deals with US companies": "deal[company[country=United States]]",
    "show us customers": "contact[lifecycle=customer]",
    "what's open with the Brits?": "deal[company[country=United Kingdom], stage_type=open]",
}

JOBS_AND_TRADES = {
    "everyone who runs IT": "contact[title=Head of IT]",
    "IT people in Germany": "contact[company[country=Germany], title=Head of IT]",
    "contacts with IT in their job title": "contact[title=Head of IT]",
    "finance bosses": "contact[title=Finance Director]",
    "bosses at British companies": "contact[company[country=United Kingdom], title in Finance Director|Head of IT|"
    "Managing Director]",
    "which hauliers do we have?": "company[industry=Logistics]",
    "any software makers in our books?": "company[industry=Software]",
    "which logos did we win this year?": "company[deals[closed_at=this_year, stage_type=won]]",
}

LEFT_OUT = {
    "contacts who are neither leads nor customers": "contact[lifecycle!=customer, lifecycle!=lead]",
    "contacts that aren't customers or partners": "contact[lifecycle!=customer, lifecycle!=partner]",
    "companies not in Germany or Norway": "company[country!=Germany, country!=Norway]",
    "companies in all countries but Germany": "company[country!=Germany]",
    "non-German companies": "company[country!=Germany]",
    "deals in any stage but Proposal": "deal[stage!=Proposal]",
    "open deals leaving out Proposal": "deal[stage!=Proposal, stage_type=open]",
    "open deals, not counting the ones in pounds": "deal[currency!=GBP, stage_type=open]",
    "all deals except Alice's and Bob's": "deal[owner_id!=Alice, owner_id!=Bob]",
    "deals neither won nor lost": "deal[stage_type!=lost, stage_type!=won]",
    "tasks that aren't mine": "task[assignee_id!=me, status=open]",
    "which contacts have neither an e-mail address nor a phone?": "contact[email unset, phone unset]",
    "companies we've never had a deal with, not even a lost one": "company[no deals]",
}


ORIGINS_AND_REASONS = {
    "who did we first meet at a trade fair?": "contact[source=Trade fair]",
    "leads that came in through the website or a trade fair": "contact[lifecycle=lead, source in Trade fair|Website]",
    "contacts who didn't find us via the website": "contact[source!=Website]",
    "which ones did we lose because the price was too high?": "deal[lost_reason=Price too high, stage_type=lost]",
    "deals lost over price this year": "deal[closed_at=this_year, lost_reason=Price too high, stage_type=lost]",
    "how often did we lose due to a high price in Germany?": "deal[company[country=Germany], "
    "lost_reason=Price too high, stage_type=lost] count",
    "how many deals did we lose since October?": "deal[closed_at>=2026-10-01, stage_type=lost] count",
}

NAMESAKES = {
    "everybody called Jane": "contact[first_name=Jane]",
    "how many Janes do we know?": "contact[first_name=Jane] count",
    "all the Toms at Quill": "contact[company_id=Quill, first_name=Tom]",
    "contacts with the surname Okafor": "contact[last_name=Okafor] -> last_name",
    "Jane's phone number": "clarify",
}


def test_nationalities_and_groups_of_countries_are_countries(world: World) -> None:
    expect({question: world.line(question) for question in PLACES}, PLACES)


def test_jobs_and_trades_are_known_by_other_words(world: World) -> None:
    expect({question: world.line(question) for question in JOBS_AND_TRADES}, JOBS_AND_TRADES)


def test_what_is_left_out_is_all_that_was_named(world: World) -> None:
    expect({question: world.line(question) for question in LEFT_OUT}, LEFT_OUT)


def test_origins_and_reasons_are_told_in_clauses(world: World) -> None:
    expect({question: world.line(question) for question in ORIGINS_AND_REASONS}, ORIGINS_AND_REASONS)


def test_a_name_in_the_plural_is_a_condition(world: World) -> None:
    expect({question: world.line(question) for question in NAMESAKES}, NAMESAKES)
