"""Customers by their deals: “existing customers with a running deal”, “which customers have bought again?”.

A customer of whom deals are told is a company that has bought, whatever its people's lifecycle says.

    contact[lifecycle=customer, deals[…]] ─▶ company[deals[won], deals[…]]
"""

from __future__ import annotations

from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import FIELDS, RELATIONS, STATES, cmp
from chatbot.assistant.understanding.employments import Employments
from shared.query.plan import Cmp, Node, Related

_CUSTOMER = cmp("lifecycle", "eq", "customer")
#: Conditions that mean the same of a company as of its people.
_SHARED = frozenset(("owner_id", "created_at", "updated_at"))


class Buying(Employments):
    """Turns people who are customers into the companies that bought."""

    def _settle_buyers(self) -> None:
        head = self.parse.head
        if head is None or head.entity != "contact" or head.item is None or not self._are_buyers(head):
            return
        nodes = [_of_company(node) for node in head.nodes if node != _CUSTOMER]
        if any(node is None for node in nodes):
            return
        head.entity = "company"
        head.nodes = [node for node in nodes if node is not None]
        head.states = [state for state in head.states if state != "customer"]
        if not any(child.entity == "deal" and "won" in child.states and not child.absent for child in head.children):
            head.child("deal").add(STATES["won"]["deal"])

    def _are_buyers(self, head: Clause) -> bool:
        """Whether customers are asked for by their deals, and nothing that only a person has."""
        is_said = head.item is not None and head.item.has("noun", "contact/customer") and _CUSTOMER in head.nodes
        has_deals = any(child.entity == "deal" for child in head.children)
        is_of_companies = all(child.entity in RELATIONS["company"] for child in head.children) and all(
            concept in FIELDS and "company" in FIELDS[concept] for concept in self.parse.asked
        )
        has_none = any(child.entity == "deal" and child.absent and child.is_bare for child in head.children)
        return (
            is_said
            and has_deals
            and not has_none
            and is_of_companies
            and not head.whens
            and "fragment" not in self.parse.specials
        )


def _of_company(node: Node) -> Node | None:
    """The condition on the person's company; None where it is one on the person."""
    if isinstance(node, Related) and node.relation == "company" and not node.absent:
        return node.where
    if isinstance(node, Cmp) and node.field == "company_id":
        return node.model_copy(update={"field": "id"})
    return node if isinstance(node, Cmp) and node.field in _SHARED else None
