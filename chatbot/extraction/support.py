"""Does the evidence carry the item? Named signals, each 0..1, for `confidence`.

A quote that stands in the transcript proves that the words were said, not that they mean what an engine made of them:
a model also quotes a real sentence under an invented promise, takes a wish for a promise, a joke for a decision. So the
sentences that the evidence lies in are looked at, with the exchange around them:

    support     do they speak of what the description says: shared content words, and likeness of meaning where an
                embedding model is at hand
    owner       did the owner say it himself, was he named or asked
    hedged, conditional, joking, asked, refused, reported, dropped, past
                how it was said, by the cues of the built-in analyzer; there only where it was said so

`is_meant` says whether an item may be taken at its word. Only what is meant may change what was found elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import exp

from chatbot.extraction.builtin import cues
from chatbot.extraction.builtin.discourse import Discourse, Sentence, clean, cut
from chatbot.extraction.builtin.owners import takes_on
from chatbot.extraction.builtin.people import Roster, speakers
from chatbot.extraction.builtin.promises import REQUEST, promise
from chatbot.extraction.merging import same_person
from chatbot.extraction.text import content, fold, words
from chatbot.extraction.types import MeetingContext
from shared.schemas.insight import Evidence, Kind

#: Likeness of meaning of each pair of texts, -1..1; None where there is no model for it.
Likeness = Callable[[Sequence[tuple[str, str]]], Sequence[float] | None]

#: Sentences about the evidence: what was just being talked of, and the exchange.
_NEAR, _EXCHANGE = 2, 6
_STEM = 6
_DESCRIBED = frozenset((Kind.ACTION_ITEM, Kind.DECISION, Kind.PAIN_POINT, Kind.OBJECTION, Kind.REQUIREMENT))
#: Log-odds that a description belongs to its evidence, from the share of its words in the sentences themselves, in
#: those near, in the exchange; the second row where likeness of meaning to the first two is known too. Fitted by
#: `python -m training support` on the development meetings.
_BY_WORDS = (0.3, 4.5, 7.0, -4.4)
_BY_MEANING = (-0.7, 2.8, 6.0, 2.8, 3.5, -5.0)
#: Where the words leave it open, meaning is asked; elsewhere it would cost time and change nothing.
_UNCLEAR = (0.02, 0.8)
_PAST_SUM = re.compile(
    r"\b(?:was|were|had|used to|originally|initially|last year|list price|list|opening|started at|came in at|"
    r"quoted|currently|today (?:you|we) pay|war|waren|hatten?|hieß|früher|ursprünglich|listenpreis|bisher)\b",
    re.IGNORECASE,
)
_DROPPED = re.compile(
    r"\b(?:changed my mind|scratch that|forget (?:that|it|what i said)|take that back|never ?mind|on second thought|"
    r"not any ?more|no longer|doch nicht|vergiss (?:das|es)|vergessen sie das|nehme? ich zurück|streichen wir)\b",
    re.IGNORECASE,
)
#: Which ways of saying something make it none of these.
_VETOES: Mapping[Kind, frozenset[str]] = {
    Kind.ACTION_ITEM: frozenset(("hedged", "conditional", "joking", "asked", "dropped")),
    Kind.DECISION: frozenset(("hedged", "conditional", "joking", "asked", "reported", "dropped")),
    Kind.NEXT_MEETING: frozenset(("asked", "refused", "dropped")),
    Kind.DEAL: frozenset(("joking", "past", "hypothetical")),
    Kind.REQUIREMENT: frozenset(("joking", "hedged")),
    Kind.PAIN_POINT: frozenset(("joking",)),
    Kind.OBJECTION: frozenset(("joking",)),
}


class Support:
    """What one meeting says about the items found in it."""

    def __init__(self, meeting: MeetingContext, likeness: Likeness | None = None) -> None:
        self.discourse: Discourse = cut(meeting)
        self._likeness = likeness
        self._in: dict[int, list[Sentence]] = {}
        for sentence in self.discourse.sentences:
            for utterance, _, _ in sentence.pieces:
                self._in.setdefault(utterance, []).append(sentence)
        self.roster = Roster(speakers(self.discourse), meeting.own_company)
        self._names = {
            fold(word)[:_STEM]
            for name in (*meeting.participants, *(person.name for person in self.roster.people))
            for word in words(name)
        }

    def sentences(self, evidence: Iterable[Evidence]) -> list[Sentence]:
        """Those that the evidence lies in, in order."""
        found = {
            sentence.index: sentence
            for piece in evidence
            for sentence in self._in.get(piece.utterance, [])
            if any(u == piece.utterance and a < piece.end and piece.start < b for u, a, b in sentence.pieces)
        }
        return [found[index] for index in sorted(found)]

    def around(self, sentences: Sequence[Sentence], reach: int) -> list[Sentence]:
        """The sentences with those up to `reach` before and after each."""
        all_of_them = self.discourse.sentences
        wanted = {
            index
            for sentence in sentences
            for index in range(max(0, sentence.index - reach), min(len(all_of_them), sentence.index + reach + 1))
        }
        return [all_of_them[index] for index in sorted(wanted)]

    def signals(
        self, kind: Kind, data: Mapping[str, object], evidence: Sequence[Evidence], said_in: Sequence[Evidence]
    ) -> dict[str, float]:
        """All signals of an item; `said_in` is the evidence of its first quote, where the thing itself is said."""
        said = self.sentences(evidence)
        signals = self.manner(kind, self.sentences(said_in))
        if kind in _DESCRIBED and said:
            signals["support"] = self._carries(str(data.get("description", "")), said)
        if kind is Kind.ACTION_ITEM and data.get("owner") and said:
            signals["owner"] = self.owns(str(data["owner"]), said)
        return signals

    # what is said

    def overlaps(self, description: str, said: Sequence[Sentence]) -> tuple[float, float, float]:
        """The share of the description's words in the sentences, near them, and in the exchange; names apart."""
        told = self._stems(description) - self._names or self._stems(description)
        if not told:
            return 0.0, 0.0, 0.0
        shares = []
        for reach in (0, _NEAR, _EXCHANGE):
            have = set().union(*(self._stems(sentence.text) for sentence in self.around(said, reach)))
            shares.append(len(told & have) / len(told))
        return shares[0], shares[1], shares[2]

    def _stems(self, text: str) -> set[str]:
        return {stem[:_STEM] for stem in content(text)}

    def _carries(self, description: str, said: Sequence[Sentence]) -> float:
        shares = self.overlaps(description, said)
        by_words = _chance(_BY_WORDS, shares)
        if self._likeness is None or not _UNCLEAR[0] <= by_words <= _UNCLEAR[1]:
            return by_words
        texts = [" ".join(s.text for s in self.around(said, reach)) for reach in (0, _NEAR)]
        alike = self._likeness([(description, text) for text in texts])
        return by_words if alike is None else _chance(_BY_MEANING, (*shares, *alike))

    # how it is said

    def manner(self, kind: Kind, said: Sequence[Sentence]) -> dict[str, float]:
        """The marks that tell that something is not meant, each 1.0; none where nothing of the kind was seen."""
        if not said:
            return {}
        texts = [clean(sentence.text) for sentence in said]
        after = self.discourse.after(said[-1], 3)
        answer = next((s for s in after if s.speaker != said[-1].speaker), None)
        answered = clean(answer.text) if answer else ""
        same_turn = [s.text for s in after[:2] if s.turn == said[-1].turn]
        marks = {
            "hedged": any(cues.HEDGE.search(text) for text in texts),
            "conditional": any(cues.CONDITION.search(re.split(r"\bI['’]ll\b", text)[0]) for text in texts),
            "joking": any(cues.JOKE.search(s.text) for s in (*said, *after[:1])),
            "asked": all(s.question for s in said) and not cues.YES.search(answered),
            "refused": bool(cues.NO.search(answered)),
            "reported": any(cues.REPORTED.search(text) for text in texts),
            "dropped": any(_DROPPED.search(text) for text in (*texts, *same_turn, answered)),
        }
        if kind is Kind.DEAL:
            marks["past"] = all(_PAST_SUM.search(text) for text in texts)
            marks["hypothetical"] = marks["conditional"] and len(said) == 1
        return {name: 1.0 for name, seen in marks.items() if seen}

    # who took it on

    def bound(self, said: Sequence[Sentence]) -> list[str]:
        """The people who take something on in these sentences: who promise it, are named for it, say yes to it."""
        found: list[str] = []
        for sentence in said:
            text = clean(sentence.text)
            request = REQUEST.search(text) if sentence.question else None
            if request:
                answer = next((s for s in self.discourse.after(sentence, 4) if s.turn > sentence.turn), None)
                if answer and cues.YES.search(clean(answer.text)):
                    found += self._name(answer)
            elif not sentence.question and (_is_first_person(text) or takes_on(text)):
                found += self._name(sentence)
        return list(dict.fromkeys(found))

    def _name(self, sentence: Sentence) -> list[str]:
        name = self.roster.name_of(sentence.speaker)
        return [name] if name else []

    def owns(self, owner: str, said: Sequence[Sentence]) -> float:
        """1 if the owner takes it on himself, 0.7 if named or asked, 0.5 if he talks in the exchange, 0 else."""
        if any(same_person(owner, name) for name in self.bound(said)):
            return 1.0
        if self._is_named(owner, said):
            return 0.7
        near = self.around(said, _NEAR)
        if any(same_person(owner, self.roster.name_of(s.speaker) or "") for s in said) or self._is_named(owner, near):
            return 0.6
        return 0.5 if any(same_person(owner, self.roster.name_of(s.speaker) or "") for s in near) else 0.0

    @staticmethod
    def _is_named(person: str, said: Sequence[Sentence]) -> bool:
        parts = [fold(word) for word in words(person) if len(word) > 2]
        initials = "".join(word[0] for word in words(person)).upper()
        for sentence in said:
            spoken = words(sentence.text)
            if set(parts) & {fold(word) for word in spoken} or (len(initials) > 1 and initials in spoken):
                return True
        return False


def _chance(weights: Sequence[float], seen: Sequence[float]) -> float:
    *slopes, constant = weights
    odds = constant + sum(slope * value for slope, value in zip(slopes, seen, strict=True))
    return round(1 / (1 + exp(-odds)), 3)


_FIRST = re.compile(
    r"\b(?:i['’]ll|i will|i['’]m going to|i can|let me|i am going to|i shall)\b|"
    r"\b(?:ich|schicke ich|mache ich|kläre ich)\b",
    re.IGNORECASE,
)


def _is_first_person(text: str) -> bool:
    return promise(text) is not None and _FIRST.search(text) is not None


def is_meant(kind: Kind, signals: Mapping[str, float]) -> bool:
    """May the item be taken at its word?"""
    return not _VETOES.get(kind, frozenset()) & signals.keys()
