"""Who wrote a note and who was in a meeting, where a sentence names them beside the records: not whose those are.

“people Priya wrote a note about” are anybody's people with a note of hers; “meetings Priya attended” may be others'.
"""

from __future__ import annotations

from chatbot.assistant.understanding.buying import Buying
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import PEOPLE, cmp
from chatbot.assistant.understanding.sentence import is_silent
from shared.query.plan import Cmp, Related


class Authors(Buying):
    """Settled once every name has its place."""

    def _verb(self, i: int, value: str) -> None:
        """“do not have a single contact with a phone number”: people, not talks."""
        is_counted = self.negation == i - 1 or self.words[i - 1] in ("a", "one", "any", "single")
        following = self._next(i)
        if (
            self.words[i] == "contact with"
            and is_counted
            and following is not None
            and self.items[following].has("field")
        ):
            self._noun(i, "contact")
        else:
            super()._verb(i, value)

    def _settle_authors(self) -> None:
        for cue in self.parse.cues:
            if cue.concept == "write":
                self._wrote(cue.at)
            elif cue.concept == "attend" and not cue.negated:
                self._was_there(cue.at)

    def _wrote(self, at: int) -> None:
        head = self.parse.head
        note = next((c for c in self.parse.clauses if c.entity == "note"), None)
        if head is None or note is None:
            return
        if note is head:
            self._who_is_written_about(head)
            return
        nobody = self._is_nobody(at)
        if nobody:
            note.absent = True
            self.parse.impossible = [fault for fault in self.parse.impossible if fault != "not write"]
        for who in self._subject_of(at, head):
            note.add(cmp("author_id", "eq", who))

    def _is_nobody(self, at: int) -> bool:
        """“nobody has written a note about”, “we never wrote”."""
        return any(cue.at == at and cue.negated for cue in self.parse.cues)

    def _subject_of(self, at: int, head: Clause) -> list[str]:
        """Who stands before the verb, taken from the records they were given to as their owner."""
        previous = self._previous(at)
        while previous is not None and (
            self.items[previous].has("ask", "is") or self.words[previous] in ("never", "not", "ever", "nie", "nicht")
        ):
            previous = self._previous(previous)
        field = PEOPLE.get(head.entity)
        if previous is None or field is None:
            return []
        item = self.items[previous]
        is_person = item.has("me") or (item.kind == "name" and "user" in item.data[0].by_type)
        wanted = {"me"} if item.has("me") else {str(r.id) for r in item.data[0].records("user")} if is_person else set()
        found = [n for n in head.nodes if isinstance(n, Cmp) and n.field == field and set(n.values) <= wanted]
        if not found:
            return []
        head.nodes.remove(found[-1])
        return list(found[-1].values)

    def _who_is_written_about(self, note: Clause) -> None:
        """“who did Priya write a note about”: the people it is about."""
        said = [j for j, item in enumerate(self.items) if not is_silent(item) and item.kind != "time"]
        last = self.items[said[-1]] if said else None
        if not self.parse.has("who") or last is None or not last.has("verb", "refer") or note.children:
            return
        people = self.parse.head = Clause("contact")
        people.children, note.parent = [note], people
        self.parse.clauses.append(people)
        del self.parse.asks["who"]
        self.parse.asks.setdefault("which", 0)

    def _was_there(self, at: int) -> None:
        """“meetings Priya attended”: she was among those present, whoever led them."""
        meeting = next(
            (c for c in (self.parse.head, *self.parse.clauses) if c is not None and c.entity == "meeting"), None
        )
        if meeting is None:
            return
        for who in self._subject_of(at, meeting):
            meeting.nodes.append(Related(relation="users", where=cmp("id", "eq", who)))
