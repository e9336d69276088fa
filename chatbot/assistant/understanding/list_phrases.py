"""“with days in stage 5 or 40”, „Tage ohne Aktivität 12“: numbers and days in the very words in which a list says them.

The words come from `shared/query/phrases.py`, so what stands above a list is read back as its condition, whatever the
grammar would make of its parts (“in stage since” is no stage). What people put otherwise is left to the grammar.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.custom_reading import Told
from chatbot.assistant.understanding.custom_values import NOTS
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.labelled import TYPES, label_of, past_or, without_opening
from chatbot.assistant.understanding.lexicon import lexicon
from chatbot.assistant.understanding.quantities import currency_at, plain, quantity_at
from chatbot.assistant.understanding.times import span_at
from chatbot.assistant.understanding.tokens import Text, read
from shared.query.dates import Calendar
from shared.query.fields import ENTITIES
from shared.query.phrases import LANGUAGES, Phrases
from shared.query.types import Field, FieldType

_NUMBERS = (FieldType.NUMBER, FieldType.MONEY)
_DAYS = (FieldType.DATE, FieldType.DATETIME)
#: Dates whose words the grammar takes for something else.
_UNKNOWN = ("last_", "due_at", "happened_at")
_ON = frozenset(("on", "am"))
#: Words that say how a value is compared, and not of which field.
_COMPARING = frozenset("with mit of at least most over under ab uber unter bis from until exactly genau von zu".split())

#: How people bound days told before what they are days of: “fewer than 12 days in stage”.
_BOUNDS = {
    "en": {"fewer than": "lt", "less than": "lt", "under": "lt", "at most": "lte", "at least": "gte", "more than": "gt",
           "over": "gt"},
    "de": {"weniger als": "lt", "unter": "lt", "höchstens": "lte", "mindestens": "gte", "mehr als": "gt", "über": "gt"},
}  # fmt: skip
_DAYS_OF = {
    "days_in_stage": ("days in stage", "days in their stage", "Tagen in der Stufe", "Tagen in ihrer Stufe"),
    "stale_days": ("days without activity", "Tagen ohne Aktivität"),
}

Words = tuple[str, ...]


@dataclass(slots=True)
class _Phrase:
    """Words before and behind a value, how it is compared, and the field by record type."""

    before: Words
    behind: Words
    op: str
    kind: FieldType
    #: the value of words that say it themselves: “seit langem in ihrer Phase”
    fixed: str = ""
    #: whether the grammar knows these words where they are neither denied nor list several values
    is_known: bool = False
    fields: dict[str, str] = field(default_factory=dict)


@lru_cache
def _phrases() -> dict[str, list[_Phrase]]:
    """All phrases by their first word, the longest first. Of both languages: a list's words may tell of neither."""
    made: dict[tuple[Words, Words, str, str], _Phrase] = {}
    for language, type_ in product(LANGUAGES, TYPES):
        for each in ENTITIES[type_].fields.values():
            for phrase in _of_field(type_, each, language):
                key = (phrase.before, phrase.behind, phrase.op, phrase.fixed)
                made.setdefault(key, phrase).fields.setdefault(type_, each.name)
    found: dict[str, list[_Phrase]] = {}
    for phrase in sorted(made.values(), key=lambda p: -len(p.before) - len(p.behind)):
        found.setdefault(phrase.before[0], []).append(phrase)
    return found


def _of_field(type_: str, each: Field, language: str) -> Iterator[_Phrase]:
    phrases, label = LANGUAGES[language], label_of(type_, each, language)
    kind = FieldType.NUMBER if each.type in _NUMBERS else FieldType.DATE
    for unit, (bound, op) in product(_DAYS_OF.get(each.name, ()), _BOUNDS[language].items()):
        yield _Phrase(_words(bound), _words(unit), op, kind)
    if each.type in _NUMBERS:
        templates = [(f"{label} {{x}}", "eq"), *_compared(type_, each, label, phrases)]
        for template, op in templates:
            before, behind = _cut(template)
            if before and {*before, *behind} - _COMPARING:
                yield _Phrase(before, behind, op, kind)
    elif each.type in _DAYS and each.name != "occurred_at":
        when = phrases.when.get(each.name, "")
        for words in dict.fromkeys((label, when) if each.name != "happened_at" else (when,)):  # “when” asks
            if before := _cut(words + " {x}")[0]:
                yield _Phrase(before, (), "eq", kind, is_known=not each.name.startswith(_UNKNOWN))
        if each.name in ("due_at", "happened_at"):
            yield from _bounded(each, when, phrases)
    elif each.type is FieldType.BOOL:
        for value in ("true", "false"):
            words = phrases.states.get((type_, each.name, value), "")
            if len(words.split()) > 2:
                yield _Phrase(_words(words), (), "eq", kind, fixed=value)


