"""Groups that are asked for without a “by”: which stage has the most deals, who has overdue tasks."""

from __future__ import annotations

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, conjunction
from chatbot.assistant.understanding.concepts import GROUPS, cmp
from chatbot.assistant.understanding.plan_parts import COUNT, MOST_SHOWN, is_groupable
from chatbot.assistant.understanding.sentence import Superlative
from chatbot.assistant.understanding.spreading import Spreading
from shared.query.plan import Group, Measure, Order, Plan, Related


class Grouping(Spreading):
    """What is asked for is the group, and the most of it comes first."""

    def _group_by_what_is_asked(self) -> None:
        """“which stage has the most deals”, “the most common reason”: the field asked for is the group."""
        parse = self.parse
        if self._is_spread():
            parse.groups += [c for c in parse.asked if is_groupable(self.entity, c)]
            parse.asked = [c for c in parse.asked if c not in parse.groups]
        commonest = self._sup("commonest")
        if commonest is None and self.entity == "insight" and not parse.asked and not parse.groups:
            commonest = self._sup("count_most")  # “which competitor comes up the most”
        asked = next((c for c in parse.asked if is_groupable(self.entity, c)), None)
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
        is_asked = parse.has("which", "what") or self._is_field_with_most()
        if sup is None or not is_asked or not (parse.asked or parse.units):
            return
        groupable = [c for c in parse.asked if is_groupable(self.entity, c)]
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

    def _is_field_with_most(self) -> bool:
        """“industry with most companies”, „Tier mit den meisten Firmen“: a field first, and what it has most of."""
        items, count = self.parse.reading.items, self._sup("count_most", "count_least")
        said = [item for item in items[: count.item] if not item.has("stop")] if count is not None else []
        if count is None or not said:
            return False
        is_field = (
            said[0].has("field") or said[0].has("unit") or (said[0].kind == "custom" and bool(said[0].data.concept))
        )
        is_with = [item.has("link", "with") for item in said[1:]]
        joins = self.parse.reading.words_of(items[count.item]).lower().startswith("mit ")
        return is_field and (is_with == [True] or (joins and not is_with))

    def _place_asked(self) -> str | None:
        """“in which country do we have the most contacts”."""
        words = {token.word for token in self.parse.reading.text.tokens}
        place = "country" if words & {"country", "land"} else "city" if words & {"city", "stadt"} else None
        return place if place is not None and is_groupable(self.entity, place) else None

    def _is_spread(self) -> bool:
        """“wie verteilen sich die Firmen auf die Länder”."""
        reading = self.parse.reading
        return any(
            item.has("group") and reading.words_of(item).lower().startswith(("verteil", "distribut", "spread", "split"))
            for item in reading.items
        )

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
        measure, sup = COUNT, self._sup("count_most", "count_least")
        if sup is None and self._is_most_worth():
            measure, sup = Measure(metric="total_amount"), self._sup("most", "least")
        if sup is None or (sup.of_field is not None and measure is COUNT) or not self.head.children:
            return None
        child = self.head.children[-1]
        if child.entity == "contact" and self.entity == "deal":
            child = self._as_roles(child)
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
        limit = self.parse.limit or (1 if self.head.item is None or not self._plural(self.head.item) else MOST_SHOWN)
        return Plan(
            from_=child.entity, where=conjunction(nodes), group=(Group(field=name),), measures=(measure,),
            order=(Order(by=measure.name, descending=descending),), limit=limit,
        )  # fmt: skip

    @staticmethod
    def _as_roles(people: Clause) -> Clause:
        """The people on a deal: each is one by a role."""
        assert people.parent is not None
        roles = Clause("role", people.item, people.parent)
        people.parent.children[people.parent.children.index(people)] = roles
        if people.nodes or people.children or people.cues or people.whens:
            people.parent = roles
            roles.children.append(people)
        return roles

    def _is_most_worth(self) -> bool:
        """“the company with the largest total of won deals”."""
        sup = self._sup("most", "least")
        children = self.head.children
        if sup is None or not children or children[-1].entity != "deal" or self.entity != "company":
            return False
        return sup.of_field == "amount" or bool({"sum", "total"} & self.parse.aggregates.keys())
