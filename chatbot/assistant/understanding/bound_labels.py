"""“named Leeds”, “tagged Buyer”, “in pipeline Sales”: what a label names is a value of that field, whoever has it.

The reading knows a value by where records have it: Leeds is a city, “buyer” a title. Behind a label it is what the
label says, even if no record has it there; an answer about cities would be about other records. Values that are the
field's own anyway are left to the grammar, which knows them better.

    named │ Leeds        in stage │ Proposal or Won        of the kind │ note or call
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from chatbot.assistant.understanding.concepts import FIELDS, cmp
from chatbot.assistant.understanding.custom_reading import Told
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.labelled import TYPES, in_marks, label_of, past_or, without_opening
from chatbot.assistant.understanding.tokens import Text, read
from shared.query.fields import ENTITIES
from shared.query.phrases import LANGUAGES
from shared.query.types import FieldType

#: Words that lead to a value of one field and mean nothing else, by field.
_LEADING = {
    "en": {
        "name": ("named", "called", "by the name of", "with the name", "with name", "whose name is"),
        "tags": ("tagged", "tagged as", "tagged with", "with the tag", "with a tag", "with tag", "with the tags",
                 "with tags", "carrying the tag", "whose tag is", "carry the tag", "carries the tag", "have the tag",
                 "has the tag", "bearing the tag"),
        "pipeline": ("in pipeline", "in the pipeline", "from pipeline", "of pipeline", "whose pipeline is"),
        "stage": ("in stage", "in the stage", "at stage", "at the stage", "whose stage is", "with stage"),
    },
    "de": {
        "name": ("namens", "mit dem namen", "mit namen", "mit name", "deren name"),
        "tags": ("mit tag", "mit dem tag", "mit den tags", "mit tags", "mit schlagwort", "mit dem schlagwort",
                 "getaggt mit", "getaggt als", "verschlagwortet mit"),
        "pipeline": ("in pipeline", "in der pipeline", "aus der pipeline", "deren pipeline"),
        "stage": ("in stufe", "in der stufe", "in phase", "in der phase", "mit stufe", "deren stufe", "deren phase"),
    },
}  # fmt: skip
#: Fields whose label the grammar knows; what opens a condition on one.
_KNOWN = frozenset("industry city country region source title lost_reason".split())
_OPENERS = frozenset("with whose in from mit deren dessen im aus".split())
_BETWEEN = frozenset("is are ist sind lautet".split())
_OF_PLACES = frozenset(("of", "von"))
_ARTICLES = frozenset("the a an der die das den dem einer einem".split())
_PLACES = frozenset(("city", "country", "region"))
_ENDING = frozenset("ist sind heisst heissen".split())
_ENTERED = frozenset("entered created recorded eingetragen angelegt erfasst".split())
_ME = frozenset("me myself mir mich".split())
_PEOPLES = (
    ("owned", "by"), ("assigned", "to"), ("entered", "by"), ("with", "owner"), ("with", "the", "owner"),
    ("owner", "is"), ("with", "assignee"), ("assignee", "is"), ("with", "author"), ("mit", "verantwortlich"),
)  # fmt: skip
#: By whether values are denied, and are several.
_OPERATORS = {(False, False): "eq", (False, True): "in", (True, False): "ne", (True, True): "not_in"}
_LONGEST = 4


Words = tuple[str, ...]
#: words that lead to a choice → record type → its field and what the field's choices are called
Choosing = dict[Words, dict[str, tuple[str, dict[Words, str]]]]


@dataclass(frozen=True, slots=True)
class _Found:
    """A value behind a label: its spellings in records, whether it is one of the field's own, the token behind it, and
    whether nobody knows it."""

    texts: tuple[str, ...]
    is_own: bool
    last: int
    is_free: bool = False


def with_bound_labels(items: Sequence[Item], text: Text, over: Callable[[], Mapping[str, str]]) -> list[Item]:
    """The items, each label that has another's value behind it joined with that. `over` tells what the stages of deals
    won and lost are called."""
    if text.is_too_long:
        return list(items)
    binding = _Binding(items, text, over)
    made: list[Item] = []
    for item in items:
        if made and item.first < made[-1].last:
            continue
        made.append(item)
        if binding.is_nobody(item):
            made[-1] = replace(item, kind="unknown", data=None)
        elif (bound := binding.at(item)) is not None and (kept := _before(made, bound)) is not None:
            made = [*kept, bound]
    return made


def _before(items: list[Item], bound: Item) -> list[Item] | None:
    """The items before a label; None where it begins inside one that has another meaning than a denial."""
    kept = [item for item in items if item.last <= bound.first]
    cut = items[len(kept)] if len(kept) < len(items) else None
    if cut is None or cut.first == bound.first:
        return kept
    return [*kept, replace(cut, last=bound.first)] if cut.has("neg") else None  # “not in | the industry”


@lru_cache
def _leading() -> dict[Words, str]:
    """The words that lead to a value → the field. Of both languages: “Deals namens Leeds” has few words of either."""
    return {tuple(words.split()): name for led in _LEADING.values() for name, all_ in led.items() for words in all_}


@lru_cache
def _chosen() -> Choosing:
    return {**_of_language("de"), **_of_language("en")}


@lru_cache
def _of_language(language: str) -> Choosing:
    """The words that lead to one of a field's choices → by record type the field and what its choices are called."""
    phrases, found = LANGUAGES[language], Choosing()
    for type_ in TYPES:
        for field in ENTITIES[type_].fields.values():
            if field.type is not FieldType.ENUM and field.type is not FieldType.BOOL:
                continue
            label = label_of(type_, field, language)
            choices = {_words(phrases.names[choice]): choice for choice in field.choices or ("true", "false")}
            choices |= {_words(choice): choice for choice in field.choices or ()}
            said = phrases.said.get(field.name, "")
            for template in (said, f"with {label} {{x}}", f"mit {label} {{x}}", f"{label}: {{x}}"):
                before, is_led, behind = template.partition("{x}")
                words = _words(before)
                if is_led and not behind and len(words) > 1 and words != ("that", "are"):
                    found.setdefault(words, {})[type_] = (field.name, choices)
    return found


