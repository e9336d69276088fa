"""Nouns in a sentence: which record type is asked for, and how the others hang on it."""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from chatbot.assistant.understanding.asides import Asides
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import PEOPLE, REFERENCES, RELATIONS, cmp
from chatbot.assistant.understanding.quantifying import bounds_of
from chatbot.assistant.understanding.quantities import plain
from chatbot.assistant.understanding.sentence import EVERY

_ALL = frozenset("all every each alle alles jeder jede jedes samtliche".split())
_WHERE = frozenset("where whose which have has wo denen deren dessen welchen".split())
_BE = frozenset("is are was were be sind ist waren".split())
_BESIDE = frozenset("a an the still already now not no only noch schon keine nicht nur".split())
_PEOPLE = ("contact/lead", "contact/customer", "contact/qualified", "contact/partner", "contact/former")
_WHOSE = frozenset("of the their our its die der das ihre ihrer".split())


class Nouns(Asides):
    """Each noun opens a clause, or goes on with one."""

    def _noun(self, i: int, value: str) -> None:
        entity, _, preset = value.partition("/")
        self.parse.used.add(i)
        if self.parse.head is not None and self.parse.head.entity == "insight" and value == "contact/customer":
            entity, preset = "company", ""  # what customers object to is said for their company
        if self._is_promised_by_them(i) or self._is_lifecycle(i):
            return
        if preset and entity != "insight" and self._says_of_head(i, entity, preset):
            return
        if self._is_group(i, entity) or self._is_told_again(entity):
            return
        if preset and self.field_before is not None and self.field_before[0] in ("state", "lifecycle"):
            self._use_field_of_value()  # “whose status is lead”
        clause = self._placed(i, entity)
        if clause is None:
            self.parse.used.discard(i)
            return
        clause.item = clause.item or self.items[i]
        if clause.parent is not None and self._is_each(i):
            clause.every = not clause.absent
        if preset:
            self._preset(clause, i, entity, preset)
        self.current = clause
        if clause not in self.parse.clauses:
            self._take_superlative(clause, i)
            self.parse.clauses.append(clause)
        if self.points_at is not None:
            self._point(clause)
        pending, self.pending = self.pending, []
        for j, negated in pending:
            if self.items[j].kind == "number" or self.items[j].has("several"):
                self._count(clause, j)
            else:
                self._attach(j, negated, clause)
        self.field_before = None

    def _is_lifecycle(self, i: int) -> bool:
        """“contacts who are opportunities”, „die Opportunities sind“: how far people are, and no deals of theirs."""
        head, words = self.parse.head, self.words
        if head is None or head.entity != "contact" or not words[i].startswith("opportunit"):
            return False
        before = next((word for word in reversed(words[:i]) if word not in _BESIDE), "")
        is_told = before in _BE or words[i + 1 : i + 2] in (["sind"], ["ist"])
        is_other = i > 1 and words[i - 1] in ("or", "oder") and self.items[i - 2].has("noun", *_PEOPLE)
        return (is_told or is_other) and self._give_state(head, i, "opportunity", self._is_denied(i))

    def _is_each(self, i: int) -> bool:
        """“where all deals are lost”, “bei denen jeder Kontakt …”: told of each record there is."""
        tokens = self.reading.text.tokens
        first = min((i, *(j for j, _ in self.pending)))
        at = self.items[first].first - 1
        while at > 0 and tokens[at].word in _WHOSE:
            at -= 1
        before = tokens[at - 1].word if at > 0 and tokens[at].word in _ALL else ""
        is_each = before in _WHERE
        if before in ("not", "nicht") or (is_each and first < i):
            self.parse.impossible.append("some of all")  # “where not all deals”, “where all open deals”
        return is_each

    def _says_of_head(self, i: int, entity: str, preset: str) -> bool:
        """“contacts who are not customers”: said of those asked for, no record of its own."""
        head = self.parse.head
        is_same = head is not None and head.entity == entity and head.item is not None
        if head is None or not is_same or not self._is_denied(i):
            return False
        return self._give_state(head, i, preset, True)

    def _point(self, clause: Clause) -> None:
        """“this company”: the page's record, or the one of that type beside it; of a list, its reference says it."""
        at, self.points_at = self.points_at, None
        them = at is not None and (self.items[at].has("deictic", "them") or self.items[at].has("noun", "company"))
        page = self.parse.page
        parent = clause.parent
        is_it = page is not None and page.type == clause.entity
        if is_it and parent is not None and clause.entity in REFERENCES.get(parent.entity, {}):
            parent.children.remove(clause)
            self.parse.clauses = [c for c in self.parse.clauses if c is not clause]
            self.current = clause = parent
        self._attach_page(clause, them=them)

    def _is_group(self, i: int, entity: str) -> bool:
        """“each rep”, “for each company”: what to group by. A person of a group is one of us."""
        before = self._before(i)
        concept = {"user": "owner", "contact": "owner", "company": "company", "deal": "deal", "meeting": "meeting"}.get(
            entity
        )
        if before is not None and before.has("stop") and self.words[i - 1] == "the" and i > 1:
            before = self.items[i - 2]  # “by the colleague responsible”
        is_by = before is not None and before.has("link", "by") and self._is_one_of_us(i, entity)
        if before is None or not (before.has("group") or is_by) or concept is None or self._is_each(i):
            return False
        if self.parse.head is None and self.words[i - 1] in EVERY and not self._does_each(i):
            return False  # “every deal of Priya's”
        if entity == "contact" and self.words[i] not in ("person", "individual"):
            concept = "contact"
        self.parse.groups.append(concept)
        return True

    def _is_one_of_us(self, i: int, entity: str) -> bool:
        """“by person”, “nach Kollege”: a kind of people, none of whom anything is said."""
        is_kind = entity == "user" or self.words[i] in ("person", "individual")
        following = self._next(i)
        is_described = following is not None and self.items[following].kind in ("name", "value")
        return is_kind and not is_described and self.words[i] not in ("users", "admins")

    def _is_told_again(self, entity: str) -> bool:
        """“not in touch since June - no meeting, no note”: what not being in touch means, said once more."""
        head = self.parse.head
        if self.negation is None or head is None or entity not in ("meeting", "note"):
            return False
        clauses = [head, *self.parse.clauses]
        if not any(cue.concept == "contact" and cue.negated for clause in clauses for cue in clause.cues):
            return False
        return self._take_negation()

    def _does_each(self, i: int) -> bool:
        """“how much did each rep win”."""
        return i > 1 and self.items[i - 2].has("ask", "is")

    def _take_superlative(self, clause: Clause, i: int) -> None:
        """“decisions of the last meeting”: said right before a noun that is not what is asked for."""
        if clause.parent is None or not self.parse.superlatives:
            return
        last = self.parse.superlatives[-1]
        between = self.items[last.item + 1 : i]
        is_count = last.concept in ("count_most", "count_least", "commonest")
        if (
            is_count
            or last.of_field
            or any(item.has("noun") or item.has("verb") or item.has("agg") for item in between)
        ):
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
        if head is None and entity == "company" and "work_at" in self.parse.specials and self.parse.has("who"):
            self.parse.head = Clause("contact")
            self.parse.clauses.append(self.parse.head)
            return self.parse.head.child(entity, absent=negated)
        if head is None:
            self.parse.head = Clause(entity)
            if negated:
                self.parse.impossible.append("negated head")
            return self.parse.head
        if entity == head.entity and not negated:
            return head
        if self._is_compound(i) and entity in RELATIONS and head.entity in RELATIONS[entity]:
            return self._compounded(entity, head)
        if self._is_another(i) and (parent := self._parent_of_one(entity)) is not None:
            self.parse.specials.add("another")
            return parent.child(entity, absent=negated)
        if self._is_beside(i) and self.current is not None:
            parent = self.current.parent
            if parent is not None and entity in RELATIONS.get(parent.entity, {}):
                return parent.child(entity, absent=negated or (self.current.absent and not self._is_had(i)))
            if parent is None:
                is_known = entity in RELATIONS.get(head.entity, {})
                if is_known and not negated and self._goes_on_having(i):
                    return head.child(entity)
                return head.child(entity, absent=True) if negated and is_known else None  # “we have met but there is …”
        if head.entity == "user" and entity in RELATIONS["user"] and (negated or self.count_condition is not None):
            return head.child(entity, absent=negated)  # “reps without open deals”, “with more than two”
        if head.entity == "user" and entity in PEOPLE:
            return self._instead_of_people(entity)
        if self._is_said_again(i, entity):
            return self.current
        bought = self.current
        is_said = bought is not None and bought.entity == entity and bought.item is None and bought.parent is not None
        if is_said and not self._is_of_another_state(bought):
            return bought  # “companies that won us deals”
        for parent in [head] if self._is_predicate(i) else list(self._reachable()):
            if entity in RELATIONS.get(parent.entity, {}) and parent.entity != entity:
                return parent.child(entity, absent=negated)
        return None

    def _is_another(self, i: int) -> bool:
        """“and have another deal open”: not the one that was spoken of."""
        words = [self.words[j] for j in range(max(0, i - 2), i)]
        return bool({"another", "weitere", "weiteren", "weiterer", "weiteres"} & set(words))

    def _parent_of_one(self, entity: str) -> Clause | None:
        """What has a record of the type already."""
        clauses = (c for c in self._reachable() if c.entity == entity and c.parent is not None and not c.absent)
        return next((c.parent for c in clauses), None)

    def _is_said_again(self, i: int, entity: str) -> bool:
        """“no task left to do”: the second word for tasks is about the same ones."""
        current, previous = self.current, self._previous(i)
        if current is None or current.entity != entity or current.parent is None or previous is None:
            return False
        before = self.items[previous]
        is_light = before.has("verb", "exist") or self.words[i] in ("to do", "to be done")
        return before.has("noun") or is_light

    def _is_of_another_state(self, bought: Clause | None) -> bool:
        """“customers who bought from us and have an open deal”: what is open is no deal that was won."""
        states = {self.items[j].sense("state") for j, _ in self.pending if self.items[j].kind == "word"}
        return bought is not None and bool(states & {"open", "won", "lost"} - set(bought.states))

    def _instead_of_people(self, entity: str) -> Clause:
        """“which reps have the most deals”: deals, by whose they are."""
        self.parse.specials.add("by_person")
        self.parse.head = Clause(entity, self.parse.head.item if self.parse.head else None)
        return self.parse.head

    def _is_beside(self, i: int) -> bool:
        """“with open tasks but no open deals”: the noun stands beside the one before, not below it."""
        is_denied = False
        for j in range(i - 1, -1, -1):
            item = self.items[j]
            if item.has("link", "and", "or", "but") or self.words[j] in ("nor", "noch"):
                return True
            if item.kind == "break" and self.words[j] == "," and is_denied:
                return self.current is not None and self.current.absent  # “no meeting, no note”
            if item.has("link", "with"):
                continue  # “but with a meeting”
            if item.has("neg") and self.words[j].split()[0] in ("and", "but", "or", "und", "aber", "oder"):
                return True
            is_denied = is_denied or item.has("neg")
            if is_denied and item.has("verb", "have", "write", "met", "created"):
                continue  # “had no meetings and written no notes”
            if not (
                item.has("state") or item.has("neg") or item.has("stop") or item.kind == "number" or item.has("cmp")
            ):
                return False
        return False

    def _goes_on_having(self, i: int) -> bool:
        """“companies with Tier Gold and open deals”: what stands beside a field that they have, they have too."""
        head, tokens = self.parse.head, self.reading.text.tokens
        if head is None or (head.item is None and "fragment" not in self.parse.specials):
            return False
        begin = head.item.last if head.item is not None else 0  # “and with a won deal?”
        words = [token.word for token in tokens[begin : self.items[i].first]]
        had = [word for word in words if word in ("with", "mit", "without", "ohne", "having")]
        return bool(had) and had[-1] in ("with", "mit", "having") and not {"or", "oder", "but", "aber"} & set(words)

    def _is_had(self, i: int) -> bool:
        """“without deals but with a meeting”."""
        return any(self.items[j].has("link", "with") and not self.items[j].has("neg") for j in range(max(0, i - 2), i))

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
                if self._is_told_of_the_last(j):
                    return False
                if j > 1 and self.words[j - 2] in ("whose", "deren", "dessen") and self.items[j - 1].has("noun"):
                    return False  # “contacts whose company has an open deal”
                return not (before is not None and before.has("link", "that"))
        return False

    def _is_told_of_the_last(self, j: int) -> bool:
        """“at companies where we never had a deal”: of the companies, not of whoever is asked for."""
        for k in range(j - 1, -1, -1):
            if self.items[k].has("noun"):
                return False
            if self.words[k] in ("where", "wo"):
                return k > 0 and self.items[k - 1].has("noun")
        return False

    def _count(self, clause: Clause, j: int) -> None:
        """“more than 3 open deals” of companies; at least one is simply having one."""
        if self.count_condition is None or clause.parent is None:
            return
        op, quantity = self.count_condition
        self.count_condition = None
        least = quantity.value + (1 if op == "gt" else 0)
        if op in ("gt", "gte") and least == 1:
            self.parse.used.add(j)
            return
        is_open = any(item.has("state", "open") for item in self.items[j + 1 : j + 4])
        if clause.entity == "deal" and clause.parent.entity == "company" and is_open:
            clause.parent.add(cmp("open_deals", op, plain(quantity.value)))
            clause.parent.children.remove(clause)
            self.parse.used.add(j)
            return
        if quantity.value % 1 or clause.absent:
            self.parse.impossible.append("number of related records")
            return
        counted = clause.parent if clause.parent.entity == "role" else clause  # roles on two deals are two roles
        counted.at_least, counted.at_most = bounds_of(op, quantity)
        if counted.at_most is not None and counted.at_most < 0:
            self.parse.impossible.append("fewer than none")
        self.parse.used.add(j)
