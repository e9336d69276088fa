"""Items to a description of what is asked: clauses with their conditions, and what is wanted of them.

Read left to right. Words before a noun describe it (“Anna's open deals”); words behind describe the nearest record type
that can take them (“deals of companies in Berlin” – deals have no city). Nothing is matched by the shape of a sentence,
so a question in other words, or in another order, comes to the same description.

What could not be placed stays out of `used`: the plan's maker counts it, and distrusts the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, Cue, When
from chatbot.assistant.understanding.concepts import FIELDS, PEOPLE, REFERENCES, RELATIONS, STATES, cmp
from chatbot.assistant.understanding.names import Mention
from chatbot.assistant.understanding.quantities import IN_DAYS, Quantity, plain
from chatbot.assistant.understanding.reading import Item, Reading
from chatbot.assistant.understanding.values import Value, country_of
from shared.query.plan import Node, Related

_SILENT_KINDS = frozenset(("stop", "link"))
#: Verbs that ask for, or describe, people we dealt with.
TOUCH = frozenset(("met", "contact", "activity"))


@dataclass(slots=True)
class Superlative:
    """“biggest”, “last 3”: by a concept's own field, or the field that was named."""

    concept: str
    item: int
    of_field: str | None = None
    of_noun: Clause | None = None


@dataclass(slots=True)
class Named:
    """A name as it was used: who may be meant, of which type."""

    item: int
    mention: Mention
    type: str
    records: list[RecordRef]


@dataclass(slots=True)
class Parse:
    """What was asked. `used` are the items accounted for; indexes are of `reading.items`."""

    reading: Reading
    page: RecordRef | None
    head: Clause | None = None
    clauses: list[Clause] = field(default_factory=list)
    asks: dict[str, int] = field(default_factory=dict)
    aggregates: dict[str, int] = field(default_factory=dict)
    metric: str | None = None
    superlatives: list[Superlative] = field(default_factory=list)
    limit: int | None = None
    groups: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    direction: str | None = None
    asked: list[str] = field(default_factory=list)
    nulls: list[tuple[str, bool]] = field(default_factory=list)
    names: list[Named] = field(default_factory=list)
    loose: list[int] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    whens: list[When] = field(default_factory=list)
    states: list[tuple[str, bool]] = field(default_factory=list)
    deictic: set[str] = field(default_factory=set)
    is_mine: bool = False
    says_we: bool = False
    texts: list[int] = field(default_factory=list)
    specials: set[str] = field(default_factory=set)
    topic: list[int] = field(default_factory=list)
    ambiguous: list[Named] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def has(self, *asks: str) -> bool:
        return any(ask in self.asks for ask in asks)

    def unexplained(self) -> list[Item]:
        """Items with meaning that nothing accounts for."""
        return [
            item
            for i, item in enumerate(self.reading.items)
            if i not in self.used and item.kind != "break" and not is_silent(item)
        ]


def is_silent(item: Item) -> bool:
    return item.kind == "break" or (item.kind == "word" and any(s.kind in _SILENT_KINDS for s in item.senses))


def parse(reading: Reading, page: RecordRef | None = None, *, of: str | None = None) -> Parse:
    """What the items ask for; `of`: they go on about records of a type that need not be named again."""
    parser = _Parser(reading, page)
    if of is not None:
        parser.go_on(of)
    parser.run()
    return parser.parse


