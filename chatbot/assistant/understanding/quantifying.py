"""Numbers in a sentence: what they are compared with, how many rows they ask for, how many related records."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import FIELDS, RELATIONS, cmp
from chatbot.assistant.understanding.denying import Denying
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.quantities import IN_DAYS, Quantity, counted_alike, plain
from shared.query.plan import Related

_FACTORS = {("duration_s", "minutes"): Decimal(60), ("duration_s", "hours"): Decimal(3600)} | {
    (name, unit): Decimal(days)
    for unit, days in IN_DAYS.items()
    for name in ("age_days", "days_in_stage", "stale_days", "cycle_days")
}


#: What somebody of us has.
_HELD = frozenset(("deal", "task", "company", "note", "meeting"))


class Quantifying(Denying):
    """What a number does."""

    def _on_number(self, i: int, item: Item) -> None:
        quantity: Quantity = item.data
        following = self._next(i)
        if following is not None and self._are_staff(following) and not quantity.unit:
            quantity = replace(quantity, unit="people")
            self.taken.add(following)
            self.parse.used.add(following)
            following = self._next(following)
        if following is not None and self.items[following].has("cmp", "ormore", "orless") and self.comparison is None:
            self.comparison = ("gte" if self.items[following].has("cmp", "ormore") else "lte", following)
        if self.comparison is None and (behind := self._bound_behind_field(following)) is not None:
            self.comparison = behind
        if self.comparison is None and self._is_open_above(i):
            self.comparison = ("gte", i)
        if self.comparison is None and self._is_range(i):
            self.comparison = ("between", i)
        if self.comparison is None:
            self._bare_number(i, quantity)
            return
        op, at = self.comparison
        if quantity.unit == "people" and self._counts_people(i, op, quantity):
            self.parse.used |= {i, at}
            self.comparison = None
            return
        if op == "between":
            self._between(i, at)
            return
        self.comparison = None
        self._who_has(at)
        if self._is_countable(i, quantity):
            self.pending.append((i, False))
            self.parse.used |= {at}
            self.count_condition = (op, quantity)
            return
        if self._compare(op, quantity):
            self.parse.used |= {i, at}
        self.field_before = None

    def _are_staff(self, at: int) -> bool:
        """„Firmen unter 100 Leute“: who works there, where nobody says that we know them."""
        head = self.parse.head
        is_known = any(item.has("verb", "know", "attend", "met") for item in self.items)
        return self.words[at] in ("leute", "leuten") and head is not None and head.entity == "company" and not is_known

    def _bound_behind_field(self, at: int | None) -> tuple[str, int] | None:
        """“75 % probability or more”."""
        behind = self._next(at) if at is not None and self.items[at].has("field") else None
        if behind is None or not self.items[behind].has("cmp", "ormore", "orless"):
            return None
        return "gte" if self.items[behind].has("cmp", "ormore") else "lte", behind

    def _who_has(self, i: int) -> None:
        """“who has no open tasks”, “who has more than five deals”: of us, and no tasks or deals are asked for."""
        previous = self._previous(i)
        is_having = previous is not None and self.items[previous].has("verb", "have") and self.parse.has("who")
        noun = next((item.sense("noun") for item in self.items[i:] if item.has("noun")), None)
        if self.parse.head is None and is_having and self._noun_ahead(i) and (noun or "").partition("/")[0] in _HELD:
            self.parse.head = self.current = Clause("user")
            self.parse.clauses.append(self.parse.head)

    def _counts_people(self, i: int, op: str, quantity: Quantity) -> bool:
        """“where we know more than five people”, “deals with more than three people on them”: contacts, no staff."""
        head = self.parse.head
        is_known = any(item.has("verb", "know", "attend") for item in self.items)
        is_staff = any(clause.entity == "company" for clause in self._reachable()) and not is_known
        says_people = any(word in self.words[i] for word in ("people", "person", "leute"))
        if head is None or "contact" not in RELATIONS.get(head.entity, {}) or is_staff or not says_people:
            return False
        people = head.child("contact")
        people.at_least, people.at_most = bounds_of(op, quantity)
        self.parse.clauses.append(people)
        return True

    def _is_range(self, i: int) -> bool:
        """“400 to 700 staff”."""
        if self._is_dashed(i):
            return True
        if i + 2 >= len(self.items) or self.items[i + 2].kind != "number":
            return False
        return self.words[i + 1] in ("to", "bis", "-", "–")

    def _is_dashed(self, i: int) -> bool:
        """“100-250 people”."""
        if i + 1 >= len(self.items) or self.items[i + 1].kind != "number":
            return False
        text, one, other = self.reading.text, self.items[i], self.items[i + 1]
        gap = text.written[text.tokens[one.last - 1].end : text.tokens[other.first].start]
        return gap.strip() in ("-", "–", "—")

    def _is_open_above(self, i: int) -> bool:
        """“500+ people”, “50k+”."""
        text, item = self.reading.text, self.items[i]
        ends = [text.tokens[at].end for at in range(item.first, item.last)]
        return any(text.written[end : end + 1] == "+" for end in ends)

    def _on_figures(self, i: int, item: Item) -> None:
        """“six-figure deals”: from a hundred thousand to below a million."""
        if self.parse.head is None or self._noun_ahead(i):
            self.pending.append((i, self._take_negation()))
        elif self._compare_figures(i, self._accepting("deal")):
            self.parse.used.add(i)

    def _compare_figures(self, i: int, clause: Clause | None) -> bool:
        if clause is None or clause.entity != "deal":
            return False
        digits = self.items[i].data
        clause.add(cmp("amount", "gte", str(10 ** (digits - 1))))
        clause.add(cmp("amount", "lt", str(10**digits)))
        return True

    def _between(self, i: int, at: int) -> None:
        if self.lower is None:
            self.lower = (i, self.items[i].data)
            return
        first, lower = self.lower
        upper: Quantity = self.items[i].data
        lower = counted_alike(lower, upper)
        unit = upper if upper.unit else lower
        lower = Quantity(lower.value, unit.unit, unit.is_money, lower.is_scaled)
        upper = Quantity(upper.value, unit.unit, unit.is_money, upper.is_scaled)
        if self._compare("gte", lower) and self._compare("lte", upper):
            self.parse.used |= {first, i, at}
        self.lower, self.comparison, self.field_before = None, None, None

    def _is_countable(self, i: int, quantity: Quantity) -> bool:
        """“more than 3 open deals”, said of companies: a number of related records."""
        is_count = not quantity.unit and not quantity.is_scaled and quantity.value < 1000
        return is_count and self.parse.head is not None and self._noun_ahead(i)

    def _bare_number(self, i: int, quantity: Quantity) -> None:
        if self.field_before is not None and self._compare("eq", quantity):
            self.parse.used.add(i)
            self.field_before = None
            return
        if quantity.unit in ("percent", "people") and self._is_had(i) and self._compare("eq", quantity):
            self.parse.used.add(i)  # “with 50 employees”
            return
        if not quantity.unit and not quantity.is_scaled and 0 < quantity.value <= 200 and quantity.value % 1 == 0:
            self.number_before = i
            if self._is_limit(i):
                self.parse.limit = int(quantity.value)
                self.parse.used.add(i)
                return
            if self._is_countable(i, quantity):  # “companies with two open deals”
                self.pending.append((i, False))
                self.count_condition = (self._bound_behind(i), quantity)

    def _is_had(self, i: int) -> bool:
        before = self._before(i)
        return before is not None and before.has("link", "with")

    def _bound_behind(self, i: int) -> str:
        """“three contacts or more”."""
        noun = next((j for j in range(i + 1, len(self.items)) if self.items[j].has("noun")), None)
        if noun is None or noun + 1 >= len(self.items):
            return "eq"
        bound = self.items[noun + 1].sense("cmp")
        return {"ormore": "gte", "orless": "lte"}.get(bound or "", "eq")

    def _is_limit(self, i: int) -> bool:
        previous, following = self._previous(i), self._next(i)
        near = [self.items[j] for j in (previous, following) if j is not None]
        is_of = i + 1 < len(self.items) and self.items[i + 1].has("link", "of")  # “which three of my deals”
        is_some = self.parse.head is None and (self._noun_ahead(i) or (is_of and self._noun_ahead(i + 1)))
        return any(item.has("sup") for item in near) or is_some

    def _compare(self, op: str, quantity: Quantity) -> bool:
        """Put a comparison where its unit, or the field named before it, says."""
        for clause in self._reachable():
            name = self._field_of_quantity(clause, quantity)
            if name is None and self._is_of_a_customers_staff(clause, quantity):
                clause.add(Related(relation="company", where=cmp("employees", op, plain(quantity.value))))
                return True
            if name is None:
                continue
            value = quantity.value * _FACTORS.get((name, quantity.unit), Decimal(1))
            clause.add(cmp(name, op, plain(value)))
            if quantity.is_money:
                clause.add(cmp("currency", "eq", quantity.unit))
            self._forget_field(name)
            return True
        return False

    def _is_of_a_customers_staff(self, clause: Clause, quantity: Quantity) -> bool:
        """“customers with more than 200 employees”: said of people, and meant of their companies."""
        is_customer = clause.item is not None and clause.item.has("noun", "contact/customer")
        return is_customer and clause.entity == "contact" and quantity.unit == "people"

    def _forget_field(self, name: str) -> None:
        """A field that was compared was not asked for."""
        for concept in [c for c in self.parse.asked if name in FIELDS.get(c, {}).values()]:
            self.parse.asked.remove(concept)
        if self.field_before is not None:
            self.parse.used.add(self.field_before[1])

    def _field_of_quantity(self, clause: Clause, quantity: Quantity) -> str | None:
        entity = clause.entity
        if self.field_before is not None:
            named = FIELDS.get(self.field_before[0], {}).get(entity)
            is_sum = quantity.is_money or quantity.is_scaled or quantity.value > 100
            if named in concepts.NUMERIC and not (named == "probability" and is_sum):
                return named
        if quantity.unit == "percent":
            return "probability" if entity == "deal" else None
        if quantity.unit == "people":
            return "employees" if entity == "company" else None
        if quantity.unit in ("minutes", "hours"):
            return "duration_s" if entity in ("meeting", "note") else None
        if quantity.unit in IN_DAYS:
            return "age_days" if entity == "deal" else None
        if quantity.is_money or quantity.is_scaled or entity == "deal":
            return "amount" if entity == "deal" else None
        return "employees" if entity == "company" and not quantity.unit else None


def bounds_of(op: str, quantity: Quantity) -> tuple[int | None, int | None]:
    """(at least, at most) so many."""
    number = int(quantity.value)
    return {
        "gt": (number + 1, None), "gte": (number, None), "lt": (None, number - 1), "lte": (None, number),
    }.get(op, (number, number))  # fmt: skip
