"""How people tell somebody to do something in a CRM, English and German: patterns over the words of a request.

A pattern finds what is to be done (`Reading.intent`) and the stretches of text its arguments stand in; what those mean
is looked up elsewhere. Only imperatives match: a question, a report ("we moved the deal") and whatever stands in
quotation marks or behind a colon tell nobody to do anything. Small slips in the words of command are forgiven, those
in names and content are left as they are written.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from chatbot.assistant.acting import patterns_de, patterns_en

MOST_CHARS = 4_000

#: Words before a command that only ask nicely, and after it.
_POLITE = re.compile(
    r"^(?:(?:please|pls|plz|hey|hi|hello|ok|okay|now|then|also|and|so|well|bitte|hallo|jetzt|dann|und|auch|mal)[\s,!.]+"
    r"|(?:can|could|would|will)\s+you\s+(?:please\s+|kindly\s+|just\s+|now\s+)*"
    r"|(?:i\s+(?:want|need|would\s+like)|i['’]d\s+like)\s+(?:you\s+)?to\s+"
    r"|let['’]?s\s+|let\s+us\s+|go\s+ahead\s+and\s+|make\s+sure\s+to\s+"
    r"|(?:kannst|könntest|würdest|koenntest|wuerdest|magst)\s+du\s+(?:bitte\s+|mir\s+bitte\s+|mal\s+|mir\s+)*"
    r"|(?:können|könnten|würden)\s+sie\s+(?:bitte\s+|mir\s+bitte\s+|mal\s+|mir\s+)*"
    r"|ich\s+(?:möchte|will|würde\s+gern\w?)\s+)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:\s*\[(?:none|another|no date|new tag)\])+$|"
    r"(?:[\s,.!]+(?:please|pls|thanks|thank you|thx|bitte|danke(?:\s+dir)?))+[\s.!?]*$|[\s.!?]+$",
    re.I,
)
_QUESTION = re.compile(
    r"^(?:did|do|does|have|has|had|was|were|is|are|am|when|what|which|who|whom|whose|where|why|how|should|shall|may|"
    r"can\s+i|could\s+i|can\s+we|would\s+it|if|haben|hat|hatte|habe|ist|sind|war|waren|wurde|wurden|wann|was|welche\w?|"
    r"wer|wem|wen|wo|warum|wieso|wie|soll\w*|darf|gibt|kann\s+(?:ich|man)|können\s+wir|falls|wenn)\b",
    re.IGNORECASE,
)
_COMMANDS = tuple(
    "create make write draft compose prepare remind complete finish close reopen reschedule postpone move push "
    "mark assign change update rename append schedule arrange delete remove record register task tasks reminder "
    "contact company deal note notes follow followup email stage done open meeting phone please date erstelle "
    "erstell erinnere erinner verschiebe verschieb markiere markier ändere änder notiere notier schreibe schreib "
    "entwirf lösche lösch protokolliere weise setze plane aufgabe kontakt firma notiz anlegen erstellen "
    "hinzufügen abschließen erledigt erledige erledigen gewonnen verloren schließe beende füge lege mache trage "
    "halte alle übertrage vereinbare aktualisiere korrigiere verfasse formuliere".split()
)
_CORRECTED_WORDS = 6
_REF = re.compile(r"\[([a-z]+):(\d+)\]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the request, as it was written."""

    text: str
    start: int
    end: int

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a request: what to do and the pieces its arguments stand in, in the language it is told in."""

    intent: str
    language: str
    pieces: dict[str, Piece]

    def piece(self, name: str) -> Piece | None:
        found = self.pieces.get(name)
        return found or None


class Request:
    """A request with its courtesies off and its words of command spelled right; pieces are cut from the original."""

    def __init__(self, text: str) -> None:
        self.written = text
        self.start, self.end = _trimmed(text)
        self.body = text[self.start : self.end]
        # The colon of `[contact:12]` is none of the sentence's.
        self._corrected, self._shifts = _corrected(_REF.sub(r"[\1.\2]", self.body))

    @property
    def is_question(self) -> bool:
        return bool(_QUESTION.match(self.body))

    def readings(self) -> Iterator[Reading]:
        """Every rule that matches, the most particular first."""
        for language, intent, pattern in _rules():
            if match := pattern.match(self._corrected):
                names = (name for name, value in match.groupdict().items() if value)
                yield Reading(intent, language, {name: self._piece(match, name) for name in names})

    def _piece(self, match: re.Match[str], name: str) -> Piece:
        start, end = (self._original(at) for at in match.span(name))
        text = self.body[start:end]
        lead = len(text) - len(text.lstrip())
        text = text.strip()
        begin = self.start + start + lead
        return Piece(text, begin, begin + len(text))

    def _original(self, at: int) -> int:
        """Where in the body a place of the corrected text is; corrections lie wholly before or after it."""
        return at - sum(grown for place, grown in self._shifts if place <= at)


def _trimmed(text: str) -> tuple[int, int]:
    start = len(text) - len(text.lstrip())
    while polite := _POLITE.match(text[start:]):
        start += polite.end()
    end = len(text.rstrip())
    while thanks := _THANKS.search(text, start, end):
        end = thanks.start()
    return start, end


def _corrected(body: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with misspelled words of command put right, and after which places it has grown by how much."""
    limit = min((at for at in (body.find(mark) for mark in ':"“„«\n') if at >= 0), default=len(body))
    pieces, shifts, position, grown = [], [], 0, 0
    for word in list(re.finditer(r"[^\W\d_]+", body[:limit]))[:_CORRECTED_WORDS]:
        right = _spelled_right(word[0].lower()) if word.start() == 0 or not word[0][0].isupper() else None
        if right:
            pieces += [body[position : word.start()], right]
            position = word.end()
            grown += len(right) - len(word[0])
            shifts.append((word.end() + grown, len(right) - len(word[0])))
    return "".join([*pieces, body[position:]]), shifts


@lru_cache(maxsize=4096)
def _spelled_right(word: str) -> str | None:
    """The one word of command that this is one slip away from; None for words that are right or too short to tell."""
    if len(word) < 4 or word in _COMMANDS or word in _REAL_WORDS:
        return None
    near = [known for known in _COMMANDS if abs(len(known) - len(word)) <= 1 and _is_slip(word, known)]
    return near[0] if len(near) == 1 else None


def _is_slip(word: str, known: str) -> bool:
    if len(word) < 5 and sorted(word) != sorted(known):  # of four letters only two swapped
        return False
    return word[:1] == known[:1] and OSA.distance(word, known, score_cutoff=1) == 1


#: Words one slip away from a command that are words themselves.
_REAL_WORDS = frozenset(
    "dealt nodes moved notes marks marked makes dates data dated opens creates updates tasked closed closer moves "
    "noted change changed remind reminds drafts draft posts contract contacts assigns stages phones emails "
    "meetings aufgaben notizen anrufe termine kontakte".split()
)


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    flags = re.IGNORECASE | re.DOTALL
    return tuple(
        (language, intent, re.compile(pattern, flags))
        for language, table in (("en", patterns_en.PATTERNS), ("de", patterns_de.PATTERNS))
        for intent, pattern in table
    )
