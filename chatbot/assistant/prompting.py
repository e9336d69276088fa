"""The prompt of an answer: what the model is told, and how much room that leaves for excerpts.

Everything a customer or colleague may have written goes between marks with a nonce and has the tokens broken that chat
templates separate roles with: the excerpts (`retrieval.context_builder` fences those), what was said earlier in the
conversation, names out of the database.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

from chatbot.assistant.formatting import Format
from chatbot.assistant.types import Exchange, Question
from chatbot.extraction.ollama_prompt import inline
from chatbot.llm.tokens import PER_MESSAGE, estimate

VERSION = "answer.v1"
_FILE = Path(__file__).parent / "prompts" / f"{VERSION}.md"
_DIVIDER = "\n=== user ===\n"
_LANGUAGES = {"en": "English", "de": "German"}
#: Exchanges that are told, and characters of each question and answer.
_MOST_EXCHANGES, _MOST_ASKED, _MOST_ANSWERED = 3, 300, 400
_MARGIN = 96
#: Rows of an exact answer that the model is given.
_MOST_FACTS = 20


@dataclass(frozen=True, slots=True)
class Room:
    """How a window is used, tokens: `context` for excerpts, `answer` for what the model writes."""

    context: int
    answer: int


@lru_cache
def templates(file: Path) -> tuple[Template, Template]:
    """The system's part of a prompt file, and the user's."""
    system, _, user = file.read_text(encoding="utf-8").partition(_DIVIDER)
    return Template(system.strip()), Template(user.strip())


def messages(question: Question, fmt: Format, *, context: str, facts: str = "") -> list[dict[str, str]]:
    """System and user message. `context` is packed and fenced; `facts` are exact figures from the database."""
    system, user = templates(_FILE)
    values = {
        "language": _LANGUAGES.get(fmt.language, "English"),
        "day": f"{fmt.today:%A, %d %B %Y}",
        "asker": inline(question.asker.name)[:80] or "A colleague",
        "page": _page(question),
        "history": _history(question.history),
        "facts": _facts(facts),
        "context": context,
        "question": inline(question.text),
    }
    return [
        {"role": "system", "content": system.substitute(values)},
        {"role": "user", "content": user.substitute(values)},
    ]


def room(question: Question, fmt: Format, num_ctx: int, *, facts: str = "") -> Room:
    """What a window of `num_ctx` tokens leaves."""
    answer = min(1024, num_ctx // 4)
    used = sum(estimate(m["content"]) + PER_MESSAGE for m in messages(question, fmt, context="", facts=facts))
    return Room(max(0, num_ctx - answer - used - _MARGIN), answer)


def facts_of(text: str, table: Mapping[str, Any] | None) -> str:
    """Exact figures as the model is given them: the answer in words, and the first rows."""
    rows = [_fact(row) for row in (table or {}).get("rows", [])[:_MOST_FACTS]]
    return "\n".join([text.replace(" [1]", ""), *rows])


def _fact(row: Mapping[str, Any]) -> str:
    values = [
        f"{name}: {_plain(value)}" for name, value in row["values"].items() if name != "name" and value is not None
    ]
    return ", ".join([str(row["name"]), *values])


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return f"{value.get('amount')} {value.get('currency', '')}".strip()
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)


def _page(question: Question) -> str:
    if question.page is None or not question.page.name:
        return ""
    return f" They look at the {question.page.type} “{inline(question.page.name)[:120]}”."


def _history(history: Sequence[Exchange]) -> str:
    if not history:
        return ""
    lines = [
        f"Asked: {_clip(exchange.question, _MOST_ASKED)}\nAnswered: {_clip(exchange.answer, _MOST_ANSWERED)}"
        for exchange in history[-_MOST_EXCHANGES:]
    ]
    return _fenced("Earlier in this conversation:", "\n".join(lines))


def _facts(facts: str) -> str:
    return _fenced("Exact, from the database:", "\n".join(map(inline, facts.splitlines()))) if facts else ""


def _fenced(title: str, text: str) -> str:
    nonce = secrets.token_hex(8)
    return f"\n{title}\n<<<{nonce}\n{text}\n{nonce}>>>\n"


def _clip(text: str, chars: int) -> str:
    line = inline(text)
    return line if len(line) <= chars else f"{line[:chars].rstrip()} …"