def _words(text: str) -> Words:
    return tuple(token.word for token in read(text, is_phrase=True).tokens)


class _Binding:
    def __init__(self, items: Sequence[Item], text: Text, over: Callable[[], Mapping[str, str]]) -> None:
        self.text, self.over = text, over
        self.said = tuple(token.word for token in text.tokens)
        self.by_first = {item.first: item for item in items}
        self.items, self.ends = items, dict(text.quoted)

    def at(self, item: Item) -> Item | None:
        """The label that begins at an item with its values; None where there is none, or the grammar knows it."""
        if item.kind == "custom":
            return None
        begins = range(item.first, item.last if item.has("neg") else item.first + 1)  # “not | in stage”
        led = (self._led(at) or self._choices(at) or self._about(at) or self._entered(at) for at in begins)
        return next((bound for bound in led if bound is not None), None) or self._named_by_its_field(item)

    def is_nobody(self, item: Item) -> bool:
        """“owned by Leeds”, „von Leeds betreut“: no colleague, and no deals there either."""
        if item.kind != "value":
            return False
        at = item.first
        while at > 2 and self.said[at - 1] in ("or", "oder", ","):  # “owned by Bob or Leeds”
            before = next((i for i in self.items if i.last == at - 1), None)
            if before is None or before.kind not in ("value", "name"):
                break
            at = before.first
        behind = item.last
        while past_or(self.said, behind) > behind and (other := self.by_first.get(past_or(self.said, behind))):
            behind = other.last
        verb = self.said[behind : behind + 1]
        is_german = verb == ("zugewiesen",) or (self.said[max(0, at - 1) : at] == ("von",) and verb == ("betreut",))
        led = [tuple(self.said[max(0, at - length) : at]) for length in (2, 3)]
        return is_german or any(words in _PEOPLES for words in led)

    # --- Texts

    def _led(self, at: int) -> Item | None:
        for length in range(min(_LONGEST, len(self.said) - at), 0, -1):
            name = _leading().get(self.said[at : at + length])
            if name is not None:
                return self._bound(name, at, at + length)
        return None

    def _entered(self, at: int) -> Item | None:
        """“entered by Bob Baker or me”: who did it, where no time says when."""
        is_said = self.said[at] in _ENTERED and self.said[at + 1 : at + 2] in (("by",), ("von",))
        if not is_said or any(item.kind == "time" for item in self.items):
            return None
        found: list[str] = []
        last = start = at + 2
        while (who := self._person(start)) is not None:
            found.append(who[0])
            last = start = who[1]
            if (start := past_or(self.said, start)) == last:
                break
        types = [t for t in TYPES if t != "note" or self.said[at] in ("entered", "eingetragen")]
        nodes = {t: cmp("created_by_id", "in" if len(found) > 1 else "eq", *found) for t in types}
        return Item("custom", at, last, data=Told(nodes)) if found else None

    def _person(self, at: int) -> tuple[str, int] | None:
        """Whoever asks, or the one colleague of a name."""
        if at < len(self.said) and self.said[at] in _ME:
            return "me", at + 1
        item = self.by_first.get(at)
        people = item.data[0].records("user") if item is not None and item.kind == "name" else []
        return (str(people[0].id), item.last) if item is not None and len(people) == 1 else None

    def _about(self, at: int) -> Item | None:
        """“notes about “Buyer””: these words, and no notes on those who have them as a title."""
        start = at + 1
        item = self.by_first.get(start)
        if self.said[at] not in ("about", "zu") or start not in self.ends or item is None or item.kind != "value":
            return None
        if self._spoken_of(at) != "note":
            return None
        end = self.ends[start]
        return Item("custom", at, end, data=Told({"note": cmp("body", "contains", in_marks(self.text, start, end))}))

    def _named_by_its_field(self, item: Item) -> Item | None:
        """“with industry Leeds”, “whose title is Berlin”."""
        name = next((s.value for s in item.senses if s.kind == "field" and s.value in _KNOWN), None)
        opened = item.first
        while opened and self.said[opened - 1] in _ARTICLES:
            opened -= 1
        if name is None or not opened or self.said[opened - 1] not in _OPENERS:
            return None
        at = item.last
        while at < len(self.said) and (self.said[at] in _BETWEEN or (name in _PLACES and self.said[at] in _OF_PLACES)):
            at += 1
        if is_denied := self.said[at : at + 1] in (("not",), ("nicht",)):  # “whose source is not Berlin”
            at += 1
        return self._bound(name, opened - 1, at, is_denied=is_denied)

    def _bound(self, name: str, first: int, start: int, *, is_denied: bool = False) -> Item | None:
        values, last = self._values(name, start, first)
        if not values or self._is_known(name, values):
            return None
        fields = {t: n for t, n in FIELDS.get(name, {}).items() if t in TYPES}
        fields |= {t: name for t in TYPES if name in ENTITIES[t].fields}
        texts = list(dict.fromkeys(text for value in values for text in value.texts))
        op = _OPERATORS[is_denied, len(texts) > 1]
        nodes = {t: cmp(n, op, *texts) for t, n in fields.items()}
        last += last < len(self.said) and self.said[last] in _ENDING
        return Item("custom", without_opening(self.said, first), last, data=Told(nodes))

    def _is_known(self, name: str, values: Sequence[_Found]) -> bool:
        """Whether the grammar binds them: a field's own values; or asks back: about words that nobody knows."""
        if all(value.is_free for value in values):
            return True  # “in pipeline Sales” is every deal there, where “in the pipeline” is what is open
        return name != "pipeline" and all(value.is_own for value in values)

    def _values(self, name: str, at: int, label: int) -> tuple[list[_Found], int]:
        found: list[_Found] = []
        last = at
        while (value := self._value(name, at, label, is_first=not found)) is not None:
            found.append(value)
            last = at = value.last
            if (at := past_or(self.said, at)) == last:
                break
        return found, last

    def _value(self, name: str, at: int, label: int, *, is_first: bool) -> _Found | None:
        item = self.by_first.get(at)
        if at in self.ends:
            end = self.ends[at]
            return _Found((in_marks(self.text, at, end),), self._is_own(name, item, label), end)
        if item is None:
            return None
        if item.kind in ("value", "name"):
            is_own = self._is_own(name, item, label)
            stored = self._stored(name, item, label) if is_own else ()
            return _Found(stored or (self.text.slice(item.first, item.last),), is_own, item.last)
        if name == "stage" and item.has("state", "won", "lost") and (not is_first or self._is_listed(item)):
            stage = self.over().get(item.sense("state") or "")
            return _Found((stage,), False, item.last) if stage is not None else None
        if not is_first and self._is_called_so(item):
            return _Found((self.text.slice(item.first, item.last),), False, item.last)
        return self._unknown(at) if item.kind == "unknown" else None

    def _is_called_so(self, item: Item) -> bool:
        """“from pipeline Sales or Partner”: with a capital, and no noun of what is asked for."""
        is_word = item.kind == "word" and self.text.tokens[item.first].is_capital and not self.text.is_shouted
        return is_word and (item.has("state") or item.has("noun")) and not item.has("noun", *TYPES)

    def _is_listed(self, item: Item) -> bool:
        return past_or(self.said, item.last) > item.last

    def _unknown(self, at: int) -> _Found | None:
        """Words that nobody knows, as far as they go on."""
        end = at
        while (item := self.by_first.get(end)) is not None and item.kind == "unknown":
            if self.text.tokens[end].kind != "word":
                break
            end = item.last
        return _Found((self.text.slice(at, end),), False, end, is_free=True) if end > at else None

    def _is_own(self, name: str, item: Item | None, label: int) -> bool:
        if item is None:
            return False
        if item.kind == "value":
            return any(value.field == name for value in item.data)
        return item.kind == "name" and name == "name" and self._spoken_of(label) in ("", *item.data[0].by_type)

    def _stored(self, name: str, item: Item, label: int) -> tuple[str, ...]:
        """How records spell a value of the field, or what those are called that a name may mean."""
        if item.kind == "value":
            return next((value.stored for value in item.data if value.field == name), ())
        return tuple(record.name for record in item.data[0].records(self._spoken_of(label)))

    # --- Choices

    def _choices(self, at: int) -> Item | None:
        """“of the kind note or call”, “with status stored or queued”, “stale: yes”."""
        chosen = _chosen()
        for length in range(min(_LONGEST, len(self.said) - at), 1, -1):
            led = chosen.get(self.said[at : at + length])
            type_ = self._spoken_of(at)
            if led is None or type_ not in led:
                continue
            name, choices = led[type_]
            values = list(self._listed(choices, at + length))
            is_yes = ENTITIES[type_].fields[name].type is FieldType.BOOL
            if values and (len(values) > 1 or is_yes or name in ("kind", "direction")):
                texts = [text for text, _ in values]
                node = cmp(name, "in" if len(texts) > 1 else "eq", *texts)
                return Item("custom", without_opening(self.said, at), values[-1][1], data=Told({type_: node}))
        return None

    def _listed(self, choices: Mapping[Words, str], at: int) -> Iterator[tuple[str, int]]:
        while True:
            for length in range(min(_LONGEST, len(self.said) - at), 0, -1):
                if (choice := choices.get(self.said[at : at + length])) is not None:
                    yield choice, at + length
                    at = past_or(self.said, at + length)
                    break
            else:
                return

    def _spoken_of(self, at: int) -> str:
        """The record type of the nearest noun before a label."""
        nouns = (item.sense("noun") for item in reversed(self.items) if item.last <= at)
        return next((noun.partition("/")[0] for noun in nouns if noun), "")