def _bounded(each: Field, when: str, phrases: Phrases) -> Iterator[_Phrase]:
    """A date whose words the grammar takes for those of another: before and after a day, and whether there is one."""
    for op in ("gte", "gt", "lte", "lt"):
        before, behind = _cut(phrases.dated[op].replace("{when}", when))
        yield _Phrase(before, behind, op, FieldType.DATE)
    if (nothing := phrases.said.get(f"{each.name}.null")) is not None:
        yield _Phrase(_words(when), (), "is", FieldType.DATE, fixed="set")
        yield _Phrase(_words(nothing), (), "is", FieldType.DATE, fixed="null")


def _compared(type_: str, each: Field, label: str, phrases: Phrases) -> Iterator[tuple[str, str]]:
    for op in ("eq", "gt", "gte", "lt", "lte"):
        key = each.name if op == "eq" else f"{each.name}.{op}"
        said = phrases.said.get(f"{type_}/{key}") or phrases.said.get(key)
        yield (said or phrases.compared[op].replace("{label}", label)), op
        yield phrases.compared[op].replace("{label}", label), op


def _cut(template: str) -> tuple[Words, Words]:
    before, _, behind = template.partition("{x}")
    return _words(before), _words(behind)


def _words(text: str) -> Words:
    found = tuple(token.word for token in read(text, is_phrase=True).tokens)
    return found[1:] if found[:1] in (("with",), ("mit",)) else found


def list_phrases(text: Text, language: str, calendar: Calendar) -> list[Item]:
    """The items, in order; none overlap."""
    if text.is_too_long:
        return []
    reader = _ListPhrases(text, language, calendar)
    found: list[Item] = []
    for at in range(len(reader.said)):
        if not found or at >= found[-1].last:
            found += [item] if (item := reader.item(at)) is not None else []
    return found


class _ListPhrases:
    def __init__(self, text: Text, language: str, calendar: Calendar) -> None:
        self.text, self.calendar, self.phrases = text, calendar, _phrases()
        self.said, self.words = [token.word for token in text.tokens], lexicon(language)
        self.nouns: list[tuple[int, str]] | None = None

    def item(self, at: int) -> Item | None:
        for phrase in self.phrases.get(self.said[at], ()):
            start = at + len(phrase.before)
            if tuple(self.said[at:start]) != phrase.before or not self._is_spoken_of(phrase, at):
                continue
            values, end = ([phrase.fixed], start) if phrase.fixed else self._values(start, phrase)
            last = end + len(phrase.behind)
            if not values or tuple(self.said[end:last]) != phrase.behind or (len(values) > 1 and phrase.op != "eq"):
                continue
            first = without_opening(self.said, at)
            is_denied = first > 0 and self.said[first - 1] in NOTS
            if phrase.is_known and len(values) == 1 and not is_denied:
                continue
            op = "in" if len(values) > 1 else phrase.op
            nodes = {type_: cmp(name, op, *values) for type_, name in phrase.fields.items()}
            return Item("custom", first, last, data=Told(nodes))
        return None

    def _is_spoken_of(self, phrase: _Phrase, at: int) -> bool:
        """Whether some noun before is of records that have the field: “reps with more than 5 open deals” is not."""
        before = {type_ for place, type_ in self._nouns() if place < at}
        return not before or bool(before & phrase.fields.keys())

    def _nouns(self) -> list[tuple[int, str]]:
        """Where record types are named, and which; looked up where a phrase is found, as few questions have one."""
        if self.nouns is None:
            matches = ((place, self.words.at(self.said, place)) for place in range(len(self.said)))
            senses = ((place, sense) for place, match in matches if match for sense in match.senses)
            self.nouns = [(place, s.value.partition("/")[0]) for place, s in senses if s.kind == "noun"]
        return self.nouns

    def _values(self, at: int, phrase: _Phrase) -> tuple[list[str], int]:
        """The numbers or days from a token on, “or” between them, and the token behind them."""
        found: list[str] = []
        last = at
        while (value := self._number(at) if phrase.kind is FieldType.NUMBER else self._day(at)) is not None:
            found.append(value[0])
            last = at = value[1]
            if (at := past_or(self.said, at)) == last:
                break
        has_unit = phrase.kind is FieldType.NUMBER and not phrase.behind and bool(found) and self._has_unit(last - 1)
        return ([] if has_unit else found), last

    def _number(self, at: int) -> tuple[str, int] | None:
        if at >= len(self.said) or self.text.tokens[at].kind != "number":
            return None
        found = quantity_at(self.text.tokens[at : at + 1], 0)
        return (plain(found[0].value), at + 1) if found is not None else None

    def _has_unit(self, at: int) -> bool:
        """“5 %”, “20 k”, “40 Euro”: an amount that the grammar knows better."""
        found = quantity_at(self.text.tokens, at)
        is_longer = found is not None and found[1] > 1
        return is_longer or (at + 1 < len(self.said) and currency_at(self.text.tokens, at + 1) is not None)

    def _day(self, at: int) -> tuple[str, int] | None:
        """A day of the calendar; “today” and “Friday” go on meaning what they do."""
        at += at < len(self.said) and self.said[at] in _ON
        found = span_at(self.text.tokens, at, self.calendar) if at < len(self.said) else None
        if found is None or found[0].floats == "week" or not (found[0].token or "")[:1].isdecimal():
            return None
        return found[0].token or "", at + found[1]
