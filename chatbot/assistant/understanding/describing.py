"""Descriptions in a sentence: whose record they are given to, and as which condition."""

from __future__ import annotations

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, Cue, When
from chatbot.assistant.understanding.concepts import FIELDS, RELATIONS, STATES, TIMES, cmp
from chatbot.assistant.understanding.countries import country_of
from chatbot.assistant.understanding.custom_items import CustomItems
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.places import may_be_town
from chatbot.assistant.understanding.sentence import TOUCH, is_silent
from chatbot.assistant.understanding.tokens import Token
from chatbot.assistant.understanding.values import Value
from shared.query.plan import Node, Related

CUE_OF_FIELD = {
    "expected_close": "closing", "closed_at": "closed", "created_at": "created", "updated_at": "updated",
    "due_date": "due", "completed_at": "done", "last_activity_at": "activity", "stage_since": "staying",
    "last_contact_at": "contact", "last_meeting_at": "met", "occurred_at": "",
}  # fmt: skip


#: How big in words; what is meant by it says a number beside.
_SIZES = frozenset(
    ("small", "smaller", "large", "larger", "mid", "sized", "medium", "tiny", "kleine", "große", "grosse")
)


_LANGUAGES = {"german": "de", "deutsch": "de", "english": "en", "englisch": "en", "french": "fr"}


#: Records that are in places, and what else they may be in.
_SOMEWHERE = ("company", "contact", "contact/customer", "contact/lead", "contact/partner", "contact/former",
              "contact/qualified")  # fmt: skip


