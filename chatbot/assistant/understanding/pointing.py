"""Words that point at a record without its name: “this”, “here”, “them”, “the account”, “their side”."""

from __future__ import annotations

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import REFERENCES, RELATIONS, cmp
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.namesakes import Namesakes
from chatbot.assistant.understanding.sentence import is_plural, is_silent
from shared.query.plan import Cmp, Node, Related

_DEFINITE = frozenset(("the", "our", "this", "der", "die", "das", "dem", "den"))


class Pointing(Namesakes):
    """Gives a clause the record of the page, or the one talked about."""

    def _deictic(self, i: int, value: str) -> None:
        """“this deal”, “here”, “with her”: the record of the page, or the one talked about."""
        self.parse.used.add(i)
        if self.words[i] == "dem" and i + 1 < len(self.items) and self.items[i + 1].kind != "break":
            following = self.items[i + 1]
            if following.kind != "word" or following.has("noun") or following.has("field"):
                return  # “aus dem Webinar”
        if (value == "there" and self._is_only_there(i)) or self._is_said_before(i, value):
            return
        if value == "them" and self._takes_up_head(i):
            return
        if value == "there" and self.parse.page is None and "fragment" not in self.parse.specials:
            self.parse.impossible.append("no page")  # “how many contacts do we have there”: where?
        # “companies that lost a deal” points at none
        is_relative = self.words[i] == "that" and i > 0 and self.items[i - 1].has("noun")
        if value == "this" and self._noun_ahead(i) and not is_relative:
            self.points_at = i
            return
        head, page = self.parse.head, self.parse.page
        is_whose = value not in ("here", "there") or self._is_genitive(i)
        if head is None and page is not None and is_whose and self._noun_ahead(i):
            self.points_at = i  # “their open deals”
            return
        if head is not None and page is not None and self._is_subject(i):
            self._attach_page(head)  # “which company does she work for”
            return
        if head is not None and self.parse.page is None and value in ("them", "it") and self._is_of_head(i):
            return  # “deals that have Jane on them”
        is_object = i > 0 and self.items[i - 1].has("link") and "fragment" not in self.parse.specials
        if head is not None and (value == "here" or (is_object and value in ("it", "person", "them"))):
            self._attach_page(head)
            return
        if head is None or value == "here":
            self.parse.deictic.add(value)
        elif value != "this" or self.words[i] in ("this", "these"):
            self.left_pointing = True

    def _is_only_there(self, i: int) -> bool:
        """“there are”, “is there”: no place."""
        after = self.words[i + 1] if i + 1 < len(self.words) else ""
        before = self.words[i - 1] if i else ""
        return after in ("is", "are", "was", "were") or before in ("are", "was", "were", "will", "has", "have")

    def _is_genitive(self, i: int) -> bool:
        return i + 1 < len(self.words) and self.words[i + 1] in ("'s", "’s")

    def _is_of_head(self, i: int) -> bool:
        """Whether a pronoun takes up what is asked for: behind “have”, with somebody between."""
        have = next((j for j in range(i) if self.items[j].has("verb", "have") and not self.items[j].has("link")), None)
        return have is not None and any(
            item.kind in ("name", "value") or item.has("noun") for item in self.items[have:i]
        )

    def _takes_up_head(self, i: int) -> bool:
        """“deals without a meeting recorded on them”: those asked for, by the preposition behind what they have."""
        head = self.parse.head
        if head is None or not i or self.words[i - 1] not in ("on", "for", "with", "to", "at", "in", "about", "of"):
            return False
        at = self.items.index(head.item) if head.item in self.items else None
        if at is None or at >= i or not self._is_plural(head):
            return False
        said = [item for item in self.items[at + 1 : i] if item.has("noun") or item.has("role")]
        had = any(item.has("neg") or item.has("verb", "have") for item in self.items[at + 1 : i])
        return bool(said) and had

    def _is_said_before(self, i: int, value: str) -> bool:
        """“with no due date on them”: those asked for; “Marcus - his open tasks”: one of us who was just named."""
        if value in ("it", "them") and self.denied is not None and self.items[self.denied].has("field"):
            return all(is_silent(item) for item in self.items[self.denied + 1 : i])
        named = [j for j in range(i) if self.items[j].kind == "name" and "user" in self.items[j].data[0].by_type]
        return value == "person" and bool(named) and self.parse.page is None

    def _is_subject(self, i: int) -> bool:
        """“does she”, “did they”: who does it is talked about, not described."""
        return i > 0 and self.words[i - 1] in ("does", "did", "do", "is", "are", "has", "have", "hat", "haben", "ist")

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
