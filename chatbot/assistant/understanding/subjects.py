"""Questions about one record, where no record type is named: “who owns Tidewater”, “her phone number?”, “when does it
close?”. What is asked says which type is meant, the name (or the page) which record.

Each answer is a plan on that record, or on the records that hold the answer: a company has no stage, its deals have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, Cue, When, conjunction
from chatbot.assistant.understanding.concepts import FIELDS, PEOPLE, REFERENCES, SHOWN_AS, STATE_FIELDS, cmp
from chatbot.assistant.understanding.names import Mention
from chatbot.assistant.understanding.planning import Draft
from chatbot.assistant.understanding.sentence import TOUCH, Named, Parse
from shared.query.plan import Measure, Node, Order, Plan, Related

_TYPES = ("company", "contact", "deal", "meeting", "user")
_OPEN = concepts.STATES["open"]["deal"]


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


def draft(parse: Parse, today: date) -> Draft | None:
    """The plan for a question without a record type; None where nothing in it is a subject."""
    return _About(parse, today).draft()


class _About:
    def __init__(self, parse: Parse, today: date) -> None:
        self.parse, self.today = parse, today
        self.items = parse.reading.items
        self.subjects = self._subjects()
        self.used: list[Named] = []
        self.ambiguous: list[Named] = []
        self.impossible: list[str] = []

    def draft(self) -> Draft | None:
        plan = self._plan()
        if plan is None:
            return None
        about = [n.records[0] for n in self.used if len(n.records) == 1 and n.type != "user"]
        return Draft(plan, about, self.ambiguous, [], self.parse.unexplained(), self.parse.impossible + self.impossible)

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

    # ------------------------------------------------------------------------------------------------------- choosing

    def _plan(self) -> Plan | None:
        ways: tuple[Callable[[], Plan | None], ...] = (
            self._people_met, self._last_touch, self._touched, self._people_there, self._owner, self._origin,
            self._place, self._everything, self._worth, self._moment, self._how_long, self._asked_fields, self._state,
            self._is_in_stage, self._card,
        )  # fmt: skip
        for way in ways:
            plan = way()
            if plan is not None:
                return plan
        return None

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

    # --------------------------------------------------------------------------------------- met, spoken with, active

    def _people_met(self) -> Plan | None:
        """“who did we meet last week”, “who have I not talked to in 60 days”."""
        cue = self._cue(*TOUCH)
        if cue is None or not self.parse.has("who", "list", "which") or (self.subjects and not self._only_users()):
            return None
        if not self.parse.says_we and not self._only_users() and not self._is_i():
            return None
        if self._sup("newest") and not self._whens():
            return None
        clause = Clause("contact", cues=[cue])
        clause.whens = self._whens()
        for subject in self.subjects:
            clause.people.append(str(self._take(subject, "user").id))
        if self._is_i():
            clause.people.append("me")
            self._use_me()
        return Plan(from_="contact", where=clause.condition(self.today))

    def _only_users(self) -> bool:
        return bool(self.subjects) and all(s.by_type.get("user") for s in self.subjects)

    def _is_i(self) -> bool:
        return any(self.items[i].has("me") for i in self.parse.loose)

    def _use_me(self) -> None:
        self.parse.used |= {i for i in self.parse.loose if self.items[i].has("me")}

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

    # ----------------------------------------------------------------------------------------------------- who, where

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
        measures = (Measure(metric="count"),) if self.parse.has("how_many") else ()
        return Plan(from_="contact", where=clause.condition(self.today), measures=measures)

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
        if self._cue("own") is None or self.parse.has("how_many", "when", "where", "how_much"):
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
        if type_ is None:
            return None
        record = self._take(main, type_)
        if type_ == "contact" and self._cue("located") is not None and self._cue("work_at") is None:
            return self._record(type_, record, "source")
        if type_ == "contact":
            return self._record(type_, record, "company", "title")
        return self._record(type_, record, *SHOWN_AS["company", "place"])

    # ------------------------------------------------------------------------------------------------ deals of a name

    def _deals(self, main: Subject, *, one: bool = False) -> tuple[list[Node], bool] | None:
        """The deals a name speaks of: itself, or those of the company or person. (conditions, is one record)."""
        type_ = main.first("company", "deal", "contact")
        if type_ is None:
            return None
        record = self._take(main, type_)
        return [cmp(REFERENCES["deal"][type_], "eq", str(record.id))], type_ == "deal"

    def _worth(self) -> Plan | None:
        """“how much is Borealis worth”: a deal's amount, a company's open deals together."""
        sold = self.parse.has("what") and any(self._says(cue.at, "sold", "sell", "verkauft") for cue in self.parse.cues)
        if not (self.parse.has("how_much", "worth") or sold) or not self.subjects or self.parse.has("who"):
            return None
        if self._asks_for_size() and (company := self.subjects[0].first("company", "deal")) == "company":
            return self._record("company", self._take(self.subjects[0], company), "employees")
        found = self._deals(self.subjects[0])
        if found is None:
            return None
        nodes, is_one = found
        self.parse.asked = [c for c in self.parse.asked if c != "amount"]
        if is_one:
            return Plan(from_="deal", where=conjunction(nodes), fields=("amount",))
        states = [concepts.STATES[s]["deal"] for s, _ in self.parse.states if "deal" in concepts.STATES[s]]
        won = [concepts.STATES[c.concept]["deal"] for c in self.parse.cues if c.concept in ("won", "lost")]
        self._use_states()
        clause = Clause("deal", nodes=[*nodes, *(states or won or [_OPEN])], whens=self._whens())
        clause.states = [s for s, _ in self.parse.states] + [c.concept for c in self.parse.cues]
        return Plan(from_="deal", where=clause.condition(self.today), measures=(Measure(metric="total_amount"),))

    def _asks_for_size(self) -> bool:
        words = self.parse.reading.words_of(self.items[self.parse.asks.get("how_much", 0)]).lower()
        return words in ("how big", "how large", "wie groß", "wie gross")

    def _says(self, at: int, *words: str) -> bool:
        return 0 <= at < len(self.items) and self.parse.reading.words_of(self.items[at]).lower() in words

    def _use_states(self) -> None:
        self.parse.used |= {i for i in self.parse.loose if self.items[i].has("state")}

    def _moment(self) -> Plan | None:
        """“when does X close”, “when was X won”, “when was X created”, “is X due this month”."""
        cue = self._cue("closing", "closed", "won", "lost", "created", "updated", "moved", "due")
        state = next((s for s, _ in self.parse.states if s in ("won", "lost", "closed")), None)
        if not self.parse.has("when") or (cue is None and state is None) or not self.subjects:
            return None
        concept = cue.concept if cue is not None else str(state)
        main = self.subjects[0]
        self._use_states()
        if concept in ("created", "updated"):
            type_ = main.first("company", "contact", "deal")
            return self._record(type_, self._take(main, type_), f"{concept}_at") if type_ else None
        found = self._deals(main)
        if found is None:
            return None
        nodes, is_one = found
        if concept in ("won", "lost") and not is_one:
            nodes.append(concepts.STATES[concept]["deal"])
        elif concept in ("closing", "due") and not is_one:
            nodes.append(_OPEN)
        return Plan(from_="deal", where=conjunction(nodes), fields=(concepts.TIMES["deal"][concept],))

    def _how_long(self) -> Plan | None:
        """“how long has X been open, in its stage”, “how long did X take”."""
        if not self.parse.has("how_long") or not self.subjects:
            return None
        main = self.subjects[0]
        if main.first("deal", "company") is None:
            return None
        said = {s for s, _ in self.parse.states} | {c.concept for c in self.parse.cues} | set(self.parse.asked)
        field = "age_days"
        if said & {"won", "lost", "closed", "closing", "cycle"}:
            field = "cycle_days"
        elif said & {"stage", "in_stage", "moved"} or any(i.kind == "name" and _is_stage(i) for i in self.items):
            field = "days_in_stage"
        elif said & {"stale", "activity"}:
            field = "stale_days"
        elif not said & {"open", "created", "age"}:
            return None
        found = self._deals(main)
        self._use_states()
        self.parse.asked = []
        return Plan(from_="deal", where=conjunction(found[0]), fields=(field,)) if found else None

    # ---------------------------------------------------------------------------------------------- fields and states

    def _asked_fields(self) -> Plan | None:
        """“what is Jane's e-mail address”, “which stage is X in”: of the type that has them all."""
        asked = [c for c in self.parse.asked if c != "date"] or self.parse.asked
        if not asked or not self.subjects:
            return None
        for main in self.subjects:
            order = ("deal", "company", "contact") if set(asked) & _OF_DEALS else ("company", "contact", "deal", "user")
            able = [t for t in (*order, "meeting") if all(_has(t, c) for c in asked)]
            type_ = main.first(*able)
            if type_ == "deal" and main.by_type.get("company"):
                type_ = None
            if type_ is not None:
                narrowing = self._beside(main) if type_ == "contact" else []
                plan = self._record(type_, self._take(main, type_), *_fields(type_, asked))
                where = conjunction([n for n in [plan.where, *narrowing] if n is not None])
                return plan.model_copy(update={"where": where})
        return self._fields_of_related(asked)

    def _fields_of_related(self, asked: list[str]) -> Plan | None:
        """A company is asked for what its deals or people have, a person for what the employer has."""
        main = self.subjects[0]
        if main.first("company", "deal", "contact") and all(_has("deal", c) for c in asked):
            found = self._deals(main)
            return Plan(from_="deal", where=conjunction(found[0]), fields=_fields("deal", asked)) if found else None
        if main.by_type.get("company") and all(_has("contact", c) for c in asked):
            record = self._take(main, "company")
            where = cmp("company_id", "eq", str(record.id))
            return Plan(from_="contact", where=where, fields=_fields("contact", asked))
        if main.by_type.get("contact") and all(_has("company", c) for c in asked):
            record = self._take(main, "contact")
            related = Related(relation="contacts", where=cmp("id", "eq", str(record.id)))
            return Plan(from_="company", where=related, fields=_fields("company", asked))
        return None

    def _everything(self) -> Plan | None:
        """“everything open with Borealis”: its deals in that state."""
        states = [s for s, negated in self.parse.states if "deal" in concepts.STATES.get(s, {}) and not negated]
        if not states or not self.subjects or self.parse.asked or self.parse.has("is", "when", "who", "where"):
            return None
        main = self.subjects[0]
        type_ = main.first("company", "contact")
        if type_ is None or not self._says_all():
            return None
        self._use_states()
        nodes = [cmp(REFERENCES["deal"][type_], "eq", str(self._take(main, type_).id))]
        return Plan(from_="deal", where=conjunction([*nodes, *(concepts.STATES[s]["deal"] for s in states)]))

    def _says_all(self) -> bool:
        return bool(
            {t.word for t in self.parse.reading.text.tokens} & {"everything", "anything", "all", "alles", "what"}
        )

    def _origin(self) -> Plan | None:
        """“since when have we had X” is when it was entered, “how did X come to us” its source."""
        words = {token.word for token in self.parse.reading.text.tokens}
        if not self.subjects or self.parse.asked or self.parse.states:
            return None
        is_since_when = self.parse.has("how_long", "when") and bool(words & {"since", "seit", "how", "long"})
        if is_since_when and not self.parse.cues and words & {"had", "have", "been", "haben", "is", "ist", "hatten"}:
            type_ = self.subjects[0].first("company", "contact", "deal")
            return self._record(type_, self._take(self.subjects[0], type_), "created_at") if type_ else None
        is_how = (self.parse.has("how") or "how did" in self.parse.reading.text.written.lower()) and self._cue(
            "located"
        )
        if is_how and self.subjects[0].by_type.get("contact"):
            self.parse.specials.discard("summary")
            return self._record("contact", self._take(self.subjects[0], "contact"), "source")
        return None

    def _state(self) -> Plan | None:
        """“is X won”, “is Jane a customer”: the field that says so, whatever it says."""
        cues = [(c.concept, c.negated) for c in self.parse.cues if c.concept in ("won", "lost", "closed", "closing")]
        said = [*self.parse.states, *cues]
        if not said or not self.subjects or not self.parse.has("is", "what", "exists", "which"):
            return None
        concept = "open" if said[0][0] == "closing" else said[0][0]
        types = [
            t for t in ("deal", "task", "contact", "meeting", "user", "company") if concept in STATE_FIELDS.get(t, {})
        ]
        main = self.subjects[0]
        self._use_states()
        type_ = main.first(*types)
        if type_ == "deal" or (type_ is None and "deal" in types):
            found = self._deals(main)
            return Plan(from_="deal", where=conjunction(found[0]), fields=("stage",)) if found else None
        if type_ is None:
            return None
        return self._record(type_, self._take(main, type_), STATE_FIELDS[type_][concept])

    def _is_in_stage(self) -> Plan | None:
        """“is Borealis in negotiation”: the stage, whichever it is."""
        stages = [
            i for i in self.parse.loose
            if self.items[i].kind == "value" and any(v.field in ("stage", "pipeline") for v in self.items[i].data)
        ]  # fmt: skip
        if not stages or not self.subjects:
            return None
        found = self._deals(self.subjects[0])
        self.parse.used |= set(stages)
        return Plan(from_="deal", where=conjunction(found[0]), fields=("stage",)) if found else None

    def _card(self) -> Plan | None:
        """“who is Jane Roe”, “show me Borealis”: the record itself."""
        if self.parse.has("how_many", "why", "when", "how_much", "how_long", "where") or not self.subjects:
            return None
        if self.parse.cues or self.parse.asked or self.parse.states:
            return None
        main = self.subjects[0]
        types = ("contact", "user", "company") if self.parse.has("who", "whose") else ("company", "contact", "user")
        type_ = main.first(*types) or main.first("deal", "meeting")
        if type_ is None:
            return None
        narrowing = self._beside(main) if type_ == "contact" else []
        plan = self._record(type_, self._take(main, type_))
        return plan.model_copy(update={"where": conjunction([n for n in [plan.where, *narrowing] if n is not None])})


_OF_DEALS = frozenset(
    ("amount", "stage", "probability", "close_date", "weighted", "lost_reason", "pipeline", "in_stage", "stale",
     "cycle",     "age", "state", "currency", "closed_at", "last_activity")
)  # fmt: skip


def _touch_field(type_: str) -> str:
    return "last_activity_at" if type_ == "deal" else "last_contact_at"


def _is_stage(_item: object) -> bool:
    return False


def _has(type_: str, concept: str) -> bool:
    return type_ in FIELDS.get(concept, {}) or (type_, concept) in SHOWN_AS


def _fields(type_: str, asked: list[str]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for concept in asked:
        names.update(dict.fromkeys(SHOWN_AS.get((type_, concept)) or (FIELDS[concept][type_],)))
    return tuple(names)[:12]
