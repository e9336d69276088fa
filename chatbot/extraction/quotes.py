"""Where the transcript says what somebody claims it says.

A quote is looked up as it stands (white space aside), then without regard to case, over neighbouring utterances of one
speaker, fuzzily near the place it was claimed for, fuzzily anywhere, and last by its words among the sentences of the
lines it was claimed for. What is found is handed back in the transcript's own words, with speaker and time of the
utterance it stands in. Words addressed to a machine (`orders`) are not found: they prove nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from rapidfuzz import fuzz

from chatbot.extraction import orders
from chatbot.extraction.text import contained, content, key, squeeze, words
from chatbot.extraction.types import MeetingContext, Quote
from shared.schemas.insight import Evidence

#: A claimed quote must agree this well (0..100) with the transcript; below 90 it must also be near its claimed place.
_FUZZY_NEAR, _FUZZY_ANYWHERE = 80.0, 90.0
#: Shorter quotes match by chance, so they must be exact.
_FUZZY_LEAST_CHARS = 12
#: A quote in other words must share this much of its content with the sentences that are taken for it.
_REWORDED, _REWORDED_LEAST_WORDS = 0.6, 2
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*\s*")

#: How a quote was found: letter for letter where it was claimed; but for case; elsewhere; nearly; in other words.
Status = Literal["exact", "normalised", "neighbour", "fuzzy", "reworded"]
WORST: tuple[Status, ...] = ("exact", "normalised", "neighbour", "fuzzy", "reworded")


@dataclass(frozen=True, slots=True)
class Found:
    """`alignment`: how well the words agree, 0..1."""

    evidence: tuple[Evidence, ...]
    status: Status
    alignment: float = 1.0


class Transcript:
    """The meeting's text, ready for looking up quotes and values."""

    def __init__(self, meeting: MeetingContext) -> None:
        self.meeting = meeting
        self.day: date = meeting.occurred_at.date()
        self.orders = orders.find(meeting.utterances)
        self._texts = _without_orders(meeting, self.orders)
        self._squeezed = [_Squeezed(text) for text in self._texts]
        self._starts: list[int] = []
        joined: list[str] = []
        offset = 0
        for part in self._squeezed:
            self._starts.append(offset)
            joined.append(part.lower)
            offset += len(part.lower) + 1
        self._all = "\n".join(joined)
        self._names = key(" ".join([*meeting.participants, *{u.speaker or "" for u in meeting.utterances}]))

    # quotes

    def find(self, quote: Quote) -> Found | None:
        """Where the transcript says what the quote claims, or None."""
        wanted = squeeze(quote.text)
        if not wanted or not self._squeezed:
            return None
        near = self._near(quote.utterance)
        return (
            self._exact(wanted, near, quote.utterance)
            or self._spanning(wanted)
            or self._fuzzy(wanted, near, _FUZZY_NEAR)
            or self._fuzzy(wanted, range(len(self._squeezed)), _FUZZY_ANYWHERE)
            or self._reworded(wanted, near)
        )

    def _near(self, claimed: int | None) -> list[int]:
        if claimed is None or not 0 <= claimed < len(self._squeezed):
            return []
        around = range(max(0, claimed - 3), min(len(self._squeezed), claimed + 4))
        return sorted(around, key=lambda index: abs(index - claimed))

    def _exact(self, wanted: str, near: Iterable[int], claimed: int | None) -> Found | None:
        low = lower(wanted)
        for index in near:
            at = self._squeezed[index].lower.find(low)
            if at >= 0:
                return self._as_said(index, at, wanted, claimed)
        at = self._all.find(low)
        if at < 0:
            return None
        index = bisect_right(self._starts, at) - 1
        return self._as_said(index, at - self._starts[index], wanted, claimed)

    def _as_said(self, index: int, at: int, wanted: str, claimed: int | None) -> Found:
        status: Status = "exact" if self._squeezed[index].text[at : at + len(wanted)] == wanted else "normalised"
        if claimed is not None and index != claimed:
            status = "neighbour"
        return Found((self._evidence(index, at, at + len(wanted)),), status)

    def _spanning(self, wanted: str) -> Found | None:
        """A quote over neighbouring utterances of one speaker: a piece of evidence from each."""
        low = lower(wanted)
        at = self._all.replace("\n", " ").find(low)
        if at < 0:
            return None
        pieces: list[Evidence] = []
        index = bisect_right(self._starts, at) - 1
        end = at + len(low)
        while index < len(self._squeezed) and self._starts[index] < end:
            first = max(0, at - self._starts[index])
            last = min(len(self._squeezed[index].lower), end - self._starts[index])
            if last > first:
                pieces.append(self._evidence(index, first, last))
            index += 1
        return Found(tuple(pieces), "exact") if len({piece.speaker for piece in pieces}) == 1 else None

    def _fuzzy(self, wanted: str, among: Iterable[int], cutoff: float) -> Found | None:
        if len(wanted) < _FUZZY_LEAST_CHARS:
            return None
        low, best = lower(wanted), None
        for index in among:
            text = self._squeezed[index].lower
            if len(text) < 0.85 * len(low):  # an utterance inside a longer quote proves only itself
                continue
            match = fuzz.partial_ratio_alignment(low, text, score_cutoff=best.score if best else cutoff)
            if match and (best is None or match.score > best.score):
                best, place = match, index
        if best is None:
            return None
        piece = self._evidence(place, *_whole_words(self._squeezed[place].lower, best))
        return Found((piece,), "fuzzy", best.score / 100)

    def _reworded(self, wanted: str, near: list[int]) -> Found | None:
        """The run of one or two sentences near the claimed place that has most of the quote's words."""
        if len(content(wanted)) < _REWORDED_LEAST_WORDS:
            return None
        best: tuple[float, int, int, int] | None = None
        for index in near:
            spans = [match.span() for match in _SENTENCE.finditer(self._squeezed[index].text)]
            for first, last in [*zip(spans, spans, strict=True), *pairwise(spans)]:
                share = contained(wanted, self._squeezed[index].text[first[0] : last[1]])
                if share >= _REWORDED and (best is None or share > best[0]):
                    best = (share, index, first[0], last[1])
        if best is None:
            return None
        share, index, start, end = best
        text = self._squeezed[index].text
        start += len(text[start:end]) - len(text[start:end].lstrip())
        end -= len(text[start:end]) - len(text[start:end].rstrip())
        return Found((self._evidence(index, start, end),), "reworded", share)

    def _evidence(self, index: int, start: int, end: int) -> Evidence:
        utterance = self.meeting.utterances[index]
        first, last = self._squeezed[index].original(start, end)
        return Evidence(
            quote=utterance.text[first:last],
            speaker=utterance.speaker,
            start_s=utterance.start_s,
            utterance=index,
            start=first,
            end=last,
        )

    # values

    def says(self, test: Callable[[str], tuple[int, int] | None], around: Iterable[int]) -> Evidence | None:
        """The first utterance among `around` whose text passes `test`, as evidence of the span the test returns."""
        for index in around:
            span = test(self._texts[index])
            if span:
                utterance = self.meeting.utterances[index]
                quote = utterance.text[span[0] : span[1]]
                return Evidence(
                    quote=quote, speaker=utterance.speaker, start_s=utterance.start_s, utterance=index,
                    start=span[0], end=span[1],
                )  # fmt: skip
        return None

    def order(self, evidence: list[Evidence], reach: int | None = None) -> list[int]:
        """Utterances from the evidence outwards; all of them, or those at most `reach` away."""
        anchors = sorted({piece.utterance for piece in evidence}) or [0]
        total = range(len(self.meeting.utterances))
        if reach is not None:
            total = range(max(0, anchors[0] - reach), min(len(total), anchors[-1] + reach + 1))
        return sorted(total, key=lambda index: min(abs(index - anchor) for anchor in anchors))

    def knows_name(self, name: str) -> bool:
        """Is every word of the name among speakers and participants?"""
        return all(key(word) in self._names for word in words(name))


