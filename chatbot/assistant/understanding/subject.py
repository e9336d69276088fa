"""Who or what a question is about, where no record type is named: the names in it, or the page.

The ways to answer are layers of one class: subject ─ subject_people ─ subject_deals ─ subjects.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding.clauses import Clause, Cue, When
from chatbot.assistant.understanding.concepts import PEOPLE, REFERENCES, cmp
from chatbot.assistant.understanding.mentions import Mention
from chatbot.assistant.understanding.sentence import Named, Parse
from shared.query.plan import Node, Plan

_TYPES = ("company", "contact", "deal", "meeting", "user")


@dataclass(slots=True)
class Subject:
    """Who or what is asked about: by type who may be meant."""

    by_type: dict[str, list[RecordRef]]
    item: int | None = None
    mention: Mention | None = None

    def first(self, *types: str) -> str | None:
        """The first of the types that it may be; whole names before parts."""
        possible = [t for t in types if self.by_type.get(t)]
        if self.mention is not None:
            mention = self.mention
            possible.sort(key=lambda t: not any(c.is_whole for c in mention.by_type.get(t, ())))
        return possible[0] if possible else None


class About:
    """The subjects of a question, and what is used of them."""

    def __init__(self, parse: Parse, today: date) -> None:
        self.parse, self.today = parse, today
        self.items = parse.reading.items
        self.subjects = self._subjects()
        self.used: list[Named] = []
        self.ambiguous: list[Named] = []
        self.impossible: list[str] = []

    def _subjects(self) -> list[Subject]:
        found: list[Subject] = []
        for i in self.parse.loose:
            if self.items[i].kind == "name":
                mention = self.items[i].data[0]
                found.append(Subject({t: mention.records(t) for t in mention.by_type}, i, mention))
        page = self.parse.page
        if page is not None and not found and (self.parse.deictic or not self.parse.loose):
            found.append(Subject({page.type: [page]}))
        return found

    def _take(self, subject: Subject, type_: str) -> RecordRef:
        """The record meant, and that its item is accounted for; several are as many choices."""
        records = subject.by_type[type_]
        if subject.item is not None and subject.mention is not None:
            named = Named(subject.item, subject.mention, type_, records)
            self.used.append(named)
            self.parse.used.add(subject.item)
            if len(records) > 1 or subject.mention.is_doubtful:
                self.ambiguous.append(named)
        else:
            self.used.append(Named(-1, Mention(0, 0), type_, records))
        return records[0]

    def _record(self, type_: str, record: RecordRef, *fields: str) -> Plan:
        return Plan(from_=type_, where=cmp("id", "eq", str(record.id)), fields=fields)

    def _companions(self, clause: Clause, main: Subject) -> None:
        """Other names beside the subject: of one of us, or of a company that narrows."""
        for subject in self.subjects:
            if subject is main:
                continue
            if subject.by_type.get("user") and clause.entity in PEOPLE:
                record = self._take(subject, "user")
                clause.add(cmp(PEOPLE[clause.entity], "eq", str(record.id)))
                continue
            type_ = subject.first(*[t for t in _TYPES if t in REFERENCES.get(clause.entity, {})])
            if type_ is not None:
                record = self._take(subject, type_)
                clause.add(cmp(REFERENCES[clause.entity][type_], "eq", str(record.id)))

    def _beside(self, main: Subject) -> list[Node]:
        """A company named beside a contact narrows whom a name can mean; it has done so already."""
        for subject in self.subjects:
            if subject is not main and subject.by_type.get("company") and main.by_type.get("contact"):
                record = self._take(subject, "company")
                return [cmp("company_id", "eq", str(record.id))]
        return []

    def _whens(self) -> list[When]:
        taken = [i for i in self.parse.loose if self.items[i].kind == "time"]
        self.parse.used |= set(taken)
        return [When(i, self.items[i].data) for i in taken]

    def _cue(self, *concepts_: str) -> Cue | None:
        return next((cue for cue in self.parse.cues if cue.concept in concepts_), None)

    def _sup(self, *concepts_: str) -> bool:
        return any(s.concept in concepts_ for s in self.parse.superlatives)

    def _only_users(self) -> bool:
        return bool(self.subjects) and all(s.by_type.get("user") for s in self.subjects)

    def _is_i(self) -> bool:
        return any(self.items[i].has("me") for i in self.parse.loose)

    def _use_me(self) -> None:
        self.parse.used |= {i for i in self.parse.loose if self.items[i].has("me")}

    def _says(self, at: int, *words: str) -> bool:
        return 0 <= at < len(self.items) and self.parse.reading.words_of(self.items[at]).lower() in words

    def _use_states(self) -> None:
        self.parse.used |= {i for i in self.parse.loose if self.items[i].has("state")}

    def _deals(self, main: Subject, *, one: bool = False) -> tuple[list[Node], bool] | None:
        """The deals a name speaks of: itself, or those of the company or person. (conditions, is one record)."""
        type_ = main.first("company", "deal", "contact")
        if type_ is None:
            return None
        record = self._take(main, type_)
        return [cmp(REFERENCES["deal"][type_], "eq", str(record.id))], type_ == "deal"
