"""What goes without saying: that what is due is not done, that the staff of a company is a number it has."""

from __future__ import annotations

from itertools import pairwise

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, Cue
from chatbot.assistant.understanding.concepts import STATE_FIELDS, STATES, cmp
from chatbot.assistant.understanding.plan_parts import PlanParts
from chatbot.assistant.understanding.sentence import TOUCH
from shared.query.plan import Cmp, Related

_AT_WORK = frozenset(("work", "works", "working", "employed", "arbeiten", "beschaftigt"))
_EMPLOYS = frozenset(("employ", "employs", "employing", "employed", "beschaftigen", "beschaftigt", "payroll"))


class Implying(PlanParts):
    """Conditions that are meant and not said, put into the description."""

    def _contact_that_is_none(self) -> None:
        """“companies without a contact in the last month”: nobody spoke with them."""
        for child in [c for c in self.head.children if c.entity == "contact" and c.absent and c.whens and not c.cues]:
            self.head.children.remove(child)
            self.head.cues.append(Cue(child.whens[0].at - 1, "contact", negated=True))
            self.head.whens += child.whens

    def _times_of_what_is_asked(self) -> None:
        """“revenue from German companies this year”: the year is the deals', unless it is said what companies did."""
        for child in self.head.children:
            happened = [c for c in child.cues if c.concept in concepts.TIMES[child.entity] or c.concept in TOUCH]
            if self.entity == "deal" and child.entity in ("company", "contact") and not happened and not child.children:
                self.head.whens += child.whens
                child.whens = []

    def _is_a_deals_cycle(self) -> bool:
        """“the shortest sales cycle” is one deal's, no average."""
        parse = self.parse
        sup = self._sup("longest", "shortest", "most", "least")
        words = {token.word for token in parse.reading.text.tokens}
        is_average = bool(words & {"average", "avg", "mean", "durchschnittlich", "durchschnittliche"}) or parse.groups
        if parse.metric != "average_cycle_days" or sup is None or is_average or self.entity != "deal" or parse.asked:
            return False
        sup.concept = {"longest": "most", "shortest": "least"}.get(sup.concept, sup.concept)
        sup.of_field = "cycle"
        parse.metric = None
        self.head.add(cmp("cycle_days", "is", "set"))
        self.head.add(STATES["won"]["deal"])
        return True

    def _is_length_of_deals(self) -> bool:
        """“how long does it take on average to close a deal”."""
        parse = self.parse
        is_average = parse.has("how_long") and self.entity == "deal" and self._is_of_deals_in_general()
        if not is_average or {"in_stage", "stage", "stale", "age"} & set(parse.asked) or "open" in self.head.states:
            return False
        self.head.cues = [c for c in self.head.cues if c.concept not in ("closing", "closed", "won")]
        self.head.states.append("closed")
        return True

    def _is_of_deals_in_general(self) -> bool:
        """“on average”, “how long does it take to win a deal”: of no deal in particular."""
        parse = self.parse
        if "avg" in parse.aggregates:
            return True
        if parse.names or parse.deictic or parse.superlatives or parse.page is not None or self._is_one():
            return False
        words = " ".join(token.word for token in parse.reading.text.tokens)
        is_general = "does it" in words or " a deal" in words or "do our deals" in words or "do deals" in words
        is_ended = bool({"won", "closed", "closing"} & {*self.head.states, *(c.concept for c in self.head.cues)})
        return is_general and (is_ended or "cycle" in parse.asked)

    def _from_meetings(self) -> None:
        """“action items from this call” are what was heard there, not the tasks that were made of it."""
        item = self.head.item
        said = self.parse.reading.words_of(item).lower() if item is not None else ""
        of_meeting = any(child.entity == "meeting" for child in self.head.children) or any(
            isinstance(node, Cmp) and node.field == "meeting_id" for node in self.head.nodes
        )
        if self.entity == "task" and said.startswith("action item") and of_meeting and not self.head.states:
            self.head.entity = self.entity = "insight"
            self.head.nodes = [cmp("kind", "eq", "action_item"), *self.head.nodes]

    def _say_what_is_meant(self) -> None:
        """Conditions that go without saying: what is due is not done, what is closing is still open."""
        head = self.head
        if self.parse.specials & {"fragment", "any_state"}:
            return
        self._what_closes_is_open(head)
        if self._is_one() and head.states and not self.parse.has("list", "which", "how_many"):
            self._ask_for_state()
            return
        if {"open", "won", "lost", "closed", "done", "overdue", "stale"} & set(head.states) or head.absent:
            return
        is_counted = any(sup.concept in ("count_most", "count_least") for sup in self.parse.superlatives)
        is_ranked = bool(self.parse.superlatives) and not is_counted
        is_of_chances = any(sup.concept in ("likeliest", "unlikeliest") for sup in self.parse.superlatives)
        if head.entity == "deal" and is_ranked and (is_of_chances or self._says("opportunit", "opp", "chance")):
            head.add(concepts.STATES["open"]["deal"])
            head.states.append("open")
            return
        past = any(when.period.is_past(self.today) and not when.period.span.is_bare for when in head.whens)
        is_done = any(cue.concept in ("done", "created") for cue in head.cues)
        if head.entity == "task" and not past and not is_done and (head.is_said("due") or self.parse.is_mine):
            head.add(concepts.STATES["open"]["task"])
        if head.entity == "deal" and head.is_said("closing") and not past:
            head.add(concepts.STATES["open"]["deal"])

    def _what_closes_is_open(self, clause: Clause) -> None:
        """“companies with deals closing this month”, as of deals that are asked for."""
        for child in clause.children:
            past = child.is_past or any(when.period.is_past(self.today) for when in child.whens)
            is_told = {"open", "won", "lost", "closed", "overdue", "stale"} & set(child.states)
            if child.entity == "deal" and child.is_said("closing") and not (past or is_told or child.absent):
                child.add(STATES["open"]["deal"])
            self._what_closes_is_open(child)

    def _people_employed(self) -> None:
        """“how many people do our Dutch accounts employ”: their staff, not whom we know there."""
        words = {token.word for token in self.parse.reading.text.tokens}
        if self._is_staff_of_one(words):
            return
        if self._is_ranked_by_staff(words):
            return
        company = next((child for child in self.head.children if child.entity == "company"), None)
        is_staff = self.entity == "contact" and self.parse.has("how_many") and words & {"employ", "beschaftigen"}
        if not is_staff or company is None or self.head.nodes or len(self.head.children) > 1 or company.absent:
            return
        company.parent, self.head, self.entity = None, company, "company"
        self.parse.asked.append("employees")

    def _is_ranked_by_staff(self, words: set[str]) -> bool:
        """“which accounts employ the most people”: by the staff they have."""
        sup = next((s for s in self.parse.superlatives if s.concept in ("count_most", "count_least")), None)
        people = next((child for child in self.head.children if child.entity == "contact"), None)
        is_plain = people is not None and not (people.nodes or people.children or people.cues or people.whens)
        if self.entity != "company" or sup is None or people is None or not is_plain or not words & _EMPLOYS:
            return False
        self.head.children.remove(people)
        sup.concept, sup.of_field = sup.concept.removeprefix("count_"), "employees"
        return True

    def _is_staff_of_one(self, words: set[str]) -> bool:
        """“how many people work at Quill”: the staff it has; “how many do we know there” are contacts."""
        node = self.head.nodes[0] if len(self.head.nodes) == 1 else None
        is_of_one = isinstance(node, Cmp) and (node.field, node.op) == ("company_id", "eq")
        is_asked = self.entity == "contact" and self.parse.has("how_many") and self._says("people", "leute", "person")
        is_else = self.head.children or self.head.whens or self.head.states or "know" in self.parse.specials
        if node is None or not (is_of_one and is_asked) or is_else or not words & _AT_WORK:
            return False
        assert isinstance(node, Cmp)
        self.head = Clause("company", self.head.item, nodes=[cmp("id", "eq", *node.values)])
        self.entity = "company"
        self.parse.asks.pop("how_many")
        self.parse.asked.append("employees")
        return True

    def _customers_of_a_place(self) -> None:
        """“schwedische Kunden” are companies: people have no country."""
        inner = [n for n in self.head.nodes if isinstance(n, Related) and n.relation == "company" and n.where]
        if self.entity != "contact" or not self._says("kunde") or not inner or self.head.children:
            return
        items = self.parse.reading.items
        if not any(a.kind == "value" and b is self.head.item for a, b in pairwise(items)):
            return
        others = [n for n in self.head.nodes if n not in inner and n != STATES["customer"]["contact"]]
        if others or self.head.cues != [c for c in self.head.cues if c.concept == "customer"]:
            return
        self.head.nodes = [n.where for n in inner if n.where is not None]
        self.head.entity = self.entity = "company"
        self.head.states, self.head.cues = [], []

    def _deals_with_customers_of_a_place(self) -> None:
        """“deals with customers in Norway”: their companies are in Norway, whatever each person there is to us."""
        for child in self.head.children if self.entity == "deal" else ():
            said = self.parse.reading.words_of(child.item).lower() if child.item is not None else ""
            is_customer = child.entity == "contact" and said.startswith(("customer", "kunde")) and not child.absent
            state = STATES["customer"]["contact"]
            rest = [n for n in child.nodes if n != state]
            places = [n for n in rest if isinstance(n, Related) and n.relation == "company" and not n.absent]
            places_of = [c for c in child.children if c.entity == "company" and not c.absent]
            is_placed = (places or places_of) and len(places) == len(rest) and len(places_of) == len(child.children)
            if is_customer and is_placed and not child.whens and len(places) + len(places_of) == 1:
                if places_of:
                    child.nodes, child.children = places_of[0].nodes, places_of[0].children
                else:
                    child.nodes = [n.where for n in places if n.where is not None]
                child.entity, child.states, child.cues = "company", [], []

    def _ask_for_state(self) -> None:
        """“is Jane a customer”, “when was the Borealis deal won”: of one record the state is asked, not demanded."""
        known = [STATES[state][self.entity] for state in self.head.states if self.entity in STATES[state]]
        fields = STATE_FIELDS.get(self.entity, {})
        self.head.nodes = [n for n in self.head.nodes if n not in known]
        concept = next((s for s in self.head.states if s in fields), None)
        if concept is not None and self.parse.has("is") and not self.parse.has("when", "how_much", "who", "how_long"):
            self.state_field = fields[concept]
