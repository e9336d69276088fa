"""A long meeting that sounds like one: the English meetings of the test data, one after the other, one cast.

Deterministic: the same words each time, so that figures of different days can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from shared import transcripts

MEETINGS = Path(__file__).parents[1] / "tests" / "data" / "meetings"
SOURCES = (
    "09_workshop_long_mossgrave.txt",
    "01_discovery_quillhaven.txt",
    "02_demo_marrowby.vtt",
    "03_pricing_grantley_voss.vtt",
    "04_renewal_at_risk_ossfield.srt",
    "06_pipeline_review_threlwick.txt",
    "08_support_escalation_hexley.json",
)
CAST = (
    "Judith Pell", "Hamish Corrie", "Nadine Absalom", "Owen Tolliver",
    "Imogen Strake", "Marcus Venn", "Priya Sandhu", "Tomas Lindqvist",
)  # fmt: skip


def long_vtt(words: int, minutes: int) -> str:
    """A WebVTT transcript of about so many words, spoken at an even pace in so many minutes."""
    lines = list(_lines(words))
    total = sum(len(text.split()) for _, text in lines)
    second_a_word = minutes * 60 / total
    cues, spoken = ["WEBVTT", ""], 0
    for number, (speaker, text) in enumerate(lines, 1):
        begin, spoken = spoken * second_a_word, spoken + len(text.split())
        end = max(begin + 0.3, spoken * second_a_word - 0.1)
        cues += [str(number), f"{_stamp(begin)} --> {_stamp(end)}", f"<v {speaker}>{text}</v>", ""]
    return "\n".join(cues)


def _lines(words: int) -> Iterator[tuple[str, str]]:
    """(speaker, text) until there are so many words."""
    spoken = 0
    for source in cycle(SOURCES):
        read = transcripts.parse((MEETINGS / source).read_bytes(), source)
        names = list(dict.fromkeys(u.speaker for u in read.utterances if u.speaker))
        renamed = {name: CAST[n % len(CAST)] for n, name in enumerate(names)}
        replace = _replacer(renamed)
        for utterance in read.utterances:
            text = replace(utterance.text)
            yield renamed.get(utterance.speaker or "", CAST[0]), text
            spoken += len(text.split())
            if spoken >= words:
                return


def _replacer(renamed: dict[str, str]) -> Callable[[str], str]:
    """Puts the new first and last names where the old ones are said."""
    parts = {
        old: new
        for old_name, new_name in renamed.items()
        for old, new in zip(_ends(old_name), _ends(new_name), strict=True)
    }
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(parts, key=len, reverse=True)))})\b")
    return lambda text: pattern.sub(lambda found: parts[found[0]], text)


def _ends(name: str) -> tuple[str, str]:
    words = name.split()
    return words[0], words[-1]


def _stamp(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"
