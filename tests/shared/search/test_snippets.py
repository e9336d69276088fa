"""The piece of text that shows why a record was found."""

from __future__ import annotations

import pytest

from shared.search.snippets import Part, snippet
from shared.search.terms import parse

LONG = "Nothing to see. " * 40


def shown(text: str, query: str) -> str:
    """The snippet with its matches in brackets."""
    return "".join(f"[{part.text}]" if part.is_match else part.text for part in snippet(text, parse(query)))


def test_matches_are_marked_as_written() -> None:
    assert shown("Herr Müller aß Brot.", "muller") == "Herr [Müller] aß Brot."


def test_the_last_word_may_be_unfinished() -> None:
    assert shown("Jane asked for pricing.", "jane pric") == "[Jane] asked for [pricing]."
    assert shown("Jane asked for pricing.", "jan pricing") == "Jane asked for [pricing]."


def test_the_middle_of_a_long_text_is_cut_out() -> None:
    text = shown(LONG + "The discount holds until March. " + LONG, "discount march")
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert "The [discount] holds until [March]." in text
    assert len(text) < 200


def test_the_place_with_most_of_the_words_is_shown() -> None:
    assert "[annual] [contract]" in shown("A contract. " + LONG + "The annual contract. " + LONG, "annual contract")


def test_without_a_match_it_is_the_beginning() -> None:
    assert shown(LONG, "jane").startswith("Nothing to see.")
    assert shown("", "jane") == ""


def test_markup_stays_plain_text() -> None:
    parts = snippet("<script>alert('jane')</script>", parse("jane"))
    assert parts == (Part("<script>alert('"), Part("jane", is_match=True), Part("')</script>"))


def test_blanks_are_folded() -> None:
    assert shown("a\n\n  jane\t\tb", "jane") == "a [jane] b"


def test_the_ends_of_lines_may_be_written_otherwise() -> None:
    parts = snippet("Buyer\n Acme\njane@acme.example", parse("jane"), between=" · ")
    assert parts == (Part("Buyer · Acme · "), Part("jane", is_match=True), Part("@acme.example"))


def test_a_text_without_blanks_is_cut_all_the_same() -> None:
    assert len(shown("x" * 5000, "jane")) < 200


@pytest.mark.parametrize("query", ["1234567", "030 1234567"])
def test_phone_numbers_are_marked_where_they_are_written_alike(query: str) -> None:
    assert "[1234567]" in shown("Call 030 1234567 today", query)
