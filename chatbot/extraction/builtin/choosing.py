"""Choosing one of several: the amount on the table, the day of the next meeting.

A candidate is a set of named signals; its score is the sum of their weights, and a softmax over the candidates, with
"none of them" among them, says how likely each is. `python -m training choices` fits the weights on annotated meetings
and made-up dialogues; they are a few dozen numbers in `weights/choices.json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from chatbot.extraction.fitted import Fitted

Signals = Mapping[str, float]
#: For each choice, the weight of each signal; `none` is what choosing nothing scores.
Weights = Mapping[str, Mapping[str, float]]

WEIGHTS = Path(__file__).parent / "weights" / "choices.json"


def _read() -> Weights:
    stored: Weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return stored


_fitted = Fitted("choices", _read)
judging = _fitted.judging


def chances(choice: str, candidates: Sequence[Signals]) -> list[float]:
    """How likely each candidate is, 0..1; what is missing to 1 is the chance that none is right."""
    weights = _fitted.weights()[choice]
    scores = [sum(weights.get(name, 0.0) * value for name, value in signals.items()) for signals in candidates]
    scores.append(weights.get("none", 0.0))
    top = max(scores)
    odds = [math.exp(score - top) for score in scores]
    return [odd / sum(odds) for odd in odds[:-1]]
