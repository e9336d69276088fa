"""Only what the transcript says survives grounding."""

from __future__ import annotations

from datetime import datetime

import pytest

from chatbot.extraction.grounding import Grounded, ground
from chatbot.extraction.quotes import Transcript
from chatbot.extraction.types import Draft, MeetingContext, Quote
from shared.schemas.insight import Kind
from shared.transcripts import Utterance

LINES = [
    ("Nora Beck", "I'll  send you the\tprice list by Friday."),
    ("Omar Haddad", "Great. Our CFO, Ines Calder, has fifty-four thousand pounds"),
    ("Omar Haddad", "pencilled in for the pilot."),
    ("Nora Beck", "And where do I send it?"),
    ("Omar Haddad", "It's omar dot haddad at field works dot com. Sorry, omar dot haddad at fieldworks dot com."),
    ("Nora Beck", "We lost the tender to Help Lark last year."),
]


@pytest.fixture
def transcript() -> Transcript:
    utterances = tuple(Utterance(i, who, text, float(i), i + 1.0) for i, (who, text) in enumerate(LINES))
    return Transcript(MeetingContext(utterances, datetime(2026, 9, 15, 10, 0)))


def draft(kind: Kind, quote: str, utterance: int | None = None, **data: object) -> Draft:
    return Draft(kind, data, (Quote(utterance, quote),))


def grounded(transcript: Transcript, kind: Kind, quote: str, at: int | None = None, **data: object) -> Grounded:
    found = ground(transcript, draft(kind, quote, at, **data))
    assert found is not None
    return found


def test_an_exact_quote_keeps_the_spelling_of_the_transcript_and_its_place(transcript: Transcript) -> None:
    found = grounded(transcript, Kind.DECISION, "I'll send you the price list", description="Send the price list")
    (evidence,) = found.item.evidence
    assert evidence.quote == "I'll  send you the\tprice list"
    assert evidence.quote == LINES[0][1][evidence.start : evidence.end]
    assert (evidence.speaker, evidence.start_s, evidence.utterance) == ("Nora Beck", 0.0, 0)
    assert found.status == "exact"


def test_the_speaker_comes_from_the_transcript_even_if_the_engine_points_elsewhere(transcript: Transcript) -> None:
    found = grounded(transcript, Kind.DECISION, "send you the price list", 4, description="Send the price list")
    assert found.item.evidence[0].speaker == "Nora Beck"


def test_a_slightly_wrong_quote_becomes_the_real_words(transcript: Transcript) -> None:
    found = grounded(
        transcript, Kind.PAIN_POINT, "we lost that tender to Helplark last year", 5, description="Lost a tender"
    )
    assert found.item.evidence[0].quote == "We lost the tender to Help Lark last year."
    assert found.status == "fuzzy"


def test_a_quote_over_two_utterances_of_one_speaker_becomes_two_pieces(transcript: Transcript) -> None:
    found = grounded(
        transcript, Kind.DECISION, "fifty-four thousand pounds pencilled in", description="Budget for the pilot"
    )
    assert [(e.utterance, e.quote) for e in found.item.evidence] == [
        (1, "fifty-four thousand pounds"),
        (2, "pencilled in"),
    ]


def test_a_quote_over_two_speakers_is_refused(transcript: Transcript) -> None:
    assert ground(transcript, draft(Kind.DECISION, "for the pilot. And where do I send it?", description="x y")) is None


@pytest.mark.parametrize("quote", ["We will buy three hundred licences next spring", "", "   ", "xyz"])
def test_an_invented_quote_drops_the_item(transcript: Transcript, quote: str) -> None:
    assert ground(transcript, draft(Kind.DECISION, quote, 0, description="Buy three hundred licences")) is None


