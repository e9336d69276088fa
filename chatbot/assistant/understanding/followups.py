"""“And last month?”, “only Anna's”, “how many are those?”: the last plan, changed by what is said now.

The words are read as if the record type of the last plan stood before them. Each condition they give takes the place of
the old one of its kind (a time that of a time, an owner that of an owner), everything else stays; what is asked for
(rows, a number, groups, an order) is changed only where something is said about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from chatbot.assistant.types import Exchange
from chatbot.assistant.understanding import concepts, parser, planning
from chatbot.assistant.understanding.calendar_words import UNITS
from chatbot.assistant.understanding.clauses import Clause, Cue, conjunction
from chatbot.assistant.understanding.concepts import PEOPLE, REFERENCES
from chatbot.assistant.understanding.describing import CUE_OF_FIELD
from chatbot.assistant.understanding.drafts import Draft
from chatbot.assistant.understanding.items import Reading
from chatbot.assistant.understanding.sentence import TOUCH, Parse, is_silent
from chatbot.assistant.understanding.spans import shift
from chatbot.assistant.understanding.turns import AND, is_having, is_possessed, without_what_is_taken_back
from shared.query.plan import MAX_ROWS, And, Cmp, Group, Measure, Node, Order, Plan, Related, parts_of

_MOST_PARTS = 20  # of an And
_STATE_FIELDS = frozenset(("stage_type", "status", "stage", "is_overdue"))
_ASKS = ("how_many", "how_much", "list", "which", "who", "whose", "when", "where")
_BEFORE = frozenset(("before", "earlier", "davor", "vorher", "zuvor"))
_AFTER = frozenset(("after", "later", "following", "danach"))
_AMOUNTS = {"won": "won_amount", "lost": "lost_amount", "open": "open_pipeline"}


def draft(reading: Reading, last: Exchange, today: date) -> Draft | None:
    """The last plan with what this question changes of it; None where they have nothing to do with each other."""
    if last.plan is None:
        return None
    reading = without_what_is_taken_back(reading)
    earlier = _a_period_before(reading, last.plan, today)
    if earlier is not None:
        return earlier
    people = _people_there(reading, last.plan)
    if people is not None:
        return people
    other = _other_type(reading, last.plan) if not is_having(reading, last.plan) else None
    if other is not None:
        return other
    parse = parser.parse(reading, of=last.plan.from_)
    pinned = parts_of(last.listing.plan.where) if last.is_of_list and last.listing is not None else ()
    return _Revision(reading, parse, last.plan, today, pinned).draft()


def is_of_focus(reading: Reading, parse: Parse, last: Exchange) -> bool:
    """“any open deals with them?” after a question about one record: about that record, not the last list."""
    if last.focus is None or last.plan is None:
        return False
    speaks = any(item.has("deictic", "them", "it", "person") for item in reading.items)
    is_one = any(isinstance(n, Cmp) and n.field == "id" for n in parts_of(last.plan.where))
    is_other = parse.head is not None and parse.head.entity not in (last.plan.from_, last.focus.type)
    is_whole = last.focus.type in ("company", "contact", "deal", "meeting")
    if not is_one and last.focus.type != last.plan.from_ and _is_of_several(reading, parse, last.plan):
        return False
    if is_whole and is_possessed(reading):
        return True
    return speaks and (is_one or (is_other and last.focus.type != last.plan.from_))


def _is_of_several(reading: Reading, parse: Parse, old: Plan) -> bool:
    """“contacts at Hansa”, “their phone numbers”: of those that were listed, who have such a field."""
    says_their = bool({"their", "deren", "ihre"} & {token.word for token in reading.text.tokens})
    has_all = bool(parse.asked) and all(old.from_ in concepts.FIELDS.get(asked, {}) for asked in parse.asked)
    return says_their and has_all and not old.is_measured


def _a_period_before(reading: Reading, old: Plan, today: date) -> Draft | None:
    """“and the month before?”: the last plan's month, one earlier."""
    words = [token.word for token in reading.text.tokens if token.kind == "word" and token.word not in AND]
    words = [
        word for word in words if word not in ("the", "in", "what", "about", "how", "der", "die", "das", "im", "one")
    ]
    unit = UNITS.get(words[0]) if len(words) == 2 and words[1] in (*_BEFORE, *_AFTER) else None
    if unit not in ("week", "month", "quarter", "year"):
        return None
    nodes = parts_of(old.where)
    dated = next((n for n in nodes if isinstance(n, Cmp) and n.field in concepts.DATED and n.op == "eq"), None)
    if dated is None or dated.values[0] not in (f"this_{unit}", f"last_{unit}", f"next_{unit}"):
        return None
    others = [n for n in nodes if n is not dated]
    if words[1] in _AFTER:
        following = {f"last_{unit}": f"this_{unit}", f"this_{unit}": f"next_{unit}"}.get(dated.values[0])
        spans = [concepts.cmp(dated.field, "eq", following)] if following else _after_next(dated.field, unit, today)
        return Draft(old.model_copy(update={"where": conjunction([*others, *spans])}))
    if dated.values[0] == f"next_{unit}":
        spans = [concepts.cmp(dated.field, "eq", f"this_{unit}")]
    elif dated.values[0] == f"this_{unit}":
        spans = [concepts.cmp(dated.field, "eq", f"last_{unit}")]
    else:
        first, last = _before_last(unit, today)
        spans = [concepts.cmp(dated.field, "gte", first), concepts.cmp(dated.field, "lte", last)]
    return Draft(old.model_copy(update={"where": conjunction([*others, *spans])}))


