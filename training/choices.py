"""Trains `chatbot/extraction/builtin/choosing.py`: `python -m training choices`.

A group is one question with its candidates: which sum is the deal's, which day the next meeting's. The likelihood is
that of a softmax over the candidates and "none", summed over the candidates that are right, because the same sum may be
said five times. The table is leave-one-meeting-out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chatbot.extraction.builtin import choosing, deal_stage, mood
from chatbot.extraction.builtin.amounts import on_table
from chatbot.extraction.builtin.choosing import Signals
from chatbot.extraction.builtin.closing import close_day, closes
from chatbot.extraction.builtin.discourse import clean
from chatbot.extraction.builtin.next_meeting import agreed, options
from chatbot.retrieval.embedding_service import default_embedder
from training import deals, sentences
from training.deals import Told
from training.fitting import average_precision, logistic

#: Weights that never saw a meeting, under its name: what `make eval` judges it by.
LEFT_OUT = Path(__file__).parents[1] / "tests" / "evals" / "meetings" / "left_out_choices.json"
#: Steps of Newton's method; of ascent.
_STEPS, _ROUNDS = 25, 600
#: What a dialogue weighs beside a whole meeting, which is what is to be read later. Sums show how late and among how
#: many others they come, which a dialogue cannot tell.
_OF_DIALOGUE = {"amount": 0.1, "close": 0.33, "stage": 0.33}
_RIDGE = {"close": 0.33, "stage": 1.0, "amount": 1.0, "next meeting": 1.0, "mood": 0.3}


@dataclass(frozen=True, slots=True)
class Group:
    """n candidates of which some may be right; `source`: the meeting they are of, or a tenth of the dialogues."""

    source: str
    candidates: Sequence[Signals]
    right: Sequence[bool]
    judge: Callable[[], bool]
    weight: float = 1.0


def main() -> None:
    _mood_heads()
    known = list(sentences.read(["deal"]))
    names = [one.name for one in known]
    groups = groups_of(known)
    weights = {choice: _fitted(choice, mine) for choice, mine in groups.items()}
    apart = {
        source: {c: _fitted(c, [g for g in mine if g.source != source]) for c, mine in groups.items()}
        for source in dict.fromkeys(g.source for mine in groups.values() for g in mine)
    }
    for choice, mine in groups.items():
        for place, part in _parts(mine):
            seen = sum(_judged(group, weights) for group in part)
            unseen = sum(_judged(group, apart[group.source]) for group in part)
            print(f"{choice}: {len(part)} of {place}, right {seen} in sample, {unseen} left out")
    left_out = {name: apart[name] for name in names}
    about = {"made of": names, "licence": "the project's own"}
    choosing.WEIGHTS.write_text(json.dumps({"about": about, "weights": weights}, indent=1) + "\n", encoding="utf-8")
    LEFT_OUT.write_text(json.dumps(left_out, separators=(",", ":")) + "\n", encoding="utf-8")


def _fitted(choice: str, groups: Sequence[Group]) -> dict[str, float]:
    return (fit_stage if choice == "stage" else fit)(groups, _RIDGE[choice])


def groups_of(known: Sequence[sentences.Labelled]) -> dict[str, list[Group]]:
    """Choice → what is to be chosen in annotated meetings and in dialogues."""
    found: dict[str, list[Group]] = defaultdict(list)
    for told in [*(told for one in known for told in deals.of_meeting(one)), *deals.dialogues()]:
        for choice, group in _of_deal(told):
            found[choice].append(group)
    found["next meeting"] = [g for one in known for g in _next_meetings(one)]
    found["mood"] = [g for one in known for g in _moods(one)]
    return found


def _parts(groups: Sequence[Group]) -> Iterator[tuple[str, list[Group]]]:
    for place, written in (("meetings", False), ("dialogues", True)):
        part = [group for group in groups if group.source.startswith("dialogues") is written]
        if part:
            yield place, part


def _judged(group: Group, weights: choosing.Weights) -> bool:
    with choosing.judging(weights):
        return group.judge()


def fit(groups: Sequence[Group], ridge: float) -> dict[str, float]:
    """Signal → weight, by Newton's method on the penalised likelihood.

    A sum of softmax shares is not concave; the curvature used is that of the plain softmax, which never is too small.
    """
    groups = [group for group in groups if group.candidates]
    names = sorted({name for group in groups for signals in group.candidates for name in signals})
    column = {name: i for i, name in enumerate(names)}
    sizes = np.array([len(group.candidates) + 1 for group in groups])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rows, right = np.zeros((sizes.sum(), len(names) + 1)), np.zeros(sizes.sum())
    for start, group in zip(starts, groups, strict=True):
        for row, signals, good in zip(
            range(start, start + len(group.candidates)), group.candidates, group.right, strict=True
        ):
            right[row] = good
            for name, value in signals.items():
                rows[row, column[name]] = value
        none = start + len(group.candidates)
        rows[none, -1], right[none] = 1, not any(group.right)
    weight = np.repeat([group.weight for group in groups], sizes)
    found = np.zeros(len(names) + 1)
    for _ in range(_STEPS):
        scores = rows @ found
        odds = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        share = odds / np.repeat(np.add.reduceat(odds, starts), sizes)
        good = odds * right / np.repeat(np.maximum(np.add.reduceat(odds * right, starts), 1e-12), sizes)
        weighted = rows * share[:, None]
        means = np.add.reduceat(weighted, starts, axis=0) * np.sqrt(weight[starts])[:, None]
        curve = rows.T @ (weighted * weight[:, None]) - means.T @ means + ridge * np.eye(len(found))
        change = np.linalg.solve(curve, rows.T @ (weight * (good - share)) - ridge * found)
        found += change
        if np.abs(change).max() < 1e-4:
            break
    stored = {name: round(float(found[i]), 3) for name, i in column.items()}
    return {name: weight for name, weight in stored.items() if weight} | {"none": round(float(found[-1]), 3)}


def fit_stage(groups: Sequence[Group], ridge: float) -> dict[str, float]:
    """As `fit`, where each candidate has the same signals under its own name: ascent with momentum on [d, stages]."""
    shared = [{name.split(": ", 1)[1]: value for name, value in group.candidates[0].items()} for group in groups]
    names = sorted({name for signals in shared for name in signals})
    rows = np.array([[signals.get(name, 0.0) for name in names] for signals in shared])
    right = np.array([group.right for group in groups], float)
    found, speed = np.zeros((len(names), right.shape[1])), np.zeros((len(names), right.shape[1]))
    weight = np.array([group.weight for group in groups])
    step = 1.0 / (0.5 * np.linalg.eigvalsh(rows.T @ (rows * weight[:, None]))[-1] + ridge)
    for _ in range(_ROUNDS):
        scores = rows @ found
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        share, good = odds / odds.sum(axis=1, keepdims=True), odds * right
        error = weight[:, None] * (good / good.sum(axis=1, keepdims=True) - share)
        speed = 0.9 * speed + step * (rows.T @ error - ridge * found)
        found += speed
    stages = deal_stage.STAGES
    weights = {f"{stages[j]}: {name}": round(float(found[i, j]), 2) for i, name in enumerate(names) for j in range(11)}
    return {name: weight for name, weight in weights.items() if weight} | {"none": -20.0}


def _next_meetings(one: sentences.Labelled) -> Iterator[Group]:
    """One group: every day that may be the next meeting's."""
    item = next((item for item in one.items if item["kind"] == "next_meeting"), None)
    wanted = [] if item is None else [item["data"]["when"], *(item.get("also") or {}).get("when", [])]
    days = {when[:10] for when in wanted}
    found = options(one.discourse)

    def judge() -> bool:
        chosen, _ = agreed(found)
        return chosen is not None and chosen.day.isoformat() in days

    yield Group(one.name, [o.signals for o in found], [o.day.isoformat() in days for o in found], judge)


