"""“with first name other than “Jane””, „mit “Fair” in Quelle“: a field by its label, with a text in quotation marks.

So the product itself words a condition of a list (`shared/query/wording.py`), and so people put what they copy. The
label and the marks leave no doubt; without them the grammar reads the words. Each stretch becomes one item with a
condition for each record type that has the field, as what is said of a workspace's own fields does.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re
from collections.abc import Sequence
from functools import lru_cache

from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.custom_reading import Told
from chatbot.assistant.understanding.custom_values import NOTS
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.tokens import Text, read
from shared.query.fields import ENTITIES
from shared.query.phrases import LANGUAGES
from shared.query.types import Field, FieldType

TYPES = ("company", "contact", "deal", "task", "note", "meeting")
#: What is asked in other ways: by its record, or by the words in it.
_OTHERS = frozenset(("name",))
#: Other words for labels than those of a list.
_ALSO = {"en": {"tag": "tags"}, "de": {"namen": "name", "tag": "tags", "stadt": "city"}}
_OR = frozenset(("or", "oder", ",", "nor", "noch"))
_BE = frozenset("is are was equals ist sind lautet heisst".split())
_HOLDING = frozenset("contains contain containing includes including enthalt enthalten enthalt".split())
_NEITHER = frozenset(("neither", "weder"))
_OPENING = frozenset("with whose where having the their a an mit deren dessen der die das den dem wo".split())
_ARTICLES = frozenset("the its their his her der die das den dem ihrem ihrer ihren".split())
_LONGEST = 5
_OPEN = re.compile(r"[\"“„«]([^\w\"“”„«»]*)$")
_CLOSED = re.compile(r"([^\w\"“”„«»]*)[\"”“»]")

Fields = dict[str, str]


def label_of(type_: str, field: Field, language: str) -> str:
    """What a list calls a field."""
    named = LANGUAGES[language].labels
    return named.get(f"{type_}.{field.name}") or named.get(field.name) or field.label


@lru_cache
def labels(language: str, *, is_part: bool = False) -> dict[tuple[str, ...], Fields]:
    """The words of each text field's label, and the field's name by record type. `is_part`: of those as well that are
    asked for by their record or name, unless a part of it is told."""
    found: dict[tuple[str, ...], Fields] = {}
    for type_ in TYPES:
        for field in ENTITIES[type_].fields.values():
            if field.type is not FieldType.TEXT or (not is_part and (field.is_lookup or field.name in _OTHERS)):
                continue
            said = [label_of(type_, field, language), *(w for w, n in _ALSO[language].items() if n == field.name)]
            for label in said:
                words = tuple(token.word for token in read(label).tokens)
                found.setdefault(words, {})[type_] = field.name
    return found


def label_before(said: list[str], end: int, language: str, *, is_part: bool = False) -> tuple[Fields, int] | None:
    """The field whose label ends before a token, and where the label begins."""
    for length in range(min(_LONGEST, end), 0, -1):
        if fields := labels(language, is_part=is_part).get(tuple(said[end - length : end])):
            return fields, end - length
    return None


def without_opening(said: Sequence[str], first: int) -> int:
    """Where “with the”, “whose” before a token begins."""
    while first and said[first - 1] in _OPENING:
        first -= 1
    return first


def past_or(said: Sequence[str], at: int) -> int:
    """The token behind “or” and commas."""
    while at < len(said) and said[at] in _OR:
        at += 1
    return at


def in_marks(text: Text, first: int, last: int) -> str:
    """What stands between quotation marks, with the signs that belong to no word: the “+” of a telephone number."""
    start, end = text.tokens[first].start, text.tokens[last - 1].end
    before, behind = _OPEN.search(text.written[:start]), _CLOSED.match(text.written[end:])
    found = (before[1] if before else "") + text.written[start:end] + (behind[1] if behind else "")
    return found.strip()


def labelled(text: Text, language: str) -> list[Item]:
    """The items, in order; none overlap. Few words beside a quotation may be of the other language."""
    return _labelled(text, language) or _labelled(text, "en" if language == "de" else "de")


def _labelled(text: Text, language: str) -> list[Item]:
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
        found = label_before(self.said, at, self.language, is_part=op == "contains" or self._holds_behind(first))
        if found is None:
            return None
        fields, begin = found
        if begin and self.said[begin - 1] in NOTS and op == "eq":
            begin, op = begin - 1, "ne"
        values, last = self._values(first)
        verb = self.said[last] if last < len(self.said) else ""
        if op == "eq" and verb in _HOLDING:  # „deren Position “Leiter” enthält“
            op = "contains"
        return self._item(fields, op, values, without_opening(self.said, begin), last + (verb in _HOLDING | _BE))

    def _holds_behind(self, first: int) -> bool:
        last = self._values(first)[1]
        return last < len(self.said) and self.said[last] in _HOLDING

    def before_its_label(self, first: int, _last: int) -> Item | None:
        """“with “Fair” in source”; „mit anderem Wert als “Messe” bei Quelle“."""
        values, last = self._values(first)
        joint = self.said[last] if last < len(self.said) else ""
        if joint not in ("in", "im", "bei", "as", "als"):
            return None
        is_part = joint in ("in", "im")
        begin = last + 1
        while begin < len(self.said) and self.said[begin] in _ARTICLES:
            begin += 1
        for end in range(min(len(self.said), begin + _LONGEST), begin, -1):
            if fields := labels(self.language, is_part=is_part).get(tuple(self.said[begin:end])):
                is_other = self.said[max(0, first - 3) : first] == ["anderem", "wert", "als"]
                first = first - 3 if is_other else first
                op = "ne" if is_other else "eq" if joint in ("as", "als") else "contains"
                return self._item(fields, op, values, without_opening(self.said, first), end)
        return None

    def _values(self, at: int) -> tuple[list[str], int]:
        """The texts in quotation marks from here on, “or” between them, and the token behind them."""
        found, ends = [], dict(self.text.quoted)
        last = at
        while at in ends:
            found.append(in_marks(self.text, at, ends[at]))
            last = at = ends[at]
            at = past_or(self.said, at)
        return found, last

    def _item(self, fields: Fields, op: str, values: list[str], first: int, last: int) -> Item | None:
        if len(values) > 1:
            op = {"eq": "in", "ne": "not_in"}.get(op, "")
        if not op:
            return None
        return Item("custom", first, last, data=Told({type_: cmp(name, op, *values) for type_, name in fields.items()}))
