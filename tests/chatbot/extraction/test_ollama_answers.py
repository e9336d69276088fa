"""From a model's entries to drafts: values as said become values as stored, and nothing odd gets through or breaks."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.extraction import meeting_analyzer
from chatbot.extraction.builtin.engine import BuiltinEngine
from chatbot.extraction.ollama_answers import Condensed, Found, Whole, drafts
from chatbot.extraction.types import Draft, MeetingContext
from chatbot.llm.structured import parse, schema_of
from shared.schemas.insight import Kind
from shared.transcripts import Utterance

SAID = (
    ("Marit Solbakken", "I'll send you the offer by Friday, or no, let's say Wednesday next week."),
    ("Owen Straker", "Shall we meet again on the twenty-fifth, at two in the afternoon?"),
    ("Marit Solbakken", "Yes, 2 pm works. We have forty-two thousand pounds for it, signed by the end of October."),
    ("SPEAKER_02", "Helen Prowse, our CFO, has to sign."),
)
MEETING = MeetingContext(
    tuple(Utterance(index, speaker, text) for index, (speaker, text) in enumerate(SAID)),
    datetime(2026, 9, 15, 10),
    own_company="Pindolar",
)


def one(name: str, /, **entry: Any) -> Draft:
    [draft] = drafts(
        parse(json.dumps({name: [{"line": 0, "quote": "I'll send you the offer", **entry}]}), Found), MEETING
    )
    return draft


@pytest.mark.parametrize(
    ("due", "day"),
    [
        ("by Friday", "2026-09-18"),
        ("Wednesday next week", "2026-09-23"),
        ("by Friday, or no, Wednesday next week", "2026-09-23"),  # the last word counts
        ("end of October", "2026-10-31"),
        ("2026-10-02", "2026-10-02"),
        ("2026-13-45", None),
        ("early next week", None),
        ("", None),
        (None, None),
        (["tomorrow"], "2026-09-16"),
    ],
)
def test_a_due_day_comes_of_the_words(due: Any, day: str | None) -> None:
    draft = one("action_items", description="Send the offer", owner="Marit Solbakken", due=due)
    assert draft.data.get("due_date") == day


def test_a_day_that_only_a_vague_due_names_is_looked_for_in_the_quote() -> None:
    quote = "I'll send you the offer by Friday"
    assert one("action_items", description="Send", due="as agreed", quote=quote).data["due_date"] == "2026-09-18"


@pytest.mark.parametrize(
    ("when", "stored"),
    [
        ("on the twenty-fifth at 2 pm", "2026-09-25T14:00"),
        ("Friday 25 September, 14:00", "2026-09-25T14:00"),
        ("in two weeks", "2026-09-29"),
    ],
)
def test_the_next_meeting_has_its_day_and_time(when: str, stored: str) -> None:
    draft = one("next_meetings", line=1, quote="Shall we meet again", when=when, purpose="demo")
    assert draft.data == {"when": stored, "purpose": "demo"}


def test_a_next_meeting_without_a_day_is_none() -> None:
    found = parse(json.dumps({"next_meetings": [{"line": 3, "quote": "has to sign", "when": "some day"}]}), Found)
    assert drafts(found, MEETING) == []


@pytest.mark.parametrize(
    ("amount", "currency", "stored"),
    [
        (42000, "GBP", (42000.0, "GBP")),
        ("42,000", "£", (42000.0, "GBP")),
        ("forty-two thousand", "pounds", (42000.0, "GBP")),
        ("€ 1.5 million", "eur", (1_500_000.0, "EUR")),
        (0, "", (None, None)),
        (-5, "dollars", (None, "USD")),
        (1e300, "GBPS", (None, None)),
        (True, "n/a", (None, None)),
        ("unknown", None, (None, None)),
    ],
)
def test_amounts_are_numbers_and_currencies_codes(amount: Any, currency: Any, stored: tuple[Any, Any]) -> None:
    data = one(
        "deals", company="Quillhaven", amount=amount, currency=currency, stage="verbal", close="end of October"
    ).data
    assert (data.get("amount"), data.get("currency")) == stored
    assert (data["stage"], data["close_date"]) == ("verbal", "2026-10-31")


def test_who_speaks_attended_and_who_is_spoken_of_did_not() -> None:
    assert one("contacts", name="Marit Solbakken").data == {"name": "Marit Solbakken", "attended": True}
    assert one("contacts", name="Marit").data["attended"] is True
    assert one("contacts", name="Helen Prowse", title="CFO", email="n/a").data == {
        "name": "Helen Prowse", "title": "CFO", "attended": False,
    }  # fmt: skip


def test_entries_without_a_name_or_a_quote_are_none() -> None:
    answer = {"contacts": [{"line": 0, "quote": "I'll send"}, {"name": "Eve"}], "decisions": [{"quote": "x y"}]}
    assert drafts(parse(json.dumps(answer), Found), MEETING) == []


@pytest.mark.parametrize("label", ["Positive", " NEGATIVE "])
def test_a_mood_is_taken_in_any_case(label: str) -> None:
    whole = parse(json.dumps({"summary": "S", "sentiment": label}), Whole)
    assert whole.sentiment == label.strip().lower()


@pytest.mark.parametrize("answer", [{"summary": "", "sentiment": "neutral"}, {"summary": "S", "sentiment": "meh"}, {}])
def test_a_whole_without_summary_or_mood_is_invalid(answer: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        parse(json.dumps(answer), Whole)


@pytest.mark.parametrize("shape", [Found, Whole, Condensed])
def test_schemas_hold_nothing_a_grammar_cannot(shape: type[Found]) -> None:
    text = json.dumps(schema_of(shape))
    assert not re.search(r'\$ref|\$defs|"pattern"|"maxLength"|"anyOf"', text)
    assert len(text) < 4000


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
    | st.sampled_from(["by Friday", "2026-02-30", "at 25:99", "£", "1" * 400, "forty-two", "2 pm on the 25th"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELDS = sorted(
    {name for part in schema_of(Found)["properties"].values() for name in part.get("items", {}).get("properties", {})}
)
ENTRY = st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=8).map(
    lambda entry: {"quote": "I'll send you", **entry}
)
ANSWER = st.dictionaries(
    st.sampled_from(sorted(Found.model_fields)), JUNK | st.lists(ENTRY | JUNK, max_size=3), min_size=1
)


@given(ANSWER)
@settings(deadline=None)  # a busy machine is no bug
def test_whatever_a_model_answers_becomes_sound_drafts_or_a_value_error(answer: dict[str, Any]) -> None:
    try:
        found = parse(json.dumps(answer), Found)
    except ValueError:
        return
    made = drafts(found, MEETING)
    for draft in made:
        assert Draft.from_json(json.loads(json.dumps(draft.to_json(), allow_nan=False))) == draft
        for name in ("due_date", "close_date"):
            assert name not in draft.data or date.fromisoformat(str(draft.data[name]))
        if draft.kind is Kind.NEXT_MEETING:
            assert datetime.fromisoformat(str(draft.data["when"]))
    meeting_analyzer.assemble(MEETING, made, BuiltinEngine())


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_is_an_answer_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        parse(text, Found)