def _of_deal(told: Told) -> Iterator[tuple[str, Group]]:
    """What is to be chosen about a deal: its sum, its day of closing, its stage; each where it is known."""
    weight = {choice: light if told.is_written else 1.0 for choice, light in _OF_DIALOGUE.items()}
    amounts = [any(v is not None and abs(s.value - v) <= 0.005 * v for v in told.amounts) for s in told.found]

    def amount() -> bool:
        chosen, _ = on_table(told.found)
        return (None in told.amounts) if chosen is None else amounts[told.found.index(chosen)]

    yield "amount", Group(told.source, [s.signals for s in told.found], amounts, amount, weight["amount"])
    if told.closes:
        days = closes(told.discourse, told.sentences, told.roster)

        def close() -> bool:
            chosen, _ = close_day(days)
            return (chosen.day.isoformat() if chosen else None) in told.closes

        right = [day.day.isoformat() in told.closes for day in days]
        yield "close", Group(told.source, [day.signals for day in days], right, close, weight["close"])
    if told.stages:
        signals = deal_stage.signals(told.sentences, told.found, told.roster, several=told.several)
        right = [stage in told.stages for stage in deal_stage.STAGES]
        judge = lambda: deal_stage.stage(signals)[0] in told.stages  # noqa: E731
        yield "stage", Group(told.source, deal_stage.candidates(signals), right, judge, weight["stage"])


def _moods(one: sentences.Labelled) -> Iterator[Group]:
    """One group: positive, negative, or neither."""
    item = next(item for item in one.items if item["kind"] == "sentiment")
    wanted = {item["data"]["label"], *(item.get("also") or {}).get("label", [])}
    told = mood.signals(mood.listened(one.discourse, one.roster))[0]

    def judge() -> bool:
        return mood.sentiment(one.discourse, one.roster)[0].data["label"] in wanted

    yield Group(one.name, told, [label == item["data"]["label"] for label in mood.LABELS], judge)


def _mood_heads() -> None:
    """The heads that hear delight and anger in a sentence: fitted on `moods/`, judged in ten parts."""
    lines = [
        line for path in sorted((Path(__file__).parent / "moods").glob("*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines() if line
    ]  # fmt: skip
    embedder = default_embedder()
    if embedder is None:
        raise SystemExit("The MiniLM package of requirements/models.txt is needed to train.")
    vectors = mood.features([clean(line[2:]) for line in lines], embedder)
    wanted = np.array([[line[0] == "+", line[0] == "-"] for line in lines], np.float32)
    weight, part = np.ones(len(lines), np.float32), np.arange(len(lines)) % 10
    judged = np.zeros_like(wanted)
    for fold in range(10):
        rest = part != fold
        for column in range(2):
            head = logistic(vectors[rest], wanted[rest, column], weight[rest], ridge=0.3)
            judged[~rest, column] = vectors[~rest] @ head[:-1] + head[-1]
    right = [average_precision(wanted[:, column], judged[:, column]) for column in range(2)]
    print(f"moods: {len(lines)} sentences, average precision positive {right[0]:.2f}, negative {right[1]:.2f}")
    heads = np.stack([logistic(vectors, wanted[:, column], weight, ridge=0.3) for column in range(2)], axis=1)
    np.savez_compressed(mood.WEIGHTS, heads=heads.astype(np.float16))
    mood._heads.cache_clear()
