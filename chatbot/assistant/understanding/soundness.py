"""Whether a plan answers what was asked: its shape is that of the question word, and no verb was left behind.

The parser accounts for words; this looks at the whole. A number is asked for by “how many”, money by “how much”, a day
by “when”, people by “who”: a plan of another shape would answer a neighbouring question with confidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chatbot.assistant.understanding.clauses import Clause
from chatbot.assistant.understanding.concepts import DATED, FIELDS, NUMERIC, SHOWN_AS
from chatbot.assistant.understanding.sentence import TOUCH, Parse, is_plural
from shared.query.plan import Cmp, Plan

#: Somebody or something else than what was named: no plan says this.
_OTHERS = frozenset(("else", "another", "anderem"))
_PEOPLE_FIELDS = frozenset(FIELDS["owner"].values()) | {"promised_by", "owner_id", "assignee_id", "author_id"}
_MONEY = frozenset(("amount", "weighted_amount"))
_LENGTHS = frozenset(("age_days", "days_in_stage", "stale_days", "cycle_days", "duration_s"))


def faults(parse: Parse, plan: Plan) -> list[str]:
    """What the plan does not answer of the question; empty for a plan to stand behind."""
    found = [f"asked {ask}" for ask, answers in _SHAPES.items() if parse.has(ask) and not answers(plan)]
    is_of_meeting = any(item.has("verb", *TOUCH) for item in parse.reading.items)
    if parse.has("when") and is_of_meeting and "created_at" in plan.fields:
        found.append("when they met")  # “when did Bob last meet someone from Quill”: not when they were added
    found += _not_shown(parse, plan) + _not_measured(parse, plan) + _not_owned(parse, plan)
    tokens = parse.reading.text.tokens
    items = [item for item in parse.reading.items if not item.has("verb", "moved") and item.kind != "custom"]
    said = [i for item in items for i in range(item.first, item.last)]
    others = [tokens[i].word for i in said if tokens[i].word in _OTHERS]  # “moved to another stage” is one verb
    if "another" in parse.specials:  # a second one of a kind, which the plan has
        others = [word for word in others if word not in ("another", "weitere", "weiteren", "weiterer", "weiteres")]
    if parse.has("who") and any(item.has("role") for item in parse.reading.items) and _is_by_owner(plan):
        found.append("who plays a part")
    if parse.head is not None and any(c.every and c.is_bare for c in _all(parse.head)):
        found.append("each")  # “where all deals have a task”: said of the deals, and given to others
    is_one_figure = plan.is_measured and not plan.group and not (parse.has("how_many", "how_much") or parse.aggregates)
    if parse.has("which") and is_one_figure and parse.head is not None and parse.head.item is not None:
        found.append("which")  # “which deals are we likely to win”: the deals, and not what they come to
    is_of_movers = any(item.has("verb", "moved") or item.has("move") for item in parse.reading.items)
    if parse.has("who") and is_of_movers and _is_by_owner(plan):
        found.append("who moved them")  # not whose they are
    if parse.head is not None and _is_once(parse) and all(c.at_most != 1 for c in _all(parse.head)):
        found.append("only once")
    if parse.head is not None and _is_of_one_unknown(parse, parse.head):
        found.append("no page")
    return found + [f"nothing {cue}" for cue in _left_behind(parse)] + [f"who is {word}" for word in others]


_ARTICLES = frozenset(("the", "dem", "der", "zum", "zur", "vom", "beim"))


def _is_of_one_unknown(parse: Parse, head: Clause) -> bool:
    """“tasks for the deal”, „Aufgaben zum Angebot“: of one record, and nobody knows which."""
    if parse.superlatives or parse.groups or parse.asked or parse.names:
        return False
    tokens, language = parse.reading.text.tokens, parse.reading.language
    return any(
        child.is_bare and child.item is not None and not (child.absent or child.at_least or child.at_most)
        and child.item.first > 0 and tokens[child.item.first - 1].word in _ARTICLES
        and not is_plural(parse.reading.words_of(child.item), language)
        for child in head.children
    )  # fmt: skip


def _is_once(parse: Parse) -> bool:
    words = [token.word for token in parse.reading.text.tokens]
    return any(pair in _ONCE for pair in pairwise(words))


_ONCE = frozenset((only, once) for only in ("only", "just", "nur", "bloß", "bloss") for once in ("once", "einmal"))


def _not_shown(parse: Parse, plan: Plan) -> list[str]:
    """“the phone number of the owner of X”: a field that was asked for and is not shown."""
    if plan.is_measured or not plan.fields:
        return []
    ordered = {order.by for order in plan.order}
    return [
        concept
        for concept in parse.asked
        if not ({FIELDS.get(concept, {}).get(plan.from_)} | set(SHOWN_AS.get((plan.from_, concept), ())))
        & (set(plan.fields) | ordered)
    ]


def _not_measured(parse: Parse, plan: Plan) -> list[str]:
    """“contacts per company on average”, “the largest deal in each currency”: more than is counted."""
    is_count = plan.is_measured and all(measure.metric == "count" for measure in plan.measures)
    found: list[str] = [kind for kind in ("avg", "max", "min") if is_count and kind in parse.aggregates]
    if is_count and "sum" in parse.aggregates and parse.has("what", "how_much") and not parse.has("how_many"):
        found.append("sum of a count")
    if (
        is_count
        and parse.head is not None
        and parse.head.item is None
        and any(cue.concept == "activity" for cue in (*parse.cues, *parse.head.cues))
    ):
        found.append("activities")  # “activity by person”: moments of several kinds, and no records that have some
    own = [s for s in parse.superlatives if s.of_field is None and s.concept in ("most", "least", "newest", "oldest")]
    if is_count and plan.group and own and not parse.has("which", "who", "what", "where"):
        found.append("superlative of groups")
    if is_count and plan.group and own and parse.has("what") and not parse.asked and parse.head is not None:
        found.append("superlative of groups")
    return found


def _not_owned(parse: Parse, plan: Plan) -> list[str]:
    """“the person who owns …”: whose it is must be somewhere in the plan."""
    if "own" not in parse.specials or plan.from_ == "user" or "attend" in parse.specials:
        return []
    said = [
        parse.reading.words_of(parse.reading.items[cue.at]).lower()
        for cue in parse.cues
        if cue.concept == "own" and 0 <= cue.at < len(parse.reading.items)
    ]
    is_of_people = any(word.startswith(_OWNING) for word in said)
    return ["owner"] if is_of_people and not _mentions(plan, _PEOPLE_FIELDS | {"user_id"}) else []


def _mentions(plan: Plan, fields: frozenset[str]) -> bool:
    named = {*plan.fields, *(group.field for group in plan.group)}
    return bool(named & fields) or any(f'"field":"{name}"' in plan.model_dump_json() for name in fields)


#: Verbs of whoever owns; “belongs to” is as well said of records.
_OWNING = ("own", "respons", "in charge", "look", "manag", "handl", "betreu", "verantwort", "zuständig", "leite")


def _is_by_owner(plan: Plan) -> bool:
    """Whether people are told that look after records, rather than who is on them."""
    return plan.from_ == "deal" and {group.field for group in plan.group} == {"owner_id"}


def _is_number(plan: Plan) -> bool:
    return plan.is_measured or bool(set(plan.fields) & NUMERIC)


def _is_money(plan: Plan) -> bool:
    if not plan.is_measured:
        return bool(set(plan.fields) & (_MONEY | NUMERIC)) or bool(plan.order)
    return all(measure.metric != "count" for measure in plan.measures)


def _is_date(plan: Plan) -> bool:
    is_of_times = any(group.granularity or group.field in DATED for group in plan.group)
    return is_of_times or bool(set(plan.fields) & (DATED | _LENGTHS))


def _is_length(plan: Plan) -> bool:
    return plan.is_measured or bool(set(plan.fields) & (_LENGTHS | DATED))


def _is_of_people(plan: Plan) -> bool:
    grouped = {group.field for group in plan.group}
    is_people = plan.from_ in ("contact", "user", "company")
    return is_people or bool((grouped | set(plan.fields)) & (_PEOPLE_FIELDS | {"contact_id", "contact", "company_id"}))


_SHAPES = {
    "how_many": _is_number, "how_much": _is_money, "when": _is_date, "how_long": _is_length, "who": _is_of_people,
}  # fmt: skip


def _left_behind(parse: Parse) -> Iterator[str]:
    """What was won or lost, where nothing in the plan was; and a denial that denies nothing."""
    head = parse.head
    clauses = list(_all(head)) if head is not None else []
    nodes = [node for clause in clauses for node in clause.nodes if isinstance(node, Cmp)]
    if any((node.field, node.op) == ("stage_type", "ne") for node in nodes):
        return  # “deals that are not won”
    states = {state for clause in clauses for state in clause.states}
    for cue in [*parse.cues, *(cue for clause in clauses for cue in clause.cues)]:
        is_said = cue.concept in ("won", "lost") and not (states & {cue.concept, "closed"})
        if is_said and parse.metric is None and head is not None:
            yield cue.concept


def _all(clause: Clause) -> Iterator[Clause]:
    yield clause
    for child in clause.children:
        yield from _all(child)
