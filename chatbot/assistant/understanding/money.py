"""What business brings in or costs: “what did we land in Q3”, “what have the Dutch bought”, “what did that cost us”.

The same verbs tell which deals it were (“which deals did we land”); the question says whether money is asked.
"""

from __future__ import annotations

from chatbot.assistant.understanding.authors import Authors
from chatbot.assistant.understanding.clauses import Cue
from chatbot.assistant.understanding.items import Item

_METRICS = {"won": "won_amount", "came": "won_amount", "lost": "lost_amount", "ahead": "open_pipeline"}
#: Said before a verb of winning, it is yet to happen.
_AHEAD = frozenset(("could", "can", "will", "might", "should", "may", "would", "shall"))
#: Record types whose deals bring money in.
_EARNING = ("deal", "company", "contact", "user")
#: What may stand behind a verb of earning that brings money: the deals, or whom it came from.
_BEHIND_MONEY = ("deal", "deal/won", "deal/lost", "company", "contact/customer")
_MOST = ("most", "least", "count_most", "count_least")


class Money(Authors):
    """Verbs of money that came in, or got away."""

    def _earns(self, i: int, item: Item) -> bool:
        """Whether a verb of earning is one here, rather than what else it may be."""
        kinds = {sense.kind for sense in item.senses} - {"earn"}
        head = self.parse.head
        if item.has("earn", "came") and not self.parse.has("how_much"):
            return False
        if head is not None and head.entity not in _EARNING:
            return False
        return not kinds or self._asks_for_money(i)

    def _earn(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        if not self._asks_for_money(i):
            self._cue(i, "won" if value == "came" else value)
            return
        is_ahead = self._is_ahead(i) and value != "lost"
        self._metric(i, _METRICS["ahead" if is_ahead else value])
        if self.parse.head is not None and self.parse.head.entity == "deal":
            self.parse.head.cues.append(Cue(i, "closing" if is_ahead else value.replace("came", "won")))

    def _cue(self, i: int, value: str) -> None:
        """“how much could we win in December”: it is open, and would close then."""
        if value == "won" and self._is_ahead(i) and self.parse.has("how_much", "worth"):
            self.parse.used.add(i)
            self._metric(i, _METRICS["ahead"])
            if self.parse.head is not None:
                self.parse.head.cues.append(Cue(i, "closing"))
            return
        super()._cue(i, value)

    def _is_ahead(self, i: int) -> bool:
        return bool(_AHEAD & set(self.words[max(0, i - 4) : i])) and "have" not in self.words[max(0, i - 2) : i]

    def _asks_for_money(self, i: int) -> bool:
        """“what did we land”, “who brought in the most”; not “how many deals”, nor “which brings in the most leads”."""
        parse = self.parse
        if parse.has("how_many", "how_long", "when", "exists") or self._is_yes_or_no():
            return False
        if self._brings_something_else(i):
            return False
        if parse.has("how_much", "worth") or {"sum", "avg", "total"} & parse.aggregates.keys():
            return True
        is_most = any(s.concept in _MOST and s.of_field is None for s in parse.superlatives) or self._most_behind(i)
        if is_most and not self._deals_behind(i):
            return True
        return (parse.has("what") and not parse.has("which") and parse.head is None) or self._bought_what(i)

    def _is_yes_or_no(self) -> bool:
        """“did we land anything”: it begins so."""
        asks = self.parse.asks
        return bool(asks) and min(asks, key=lambda ask: asks[ask]) == "is"

    def _bought_what(self, i: int) -> bool:
        """“what have the French accounts spent with us”: they stand between."""
        parse, head = self.parse, self.parse.head
        if not parse.has("what") or head is None:
            return False
        if head.entity == "deal":  # “what did the support deals bring in”, not “what deals did we bring in”
            asked = parse.asks["what"]
            return head.item is not None and asked + 1 < len(self.items) and self.items[asked + 1] is not head.item
        return head.entity in ("company", "contact", "user")

    def _most_behind(self, i: int) -> bool:
        following = self._next(i)
        return following is not None and self.items[following].has("sup", *_MOST)

    def _deals_behind(self, i: int) -> bool:
        """“who landed the most deals”: those are counted."""
        following = self._next(i)
        if following is None or not self.items[following].has("sup", "count_most", "count_least"):
            return False
        return self._noun_ahead(following)

    def _brings_something_else(self, i: int) -> bool:
        """“brings in the most leads”: what is brought are no deals."""
        for item in self.items[i + 1 : i + 5]:
            if item.has("noun"):
                return not item.has("noun", *_BEHIND_MONEY)
            if item.has("link") and not item.has("stop"):
                return False
        return False

    def _settle_weighted(self) -> None:
        """“weighted value of my open deals”: of all of them together, where of a single one it is its own."""
        head = self.parse.head
        if "weighted" not in self.parse.asked or head is None or head.entity != "deal" or self.parse.metric is not None:
            return
        is_several = self._is_plural(head) or "implied" in self.parse.specials
        if is_several and not self.parse.has("which", "list", "who", "how_many") and not self.parse.orders:
            self.parse.asked.remove("weighted")
            self.parse.metric = "weighted_pipeline"
