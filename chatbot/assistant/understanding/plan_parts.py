"""What every part of the plan maker needs: the description being made a plan of, and what it says of itself.

The parts are layers of one class: parts ─ implying ─ turning ─ listing ─ measuring ─ spreading ─ grouping ─ ranking ─
planning.
"""

from __future__ import annotations

from datetime import date

from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import FIELDS, GROUPS, cmp, custom_kind
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.periods import Period
from chatbot.assistant.understanding.sentence import Parse, Superlative, is_plural
from shared.query.plan import Cmp, Measure, Node

MOST_SHOWN = 10
_GROUPABLE = frozenset(
    ("stage", "state", "owner", "assignee", "author", "company", "contact", "industry", "city", "country", "region",
     "source", "lifecycle", "priority", "lost_reason", "pipeline", "currency", "title", "language", "kind")
)  # fmt: skip
_CUSTOM_GROUPABLE = frozenset(("choice", "choices", "tags", "flag", "person"))
COUNT = Measure(metric="count")


def is_groupable(entity: str, concept: str) -> bool:
    is_told_apart = concept in _GROUPABLE or custom_kind(concept) in _CUSTOM_GROUPABLE
    return is_told_apart and (entity in FIELDS.get(concept, {}) or (entity, concept) in GROUPS)


class PlanParts:
    """A description and the plan that is made of it."""

    def __init__(self, parse: Parse, head: Clause, today: date) -> None:
        self.parse, self.head, self.today = parse, head, today
        self.entity = head.entity
        self.impossible: list[str] = []
        self.doubts: list[Period] = []
        self.state_field: str | None = None

    def _says(self, *beginnings: str) -> bool:
        """Whether the noun asked for begins so."""
        item = self.head.item
        return item is not None and self.parse.reading.words_of(item).lower().startswith(beginnings)

    def _is_one(self) -> bool:
        return any(isinstance(n, Cmp) and n.field == "id" and n.op == "eq" for n in self.head.nodes)

    def _is_many(self) -> bool:
        """Whether the head is several records: not one by name, and a plural or nothing said."""
        if self._is_one():
            return False
        item = self.head.item
        return item is None or self._plural(item)

    def _plural(self, item: Item) -> bool:
        return is_plural(self.parse.reading.words_of(item), self.parse.reading.language)

    def _sup(self, *concepts_: str) -> Superlative | None:
        return next((s for s in self.parse.superlatives if s.concept in concepts_), None)

    def _where(self) -> Node | None:
        where = self.head.condition(self.today)
        self._collect(self.head)
        return where

    def _collect(self, clause: Clause) -> None:
        self.doubts += clause.doubts
        self.impossible += ["a time of " + clause.entity for _ in clause.lost]
        for child in clause.children:
            self._collect(child)

    def _topic(self) -> str:
        if not self.parse.topic or self.entity not in ("note", "task", "meeting", "deal", "insight"):
            return ""
        self.parse.used |= set(self.parse.topic)
        items = self.parse.reading.items
        words = " ".join(self.parse.reading.words_of(items[i]) for i in self.parse.topic)
        if self.entity == "insight":
            self.head.add(cmp("text", "contains", words))
            return ""
        return words
