"""What is quoted must carry what is claimed, and must be meant."""

from __future__ import annotations

from datetime import datetime

import pytest

from chatbot.extraction.confidence import confidence
from chatbot.extraction.grounding import Grounded, ground
from chatbot.extraction.meeting_analyzer import assemble
from chatbot.extraction.quotes import Transcript
from chatbot.extraction.support import Support, is_meant
from chatbot.extraction.types import Draft, MeetingContext, Quote
from shared.schemas.insight import Item, Kind
from shared.transcripts import Utterance
from tests.chatbot.extraction.engines import Scripted

LINES = [
    ("Nora Beck", "I'll send you the revised price list by Friday."),
    ("Omar Haddad", "Great. Could you also introduce us to your support lead?"),
    ("Nora Beck", "Sure, I can do that."),
    ("Omar Haddad", "I might look into the customs papers some day."),
    ("Nora Beck", "If we did all three sites it would be ninety thousand pounds."),
    ("Omar Haddad", "For Fieldworks alone we agreed on forty thousand pounds."),
    ("Nora Beck", "Shall we meet on Thursday the twenty-fourth?"),
    ("Omar Haddad", "No, I'm in Lyon. Friday the twenty-fifth at ten works."),
]


@pytest.fixture
def meeting() -> MeetingContext:
    utterances = tuple(Utterance(i, who, text, float(i), i + 1.0) for i, (who, text) in enumerate(LINES))
    return MeetingContext(utterances, datetime(2026, 9, 15, 10, 0))


def find(meeting: MeetingContext, kind: Kind, line: int, **data: object) -> Grounded:
    found = ground(Transcript(meeting), Draft(kind, data, (Quote(line, LINES[line][1]),)), Support(meeting))
    assert found is not None
    return found


def sure(found: Grounded) -> bool:
    return confidence(found, engine="ollama", score=0.5) >= 0.5


def test_a_real_sentence_does_not_carry_a_promise_that_is_not_in_it(meeting: MeetingContext) -> None:
    real = find(meeting, Kind.ACTION_ITEM, 0, description="Send the revised price list", owner="Nora Beck")
    invented = find(meeting, Kind.ACTION_ITEM, 0, description="Book the hotel for the workshop", owner="Nora Beck")
    assert real.signals["support"] > 0.9
    assert invented.signals["support"] < 0.1
    assert sure(real)
    assert not sure(invented)


def test_a_hedge_is_no_promise(meeting: MeetingContext) -> None:
    found = find(meeting, Kind.ACTION_ITEM, 3, description="Look into the customs papers", owner="Omar Haddad")
    assert not is_meant(Kind.ACTION_ITEM, found.signals)
    assert not sure(found)


def test_who_says_i_will_is_the_owner_whatever_the_model_says(meeting: MeetingContext) -> None:
    found = find(meeting, Kind.ACTION_ITEM, 0, description="Send the revised price list", owner="Omar Haddad")
    assert found.item.data["owner"] == "Nora Beck"
    assert found.signals["owner_corrected"] == 1.0


def test_who_is_asked_and_says_yes_owns_it(meeting: MeetingContext) -> None:
    found = find(meeting, Kind.ACTION_ITEM, 1, description="Introduce Omar to the support lead", owner="Nora Beck")
    assert found.item.data["owner"] == "Nora Beck"
    assert found.signals["owner"] == 1.0


def test_a_day_that_nobody_named_gives_way_to_the_one_that_was(meeting: MeetingContext) -> None:
    found = find(meeting, Kind.ACTION_ITEM, 0, description="Send the revised price list", due_date="2026-12-24")
    assert found.item.data["due_date"] == "2026-09-18"
    assert found.signals["due_date_corrected"] == 1.0


def test_a_quote_in_other_words_is_found_in_the_line_it_is_claimed_for(meeting: MeetingContext) -> None:
    draft = Draft(
        Kind.ACTION_ITEM, {"description": "Send the price list"}, (Quote(0, "she sends revised prices Friday"),)
    )
    found = ground(Transcript(meeting), draft, Support(meeting))
    assert found is not None
    assert (found.status, found.item.evidence[0].quote) == ("reworded", LINES[0][1])


def test_what_was_only_imagined_or_turned_down_does_not_overwrite_what_holds(meeting: MeetingContext) -> None:
    deal = {"company": "Fieldworks", "currency": "GBP"}
    drafts = [
        Draft(Kind.DEAL, {**deal, "amount": 40_000.0}, (Quote(5, LINES[5][1]),)),
        Draft(Kind.NEXT_MEETING, {"when": "2026-09-25T10:00"}, (Quote(7, "Friday the twenty-fifth at ten works"),)),
        Draft(Kind.DEAL, {**deal, "amount": 90_000.0}, (Quote(4, LINES[4][1]),)),
        Draft(Kind.NEXT_MEETING, {"when": "2026-09-24"}, (Quote(6, LINES[6][1]),)),
    ]
    items = {item.kind: item for item in _assembled(meeting, drafts)}
    assert items[Kind.DEAL].data["amount"] == 40_000.0
    assert items[Kind.NEXT_MEETING].data["when"] == "2026-09-25T10:00"


def _assembled(meeting: MeetingContext, drafts: list[Draft]) -> list[Item]:
    return assemble(meeting, drafts, Scripted())
