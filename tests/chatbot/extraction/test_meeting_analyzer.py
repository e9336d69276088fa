"""Drafts of segments become one list of items."""

from __future__ import annotations

import json
from datetime import datetime

from chatbot.extraction.meeting_analyzer import assemble
from chatbot.extraction.merging import merge, same_company, same_person
from chatbot.extraction.types import Draft, MeetingContext, Quote
from shared.schemas.insight import Kind
from shared.transcripts import Utterance
from tests.chatbot.extraction.engines import Scripted

LINES = [
    ("Nora Beck", "I'll send you the price list by Friday."),
    ("Omar Haddad", "Omar Haddad, purchasing manager at Fieldworks."),
    ("Nora Beck", "So the price list by Wednesday next week then."),
    ("Omar Haddad", "We talked to Helplark about it, our budget is forty thousand pounds."),
]


def meeting() -> MeetingContext:
    utterances = tuple(Utterance(i, who, text, float(i)) for i, (who, text) in enumerate(LINES))
    return MeetingContext(utterances, datetime(2026, 9, 15, 10, 0))


def task(description: str, due: str | None, quote: str, at: int, owner: str | None = "Nora Beck") -> Draft:
    data: dict[str, object] = {"description": description, "owner": owner, "due_date": due}
    return Draft(Kind.ACTION_ITEM, data, (Quote(at, quote),), 0.5)


FIRST = task("Send the price list", "2026-09-18", "send you the price list by Friday", 0)
LATER = task("Send Omar the price list", "2026-09-23", "the price list by Wednesday next week", 2)


def test_the_later_statement_of_the_same_thing_wins_and_both_quotes_stay() -> None:
    (merged,) = merge([FIRST, LATER])
    assert merged.data["due_date"] == "2026-09-23"
    assert len(merged.quotes) == 2


def test_a_later_draft_that_knows_less_takes_nothing_away() -> None:
    (merged,) = merge([FIRST, task("Send the price list", None, "price list", 2)])
    assert merged.data["due_date"] == "2026-09-18"


def test_the_same_task_of_two_people_is_two_tasks() -> None:
    assert len(merge([FIRST, task("Send the price list", None, "price list", 2, owner="Omar Haddad")])) == 2


def test_kinds_of_which_a_meeting_has_one_keep_the_last() -> None:
    drafts = [
        Draft(Kind.NEXT_MEETING, {"when": day}, (Quote(2, "Wednesday next week"),))
        for day in ("2026-09-22", "2026-09-23")
    ]
    (merged,) = merge(drafts)
    assert merged.data["when"] == "2026-09-23"


def test_a_first_name_that_two_people_share_is_nobody() -> None:
    people = [
        Draft(Kind.CONTACT, {"name": name}, (Quote(1, name),))
        for name in ("Tom Ferrars", "Tom Adeyinka", "Tom", "Ferrars")
    ]
    assert [draft.data["name"] for draft in merge(people)] == ["Tom Ferrars", "Tom Adeyinka"]


def test_names_are_compared_as_people_write_them() -> None:
    assert same_person("Dana", "Dr. Dana Whitlow")
    assert not same_person("Tom Ferrars", "Tom Adeyinka")
    assert same_company("Fieldworks GmbH", "Field Works")
    assert same_company("Hexford", "Hexford Transit")
    assert not same_company("Fieldworks", "Stoneworks")
    assert not same_company("", "Fieldworks")


def test_items_come_out_in_review_order_with_a_confidence() -> None:
    drafts = [
        Draft(Kind.COMPETITOR, {"name": "Helplark"}, (Quote(3, "We talked to Helplark"),)),
        FIRST,
        Draft(
            Kind.CONTACT,
            {"name": "Omar Haddad", "title": "Purchasing Manager"},
            (Quote(1, "Omar Haddad, purchasing manager"),),
        ),
    ]
    found = assemble(meeting(), drafts, Scripted(LATER))
    assert [item.kind for item in found] == [Kind.CONTACT, Kind.ACTION_ITEM, Kind.COMPETITOR]
    assert all(0 < item.confidence < 1 for item in found)
    assert found[1].data["due_date"] == "2026-09-23"


def test_what_cannot_be_grounded_does_not_come_out() -> None:
    invented = Draft(
        Kind.DECISION, {"description": "Buy everything at once"}, (Quote(0, "we buy everything at once, today"),)
    )
    assert assemble(meeting(), [invented], Scripted()) == []


def test_drafts_survive_the_database() -> None:
    stored = json.loads(json.dumps(FIRST.to_json()))
    assert Draft.from_json(stored) == FIRST
