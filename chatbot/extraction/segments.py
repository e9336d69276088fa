"""Cutting a meeting into pieces that a model's window can hold.

A piece should end where the talk turns: at a pause, at "moving on", at a heading. Pieces are of about equal size, so
the last is no stub. What came just before a piece is shown with it as context, but read with the piece before.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chatbot.extraction.types import Segment
from chatbot.llm.tokens import estimate
from shared.transcripts import Utterance

#: Tokens that a line costs beside its words: number, brackets, line end.
PER_LINE = 6
_TURN = re.compile(
    r"^\W*(?:(?:okay|ok|so|right|alright|all right|good|great|well|now|and|gut|also|ja|dann)\W+){0,3}"
    r"(?:let(?:'|’)?s (?:move|talk about|turn|switch|get into|go to|jump)|moving on|next (?:topic|point|item|up|on)|"
    r"(?:another|one more|the other|last) (?:thing|topic|point|question)|switching gears|on to |"
    r"before we (?:go|close|finish)|to (?:wrap|sum) up|what about |how about |coming back to |speaking of |"
    r"kommen wir|nächste[rs]? (?:punkt|thema)|zum (?:nächsten|thema|schluss|abschluss)|was (?:anderes|ist mit)|"
    r"noch (?:eine frage|ein punkt|etwas)|lassen sie uns)",
    re.I,
)
_HEADING = re.compile(r"^\s*#{1,6}\s")
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line as a model reads it. `number` is the utterance's index; a long utterance has several lines."""

    number: int
    speaker: str | None
    text: str

    @property
    def tokens(self) -> int:
        return estimate(self.text) + (estimate(self.speaker) if self.speaker else 0) + PER_LINE


def split(utterances: Sequence[Utterance], budget: int) -> list[Segment]:
    """Segments of at most `budget` tokens, in order, covering every utterance; one that is longer alone is its own.

    The best place between six tenths and the whole of what fits is taken: a turn of the talk against an even cut.
    """
    costs = [_cost(utterance) for utterance in utterances]
    left = sum(costs)
    segments: list[Segment] = []
    first = 0
    while first < len(costs):
        ideal = left / math.ceil(left / budget)
        last = _last(utterances, costs, first, ideal, budget)
        segments.append(Segment(len(segments), first, last))
        left -= sum(costs[first : last + 1])
        first = last + 1
    return segments


def _cost(utterance: Utterance) -> int:
    return Line(utterance.index, utterance.speaker, utterance.text).tokens


def _last(utterances: Sequence[Utterance], costs: Sequence[int], first: int, ideal: float, budget: int) -> int:
    """The utterance to end with."""
    size = 0
    fallback, best, best_score = first, None, -math.inf
    for index in range(first, len(costs)):
        size += costs[index]
        if size > budget and index > first:
            break
        fallback = index
        if index == len(costs) - 1:
            return index if size <= 1.15 * ideal or best is None else best
        if size >= 0.6 * ideal:
            score = turn(utterances[index], utterances[index + 1]) - abs(size - ideal) / ideal
            if score > best_score:
                best, best_score = index, score
    return fallback if best is None else best


def turn(before: Utterance, after: Utterance) -> float:
    """How much the talk turns between two utterances, 0 to about 1."""
    score = 0.05 if before.speaker != after.speaker else 0.0
    if before.end_s is not None and after.start_s is not None:
        pause = after.start_s - before.end_s
        score += min(0.5, 0.1 * math.log2(pause)) if pause > 1 else 0.0
    if _HEADING.match(after.text):
        score += 0.6
    elif _TURN.match(after.text):
        score += 0.4
    elif after.text.rstrip().endswith("?"):
        score += 0.1
    return score


def context_before(utterances: Sequence[Utterance], first: int, budget: int) -> list[Line]:
    """The lines just before utterance `first`, at most `budget` tokens of them, whole utterances only."""
    lines: list[Line] = []
    for utterance in reversed(utterances[:first]):
        line = Line(utterance.index, utterance.speaker, utterance.text)
        budget -= line.tokens
        if budget < 0:
            break
        lines.append(line)
    return lines[::-1]


def passages(utterances: Sequence[Utterance], segment: Segment, budget: int) -> list[list[Line]]:
    """The segment as lists of lines that fit: one list, but for an utterance too long to be read in one go."""
    lines = [
        line
        for utterance in utterances[segment.first : segment.last + 1]
        for line in _lines(utterance, budget)
        if line.text.strip()
    ]
    found: list[list[Line]] = []
    room = 0
    for line in lines:
        if line.tokens > room or not found:
            found.append([])
            room = budget
        found[-1].append(line)
        room -= line.tokens
    return found


def _lines(utterance: Utterance, budget: int) -> list[Line]:
    whole = Line(utterance.index, utterance.speaker, utterance.text)
    if whole.tokens <= budget:
        return [whole]
    spent = whole.tokens - estimate(whole.text)
    return [Line(whole.number, whole.speaker, text) for text in cut(whole.text, max(16, budget - spent))]


def cut(text: str, budget: int) -> list[str]:
    """Text in pieces of at most `budget` tokens: at ends of sentences, else between words, else anywhere."""
    pieces: list[str] = []
    held: list[str] = []
    room = budget
    for part in _parts(text, budget):
        cost = estimate(part)
        if held and cost > room:
            pieces.append(" ".join(held))
            held, room = [], budget
        held.append(part)
        room -= cost
    return [*pieces, " ".join(held)] if held else pieces


def _parts(text: str, budget: int) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(text):
        if estimate(sentence) <= budget:
            yield from [sentence] if sentence else []
            continue
        for word in sentence.split():
            # The dearest character costs three tokens, so a third of the budget in characters always fits.
            step = len(word) if estimate(word) <= budget else max(1, budget // 3)
            yield from (word[at : at + step] for at in range(0, len(word), step))


def halves(lines: Sequence[Line]) -> tuple[list[Line], list[Line]] | None:
    """Two lists of about equal size, or None where there is nothing left to divide."""
    if len(lines) == 1:
        [line] = lines
        pieces = cut(line.text, max(16, estimate(line.text) // 2 + 8))
        if len(pieces) < 2:
            return None
        made = [Line(line.number, line.speaker, piece) for piece in pieces]
        return made[: len(made) // 2], made[len(made) // 2 :]
    total, size = sum(line.tokens for line in lines), 0
    for index, line in enumerate(lines[:-1], 1):
        size += line.tokens
        if size >= total / 2:
            return list(lines[:index]), list(lines[index:])
    return list(lines[:-1]), list(lines[-1:])
