"""How much and how many, by what: money in the words of business, groups however named, bounds and places."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

MONEY = {
    "what did we land in August?": "deal[closed_at<=2026-08-31, closed_at>=2026-08-01, stage_type=won] won_amount",
    "how much have the German accounts spent with us to date": "deal[company[country=Germany], stage_type=won] "
    "won_amount",
    "what has Bob brought in since July?": "deal[closed_at>=2026-07-01, owner_id=Bob, stage_type=won] won_amount",
    "how much money walked out the door last month": "deal[closed_at=last_month, stage_type=lost] lost_amount",
    "how much could we win in December": "deal[expected_close<=2026-12-31, expected_close>=2026-12-01, "
    "stage_type=open] open_pipeline",
    "what's the value of everything open with German companies?": "deal[company[country=Germany], stage_type=open] "
    "total_amount",
    "who brought in the most this year?": "deal[closed_at=this_year, stage_type=won] won_amount by owner_id "
    "order -won_amount top 1",
    "which deals did we land in August": "deal[closed_at<=2026-08-31, closed_at>=2026-08-01, stage_type=won]",
    "how many euros are in the pipeline": "deal[currency=EUR, stage_type=open] open_pipeline",
    "revenue from German companies this year": "deal[closed_at=this_year, company[country=Germany], stage_type=won] "
    "won_amount",
}

GROUPS = {
    "open deals by person": "deal[stage_type=open] count by owner_id order -count",
    "open tasks per priority and person": "task[status=open] count by priority, assignee_id order -count",
    "won revenue by customer country": "deal[stage_type=won] won_amount by country order -won_amount",
    "what has each industry brought us so far": "deal[stage_type=won] won_amount by industry order -won_amount",
    "break the open deals down by stage": "deal[stage_type=open] count by stage",
    "open deals by stage - just the number per stage": "deal[stage_type=open] count by stage",
    "pipeline by rep, euros only": "deal[currency=EUR, stage_type=open] open_pipeline by owner_id order -open_pipeline",
    "contacts by source, leave out the blanks": "contact[source set] count by source order -count",
    "contacts per source without the ones that have no source": "contact[source set] count by source order -count",
    "where do our contacts come from": "contact count by source order -count",
    "which countries are our companies in and how many in each": "company count by country order -count",
    "Why do we lose? by reason": "deal[stage_type=lost] count by lost_reason order -count",
    "meetings a month": "meeting count by occurred_at/month order occurred_at",
    "top 3 industries by number of companies": "company count by industry order -count top 3",
    "bottom 2 reps by win rate": "deal win_rate by owner_id order win_rate top 2",
}

VALUES = {
    "in how many countries do we have companies?": "company distinct(country)",
    "how many different job titles are there among our contacts": "contact distinct(title)",
    "number of different loss reasons": "deal distinct(lost_reason)",
}

BOUNDS = {
    "reps with more than 5 open deals": "deal[stage_type=open] count by owner_id order -count having >5",
    "which stages hold more than 100k": "deal total_amount by stage having >100000",
    "countries where we have at least 2 companies": "company count by country order -count having >=2",
    "who has more than 10 open tasks": "task[status=open] count by assignee_id order -count having >10",
    "months with more than two won deals": "deal[stage_type=won] count by closed_at/month order closed_at having >2",
}

MOST = {
    "fastest win": "deal[stage_type=won] order cycle_days top 1",
    "which deal took the fewest days from opened to won": "deal[stage_type=won] order cycle_days top 1",
    "which lost deal took the longest": "deal[stage_type=lost] order -cycle_days top 1",
    "how long does it take from opening a deal to signing it, per owner": "deal average_cycle_days by owner_id "
    "order -average_cycle_days",
    "which open deal has been untouched the longest": "deal[stage_type=open] order -stale_days top 1",
    "task overdue the longest": "task[due_date set, is_overdue=true] order due_date top 1",
    "which account have we not spoken to for the longest": "company order last_contact_at top 1",
    "which company did we speak to last": "company[last_contact_at set] order -last_contact_at top 1",
    "company with the most overdue tasks": "task[company_id set, is_overdue=true] count by company_id order -count "
    "top 1",
    "deal with the most contacts": "role[deal_id set] count by deal_id order -count top 1",
    "which open deal is worth the most": "deal[amount set, stage_type=open] order -amount top 1",
    "who won the most money this year": "deal[closed_at=this_year, stage_type=won] total_amount by owner_id "
    "order -total_amount top 1",
    "which industry brings in the most": "deal[stage_type=won] won_amount by industry order -won_amount top 1",
    "our best month this year by won value": "deal[closed_at=this_year, stage_type=won] won_amount by "
    "closed_at/month order -won_amount top 1",
    "top 5 countries by open pipeline": "deal[stage_type=open] open_pipeline by country order -open_pipeline top 5",
    "euros won, split by the customer's country": "deal[currency=EUR, stage_type=won] total_amount by country "
    "order -total_amount",
    "break our contacts down by status - lead, customer and so on": "contact count by lifecycle order -count",
    "for every objection, how many meetings did it come up in": "insight[kind=objection] distinct(meeting_id) by text "
    "order -distinct_meeting_id",
}

SHARES = {
    "what percentage of contacts are customers": "contact[lifecycle=customer] count ratio to all",
    "what share of the open pipeline in euros is in proposal": "deal[currency=EUR, stage=Proposal, stage_type=open] "
    "open_pipeline ratio to [currency=EUR, stage_type=open]",
    "how many percent of our companies are German": "company[country=Germany] count ratio to all",
    "what share of our open deals does Bob own": "deal[owner_id=Bob, stage_type=open] count ratio to [stage_type=open]",
    "what percentage of deals did we win": "deal win_rate",
    "what percentage of deals did we lose": "abstain",
    "how many more deals did we win in October than in September": "deal[closed_at<=2026-10-31, "
    "closed_at>=2026-10-01, stage_type=won] count difference to [closed_at<=2026-09-30, closed_at>=2026-09-01, "
    "stage_type=won]",
    "number and value of open deals by rep": "deal[stage_type=open] count open_pipeline by owner_id order -count",
    "how much have we won this quarter vs lost": "deal[closed_at=this_quarter, stage_type in lost|won] won_amount "
    "lost_amount",
    "how many deals did each rep win and lose": "deal[stage_type in lost|won] count by owner_id, stage_type "
    "order -count",
    "biggest and smallest open deal": "abstain",
    "average number of deals per rep": "abstain",
    "conversion rate from proposal to negotiation": "abstain",
}

PLACES = {
    "the second biggest deal": "deal[amount set] order -amount top 1 after 1",
    "the last but one deal we won": "deal[closed_at set, stage_type=won] order -closed_at top 1 after 1",
    "2nd oldest open deal": "deal[stage_type=open] order created_at top 1 after 1",
}


def test_money_is_asked_for_in_the_words_of_business(world: World) -> None:
    expect({text: world.line(text) for text in MONEY}, MONEY)


def test_groups_are_found_however_they_are_named(world: World) -> None:
    expect({text: world.line(text) for text in GROUPS}, GROUPS)


def test_different_values_are_counted(world: World) -> None:
    expect({text: world.line(text) for text in VALUES}, VALUES)


def test_groups_are_bounded_by_their_figure(world: World) -> None:
    expect({text: world.line(text) for text in BOUNDS}, BOUNDS)


def test_the_most_is_told_by_what_is_said_of_it(world: World) -> None:
    expect({text: world.line(text) for text in MOST}, MOST)


def test_figures_are_set_beside_each_other_or_declined(world: World) -> None:
    expect({text: world.line(text) for text in SHARES}, SHARES)


def test_places_in_an_order_are_counted_from_the_top(world: World) -> None:
    expect({text: world.line(text) for text in PLACES}, PLACES)
