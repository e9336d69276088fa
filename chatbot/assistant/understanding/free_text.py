"""Questions that texts answer: what was said, why, a summary; and what they are about."""

from __future__ import annotations

from itertools import pairwise

from chatbot.assistant.types import RecordRef, Routed
from chatbot.assistant.understanding import definite

#: Confidence of a plan that explains every word, and how much of it each corrected word costs.
from chatbot.assistant.understanding.asking_back import UNSURE, AskingBack, plain_name
from chatbot.assistant.understanding.clauses import Cue
from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.sentence import Named
from shared.query.plan import And, Plan

_COUNTING = ("how_many", "how_much")
_TYPE_ORDER = ("company", "contact", "deal", "meeting", "user", "task", "note")
#: In German every noun has a capital; behind these words it is a name.
_BEFORE_NAMES = frozenset(("hat", "hatte", "herr", "herrn", "frau", "bei"))


class FreeText(AskingBack):
    """Searches, with what the records themselves say where that helps; and names nobody knows."""

    def _is_free_text(self) -> bool:
        parse = self.parse
        if "agenda" in parse.specials or "news" in parse.specials:
            return False
        is_promise = "promise" in parse.specials and (parse.head is None or parse.head.entity != "task")
        return bool(parse.texts) or parse.has("why") or "summary" in parse.specials or is_promise

    def _free_text(self) -> Routed:
        """Search for it; a summary or a “why” also shows what the records themselves say."""
        if self._is_counting():
            return self._abstain_words(self._unexplained())
        about, ambiguous = self._named()
        if ambiguous is not None:
            return self._which_one(ambiguous)
        if self.parse.head is not None and self.parse.head.entity == "meeting":
            meeting = definite.head_record(self.session, self.parse, self.question.asker, self.today)
            about = [meeting] if meeting is not None else about
        unknown = self._unknown_name(self._unexplained())
        if unknown and (not about or self._is_of_another_name()):
            return self._abstain("unknown_name", name=unknown)
        plan = self._facts(about)
        return Routed(
            "hybrid" if plan is not None else "semantic", confidence=0.8, plan=plan, search=self.reading.text.written,
            about=tuple(about), focus=about[0] if len(about) == 1 else None,
        )  # fmt: skip

    def _is_of_another_name(self) -> bool:
        """“Northgate Zirconium” is not the Northgate that is known."""
        items, tokens = self.reading.items, self.reading.text.tokens
        return any(
            one.kind == "name" and two.kind == "unknown" and tokens[two.first].is_capital and self.language == "en"
            for one, two in pairwise(items)
        )

    def _named(self) -> tuple[list[RecordRef], Named | None]:
        """The records the question names, one of each name, whatever part of the plan they had."""
        about: list[RecordRef] = []
        ambiguous: Named | None = None
        for i, item in enumerate(self.reading.items):
            if item.kind != "name":
                continue
            mention = item.data[0]
            if not mention.is_strong:
                continue
            types = sorted(
                (t for t in mention.by_type if t != "user"),
                key=lambda t: (not any(c.is_whole for c in mention.by_type[t]), _TYPE_ORDER.index(t)),
            )
            if not types:
                continue
            type_ = "deal" if "deal" in types and self._says_deal(i) else types[0]
            records = mention.records(type_)
            if len(records) == 1:
                about.append(records[0])
            elif ambiguous is None:
                ambiguous = Named(i, mention, type_, records)
        page = self.question.page
        if not about and page is not None and (self.parse.deictic or not self._has_names()):
            about.append(page)
        return about, ambiguous

    def _has_names(self) -> bool:
        return any(item.kind in ("name", "unknown") for item in self.reading.items)

    def _says_deal(self, i: int) -> bool:
        """A deal beside the name; what is said of a contract may stand in any text of the company's."""
        near = self.reading.items[max(0, i - 2) : i + 3]
        return any(
            item.sense("noun") == "deal" and not self.reading.words_of(item).lower().startswith("contract")
            for item in near
        )

    def _facts(self, about: list[RecordRef]) -> Plan | None:
        """The record's own fields beside what is found in texts: for summaries, and for why a deal was lost."""
        is_summary = "summary" in self.parse.specials
        if not about or not (is_summary or self.parse.has("why")) or about[0].type == "meeting":
            return None
        record = about[0]
        if not self.parse.has("why"):
            return Plan(from_=record.type, where=cmp("id", "eq", str(record.id)))
        field = {"deal": "id", "company": "company_id", "contact": "contact_id"}.get(record.type)
        if field is None:
            return None
        where = [cmp(field, "eq", str(record.id))]
        if record.type != "deal" and any(c.concept == "lost" for c in self._cues()):
            where.append(cmp("stage_type", "eq", "lost"))
        fields = ("stage", "lost_reason", "closed_at", "amount")
        return Plan(from_="deal", where=where[0] if len(where) == 1 else And(of=tuple(where)), fields=fields)

    def _cues(self) -> list[Cue]:
        return [*self.parse.cues, *(self.parse.head.cues if self.parse.head else ())]

    def _unexplained(self) -> list[Item]:
        return [item for item in self.parse.unexplained() if not item.has("text")]

    def _is_counting(self) -> bool:
        if "summary" in self.parse.specials and not self.parse.has("how_many"):
            return False
        return self.parse.has(*_COUNTING) or bool(self.parse.aggregates) or self.parse.metric is not None

    def _search(self, about: list[RecordRef] | None = None) -> Routed:
        found = about if about is not None else self._named()[0]
        return Routed("semantic", confidence=UNSURE - 0.1, search=self.reading.text.written, about=tuple(found))

    def _is_about_a_price(self, items: list[Item]) -> bool:
        """“how much does a missed ferry cost”: not a figure of the CRM, but somebody may have said it."""
        parse = self.parse
        is_sum = parse.has("how_many") or parse.aggregates or parse.metric or parse.groups
        is_money = any(item.has("state", "open", "won", "lost") for item in self.reading.items)
        is_unknown = any(item.kind == "unknown" for item in items)
        return parse.has("how_much") and is_unknown and not is_sum and not is_money

    def _unknown_name(self, items: list[Item]) -> str | None:
        """An unknown word where only a name can stand, or written as one."""
        text = self.reading.text
        for item in items:
            if item.kind != "unknown" or text.tokens[item.first].kind not in ("word", "email", "domain", "ref"):
                continue
            token = text.tokens[item.first]
            if token.kind != "word":
                return token.text
            if item.first in range(*_range(text.quoted, item.first)):
                return token.text
            is_name = (
                token.is_capital
                and item.first > 0
                and not text.is_shouted
                and (
                    self.language == "en"
                    or text.tokens[item.first - 1].word in _BEFORE_NAMES
                    or self._is_one_of_two(item, items)
                )
            )
            if is_name or self._stands_for_a_name(item):
                return self._whole_name(item)
        return None

    def _is_one_of_two(self, item: Item, items: list[Item]) -> bool:
        """“Ilse Hartwig”: two unknown words side by side with a capital each are a name in German too."""
        tokens = self.reading.text.tokens
        return item.last < len(tokens) and tokens[item.last].is_capital and any(
            other.first == item.last and other.kind == "unknown" and tokens[other.first].kind == "word"
            for other in items
        )  # fmt: skip

    def _stands_for_a_name(self, item: Item) -> bool:
        """“at X”, “with X”, “X's …”, “who is X”."""
        tokens = self.reading.text.tokens
        before = tokens[item.first - 1].word if item.first else ""
        after = tokens[item.last].word if item.last < len(tokens) else ""
        if after == "'s":
            return True
        is_last = all(t.kind == "break" for t in tokens[item.last :])
        return is_last and before in (
            "at",
            "bei",
            "is",
            "ist",
            "with",
            "mit",
            "from",
            "von",
            "does",
            "own",
            "owns",
            "by",
        )

    def _whole_name(self, item: Item) -> str:
        """With the unknown words beside it: “Zara Quill”."""
        items = [i for i in self.reading.items if i.kind == "unknown"]
        last = item.last
        for other in items:
            if other.first == last and self.reading.text.tokens[other.first].is_capital:
                last = other.last
        return plain_name(self.reading.text.slice(item.first, last))


def _range(quoted: tuple[tuple[int, int], ...], at: int) -> tuple[int, int]:
    return next(((first, last) for first, last in quoted if first <= at < last), (0, 0))
