"""Words that point at a record without its name: “this”, “here”, “them”, “the account”, “their side”."""

from __future__ import annotations

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import REFERENCES, RELATIONS, cmp
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.namesakes import Namesakes
from chatbot.assistant.understanding.sentence import is_plural
from shared.query.plan import Cmp, Node, Related

_DEFINITE = frozenset(("the", "our", "this", "der", "die", "das", "dem", "den"))


class Pointing(Namesakes):
    """Gives a clause the record of the page, or the one talked about."""

    def _attach_page(self, clause: Clause, *, them: bool = False) -> None:
        """The record as a condition; of a deal's page “their deals” are those of its company."""
        page = self.parse.page
        self.left_pointing = False
        if page is None:
            self.parse.impossible.append("no page")
            return
        number = cmp("id", "eq", str(page.id))
        reference = REFERENCES.get(clause.entity, {}).get(page.type)
        relation = RELATIONS.get(clause.entity, {}).get(page.type)
        if them and page.type == clause.entity and clause.entity in ("deal", "contact", "meeting"):
            clause.add(_through_company(clause.entity, number))
        elif reference is not None:
            clause.add(cmp(reference, "eq", str(page.id)))
        elif relation is not None:
            clause.add(Related(relation=relation, where=number))
        else:
            self.parse.impossible.append("no page")

    def _is_of_page(self, i: int, item: Item) -> bool:
        """“the account's open deals” on its page, or on that of one of its deals."""
        page = self.parse.page
        if page is None or self.parse.head is not None or not item.has("noun", "company", "contact", "deal", "meeting"):
            return False
        if not i or self.words[i - 1] not in _DEFINITE or i + 1 >= len(self.words):
            return False
        entity = item.sense("noun") or ""
        is_it = page.type == entity or (entity == "company" and page.type in RELATIONS["company"])
        return is_it and self.words[i + 1] in ("'s", "’s") and not is_plural(self.words[i], self.reading.language)

    def _settle_pointing(self) -> None:
        """“tasks from this”, “who is the contact”: what points at a record and was given to nothing is of the head."""
        head, page = self.parse.head, self.parse.page
        if head is None or page is None or "fragment" in self.parse.specials or self._is_attached(head, page):
            return
        if self.left_pointing or self.parse.deictic or self._is_the_one(head, page):
            self._attach_page(head)

    def _is_attached(self, head: Clause, page: RecordRef) -> bool:
        return f'"values":["{page.id}"]' in "".join(node.model_dump_json() for node in _nodes(head))

    def _is_the_one(self, head: Clause, page: RecordRef) -> bool:
        """“the contact”, “the open task”, on a page “the last meeting”: a single one, of which nothing else is said."""
        parse, item = self.parse, head.item
        if item is None or is_plural(self.reading.words_of(item), self.reading.language) or head.children:
            return False
        if parse.names or parse.groups or parse.units or parse.aggregates or parse.metric or head.whens or parse.limit:
            return False
        if any(not isinstance(n, Cmp) or n.field not in ("stage_type", "status", "is_overdue") for n in head.nodes):
            return False
        superlatives = {s.concept for s in parse.superlatives}
        if superlatives and not (self.is_open and superlatives <= {"newest", "oldest", "soonest"}):
            return False
        at = self.items.index(item)
        begin = next((j for j in range(at - 1, -1, -1) if self.words[j] in _DEFINITE), None)
        between = self.items[begin + 1 : at] if begin is not None else ()
        is_definite = begin is not None and all(b.has("state") or b.has("sup") for b in between)
        related = page.type == head.entity or page.type in RELATIONS.get(head.entity, {})
        return is_definite and related and not parse.has("how_many", "which", "exists")


def _through_company(entity: str, number: Cmp) -> Node:
    relation = RELATIONS["company"][entity]
    return Related(relation=RELATIONS[entity]["company"], where=Related(relation=relation, where=number))


def _nodes(clause: Clause) -> list[Node]:
    found = list(clause.nodes)
    for child in clause.children:
        found += _nodes(child)
    return found
