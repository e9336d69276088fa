"""Moves of deals between stages: reached, left, went straight from one to another, fell back, never got as far as.

    deal ─ moves ─▶ move (from stage, to stage, when, by whom)

“When” and “how often” ask for the moves themselves; all else says something of deals.
"""

from __future__ import annotations

from chatbot.assistant.understanding.clauses import Clause, Cue, When
from chatbot.assistant.understanding.concepts import REFERENCES, cmp, either
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.roles import Roles
from chatbot.assistant.understanding.values import Value
from shared.query.plan import Cmp, Node

#: Small words between a verb of moving and its stages.
_WAY = frozenset(
    ("straight", "directly", "right", "immediately", "on", "over", "up", "down", "the", "a", "stage", "phase",
     "status",
     "to", "into", "in", "at", "as", "far", "it", "ever", "through", "then", "state", ",", "back", "is", "was", "being",
     "marked", "nach", "die", "der", "den", "zur", "zum", "bis", "direkt", "gleich", "sofort", "wieder", "erst",
     "stufe", "sind", "ist", "wurde", "wurden", "haben", "hat", "worden", "in die", "in der", "auf")
)  # fmt: skip
#: “still there” and “not left it”.
_STAYING = frozenset(
    ("still", "are", "is", "have", "has", "been", "in", "it", "there", "that", "this", "the", "same", "stage",
     "sitting", "stuck", "now", "them", "was")
)  # fmt: skip
_NOT = frozenset(("not", "never"))
_LEAVING = frozenset(
    ("left", "leave", "moved", "move", "on", "out", "of", "from", "since", "yet", "gone", "got", "further", "any",
     "budged", "progressed")
)  # fmt: skip


