"""Which language a meeting is held in, by its function words: enough to choose rules, prompts and wording."""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Sequence

from shared.transcripts import Utterance

_ENGLISH = frozenset(
    "the and you that is it we to of have for what are i'm it's not with they on be so but was".split()
)
_GERMAN = frozenset(
    "und das ist die der ich sie wir nicht es ein den auch mit haben was für also dann zu auf bei".split()
)


def detect_language(utterances: Sequence[Utterance]) -> str:
    """`de` where German function words outnumber English ones over the first 5,000 words, else `en`."""
    english = german = seen = 0
    for utterance in utterances:
        for word in utterance.text.lower().split():
            english += word in _ENGLISH
            german += word in _GERMAN
            seen += 1
        if seen > 5000:
            break
    return "de" if german > english else "en"
