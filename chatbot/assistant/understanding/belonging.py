"""Whether what is said hangs on the record it was said of: authors, alternatives, times, what somebody must have.

A condition on the wrong record is no gap: every word has its part, and the answer is another question's.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chatbot.assistant.understanding.concepts import FIELDS, PEOPLE
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.sentence import Parse, is_silent
from shared.query.plan import And, Cmp, Node, Not, Or, Plan, Related

_PERSON = frozenset(PEOPLE.values())
#: Dates on which a record was made, of types whose date mostly is another record's.
_MADE = frozenset(("contact", "company", "user"))
_OF_RELATION = {"companies": "company", "contacts": "contact", "contact": "contact", "company": "company"}
_JOINING = frozenset(("or", "and", "oder", "und", "/", ",", "&", "nor", "noch", "either", "sowie", "bzw"))
_WRITING = frozenset(("write", "create", "created", "author"))


def strays(parse: Parse, plan: Plan) -> list[str]:
    """What hangs on a record it was not said of; empty if all is well."""
    found = list(_comparisons(plan.where, plan.from_))
    return [
        *_alternatives(parse, [node for _, node in found]),
        *_times_of_making(parse, found),
        *_whose_time(parse, found),
        *_authors(parse, plan, found),
        *_what_is_had(parse, plan, found),
        *_unknown_titles(parse, found),
    ]


def _comparisons(node: Node | None, entity: str) -> Iterator[tuple[str, Cmp]]:
    """Each comparison with the record type it is of; "" where that is of no interest here."""
    if isinstance(node, Cmp):
        yield entity, node
    elif isinstance(node, Related):
        yield from _comparisons(node.where, _OF_RELATION.get(node.relation, node.relation.removesuffix("s")))
    elif isinstance(node, Not):
        yield from _comparisons(node.node, entity)
    elif isinstance(node, And | Or):
        for part in node.of:
            yield from _comparisons(part, entity)


def _alternatives(parse: Parse, nodes: list[Cmp]) -> Iterator[str]:
    """“Marcus … my deals”, “from Proposal to Negotiation”: two that no “or” joins are no alternatives."""
    for node in nodes:
        if node.op != "in" or len(node.values) < 2:
            continue
        said = [i for i, item in enumerate(parse.reading.items) if _is_said_by(item, node)]
        if len(said) < 2:
            continue
        for one, other in pairwise(said):
            between = parse.reading.items[one + 1 : other]
            words = [word for item in between for word in parse.reading.words_of(item).lower().split()]
            if not set(words) & _JOINING and any(not is_silent(item) for item in between):
                yield f"{node.field} of two"
            elif words and words[0] in ("to", "nach", "into", "zu"):
                yield f"{node.field} from one to another"


def _is_said_by(item: Item, node: Cmp) -> bool:
    if node.field in _PERSON:
        named = item.kind == "name" and {str(c.record.id) for c in item.data[0].by_type.get("user", ())}
        return bool(named and named & set(node.values)) or (item.has("me") and "me" in node.values)
    return item.kind == "value" and any(
        value.field == node.field and set(value.stored) & set(node.values) for value in item.data
    )


def _times_of_making(parse: Parse, found: list[tuple[str, Cmp]]) -> Iterator[str]:
    """“decision makers of the deals won this month”: nobody asked when the people were entered."""
    is_made = any(entity in _MADE and node.field == "created_at" for entity, node in found)
    if not is_made:
        return
    words = {token.word for token in parse.reading.text.tokens}
    is_said = any(item.has("verb", "created") for item in parse.reading.items) or any(
        word.startswith(_MAKING) for word in words
    )
    others = any(item.has("verb") or item.has("state") for item in parse.reading.items if not is_silent(item))
    if not is_said and others:
        yield "entered when"


_MAKING = (
    "new", "neu", "creat", "add", "enter", "angeleg", "erfasst", "hinzu", "eingetragen", "eingegeben", "since", "seit",
    "gained", "got",
)  # fmt: skip


def _whose_time(parse: Parse, found: list[tuple[str, Cmp]]) -> Iterator[str]:
    """“Monday's pipeline review”: the day is the meeting's, whatever else has dates."""
    items = parse.reading.items
    for i, item in enumerate(items[:-2]):
        following = items[i + 2]
        is_genitive = parse.reading.words_of(items[i + 1]) in ("'s", "’s", "'", "’")
        if item.kind != "time" or not is_genitive or not (following.kind == "name" or following.has("noun")):
            continue
        is_meeting = following.has("noun", "meeting") or (
            following.kind == "name" and "meeting" in following.data[0].by_type
        )
        if is_meeting and not any(node.field == "occurred_at" for _, node in found):
            yield f"time of {parse.reading.words_of(following)}"


def _authors(parse: Parse, plan: Plan, found: list[tuple[str, Cmp]]) -> Iterator[str]:
    """“which people did Priya write about”: she wrote, whoever looks after them."""
    items = parse.reading.items
    for i, item in enumerate(items[:-1]):
        is_user = (item.kind == "name" and "user" in item.data[0].by_type) or parse.reading.words_of(item).lower() in (
            "i",
            "ich",
        )
        following = next((other for other in items[i + 1 :] if not is_silent(other)), None)
        if not is_user or following is None or not following.has("verb", *_WRITING):
            continue
        fields = {node.field for _, node in found if node.field in _PERSON | {"created_by_id"}}
        if fields and not fields & {"author_id", "created_by_id", "user_id"}:
            yield "who wrote it"


def _what_is_had(parse: Parse, plan: Plan, found: list[tuple[str, Cmp]]) -> Iterator[str]:
    """“with a phone number” is a condition, where “with their phone numbers” says what to show."""
    items, compared = parse.reading.items, {node.field for _, node in found}
    tokens = parse.reading.text.tokens
    for item in items:
        concept = item.sense("field")
        if concept not in ("email", "phone", "website", "title", "due", "source", "amount", "close_date"):
            continue
        words = tuple(token.word for token in tokens[max(0, item.first - 2) : item.first])
        if len(words) == 2 and words in _HAD and not set(FIELDS[concept].values()) & compared:
            yield f"{concept} to be had"


_HAD = frozenset(
    (with_, article)
    for with_ in ("with", "have", "has", "without", "mit", "ohne", "haben", "hat", "and", "und", "having")
    for article in (
        "a",
        "an",
        "any",
        "some",
        "no",
        "einer",
        "einem",
        "eine",
        "einen",
        "ein",
        "keine",
        "keinen",
        "keiner",
    )
)


def _unknown_titles(parse: Parse, found: list[tuple[str, Cmp]]) -> Iterator[str]:
    """A word nobody knows is no job title because it stands behind one."""
    unknown = {parse.reading.words_of(item).lower() for item in parse.reading.items if item.kind == "unknown"}
    for _, node in found:
        if (
            node.op == "contains"
            and node.field in ("title", "industry", "source")
            and node.values[0].lower() in unknown
        ):
            yield f"{node.field} {node.values[0]}"
