"""Plans that show records: their fields, their order, how many of them."""

from __future__ import annotations

import re

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.concepts import FIELDS, PEOPLE, SHOWN_AS, SUPERLATIVES, TIMES, cmp
from chatbot.assistant.understanding.plan_parts import MOST_SHOWN
from chatbot.assistant.understanding.sentence import TOUCH, Superlative
from chatbot.assistant.understanding.turning import Turning
from shared.query.plan import Cmp, Order, Plan, Related

#: “the longest” of what has not happened for a while, or should have.
_UNTOUCHED = ("longest", "shortest", "most", "count_most")


_WINNING = frozenset(("won", "win", "winning", "sign", "signed", "signing", "signature"))


#: “which of our firms has …”, “show me the one with …”: one of several.
_ONE_OF = re.compile(
    r"\bwhich one\b|\bwhich (?:single |one )?of (?:\S+ ){1,6}?(?:is|has|was|does)\b"
    r"|\bthe (?:single )?one (?:with|that|which)\b",
    re.IGNORECASE,
)


class Listing(Turning):
    """Rows, best first where a superlative says what is best."""

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
        relation = concepts.RELATIONS["meeting"].get(self.entity)
        if is_met and relation is not None and self._sup("oldest") is not None:  # “when did we first meet them”
            where = Related(relation=relation, where=self._where())
            order = (Order(by="occurred_at", descending=False),)
            return Plan(from_="meeting", where=where, fields=("occurred_at",), order=order, limit=1)
        field = {"deal": "last_meeting_at" if is_met else "last_activity_at"}.get(
            self.entity, "last_meeting_at" if is_met else "last_contact_at"
        )
        self.head.cues = [c for c in self.head.cues if c is not cue]
        return Plan(from_=self.entity, where=self._where(), fields=(field,))

    def _rows(self) -> Plan:
        order, limit = self._order()
        fields = self._fields()
        q = self._topic()
        where = self._where()
        return Plan(from_=self.entity, where=where, fields=fields, order=order, limit=limit, q=q)

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
        is_ago = parse.has("how_long") and any(token.word == "ago" for token in parse.reading.text.tokens)
        if parse.has("when") or is_ago:
            cue = next((c.concept for c in self.head.cues if c.concept in times), "")
            default = {"deal": "expected_close"}.get(self.entity, "")
            wanted.append(times.get(cue) or default)
        if parse.has("whose") and self.entity in PEOPLE and not parse.has("who") and self._is_whose_they_are():
            wanted.append(FIELDS["owner"][self.entity])
        if parse.has("who") and self.entity in PEOPLE and (self.entity != "contact" or "own" in parse.specials):
            wanted.append(FIELDS["owner"][self.entity])
        if parse.has("where") and self.entity == "company":
            wanted += ["city", "country"]
        if parse.has("how_much", "worth") and self.entity == "deal":
            wanted.append("amount")
        if parse.has("how_long") and not is_ago:
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
                    "employment": "started_on",
                }.get(self.entity, "")
            )
        return [name for name in wanted if name]

    def _is_whose_they_are(self) -> bool:
        """“whose are they?”, “whose is this?”: the owner is asked, nothing else."""
        return not (self.head.children or self.parse.asked or self.parse.superlatives)

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
        if (
            parse.direction
            and "by_age" in parse.specials
            and (by := SUPERLATIVES["newest"].get(self.entity)) is not None
        ):
            return (Order(by=by[0], descending=parse.direction == "desc"),), parse.limit or 50
        if parse.direction and (default := SUPERLATIVES["most"].get(self.entity)) is not None and not parse.limit:
            return (Order(by=default[0], descending=parse.direction == "desc"),), 50
        if self._is_new():
            return (Order(by=SUPERLATIVES["newest"][self.entity][0], descending=True),), parse.limit or MOST_SHOWN
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
        is_latest = name in ("created_at", "updated_at", "occurred_at", "closed_at")
        descending = concepts.is_number(concept, name) or is_latest
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
        if _ONE_OF.search(self.parse.reading.text.written):
            return 1
        if sup.of_field and item is not None and item.first > self.parse.reading.items[sup.item].first:
            return 1
        return MOST_SHOWN if self.head.item is not None and self._plural(self.head.item) else 1

    def _superlative_field(self, sup: Superlative) -> tuple[str | None, bool]:
        in_stage = {"in_stage", "stage"} & set(self.parse.asked)
        if sup.concept in ("longest", "shortest") and sup.of_field is None and self._is_in_a_stage():
            return "days_in_stage", sup.concept == "longest"
        if sup.concept in ("longest", "shortest") and self.entity == "deal" and in_stage:
            self.parse.asked = [c for c in self.parse.asked if c not in in_stage]
            return "days_in_stage", sup.concept == "longest"
        if sup.concept in ("longest", "shortest") and sup.of_field in (None, "cycle") and self._is_over():
            self.parse.asked = [c for c in self.parse.asked if c != "cycle"]
            if not self.head.states and _WINNING & {token.word for token in self.parse.reading.text.tokens}:
                self.head.add(concepts.STATES["won"]["deal"])
            return "cycle_days", sup.concept == "longest"
        if sup.concept in _UNTOUCHED and (field := self._longest_ago()) is not None:
            return field, sup.concept == "shortest"
        more = sup.concept in ("most", "count_most", "newest", "longest", "likeliest")
        if sup.of_field is not None:
            if sup.of_field in self.parse.asked:
                self.parse.asked.remove(sup.of_field)
            return FIELDS.get(sup.of_field, {}).get(self.entity), more
        if sup.concept == "oldest" and self.entity == "deal" and self.head.is_said("closing"):
            return "expected_close", False  # “which are due to be signed first”
        if sup.concept in ("newest", "oldest"):
            if (field := self._last_touch()) is not None:
                return field, more
            cue = next((c for c in self.head.cues if c.concept in TIMES.get(self.entity, {}) and not c.is_used), None)
            if cue is not None and not self.head.whens:
                return TIMES[self.entity][cue.concept], more
        found = SUPERLATIVES.get(sup.concept, {}).get(self.entity)
        return found if found is not None else (None, True)

    def _is_in_a_stage(self) -> bool:
        """“in negotiation the longest”: that long in the stage, unless they are open the longest."""
        is_there = any(isinstance(n, Cmp) and (n.field, n.op) == ("stage", "eq") for n in self.head.nodes)
        return self.entity == "deal" and is_there and not self.head.states

    def _is_over(self) -> bool:
        """Won or lost: how long such a deal took is its cycle, not its age."""
        is_cycle = "cycle" in self.parse.asked or any(s.of_field == "cycle" for s in self.parse.superlatives)
        return self.entity == "deal" and (is_cycle or bool({"won", "lost", "closed"} & set(self.head.states)))

    def _last_touch(self) -> str | None:
        """“which company did we speak to last”."""
        cue = next((c for c in self.head.cues if c.concept in TOUCH and not c.negated), None)
        if cue is None or self.head.whens or self.head.people or self.entity not in ("company", "contact"):
            return None
        return "last_meeting_at" if cue.concept == "met" else "last_contact_at"

    def _longest_ago(self) -> str | None:
        """“overdue the longest” was due first; “not spoken to for the longest” was spoken to longest ago."""
        if "overdue" in self.head.states:
            return {"task": "due_date", "deal": "expected_close"}.get(self.entity)
        cue = next((c for c in self.head.cues if c.concept in TOUCH and c.negated), None)
        if cue is None or self.head.whens or self.entity not in ("company", "contact", "deal"):
            return None
        self.head.cues = [c for c in self.head.cues if c is not cue]
        if self.entity == "deal":
            return "last_meeting_at" if cue.concept == "met" else "last_activity_at"
        return "last_meeting_at" if cue.concept == "met" else "last_contact_at"

    def _only_ahead(self, name: str) -> None:
        self.head.add(cmp(name, "gte", "today"))
        node = concepts.STATES["open"].get(self.entity)
        if node is not None and not self.head.states:
            self.head.add(node)
