"""A model that knows the answers: replies made of a meeting's gold file, for what the given lines say and no more.

What the pipeline makes of them shows what the pipeline itself loses. It says nothing about any real model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.fakes.ollama_reader import LINE
from tests.fakes.ollama_script import Reply, Request

LISTS = {
    "contact": "contacts", "company": "companies", "deal": "deals", "action_item": "action_items",
    "next_meeting": "next_meetings", "decision": "decisions", "pain_point": "pain_points", "objection": "objections",
    "requirement": "requirements", "competitor": "competitors",
}  # fmt: skip
#: What a model says in words where the gold file has the day that comes of them.
AS_SAID = {"due_date": "due", "close_date": "close", "when": "when"}


def gold_model(gold_file: Path) -> Callable[[Request], Reply | None]:
    """An answerer for `OllamaServer(answer=…)`."""
    gold = json.loads(gold_file.read_text(encoding="utf-8"))

    def answer(request: Request) -> Reply | None:
        asked = (request.format or {}).get("properties", {})
        if "action_items" in asked:
            return Reply(json=_found(request, gold["items"]))
        if "summary" in asked:
            return Reply(json=_whole(request, gold["items"]))
        return None

    return answer


def _found(request: Request, items: list[dict[str, Any]]) -> dict[str, Any]:
    _, mark, read = request.prompt.rpartition("To be read:\n")
    lines = {int(number): text for number, _, text in LINE.findall(read if mark else request.prompt)}
    found: dict[str, Any] = {"notes": "Talk.", **{name: [] for name in LISTS.values()}}
    for item in items:
        at = _line(item, lines)
        if item["kind"] in LISTS and at is not None:
            found[LISTS[item["kind"]]].append(_entry(item, at))
    return found


def _line(item: Mapping[str, Any], lines: Mapping[int, str]) -> int | None:
    """The line that holds the item's first quote."""
    for piece in item["evidence"][:1]:
        wanted = " ".join(piece["quote"].split())
        return next((number for number, text in lines.items() if wanted in text), None)
    return None


def _entry(item: Mapping[str, Any], line: int) -> dict[str, Any]:
    entry = {"line": line, "quote": item["evidence"][0]["quote"]}
    for name, value in item["data"].items():
        if name in AS_SAID:
            entry[AS_SAID[name]] = " ".join(piece["quote"] for piece in item["evidence"])
        else:
            entry[name] = value
    return entry


def _whole(request: Request, items: list[dict[str, Any]]) -> dict[str, Any]:
    facts: list[str] = next((item["data"]["must_mention"] for item in items if item["kind"] == "summary"), [])
    label = next((item["data"]["label"] for item in items if item["kind"] == "sentiment"), "neutral")
    number, _, text = LINE.findall(request.prompt)[-1]
    return {"summary": ". ".join(facts), "sentiment": label, "line": int(number), "quote": text[:60]}
