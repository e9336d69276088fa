"""What is said of deals, customers and stages, in words and order that people choose for the same thing."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World, expect

PLANS = {
    # what runs is open, whoever runs it
    "running opportunities in Germany": "deal[company[country=Germany], stage_type=open]",
    "how many deals are still running?": "deal[stage_type=open] count",
    # customers of whom deals are told are companies that bought
    "existing customers with a running deal": "company[deals[stage_type=open], deals[stage_type=won]]",
    "customers without an open deal": "company[deals[stage_type=won], no deals[stage_type=open]]",
    # what is denied is of the record asked for
    "firms we lost at but never sold anything to": "company[deals[stage_type=lost], no deals[stage_type=won]]",
    "companies where we had no meetings and written no notes since September": "company[no meetings, "
    "no notes[created_at>=2026-09-01]]",
    "open deals without a single note recorded on them": "deal[no notes, stage_type=open]",
    # a role said twice is one
    "who has the champion role on something in proposal": "contact[roles[deal[stage=Proposal], role=Champion]]",
    # since when a deal is where it is
    "deals in proposal since October": "deal[stage=Proposal, stage_since<=2026-10-31]",
    "deals that entered proposal before October and haven't left it": "deal[stage=Proposal, stage_since<2026-10-01]",
    "which deals reached proposal in May and are still there": "deal[stage=Proposal, "
    "stage_since<=2026-05-31, stage_since>=2026-05-01]",
    # mine are the deals, not what they have
    "open deals under my name with a late task": "deal[owner_id=me, stage_type=open, tasks[is_overdue=true]]",
    # of several deals together
    "weighted value of my opportunities": "deal[owner_id=me, stage_type=open] weighted_pipeline",
}


def test_the_same_thing_in_other_words_comes_to_its_plan(world: World) -> None:
    expect({question: world.line(question) for question in PLANS}, PLANS)
