"""Whose people they are: the own side or another, and for which company each of them works.

What somebody says of himself ("I'm with Acme") outweighs everything. Then who introduces whom ("this is Priya on our
side") carries a side from one person to the next, and last the way of speaking tells: sellers and buyers ask for and
offer different things. A meeting in which nobody speaks for a company and several are spoken of is an internal one.
"""

# ruff: noqa: E501 - a pattern broken in the middle of a word list is harder to read than a long line

from __future__ import annotations

import re
from dataclasses import dataclass

from chatbot.extraction.builtin.companies import Company
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean
from chatbot.extraction.builtin.people import Person
from chatbot.extraction.text import fold, key

#: What vendors say, and what customers say.
_SELLING = re.compile(
    r"\b(?:our (?:platform|product|customers|clients|standard|website|package|usual|solution|team can|pilot|price list|"
    r"roadmap|implementation|consultants?|engineers?)|"
    r"we (?:host|support|offer|integrate|usually|normally|typically|can offer|would propose|charge|have customers)|we'd propose|"
    r"i'll send (?:you )?(?:the |a |an )?(?:\w+ )?(?:proposal|invite|quote|order form|offer|recording|contract|"
    r"agreement)|"
    r"business case|that's standard|my screen|on the roadmap|in your own words|who else are you|other vendors|"
    r"have you (?:looked|got|thought)|do you have (?:a|something|any)|what would it take|for your (?:side|team)|"
    r"you'd set up|how many (?:\w+ )?(?:do|have) you|what happens (?:today|now)|who (?:signs|decides)|what would|"
    r"bei uns heißt|sagen sie doch|was ist ihnen|haben sie (?:schon|da)|richtpreis\w*|vorschlag|wer (?:unterschreibt|entscheidet)|"
    r"wie läuft|wie groß|gibt's denn|bei (?:euch|ihnen)|schick\w* (?:ich )?(?:ihnen|euch))\b",
    re.IGNORECASE,
)
_BUYING = re.compile(
    r"\b(?:your (?:product|system|support|website|price|quote|tool|certification|company|contract|standard|robots?|"
    r"offer|app|software|update|release|people|hotline|invoice|proposal)|you charge|"
    r"our (?:board|cfo|ceo|coo|cio|it|legal|lawyers?|plants?|warehouse|budget|erp|procurement|insurer|auditors?|"
    r"managing|stores?|staff|people|customers|depot|site|finance|treasurer|trustees|volunteers|drivers?|council)|"
    r"my (?:budget|team|boss|people|guys|staff|girls|lads)|i've got .{1,20} (?:pencilled|budget)|we (?:need|require|can't|"
    r"have (?:a|about|around))|it (?:has|needs) to|i want|i need|"
    r"set aside|unser\w* (?:erp|betriebsrat|steuerberater|chef\w*|lager|kunden|leute|poliere?|haus|werk|aufsichtsrat)|"
    r"wir (?:planen|bauen|haben|brauchen|müssen)|ich hab für|der rahmen|ihr (?:angebot|system|update)|ihre (?:hotline|app|software))\b",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"\b(?:with me|i'm joined by|here with|on our side|our|my colleague|is here from our|i've asked|i've got \w+ with|"
    r"unsere?r?n?|neben mir|bei uns|mein\w* (?:kolleg\w+|chef\w*)|der kollege|die kollegin|ist noch dabei|dabei ist)\b",
    re.IGNORECASE,
)
_OPPOSITE = re.compile(r"\b(?:your|eur\w+|ihr(?:e[nrm]?)?)\s(?:\w+\s){0,2}$", re.IGNORECASE)
_SAME = re.compile(r"\b(?:our|my|unser\w*|mein\w*)\s(?:\w+\s){0,3}\(?$", re.IGNORECASE)
_EMPLOYER = re.compile(
    r"(?:\b(?:at|from|of|for|with|bei|beim|von|vom|der|des|den|im)(?:\s(?:the|der|den|dem|here|this is))?\s"
    r"|\b(?:works? (?:for|at|with)|is with|is from|arbeitet (?:für|bei))\s(?:our|the|their|an?|unser\w*|der|den|dem|ein\w*)\s[\w-]+(?:\s[\w-]+)?,?\s"
    r"|\b(?:we are|we're|wir sind|we at|wir von|wir bei)\s(?:the\s)?|\b(?:hier|here),?\s|(?:manager|director|leitung|leiter\w*|ceo|"
    r"cto|cfo|coo|head of \w+|direktor\w*|owner|officer|engineer|lead),?\s)$",
    re.IGNORECASE,
)
#: A sentence that goes on about the one just named.
_GOES_ON = re.compile(r"(?:she|he|sie|er|die|der)\b", re.IGNORECASE)
_SELF = re.compile(r"\b(?:I|I'm|I've|we|we're|[Ii]ch|[Ww]ir|my name|this is|it's|hier|here|bei uns)\b")
_YOU = re.compile(r"\b(?:you|your|you'd|you'll|sie|ihnen|euch|eure?)\b", re.IGNORECASE)
_WE = re.compile(r"\b(?:we|our|us|we've|we're|my|wir|uns|unser\w*|mein\w*)\b", re.IGNORECASE)
#: How many of somebody's first sentences may say where he works.
_INTRODUCTION = 15


