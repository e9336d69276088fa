"""Who was there, who was spoken of, on whose side they stand and how they are reached.

Speakers come from the labels of the file; a label that is half a name (`Dana`, `Tom A.`, `SPEAKER_01`) gets the whole
one from how its owner introduces himself or is introduced. Absent people count when a role is said beside a full name.
Sides are found by propagation: "our solutions engineer" puts a person on the speaker's side, a company named in an
introduction puts the speaker on that company's.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from chatbot.extraction.builtin import names
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.text import fold, key
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
_BELONGING = re.compile(r"\b(?:at|of|for|from|in|bei|von|aus)\s$", re.IGNORECASE)
_AFTER = re.compile(
    r"(?i)^(?:\s*[,(.]\s*|\s+)(?:(?:(?:she|he|they|who|it)(?:'s|\sis)?|that's|that\sis|is|our|the|I'm|ist|"
    r"unsere?r?|das ist|die|der)\s+)*"
)
_BEFORE = re.compile(
    rf"(?P<role>{names.ROLE})(?:\s[^.?!]{{0,50}})?,\s(?:the\s)?$|(?P<near>{names.ROLE})\s$|\b(?P<area>[a-z]+) "
    rf"(?:lady|guy|man|woman),\s$"
)


#: Until sides are known, an absent person's side is that of the speaker who named him: `with:` and the label.
WITH = "with:"


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
    return people


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
        fuller = _mentioned(discourse, parts)
        if fuller:
            return fuller
    return introduced or (bare or label, None)


def _introduction(discourse: Discourse, label: str, parts: list[str], *, generic: bool) -> tuple[str, Sentence] | None:
    """How the speaker names himself in his first sentences; the last full name of a turn corrects the earlier."""
    mine = [s for s in discourse.sentences if s.speaker == label][:14]
    best: tuple[str, Sentence] | None = None
    for sentence in mine:
        text = names.HONORIFIC.sub("", clean(sentence.text))
        found = [m["name"] for m in (*_SELF.finditer(text), *_SELF_START.finditer(text))]
        found += [
            name
            for start, end, name in names.full_names(text)
            if (text[end:].startswith(",") or end >= len(text) - 1) and not _BELONGING.search(text[:start])
        ]
        for name in map(_without_ordinary, found):
            if not name or (not generic and not _fits(name, parts)):
                continue
            if best and " " in best[0] and (" " not in name or (generic and sentence.turn != best[1].turn)):
                continue
            best = (name, sentence)
    return best


def _without_ordinary(name: str) -> str:
    tokens = name.split()
    while tokens and names.ordinary(tokens[0]):
        tokens.pop(0)
    return "" if any(names.ordinary(token) for token in tokens) else " ".join(tokens)


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


def absent(discourse: Discourse, present: list[Person]) -> list[Person]:
    """People not in the meeting who are named in full with a role beside the name."""
    found: dict[str, Person] = {}
    for sentence in discourse.sentences:
        following = discourse.after(sentence, 1)
        text = names.HONORIFIC.sub("", clean(sentence.text))
        for start, end, name in names.full_names(text):
            if any(_same(name, p.name) for p in present) or _BELONGING.search(text[:start]):
                continue
            role = role_beside(text, start, end, following[0].text if following else "")
            if role is None or any(word in fold(role).split() for word in fold(name).split()):
                continue
            person = found.setdefault(key(name), Person(name, score=0.7))
            person.title = person.title or role
            person.quotes = person.quotes or list(discourse.quotes(sentence, *_proof(following, text, end)))
            person.side = person.side or f"{WITH}{sentence.speaker}"
    return list(found.values())


def _proof(following: list[Sentence], text: str, end: int) -> list[Sentence]:
    return following[:1] if end >= len(text) - 1 else []


def _same(one: str, other: str) -> bool:
    left, right = {fold(w) for w in one.split()}, {fold(w) for w in other.split()}
    return left <= right or right <= left


def role_beside(text: str, start: int, end: int, following: str) -> str | None:
    """The title said next to a name: after it, before it, or in the sentence that follows a bare name."""
    rest = text[end:]
    if rest.strip(" .!?") == "" and following:
        rest = ", " + following if re.match(r"(?:she|he|who|they|sie|er)\b", following, re.I) else rest
    lead = _AFTER.match(rest)
    if lead and rest[: lead.end()].strip(" "):
        after = rest[lead.end() :]
        role = names.ROLE_RE.match(after) or names.ROLE_RE.match(rest.lstrip(" ,.("))
        if role and len(role.group().split()) <= 6 and not re.search(r"[.?!]", role.group()):
            return names.title(role.group())
        runs = names.RUNS.match(rest.lstrip(" ,.("))
        if runs:
            return names.area_title(runs)
    runs = names.RUNS.match(rest.strip())
    if runs:
        return names.area_title(runs)
    before = _BEFORE.search(text[:start])
    if before:
        if before["area"]:
            return before["area"].capitalize() if not names.ordinary(before["area"]) else None
        return names.title(before["role"] or before["near"])
    return None


def own_titles(discourse: Discourse, person: Person, others: list[Person]) -> None:
    """Fill in the title from what the speaker says of himself, or what others say beside his name."""
    for sentence in [s for s in discourse.sentences if s.speaker in person.labels][:20]:
        text = clean(sentence.text)
        found = _own_title(text, person)
        if found:
            person.title = person.title or found
            person.score = 0.95
            person.quotes = list(dict.fromkeys([*discourse.quotes(sentence), *person.quotes]))[:2]
            return
    for sentence in discourse.sentences:
        following = discourse.after(sentence, 1)
        text = clean(sentence.text)
        for start, end, name in names.full_names(text):
            if key(name) != key(person.name):
                continue
            role = role_beside(text, start, end, following[0].text if following else "")
            if role:
                person.title = role
                person.quotes = list(dict.fromkeys([*discourse.quotes(sentence), *person.quotes]))[:2]
                return
    _first_name_title(discourse, person, others)


def _first_name_title(discourse: Discourse, person: Person, others: list[Person]) -> None:
    """ "I've asked Janet to join, she's our head of housekeeping": a first name is enough where only one has it."""
    first = person.name.split()[0]
    if any(other is not person and first in other.name.split() for other in others):
        return
    beside = re.compile(
        rf"\b{re.escape(first)}\b[^.?!]{{0,40}}?,\s(?:(?:she|he|who)(?:'s|\sis)|our|the|unsere?r?|"
        rf"meine?)\s(?:our\s|the\s|my\s|die\s|der\s|unsere?r?\s)?(?P<role>{names.ROLE})"
        rf"|\b{re.escape(first)}\b[^.?!]{{0,20}}?,\s(?P<runs>(?:she|he|who)\s.+)"
    )
    for sentence in discourse.sentences:
        match = beside.search(clean(sentence.text))
        if match is None:
            continue
        runs = names.RUNS.search(match["runs"]) if match["runs"] else None
        found = names.title(match["role"]) if match["role"] else names.area_title(runs) if runs else None
        if found:
            person.title = found
            person.quotes = list(dict.fromkeys([*discourse.quotes(sentence), *person.quotes]))[:2]
            return


def _own_title(text: str, person: Person) -> str | None:
    first = re.escape(person.name.split()[0])
    me = re.search(
        rf"\b(?:I'm|I am|ich bin|Ich bin)\s(?:the\s|a\s|an\s|die\s|der\s|your\s|"
        rf"also\s)?(?:{first},?\s(?:and\s)?(?:the\s|der\s|die\s)?)?(?P<role>{names.ROLE})",
        text,
    )
    if me:
        return names.title(me["role"])
    named = re.search(
        rf"\b{first}(?:\s{names.TOKEN})?(?:\shere|\shier)?,\s(?:I'm\s)?(?:the\s|die\s|der\s|"
        rf"two\s\w+,\s)?(?P<role>{names.ROLE})",
        text,
    )
    if named:
        return names.title(named["role"])
    beside = re.search(rf"{re.escape(person.name)}.*?,\s(?:I'm\s)?(?:the\s)?(?P<role>{names.ROLE})", text)
    if beside and len(text) < 120:
        return names.title(beside["role"])
    if re.search(r"\bI (?:run|lead|head|look after|manage)\b|\bich (?:leite|verantworte)\b", text):
        runs = names.RUNS.search(text)
        found = names.area_title(runs) if runs else None
        if found:
            return found
    does = names.DOES.search(text)
    if does and (first in text or re.search(r"taken over|ich mach|ich bin", text)):
        return names.area_title(does, head="")
    return None
