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

from chatbot.assistant.types import Exchange, Listing, Question, RecordRef, Routed
from chatbot.assistant.understanding import followups, parser
from chatbot.assistant.understanding.asking_back import UNSURE
from chatbot.assistant.understanding.concepts import RELATIONS
from chatbot.assistant.understanding.drafts import Draft
from chatbot.assistant.understanding.items import Reading
from chatbot.assistant.understanding.messages import say
from chatbot.assistant.understanding.verdict import SURE
from shared.errors import Invalid
from shared.query import ask, catalog, check_plan
from shared.query.dates import Calendar
from shared.query.plan import And, Group, Measure, Node, Order, Plan, Related, parts_of
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
#: Not “these days”.
_THESE = r"\b(?:these|those|them|they|diese|diesen)\b(?!\s+(?:days|weeks|months|tage\w?|wochen|monate\w?)\b){n}"
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
#: “by company”: of what, only the list says.
_BY = re.compile(
    r"\W*(?:(?:and|und)\s+)?(?:(?:group|sort|split|count|list)(?:ed)?\s+)?(?:by|per|nach|pro|je)\b"
    r"|\W*(?:how many|wie viele)\W*$", re.I,
)  # fmt: skip
_WORTH = re.compile(r"\b(?:worth|value|wert|gesamtwert)\b", re.I)
_HOW_WORTH = re.compile(
    r"\b(?:what|how|much|is|are|s|the|total|of|in|all|together|altogether|combined|was|wie|viel|ist|sind|der|von|"
    r"insgesamt|zusammen)\b", re.I,
)  # fmt: skip
_FILLING = re.compile(
    r"\b(?:please|bitte|can|could|you|give|me|a|an|the|short|quick|kurz|eine?n?|gib|mir|of|over|über|show|mal)\b", re.I
)
#: Records of a list that texts are looked for about.
MOST_SEARCHED = 50
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


def kept(question: Question, routed: Routed) -> Routed:
    """A follow-up of an answer about a list, said to be about it still where it is."""
    last = question.history[-1] if question.history else None
    listed = last.listing.plan if last is not None and last.is_of_list and last.listing is not None else None
    if routed.by != "follow-up" or routed.plan is None or listed is None or question.listing is None:
        return routed
    is_near = routed.plan.from_ == listed.from_ or listed.from_ in RELATIONS.get(routed.plan.from_, {})
    if question.listing.plan != listed or not is_near:
        return routed
    pinned, said = parts_of(_scope(routed.plan.from_, listed)), parts_of(routed.plan.where)
    return replace(routed, of_list=listed) if all(part in said for part in pinned) else routed


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
    if not said.way and is_first and (_WHICH.match(question.text) or _BY.match(question.text)):
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
        return replace(found, language=reading.language, of_list=listing.plan)
    searched = _searched(session, question, said, listing, alone)
    if said.way != "list" or searched is not None:
        return searched
    message = say(reading.language, "not_of_list", words=question.text[:80])
    return Routed("abstain", message=message, language=reading.language)


def _searched(
    session: TenantSession,
    question: Question,
    said: Pointing,
    listing: Listing,
    alone: Callable[[str], Routed],
) -> Routed | None:
    """“What worries these?”: looked for in what belongs to the list's records, the first of them where it is long."""
    texts = alone(said.rest) if said.way else None
    if texts is None or texts.kind != "semantic" or texts.about:
        return None
    if said.way == "list" and texts.confidence <= UNSURE:
        return None
    plan = listing.plan.model_copy(update={"limit": MOST_SEARCHED})
    rows = ask(session, plan, user_id=question.asker.user_id, zone=question.asker.zone).rows
    if not rows:
        return replace(texts, kind="structured", plan=listing.plan, search="", of_list=listing.plan)
    about = tuple(RecordRef(row.type, row.id, row.name, row.external_id) for row in rows)
    return replace(texts, search=question.text, about=about, of_list=listing.plan)


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
    if _WORTH.search(said.rest) and not re.sub(r"\W", "", _HOW_WORTH.sub("", _WORTH.sub("", said.rest))):
        worth = _worth(listing.plan.from_)
        return _scoped(session, worth, listing) if worth is not None else None
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
    order = plan.order or (listed.order if plan.from_ == listed.from_ and not plan.is_measured else ())
    try:
        scope = _scope(plan.from_, listed)
        versus = plan.versus and plan.versus.model_copy(update={"where": _both(scope, plan.versus.where)})
        made = plan.model_copy(update={"where": _both(scope, plan.where), "order": order, "versus": versus})
        check_plan(made, catalog(session))
    except (Invalid, ValueError):  # too deep, or more conditions than stand in one
        return None
    return Routed("structured", confidence=SURE, plan=made)


def _scope(type_: str, listed: Plan) -> Node | None:
    if type_ == listed.from_:
        return listed.where
    return Related(relation=RELATIONS[type_][listed.from_], where=listed.where)


def _both(one: Node | None, other: Node | None) -> Node | None:
    parts = list(dict.fromkeys((*parts_of(one), *parts_of(other))))
    return None if not parts else parts[0] if len(parts) == 1 else And(of=tuple(parts))


def _worth(type_: str) -> Plan | None:
    """The sum of deals; of others, what is open with them. None where there is no such thing."""
    if type_ == "deal":
        return Plan(from_="deal", measures=(Measure(metric="total_amount"),))
    is_near = type_ in ("company", "contact")
    return Plan(from_="deal", measures=(Measure(metric="open_pipeline"),)) if is_near else None


def _at_a_glance(type_: str) -> Plan:
    """How many there are of each kind, with their sums."""
    group = Group(field=_TOLD_BY[type_], granularity="month" if type_ == "meeting" else None)
    measures = (Measure(metric="count"), *((Measure(metric="total_amount"),) if type_ == "deal" else ()))
    order = () if type_ in ("deal", "meeting") else (Order(by="count", descending=True),)
    return Plan(from_=type_, measures=measures, group=(group,), order=order)
