"""Requests that no rule can read, read by the small model: into the same pieces that a rule would have found.

The model sees the person's own words and nothing else: no record, no note, no history. What it answers are stretches of
those words, and one that does not stand in them is dropped, so that it can point at what was said but add nothing to
it. Names, days and amounts are then looked up by the same code as for rules, and the same questions are asked back.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Literal

from pydantic import BaseModel

from chatbot.assistant.acting import list_patterns
from chatbot.assistant.acting.grammar import Piece, Reading, Request
from chatbot.assistant.types import Question
from chatbot.assistant.understanding.lexicon import language_of
from chatbot.assistant.understanding.tokens import read
from chatbot.llm import structured
from chatbot.llm.errors import LlmError
from chatbot.llm.ollama_client import Chat, OllamaClient
from shared.telemetry import get_logger

log = get_logger(__name__)

VERSION = "act.v2"
_FILE = Path(__file__).parents[1] / "prompts" / f"{VERSION}.md"
_DIVIDER = "\n=== user ===\n"
#: Longer texts are pasted, not told.
MOST_WORDS = 60

#: What begins a narrower description of records, or leads to what is to be so of them.
_NARROWING = re.compile(
    r"\s*,?\s*(?:from|in|of|with|without|that|who|which|whose|where|at|owned|tagged|due|aus|von|mit|ohne|bei|die|der|"
    r"deren|dessen|im|am)\s+(?:(?:the|a|an|den|dem|das|tags?)\s+)*",
    re.IGNORECASE,
)

Intent = Literal[
    "none", "create_task", "complete_task", "reopen_task", "move_task", "create_note", "log", "follow_up", "draft",
    "move_deal", "close_deal", "set_field", "assign", "create_contact", "create_company", "assign_list", "tag_list",
    "untag_list", "set_list", "clear_list", "shift_list", "move_list", "complete_list",
]  # fmt: skip


class Told(BaseModel):
    """What a request says, in its own words; an empty string for what it does not say."""

    intent: Intent
    record: str = ""
    who: str = ""
    text: str = ""
    when: str = ""
    field: str = ""
    value: str = ""
    outcome: Literal["", "won", "lost"] = ""


#: Something is to be done: without a word like these the model is not even asked.
_DOING = re.compile(
    r"\b(?:add|assign|book|change|clear|close|complete|create|delay|draft|finish|follow|give|hand|jot|keep|log|make|mark|move|need|note|"
    r"plan|please|prepare|put|record|register|remember|remind|reminder|rename|reopen|save|schedule|set|shift|stick|tag|task|tick|untag|update|want|"
    r"write|aufgabe|bitte|erinner\w*|erledig\w*|erstell\w*|leg\w*|markier\w*|merk\w*|notier\w*|notiz|plan\w*|schreib\w*|"
    r"leer\w*|schieb\w*|setz\w*|tagge?|trag\w*|übergib|verschieb\w*|weis\w*|änder\w*)\b",
    re.IGNORECASE,
)
#: intent → piece of the reading → piece of the answer.
_PIECES: dict[str, dict[str, str]] = {
    "create_task": {"rest": "text", "when": "when"},
    "complete_task": {"task": "record"},
    "reopen_task": {"task": "record"},
    "move_task": {"task": "record", "when": "when"},
    "create_note": {"record": "record", "body": "text"},
    "log": {"who": "who", "body": "text"},
    "move_deal": {"deal": "record", "stage": "value"},
    "close_deal": {"deal": "record", "why": "text"},
    "set_field": {"record": "record", "field": "field", "value": "value"},
    "assign": {"record": "record", "who": "who"},
    "create_contact": {"rest": "who"},
    "create_company": {"rest": "record"},
    "assign_list": {"record": "record", "who": "who"},
    "tag_list": {"record": "record", "value": "value"},
    "untag_list": {"record": "record", "value": "value"},
    "set_list": {"record": "record", "field": "field", "value": "value"},
    "clear_list": {"record": "record", "field": "field"},
    "shift_list": {"record": "record", "length": "when", "field": "field"},
    "move_list": {"record": "record", "value": "value"},
    "complete_list": {"record": "record"},
}
#: Pieces of an intent that need not be said.
_OPTIONAL: dict[str, frozenset[str]] = {
    "create_note": frozenset(("record",)), "log": frozenset(("body",)), "shift_list": frozenset(("field",)),
}  # fmt: skip


def may_ask(question: Question) -> bool:
    """Whether a message may be a request that the rules did not read: short, no question, with a word of doing."""
    is_short = 2 < len(question.text.split()) <= MOST_WORDS
    return is_short and not Request(question.text).is_question and bool(_DOING.search(question.text))


async def read_by_model(client: OllamaClient, question: Question) -> Reading | None:
    """What the small model makes of a request; None where it is none, or the model cannot say. No session is open."""
    if not may_ask(question):
        return None
    chat = Chat("act", _messages(question), num_predict=300, prompt_version=VERSION)
    try:
        told = await asyncio.to_thread(structured.ask, client, chat, Told)
    except LlmError as error:
        log.info("act.model_failed", reason=error.code)
        return None
    return reading_of(told, question)


def _messages(question: Question) -> list[dict[str, str]]:
    """System and user message; the person's words between marks that they cannot know."""
    system, user = _templates()
    content = user.substitute(message=question.text, nonce=secrets.token_hex(6))
    return [{"role": "system", "content": system}, {"role": "user", "content": content}]


