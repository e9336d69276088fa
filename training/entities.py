"""Fits the built-in analyzer's sense of names: `python -m training.entities [--report] [--misses]`.

Every capitalised run of every annotated meeting is a case, labelled by the gold file: person, company, competitor or
other. `--report` leaves each meeting out in turn and says how well the rest predicts it; without it the weights and the
list of everyday words are fitted on all meetings and written beside `entity_model.py`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from chatbot.extraction.builtin import candidates, entity_features, entity_model
from chatbot.extraction.builtin.candidates import Candidate
from chatbot.extraction.builtin.discourse import clean
from chatbot.extraction.builtin.entity_model import KINDS, EntityModel
from chatbot.extraction.builtin.people import speakers
from chatbot.extraction.merging import company_key
from chatbot.extraction.text import fold
from training.annotated_meetings import Meeting, load

#: Strength of the L2 penalty on one weight, against the summed log loss of all cases.
PENALTY = 3.0
ROUNDS = 400


@dataclass(frozen=True, slots=True)
class Case:
    """One candidate name of a meeting with its label, a place in KINDS."""

    meeting: str
    name: str
    features: entity_features.Features
    label: int


def words_of(meeting: Meeting) -> set[str]:
    """Everyday words of a meeting: lower-case ones, and German nouns that no gold item names."""
    texts = [clean(s.text) for s in meeting.discourse.sentences]
    lower = {fold(w) for text in texts for w in re.findall(r"(?<![\w@.])[a-zà-ÿß]{3,}(?![\w@])", text)}
    if meeting.discourse.meeting.language != "de":
        return lower
    named = {
        fold(word)
        for item in meeting.items
        if item["kind"] in ("contact", "company", "competitor")
        for word in re.split(r"[\s-]", item["data"]["name"])
    } | {fold(word) for word in (meeting.source.own_company or "").split()}
    nouns = {fold(w) for text in texts for w in re.findall(r"(?<=[a-zß,] )[A-ZÄÖÜ][a-zäöüß]{2,}", text)}
    return lower | (nouns - named - candidates.first_names())


def common_words(meetings: Iterable[Meeting]) -> frozenset[str]:
    """Words that at least two of the meetings have, or of other speech (`other_words`)."""
    counts = Counter(other_words())
    for meeting in meetings:
        counts.update(words_of(meeting))
    return frozenset(word for word, count in counts.items() if count >= 2)


@lru_cache(maxsize=1)
def other_words() -> Counter[str]:
    """In how many meetings of the corpora in AFTERWORD_SPEECH each lower-case word occurs; nothing where it is unset.

    AFTERWORD_SPEECH=file[:file], each a gzip of JSON lines, a line a meeting with `utterances: [{"x": text}]`.
    """
    counts: Counter[str] = Counter()
    for place in filter(None, os.environ.get("AFTERWORD_SPEECH", "").split(":")):
        with gzip.open(place, "rt", encoding="utf-8") as lines:
            for line in lines:
                text = " ".join(utterance["x"] for utterance in json.loads(line)["utterances"])
                counts.update(set(re.findall(r"(?<![\w@.'’-])[a-z]{3,}(?![\w@'’-])", text)))
    return counts


def cases(meeting: Meeting, common: frozenset[str]) -> list[Case]:
    scene = entity_features.Scene.of(meeting.discourse, common)
    present = [person.name for person in speakers(meeting.discourse)]
    return [
        Case(meeting.name, candidate.name, entity_features.features(candidate, scene), _label(candidate, meeting))
        for candidate in candidates.find_candidates(meeting.discourse, common).values()
        if entity_features.is_open(candidate, scene, present)
    ]


def _label(candidate: Candidate, meeting: Meeting) -> int:
    names = {kind: _gold_names(meeting, kind) for kind in ("competitor", "company", "contact")}
    said = company_key(candidate.name)
    if said in {company_key(name) for name in names["competitor"]}:
        return KINDS.index("competitor")
    if said in {company_key(name) for name in names["company"]}:
        return KINDS.index("company")
    words = set(candidate.words)
    for name in names["contact"]:
        of_gold = {fold(word) for word in re.split(r"[\s-]+", name)}
        if words <= of_gold or (of_gold <= words and len(words) <= 3):
            return KINDS.index("person")
    return KINDS.index("other")


def _gold_names(meeting: Meeting, kind: str) -> list[str]:
    return [
        name
        for item in meeting.items
        if item["kind"] == kind
        for name in (item["data"]["name"], *item.get("also", {}).get("name", ()))
        if name
    ]


def fit(known: list[Case], penalty: float = PENALTY) -> EntityModel:
    """Multinomial logistic regression by gradient descent with momentum; features of one meeting only are dropped."""
    seen: dict[str, set[str]] = {}
    for case in known:
        for name in case.features:
            seen.setdefault(name, set()).add(case.meeting)
    index = {name: row for row, name in enumerate(sorted(n for n, where in seen.items() if len(where) > 1))}
    inputs = np.zeros((len(known), len(index)))
    for row, case in enumerate(known):
        for name, value in case.features.items():
            if name in index:
                inputs[row, index[name]] = value
    wanted = np.eye(len(KINDS))[[case.label for case in known]]
    weights, speed = np.zeros((len(index), len(KINDS))), np.zeros((len(index), len(KINDS)))
    step = 1.0 / (0.5 * np.linalg.norm(inputs, 2) ** 2 + penalty)
    for _ in range(ROUNDS):
        scores = inputs @ (weights + 0.9 * speed)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        slope = inputs.T @ (shares - wanted) + penalty * (weights + 0.9 * speed)
        speed = 0.9 * speed - step * slope
        weights = weights + speed
    return EntityModel(index, weights)


def left_out(
    meetings: list[Meeting], penalty: float = PENALTY, folds: int = 0
) -> dict[str, tuple[EntityModel, frozenset[str]]]:
    """For each meeting the weights and words that the others give; with `folds`, several are left out at once."""
    parts = min(folds or len(meetings), len(meetings))
    found = {}
    for part in range(parts):
        rest = [meeting for place, meeting in enumerate(meetings) if place % parts != part]
        common = common_words(rest)
        model = fit([case for meeting in rest for case in cases(meeting, common)], penalty)
        found.update({meeting.name: (model, common) for meeting in meetings[part::parts]})
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", action="store_true", help="leave each meeting out in turn; write nothing")
    parser.add_argument("--misses", action="store_true", help="with --report: every wrong candidate")
    parser.add_argument("--penalty", type=float, default=PENALTY)
    parser.add_argument("--folds", type=int, default=0, help="leave out this many groups instead of single meetings")
    options = parser.parse_args(arguments)
    if "AFTERWORD_SPEECH" not in os.environ:
        parser.error(
            "AFTERWORD_SPEECH names the other speech that everyday words come from; set it to nothing for none."
        )
    meetings = load()
    if options.report:
        _report(meetings, left_out(meetings, options.penalty, options.folds), misses=options.misses)
        return 0
    common = common_words(meetings)
    model = fit([case for meeting in meetings for case in cases(meeting, common)], options.penalty)
    stored = {
        "data": [meeting.name for meeting in meetings],
        "everyday_words": "of these meetings" + " and of the AMI corpus (CC BY 4.0)" * bool(other_words()),
        "kinds": KINDS,
        "weights": model.to_json(),
    }
    entity_model.WEIGHTS.write_text(json.dumps(stored, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    candidates.BACKGROUND.write_text("\n".join(sorted(common)) + "\n", encoding="utf-8")
    print(f"{len(model.index)} features, {len(common)} everyday words, {len(meetings)} meetings")
    return 0


def _report(meetings: list[Meeting], models: dict[str, tuple[EntityModel, frozenset[str]]], *, misses: bool) -> None:
    counts: dict[str, Counter[str]] = {}
    for meeting in meetings:
        model, common = models[meeting.name]
        for case in cases(meeting, common):
            shares = model.probabilities(case.features)
            guess = max(shares, key=lambda kind: shares[kind])
            truth = KINDS[case.label]
            table = counts.setdefault(meeting.folder.name, Counter())
            table.update({f"{truth}:gold": 1, f"{guess}:pred": 1, f"{truth}:hit": guess == truth})
            if misses and guess != truth:
                print(f"{meeting.name:32} {case.name:30} {truth:>10} -> {guess:10} {shares[guess]:.2f}")
    for folder, table in counts.items():
        for kind in KINDS[1:]:
            hit, pred, gold = (table[f"{kind}:{what}"] for what in ("hit", "pred", "gold"))
            f1 = 2 * hit / max(1, pred + gold)
            print(f"{folder:12} {kind:12} gold {gold:4} pred {pred:4} right {hit:4}  F1 {f1:.3f}")


if __name__ == "__main__":
    sys.exit(main())
