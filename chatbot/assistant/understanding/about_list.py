"""“These”, “this list”, “of them”: questions about the rows of the list in front of the asker.

The words that point are taken out; what is left is read as going on about the list's type, or stands alone (“their open
deals”). Either way its conditions are put to the list's own, all of which stay: nothing of the list is replaced, as an
earlier question's conditions are.

    “how many of these have no open deal?” ─ “how many have no open deal” ─▶ plan ∧ list
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from chatbot.assistant.types import Exchange, Listing, Question, Routed
from chatbot.assistant.understanding import followups, parser
from chatbot.assistant.understanding.concepts import RELATIONS
from chatbot.assistant.understanding.drafts import Draft
from chatbot.assistant.understanding.items import Reading
from chatbot.assistant.understanding.messages import say
from chatbot.assistant.understanding.verdict import SURE
from shared.errors import Invalid
from shared.query import catalog, check_plan
from shared.query.dates import Calendar
from shared.query.plan import And, Group, Measure, Node, Order, Plan, Related
from shared.tenancy import TenantSession

_NOUN = {
    "company": r"companies|accounts|customers|firms|firmen|unternehmen|kunden",
    "contact": r"contacts|people|persons|leads|customers|kontakte\w?|personen|leute",
    "deal": r"deals|opportunities|chancen|geschäfte\w?",
    "task": r"tasks|to-?dos|aufgaben",
    "note": r"notes|notizen",
    "meeting": r"meetings|calls|treffen|besprechungen|termine\w?",
}
_THE_LIST = (
    r"(?:of|in|on|from|within|for|across|over|about)?\s*\b(?:this|the (?:current|open|filtered|shown))\s+"
    r"(?:current\s+|filtered\s+)?(?:list|view|selection|table)\b(?:['’]s)?"
    r"|(?:von|aus|in|auf|für|über)?\s*\b(?:diese[rs]?|de[rs] (?:aktuellen|gefilterten)|die (?:aktuelle|gefilterte))\s+"
    r"(?:liste|ansicht|auswahl|tabelle)\b"
)
_PARTITIVE = (
    r"\b(?:out of|of|among|from)\s+(?:all\s+)?(?:these|those|them)\b{n}"
    r"|\b(?:von|unter)\s+(?:diesen|denen|ihnen)\b{n}|\bdavon\b|\bdieser{n}"
)
_HAVE = r"\b(?:do|did)\s+(?:these|those|they){n}\s+have\b|\bhaben\s+diese{n}"
_THEIRS = r"\b(?:their|deren)\b|\bfor\s+(?:these|those|them)\b{n}"
_THESE = r"\b(?:these|those|them|they|diese|diesen)\b{n}"
_BEFORE_PART = re.compile(
    r"(?:^|\b(?:which|how many|how much|any|all|some|none|one|most|each|who|whose|what|sum|total|average|number|count|"
    r"value|amount|list|show|welche\w*|wie viele|wer|alle|summe|anzahl|wert|zeige?)\b)\W*$", re.I,
)  # fmt: skip
#: “which are mine?”, where nothing was asked before.
_WHICH = re.compile(
    r"\W*(?:and\s+|und\s+)?(?:which|how many|welche|wie viele)\s+(?:are|have|ones|sind|haben)\b(?!\s+there)", re.I
)
_SUMMARY = re.compile(
    r"\b(?:summari[sz]e|summary|overview|sum up|fasse?|zusammen\w*|überblick|übersicht)\b", re.IGNORECASE
)
_FILLING = re.compile(
    r"\b(?:please|bitte|can|could|you|give|me|a|an|the|short|quick|kurz|eine?n?|gib|mir|of|over|über|show|mal)\b", re.I
)
#: By what a list is told at a glance, and what is added up.
_TOLD_BY = {
    "company": "industry", "contact": "lifecycle", "deal": "stage", "task": "status", "note": "author_id",
    "meeting": "occurred_at",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pointing:
    """How a question points at the list (list, part, theirs, these; "": not at all), and what it says beside that."""

    way: str
    rest: str


def pointing(text: str, type_: str) -> Pointing:
    """The words that point, taken out."""
    noun = rf"(?:\s+(?:{_NOUN[type_]})\b)?"
    listed = re.sub(_THE_LIST, " ", text, flags=re.I)
    way = "list" if listed != text else ""
    for name, pattern in (("theirs", _HAVE), ("part", _PARTITIVE), ("theirs", _THEIRS), ("these", _THESE)):
        found = re.search(pattern.replace("{n}", noun), listed, re.I)
        if found is None:
            continue
        is_part = name == "part" and _BEFORE_PART.search(listed[: found.start()])
        way = way or ("part" if is_part else "theirs" if name == "part" else name)
        listed = f"{listed[: found.start()]} {listed[found.end() :]}"
        break
    return Pointing(way, re.sub(r"\s+([?.!,])", r"\1", " ".join(listed.split())).lstrip(",;: "))


def route(
    session: TenantSession,
    question: Question,
    calendar: Calendar,
    read: Callable[[str], Reading],
    alone: Callable[[str], Routed],
) -> Routed | None:
    """The answer's plan where the question is about the list, and says so; None where it is any other question.

    `alone` routes a text as if nothing stood around it.
    """
    listing, last = question.listing, question.history[-1] if question.history else None
    assert listing is not None
    said = pointing(question.text, listing.plan.from_)
    is_first = last is None or last.plan is None
    if not said.way and is_first and _WHICH.match(question.text):
        said = replace(said, way="part")
    beside = listing.plan
    is_same = last is not None and last.plan is not None and last.listing is not None and last.listing.plan == beside
    if is_same and said.way != "list":
        assert last is not None and last.plan is not None
        if not said.way or not last.is_of_list:
            return None  # “of those …” are those of the last answer, whatever it was about
        listing = Listing(last.plan.of_rows)
        said = pointing(question.text, listing.plan.from_)
    elif not said.way and not listing.is_meant:
        return None
    reading = read(said.rest)
    whole = read(re.sub(_THE_LIST, " that ", question.text, flags=re.I))
    found = _found(session, said, listing, calendar, reading, alone, whole)
    if found is not None:
        return replace(found, language=reading.language, of_list=beside)
    if said.way != "list":
        return None
    message = say(reading.language, "not_of_list", words=question.text[:80])
    return Routed("abstain", message=message, language=reading.language)


def _found(
    session: TenantSession,
    said: Pointing,
    listing: Listing,
    calendar: Calendar,
    reading: Reading,
    alone: Callable[[str], Routed],
    whole: Reading,
) -> Routed | None:
    if _SUMMARY.search(said.rest) and not re.sub(r"\W", "", _FILLING.sub("", _SUMMARY.sub("", said.rest))):
        return _scoped(session, _at_a_glance(listing.plan.from_), listing)
    ways: list[Callable[[], Plan | None]] = [
        lambda: _going_on(reading, listing, calendar),
        lambda: _standing(alone(said.rest), listing),
        lambda: _going_on(whole, listing, calendar),
    ]
    head = parser.parse(reading).head
    is_other = head is not None and head.item is not None and head.entity != listing.plan.from_
    if said.way != "part" and is_other:
        ways = ways[1:2]
    elif head is not None and head.item is not None and not is_other:
        ways = [ways[1], ways[0]]
    if not said.way and is_other:
        return None  # the list is meant, but the question is about something else
    for way in ways:
        plan = way()
        routed = _scoped(session, plan, listing) if plan is not None else None
        if routed is not None:
            return routed
    return None


def _going_on(reading: Reading, listing: Listing, calendar: Calendar) -> Plan | None:
    """Read as a fragment about records of the list's type, every word of it explained."""
    bare = Plan(from_=listing.plan.from_)
    draft: Draft | None = followups.draft(reading, Exchange("", "", "structured", bare), calendar.today)
    return draft.plan if draft is not None and draft.is_sound else None


