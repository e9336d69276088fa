"""One figure beside another: “what share of our contacts are leads”, “how much more did we win in Q3 than in Q2”.

Each is the plan of the whole question, beside that of a part of it: what the share is of, or the time behind “than”.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chatbot.assistant.understanding import parser
from chatbot.assistant.understanding.items import Item, Reading
from chatbot.assistant.understanding.sentence import Parse, is_silent
from shared.query.plan import Node, Plan, Versus, parts_of

#: Makes the plan of a parse.
Planner = Callable[[Parse], Plan | None]
_THAN = frozenset(("than", "als", "compared to", "compared with"))
_MORE = frozenset(("more", "mehr"))


def compared(parse: Parse, plan: Plan | None, planner: Planner) -> Plan | None:
    """The plan with the figure it is set beside; as it was, where nothing is compared."""
    if plan is None or "share" not in parse.specials:
        return plan
    base = _base(parse, planner)
    if base is None or not plan.is_measured or plan.group or not _is_part(base.where, plan.where):
        parse.impossible.append("share")
        return plan
    return plan.model_copy(update={"versus": Versus(kind="ratio", where=base.where)})


def difference(parse: Parse, planner: Planner) -> Plan | None:
    """“how much more did we win in Q3 than in Q2”: the figure of the first time less that of the second."""
    items = parse.reading.items
    times = [i for i, item in enumerate(items) if item.kind == "time"]
    words = [parse.reading.words_of(item).lower() for item in items]
    than = next((i for i, word in enumerate(words) if word in _THAN), None)
    if len(times) != 2 or than is None or not times[0] < than < times[1] or not _MORE & set(words[:than]):
        return None
    first = _plan_of_items(parse, items[:than], planner)
    second = _plan_of_items(parse, (*items[: times[0]], *items[times[1] :]), planner)
    if first is None or second is None or first.measures != second.measures or first.from_ != second.from_:
        return None
    if not first.is_measured or first.group:
        return None
    return first.model_copy(update={"versus": Versus(kind="difference", where=second.where)})


def _plan_of_items(parse: Parse, items: tuple[Item, ...], planner: Planner) -> Plan | None:
    part = parser.parse(_of(parse.reading, items), parse.page)
    if part.head is None or part.ambiguous:
        return None
    plan = planner(part)
    return None if part.unexplained() or part.impossible else plan


def _base(parse: Parse, planner: Planner) -> Plan | None:
    """What the share is of: what stands between “share of” and the verb, or the end of the noun."""
    items = parse.reading.items
    first = next((i for i, item in enumerate(items) if item.has("agg", "share")), None)
    if first is None:
        return None
    noun = next((i for i in range(first + 1, len(items)) if items[i].has("noun") or items[i].has("metric")), None)
    if noun is None:
        return None
    verbs = [i for i in range(noun + 1, len(items)) if items[i].has("ask", "is") or _is_verb(items[i])]
    last = verbs[0] if verbs else noun + 1
    part = parser.parse(_of(parse.reading, items[first + 1 : last]), parse.page)
    if part.head is None or part.unexplained() or part.impossible:
        return None
    if part.metric is None:
        part.asks.setdefault("how_many", 0)
    return planner(part)


def _is_verb(item: Item) -> bool:
    return item.has("verb") and not is_silent(item) and not item.has("verb", "exist")


def _of(reading: Reading, items: tuple[Item, ...]) -> Reading:
    return replace(reading, items=tuple(items))


def _is_part(base: Node | None, whole: Node | None) -> bool:
    """Whether the whole question says all of the base, and more."""
    said, all_said = parts_of(base), parts_of(whole)
    return len(all_said) > len(said) and all(node in all_said for node in said)
