"""People and companies by name: who was met, who works there, who owns them, where they are."""

from __future__ import annotations

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, conjunction
from chatbot.assistant.understanding.concepts import FIELDS, REFERENCES, SHOWN_AS, cmp
from chatbot.assistant.understanding.sentence import TOUCH
from chatbot.assistant.understanding.subject import About, Subject
from shared.query.plan import Measure, Order, Plan, Related


class AboutPeople(About):
    """Ways to answer about whom we deal with."""

    def _people_met(self) -> Plan | None:
        """“who did we meet last week”, “who have I not talked to in 60 days”."""
        cue = self._cue(*TOUCH)
        if cue is None or not self.parse.has("who", "list", "which"):
            return None
        if self.subjects and not self._only_users() and not self._is_from_there():
            return None
        if not self.parse.says_we and not self._only_users() and not self._is_i():
            return None
        if self._sup("newest") and not self._whens():
            return None
        clause = Clause("contact", cues=[cue])
        clause.whens = self._whens()
        for subject in self.subjects:
            if subject.by_type.get("company"):
                clause.add(cmp("company_id", "eq", str(self._take(subject, "company").id)))
            else:
                clause.people.append(str(self._take(subject, "user").id))
        if self._is_i():
            clause.people.append("me")
            self._use_me()
        return Plan(from_="contact", where=clause.condition(self.today))

    def _is_from_there(self) -> bool:
        """“who from Borealis have we met”: people of the company, not the company."""
        company = self.subjects[0]
        before = self.items[company.item - 1] if company.item else None
        is_from = before is not None and before.has("link", "from", "at", "of")
        return is_from and bool(company.by_type.get("company")) and self.parse.has("who") and len(self.subjects) == 1

    def _last_touch(self) -> Plan | None:
        """“when did we last meet Borealis”, “last contact with Jane”, “how long since …”."""
        cue = self._cue(*TOUCH)
        asked = next((c for c in self.parse.asked if c in ("last_contact", "last_meeting", "last_activity")), None)
        is_asked = not self.parse.asks or self.parse.has("when", "how_long", "what", "list", "is", "which")
        is_last = self._sup("newest") and is_asked
        if asked is None and (cue is None or not (is_last or self.parse.has("when", "how_long"))):
            return None
        main = next((s for s in self.subjects if s.first("company", "contact", "deal")), None)
        if main is None or self._sup("soonest"):
            return None
        kind = "met" if asked == "last_meeting" or (cue is not None and cue.concept == "met") else "contact"
        others = [s for s in self.subjects if s is not main and s.by_type.get("user")]
        if others or self._is_i():
            return self._last_meeting_of(main)
        type_ = main.first("company", "contact", "deal") or "company"
        narrowing = self._beside(main) if type_ == "contact" else []
        record = self._take(main, type_)
        field = {"met": "last_meeting_at"}.get(kind, "last_activity_at" if type_ == "deal" else "last_contact_at")
        plan = self._record(type_, record, field)
        return plan.model_copy(update={"where": conjunction([plan.where, *narrowing])}) if plan.where else plan

    def _last_meeting_of(self, main: Subject) -> Plan:
        """With one of us: the meeting itself, since a record's last contact is anybody's."""
        clause = Clause("meeting")
        type_ = main.first("company", "contact", "deal") or "company"
        clause.add(cmp(REFERENCES["meeting"][type_], "eq", str(self._take(main, type_).id)))
        self._companions(clause, main)
        if self._is_i():
            clause.add(cmp("user_id", "eq", "me"))
            self._use_me()
        order = (Order(by="occurred_at", descending=True),)
        where = clause.condition(self.today)
        return Plan(from_="meeting", where=where, fields=("occurred_at",), order=order, limit=1)

    def _touched(self) -> Plan | None:
        """“have we met Borealis this month”, “did Anna talk to Jane”."""
        cue = self._cue(*TOUCH)
        main = next((s for s in self.subjects if s.first("company", "contact", "deal")), None)
        if cue is None or main is None or not self.parse.has("is", "exists", "how_many", "what", "which", "list"):
            return None
        whens = self._whens()
        type_ = main.first("company", "contact", "deal") or "company"
        if cue.concept != "met" and not whens and len(self.subjects) == 1:
            return self._record(type_, self._take(main, type_), _touch_field(type_))
        clause = Clause("meeting", whens=whens)
        clause.add(cmp(REFERENCES["meeting"][type_], "eq", str(self._take(main, type_).id)))
        self._companions(clause, main)
        if self._is_i():
            clause.add(cmp("user_id", "eq", "me"))
            self._use_me()
        measures = (Measure(metric="count"),) if self.parse.has("how_many") else ()
        return Plan(from_="meeting", where=clause.condition(self.today), measures=measures)

    def _people_there(self) -> Plan | None:
        """“who works at Borealis”, “who do we know there”, “who is the CFO of Borealis”."""
        titles = [i for i in self.parse.loose if self.items[i].kind == "value"]
        if self._cue("attend") is not None and self.parse.has("who") and self.subjects:
            return self._attended()
        is_people = bool(self._cue("work_at")) or "know" in self.parse.specials
        has_title = any(v.field in ("title", "source") for i in titles for v in self.items[i].data)
        asks = self.parse.has("who", "how_many", "list", "which") or (has_title and self.parse.has("what"))
        if not asks or not (is_people or has_title):
            return None
        if not self.subjects and not has_title:
            return None
        clause = Clause("contact")
        for i in titles:
            value = next((v for v in self.items[i].data if v.entity == "contact"), None)
            if value is not None:
                clause.add(cmp(value.field, "in" if len(value.stored) > 1 else "eq", *value.stored[:200]))
                self.parse.used.add(i)
        for subject in self.subjects:
            type_ = subject.first("company", "deal") or subject.first("contact")
            if type_ == "company":
                clause.add(cmp("company_id", "eq", str(self._take(subject, type_).id)))
            elif type_ == "deal":
                where = cmp("id", "eq", str(self._take(subject, type_).id))
                clause.nodes.append(Related(relation="deals", where=where))
            elif type_ == "contact" and has_title:
                clause.add(cmp("id", "eq", str(self._take(subject, type_).id)))
        if self.parse.has("how_many"):
            return Plan(from_="contact", where=clause.condition(self.today), measures=(Measure(metric="count"),))
        fields: dict[str, None] = {}
        for concept in self.parse.asked:
            name = FIELDS.get(concept, {}).get("contact")
            fields.update(dict.fromkeys(SHOWN_AS.get(("contact", concept)) or ([name] if name else [])))
        return Plan(from_="contact", where=clause.condition(self.today), fields=tuple(fields)[:12])

    def _attended(self) -> Plan | None:
        """“who attended the workshop in Manchester”."""
        main = next((s for s in self.subjects if s.first("meeting", "deal", "company")), None)
        type_ = main.first("meeting", "deal", "company") if main is not None else None
        if main is None or type_ is None:
            return None
        where = cmp("id", "eq", str(self._take(main, type_).id))
        return Plan(from_="contact", where=Related(relation=concepts.RELATIONS["contact"][type_], where=where))

    def _owner(self) -> Plan | None:
        """“who owns X”, “who is responsible for X”."""
        is_whose = self.parse.has("whose") and not self.parse.asked
        if (self._cue("own") is None and not is_whose) or self.parse.has("how_many", "when", "where", "how_much"):
            return None
        main = next((s for s in self.subjects if s.first("deal", "company", "contact")), None)
        if main is None:
            return None
        type_ = main.first("company", "deal", "contact") or "company"
        return self._record(type_, self._take(main, type_), FIELDS["owner"][type_])

    def _place(self) -> Plan | None:
        """“where is Borealis”, “where does Jane work”."""
        if not (self.parse.has("where") or self._cue("located", "work_at")) or not self.subjects:
            return None
        main = self.subjects[0]
        type_ = main.first("company", "contact")
        if (deal := main.first("deal", "meeting")) is not None and type_ is None:
            where = cmp("id", "eq", str(self._take(main, deal).id))
            of_it = Related(relation=concepts.RELATIONS["company"][deal], where=where)
            return Plan(from_="company", where=of_it, fields=SHOWN_AS["company", "place"])
        if type_ is None:
            return None
        record = self._take(main, type_)
        if type_ == "contact" and self._cue("located") is not None and self._cue("work_at") is None:
            return self._record(type_, record, "source")
        if type_ == "contact":
            return self._record(type_, record, "company", "title")
        return self._record(type_, record, *SHOWN_AS["company", "place"])


def _touch_field(type_: str) -> str:
    return "last_activity_at" if type_ == "deal" else "last_contact_at"
