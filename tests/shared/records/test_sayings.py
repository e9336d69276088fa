"""Whether a sentence says one of many again is told without comparing every pair."""

from __future__ import annotations

import pytest

from shared.records import wording
from shared.records.wording import Sayings, shared_words

PAINS = (
    "Trucks wait fifty minutes at the gate",
    "Orders are typed three times",
    "The server went down in August",
    "Der Lieferschein wird von Hand geschrieben",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Find out why trucks wait fifty minutes at the gate",
        "Orders are not typed three times",
        "Servers went down in August",
        "Lieferscheine werden von Hand geschrieben",
        "Send the offer by Friday",
        "",
    ],
)
def test_it_finds_what_comparing_with_each_finds(sentence: str) -> None:
    assert Sayings(PAINS).likeness(sentence) == max(shared_words(sentence, pain) for pain in PAINS)


def test_the_work_grows_with_the_number_of_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    compared, overlap = 0, wording.overlap

    def count(one: wording.Content, other: wording.Content) -> tuple[float, bool]:
        nonlocal compared
        compared += 1
        return overlap(one, other)

    monkeypatch.setattr(wording, "overlap", count)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [f"gate{a}{b}{c}" for a in letters[:8] for b in letters[:8] for c in letters[:8]]
    known = Sayings(f"Trucks wait at the {name}" for name in names)
    for name in names:
        assert known.likeness(f"Trucks wait at the {name}") == 1
    assert compared <= 20 * len(names)
