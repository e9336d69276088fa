"""Which records a condition on a field of the workspace's own is given to: the nearest that have such a field."""

from __future__ import annotations

from chatbot.assistant.understanding.calling import Calling
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import RELATIONS
from shared.query.plan import Related


class CustomItems(Calling):
    """Conditions that `custom_reading` found."""

    def _give_custom(self, clause: Clause, i: int, *, negated: bool) -> bool:
        node = self.items[i].data.nodes.get(clause.entity)
        if node is None:
            return False
        clause.add(node, negated=negated)
        return True

    def _give_custom_through(self, clause: Clause, i: int, *, negated: bool) -> bool:
        """“deals with Tier Gold”, where companies have a tier: deals of such companies."""
        nodes, relations = self.items[i].data.nodes, RELATIONS.get(clause.entity, {})
        entity = next((entity for entity in nodes if entity in relations), None)
        if entity is None:
            return False
        clause.nodes.append(Related(relation=relations[entity], absent=negated, where=nodes[entity]))
        return True

    def _type_of_custom(self) -> str | None:
        """“who is tagged VIP”, “everything with Tier Gold”: the records that have all the fields spoken of."""
        told = [self.items[i].data for i in self.parse.loose if self.items[i].kind == "custom"]
        if not told or len(told) < len(self.parse.loose):
            return None
        shared = set.intersection(*(set(each.nodes) for each in told))
        if self.parse.has("who") and "contact" in shared:
            return "contact"
        return shared.pop() if len(shared) == 1 else None
