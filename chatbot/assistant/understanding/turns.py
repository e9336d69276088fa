"""How a question hangs on the one before it: what takes something back, and words that point at what was answered.

“No, I meant Marcus”, “not open, lost” put right what was said; “list those”, “which are overdue?”, “what's that worth?”
speak of the last answer. What only says so is taken out of the reading; the rest is read as any other question is.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from dataclasses import dataclass, replace

from chatbot.assistant.types import Asker, Exchange
from chatbot.assistant.understanding.clauses import conjunction
from chatbot.assistant.understanding.concepts import REFERENCES, RELATIONS, cmp
from chatbot.assistant.understanding.items import Item, Reading
from chatbot.assistant.understanding.sentence import Parse, is_silent
from shared.query import ask
from shared.query.plan import Cmp, Plan
from shared.tenancy import TenantSession

AND = frozenset("and und also auch but aber ok okay now then so dann jetzt".split())
_NO = frozenset("no nope nah nein nee sorry oops entschuldigung".split())
_THOSE = frozenset("those these them".split())
_HAVING = frozenset("with without mit ohne having".split())
_POSSESSIVE = frozenset("their his her its".split())


@dataclass(frozen=True, slots=True)
class Hints:
    """Whether a question may go on about the last one, and whether it cannot stand alone."""

    may: bool
    must: bool


def without_what_is_taken_back(reading: Reading) -> Reading:
    """“No, the urgent ones” without its no, “not open, lost” without what was wrong."""
    items = list(reading.items)
    begun = False
    while items and (_takes_back(reading, items) or (begun and items[0].kind == "break")):
        items.pop(0)
        begun = True
    if items and items[0].has("neg") and reading.text.tokens[items[0].first].word in ("not", "nicht"):
        end = next((n for n, item in enumerate(items) if _turns(reading, item)), None)
        if end is not None and any(not is_silent(item) for item in items[end + 1 :]):
            items, begun = items[end + 1 :], True
    return replace(reading, items=tuple(items)) if begun else reading


def _takes_back(reading: Reading, items: list[Item]) -> bool:
    """A “no” that is no condition: with a comma behind it, or before “I meant”, “only”, “the …”."""
    first = items[0]
    if first.has("follow", "correct"):
        return True
    if reading.text.tokens[first.first].word not in _NO:
        return False
    following = items[1] if len(items) > 1 else None
    if following is None:
        return False
    is_stopped = following.kind == "break" or following.has("follow")
    return is_stopped or reading.text.tokens[first.first].word in ("sorry", "oops", "nope", "nah")


def _turns(reading: Reading, item: Item) -> bool:
    word = reading.text.tokens[item.first].word
    return (item.kind == "break" and word in (",", ";", ".")) or word in ("but", "rather", "sondern")


def hints(reading: Reading, parse: Parse, old: Plan | None) -> Hints:
    """What its own words say: it begins with “and”, says “only” or “what about”, or speaks of “them”."""
    first = next((item for item in reading.items if item.kind != "break"), None)
    begins = first is not None and reading.text.tokens[first.first].word in AND
    said = parse.specials & {"follow", "only", "more", "same", "correct"}
    has_subject = any(item.kind == "name" for item in reading.items)
    hangs_on = (
        first is not None and (first.has("link") or first.has("neg")) and not first.has("ask") and parse.head is None
    ) or is_having(reading, old)
    is_corrected = without_what_is_taken_back(reading) is not reading
    is_bare = parse.head is None or parse.head.item is None
    points = points_back(reading, parse, old) or (is_bare and (_is_whose(reading) or _is_narrowing(parse, old)))
    marked = begins or bool(said) or hangs_on or points or is_corrected or "implied" in parse.specials
    must = marked and (is_bare or not has_subject or points)
    return Hints(may=marked or parse.head is None or _is_bare_number(parse), must=must)


def is_having(reading: Reading, old: Plan | None) -> bool:
    """“without deals”, “and with an open task?”: of what those have that were answered."""
    said = [token.word for token in reading.text.tokens if token.kind != "break" and token.word not in AND]
    noun = next((noun for item in reading.items if (noun := item.sense("noun")) is not None), None)
    if old is None or noun is None or said[0] not in _HAVING:
        return False
    return noun.partition("/")[0] in RELATIONS.get(old.from_, {})


def _is_narrowing(parse: Parse, old: Plan | None) -> bool:
    """“due this week”, after a list of tasks: no question of its own."""
    head = parse.head
    is_same = head is not None and old is not None and head.entity == old.from_
    return is_same and not parse.asks and parse.metric is None and not (parse.aggregates or parse.superlatives)


def _is_bare_number(parse: Parse) -> bool:
    """“what's the total?”, “how many per person”: of nothing that is said."""
    head = parse.head
    return head is not None and head.item is None and not (head.nodes or head.whens or head.cues or parse.metric)


def is_of_nothing(parse: Parse, plan: Plan | None) -> bool:
    """Whether a plan is of all records only because nothing was said of which."""
    return plan is not None and plan.where is None and plan.is_measured and _is_bare_number(parse)


