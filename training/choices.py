"""Trains `chatbot/extraction/builtin/choosing.py`: `python -m training choices`.

A group is one question with its candidates: which sum is the deal's, which day the next meeting's. The likelihood is
that of a softmax over the candidates and "none", summed over the candidates that are right, because the same sum may be
said five times. The table is leave-one-meeting-out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.extraction.builtin import choosing, mood
from chatbot.extraction.builtin.amounts import on_table, sums
from chatbot.extraction.builtin.choosing import Signals
from chatbot.extraction.builtin.companies import Company, mentions
from chatbot.extraction.builtin.discourse import clean, cut
from chatbot.extraction.builtin.money import spoken_of
from chatbot.extraction.builtin.next_meeting import agreed, options
from chatbot.extraction.builtin.people import Person, Roster
from chatbot.extraction.types import MeetingContext
from chatbot.retrieval.embedding_service import default_embedder
from shared.transcripts import Utterance
from training import sentences
from training.fitting import average_precision, logistic

#: Weights that never saw a meeting, under its name: what `make eval` judges it by.
LEFT_OUT = Path(__file__).parents[1] / "tests" / "evals" / "meetings" / "left_out_choices.json"
_RIDGE = {"amount": 1.0, "next meeting": 1.0, "mood": 0.3}


@dataclass(frozen=True, slots=True)
class Group:
    """n candidates of which some may be right; `meeting` is where they come from."""

    meeting: str
    candidates: Sequence[Signals]
    right: Sequence[bool]
    judge: Callable[[], bool]


def main() -> None:
    _mood_heads()
    known = list(sentences.read(["deal"]))
    names = [one.name for one in known]
    groups = {
        "amount": [g for one in known for g in _amounts(one)],
        "next meeting": [g for one in known for g in _next_meetings(one)],
        "mood": [g for one in known for g in _moods(one)],
    }
    more = {"amount": list(_made_up()), "next meeting": [], "mood": []}
    weights = {choice: fit([*mine, *more[choice]], _RIDGE[choice]) for choice, mine in groups.items()}
    left_out = {
        name: {c: fit([g for g in [*mine, *more[c]] if g.meeting != name], _RIDGE[c]) for c, mine in groups.items()}
        for name in names
    }
    for choice, mine in groups.items():
        seen = sum(_judged(group, weights) for group in mine)
        unseen = sum(_judged(group, left_out[group.meeting]) for group in mine)
        print(f"{choice}: {len(mine)} groups, right {seen} in sample, {unseen} leaving the meeting out")
    about = {"made of": names, "licence": "the project's own"}
    choosing.WEIGHTS.write_text(json.dumps({"about": about, "weights": weights}, indent=1) + "\n", encoding="utf-8")
    LEFT_OUT.write_text(json.dumps(left_out) + "\n", encoding="utf-8")


def _judged(group: Group, weights: choosing.Weights) -> bool:
    with choosing.judging(weights):
        return group.judge()


def fit(groups: Sequence[Group], ridge: float) -> dict[str, float]:
    """Signal → weight. Gradient ascent with momentum on the penalised likelihood."""
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
    found, speed = np.zeros(len(names) + 1), np.zeros(len(names) + 1)
    for _ in range(400):
        scores = rows @ found
        odds = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), sizes))
        share = odds / np.repeat(np.add.reduceat(odds, starts), sizes)
        good = odds * right / np.repeat(np.add.reduceat(odds * right, starts), sizes)
        speed = 0.9 * speed + 0.02 * (rows.T @ (good - share) - ridge * found)
        found += speed
    stored = {name: round(float(found[i]), 3) for name, i in column.items()}
    return {name: weight for name, weight in stored.items() if weight} | {"none": round(float(found[-1]), 3)}


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


def _amounts(one: sentences.Labelled) -> Iterator[Group]:
    """A group for each deal: the sums of the meeting, or where it has several deals those said of its company."""
    deals = [item for item in one.items if item["kind"] == "deal"]
    rivals = [item["data"]["name"] for item in one.items if item["kind"] == "competitor"]
    found = sums(one.discourse, one.roster, rivals)
    companies = [_company(one, item) for item in deals]
    for item, company in zip(deals, companies, strict=True):
        mine = found if len(deals) == 1 else [s for s in found if spoken_of(companies, s) is company]
        wanted = [item["data"].get("amount"), *(item.get("also") or {}).get("amount", [])]
        right = [any(v is not None and abs(s.value - v) <= 0.005 * v for v in wanted) for s in mine]

        def judge(mine: Any = mine, wanted: Any = wanted) -> bool:
            chosen, _ = on_table(mine)
            if chosen is None:
                return None in wanted
            return any(v is not None and abs(chosen.value - v) <= 0.005 * v for v in wanted)

        yield Group(one.name, [s.signals for s in mine], right, judge)


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


def _made_up() -> Iterator[Group]:
    """A group for each dialogue of `sums/`: turns of customer, vendor, colleagues; behind `=` what it comes to."""
    for path in sorted((Path(__file__).parent / "sums").glob("*.txt")):
        for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
            *lines, answer = block.splitlines()
            wanted = None if (said := answer.removeprefix("=").strip()) == "none" else float(said)
            utterances = tuple(
                Utterance(index=i, speaker=line[0] if line[0] != "N" else f"N{i % 2}", text=line[3:])
                for i, line in enumerate(lines)
            )
            discourse = cut(MeetingContext(utterances, datetime.fromisoformat("2026-11-26T10:00")))
            people = [Person("V", {"V"}, side="own"), Person("C", {"C"}, side="other")]
            found = sums(discourse, Roster(people, None))
            for one in found:
                one.signals.update({"place": 0.6, "size": 0.0})
            yield Group("", [s.signals for s in found], [s.value == wanted for s in found], lambda: True)


def _company(one: sentences.Labelled, item: dict[str, Any]) -> Company:
    names = [item["data"]["company"], *(item.get("also") or {}).get("company", [])]
    said = sorted({i for name in names if name for i in mentions(one.discourse, name)})
    return Company(item["data"]["company"], mentions=said)
