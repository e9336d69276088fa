"""Families of questions that once were half understood: each asked in several ways, each way the same plan."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

PLANS = {
    # who is asked for stands first, be it a job
    "finance directors at companies with open deals": "contact[company[deals[stage_type=open]], "
    "title=Finance Director]",
    "managing directors of companies in the UK": "contact[company[country=United Kingdom], title=Managing Director]",
    "who works at companies that bought from us": "contact[company[deals[stage_type=won]]]",
    # what is won of a company is deals
    "companies we lost": "company[deals[stage_type=lost]]",
    "German accounts where nothing was ever won": "company[country=Germany, no deals[stage_type=won]]",
    "companies whose deals are all lost": "company[deals[stage_type=lost], no deals[stage_type!=lost]]",
    # currencies
    "open deals not in euros": "deal[currency!=EUR, stage_type=open]",
    "total open dollar deals": "deal[currency=USD, stage_type=open] total_amount",
    "how much do we have open in pounds?": "deal[currency=GBP, stage_type=open] total_amount",
    # money is totalled, not counted
    "amount won per month": "deal[stage_type=won] total_amount by closed_at/month order closed_at",
    "open deals at Quill, total?": "deal[company_id=Quill, stage_type=open] total_amount",
    "how much is in proposal at the moment": "deal[stage=Proposal] total_amount",
    "how many employees do the German companies have together": "company[country=Germany] sum(employees)",
    # by where the company is
    "average deal size by industry": "deal average_deal by industry order -average_deal",
    "Which country has the most customers?": "contact[lifecycle=customer] count by country order -count top 1",
    "how much did each rep win": "deal[stage_type=won] total_amount by owner_id order -total_amount",
    # rates and lengths
    "what share of deals do we win": "deal win_rate",
    "how long does it take us on average to close a deal?": "deal average_cycle_days",
    "how much is the pipeline worth if you weight it by probability?": "deal[stage_type=open] weighted_pipeline",
    # days
    "meetings from yesterday": "meeting[occurred_at=yesterday]",
    "which calls did we have on Monday?": "meeting[occurred_at=2026-11-16]",
    "deals created since the first of November": "deal[created_at>=2026-11-01]",
    # ranges, and what sizes mean beside a number
    "firms with 100 to 300 staff": "company[employees<=300, employees>=100]",
    "small companies, fewer than 50 employees": "company[employees<50]",
    # German
    "offene Deals in der Phase Angebot": "deal[stage=Proposal, stage_type=open]",
    "Wie verteilen sich die Firmen auf die Länder?": "company count by country order -count",
}


def test_questions_of_a_family_come_to_their_plans(world: World) -> None:
    expect({question: world.line(question) for question in PLANS}, PLANS)


def test_what_was_decided_are_the_decisions_heard_there(world: World) -> None:
    assert world.line("What was decided last week?") == "insight[kind=decision, occurred_at=last_week]"


def test_them_is_who_was_talked_about_and_the_month_before_is_one_earlier(world: World) -> None:
    assert world.talk("tell me about Quill GmbH", "any open deals with them?")[1].startswith("deal[company_id=Quill")
    assert world.talk("what did we win last month?", "and the month before?")[1] == (
        "deal[closed_at<=2026-09-30, closed_at>=2026-09-01, stage_type=won]"
    )
