"""The mood at the end: positive, neutral or negative.

Two heads hear delight and anger in a sentence, by its MiniLM vector and by lists of words, German among them, which
MiniLM knows less well. They are trained on sentences written for it. What is heard in the last quarter of the other
side's sentences, and the words of the whole, are weighed by `choosing`; "none of them" is neutral.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from chatbot.extraction.builtin.choosing import chances
from chatbot.extraction.builtin.cues import any_of
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.features import Floats
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.types import Draft
from chatbot.retrieval.embedding_service import LocalEmbedder, default_embedder
from shared.schemas.insight import Kind

WEIGHTS = Path(__file__).parent / "weights" / "moods.npz"
LABELS = ("positive", "negative")
#: Sentences of the end that are read, at least and at most.
_LEAST, _MOST = 12, 60
_GOOD = any_of(
    r"\b(?:great|love(?:d|ly)?|like (?:that|it|this)|perfect|brilliant|excellent|fantastic|happy|excited|keen|"
    r"impressed|"
    r"pleased|glad|enjoy\w*|good(?:,| one|\.|!)|(?:this|that) was good|looks good|feel (?:good|better)|"
    r"really good|promising|useful|helpful|"
    r"looking forward|sounds (?:good|great)|works for me|wonderful|amazing|awesome|respect that|super|nice|very good|"
    r"well done|pleasure|sold|convinced me|better than)\b",
    r"\b(?:angenehm|freu\w*|toll|super|prima|perfekt|begeistert|klasse|sehr gut|gefällt|klingt gut|einverstanden|passt|"
    r"zufrieden|froh|schön|überzeugt|besser als|endlich)\b",
)
_BAD = any_of(
    r"\b(?:angry|annoyed|disappoint\w*|unhappy|unacceptable|frustrat\w+|furious|terrible|awful|ridiculous|fed up|upset|"
    r"not good|not happy|doesn't work|regret\w*|worst|threat\w*|sue|never got|outage\w*|blame|painful\w*|disgrace\w*|"
    r"not (?:acceptable|impressed|good enough)|let(?:ting)? us down|waste of|worried|sorry|excuses?|apolog\w+|"
    r"confidence|"
    r"cancel|promised)\b",
    r"\b(?:ärger\w*|enttäusch\w*|unzufrieden|katastrophe|unmöglich|inakzeptabel|sauer|schlimm\w*|wütend|"
    r"zumutung|kündig\w*|"
    r"vertrauen|entschuldig\w*|versprochen|geduld)\b",
)
_FLAT = any_of(
    r"\b(?:cautious|not excited|we'll see|a lot of money|we need to think|have to think|tired|mixed|burnt|depends|"
    r"hoped for|abwarten|mal sehen|vorsichtig|schauen wir)\b"
)
_NOT = re.compile(r"\b(?:not|never|nicht|kein\w*|nie)\b|n['’]t\b", re.I)
_STATED = re.compile(r"^\W*(?:mood|stimmung)\b", re.IGNORECASE)


@cache
def _heads() -> Floats:
    """[d + 4, 2]: coefficients of the vector and of `words`, and the bias, for `LABELS`."""
    with np.load(WEIGHTS) as stored:
        return np.asarray(stored["heads"], dtype=np.float32)


def heard(texts: Sequence[str]) -> Floats:
    """n cleaned sentences → [n, 2], how much delight and anger is in each, 0..1; zeros without MiniLM."""
    embedder = default_embedder()
    if embedder is None or not texts:
        return np.zeros((len(texts), 2), dtype=np.float32)
    heads = _heads()
    logits = features(texts, embedder) @ heads[:-1] + heads[-1]
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def features(texts: Sequence[str], embedder: LocalEmbedder) -> Floats:
    """n cleaned sentences → [n, d + 3], what the heads see."""
    return np.hstack([embedder.embed(texts), np.array([words(text) for text in texts], dtype=np.float32)])


def words(text: str) -> tuple[float, float, float]:
    """Good, bad and flat words of a cleaned sentence; a denied good word is a bad one."""
    good, bad = float(bool(_GOOD.search(text))), float(bool(_BAD.search(text)))
    if good and _NOT.search(text):
        good, bad = 0.0, max(bad, 0.5)
    return good, bad, float(bool(_FLAT.search(text)))


def listened(discourse: Discourse, roster: Roster) -> list[Sentence]:
    """Whose mood it is: the other side's; without sides, everybody's."""
    return [s for s in discourse.sentences if roster.side(s.speaker) == "other"] or discourse.sentences


def signals(sentences: Sequence[Sentence]) -> tuple[list[dict[str, float]], Sequence[Sentence], Floats]:
    """The signals of each of `LABELS`, the sentences of the end, and what was heard in them."""
    end = sentences[-min(_MOST, max(_LEAST, len(sentences) // 4)) :]
    texts = [clean(s.text) for s in end]
    inside = heard(texts)
    told = np.array([words(text) for text in texts]) if texts else np.zeros((0, 3))
    whole = np.array([words(clean(s.text)) for s in sentences]) if sentences else np.zeros((0, 3))
    late = np.linspace(0.5, 1.0, len(end))[:, None]
    top = np.sort(inside * late, axis=0)[::-1]
    size = max(len(end), 1)
    measures = {
        "top": top[:1].mean(axis=0) if len(top) else np.zeros(2),
        "top five": top[:5].mean(axis=0) if len(top) else np.zeros(2),
        "mean": 5 * inside.sum(axis=0) / size,
        "words": 5 * (told[:, :2] * late).sum(axis=0) / max(size, 10),
        "words of all": 5 * whole[:, :2].sum(axis=0) / max(len(whole), 10),
    }
    flat = float(5 * (told[:, 2:] * late).sum() / max(size, 10))
    found = []
    for i, label in enumerate(LABELS):
        mine = {f"{label}: {name}": float(value[i]) for name, value in measures.items()}
        other = {f"{label}: not {name}": float(value[1 - i]) for name, value in measures.items()}
        found.append(mine | other | {f"{label}: flat": flat, label: 1.0})
    return found, end, inside + told[:, :2].astype(np.float32)


def sentiment(discourse: Discourse, roster: Roster) -> list[Draft]:
    """One draft, resting on the sentence in which the mood is heard best."""
    stated = next((s for s in discourse.sentences if _STATED.match(s.text)), None)
    if stated is not None:
        return [_noted(discourse, stated)]
    sentences = listened(discourse, roster)
    if not sentences:
        return []
    told, end, loud = signals(sentences)
    likely = chances("mood", told)
    neutral = 1 - sum(likely)
    best = max(range(len(LABELS)), key=lambda i: likely[i])
    label, chance = (LABELS[best], likely[best]) if likely[best] > neutral else ("neutral", neutral)
    column = loud[:, best] if label != "neutral" else loud.max(axis=1)
    data: dict[str, object] = {"label": label}
    return [Draft(Kind.SENTIMENT, data, discourse.quotes(end[int(column.argmax())]), round(float(chance), 3))]


def _noted(discourse: Discourse, stated: Sentence) -> Draft:
    """The mood as the minutes state it."""
    good, bad, flat = words(clean(stated.text))
    level = good - bad - 0.5 * flat
    label = "positive" if level > 0 else "negative" if level < -0.5 else "neutral"
    return Draft(Kind.SENTIMENT, {"label": label}, discourse.quotes(stated), 0.8)
