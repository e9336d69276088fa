"""Judging predictions by the set's own scorer: counts by kind, and intervals over meetings."""

from __future__ import annotations

import importlib.util
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

DEVELOPMENT = Path(__file__).parents[1] / "data" / "meetings"


@cache
def load_scorer(folder: Path = DEVELOPMENT) -> ModuleType:
    """The folder's score.py as a module, the development set's if it has none."""
    path = folder / "score.py"
    spec = importlib.util.spec_from_file_location(
        "afterword_meeting_score", path if path.exists() else DEVELOPMENT / "score.py"
    )
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, slots=True)
class Count:
    """What was right, right but for a field, proposed and wanted."""

    right: int
    loose: int
    proposed: int
    wanted: int


def counts(scorer: ModuleType, target: Path, folder: Path, names: list[str]) -> list[dict[str, Count]]:
    """For each meeting its counts by kind, and under `overall`."""
    found = []
    for name in names:
        stat = scorer.score(str(target), str(folder), [name])["stat"]
        told = {kind: Count(s["tp"], s["loose"], s["pred"], s["gold"]) for kind, s in stat.items() if kind != "summary"}
        told["overall"] = Count(*(sum(getattr(c, f) for c in told.values()) for f in Count.__slots__))
        found.append(told)
    return found


def interval(
    told: list[dict[str, Count]], kind: str, *, loose: bool = False, rounds: int = 1000
) -> tuple[float, float, float]:
    """F1 of a kind, and the 90 % interval of it with meetings drawn with replacement."""
    mine = [counts[kind] for counts in told]
    draw = random.Random(20261120)
    scores = sorted(_f1(draw.choices(mine, k=len(mine)), loose=loose) for _ in range(rounds))
    return _f1(mine, loose=loose), scores[rounds // 20], scores[-rounds // 20]


def _f1(drawn: list[Count], *, loose: bool) -> float:
    right = sum(count.loose if loose else count.right for count in drawn)
    size = sum(count.proposed + count.wanted for count in drawn)
    return 2 * right / size if size else 0.0
