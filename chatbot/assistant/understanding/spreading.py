"""Questions that ask for groups without naming them: why deals are lost, where people come from, which countries."""

from __future__ import annotations

from chatbot.assistant.understanding.measuring import Measuring
from chatbot.assistant.understanding.plan_parts import is_groupable
from chatbot.assistant.understanding.sentence import Superlative, is_plural

_COMING = frozenset(("come", "comes", "came", "coming", "originate", "originated", "find", "found", "kommen", "kamen"))


class Spreading(Measuring):
    """The field that a question word stands for becomes the group."""

    def _group_by_what_it_means(self) -> None:
        """Settle the groups that are meant before those that are asked for."""
        for way in (self._reasons, self._origins, self._mentions, self._values_in_the_plural, self._best_groups):
            way()

    def _reasons(self) -> None:
        """“why do we lose deals”, asked of all of them: by the reason given."""
        parse = self.parse
        is_lost = self.entity == "deal" and "lost" in self.head.states
        main = self._sup("commonest")
        if is_lost and main is not None and main.of_field is None and not parse.asked and not parse.groups:
            parse.groups.append("lost_reason")  # “the main reasons we lose”
            parse.superlatives, parse.limit = [Superlative("count_most", main.item)], parse.limit or 10
        if not parse.has("why") or not is_lost or parse.names or parse.deictic or not self._is_many_lost():
            return
        del parse.asks["why"]
        if not parse.groups and not parse.aggregates and "lost_reason" not in parse.asked:
            parse.groups.append("lost_reason")

    def _is_many_lost(self) -> bool:
        item = self.head.item
        return item is None or self._plural(item)

    def _origins(self) -> None:
        """“where do our contacts come from”: by source; companies by country."""
        parse = self.parse
        words = {token.word for token in parse.reading.text.tokens}
        if (
            not parse.has("where")
            or self._is_one()
            or not self._is_many()
            or parse.names
            or parse.groups
            or parse.units
        ):
            return
        concept = {"contact": "source", "company": "country"}.get(self.entity)
        if concept is None or not words & _COMING or parse.superlatives or parse.asked:
            return
        del parse.asks["where"]
        parse.groups.append(concept)

    def _mentions(self) -> None:
        """“which competitors come up and how often”: by what was said."""
        parse = self.parse
        if self.entity != "insight" or not parse.has("how_many") or parse.groups or parse.units or parse.distinct:
            return
        if parse.has("which", "what", "list") and self._is_many():
            parse.groups.append("text")

    def _values_in_the_plural(self) -> None:
        """“which countries are our companies in (and how many in each)”: several values, each with its number."""
        parse = self.parse
        if parse.groups or parse.units or parse.superlatives or parse.distinct or parse.metric or self._is_one():
            return
        asked = [c for c in parse.asked if is_groupable(self.entity, c)]
        is_counted = parse.has("how_many") and not parse.aggregates
        if len(asked) != 1 or not self._is_many() or parse.names:
            return
        is_asked = parse.has("which", "what") and asked[0] in self._plural_fields_asked()
        if is_asked or is_counted:
            parse.groups.append(asked[0])
            parse.asked.remove(asked[0])

    def _plural_fields_asked(self) -> set[str]:
        """Fields in the plural right behind “which” or “what”."""
        reading, found = self.parse.reading, set()
        for i, item in enumerate(reading.items[1:], 1):
            is_behind = reading.items[i - 1].has("ask", "which", "what")
            if is_behind and item.has("field") and is_plural(reading.words_of(item), reading.language):
                found |= {sense.value for sense in item.senses if sense.kind == "field"}
        return found

    def _best_groups(self) -> None:
        """“top 3 industries by number of companies”, “bottom 2 stages by pipeline”, “contacts per company, top 10”."""
        parse = self.parse
        sup = self._sup("most", "least", "count_most", "count_least", "commonest")
        if sup is None:
            return
        of = sup.of_field if sup.of_field and is_groupable(self.entity, sup.of_field) else None
        if of is None and parse.groups and parse.limit is not None and self._stands_behind_the_groups(sup):
            sup.concept = "count_most" if sup.concept in ("most", "commonest") else "count_least"
            return
        is_ranked = parse.limit is not None and of is not None
        is_one_for_each = is_ranked or (
            of is not None and (parse.has("how_many") or parse.metric is not None or parse.aggregates)
        )
        if of is None or not (is_one_for_each or self._is_lost_by(of)) or parse.groups:
            return
        parse.groups.append(of)
        descending = sup.concept in ("most", "count_most", "commonest")
        parse.superlatives = [Superlative("count_most" if descending else "count_least", sup.item)]
        if parse.limit is None and is_plural(
            parse.reading.words_of(parse.reading.items[sup.item + 1]), parse.reading.language
        ):
            parse.limit = 10

    def _is_lost_by(self, concept: str) -> bool:
        """“the top 3 reasons for losing”."""
        return concept == "lost_reason"

    def _stands_behind_the_groups(self, sup: Superlative) -> bool:
        items = self.parse.reading.items
        first = next((i for i, item in enumerate(items) if item.has("group") or item.has("link", "by")), len(items))
        return sup.item > first
