"""Kinds of question that records cannot answer, whatever their words are about.

What would be if, what will be, who is paid what; two records held against each other; days counted from an event;
weekdays as such. Their words are those of questions that have a plan, and the plan is a neighbour's answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from chatbot.assistant.understanding.sentence import Parse, is_silent
from shared import clock
from shared.query.plan import Cmp, Plan, within

_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WOCHENTAG = r"(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend"
_UNIT = r"(?:days?|weeks?|months?|quarters?|years?|tagen?|wochen?|monaten?|jahren?)"
#: kind → how it is said; words are lower case, without accents, and short forms are written out.
_SAID = {
    "hypothetical": (
        r"\bwhat if\b|\bif (?:we|i|they|he|she|all|every|the|\w+) (?:had|were|did|could|would)\b.*\bwould\b"
        r"|\bwould\b(?! (?:like|love|want|be (?:good|great|nice|interested|curious|helpful|interesting))\b).* if\b"
        r"|^(?:suppose|assuming|imagine|say) (?:that )?(?:we|all|i|the)\b"
        r"|\bwas ware wenn\b|\bwas waere wenn\b|\bangenommen\b"
        r"|\bwenn\b.*\b(?:wurden?|wuerden?|hatten|haetten|ware|waere)\b"
    ),
    "prediction": (
        r"\b(?:will|shall|going to) (?:we |they |i |probably |ever |likely )*"
        r"(?:win|lose|churn|buy|sign|leave us|renew)\b"
        r"|\bwerden wir\b.*\b(?:gewinnen|verlieren)\b|\bwird\b.*\b(?:kundigen|abspringen|kaufen|unterschreiben)\b"
    ),
    "weekdays": (
        rf"\b(?:on|every|each) (?:a |any )?{_WEEKDAY}s\b|\bon (?:a|any) {_WEEKDAY}\b|\bany {_WEEKDAY}\b"
        rf"|\ban einem (?:{_WOCHENTAG})\b|\b(?:{_WOCHENTAG})s\b"
    ),
    "days from an event": (
        rf"\bwithin (?:a|an|one|two|three|four|\d+|the same)? ?{_UNIT} (?:of|after|from|before)\b"
        rf"|\b{_UNIT} (?:after|before|prior to|following) (?:the |its? |they |we |he |she |their |our |being )"
        rf"(?!end |beginning |start |(?:{_WEEKDAY})|\d)"
        rf"|\binnerhalb (?:von )?(?:einer|eines|\w+) {_UNIT} (?:nach|vor|seit)\b"
        rf"|\b{_UNIT} (?:nach|vor) (?:dem|der|ihrem|seinem|ihrer|seiner)"
        r" (?:ersten|letzten|treffen|besprechung|abschluss|anlegen)"
    ),
    "what somebody does": (
        r"^(?:so |and )?what do(?:es)? .+ (?:actually |exactly )?do(?: for a living)?$|^was (?:macht|machen) .+"
    ),
    "another's field": (
        r"\b(?:other than|different (?:from|than|to)|unlike|anders? als|anderen? als|andere[rmns]? als) "
        r"(?:that of |(?:the|its|their|his|her|der|die|das|dem|den|deren|ihre[rmn]?) )(?:\w+ )?(?:s )?"
        r"(?:owner|country|city|currency|stage|source|amount|industry|verantwortliche[rn]?|betreuer|land|stadt|wahrung)\b"
        r"|\b(?:other than|different (?:from|than|to)|unlike) (?:the|its|their) \w+ ?'?s? \w+$"
    ),
    "age of somebody": r"\b(?:how old|what age|wie alt)\b",
    "all but the extreme": (
        r"\b(?:but|except|excluding|besides|apart from|other than|ausser|bis auf)(?: for)?"
        r" (?:the|our|my|die|den|das|der)"
        r" (?:\w+ )?(?:latest|last|newest|oldest|biggest|largest|smallest|top|best|first"
        r"|letzten?|neuesten?|altesten?|grossten?|groessten?|kleinsten?)\b"
    ),
    "somebody's pay": (
        r"\b(?:salary|salaries|wages?|paycheck|payslip|bonus|commissions?|gehalt|gehalter|lohn|provision(?:en)?)\b"
    ),
    "a company's books": (
        r"\b(?:turnover|annual revenue|yearly revenue|profits?|profit margins?|margins?|ebit"
        r"|jahresumsatz|gewinnmarge|marge)\b"
    ),
}  # fmt: skip
_PATTERNS = {kind: re.compile(said) for kind, said in _SAID.items()}
_SAME = frozenset(
    ("same", "identical", "gleiche", "gleichen", "gleicher", "gleiches", "selben", "derselben", "denselben",
     "demselben", "dieselbe", "dieselben")
)  # fmt: skip
_BOTH = frozenset(("both", "jointly", "gemeinsam", "sowohl", "beide"))
_MORE = frozenset(("more", "fewer", "less", "better", "bigger", "larger", "mehr", "weniger", "besser", "grosser"))
_OR = frozenset(("or", "oder"))


def kinds(parse: Parse, plan: Plan) -> list[str]:
    """The kinds of a question that its plan cannot be an answer to; empty for most."""
    words = [token.word for token in parse.reading.text.tokens]
    said = " ".join(words)
    found = [kind for kind, pattern in _PATTERNS.items() if pattern.search(said)]
    if "what somebody does" in found and (plan.from_ != "company" or plan.fields):
        found.remove("what somebody does")
    if "age of somebody" in found and plan.from_ in ("deal", "task", "note", "meeting", "move"):
        found.remove("age of somebody")
    names = [parse.reading.words_of(item).lower() for item in parse.reading.items if item.kind == "name"]
    found = [kind for kind in found if not any(_PATTERNS[kind].search(name) for name in names)]
    nodes = [node for node in within(plan.where) if isinstance(node, Cmp)]
    return [
        *found,
        *_same(parse, plan, words, nodes),
        *_together(words, nodes),
        *_which_of_two(parse, plan, words),
        *_somebody_elses(parse),
        *_changed(parse),
        *_earned(parse, words),
        *_field_against_field(parse),
        *_spoken(parse, words),
        *(_to_come(nodes) if plan.is_measured else ()),
    ]


def _same(parse: Parse, plan: Plan, words: list[str], nodes: list[Cmp]) -> Iterator[str]:
    """“contacts with the same number” are held against each other; “in the same stage for a month” against a day."""
    if not _SAME & set(words) or "same" in parse.specials or plan.group:
        return
    items = parse.reading.items
    is_one_of_them = any(  # “how many times have they sat in the same meeting”
        parse.reading.text.tokens[item.first - 1].word in _SAME and item.has("noun", plan.from_) for item in items[1:]
    )
    if not any(node.field == "days_in_stage" for node in nodes) and plan.from_ != "move" and not is_one_of_them:
        yield "the same as another"


def _together(words: list[str], nodes: list[Cmp]) -> Iterator[str]:
    """“that both Anna and Tom look after”: a record has one owner."""
    owners = [node for node in nodes if node.field.endswith(("owner_id", "assignee_id")) and node.op == "in"]
    if owners and _BOTH & set(words):
        yield "two at once"


def _which_of_two(parse: Parse, plan: Plan, words: list[str]) -> Iterator[str]:
    """“do more of them come from France or from Spain”: two figures, of which the larger is asked."""
    if plan.group or plan.versus is not None or not _OR & set(words):
        return
    is_more = any(
        word in _MORE and words[i + 1 : i + 2] not in (["than"], ["als"]) and words[i - 1 : i] != ["or"]
        for i, word in enumerate(words)
    )
    items = parse.reading.items
    for i, item in enumerate(items[1:-1], start=1):
        sides = {items[i - 1].kind, items[i + 1].kind}
        if is_more and item.has("link", "or") and len(sides) == 1 and sides <= {"name", "value"}:
            yield "which of two"


def _somebody_elses(parse: Parse) -> Iterator[str]:
    """“how many deals did our competitors win”: what others won is in no record."""
    items = parse.reading.items
    for item, following in pairwise(items):
        if item.has("noun", "insight/competitor") and following.has("verb", "won", "lost"):
            yield "what others won"


def _changed(parse: Parse) -> Iterator[str]:
    """“deals that changed owner”: that a record was changed is kept, not what of it."""
    items = parse.reading.items
    for item, following in pairwise(items):
        if item.has("verb", "updated") and following.has("field") and not following.has("field", "date"):
            yield "what was changed"


def _earned(parse: Parse, words: list[str]) -> Iterator[str]:
    """“what does Colin earn”: his pay, not what he bought or sold."""
    items = parse.reading.items
    is_of_one = any(
        item.kind == "name"
        and bool(item.data[0].by_type.keys() & {"user", "contact"} and "company" not in item.data[0].by_type)
        for item in items
    )
    is_of_us = parse.has("who") or any(item.has("noun", "user") for item in items)
    is_ours = bool(_US & set(words))  # “who earned us the most”
    if (is_of_one or (is_of_us and not is_ours)) and set(words) & {"earn", "earns", "earning", "verdient", "verdienen"}:
        yield "somebody's pay"


def _field_against_field(parse: Parse) -> Iterator[str]:
    """“whose success manager is not their owner”: a field of the workspace's own, held against another field."""
    items = [item for item in parse.reading.items if not (is_silent(item) or item.has("neg") or item.has("deictic"))]
    tokens = parse.reading.text.tokens
    for item, following in pairwise(items):
        between = {token.word for token in tokens[item.last : following.last + 1]}
        if item.kind == "custom" and following.has("field") and between & _IS and between & _NOT:
            yield "another's field"


