"""Who is meant: exact names first, then parts of names, addresses, initials and slips; namesakes are asked about."""

from __future__ import annotations

from typing import Any

from chatbot.assistant.query_router import route
from chatbot.assistant.types import Asker, Exchange, Question, RecordRef
from shared import records
from shared.events import Actor
from shared.models import Role
from shared.tenancy import TenantSession
from tests.chatbot.assistant.understanding.conftest import BERLIN, World, expect
from tests.conftest import Cast


def test_records_are_found_by_what_people_call_them(world: World) -> None:
    expected = {
        "Who is Ruth Okafor?": "contact[id=Ruth Okafor]",
        "who is okafor": "contact[id=Ruth Okafor]",
        "who is RUTH": "contact[id=Ruth Okafor]",
        "contacts at Borealis Shipping Ltd": "contact[company_id=Borealis]",
        "contacts at Borealis Shipping": "contact[company_id=Borealis]",
        "contacts at borealis": "contact[company_id=Borealis]",
        "contacts at Nordlicht Uberseehandel": "contact[company_id=Nordlicht]",
        "contacts at NÜ": "contact[company_id=Nordlicht]",
        "contacts at HF": "contact[company_id=Harbour]",
        "deals of jane@borealis.example": "deal[contact_id=Jane Roe]",
        "the owner of Quill phase 2": "deal[id=Quill phase 2] -> owner",
        "tasks of bob@acme.example": "task[assignee_id=Bob]",
        "Bob Baker's deals": "deal[owner_id=Bob]",
        "deals not owned by Bob": "deal[owner_id!=Bob]",
        "meetings with Ruth and Jane Roe": "meeting[contact_id=Jane Roe, contact_id=Ruth Okafor]",
        "deals at Borealis and Quill": "deal[company_id in Borealis|Quill]",
        "contacts at Boraelis": "contact[company_id=Borealis]",
        "phone of Ruth Okaforr": "contact[id=Ruth Okafor] -> phone",
    }
    expect({question: world.line(question) for question in expected}, expected)


def test_namesakes_are_asked_about_and_each_choice_is_the_whole_question(world: World) -> None:
    routed = world.route("What is Jane's phone number?")
    assert routed.kind == "clarify"
    assert [choice.label for choice in routed.choices] == ["Jane Roe (Borealis Shipping Ltd)", "Jane Doe (Quill GmbH)"]
    assert [choice.record and choice.record.id for choice in routed.choices] == [world.jane, world.doe]
    again = [world.line(choice.question) for choice in routed.choices]
    assert again == ["contact[id=Jane Roe] -> phone", "contact[id=Jane Doe] -> phone"]


def test_a_short_reply_chooses(world: World) -> None:
    asked = world.route("What is Jane's phone number?")
    history = (Exchange("What is Jane's phone number?", asked.message, asked.kind, choices=asked.choices),)
    replies = (
        "the second", "2", "Jane Doe", "doe", "the one at Quill", "die zweite", "the last one", "no, Jane Doe please",
    )  # fmt: skip
    for reply in replies:
        assert world.line(reply, history=history) == "contact[id=Jane Doe] -> phone", reply
    assert world.line("How many open deals do we have?", history=history) == "deal[stage_type=open] count"
    assert world.line("the tenth", history=history) != "contact[id=Jane Doe] -> phone"


def test_a_company_beside_a_first_name_tells_who_is_meant(world: World) -> None:
    assert world.line("email of Jane at Quill") == "contact[company_id=Quill, id=Jane Doe] -> email"


def test_a_short_name_that_is_nearly_another_is_asked_about(world: World) -> None:
    short = world.route("meetings with Okafr")
    assert short.kind == "clarify" and "Did you mean" in short.message
    assert world.route(short.choices[0].question).plan == world.route("meetings with Okafor").plan
    assert world.route("meetings with Rutt").kind == "abstain"


def test_nobody_of_a_name_is_said_rather_than_left_out(world: World) -> None:
    for question in (
        "Who is Zora Quux?", "deals of Initech", "How many deals does Initech have?",
        "What did Elon say about pricing?",
        "tasks for Initech due this week", "Was hat Herr Zorblatt gesagt?",
    ):  # fmt: skip
        routed = world.route(question)
        assert routed.kind == "abstain" and routed.confidence == 1.0, question
        assert any(name in routed.message for name in ("Zora Quux", "Initech", "Elon", "Zorblatt")), routed.message


def test_records_of_another_workspace_and_deleted_ones_are_nobody(world: World, mallory_session: TenantSession) -> None:
    records.create(
        mallory_session, "company", {"name": "Secretly Inc", "city": "Oslo"}, by=Actor("user", world.cast.mallory)
    )
    mallory_session.commit()
    for question in ("Who owns Secretly?", "deals of Secretly Inc", "[company:999999] deals"):
        assert world.route(question).plan is None, question
    assert world.line("companies in Oslo") == "company[city=Oslo]"  # of which the compiler finds none

    row = records.get(world.session, "contact", world.ruth)
    records.delete(world.session, row, by=world.by)
    world.session.commit()
    assert world.route("Who is Ruth Okafor?").kind == "abstain"


def test_a_choice_of_another_workspace_is_not_taken(mallory_session: TenantSession, world: World, cast: Cast) -> None:
    mallory = Asker(cast.globex, cast.mallory, Role.ADMIN, "Mallory Marsh", BERLIN)
    routed = route(mallory_session, Question(f"phone of [contact:{world.jane}]", mallory))
    assert routed.plan is None


def test_this_and_here_mean_the_page(world: World) -> None:
    deal = RecordRef("deal", world.pilot, "Borealis pilot")
    company = RecordRef("company", world.quill, "Quill GmbH")
    jane = RecordRef("contact", world.jane, "Jane Roe")
    cases: list[tuple[str, RecordRef, str]] = [
        ("what stage is this in?", deal, "deal[id=Borealis pilot] -> stage"),
        ("who owns this deal", deal, "deal[id=Borealis pilot] -> owner"),
        ("open tasks here", deal, "task[deal_id=Borealis pilot, status=open]"),
        ("tasks for this deal", deal, "task[deal_id=Borealis pilot]"),
        ("contacts of this company", company, "contact[company_id=Quill]"),
        ("her phone number?", jane, "contact[id=Jane Roe] -> phone"),
        ("how many open deals does this company have", company, "deal[company_id=Quill, stage_type=open] count"),
        ("meetings with this contact", jane, "meeting[contact_id=Jane Roe]"),
        ("contacts of this company", deal, "contact[company[deals[id=Borealis pilot]]]"),
    ]
    got: dict[str, str] = {f"{text} on {page.name}": world.line(text, page=page) for text, page, _ in cases}
    expect(got, {f"{text} on {page.name}": line for text, page, line in cases})


def test_a_page_does_not_narrow_a_question_that_does_not_point_at_it(world: World) -> None:
    deal: Any = RecordRef("deal", world.pilot, "Borealis pilot")
    assert world.line("How many open deals do we have?", page=deal) == "deal[stage_type=open] count"
