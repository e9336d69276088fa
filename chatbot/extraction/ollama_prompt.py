"""Prompts: versioned files, filled with a meeting's words without letting those words out of their fence.

A transcript is written by whoever spoke or typed in the meeting. It goes between two marks that carry a digest of the
very text they enclose, so no text can hold its own closing mark; each utterance is one line whatever it contains; and
the tokens with which chat templates separate roles are broken, because Ollama would read them as such.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template

from babel import Locale, UnknownLocaleError

from chatbot.extraction.segments import Line, cut
from chatbot.extraction.types import MeetingContext
from chatbot.llm.tokens import PER_MESSAGE, estimate

_FOLDER = Path(__file__).parent / "prompts"
_DIVIDER = "\n=== user ===\n"
#: `<|eot_id|>`, `</s>`, `<start_of_turn>`, `<think>`, and our own `<<<`; then `[INST]` and its like.
_ROLE_TOKEN = re.compile(r"<(?=[|｜/<a-zA-Z_])|(?<=[|｜])(?=>)|>(?=>)|(?<=\[)(?=/?[A-Z_]{3,}\])")
_MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file. `version` goes with every call made with it."""

    version: str
    system: str
    user: Template

    def messages(self, **values: str) -> list[dict[str, str]]:
        """System and user message. The mark is made of the values, so whoever wrote them could not know it."""
        nonce = _nonce(values.values())
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.user.substitute(values, nonce=nonce)},
        ]

    @property
    def tokens(self) -> int:
        """What the prompt costs before anything is filled in."""
        return estimate(self.system) + estimate(self.user.template) + 2 * PER_MESSAGE


@lru_cache
def load(version: str) -> Prompt:
    """The prompt in `prompts/{version}.md`."""
    system, _, user = (_FOLDER / f"{version}.md").read_text(encoding="utf-8").partition(_DIVIDER)
    return Prompt(version, system.strip(), Template(user.strip()))


def _nonce(values: Iterable[str]) -> str:
    return hashlib.sha256("\x00".join(values).encode("utf-8", "replace")).hexdigest()[:16]


def header(meeting: MeetingContext) -> dict[str, str]:
    """What every prompt says about the meeting itself; about 200 tokens at most."""
    people = ", ".join(inline(name)[:_MOST_NAME] for name in _people(meeting))
    return {
        "day": f"{meeting.occurred_at:%A, %d %B %Y}",
        "own_company": _short(meeting.own_company, 20) or "us",
        "language": _language(meeting.language),
        "title": _short(meeting.title, 50) or "(none)",
        "people": _short(people, 110) or "(not known)",
    }


def _short(text: str | None, tokens: int) -> str:
    return cut(inline(text), tokens)[0] if text and text.strip() else ""


def _people(meeting: MeetingContext) -> list[str]:
    speakers = (utterance.speaker for utterance in meeting.utterances)
    return list(dict.fromkeys(name for name in (*meeting.participants, *speakers) if name and name.strip()))


def _language(code: str) -> str:
    try:
        return Locale.parse(code, sep="-" if "-" in code else "_").get_language_name("en") or "English"
    except (ValueError, UnknownLocaleError):
        return "the language of the meeting"


def render(lines: Sequence[Line]) -> str:
    """Numbered lines, one for each: `[12] Marit Solbakken: It is very good coffee.`"""
    return "\n".join(_render(line) for line in lines)


def _render(line: Line) -> str:
    speaker = f"{inline(line.speaker)[:_MOST_NAME]}: " if line.speaker else ""
    return f"[{line.number}] {speaker}{inline(line.text)}"


def inline(text: str) -> str:
    """The text as one line that no chat template takes for its own: blanks joined, controls out, role tokens broken."""
    joined = " ".join(text.split())
    plain = "".join(char for char in joined if unicodedata.category(char) not in ("Cc", "Cs") and not _turns(char))
    return _ROLE_TOKEN.sub(_spaced, plain)


def _turns(char: str) -> bool:
    """Marks that make a line be shown in another order than it is written."""
    return "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"


def _spaced(match: re.Match[str]) -> str:
    return f"{match.group()} "
