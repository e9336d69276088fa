"""Fits `chatbot/extraction/confidence.py`: `python -m training confidence`.

Every annotated meeting is read by heads and a sense of names that never saw it; the set's own scorer says which items
are right. The table is leave-one-meeting-out: each meeting's items are rated by weights of the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chatbot.extraction import confidence
from chatbot.extraction.builtin.engine import BuiltinEngine
from chatbot.extraction.grounding import Grounded
from chatbot.extraction.meeting_analyzer import assemble
from shared.schemas.insight import Item, Kind
from tests.evals import left_out
from tests.evals.judging import load_scorer
from training.annotated_meetings import Meeting, load
from training.fitting import logistic

TARGET = confidence._WEIGHTS
BINS = 10


@dataclass(frozen=True, slots=True)
class Rated:
    """A counted item: its signals, and whether it was right."""

    signals: Mapping[str, float]
    right: bool


def main() -> None:
    meetings = load()
    senses = left_out.Senses(meetings)
    rated = {meeting.name: rate(meeting, senses) for meeting in meetings}
    everything = [row for rows in rated.values() for row in rows]
    names = sorted({name for row in everything for name in row.signals})
    apart = {
        name: _fit([row for other, rows in rated.items() if other != name for row in rows], names) for name in rated
    }
    guesses = np.array([_guess(row, apart[name]) for name, rows in rated.items() for row in rows])
    truth = np.array([row.right for rows in rated.values() for row in rows], float)
    print(f"{len(truth)} items of {len(rated)} meetings, {truth.mean():.0%} right; each rated by the other meetings")
    for line in calibration(guesses, truth):
        print(line)
    stored = {"made of": list(rated), "weights": _fit(everything, names)}
    TARGET.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    left_out.CONFIDENCE.write_text(json.dumps(apart, ensure_ascii=False) + "\n", encoding="utf-8")


def rate(meeting: Meeting, senses: left_out.Senses) -> list[Rated]:
    """The items of a meeting that count, as the product would find them."""
    seen: list[tuple[Item, dict[str, float]]] = []

    def noted(grounded: Grounded, *, engine: str, score: float) -> float:
        seen.append((grounded.item, confidence.observed(grounded, score)))
        return score

    context = meeting.discourse.meeting
    with left_out.judging(meeting.name):
        engine = BuiltinEngine(senses.of(meeting.name))
        drafts = [draft for segment in engine.segments(context) for draft in engine.read(context, segment)]
        items = assemble(context, drafts, engine, rate=noted)
    signals = [next(s for item, s in seen if item is kept) for kept in items]
    gold = {"meeting": {"own_company": context.own_company or ""}, "items": meeting.items}
    verdicts = judge(gold, [item.model_dump(mode="json") for item in items])
    return [Rated(s, verdict) for s, verdict in zip(signals, verdicts, strict=True) if verdict is not None]


def judge(gold: dict[str, Any], items: Sequence[dict[str, Any]]) -> list[bool | None]:
    """For each item whether the scorer calls it right; None where it counts for nothing."""
    scorer = load_scorer()
    roster = [item["data"]["name"] for item in gold["items"] if item["kind"] == "contact"]
    rivals = {
        scorer.company_key(name)
        for item in gold["items"]
        if item["kind"] == "competitor"
        for name in scorer.options(item, "name")
    }
    own = scorer.company_key(gold["meeting"]["own_company"])
    verdicts: list[bool | None] = [None] * len(items)
    for kind in {item["kind"] for item in items} - {Kind.SUMMARY.value}:
        mine = [i for i, item in enumerate(items) if item["kind"] == kind]
        wanted = [item for item in gold["items"] if item["kind"] == kind]
        pairs = {p: g for p, g, _ in scorer.match(kind, [items[i] for i in mine], wanted, roster)}
        for place, i in enumerate(mine):
            data = items[i]["data"]
            if place in pairs:
                found = wanted[pairs[place]]
                verdicts[i] = None if found.get("optional") else scorer.strict_ok(kind, items[i], found, roster)
            else:
                about = data["name"] if kind == "company" else data.get("company") if kind == "contact" else None
                harmless = {own} | (rivals if kind == "company" else set())
                verdicts[i] = None if about and scorer.company_key(about) in harmless - {""} else False
    return verdicts


def _fit(rows: Sequence[Rated], names: Sequence[str]) -> dict[str, float]:
    features = np.array([[row.signals.get(name, 0.0) for name in names] for row in rows], np.float32)
    right = np.array([row.right for row in rows], np.float32)
    found = logistic(features, right, np.ones(len(rows), np.float32), ridge=1.0, steps=20)
    kinds = {kind.value for kind in Kind}
    return {
        name: round(float(weight + (found[-1] if name in kinds else 0.0)), 4)
        for name, weight in zip(names, found[:-1], strict=True)
    }


def _guess(row: Rated, weights: Mapping[str, float]) -> float:
    odds = sum(value * weights.get(name, 0.0) for name, value in row.signals.items())
    return float(1 / (1 + np.exp(-odds)))


def calibration(guesses: Any, right: Any) -> list[str]:
    """The table of equal bins, a bar for each, and the expected calibration error."""
    place = np.minimum((guesses * BINS).astype(int), BINS - 1)
    lines, error = [], 0.0
    for bin in range(BINS):
        here = place == bin
        if here.any():
            said, was = guesses[here].mean(), right[here].mean()
            error += here.mean() * abs(said - was)
            bar = "█" * round(20 * was)
            span = f"{bin / BINS:.1f}-{(bin + 1) / BINS:.1f}"
            lines.append(f"  {span}  n={here.sum():4}  said {said:.2f}  right {was:.2f} {bar}")
    return [*lines, f"expected calibration error {error:.3f}"]