@dataclass(frozen=True, slots=True)
class Named:
    """A company, or the own one (`company` is None), named at start of a sentence's cleaned text."""

    company: Company | None
    sentence: int
    start: int
    end: int


class Sides:
    """Works out `side` and `company` of everybody. Call `decide` once, `customer` is known afterwards."""

    def __init__(
        self, discourse: Discourse, people: list[Person], companies: list[Company], own: str | None, named: list[Named]
    ):
        self.discourse, self.people, self.companies, self.own = discourse, people, companies, own
        self.customer: str | None = None
        self._inside = False
        self._named: dict[int, list[Named]] = {}
        for spot in named:
            self._named.setdefault(spot.sentence, []).append(spot)
        self._speaks = {label: person for person in people for label in person.labels}

    def decide(self) -> None:
        present = [person for person in self.people if person.labels]
        for person in present:
            if person.company:
                self._listed_under(person)
            elif person.side is None:
                self._stated(person)
        self._introductions(present)
        self._inside = bool(self.own) and not any(p.side == "other" for p in present) and self._internal()
        if self._inside:
            for person in present:
                person.side = person.side or "own"
        undecided = [person for person in present if person.side is None]
        for person in undecided:
            person.side = self._by_talk(person, opens=person is present[0] and len(undecided) > 1)
        self._introductions(present)
        if self.own:
            for person in present:
                person.side = person.side or "other"
        self._inside = self._inside or (bool(self.own) and all(person.side == "own" for person in present))
        self.customer = self._customer(present)
        for person in self.people:
            self._employ(person)

    def _listed_under(self, person: Person) -> None:
        """The heading a list of attendees stands under, where it is the own company or another known one."""
        said = key(person.company or "")
        if self.own and (key(self.own).startswith(said) or said.startswith(key(self.own))):
            person.side, person.company = "own", self.own
            return
        known = next((c for c in self.companies if key(c.name).startswith(said) or said.startswith(key(c.name))), None)
        person.side, person.company = "other", known.name if known else None

    # what is said

    def _stated(self, person: Person) -> None:
        """Where he says he works, or where others say so beside his name; last, the firm that bears his."""
        if not self._said_to_work(person) and (company := self._namesake(person)):
            person.side, person.company = "other", company.name

    def _said_to_work(self, person: Person) -> bool:
        mine = [s for s in self.discourse.sentences if s.speaker in person.labels][:_INTRODUCTION]
        names = [re.escape(part) for part in person.name.split()]
        called = re.compile(rf"\b(?:{'|'.join(names)})\b") if names else None
        for sentence in mine:
            text = clean(sentence.text)
            if (_SELF.search(text) or (called and called.search(text))) and self._works(person, sentence, text, 0):
                return True
        whole = re.compile(rf"\b{re.escape(person.name)}\b")
        for sentence in self.discourse.sentences[:200]:
            text = clean(sentence.text)
            match = whole.search(text)
            if match and self._works(person, sentence, text, match.end()):
                return True
        return False

    def _works(self, person: Person, sentence: Sentence, text: str, after: int) -> bool:
        for spot in self._named.get(sentence.index, ()):
            if after <= spot.start <= after + 120 and _EMPLOYER.search(text[: spot.start]):
                person.side = "other" if spot.company else "own"
                person.company = spot.company.name if spot.company else self.own
                return True
        return False

    def _introductions(self, people: list[Person]) -> None:
        for sentence in self.discourse.sentences:
            text = clean(sentence.text)
            speaker = self._speaks.get(sentence.speaker or "")
            if speaker is None or not _TOGETHER.search(text):
                continue
            for person in people:
                if person is speaker or not re.search(rf"\b{re.escape(person.name.split()[0])}\b", text):
                    continue
                if re.search(rf"\b(?:your|eure?|ihre?)\b.{{0,30}}\b{re.escape(person.name.split()[0])}\b", text, re.I):
                    continue
                if person.side and not speaker.side:
                    speaker.side = person.side
                elif speaker.side and not person.side:
                    person.side = speaker.side

    def _internal(self) -> bool:
        """Nobody speaks for a company, and several, or deals in progress, are spoken of."""
        text = " ".join(clean(s.text) for s in self.discourse.sentences[:40]).lower()
        return len(self.companies) >= 3 or bool(
            re.search(r"\b(?:pipeline|forecast|stand-?up|jour fixe intern)\b", text)
        )

    def _by_talk(self, person: Person, *, opens: bool) -> str | None:
        if self.own is None:
            return None
        said = " ".join(clean(s.text) for s in self.discourse.sentences if s.speaker in person.labels)
        selling = len(_SELLING.findall(said)) + 1.0 * opens
        buying = float(len(_BUYING.findall(said)))
        if selling == buying:  # who is served is asked about; who serves asks
            selling, buying = float(len(_YOU.findall(said))), float(len(_WE.findall(said)))
            if max(selling, buying) < 3 or abs(selling - buying) < 0.2 * (selling + buying):
                return None
        return "own" if selling > buying else "other"

    # employers

    def _customer(self, present: list[Person]) -> str | None:
        """The company most of the guests say they work for, of two as many times the surer one and the one written to."""
        stated = [p.company for p in present if p.side == "other" and p.company]

        def weight(company: Company) -> tuple[float, float]:
            return stated.count(company.name), company.score + 0.5 * bool(company.domain)

        return max(self.companies, key=weight).name if self.companies else None

    def _namesake(self, person: Person) -> Company | None:
        """The one company that bears the family's name: Tom Hall of Hall Boats."""
        family = fold(person.name.split()[-1])
        if len(family) < 3 or " " not in person.name or (self.own and family in fold(self.own).split()):
            return None
        found = [c for c in self.companies if family in re.split(r"[^a-z]+", fold(c.name))]
        return found[0] if len(found) == 1 else None

    def _employ(self, person: Person) -> None:
        if person.labels:
            if person.company is None:
                person.company = self.own if person.side == "own" else self.customer if person.side == "other" else None
            return None
        if person.company:
            return self._settle(person)
        index, start = person.spot or (0, 0)
        sentence = self.discourse.sentences[index]
        text = clean(sentence.text)
        speaker = self._speaks.get(sentence.speaker or "")
        following = [s for s in self.discourse.after(sentence, 1) if s.speaker == sentence.speaker]
        told = [(sentence, text, start), *((s, clean(s.text), 0) for s in following if _GOES_ON.match(s.text))]
        if any(self._works(person, where, said, after) for where, said, after in told):
            return None
        if company := self._namesake(person):
            person.side, person.company = "other", company.name
            return None
        side = speaker.side if speaker else None
        rest = text[start : start + 90]
        if _SAME.search(text[:start]) or re.search(
            r"^[^.?!]{0,40}(?:,|\bfrom|\baus|\bvon)\s(?:our|my|unser\w*|mein\w*)\b|\b(?:bei uns|our own)\b", rest
        ):
            person.side, person.company = side or "own", speaker.company if speaker else self.own
        elif _OPPOSITE.search(text[:start]) or re.search(r",\s(?:your|ihr\w*|eur\w*)\b", rest):
            person.side = {"own": "other", "other": "own"}.get(side or "")
        elif speaker is None:  # minutes: their people, unless they are called ours
            person.side = "other"
        elif self._inside and side == "own" and (topic := self._topic(index, start)):
            person.side, person.company = "other", topic
        else:
            person.side = side
            if side == "other" and re.search(r"\b(?:there|their|dort|deren|denen)\b", text):
                person.company = self._topic(index, start)
            elif speaker:
                person.company = speaker.company
        return self._settle(person)

    def _settle(self, person: Person) -> None:
        if person.company is None:
            person.company = self.own if person.side == "own" else self.customer if person.side == "other" else None
        elif person.side is None:
            person.side = "own" if person.company == self.own else "other"

    def _topic(self, index: int, start: int) -> str | None:
        """The company named last before this place, not long ago; it may be named in the sentence itself."""
        for place in range(index, max(-1, index - 30), -1):
            spots = [s for s in self._named.get(place, ()) if s.company and (place < index or s.start < start + 80)]
            if spots:
                company = spots[-1].company
                return company.name if company else None
        return None
