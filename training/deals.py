"""Deals to learn from: those of annotated meetings, and the dialogues of `deals/`, written for it.

A dialogue is a block: `@ DAY COMPANY`, turns of the customer (`C:`), the vendor (`V:`) or colleagues (`N:`), and behind
`=` what it comes to, with `company=` where it is about several. What is not stated is left out. A block with a bare
number, or `none`, tells of the sum only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from chatbot.extraction.builtin.amounts import Sum, sums
from chatbot.extraction.builtin.companies import Company, mentions
from chatbot.extraction.builtin.discourse import Discourse, Sentence, cut
from chatbot.extraction.builtin.money import spoken_of, topic
from chatbot.extraction.builtin.people import Person, Roster
from chatbot.extraction.types import MeetingContext
from shared.transcripts import Utterance
from training import sentences

FOLDS = 10
_FOLDER = Path(__file__).parent / "deals"
_DAY = "2026-11-26"


@dataclass(slots=True)
class Told:
    """A deal of a talk with what is right of it: each a set of accepted values, None for "not stated"; empty: unknown.

    `source` is what it must be left out with: a meeting, or a tenth of the dialogues.
    """

    source: str
    discourse: Discourse
    roster: Roster
    found: list[Sum]
    sentences: list[Sentence]
    several: bool
    amounts: set[float | None]
    stages: set[str] = field(default_factory=set)
    closes: set[str | None] = field(default_factory=set)
    is_written: bool = False


def of_meeting(one: sentences.Labelled) -> Iterator[Told]:
    """A deal each, with the sums of the meeting, or where it has several deals those said of its company."""
    deals = [item for item in one.items if item["kind"] == "deal"]
    rivals = [item["data"]["name"] for item in one.items if item["kind"] == "competitor"]
    companies = [_company(one.discourse, _accepted(item, "company")) for item in deals]
    for item, part in zip(deals, _parts(one.discourse, one.roster, companies, rivals), strict=True):
        told = Told(one.name, one.discourse, one.roster, *part, amounts=_accepted(item, "amount"))
        told.stages = _accepted(item, "stage") - {None}
        told.closes = _accepted(item, "close_date")
        yield told


def _accepted(item: dict[str, Any], name: str) -> set[Any]:
    return {item["data"].get(name), *(item.get("also") or {}).get(name, [])}


def _company(discourse: Discourse, names: set[Any]) -> Company:
    said = sorted({i for name in names if name for i in mentions(discourse, name)})
    return Company(next(iter(names)), mentions=said)


def _parts(
    discourse: Discourse, roster: Roster, companies: list[Company], rivals: list[str]
) -> list[tuple[list[Sum], list[Sentence], bool]]:
    """For each company the sums and sentences about it, and whether there are several."""
    found = sums(discourse, roster, rivals)
    if len(companies) == 1:
        return [(found, discourse.sentences, False)]
    topics = [topic(companies, s.index) for s in discourse.sentences]
    return [
        (
            [s for s in found if spoken_of(companies, s) is company],
            [s for s, spoken in zip(discourse.sentences, topics, strict=True) if spoken is company],
            True,
        )
        for company in companies
    ]


def dialogues() -> Iterator[Told]:
    for path in sorted(_FOLDER.glob("*.txt")):
        for number, block in enumerate(re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip())):
            yield from _dialogue(block.splitlines(), f"dialogues {number % FOLDS}")


def _dialogue(lines: list[str], source: str) -> Iterator[Told]:
    head = re.match(r"@ (\S+) (.+)", lines[0])
    answers = [line.removeprefix("=").strip() for line in lines if line.startswith("=")]
    turns = [line for line in lines if re.match(r"[CVN]: ", line)]
    colleagues = 0
    utterances = []
    for i, line in enumerate(turns):
        colleagues += line[0] == "N"
        utterances.append(
            Utterance(index=i, speaker=f"N{colleagues % 2}" if line[0] == "N" else line[0], text=line[3:])
        )
    day = datetime.fromisoformat(f"{head[1] if head else _DAY}T10:00")
    discourse = cut(MeetingContext(tuple(utterances), day))
    people = [Person("V", {"V"}, side="own"), Person("C", {"C"}, side="other")]
    roster = Roster([*people, *(Person(n, {n}, side="own") for n in ("N0", "N1"))], None)
    told = [dict(pair.split("=", 1) for pair in re.split(r" (?=\w+=)", answer)) for answer in answers if "=" in answer]
    names = [answer.get("company", head[2] if head else "") for answer in told] or [""]
    parts = _parts(discourse, roster, [_company(discourse, {name}) for name in names], [])
    for (found, about, several), answer in zip(parts, told or [{"amount": answers[0]}], strict=True):
        for one in found:
            one.signals.update({"place": 0.6, "size": 0.0})
        amounts = {float(v) if v != "none" else None for v in answer.get("amount", "none").split("|")}
        deal = Told(source, discourse, roster, found, about, several, amounts, is_written=True)
        if head:
            deal.stages = set(answer.get("stage", "").split("|")) - {""}
            deal.closes = {day or None for day in answer.get("close", "").split("|")}
        yield deal
