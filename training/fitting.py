"""Fitting linear models: small enough that numpy does it, convex so that a run gives what the last one gave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def logistic(features: Floats, wanted: Floats, weight: Floats, *, ridge: float = 1.0, steps: int = 8) -> Floats:
    """[n, d] features, [n] labels 0..1, [n] weights → [d + 1]: coefficients and bias. Newton's method.

    `ridge` is the L2 penalty of each coefficient; the bias has none.
    """
    design = np.concatenate([features, np.ones((len(features), 1))], axis=1).astype(np.float64)
    penalty = np.full(design.shape[1], ridge)
    penalty[-1] = 1e-6
    found = np.zeros(design.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (weight * (p - wanted)) + penalty * found
        curve = (design * (weight * p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        change = np.linalg.solve(curve, slope)
        found -= change
        if np.abs(change).max() < 1e-4:
            break
    return found.astype(np.float32)


def hashed(
    buckets: Sequence[npt.NDArray[np.int64]], wanted: Floats, weight: Floats, *, size: int, rounds: int = 12
) -> tuple[Floats, Floats]:
    """Texts as sets of buckets, [n, k] labels and weights → [size, k] coefficients, [k] biases. Adagrad.

    A text's logit is the sum of its buckets' coefficients over the root of their number. Coefficients shrink a little
    after each round, which is what keeps rare words small.
    """
    kinds = wanted.shape[1]
    found = np.zeros((size, kinds), np.float32)
    seen = np.full((size, 1), 1e-3, np.float32)
    bias = np.full(kinds, -2.5, np.float32)
    order = np.random.default_rng(20261126)
    for _ in range(rounds):
        for row in order.permutation(len(buckets)):
            here = buckets[row]
            scale = np.float32(1 / np.sqrt(len(here)))
            p = 1 / (1 + np.exp(-(found[here].sum(axis=0) * scale + bias)))
            error = (p - wanted[row]) * weight[row] * np.where(wanted[row] > 0, 2, 1)
            seen[here] += float((error * error).mean()) * scale * scale
            found[here] -= 0.15 * scale * error / np.sqrt(seen[here])
            bias -= 0.01 * error
        found *= 0.985
    return found, bias


def average_precision(wanted: Floats, scores: Floats) -> float:
    """Area under precision over recall, 0..1; 0 where nothing is wanted."""
    hits = wanted[np.argsort(-scores, kind="stable")] > 0
    if not hits.any():
        return 0.0
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())
