"""Values whose words mean something else alone: “cold call” is a source, and so is the website behind “Referral or”."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatbot.assistant.understanding.tokens import Text
from chatbot.assistant.understanding.values import Value, Vocabulary

_MOST_WORDS = 4


def besides(vocabulary: Vocabulary, text: Text, listed: Sequence[Value], may_be: Sequence[bool]) -> list[Value]:
    """Whole values that are not among those found in free words. `may_be` tells which tokens are open to it at all."""
    if not any(may_be):
        return []
    found = [*_behind_or(vocabulary, text, listed), *_of_several_words(vocabulary, text, may_be)]
    taken = {i for value in listed for i in range(value.first, value.last)}
    made: list[Value] = []
    for value in found:
        if not taken & set(range(value.first, value.last)) and value not in made:
            made.append(value)
    return made


def _of_several_words(vocabulary: Vocabulary, text: Text, may_be: Sequence[bool]) -> Iterator[Value]:
    found = vocabulary.find(text, may_be)
    yield from (v for v in found if v.is_whole and v.last - v.first > 1 and v.entity != "role")  # words of their own


def _behind_or(vocabulary: Vocabulary, text: Text, listed: Sequence[Value]) -> Iterator[Value]:
    """“source Referral or Website”: another value of the same field."""
    words = [token.word for token in text.tokens]
    for value in listed:
        if value.last < len(words) and words[value.last] in ("or", "oder"):
            behind = [value.last < i <= value.last + _MOST_WORDS for i in range(len(words))]
            for other in vocabulary.find(text, behind):
                is_same = (other.entity, other.field) == (value.entity, value.field)
                if is_same and other.is_whole and other.first == value.last + 1:
                    yield other
