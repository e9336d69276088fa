"""Fits the weights of `chatbot.extraction.support`: does a description belong to the sentences it is said to rest on?

    python -m training support

Right pairs are the development meetings' described items with their own evidence; wrong ones are descriptions of other
meetings, on a line drawn at random and on the line that shares most words with them. Printed are the weights over all
meetings, and, leaving one meeting out at a time, the share of right and of wrong pairs above each threshold.
"""

from __future__ import annotations

import json
import random
import sys

import numpy as np

from chatbot.extraction.evaluation import annotated, context
from chatbot.extraction.quotes import Transcript
from chatbot.extraction.support import Support
from chatbot.extraction.text import content, key, overlap
from chatbot.extraction.types import Quote
from chatbot.retrieval.embedding_service import load
from shared.config import Settings
from shared.transcripts import parse
from tests.evals.oracle import FOLDERS, pool_for
from tests.evals.oracle_faults import Scene, is_new
from training.fitting import Floats, logistic

_WRONG_A_MEETING = 60
#: Where the rows of a meeting come from.
RIGHT, RANDOM, LIKEST = "right", "random", "likest"


def rows() -> list[tuple[str, str, list[float]]]:
    """(meeting, where from, features) of all pairs; features as `support` has them, likeness of meaning last."""
    folder, model = FOLDERS[0], load(Settings())
    meetings = annotated(folder)
    golds = {m.name: json.loads((folder / f"{m.name}.gold.json").read_text(encoding="utf-8")) for m in meetings}
    made = []
    for meeting in meetings:
        told = context(
            parse(meeting.transcript.read_bytes(), meeting.transcript.name), meeting.occurred_at, meeting.own_company
        )
        transcript, support = Transcript(told), Support(told)
        pairs = [
            (RIGHT, item["data"]["description"], [Quote(None, piece["quote"]) for piece in item["evidence"]])
            for item in golds[meeting.name]["items"]
            if "description" in item["data"]
        ]
        scene = Scene(meeting.name, golds[meeting.name], told.occurred_at.date(), told.utterances, [])
        said = key(" ".join(u.text for u in told.utterances))
        others = [p for p in pool_for(meeting, golds) if "description" in p[1] and is_new(p, scene, said)]
        draw, lines = random.Random(meeting.name), [u for u in told.utterances if len(content(u.text)) >= 4]
        for _, data, _ in draw.sample(others, min(len(others), _WRONG_A_MEETING)):
            text = data["description"]
            near = max(lines, key=lambda u: overlap(text, u.text))
            for source, line in ((RANDOM, draw.choice(lines)), (LIKEST, near)):
                pairs.append((source, text, [Quote(line.index, " ".join(line.text.split()[:22]))]))
        for source, text, quotes in pairs:
            evidence = [piece for quote in quotes if (found := transcript.find(quote)) for piece in found.evidence]
            spoken = support.sentences(evidence)
            texts = [" ".join(s.text for s in support.around(spoken, reach)) for reach in (0, 2)]
            vectors = model.embed([text, *texts])
            alike = [float(vectors[0] @ vector) for vector in vectors[1:]]
            made.append((meeting.name, source, [*support.overlaps(text, spoken), *alike]))
    return made


def fit(x: Floats, y: Floats) -> Floats:
    """Logistic weights, constant last; both classes count the same."""
    return logistic(x, y, np.where(y == 1, (y == 0).sum() / (y == 1).sum(), 1.0), steps=50)


def main() -> int:
    made = rows()
    names = np.array([row[0] for row in made])
    sources = np.array([row[1] for row in made])
    features = np.array([row[2] for row in made])
    y = (sources == RIGHT).astype(float)
    for title, columns in (("words", [0, 1, 2]), ("words and meaning", [0, 1, 2, 3, 4])):
        x = features[:, columns]
        print(f"{title}: {np.round(fit(x, y), 1).tolist()} over {len(y)} pairs, {int(y.sum())} right")
        score = np.zeros(len(y))
        for name in sorted(set(names.tolist())):
            left_out = names == name
            beta = fit(x[~left_out], y[~left_out])
            score[left_out] = 1 / (1 + np.exp(-np.c_[x[left_out], np.ones(left_out.sum())] @ beta))
        for threshold in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
            above = {source: np.mean(score[sources == source] >= threshold) for source in (RIGHT, RANDOM, LIKEST)}
            print(f"    at least {threshold:.2f}: " + ", ".join(f"{name} {share:.3f}" for name, share in above.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
