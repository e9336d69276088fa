"""The other words of a sentence: question words, fields, order and groups, negation, and this."""

from __future__ import annotations

from decimal import Decimal

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, Cue
from chatbot.assistant.understanding.concepts import FIELDS, cmp
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.mine import Mine
from chatbot.assistant.understanding.quantities import Quantity
from chatbot.assistant.understanding.sentence import Superlative, is_silent
from shared.query.fields import ENTITIES

#: What somebody has or has not, rather than being described by it.
_HAD = frozenset(("email", "phone", "website", "domain", "amount", "due", "close_date", "source"))


#: What comes first by its day, rather than by how large it is.
_AGES = ("oldest", "newest", "latest", "earliest", "recent", "ältest", "neuest", "jüngst")


class Wording(Mine):
    """One method a part of speech: (index of the item, its concept)."""

    def _state(self, i: int, value: str) -> None:
        if self._is_taken_in(i):
            self.parse.used.add(i)
            self._forget_states()
            return
        if self._noun_ahead(i):
            # “without an open deal” denies the deal, “not won deals” the state
            is_related = self.parse.head is not None
            self.pending.append((i, False if is_related else self._is_denied(i)))
            return
        negated = self._is_denied(i)
        if self._is_said_of_none(i):
            self.parse.used.add(i)
            return
        self.parse.states.append((value, negated))
        self._attach(i, negated)

    def _is_taken_in(self, i: int) -> bool:
        """“finished ones too”, “done or not”, “including closed ones”: whichever, so it narrows nothing."""
        behind = [word for word in self.words[i + 1 : i + 4] if word not in ("ones", "one", "them")]
        before = self.words[i - 1] if i else ""
        is_added = bool(behind) and behind[0] in ("too", "as well", "included", "also") and self.parse.head is not None
        return is_added or before in ("including", "incl")

    def _forget_states(self) -> None:
        """“open tasks and done ones too” are all of them."""
        self.parse.specials.add("any_state")
        head = self.parse.head
        if head is not None:
            known = [concepts.STATES[s][head.entity] for s in head.states if head.entity in concepts.STATES.get(s, {})]
            head.nodes, head.states = [n for n in head.nodes if n not in known], []

    def _field(self, i: int, value: str) -> None:
        significant = self._previous(i)
        before = self.items[significant] if significant is not None else None
        self.parse.used.add(i)
        if value in ("website", "email", "phone") and before is not None and before.has("verb", "located"):
            self.origins.append(i)
            return
        following = self._next(i)
        near = [before, self.items[following] if following is not None else None]
        of_field = "stage" if value == "in_stage" else value
        if any(item is not None and item.kind == "value" and self._is_of_field(item, of_field) for item in near[:1]):
            return
        if value == "in_stage" and near[1] is not None and near[1].kind == "value":
            return
        if self.negation is not None and following == i + 1 and self._is_label_of(self.items[following], of_field):
            return  # “not in stage Proposal”: what is denied is the value
        if self.words[i].startswith(("total ", "combined ")):
            self.parse.aggregates.setdefault("sum", i)
        if before is not None and before.has("group"):
            self.parse.groups.append(value)
        elif before is not None and before.has("order"):
            self.parse.orders.append(value)
        elif self._goes_with_a_group(i, significant):
            self.parse.groups.append(value)
        elif self._is_ordered_by(i):
            self.parse.orders.append(value)
        elif self._before(i) is not None and self.items[i - 1].has("link", "by") and not self._is_condition(i, value):
            self._by_field(value)
        elif self._is_joined_to_denied(i) and self._nothing_in(value):
            self.denied = i  # “without phone or e-mail”, “neither e-mail nor phone”
            self._take_negation()
        elif self.negation is not None and self._nothing_in(value):
            self._is_denied(i)
        elif self._is_set(i, value):
            pass
        elif before is not None and before.has("sup") and significant == i - 1:
            self.parse.superlatives[-1].of_field = value
        elif value == "name":
            pass
        else:
            self.parse.asked.append(value)
            self.field_before = (value, i)

    def _is_label_of(self, item: Item, field: str) -> bool:
        return item.kind == "value" and self._is_of_field(item, field)

    def _on_custom(self, i: int, item: Item) -> None:
        """A field that the workspace defined is taken as any other's name; a condition on one is a description."""
        if item.data.concept:
            self._field(i, item.data.concept)
        else:
            self._describe(i, self._is_denied(i))

    def _goes_with_a_group(self, i: int, significant: int | None) -> bool:
        """“by country and industry”."""
        if significant is None or not self.parse.groups or not self.items[i - 1].has("link", "and"):
            return False
        return significant == i - 2 and self._is_field_of(self.items[significant], self.parse.groups[-1])

    def _is_ordered_by(self, i: int) -> bool:
        """“nach Name sortiert”: the word for it stands behind."""
        following = self._next(i)
        is_ordered = following is not None and self.items[following].has("order")
        return is_ordered and i > 0 and self.items[i - 1].has("link", "by")

    def _by_field(self, value: str) -> None:
        is_magnitude = concepts.is_magnitude(value, FIELDS.get(value, {}).values())
        if is_magnitude and not self.parse.has("how_many") and not self.parse.aggregates:
            self.parse.orders.append(value)
        else:
            self.parse.groups.append(value)

    def _is_condition(self, i: int, value: str) -> bool:
        following = self._next(i)  # “by country over 200 employees” groups
        is_magnitude = concepts.is_magnitude(value, FIELDS.get(value, {}).values())
        return is_magnitude and following is not None and self.items[following].has("cmp")

    def _nothing_in(self, value: str) -> bool:
        for clause in self._reachable():
            if (name := self._name_in(clause, value)) is not None:
                self._add_nothing(clause, cmp(name, "is", "null"))
                return True
        if self.parse.head is None and self.parse.has("who") and value in ("email", "phone", "title"):
            self.parse.head = self.current = Clause("contact")  # “who do we have no number for”
            self.parse.clauses.append(self.parse.head)
            return self._nothing_in(value)
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
        is_had = before is not None and (
            before.has("link", "with") or before.has("verb", "have") or self.words[i - 2].endswith(" with")
        )
        if i and self.items[i - 1].has("link", "with") and value in _HAD and self._is_bare_set(i):
            is_article = is_had = True
        is_also = before is not None and before.has("link", "and") and any(
            item.has("link", "with") or self.words[j].startswith("with ") for j, item in enumerate(self.items[: i - 2])
        )  # fmt: skip
        if not is_article or not (is_had or is_also):
            return False
        for clause in self._reachable():
            if (name := self._name_in(clause, value)) is not None:
                clause.add(cmp(name, "is", "set"))
                return True
        return False

    @staticmethod
    def _name_in(clause: Clause, value: str) -> str | None:
        """A clause's field; “contacts without a city”: that of their company."""
        name = FIELDS.get(value, {}).get(clause.entity)
        return value if name is None and value in ENTITIES[clause.entity].fields else name

    def _is_bare_set(self, i: int) -> bool:
        """“Kontakte mit Telefonnummer”: one of it, and no list of what should be shown beside the name."""
        behind = self.items[i + 1 : i + 4]
        is_listed = bool(behind) and (behind[0].has("link", "and") or self.words[i + 1] == ",")
        is_many = self.words[i].endswith(("s", "nummern", "adressen", "daten", "beträge", "beträgen"))
        is_one = not is_listed or any(item.has("neg") for item in behind)
        return is_one and not is_many and not self.parse.has("list")

    def _ask(self, i: int, value: str) -> None:
        """A question word; behind a noun it only begins a clause about it (“contacts who …”)."""
        self.parse.used.add(i)
        if value == "how_many" and self._is_a_phone(i):
            self._field(i, "phone")
            return
        self.parse.says_we |= bool({"we", "wir"} & set(self.words[i].split()))
        before = self._before(i)
        is_relative = (
            value in ("who", "where", "whose", "which", "when")
            and before is not None
            and (self.parse.head is not None and before.kind != "break" and not before.has("link", "and"))
        )
        if value == "how_much" and self.reading.language == "de" and self._noun_ahead(i):
            value = "how_many"
        following = self._next(i)
        if value == "how_many" and following is not None and self.items[following].kind == "currency":
            value = "how_much"  # “how many euros”
        if value == "worth" and (previous := self._previous(i)) is not None and self.items[previous].kind == "number":
            return  # “over 20,000 worth”
        if (
            value == "worth"
            and following is not None
            and self.parse.head is not None
            and (self.items[following].kind == "number" or self.items[following].has("cmp"))
        ):
            return  # “deals worth exactly 10,500”
        if not is_relative:
            self.parse.asks.setdefault(value, i)

    def _agg(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        if value == "share" and "probability" in self.parse.asked:
            return  # “how likely is it, in percent”
        self.parse.aggregates.setdefault(value, i)

    def _metric(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        previous = self._before(i)
        if value == "open_pipeline" and previous is not None and (previous.has("group") or previous.has("link", "by")):
            self.parse.groups.append("pipeline")
            return
        if value == "open_pipeline" and self.parse.head is not None and self.parse.head.entity == "deal":
            following = self.items[i + 1] if i + 1 < len(self.items) else None
            named = [item for item in (previous, following) if item is not None and item.kind == "value"]
            # “deals in the pipeline”, rather than “in the Sales pipeline”, „außerhalb der Pipeline Sales“
            if not named:
                self._give_state(self.parse.head, i, "open", False)
            return
        if self.parse.metric not in (None, value) and {self.parse.metric, value} <= {"won_amount", "lost_amount"}:
            self.parse.impossible.append("two figures")
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
        if value == "oldest" and self._leads_to_a_source(i):
            return
        self.parse.superlatives.append(Superlative(value, i))
        if self.number_before is not None and self._next(self.number_before) == i:
            self.parse.limit = int(self.items[self.number_before].data.value)
            self.parse.used.add(self.number_before)

    def _dir(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.direction = value
        if any(word.startswith(_AGES) for word in self.words[i].split()):
            self.parse.specials.add("by_age")

    def _order(self, i: int, value: str) -> None:
        self.parse.used.add(i)

    def _group(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        if value == "owner":
            self.parse.groups.append(value)

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
        following = self._next(i)
        if value in ("ormore", "orless") and following is not None and self.items[following].kind == "number":
            self.comparison = ("gt" if value == "ormore" else "lt", i)  # “below 5k or above 80k”
            return
        if value in ("ormore", "orless"):
            if self.comparison is None and i:
                self.parse.used.add(i)
            return
        self.comparison = (value, i)

    def _several(self, i: int, value: str) -> None:
        """“companies with several open deals”: two at least; before what is asked for it only says a plural."""
        self.parse.used.add(i)
        self._who_has(i)
        if self.parse.head is not None and self._noun_ahead(i) and "fragment" not in self.parse.specials:
            self.pending.append((i, False))
            self.count_condition = ("gte", Quantity(Decimal(2)))

    def _neg(self, i: int, value: str) -> None:
        if self._is_for_stress(i) or self._is_not_us(i):
            return
        if self.words[i] in ("missing", "lacking") and self.field_before is not None:
            concept, at = self.field_before
            if self._nothing_in(concept):  # “whose e-mail is missing”
                self.parse.used |= {i, at}
                self.parse.asked = [c for c in self.parse.asked if c != concept]
                self.field_before = None
                return
        self._who_has(i)
        self.negation = i

    def _our(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        if self._is_promised_by_us(i):
            return
        self.parse.says_we = True

    def _text(self, i: int, value: str) -> None:
        if self.words[i] == "need" and self._is_at_the_beginning(i):
            self.parse.used.add(i)  # “need everyone who …”
            self.parse.asks.setdefault("list", i)
            return
        self.parse.texts.append(i)

    def _summary(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.specials.add("summary")

    def _follow(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        if value == "correct" and any(not is_silent(item) for item in self.items[:i]):
            return  # “the slipped ones, I mean”
        if value == "only" and self.parse.head is not None and "fragment" not in self.parse.specials:
            following = self._next(i)
            if following is not None and (
                self.items[following].has("state")
                or "/" in (self.items[following].sense("noun") or "")
                or self._is_same_noun(following)
            ):
                return
            if self.current is self.parse.head and not self.parse.has("who", "whose") and self._restricts(i):
                return
            self.parse.impossible.append("only")
        self.parse.specials.add(value)

    def _restricts(self, i: int) -> bool:
        """“open deals only”, “deals in euro only”: what is said of the head holds for every row anyway."""
        before = self._before(i)
        is_end = i + 1 == len(self.items) or self.items[i + 1].kind == "break"
        return is_end and before is not None and (before.has("noun") or before.has("state") or before.kind in (
            "value", "currency", "time"))  # fmt: skip

    def _is_same_noun(self, i: int) -> bool:
        """“that are still only leads”, “just the companies”: of the type that is asked for anyway."""
        head, noun = self.parse.head, self.items[i].sense("noun")
        return head is not None and noun is not None and noun.partition("/")[0] == head.entity

    def _today(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.specials |= {"agenda", value}

    def _news(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.specials.add("news")

    def _draft(self, i: int, value: str) -> None:
        self.parse.specials.add("draft")

    def _smalltalk(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        self.parse.specials.add("smalltalk")
