"""Where people worked: who used to be at a company, who has changed employers, when somebody left.

contact ─ employments ─▶ employment (company, title, from, until; current or not)
"""

from __future__ import annotations

from chatbot.assistant.understanding.clauses import Clause, Cue
from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.moves import Moves
from chatbot.assistant.understanding.sentence import is_silent
from shared.query.plan import Cmp


class Employments(Moves):
    """“Used to work at”, “changed employers”, “joined” open a clause of employments."""

    def _is_job(self, i: int, item: Item) -> bool:
        """“left Quill”, “moved over to Quill”: with a company behind; the other words need none."""
        if item.has("job", "changed", "previous", "current"):
            return True
        if item.has("job", "left") and self._is_left_already():
            return True
        if item.has("job", "left") and self._is_end_of_people(i):
            return True
        following = self._next(i)
        while following is not None and self.items[following].has("deictic"):
            following = self._next(following)
        if following is None:
            return False
        after = self.items[following]
        is_company = after.kind == "name" and bool(after.data[0].by_type.get("company"))
        return is_company or (item.has("job", "left") and after.has("job", "previous"))

    def _is_end_of_people(self, i: int) -> bool:
        """“has anybody from Quill left”: said of who is at a company, with nothing behind."""
        previous = self._previous(i)
        before = self.items[previous] if previous is not None else None
        is_company = before is not None and before.kind == "name" and bool(before.data[0].by_type.get("company"))
        is_from = is_company and previous and self.items[previous - 1].has("link", "from", "at", "of")
        return bool(is_from) and self._next(i) is None and self.parse.head is None

    def _job(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        if value == "changed" and self._asks_where_now(i):
            return
        self._take_since(i)
        if value == "left" and self._is_left_already() and not self._company_behind(i):
            return  # “used to work there and left”
        if value == "previous" and self.current is not None and self.current.entity == "employment":
            return  # “left her previous company”
        is_absent = self._is_denied(i)
        job = self._clause_of_jobs(value, is_absent)
        if job is None:
            self.parse.impossible.append("employment")
            return
        job.add(cmp("is_current", "eq", "true" if value in ("joined", "current") else "false"))
        job.item = job.item or self.items[i]
        self._take_times_before(job)
        job.cues.append(Cue(i, "joined" if value in ("joined", "current") else "left"))
        if job not in self.parse.clauses:
            self.parse.clauses.append(job)
        self.current = job

    def _company_behind(self, i: int) -> bool:
        following = self._next(i)
        return following is not None and self.items[following].kind == "name"

    def _is_left_already(self) -> bool:
        left = cmp("is_current", "eq", "false")
        return any(clause.entity == "employment" and left in clause.nodes for clause in self.parse.clauses)

    def _settle_jobs(self) -> None:
        """Once all names have their place."""
        if self.parse.superlatives and any(c.entity == "employment" and c.parent for c in self.parse.clauses):
            self.parse.impossible.append("latest of employments")
        for job in [c for c in self.parse.clauses if c.entity == "employment" and c.is_said("joined")]:
            if job.parent is not None:
                self._leave_behind(job.parent)
        for job in [c for c in self.parse.clauses if c.entity == "employment" and c.is_said("left") and c.parent]:
            if job.item is not None and self.reading.words_of(job.item).lower() in (
                "left",
                "has left",
                "have left",
                "former",
            ):
                self._left_there(job)

    def _left_there(self, job: Clause) -> None:
        """“has anybody from Quill left”: Quill is what was left."""
        people = job.parent
        if people is None or any(isinstance(n, Cmp) and n.field == "company_id" for n in job.nodes):
            return
        for node in [n for n in people.nodes if isinstance(n, Cmp) and n.field == "company_id"]:
            people.nodes.remove(node)
            job.nodes.append(node)

    def _leave_behind(self, people: Clause) -> None:
        """“somebody from Penrose moved over to Delta”: Penrose is where they were."""
        for node in [n for n in people.nodes if isinstance(n, Cmp) and n.field == "company_id"]:
            people.nodes.remove(node)
            left = people.child("employment")
            left.nodes = [node, cmp("is_current", "eq", "false")]

    def _neg(self, i: int, value: str) -> None:
        """“who used to be there and is not any more”."""
        rest = self.items[i + 1 :]
        if self._is_left_already() and all(is_silent(item) or item.has("verb", "exist", "have") for item in rest):
            self.parse.used.add(i)
            return
        super()._neg(i, value)

    def _asks_where_now(self, i: int) -> bool:
        """“Jane changed jobs, where is she now”: the change is told, not asked for."""
        return self.parse.head is None and any(item.has("ask", "where") for item in self.items[i:])

    def _clause_of_jobs(self, value: str, is_absent: bool) -> Clause | None:
        head = self.parse.head
        asks_job = self.parse.has("when", "how_long") or value == "previous"
        if head is None and asks_job:
            job = self.parse.head = Clause("employment")
            self.parse.asked += [] if self.parse.has("when", "how_long") else ["company", "title"]
            self._of_page(job)
            return job
        if head is None:
            head = self.parse.head = Clause("contact")
            self.parse.clauses.append(head)
        people = next((c for c in self._reachable() if c.entity == "contact"), None)
        if head.entity == "deal":
            return None  # left the company of that very deal: no plan compares the two
        return people.child("employment", absent=is_absent) if people is not None else None

    def _types_for(self, clause: Clause, i: int, mention: object) -> list[str]:
        found = super()._types_for(clause, i, mention)  # type: ignore[arg-type]
        if clause.entity == "employment" and clause.parent is not None:
            return [type_ for type_ in found if type_ == "company"]
        return found

    def _give_name(self, clause: Clause, i: int, negated: bool) -> bool:
        """“somebody from Penrose who moved to Delta”: one left behind, the other joined."""
        named = any(isinstance(node, Cmp) and node.field == "company_id" for node in clause.nodes)
        return False if named and clause.entity == "employment" else super()._give_name(clause, i, negated)
