"""Figures of groups within bounds, places in an order, and how many different values there are."""

from __future__ import annotations

from chatbot.assistant.understanding.concepts import FIELDS, GROUPS
from chatbot.assistant.understanding.grouping import Grouping
from shared.query.plan import Having, Measure, Plan

#: A reference's values are records: they are told apart by their ids.
_NAMED = ("company", "contact", "owner", "assignee", "author")


class Ranking(Grouping):
    """What is said of the groups, rather than of the records."""

    def _different_values(self) -> Plan | None:
        """“how many countries do our contacts come from”."""
        concept = self.parse.distinct
        if concept is None:
            return None
        name = FIELDS.get(concept, {}).get(self.entity)
        if concept in _NAMED or name is None:
            name = GROUPS.get((self.entity, concept), name)
        if name is None:
            self.impossible.append(f"different {concept}")
            return None
        return self._measured([Measure(aggregate="distinct", field=name)], self.parse.groups)

    def _bounded(self, plan: Plan | None) -> Plan | None:
        """“stages holding over 100k”: only groups whose figure is so."""
        if self.parse.bound is None or plan is None:
            return plan
        op, quantity = self.parse.bound
        if not plan.group or not plan.measures:
            self.impossible.append("bound of groups")
            return plan
        having = Having(
            by=plan.measures[0].name, op=op, value=float(quantity.value),
            currency=quantity.unit if quantity.is_money and len(quantity.unit) == 3 else None,
        )  # fmt: skip
        return plan.model_copy(update={"having": (having,)})

    def _is_of_both_ends(self) -> bool:
        """“the biggest and the smallest deal”: two questions."""
        said = {s.concept.removeprefix("count_") for s in self.parse.superlatives}
        return any(set(pair) <= said for pair in (("most", "least"), ("newest", "oldest"), ("longest", "shortest")))

    def _skipped(self, plan: Plan | None) -> Plan | None:
        """“the second largest”."""
        if not self.parse.skip or plan is None:
            return plan
        if not plan.order:
            self.impossible.append("place without an order")
            return plan
        return plan.model_copy(update={"skip": self.parse.skip, "limit": 1})
