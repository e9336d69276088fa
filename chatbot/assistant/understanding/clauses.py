"""A description of records under construction: its conditions, and those of the records it is related to.

“companies with open deals closing this month” is two clauses. Times wait until the clause is complete, because the word
that says which date is meant may stand before or behind them (“closed last month”, “letzten Monat abgeschlossen”).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from chatbot.assistant.understanding.concepts import DATED, NUMERIC, RELATIONS, TIMES, cmp, either
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.periods import Period
from shared.query.catalog import PREFIX
from shared.query.plan import And, Cmp, Node, Not, Or, Related

#: What is said to happen ahead rather than to have happened.
_AHEAD = frozenset(("closing", "due"))
_TOUCH = frozenset(("met", "contact", "activity"))


@dataclass(slots=True)
class Cue:
    """A word at a place that says what happened; `is_used` once a time or condition took it."""

    at: int
    concept: str
    negated: bool = False
    is_used: bool = False


@dataclass(slots=True)
class When:
    """A period at a place."""

    at: int
    period: Period
    negated: bool = False


@dataclass(slots=True)
class Clause:
    """Records of one type. `absent`: the parent has none of them."""

    entity: str
    item: Item | None = None
    parent: Clause | None = None
    absent: bool = False
    #: “where all deals are lost”: what is said holds of each that the parent has, and it has some
    every: bool = False
    #: how many of them the parent has, where that was said
    at_least: int | None = None
    at_most: int | None = None
    nodes: list[Node] = field(default_factory=list)
    whens: list[When] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    children: list[Clause] = field(default_factory=list)
    #: who of us took part, for meetings and contacts with somebody
    people: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    #: “the last meeting with X” inside a longer question: which one of these records is meant
    superlative: str | None = None
    #: told as past: a weekday without a week is the one before today
    is_past: bool = False
    #: set where a time could belong to several dates
    doubts: list[Period] = field(default_factory=list)
    #: “due by Sunday or overdue”: one or the other
    or_overdue: bool = False
    #: a time that no date of this type takes
    lost: list[When] = field(default_factory=list)

    def add(self, node: Node, *, negated: bool = False) -> None:
        self.nodes.append(opposite(node) if negated else node)

    def child(self, entity: str, item: Item | None = None, *, absent: bool = False) -> Clause:
        clause = Clause(entity, item, self, absent)
        self.children.append(clause)
        return clause

    def is_said(self, concept: str) -> bool:
        return any(cue.concept == concept for cue in self.cues)

    @property
    def relation(self) -> str:
        assert self.parent is not None
        return RELATIONS[self.parent.entity][self.entity]

    # ------------------------------------------------------------------------------------------------------- conditions

    def condition(self, today: date) -> Node | None:
        """All that is said of these records. `doubts` and `lost` tell of what could not be placed."""
        times = self._of_times(today)
        if self.or_overdue and times:
            times = [either(conjunction(times) or times[0], cmp("is_overdue", "eq", "true"))]
        nodes = [*self.nodes, *times]
        if any(isinstance(n, Cmp) and n.field == "days_in_stage" for n in nodes):  # stuck there, not without activity
            nodes = [part for n in nodes for part in (n.of if isinstance(n, And) else (n,))]
            nodes = [n for n in nodes if not (isinstance(n, Cmp) and n.field == "stale_days")]
        nodes += [node for child in self.children if not child.is_empty_end for node in child.as_related(today)]
        return conjunction(nodes)

    def as_related(self, today: date) -> list[Node]:
        """As conditions of the parent."""
        where = self.condition(today)
        some = Related(
            relation=self.relation, absent=self.absent, where=where, at_least=self.at_least, at_most=self.at_most
        )
        if not self.every or where is None:
            return [some]
        return [some, Related(relation=self.relation, absent=True, where=opposite(where))]

    @property
    def is_bare(self) -> bool:
        """Whether nothing is said of them."""
        return not (self.nodes or self.whens or self.cues or self.children)

    @property
    def is_empty_end(self) -> bool:
        """The person of a role of whom nothing is said: every role has one."""
        is_nobody = self.entity == "contact" and self.is_bare and not self.absent
        return self.parent is not None and self.parent.entity == "role" and is_nobody

    def _of_times(self, today: date) -> list[Node]:
        nodes: list[Node] = []
        pairs = self._paired()
        for when, cue in pairs:
            nodes += self._timed(when, cue, today)
        for cue in self.cues:
            if cue.concept == "done" and not cue.is_used and not self.states and not pairs and self.entity == "task":
                nodes.append(cmp("status", "ne" if cue.negated else "eq", "done"))
            if cue.concept == "moved" and self.people and self.entity == "deal":
                nodes.append(self._moved_by(()))
            if cue.concept in _TOUCH and not cue.is_used and not any(c is cue for _, c in pairs):
                nodes += self._touched(cue, None, today)
        return nodes

    def _paired(self) -> list[tuple[When, Cue | None]]:
        """Each time with the cue it belongs to: the last one before it, else the first behind."""
        pairs: list[tuple[When, Cue | None]] = []
        dates = TIMES.get(self.entity, {})
        free = [cue for cue in self.cues if cue.concept in dates or cue.concept in _TOUCH] or list(self.cues)
        for when in self.whens:
            if when.period.concept:
                pairs.append((when, self._lasting(when)))
                continue
            before = [cue for cue in free if cue.at < when.at]
            cue = before[-1] if before else (free[0] if free else None)
            if any(cue is other for _, other in pairs):
                self.lost.append(when)  # two times for one date: which is meant?
                continue
            if cue is not None and len(self.whens) > 1:
                free.remove(cue)
            pairs.append((when, cue))
        return pairs

    def _lasting(self, when: When) -> Cue:
        """“seit mehr als 2 Wochen überfällig” was due before, “… ohne Kontakt” had none since; where nothing is said
        that lasts, it is how long there is a record."""
        if when.period.concept != "lasting":
            return Cue(when.at, when.period.concept)
        untouched = next((cue for cue in self.cues if cue.concept in _TOUCH and cue.negated), None)
        return untouched or Cue(when.at, "overdue" if "overdue" in self.states else "created")

    def _timed(self, when: When, cue: Cue | None, today: date) -> list[Node]:
        concept = cue.concept if cue is not None else ""
        if "overdue" in self.states and concept in ("overdue", "") and (late := self._overdue_for(when, today)):
            return late
        if cue is not None and concept in _TOUCH:
            return self._touched(cue, when, today)
        if cue is not None and concept == "moved" and self.entity == "deal" and not (cue.negated or when.negated):
            cue.is_used = True  # entering the pipeline is no move, and a later one does not undo it
            return [self._moved_by(when.period.conditions("moved_at", ahead=False, today=today))]
        if self._is_since_in_stage(when, cue):
            return self._in_stage_since(when, today)
        if self._is_time_in_stage(when):
            return [cmp("days_in_stage", when.period.compared, str(when.period.days))]
        if "stale" in self.states and self.entity == "deal" and when.period.days is not None:
            self._not_stale_but(when)
            return [cmp("stale_days", when.period.compared, str(when.period.days))]
        if "stale" in self.states and self.entity == "deal" and when.period.bound == "since":
            self._not_stale_but(when)  # “gone quiet since October”
            since = when.period.conditions("last_activity_at", ahead=False, today=today)[0]
            return [cmp("last_activity_at", "lt", since.values[0])]
        times = TIMES.get(self.entity, {})
        if self.entity == "note" and any(isinstance(n, Cmp) and n.field in ("kind", "direction") for n in self.nodes):
            concept = (
                concept if concept in times else "happened"
            )  # a call or letter was when it was, whenever it was logged
        name = times.get(concept) or times.get("")
        if concept not in times and self.entity == "deal":
            name = self._date_of_deal(when.period, today)
        if name is None:
            if not self.doubts:
                self.lost.append(when)
            return []
        if cue is not None:
            cue.is_used = True
        ahead = (
            concept in _AHEAD
            or name in ("expected_close", "due_date")
            or (self.entity == "meeting" and when.period.is_soon(today))
        )
        if self.is_past and when.period.span.floats == "week":
            ahead = False
        found = list(when.period.conditions(name, ahead=ahead, today=today))
        # “not won from July to September”: another state, and it is not denied that they closed then
        is_state = self.entity == "deal" and concept in ("won", "lost")
        if when.negated or (cue is not None and cue.negated and not is_state):
            if not _is_over(when.period, today) and when.period.bound in ("", "since"):
                return [either(cmp(name, "lt", found[0].values[0]), cmp(name, "is", "null"))]
            return [opposite(conjunction(list(found)) or found[0])]
        return list(found)

    def _moved_by(self, then: Iterable[Node]) -> Related:
        """A move of then, by whoever is said to have made it."""
        movers = [cmp("user_id", "eq", who) for who in self.people]
        self.people = []
        return Related(relation="moves", where=conjunction([*then, *movers]))

    def _overdue_for(self, when: When, today: date) -> list[Node]:
        """“overdue by 2 weeks”, “overdue since Monday”: due by then; by less, since then. Nothing for another time."""
        period, name = when.period, TIMES.get(self.entity, {}).get("overdue")
        is_length = period.span.is_bare and period.days is not None
        if name is None or when.negated or not (is_length or period.bound == "since"):
            return []
        bound = "until" if not is_length else "" if period.within else "before"
        return list(replace(period, bound=bound).conditions(name, ahead=False, today=today))

    def _is_time_in_stage(self, when: When) -> bool:
        """“in negotiation for more than 60 days”."""
        in_stage = any(isinstance(n, Cmp) and n.field == "stage" for n in self.nodes)
        return self.entity == "deal" and in_stage and when.period.span.is_bare and when.period.days is not None

    def _is_since_in_stage(self, when: When, cue: Cue | None) -> bool:
        """“in Proposal since October”, “in negotiation since before May”."""
        in_stage = any(isinstance(n, Cmp) and n.field == "stage" for n in self.nodes)
        is_calendar = when.period.bound == "since" and when.period.days is None
        return self.entity == "deal" and in_stage and cue is None and is_calendar

    def _in_stage_since(self, when: When, today: date) -> list[Node]:
        """Entered it by then: whoever is there since October came in October at the latest."""
        return list(replace(when.period, bound="until").conditions("stage_since", ahead=False, today=today))

    def _not_stale_but(self, when: When) -> None:
        """“idle for 45 days”: as long as is said, not as long as is usual."""
        self.nodes = [part for n in self.nodes for part in (n.of if isinstance(n, And) else (n,))]
        self.nodes = [n for n in self.nodes if not (isinstance(n, Cmp) and n.field == "stale_days")]

    def _date_of_deal(self, period: Period, today: date) -> str | None:
        """A deal's date when no word says which: closed ones closed then, what is to come closes then."""
        if any(state in ("won", "lost", "closed") for state in self.states):
            return "closed_at"
        if period.is_future(today) or ("open" in self.states and not period.is_past(today)):
            return "expected_close"
        self.doubts.append(period)
        return None

    def _touched(self, cue: Cue, when: When | None, today: date) -> list[Node]:
        """Met, spoken with, active: by the field that says when last, or by the meetings and notes of a time."""
        cue.is_used = True
        negated = cue.negated or bool(when and when.negated)
        name = _touch_field(self.entity, cue.concept)
        if name is None:
            return self._met_then(when, today)
        if self.people or (when is not None and _is_over(when.period, today)):
            return self._within(cue, when, today, negated=negated)
        if when is None:
            return [cmp(name, "is", "null" if negated else "set")]
        period = when.period
        if period.is_before_so_long or period.bound == "before":
            before = period.conditions(name, ahead=False, today=today)[0]
            return [either(before, cmp(name, "is", "null")) if negated else before]
        first = period.conditions(name, ahead=False, today=today)[0]
        if not negated:
            return list(period.conditions(name, ahead=False, today=today))
        return [either(cmp(name, "lt", first.values[0]), cmp(name, "is", "null"))]

    def _met_then(self, when: When | None, today: date) -> list[Node]:
        name = TIMES.get(self.entity, {}).get("")
        return list(when.period.conditions(name, ahead=False, today=today)) if when and name else []

    def _within(self, cue: Cue, when: When | None, today: date, *, negated: bool) -> list[Node]:
        """Meetings (and notes, where any contact counts) of a time, or of one of us."""
        meeting = [cmp("user_id", "eq", who) for who in self.people]
        note = [cmp("author_id", "eq", who) for who in self.people]
        self.people = []
        if when is not None:
            meeting += when.period.conditions("occurred_at", ahead=False, today=today)
            note += when.period.conditions("created_at", ahead=False, today=today)
        ways: list[Node] = [Related(relation="meetings", absent=negated, where=conjunction(list(meeting)))]
        if cue.concept != "met":
            ways.append(Related(relation="notes", absent=negated, where=conjunction(list(note))))
        return ways if negated else [either(*ways)]


