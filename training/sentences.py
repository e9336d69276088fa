"""Annotated meetings as labelled sentences: which sentences a gold item of each kind rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chatbot.extraction.builtin.discourse import Discourse, Sentence
from chatbot.extraction.builtin.engine import BuiltinEngine
from chatbot.extraction.builtin.people import Roster
from chatbot.extraction.text import squeeze
from shared.transcripts import Utterance
from training.annotated_meetings import Meeting, load

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A meeting cut into n sentences. `wanted` and `weight` are [n] for each kind's name; optional items weigh half."""

    name: str
    discourse: Discourse
    roster: Roster
    wanted: dict[str, Floats]
    weight: dict[str, Floats]
    items: list[dict[str, Any]]


def read(kinds: Sequence[str]) -> Iterator[Labelled]:
    for meeting in load():
        _, cast = BuiltinEngine().prepare(meeting.discourse.meeting)
        yield _labelled(meeting, cast.roster, kinds)


def _labelled(meeting: Meeting, roster: Roster, kinds: Sequence[str]) -> Labelled:
    discourse = meeting.discourse
    size = len(discourse.sentences)
    wanted = {kind: np.zeros(size, np.float32) for kind in kinds}
    weight = {kind: np.ones(size, np.float32) for kind in kinds}
    for item in meeting.items:
        if item["kind"] not in kinds:
            continue
        for sentence in said_by(discourse, item):
            wanted[item["kind"]][sentence.index] = 1
            if item.get("optional"):
                weight[item["kind"]][sentence.index] = 0.5
    return Labelled(meeting.name, discourse, roster, wanted, weight, meeting.items)


def said_by(discourse: Discourse, item: dict[str, Any]) -> list[Sentence]:
    """The sentences that an item's quotes are made of, by at least half of the one or the other."""
    found: dict[int, Sentence] = {}
    for piece in item["evidence"]:
        for utterance, start, end in locate(discourse.meeting.utterances, piece["quote"]):
            for sentence in discourse.sentences:
                for u, first, last in sentence.pieces:
                    shared = min(end, last) - max(start, first) if u == utterance else 0
                    if shared > 0 and 2 * shared >= min(end - start, last - first):
                        found[sentence.index] = sentence
    return [found[index] for index in sorted(found)]


def locate(utterances: Sequence[Utterance], quote: str) -> list[tuple[int, int, int]]:
    """(utterance, start, end) of a quote, which may run over neighbouring utterances of one speaker."""
    wanted, first = squeeze(quote), 0
    while first < len(utterances):
        last, text, starts = first, "", []
        while last < len(utterances) and (last == first or _goes_on(utterances[last - 1], utterances[last])):
            text += " " if text else ""
            starts.append(len(text))
            text += utterances[last].text
            last += 1
        at = text.find(wanted)
        if at >= 0:
            ends = [*starts[1:], len(text) + 1]
            spans = [
                (first + i, max(at, start) - start, min(at + len(wanted), end - 1) - start)
                for i, (start, end) in enumerate(zip(starts, ends, strict=True))
            ]
            return [span for span in spans if span[2] > span[1]]
        first = last
    return []


def _goes_on(one: Utterance, other: Utterance) -> bool:
    return one.speaker is not None and one.speaker == other.speaker
