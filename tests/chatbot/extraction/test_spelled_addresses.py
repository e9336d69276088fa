"""Addresses and numbers that people spell out."""

from __future__ import annotations

import pytest

from chatbot.extraction.spelling import find_emails, find_local_parts, find_phones


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("It's jane dot roe at acme dot co dot uk.", "jane.roe@acme.co.uk"),
        ("J underscore roe at acme minus group dot com", "j_roe@acme-group.com"),
        ("u punkt kessler ät firma minus bau punkt de", "u.kessler@firma-bau.de"),
        ("write to Jane.Roe@Acme.com, please", "jane.roe@acme.com"),
    ],
)
def test_spelled_addresses_are_written_out(text: str, address: str) -> None:
    assert [found.value for found in find_emails(text)] == [address]


def test_the_same_ending_as_before_leaves_the_local_part() -> None:
    assert [found.value for found in find_local_parts("Ich bin t punkt brandl, sonst gleich.")] == ["t.brandl"]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("oh double seven double oh, nine hundred, three one six", "07700900316"),
        ("+44 7700 900 123", "+447700900123"),
        ("null eins sieben eins eins zwei drei vier fünf", "017112345"),
    ],
)
def test_spoken_phone_numbers_become_digits(text: str, digits: str) -> None:
    assert [found.value for found in find_phones(text)] == [digits]


@pytest.mark.parametrize("text", ["one or two or three", "on 2026-11-20 we pay 36,400", "we meet at the office dot"])
def test_ordinary_numbers_and_words_are_neither(text: str) -> None:
    assert find_phones(text) == ()
    assert find_emails(text) == ()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("N dot roe, that's r o e, at acme dot org.", "n.roe@acme.org"),
        ("It's jane, J A N E, dot roe, in one word, at acme dash foods dot com", "jane.roe@acme-foods.com"),
        ("jane, that's j a n e, at, then our name, acme dot eu", "jane@acme.eu"),
        ("k unterstrich roe, mit zwei e, at, acme punkt com", "k_roe@acme.com"),
        ("j roe, one word, at acme dot com", "jroe@acme.com"),
        ("l roe at acme dot com", "lroe@acme.com"),
        ("jane at acme works, all one word, dot co dot uk", "jane@acmeworks.co.uk"),
        ("j dot roe at acme pump works dot com", "j.roe@acmepumpworks.com"),
        ("An j punkt röhl ät acme minus möbel punkt de", "j.roehl@acme-moebel.de"),
    ],
)
def test_what_is_said_about_the_spelling_is_no_part_of_it(text: str, address: str) -> None:
    assert [found.value for found in find_emails(text)] == [address]


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("p roe at the same domain", "proe"),
        ("and his is t dot roe.", "t.roe"),
        ("t punkt roe, gleiche Domain", "t.roe"),
    ],
)
def test_half_an_address_is_found_where_the_other_half_was_given_before(text: str, local: str) -> None:
    assert [found.value for found in find_local_parts(text)] == [local]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("plus four four, seven seven double zero, nine zero zero, eight one three", "+447700900813"),
        ("null vier null, sechs sechs neun, und dann die eins zwo drei", "040669123"),
        ("null acht neun, neun neun neun, dreimal die eins", "089999111"),
        ("five five five, oh one four seven, area code two one two", "2125550147"),
        ("oh one six, twenty three, forty five, treble two", "0162345222"),
    ],
)
def test_groups_and_the_words_between_them_make_one_number(text: str, digits: str) -> None:
    assert [found.value for found in find_phones(text)] == [digits]


@pytest.mark.parametrize("text", ["Monday, 13:00 - 15:10, room 2", "twenty, thirty, forty, fifty people"])
def test_hours_and_amounts_are_no_phone_number(text: str) -> None:
    assert find_phones(text) == ()
