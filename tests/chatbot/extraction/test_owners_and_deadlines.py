"""Who owns a task that was not promised in so many words, and on which day it is due. The meeting is on a Thursday."""

from __future__ import annotations

import pytest

from chatbot.extraction.builtin.deadlines import due_date
from chatbot.extraction.builtin.discourse import cut
from chatbot.extraction.day_steps import find_steps
from shared.schemas.insight import Kind
from tests.chatbot.extraction.test_builtin_engine import items, meeting


@pytest.mark.parametrize(
    ("talk", "owner", "due"),
    [
        (
            "Rachel Whitmore: Could you fill in the supplier form by Monday?\nCarlos Medrano: Sure.",
            "Carlos Medrano",
            "2026-11-16",
        ),
        (
            "Rachel Whitmore: The delivery plan should be with the printers by Monday.\nCarlos Medrano: Will do.",
            "Carlos Medrano",
            "2026-11-16",
        ),
        (
            """Rachel Whitmore: Who books the hall for the training?
            Carlos Medrano: Our colleague Ines Carvalho will see to it, by Tuesday.""",
            "Ines Carvalho",
            "2026-11-17",
        ),
        (
            "Rachel Whitmore: The keys will be brought over by our caretaker, by Anders Bergqvist, on Monday.",
            "Anders Bergqvist",
            "2026-11-16",
        ),
        (
            """Rachel Whitmore: I'll write the shift plan by Monday.
            Carlos Medrano: Let me take that, you've got enough on.
            Rachel Whitmore: Thanks.""",
            "Carlos Medrano",
            "2026-11-16",
        ),
        (
            """Rachel Whitmore: Carlos, could you get the lease copied by Monday?
            Carlos Medrano: That's something for Priya.
            Priya Anand: Yes, I can do that.""",
            "Priya Anand",
            "2026-11-16",
        ),
        (
            """Tom Hale: Tom, can you send the badge list by Monday?
            Tom Osei: Sure, no problem.""",
            "Tom Osei",
            "2026-11-16",
        ),
    ],
    ids=["asked", "wished for", "a third sees to it", "passive", "taken over", "passed on", "namesakes"],
)
def test_a_task_belongs_to_who_takes_it_on(talk: str, owner: str, due: str) -> None:
    (task,) = items(talk, Kind.ACTION_ITEM)
    assert (task["owner"], task["due_date"]) == (owner, due)


def test_a_recap_gives_each_his_own() -> None:
    tasks = items(
        """Rachel Whitmore: So: Carlos sends the floor plan by Monday, Priya checks the badge list.
        Carlos Medrano: Yes.
        Priya Anand: Fine.""",
        Kind.ACTION_ITEM,
    )
    assert {(task["owner"], task.get("due_date")) for task in tasks} == {
        ("Carlos Medrano", "2026-11-16"),
        ("Priya Anand", None),
    }


@pytest.mark.parametrize(
    "answer", ["No need, honestly, we have one.", "Don't, I've got it already."], ids=["not needed", "already there"]
)
def test_a_promise_nobody_wants_is_no_task(answer: str) -> None:
    assert not items(
        f"Rachel Whitmore: I'll send you the parking plan tomorrow.\nCarlos Medrano: {answer}", Kind.ACTION_ITEM
    )


@pytest.mark.parametrize(
    ("talk", "due"),
    [
        ("Carlos Medrano: We move on Monday.\nRachel Whitmore: I'll send the keys the day after.", "2026-11-17"),
        ("Carlos Medrano: I'm in on Monday.\nRachel Whitmore: I'll bring the keys by then.", "2026-11-16"),
        ("Rachel Whitmore: I'll send the invite for the workshop on the twentieth.", None),
        ("Rachel Whitmore: I'm away from Monday, but I'll send the keys over.", None),
        ("Rachel Whitmore: I'll send the keys early next week.", None),
        ("Rachel Whitmore: I'll send the keys in January.", None),
        ("Rachel Whitmore: I'll send the slides by Monday for the board meeting on the twentieth.", "2026-11-16"),
        (
            """Rachel Whitmore: I'll send the keys on Monday.
            Carlos Medrano: Monday's good.
            Carlos Medrano: We see our landlord on the twentieth.""",
            "2026-11-16",
        ),
        ("Rachel Whitmore: I'll send the keys on Monday.\nCarlos Medrano: Better make it Tuesday.", "2026-11-17"),
    ],
)
def test_the_day_is_the_one_the_task_is_due_on(talk: str, due: str | None) -> None:
    discourse = cut(meeting(talk))
    sentence = next(s for s in discourse.sentences if "'ll" in s.text)
    day, _ = due_date(discourse, sentence)
    assert (day.isoformat() if day else None) == due


@pytest.mark.parametrize(
    ("text", "days"),
    [("two weeks later", 14), ("am Tag danach", 1), ("einen Tag später", 1), ("the day before", -1)],
)
def test_a_day_is_told_from_another(text: str, days: int) -> None:
    assert [step.days for step in find_steps(text)] == [days]


def test_the_day_after_tomorrow_is_told_from_no_other_day() -> None:
    assert not find_steps("the day after tomorrow")
