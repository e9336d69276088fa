"""Figures of an answer, looked up in the sources: found however they are written, marked where no source says them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.assistant.checking import MARK, Checker, Evidence, Source

TODAY = date(2026, 11, 20)
SOURCES = [
    Source(
        "Meeting with Jane Roe, 3 November 2026. Jane: We have twenty thousand euros for 120 seats, that is 85 percent"
        " of it. Call me at +49 30 1234567 or write to jane.roe@acme.example. The rollout is on 2026-12-01 at half past"
        " two, in Q3 we pay 1,234.50 dollars. Let us meet on Friday. Two weeks, thirty-five licences, release 10.4.2.",
        date(2026, 11, 3),
    ),
    Source("Angebot vom 5. Oktober 2026 über 45.000 € und 2,5 Mio. CHF, 16 GB, dreiundzwanzig Plätze."),
]


def checked(*pieces: str) -> str:
    checker = Checker(Evidence(SOURCES, today=TODAY))
    return "".join(checker.feed(piece) for piece in pieces) + checker.flush()


@pytest.mark.parametrize(
    "text",
    [
        "They pay €20,000.", "They pay 20.000 € now.", "20k for 120 seats", "Zwanzigtausend Euro, 20 000 EUR",
        "that is 85% of it", "85 Prozent", "$1,234.50", "1.234,50 USD", "45,000 euros", "CHF 2.5 million",
        "2.500.000 CHF", "on 3 November 2026", "on November 3rd", "am 3. November", "3.11.2026", "3.11.", "2026-11-03",
        "in December 2026 on the 1st of December", "01.12.2026", "12/01/2026", "at 14:30", "at 2:30 pm", "um 14:30 Uhr",
        "write to Jane.Roe@acme.example", "call 030 1234567", "call +49 (0)30 123-4567", "in Q3", "10.4.2", "16GB",
        "two weeks", "35 licences", "thirty-five licences", "23 Plätze", "on 6 November", "Freitag, 6.11.",
        "one of them, two people", "as of 20 November 2026", "in 2026", "1. First\n2. Second\n- 3) Third",
        "no figures at all", "**20,000** euros", "5. Oktober 2026", "20,000–45,000 euros",
    ],
)  # fmt: skip
def test_what_a_source_says_in_any_spelling_passes(text: str) -> None:
    assert checked(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They pay €21,000 now.", f"They pay €21,000{MARK} now."),
        ("that is 87% of it", f"that is 87%{MARK} of it"),
        ("that is 120 % of it", f"that is 120 %{MARK} of it"),
        ("20,000 dollars", f"20,000 dollars{MARK}"),
        ("three weeks from now", f"three weeks{MARK} from now"),
        ("on 4 November 2026", f"on 4 November 2026{MARK}"),
        ("on 3 November 2025.", f"on 3 November 2025{MARK}."),
        ("am 7.11. um 15:30 Uhr", f"am 7.11{MARK}. um 15:30 Uhr{MARK}"),
        ("write to jane@evil.example!", f"write to jane@evil.example{MARK}!"),
        ("call +49 30 7654321", f"call +49 30 7654321{MARK}"),
        ("in Q4", f"in Q4{MARK}"),
        ("forty-two licences", f"forty-two{MARK} licences"),
        ("zweiundvierzig Plätze", f"zweiundvierzig{MARK} Plätze"),
        ("release 10.4.3", f"release 10.4.3{MARK}"),
        ("**99,000** euros", f"**99,000{MARK}** euros"),
        ("1. It costs 7 euros", f"1. It costs 7 euros{MARK}"),
        ("20,000 and 99 seats", f"20,000 and 99{MARK} seats"),
    ],
)
def test_what_no_source_says_is_marked_right_behind_it(text: str, expected: str) -> None:
    assert checked(text) == expected


def test_what_was_marked_is_told() -> None:
    checker = Checker(Evidence(SOURCES, today=TODAY))
    checker.feed("They pay €21,000 for 120 seats on 4 November.")
    checker.flush()
    assert checker.unsupported == ["€21,000", "4 November"] and checker.checked == 3


def test_plain_words_are_given_at_once_and_claims_when_they_are_complete() -> None:
    checker = Checker(Evidence(SOURCES, today=TODAY))
    assert checker.feed("The offer") == "The offer"
    assert checker.feed(" is 21") == " is"
    assert checker.feed(",000 euros") == ""
    assert checker.feed(" in") == ""
    assert checker.feed(" all ") == f" 21,000 euros{MARK} in all "


def test_numbers_of_citations_support_nothing() -> None:
    checker = Checker(Evidence([Source("[7] Offer: as agreed")], today=TODAY))
    assert checker.feed("7 seats ") + checker.flush() == f"7{MARK} seats "


_PARTS = st.sampled_from(
    ["20,000", "20", ".", ",", "000", " ", "€", "\n", "November", "3", "twenty", "-", "five", "thousand", "of", "the",
     "deal", "jane", "@", "acme.example", "Q", "14:30", "pm", "%", "1.", "und", "zwei", "hundert", "seats", "!", "**",
     "+49 30 1234567", "ein", "weeks", "May", "2026-11-03", ":"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PARTS, max_size=14), st.data())
def test_however_it_is_cut_the_same_text_comes_out(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert checked(*pieces) == checked(text)
    assert checked(text).replace(MARK, "") == text


@pytest.mark.parametrize(
    "text", ["9" * 20_000, "1 " * 5_000, "a@" * 5_000, "1." * 5_000, "+4 " * 3_000, "zwei" * 4_000]
)
def test_hostile_figures_take_no_longer_than_others(text: str) -> None:
    assert checked(text).replace(MARK, "") == text
