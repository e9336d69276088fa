"""Who was there, who was spoken of, on whose side they stand and how they are reached.

Speakers come from the labels of the file; a label that is half a name (`Dana`, `Tom A.`, `SPEAKER_01`) gets the whole
one from how its owner introduces himself or is introduced. Absent people count when a role is said beside a full name.
Sides are found by propagation: "our solutions engineer" puts a person on the speaker's side, a company named in an
introduction puts the speaker on that company's.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field

from chatbot.extraction.builtin import names
from chatbot.extraction.builtin.candidates import background, first_names, is_head
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.voices import name_voices
from chatbot.extraction.text import fold
from chatbot.extraction.types import Quote

_GENERIC = re.compile(
    r"^(?:speaker|sprecher|participant|teilnehmer|unknown|guest|gast|user|voice|person)?[\s_#-]*\d*$|^\+?\d[\d ]+$|"
    r"^[A-Z]$",
    re.I,
)
_SELF = re.compile(
    rf"(?:\b(?:[Ii]'m|[Ii] am|[Mm]y name is|[Mm]y name's|[Tt]his is|[Ii]t's|[Ii]t is|[Hh]ere is|[Ii]ch bin|[Mm]ein "
    rf"Name ist|[Hh]ier ist|[Hh]ier spricht)\s"
    rf"(?:(?:der|die)\s)?)(?P<name>{names.FULL}|{names.TOKEN})\b"
)
_SELF_START = re.compile(
    rf"^(?:(?:[Hh]i|[Hh]ello|[Hh]allo|[Yy]es|[Rr]ight|[Ww]ell|[Ss]orry)[,.]?\s)*(?P<name>{names.FULL}|"
    rf"{names.TOKEN})(?:,|\.$|$)"
)
_SPEAKS_OF_HIMSELF = re.compile(
    r"(?:I|I'm|ich|here|hier|speaking|from|at|bei|von|two|double|with|spelled|mit|zwei|doppel)\b"
)
_SPELT = re.compile(r"(?:two|double|with an?|spelled|mit|zwei|doppel)\b")
_ADDRESSED = re.compile(r"(?:Mister|Miss|Doctor|Professor|Councillor|Herr|Frau|Doktor|Sir|Madam)$")
_BELONGING = re.compile(r"\b(?:at|of|for|from|in|bei|von|aus)\s$", re.IGNORECASE)


@dataclass(slots=True)
class Person:
    """One human being. `labels` are the file's names for them, `side` is `own`, `other` or None while unknown."""

    name: str
    labels: set[str] = field(default_factory=set)
    title: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    attended: bool = False
    side: str | None = None
    quotes: list[Quote] = field(default_factory=list)
    score: float = 0.5
    #: Where an absent person is named best: sentence and place in its cleaned text.
    spot: tuple[int, int] | None = None


class Roster:
    """Everybody of a meeting. Lookups take a label or any part of a name and answer None where it is ambiguous."""

    def __init__(self, people: list[Person], own: str | None, customer: str | None = None) -> None:
        self.people, self.own, self.customer = people, own, customer
        self._by_label = {label: person for person in people for label in person.labels}

    def of(self, label: str | None) -> Person | None:
        return self._by_label.get(label) if label else None

    def name_of(self, label: str | None) -> str | None:
        person = self.of(label)
        return person.name if person and not _GENERIC.match(person.name) else None

    def side(self, label: str | None) -> str | None:
        person = self.of(label)
        return person.side if person else None

    def company_of(self, label: str | None) -> str | None:
        person = self.of(label)
        return (person.company or (self.customer if person.side == "other" else None)) if person else None

    def find(self, said: str) -> Person | None:
        """The one person whose name has all these words."""
        wanted = {fold(word) for word in names.HONORIFIC.sub("", said).split()}
        hits = [p for p in self.people if wanted and wanted <= {fold(word) for word in p.name.split()}]
        return hits[0] if len(hits) == 1 else None


def speakers(discourse: Discourse) -> list[Person]:
    """One person for each label, with the fullest name the meeting gives."""
    spoken = Counter(s.speaker for s in discourse.sentences if s.speaker)
    people = []
    for label in spoken:
        name, proof = _full_name(discourse, label)
        person = Person(name, {label}, attended=True, score=0.9 if " " in name else 0.4)
        if proof is None:
            proof = next((s for s in discourse.sentences if s.speaker == label and len(s.text) > 12), None) or next(
                s for s in discourse.sentences if s.speaker == label
            )
        person.quotes = list(discourse.quotes(proof))
        people.append(person)
    _call_by_name(discourse, people)
    return people


