"""What figures are split by and counted over: groups however they are named, different values, bounds, places.

“by the customer's country”, “per priority and person”, “how many different cities”, “reps with more than 5 open deals”,
“the second largest”.
"""

from __future__ import annotations

from chatbot.assistant.understanding.concepts import FIELDS, GROUPS, NUMERIC, cmp
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.money import Money
from chatbot.assistant.understanding.quantities import Quantity
from chatbot.assistant.understanding.sentence import is_silent

#: Fields of a company that its deals, people and meetings are grouped by.
_PLACES = ("country", "city", "industry", "region")
_OWNERS = ("company", "contact")
#: Bounds of a group's figure.
_BOUNDS = ("eq", "gte", "gt", "lte", "lt")
#: What stands for whatever has no value.
_NOTHING = frozenset(("blank", "blanks", "empty", "unknown", "unknowns", "undefined", "unspecified", "null", "nulls"))
#: What is said of them: “leave blanks out”, “unknown ones do not matter”.
_LEFT_OUT = frozenset(
    ("out", "aside", "away", "matter", "excluded", "ignored", "omitted", "skipped", "dropped", "needed", "count", "off")
)

#: A number without a unit is no sum of money below this.
_LEAST_SUM = 1_000
_OVER = frozenset(("over", "between", "among", "across", "into", "amongst"))
_SPLIT = (
    "distribution",
    "spread",
    "split",
    "divi",
    "breakdown",
    "a breakdown",
    "the distribution",
    "the split",
    "the spread",
)


