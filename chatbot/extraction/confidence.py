"""How sure to be of an item, fitted on what was observed about it; never the model's own opinion alone.

The built-in analyzer's items are rated by a logistic regression over a few signals: the kind and the engine's score
for it, how the quote was found, whether its words carry the description, whether owner, day and amount are known,
doubts in how it was said. `python -m training confidence` fits it on annotated meetings, each read by heads that never
saw it; docs/evaluation.md has the calibration. No real model's items are there to be fitted on, so theirs start from a
table set by hand and move by the same signals.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import exp, log
from pathlib import Path
from typing import Protocol

from chatbot.extraction.fitted import Fitted
from chatbot.extraction.grounding import Grounded
from chatbot.extraction.support import is_meant
from shared.schemas.insight import Kind

_WEIGHTS = Path(__file__).parent / "builtin" / "weights" / "confidence.json"
#: What a language model's item of a kind starts from.
_BASE = {
    Kind.CONTACT: 0.85, Kind.COMPANY: 0.8, Kind.DEAL: 0.65, Kind.ACTION_ITEM: 0.6, Kind.NEXT_MEETING: 0.75,
    Kind.DECISION: 0.5, Kind.PAIN_POINT: 0.55, Kind.OBJECTION: 0.5, Kind.COMPETITOR: 0.75, Kind.REQUIREMENT: 0.55,
    Kind.SENTIMENT: 0.7, Kind.SUMMARY: 0.6,
}  # fmt: skip
_DOUBTS = ("hedged", "conditional", "joking", "asked", "refused", "reported", "dropped", "past", "hypothetical")


def _read() -> Mapping[str, float]:
    weights: dict[str, float] = json.loads(_WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return weights


_fitted = Fitted("confidence", _read)
judging = _fitted.judging


class Rate(Protocol):
    """Says how sure to be of a grounded item; `score` is the engine's own opinion, 0..1."""

    def __call__(self, grounded: Grounded, *, engine: str, score: float) -> float: ...


def confidence(grounded: Grounded, *, engine: str, score: float) -> float:
    """0.02..0.98."""
    if engine == "builtin" and grounded.item.kind is not Kind.SUMMARY:
        using = _fitted.weights()
        odds = sum(value * using.get(name, 0.0) for name, value in observed(grounded, score).items())
    else:
        odds = _by_hand(grounded, score)
    return round(min(0.98, max(0.02, 1 / (1 + exp(-odds)))), 3)


def observed(grounded: Grounded, score: float) -> dict[str, float]:
    """The signals of an item by name, each about -2 to 2; what is not named is 0."""
    item, seen = grounded.item, grounded.signals
    kind = item.kind.value
    named = {
        kind: 1.0,
        f"{kind} score": _logit(score) / 2,
        "not exact": float(grounded.status != "exact"),
        "left out": float(len(grounded.cut)),
        "doubt": float(any(doubt in seen for doubt in _DOUBTS)),
        "support": _logit(seen["support"]) / 2 if "support" in seen else 0.0,
    }
    if item.kind is Kind.ACTION_ITEM:
        named |= {"dated": float("due_date" in item.data), "no owner": float("owner" not in item.data)}
        named["said by owner"] = seen.get("owner", 0.0)
    if item.kind is Kind.DEAL:
        named["no amount"] = float("amount" not in item.data)
    if item.kind is Kind.NEXT_MEETING:
        named["with time"] = float("T" in str(item.data.get("when")))
    return named


def _logit(p: float) -> float:
    held = min(0.99, max(0.01, p))
    return log(held / (1 - held))


def _by_hand(grounded: Grounded, score: float) -> float:
    """Log-odds of a language model's item."""
    item, seen = grounded.item, grounded.signals
    odds = _logit(_BASE[item.kind]) + 1.2 * (min(max(score, 0.0), 1.0) - 0.5)
    odds -= 0.3 * len(grounded.cut)
    if item.kind is Kind.ACTION_ITEM:
        odds += 0.2 if item.data.get("due_date") else -0.3
        odds -= 0.0 if item.data.get("owner") else 1.2
    if item.kind is Kind.DEAL:
        odds += 0.2 if item.data.get("amount") else -0.4
    if item.kind is Kind.NEXT_MEETING:
        odds += 0.3 if "T" in str(item.data.get("when")) else -0.4
    odds -= 2.0 * (1 - seen.get("alignment", 1.0))
    if "support" in seen:
        held = min(0.98, max(0.005, seen["support"]))
        odds += min(0.6, log(held / (1 - held)))
    odds -= 0.0 if is_meant(item.kind, seen) else 3.0
    if "owner" in seen:
        odds += 0.4 if seen["owner"] >= 0.7 else 0.0 if seen["owner"] > 0.5 else -0.4 if seen["owner"] else -1.0
    odds -= 0.3 * any(name.endswith("_corrected") for name in seen)
    if "value_logprob" in seen:
        odds += 1.5 * (max(0.2, seen["value_logprob"]) - 0.9)
    return odds
