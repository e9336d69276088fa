"""“with first name other than “Jane””, „mit “Fair” in Quelle“: a field by its label, with a text in quotation marks.

So the product itself words a condition of a list (`shared/query/wording.py`), and so people put what they copy. The
label and the marks leave no doubt; without them the grammar reads the words. Each stretch becomes one item with a
condition for each record type that has the field, as what is said of a workspace's own fields does.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from functools import lru_cache

from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.custom_reading import Told
from chatbot.assistant.understanding.custom_values import NOTS
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.tokens import Text, read
from shared.query.fields import ENTITIES
from shared.query.phrases import LANGUAGES
from shared.query.types import FieldType

_TYPES = ("company", "contact", "deal", "task", "note", "meeting")
#: What is asked in other ways: by its record, or by the words in it.
_OTHERS = frozenset(("name",))
_OR = frozenset(("or", "oder", ",", "nor", "noch"))
_BE = frozenset("is are was equals ist sind lautet heisst".split())
_HOLDING = frozenset("contains contain containing includes including enthalt enthalten enthalt".split())
_NEITHER = frozenset(("neither", "weder"))
_OPENING = frozenset("with whose where having the their a an mit deren dessen der die das den dem wo".split())
_LONGEST = 5
_OPEN = re.compile(r"[\"“„«]([^\w\"“”„«»]*)$")
_CLOSED = re.compile(r"([^\w\"“”„«»]*)[\"”“»]")

Fields = dict[str, str]


@lru_cache
def labels(language: str) -> dict[tuple[str, ...], Fields]:
    """The words of each text field's label, and the field's name by record type."""
    named = LANGUAGES[language].labels
    found: dict[tuple[str, ...], Fields] = {}
    for type_ in _TYPES:
        for field in ENTITIES[type_].fields.values():
            if field.type is not FieldType.TEXT or field.is_lookup or field.name in _OTHERS:
                continue
            label = named.get(f"{type_}.{field.name}") or named.get(field.name) or field.label
            words = tuple(token.word for token in read(label).tokens)
            found.setdefault(words, {})[type_] = field.name
    return found


def label_before(said: list[str], end: int, language: str) -> tuple[Fields, int] | None:
    """The field whose label ends before a token, and where the label begins."""
    for length in range(min(_LONGEST, end), 0, -1):
        if fields := labels(language).get(tuple(said[end - length : end])):
            return fields, end - length
    return None


def in_marks(text: Text, first: int, last: int) -> str:
    """What stands between quotation marks, with the signs that belong to no word: the “+” of a telephone number."""
    start, end = text.tokens[first].start, text.tokens[last - 1].end
    before, behind = _OPEN.search(text.written[:start]), _CLOSED.match(text.written[end:])
    found = (before[1] if before else "") + text.written[start:end] + (behind[1] if behind else "")
    return found.strip()


def labelled(text: Text, language: str) -> list[Item]:
    """The items, in order; none overlap."""
    reader = _Labelled(text, language)
    found: list[Item] = []
    for first, last in text.quoted:
        if found and first < found[-1].last:
            continue
        if item := reader.behind_its_label(first) or reader.before_its_label(first, last):
            found.append(item)
    return found


class _Labelled:
    def __init__(self, text: Text, language: str) -> None:
        self.text, self.language = text, language
        self.said = [token.word for token in text.tokens]

    def behind_its_label(self, first: int) -> Item | None:
        """“title “Buyer””, “title is not “Buyer””, “title other than …”, “title contains …”."""
        at, op = first, "eq"
        if self.said[:at][-2:] == ["other", "than"]:
            at, op = at - 2, "ne"
        elif at and self.said[at - 1] in _HOLDING:
            at, op = at - 1, "contains"
        elif at and self.said[at - 1] in _NEITHER:
            at, op = at - 1, "ne"
            at -= 1 if at and self.said[at - 1] in _BE else 0
        else:
            at, op = (at - 1, "ne") if at and self.said[at - 1] in NOTS else (at, op)
            at -= 1 if at and self.said[at - 1] in _BE else 0
        found = label_before(self.said, at, self.language)
        if found is None:
            return None
        fields, begin = found
        if begin and self.said[begin - 1] in NOTS and op == "eq":
            begin, op = begin - 1, "ne"
        values, last = self._values(first)
        verb = self.said[last] if last < len(self.said) else ""
        if op == "eq" and verb in _HOLDING:  # „deren Position “Leiter” enthält“
            op = "contains"
        return self._item(fields, op, values, self._opened(begin), last + (verb in _HOLDING | _BE))

    def before_its_label(self, first: int, _last: int) -> Item | None:
        """“with “Fair” in source”; „mit anderem Wert als “Messe” bei Quelle“."""
        values, last = self._values(first)
        joint = self.said[last] if last < len(self.said) else ""
        if joint not in ("in", "bei", "as", "als"):
            return None
        for end in range(min(len(self.said), last + 1 + _LONGEST), last + 1, -1):
            if fields := labels(self.language).get(tuple(self.said[last + 1 : end])):
                is_other = self.said[max(0, first - 3) : first] == ["anderem", "wert", "als"]
                begin = first - 3 if is_other else first
                op = "ne" if is_other else "eq" if joint in ("as", "als") else "contains"
                return self._item(fields, op, values, self._opened(begin), end)
        return None

    def _opened(self, first: int) -> int:
        while first and self.said[first - 1] in _OPENING:
            first -= 1
        return first

    def _values(self, at: int) -> tuple[list[str], int]:
        """The texts in quotation marks from here on, “or” between them, and the token behind them."""
        found, ends = [], dict(self.text.quoted)
        last = at
        while at in ends:
            found.append(in_marks(self.text, at, ends[at]))
            last = at = ends[at]
            while at < len(self.said) and self.said[at] in _OR:
                at += 1
        return found, last

    def _item(self, fields: Fields, op: str, values: list[str], first: int, last: int) -> Item | None:
        if len(values) > 1:
            op = {"eq": "in", "ne": "not_in"}.get(op, "")
        if not op:
            return None
        return Item("custom", first, last, data=Told({type_: cmp(name, op, *values) for type_, name in fields.items()}))
