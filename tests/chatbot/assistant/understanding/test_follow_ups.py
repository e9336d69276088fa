"""What is said next goes on about what was asked before, and only that of it changes which is spoken of."""

from __future__ import annotations

from tests.chatbot.assistant.understanding.conftest import World

TALKS: list[list[tuple[str, str]]] = [
    [
        ("How many deals did we win last month?", "deal[closed_at=last_month, stage_type=won] count"),
        ("and this month?", "deal[closed_at=this_month, stage_type=won] count"),
        ("only Bob's", "deal[closed_at=this_month, owner_id=Bob, stage_type=won] count"),
        ("and lost?", "deal[closed_at=this_month, owner_id=Bob, stage_type=lost] count"),
        ("which ones?", "deal[closed_at=this_month, owner_id=Bob, stage_type=lost]"),
        ("sort by amount", "deal[closed_at=this_month, owner_id=Bob, stage_type=lost] order -amount"),
        ("and the total?", "deal[closed_at=this_month, owner_id=Bob, stage_type=lost] total_amount"),
        ("What is our win rate?", "deal win_rate"),
    ],
    [
        ("open deals over 20k", "deal[amount>20000, stage_type=open]"),
        ("how many are those?", "deal[amount>20000, stage_type=open] count"),
        ("show them by amount", "deal[amount>20000, stage_type=open] order -amount"),
        ("only mine", "deal[amount>20000, owner_id=me, stage_type=open] order -amount"),
        ("what about Quill?", "deal[amount>20000, company_id=Quill, owner_id=me, stage_type=open] order -amount"),
    ],
    [
        ("companies in Germany", "company[country=Germany]"),
        ("and in Norway?", "company[country=Norway]"),
        ("which of them have open deals?", "company[country=Norway, deals[stage_type=open]]"),
        ("their contacts", "contact[company_id=Borealis]"),
    ],
    [
        ("biggest open deals", "deal[amount set, stage_type=open] order -amount top 10"),
        ("top 3", "deal[amount set, stage_type=open] order -amount top 3"),
        ("show me the next ones", "deal[amount set, stage_type=open] order -amount top 6"),
    ],
    [
        ("pipeline by stage", "deal[stage_type=open] open_pipeline by stage"),
        ("and by owner", "deal[stage_type=open] open_pipeline by owner_id order -open_pipeline"),
        ("for Bob", "deal[owner_id=Bob, stage_type=open] open_pipeline by owner_id order -open_pipeline"),
    ],
    [
        ("Who is Ruth Okafor?", "contact[id=Ruth Okafor]"),
        ("her phone number?", "contact[id=Ruth Okafor] -> phone"),
        ("when did we last talk to her?", "contact[id=Ruth Okafor] -> last_contact_at"),
    ],
    [
        ("Who owns Quill?", "company[id=Quill] -> owner"),
        ("and Borealis?", "company[id=Borealis] -> owner"),
        ("what stage is it in?", "deal[company_id=Borealis] -> stage"),
    ],
    [
        ("how many deals does Bob have", "deal[owner_id=Bob] count"),
        ("and tasks?", "task[assignee_id=Bob] count"),
        ("and Vera?", "task[assignee_id=Vera] count"),
    ],
    [
        ("deals closing this month", "deal[expected_close=this_month, stage_type=open]"),
        ("who owns them?", "deal[expected_close=this_month, stage_type=open] -> owner"),
        ("and won?", "deal[closed_at=this_month, stage_type=won] -> owner"),
    ],
    [
        ("Wie viele Deals haben wir letzten Monat gewonnen?", "deal[closed_at=last_month, stage_type=won] count"),
        ("und diesen Monat?", "deal[closed_at=this_month, stage_type=won] count"),
        ("nur meine", "deal[closed_at=this_month, owner_id=me, stage_type=won] count"),
        ("welche sind das?", "deal[closed_at=this_month, owner_id=me, stage_type=won]"),
    ],
]


def test_talks_go_on(world: World) -> None:
    for talk in TALKS:
        assert world.talk(*[text for text, _ in talk]) == [line for _, line in talk]


def test_a_fragment_with_nothing_before_it_is_no_question(world: World) -> None:
    for text in ("and last month?", "only Bob's", "sort by amount", "und letzten Monat?"):
        assert world.route(text).plan is None, text


def test_a_new_question_is_not_bent_to_the_old_one(world: World) -> None:
    lines = world.talk("open deals of Bob", "How many companies are there in Germany?", "overdue tasks")
    assert lines == ["deal[owner_id=Bob, stage_type=open]", "company[country=Germany] count", "task[is_overdue=true]"]
