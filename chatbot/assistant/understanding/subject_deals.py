"""The deals of a name: what they are worth, when they close, how long they take, where they stand."""

from __future__ import annotations

from chatbot.assistant.understanding import concepts
from chatbot.assistant.understanding.clauses import Clause, conjunction
from chatbot.assistant.understanding.concepts import REFERENCES, cmp
from chatbot.assistant.understanding.sentence import TURNOVER
from chatbot.assistant.understanding.subject_people import AboutPeople
from shared.query.plan import Measure, Plan

_OPEN = concepts.STATES["open"]["deal"]


class AboutDeals(AboutPeople):
    """Ways to answer about what is sold."""

    def _worth(self) -> Plan | None:
        """“how much is Borealis worth”: a deal's amount, a company's open deals together."""
        sold = self.parse.has("what") and any(self._says(cue.at, "sold", "sell", "verkauft") for cue in self.parse.cues)
        is_total = bool({"sum", "total"} & self.parse.aggregates.keys()) and not self.parse.asked
        if not (self.parse.has("how_much", "worth") or sold or is_total) or not self.subjects or self.parse.has("who"):
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
        said = {token.word for token in self.parse.reading.text.tokens}
        usual = concepts.STATES["won"]["deal"] if said & TURNOVER else _OPEN
        self._use_states()
        clause = Clause("deal", nodes=[*nodes, *(states or won or [usual])], whens=self._whens())
        clause.states = (
            [s for s, _ in self.parse.states] + ["won"] * (usual is not _OPEN) + [c.concept for c in self.parse.cues]
        )
        return Plan(from_="deal", where=clause.condition(self.today), measures=(Measure(metric="total_amount"),))

    def _asks_for_size(self) -> bool:
        words = self.parse.reading.words_of(self.items[self.parse.asks.get("how_much", 0)]).lower()
        return words.startswith(("how big", "how large", "wie groß", "wie gross"))

    def _moment(self) -> Plan | None:
        """“when does X close”, “when was X won”, “when was X created”, “is X due this month”."""
        cue = self._cue("closing", "closed", "won", "lost", "created", "updated", "moved", "due")
        state = next((s for s, _ in self.parse.states if s in ("won", "lost", "closed")), None)
        if (held := self._held()) is not None:
            return held
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

    def _held(self) -> Plan | None:
        """“when was this?”, “how long was it?”, of a meeting."""
        if not self.subjects or self.subjects[0].first("meeting", "company", "deal", "contact") != "meeting":
            return None
        field = "occurred_at" if self.parse.has("when") else "duration_s" if self.parse.has("how_long") else None
        if field is None or self.parse.cues or self.parse.states or set(self.parse.asked) - {"date"}:
            return None
        return self._record("meeting", self._take(self.subjects[0], "meeting"), field)

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

    def _everything(self) -> Plan | None:
        """“everything open with Borealis”: its deals in that state."""
        if self.parse.has("how_much", "worth") or self.parse.aggregates:
            return None
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


def _is_stage(_item: object) -> bool:
    return False
