"""Numbers as people say them."""

from __future__ import annotations

import pytest

from chatbot.extraction.numbers import find_numbers, german_number


def said(text: str) -> list[float]:
    return [number.value for number in find_numbers(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("forty-two thousand pounds", 42_000),
        ("a hundred and eighteen and a half thousand euros", 118_500),
        ("two hundred and sixty-five thousand", 265_000),
        ("fifty-two thousand eight hundred", 52_800),
        ("about twelve hundred people", 1_200),
        ("1.2 million", 1_200_000),
        ("one point two million", 1_200_000),
        ("half a million", 500_000),
        ("one million, two hundred and eighteen thousand", 1_218_000),
        ("one million two hundred and thirty", 1_230_000),
        ("two eight eight in the pack", 288),
        ("vierundsechzigfünf steht im Angebot", 64.5),
        ("EUR 36,400 per year", 36_400),
        ("36.400 Euro", 36_400),
        ("it's 42k", 42_000),
        ("zweiundvierzigtausend Euro", 42_000),
        ("hundertneunzigtausend", 190_000),
        ("wir sind zweihundertachtzig Leute", 280),
        ("eine Million", 1_000_000),
        ("since twenty twenty-three", 2023),
    ],
)
def test_a_spoken_number_has_one_value(text: str, value: float) -> None:
    assert said(text) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [("two ten", 210), ("one eighteen five", 118.5), ("fifty-two eight", 52.8), ("two sixty-five", 265)],
)
def test_shorthand_is_read_and_marked_as_such(text: str, value: float) -> None:
    (number,) = find_numbers(text)
    assert number.value == value
    assert number.shorthand


def test_articles_are_not_numbers() -> None:
    assert said("wir haben ein Problem und eine Idee") == []
    assert said("a problem and an idea") == []


def test_a_number_knows_its_place_in_the_text() -> None:
    text = "We pay forty-two thousand pounds a year."
    (number,) = find_numbers(text)
    assert text[number.start : number.end] == "forty-two thousand"


@pytest.mark.parametrize("word", ["tisch", "hundertprozentig", "tausendsassa", ""])
def test_words_that_only_look_like_german_numbers_are_refused(word: str) -> None:
    assert german_number(word) is None


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("one point two eight million", 1_280_000),
        ("eins Komma zwei acht Millionen", 1_280_000),
        ("eighteen lakhs", 1_800_000),
        ("nine lakh forty thousand", 940_000),
        ("two oh five", 205),
        ("hundred and sixty-six", 166),
        ("eight four", 8.4),
    ],
)
def test_millions_with_two_digits_lakhs_oh_and_short_hundreds_are_numbers(said: str, value: float) -> None:
    (number,) = find_numbers(said)
    assert number.value == value
