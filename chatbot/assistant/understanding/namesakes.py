"""Names that mean all who have them: “all the Thackrays”, “everybody called Jane”, “the route planning deals”.

A name in the singular is one record, and which one is asked back. In the plural it is a condition.
"""

from __future__ import annotations

from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.mentions import Mention
from chatbot.assistant.understanding.quantifying import Quantifying
from shared.query.plan import Cmp
from shared.search import fold, words

_SEVERAL = frozenset(
    ("the", "all", "any", "both", "our", "these", "those", "many", "every", "other", "die", "alle", "unsere")
)
_EVERYBODY = frozenset(
    ("everyone", "everybody", "anyone", "anybody", "people", "persons", "contacts", "all", "folks", "somebody",
     "someone", "those", "alle", "jeder", "kontakte")
)  # fmt: skip


class Namesakes(Quantifying):
    """Tells a name from a condition on names."""

    def _is_of_everybody(self, i: int) -> bool:
        """Whether a person's name at an item is that of all who are called so."""
        mention: Mention = self.items[i].data[0]
        people = mention.records("contact")
        if not people or (mention.last - mention.first > 1 and mention.is_whole):
            return False
        said = words(self.reading.text.slice(mention.first, mention.last))
        is_plural = all(said[-1] not in words(p.name) and said[-1].removesuffix("s") in words(p.name) for p in people)
        before = self.reading.text.tokens[mention.first - 1].word if mention.first else ""
        if is_plural and before in _SEVERAL:
            return True
        previous = self._previous(i)
        if previous is None:
            return False
        asked = {token.word for token in self.reading.text.tokens[: mention.first]}
        is_called = self.items[previous].has("verb", "call") or self.items[previous].has(
            "field", "last_name", "first_name", "name"
        )
        return is_called and bool(asked & _EVERYBODY)

    def _name_of_everybody(self, i: int) -> Cmp:
        """The condition: by the last name where it is that of all, by the first where that is."""
        mention: Mention = self.items[i].data[0]
        said = words(self.reading.text.slice(mention.first, mention.last))[-1]
        names = [person.name.split() for person in mention.records("contact")]
        forms = (said, said.removesuffix("s"))
        for field, place in (("last_name", -1), ("first_name", 0)):
            if all(len(name) == 2 and fold(name[place]) in forms for name in names):
                return cmp(field, "eq", names[0][place])
        return cmp("name", "contains", forms[1] if any(forms[1] in fold(" ".join(n)) for n in names) else said)

    def _deals_named_so(self, clause: Clause, i: int, mention: Mention) -> Cmp | None:
        """“deals about route planning”: all whose name says it, where several are asked for."""
        found = mention.records(clause.entity)
        if clause.entity != "deal" or len(found) < 2 or not (self._is_plural(clause) or self.parse.has("how_many")):
            return None
        said = self.reading.text.slice(mention.first, mention.last)
        if all(fold(said) in fold(record.name) for record in found):
            return cmp("name", "contains", said)
        return cmp("id", "in", *(str(record.id) for record in found))
