"""A stretch of a question with what it may mean, and the question as a row of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatbot.assistant.understanding.lexicon import Sense
from chatbot.assistant.understanding.tokens import Text


@dataclass(frozen=True, slots=True)
class Item:
    """Tokens from first to before last and what they may mean. `data` by kind: Mention, Period, Quantity, Values."""

    kind: str
    first: int
    last: int
    senses: tuple[Sense, ...] = ()
    data: Any = None
    is_misspelt: bool = False

    def sense(self, kind: str) -> str | None:
        """The concept it has in a part of the grammar."""
        return next((s.value for s in self.senses if s.kind == kind), None)

    def has(self, kind: str, *concepts: str) -> bool:
        return any(s.kind == kind and (not concepts or s.value in concepts) for s in self.senses)


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as items. `text` is what was read after correction."""

    text: Text
    items: tuple[Item, ...]
    language: str
    corrections: int = 0

    def words_of(self, item: Item) -> str:
        return self.text.slice(item.first, item.last)