def _without_orders(meeting: MeetingContext, spans: list[orders.Span]) -> list[str]:
    """The utterances' texts, blank where they speak to a machine."""
    texts = [utterance.text for utterance in meeting.utterances]
    for span in spans:
        texts[span.utterance] = orders.blanked(texts[span.utterance], [span])
    return texts


class _Squeezed:
    """A text with single blanks, and the way back to the original offsets."""

    def __init__(self, text: str) -> None:
        chars: list[str] = []
        offsets: list[int] = []
        for match in re.finditer(r"\S+", text):
            if chars:
                chars.append(" ")
                offsets.append(match.start() - 1)
            chars += match.group()
            offsets += range(match.start(), match.end())
        self.text = "".join(chars)
        self.lower = lower(self.text)
        self._offsets = offsets

    def original(self, start: int, end: int) -> tuple[int, int]:
        return self._offsets[start], self._offsets[end - 1] + 1


def lower(text: str) -> str:
    """Lower case of the same length: the few letters that would grow stay as they are."""
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _whole_words(text: str, match: object) -> tuple[int, int]:
    start, end = match.dest_start, match.dest_end  # type: ignore[attr-defined]  # rapidfuzz ships no type for it
    while start > 0 and text[start - 1] != " ":
        start -= 1
    while end < len(text) and text[end] != " ":
        end += 1
    return start, end