_IS, _NOT = frozenset(("is", "are", "ist", "sind")), frozenset(("not", "nicht"))
_US = frozenset(("us", "we", "our", "uns", "wir", "unser", "unsere"))
_SPEAK = frozenset(("speak", "speaks", "speaking", "spricht", "sprechen", "sprechend", "sprechende"))


def _spoken(parse: Parse, words: list[str]) -> Iterator[str]:
    """“contacts who speak French”: a language, and no country that they are in or people they were spoken to."""
    for item in parse.reading.items:
        beside = {*words[max(0, item.first - 1) : item.first], *words[item.last : item.last + 1]}
        is_country = item.kind == "value" and any(value.field == "country" for value in item.data)
        if is_country and _SPEAK & beside:
            yield "language"


def _to_come(nodes: list[Cmp]) -> Iterator[str]:
    """“what will our revenue be in 2028”: of what has happened there is nothing yet, which is no figure of nought."""
    today = clock.now().date().isoformat()
    for node in nodes:
        value = node.values[0] if node.values else ""
        is_ahead = value.startswith("next_") or value == "tomorrow"
        is_after = node.op in ("gt", "gte") and value[:1].isdecimal() and value > today
        if node.field == "closed_at" and (is_ahead or is_after):
            yield f"{node.field} to come"
