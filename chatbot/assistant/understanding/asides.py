"""Small turns of a sentence: what is said for stress, said again, or said of nothing.

“Not even a lost one”, “with no date on them”, “no owner or no phone”, “need everyone who …”, “Jane's number”.
"""

from __future__ import annotations

from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import either
from chatbot.assistant.understanding.promising import Promising
from chatbot.assistant.understanding.sentence import is_silent
from shared.query.plan import Cmp, Node


class Asides(Promising):
    """Whether words say something new, and what."""

    def _is_a_phone(self, i: int) -> bool:
        """“Jane's number”, “the number for Quill”: of a person or company it is the telephone's."""
        if self.words[i] not in ("number", "the number", "number of", "the number of"):
            return False
        if i and self.words[i - 1] in ("'s", "’s", "his", "her", "their"):
            return not self._noun_ahead(i)
        if i and self.items[i - 1].kind == "name" and self.words[i - 1].endswith(("'s", "’s", "s'", "s’")):
            return True
        if self._is_behind_a_person(i):
            return True
        following = self._next(i)
        if following is not None and self.items[following].has("field", "phone"):
            return True
        is_named = following is not None and self.items[following].kind == "name"
        return is_named and not any(item.has("noun") or item.has("verb") for item in self.items)

    def _is_behind_a_person(self, i: int) -> bool:
        """“whats ruth okafors number”: written without the apostrophe."""
        before = self.items[i - 1] if i else None
        if before is None or before.kind != "name" or self.words[i] != "number" or self._noun_ahead(i):
            return False
        return bool({"contact", "company"} & set(before.data[0].by_type)) and self.parse.head is None

    def _is_at_the_beginning(self, i: int) -> bool:
        """Behind a greeting at most."""
        earlier = [item for item in self.items[:i] if not is_silent(item)]
        return all(item.kind == "break" or item.has("smalltalk") or item.has("me") for item in earlier)

    def _is_said_of_none(self, i: int) -> bool:
        """“never had a deal, not open, not closed”: of what there is none, nothing more can be said."""
        current = self.current
        if current is None or not current.absent or current.item is None:
            return False
        between = [j for j, item in enumerate(self.items[:i]) if item.first >= current.item.last]
        is_apart = any(self.words[j] in (",", "-", "–", ";") for j in between)
        return is_apart and all(
            is_silent(self.items[j]) or self.items[j].has("neg") or self.items[j].has("state") for j in between
        )

    def _is_for_stress(self, i: int) -> bool:
        """“never had a deal, not even a lost one”: said already."""
        tokens = self.reading.text.tokens
        following = tokens[self.items[i].last].word if self.items[i].last < len(tokens) else ""
        if following != "even" and self.words[i] != "not even":
            return False
        if not any(clause.absent for clause in self.parse.clauses):
            return False
        end = next((j for j in range(i, len(self.items)) if self.items[j].kind == "break"), len(self.items))
        self.parse.used |= set(range(i, end))
        self.taken |= set(range(i, end))
        return True

    def _add_nothing(self, clause: Clause, node: Node) -> None:
        """“no owner or no phone” is either; “without owner or phone” is neither."""
        earlier = clause.nodes[-1] if clause.nodes else None
        said_twice = self.denied is not None and self.negation is not None and self.denied < self.negation
        words = [self.words[j] for j in range(self.denied or 0, self.negation or 0)]
        is_lack = "or" in self.words and any(word.startswith(("missing", "lack")) for word in self.words)
        is_either = (said_twice and "or" in words) or is_lack  # “missing an amount or a close date”
        if is_either and isinstance(earlier, Cmp) and earlier.values == ("null",):
            clause.nodes[-1] = either(earlier, node)
        else:
            clause.add(node)
