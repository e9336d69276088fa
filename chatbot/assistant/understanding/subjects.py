"""Questions about one record, where no record type is named: “who owns Tidewater”, “her phone number?”, “when does it
close?”. What is asked says which type is meant, the name (or the page) which record.

Each answer is a plan on that record, or on the records that hold the answer: a company has no stage, its deals have.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from chatbot.assistant.understanding.clauses import conjunction
from chatbot.assistant.understanding.concepts import FIELDS, RELATIONS, SHOWN_AS, STATE_FIELDS, cmp
from chatbot.assistant.understanding.drafts import Draft
from chatbot.assistant.understanding.sentence import Parse
from chatbot.assistant.understanding.subject import Subject
from chatbot.assistant.understanding.subject_deals import AboutDeals
from shared.query.plan import Plan, Related


def draft(parse: Parse, today: date) -> Draft | None:
    """The plan for a question without a record type; None where nothing in it is a subject."""
    return _About(parse, today).draft()


class _About(AboutDeals):
    """The ways, tried in turn, and those about fields and states."""

    def draft(self) -> Draft | None:
        plan = self._plan()
        if plan is None:
            return None
        about = [n.records[0] for n in self.used if len(n.records) == 1 and n.type != "user"]
        return Draft(plan, about, self.ambiguous, [], self.parse.unexplained(), self.parse.impossible + self.impossible)

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

    def _asked_fields(self) -> Plan | None:
        """“what is Jane's e-mail address”, “which stage is X in”: of the type that has them all."""
        asked = [c for c in self.parse.asked if c != "date"] or self.parse.asked
        if not asked or not self.subjects:
            return None
        if asked == ["company"] and any(cue.concept in ("won", "lost") for cue in self.parse.cues):
            self.impossible.append("deals of somebody's company")  # “has his company ever bought anything”
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
        if (made := self._of_its_company(main, asked)) is not None:
            return made
        if main.by_type.get("company") and all(_has("contact", c) for c in asked):
            record = self._take(main, "company")
            where = cmp("company_id", "eq", str(record.id))
            return Plan(from_="contact", where=where, fields=_fields("contact", asked))
        if main.by_type.get("contact") and all(_has("company", c) for c in asked):
            record = self._take(main, "contact")
            related = Related(relation="contacts", where=cmp("id", "eq", str(record.id)))
            return Plan(from_="company", where=related, fields=_fields("company", asked))
        return None

    def _of_its_company(self, main: Subject, asked: list[str]) -> Plan | None:
        """“their website” on the page of a deal or meeting: that of the company it is with."""
        type_ = main.first("deal", "meeting")
        if type_ is None or main.by_type.get("company") or not all(_has("company", c) for c in asked):
            return None
        number = cmp("id", "eq", str(self._take(main, type_).id))
        where = Related(relation=RELATIONS["company"][type_], where=number)
        return Plan(from_="company", where=where, fields=_fields("company", asked))

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
            field = STATE_FIELDS["deal"].get(concept, "stage")
            return Plan(from_="deal", where=conjunction(found[0]), fields=(field,)) if found else None
        if type_ is None:
            return None
        return self._record(type_, self._take(main, type_), STATE_FIELDS[type_][concept])

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


def _has(type_: str, concept: str) -> bool:
    return type_ in FIELDS.get(concept, {}) or (type_, concept) in SHOWN_AS


def _fields(type_: str, asked: list[str]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for concept in asked:
        names.update(dict.fromkeys(SHOWN_AS.get((type_, concept)) or (FIELDS[concept][type_],)))
    return tuple(names)[:12]