def _touch_field(entity: str, concept: str) -> str | None:
    if entity == "deal":
        return "last_meeting_at" if concept == "met" else "last_activity_at"
    if entity in ("company", "contact"):
        return "last_meeting_at" if concept == "met" else "last_contact_at"
    return None


def _is_over(period: Period, today: date) -> bool:
    """A time that ended before today: what was last says nothing about it."""
    if period.bound:
        return False
    said = period.span.token or ""
    if said.startswith("last_"):
        return said in ("last_week", "last_month", "last_quarter", "last_year")
    return period.is_past(today) or said == "yesterday"


#: Fields that hold several values at once: with Jane and Tom means both.
_TOGETHER = frozenset(("user_id", "contact_id"))


def conjunction(nodes: list[Node]) -> Node | None:
    """All of them; conditions said twice count once, and of two values of one field either will do."""
    flat: list[Node] = []
    for node in nodes:
        flat += node.of if isinstance(node, And) else (node,)
    flat = _of_one_company(flat)
    unique = _alternatives(list(dict.fromkeys(flat)))
    if not unique:
        return None
    return unique[0] if len(unique) == 1 else And(of=tuple(unique[:20]))


def _alternatives(nodes: list[Node]) -> list[Node]:
    """“Priya and Marcus”, “open and won”: one condition with both values."""
    merged: list[Node] = []
    for node in _named_either(nodes):
        is_choice = isinstance(node, Cmp) and node.op in ("eq", "in") and _is_name(node)
        earlier = next(
            (i for i, other in enumerate(merged) if is_choice and isinstance(other, Cmp) and other.field == node.field
             and other.op in ("eq", "in") and _is_name(other)), None,
        ) if is_choice and isinstance(node, Cmp) else None  # fmt: skip
        if earlier is None or not isinstance(node, Cmp):
            merged.append(node)
            continue
        other = merged[earlier]
        assert isinstance(other, Cmp)
        merged[earlier] = cmp(node.field, "in", *dict.fromkeys((*other.values, *node.values)))
    return merged