def test_an_amount_in_number_words_is_derivable(transcript: Transcript) -> None:
    found = grounded(
        transcript, Kind.DEAL, "pencilled in for the pilot", company="Fieldworks", amount=54_000, currency="GBP"
    )
    assert found.item.data["amount"] == 54_000
    assert found.item.data["currency"] == "GBP"
    assert any("fifty-four thousand" in piece.quote for piece in found.item.evidence)


def test_an_amount_nobody_said_is_left_out(transcript: Transcript) -> None:
    found = grounded(transcript, Kind.DEAL, "pencilled in", company="Fieldworks", amount=55_000, currency="USD")
    assert "amount" not in found.item.data
    assert "currency" not in found.item.data
    assert set(found.cut) == {"amount", "currency"}


def test_a_day_must_follow_from_what_was_said(transcript: Transcript) -> None:
    right = grounded(
        transcript, Kind.ACTION_ITEM, "send you the", 0, description="Send the price list", due_date="2026-09-18"
    )
    wrong = grounded(
        transcript, Kind.ACTION_ITEM, "send you the", 0, description="Send the price list", due_date="2026-09-25"
    )
    assert right.item.data["due_date"] == "2026-09-18"
    assert "due_date" not in wrong.item.data


def test_a_spelled_address_proves_itself_and_a_guessed_one_does_not(transcript: Transcript) -> None:
    said = grounded(transcript, Kind.CONTACT, "Great.", 1, name="Omar Haddad", email="omar.haddad@fieldworks.com")
    guessed = grounded(transcript, Kind.CONTACT, "Great.", 1, name="Omar Haddad", email="o.haddad@fieldworks.com")
    assert said.item.data["email"] == "omar.haddad@fieldworks.com"
    assert any("dot haddad" in piece.quote for piece in said.item.evidence)
    assert "email" not in guessed.item.data


def test_a_name_that_nobody_said_drops_the_item(transcript: Transcript) -> None:
    assert ground(transcript, draft(Kind.CONTACT, "Great.", 1, name="Peter Invented")) is None
    assert ground(transcript, draft(Kind.COMPETITOR, "Great.", 1, name="Salesgiant")) is None


def test_a_name_split_by_recognition_is_still_that_name(transcript: Transcript) -> None:
    found = grounded(transcript, Kind.COMPETITOR, "We lost the tender to Help Lark", name="Helplark")
    assert found.item.data == {"name": "Helplark"}


def test_a_title_is_kept_if_said_and_cut_if_not(transcript: Transcript) -> None:
    assert (
        grounded(transcript, Kind.CONTACT, "Ines Calder", name="Ines Calder", title="CFO").item.data["title"] == "CFO"
    )
    found = grounded(transcript, Kind.CONTACT, "Ines Calder", name="Ines Calder", title="Marketing Director")
    assert "title" not in found.item.data


@pytest.mark.parametrize(
    "data",
    [{"name": "Ines Calder", "email": 7}, {"name": "Ines Calder", "phone": "no digits here"}, {"name": ["Ines"]}],
)
def test_values_of_the_wrong_shape_do_no_harm(transcript: Transcript, data: dict[str, object]) -> None:
    found = ground(transcript, Draft(Kind.CONTACT, data, (Quote(1, "Ines Calder"),)))
    assert found is None or "phone" not in found.item.data


def test_unknown_keys_never_reach_the_item(transcript: Transcript) -> None:
    found = grounded(transcript, Kind.CONTACT, "Ines Calder", name="Ines Calder", salary=1)
    assert "salary" not in found.item.data


def test_offsets_hold_in_texts_whose_lower_case_has_another_length() -> None:
    text = "İstanbul'da toplantı. We start in İzmir next spring."
    meeting = MeetingContext((Utterance(0, "Ayşe", text),), datetime(2026, 9, 15))
    found = ground(Transcript(meeting), draft(Kind.DECISION, "We start in İzmir", description="Start in İzmir"))
    assert found is not None
    piece = found.item.evidence[0]
    assert text[piece.start : piece.end] == "We start in İzmir"
