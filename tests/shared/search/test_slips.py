"""What counts as one slip, letter by letter; that it is found in an index is `test_find`'s to say."""

from __future__ import annotations

import pytest

from shared.search import folding, slips, terms


@pytest.mark.parametrize("typed", ["borealis", "boralis", "boreaalis", "boreakis", "boraelis"])
def test_a_letter_too_few_too_many_wrong_or_out_of_place_is_near(typed: str) -> None:
    assert slips.is_near([typed], ["the", "borealis"])


@pytest.mark.parametrize("typed", ["boris", "brolais", "xorexlis"])
def test_two_slips_are_another_word(typed: str) -> None:
    assert not slips.is_near([typed], ["borealis"])


def test_every_word_has_to_be_there_and_only_the_last_may_be_begun() -> None:
    assert slips.is_near(["jnae", "ro"], ["jane", "roe"])
    assert not slips.is_near(["ro", "jane"], ["jane", "roe"])
    assert not slips.is_near(["jane", "smith"], ["jane", "roe"])


@pytest.mark.parametrize("typed", ["ox", "4711"])
def test_a_short_word_and_a_number_are_meant_as_they_stand(typed: str) -> None:
    assert slips.is_near([typed, "end"], [typed, "end"])
    assert not slips.is_near([typed, "end"], [typed[:-1] + "9", "end"])


@pytest.mark.parametrize("word", ["boreal", "borealis", "strassenbauer", "maintenanceworks"])
def test_whatever_the_slip_one_of_the_ways_is_left_untouched(word: str) -> None:
    ways = slips.intact(word)
    assert len(ways) == 3 and all(ways)
    for at in range(len(word)):
        for slipped in (word[:at] + "q" + word[at + 1 :], word[:at] + word[at + 1 :], word[:at] + "q" + word[at:]):
            left = folding.grams("".join(folding.words(slipped)))
            assert any(set(way) <= set(left) for way in ways), slipped


def test_the_end_of_a_word_may_be_missing_and_what_there_is_may_have_a_slip() -> None:
    assert slips.is_near(["jane", "reo"], ["jane", "roebuck"])
    assert not slips.is_near(["reo", "jane"], ["roebuck", "jane"])


def test_a_word_in_quotation_marks_with_others_or_longer_than_any_is_no_slip() -> None:
    for typed in ('"jnae roe"', "x" * 25):
        assert slips.meant(terms.parse(typed)) is None, typed
    assert slips.meant(terms.parse("x" * 24)) is not None


def test_what_no_slip_can_be_of_is_asked_for_as_it_was_typed() -> None:
    assert slips.meant(terms.parse("4711 ox")) is None
    found = slips.meant(terms.parse("jnae 4711"))
    assert found is not None
    named, number = found
    assert "jane" in named.words and named.ways
    assert (number.words, number.ways) == ((), ())
