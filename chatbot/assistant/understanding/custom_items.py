"""Which records a condition on a field of the workspace's own is given to: the nearest that have such a field."""

from __future__ import annotations

from chatbot.assistant.understanding.calling import Calling
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import RELATIONS
from shared.query.plan import Cmp, Related

#: Fields that other records have of their company.
_OF_COMPANIES = frozenset(("city", "country", "region", "industry"))


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
        if not told:
            return None
        shared = set.intersection(*(set(each.nodes) for each in told))
        for item in (self.items[i] for i in self.parse.loose):
            if item.kind != "custom":  # “tier gold, Germany”
                shared &= {value.entity for value in item.data} if item.kind == "value" else set()
        if self.parse.has("who") and "contact" in shared:
            return "contact"
        fields = {node.field for each in told for node in each.nodes.values() if isinstance(node, Cmp)}
        if "company" in shared and fields and fields <= _OF_COMPANIES:
            return "company"  # “city ends with burg”: people and deals have a place by theirs
        return shared.pop() if len(shared) == 1 else None