def _after_next(field: str, unit: str, today: date) -> list[Cmp]:
    """The unit after the next one: weeks begin on Mondays, as they do in `_before_last`."""
    if unit == "week":
        first = today - timedelta(days=today.weekday()) + timedelta(days=14)
        last = first + timedelta(days=6)
    else:
        this = date(today.year, {"quarter": (today.month - 1) // 3 * 3 + 1, "year": 1}.get(unit, today.month), 1)
        first = shift(this, 2, unit)
        last = shift(first, 1, unit) - timedelta(days=1)
    return [concepts.cmp(field, "gte", first.isoformat()), concepts.cmp(field, "lte", last.isoformat())]


def _before_last(unit: str, today: date) -> tuple[str, str]:
    """First and last day of the unit before the last one."""
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 14)
        return monday.isoformat(), (monday + timedelta(days=6)).isoformat()
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    index = (today.year * 12 + today.month - 1) // months * months
    first, end = index - 2 * months, index - months
    last = date(end // 12, end % 12 + 1, 1) - timedelta(days=1)
    return date(first // 12, first % 12 + 1, 1).isoformat(), last.isoformat()


class _Revision:
    def __init__(self, reading: Reading, parse: Parse, old: Plan, today: date, pinned: Sequence[Node]) -> None:
        self.reading, self.parse, self.old, self.today = reading, parse, old, today
        assert parse.head is not None
        self.head: Clause = parse.head
        self.kept = list(parts_of(old.where))
        self.pinned = pinned

    def draft(self) -> Draft | None:
        if self.parse.texts or "summary" in self.parse.specials or self.parse.has("why"):
            return None
        if "more" in self.parse.specials:
            return self._more()
        if (touched := self._touched_last()) is not None:
            return touched
        self._date_as_before()
        made = planning.draft(self.parse, self.today)
        if made.plan is None:
            return made
        new = list(parts_of(made.plan.where))
        if not self._says_anything(new, made.plan):
            return None
        if self._is_of_another_record(new):
            return None
        plan = made.plan
        revised = self.old.model_copy(
            update={
                "where": self._merged(new),
                "measures": self._measures(plan),
                "group": self._groups(plan),
                "order": self._order(plan),
                "limit": self._limit(plan),
                "skip": plan.skip if self.parse.superlatives or self.parse.limit else self.old.skip,
                "fields": self._fields(plan),
            }
        )
        return replace(made, plan=self._with_amount_of_state(revised))

    def _more(self) -> Draft:
        limit = min(MAX_ROWS, self.old.limit * 2)
        return Draft(self.old.model_copy(update={"limit": limit}), unexplained=self.parse.unexplained())

    def _touched_last(self) -> Draft | None:
        """“when did we last talk to them?”, of each of several."""
        cue = next((c for c in self.head.cues if c.concept in TOUCH), None)
        fields = concepts.FIELDS["last_meeting" if cue is not None and cue.concept == "met" else "last_contact"]
        name = fields.get(self.old.from_)
        if cue is None or name is None or not self.parse.has("when") or self.head.whens or self.old.is_measured:
            return None
        self.parse.used |= {i for i, item in enumerate(self.reading.items) if item.has("sup") or item.has("our")}
        return Draft(self.old.model_copy(update={"fields": (name,)}), unexplained=self.parse.unexplained())

    def _date_as_before(self) -> None:
        """A time without a word for what happened then is about the date the last plan was about."""
        if not self.head.whens or any(
            cue.concept in concepts.TIMES.get(self.head.entity, {}) for cue in self.head.cues
        ):
            return
        if self.head.states:
            return
        old = next((n.field for n in self.kept if isinstance(n, Cmp) and n.field in concepts.DATED), None)
        if old is None and self.old.group and self.old.group[0].granularity:
            old = self.old.group[0].field
        if old is not None and old in CUE_OF_FIELD:
            self.head.cues.append(Cue(-1, CUE_OF_FIELD[old]))
            return
        states = {v for n in self.kept if isinstance(n, Cmp) and n.field == "stage_type" for v in n.values}
        metrics = {measure.metric for measure in self.old.measures}
        if metrics & {"win_rate", "won_amount", "lost_amount", "average_cycle_days"}:
            states = {"closed"}
        self.head.states += [state for state in ("won", "lost", "open", "closed") if state in states]

    def _says_anything(self, new: list[Node], plan: Plan) -> bool:
        parse = self.parse
        asked = parse.groups or parse.units or parse.orders or parse.superlatives or parse.direction or plan.fields
        return bool(new or asked or parse.limit or parse.aggregates or parse.metric or parse.has(*_ASKS))

    def _is_of_another_record(self, new: list[Node]) -> bool:
        """A question about one record, and a name that cannot take its place."""
        if not any(isinstance(n, Cmp) and n.field == "id" for n in self.kept):
            return False
        names = any(isinstance(n, Cmp) and n.field in REFERENCES.get(self.old.from_, {}).values() for n in new)
        return names and not any(isinstance(n, Cmp) and n.field == "id" for n in new)

    # ------------------------------------------------------------------------------------------------------ the parts

    def _merged(self, new: list[Node]) -> Node | None:
        taken = {slot for node in new for slot in _slots(node)}
        if not self.pinned and "state" in taken and not {"date"} & taken:
            self._follow_the_state(new)
        kept = [node for node in self.kept if node not in self.pinned and not (_slots(node) & taken)]
        pinned = [node for node in self.kept if node in self.pinned]
        rest = conjunction([*kept, *new])  # makes "open or won" of two states, which a list's may not become
        found = list(dict.fromkeys((*pinned, *parts_of(rest))))
        if len(found) > _MOST_PARTS and rest is not None:
            return And(of=(And(of=tuple(pinned)), rest))
        return And(of=tuple(found)) if len(found) > 1 else found[0] if found else None

    def _follow_the_state(self, new: list[Node]) -> None:
        """“deals closing this month … and won?”: what is won has another date."""
        won = any(
            isinstance(n, Cmp) and n.field == "stage_type" and "open" not in n.values and n.op != "ne" for n in new
        )
        before, after = ("expected_close", "closed_at") if won else ("closed_at", "expected_close")
        self.kept = [
            n.model_copy(update={"field": after}) if isinstance(n, Cmp) and n.field == before else n for n in self.kept
        ]

    def _asks_for_rows(self) -> bool:
        return self.parse.has("list", "which", "who", "whose", "what") and not self._asks_for_measure()

    def _asks_for_measure(self) -> bool:
        return bool(self.parse.has("how_many", "how_much") or self.parse.aggregates or self.parse.metric)

    def _measures(self, plan: Plan) -> tuple[Measure, ...]:
        if self._asks_for_measure():
            return plan.measures
        if (self.parse.groups or self.parse.units) and not self.old.measures:
            return plan.measures
        if self._asks_for_rows() or plan.fields:
            return ()
        return self.old.measures

    def _groups(self, plan: Plan) -> tuple[Group, ...]:
        if self.parse.groups or self.parse.units:
            return plan.group
        if self._asks_for_measure() or self._asks_for_rows() or plan.fields:
            return ()
        return self.old.group

    def _order(self, plan: Plan) -> tuple[Order, ...]:
        if self.parse.orders or self.parse.superlatives:
            return plan.order
        by_day = concepts.SUPERLATIVES["newest"].get(self.old.from_)
        if self.parse.direction and "by_age" in self.parse.specials and by_day is not None and not self.old.is_measured:
            return (Order(by=by_day[0], descending=self.parse.direction == "desc"),)
        if self.parse.direction and self.old.order:
            first = self.old.order[0].model_copy(update={"descending": self.parse.direction == "desc"})
            return (first, *self.old.order[1:])
        if self.parse.direction and not self.old.is_measured and (by := self._magnitude()) is not None:
            return (Order(by=by, descending=self.parse.direction == "desc"),)
        if self.parse.groups or self.parse.units:
            dated = plan.group[0].granularity is not None or plan.group[0].field == "stage"
            measure = self._measures(plan)[0]
            return plan.order if dated else (Order(by=measure.name, descending=True),)
        if self._asks_for_measure():
            return plan.order
        if self._measures(plan) == self.old.measures:
            return self.old.order
        return ()

    def _magnitude(self) -> str | None:
        """“biggest first”, “newest first”: by what makes one of these bigger or newer."""
        said = " ".join(token.word for token in self.reading.text.tokens)
        is_of_time = any(word in said for word in ("newest", "latest", "oldest", "earliest", "recent"))
        found = concepts.SUPERLATIVES["newest" if is_of_time else "most"].get(self.head.entity)
        return found[0] if found is not None else None

    def _limit(self, plan: Plan) -> int:
        if self.parse.limit:
            return self.parse.limit
        if self.parse.superlatives:
            return plan.limit
        return self.old.limit if self._order(plan) == self.old.order else 50

    def _fields(self, plan: Plan) -> tuple[str, ...]:
        if plan.fields:
            return plan.fields
        return () if self._asks_for_measure() else self.old.fields

    def _with_amount_of_state(self, plan: Plan) -> Plan:
        """The open pipeline, and of lost deals the lost amount: named metrics hold a state of their own."""
        state = next((s for s in self.head.states if s in _AMOUNTS), None)
        metrics = [measure.metric for measure in plan.measures]
        if state is None or len(metrics) != 1 or metrics[0] not in _AMOUNTS.values():
            return plan
        return plan.model_copy(update={"measures": (Measure(metric=_AMOUNTS[state]),)})


def _slots(node: Node) -> set[str]:
    """What kind of condition it is; a new one of a kind takes the old one's place."""
    if isinstance(node, Cmp):
        if node.op == "is" and node.values == ("set",):
            return {f"{node.field} set"}
        if node.field in concepts.DATED:
            return {"date"}
        if node.field in PEOPLE.values() or node.field in ("owner", "assignee", "author", "created_by_id"):
            return {"person"}
        if node.field == "is_overdue":
            return {"state", "date"}
        if node.field in _STATE_FIELDS:
            return {"state"}
        if node.field in ("company_id", "contact_id", "deal_id", "meeting_id"):
            return {"record"}
        if node.field in ("city", "country", "region"):
            return {"place"}
        return {node.field}
    if isinstance(node, Related):
        inner = _slots(node.where) if node.where is not None else set()
        return {"place"} if inner == {"place"} else {f"relation {node.relation}"}
    found: set[str] = set()
    for part in getattr(node, "of", ()) or (getattr(node, "node", None),):
        if part is not None:
            found |= _slots(part)
    return found


def _people_there(reading: Reading, old: Plan) -> Draft | None:
    """“who do we know there?” after a list of companies: the people at them."""
    said = [item for item in reading.items if not is_silent(item) and not item.has("ask")]
    asks = any(item.has("ask", "who") for item in reading.items)
    is_there = any(item.has("deictic", "there") for item in reading.items)
    is_known = all(item.has("verb", "know", "work_at") or item.has("our") or item.has("deictic") for item in said)
    if old.from_ != "company" or old.is_measured or not (asks and is_there and is_known):
        return None
    return Draft(Plan(from_="contact", where=Related(relation="company", where=old.where)))


def _other_type(reading: Reading, old: Plan) -> Draft | None:
    """“and tasks?”, “their contacts”: the same asked of another record type, or of the related ones."""
    nouns = [item for item in reading.items if item.has("noun")]
    meaning = [item for item in reading.items if not is_silent(item) and not item.has("follow") and not item.has("ask")]
    if len(nouns) != 1 or nouns[0].sense("noun") == old.from_:
        return None
    entity, _, kind = (nouns[0].sense("noun") or "").partition("/")
    if kind and entity != "insight":
        return None
    also = [concepts.cmp("kind", "eq", kind)] if kind else []
    of_them = any(item.has("deictic", "them") or item.has("deictic", "person") for item in reading.items)
    relation = concepts.RELATIONS.get(entity, {}).get(old.from_)
    rest = [item for item in meaning if item is not nouns[0] and not item.has("deictic")]
    if rest or entity == old.from_:
        return None
    if of_them:
        if relation is None:
            return None
        return Draft(Plan(from_=entity, where=conjunction([*also, Related(relation=relation, where=old.where)])))
    nodes = [moved for node in parts_of(old.where) if (moved := _moved(node, old.from_, entity)) is not None]
    if not nodes:
        return None
    measures = (Measure(metric="count"),) if [m.metric for m in old.measures] == ["count"] else ()
    return Draft(Plan(from_=entity, where=conjunction([*also, *nodes]), measures=measures))


def _moved(node: Node, old: str, new: str) -> Node | None:
    """A condition said of another record type: whose they are, and which record they belong to."""
    if not isinstance(node, Cmp):
        return None
    if node.field == PEOPLE.get(old) and new in PEOPLE:
        return node.model_copy(update={"field": PEOPLE[new]})
    of = next((t for t, name in REFERENCES.get(old, {}).items() if name == node.field), None)
    if of is not None and of in REFERENCES.get(new, {}) and of != new:
        return node.model_copy(update={"field": REFERENCES[new][of]})
    return None