def _of_one_company(nodes: list[Node]) -> list[Node]:
    """“finance directors in France or Sweden”: there is one company, in either country."""
    inner = [n for n in nodes if isinstance(n, Related) and n.relation == "company" and not n.absent and n.where]
    chosen = [n for n in inner if isinstance(n.where, Cmp) and n.where.op in ("eq", "in") and _is_name(n.where)]
    fields = [n.where.field for n in chosen if isinstance(n.where, Cmp)]
    if len(chosen) < 2 or len(set(fields)) != 1:
        return nodes
    where = conjunction([n.where for n in chosen if n.where is not None])
    joined = chosen[0].model_copy(update={"where": where})
    return [joined if n is chosen[0] else n for n in nodes if n is chosen[0] or n not in chosen]


def _named_either(nodes: list[Node]) -> list[Node]:
    """“annual support or planner training deals”: a name may have the words of either."""
    named = [node for node in nodes if isinstance(node, Cmp) and (node.field, node.op) == ("name", "contains")]
    if len(named) < 2:
        return nodes
    return [*(node for node in nodes if node not in named), either(*named)]


def _is_name(node: Cmp) -> bool:
    """Whether a value names something, rather than being a date or a number."""
    is_own = node.field == "tags" or node.field.startswith(PREFIX)  # its values are joined where they are read
    return node.field not in DATED | NUMERIC | _TOGETHER and not is_own and not node.field.startswith("is_")


def opposite(node: Node) -> Node:
    """Not that: by the operator where it has one, so that plans read as they were asked."""
    if isinstance(node, Cmp):
        if node.op == "is":
            return cmp(node.field, "is", "set" if node.values == ("null",) else "null")
        turned = {"eq": "ne", "in": "not_in", "ne": "eq", "not_in": "in"}.get(node.op)
        if turned and node.values != ("overdue",):
            return cmp(node.field, turned, *node.values)
    if isinstance(node, Related):
        return node.model_copy(update={"absent": not node.absent})
    if isinstance(node, Not):
        return node.node
    if isinstance(node, Or | And | Cmp):
        return Not(node=node)
    return node
