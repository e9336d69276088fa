"""From what was asked to a plan: rows or measures, of which records, in which order, showing what.

A draft says how much of the question its plan accounts for. It also says what stands in the way: names that mean
several, times that fit several dates, things no plan can say. The router decides what to make of that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, Cue, conjunction
from chatbot.assistant.understanding.concepts import (
    FIELDS,
    GROUPS,
    METRICS,
    PEOPLE,
    SHOWN_AS,
    STATE_FIELDS,
    STATES,
    SUPERLATIVES,
    TIMES,
    cmp,
)
from chatbot.assistant.understanding.periods import Period
from chatbot.assistant.understanding.reading import Item
from chatbot.assistant.understanding.sentence import TOUCH, Named, Parse, Superlative, is_plural
from shared.query.plan import Cmp, Group, Measure, Node, Order, Plan, Related

_MOST_SHOWN = 10
_GROUPABLE = frozenset(
    ("stage", "state", "owner", "assignee", "author", "company", "contact", "industry", "city", "country", "region",
     "source", "lifecycle", "priority", "lost_reason", "pipeline", "currency", "title", "language", "kind")
)  # fmt: skip
_COUNT = Measure(metric="count")
#: Metrics of deals by the date a time is about.
_CLOSED = frozenset(("won_amount", "lost_amount", "win_rate", "average_cycle_days"))
_AHEAD = frozenset(("open_pipeline", "weighted_pipeline"))
_TIMELESS = frozenset(("average_stale_days",))


@dataclass(slots=True)
class Draft:
    """A plan and what is wrong with it. `about` are the records named."""

    plan: Plan | None = None
    about: list[RecordRef] = field(default_factory=list)
    ambiguous: list[Named] = field(default_factory=list)
    doubts: list[Period] = field(default_factory=list)
    unexplained: list[Item] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return self.plan is not None and not (self.ambiguous or self.doubts or self.unexplained or self.impossible)


def draft(parse: Parse, today: date) -> Draft:
    """The plan for a parse with a head, as far as it can be made."""
    assert parse.head is not None
    maker = _Maker(parse, parse.head, today)
    plan = maker.plan()
    return Draft(
        plan,
        about=[n.records[0] for n in parse.names if len(n.records) == 1 and n.type != "user"],
        ambiguous=list(parse.ambiguous),
        doubts=maker.doubts,
        unexplained=parse.unexplained(),
        impossible=parse.impossible + maker.impossible,
    )


def _is_groupable(entity: str, concept: str) -> bool:
    return concept in _GROUPABLE and (entity in FIELDS.get(concept, {}) or (entity, concept) in GROUPS)


class _Maker:
    def __init__(self, parse: Parse, head: Clause, today: date) -> None:
        self.parse, self.head, self.today = parse, head, today
        self.entity = head.entity
        self.impossible: list[str] = []
        self.doubts: list[Period] = []
        self.state_field: str | None = None

    # ---------------------------------------------------------------------------------------------------------- plans

    def plan(self) -> Plan | None:
        self._contact_that_is_none()
        if self.entity == "user" and self._sup("most") is not None and self.parse.metric is None:
            return self._metric_plan("won_amount")
        if self.parse.metric == "open_pipeline" and "weighted" in self.parse.aggregates:
            self.parse.metric = "weighted_pipeline"
        if self._is_a_deals_cycle():
            return self._rows()
        if self.parse.metric is not None:
            return self._metric_plan(self.parse.metric)
        self._customers_of_a_place()
        self._people_employed()
        if self._is_length_of_deals():
            return self._measured(
                [Measure(metric="average_cycle_days")], self.parse.groups, metric="average_cycle_days"
            )
        self._say_what_is_meant()
        for way in (self._people_of_it, self._last_touch_of_one):
            if (plan := way()) is not None:
                return plan
        self._from_meetings()
        counted = self._most_related()
        if counted is not None:
            return counted
        self._group_by_what_is_asked()
        if self._is_by_person() and "promise" in self.parse.specials:
            return self._measured([_COUNT], ["promised_by"])
        if self._is_by_person():
            return self._measured([_COUNT], ["owner"])
        if self.parse.groups or self.parse.units:
            return self._measured([self._measure() or _COUNT], self.parse.groups)
        measure = self._measure()
        if measure is not None:
            return self._measured([measure], [])
        return self._rows()

    def _contact_that_is_none(self) -> None:
        """“companies without a contact in the last month”: nobody spoke with them."""
        for child in [c for c in self.head.children if c.entity == "contact" and c.absent and c.whens and not c.cues]:
            self.head.children.remove(child)
            self.head.cues.append(Cue(child.whens[0].at - 1, "contact", negated=True))
            self.head.whens += child.whens

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
        is_average = "avg" in parse.aggregates and parse.has("how_long") and self.entity == "deal"
        if not is_average or {"in_stage", "stage", "stale", "age"} & set(parse.asked) or "open" in self.head.states:
            return False
        self.head.cues = [c for c in self.head.cues if c.concept not in ("closing", "closed", "won")]
        self.head.states.append("closed")
        return True

    def _people_of_it(self) -> Plan | None:
        """“who took part in this meeting”, “who is involved in the Tidewater deal”: its contacts."""
        relation = concepts.RELATIONS["contact"].get(self.entity)
        is_who = self.parse.has("who") and "attend" in self.parse.specials
        if not is_who or self.entity not in ("meeting", "deal", "company") or relation is None:
            return None
        return Plan(from_="contact", where=Related(relation=relation, where=self._where()))

    def _last_touch_of_one(self) -> Plan | None:
        """“when did we last talk to this company”: of one record it is a field."""
        cue = next((c for c in self.head.cues if c.concept in TOUCH), None)
        if cue is None or not self._is_one() or not self.parse.has("when", "how_long") or self.head.whens:
            return None
        is_met = cue.concept == "met"
        field = {"deal": "last_meeting_at" if is_met else "last_activity_at"}.get(
            self.entity, "last_meeting_at" if is_met else "last_contact_at"
        )
        self.head.cues = [c for c in self.head.cues if c is not cue]
        return Plan(from_=self.entity, where=self._where(), fields=(field,))

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
        if "fragment" in self.parse.specials:
            return
        if self._is_one() and head.states and not self.parse.has("list", "which", "how_many"):
            self._ask_for_state()
            return
        if {"open", "won", "lost", "closed", "done", "overdue", "stale"} & set(head.states) or head.absent:
            return
        if head.entity == "deal" and self.parse.superlatives and self._says("opportunit", "opp", "chance"):
            head.add(concepts.STATES["open"]["deal"])
            head.states.append("open")
            return
        past = any(when.period.is_past(self.today) for when in head.whens)
        is_done = any(cue.concept in ("done", "created") for cue in head.cues)
        if head.entity == "task" and not past and not is_done and (head.is_said("due") or self.parse.is_mine):
            head.add(concepts.STATES["open"]["task"])
        if head.entity == "deal" and head.is_said("closing") and not past:
            head.add(concepts.STATES["open"]["deal"])

    def _says(self, *beginnings: str) -> bool:
        """Whether the noun asked for begins so."""
        item = self.head.item
        return item is not None and self.parse.reading.words_of(item).lower().startswith(beginnings)

    def _people_employed(self) -> None:
        """“how many people do our Dutch accounts employ”: their staff, not whom we know there."""
        words = {token.word for token in self.parse.reading.text.tokens}
        company = next((child for child in self.head.children if child.entity == "company"), None)
        is_staff = self.entity == "contact" and self.parse.has("how_many") and words & {"employ", "beschaftigen"}
        if not is_staff or company is None or self.head.nodes or len(self.head.children) > 1 or company.absent:
            return
        company.parent, self.head, self.entity = None, company, "company"
        self.parse.asked.append("employees")

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

    def _is_one(self) -> bool:
        return any(isinstance(n, Cmp) and n.field == "id" and n.op == "eq" for n in self.head.nodes)

    def _ask_for_state(self) -> None:
        """“is Jane a customer”, “when was the Borealis deal won”: of one record the state is asked, not demanded."""
        known = [STATES[state][self.entity] for state in self.head.states if self.entity in STATES[state]]
        fields = STATE_FIELDS.get(self.entity, {})
        self.head.nodes = [n for n in self.head.nodes if n not in known]
        concept = next((s for s in self.head.states if s in fields), None)
        if concept is not None and self.parse.has("is") and not self.parse.has("when", "how_much", "who", "how_long"):
            self.state_field = fields[concept]

    def _group_by_what_is_asked(self) -> None:
        """“which stage has the most deals”, “the most common reason”: the field asked for is the group."""
        parse = self.parse
        if self._is_spread():
            parse.groups += [c for c in parse.asked if _is_groupable(self.entity, c)]
            parse.asked = [c for c in parse.asked if c not in parse.groups]
        commonest = self._sup("commonest")
        asked = next((c for c in parse.asked if _is_groupable(self.entity, c)), None)
        if commonest is not None and commonest.of_field is None and asked is not None:
            parse.asked.remove(asked)
            commonest.of_field = asked
        if commonest is not None and self.entity == "insight" and commonest.of_field is None:
            parse.groups.append("text")
            parse.superlatives = [Superlative("count_most", commonest.item)]
            return
        if commonest is not None and commonest.of_field:
            parse.groups.append(commonest.of_field)
            parse.superlatives = [Superlative("count_most", commonest.item)]
            return
        sup = self._sup("count_most", "count_least", "most", "least")
        if sup is not None and parse.has("where") and (place := self._place_asked()) is not None:
            parse.groups.append(place)
            return
        if sup is None or not parse.has("which", "what") or not (parse.asked or parse.units):
            return
        groupable = [c for c in parse.asked if _is_groupable(self.entity, c)]
        if sup.of_field and not parse.units and not groupable:
            return
        item = self.head.item
        if sup.concept in ("most", "least") and not sup.of_field and item is not None and not self._plural(item):
            return  # “which owner is responsible for the largest deal”: of one deal
        if sup.of_field in ("amount", "weighted"):
            parse.aggregates.setdefault("sum", sup.item)
        for concept in groupable[:1]:
            parse.asked.remove(concept)
            parse.groups.append(concept)

    def _place_asked(self) -> str | None:
        """“in which country do we have the most contacts”."""
        words = {token.word for token in self.parse.reading.text.tokens}
        place = "country" if words & {"country", "land"} else "city" if words & {"city", "stadt"} else None
        return place if place is not None and _is_groupable(self.entity, place) else None

    def _is_spread(self) -> bool:
        """“wie verteilen sich die Firmen auf die Länder”."""
        reading = self.parse.reading
        return any(
            item.has("group") and reading.words_of(item).lower().startswith(("verteil", "distribut", "spread", "split"))
            for item in reading.items
        )

    def _where(self) -> Node | None:
        where = self.head.condition(self.today)
        self._collect(self.head)
        return where

    def _collect(self, clause: Clause) -> None:
        self.doubts += clause.doubts
        self.impossible += ["a time of " + clause.entity for _ in clause.lost]
        for child in clause.children:
            self._collect(child)

    # -------------------------------------------------------------------------------------------------------- metrics

    def _metric_plan(self, name: str) -> Plan | None:
        entity, metric, node = METRICS[name]
        head = self.head
        groups = list(self.parse.groups)
        if self._sup("most", "least") is not None:
            groups += [c for c in self.parse.asked if _is_groupable(entity, c) and c not in groups][:1]
            self.parse.asked = [c for c in self.parse.asked if c not in groups]
        if head.entity == "contact" and "customer" in head.states:
            head.entity, head.nodes = "company", []  # whoever buys is a company
        if head.entity in ("company", "user") and entity == "deal":
            groups.insert(0, "company" if head.entity == "company" else "owner")
            head = self._deals_of(head)
        elif head.entity != entity:
            self.impossible.append(name)
            return None
        if any(child.entity == "insight" for child in head.children):
            self.impossible.append("metric of insights")
        self.head, self.entity = head, entity
        if (self.parse.has("who") or "by_person" in self.parse.specials) and not groups:
            groups.append("owner")
        if name in _CLOSED and not head.states:
            head.states.append("closed")
        elif name in _AHEAD:
            head.states.append("open")
        if node is not None:
            head.add(node)
        if self.parse.has("how_many") and name == "open_pipeline":
            return self._measured([_COUNT], groups)
        return self._measured([Measure(metric=metric)], groups, metric=name)

    def _deals_of(self, head: Clause) -> Clause:
        """The deals of the companies, or people, a metric is asked of."""
        deals = Clause("deal", head.item)
        if head.entity == "company" and (head.nodes or head.children):
            deals.children.append(head)
            head.parent = deals
        deals.whens, head.whens = head.whens, []
        deals.cues, head.cues = head.cues, []
        return deals

    # ------------------------------------------------------------------------------------------------------- measured

    def _measure(self) -> Measure | None:
        """What a question with "how many", "total", "average" measures; None where it wants rows."""
        parse, deal = self.parse, self.entity == "deal"
        asked = [FIELDS[c][self.entity] for c in parse.asked if self.entity in FIELDS.get(c, {})]
        number = next((name for name in asked if name in concepts.NUMERIC), None)
        if parse.has("how_many") and number == "employees" and self._is_many() and "avg" not in parse.aggregates:
            return self._aggregate("sum", number)
        if parse.has("how_many") and not parse.aggregates.keys() & {"avg", "sum"}:
            return _COUNT
        if "weighted" in parse.aggregates and deal:
            return Measure(metric="weighted_pipeline")
        if deal and self._is_total_of_amounts(number):
            return self._aggregate("sum", number)
        for kind in ("avg", "sum", "max", "min", "total"):
            if kind in parse.aggregates:
                return self._aggregate(kind, number)
        is_many = self._is_many()
        if parse.has("how_much", "worth") and deal and is_many and number in (None, "amount"):
            return self._told(Measure(metric="total_amount"), "amount")
        if number and is_many and self._asks_for_one_value() and not parse.superlatives and parse.limit is None:
            return self._aggregate("sum", number) if number in ("amount", "weighted_amount", "duration_s") else None
        return None

    def _is_total_of_amounts(self, number: str | None) -> bool:
        """“amount won per month”, “open deals at X, total?”: what is said of money is not counted."""
        parse = self.parse
        if parse.has("how_many") or parse.aggregates.keys() & {"avg", "max", "min"} or parse.superlatives:
            return False
        if number == "amount" and (parse.groups or parse.units):
            return True
        return "total" in parse.aggregates and not (number or parse.has("list", "which", "who"))

    def _is_many(self) -> bool:
        """Whether the head is several records: not one by name, and a plural or nothing said."""
        if self._is_one():
            return False
        item = self.head.item
        return item is None or self._plural(item)

    def _asks_for_one_value(self) -> bool:
        words = [self.parse.reading.words_of(i).lower() for i in self.parse.reading.items if i.has("field", "amount")]
        of = any(f"{word} of" in self.parse.reading.text.written.lower() for word in words)
        if not (of or self.parse.has("what", "how_much", "worth")):
            return False
        plural = any(word.endswith(("amounts", "values", "sizes", "werte", "betrage", "beträge")) for word in words)
        return not plural and not self.parse.has("list", "which")

    def _plural(self, item: Item) -> bool:
        return is_plural(self.parse.reading.words_of(item), self.parse.reading.language)

    def _aggregate(self, kind: str, number: str | None) -> Measure | None:
        if kind == "total":
            is_amount = self.parse.has("how_much", "worth") or "fragment" in self.parse.specials
            if number is None and not is_amount:
                return _COUNT
            kind = "sum"
        name = number or {"deal": "amount", "meeting": "duration_s", "company": "employees"}.get(self.entity)
        if name is None:
            return _COUNT if kind == "sum" else None
        for concept in [c for c in self.parse.asked if FIELDS.get(c, {}).get(self.entity) == name]:
            self.parse.asked.remove(concept)
        if kind == "sum" and name == "amount":
            return Measure(metric="total_amount")
        if kind == "sum" and name == "duration_s":
            return Measure(metric="total_duration_s")
        return Measure(aggregate=kind, field=name)

    def _told(self, measure: Measure, concept: str | None) -> Measure:
        if concept in self.parse.asked:
            self.parse.asked.remove(concept)
        return measure

    def _measured(self, measures: list[Measure], groups: list[str], *, metric: str | None = None) -> Plan | None:
        made = [g for g in (self._group(concept, metric) for concept in groups) if g is not None]
        made += [self._time_group(unit, metric) for unit in self.parse.units]
        self.impossible += [
            f"{c} beside a number" for c in self.parse.asked if c not in ("amount", "currency", "state")
        ]
        if self._sup("count_most", "count_least") is not None:  # “no reason” is none
            for group in [g for g in made if g.field in ("lost_reason", "promised_by", "source")]:
                self.head.add(cmp(group.field, "is", "set"))
        q = self._topic()
        where = self._where()
        if metric in _TIMELESS and self.doubts:
            self.impossible.append("time of " + str(metric))
        order, limit = self._group_order(measures[0], made)
        return Plan(
            from_=self.entity, where=where, group=tuple(made[:2]), measures=tuple(measures), order=order, limit=limit,
            q=q,
        )  # fmt: skip

    def _group(self, concept: str, metric: str | None) -> Group | None:
        name = GROUPS.get((self.entity, concept)) or FIELDS.get(concept, {}).get(self.entity)
        if name is None:
            self.impossible.append(f"group by {concept}")
            return None
        if name in concepts.DATED:
            return Group(field=name, granularity="month")
        return Group(field=name)

    def _time_group(self, unit: str, metric: str | None) -> Group:
        name = self._grouped_date(metric)
        return Group(field=name, granularity=unit)

    def _grouped_date(self, metric: str | None) -> str:
        if self.entity == "deal":
            if metric in _AHEAD or "open" in self.head.states or self.head.is_said("closing"):
                return "expected_close"
            if metric in _CLOSED or {"won", "lost", "closed"} & set(self.head.states):
                return "closed_at"
            cue = next((c.concept for c in self.head.cues if c.concept in TIMES["deal"]), "created")
            return TIMES["deal"][cue]
        times = TIMES.get(self.entity, {})
        cue = next((c.concept for c in self.head.cues if c.concept in times), "")
        return times.get(cue, "created_at")

    def _group_order(self, measure: Measure, groups: list[Group]) -> tuple[tuple[Order, ...], int]:
        if not groups:
            return (), 50
        sup = self._sup("most", "count_most", "least", "count_least")
        if sup is not None or self.parse.limit:
            descending = sup is None or sup.concept in ("most", "count_most")
            limit = self.parse.limit or (50 if self._wants_several(sup) else 1)
            return (Order(by=measure.name, descending=descending),), limit
        if groups[0].granularity:
            return (Order(by=groups[0].field),), 50
        if groups[0].field == "stage":
            return (), 50
        return (Order(by=measure.name, descending=True),), 50

    def _wants_several(self, sup: Superlative | None) -> bool:
        return self.head.item is not None and sup is not None and sup.concept == "most" and self._plural(self.head.item)

    # --------------------------------------------------------------------------------------------------- most related

    def _sup(self, *concepts_: str) -> Superlative | None:
        return next((s for s in self.parse.superlatives if s.concept in concepts_), None)

    def _is_by_person(self) -> bool:
        """“who has overdue tasks”, “who owns the most deals”."""
        parse = self.parse
        if "by_person" in parse.specials:
            return True
        if not parse.has("who") or self.entity not in ("deal", "task", "company", "note"):
            return False
        if self._sup("count_most", "count_least") is not None:
            return True
        if "fragment" in parse.specials or "own" in parse.specials:
            return False
        return self._is_many() and parse.limit is None and not parse.superlatives and not parse.asked

    def _most_related(self) -> Plan | None:
        """“the company with the most open deals”: groups of the related records, by count."""
        measure, sup = _COUNT, self._sup("count_most", "count_least")
        if sup is None and self._is_most_worth():
            measure, sup = Measure(metric="total_amount"), self._sup("most", "least")
        if sup is None or (sup.of_field is not None and measure is _COUNT) or not self.head.children:
            return None
        child = self.head.children[-1]
        name = GROUPS.get((child.entity, self.entity))
        if name is None:
            self.impossible.append("most related")
            return None
        self.head.children.remove(child)
        rest = self.head.condition(self.today)
        self._collect(self.head)
        where = child.condition(self.today)
        self._collect(child)
        nodes = [n for n in (where, cmp(name, "is", "set")) if n is not None]
        if rest is not None:
            nodes.append(Related(relation=concepts.RELATIONS[child.entity][self.entity], where=rest))
        descending = sup.concept in ("count_most", "most")
        limit = self.parse.limit or (1 if self.head.item is None or not self._plural(self.head.item) else _MOST_SHOWN)
        return Plan(
            from_=child.entity, where=conjunction(nodes), group=(Group(field=name),), measures=(measure,),
            order=(Order(by=measure.name, descending=descending),), limit=limit,
        )  # fmt: skip

    def _is_most_worth(self) -> bool:
        """“the company with the largest total of won deals”."""
        sup = self._sup("most", "least")
        children = self.head.children
        if sup is None or not children or children[-1].entity != "deal" or self.entity != "company":
            return False
        return sup.of_field == "amount" or bool({"sum", "total"} & self.parse.aggregates.keys())

    # ----------------------------------------------------------------------------------------------------------- rows

    def _rows(self) -> Plan:
        order, limit = self._order()
        fields = self._fields()
        q = self._topic()
        where = self._where()
        return Plan(from_=self.entity, where=where, fields=fields, order=order, limit=limit, q=q)

    def _topic(self) -> str:
        if not self.parse.topic or self.entity not in ("note", "task", "meeting", "deal", "insight"):
            return ""
        self.parse.used |= set(self.parse.topic)
        items = self.parse.reading.items
        words = " ".join(self.parse.reading.words_of(items[i]) for i in self.parse.topic)
        if self.entity == "insight":
            self.head.add(cmp("text", "contains", words))
            return ""
        return words

    def _fields(self) -> tuple[str, ...]:
        names: dict[str, None] = {self.state_field: None} if self.state_field else {}
        for concept in self.parse.asked:
            shown = SHOWN_AS.get((self.entity, concept))
            name = FIELDS.get(concept, {}).get(self.entity)
            if shown:
                names.update(dict.fromkeys(shown))
            elif name:
                names[name] = None
            else:
                self.impossible.append(f"{concept} of {self.entity}")
        names.update(dict.fromkeys(self._asked_by_word()))
        return tuple(names)[:12]

    def _asked_by_word(self) -> list[str]:
        """The field a question word asks for: when, who, where, how long, how much."""
        parse, times = self.parse, TIMES.get(self.entity, {})
        wanted: list[str] = []
        if parse.has("when"):
            cue = next((c.concept for c in self.head.cues if c.concept in times), "")
            default = {"deal": "expected_close"}.get(self.entity, "")
            wanted.append(times.get(cue) or default)
        if parse.has("who") and self.entity in PEOPLE and (self.entity != "contact" or "own" in parse.specials):
            wanted.append(FIELDS["owner"][self.entity])
        if parse.has("where") and self.entity == "company":
            wanted += ["city", "country"]
        if parse.has("how_much", "worth") and self.entity == "deal":
            wanted.append("amount")
        if parse.has("how_long"):
            in_stage = [n for n in self.head.nodes if isinstance(n, Cmp) and n.field == "stage"]
            if in_stage and self._is_one():
                self.head.nodes = [n for n in self.head.nodes if n not in in_stage]
                parse.asked.append("in_stage")
            wanted.append(
                {
                    "meeting": "duration_s",
                    "deal": self._length_of_deal(),
                    "company": "created_at",
                    "contact": "created_at",
                }.get(self.entity, "")
            )
        return [name for name in wanted if name]

    def _length_of_deal(self) -> str:
        if {"won", "lost", "closed"} & {c.concept for c in self.head.cues}:
            return "cycle_days"
        if any(c in self.parse.asked for c in ("stage", "in_stage")) or self.head.is_said("moved"):
            return "days_in_stage"
        return "age_days"

    def _order(self) -> tuple[tuple[Order, ...], int]:
        parse = self.parse
        if parse.orders:
            limit = parse.limit or (50 if not parse.superlatives else self._shown_of(parse.superlatives[0]))
            return tuple(self._order_by(concept) for concept in parse.orders if self._can_order(concept)), limit
        if parse.superlatives:
            return self._superlative(parse.superlatives[0])
        if self._is_new():
            return (Order(by=SUPERLATIVES["newest"][self.entity][0], descending=True),), parse.limit or _MOST_SHOWN
        if parse.limit is not None:
            default = SUPERLATIVES["newest"].get(self.entity)
            return ((Order(by=default[0], descending=True),) if default else ()), parse.limit
        return (), 50

    def _is_new(self) -> bool:
        """“new contacts” without a time: the latest ones."""
        return "new" in self.parse.specials and not self.head.whens and self.entity in SUPERLATIVES["newest"]

    def _can_order(self, concept: str) -> bool:
        if self.entity in FIELDS.get(concept, {}):
            return True
        self.impossible.append(f"order by {concept}")
        return False

    def _order_by(self, concept: str) -> Order:
        name = FIELDS[concept][self.entity]
        descending = name in concepts.NUMERIC or name in ("created_at", "updated_at", "occurred_at", "closed_at")
        if self.parse.superlatives:
            descending = self.parse.superlatives[0].concept in ("most", "newest", "longest", "likeliest", "count_most")
        if self.parse.direction:
            descending = self.parse.direction == "desc"
        return Order(by=name, descending=descending)

    def _superlative(self, sup: Superlative) -> tuple[tuple[Order, ...], int]:
        name, descending = self._superlative_field(sup)
        if name is None:
            self.impossible.append(f"{sup.concept} {self.entity}")
            return (), 50
        if sup.concept == "soonest":
            self._only_ahead(name)
        elif name in ("expected_close", "closed_at", "due_date", "amount", "employees", "duration_s"):
            self.head.add(cmp(name, "is", "set"))
        return (Order(by=name, descending=descending),), self.parse.limit or self._shown_of(sup)

    def _shown_of(self, sup: Superlative) -> int:
        """“the biggest deal” is one, “the biggest deals” are some; “the lowest amount of open deals” is one."""
        item = self.head.item
        if sup.of_field and item is not None and item.first > self.parse.reading.items[sup.item].first:
            return 1
        return _MOST_SHOWN if self.head.item is not None and self._plural(self.head.item) else 1

    def _superlative_field(self, sup: Superlative) -> tuple[str | None, bool]:
        in_stage = {"in_stage", "stage"} & set(self.parse.asked)
        if sup.concept in ("longest", "shortest") and self.entity == "deal" and in_stage:
            self.parse.asked = [c for c in self.parse.asked if c not in in_stage]
            return "days_in_stage", sup.concept == "longest"
        more = sup.concept in ("most", "count_most", "newest", "longest", "likeliest")
        if sup.of_field is not None:
            if sup.of_field in self.parse.asked:
                self.parse.asked.remove(sup.of_field)
            return FIELDS.get(sup.of_field, {}).get(self.entity), more
        if sup.concept in ("newest", "oldest"):
            cue = next((c for c in self.head.cues if c.concept in TIMES.get(self.entity, {}) and not c.is_used), None)
            if cue is not None and not self.head.whens:
                return TIMES[self.entity][cue.concept], more
        found = SUPERLATIVES.get(sup.concept, {}).get(self.entity)
        return found if found is not None else (None, True)

    def _only_ahead(self, name: str) -> None:
        self.head.add(cmp(name, "gte", "today"))
        node = concepts.STATES["open"].get(self.entity)
        if node is not None and not self.head.states:
            self.head.add(node)
