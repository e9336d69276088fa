"""Floors under the quality of the built-in analyzer, on both sets; `make eval` prints the tables.

The floors lie a few points under what is measured with the committed weights, which know these meetings: they catch
what breaks. What the analyzer is worth stands in docs/evaluation.md.
`tests/data/meetings` was looked at while the rules were written, `tests/evals/meetings` was written after them.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chatbot.extraction.builtin import BuiltinEngine
from chatbot.extraction.evaluation import annotated

HERE = Path(__file__).parent
DEVELOPMENT = HERE.parent / "data" / "meetings"
LATER = HERE / "meetings"


def _load_run() -> ModuleType:
    spec = importlib.util.spec_from_file_location("afterword_eval_run", HERE / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def run() -> ModuleType:
    return _load_run()


@pytest.fixture(scope="module", params=[DEVELOPMENT, LATER], ids=["development", "later"])
def result(request: pytest.FixtureRequest, run: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("predictions")
    names = run.predict(request.param, target, BuiltinEngine(), unseen=False)
    assert names
    scorer = run.load_scorer(DEVELOPMENT)
    scored: dict[str, Any] = scorer.as_json(scorer.score(str(target), str(request.param), names))
    return scored


def test_every_item_has_evidence_that_stands_in_the_transcript(result: dict[str, Any]) -> None:
    assert result["evidence_validity"] == 1.0


def test_overall_quality_does_not_fall(result: dict[str, Any]) -> None:
    assert result["overall"]["f1"] >= 0.7


@pytest.mark.parametrize(
    ("kind", "floor"),
    [
        ("contact", 0.85),
        ("company", 0.85),
        ("competitor", 0.75),
        ("next_meeting", 0.8),
        ("deal", 0.6),
        ("action_item", 0.7),
    ],
)
def test_no_kind_falls_below_its_floor(result: dict[str, Any], kind: str, floor: float) -> None:
    assert result["kinds"][kind]["f1"] >= floor


def test_tempting_non_items_are_left_alone(result: dict[str, Any]) -> None:
    assert result["traps_taken"] <= 0.1 * result["traps"]


def test_both_sets_are_complete() -> None:
    assert len(annotated(DEVELOPMENT)) == 10
    assert len(annotated(LATER)) == 7
