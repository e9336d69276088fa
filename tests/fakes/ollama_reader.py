"""The test server's answer when nobody scripted one: it reads the prompt's numbered lines and fills the asked schema.

Enough for demonstrations and benchmarks: an extraction request gets items that quote real lines of the segment it was
sent, any other schema gets a minimal valid instance, and a request without a schema gets a sentence. It is no
analyzer and has no part in any quality figure.
"""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.ollama_script import Reply, Request

LINE = re.compile(r"^\[(\d+)\] (?:([^:\n]{1,80}): )?(\S.*)$", re.MULTILINE)
CUES = {
    "action_items": re.compile(r"\bI(?:'|’)ll\b|\bI will\b|\bich schicke\b", re.I),
    "decisions": re.compile(r"\bdecided\b|\blet(?:'|’)s go with\b|\bwe agreed\b", re.I),
    "pain_points": re.compile(r"\bproblem\b|\btakes (?:us )?(?:hours|days)\b|\bmanually\b", re.I),
    "requirements": re.compile(r"\bwe need\b|\bit has to\b|\bmust\b", re.I),
}
MOST = 5


def read_as_a_model_would(request: Request) -> Reply | None:
    """A schema-valid reply, or prose where no schema was asked for."""
    if not isinstance(request.format, dict):
        return Reply(text="Everything you asked about is in your records.") if request.messages else None
    lines = [(int(number), speaker, text) for number, speaker, text in LINE.findall(request.prompt)]
    return Reply(json=_instance(request.format, lines))


def _instance(schema: dict[str, Any], lines: list[tuple[int, str, str]]) -> Any:
    """A value that fits `schema`: enums take their first member, numbers their minimum."""
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return _instance(schema["anyOf"][0], lines)
    kind = schema.get("type")
    if kind == "object":
        return {name: _property(name, part, lines) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [_instance(schema["items"], lines) for _ in range(schema.get("minItems", 0))]
    plain: dict[Any, Any] = {"integer": schema.get("minimum", 0), "number": schema.get("minimum", 0), "boolean": False}
    return plain.get(kind, "")


def _property(name: str, schema: dict[str, Any], lines: list[tuple[int, str, str]]) -> Any:
    fields = schema.get("items", {}).get("properties", {})
    if name in CUES and {"lines", "quote"} <= fields.keys():
        return _entries(CUES[name], schema["items"], lines)
    if schema.get("type") == "string" and name in ("summary", "notes"):
        return " ".join(f"{text[:200]} [{number}]" for number, _, text in lines[:2]) or "A short meeting."
    return _instance(schema, lines)


def _entries(cue: re.Pattern[str], schema: dict[str, Any], lines: list[tuple[int, str, str]]) -> list[dict[str, Any]]:
    """At most MOST entries: the line, its first words, and the same words as description."""
    found: list[dict[str, Any]] = []
    for number, speaker, text in lines:
        if len(found) < MOST and cue.search(text):
            quote = " ".join(text.split()[:14])
            said = {"lines": [number], "quote": quote, "description": quote.strip(" .,"), "owner": speaker}
            found.append({name: said.get(name, _instance(part, [])) for name, part in schema["properties"].items()})
    return found
