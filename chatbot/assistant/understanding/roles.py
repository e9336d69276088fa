"""Roles of people on deals in a sentence: decision makers, champions, whoever evaluates, buys or uses.

A role ties a person to a deal, so its word means people (“champions on open deals”), says something of a deal (“deals
without a decision maker”, “whose champion has no phone”) or of a person (“directors who are the decision maker on …”).

    contact ─ roles ─▶ role ─ deal ─▶ deal          people by what they are on which deals
    deal ─ roles ─▶ role ─ contact ─▶ contact       deals by who is what on them
"""

from __future__ import annotations

from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import RELATIONS, cmp
from chatbot.assistant.understanding.mentions import Mention
from chatbot.assistant.understanding.verbs import Verbs
from shared.query.plan import Cmp

#: What stands between a question word and what it asks for.
_LIGHT = frozenset(("who", "what", "is", "are", "was", "were", "the", "our", "all", ":", "so", "then", "and"))


#: How a question for the role itself begins.
_ASKED = ("what", "which", "in what", "in which", "welche", "role of", "role does", "part does")


class Roles(Verbs):
    """A role opens a clause of its own between people and deals."""

    def _role(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        previous = self._previous(i)
        if not value and previous is not None and self.items[previous].sense("role"):
            return  # “has the decision maker role on”: the one that was named
        self._forget_title()
        is_absent = self._is_denied(i)
        head = self.parse.head
        if not value and self.words[i].startswith(_ASKED):
            role = self._part_of_somebody()
        elif head is None:
            role = self._people_in_role(i, is_absent)
        elif head.entity == "deal" and self._is_who(i) and not is_absent:
            role = self._turned_around(i, head)
        else:
            role = self._role_below(i, is_absent)
        if role is None:
            self.parse.used.discard(i)
            return
        if value:
            role.add(cmp("role", "eq", value))
        role.item = self.items[i]
        self.parse.clauses.append(role)
        self.field_before = None
        self._flush(role)

    def _placed(self, i: int, entity: str) -> Clause | None:
        """“a stakeholder of the deal has left”: who has a role on it."""
        head = self.parse.head
        if entity != "contact" or not self.words[i].startswith("stakeholder") or head is None or head.entity != "deal":
            return super()._placed(i, entity)
        role = head.child("role", absent=self._take_negation())
        self.parse.clauses.append(role)
        return role.child("contact")

    def _forget_title(self) -> None:
        """“in the role of decision maker”: no job title is asked for."""
        if self.field_before is not None and self.field_before[0] == "title":
            self._use_field_of_value()

    def _part_of_somebody(self) -> Clause | None:
        """“what part does Alison play in this”: the role itself is asked for."""
        if self.parse.head is not None:
            return None
        self.parse.head = self.current = Clause("role")
        self.parse.asked.append("part")
        return self.parse.head

    def _people_in_role(self, i: int, is_absent: bool) -> Clause:
        """“who is the champion on …”, “decision makers without a phone”."""
        head = self.parse.head = Clause("contact", self.items[i])
        self.parse.clauses.append(head)
        role = self.current = head.child("role", absent=is_absent)
        return role

    def _is_who(self, i: int) -> bool:
        """“my deals closing in May: who are the champions”, “who on this deal is the champion”: people are."""
        is_having = any(item.has("verb", "have") for item in self.items[:i]) or "own" in self.parse.specials
        if self.parse.has("who") and not is_having:
            return True
        for j in range(i - 1, -1, -1):
            if self.items[j].has("ask", "who"):
                return j > 0 and self.parse.asks.get("who") == j
            if not set(self.words[j].split()) <= _LIGHT:
                return False
        return False

    def _turned_around(self, i: int, deals: Clause) -> Clause:
        head = self.parse.head = Clause("contact", self.items[i])
        self.parse.clauses.append(head)
        role = head.child("role")
        role.children, deals.parent = [deals], role
        self.current = role
        return role

    def _role_below(self, i: int, is_absent: bool) -> Clause | None:
        """Of a deal or person; of a company or meeting, its people's."""
        parent = self._bearer(i)
        if parent is None:
            return None
        if "role" not in RELATIONS[parent.entity]:
            parent = parent.child("contact", absent=is_absent)
            is_absent = False
        earlier = next((c for c in reversed(parent.children) if c.entity == "role"), None)
        role = parent.child("role", absent=is_absent)
        if parent.entity == "contact":
            self.current = role
            if earlier is not None and "another" in self._words_behind(i, 4):
                self._as_before(earlier, role)
                self.parse.specials.add("another")
        elif is_absent:
            self.current = parent  # what follows is said of the deals: nobody is there to say it of
        else:
            self.current = role.child("contact")
            self._take_person(parent, role)
            self.parse.clauses.append(self.current)
        return role

    def _bearer(self, i: int) -> Clause | None:
        """Whose role it is: what was asked for, or the record it is said of (“whose deal has no champion”)."""
        head = self.parse.head
        near = self.current
        if near is not None and near.parent is not None and near.parent.entity == "role":
            near = near.parent.parent  # the person in another role before
        elif near is not None and near.entity == "role":
            near = near.parent
        for clause in (near, head):
            if clause is not None and {"role", "contact"} & RELATIONS.get(clause.entity, {}).keys():
                return clause
        return None

    def _words_behind(self, i: int, most: int) -> list[str]:
        return [word for phrase in self.words[i + 1 : i + 1 + most] for word in phrase.split()]

    def _as_before(self, earlier: Clause, role: Clause) -> None:
        """“champion on one open deal and the decision maker on another”: on another open deal."""
        for deal in [c for c in earlier.children if c.entity == "deal"]:
            twin = role.child("deal")
            twin.nodes, twin.states, twin.whens = list(deal.nodes), list(deal.states), list(deal.whens)

    def _take_person(self, deal: Clause, role: Clause) -> None:
        """“deals where Jane is the champion”: her name is not the deal's main contact."""
        last = deal.nodes[-1] if deal.nodes else None
        named = self.parse.names[-1] if self.parse.names else None
        if named is not None and named.type == "contact" and isinstance(last, Cmp) and last.field == "contact_id":
            deal.nodes.pop()
            role.add(cmp("contact_id", "eq", *last.values))

    def _flush(self, role: Clause) -> None:
        """Descriptions that waited for this word: “German decision makers”, “more than one champion”."""
        pending, self.pending = self.pending, []
        for j, negated in pending:
            if self.items[j].kind == "number":
                self._count(role, j)
            else:
                self._attach(j, negated, role.parent if role.parent is not None else role)

    def _give_related(self, clause: Clause, i: int, negated: bool) -> bool:
        """“decision maker on something open”: it is a deal that is open."""
        if clause.entity == "role" and self.items[i].has("state"):
            deals = next((c for c in clause.children if c.entity == "deal"), None) or clause.child("deal")
            if self._give(deals, i, negated):
                self.parse.clauses.append(deals)
                return True
            clause.children.remove(deals)
        return super()._give_related(clause, i, negated)

    def _types_for(self, clause: Clause, i: int, mention: Mention) -> list[str]:
        """“champion at Delta” works there; a deal's own name, or “deal” beside it, means the deal."""
        found = super()._types_for(clause, i, mention)
        beside = [self.items[j] for j in (i - 1, i + 1) if 0 <= j < len(self.items)]
        is_deal = any(item.has("noun", "deal") for item in beside) or clause.parent is None
        if clause.entity == "role" and mention.by_type.get("company") and not is_deal:
            return [type_ for type_ in found if type_ != "deal"]
        return found

    def _deictic(self, i: int, value: str) -> None:
        """“who is championing this”: on the deal of the page."""
        role = next((c for c in self._reachable() if c.entity == "role"), None)
        page = self.parse.page
        is_bare = not self._noun_ahead(i) and not self.items[i].has("link", "that")
        if role is not None and is_bare and value in ("this", "it", "here"):
            self.parse.used.add(i)
            if page is not None and page.type == "deal":
                role.add(cmp("deal_id", "eq", str(page.id)))
                return
            if page is None:
                self.parse.impossible.append("no page")
                return
        super()._deictic(i, value)
