"""Trained heads: how likely a sentence commits, decides, hurts, objects or requires.

    words of the sentence ──── hashed, linear ───┐
    its MiniLM vector, 4 layers ── linear ───────┼── logistic regression, one for each kind ──▶ probability
    thirty signals (side, question, cue words) ──┘

The first two are trained on labelled snippets of business talk, the third on annotated meetings, so that what is
measured on a meeting that was left out is honest. `python -m training statements` makes the weights and says what they
are worth; docs/evaluation.md has the table. Without the MiniLM package a second set of weights does with words and
signals.

A vector costs a hundred times what the words cost: only sentences that words and signals leave in doubt get one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.features import Floats, grams, signals
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.fitted import Fitted
from chatbot.retrieval.embedding_service import default_embedder
from shared.schemas.insight import Kind

#: What the heads tell apart, in the order of the weights' columns.
KINDS = (Kind.ACTION_ITEM, Kind.DECISION, Kind.PAIN_POINT, Kind.OBJECTION, Kind.REQUIREMENT)
#: MiniLM's layers below the vector.
LAYERS = 4
_WEIGHTS = Path(__file__).parent / "weights" / "statements.npz"
#: Logits are clipped to this range and scaled before the last step, as in training.
_LOW, _HIGH, _SCALE = -8.0, 6.0, 3.0


@dataclass(frozen=True, slots=True)
class Weights:
    """`words` [buckets, k], `vectors` [d, k] on centred and scaled vectors, `joint` and `plain` for the last step."""

    words: Floats
    words_bias: Floats
    centre: Floats
    spread: Floats
    vectors: Floats
    vectors_bias: Floats
    joint: Floats  # [signals + 2k + 1, k]: signals, logits of words, logits of vectors, bias
    plain: Floats  # [signals + k + 1, k]: the same without vectors
    doubt: float  # the probability without vectors from which a sentence gets one
    least: Floats  # [k]: the probability from which a sentence is taken

    @classmethod
    def read(cls, path: Path = _WEIGHTS) -> Weights:
        with np.load(path) as stored:
            arrays = {name: stored[name].astype(np.float32) for name in cls.__slots__ if name != "doubt"}
            return cls(**arrays, doubt=float(stored["doubt"]))


_fitted = Fitted("heads", Weights.read)
weights, judging = _fitted.weights, _fitted.judging


def word_logits(texts: Sequence[str], using: Weights) -> Floats:
    """n cleaned sentences → [n, k]."""
    found = np.tile(using.words_bias, (len(texts), 1))
    for row, text in enumerate(texts):
        buckets = grams(text)
        found[row] += using.words[buckets].sum(axis=0) / np.float32(len(buckets)) ** 0.5
    return found


def vector_logits(vectors: Floats, using: Weights) -> Floats:
    """[n, d] shallow vectors → [n, k]."""
    scaled = (vectors - using.centre) / using.spread
    return np.asarray(scaled @ using.vectors + using.vectors_bias, dtype=np.float32)


def squash(logits: Floats) -> Floats:
    """Logits as the last step takes them."""
    return np.asarray(np.clip(logits, _LOW, _HIGH) / _SCALE, dtype=np.float32)


def probabilities(discourse: Discourse, sentences: Sequence[Sentence], roster: Roster) -> Floats:
    """n sentences → [n, k], columns as KINDS. A sentence of one word has none of them."""
    using = weights()
    texts = [clean(sentence.text) for sentence in sentences]
    seen, words = signals(discourse, sentences, roster), word_logits(texts, using)
    found = np.zeros((len(texts), len(KINDS)), dtype=np.float32)
    worth = np.array([len(text.split()) >= 2 for text in texts], dtype=bool)
    found[worth] = _logistic(np.hstack([seen, squash(words)])[worth], using.plain)
    embedder = default_embedder()
    rows = np.flatnonzero(found.max(axis=1, initial=0) >= using.doubt)
    if embedder is not None and len(rows):
        vectors = vector_logits(embedder.shallow([texts[row] for row in rows], LAYERS), using)
        found[rows] = _logistic(np.hstack([seen[rows], squash(words[rows]), squash(vectors)]), using.joint)
    return found


def _logistic(features: Floats, using: Floats) -> Floats:
    logits = features @ using[:-1] + using[-1]
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), dtype=np.float32)
