"""A sentence while it is read: its items, where each stands, and what has been made of it so far.

The parts of the parser are layers of one class, each with what it needs below it:
sentence ─ denying ─ quantifying ─ namesakes ─ calling ─ custom_items ─ describing ─ promising ─ asides ─ nouns ─
mine ─ wording ─ verbs ─ roles ─ moves ─ employments ─ authors ─ money ─ splitting ─ ordering ─ unsaid ─ hidden_nouns ─
choosing ─ parser.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from collections.abc import Iterator
from dataclasses import dataclass, field

from chatbot.assistant.types import RecordRef
from chatbot.assistant.understanding.clauses import Clause, Cue
from chatbot.assistant.understanding.concepts import FIELDS
from chatbot.assistant.understanding.items import Item, Reading
from chatbot.assistant.understanding.mentions import Mention
from chatbot.assistant.understanding.quantities import Quantity
from shared.search import fold

_SILENT_KINDS = frozenset(("stop", "link"))
#: Verbs that ask for, or describe, people we dealt with.
TOUCH = frozenset(("met", "contact", "activity"))
#: Money that came in, so of deals that were won.
TURNOVER = frozenset(("revenue", "turnover", "umsatz"))


@dataclass(slots=True)
class Superlative:
    """“biggest”, “last 3”: by a concept's own field, or the field that was named."""

    concept: str
    item: int
    of_field: str | None = None


@dataclass(slots=True)
class Named:
    """A name as it was used: who may be meant, of which type."""

    item: int
    mention: Mention
    type: str
    records: list[RecordRef]


@dataclass(slots=True)
class Parse:
    """What was asked. `used` are the items accounted for; indexes are of `reading.items`."""

    reading: Reading
    page: RecordRef | None
    head: Clause | None = None
    clauses: list[Clause] = field(default_factory=list)
    asks: dict[str, int] = field(default_factory=dict)
    aggregates: dict[str, int] = field(default_factory=dict)
    metric: str | None = None
    superlatives: list[Superlative] = field(default_factory=list)
    limit: int | None = None
    groups: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    direction: str | None = None
    asked: list[str] = field(default_factory=list)
    names: list[Named] = field(default_factory=list)
    loose: list[int] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    states: list[tuple[str, bool]] = field(default_factory=list)
    deictic: set[str] = field(default_factory=set)
    is_mine: bool = False
    says_we: bool = False
    texts: list[int] = field(default_factory=list)
    specials: set[str] = field(default_factory=set)
    topic: list[int] = field(default_factory=list)
    ambiguous: list[Named] = field(default_factory=list)
    #: the field whose different values are counted
    distinct: str | None = None
    #: what the figure of a group must be
    bound: tuple[str, Quantity] | None = None
    #: how many come before: “the second largest” is 1
    skip: int = 0
    impossible: list[str] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def has(self, *asks: str) -> bool:
        return any(ask in self.asks for ask in asks)

    def unexplained(self) -> list[Item]:
        """Items with meaning that nothing accounts for."""
        return [
            item
            for i, item in enumerate(self.reading.items)
            if i not in self.used and item.kind != "break" and not is_silent(item)
        ]


#: Words that group behind what is counted, and only say “all” before it.
EVERY = ("each", "every", "jede", "jeder", "jedes", "jeden")


def is_silent(item: Item) -> bool:
    return item.kind == "break" or (item.kind == "word" and any(s.kind in _SILENT_KINDS for s in item.senses))


_SINGULAR_DE = frozenset(
    "deal kontakt firma unternehmen aufgabe notiz meeting besprechung termin kunde ansprechpartner gesprach anruf "
    "verkaufschance chance opportunity lead partner person kollege kollegin todo unternehmen konto einwand "
    "geschaft verkauf auftrag projekt abschluss kundin angebot".split()
)


def is_plural(word: str, language: str) -> bool:
    """Whether a noun of the lexicon means several."""
    word = fold(word)
    if language == "de":
        return word not in _SINGULAR_DE
    return word.endswith(("s", "people")) and not word.endswith("business")


