"""Greetings, excuses and reasons around a question change nothing; what may be part of it stays."""

from __future__ import annotations

import pytest

from tests.chatbot.assistant.understanding.conftest import World

COUNT = "deal[stage_type=open] count"


@pytest.mark.parametrize(
    "text",
    (
        "hey, I'm off to lunch, how many open deals do we have?",
        "Quick question: how many open deals do we have?",
        "I am writing the newsletter, so how many open deals do we have?",
        "My boss wants a figure: how many open deals are there?",
        "sorry to bother you – how many open deals do we have",
        "We're planning next year. How many open deals do we have?",
        "How many open deals do we have? I need it for a slide.",
        "How many open deals do we have, for my report, thanks",
        "for the board: how many open deals do we have?",
        "Kurze Frage: wie viele offene Deals haben wir?",
        "Ich bereite gerade eine Sitzung vor, wie viele offene Deals haben wir?",
        "Finance question: how many open deals do we have?",
        "For the quarterly board deck I need the number of open deals",
        "Before the partner call: how many open deals do we have?",
        "Our auditor wants to know how many open deals there are, so how many open deals do we have?",
        "Für meine Präsentation: wie viele offene Deals haben wir?",
        "how many open deals do we presently and honestly have?",
        "Sag mal, wie viele offene Deals haben wir? Das ist für den Bericht.",
    ),
)
def test_what_asks_for_nothing_is_peeled_off(world: World, text: str) -> None:
    assert world.line(text) == COUNT


@pytest.mark.parametrize(
    "text",
    (
        "I'm preparing for Quill, so how many open deals do they have?",
        "We're having a meeting with Borealis, which deals are open?",
        "I'm going to see Jane Roe, how many open deals do we have?",
    ),
)
def test_a_reason_that_names_a_record_is_not_peeled_off(world: World, text: str) -> None:
    assert world.line(text) not in (COUNT, "deal[stage_type=open]")


def test_parts_of_a_question_are_no_wrapping(world: World) -> None:
    assert world.line("deals over 20k, sorted by amount") == "deal[amount>20000] order -amount"
    assert world.line("companies in Berlin, without an open deal").startswith("company[")
    assert world.line("new deals, please") == world.line("new deals")


def test_whom_the_reason_names_is_whom_the_question_means(world: World) -> None:
    asked = "I'm preparing the review with Jane Roe, so which deals does she have?"
    assert world.line(asked) == world.line("which deals does Jane Roe have?")
