"""What is asked of companies or people and answered by their deals: “how much have the Dutch accounts bought”."""

from __future__ import annotations

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.implying import Implying
from shared.query.plan import Related

_SIZES = ("how big", "how large", "wie groß", "wie gross")
_BUYING = frozenset(
    ("bought", "buy", "buys", "purchased", "purchase", "ordered", "order", "spent", "spend", "signed", "sign", "signs")
)
_MONEY = ("amount", "weighted", "currency")


class Turning(Implying):
    """Turns the description around, so that what is measured stands first."""

    def _turn_to_deals(self) -> None:
        """“the value of everything open with Dutch companies”: money is the deals', whoever they are with."""
        deals = [child for child in self.head.children if child.entity == "deal" and not child.absent]
        if self.entity not in ("company", "contact") or len(deals) != 1 or not self._asks_for_money(deals[0]):
            return
        if self.parse.has("which"):
            self.parse.groups.append(self.entity)  # “which companies have open deals and how much are they worth”
        self._turn_to(deals[0])

    def _customers_are_companies(self) -> None:
        """“how much came in from Dutch customers”: whoever buys is a company."""
        for clause in [self.head, *self.head.children]:
            if clause.entity == "contact" and "customer" in clause.states and self._is_a_company(clause):
                of_company = [n for n in clause.nodes if isinstance(n, Related)]
                clause.entity, clause.states, clause.cues = "company", [], []
                clause.nodes = [n.where for n in of_company if n.where is not None]
        self.entity = self.head.entity
        self.head.children = [
            c for c in self.head.children if c.entity != "company" or c.nodes or c.children or c.absent
        ]

    def _buyers_are_companies(self) -> None:
        """“customers who bought from us”: people do not buy, their companies do."""
        words = {token.word for token in self.parse.reading.text.tokens}
        if self.entity == "contact" and words & _BUYING and any(c.entity == "deal" for c in self.head.children):
            self._customers_are_companies()

    @staticmethod
    def _is_a_company(clause: Clause) -> bool:
        """Whether all that is said of the customers can be said of their companies."""
        customer = concepts.STATES["customer"]["contact"]
        is_said = all(n == customer or (isinstance(n, Related) and n.relation == "company") for n in clause.nodes)
        return is_said and all(cue.concept == "customer" for cue in clause.cues)

    def _turn_to(self, child: Clause) -> None:
        """The related records become what is asked for, and what was asked for a condition of theirs."""
        first = self.head
        first.children.remove(child)
        times = concepts.TIMES[child.entity]
        child.parent = None
        child.cues += [cue for cue in first.cues if cue.concept in times and cue.concept not in ("created", "updated")]
        first.cues = [cue for cue in first.cues if cue not in child.cues]
        if not first.cues:
            child.whens += first.whens
            first.whens = []
        if first.nodes or first.children or first.cues:
            first.parent = child
            child.children.append(first)
        child.is_past = child.is_past or first.is_past
        self.head = self.parse.head = child
        self.entity = child.entity

    def _asks_for_money(self, deals: Clause) -> bool:
        parse = self.parse
        if "employees" in parse.asked or parse.has("how_many", "who") or parse.superlatives:
            return False
        if parse.has("which"):
            return parse.has("worth", "how_much") and not parse.groups
        if set(parse.asked) & set(_MONEY):
            return True
        if parse.has("how_much", "worth"):
            return not any(self._words_at(i) in _SIZES for i in (parse.asks.get("how_much", -1),))
        if {"sum", "total", "avg", "weighted"} & parse.aggregates.keys():
            return True
        return parse.has("what") and deals.item is None and not parse.asked

    def _words_at(self, i: int) -> str:
        items = self.parse.reading.items
        return self.parse.reading.words_of(items[i]).lower() if 0 <= i < len(items) else ""