def _call_by_name(discourse: Discourse, people: list[Person]) -> None:
    """Numbered voices that did not introduce themselves get the name they are called by, in full where it is said."""
    unnamed = [person for person in people if _GENERIC.match(person.name)]
    labels = [label for person in unnamed for label in person.labels]
    found = name_voices(discourse, labels, [p.name for p in people if p not in unnamed]) if labels else {}
    for person in unnamed:
        for label in person.labels & found.keys():
            first, proof = found[label]
            fuller = _mentioned(discourse, [first])
            person.name, proof = fuller or (first, proof)
            person.score, person.quotes = 0.7, list(discourse.quotes(proof))


def _full_name(discourse: Discourse, label: str) -> tuple[str, Sentence | None]:
    bare = names.HONORIFIC.sub("", label).strip()
    bare = re.sub(r"\s*\([^)]*\)$", "", bare)
    if "," in bare:
        last, _, first = bare.partition(",")
        bare = f"{first.strip()} {last.strip()}"
    parts = bare.replace(".", "").split()
    generic = _GENERIC.match(bare) is not None
    whole = len(parts) >= 2 and len(parts[-1]) > 1 and not generic
    introduced = _introduction(discourse, label, parts, generic=generic)
    if whole:
        return " ".join(parts), introduced[1] if introduced else None
    if introduced and " " in introduced[0]:
        return introduced
    if not generic and parts:
        fuller = _mentioned(discourse, parts) or _first_name_after(discourse, label, parts)
        if fuller:
            return fuller
    return introduced or (bare or label, None)


def _introduction(discourse: Discourse, label: str, parts: list[str], *, generic: bool) -> tuple[str, Sentence] | None:
    """How the speaker names himself in his first sentences; the last full name of a turn corrects the earlier."""
    mine = [s for s in discourse.sentences if s.speaker == label][:14]
    best: tuple[str, Sentence] | None = None
    for sentence in mine:
        text = names.HONORIFIC.sub("", clean(sentence.text))
        starts = () if generic else _SELF_START.finditer(text)  # a numbered voice may begin with anybody's name
        found = [m["name"] for m in (*_SELF.finditer(text), *starts)]
        found += [
            name
            for start, end, name in names.full_names(text)
            if (text[end:].startswith(",") or end >= len(text) - 1)
            and not _BELONGING.search(text[:start])
            and (not generic or _is_introduction(text, start, end))
        ]
        for name in map(_without_ordinary, found):
            if not name or (not generic and not _fits(name, parts)):
                continue
            if best and " " in best[0] and (" " not in name or (generic and sentence.turn != best[1].turn)):
                continue
            best = (name, sentence)
    return best


def _is_introduction(text: str, start: int, end: int) -> bool:
    """Does a numbered voice say its own name here, and not somebody else's? "Ann Lee, head of IT." """
    rest = text[end:].lstrip(" ,.")
    role = names.ROLE_RE.match(rest) and not re.match(r"(?:your|you|he|she|who|die|der)\b", rest)
    return (start <= 14 or _SPELT.match(rest) is not None) and bool(not rest or role or _SPEAKS_OF_HIMSELF.match(rest))


def _without_ordinary(name: str) -> str:
    """The name without ordinary words in front; nothing if it is no person's name."""
    tokens = name.split()
    while tokens and names.ordinary(tokens[0]):
        tokens.pop(0)
    if any(names.ordinary(token) for token in tokens) or not tokens:
        return ""
    if _ADDRESSED.match(tokens[0]) or is_head(fold(tokens[-1])) or is_head(fold(tokens[0])) or len(tokens) > 3:
        return ""
    known = fold(tokens[0]) in first_names()
    return " ".join(tokens) if known or (len(tokens) > 1 and fold(tokens[0]) not in background()) else ""


def _fits(name: str, parts: list[str]) -> bool:
    """Could `Tom Adeyinka` be the label `Tom A.`? Could `Kim Osterlund` be `Kim`?"""
    words = [fold(word) for word in name.split()]
    label = [fold(part) for part in parts]
    if not label or not words:
        return False
    if len(label) == 1:
        return label[0] in words
    return words[0] == label[0] and (len(words) == 1 or words[-1].startswith(label[-1]))


def _mentioned(discourse: Discourse, parts: list[str]) -> tuple[str, Sentence] | None:
    for sentence in discourse.sentences:
        for _, _, name in names.full_names(sentence.text):
            if _fits(name, parts):
                return name, sentence
    return None


def _first_name_after(discourse: Discourse, label: str, parts: list[str]) -> tuple[str, Sentence] | None:
    """ "Gieseking, head of purchasing. Renate, if you need it." The first name comes in a sentence of its own."""
    if len(parts) != 1 or fold(parts[0]) in first_names():
        return None
    mine = [s for s in discourse.sentences if s.speaker == label][:12]
    for one, two in itertools.pairwise(mine):
        opens = re.match(r"(?:[Dd]er|[Dd]ie)?\s?([A-ZÀ-Þ][\w-]+)[,.]", two.text)
        if two.index == one.index + 1 and one.text.startswith(parts[0]) and opens and fold(opens[1]) in first_names():
            return f"{opens[1]} {parts[0]}", two
    return None
