"""Fitting the weights for names: what the training script promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.extraction.builtin import candidates, entity_model
from training import annotated_meetings, entities
from training.entities import Case, fit


def test_a_cue_that_goes_with_a_kind_speaks_for_it() -> None:
    known = [
        Case(
            f"meeting {number}",
            "",
            {"bias": 1.0, ("offered" if number % 2 else "visited"): 1.0},
            3 if number % 2 else 0,
        )
        for number in range(12)
    ]
    model = fit(known, penalty=0.1)
    assert model.probabilities({"bias": 1.0, "offered": 1.0})["competitor"] > 0.8
    assert model.probabilities({"bias": 1.0, "visited": 1.0})["other"] > 0.8


def test_what_only_one_meeting_shows_is_not_learnt() -> None:
    known = [Case("one", "", {"bias": 1.0, "odd": 1.0}, 3), Case("two", "", {"bias": 1.0}, 0)]
    assert set(fit(known).index) == {"bias"}


def test_gold_names_label_the_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(__file__).parents[2] / "data" / "meetings"
    monkeypatch.setenv("AFTERWORD_TRAINING", str(folder))
    (meeting,) = [m for m in annotated_meetings.load() if m.name.startswith("01_")]
    labels = {case.name: entity_model.KINDS[case.label] for case in entities.cases(meeting, candidates.background())}
    assert set(labels.values()) == set(entity_model.KINDS)
    gold = {item["data"]["name"] for item in meeting.items if item["kind"] == "competitor"}
    assert {name for name, kind in labels.items() if kind == "competitor"} <= gold
