"""Reading a meeting by weights that never saw it: what is measured in the sample it was fitted on says nothing.

Heads, choices and confidence were fitted with each annotated meeting left out; those weights are kept beside the
meetings. The sense of names is fitted anew, in groups of meetings, because keeping it would take megabytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from chatbot.extraction import confidence
from chatbot.extraction.builtin import choosing, heads
from chatbot.extraction.builtin.entities import Sense
from training.annotated_meetings import Meeting, load
from training.entities import left_out

HEADS = Path(__file__).parent / "meetings" / "left_out.npz"
CONFIDENCE = Path(__file__).parent / "meetings" / "left_out_confidence.json"
CHOICES = Path(__file__).parent / "meetings" / "left_out_choices.json"
_GROUPS = 8


class Senses:
    """For each annotated meeting a sense of names made of others; fitted when first asked for, half a minute."""

    def __init__(self, meetings: Sequence[Meeting] | None = None) -> None:
        self._meetings = meetings

    @cached_property
    def _fitted(self) -> dict[str, Sense]:
        meetings = list(self._meetings or load())
        return {name: Sense(*fitted) for name, fitted in left_out(meetings, folds=_GROUPS).items()}

    def of(self, name: str) -> Sense | None:
        """None where the committed one never saw the meeting."""
        with np.load(HEADS) as stored:
            return self._fitted.get(name) if f"{name}.joint" in stored else None


@contextmanager
def judging(name: str) -> Iterator[None]:
    """Within the block heads, choices and confidence never saw the meeting of that name."""
    with np.load(HEADS) as stored:
        steps = {
            step: stored[f"{name}.{step}"].astype(np.float32)
            for step in ("joint", "plain")
            if f"{name}.{step}" in stored
        }
    rated = json.loads(CONFIDENCE.read_text(encoding="utf-8")) if CONFIDENCE.exists() else {}
    chosen = json.loads(CHOICES.read_text(encoding="utf-8"))
    with ExitStack() as stack:
        if steps:
            stack.enter_context(heads.judging(replace(heads.weights(), **steps)))
        if name in chosen:
            stack.enter_context(choosing.judging(chosen[name]))
        if name in rated:
            stack.enter_context(confidence.judging(rated[name]))
        yield
