"""A plan as far as it could be made, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.periods import Period
from chatbot.assistant.understanding.sentence import Named
from shared.query.plan import Plan


@dataclass(slots=True)
class Draft:
    """A plan and what is wrong with it. `about` are the records named."""

    plan: Plan | None = None
    about: list[RecordRef] = field(default_factory=list)
    ambiguous: list[Named] = field(default_factory=list)
    doubts: list[Period] = field(default_factory=list)
    unexplained: list[Item] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return self.plan is not None and not (self.ambiguous or self.doubts or self.unexplained or self.impossible)
