"""Decisions, pains, objections and requirements: sentences scored by their cues, each read as one kind.

A sentence is weighed for every kind; who says it matters (a vendor's "you must" is no requirement), and so do
negation, hedges, conditions and questions. The strongest reading wins, and only the strongest sentences of a meeting
are kept: a page of forty weak requirements is worth less than eight good ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean, plain
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.numbers import find_numbers
from chatbot.extraction.text import content
from chatbot.extraction.types import Draft
from shared.schemas.insight import Kind

#: Least weight to be considered, and how many a meeting of a hundred sentences may have.
_LEAST = {Kind.DECISION: 2.0, Kind.PAIN_POINT: 2.5, Kind.OBJECTION: 2.0, Kind.REQUIREMENT: 2.0}
_PER_HUNDRED = {Kind.DECISION: 3.0, Kind.PAIN_POINT: 2.5, Kind.OBJECTION: 2.0, Kind.REQUIREMENT: 3.0}
_FLOOR = {Kind.DECISION: 5, Kind.PAIN_POINT: 5, Kind.OBJECTION: 3, Kind.REQUIREMENT: 6}
_BARE = re.compile(
    r"^(?:\w+[,.]? ){0,2}(?:agreed|decided|settled|done|deal|beschlossen|vereinbart|abgemacht|machen wir'?s?)(?: "
    r"then)?[.!]?$",
    re.IGNORECASE,
)
_THEY = re.compile(r"\b(?:they|their|them|he|she|his|her|customer|client|sie|ihre?|deren)\b", re.IGNORECASE)
_WE = re.compile(r"\b(?:we|our|us|i|my|me|wir|unser\w*|ich|mein\w*|uns)\b", re.IGNORECASE)
_PRODUCT = re.compile(r"\b(?:your|you|sie|ihr\w*)\b", re.IGNORECASE)
_FUTURE = re.compile(r"\b(?:will|we'll|i'll|going to|would|could|should|wird|werden)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Reading:
    kind: Kind
    weight: float


def statements(discourse: Discourse, sentences: list[Sentence], roster: Roster) -> list[Draft]:
    """Candidates among `sentences`; `select` keeps the best of the whole meeting."""
    found: list[Draft] = []
    for sentence in sentences:
        reading = _read(discourse, sentence, roster)
        if reading is None:
            continue
        subject = _subject(discourse, sentence, reading.kind)
        description = describe(subject.text, reading.kind)
        more = discourse.after(sentence, 1)
        short = len(content(description)) < 3 and reading.kind is not Kind.DECISION
        if short and more and more[0].turn == sentence.turn and not more[0].question:
            description = f"{description}. {describe(more[0].text, reading.kind)}"
            sentence = more[0]
        if len(content(description)) < 2:
            continue
        data: dict[str, object] = {"description": description}
        company = roster.company_of(sentence.speaker)
        if reading.kind in (Kind.PAIN_POINT, Kind.OBJECTION) and company and roster.side(sentence.speaker) == "other":
            data["company"] = company
        quotes = discourse.quotes(*dict.fromkeys((subject, sentence)))
        score = round(min(0.95, 0.1 + 0.12 * reading.weight), 3)
        for part in _clauses(description) if reading.kind is Kind.REQUIREMENT else [description]:
            found.append(Draft(reading.kind, {**data, "description": part}, quotes, score))
    return found


def _clauses(text: str) -> list[str]:
    """Two demands in one sentence are two: "the servers must …, and older patients must …"."""
    parts = re.split(r",? (?:and|und) (?=\w+ )", text)
    if len(parts) < 2 or not all(
        cues.weight(cues.REQUIREMENT, part) >= 2 and len(content(part)) >= 2 for part in parts
    ):
        return [text]
    return [part[:1].upper() + part[1:] for part in parts]


def select(drafts: list[Draft], sentences: int) -> list[Draft]:
    """The strongest drafts of each kind, as many as a meeting of that length may have; other kinds pass."""
    kept: set[int] = set()
    for kind, rate in _PER_HUNDRED.items():
        mine = [i for i, draft in enumerate(drafts) if draft.kind is kind]
        room = (
            max(_FLOOR[kind], round(rate * sentences / 100))
            if sentences < 400
            else round(12 + rate * (sentences - 400) / 300)
        )
        kept |= set(sorted(mine, key=lambda i: -drafts[i].score)[:room])
    return [draft for i, draft in enumerate(drafts) if draft.kind not in _PER_HUNDRED or i in kept]


def _read(discourse: Discourse, sentence: Sentence, roster: Roster) -> _Reading | None:
    text = clean(sentence.text)
    size = len(text.split())
    if sentence.question or size < (1 if cues.YES.match(text) else 2) or size > 60 or cues.JOKE.search(sentence.text):
        return None
    side = roster.side(sentence.speaker)
    weights = {
        Kind.DECISION: _decision(discourse, sentence, text),
        Kind.PAIN_POINT: _pain(text, side),
        Kind.OBJECTION: _objection(text, side),
        Kind.REQUIREMENT: _requirement(text, side),
    }
    if weights[Kind.REQUIREMENT] >= 2:
        weights[Kind.PAIN_POINT] -= 1
    conditional = cues.CONDITION.search(text) is not None
    hedged = cues.HEDGE.search(text) is not None
    for kind in weights:
        weights[kind] -= 2.0 * (hedged or conditional)
    if cues.REPORTED.search(text):
        weights[Kind.DECISION] -= 2
    kind = max(weights, key=lambda k: weights[k] - _LEAST[k])
    return _Reading(kind, weights[kind]) if weights[kind] >= _LEAST[kind] else None


def _decision(discourse: Discourse, sentence: Sentence, text: str) -> float:
    total = float(cues.weight(cues.DECISION, text))
    if total < 1:
        return 0
    if re.match(r"(?:okay|so|then|good|right|gut|also|dann)\b", text, re.I):
        total += 0.5
    following = discourse.after(sentence, 1)
    if following and cues.YES.search(following[0].text) and following[0].speaker != sentence.speaker:
        total += 1
    if re.search(r"\b(?:i'd|i would|we'd|would|want|wanted|wish|like to)\b", text, re.I):
        total -= 1
    return total


def _pain(text: str, side: str | None) -> float:
    total = float(cues.weight(cues.PAIN, text))
    if total < 1:
        return 0
    total += 0.5 * bool(find_numbers(text)) + 0.5 * (len(text.split()) >= 8)
    total -= 1.0 * bool(_FUTURE.search(text))
    total -= 1.5 * (len(text.split()) < 5)
    if side == "own" and not _THEY.search(text):
        total -= 2.5
    if re.search(r"\bno problem\b|\bnot a problem\b|\bkein problem\b|\bno worries\b", text, re.I):
        total -= 3
    return total


def _objection(text: str, side: str | None) -> float:
    total = float(cues.weight(cues.OBJECTION, text))
    if total < 1:
        return 0
    total += 0.5 * bool(_WE.search(text)) + 0.5 * bool(_PRODUCT.search(text))
    if side == "own" and not _THEY.search(text):
        total -= 2.5
    return total - 1.0 * (len(text.split()) < 4)


def _requirement(text: str, side: str | None) -> float:
    if cues.NO_REQUIREMENT.search(text):
        return 0
    total = float(cues.weight(cues.REQUIREMENT, text))
    if total < 1:
        return 0
    total -= 1.0 * (len(text.split()) < 5)
    if side == "own":
        total -= 1.0 if _THEY.search(text) else 2.0
    return total


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
