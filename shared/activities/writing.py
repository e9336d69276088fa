"""What a note or a task says of a message or an event: a title, a head as letters have it, the text.

The head's words are fixed, so that a page can tell it from the text and show it in its reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.activities.letters import Person

#: In the order of the head. From, To and Cc are e-mails', With and Where events'.
HEAD = ("From", "To", "Cc", "With", "Where", "Files")
_LETTER = re.compile(
    r"(?P<title>[^\n]+)\n\n(?P<head>(?:(?:" + "|".join(HEAD) + r"): [^\n]*(?:\n|$))+)(?:\n(?P<text>.*))?", re.S
)
#: Where the text of the one who is answered begins.
_QUOTED = re.compile(
    r"^(?:>|-{2,}[ ]?(?:original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht)"
    r"|(?:on|am|le)\b[^\n]{6,200}(?:wrote|schrieb|écrit)[^\n]{0,120}:\s*$"
    r"|(?:from|von): [^\n]{1,200}\n(?:sent|gesendet|date|datum|to|an): )",
    re.I | re.M,
)
_ROLES = {"from": "From", "to": "To", "cc": "Cc", "organizer": "With", "attendee": "With"}
NO_TITLE = "Without a subject"
#: Behind the size of a file that was too large; a name of a file holds no comma.
NOT_KEPT = ", not kept)"


def compose(title: str, people: Sequence[Person], more: int, *, place: str = "", files: str = "", text: str) -> str:
    """The body of a note, as `parts` takes it apart again."""
    lines: dict[str, list[str]] = {}
    for person in people:
        named = f"{person.name} <{person.address}>" if person.name else person.address
        lines.setdefault(_ROLES[person.role], []).append(named)
    if more:
        lines.setdefault("To" if "From" in lines else "With", []).append(f"{more:,} more")
    if place:
        lines["Where"] = [place]
    if files:
        lines["Files"] = [files]
    head = "\n".join(f"{name}: {', '.join(lines[name])}" for name in HEAD if name in lines)
    return "\n\n".join(part for part in (title or NO_TITLE, head, text) if part)


@dataclass(frozen=True, slots=True)
class Parts:
    """A note that was made of a message or an event. `quoted` is what it answers, and what stands below that."""

    title: str
    head: tuple[tuple[str, str], ...]
    text: str
    quoted: str


def parts(body: str) -> Parts | None:
    """A note's body taken apart; None for one that people wrote."""
    found = _LETTER.fullmatch(body)
    if found is None:
        return None
    head = [line.partition(": ") for line in found["head"].strip().splitlines()]
    text = (found["text"] or "").strip()
    cut = end_of_words(text)
    return Parts(found["title"], tuple((name, value) for name, _, value in head), text[:cut].strip(), text[cut:])


def end_of_words(text: str) -> int:
    """Where what it answers begins; the text's end where it answers nothing.

    A quotation with nothing before it is the message: forwarded, or answered below.
    """
    quote = _QUOTED.search(text)
    return quote.start() if quote is not None and text[: quote.start()].strip() else len(text)
