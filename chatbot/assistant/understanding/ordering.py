"""What is the most of: worth, money, months; and words that only say again what is ordered or split.

“worth the most”, “the most money”, “our best month”, “going by close dates”, “by status: lead, customer and so on”.
"""

from __future__ import annotations

from chatbot.assistant.understanding.sentence import is_silent
from chatbot.assistant.understanding.splitting import Splitting

_MONEY = ("money", "revenue", "business", "volume", "value")
_AND_SO_ON = ("and so on", "and so forth", "etc", "usw", "und so weiter")


class Ordering(Splitting):
    """Superlatives of money and of times, and restatements."""

    def _sup(self, i: int, value: str) -> None:
        previous = self._previous(i)
        is_worth = previous is not None and self.items[previous].has("ask", "worth")
        if value in ("count_most", "count_least") and is_worth:
            self.parse.asks.pop("worth", None)
            value = value.removeprefix("count_")
        elif value == "count_most" and self.words[i].endswith(_MONEY):
            self.parse.aggregates.setdefault("sum", i)
        super()._sup(i, value)

    def _unit(self, i: int, value: str) -> None:
        before = self.items[i - 1] if i else None
        if before is not None and before.has("sup", "most", "least") and " " not in self.words[i]:
            self.parse.used.add(i)
            self.parse.units.append(value)
            last = self.parse.superlatives[-1]
            last.concept = f"count_{last.concept}"
            if self.parse.head is None and self.parse.metric is None and not self._names_a_measure(i):
                self._metric(i, "won_amount")
            return
        if self._is_unit_with_most(i):
            self.parse.used.add(i)
            self.parse.units.append(value)
            return
        super()._unit(i, value)

    def _is_unit_with_most(self, i: int) -> bool:
        """“month with most won deals”: first of all, and then what it has most of."""
        said = [j for j in range(len(self.items)) if not is_silent(self.items[j]) or self.items[j].has("link", "with")]
        behind = [self.items[j] for j in said[said.index(i) + 1 :][:2]] if i in said else []
        is_most = bool(behind) and any(item.has("sup", "count_most", "count_least") for item in behind)
        return i == said[0] and is_most and (behind[0].has("link", "with") or behind[0].has("sup"))

    def _names_a_measure(self, i: int) -> bool:
        """“best month for meetings”: something is counted or measured."""
        return any(
            item.has("noun") or item.has("metric") or (item.has("verb") and not item.has("verb", "exist"))
            for item in self.items[i + 1 :]
        )

    def _metric(self, i: int, value: str) -> None:
        """“top 5 countries by open pipeline”: it is what they are ordered by."""
        before = self.items[i - 1] if i else None
        is_by = before is not None and before.has("link", "by")
        head = self.parse.head
        is_of_others = head is None or head.entity in ("company", "contact", "user")
        is_ranked = bool(self.parse.superlatives) or self.words[i] != "pipeline" or head is not None
        if value == "open_pipeline" and is_by and is_of_others and is_ranked:
            super()._metric(i, "weighted_pipeline")  # its head is deals as well
            self.parse.metric = value
            return
        super()._metric(i, value)

    def _field(self, i: int, value: str) -> None:
        """“pipeline for Q1, going by close dates”: which date was meant by the time."""
        is_by = i > 0 and (self.items[i - 1].has("link", "by") or self.words[i - 1] == "going by")
        is_timed = any(item.kind == "time" for item in self.items[:i])
        if value in ("close_date", "closed_at") and is_by and is_timed and self.parse.metric is not None:
            self.parse.used.add(i)
            return
        super()._field(i, value)

    def _our(self, i: int, value: str) -> None:
        """“how many tasks does everyone have”: each of us."""
        is_each = self.words[i] in ("everyone", "everybody") and self.parse.has("how_many", "how_much", "what")
        if is_each and i and self.items[i - 1].has("ask", "is"):
            self.parse.groups.append("owner")
        super()._our(i, value)

    def _state(self, i: int, value: str) -> None:
        if self._is_an_example(i):
            self.parse.used.add(i)
            return
        super()._state(i, value)

    def _noun(self, i: int, value: str) -> None:
        before = self.words[i - 1] if i else ""
        following = self.words[i + 1] if i + 1 < len(self.words) else ""
        if self._is_an_example(i) or (before.startswith("across all") and following == "," and self.parse.head is None):
            self.parse.used.add(i)
            return
        super()._noun(i, value)

    def _is_an_example(self, i: int) -> bool:
        """“by status - lead, customer and so on”: some of the groups."""
        if (
            not set(self.parse.groups) & {"state", "lifecycle", "stage", "source", "priority"}
            or self.parse.head is None
        ):
            return False
        rest = " ".join(self.words[i:])
        return any(rest.endswith(words) or f"{words}." in rest for words in _AND_SO_ON)
