"""A plan that leaves out part of the question, or says more than it, is not stated."""

from __future__ import annotations

import pytest

from tests.chatbot.assistant.understanding.conftest import World


@pytest.mark.parametrize(
    "text",
    (
        # an order of events, which no plan says
        "deals won before a meeting was held", "companies we met after they bought",
        # a second one of the kind
        "contacts at another company than Quill",
        # instead
        "companies with notes instead of meetings", "Firmen mit Notizen statt Besprechungen",
        # two questions in one breath
        "How many open deals do we have and how many are won?", "Wie viele Deals sind offen und wie viele gewonnen?",
        # what happened, with no date of it in the plan
        "deals that somebody updated",
        # two currencies that are no alternatives
        "what is the pound worth in euros",
        # an open stage of what is over
        "lost deals in Proposal",
        # groups of one
        "How many deals in euro by currency?",
    ),
)  # fmt: skip
def test_what_no_plan_says_is_not_dropped(world: World, text: str) -> None:
    routed = world.route(text)
    assert routed.kind != "structured", world.line(text)


@pytest.mark.parametrize(
    "text", ("How much business is there with companies in Germany?", "total of our companies in Berlin")
)
def test_a_sum_is_never_of_what_nobody_spoke_of(world: World, text: str) -> None:
    assert "employees" not in world.line(text)


def test_alternatives_said_side_by_side_are_alternatives(world: World) -> None:
    assert world.line("open and won deals") == "deal[stage_type in open|won]"
    assert world.line("deals in euros or pounds") == "deal[currency in EUR|GBP]"
    assert world.line("open deals and won deals") == "deal[stage_type in open|won]"


def test_each_record_type_keeps_its_own_state(world: World) -> None:
    assert world.line("open tasks of open deals") == "task[deal[stage_type=open], status=open]"


def test_since_a_month_lies_behind(world: World) -> None:
    assert world.line("how many meetings in each month since July") == (
        "meeting[occurred_at>=2026-07-01] count by occurred_at/month order occurred_at"
    )


def test_a_time_beside_a_place_and_no_noun_is_no_crash(world: World) -> None:
    assert world.route("anything in Germany last month?").kind != "structured"
