"""Whether question and plan cover each other: no word that means something without a part, no part without a word.

The parser accounts for content words. What slips through are words that count as used because they usually say nothing
alone: verbs whose date nobody asked for, small words that turn a sentence (“another”, “instead”, “before”), a second
question in the same breath; and two things said of different records that became one condition.
"""

from __future__ import annotations

from collections.abc import Iterator

from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import DATED
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.sentence import Parse
from chatbot.assistant.understanding.word_files import entries
from shared.query.plan import And, Cmp, Node, Not, Or, Plan, Related, Search, within

#: What happened → where a plan that answers for it says so: a field, relation, metric or type.
_TRACES = {
    "created": {"created_at", "occurred_at", "created_by_id", "author_id", "age_days", "cycle_days", "stage_since",
                "average_cycle_days"},
    "updated": {"updated_at", "last_activity_at"},
    "moved": {"stage_since", "days_in_stage", "move", "moves", "employment", "employments"},
    "done": {"completed_at", "status"},
    "promise": {"promised_by", "kind"},
    "attend": {"contacts", "contact", "contact_id", "user_id", "meetings", "meeting", "deals", "roles", "role",
               "stage", "days_in_stage"},
}  # fmt: skip
#: Conditions of a deal's state that a deal cannot fulfil together with being in an open stage.
_OVER = frozenset(("won", "lost"))
_STATES = ("open", "won", "lost", "closed", "done")


def gaps(parse: Parse, plan: Plan) -> list[str]:
    """What of the question has no part in the plan, or has one it was not meant to have; empty if all is well."""
    parts = frozenset(_parts(plan))
    return [
        *_verbs_without_part(parse, parts),
        *_small_words(parse, plan),
        *_shape_without_part(parse, plan),
        *_joined_from_afar(parse, plan),
        *_contradictions(plan.where),
        *_unsaid(parse, plan),
        *_two_owners(parse, plan.where),
        *_compared_numbers(parse),
    ]


def _parts(plan: Plan) -> Iterator[str]:
    """Everything the plan names: its type, fields, relations, metrics."""
    yield plan.from_
    yield from plan.fields
    yield from (order.by for order in plan.order)
    yield from (group.field for group in plan.group)
    for measure in plan.measures:
        yield from (name for name in (measure.metric, measure.field) if name)
    yield from _named(plan.where)


def _named(node: Node | None) -> Iterator[str]:
    for part in within(node):
        if isinstance(part, Cmp):
            yield part.field
        elif isinstance(part, Related):
            yield part.relation


def _clauses(clause: Clause) -> Iterator[Clause]:
    yield clause
    for child in clause.children:
        yield from _clauses(child)


def _verbs_without_part(parse: Parse, parts: frozenset[str]) -> Iterator[str]:
    """“deals that moved” with no plan about moving would be all deals."""
    if parse.head is None:
        return
    cues = [(parse.head.entity, cue.concept) for cue in parse.cues]
    cues += [(clause.entity, cue.concept) for clause in _clauses(parse.head) for cue in clause.cues]
    for entity, concept in cues:
        is_made_by_being = concept == "created" and entity in ("insight", "note", "meeting")
        if concept in _TRACES and not parts & _TRACES[concept] and not is_made_by_being:
            yield f"nothing {concept}"


def _small_words(parse: Parse, plan: Plan) -> Iterator[str]:
    """Words that turn a sentence and that no plan says; times have taken what bounds them by now."""
    listed = entries(f"turning_{parse.reading.language}")
    items = parse.reading.items
    for i, item in enumerate(items):
        word = parse.reading.words_of(item).lower()
        if item.kind in ("time", "name", "value", "number"):
            continue
        is_asked = i + 1 < len(items) and items[i + 1].has("ask")  # “since what date”, “through which source”
        is_bound = word in listed["turns:bound"] and item.has("link", "bound") and not is_asked
        if word in ("another", "before", "since", "twice") and word in parse.specials:
            continue
        if 0 < i < len(items) - 1 and items[i - 1].kind == items[i + 1].kind == "number":
            continue  # “100 bis 150”
        if word in listed["turns:never"] or is_bound:
            yield f"word {word}"


def _shape_without_part(parse: Parse, plan: Plan) -> Iterator[str]:
    if (parse.groups or parse.units) and not plan.group:
        yield "groups"
    if len(parse.groups) + len(parse.units) > len(plan.group) + 1:
        yield "groups"
    extremes = {measure.aggregate for measure in plan.measures} & {"max", "min"}
    is_last_time = (
        bool(DATED & set(plan.fields)) and parse.superlatives[:1] and parse.superlatives[0].concept == "newest"
    )
    if parse.superlatives and not plan.order and not extremes and not is_last_time:
        yield "superlative"
    if parse.direction and not plan.order:
        yield "direction"
    if "avg" in parse.aggregates and not any(
        _is_average(measure.metric or measure.aggregate or "") for measure in plan.measures
    ):
        yield "average"
    asks = [item for item in parse.reading.items if item.has("ask", "how_many", "how_much") and not item.has("agg")]
    if len(asks) > 1 and " i mean " not in parse.reading.text.written.lower():
        yield "two questions"


def _is_average(name: str) -> bool:
    return name == "avg" or name.startswith("average_") or name in ("win_rate",)


def _joined_from_afar(parse: Parse, plan: Plan) -> Iterator[str]:
    """“won something and have another deal open” is not “won or open”: states, currencies and values of a field that
    became alternatives must have been said side by side."""
    items = parse.reading.items
    either = set(_alternatives(plan.where))
    last: dict[str, int] = {}
    for i, item in enumerate(items):
        key = _kind_of_condition(item)
        if key is None:
            continue
        earlier = last.get(key)
        last[key] = i
        if earlier is not None and key in either and not _are_beside(parse, earlier, i):
            yield f"{key} twice"


