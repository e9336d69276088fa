"""`python -m tests.evals.introductions`: are the fields of people and companies right in short introductions?

    python -m tests.evals.introductions [mend|closed] [--misses]

The dialogues and what they should give stand in `tests/data/introductions`, whose README tells the format. For each
field the table has how many are stated, how many of those are right, and how many are given though nothing states
them. Fields are compared as the meetings' `score.py` does it; names that were not found are counted apart.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from chatbot.extraction.builtin import BuiltinEngine
from chatbot.extraction.evaluation import as_json, context
from chatbot.extraction.meeting_analyzer import analyze
from chatbot.extraction.types import Engine
from shared.transcripts import parse
from tests.evals.judging import load_scorer

FOLDER = Path(__file__).parents[1] / "data" / "introductions"
PARTS = ("mend", "closed")
DAY = datetime(2026, 9, 15, 10)
FIELDS = {"contact": ("title", "company", "email", "phone"), "company": ("industry", "size")}
#: Without one of these in gold, the field may be there or not: who works where is often told by more than words.
_NOT_JUDGED_UNSTATED = ("company",)


@dataclass(frozen=True, slots=True)
class Introduction:
    """One dialogue. `expected`: items as in the meetings' gold files; a `null` variant means: may be left out."""

    number: int
    language: str
    own_company: str
    text: str
    expected: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class Figures:
    """Per kind and field: stated by gold, right among those, given though not stated; names wanted and found."""

    stated: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    invented: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)


def read(part: str) -> Iterator[Introduction]:
    """The dialogues of mend.txt or closed.txt. Raises ValueError at a line that is neither speech nor gold."""
    for number, block in enumerate((FOLDER / f"{part}.txt").read_text(encoding="utf-8").split("\n\n"), 1):
        head, *lines = block.strip().splitlines()
        language, own = (piece.strip() for piece in head.removeprefix("#").split("|"))
        spoken = [line for line in lines if not line.startswith("=")]
        if any(": " not in line for line in spoken):
            raise ValueError(f"{part} {number}: a line without a speaker")
        gold = tuple(_gold(line) for line in lines if line.startswith("="))
        yield Introduction(number, language, own, "\n".join(spoken), gold)


def _gold(line: str) -> dict[str, Any]:
    first, *rest = (piece.strip() for piece in line.removeprefix("=").split(";"))
    kind, _, name = first.partition(" ")
    data, also = {}, {}
    for name_of, said in [("name", name), *(piece.split(": ", 1) for piece in rest)]:
        variants = [None if v.strip() == "-" else v.strip() for v in said.split("|")]
        data[name_of] = variants[0]
        also[name_of] = variants[1:]
    return {"kind": kind, "data": data, "also": {k: v for k, v in also.items() if v}}


def judge(part: str, engine: Engine) -> Figures:
    scorer, figures = load_scorer(), Figures()
    for told in read(part):
        meeting = context(parse(told.text.encode(), "introduction.txt"), DAY, told.own_company)
        items = as_json(analyze(meeting, engine))["items"]
        assert isinstance(items, list)
        for kind in FIELDS:
            _judge_kind(scorer, figures, told, kind, [item for item in items if item["kind"] == kind])
    return figures


def _judge_kind(scorer: Any, figures: Figures, told: Introduction, kind: str, found: list[dict[str, Any]]) -> None:
    gold = [item for item in told.expected if item["kind"] == kind]
    roster = {item["data"]["name"] for item in gold}
    pairs = {g: p for p, g, _ in scorer.match(kind, found, gold, roster)}
    for place, item in enumerate(gold):
        figures.stated[f"{kind}.name"] += 1
        if place not in pairs:
            figures.misses.append(f"{told.number:3} {kind} {item['data']['name']}: not found")
            continue
        figures.right[f"{kind}.name"] += 1
        given = found[pairs[place]]["data"]
        checks = dict(scorer.attribute_checks(kind, found[pairs[place]], item, roster))
        for name in FIELDS[kind]:
            _judge_field(figures, told, kind, name, item, given.get(name), checks)


def _judge_field(
    figures: Figures,
    told: Introduction,
    kind: str,
    name: str,
    item: dict[str, Any],
    given: Any,
    checks: dict[str, bool],
) -> None:
    wanted, optional = item["data"].get(name), None in item["also"].get(name, ())
    place = f"{kind}.{name}"
    if wanted is None and not given:
        return
    if wanted is None:
        if name in _NOT_JUDGED_UNSTATED:
            return
        figures.invented[place] += 1
    elif optional and not given:
        return
    else:
        figures.stated[place] += 1
        if checks.get(name):
            figures.right[place] += 1
            return
    shown = json.dumps(given, ensure_ascii=False)
    figures.misses.append(f"{told.number:3} {place} of {item['data']['name']}: {shown}, expected {wanted}")


def report(part: str, figures: Figures, *, misses: bool) -> None:
    print(f"== introductions/{part}\n{'field':18} {'right':>5} {'stated':>6} {'share':>6} {'invented':>8}")
    for place in ("contact.name", "company.name", *(f"{k}.{f}" for k, names in FIELDS.items() for f in names)):
        right, stated = figures.right[place], figures.stated[place]
        print(f"{place:18} {right:5} {stated:6} {right / max(1, stated):6.2f} {figures.invented[place]:8}")
    print("\n".join(figures.misses) if misses else "")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args(arguments)
    for part in options.parts or PARTS:
        report(part, judge(part, BuiltinEngine()), misses=options.misses)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
