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