def _alternatives(node: Node | None) -> Iterator[str]:
    """Kinds of conditions that take one value or another; what is closed was won or lost without anybody saying so."""
    for part in within(node):
        if isinstance(part, Cmp) and part.op == "in" and set(part.values) != _OVER:
            yield "state" if part.field in ("stage_type", "status") else part.field


def _kind_of_condition(item: Item) -> str | None:
    if item.kind == "currency":
        return "currency"
    if item.kind == "word" and item.has("state", *_STATES):
        return "state"
    return None


def _are_beside(parse: Parse, one: int, other: int) -> bool:
    between = parse.reading.items[one + 1 : other]
    if not between:
        return True
    said = [item for item in between if not (item.kind == "break" or item.has("stop"))]
    return all(item.has("link") or item.has("noun") or item.has("state") or item.has("neg") for item in said) and (
        any(item.has("link", "and", "or", "but") or item.kind == "break" for item in between)
    )


def _compared_numbers(parse: Parse) -> Iterator[str]:
    """“more open deals than won ones”: two numbers of related records, which no plan compares."""
    items = parse.reading.items
    for i, item in enumerate(items):
        is_than = parse.reading.words_of(item).lower() == "than" and i + 1 < len(items)
        if is_than and (items[i + 1].has("state") or items[i + 1].has("noun")):
            yield "numbers compared"


def _two_owners(parse: Parse, node: Node | None) -> Iterator[str]:
    """“did Marcus leave a note on my deals”: my deals, not his or mine, where no “and” joins us."""
    if isinstance(node, Cmp):
        items = parse.reading.items
        is_joined = any(item.has("link", "and", "or") for item in items) or any(
            parse.reading.words_of(item) == "," for item in items if item.kind == "break"
        )
        if node.field == "owner_id" and node.op == "in" and "me" in node.values and not is_joined:
            yield "two owners"
    elif isinstance(node, Related | Not):
        yield from _two_owners(parse, node.where if isinstance(node, Related) else node.node)
    elif isinstance(node, And | Or):
        for part in node.of:
            yield from _two_owners(parse, part)


def _contradictions(node: Node | None) -> Iterator[str]:
    """One field with two values at once, an open stage of a deal that is over."""
    if node is None or isinstance(node, Cmp | Search):
        return
    if isinstance(node, Related | Not):
        yield from _contradictions(node.where if isinstance(node, Related) else node.node)
        return
    for part in node.of:
        yield from _contradictions(part)
    if node.type == "or" and {("status", ("open",)), ("is_overdue", ("true",))} <= {
        (part.field, part.values) for part in node.of if isinstance(part, Cmp)
    }:
        yield "open or overdue, which is open"
    if node.type != "and":
        return
    yield from _turned_round([part for part in node.of if isinstance(part, Cmp)])
    yield from _implied([part for part in node.of if isinstance(part, Related)])
    compared = [part for part in node.of if isinstance(part, Cmp) and part.op == "eq"]
    seen: dict[str, tuple[str, ...]] = {}
    for part in compared:
        if part.field in seen and seen[part.field] != part.values and not part.field.endswith("_id"):
            yield f"{part.field} twice"
        seen[part.field] = part.values
    if seen.get("status") == ("done",) and seen.get("is_overdue") == ("true",):
        yield "overdue though done"
    if "stage" in seen and seen.get("stage_type", ("open",))[0] in _OVER:
        yield "an open stage of what is over"


def _turned_round(compared: list[Cmp]) -> Iterator[str]:
    """“open” and “not open” at once, days that end before they begin."""
    said = {(part.field, part.op, part.values) for part in compared}
    for field, op, values in said:
        if op == "eq" and (field, "ne", values) in said:
            yield f"{field} and not"
        if (field, op, values) == ("stage_type", "ne", ("open",)) and any(
            f == "stage" and o == "eq" for f, o, _ in said
        ):
            yield "an open stage of what is over"
        ends = [v[0] for f, o, v in said if f == field and o in ("lte", "lt") and v[0][:1].isdecimal()]
        if op in ("gte", "gt") and field in DATED and values[0][:1].isdecimal() and ends and min(ends) < values[0]:
            yield f"{field} ends before it begins"


def _implied(related: list[Related]) -> Iterator[str]:
    """“won a deal and have another running”: a deal beside one that was won is that deal, and says nothing."""
    for one in related:
        if one.where is not None or one.absent or one.is_counted:
            continue
        if any(two is not one and two.relation == one.relation and not two.absent for two in related):
            yield f"{one.relation} said of another already"


def _unsaid(parse: Parse, plan: Plan) -> Iterator[str]:
    """A sum of what nobody spoke of: employees for “how much business”."""
    said = {sense.value for item in parse.reading.items for sense in item.senses if sense.kind == "field"}
    words = {token.word for token in parse.reading.text.tokens}
    people = any(word.startswith(("employ", "beschaftig", "staff", "mitarbeiter")) for word in words)
    for measure in plan.measures:
        if measure.field == "employees" and not (people or said & {"employees"} or "employees" in parse.asked):
            yield "employees"
    for group in plan.group:
        if _is_fixed(plan.where, group.field) and len(plan.group) == 1:
            yield f"group of one {group.field}"


def _is_fixed(node: Node | None, field: str) -> bool:
    """Whether records of one value of a field are grouped by it."""
    if isinstance(node, Cmp):
        return node.field == field and node.op == "eq" and field not in DATED and len(node.values) == 1
    return isinstance(node, And) and any(_is_fixed(part, field) for part in node.of)
