"""Names and states in a sentence: whose, of which type, and as which condition of a record."""

from __future__ import annotations

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding.clauses import Clause, Cue
from chatbot.assistant.understanding.concepts import PEOPLE, REFERENCES, RELATIONS, STATES, cmp
from chatbot.assistant.understanding.mentions import Mention
from chatbot.assistant.understanding.pointing import Pointing
from chatbot.assistant.understanding.sentence import TOUCH, Named
from shared.query.plan import Cmp, Related

#: States of which a deal has one.
_EXCLUSIVE = frozenset(("open", "won", "lost"))


#: What lists call deals that are too long in their stage.
_STALE = frozenset(("stale", "steht still", "stehen still"))


class Calling(Pointing):
    """Gives a clause a person, a name or a state."""

    def _give_state(self, clause: Clause, i: int, state: str, negated: bool) -> bool:
        node = STATES.get(state, {}).get(clause.entity)
        if node is None:
            return False
        if self.words[i] in _STALE and not any(item.kind in ("time", "number") for item in self.items):
            node = cmp("is_stale", "eq", "true")  # as lists have it: too long in its stage, rather than for so long
        if negated and clause.parent is not None and not clause.absent and self._is_another_state(clause, i, state):
            none = clause.parent.child(clause.entity, absent=True)  # “with a lost deal but no won one”
            none.add(node)
            none.states.append(state)
            return True
        if not negated:
            clause = self._clause_beside(clause, i, state)
        if negated or not self._is_closed_so(clause, i, state):
            clause.add(node, negated=negated)
        if clause.parent is not None and not negated and not clause.absent and self._is_of_all(i):
            clause.parent.child(clause.entity, absent=True).add(node, negated=True)
        if not negated:
            clause.states.append(state)
        clause.cues.append(Cue(i, state, negated and state == "done"))
        return True

    def _is_closed_so(self, clause: Clause, i: int, state: str) -> bool:
        """“Lost deals closed this quarter” are the lost ones: closed says when, and nothing of how they ended."""
        said, closed = set(clause.states), STATES["closed"]["deal"]
        if clause.entity != "deal" or self._is_alternative(i):
            return False
        if state in ("won", "lost") and "closed" in said and closed in clause.nodes:
            clause.nodes.remove(closed)
        return state == "closed" and bool(said & {"won", "lost"})

    def _is_another_state(self, clause: Clause, i: int, state: str) -> bool:
        """What is lost is not won anyway: that it is not is said of other deals."""
        return state in _EXCLUSIVE and bool(set(clause.states) & _EXCLUSIVE - {state})

    def _clause_beside(self, clause: Clause, i: int, state: str) -> Clause:
        """“companies that bought something and have an open deal”: no deal is both, so there are two."""
        if state not in _EXCLUSIVE or not (set(clause.states) & _EXCLUSIVE - {state}) or self._is_alternative(i):
            return clause
        parent = clause.parent
        if parent is None:  # “open deals at companies where we won something”: won by them, be it another deal
            parent = next((c for c in self._reachable() if c.entity == "company" and c.parent is clause), None)
        if parent is None or clause.absent or clause.entity not in RELATIONS[parent.entity]:
            return clause
        self.current = other = parent.child(clause.entity)
        self.parse.clauses.append(other)
        self.parse.specials.add("another")
        return other

    def _is_alternative(self, i: int) -> bool:
        """“open or won deals”."""
        return any(self.items[j].has("link", "or") for j in (i - 1, i + 1) if 0 <= j < len(self.items))

    def _is_of_all(self, i: int) -> bool:
        """“companies whose deals are all lost”, “with only won deals”: and none that is not."""
        is_told = self.words[i - 1] in ("all", "alle") and not self._noun_ahead(i)  # “contacts on all open deals”
        return i > 0 and (is_told or self.words[i - 1] in ("only", "nur", "exclusively", "ausschließlich"))

    def _give_person(self, clause: Clause, i: int, who: str, negated: bool) -> bool:
        is_mover = clause.entity == "deal" and clause.is_said("moved") and self._is_by(i)
        is_met = clause.entity in ("company", "contact") and any(c.concept in TOUCH for c in clause.cues)
        if is_mover or (is_met and who != "me"):
            clause.people.append(who)
            return True
        name = PEOPLE.get(clause.entity)
        if name is None:
            return False
        if clause.is_said("created") and (not self.items[i].has("me") or self._is_by(i)):
            name = "created_by_id" if clause.entity != "note" else name
        if clause.entity == "meeting" and self._is_looked_after(i):
            name = "owner_id"
        clause.add(cmp(name, "eq", who), negated=negated)
        if who == "me" and not self.words[i].endswith((" me", "mir", "zugewiesen")):
            self.parse.is_mine = True
        return True

    def _is_by(self, i: int) -> bool:
        """“entered by me”, of who did it, where “I created” may tell whose it is."""
        return self.words[i].startswith(("by ", "von ")) or (i > 0 and self.words[i - 1] in ("by", "von"))

    def _is_looked_after(self, i: int) -> bool:
        """“meetings owned by Bob”, „von Bob betreut“: whose they are, be he among those present or not."""
        near = [j for j in (self._previous(i), i, self._next(i)) if j is not None]
        return any(self.words[j].startswith(("owned", "betreut")) for j in near)

    def _give_name(self, clause: Clause, i: int, negated: bool) -> bool:
        mention, _ = self.items[i].data
        is_promised = any(item.has("verb", "promise") for item in self.items)
        if clause.entity == "task" and is_promised and mention.is_strong:
            clause.add(cmp("promised_by", "contains", self._first_name(i, mention)), negated=negated)
            return True
        if clause.entity == "contact" and self._is_of_everybody(i):
            clause.add(self._name_of_everybody(i), negated=negated)
            return True
        for type_ in self._types_for(clause, i, mention):
            records = mention.records(type_)
            if type_ == "deal" and (named := self._deals_named_so(clause, i, mention)) is not None:
                clause.add(named, negated=negated)
                return True
            if type_ == "user":
                if not self._give_person(clause, i, str(records[0].id), negated):
                    continue
            else:
                self._give_reference(clause, i, REFERENCES[clause.entity][type_], str(records[0].id), negated)
            self._note(i, mention, type_, records)
            return True
        return False

    def _give_reference(self, clause: Clause, i: int, field: str, id: str, negated: bool) -> None:
        """A record that is named. “With Jane or Ruth”: of several people on one record, either will do."""
        earlier = clause.nodes[-1] if clause.nodes else None
        is_either = i > 0 and self.items[i - 1].has("link", "or") and not negated
        if is_either and isinstance(earlier, Cmp) and earlier.field == field and earlier.op in ("eq", "in"):
            clause.nodes[-1] = cmp(field, "in", *earlier.values, id)
        else:
            clause.add(cmp(field, "eq", id), negated=negated)

    def _first_name(self, i: int, mention: Mention) -> str:
        """Who promised is kept as it was said: the full name of a colleague or contact."""
        people = [*mention.records("user"), *mention.records("contact")]
        return people[0].name if people else self.reading.words_of(self.items[i])

    def _note(self, i: int, mention: Mention, type_: str, records: list[RecordRef]) -> None:
        named = Named(i, mention, type_, records)
        self.parse.names.append(named)
        if len(records) > 1 or mention.is_doubtful:
            self.parse.ambiguous.append(named)

    def _types_for(self, clause: Clause, i: int, mention: Mention) -> list[str]:
        """Types a name may have in a clause, the likeliest first."""
        direct = [t for t in ("company", "contact", "deal", "meeting") if t in REFERENCES.get(clause.entity, {})]
        own = clause.entity
        if own in ("contact", "deal", "meeting") and own in mention.by_type and self._names_itself(clause, mention):
            direct = [own, *[t for t in direct if t != own]]
        found = [t for t in direct if mention.by_type.get(t)]
        found.sort(key=lambda t: not any(c.is_whole for c in mention.by_type[t]))
        if mention.by_type.get("user") and (clause.entity in PEOPLE or clause.entity == "user"):
            is_whole = any(c.is_whole for c in mention.by_type["user"])
            at = 0 if is_whole or self._is_ownership(i) or not found else len(found)
            found.insert(at, "user")
        return found

    def _names_itself(self, clause: Clause, mention: Mention) -> bool:
        """Whether a name is the record's own: people's names are; of deals only what names a single one."""
        if clause.entity == "contact":
            return True
        if mention.by_type.get("company") and (clause.entity == "meeting" or self.parse.superlatives):
            return False
        return len(mention.records(clause.entity)) == 1 and not self._is_plural(clause)

    def _is_ownership(self, i: int) -> bool:
        """`Anna's deals`, `owned by Anna`, `assigned to Anna`, `by Anna`."""
        following = self.items[i + 1] if i + 1 < len(self.items) else None
        if following is not None and self.words[i + 1] in ("'s", "’s", "'", "’"):
            return True
        before = self._before(i)
        if before is not None and before.has("link", "by"):
            return True
        previous = self._previous(i)
        return previous is not None and self.items[previous].has("verb", "own", "write", "created", "won", "lost")

    def _give_name_through(self, clause: Clause, i: int, negated: bool) -> bool:
        """“companies of the Tidewater deal”: the relation to the named record."""
        mention, _ = self.items[i].data
        for type_ in ("contact", "deal", "meeting", "company"):
            records = mention.records(type_)
            relation = RELATIONS.get(clause.entity, {}).get(type_)
            if records and relation:
                where = cmp("id", "eq", str(records[0].id))
                clause.nodes.append(Related(relation=relation, absent=negated, where=where))
                self._note(i, mention, type_, records)
                return True
        return False