class Sentence:
    """The items and their neighbours. Methods `_on_<kind>` take an item, `_<part of speech>` its meaning."""

    def __init__(self, reading: Reading, page: RecordRef | None) -> None:
        self.reading, self.items = reading, reading.items
        self.words = [reading.text.slice(i.first, i.last).lower() for i in reading.items]
        self.parse = Parse(reading, page)
        self.current: Clause | None = None
        #: descriptions that wait for their noun: (item, negated)
        self.pending: list[tuple[int, bool]] = []
        self.negation: int | None = None
        #: the last description that was denied: what is joined to it is denied as well
        self.denied: int | None = None
        self.comparison: tuple[str, int] | None = None
        self.field_before: tuple[str, int] | None = None
        self.number_before: int | None = None
        self.count_condition: tuple[str, Quantity] | None = None
        self.lower: tuple[int, Quantity] | None = None
        self.loose_negations: set[int] = set()
        #: a “this” that waits for its noun
        self.points_at: int | None = None
        #: a denial that was denied before it said what of: “skip those without a source”
        self.denied_again: int | None = None
        #: whether the record pointed at is the page's, and whether words that point at it were given to nothing yet
        self.is_open = False
        self.left_pointing = False
        self.taken: set[int] = set()
        #: names of nobody in the CRM, beside what was learnt in meetings: they are in its text
        self.strangers: list[int] = []
        #: where people came from, in words that are a field elsewhere: “through the website”
        self.origins: list[int] = []

    def _next(self, i: int) -> int | None:
        """The next item that means something."""
        return next((j for j in range(i + 1, len(self.items)) if not is_silent(self.items[j])), None)

    def _previous(self, i: int) -> int | None:
        return next((j for j in range(i - 1, -1, -1) if not is_silent(self.items[j])), None)

    def _before(self, i: int) -> Item | None:
        return self.items[i - 1] if i else None

    def _noun_ahead(self, i: int) -> bool:
        """Whether a noun follows with nothing but descriptions of it between."""
        for j in range(i + 1, len(self.items)):
            item = self.items[j]
            if item.has("role") or (item.has("noun") and self._noun_or_field(j) == "noun"):
                return True
            if item.kind == "break" and self.reading.text.slice(item.first, item.last) in (",", "'s", "’s", "'", "’"):
                continue
            if (
                item.has("state")
                or item.has("several")
                or item.kind in ("number", "value", "currency")
                or (item.kind == "custom" and not item.data.concept)
                or item.has("me")
                or item.has("sup")
            ):
                continue
            if item.has("link", "of") and self.words[j] in ("'s", "’s"):
                continue
            if item.has("cmp", "ormore", "orless"):
                continue
            if item.has("verb", "created") and self._is_adjective(j):
                continue
            if item.kind == "word" and item.has("stop") and not item.has("ask") and not item.has("verb"):
                continue
            return False
        return False

    def _noun_or_field(self, i: int) -> str:
        item = self.items[i]
        if not item.has("field"):
            return "noun"
        if item.has("field", "due") and self.parse.head is not None and self.parse.head.entity == "task":
            return "field"  # the “Termin” of a task is when it is due
        previous = self._before(i)
        significant = self._previous(i)
        is_asked = i > 1 and self.items[i - 2].has("ask", "is")
        is_every = self.parse.head is None and self.words[i - 1 if i else 0] in EVERY and not is_asked
        if significant is not None and self.items[significant].has("order"):
            return "field"
        if significant is not None and self.items[significant].has("group") and not is_every:
            return "field"
        if previous is not None and previous.has("link", "by"):
            return "noun" if self._is_described(i) else "field"
        if significant is None:
            return "noun"
        before = self.items[significant]
        is_possessed = self.words[i - 1] in ("'s", "’s", "her", "his", "their", "seine", "ihre", "seiner", "ihrer")
        if is_possessed and not is_plural(self.words[i], self.reading.language):
            return "field"
        if before.has("noun") and significant == i - 1 and self.parse.head is not None:
            return "field" if item.has("field", "owner", "company") else "noun"
        return "noun"

    def _is_described(self, i: int) -> bool:
        """“by companies in Norway”: several of them, of which something is said, are no groups."""
        following = self.items[i + 1] if i + 1 < len(self.items) else None
        is_several = is_plural(self.words[i], self.reading.language)
        return is_several and following is not None and following.has("link", "in", "at", "with", "that", "from")

    def _is_adjective(self, i: int) -> bool:
        return self.words[i] in ("new", "neue", "neuen", "neuer", "neues", "newly created", "newly added", "brand new")

    def _is_active(self, i: int) -> bool:
        """“did we close”, “Anna closed”: somebody of us does it."""
        previous = self._previous(i)
        if previous is None:
            return i > 0 and self.words[i - 1] in ("who", "wer")
        before = self.items[previous]
        return (
            before.has("our")
            or before.has("me")
            or before.has("ask", "who")
            or self.words[i - 1] in ("who", "wer")
            or (i > 1 and self.items[i - 1].has("ask", "is") and self.words[i - 2] in ("who", "wer"))
            or before.has("noun", "user")
            or (before.kind == "name" and "user" in before.data[0].by_type and self._before(i) is before)
            or self.words[i - 1] in ("we", "i", "wir", "ich", "did we", "have we", "haben wir")
        )

    def _has_insight(self) -> bool:
        return any((item.sense("noun") or "").startswith("insight") for item in self.items)

    def _reachable(self) -> Iterator[Clause]:
        """Clauses from where we are outwards, then the others, last first."""
        seen: list[Clause] = []
        clause = self.current
        while clause is not None:
            seen.append(clause)
            clause = clause.parent
        seen += [c for c in reversed(self.parse.clauses) if c not in seen]
        yield from seen

    def _accepting(self, entity: str) -> Clause | None:
        return next((c for c in self._reachable() if c.entity == entity), None)

    def _is_plural(self, clause: Clause) -> bool:
        if clause.item is None:
            return "fragment" in self.parse.specials
        return is_plural(self.reading.words_of(clause.item), self.reading.language)

    @staticmethod
    def _is_of_field(item: Item, concept: str) -> bool:
        """Whether a value is one of the field's: “industry Retail”, “Discovery stage”."""
        return any(FIELDS.get(concept, {}).get(v.entity) == v.field for v in item.data)

    @staticmethod
    def _is_field_of(item: Item, concept: str) -> bool:
        """Whether a field is named, be it one of the workspace's own."""
        return item.data.concept == concept if item.kind == "custom" else item.has("field", concept)
