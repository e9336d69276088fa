"""How sure to be of an item: a small table, measured, times what was observed about it.

The base of a kind lies between the share of the built-in analyzer's items that were right on the development meetings
and on meetings written after the rules (see docs/evaluation.md), drawn towards one half because both are few. Signals
then move the log-odds: a quote found letter for letter, an owner and a day known, the engine's own score. A model's
opinion of itself is one signal of several, never the whole.
"""

from __future__ import annotations

from math import exp, log

from chatbot.extraction.grounding import Grounded
from chatbot.extraction.support import is_meant
from shared.schemas.insight import Kind

_BASE: dict[str, dict[Kind, float]] = {
    "builtin": {
        Kind.CONTACT: 0.92, Kind.COMPANY: 0.88, Kind.DEAL: 0.75, Kind.ACTION_ITEM: 0.78, Kind.NEXT_MEETING: 0.85,
        Kind.DECISION: 0.6, Kind.PAIN_POINT: 0.6, Kind.OBJECTION: 0.55, Kind.COMPETITOR: 0.85, Kind.REQUIREMENT: 0.63,
        Kind.SENTIMENT: 0.7, Kind.SUMMARY: 0.6,
    },
    "ollama": {
        Kind.CONTACT: 0.85, Kind.COMPANY: 0.8, Kind.DEAL: 0.65, Kind.ACTION_ITEM: 0.6, Kind.NEXT_MEETING: 0.75,
        Kind.DECISION: 0.5, Kind.PAIN_POINT: 0.55, Kind.OBJECTION: 0.5, Kind.COMPETITOR: 0.75, Kind.REQUIREMENT: 0.55,
        Kind.SENTIMENT: 0.7, Kind.SUMMARY: 0.6,
    },
}  # fmt: skip


#: The built-in analyzer's usual own score where that is not one half; only the distance from it says something.
_USUAL = {
    Kind.CONTACT: 0.85, Kind.COMPANY: 0.6, Kind.DEAL: 0.6, Kind.ACTION_ITEM: 0.7, Kind.NEXT_MEETING: 0.75,
    Kind.DECISION: 0.4, Kind.PAIN_POINT: 0.45, Kind.OBJECTION: 0.42, Kind.COMPETITOR: 0.6, Kind.REQUIREMENT: 0.38,
    Kind.SENTIMENT: 0.55,
}  # fmt: skip


def _logit(p: float) -> float:
    return log(p / (1 - p))


def confidence(grounded: Grounded, *, engine: str, score: float) -> float:
    """0.02..0.98. `score` is the engine's own, 0..1, with 0.5 saying nothing."""
    item = grounded.item
    odds = _logit(_BASE.get(engine, _BASE["ollama"])[item.kind])
    usual = _USUAL.get(item.kind, 0.5) if engine == "builtin" else 0.5
    odds += 1.2 * (min(max(score, 0.0), 1.0) - usual)
    odds -= 0.7 if engine == "builtin" and grounded.status != "exact" else 0.0
    odds += _observed(grounded) if engine != "builtin" else 0.0
    odds -= 0.3 * len(grounded.cut)
    if item.kind is Kind.ACTION_ITEM:
        odds += 0.2 if item.data.get("due_date") else -0.3
        odds -= 0.0 if item.data.get("owner") else 1.2
    if item.kind is Kind.DEAL:
        odds += 0.2 if item.data.get("amount") else -0.4
    if item.kind is Kind.NEXT_MEETING:
        odds += 0.3 if "T" in str(item.data.get("when")) else -0.4
    return round(min(0.98, max(0.02, 1 / (1 + exp(-odds)))), 3)


def _observed(grounded: Grounded) -> float:
    """What the signals add to the log-odds of a model's item. Set by hand until they are fitted."""
    seen, odds = grounded.signals, 0.0
    odds -= 2.0 * (1 - seen.get("alignment", 1.0))
    if "support" in seen:
        support = min(0.98, max(0.005, seen["support"]))
        odds += min(0.6, _logit(support))
    odds -= 0.0 if is_meant(grounded.item.kind, seen) else 3.0
    if "owner" in seen:
        odds += 0.4 if seen["owner"] >= 0.7 else 0.0 if seen["owner"] > 0.5 else -0.4 if seen["owner"] else -1.0
    odds -= 0.3 * any(name.endswith("_corrected") for name in seen)
    if "value_logprob" in seen:
        odds += 1.5 * (max(0.2, seen["value_logprob"]) - 0.9)
    return odds
