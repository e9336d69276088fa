"""Record types hidden in other words: “left to do” are tasks, “noted” notes, who “employs” people a company.

“what's left to do for Quill”, “what has Anna noted about them”, “who employs the most people”, “Monday's review”.
"""

from __future__ import annotations

from chatbot.assistant.understanding.clauses import Clause, When
from chatbot.assistant.understanding.concepts import RELATIONS, cmp
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.sentence import is_silent
from chatbot.assistant.understanding.unsaid import Unsaid

_DOING = frozenset(("do", "doing", "done"))
_FIRST = frozenset(("start", "starting", "begin", "beginning"))
_SPREAD = ("spread", "split", "divi", "distribut")
_TIMES = {"once": 1, "twice": 2, "times": 0}
_WHO = frozenset(("he", "she", "they"))
_NOTED = frozenset(("noted", "write", "wrote", "written", "jot", "jotted", "put", "scribbled", "recorded"))
#: A number without a unit is no sum of money below this.
_LEAST_SUM = 1_000
_THEY = frozenset(("people", "guys", "folks", "chaps", "lot"))


class HiddenNouns(Unsaid):
    """Opens the clause that such a word stands for."""

    #: a superlative that says “open” of a noun behind it
    open_at: int | None = None

    def _state(self, i: int, value: str) -> None:
        if value == "open" and set(self.words[i].split()) & _DOING and not self._noun_ahead(i):
            self._noun(i, "task")
            if self.current is not None and self.current.entity == "task":
                self._give_state(self.current, i, "open", False)
            return
        if value == "overdue" and self.parse.head is None and not self._noun_ahead(i) and self._is_of_ending(i):
            self._noun(i, "deal")  # “what should have been signed by now”
        if value == "open" and self._is_nothing_of_a_noun(i):
            self.pending.append((i, False))
            return
        super()._state(i, value)

    def _is_of_ending(self, i: int) -> bool:
        return any(word.startswith(("sign", "clos", "won")) for word in self.words[i].split())

    def _is_nothing_of_a_noun(self, i: int) -> bool:
        """“nothing left on the task list”: it is tasks there are none of, and not open ones."""
        if self.negation is None or "nothing" not in self.words[self.negation].split():
            return False
        end = next((j for j in range(i, len(self.items)) if self.items[j].kind == "break"), len(self.items))
        return any(item.has("noun", "task", "deal") for item in self.items[i + 1 : min(end, i + 6)])

    def _verb(self, i: int, value: str) -> None:
        """“what has Anna noted about Quill”: the notes."""
        if self._is_a_running_deal(i) and self.current is not None:
            self.parse.used.add(i)
            self._give_state(self.current, i, "open", False)
            return
        is_noting = bool(set(self.words[i].split()) & _NOTED) and self.parse.head is None
        if is_noting and self.parse.has("what", "list", "exists") and self._is_about_something(i):
            self._noun(i, "note")
            return
        super()._verb(i, value)

    def _is_a_running_deal(self, i: int) -> bool:
        """“have another deal running with us”: it is open, and nobody runs it."""
        following = self._next(i)
        is_end = following is None or self.items[following].kind in ("break", "time")
        is_with_us = following is not None and self.items[following].has("verb", "exist")
        is_deal = self.current is not None and self.current.entity == "deal" and not self.parse.has("who", "whose")
        return self.words[i].endswith("running") and is_deal and (is_end or is_with_us)

    def _job(self, i: int, value: str) -> None:
        """“where was she before she joined Quill”: where she worked that is not Quill."""
        at, company = self._before_joining(i), self._next(i)
        head = self.parse.head
        is_joining = value == "joined" or self.words[i].endswith("joining")
        if not is_joining or at is None or company is None or (head is not None and head.entity != "employment"):
            super()._job(i, value)
            return
        records = self.items[company].data[0].records("company") if self.items[company].kind == "name" else []
        job = head or self._clause_of_jobs("previous", False)
        if job is None or len(records) != 1:
            super()._job(i, value)
            return
        for node in (cmp("is_current", "eq", "false"), cmp("company_id", "ne", str(records[0].id))):
            job.add(node)
        self.parse.specials.add("before")
        self.parse.used |= {at, i, company}
        self.taken.add(company)

    def _before_joining(self, i: int) -> int | None:
        near = range(max(0, i - 3), i + 1)
        return next((j for j in near if "before" in self.words[j].split()), None)

    def _is_about_something(self, i: int) -> bool:
        following = self._next(i)
        return following is not None and self.items[following].has("verb", "refer")

    def _deictic(self, i: int, value: str) -> None:
        """“about these people” on a company's page: the company."""
        following = self.words[i + 1] if i + 1 < len(self.words) else ""
        is_named = any(other.kind == "name" and "contact" in other.data[0].by_type for other in self.items[:i])
        if is_named and self.words[i] in _WHO and "before" in self.words[max(0, i - 1)].split():
            self.parse.used.add(i)  # “where was Jane before she joined”
            return
        page, head = self.parse.page, self.parse.head
        if following in _THEY and page is not None and page.type == "company" and head is not None:
            self.parse.used |= {i, i + 1}
            self.taken.add(i + 1)
            self.parse.specials.add("these people")
            self._attach_page(head)
            return
        super()._deictic(i, value)

    # ------------------------------------------------------------------------------------------------- people and staff

    def _field(self, i: int, value: str) -> None:
        """“number of people in Norway who are leads”: those we know; of a company by name it is its staff."""
        if value == "owner" and self.negation is not None and "than" in self.words[self.negation].split():
            self.parse.impossible.append("other owner")  # “by somebody other than the owner”
        if value == "employees" and self.words[i].endswith("number of people") and not self._is_of_a_name(i):
            self.parse.asks.setdefault("how_many", i)
            self.parse.specials.add("number of people")
            self._noun(i, "contact")
            return
        super()._field(i, value)

    def _is_said_of_deals(self) -> bool:
        """What is open, won or lost for so much money is deals."""
        is_told = any(state in ("open", "won", "lost") for state, _ in self.parse.states)
        is_bounded = self.comparison is not None or any(item.has("cmp", "between") for item in self.items)
        return is_told and is_bounded and self.parse.has("what", "exists", "list", "how_many", "how_much")

    def _is_of_a_name(self, i: int) -> bool:
        following = self._next(i)
        return following is not None and self.items[following].kind == "name"

    def _noun(self, i: int, value: str) -> None:
        if self.open_at is not None and self.parse.head is None and value in ("deal", "task"):
            at, self.open_at = self.open_at, None
            super()._noun(i, value)
            if self.parse.head is not None:
                self._give_state(self.parse.head, at, "open", False)
            return
        if value == "contact" and self._is_staff_ranked(i):
            self.parse.used.add(i)
            last = self.parse.superlatives[-1]
            last.concept = "least" if "least" in last.concept else "most"
            last.of_field = "employees"
            return
        super()._noun(i, value)

    def _is_staff_ranked(self, i: int) -> bool:
        """“employ the most people”."""
        at = self._previous(i)
        before = self._previous(at) if at is not None else None
        is_ranked = at is not None and self.items[at].has("sup") and bool(self.parse.superlatives)
        return is_ranked and before is not None and self.words[before].startswith("employ")

    def _on_number(self, i: int, item: Item) -> None:
        """“who employs more than 500 people”, “what's open between 20k and 40k”."""
        is_sum = item.data.is_money or item.data.is_scaled or (item.data.value >= _LEAST_SUM and not item.data.unit)
        if self.parse.head is None and is_sum and self._is_said_of_deals():
            self.parse.head = self.current = Clause("deal")
            self.parse.clauses.append(self.parse.head)
        is_staff = item.data.unit == "people" and any(word.startswith("employ") for word in self.words[:i])
        if self.parse.head is None and is_staff and self.parse.has("who"):
            self.parse.head = self.current = Clause("company")
            self.parse.asks["which"] = self.parse.asks.pop("who")
            self.parse.clauses.append(self.parse.head)
        super()._on_number(i, item)

    # --------------------------------------------------------------------------------------------- small words of order

    def _on_unknown(self, i: int, item: Item) -> None:
        """“start with the oldest”, “compare the reps”: how it is shown, which the rest of the question says."""
        following = self._next(i)
        after = self.items[following] if following is not None else None
        is_first = self.words[i] in _FIRST and after is not None and after.has("sup")
        if is_first and self.parse.head is not None:
            self.parse.used.add(i)
            if not self.parse.superlatives and self.parse.limit is None:
                self.parse.limit = 50
            return
        if self.words[i] in _TIMES and self._is_so_often(i):
            return
        super()._on_unknown(i, item)

    def _is_so_often(self, i: int) -> bool:
        """“bought more than once”, “signed at least twice”: so many deals of theirs."""
        head, at = self.parse.head, i - 1
        deals = [c for c in head.children if c.entity == "deal" and not c.absent] if head is not None else []
        if len(deals) != 1 or deals[0].item is not None or at < 0:
            return False
        if self.words[i] == "times":
            least = 2 if self.items[at].has("several") else None
        else:
            said = self.comparison[0] if self.comparison is not None and self.comparison[1] == at else ""
            least = {"gt": _TIMES[self.words[i]] + 1, "gte": _TIMES[self.words[i]]}.get(said)
            least = 2 if not said and self.words[i] == "twice" else least
        if least is None:
            return False
        deals[0].at_least = least
        self.parse.used |= {i, at} if self.comparison is not None else {i}
        self.parse.specials.add(self.words[i])
        self.comparison = None
        return True

    def _text(self, i: int, value: str) -> None:
        """“compare the reps”, “compare Anna and Tom”: the figures of each."""
        following = self._next(i)
        after = self.items[following] if following is not None else None
        if self.words[i] == "compare" and after is not None and self._is_compared(after):
            self.parse.used.add(i)
            if after.kind == "name" and not self.parse.groups:
                self.parse.groups.append("owner")
            return
        super()._text(i, value)

    def _on_name(self, i: int, item: Item) -> None:
        """“how is it spread over Anna, Tom and Ruth”: by person."""
        before = self.items[i - 1] if i else None
        is_split = before is not None and before.has("group") and self.words[i - 1].startswith(_SPREAD)
        if is_split and "user" in item.data[0].by_type and not self.parse.groups:
            self.parse.groups.append("owner")
        super()._on_name(i, item)

    def _sup(self, i: int, value: str) -> None:
        """“have been open the longest”: the oldest that are open."""
        if "open" in self.words[i].split() and self.parse.head is not None:
            self._give_state(self.parse.head, i, "open", False)
        elif "open" in self.words[i].split() and self._noun_ahead(i):
            self.open_at = i  # “longest open deal”: of those that are open
        super()._sup(i, value)

    def _is_compared(self, after: Item) -> bool:
        """The reps, or several of us by name."""
        people = [item for item in self.items if item.kind == "name" and "user" in item.data[0].by_type]
        return after.has("noun", "user") or (after.kind == "name" and after in people and len(people) > 1)

    # ------------------------------------------------------------------------------------------------- a meeting's day

    def _on_time(self, i: int, item: Item) -> None:
        """“tasks from Monday's pipeline review”: the day is the meeting's."""
        at = next((j for j in range(i + 1, len(self.items)) if not self._is_between(j)), None)
        head = self.parse.head
        if at is None or head is None or not self._is_a_meeting(at) or at == i + 1:
            super()._on_time(i, item)
            return
        mention = self.items[at].data[0]
        if head.entity != "meeting" and "meeting" not in RELATIONS.get(head.entity, {}):
            super()._on_time(i, item)
            return
        meeting = head if head.entity == "meeting" else head.child("meeting")
        meeting.is_past = True
        meeting.whens.append(When(i, item.data))
        records = mention.records("meeting")
        meeting.add(cmp("id", "in" if len(records) > 1 else "eq", *(str(r.id) for r in records)))
        if meeting not in self.parse.clauses:
            self.parse.clauses.append(meeting)
        self.parse.used |= {i, at}
        self.taken.add(at)

    def _is_between(self, j: int) -> bool:
        return is_silent(self.items[j]) or self.items[j].kind == "break"

    def _is_a_meeting(self, j: int) -> bool:
        item = self.items[j]
        return item.kind == "name" and "meeting" in item.data[0].by_type and "company" not in item.data[0].by_type