def needs_what_was_before(parse: Parse) -> bool:
    """“only the managers”, “no, the German ones”: of what was answered, and of nothing where nothing was."""
    if parse.head is None or parse.head.item is None:
        return bool(parse.specials & {"only", "correct", "same"})
    return bool(parse.deictic & {"them", "it", "person"})


def points_back(reading: Reading, parse: Parse, old: Plan | None) -> bool:
    """Whether it speaks of the records of the last answer."""
    if any((i.has("group") or i.has("order")) and _THOSE & set(_said(reading, i)) for i in reading.items):
        return True  # “group them by reason”
    return _is_elliptical(reading, parse, old) or any(
        _points(reading, parse, n, item, old) for n, item in enumerate(reading.items) if item.has("deictic")
    )


def _said(reading: Reading, item: Item) -> list[str]:
    return [token.word for token in reading.text.tokens[item.first : item.last]]


def _points(reading: Reading, parse: Parse, n: int, item: Item, old: Plan | None) -> bool:
    word = reading.text.tokens[item.last - 1].word
    if word in _POSSESSIVE and reading.text.tokens[item.first].word in _POSSESSIVE:
        return item.has("deictic", "them")
    if item.has("deictic", "them"):
        return True
    if item.has("deictic", "there"):
        return parse.head is None or parse.head.item is None
    if not item.has("deictic", "this"):
        return False
    if parse.head is None or parse.head.item is None:
        return True
    if word not in _THOSE:
        return False
    following = reading.items[n + 1] if n + 1 < len(reading.items) else None
    if following is not None and following.has("noun"):
        return old is not None and following.has("noun", old.from_)
    return following is None or not following.has("state")


def _is_elliptical(reading: Reading, parse: Parse, old: Plan | None) -> bool:
    """“which have open deals?”, “which ones are Tom's?”, of people “who are leads”: which of those that were told."""
    first = next(
        (n for n, item in enumerate(reading.items) if item.kind != "break" and not item.has("link", "and")), None
    )
    if first is None or first + 1 >= len(reading.items):
        return False
    following = reading.items[first + 1]
    if reading.items[first].has("ask", "who") and old is not None and old.from_ == "contact" and not old.is_measured:
        is_of_people = parse.head is None or parse.head.entity in ("contact", *RELATIONS["contact"])
        return is_of_people and reading.text.tokens[following.first].word in ("are", "were", "have")
    if not reading.items[first].has("ask", "which", "how_many"):
        return False
    word = reading.text.tokens[following.first].word
    if reading.items[first].has("ask", "how_many"):
        return word in ("are", "have", "were", "sind", "haben") and (parse.head is None or parse.head.item is None)
    if word in ("ones", "one") or word in ("have", "has", "had", "don't", "haben"):
        return True
    is_being = word in ("is", "are", "was", "were", "sind", "ist")
    return is_being and (parse.head is None or parse.head.item is None)


def _is_whose(reading: Reading) -> bool:
    """“Priya's?”, “without Tom's”: somebody's, of what was spoken of."""
    tokens = [token for token in reading.text.tokens if token.kind != "break"]
    return bool(tokens) and tokens[-1].kind == "genitive"


def is_possessed(reading: Reading) -> bool:
    """“their finance director”, “her number”, “who do we know there”: of who or what was talked about."""
    for n, item in enumerate(reading.items):
        if item.has("deictic") and reading.text.tokens[item.last - 1].word in _POSSESSIVE:
            following = reading.items[n + 1] if n + 1 < len(reading.items) else None
            if following is not None and not following.has("verb"):
                return True
        if item.has("deictic", "there"):
            return True
    return False


def go_on_about(reading: Reading, parse: Parse, last: Exchange) -> None:
    """“and the open deals?” after one record was told: its deals."""
    head, focus, plan = parse.head, last.focus, last.plan
    first = next((item for item in reading.items if item.kind != "break"), None)
    if head is None or head.item is None or focus is None or plan is None or first is None:
        return
    begins = reading.text.tokens[first.first].word in AND
    is_one = isinstance(plan.where, Cmp) and plan.where.field == "id" and plan.where.op == "eq"
    is_named = parse.names or any(item.has("deictic") or item.has("me") for item in reading.items)
    reference = REFERENCES.get(head.entity, {}).get(focus.type)
    if begins and is_one and not is_named and reference is not None and head.entity != focus.type:
        head.add(cmp(reference, "eq", str(focus.id)))


def of_the_winner(session: TenantSession, last: Exchange, asker: Asker) -> Exchange:
    """“who won the most deals?” “list them”: the deals of who it was."""
    plan = last.plan
    if plan is None or len(plan.group) != 1 or plan.limit != 1 or plan.group[0].granularity or not plan.measures:
        return last
    groups = ask(session, plan, user_id=asker.user_id, zone=asker.zone).groups
    if len(groups) != 1 or groups[0].key is None:
        return last
    node: Cmp = cmp(plan.group[0].field, "eq", str(groups[0].key))
    where = conjunction([*([plan.where] if plan.where is not None else []), node])
    return replace(last, plan=Plan(from_=plan.from_, where=where, q=plan.q))
