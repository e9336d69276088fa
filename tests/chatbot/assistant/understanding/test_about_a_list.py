"""“These”, “this list”: what is asked beside a list is answered of exactly its rows."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from chatbot.assistant.types import Exchange, Listing
from shared.query import ask, catalog, lists
from tests.chatbot.assistant.understanding.conftest import BERLIN, World, expect
from tests.chatbot.assistant.understanding.plan_text import line_of

#: list → question → plan
BESIDE: dict[tuple[str, str], dict[str, str]] = {
    ("deal", "stage_type=open"): {
        "how many of these are over 20000?": "deal[amount>20000, stage_type=open] count",
        "sum of these by stage": "deal[stage_type=open] total_amount by stage",
        "summarise this list": "deal[stage_type=open] count total_amount by stage",
        "contacts of these deals": "contact[deals[stage_type=open]]",
        "what's this list worth?": "deal[stage_type=open] total_amount",
        "was ist diese Liste wert?": "deal[stage_type=open] total_amount",
        "by stage": "deal[stage_type=open] count by stage",
        # nothing of the list gives way
        "which of these deals are won?": "deal[stage_type=open, stage_type=won]",
        "Wie viele davon sind über 20000 Euro?": "deal[amount>20000, currency=EUR, stage_type=open] count",
        "Summe dieser Liste nach Phase": "deal[stage_type=open] total_amount by stage",
        # not about the list
        "how many companies are there?": "company count",
        "how many deals were lost?": "deal[stage_type=lost] count",
    },
    ("contact", "q=quill"): {
        "which of these have open deals?": "contact[deals[stage_type=open], “quill”]",
        "their open deals": "deal[contacts[“quill”], stage_type=open]",
        "Welche dieser Kontakte haben offene Deals?": "contact[deals[stage_type=open], “quill”]",
        "by company": "contact[“quill”] count by company_id order -count",
        "what are these worth?": "deal[contacts[“quill”]] open_pipeline",
        "who in this list has no email?": "contact[email unset, “quill”]",
    },
    ("task", "status=open"): {
        "which are mine?": "task[assignee_id=me, status=open]",
        "how many of these are done?": "task[status=done, status=open] count",
    },
}


def listing(world: World, type_: str, query: str, *, is_meant: bool = False) -> Listing:
    asked = lists.parse(type_, parse_qs(query), catalog(world.session))
    return Listing(lists.plan_of(asked), is_meant)


def test_questions_about_a_list_keep_all_of_it(world: World) -> None:
    expected = {f"{type_}: {q}": plan for (type_, _), plans in BESIDE.items() for q, plan in plans.items()}
    got = {
        f"{type_}: {q}": world.line(q, listing=listing(world, type_, query))
        for (type_, query), plans in BESIDE.items()
        for q in plans
    }
    expect(got, expected)


def test_a_list_that_is_meant_narrows_what_is_asked_of_its_type_and_nothing_else(world: World) -> None:
    meant = listing(world, "contact", "company_id=" + str(world.quill), is_meant=True)
    assert world.line("which contacts have no email?", listing=meant) == "contact[company_id=Quill, email unset]"
    assert world.line("how many open deals are there?", listing=meant) == "deal[stage_type=open] count"


def test_those_of_the_last_answer_go_before_the_list_and_what_follows_stays_in_it(world: World) -> None:
    beside = listing(world, "deal", "stage_type=open")
    first = world.route("which of these are over 20000?", listing=beside)
    before = Exchange("", "", "structured", first.plan, listing=beside, is_of_list=True)
    assert world.line("how many of those are lost?", listing=beside, history=(before,)) == (
        "deal[amount>20000, stage_type=lost, stage_type=open] count"
    )
    assert world.line("how many in this list?", listing=beside, history=(before,)) == "deal[stage_type=open] count"


def test_follow_ups_stay_in_the_list_however_many_there_are_and_know_which_rows_they_are_of(world: World) -> None:
    beside = listing(world, "deal", "stage_type=open")
    history: tuple[Exchange, ...] = ()
    lines, counted = [], []
    for said in ("which of these are over 20000?", "how many of those are at Quill?", "by stage", "won ones?"):
        routed = world.route(said, listing=beside, history=history)
        lines.append(world.line(said, listing=beside, history=history))
        counted.append(routed.of_list and line_of(routed.of_list, world.names))
        made = Exchange(said, "", routed.kind, routed.plan, listing=beside, is_of_list=routed.of_list is not None)
        history = (*history, made)
    over = "deal[amount>20000, stage_type=open]"
    at_quill = "amount>20000, company_id=Quill, stage_type=open"
    assert lines == [
        over, f"deal[{at_quill}] count", f"deal[{at_quill}] count by stage",
        f"deal[{at_quill}, stage_type=won] count by stage",
    ]  # fmt: skip
    assert counted == ["deal[stage_type=open]", over, "deal[stage_type=open]", "deal[stage_type=open]"]


@pytest.mark.parametrize(
    ("type_", "query", "question", "names"),
    [
        ("contact", "q=jane&sort=-name", "their open deals", {"Borealis pilot"}),
        ("deal", "stage_type=open", "which of these are at Quill?", {"Quill phase 1", "Quill phase 2"}),
    ],
)
def test_the_answer_links_to_a_list_of_the_same_rows(
    world: World, type_: str, query: str, question: str, names: set[str]
) -> None:
    plan = world.route(question, listing=listing(world, type_, query)).plan
    assert plan is not None
    result = ask(world.session, plan, user_id=world.cast.alice, zone=BERLIN)
    shown = lists.parse(plan.from_, parse_qs(urlsplit(result.href).query), catalog(world.session))
    found = lists.run(world.session, shown, user_id=world.cast.alice, zone=BERLIN)
    assert {row.name for row in found.items} == {row.name for row in result.rows} == names