@lru_cache
def _templates() -> tuple[str, Template]:
    system, _, user = _FILE.read_text(encoding="utf-8").partition(_DIVIDER)
    return system.strip(), Template(user.strip())


def reading_of(told: Told, question: Question) -> Reading | None:
    """The answer as a reading; None where a piece it needs is not in the person's words."""
    language = language_of(read(question.text))
    said = {name: _piece(getattr(told, name), question.text) for name in Told.model_fields if name != "intent"}
    if told.intent in ("follow_up", "draft"):
        rest = _with_whom(told.intent, said, language)
        return Reading(told.intent, language, {"rest": rest}) if rest else None
    wanted = _PIECES.get(told.intent)
    if wanted is None:
        return None
    pieces = {piece: found for piece, name in wanted.items() if (found := said[name])}
    if told.intent == "close_deal":
        if not told.outcome:
            return None
        pieces["outcome"] = Piece(told.outcome, 0, 0)  # one of two words that are ours
    if told.intent == "log":
        pieces["kind"] = Piece("call", 0, 0)
    needed = set(wanted) - {"when", "why"} - _OPTIONAL.get(told.intent, frozenset())
    if not needed <= set(pieces):
        return None
    if told.intent.endswith("_list"):  # many, and not one record, only where the words for them say so
        if not list_patterns.means_several(pieces["record"].text) or _is_cut_short(pieces, question.text):
            return None
        return Reading(f"list_{told.intent.removesuffix('_list')}", language, pieces)
    return Reading(told.intent, language, pieces)


def _is_cut_short(pieces: dict[str, Piece], written: str) -> bool:
    """Whether what narrows the records goes on behind the words pointed at: “these” of “these from Berlin”."""
    end = pieces["record"].end
    more = _NARROWING.match(written[end:])
    others = [piece.start for name, piece in pieces.items() if name != "record"]
    return more is not None and not any(end < start <= end + more.end() for start in others)


def _piece(text: str, written: str) -> Piece | None:
    """Where a piece stands in the person's words."""
    at = written.casefold().find(text.strip().casefold()) if text.strip() else -1
    if at < 0 or len(written) != len(written.casefold()):
        at = written.find(text.strip()) if text.strip() else -1
    return Piece(written[at : at + len(text.strip())], at, at + len(text.strip())) if at >= 0 else None


def _with_whom(intent: str, said: dict[str, Piece | None], language: str) -> Piece | None:
    """“with Jane tomorrow”, “to Jane about the price”, as the rules would have found it."""
    who = said["who"] or said["record"]
    if who is None:
        return None
    lead, about = (
        {"en": ("to", "about"), "de": ("an", "über")}[language]
        if intent == "draft"
        else ("with" if language == "en" else "mit", "")
    )
    parts = [lead, who.text]
    if intent == "draft" and (text := said["text"]):
        parts += [about, text.text]
    elif when := said["when"]:
        parts.append(when.text)
    rest = " ".join(parts)
    return Piece(rest, 0, len(rest))
