"""A model that knows the answers: replies made of a meeting's gold file, for what the given lines say and no more.

What the pipeline makes of them shows what the pipeline itself loses. It says nothing about any real model. The faults
that tests/evals/oracle.py injects change these answers before they are sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from chatbot.extraction.dates import find_days
from tests.fakes.ollama_reader import LINE
from tests.fakes.ollama_script import Reply, Request

LISTS = {
    "contact": "contacts", "company": "companies", "deal": "deals", "action_item": "action_items",
    "next_meeting": "next_meetings", "decision": "decisions", "pain_point": "pain_points", "objection": "objections",
    "requirement": "requirements", "competitor": "competitors",
}  # fmt: skip
#: What a model says in words where the gold file has the day that comes of them.
AS_SAID = {"due_date": "due", "close_date": "close", "when": "when"}
#: A quote runs over so many lines at most.
_MOST_LINES = 5

Item = dict[str, Any]


def gold_model(gold_file: Path) -> Callable[[Request], Reply | None]:
    """An answerer for `OllamaServer(answer=…)`."""
    items = json.loads(gold_file.read_text(encoding="utf-8"))["items"]

    def answer(request: Request) -> Reply | None:
        if asks_for_finds(request):
            lines = lines_read(request)
            return Reply(json=found(entry for item in items if (entry := entry_of(item, lines))))
        return Reply(json=whole(request, items)) if asks_for_whole(request) else None

    return answer


def asks_for_finds(request: Request) -> bool:
    return "action_items" in _asked(request)


def asks_for_whole(request: Request) -> bool:
    return "summary" in _asked(request)


def _asked(request: Request) -> Mapping[str, Any]:
    return request.format.get("properties", {}) if isinstance(request.format, dict) else {}


def lines_read(request: Request, *, has_speakers: bool = True) -> dict[int, str]:
    """What is said in the numbered lines a request wants read, without those shown for understanding only."""
    _, mark, read = request.prompt.rpartition("To be read:\n")
    lines: dict[int, str] = {}
    for match in LINE.finditer(read if mark else request.prompt):
        number = int(match[1])
        text = match[3] if has_speakers and match[2] else match[0].partition("] ")[2]
        lines[number] = f"{lines[number]} {text}" if number in lines else text
    return lines


def found(entries: Any) -> dict[str, Any]:
    """(kind, entry) pairs as the whole answer."""
    answer: dict[str, Any] = {"notes": "Talk.", **{name: [] for name in LISTS.values()}}
    for kind, entry in entries:
        answer[LISTS[kind]].append(entry)
    return answer


def entry_of(item: Item, lines: Mapping[int, str], day: date | None = None) -> tuple[str, Item] | None:
    """The item as a model answers it, on `day`; None where its first quote is not in the lines."""
    if item["kind"] not in LISTS or not item["evidence"]:
        return None
    places = [places_of(piece["quote"], lines) for piece in item["evidence"]]
    if not places[0]:
        return None
    entry: Item = {"line": places[0][0], "quote": item["evidence"][0]["quote"]}
    entry["lines"] = sorted({number for place in places for number in place})
    for name, value in item["data"].items():
        if name in AS_SAID:
            entry[AS_SAID[name]] = _as_said(item, str(value), day)
        else:
            entry[name] = value
    return item["kind"], entry


def _as_said(item: Item, value: str, day: date | None) -> str:
    """The words of the evidence that name the day, with the hour; the day itself where they name another or none."""
    quotes = [str(piece["quote"]) for piece in item["evidence"]]
    if day is None:
        return " ".join(quotes)
    for quote in quotes:
        for named in find_days(quote, day):
            if named.date.isoformat() == value[:10]:
                return quote[named.start : named.end + 30] if "T" in value else quote[named.start : named.end]
    return value


def places_of(quote: str, lines: Mapping[int, str]) -> list[int]:
    """The lines a quote stands in: one, or a few in a row; none where it is not there."""
    wanted = " ".join(quote.split())
    numbers = sorted(lines)
    for count in range(1, _MOST_LINES + 1):
        for at in range(len(numbers) - count + 1):
            run = numbers[at : at + count]
            if wanted in " ".join(" ".join(lines[number].split()) for number in run):
                return run
    return []


def whole(request: Request, items: Sequence[Item]) -> dict[str, Any]:
    facts: list[str] = next((item["data"]["must_mention"] for item in items if item["kind"] == "summary"), [])
    label = next((item["data"]["label"] for item in items if item["kind"] == "sentiment"), "neutral")
    number, _, text = LINE.findall(request.prompt)[-1]
    return {"summary": ". ".join(facts), "sentiment": label, "line": int(number), "quote": text[:60]}
