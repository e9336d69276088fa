"""Trains `chatbot/extraction/builtin/heads.py`: `python -m training statements`.

Words and vectors are fitted on the snippets, the last step on annotated meetings. The table is leave-one-meeting-out:
each meeting is judged by a last step that never saw it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.extraction.builtin import heads
from chatbot.extraction.builtin.discourse import clean
from chatbot.extraction.builtin.features import BUCKETS, Floats, grams, signals
from chatbot.extraction.builtin.heads import KINDS, LAYERS, Weights, squash, vector_logits, word_logits
from chatbot.extraction.builtin.statements import describe
from chatbot.retrieval.embedding_service import LocalEmbedder, default_embedder
from shared.schemas.insight import Kind
from tests.evals import left_out
from tests.evals.judging import load_scorer
from training import sentences, snippets
from training.fitting import average_precision, hashed, logistic

TARGET = Path(heads.__file__).parent / "weights" / "statements.npz"
_NAMES = [kind.value for kind in KINDS]
#: Directions of the vectors that are kept before fitting; the rest is noise for so few examples.
_DIRECTIONS = 352
#: The share of what vectors would rightly take that must get one.
_REACHED = 0.98
_TRIED = [round(float(least), 2) for least in np.arange(0.05, 0.9, 0.01)]
#: F1 that differs by less is the same: the sets are small.
_AS_GOOD = 0.985


@dataclass(frozen=True, slots=True)
class _Known:
    """A meeting with its features: [n, signals], [n, k] logits of words and of vectors."""

    meeting: sentences.Labelled
    signals: Floats
    words: Floats
    vectors: Floats
    worth: Any  # [n] bool

    def joint(self) -> Floats:
        return np.hstack([self.signals, squash(self.words), squash(self.vectors)])

    def plain(self) -> Floats:
        return np.hstack([self.signals, squash(self.words)])


def main() -> None:
    embedder = default_embedder()
    if embedder is None:
        raise SystemExit("The MiniLM package of requirements/models.txt is needed to train.")
    first = _from_snippets(embedder)
    known = [_know(meeting, embedder, first) for meeting in sentences.read(_NAMES)]
    judged = _left_out(known, lambda one: one.joint())
    _table("words, vectors and signals", known, judged)
    rough = _left_out(known, lambda one: one.plain())
    _table("words and signals", known, rough)
    least = np.array([_least(known, judged, column) for column in range(len(KINDS))], np.float32)
    print("taken from: " + ", ".join(f"{n} {p:.2f}" for n, p in zip(_NAMES, least, strict=True)))
    doubt = _doubt(known, rough, judged, least)
    print(f"sentences that get a vector: {_share(rough, doubt):.0%}, from {doubt:.3f}")
    first |= {
        "joint": _fit_all(known, [one.joint() for one in known]),
        "plain": _fit_all(known, [one.plain() for one in known]),
        "least": least,
        "doubt": np.float32(doubt),
    }
    about = {"made of": [one.meeting.name for one in known], "licence": "the project's own"}
    TARGET.parent.mkdir(exist_ok=True)
    _keep_left_out(known)
    stored = {name: value.astype(np.float16) if value.ndim else value for name, value in first.items()}
    np.savez_compressed(TARGET, **stored, about=json.dumps(about))
    print(f"{TARGET.name}: {TARGET.stat().st_size // 1024} KB")


def _from_snippets(embedder: LocalEmbedder) -> dict[str, Any]:
    said = [sentence for snippet in snippets.read() for sentence in snippet]
    texts = [clean(sentence.text) or "." for sentence in said]
    wanted = np.array([[c in s.labels.upper() for c in snippets.LABELS] for s in said], np.float32)
    weight = np.array([[0.5 if c.lower() in s.labels else 1.0 for c in snippets.LABELS] for s in said], np.float32)
    print(f"{len(said)} sentences of snippets, labels: {dict(zip(_NAMES, wanted.sum(0).astype(int), strict=True))}")
    words, words_bias = hashed([grams(text) for text in texts], wanted, weight, size=BUCKETS)
    vectors = embedder.shallow(texts, LAYERS)
    centre, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-6
    scaled = (vectors - centre) / spread
    basis = _basis(scaled)
    heads_ = [logistic(scaled @ basis, wanted[:, i], weight[:, i], ridge=2.0) for i in range(len(KINDS))]
    return {
        "words": words, "words_bias": words_bias, "centre": centre, "spread": spread,
        "vectors": np.stack([basis @ head[:-1] for head in heads_], axis=1),
        "vectors_bias": np.array([head[-1] for head in heads_], np.float32),
    }  # fmt: skip


def _basis(scaled: Floats) -> Floats:
    """[n, d] → [d, _DIRECTIONS]: principal directions, large ones damped by the root of their spread."""
    _, strength, directions = np.linalg.svd(scaled[::2], full_matrices=False)
    made = directions[:_DIRECTIONS].T / (strength[:_DIRECTIONS] / np.sqrt(len(scaled) / 2)) ** 0.5
    return np.asarray(made * (0.12 / np.abs(scaled[::2] @ made).mean()), dtype=np.float32)


def _know(meeting: sentences.Labelled, embedder: LocalEmbedder, first: dict[str, Any]) -> _Known:
    sentences = meeting.discourse.sentences
    texts = [clean(sentence.text) or "." for sentence in sentences]
    nothing = np.zeros((1, len(KINDS)), np.float32)
    using = Weights(**first, joint=nothing, plain=nothing, doubt=0.0, least=nothing)
    return _Known(
        meeting,
        signals(meeting.discourse, sentences, meeting.roster),
        word_logits(texts, using),
        vector_logits(embedder.shallow(texts, LAYERS), using),
        np.array([len(text.split()) >= 2 for text in texts], dtype=bool),
    )


def _left_out(known: Sequence[_Known], features: Any) -> list[Floats]:
    """Each meeting's [n, k] probabilities by weights that never saw it."""
    made = [features(one) for one in known]
    found = []
    for i, one in enumerate(known):
        others = [j for j in range(len(known)) if j != i]
        using = _fit_all([known[j] for j in others], [made[j] for j in others])
        logits = made[i] @ using[:-1] + using[-1]
        found.append(np.asarray(one.worth[:, None] / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32))
    return found


