"""Decisions, pains, objections and requirements: sentences that the trained heads take for one, said tersely.

A sentence is read as one kind, the one whose chance most exceeds what that kind takes (`heads`). Only the likeliest of
a meeting are kept: a page of forty weak requirements is worth less than eight good ones.
"""

from __future__ import annotations

import re

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean, plain
from chatbot.extraction.builtin.features import Floats
from chatbot.extraction.builtin.heads import KINDS, weights
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.text import content
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

_ACTION = KINDS.index(Kind.ACTION_ITEM)
#: How many of a kind a meeting of a hundred sentences may have, and any meeting.
_PER_HUNDRED = {Kind.DECISION: 4.0, Kind.PAIN_POINT: 4.0, Kind.OBJECTION: 2.5, Kind.REQUIREMENT: 4.0}
_FLOOR = 5
#: Words of a sentence that can still be said tersely.
_LONGEST = 60
_WISH = re.compile(
    r"\bnice to have\b|\bwould be nice\b|\bnot a must\b|\bwäre (?:schön|nett)\b|\bkein Muss\b", re.IGNORECASE
)
_BARE = re.compile(
    r"^(?:\w+[,.]? ){0,2}(?:agreed|decided|settled|done|deal|beschlossen|vereinbart|abgemacht|machen wir'?s?)(?: "
    r"then)?[.!]?$",
    re.IGNORECASE,
)


def statements(discourse: Discourse, sentences: list[Sentence], roster: Roster, chances: Floats) -> list[Draft]:
    """Candidates among `sentences`; `chances` [n, kinds] tells how likely each is what. `select` thins them."""
    found: list[Draft] = []
    for sentence, chance in zip(sentences, chances, strict=True):
        kind, score = _reading(chance)
        if kind is Kind.REQUIREMENT and _WISH.search(sentence.text):
            continue
        if kind is not None and len(sentence.text.split()) <= _LONGEST:
            found += _drafts(discourse, sentence, kind, score, roster)
    return found


def _reading(chance: Floats) -> tuple[Kind | None, float]:
    """The kind whose chance most exceeds what it takes, if one does."""
    lead = chance - weights().least
    lead[_ACTION] = -1
    best = int(lead.argmax())
    return (KINDS[best], float(chance[best])) if lead[best] >= 0 else (None, 0.0)


def _drafts(discourse: Discourse, sentence: Sentence, kind: Kind, score: float, roster: Roster) -> list[Draft]:
    about: dict[str, object] = {}
    company = roster.company_of(sentence.speaker)
    if kind in (Kind.PAIN_POINT, Kind.OBJECTION) and company and roster.side(sentence.speaker) == "other":
        about["company"] = company
    subject = _subject(discourse, sentence, kind)
    description = describe(subject.text, kind)
    more = discourse.after(sentence, 1)
    if len(content(description)) < 3 and kind is not Kind.DECISION and more and more[0].turn == sentence.turn:
        description = f"{description}. {describe(more[0].text, kind)}"
        sentence = more[0]
    if len(content(description)) < 2:
        return []
    quotes = discourse.quotes(*dict.fromkeys((subject, sentence)))
    parts = _clauses(description) if kind is Kind.REQUIREMENT else [description]
    return [Draft(kind, {**about, "description": part}, quotes, round(score, 3)) for part in parts]


def _clauses(text: str) -> list[str]:
    """Two demands in one sentence are two: "the servers must …, and older patients must …"."""
    parts = re.split(r",? (?:and|und) (?=\w+ )", text)
    if len(parts) < 2 or not all(
        cues.weight(cues.REQUIREMENT, part) >= 2 and len(content(part)) >= 2 for part in parts
    ):
        return [text]
    return [part[:1].upper() + part[1:] for part in parts]


def select(drafts: list[Draft], sentences: int) -> list[Draft]:
    """The likeliest drafts of each kind, as many as a meeting of that length may have; other kinds pass."""
    kept: set[int] = set()
    for kind, rate in _PER_HUNDRED.items():
        mine = [i for i, draft in enumerate(drafts) if draft.kind is kind]
        room = max(_FLOOR, round(rate * min(sentences, 400) / 100 + rate * max(sentences - 400, 0) / 300))
        kept |= set(sorted(mine, key=lambda i: -drafts[i].score)[:room])
    return [draft for i, draft in enumerate(drafts) if draft.kind not in _PER_HUNDRED or i in kept]


def _subject(discourse: Discourse, sentence: Sentence, kind: Kind) -> Sentence:
    """For a bare "Agreed." the proposition is what was said before it."""
    if kind is not Kind.DECISION or not _BARE.match(clean(sentence.text)):
        return sentence
    for earlier in reversed(discourse.before(sentence, 3)):
        if len(content(plain(earlier.text))) >= 3 and not earlier.question:
            unmeant = cues.CONDITION.search(earlier.text) or cues.HEDGE.search(earlier.text)
            return sentence if unmeant else earlier
    return sentence


_LEADS = re.compile(
    r"^(?:(?:(?:and |so |but )?(?:the (?:worst |main |only )?thing is|what (?:i|we) (?:need|want)(?: is| from \w+ "
    r"is)|i (?:think|mean|guess|believe|find)|"
    r"i'd say|i have to be (?:direct|honest|blunt)|i'll be honest(?: with you)?|to be honest|the problem is|from "
    r"my side|on top of that|"
    r"von mir noch was|(?:we )?can (?:we )?call that)\b[,:]?\s*(?:that\s+)?)"
    r"|(?:(?:number )?(?:one|two|three|first(?:ly)?|second(?:ly)?|third(?:ly)?|erstens|zweitens|drittens)[,.:]\s+))+",
    re.IGNORECASE,
)
_TAILS = re.compile(
    r"(?:[,.]? (?:you know|i'd say|to be (?:fair|honest)|for me|right|okay|by the way|in the (?:gate|office)|at "
    r"the moment|basically|actually|"
    r"oder|gell|ne)|,? (?:that's|that is) (?:decided|agreed|settled)|,? agreed|,? done|,? please|,? full stop)[.!]?$",
    re.IGNORECASE,
)
_DECIDED = re.compile(
    r"^(?:so )?(?:that's decided|decision|decided|agreed|final|done|beschlossen|vereinbart|moved)[,:]?\s+",
    re.IGNORECASE,
)


def describe(text: str, kind: Kind) -> str:
    """The statement tersely: without particles, lead-ins and tags, at most about thirty words."""
    text = plain(text)
    for _ in range(2):
        text = plain(_TAILS.sub("", _LEADS.sub("", _DECIDED.sub("", text) if kind is Kind.DECISION else text)))
    parts = re.split(r"(?<=[,;]) (?=(?:because|so that|which|but|weil|aber|sonst|otherwise)\b)", text)
    if len(content(parts[0])) >= 2:
        text = parts[0].rstrip(" ,;")
    if len(text.split()) > 30:
        text = " ".join(text.split()[:30])
    return text[:1].upper() + text[1:]
