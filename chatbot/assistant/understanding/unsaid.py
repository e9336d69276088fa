"""What is asked about where no noun says it: “any breweries?”, “list the Norwegians”, “everything open in Sweden”.

A job is somebody's, a trade or a nationality a company's, a stage, an amount of money and “open” a deal's.
"""

from __future__ import annotations

from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.ordering import Ordering

_ALL = frozenset(("everything", "anything", "what", "stuff", "things", "something", "all"))
_OF_PEOPLE = ("customer", "lead", "partner", "qualified", "former", "opportunity")
_OF_TASKS = ("high", "normal", "low")
_STATES = frozenset(("open", "won", "lost", "stale"))


class Unsaid(Ordering):
    """The record type that descriptions without a noun belong to."""

    def _type_of_descriptions(self) -> str | None:
        """The type, or None where they are no plural or may be said of several types."""
        loose = [self.items[i] for i in self.parse.loose]
        if self._is_of_deals(loose):
            return "deal"
        if any(item.has("state", *_OF_TASKS) for item in loose):
            return "task"
        if any(item.has("state", *_OF_PEOPLE) for item in loose) and all(
            item.has("state") or item.kind in ("value", "time") for item in loose
        ):  # “MDs that are still only leads”
            return "contact"
        described = [item for item in loose if item.kind == "value"]
        if not described or len(described) < len([item for item in loose if item.kind != "time"]):
            return None
        if not all(any(value.entity == "company" for value in item.data) for item in described):
            return None
        is_kind = any(value.field == "industry" for item in described for value in item.data)
        if is_kind or any(self._is_of_a_people(i) for i in self.parse.loose):
            self.parse.specials.add("implied")
            return "company"
        return None

    def _state(self, i: int, value: str) -> None:
        """“due this week or overdue”: an alternative to the time that was said, no condition beside it."""
        tasks = self._accepting("task")
        joins = any(self.words[j] in ("or", "oder") for j in range(max(0, i - 2), i))
        is_due = any(cue.concept == "due" for cue in self.parse.cues) and self.parse.head is None
        is_other = joins and (is_due or (tasks is not None and tasks.whens))
        if value == "overdue" and (is_other or self._or_due_ahead(i)):
            self.parse.specials.add("or_overdue")
            self.parse.used.add(i)
        else:
            super()._state(i, value)

    def _or_due_ahead(self, i: int) -> bool:
        """“overdue or due today”."""
        behind = self.items[i + 1 : i + 5]
        is_or = bool(behind) and behind[0].has("link", "or")
        return is_or and any(item.kind == "time" for item in behind) and any(item.has("verb", "due") for item in behind)

    def _field(self, i: int, value: str) -> None:
        """“seit fünf Wochen in derselben Phase”: the time stands before what it is said of."""
        deals = self._accepting("deal")
        when = next((w for w in deals.whens if w.period.span.is_bare and w.period.days), None) if deals else None
        if value != "in_stage" or deals is None or when is None:
            super()._field(i, value)
            return
        deals.whens.remove(when)
        deals.add(cmp("days_in_stage", when.period.compared, str(when.period.days)))
        self.parse.used.add(i)

    def _settle_afterthought(self) -> None:
        """“… that should have been done by now and aren't”: still open."""
        head, at = self.parse.head, self.negation
        if "or_overdue" in self.parse.specials and (tasks := self._accepting("task")) is not None:
            tasks.or_overdue = True
        if head is None or at is None or head.entity not in ("task", "deal"):
            return
        is_last = all(item.kind == "break" or item.has("stop") for item in self.items[at + 1 :])
        joins = any(self.words[j] in ("and", "but") for j in range(max(0, at - 2), at))
        if is_last and joins:
            self._take_negation()
            self._give_state(head, at, "open", False)

    def _is_of_deals(self, loose: list[Item]) -> bool:
        """“everything open with the Dutch”, “all we are negotiating”."""
        if not _ALL & {token.word for token in self.reading.text.tokens} or self.parse.has("who"):
            return False
        is_open = any(state in _STATES for state, _ in self.parse.states)
        is_staged = any(value.field == "stage" for item in loose if item.kind == "value" for value in item.data)
        if is_open or is_staged:
            self.parse.specials.add("implied")
        return is_open or is_staged

    def _is_of_a_people(self, i: int) -> bool:
        """“the Dutch”, “Norwegians”: a nationality that stands for those who have it."""
        item = self.items[i]
        if item.kind != "value" or not any(value.field == "country" for value in item.data):
            return False
        words = self.words[i].split()
        is_described = self._noun_ahead(i)
        before = self.words[i - 1] if i else ""
        return not is_described and (words[0] == "the" or before == "the" or words[-1].endswith(("ans", "nes", "ns")))
