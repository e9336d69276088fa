"""Plans that answer with figures: metrics, counts, sums and averages, by groups."""

from __future__ import annotations

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import FIELDS, GROUPS, METRICS, TIMES, cmp
from chatbot.assistant.understanding.listing import Listing
from chatbot.assistant.understanding.plan_parts import COUNT, is_groupable
from chatbot.assistant.understanding.quantities import Quantity
from chatbot.assistant.understanding.sentence import Superlative
from shared.query.catalog import PREFIX
from shared.query.plan import Cmp, Group, Measure, Order, Plan

#: Metrics of deals by the date a time is about.
CLOSED = frozenset(("won_amount", "lost_amount", "win_rate", "average_cycle_days"))
AHEAD = frozenset(("open_pipeline", "weighted_pipeline"))
_BY_CURRENCY = frozenset(
    ("open_pipeline", "weighted_pipeline", "won_amount", "lost_amount", "total_amount", "average_deal")
)
_TIMELESS = frozenset(("average_stale_days",))


class Measuring(Listing):
    """Measures, the groups they are of and the order of those."""

    def _metric_plan(self, name: str) -> Plan | None:
        entity, metric, node = METRICS[name]
        head = self.head
        groups = list(self.parse.groups)
        if self._sup("most", "least", "count_most", "count_least", "longest", "shortest") is not None:
            groups += [c for c in self.parse.asked if is_groupable(entity, c) and c not in groups][:1]
            self.parse.asked = [c for c in self.parse.asked if c not in groups]
        if head.entity in ("company", "user") and entity == "deal":
            if self._is_one_for_each(head):
                groups.insert(0, "company" if head.entity == "company" else "owner")
            head = self._deals_of(head)
        elif head.entity != entity:
            self.impossible.append(name)
            return None
        groups += [
            c for c in self.parse.orders if is_groupable(entity, c) and c not in groups
        ]  # “rank industries by …”
        if self.parse.has("where") and not groups:
            self.impossible.append("where")
        if self.parse.superlatives and not (groups or self.parse.units or self.parse.has("who")):
            self.impossible.append("superlative of one figure")
        if any(child.entity == "insight" for child in head.children):
            self.impossible.append("metric of insights")
        self.head, self.entity = head, entity
        if (self.parse.has("who") or "by_person" in self.parse.specials) and not groups:
            groups.append("owner")
        if name == "win_rate" and any(isinstance(n, Cmp) and n.field == "stage" for n in head.nodes):
            self.impossible.append("win rate of a stage")  # “conversion from proposal to negotiation”
        if name == "win_rate":
            self._whoever_they_are_now(head)
        if name == "win_rate":  # “of the deals Bob closed, what share was won”: of all that ended
            head.nodes = [n for n in head.nodes if n != concepts.STATES["won"]["deal"]]
            head.states = [state for state in head.states if state != "won"]
        if name in CLOSED and not head.states:
            head.states.append("closed")
        elif name in AHEAD:
            head.states.append("open")
        if node is not None:
            head.add(node)
        if self.parse.has("how_many") and name == "open_pipeline":
            words = {token.word for token in self.parse.reading.text.tokens}
            both = [COUNT, Measure(metric=metric)] if words & {"value", "amount", "worth"} else [COUNT]
            return self._measured(both, groups)
        return self._measured([Measure(metric=metric)], groups, metric=name)

    @staticmethod
    def _whoever_they_are_now(head: Clause) -> None:
        """“win rate of trade fair leads”: of those who came so, of whom those that bought are leads no more."""
        lead = concepts.STATES["lead"]["contact"]
        for child in (c for c in head.children if c.entity == "contact"):
            if lead in child.nodes and any(isinstance(n, Cmp) and n.field == "source" for n in child.nodes):
                child.nodes.remove(lead)

    def _is_one_for_each(self, head: Clause) -> bool:
        """“customers by revenue”, “which reps won …”; “what have the Dutch accounts bought” is one figure."""
        parse = self.parse
        if head.entity == "user" or parse.superlatives or parse.limit or parse.orders:
            return True
        return not parse.has("how_much", "what", "worth") and not parse.aggregates.keys() & {"sum", "total"}

    def _deals_of(self, head: Clause) -> Clause:
        """The deals of the companies, or people, a metric is asked of."""
        deals = Clause("deal", head.item)
        if head.entity == "company" and (head.nodes or head.children):
            deals.children.append(head)
            head.parent = deals
        deals.whens, head.whens = head.whens, []
        deals.cues, head.cues = head.cues, []
        return deals

    def _measures(self) -> list[Measure]:
        """“number and value of open deals”, “how much did we win and how much did we lose”: two figures, else one."""
        parse, head = self.parse, self.head
        is_money = "amount" in parse.asked or parse.has("how_much", "worth") or "sum" in parse.aggregates
        is_money = is_money or self._says_count_and_total()
        if self.entity == "deal" and self._is_told_apart(is_money=is_money):
            return [COUNT]
        if self.entity != "deal" or not is_money or parse.aggregates.keys() & {"avg", "max", "min"}:
            measure = self._measure()
            return [measure] if measure is not None else []
        if {"won", "lost"} == {"won", "lost", "open", "closed"} & set(head.states) and not parse.has("how_many"):
            return [Measure(metric="won_amount"), Measure(metric="lost_amount")]
        if parse.has("how_many") and self._is_many() and not self._is_told_apart(is_money=is_money):
            parse.asked = [c for c in parse.asked if c != "amount"]
            return [COUNT, Measure(metric="total_amount")]
        measure = self._measure()
        return [measure] if measure is not None else []

    def _is_told_apart(self, *, is_money: bool) -> bool:
        """“how many deals did we win and lose”, “won vs lost this quarter”: each of both."""
        words = {token.word for token in self.parse.reading.text.tokens}
        states = {"won", "lost", "open", "closed"} & set(self.head.states)
        is_against = bool(words & {"vs", "versus", "against", "gegen", "gegenuber"}) and not is_money
        is_both = is_against or (self.parse.has("how_many") and bool(words & {"and", "und"}))
        if states != {"won", "lost"} or not is_both:
            return False
        if "state" not in self.parse.groups:
            self.parse.groups.append("state")
        return True

    def _is_average_of_counts(self) -> bool:
        """“average number of deals per rep”, “deals per company on average”."""
        is_many = self.head.item is not None and self._plural(self.head.item)
        return self.parse.has("how_many") or (bool(self.parse.groups) and is_many and not self.parse.has("how_much"))

    def _says_count_and_total(self) -> bool:
        at, items = self.parse.asks.get("how_many"), self.parse.reading.items
        if at is None or at + 2 >= len(items):
            return False
        return items[at + 1].has("link", "and") and items[at + 2].has("agg", "total")

    def _measure(self) -> Measure | None:
        """What a question with "how many", "total", "average" measures; None where it wants rows."""
        parse, deal = self.parse, self.entity == "deal"
        asked = [(c, FIELDS[c][self.entity]) for c in parse.asked if self.entity in FIELDS.get(c, {})]
        number = next((name for c, name in asked if concepts.is_number(c, name)), None)
        if parse.has("how_many") and number == "employees" and self._is_many() and "avg" not in parse.aggregates:
            return self._aggregate("sum", number)
        if deal and parse.bound is not None and self._is_of_money(parse.bound[1]):
            return Measure(metric="total_amount")
        if parse.has("how_many") and not parse.aggregates.keys() & {"avg", "sum"}:
            return COUNT
        is_won_or_lost = bool({"won", "lost"} & set(self.head.states))
        if deal and self.head.item is None and parse.has("what") and (parse.groups or parse.units) and is_won_or_lost:
            return Measure(metric="total_amount")  # “what did we win in each pipeline”
        if "weighted" in parse.aggregates and deal:
            return Measure(metric="weighted_pipeline")
        if deal and self._is_total_of_amounts(number):
            return self._aggregate("sum", number)
        if "avg" in parse.aggregates and number is None and self._is_average_of_counts():
            self.impossible.append("average of counts")
        for kind in ("avg", "sum", "max", "min", "total"):
            if kind in parse.aggregates:
                return self._aggregate(kind, number)
        is_split = (
            bool(parse.groups or parse.units) and self.head.item is None and not parse.has("which", "who", "list")
        )
        if is_split and number is not None and (number.startswith(PREFIX) or number == "employees"):
            return self._aggregate("sum", number)  # “seats by tier”
        is_many = self._is_many()
        if parse.has("how_much") and is_many and number is not None and number.startswith(PREFIX):
            return self._aggregate("sum", number)
        if parse.has("how_much", "worth") and deal and is_many and number in (None, "amount"):
            return self._told(Measure(metric="total_amount"), "amount")
        if number and is_many and self._asks_for_one_value() and not parse.superlatives and parse.limit is None:
            return self._aggregate("sum", number) if number in ("amount", "weighted_amount", "duration_s") else None
        return None

    def _measure_of_people(self) -> Measure:
        """Records of each are counted, unless it is money that is asked or bounded."""
        is_money = self.parse.bound is not None and self._is_of_money(self.parse.bound[1])
        is_money = is_money or (self.entity == "deal" and "sum" in self.parse.aggregates)
        return (self._measure() if is_money else None) or COUNT

    @staticmethod
    def _is_of_money(quantity: Quantity) -> bool:
        """“over 200k”, “more than 5,000”: no number of deals."""
        return quantity.is_money or quantity.is_scaled or quantity.value >= 1000

    def _is_total_of_amounts(self, number: str | None) -> bool:
        """“amount won per month”, “open deals at X, total?”: what is said of money is not counted."""
        parse = self.parse
        if parse.has("how_many") or parse.aggregates.keys() & {"avg", "max", "min"} or parse.superlatives:
            return False
        if number == "amount" and (parse.groups or parse.units):
            return True
        return "total" in parse.aggregates and not (number or parse.has("list", "which", "who"))

    def _asks_for_one_value(self) -> bool:
        words = [
            self.parse.reading.words_of(i).lower()
            for i in self.parse.reading.items
            if i.has("field", "amount", "weighted")
        ]
        of = any(f"{word} of" in self.parse.reading.text.written.lower() for word in words)
        if not (of or self.parse.has("what", "how_much", "worth")):
            return False
        plural = any(word.endswith(("amounts", "values", "sizes", "werte", "betrage", "beträge")) for word in words)
        return not plural and not self.parse.has("list", "which")

    def _aggregate(self, kind: str, number: str | None) -> Measure | None:
        if kind == "total":
            is_amount = self.parse.has("how_much", "worth") or "fragment" in self.parse.specials
            if number is None and not is_amount:
                return COUNT
            kind = "sum"
        length = "age_days" if self.parse.has("how_long") and self.entity == "deal" else None
        name = number or length or {"deal": "amount", "meeting": "duration_s"}.get(self.entity)
        if name is None:
            return COUNT if kind == "sum" else None
        for concept in [c for c in self.parse.asked if FIELDS.get(c, {}).get(self.entity) == name]:
            self.parse.asked.remove(concept)
        if kind == "sum" and name == "amount":
            return Measure(metric="total_amount")
        if kind == "sum" and name == "duration_s" and self.entity == "meeting":
            return Measure(metric="total_duration_s")
        return Measure(aggregate=kind, field=name)

    def _told(self, measure: Measure, concept: str | None) -> Measure:
        if concept in self.parse.asked:
            self.parse.asked.remove(concept)
        return measure

    def _measured(self, measures: list[Measure], groups: list[str], *, metric: str | None = None) -> Plan | None:
        made = [g for g in (self._group(concept, metric) for concept in dict.fromkeys(groups)) if g is not None]
        made += [self._time_group(unit, metric) for unit in dict.fromkeys(self.parse.units)]
        if "lost_reason" in self.parse.asked and groups and "lost_reason" not in groups:
            made.insert(0, Group(field="lost_reason"))  # “lost reasons by rep”
            self.parse.asked.remove("lost_reason")
        self.impossible += [
            f"{c} beside a number"
            for c in self.parse.asked
            if c not in ("amount", "currency", "state", *groups) and (c, metric) != ("cycle", "average_cycle_days")
        ]
        if any(g.field == "lost_reason" for g in made) and not self.head.states:
            self.head.add(concepts.STATES["lost"]["deal"])  # others have none
        if self._sup("count_most", "count_least") is not None:  # “no reason” is none
            own = [g for g in made if g.field == "tags" or g.field.startswith(PREFIX)]
            for group in [*own, *(g for g in made if g.field in ("lost_reason", "promised_by", "source"))]:
                self.head.add(cmp(group.field, "is", "set"))
        if [g.field for g in made] == ["currency"] and measures[0].name in _BY_CURRENCY and self._wants_one_sum():
            made = []  # money is told by currency anyway
            self.parse.groups.clear()
        q = self._topic()
        where = self._where()
        if metric in _TIMELESS and self.doubts:
            self.impossible.append("time of " + str(metric))
        order, limit = self._group_order(measures[0], made)
        return Plan(
            from_=self.entity, where=where, group=tuple(made[:2]), measures=tuple(measures), order=order, limit=limit,
            q=q,
        )  # fmt: skip

    def _wants_one_sum(self) -> bool:
        """“how much …, by currency” is one sum, as “per currency” is; “pipeline split by currency” are groups."""
        words = {token.word for token in self.parse.reading.text.tokens}
        is_sum = self.parse.has("how_much", "worth") or self.parse.aggregates.keys() & {"sum", "total"}
        return bool(is_sum) or not words & {"by", "split", "nach", "breakdown", "distribution"}

    def _group(self, concept: str, metric: str | None) -> Group | None:
        if concept == "place" and "city" in self.parse.asked:
            self.parse.asked.remove("city")  # “by location (city)”
            concept = "city"
        name = GROUPS.get((self.entity, concept)) or FIELDS.get(concept, {}).get(self.entity)
        if name is None:
            self.impossible.append(f"group by {concept}")
            return None
        if concepts.is_date(concept, name):
            return Group(field=name, granularity="month")
        return Group(field=name)

    def _time_group(self, unit: str, metric: str | None) -> Group:
        name = self._grouped_date(metric)
        return Group(field=name, granularity=unit)

    def _grouped_date(self, metric: str | None) -> str:
        if self.entity == "deal":
            if metric in AHEAD or "open" in self.head.states or self.head.is_said("closing"):
                return "expected_close"
            if metric in CLOSED or {"won", "lost", "closed"} & set(self.head.states):
                return "closed_at"
            cue = next((c.concept for c in self.head.cues if c.concept in TIMES["deal"]), "created")
            return TIMES["deal"][cue]
        times = TIMES.get(self.entity, {})
        cue = next((c.concept for c in self.head.cues if c.concept in times), "")
        return times.get(cue, "created_at")

    def _group_order(self, measure: Measure, groups: list[Group]) -> tuple[tuple[Order, ...], int]:
        if not groups:
            return (), 50
        sup = self._sup("most", "count_most", "least", "count_least", "longest", "shortest")
        if sup is not None or self.parse.limit:
            descending = sup is None or sup.concept in ("most", "count_most", "longest")
            limit = self.parse.limit or (50 if self._wants_several(sup) else 1)
            return (Order(by=measure.name, descending=descending),), limit
        if groups[0].granularity:
            return (Order(by=groups[0].field),), 50
        if groups[0].field == "stage":
            return (), 50
        return (Order(by=measure.name, descending=True),), 50

    def _wants_several(self, sup: Superlative | None) -> bool:
        return self.head.item is not None and sup is not None and sup.concept == "most" and self._plural(self.head.item)
