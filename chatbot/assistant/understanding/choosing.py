"""What “or” stands between: conditions on different fields are alternatives, “in Norway or with more than 400 people”.

Values of one field need no word for it (`clauses.conjunction` takes either), and what is denied together is neither.
Where one side is a time, or records of another type, no plan is made that would hold both to be true.
"""

from __future__ import annotations

from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import NUMERIC, both, either
from chatbot.assistant.understanding.hidden_nouns import HiddenNouns
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.sentence import is_silent
from shared.query.plan import Cmp, Node, Related


class Choosing(HiddenNouns):
    """Looks at what each description added, and at the word before it."""

    #: the last description and the clause it was given to
    given: tuple[int, Clause] | None = None

    def _attach(self, i: int, negated: bool, clause: Clause | None = None) -> None:
        sizes = self._sizes()
        super()._attach(i, negated, clause)
        self._choose(i, sizes)

    def _on_number(self, i: int, item: Item) -> None:
        sizes = self._sizes()
        super()._on_number(i, item)
        self._choose(i, sizes)

    def _field(self, i: int, value: str) -> None:
        sizes = self._sizes()
        super()._field(i, value)
        self._choose(i, sizes)

    def _noun(self, i: int, value: str) -> None:
        known = len(self.parse.clauses)
        super()._noun(i, value)
        new = self.parse.clauses[known:]
        if any(c.parent is not None and not c.absent for c in new) and self._or_before(i) is not None:
            self.parse.impossible.append("or")
        if any(c.parent is not None and not c.absent for c in new) and self._goes_on_denying(i):
            self.parse.impossible.append("denied or")

    def _goes_on_denying(self, i: int) -> bool:
        """“nobody has met or written a note about”: a second verb under one denial, which no plan says."""
        at = next((j for j in range(i - 1, -1, -1) if self.items[j].has("link", "or")), None)
        if at is None or not any(item.has("verb") for item in self.items[at:i]):
            return False
        return any(cue.negated and cue.at < at for clause in self._reachable() for cue in clause.cues)

    def _sizes(self) -> dict[int, int]:
        return {id(clause): len(clause.nodes) for clause in self._reachable()}

    def _choose(self, i: int, sizes: dict[int, int]) -> None:
        grown = next((c for c in self._reachable() if len(c.nodes) > sizes.get(id(c), 0)), None)
        before, self.given = self.given, self.given if grown is None else (i, grown)
        if before is not None and grown is before[1] and before[0] > i:  # what stood before any noun is given last
            later, at = before[0], self._or_before(before[0])
            if at is not None and at > i:
                self._join(before[1], sizes.get(id(grown), 0), later, at)
            return
        at = self._or_before(i)
        if at is None:
            return
        if self._is_beside_a_time(i, at):
            self.parse.impossible += [] if "or_overdue" in self.parse.specials else ["or"]
        elif grown is not None and before is not None and before[0] < at and before[1] is grown:
            if any("/" in (item.sense("noun") or "") for item in self.items[before[0] + 1 : at]):
                return  # „in Norwegen, die Kunden oder Partner sind“: it is the customers that stand before the “or”
            self._join(grown, sizes.get(id(grown), 0), i, at)

    def _join(self, clause: Clause, size: int, i: int, at: int) -> None:
        if not size or (self.denied == i and not any(item.has("neg") for item in self.items[at:i])):
            return  # “without phone or e-mail”
        first, second = clause.nodes[size - 1], clause.nodes[size:]
        if not any(_is_one_field(first, node) for node in second):
            clause.nodes[size - 1 :] = [either(first, both(*second))]

    def _or_before(self, i: int) -> int | None:
        """The “or” that a description stands behind, with nothing but small words between."""
        for j in range(i - 1, -1, -1):
            item = self.items[j]
            is_above = item.has("cmp", "ormore", "orless") and j == i - 1 and self.items[i].kind == "number"
            if item.has("link", "or") or is_above:
                return j
            is_small = is_silent(item) or any(item.has(kind) for kind in ("cmp", "neg", "ask", "state"))
            if not (is_small or item.has("verb", "have", "exist")):
                return None
        return None

    def _is_beside_a_time(self, i: int, at: int) -> bool:
        previous = self._previous(at)
        return self.items[i].kind == "time" or (previous is not None and self.items[previous].kind == "time")


def _is_one_field(one: Node, other: Node) -> bool:
    if isinstance(one, Related) and isinstance(other, Related) and one.relation == other.relation:
        return one.where is None or other.where is None or _is_one_field(one.where, other.where)
    is_same = isinstance(one, Cmp) and isinstance(other, Cmp) and one.field == other.field
    return is_same and isinstance(one, Cmp) and one.field not in NUMERIC