def _standing(routed: Routed, listing: Listing) -> Plan | None:
    """A question that stands alone, of the list's type or of one related to it."""
    plan = routed.plan if routed.kind == "structured" else None
    is_near = plan is not None and (
        plan.from_ == listing.plan.from_ or listing.plan.from_ in RELATIONS.get(plan.from_, {})
    )
    return plan if is_near else None


def _scoped(session: TenantSession, plan: Plan, listing: Listing) -> Routed | None:
    """The plan over the list's rows alone; None where that cannot be said."""
    listed = listing.plan
    scope = _scope(plan.from_, listed)
    order = plan.order or (listed.order if plan.from_ == listed.from_ and not plan.is_measured else ())
    versus = plan.versus and plan.versus.model_copy(update={"where": _both(scope, plan.versus.where)})
    made = plan.model_copy(update={"where": _both(scope, plan.where), "order": order, "versus": versus})
    try:
        check_plan(made, catalog(session))
    except Invalid:
        return None
    return Routed("structured", confidence=SURE, plan=made)


def _scope(type_: str, listed: Plan) -> Node | None:
    if type_ == listed.from_:
        return listed.where
    return Related(relation=RELATIONS[type_][listed.from_], where=listed.where)


def _both(one: Node | None, other: Node | None) -> Node | None:
    nodes = [node for node in (one, other) if node is not None]
    parts = list(dict.fromkeys(p for node in nodes for p in (node.of if isinstance(node, And) else (node,))))
    return None if not parts else parts[0] if len(parts) == 1 else And(of=tuple(parts))


def _at_a_glance(type_: str) -> Plan:
    """How many there are of each kind, with their sums."""
    group = Group(field=_TOLD_BY[type_], granularity="month" if type_ == "meeting" else None)
    measures = (Measure(metric="count"), *((Measure(metric="total_amount"),) if type_ == "deal" else ()))
    order = () if type_ in ("deal", "meeting") else (Order(by="count", descending=True),)
    return Plan(from_=type_, measures=measures, group=(group,), order=order)
