"""Verbs in a sentence: what happened to the records, who did it, and which date is meant by it."""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, Cue, opposite
from chatbot.assistant.understanding.concepts import PEOPLE, cmp
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.sentence import EVERY, TOUCH, is_silent
from chatbot.assistant.understanding.wording import Wording
from shared.query.plan import Cmp, Not

_TIED = ("linked", "attached", "connected", "tied", "related", "associated")
_TOUCHED = ("company", "contact", "deal")
#: Verbs by which a text has a word in it.
_WORDING = ("mention", "contain", "includ", "with the word", "that contain", "erwahn", "erwähn", "enthalt", "enthält")


class Verbs(Wording):
    """Verbs become cues on the clause they can be said of, or tell what kind of question it is."""

    def _verb(self, i: int, value: str) -> None:
        self._cue(i, value)

    def _cue(self, i: int, value: str) -> None:
        value = self._meant(i, value)
        if value == "because":
            self._because(i)
        elif self._says_no_more(i, value):
            self.parse.used.add(i)
        elif value == "contact" and self._is_a_contact_with(i):
            self._noun(i, "contact")
        elif value in ("own", "write", "created") and self.negation is not None and self._is_before_a_name(i):
            self.parse.used.add(i)  # “not owned by Bob”: it is Bob who is denied
            self.parse.cues.append(Cue(i, value))
        else:
            self._said(i, value)

    def _meant(self, i: int, value: str) -> str:
        """The verb that a word stands for here; what it asks on the way is noted."""
        item = self.items[i]
        if value == "raise" and item.has("verb", "refer") and not self._has_insight():
            return "refer"
        if (
            value == "created"
            and item.has("verb", "attend")
            and self.parse.head is not None
            and (self.parse.head.entity == "meeting")
        ):
            return "attend"  # “meetings Priya joined in October”
        if value == "call" and item.has("verb", "contact") and self._is_active(i):
            return "contact"
        if value == "have" and i == 0 and item.has("ask", "is"):
            self.parse.asks.setdefault("is", i)
        if value == "know":
            self.parse.specials.add("know")
        return value

    def _says_no_more(self, i: int, value: str) -> bool:
        """Whether the words around the verb say all that it would."""
        if value in ("have", "exist", "know", "raise", "call"):
            return True
        if value in ("located", "met", "contact", "created") and self._leads_to_a_source(i):
            return True
        if value == "created" and self.words[i] == "got in" and _is_before_currency(self.items, i):
            return True  # “every deal we have got in pounds”
        if value == "own" and self._is_a_job(i):
            return True
        is_tied = value == "own" or (value == "refer" and self.words[i].startswith(_TIED))
        return is_tied and self.negation is not None and self._belongs_to_a_record(i)

    def _said(self, i: int, value: str) -> None:
        """A cue on the clause that the verb can be said of."""
        concept = self._exact_cue(i, self.items[i], value)
        if concept == "created" and self._is_adjective(i) and self.parse.head is None:
            self.parse.specials.add("new")
        negated = self._take_negation()
        self.parse.used.add(i)
        if concept in ("work_at", "located", "refer", "own", "write", "promise", "attend"):
            self._said_of_records(i, concept, negated)
            return
        if concept in ("won", "lost") and self.current is not None:
            self._won_or_lost(concept, i, negated)
        clause = self._clause_for(concept)
        if clause is not None and (concept in TOUCH or (concept == "moved" and clause.entity == "deal")):
            self._who_did_it(clause, i)
        (clause.cues if clause is not None else self.parse.cues).append(Cue(i, concept, negated))

    def _said_of_records(self, i: int, concept: str, negated: bool) -> None:
        """A verb between two records, or a record and a person: whoever is named around it says of which."""
        self.parse.specials.add(concept)
        if negated and concept == "own" and not any(item.kind == "name" for item in self.items[i:]):
            if not self._is_not_theirs():
                self._attach_state("unassigned", i)
            return
        if negated and not (concept == "attend" and self._was_not_there()):
            self.parse.impossible.append(f"not {concept}")
        if concept == "refer":
            self._topic(i)
        self.parse.cues.append(Cue(i, concept, negated))

    def _is_not_theirs(self) -> bool:
        """“companies I don't own”, „die Priya nicht gehören“: she is denied; with nobody said, nobody owns."""
        owned = next((c for c in self._reachable() if PEOPLE.get(c.entity)), None)
        last = owned.nodes[-1] if owned is not None and owned.nodes else None
        if owned is None or not isinstance(last, Cmp) or (last.field, last.op) != (PEOPLE[owned.entity], "eq"):
            return False
        owned.nodes[-1] = opposite(last)
        return True

    def _was_not_there(self) -> bool:
        """“meetings Bob did not attend”: it is he who is denied."""
        meetings = self._accepting("meeting")
        last = meetings.nodes[-1] if meetings is not None and meetings.nodes else None
        if meetings is None or not isinstance(last, Cmp) or last.field != "user_id":
            return False
        meetings.nodes[-1] = Not(node=last)
        return True

    def _is_a_contact_with(self, i: int) -> bool:
        """“every contact with lifecycle partner”: a person, nobody was contacted."""
        token = self.items[i].first
        before = self.reading.text.tokens[token - 1].word if token else ""
        following = self._next(i)
        is_described = following is not None and self.items[following].has("field", "phone", "email", "title")
        is_one = (self.parse.head is None and before in (*EVERY, "which")) or (is_described and before != "in")
        return self.words[i] == "contact with" and is_one

    def _is_a_job(self, i: int) -> bool:
        """“everyone who runs IT”: what somebody does there, not whose record it is."""
        following = self._next(i)
        if following is None or self.items[following].kind != "value" or self._noun_ahead(following):
            return False
        return any(value.field == "title" for value in self.items[following].data)

    def _belongs_to_a_record(self, i: int) -> bool:
        """“not assigned to a company”: it is the company there is none of."""
        following = self._next(i)
        return (
            following is not None
            and self.items[following].has("noun")
            and not self.items[following].has("noun", "user")
        )

    def _is_before_a_name(self, i: int) -> bool:
        following = self._next(i)
        return following is not None and (self.items[following].kind == "name" or self.items[following].has("me"))

    def _because(self, i: int) -> None:
        """“lost to price”: the rest is what the reason says."""
        rest = [j for j in range(i + 1, len(self.items)) if self.items[j].kind != "break"]
        end = next((j for j in rest if self.items[j].kind == "time"), None)
        rest = [j for j in rest if end is None or j < end]
        while rest and (is_silent(self.items[rest[-1]]) or self._is_loss(self.items[rest[-1]])):
            self.parse.used.add(rest.pop())  # „wegen Budget verloren haben“
        if self.parse.head is None and not any(self._is_loss(item) for item in self.items):
            self.parse.impossible.append("because")  # “what should I do because of Quill”
            return
        if self.parse.head is None:
            self.parse.head = self.current = Clause("deal")
            self.parse.clauses.append(self.parse.head)
        clause = self._accepting("deal")
        if clause is None or not rest:
            return
        if "lost" not in clause.states:
            self._won_or_lost("lost", i, False)
        first, last = self.items[rest[0]].first, self.items[rest[-1]].last
        said = self.reading.text.slice(first, last).split()
        while len(said) > 1 and said[0].lower() in ("the", "a", "an", "of", "their", "our", "its"):
            said.pop(0)
        clause.add(cmp("lost_reason", "contains", " ".join(said)[:200]))
        self.parse.used |= {i, *rest}
        self.taken |= set(rest)

    @staticmethod
    def _is_loss(item: Item) -> bool:
        return item.has("state", "lost") or item.has("verb", "lost")

    def _exact_cue(self, i: int, item: Item, value: str) -> str:
        """“close” is what will be, “did we close” what was won."""
        senses = [s.value for s in item.senses if s.kind == "verb"]
        if "due" in senses and any(item.has("state", "high", "normal", "low") for item in self.items):
            return "due"
        if "closed" in senses and self._is_active(i):
            return "done" if self.current is not None and self.current.entity == "task" else "won"
        if "closed" in senses and "closing" in senses:
            return "closed" if "did" in self.words or "did" in " ".join(self.words).split() else "closing"
        return value

    def _attach_state(self, state: str, i: int) -> None:
        if not any(self._give_state(clause, i, state, False) for clause in self._reachable()):
            self.parse.impossible.append(f"not {state}")

    def _won_or_lost(self, concept: str, i: int, negated: bool) -> None:
        for clause in self._reachable():
            if negated and clause.states and clause.entity == "deal" and clause.parent is not None:
                continue  # “lost at but never sold to”: no deal was, rather than that one
            if self._give_state(clause, i, concept, negated):
                clause.cues.pop()
                return
        if self._of_their_deals(i, concept, negated) and self.current is not None:
            self.current.cues.pop()

    def _clause_for(self, concept: str) -> Clause | None:
        """The clause whose records it may be said of: people and companies are met, deals are worked on."""
        if concept in ("met", "contact"):
            people = next((c for c in self._reachable() if c.entity in ("company", "contact")), None)
            if people is not None:
                return people
        for clause in self._reachable():
            if concept in concepts.TIMES.get(clause.entity, {}) or (concept in TOUCH and clause.entity in _TOUCHED):
                return clause
        return None

    def _who_did_it(self, clause: Clause, i: int) -> None:
        """“companies Marcus has met”, “contacts I talked to”: not whose they are, but who was there."""
        previous = self._previous(i)
        while previous is not None and (
            self.items[previous].has("ask", "is")
            or self.items[previous].kind == "time"  # „die ich diesen Monat getroffen habe“
            or {"never", "not", "ever"} & set(self.words[previous].split())
        ):
            previous = self._previous(previous)
        field = PEOPLE.get(clause.entity)
        if previous is None or field is None or not clause.nodes:
            return
        item, last = self.items[previous], clause.nodes[-1]
        is_person = item.has("me") or (item.kind == "name" and "user" in item.data[0].by_type)
        if is_person and isinstance(last, Cmp) and last.field == field and last.op == "eq":
            clause.nodes.pop()
            clause.people += last.values

    def _topic(self, i: int) -> None:
        """What the rest of a phrase with “about” is about: free words, up to the next known one.

        What a text *mentions* is a word in it, be it a name; what it is *about* may be a record it hangs on.
        """
        is_wording = self.words[i].startswith(_WORDING)
        for j in range(i + 1, len(self.items)):
            item = self.items[j]
            if item.kind == "unknown" or (is_wording and item.kind in ("name", "value")):
                self.parse.topic.append(j)
                self.taken.add(j)
            elif not is_silent(item) or item.kind == "break":
                break


def _is_before_currency(items: Sequence[Item], i: int) -> bool:
    return i + 1 < len(items) and items[i + 1].kind == "currency"
