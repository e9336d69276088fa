"""What is said leaves its trace in the plan, on the record it was said of; else the plan is not stated."""

from __future__ import annotations

import pytest

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