class Splitting(Money):
    """Groups, distinct values, bounds of groups and ordinals."""

    # ----------------------------------------------------------------------------------------------------------- groups

    def _field(self, i: int, value: str) -> None:
        if value in _OWNERS and self._is_owner_of_a_place(i):
            self.parse.used.add(i)
            return
        if value in _PLACES and self._is_split_by_owner(i):
            self.parse.used.add(i)
            self.parse.groups.append(value)
            return
        if self._is_split_over(i) or self._is_before_a_breakdown(i):
            self._group_over(i, value)
            return
        if value == "date" and self._asks_for_a_day(i):
            self.parse.used.add(i)
            self.parse.asks.setdefault("when", i)
            return
        if self._is_ranked(i):
            self.parse.used.add(i)
            self.parse.superlatives[-1].of_field = value
            return
        if self._counts_values(i, value):
            self.parse.used.add(i)
            self.parse.distinct = value
            return
        if self.negation is not None and self.denied_again is not None and self._something_in(value):
            self.parse.used.add(i)
            return
        super()._field(i, value)

    def _noun(self, i: int, value: str) -> None:
        if self.words[i] == "business" and i + 1 < len(self.items) and self.items[i + 1].has("our"):
            value = "deal"  # “the business we lost”
        entity = value.partition("/")[0]
        if self._is_each_finding(i, value) or (entity == "meeting" and self._counts_meetings_of_findings(i)):
            return
        concept = self.items[i].sense("field") or {"user": "owner"}.get(entity)
        if concept and self.parse.head is not None and self._is_split_over(i):
            self._group_over(i, concept)
            return
        if (self.parse.groups or self.parse.units) and concept and self._stands_beside_a_group(i):
            self.parse.used.add(i)
            self.parse.groups.append(concept)
            return
        if entity in _OWNERS and (self._is_owner_of_a_place(i) or self._is_behind_a_place(i)):
            self.parse.used.add(i)
            return
        super()._noun(i, value)

    def _is_each_finding(self, i: int, value: str) -> bool:
        """“for each competitor”: by what was said, and not by meeting or company."""
        before = self.items[i - 1] if i else None
        if not value.startswith("insight/") or before is None or not before.has("group") or self.parse.head is not None:
            return False
        super()._noun(i, value)
        self.parse.groups.append("text")
        return True

    def _counts_meetings_of_findings(self, i: int) -> bool:
        """“… how many meetings did they come up in”: of each finding."""
        head, asked = self.parse.head, self.parse.asks.get("how_many")
        is_asked = asked is not None and all(is_silent(item) for item in self.items[asked + 1 : i])
        if head is None or head.entity != "insight" or not is_asked or "text" not in self.parse.groups:
            return False
        self.parse.used.add(i)
        self.parse.distinct = "meeting"
        return True

    def _is_ranked(self, i: int) -> bool:
        """“top 3 reasons”, “five biggest industries”: a field in the plural, ranked."""
        previous = self._previous(i)
        if previous is None or self.items[previous].kind != "number" or self.parse.head is not None:
            return False
        before = self._previous(previous)
        return before is not None and self.items[before].has("sup") and bool(self.parse.superlatives)

    def _is_owner_of_a_place(self, i: int) -> bool:
        """“by the customer's country”, “per company industry”: the country is the group."""
        behind = [item for item in self.items[i + 1 : i + 3] if not item.has("link", "of")]
        before = self.items[i - 1] if i else None
        previous = self._previous(i)
        is_by = (before is not None and before.has("link", "by")) or (
            previous is not None and (self.items[previous].has("group") or self.items[previous].has("link", "by"))
        )
        is_by = is_by or (i > 1 and self.items[i - 2].has("link", "by") and is_silent(self.items[i - 1]))
        return is_by and bool(behind) and behind[0].has("field", *_PLACES)

    def _is_split_by_owner(self, i: int) -> bool:
        for j in range(i - 1, max(-1, i - 3), -1):
            if self.items[j].has("field", *_OWNERS) or self.items[j].has("noun", "contact/customer", "company"):
                return self._is_owner_of_a_place(j)
        return False

    def _is_behind_a_place(self, i: int) -> bool:
        """“per industry of the customer”."""
        last = self.parse.groups[-1] if self.parse.groups else None
        words = self.words[max(0, i - 3) : i]
        previous = self._previous(i)
        is_of = "of" in words or "von" in words
        return last in _PLACES and is_of and previous is not None and self.items[previous].has("field", str(last))

    def _stands_beside_a_group(self, i: int) -> bool:
        """“by priority and person”."""
        previous = self._previous(i)
        if previous is None or not self.items[i - 1].has("link", "and"):
            return False
        before = self.items[previous]
        return before.has("unit") or bool(self.parse.groups and self._is_field_of(before, self.parse.groups[-1]))

    def _asks_for_a_day(self, i: int) -> bool:
        """“date Sundvall was added”, “the day we won it”: when somebody did something."""
        following = self.items[i + 1] if i + 1 < len(self.items) else None
        is_first = all(is_silent(item) or item.has("ask") for item in self.items[:i])
        return is_first and following is not None and (following.kind == "name" or following.has("our"))

    def _is_before_a_breakdown(self, i: int) -> bool:
        """“status breakdown of …”, “the stage split of my deals”."""
        following = self.words[i + 1] if i + 1 < len(self.words) else ""
        return following.startswith(("breakdown", "break down", "split", "distribution")) and self.parse.head is None

    def _group_over(self, i: int, concept: str) -> None:
        self.parse.used.add(i)
        self.parse.groups.append(concept)
        if self.comparison is not None:
            self.parse.used.add(self.comparison[1])
            self.comparison = None

    def _is_split_over(self, i: int) -> bool:
        """“the distribution of deals over stages”, “split of revenue between the reps”."""
        at = i - 1
        while at > 0 and self.words[at] in ("the", "our", "all"):
            at -= 1
        if at < 1 or self.words[at] not in _OVER:
            return False
        return any(word.startswith(_SPLIT) for word in self.words[:at])

    # ------------------------------------------------------------------------------------------------ values, exclusion

    def _counts_values(self, i: int, value: str) -> bool:
        """“how many countries”, “the number of different job titles”: values are counted, no records."""
        asked = self.parse.asks.get("how_many")
        if asked is None or set(FIELDS.get(value, {}).values()) & NUMERIC or value in ("name", "email", "phone"):
            return False
        if self.parse.groups or "often" in self.words[asked] or "times" in self.words[asked]:
            return False
        between = self.items[asked + 1 : i]
        return asked < i and all(is_silent(item) and not item.has("link") for item in between)

    def _neg(self, i: int, value: str) -> None:
        self.denied_again = self.negation
        super()._neg(i, value)

    def _something_in(self, value: str) -> bool:
        """“skip the ones with no source”: only those that have one."""
        for clause in self._reachable():
            if clause.entity in FIELDS.get(value, {}):
                self._take_negation()
                self.parse.used |= {self.denied_again} if self.denied_again is not None else set()
                self.denied_again = None
                clause.add(cmp(FIELDS[value][clause.entity], "is", "set"))
                return True
        return False

    def _on_unknown(self, i: int, item: Item) -> None:
        head = self.parse.head
        if self.words[i] in _NOTHING and self.negation is None and self._is_left_out(i):
            return
        if self.words[i] in _NOTHING and self.negation is not None and self.parse.groups and head is not None:
            name = FIELDS.get(self.parse.groups[-1], {}).get(head.entity)
            if name is not None:
                self._take_negation()
                head.add(cmp(name, "is", "set"))
                self.parse.used.add(i)
                return
        super()._on_unknown(i, item)

    def _is_left_out(self, i: int) -> bool:
        """“unknown ones don't matter”, “leave blanks out”: only those that have a value."""
        head, end = self.parse.head, min(i + 6, len(self.items))
        last = next((j for j in range(i + 1, end) if self.words[j] in _LEFT_OUT), None)
        if last is None or head is None or not self.parse.groups:
            return False
        name = FIELDS.get(self.parse.groups[-1], {}).get(head.entity)
        if name is None:
            return False
        head.add(cmp(name, "is", "set"))
        first = i - 1 if i and self.words[i - 1] in ("leave", "leaving", "kick", "take") else i
        self.parse.used |= set(range(first, last + 1))
        self.taken |= set(range(i + 1, last + 1))
        return True

    # ------------------------------------------------------------------------------------------------- bounds, ordinals

    def _on_number(self, i: int, item: Item) -> None:
        if self.comparison is not None and self.comparison[0] in _BOUNDS and self._bounds_a_group(i, item.data):
            self.parse.used |= {i, self.comparison[1]}
            self.parse.bound = (self.comparison[0], item.data)
            self.comparison = None
            return
        super()._on_number(i, item)

    def _bounds_a_group(self, i: int, quantity: Quantity) -> bool:
        """“stages holding over 100k”, “who has more than 10 open tasks”: what is asked for is a group."""
        parse = self.parse
        is_of_user = parse.head is not None and parse.head.entity == "user"
        concept = next((c for c in parse.asked if _is_group(c)), None)
        if self._is_of_a_figure(i) and (quantity.is_money or quantity.is_scaled or quantity.value >= _LEAST_SUM):
            return True
        is_plain = not quantity.unit or quantity.is_money
        if not is_plain or not (is_of_user or (parse.head is None and (concept or parse.has("who") or parse.units))):
            return False
        if not (self._noun_ahead(i) or quantity.is_money or quantity.is_scaled):
            return False
        if concept is not None and not is_of_user:
            parse.asked.remove(concept)
            parse.groups.append(concept)
            self.field_before = None
        parse.specials |= {"by_person"} if not parse.groups and not parse.units else set()
        return True

    def _is_of_a_figure(self, i: int) -> bool:
        """“companies with revenue above 50k”: what their deals come to."""
        head, comparison = self.parse.head, self.comparison
        before = self._previous(comparison[1]) if comparison is not None and comparison[1] < i else None
        is_figure = before is not None and self.items[before].has(
            "metric", "won_amount", "lost_amount", "open_pipeline"
        )
        return is_figure and head is not None and head.entity in ("company", "user") and not self.parse.groups

    def _unit(self, i: int, value: str) -> None:
        """“meetings a month”, “months with more than two wins”; not “for more than a month”."""
        if self.words[i].startswith(("a ", "an ")):
            before = self.items[i - 1] if i else None
            if before is None or before.has("link") or before.has("cmp"):
                return
        following = [item for item in self.items[i + 1 : i + 3] if not is_silent(item) or item.has("link", "with")]
        if self.parse.head is None and following and self._is_bounded_next(i):
            self.parse.used.add(i)
            self.parse.units.append(value)
            return
        super()._unit(i, value)

    def _is_bounded_next(self, i: int) -> bool:
        """“months with more than two …”."""
        following = next((item for item in self.items[i + 1 : i + 6] if not is_silent(item)), None)
        return self.words[i].endswith("s") and following is not None and following.has("cmp", *_BOUNDS)

    def _ordinal(self, i: int, value: str) -> None:
        following = self.items[i + 1] if i + 1 < len(self.items) else None
        if value == "last":  # “the last but one”
            self._sup(i, "newest")
            self.parse.skip = 1
        elif following is not None and following.has("sup"):
            self.parse.used.add(i)
            self.parse.skip = int(value) - 1

    # -------------------------------------------------------------------------------------------------- plain restating

    def _follow(self, i: int, value: str) -> None:
        """“count only”, “open deals only”, “only euros”: restricts to what it stands beside."""
        head = self.parse.head
        if value == "only" and head is not None and "fragment" not in self.parse.specials and self._only_says_again(i):
            self.parse.used.add(i)
            return
        super()._follow(i, value)

    def _only_says_again(self, i: int) -> bool:
        following = self.items[i + 1] if i + 1 < len(self.items) else None
        if following is None or following.kind in ("break", "currency", "value", "time"):
            return True
        return following.has("state") or following.has("agg", "count") or following.has("ask", "how_many")

    def _agg(self, i: int, value: str) -> None:
        if value == "count":
            self.parse.used.add(i)
            if not self.parse.aggregates and not any(self._is_of_money(item) for item in self.items):
                self.parse.asks.setdefault("how_many", i)
            return
        super()._agg(i, value)

    @staticmethod
    def _is_of_money(item: Item) -> bool:
        """“just a number: the open pipeline”, “total value, just a number”: no records are counted."""
        is_figure = item.has("metric") or item.has("agg", "sum", "total", "avg", "weighted")
        return is_figure or item.has("field", "amount", "weighted") or item.has("ask", "how_much", "worth")


def _is_group(concept: str) -> bool:
    fields = set(FIELDS.get(concept, {}).values())
    return (bool(fields) and not fields & NUMERIC) or any(concept == of for _, of in GROUPS)
