"""Which names are people, companies, rivals: a multinomial logistic regression over `entity_features`.

The weights are numbers in `entity_weights.json`, fitted by `python -m training.entities`, which names the meetings they
come from. Reading them costs no model and no library but numpy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from chatbot.extraction.builtin.entity_features import Features

KINDS = ("other", "person", "company", "competitor")
WEIGHTS = Path(__file__).with_name("entity_weights.json")


@dataclass(frozen=True, slots=True)
class EntityModel:
    """`weights` is float [features, kinds]; a feature the fit never saw weighs nothing."""

    index: dict[str, int]
    weights: np.ndarray

    def probabilities(self, features: Features) -> dict[str, float]:
        """The share of each of KINDS; they add up to 1."""
        scores = np.zeros(len(KINDS))
        for name, value in features.items():
            row = self.index.get(name)
            if row is not None:
                scores += value * self.weights[row]
        grown = np.exp(scores - scores.max())
        return dict(zip(KINDS, (grown / grown.sum()).tolist(), strict=True))

    def to_json(self) -> dict[str, list[float]]:
        """Feature → its four weights, rounded; what `load` reads."""
        return {name: [round(float(w), 3) for w in self.weights[row]] for name, row in sorted(self.index.items())}


@lru_cache(maxsize=1)
def load() -> EntityModel:
    """The committed weights. Raises OSError where the file is missing: it is part of the program."""
    stored: dict[str, list[float]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return EntityModel({name: row for row, name in enumerate(stored)}, np.array(list(stored.values())))