def _keep_left_out(known: Sequence[_Known]) -> None:
    stored: dict[str, Any] = {}
    for one in known:
        others = [other for other in known if other is not one]
        stored[f"{one.meeting.name}.joint"] = _fit_all(others, [other.joint() for other in others]).astype(np.float16)
        stored[f"{one.meeting.name}.plain"] = _fit_all(others, [other.plain() for other in others]).astype(np.float16)
    np.savez_compressed(left_out.HEADS, **stored)


def _fit_all(known: Sequence[_Known], features: Sequence[Floats]) -> Floats:
    """[d + 1, k]: the last step."""
    rows = np.concatenate([made[one.worth] for one, made in zip(known, features, strict=True)])
    columns = []
    for name in _NAMES:
        wanted = np.concatenate([one.meeting.wanted[name][one.worth] for one in known])
        weight = np.concatenate([one.meeting.weight[name][one.worth] for one in known])
        columns.append(logistic(rows, wanted, weight))
    return np.stack(columns, axis=1)


def _table(title: str, known: Sequence[_Known], judged: Sequence[Floats]) -> None:
    print(f"\n{title}, leave one meeting out: average precision, best F1")
    for column, name in enumerate(_NAMES):
        scores = [
            average_precision(one.meeting.wanted[name], p[:, column]) for one, p in zip(known, judged, strict=True)
        ]
        print(f"  {name:12} {np.mean(scores):.3f}  {_best(known, judged, column)[1]:.3f}")


def _best(known: Sequence[_Known], judged: Sequence[Floats], column: int) -> tuple[float, float]:
    """The probability with the best F1 over all sentences, and that F1. Optional sentences count for nothing."""
    name = _NAMES[column]
    wanted = np.concatenate([one.meeting.wanted[name] for one in known])
    counted = np.concatenate([one.meeting.weight[name] for one in known]) == 1
    p = np.concatenate([scores[:, column] for scores in judged])
    tried = []
    for least in _TRIED:
        taken = (p >= least) & counted
        hits = float(wanted[taken].sum())
        tried.append((least, 2 * hits / max(1.0, float(taken.sum() + wanted[counted].sum()))))
    return _sparing(tried)


def _sparing(tried: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Of (least probability, F1) pairs the best; of those as good, the one that gives a person least to read."""
    best = max(f1 for _, f1 in tried)
    return max((least, f1) for least, f1 in tried if f1 >= best * _AS_GOOD)


def _least(known: Sequence[_Known], judged: Sequence[Floats], column: int) -> float:
    """The probability from which sentences, said tersely, give the best F1 of items; of commitments that of sentences.

    Optional items count for nothing. What a commitment promises is worded elsewhere.
    """
    kind = KINDS[column]
    if kind is Kind.ACTION_ITEM:
        return _best(known, judged, column)[0]
    found = [pair for one, p in zip(known, judged, strict=True) for pair in _items(one, p[:, column], kind)]
    wanted = sum(i["kind"] == kind.value and not i.get("optional") for one in known for i in one.meeting.items)
    tried = []
    for least in _TRIED:
        taken = [right for p, right in found if p >= least and right is not None]
        tried.append((least, 2 * sum(taken) / max(1, len(taken) + wanted)))
    return _sparing(tried)[0]


def _items(one: _Known, chances: Floats, kind: Kind) -> list[tuple[float, bool | None]]:
    """The sentences that might be taken, likeliest first: whether what they say is a gold item not yet found."""
    scorer = load_scorer()
    wanted = [item for item in one.meeting.items if item["kind"] == kind.value]
    found: list[tuple[float, bool | None]] = []
    for index in np.argsort(-chances, kind="stable"):
        if chances[index] < 0.05:
            break
        text = describe(one.meeting.discourse.sentences[index].text, kind)
        likeness = [scorer.best_f1(text, item) for item in wanted]
        if likeness and max(likeness) >= scorer.THRESHOLD:
            item = wanted.pop(int(np.argmax(likeness)))
            found.append((float(chances[index]), None if item.get("optional") else True))
        else:
            found.append((float(chances[index]), False))
    return found


def _doubt(known: Sequence[_Known], rough: Sequence[Floats], judged: Sequence[Floats], least: Floats) -> float:
    """The probability without vectors that `_REACHED` of the labelled sentences reach which vectors would take."""
    reached = []
    for one, plain, joint in zip(known, rough, judged, strict=True):
        for column, name in enumerate(_NAMES):
            taken = (one.meeting.wanted[name] > 0) & (joint[:, column] >= least[column])
            reached.append(plain[taken].max(axis=1, initial=0))
    return float(np.quantile(np.concatenate(reached), 1 - _REACHED))


def _share(rough: Sequence[Floats], doubt: float) -> float:
    return float(np.mean(np.concatenate([plain.max(axis=1) >= doubt for plain in rough])))
