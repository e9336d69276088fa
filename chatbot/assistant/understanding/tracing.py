"""Whether what was said left its trace in the plan: each number, name, value, state, noun, denial and count.

The parser accounts for an item once something has taken it. That something may have done nothing with it, or another
may have thrown it away since; what is said and stands nowhere in the plan is found here, by its meaning alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from chatbot.assistant.understanding.concepts import FIELDS, SHOWN_AS, STATE_FIELDS, STATES
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.sentence import EVERY, Parse, is_silent
from shared.query.plan import And, Cmp, Node, Not, Or, Plan, Related, within


@dataclass(slots=True)
class Traces:
    """What a plan holds: names of fields and relations, texts compared with, counts, and how often it denies."""

    names: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    counts: set[int] = field(default_factory=set)
    denials: int = 0
    #: “the last meeting with X” has become that meeting, without X
    is_chosen: bool = False
    is_absent: bool = False
    related: int = 0

    @classmethod
    def of(cls, plan: Plan) -> Traces:
        found = cls()
        found.names = {plan.from_, *plan.fields, *(order.by for order in plan.order), *(g.field for g in plan.group)}
        found.names |= {name for m in plan.measures for name in (m.metric, m.field, m.aggregate) if name}
        found.counts = {plan.limit, plan.skip, plan.skip + 1, *(int(bound.value) for bound in plan.having)}
        found.denials = sum(order.by.startswith("last_") for order in plan.order)  # “not spoken to for the longest”
        found._take(plan.where)
        if plan.versus is not None:
            found._take(plan.versus.where)
        return found

    def _take(self, node: Node | None) -> None:
        if isinstance(node, Cmp):
            self.names.add(node.field)
            self.values |= {node.values[0]} if len(node.values) == 1 else set(node.values)
            # “skip those without a source” keeps those with one
            turned = (("null",), ("set",), ("overdue",), ("false",), ("open",))
            self.denials += node.op in ("ne", "not_in", "lt", "lte") or node.values in turned
        elif isinstance(node, Related):
            self.names |= {node.relation, *([node.distinct] if node.distinct else [])}
            for count in (node.at_least, node.at_most):
                if count is not None:
                    self.counts |= {count - 1, count, count + 1}
                    self.related += 1
            self.is_chosen = self.is_chosen or (isinstance(node.where, Cmp) and node.where.field == "id")
            self.is_absent = self.is_absent or node.absent
            self.denials += node.absent or node.at_most is not None
            self._take(node.where)
        elif isinstance(node, Not):
            self.denials += 1
            self._take(node.node)
        elif isinstance(node, And | Or):
            for part in node.of:
                self._take(part)


def untraced(parse: Parse, plan: Plan) -> list[str]:
    """What was said that the plan does not hold; empty if all of it is there."""
    traces = Traces.of(plan)
    return [
        *_values(parse, traces),
        *_custom(parse, traces),
        *_names(parse, plan, traces),
        *_denials(parse, traces),
        *_numbers(parse, plan, traces),
        *_several(parse, plan, traces),
        *_nouns(parse, traces),
        *_states(parse, traces),
        *_fields(parse, traces),
        *_labels(parse, plan),
        *_groups(parse, plan),
        *_sayings(parse, plan, traces),
    ]


def _values(parse: Parse, traces: Traces) -> Iterator[str]:
    """A place, trade, title or stage that is no condition."""
    for item in parse.reading.items:
        if item.kind != "value":
            continue
        stored = {text for value in item.data for text in value.stored}
        fields = {value.field for value in item.data}
        if not stored & traces.values and not fields & traces.names:
            yield f"value {parse.reading.words_of(item)}"


def _custom(parse: Parse, traces: Traces) -> Iterator[str]:
    """A field of the workspace's own, or a condition on one, that is not in the plan; an “or” that joins one to what is
    no such condition, and that no plan has taken."""
    items = parse.reading.items
    for i, item in enumerate(items):
        if item.kind != "custom":
            continue
        told = item.data
        nodes = [part for node in told.nodes.values() for part in within(node) if isinstance(part, Cmp)]
        fields = {part.field for part in nodes} | set(FIELDS.get(told.concept, {}).values())
        values = {value for part in nodes for value in part.values}
        if not fields & traces.names or (values and not values & traces.values):
            yield f"field {parse.reading.words_of(item)}"
        if told.nodes and any(other.has("link", "or") for other in (*items[i - 1 : i], *items[i + 1 : i + 2])):
            yield f"or {parse.reading.words_of(item)}"


def _names(parse: Parse, plan: Plan, traces: Traces) -> Iterator[str]:
    """A name whose record, and whose words, stand nowhere."""
    if traces.is_chosen:
        return
    texts = [plan.q.lower(), *(value.lower() for value in traces.values)]
    for item in parse.reading.items:
        if item.kind != "name":
            continue
        ids = {str(c.record.id) for found in item.data[0].by_type.values() for c in found}
        stored = {text for value in item.data[1] for text in value.stored}
        said = parse.reading.words_of(item).lower()
        is_mine = "me" in traces.values
        is_text = any(said in text or text in said for text in texts if len(text) > 2)
        if not (ids | stored) & traces.values and not is_text and not is_mine:
            yield f"name {said}"


def _denials(parse: Parse, traces: Traces) -> Iterator[str]:
    said = [item for item in parse.reading.items if item.kind == "word" and item.has("neg") and not is_silent(item)]
    if said and not traces.denials and "stuck" not in parse.specials:
        yield f"denied {parse.reading.words_of(said[0])}"


def _numbers(parse: Parse, plan: Plan, traces: Traces) -> Iterator[str]:
    """A number that bounds, counts or limits nothing."""
    said = " ".join(traces.values)
    for item in parse.reading.items:
        if item.kind != "number":
            continue
        value = item.data.value
        whole = int(value)
        is_there = whole in traces.counts or any(_is_same(value, text) for text in traces.values)
        if not is_there and f"_{whole}_" not in said and not any(b.value == float(value) for b in plan.having):
            yield f"number {parse.reading.words_of(item)}"


def _is_same(value: Decimal, text: str) -> bool:
    """Whether a condition holds a number: as it was said, in seconds, in days, or in the thousands of
    the number beside it."""
    try:
        held = float(text)
    except ValueError:
        return False
    return held in {float(value) * unit for unit in (1, 60, 3600, 7, 30, 1_000, 1_000_000)}


def _several(parse: Parse, plan: Plan, traces: Traces) -> Iterator[str]:
    """“more than one address”: of what is counted, not of what is asked for."""
    for i, item in enumerate(parse.reading.items):
        is_counted = item.has("several") and i > 0
        if (
            is_counted
            and not (traces.related or plan.having or "open_deals" in traces.names)
            and not _is_before_head(parse, i)
        ):
            yield f"several {parse.reading.words_of(item)}"


def _is_before_head(parse: Parse, i: int) -> bool:
    head: Item | None = parse.head.item if parse.head is not None else None
    return head is not None and parse.reading.items[i].first < head.first


#: Record type → what in a plan speaks of it, beside its own name and its plural.
_SPOKEN_OF = {
    "user": {"owner", "owner_id", "assignee", "assignee_id", "author", "author_id", "user_id", "promised_by",
             "created_by_id"},
    "company": {"company_id", "companies", "employment", "employments", "country", "city", "industry", "employees"},
    "contact": {"contact_id", "promised_by", "role", "roles", "lifecycle", "employees", "employment", "employments",
                "last_contact_at", "last_meeting_at"},
    "meeting": {"meeting_id", "last_meeting_at", "occurred_at", "last_contact_at", "last_activity_at", "contacts",
                "insight", "insights"},
    "deal": {"deal_id", "open_deals", "roles", "role", "move", "moves", "stage_type", "open_pipeline", "won_amount"},
    "note": {"last_contact_at", "last_activity_at"},
    "task": {"due_date", "insight", "insights"},
    "insight": set(),
}  # fmt: skip


def _nouns(parse: Parse, traces: Traces) -> Iterator[str]:
    """Records that were spoken of and that neither are asked for nor hang on those that are."""
    for item in parse.reading.items:
        entities = {sense.value.partition("/")[0] for sense in item.senses if sense.kind == "noun"}
        entities |= {"company"} if item.has("noun", "contact/customer") else set()
        if not entities or {sense.kind for sense in item.senses} != {"noun"}:
            continue
        if entities == {"contact"} and "these people" in parse.specials:
            continue  # the company of the page
        if entities == {"deal"} and "lifecycle" in traces.names and "opportunity" in traces.values:
            continue  # “contacts who are opportunities”
        if not any({entity, f"{entity}s", *_SPOKEN_OF.get(entity, set())} & traces.names for entity in entities):
            yield f"noun {parse.reading.words_of(item)}"


def _states(parse: Parse, traces: Traces) -> Iterator[str]:
    said = {state for item in parse.reading.items if (state := item.sense("state")) is not None}
    if len(said & {"open", "won", "lost", "closed", "done"}) > 1:
        return  # “open or closed” is all of them
    items = parse.reading.items
    for item in items:
        state = item.sense("state")
        before = parse.reading.text.tokens[max(0, item.first - 3) : item.first]
        is_for_stress = any(token.word in _STRESS for token in before) or _is_denied_anyway(parse, item, traces)
        is_opened = parse.reading.words_of(item).lower().startswith("opened") and "created_at" in traces.names
        if state is None or is_opened or is_for_stress or {sense.kind for sense in item.senses} != {"state"}:
            continue
        fields = {name for node in STATES.get(state, {}).values() for name in named(node)}
        fields |= {"to_stage_type", "from_stage_type"} if "stage_type" in fields else set()
        fields |= {"is_stale"} if state == "stale" else set()
        fields |= {by_state[state] for by_state in STATE_FIELDS.values() if state in by_state}
        if fields and not fields & traces.names and not traces.names & _STATED:
            yield f"state {parse.reading.words_of(item)}"


_STRESS = frozenset(("even", "sogar", "einmal"))


def _is_denied_anyway(parse: Parse, item: Item, traces: Traces) -> bool:
    """“never had a deal, not open, not closed”: there is none of any state."""
    before = parse.reading.text.tokens[max(0, item.first - 1) : item.first]
    said = parse.reading.words_of(item).lower().split()[:1]
    return traces.is_absent and any(
        word in ("not", "nicht", "nor", "noch") for word in (*said, *(t.word for t in before))
    )


def _fields(parse: Parse, traces: Traces) -> Iterator[str]:
    told = {value.lower() for value in traces.values}
    for item in parse.reading.items:
        if "number of people" in parse.specials and item.has("field", "employees"):
            continue
        if "lost_reason" in traces.names and parse.reading.words_of(item).lower() in told:
            continue  # „wegen Preis“
        concept = item.sense("field")
        is_only_this = {sense.kind for sense in item.senses} == {"field"}
        if (
            concept is None
            or not is_only_this
            or concept in ("name", "state", "confidence", "contact", "details", "address", "place", "date")
        ):
            continue
        if concept in _OF_MONEY and traces.names & _MONEY:
            continue
        fields = set(FIELDS.get(concept, {}).values()) | {f"{name}_id" for name in FIELDS.get(concept, {}).values()}
        fields |= {name for (_, shown), listed in SHOWN_AS.items() if shown == concept for name in listed}
        if concept in ("stage", "in_stage"):
            fields |= {"stage", "days_in_stage", "stage_type", "from_stage", "to_stage"}
        if concept == "cycle":
            fields.add("average_cycle_days")
        if fields and not fields & traces.names:
            yield f"field {parse.reading.words_of(item)}"


def _labels(parse: Parse, plan: Plan) -> Iterator[str]:
    """“with owner Leeds”, “whose currency is Berlin”: a label with a value behind it that the plan compares with other
    fields than that."""
    items, tokens = parse.reading.items, parse.reading.text.tokens
    compared = {n.field for n in within(plan.where) if isinstance(n, Cmp) and n.op != "is"}
    for i, item in enumerate(items):
        concept = item.sense("field")
        begin = item.first
        while begin and tokens[begin - 1].word in _ARTICLES:
            begin -= 1
        behind = next((other for other in items[i + 1 :] if tokens[other.first].word not in _BE), None)
        if concept is None or concept not in FIELDS or concept == "name" or behind is None:
            continue
        if behind.kind not in ("value", "name"):
            continue
        fields = {concept, *FIELDS[concept].values(), *(f"{name}_id" for name in FIELDS[concept].values())}
        if begin and tokens[begin - 1].word in _OPENING and not fields & compared:
            yield f"label {parse.reading.words_of(item)}"


_ARTICLES = frozenset(("the", "a", "an", "der", "die", "das", "dem", "den", "einer", "einem"))
_BE = frozenset(("is", "are", "was", "ist", "sind", "not", "nicht"))
_OPENING = frozenset(("with", "whose", "mit", "deren", "dessen", "im"))


def _groups(parse: Parse, plan: Plan) -> Iterator[str]:
    """“how are they spread over the stages”, with one figure or a list for an answer."""
    if any(item.has("field", "currency") for item in parse.reading.items):
        return  # money is told by currency anyway
    for item in parse.reading.items:
        word = parse.reading.words_of(item).lower()
        if {sense.kind for sense in item.senses} == {"group"} and not plan.group and word not in _ONLY_ALL:
            yield f"group {word}"


_ONLY_ALL = frozenset((*EVERY, "across", "all across", "across all"))


def _sayings(parse: Parse, plan: Plan, traces: Traces) -> Iterator[str]:
    """“what has Priya noted about them”: what was written or said is in notes and insights."""
    for item in parse.reading.items:
        word = parse.reading.words_of(item).lower()
        if item.has("verb", "raise", "write") and word in _WRITTEN and not (traces.names & _SAID or plan.q):
            yield f"said {parse.reading.words_of(item)}"


_WRITTEN = frozenset(
    ("noted", "wrote", "written", "commented", "remarked", "said", "jotted down", "noted down", "notiert",
     "geschrieben", "gesagt", "angemerkt", "festgehalten")
)  # fmt: skip
_SAID = frozenset(("note", "notes", "insight", "insights", "author", "author_id", "text", "kind", "created_by_id"))


def named(node: Node) -> Iterator[str]:
    if isinstance(node, Cmp):
        yield node.field
    elif isinstance(node, And | Or):
        for part in node.of:
            yield from named(part)


_OF_MONEY = frozenset(("amount", "weighted", "currency", "pipeline"))
_MONEY = frozenset(("amount", "weighted_amount", "total_amount", "won_amount", "lost_amount", "open_pipeline",
                    "weighted_pipeline", "average_deal"))  # fmt: skip
#: What holds a state of its own.
_STATED = frozenset(
    ("open_pipeline", "weighted_pipeline", "won_amount", "lost_amount", "win_rate", "open_deals", "average_cycle_days",
     "age_days", "cycle_days", "completed_at", "due_date", "closed_at", "expected_close")
)  # fmt: skip