class Describing(CustomItems):
    """Times, values, names and states, given to the nearest record type that can take them."""

    def _on_break(self, i: int, item: Item) -> None:
        if self.words[i] in (".", ";", "!", "?"):
            self.negation = None

    def _on_time(self, i: int, item: Item) -> None:
        self.number_before = None
        following = self._next(i)
        is_before_role = following is not None and self.items[following].has("role") and self.parse.head is not None
        if self._noun_ahead(i) and not is_before_role:  # “bei Deals aus diesem Monat Entscheider”: the deals'
            self.pending.append((i, False))
        else:
            self._attach(i, False)

    def _on_value(self, i: int, item: Item) -> None:
        if role := next((v.stored[0] for v in item.data if v.entity == "role"), None):
            self._role(i, role)
            return
        negated = self._is_denied(i)
        if self.field_before is not None and self._is_of_field(item, self.field_before[0]):
            self._use_field_of_value()
        if self._is_title_of_people(i, item):
            self.parse.head = self.current = Clause("contact", item)
            self.parse.clauses.append(self.parse.head)
        if not negated and self._is_stage_of_deals(i, item):
            self.parse.head = self.current = Clause("deal", item)
            self.parse.clauses.append(self.parse.head)
        self._describe(i, negated)

    def _role(self, i: int, value: str) -> None:
        """What somebody is on a deal; see `roles`."""
        raise NotImplementedError

    def _leads_to_a_source(self, i: int) -> bool:
        """“first met at a trade fair”, “came in via the website”: not what happened, but where they came from."""
        for j in range(i + 1, len(self.items)):
            item = self.items[j]
            if item.kind == "value":
                return any(value.field == "source" for value in item.data)
            is_told = item.has("verb", "located", "met", "contact", "created", "know") or item.has("sup", "oldest")
            if not (is_silent(item) or is_told or item.has("our") or item.has("neg")) or item.kind == "break":
                return False
        return False

    def _on_name(self, i: int, item: Item) -> None:
        if self.parse.head is None and self._is_of_everybody(i) and not self._noun_ahead(i):
            self.parse.head = self.current = Clause("contact")
            self.parse.clauses.append(self.parse.head)
        if self._has_something(i, item):
            self.pending.append((i, self._is_denied(i)))
            return
        self._on_description(i)

    def _has_something(self, i: int, item: Item) -> bool:
        """“companies where Priya has open tasks”: the tasks are hers."""
        if self.parse.head is None or not item.data[0].by_type.get("user") or i + 1 >= len(self.items):
            return False
        following = self.items[i + 1]  # „Firmen von Marcus mit Aufgaben“ are his, whosever the tasks are
        return following.has("verb", "have") and not following.has("link", "with") and self._noun_ahead(i + 1)

    def _on_description(self, i: int) -> None:
        self._describe(i, self._is_denied(i))

    def _describe(self, i: int, negated: bool) -> None:
        if self._noun_ahead(i):
            self.pending.append((i, negated))
        else:
            self._attach(i, negated)

    def _is_stage_of_deals(self, i: int, item: Item) -> bool:
        """“negotiations without a task”, “proposals of Jane's”: the deals that are there."""
        is_first = self.parse.head is None and not self._noun_ahead(i) and self.words[i].endswith("s")
        return is_first and all(value.field == "stage" for value in item.data)

    def _is_title_of_people(self, i: int, item: Item) -> bool:
        """“managing directors of companies …”: the first noun is the job of those who are asked for."""
        if self.parse.head is not None or self._noun_ahead(i) or not any(v.field == "title" for v in item.data):
            return False
        following = self._next(i)
        if following is None:
            return False
        if (
            set(self.parse.asked) & {"phone", "email"}
            and self._before(i) is not None
            and self.items[following].kind == "name"
        ):
            return True  # “the phone number of the head of planning at Tidewater”
        return any(later.has("noun") and later.sense("noun") != "contact" for later in self.items[following:])

    def _on_currency(self, i: int, item: Item) -> None:
        if self.field_before is not None and self.field_before[0] == "currency":
            self._use_field_of_value()
        self._on_description(i)

    def _on_unknown(self, i: int, item: Item) -> None:
        """A word nobody knows may be what a text field is asked to hold, or a place where nobody is."""
        if self.parse.topic and i in self.parse.topic:
            return
        if self.words[i] in _SIZES and any(j.kind == "number" for j in self.items[i:]):
            self.parse.used.add(i)  # “small companies, fewer than 50 employees”
            return
        if self._is_place(i, item) and self._attach_place(i):
            self.parse.used.add(i)
            return
        if self.field_before and self._contains(self.field_before[0], i):
            self.parse.used |= {i, self.field_before[1]}
        elif self._has_insight() and self.reading.text.tokens[item.first].is_capital:
            self.strangers.append(i)

    def _is_place(self, i: int, item: Item) -> bool:
        """“in Berlin”, where no record has a Berlin: with a capital, or a country's name."""
        token = self.reading.text.tokens[item.first]
        before = self._before(i)
        if token.kind != "word" or before is None:
            return False
        if self._is_beside_a_place(i):
            return country_of(token.word) is not None
        if not before.has("link", "in", "from"):
            return False
        is_written_so = token.is_capital and not self.reading.text.is_shouted and self.reading.language == "en"
        return is_written_so or country_of(token.word) is not None or self._is_town(i, token)

    def _is_town(self, i: int, token: Token) -> bool:
        """“companies in timbuktu”, „Firmen in Wuppertal“: whoever is somewhere is in a place, where a noun that tells
        how they are (“in trouble”, „in Schwierigkeiten“) would have the ending of one, or is told as such."""
        # „Firmen ohne Webseite in Wuppertal“
        told = (item for item in reversed(self.items[: i - 1]) if item.has("noun") or not item.has("field"))
        before = next((item for item in told if not item.has("neg") and not item.has("link", "with")), None)
        following = self.items[i + 1] if i + 1 < len(self.items) else None
        link, is_firm = self.items[i - 1], before is not None and before.has("noun", "company")
        is_from = is_firm and link.has("link", "from") and token.text.istitle()  # and not „Firmen aus LinkedIn“
        is_in = before is not None and before.has("noun", *_SOMEWHERE) and link.has("link", "in")
        is_end = following is None or following.kind == "break" or following.has("link") or following.has("neg")
        return (is_in or is_from) and is_end and may_be_town(token.word)

    def _is_beside_a_place(self, i: int) -> bool:
        """“in Denmark or Finland”, “Danish, Norwegian or Finnish”: joined to a place."""
        if i < 2 or not (self.items[i - 1].has("link", "or", "and") or self.words[i - 1] == ","):
            return False
        other = self.items[i - 2]
        if other.kind == "value":
            return any(value.field in ("country", "city") for value in other.data)
        return i - 2 in self.parse.used and other.kind == "unknown" and self._is_place(i - 2, other)

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

    def _use_field_of_value(self) -> None:
        """“industry is Retail”: the field is named by its value."""
        assert self.field_before is not None
        concept, at = self.field_before
        self.parse.used.add(at)
        if concept in self.parse.asked:
            self.parse.asked.remove(concept)
        self.field_before = None

    def _attach(self, i: int, negated: bool, clause: Clause | None = None) -> None:
        """Give a description to the nearest clause that can take it; without any it waits for one."""
        if self.items[i].kind == "time" and clause is None:
            clause = self._clause_of_last_cue(i)
        places = [clause] if clause is not None else []
        places += [c for c in self._reachable() if c is not clause]
        if not places:
            self.parse.loose.append(i)
            if negated:
                self.loose_negations.add(i)
            return
        if self._is_of_current(i) and self._give_related(places[0], i, negated):
            self.parse.used.add(i)  # “the company of Jane Roe”
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

    def _is_of_current(self, i: int) -> bool:
        """A person's name behind “company of”."""
        current = self.current
        if self.items[i].kind != "name" or current is None or current.parent is None or current.entity != "company":
            return False
        mention = self.items[i].data[0]
        previous = self._previous(i)
        is_beside = (
            previous is not None and self.items[previous].has("noun", "company") and self.words[i - 1] in ("of", "von")
        )
        return is_beside and bool(mention.by_type.get("contact")) and not mention.by_type.get("company")

    def _clause_of_last_cue(self, i: int) -> Clause | None:
        """“companies with open deals we have not contacted in 30 days”: the time is the contact's, not the deals'."""
        cues = [(cue.at, clause) for clause in self._reachable() for cue in clause.cues if cue.at < i]
        if not cues or self.current is None:
            return None
        at, clause = max(cues, key=lambda pair: pair[0])
        opened = self.current.item.first if self.current.item is not None else -1
        return clause if self.items[at].first > opened else None

    def _give(self, clause: Clause, i: int, negated: bool) -> bool:
        item = self.items[i]
        if item.kind == "time":
            return self._give_time(clause, i)
        if item.kind == "value":
            return self._give_value(clause, item, negated)
        if item.kind == "name":
            return self._give_name(clause, i, negated)
        if item.kind == "currency" and clause.entity == "deal":
            clause.add(cmp("currency", "eq", item.data), negated=negated)
            return True
        if item.kind == "figures":
            return self._compare_figures(i, clause)
        if item.kind == "custom":
            return self._give_custom(clause, i, negated=negated)
        if item.kind in ("number", "currency"):
            return False
        if item.has("state"):
            states = [sense.value for sense in item.senses if sense.kind == "state"]
            return any(self._give_state(clause, i, state, negated) for state in states)
        if item.has("me"):
            return self._give_person(clause, i, "me", negated)
        return False

    def _give_time(self, clause: Clause, i: int) -> bool:
        period = self.items[i].data
        if self.field_before is not None:
            name = FIELDS.get(self.field_before[0], {}).get(clause.entity)
            if name in concepts.NUMERIC and period.days is not None:
                clause.add(cmp(name, period.compared, str(period.days)))
                if not clause.states:
                    clause.add(STATES["open"]["deal"])
                self._forget_field(name)
                return True
            if name in concepts.DATED:
                clause.cues.append(Cue(i, CUE_OF_FIELD.get(name, "")))
                self._forget_field(name)
        if clause.entity not in TIMES or self._is_of_its_parent(clause):
            return False
        clause.whens.append(When(i, period))
        return True

    def _is_of_its_parent(self, clause: Clause) -> bool:
        """“meetings with a champion in October”: the time is the meeting's, unless it is said what people did then, or
        that they are new."""
        if clause.parent is None or clause.entity not in ("company", "contact"):
            return False
        if any(cue.concept in TIMES[clause.entity] or cue.concept in TOUCH for cue in clause.cues):
            return False
        before = self._before(self.items.index(clause.item)) if clause.item in self.items else None
        if before is not None and before.has("verb", "created"):
            return False
        return clause.parent.entity in ("meeting", "note", "task", "insight")

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
            if self._is_no_place(i, item):
                return False
            return self._give_value_through(clause, item.data, negated)
        if item.kind == "name":
            return self._give_name_through(clause, i, negated)
        if item.kind == "custom":
            return self._give_custom_through(clause, i, negated=negated)
        if item.has("state", "won", "lost", "open"):
            if self._is_alternative(i) and self._noun_ahead(i + 1):
                self.pending.append((i, negated))  # “with open or won deals”: both wait for the deals
                return True
            return self._of_their_deals(i, item.sense("state") or "", negated)
        return False

    def _is_no_place(self, i: int, item: Item) -> bool:
        """“companies in Buyer”: a title is nothing that a company or deal is in, so something else was meant."""
        at = i
        while at > 1 and self.items[at - 1].has("link", "or", "and") and self.items[at - 2].kind == "value":
            at -= 2
        before = self._before(at)
        is_in = before is not None and (before.has("link", "in") or self.words[at - 1].endswith(" in"))
        return is_in and all(value.field == "title" for value in item.data)

    def _of_their_deals(self, i: int, state: str, negated: bool) -> bool:
        """“companies we lost”, “accounts where nothing was ever won”: what is won of them is deals."""
        for clause in self._reachable():
            if clause.entity in ("company", "contact"):
                deals = clause.child("deal", absent=negated)
                self._give_state(deals, i, state, False)
                self.parse.clauses.append(deals)
                self.current = deals
                self.parse.used.add(i)
                return True
        return False

    def _give_value_through(self, clause: Clause, listed: tuple[Value, ...], negated: bool) -> bool:
        if clause.entity == "meeting" and (language := self._language_of(listed)):
            clause.add(cmp("language", "eq", language), negated=negated)
            return True
        listed = tuple(v for v in listed if v.is_whole or v.field == "industry")
        entity = next((v.entity for v in listed if v.entity in RELATIONS.get(clause.entity, {})), None)
        if entity is None:
            return False
        inner = Clause(entity)
        self._give_values(inner, listed, False)
        relation = RELATIONS[clause.entity][entity]
        clause.nodes.append(Related(relation=relation, absent=negated, where=inner.nodes[0]))
        return True

    def _language_of(self, listed: tuple[Value, ...]) -> str | None:
        """“meetings in German” were held in it."""
        tokens = self.reading.text.tokens
        first = listed[0].first
        is_spoken = first > 0 and tokens[first - 1].word in ("in", "auf")
        return _LANGUAGES.get(tokens[first].word) if is_spoken and listed[0].field == "country" else None