class Moves(Roles):
    """A verb of moving with stages behind it opens a clause of moves."""

    def _is_move(self, i: int, item: Item) -> bool:
        """Whether stages are spoken of: “reached negotiation”, not “reached Jane”."""
        if item.has("move", "any", "back"):
            return True
        return bool(self._stages_behind(i, item.sense("move") or ""))

    def _verb(self, i: int, value: str) -> None:
        """Words for any move mean a stage where one stands behind them."""
        words = self.words[i].split()
        way = "back" if {"back", "backwards"} & set(words) else "from" if words[-1] in ("from", "of") else "shift"
        if value == "moved" and (way == "back" or {"stage", "stages", "phase", "phases"} & set(words)):
            self._move(i, "back" if way == "back" else "any")
        elif value == "moved" and self._stages_behind(i, way):
            self._move(i, way)
        else:
            super()._verb(i, value)

    def _move(self, i: int, value: str) -> None:
        found = self._stages_behind(i, value)
        if value == "back" and self._is_back_already():
            self.parse.used.add(i)
            return
        is_absent = self._is_denied(i) or value == "skip" or self._is_not_yet(i)
        is_stuck = is_absent and [side for _, side in found] == ["from"] and self._is_of_lost_deals()
        is_absent = is_absent and not is_stuck
        self.parse.used.add(i)
        behind = range(i + 1, found[-1][0] + 1 if found else i + 1)
        told = {j for j in behind if self.items[j].kind != "name" and not self.items[j].has("noun")}
        self.parse.used |= told
        self.taken |= told
        self._take_since(i)
        moves = self._clause_of_moves(i, is_absent)
        if moves is None:
            self.parse.impossible.append("moves")
            return
        moves.item = moves.item or self.items[i]
        self._take_times_before(moves)
        self._take_mover(i, moves)
        for node in self._places(found, is_absent):
            moves.add(node)
        if is_stuck:
            self.parse.specials.add("stuck")
            moves.add(cmp("to_stage_type", "eq", "lost"))
        if value == "back":
            moves.add(cmp("is_back", "eq", "true"))
        if moves not in self.parse.clauses:
            self.parse.clauses.append(moves)
        self.current = moves.parent if is_absent and moves.parent is not None else moves
        self._still_there(i, moves, found)

    def _take_times_before(self, tie: Clause) -> None:
        """“im Oktober nach Proposal geschoben”: a time said before the verb is the verb's, if no other had it."""
        for j in [j for j in self.parse.loose if self.items[j].kind == "time"]:
            self.parse.loose.remove(j)
            self.parse.used.add(j)
            tie.whens.append(When(j, self.items[j].data))
        bearer = tie.parent or next(iter(tie.children), None)
        if bearer is not None and not bearer.cues and not {"won", "lost", "closed"} & set(bearer.states):
            tie.whens += bearer.whens
            bearer.whens = []

    def _take_mover(self, i: int, moves: Clause) -> None:
        """“deals Priya moved to Proposal”: said of her, not of whose they are."""
        previous, deals = self._previous(i), moves.parent
        while previous is not None and self.items[previous].kind == "time":
            previous = self._previous(previous)
        item = self.items[previous] if previous is not None else None
        is_somebody = item is not None and (item.has("me") or (item.kind == "name" and "user" in item.data[0].by_type))
        last = deals.nodes[-1] if deals is not None and deals.nodes else None
        if deals is not None and is_somebody and isinstance(last, Cmp) and (last.field, last.op) == ("owner_id", "eq"):
            deals.nodes.pop()
            moves.add(cmp("user_id", "eq", *last.values))

    def _stages_behind(self, i: int, value: str) -> list[tuple[int, str]]:
        """(item, "from" or "to") of each stage said behind the verb."""
        side = "from" if value == "from" else "to"
        found: list[tuple[int, str]] = []
        for j in range(i + 1, len(self.items)):
            item = self.items[j]
            if self._is_stage(item):
                found.append((j, side))
                side = "to"
            elif item.has("link", "from") or self.words[j] in ("out of", "von", "aus"):
                side = "from"
            elif item.has("link", "and", "or", "but") or not (
                set(self.words[j].split()) <= _WAY
                or item.has("move", "reach")
                or (value == "shift" and (item.kind == "name" or item.has("noun", "deal") or item.has("deictic")))
            ):
                break
        return found[:2]

    @staticmethod
    def _is_stage(item: Item) -> bool:
        is_named = item.kind == "value" and any(v.field == "stage" for v in item.data)
        return is_named or item.has("state", "won", "lost")

    def _is_of_lost_deals(self) -> bool:
        """“died before they got out of qualification”: what was lost left that stage too, and went nowhere else."""
        return any(clause.entity == "deal" and "lost" in clause.states for clause in self._reachable())

    def _is_back_already(self) -> bool:
        """“gone backwards, to an earlier stage”: said twice."""
        back = cmp("is_back", "eq", "true")
        return any(clause.entity == "move" and back in clause.nodes for clause in self.parse.clauses)

    def _take_since(self, i: int) -> None:
        """“has since moved on”: after what was told, which goes without saying; and what “another” is said of."""
        near = " ".join(self.words[max(0, i - 2) : i + 1]).split()
        self.parse.specials |= {word for word in ("since", "another") if word in near}

    def _deictic(self, i: int, value: str) -> None:
        """“before they ever got to …”: the deals."""
        if self.parse.head is not None and i and self.words[i - 1] == "before" and value in ("them", "it"):
            self.parse.used.add(i)
            return
        super()._deictic(i, value)

    def _give_values(self, clause: Clause, listed: tuple[Value, ...], negated: bool) -> bool:
        """“straight to negotiation, no proposal”: what it did not go through, not where it is."""
        stage = next((v for v in listed if v.field == "stage"), None)
        moves = any(child.entity == "move" for child in clause.children)
        if stage is not None and negated and moves and clause.entity == "deal":
            here = cmp("to_stage", "eq", stage.stored[0])
            clause.child("move", absent=True).add(either(here, cmp("from_stage", "eq", stage.stored[0])))
            return True
        return super()._give_values(clause, listed, negated)

    def _places(self, found: list[tuple[int, str]], is_absent: bool) -> list[Node]:
        nodes: list[Node] = []
        for j, side in found:
            item = self.items[j]
            if item.kind != "value":
                nodes.append(cmp(f"{side}_stage_type", "eq", item.sense("state") or ""))
                continue
            names = next(v.stored for v in item.data if v.field == "stage")
            here = cmp(f"{side}_stage", "in" if len(names) > 1 else "eq", *names)
            if is_absent and len(found) == 1 and side == "to":  # who began there was there too, and left
                here = either(here, here.model_copy(update={"field": "from_stage"}))  # type: ignore[assignment]
            nodes.append(here)
        return nodes

    def _is_not_yet(self, i: int) -> bool:
        """“lost before they ever got as far as a proposal”."""
        for j in range(i - 1, max(-1, i - 4), -1):
            if self.items[j].has("link", "bound") and self.words[j] == "before":
                self.parse.specials.add("before")
                self.parse.used.add(j)
                return True
            if not (self.items[j].has("deictic") or self.items[j].has("stop") or self.items[j].has("our")
                    or self.items[j].has("verb", "exist")):  # fmt: skip
                return False
        return False

    def _clause_of_moves(self, i: int, is_absent: bool) -> Clause | None:
        head = self.parse.head
        if "date" in self.parse.asked:  # “the date it entered proposal”
            self.parse.asked.remove("date")
            self.parse.asks.setdefault("when", 0)
        asks_moves = (self.parse.has("when") or self._asks_how_often() or self._asks_who()) and not is_absent
        if head is None and asks_moves:
            self.parse.head = Clause("move")
            self._of_page(self.parse.head)
            return self.parse.head
        if head is None:
            head = self.parse.head = Clause("deal")
            self.parse.clauses.append(head)
            self._of_page(head)
        elif head.entity == "deal" and asks_moves and self.parse.asks.get("when", 0) <= i:
            moves = self.parse.head = Clause("move")
            moves.children, head.parent = [head], moves
            return moves
        deals = next((c for c in self._reachable() if c.entity == "deal"), None)
        if deals is None and head.entity in ("company", "user"):
            deals = head.child("deal")
            self.parse.clauses.append(deals)
        return deals.child("move", absent=is_absent) if deals is not None else None

    def _asks_how_often(self) -> bool:
        at = self.parse.asks.get("how_many")
        return at is not None and ("often" in self.words[at] or "times" in self.words[at] or "oft" in self.words[at])

    def _asks_who(self) -> bool:
        return self.parse.has("who") and self.parse.head is None

    def _of_page(self, clause: Clause) -> None:
        """“when did this one get to negotiation”: the deal of the page, said before the verb."""
        if not self.parse.deictic:
            return
        page = self.parse.page
        if page is None or page.type not in REFERENCES[clause.entity]:
            self.parse.impossible.append("no page")
        else:
            clause.add(cmp(REFERENCES[clause.entity][page.type], "eq", str(page.id)))
        self.parse.deictic.clear()

    def _still_there(self, i: int, moves: Clause, found: list[tuple[int, str]]) -> None:
        """“reached proposal in May and are still there”, “… and haven't left it since”."""
        deals = moves.parent
        stage = next((self.items[j] for j, side in found if side == "to" and self.items[j].kind == "value"), None)
        rest = range(i + 1, len(self.items))
        begin = next((j for j in rest if set(self.words[j].split()) & {"still", *_NOT}), None)
        if begin is None or deals is None or stage is None:
            return
        tail = [j for j in range(begin, len(self.items)) if self.items[j].kind != "break"]
        words = {word for j in tail for word in self.words[j].split()}
        is_kept = "still" in words and words <= _STAYING
        if not is_kept and not (words & _NOT and words & _LEAVING and words <= _NOT | _LEAVING | _STAYING):
            return
        self.taken |= set(tail)
        self.parse.used |= set(tail)
        deals.add(cmp("stage", "eq", *next(v.stored for v in stage.data if v.field == "stage")[:1]))
        deals.children.remove(moves)  # whoever began there never moved there: since when it is there tells both
        self.parse.clauses = [clause for clause in self.parse.clauses if clause is not moves]
        deals.cues.append(Cue(i, "staying"))
        self.current = deals

    def _give_related(self, clause: Clause, i: int, negated: bool) -> bool:
        """“when did Quill get to proposal”: a deal of theirs."""
        item = self.items[i]
        is_company = item.kind == "name" and bool(item.data[0].by_type.get("company"))
        if clause.entity == "move" and clause.parent is None and is_company:
            deals = next((c for c in clause.children if c.entity == "deal"), None) or clause.child("deal")
            return self._give_name(deals, i, negated)
        return super()._give_related(clause, i, negated)
