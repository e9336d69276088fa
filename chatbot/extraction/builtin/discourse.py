"""A meeting as sentences in turns.

Export tools cut speech where the line is full, so a sentence may run over several utterances of one speaker. Rules read
sentences; a sentence knows the pieces of the utterances it was made of, which is what evidence quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from chatbot.extraction.text import squeeze
from chatbot.extraction.types import MeetingContext, Quote, Segment

_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|prof|st|no|nr|approx|ca|e\.g|i\.e|z\.b|d\.h|bzw|inkl|incl|vs|inc|ltd|co|a\.m|p\.m)|\b[A-Z]|"
    r"(?:^|\s)\d{1,2})\.$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<=[.?!…])[\"'”)]*\s+(?=[\"'“(]?[^\W_a-zäöü]|\d)|\n\s*")
_SHORT_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}\.$")
_FILLER = re.compile(
    r"(?:,\s*)?\b(?:u+h+m*|u+m+|er+m|ä+h+m*|hm+|mm+|you know|i mean|sort of|kind of|halt|sozusagen|quasi)\b,?\s*"
    r"|\[[^\]]*\]\s*|(?:,\s*)\blike,\s*",
    re.IGNORECASE,
)
_STUTTER = re.compile(r"(?<![\w-])([\w'’]+(?:\s[\w'’]+){0,2}),?\s+\1\b", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•>]+|\d+[.)])\s+|^\s*#+\s+|^\s*\|\s*")
_LONG_WORD = re.compile(r"\S{61,}")
#: Characters of one sentence, at most: patterns over a line of two megabytes must not take minutes.
_LONGEST = 1200
_OPENING = re.compile(
    r"^(?:(?:so|and|but|well|okay|ok|yeah|yes|yep|right|now|then|look|oh|because|also|anyway|great|good|sure|"
    r"perfect|fine|"
    r"alright|honestly|actually|basically|exactly|no(?=,)|ja|gut|also|und|aber|nun|okay|genau|dann|naja|na ja|"
    r"super|weil)\b"
    r"[,.]?\s+)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`pieces`: (utterance, start, end) of the text it was made of. `speaker` is the label in the file."""

    index: int
    turn: int
    speaker: str | None
    text: str
    pieces: tuple[tuple[int, int, int], ...]

    @property
    def question(self) -> bool:
        return self.text.rstrip("\"'”) ").endswith("?")

    @property
    def utterance(self) -> int:
        return self.pieces[0][0]


@dataclass(slots=True)
class Discourse:
    """The whole meeting, cut. Made once for a meeting and shared by all rules."""

    meeting: MeetingContext
    sentences: list[Sentence] = field(default_factory=list)

    def of(self, segment: Segment) -> Iterator[Sentence]:
        """Sentences that begin in the segment."""
        return (s for s in self.sentences if segment.first <= s.utterance <= segment.last)

    def quotes(self, *sentences: Sentence) -> tuple[Quote, ...]:
        """What the sentences are made of, as claims about the transcript."""
        utterances = self.meeting.utterances
        return tuple(
            dict.fromkeys(Quote(u, utterances[u].text[a:b]) for s in sentences for u, a, b in s.pieces if b > a)
        )

    def after(self, sentence: Sentence, count: int) -> list[Sentence]:
        return self.sentences[sentence.index + 1 : sentence.index + 1 + count]

    def before(self, sentence: Sentence, count: int) -> list[Sentence]:
        return self.sentences[max(0, sentence.index - count) : sentence.index]


def cut(meeting: MeetingContext) -> Discourse:
    """Join neighbouring utterances of one speaker into turns and cut the turns into sentences."""
    discourse = Discourse(meeting)
    turn: list[int] = []
    number = -1
    for index, utterance in enumerate(meeting.utterances):
        if turn and (utterance.speaker is None or utterance.speaker != meeting.utterances[turn[-1]].speaker):
            number += 1
            _cut_turn(discourse, turn, number)
            turn = []
        turn.append(index)
    if turn:
        _cut_turn(discourse, turn, number + 1)
    return discourse


def _cut_turn(discourse: Discourse, turn: list[int], number: int) -> None:
    utterances = discourse.meeting.utterances
    starts: list[int] = []
    text = ""
    for index in turn:
        text += " " if text else ""
        starts.append(len(text))
        text += utterances[index].text
    for start, end in _sentence_spans(text):
        pieces = []
        for index, offset in zip(turn, starts, strict=True):
            first = max(0, start - offset)
            last = min(len(utterances[index].text), end - offset)
            if last > first:
                pieces.append((index, first, last))
        body = _LONG_WORD.sub(lambda word: word.group()[:60], squeeze(_BULLET.sub("", text[start:end])))
        if body and pieces:
            discourse.sentences.append(
                Sentence(len(discourse.sentences), number, utterances[turn[0]].speaker, body, tuple(pieces))
            )


def _sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, and pieces of at most `_LONGEST` characters where nobody set a full stop."""
    for start, end in _stops(text):
        while end - start > _LONGEST:
            blank = text.rfind(" ", start, start + _LONGEST)
            middle = blank if blank > start else start + _LONGEST
            yield start, middle
            start = middle
        if text[start:end].strip():
            yield start, end


def _stops(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _BREAK.finditer(text):
        before = text[start : match.start()]
        if "\n" not in match.group() and (_ABBREVIATION.search(before) or _SHORT_ORDINAL.search(before)):
            continue
        if before.strip():
            yield start, match.start()
        start = match.end()
    if text[start:].strip():
        yield start, len(text.rstrip())


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """Without hesitation, repeated words and stage directions. Cached: each reader asks for the same sentences."""
    text = _FILLER.sub(" ", text)
    for _ in range(2):
        text = _STUTTER.sub(r"\1", text)
    return squeeze(text).replace(" ,", ",").replace(" .", ".")


def plain(text: str) -> str:
    """`clean`, and without the opening particles (`So, okay, then …`) and the final mark."""
    return _OPENING.sub("", clean(text)).strip(" ,.;:-–—…!?\"'")