class _Parser:
    def __init__(self, reading: Reading, page: RecordRef | None) -> None:
        self.reading, self.items = reading, reading.items
        self.words = [reading.text.slice(i.first, i.last).lower() for i in reading.items]
        self.parse = Parse(reading, page)
        self.current: Clause | None = None
        self.pending: list[tuple[int, bool]] = []
        self.negation: int | None = None
        self.comparison: tuple[str, int] | None = None
        self.field_before: tuple[str, int] | None = None
        self.number_before: int | None = None
        self.taken: set[int] = set()

    def go_on(self, entity: str) -> None:
        self.parse.head = self.current = Clause(entity)
        self.parse.clauses.append(self.parse.head)
        self.parse.specials.add("fragment")

    def run(self) -> None:
        for i, item in enumerate(self.items):
            if i in self.taken:
                continue
            handler = getattr(self, f"_on_{item.kind}", None)
            if handler is not None:
                handler(i, item)
        self._imply_head()
        self._settle_loose()

    # ---------------------------------------------------------------------------------------------------- the neighbours

    def _next(self, i: int) -> int | None:
        """The next item that means something."""
        return next((j for j in range(i + 1, len(self.items)) if not is_silent(self.items[j])), None)

    def _previous(self, i: int) -> int | None:
        return next((j for j in range(i - 1, -1, -1) if not is_silent(self.items[j])), None)

    def _before(self, i: int) -> Item | None:
        return self.items[i - 1] if i else None

    def _noun_ahead(self, i: int) -> bool:
        """Whether a noun follows with nothing but descriptions of it between."""
        for j in range(i + 1, len(self.items)):
            item = self.items[j]
            if item.has("noun") and self._noun_or_field(j) == "noun":
                return True
            if item.kind == "break" and self.reading.text.slice(item.first, item.last) in (",", "'s", "’s", "'", "’"):
                continue
            if item.has("state") or item.kind in ("number", "value") or item.has("me") or item.has("sup"):
                continue
            if item.has("link", "of") and self.words[j] in ("'s", "’s"):
                continue
            if item.has("verb", "created") and self._is_adjective(j):
                continue
            if item.kind == "word" and item.has("stop") and not item.has("ask") and not item.has("verb"):
                continue
            return False
        return False

    def _is_adjective(self, i: int) -> bool:
        return self.words[i] in ("new", "neue", "neuen", "neuer", "neues", "newly created", "newly added", "brand new")

    def _take_negation(self, *also: int) -> bool:
        """Whether what comes now is negated; each negation is used once."""
        if self.negation is None:
            return False
        self.parse.used.add(self.negation)
        self.negation = None
        return True

    # ----------------------------------------------------------------------------------------------------------- by kind

    def _on_break(self, i: int, item: Item) -> None:
        if self.words[i] in (".", ";", "!", "?"):
            self.negation = None

    def _on_word(self, i: int, item: Item) -> None:
        kind, value = self._meaning(i, item)
        if kind is not None:
            getattr(self, f"_{kind}")(i, value)

    def _on_currency(self, i: int, item: Item) -> None:
        clause = self._accepting("deal") or self.current
        if clause is not None and clause.entity == "deal":
            clause.add(cmp("currency", "eq", item.data))
            self.parse.used.add(i)
        else:
            self.parse.loose.append(i)

    def _on_unknown(self, i: int, item: Item) -> None:
        """A word nobody knows may be what a text field is asked to hold, or a place where nobody is."""
        if self.parse.topic and i in self.parse.topic:
            return
        if self._is_place(i, item) and self._attach_place(i):
            self.parse.used.add(i)
            return
        if self.field_before and self._contains(self.field_before[0], i):
            self.parse.used |= {i, self.field_before[1]}

    def _is_place(self, i: int, item: Item) -> bool:
        """“in Berlin”, where no record has a Berlin: with a capital, or a country's name."""
        token = self.reading.text.tokens[item.first]
        before = self._before(i)
        if token.kind != "word" or before is None or not before.has("link", "in", "from"):
            return False
        return (token.is_capital and not self.reading.text.is_shouted) or country_of(token.word) is not None

    def _attach_place(self, i: int) -> bool:
        word = self.reading.text.tokens[self.items[i].first]
        field = "country" if country_of(word.word) else "city"
        value = Value(self.items[i].first, self.items[i].last, "company", field, (word.text,))
        negated = self._take_negation()
        for clause in self._reachable():
            if self._give_values(clause, (value,), negated) or self._give_value_through(clause, (value,), negated):
                return True
        return False

    def _contains(self, concept: str, i: int) -> bool:
        for clause in self._reachable():
            name = FIELDS.get(concept, {}).get(clause.entity)
            if name in (
                "title",
                "lost_reason",
                "industry",
                "source",
                "city",
                "country",
                "name",
                "promised_by",
                "domain",
            ):
                clause.add(cmp(name, "contains", self.reading.text.slice(self.items[i].first, self.items[i].last)))
                if concept in self.parse.asked:
                    self.parse.asked.remove(concept)
                return True
        return False

    def _on_time(self, i: int, item: Item) -> None:
        self.number_before = None
        if self._noun_ahead(i):
            self.pending.append((i, False))
        else:
            self._attach(i, False)

    def _on_value(self, i: int, item: Item) -> None:
        negated = self._take_negation()
        if self.field_before is not None and self._is_of_field(item, self.field_before[0]):
            self._use_field_of_value()
        if self._noun_ahead(i):
            self.pending.append((i, negated))
        else:
            self._attach(i, negated)

    @staticmethod
    def _is_of_field(item: Item, concept: str) -> bool:
        """Whether a value is one of the field's: “industry Retail”, “Discovery stage”."""
        return any(FIELDS.get(concept, {}).get(v.entity) == v.field for v in item.data)

    def _use_field_of_value(self) -> None:
        """“industry is Retail”: the field is named by its value."""
        assert self.field_before is not None
        concept, at = self.field_before
        self.parse.used.add(at)
        if concept in self.parse.asked:
            self.parse.asked.remove(concept)
        self.field_before = None

    def _on_name(self, i: int, item: Item) -> None:
        negated = self._take_negation()
        if self._noun_ahead(i):
            self.pending.append((i, negated))
        else:
            self._attach(i, negated)

    # ---------------------------------------------------------------------------------------------------------- numbers

    def _on_number(self, i: int, item: Item) -> None:
        quantity: Quantity = item.data
        following = self._next(i)
        if following is not None and self.items[following].has("cmp", "ormore", "orless") and self.comparison is None:
            self.comparison = ("gte" if self.items[following].has("cmp", "ormore") else "lte", following)
        if self.comparison is None:
            self._bare_number(i, quantity)
            return
        op, at = self.comparison
        if op == "between":
            self._between(i, at)
            return
        self.comparison = None
        if self._is_countable(i, quantity):
            self.pending.append((i, False))
            self.parse.used |= {at}
            self._count_condition = (op, quantity)
            return
        if self._compare(op, quantity):
            self.parse.used |= {i, at}
        self.field_before = None

    _count_condition: tuple[str, Quantity] | None = None
    _lower: tuple[int, Quantity] | None = None

    def _between(self, i: int, at: int) -> None:
        if self._lower is None:
            self._lower = (i, self.items[i].data)
            return
        first, lower = self._lower
        upper: Quantity = self.items[i].data
        if not lower.is_scaled and upper.is_scaled and lower.value < 1000:  # "between 20 and 50k"
            lower = Quantity(lower.value * _scale_of(upper.value), upper.unit, upper.is_money, True)
        unit = upper if upper.unit else lower
        lower = Quantity(lower.value, unit.unit, unit.is_money, lower.is_scaled)
        upper = Quantity(upper.value, unit.unit, unit.is_money, upper.is_scaled)
        if self._compare("gte", lower) and self._compare("lte", upper):
            self.parse.used |= {first, i, at}
        self._lower, self.comparison, self.field_before = None, None, None

    def _is_countable(self, i: int, quantity: Quantity) -> bool:
        """“more than 3 open deals”, said of companies: a number of related records."""
        is_count = not quantity.unit and not quantity.is_scaled and quantity.value < 1000
        return is_count and self.parse.head is not None and self._noun_ahead(i)

    def _bare_number(self, i: int, quantity: Quantity) -> None:
        if self.field_before is not None and self._compare("eq", quantity):
            self.parse.used.add(i)
            self.field_before = None
            return
        if not quantity.unit and not quantity.is_scaled and 0 < quantity.value <= 200 and quantity.value % 1 == 0:
            self.number_before = i
            if self._is_limit(i):
                self.parse.limit = int(quantity.value)
                self.parse.used.add(i)
                return
        self.pending_number = i

    pending_number: int | None = None

    def _is_limit(self, i: int) -> bool:
        previous, following = self._previous(i), self._next(i)
        near = [self.items[j] for j in (previous, following) if j is not None]
        return any(item.has("sup") for item in near) or (self._noun_ahead(i) and self.parse.head is None)

    def _compare(self, op: str, quantity: Quantity) -> bool:
        """Put a comparison where its unit, or the field named before it, says."""
        for clause in self._reachable():
            name = self._field_of_quantity(clause, quantity)
            if name is None:
                continue
            value = quantity.value * _FACTORS.get((name, quantity.unit), Decimal(1))
            clause.add(cmp(name, op, plain(value)))
            if quantity.is_money:
                clause.add(cmp("currency", "eq", quantity.unit))
            self._forget_field(name)
            return True
        return False

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
            if named in concepts.NUMERIC:
                return named
        if quantity.unit == "percent":
            return "probability" if entity == "deal" else None
        if quantity.unit == "people":
            return "employees" if entity == "company" else None
        if quantity.unit in ("minutes", "hours"):
            return "duration_s" if entity == "meeting" else None
        if quantity.unit in IN_DAYS:
            return "age_days" if entity == "deal" else None
        if quantity.is_money or quantity.is_scaled or entity == "deal":
            return "amount" if entity == "deal" else None
        return "employees" if entity == "company" and not quantity.unit else None

    # ------------------------------------------------------------------------------------------------------- attachment

    def _reachable(self) -> Iterator[Clause]:
        """Clauses from where we are outwards, then the others, last first."""
        seen: list[Clause] = []
        clause = self.current
        while clause is not None:
            seen.append(clause)
            clause = clause.parent
        seen += [c for c in reversed(self.parse.clauses) if c not in seen]
        yield from seen

    def _accepting(self, entity: str) -> Clause | None:
        return next((c for c in self._reachable() if c.entity == entity), None)

    def _attach(self, i: int, negated: bool, clause: Clause | None = None) -> None:
        """Give a description to the nearest clause that can take it; without any it waits for one."""
        places = [clause] if clause is not None else []
        places += [c for c in self._reachable() if c is not clause]
        if not places:
            self.parse.loose.append(i)
            if negated:
                self.loose_negations.add(i)
            return
        for place in places:
            if self._give(place, i, negated):
                self.parse.used.add(i)
                return
        if self.items[i].kind == "name" and self.parse.head is not None and self.parse.head.entity == "user":
            self.parse.loose.append(i)
            return
        if self._give_related(places[0], i, negated) or self._give_related(places[-1], i, negated):
            self.parse.used.add(i)

    @property
    def loose_negations(self) -> set[int]:
        if not hasattr(self, "_loose_negations"):
            self._loose_negations: set[int] = set()
        return self._loose_negations

    def _give(self, clause: Clause, i: int, negated: bool) -> bool:
        item = self.items[i]
        if item.kind == "time":
            return self._give_time(clause, i)
        if item.kind == "value":
            return self._give_value(clause, item, negated)
        if item.kind == "name":
            return self._give_name(clause, i, negated)
        if item.kind == "number":
            return False
        if (state := item.sense("state")) is not None:
            return self._give_state(clause, i, state, negated)
        if item.has("me"):
            return self._give_person(clause, i, "me", negated)
        return False

    def _give_time(self, clause: Clause, i: int) -> bool:
        period = self.items[i].data
        if self.field_before is not None:
            name = FIELDS.get(self.field_before[0], {}).get(clause.entity)
            if name in concepts.NUMERIC and period.days is not None:
                clause.add(cmp(name, "gt" if period.bound == "before" else "gte", str(period.days)))
                if not clause.states:
                    clause.add(STATES["open"]["deal"])
                self._forget_field(name)
                return True
            if name in concepts.DATED:
                clause.cues.append(Cue(i, CUE_OF_FIELD.get(name, "")))
                self._forget_field(name)
        if clause.entity in ("pipeline", "user"):
            return False
        clause.whens.append(When(i, period))
        return True

    def _give_value(self, clause: Clause, item: Item, negated: bool) -> bool:
        return self._give_values(clause, item.data, negated)

    def _give_values(self, clause: Clause, listed: tuple[Value, ...], negated: bool) -> bool:
        own = [v for v in listed if v.entity == clause.entity]
        named = self.field_before[0] if self.field_before else None
        own = [v for v in own if FIELDS.get(named or "", {}).get(clause.entity) == v.field] or own
        if not own:
            return False
        nodes: list[Node] = [cmp(v.field, "in" if len(v.stored) > 1 else "eq", *v.stored[:200]) for v in own[:1]]
        clause.add(concepts.both(*nodes), negated=negated)
        return True

    def _give_related(self, clause: Clause, i: int, negated: bool) -> bool:
        """Through a relation: deals in Berlin are deals of a company in Berlin."""
        item = self.items[i]
        if item.kind == "value":
            return self._give_value_through(clause, item.data, negated)
        if item.kind == "name":
            return self._give_name_through(clause, i, negated)
        return False

    def _give_value_through(self, clause: Clause, listed: tuple[Value, ...], negated: bool) -> bool:
        listed = tuple(v for v in listed if v.is_whole or v.field == "industry")
        entity = next((v.entity for v in listed if v.entity in RELATIONS.get(clause.entity, {})), None)
        if entity is None:
            return False
        inner = Clause(entity)
        self._give_values(inner, listed, False)
        relation = RELATIONS[clause.entity][entity]
        clause.nodes.append(Related(relation=relation, absent=negated, where=inner.nodes[0]))
        return True

    def _give_state(self, clause: Clause, i: int, state: str, negated: bool) -> bool:
        node = STATES.get(state, {}).get(clause.entity)
        if node is None:
            return False
        clause.add(node, negated=negated)
        if not negated:
            clause.states.append(state)
        clause.cues.append(Cue(i, state))
        return True

    def _give_person(self, clause: Clause, i: int, who: str, negated: bool) -> bool:
        if clause.entity in ("company", "contact") and any(c.concept in TOUCH for c in clause.cues) and who != "me":
            clause.people.append(who)
            return True
        name = PEOPLE.get(clause.entity)
        if name is None:
            return False
        if clause.is_said("created") and not self.items[i].has("me"):
            name = "created_by_id" if clause.entity != "note" else name
        clause.add(cmp(name, "eq", who), negated=negated)
        if who == "me":
            self.parse.is_mine = True
        return True

    # ------------------------------------------------------------------------------------------------------------ names

    def _give_name(self, clause: Clause, i: int, negated: bool) -> bool:
        mention, also_values = self.items[i].data
        for type_ in self._types_for(clause, i, mention):
            records = mention.records(type_)
            if type_ == "user":
                if not self._give_person(clause, i, str(records[0].id), negated):
                    continue
            else:
                clause.add(cmp(REFERENCES[clause.entity][type_], "eq", str(records[0].id)), negated=negated)
            self._note(i, mention, type_, records)
            return True
        return False

    def _note(self, i: int, mention: Mention, type_: str, records: list[RecordRef]) -> None:
        named = Named(i, mention, type_, records)
        self.parse.names.append(named)
        if len(records) > 1:
            self.parse.ambiguous.append(named)

    def _types_for(self, clause: Clause, i: int, mention: Mention) -> list[str]:
        """Types a name may have in a clause, the likeliest first."""
        direct = [t for t in ("company", "contact", "deal", "meeting") if t in REFERENCES.get(clause.entity, {})]
        if clause.entity in ("contact", "deal", "meeting") and clause.entity in mention.by_type:
            if self._names_itself(clause, mention):
                direct = [clause.entity, *[t for t in direct if t != clause.entity]]
        found = [t for t in direct if mention.by_type.get(t)]
        found.sort(key=lambda t: not any(c.is_whole for c in mention.by_type[t]))
        if mention.by_type.get("user") and (clause.entity in PEOPLE or clause.entity == "user"):
            is_whole = any(c.is_whole for c in mention.by_type["user"])
            at = 0 if is_whole or self._is_ownership(i) or not found else len(found)
            found.insert(at, "user")
        return found

    def _names_itself(self, clause: Clause, mention: Mention) -> bool:
        """Whether a name is the record's own: people's names are; of deals only what names a single one."""
        if clause.entity == "contact":
            return True
        if mention.by_type.get("company") and (clause.entity == "meeting" or self.parse.superlatives):
            return False
        return len(mention.records(clause.entity)) == 1 and not self._is_plural(clause)

    def _is_plural(self, clause: Clause) -> bool:
        if clause.item is None:
            return "fragment" in self.parse.specials
        return is_plural(self.reading.words_of(clause.item), self.reading.language)

    def _is_ownership(self, i: int) -> bool:
        """`Anna's deals`, `owned by Anna`, `assigned to Anna`, `by Anna`."""
        following = self.items[i + 1] if i + 1 < len(self.items) else None
        if following is not None and self.words[i + 1] in ("'s", "’s", "'", "’"):
            return True
        before = self._before(i)
        if before is not None and before.has("link", "by"):
            return True
        previous = self._previous(i)
        return previous is not None and self.items[previous].has("verb", "own", "write", "created", "won", "lost")

    def _give_name_through(self, clause: Clause, i: int, negated: bool) -> bool:
        """“companies of the Tidewater deal”: the relation to the named record."""
        mention, _ = self.items[i].data
        for type_ in ("contact", "deal", "meeting", "company"):
            records = mention.records(type_)
            relation = RELATIONS.get(clause.entity, {}).get(type_)
            if records and relation:
                where = cmp("id", "eq", str(records[0].id))
                clause.nodes.append(Related(relation=relation, absent=negated, where=where))
                self._note(i, mention, type_, records)
                return True
        return False

    # ---------------------------------------------------------------------------------------------------- after the last

    def _imply_head(self) -> None:
        """What is won, lost or closing is deals, and what is due is tasks, though nobody says so."""
        parse = self.parse
        if parse.head is not None or self._has_subject() or "agenda" in parse.specials or "news" in parse.specials:
            return
        said = {cue.concept for cue in parse.cues} | {state for state, _ in parse.states}
        entity = next((entity for entity, words in _IMPLIED if said & words), None)
        if entity is None and any(s.concept == "soonest" for s in parse.superlatives) and parse.has("what", "exists"):
            entity = "task"
            parse.superlatives = []
            parse.cues.append(Cue(0, "due"))
        if entity is None and parse.aggregates and "amount" in parse.asked:
            entity = "deal"
        if entity is None and set(parse.asked) & {"close_date", "stage"} and parse.groups:
            entity = "deal"
        if entity is None:
            return
        parse.head = self.current = Clause(entity)
        parse.clauses.append(parse.head)
        for cue in parse.cues:
            if cue.concept in ("won", "lost") and entity == "deal":
                self._won_or_lost(cue.concept, cue.at, cue.negated)

    def _has_subject(self) -> bool:
        """A name that is not one of ours: then the question is about that record."""
        if self.parse.page is not None and self.parse.deictic:
            return True
        named = [self.items[i].data[0] for i in self.parse.loose if self.items[i].kind == "name"]
        return any(set(mention.by_type) - {"user"} for mention in named)

    def _settle_loose(self) -> None:
        """Descriptions that stood before any noun: now there is one, or they are the subject."""
        head = self.parse.head
        if head is not None and head.entity == "user" and "own" in self.parse.specials and self.parse.loose:
            self.parse.asks.setdefault("who", 0)
            self.parse.head = head = None
        if head is not None:
            times = concepts.TIMES.get(head.entity, {})
            early = [cue for cue in self.parse.cues if cue.concept in times or cue.concept in TOUCH]
            self.parse.cues = [cue for cue in self.parse.cues if cue not in early]
            known = {id(cue) for cue in head.cues}
            head.cues = sorted([*head.cues, *[c for c in early if id(c) not in known]], key=lambda cue: cue.at)
        for i, negated in self.pending:
            self._attach(i, negated)
        self.pending = []
        loose, self.parse.loose = self.parse.loose, []
        for i in loose:
            if self.parse.head is None:
                self.parse.loose.append(i)
            else:
                self.current = self.parse.head
                self._attach(i, i in self.loose_negations)

    # ------------------------------------------------------------------------------------------------- meanings of words

    def _meaning(self, i: int, item: Item) -> tuple[str | None, str]:
        """The part a word plays here."""
        kinds = {sense.kind for sense in item.senses}
        if "noun" in kinds and "field" in kinds:
            kind = self._noun_or_field(i)
            return kind, item.sense(kind) or ""
        for kind in _PRIORITY:
            if kind in kinds and self._fits(kind, i, item):
                return kind, item.sense(kind) or ""
        return None, ""

    def _noun_or_field(self, i: int) -> str:
        item = self.items[i]
        if not item.has("field"):
            return "noun"
        previous = self._before(i)
        significant = self._previous(i)
        if significant is not None and self.items[significant].has("group") | self.items[significant].has("order"):
            return "field"
        if previous is not None and previous.has("link", "by"):
            return "field"
        if significant is None:
            return "noun"
        before = self.items[significant]
        is_possessed = self.words[i - 1] in ("'s", "’s", "her", "his", "their", "seine", "ihre", "seiner", "ihrer")
        if is_possessed and not is_plural(self.words[i], self.reading.language):
            return "field"
        if before.has("noun") and significant == i - 1 and self.parse.head is not None:
            return "field" if item.has("field", "owner", "company") else "noun"
        return "noun"

    def _fits(self, kind: str, i: int, item: Item) -> bool:
        """Whether a meaning is possible at this place."""
        if kind == "cmp" and item.has("verb", "refer"):
            following = self._next(i)
            return following is not None and self.items[following].kind in ("number", "time", "currency")
        if kind == "today" or kind == "news" or kind == "summary":
            return True
        if kind == "ask" and item.has("ask", "list") and item.has("verb"):
            return i == 0
        if kind == "text" and item.has("verb", "refer") and self._is_text(self.parse.head):
            return False
        if kind == "verb" and item.has("verb", "refer") and not item.has("verb", "raise") and item.has("text"):
            return True
        if kind == "text":
            return not (item.has("verb", "raise") and self._has_insight()) or len(item.senses) == 1
        if kind == "state" and item.has("verb", "closed") and self._is_active(i):
            return False
        return True

    @staticmethod
    def _is_text(head: Clause | None) -> bool:
        return head is not None and head.entity in ("note", "task", "meeting", "insight")

    def _has_insight(self) -> bool:
        return any((item.sense("noun") or "").startswith("insight") for item in self.items)

    def _is_active(self, i: int) -> bool:
        """“did we close”, “Anna closed”: somebody of us does it."""
        previous = self._previous(i)
        if previous is None:
            return False
        before = self.items[previous]
        return (
            before.has("our")
            or before.has("me")
            or before.has("ask", "who")
            or before.has("noun", "user")
            or (before.kind == "name" and "user" in before.data[0].by_type and self._before(i) is before)
            or self.words[i - 1] in ("we", "i", "wir", "ich", "did we", "have we", "haben wir")
        )

    # each handler below is a part of speech: (index of the item, its concept)

    def _noun(self, i: int, value: str) -> None:
        entity, _, preset = value.partition("/")
        self.parse.used.add(i)
        if self._is_group(i, entity):
            return
        clause = self._placed(i, entity)
        if clause is None:
            self.parse.used.discard(i)
            return
        clause.item = clause.item or self.items[i]
        if preset:
            self._preset(clause, i, entity, preset)
        self.current = clause
        if clause not in self.parse.clauses:
            self._take_superlative(clause, i)
            self.parse.clauses.append(clause)
        pending, self.pending = self.pending, []
        for j, negated in pending:
            if self.items[j].kind == "number":
                self._count(clause, j)
            else:
                self._attach(j, negated, clause)
        self.field_before = None

    def _is_group(self, i: int, entity: str) -> bool:
        """“each rep”, “for each company”: what to group by. A person of a group is one of us."""
        before = self._before(i)
        concept = {"user": "owner", "contact": "owner", "company": "company", "deal": "deal"}.get(entity)
        if before is None or not before.has("group") or concept is None or entity == "deal":
            return False
        if self.parse.head is None and self.words[i - 1] in ("each", "every", "jede", "jeder", "jedes", "jeden"):
            return False  # “every deal of Priya's”
        if entity == "contact" and self.words[i] not in ("person", "individual"):
            concept = "contact"
        self.parse.groups.append(concept)
        return True

    def _take_superlative(self, clause: Clause, i: int) -> None:
        """“decisions of the last meeting”: said right before a noun that is not what is asked for."""
        if clause.parent is None or not self.parse.superlatives:
            return
        last = self.parse.superlatives[-1]
        between = self.items[last.item + 1 : i]
        is_count = last.concept in ("count_most", "count_least", "commonest")
        if is_count or last.of_field or any(item.has("noun") or item.has("verb") for item in between):
            return
        self.parse.superlatives.remove(last)
        clause.superlative = last.concept

    def _preset(self, clause: Clause, i: int, entity: str, preset: str) -> None:
        if entity == "insight":
            clause.add(cmp("kind", "eq", preset))
        else:
            self._give_state(clause, i, preset, False)

    def _placed(self, i: int, entity: str) -> Clause | None:
        """The clause a noun opens or goes on with."""
        negated = self._take_negation()
        head = self.parse.head
        if head is None:
            self.parse.head = Clause(entity)
            if negated:
                self.parse.impossible.append("negated head")
            return self.parse.head
        if entity == head.entity and not negated and self._goes_on(i):
            return head
        if self._is_compound(i) and entity in RELATIONS and head.entity in RELATIONS[entity]:
            return self._compounded(entity, head)
        if self._is_beside(i) and self.current is not None:
            parent = self.current.parent
            if parent is not None and entity in RELATIONS.get(parent.entity, {}):
                return parent.child(entity, absent=negated or self.current.absent)
            if parent is None:
                return None
        if head.entity == "user" and entity in PEOPLE:
            return self._instead_of_people(entity)
        for parent in [head] if self._is_predicate(i) else list(self._reachable()):
            if entity in RELATIONS.get(parent.entity, {}) and parent.entity != entity:
                return parent.child(entity, absent=negated)
        return None

    def _instead_of_people(self, entity: str) -> Clause:
        """“which reps have the most deals”: deals, by whose they are."""
        self.parse.specials.add("by_person")
        self.parse.head = Clause(entity, self.parse.head.item if self.parse.head else None)
        return self.parse.head

    def _goes_on(self, i: int) -> bool:
        return True

    def _is_beside(self, i: int) -> bool:
        """“with open tasks but no open deals”: the noun stands beside the one before, not below it."""
        for j in range(i - 1, -1, -1):
            item = self.items[j]
            if item.has("link", "and", "or", "but"):
                return True
            if not (item.has("state") or item.has("neg") or item.has("stop") or item.kind == "number" or item.has("cmp")):
                return False
        return False

    def _is_compound(self, i: int) -> bool:
        """“meeting notes”, “company contacts”: two nouns side by side."""
        head = self.parse.head
        return (
            i > 0 and self.items[i - 1].has("noun") and head is not None and self.current is head and not head.children
        )

    def _compounded(self, entity: str, first: Clause) -> Clause:
        clause = Clause(entity)
        first.parent, clause.children = clause, [first]
        self.parse.head = clause
        return clause

    def _is_predicate(self, i: int) -> bool:
        """“Which companies with open deals have no tasks”: “have” turns back to what was asked for."""
        for j in range(i - 1, -1, -1):
            if self.items[j].has("noun"):
                return False
            if self.items[j].has("verb", "have") and not self.items[j].has("link", "with"):
                before = self._before(j)
                return not (before is not None and before.has("link", "that"))
        return False

    def _count(self, clause: Clause, j: int) -> None:
        """“more than 3 open deals” of companies; at least one is simply having one."""
        if self._count_condition is None or clause.parent is None:
            return
        op, quantity = self._count_condition
        self._count_condition = None
        least = quantity.value + (1 if op == "gt" else 0)
        if op in ("gt", "gte") and least == 1:
            self.parse.used.add(j)
            return
        if clause.entity == "deal" and clause.parent.entity == "company":
            clause.parent.add(cmp("open_deals", op, plain(quantity.value)))
            clause.parent.children.remove(clause)
            self.parse.used.add(j)
            if "open" not in [s for k, _ in self.pending for s in [self.items[k].sense("state")]]:
                self._counted = clause
            return
        self.parse.impossible.append("number of related records")

    _counted: Clause | None = None

    def _state(self, i: int, value: str) -> None:
        if self._noun_ahead(i):
            # “without an open deal” denies the deal, “not won deals” the state
            is_related = self.parse.head is not None
            self.pending.append((i, False if is_related else self._take_negation()))
            return
        negated = self._take_negation()
        self.parse.states.append((value, negated))
        self._attach(i, negated)

    def _field(self, i: int, value: str) -> None:
        significant = self._previous(i)
        before = self.items[significant] if significant is not None else None
        self.parse.used.add(i)
        following = self._next(i)
        near = [before, self.items[following] if following is not None else None]
        of_field = "stage" if value == "in_stage" else value
        if any(item is not None and item.kind == "value" and self._is_of_field(item, of_field) for item in near[:1]):
            return
        if value == "in_stage" and near[1] is not None and near[1].kind == "value":
            return
        if before is not None and before.has("group"):
            self.parse.groups.append(value)
        elif before is not None and before.has("order"):
            self.parse.orders.append(value)
        elif self._before(i) is not None and self.items[i - 1].has("link", "by") and not self._is_condition(i):
            self._by_field(value)
        elif self.negation is not None and self._nothing_in(value):
            self._take_negation()
        elif self._is_set(i, value):
            pass
        elif before is not None and before.has("sup") and significant == i - 1:
            self.parse.superlatives[-1].of_field = value
        elif value == "name":
            pass
        else:
            self.parse.asked.append(value)
            self.field_before = (value, i)

    def _by_field(self, value: str) -> None:
        names = set(FIELDS.get(value, {}).values())
        is_magnitude = bool(names & (concepts.NUMERIC | concepts.DATED))
        if is_magnitude and not self.parse.has("how_many") and not self.parse.aggregates:
            self.parse.orders.append(value)
        else:
            self.parse.groups.append(value)

    def _is_condition(self, i: int) -> bool:
        following = self._next(i)
        return following is not None and self.items[following].has("cmp")

    def _nothing_in(self, value: str) -> bool:
        for clause in self._reachable():
            if value in FIELDS and clause.entity in FIELDS[value]:
                clause.add(cmp(FIELDS[value][clause.entity], "is", "null"))
                return True
        return False

    def _is_set(self, i: int, value: str) -> bool:
        """“with a phone number”, “that have an e-mail address”."""
        words = self.words[i - 1] if i else ""
        before = self.items[i - 2] if i > 1 else None
        is_article = words in ("a", "an", "any", "einer", "einem", "eine", "ein", "einen")
        following = self._next(i)
        if following is not None and (self.items[following].has("cmp") or self.items[following].kind in (
            "number", "value", "time", "unknown")):  # fmt: skip
            return False
        if not (is_article and before is not None and (before.has("link", "with") or before.has("verb", "have"))):
            return False
        for clause in self._reachable():
            if clause.entity in FIELDS.get(value, {}):
                clause.add(cmp(FIELDS[value][clause.entity], "is", "set"))
                return True
        return False

    def _ask(self, i: int, value: str) -> None:
        """A question word; behind a noun it only begins a clause about it (“contacts who …”)."""
        self.parse.used.add(i)
        self.parse.says_we |= bool({"we", "wir"} & set(self.words[i].split()))
        before = self._before(i)
        is_relative = (
            value in ("who", "where", "whose", "which", "when")
            and before is not None
            and (self.parse.head is not None and before.kind != "break" and not before.has("link", "and"))
        )
        if value == "how_much" and self.words[i] in ("wie viel", "wieviel") and self._noun_ahead(i):
            value = "how_many"
        if value == "worth" and (previous := self._previous(i)) is not None and self.items[previous].kind == "number":
            return  # “over 20,000 worth”
        if not is_relative:
            self.parse.asks.setdefault(value, i)

    def _agg(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.aggregates.setdefault(value, i)

    def _metric(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.metric = self.parse.metric or value
        entity = concepts.METRICS[value][0]
        if self.parse.head is None:
            self.parse.head = Clause(entity)
            self.parse.clauses.append(self.parse.head)
            self.current = self.parse.head
            pending, self.pending = self.pending, []
            for j, negated in pending:
                self._attach(j, negated, self.parse.head)

    def _sup(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.superlatives.append(Superlative(value, i))
        if self.number_before is not None and self._next(self.number_before) == i:
            self.parse.limit = int(self.items[self.number_before].data.value)
            self.parse.used.add(self.number_before)

    def _dir(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.direction = value

    def _order(self, i: int, value: str) -> None:
        self.parse.used.add(i)

    def _group(self, i: int, value: str) -> None:
        self.parse.used.add(i)

    def _unit(self, i: int, value: str) -> None:
        """A group for each week, month …; the bare word only where it is asked for or by (“which month”)."""
        previous = self._previous(i)
        is_bare = " " not in self.words[i] and not self.words[i].endswith("ly")
        is_by = (previous is not None and self.items[previous].has("group")) or (
            i > 0 and (self.items[i - 1].has("link", "by") or self.items[i - 1].has("ask"))
        )
        if is_bare and not is_by:
            following = self.items[i + 1] if i + 1 < len(self.items) else None
            if following is not None and (following.kind == "time" or following.has("link", "of")):
                self.parse.used.add(i)  # “the month of December”
            return
        self.parse.used.add(i)
        unit, _, concept = value.partition("/")
        self.parse.units.append(unit)
        if concept and self.parse.head is not None:
            self.parse.head.cues.append(Cue(i, concept))

    def _cmp(self, i: int, value: str) -> None:
        if value in ("ormore", "orless"):
            if self.comparison is None and i:
                self.parse.used.add(i)
            return
        self.comparison = (value, i)

    def _neg(self, i: int, value: str) -> None:
        self.negation = i

    def _me(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        negated = False
        if self._noun_ahead(i):
            self.pending.append((i, negated))
        elif self.words[i] in ("me", "mir", "uns", "mich") and not self._is_owned_by_me(i):
            pass
        else:
            self.parse.loose.append(i) if self.parse.head is None else self._attach(i, negated)
            if self.parse.head is not None:
                self.parse.is_mine = True

    def _is_owned_by_me(self, i: int) -> bool:
        previous = self._previous(i)
        return previous is not None and self.items[previous].has("verb")

    def _our(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.says_we = True

    def _deictic(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        if value == "this" and not self._noun_ahead(i) and self.parse.head is not None:
            return
        if value in ("them", "it") and self.parse.head is not None:
            return
        self.parse.deictic.add(value)
        if value == "this" and self._noun_ahead(i):
            self.pending_page = True

    pending_page = False

    def _verb(self, i: int, value: str) -> None:
        self._cue(i, value)

    def _cue(self, i: int, value: str) -> None:
        item = self.items[i]
        if value == "raise" and item.has("verb", "refer") and not self._has_insight():
            value = "refer"
        if value == "because":
            self._because(i)
            return
        if value == "call" and item.has("verb", "contact") and self._is_active(i):
            value = "contact"
        if value == "have" and i == 0 and item.has("ask", "is"):
            self.parse.asks.setdefault("is", i)
        if value in ("have", "exist", "know", "raise", "call"):
            self.parse.used.add(i)
            if value == "know":
                self.parse.specials.add("know")
            return
        if value == "own" and self.negation is not None and self._belongs_to_a_record(i):
            self.parse.used.add(i)
            return
        concept = self._exact_cue(i, item, value)
        if concept == "created" and self._is_adjective(i):
            self.parse.specials.add("new")
        negated = self._take_negation()
        self.parse.used.add(i)
        cue = Cue(i, concept, negated)
        if concept in ("work_at", "located", "refer", "own", "write", "promise", "attend"):
            self.parse.specials.add(concept)
            if negated and concept == "own" and not any(self.items[j].kind == "name" for j in range(i, len(self.items))):
                self._attach_state("unassigned", i)
                return
            if negated:
                self.parse.impossible.append(f"not {concept}")
            if concept == "refer":
                self._topic(i)
            self.parse.cues.append(cue)
            return
        if concept in ("won", "lost") and self.current is not None:
            self._won_or_lost(concept, i, negated)
        clause = self._clause_for(concept)
        (clause.cues if clause is not None else self.parse.cues).append(cue)

    def _belongs_to_a_record(self, i: int) -> bool:
        """“not assigned to a company”: it is the company there is none of."""
        following = self._next(i)
        return following is not None and self.items[following].has("noun") and not self.items[following].has("noun", "user")

    def _because(self, i: int) -> None:
        """“lost to price”: the rest is what the reason says."""
        rest = [j for j in range(i + 1, len(self.items)) if self.items[j].kind != "break"]
        clause = self._accepting("deal")
        if clause is None or not rest:
            return
        if "lost" not in clause.states:
            self._won_or_lost("lost", i, False)
        first, last = self.items[rest[0]].first, self.items[rest[-1]].last
        said = self.reading.text.slice(first, last).split()
        while len(said) > 1 and said[0].lower() in ("the", "a", "an", "of", "their", "our", "its"):
            said.pop(0)
        clause.add(cmp("lost_reason", "contains", " ".join(said)[:200]))
        self.parse.used |= {i, *rest}
        self.taken |= set(rest)

    def _exact_cue(self, i: int, item: Item, value: str) -> str:
        """“close” is what will be, “did we close” what was won."""
        senses = [s.value for s in item.senses if s.kind == "verb"]
        if "closed" in senses and self._is_active(i):
            return "won"
        if "closed" in senses and "closing" in senses:
            return "closed" if "did" in self.words or "did" in " ".join(self.words).split() else "closing"
        return value

    def _attach_state(self, state: str, i: int) -> None:
        if not any(self._give_state(clause, i, state, False) for clause in self._reachable()):
            self.parse.impossible.append(f"not {state}")

    def _won_or_lost(self, concept: str, i: int, negated: bool) -> None:
        for clause in self._reachable():
            if self._give_state(clause, i, concept, negated):
                clause.cues.pop()
                return

    def _clause_for(self, concept: str) -> Clause | None:
        """The clause whose records it may be said of."""
        for clause in self._reachable():
            if concept in concepts.TIMES.get(clause.entity, {}) or (
                concept in TOUCH and clause.entity in ("company", "contact", "deal")
            ):
                return clause
        return None

    def _topic(self, i: int) -> None:
        """What the rest of a phrase with “about” is about: free words, up to the next known one.

        What a text *mentions* is a word in it, be it a name; what it is *about* may be a record it hangs on.
        """
        is_wording = self.words[i].startswith(("mention", "contain", "includ", "with the word", "that contain", "erwahn",
                                               "erwähn", "enthalt", "enthält"))  # fmt: skip
        for j in range(i + 1, len(self.items)):
            item = self.items[j]
            if item.kind == "unknown" or (is_wording and item.kind in ("name", "value")):
                self.parse.topic.append(j)
                self.taken.add(j)
            elif not is_silent(item) or item.kind == "break":
                break

    def _text(self, i: int, value: str) -> None:
        self.parse.texts.append(i)

    def _summary(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.specials.add("summary")

    def _follow(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        if value == "only" and self.parse.head is not None and "fragment" not in self.parse.specials:
            self.parse.impossible.append("only")
        self.parse.specials.add(value)

    def _today(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.specials.add("agenda")

    def _news(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.specials.add("news")

    def _draft(self, i: int, value: str) -> None:
        self.parse.specials.add("draft")

    def _smalltalk(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.specials.add("smalltalk")


_IMPLIED = (
    ("deal", frozenset(("won", "lost", "closing", "closed", "stale"))),
    ("task", frozenset(("due", "overdue", "done"))),
)
#: Which meaning a word of several has, where nothing around it decides.
_PRIORITY = (
    "today", "news", "follow", "summary", "draft", "metric", "agg", "noun", "sup", "unit", "group", "order", "dir", "cmp", "state",
    "neg", "verb", "ask", "field", "me", "our", "deictic", "text", "smalltalk",
)  # fmt: skip
_FACTORS = {("duration_s", "minutes"): Decimal(60), ("duration_s", "hours"): Decimal(3600)} | {
    (name, unit): Decimal(days)
    for unit, days in IN_DAYS.items()
    for name in ("age_days", "days_in_stage", "stale_days", "cycle_days")
}
CUE_OF_FIELD = {
    "expected_close": "closing", "closed_at": "closed", "created_at": "created", "updated_at": "updated",
    "due_date": "due", "completed_at": "done", "last_activity_at": "activity", "stage_since": "moved",
    "last_contact_at": "contact", "last_meeting_at": "met", "occurred_at": "",
}  # fmt: skip
_SINGULAR_DE = frozenset(
    "deal kontakt firma unternehmen aufgabe notiz meeting besprechung termin kunde ansprechpartner gesprach anruf "
    "verkaufschance chance opportunity lead partner person kollege kollegin todo unternehmen konto einwand".split()
)


def is_plural(word: str, language: str) -> bool:
    """Whether a noun of the lexicon means several."""
    word = word.lower()
    if language == "de":
        return word not in _SINGULAR_DE
    return word.endswith(("s", "people")) and not word.endswith("business")


def _scale_of(value: Decimal) -> Decimal:
    return Decimal(1_000_000) if value >= 1_000_000 else Decimal(1_000)
