"""What is said leaves its trace in the plan, on the record it was said of; else the plan is not stated."""

from __future__ import annotations

import pytest

from chatbot.assistant.types import Exchange
from tests.chatbot.assistant.understanding.conftest import World


@pytest.mark.parametrize(
    "text",
    (
        # several of what is only shown
        "which contacts have more than one phone number on file", "Kontakte mit mehreren Mailadressen",
        # two owners that nothing joins
        "did Marcus leave a comment on any of my deals",
        # who wrote it is not who owns it
        "which companies did Tom write notes about",
        # open and not
        "to-dos that are finished and that nobody has finished",
        # the day is the meeting's
        "tasks from Monday's review",
        # a deal beside one that was won is that deal
        "contacts that won a deal and have another deal with us",
    ),
)  # fmt: skip
def test_a_plan_with_less_or_elsewhere_is_not_stated(world: World, text: str) -> None:
    routed = world.route(text)
    assert routed.kind != "structured", world.line(text)


def test_what_a_guard_asks_for_is_read_where_it_can_be(world: World) -> None:
    tables = {
        "I'm planning a dinner for finance directors - which ones do we know in Germany?": (
            "contact[company[country=Germany], title=Finance Director]"
        ),
        "offene Aufgaben ohne Termin": "task[due_date unset, status=open]",
        "what is still to do for Quill": "task[company_id=Quill, status=open]",
        "I would be curious how many deals we won": "deal[stage_type=won] count",
        "how many contracts did we win this quarter": "deal[closed_at=this_quarter, stage_type=won] count",
        "which three accounts employ the most people": "company[employees set] order -employees top 3",
    }
    assert {text: world.line(text) for text in tables} == tables


@pytest.mark.parametrize(
    "text",
    (
        # what nobody keeps is not searched for
        "show me Tom's password", "what will the weather be like in Bergen on Monday?", "when is Ruth's birthday",
        "Wie wird das Wetter in Hamburg?",
        # half a name is another name
        "What do we know about Borealis Zirconium?",
        # what was written is in notes
        "what has Tom noted about the people at Quill",
    ),
)  # fmt: skip
def test_what_is_not_kept_is_not_looked_for(world: World, text: str) -> None:
    assert world.route(text).kind in ("abstain", "clarify", "semantic") and not world.route(text).plan


@pytest.mark.parametrize("text", ("which have the same amount?", "and those won on a Friday?"))
def test_a_question_that_goes_on_is_held_to_its_words(world: World, text: str) -> None:
    first = world.route("open deals")
    history = (Exchange("open deals", "", "structured", first.plan, None, ()),)
    assert world.route(text, history=history).kind != "structured", world.line(text, history=history)
