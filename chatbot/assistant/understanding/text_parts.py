"""“whose name begins with K”, “e-mail ending in .de”, „deren Position Leiter enthält“: a part of a text is told.

A field's name may stand before it; without one the record's own name is meant, but for what is in it: a note that
contains a word is no name that does. Each stretch becomes one item with a condition for each record type that has the
field, as what is said of a workspace's own fields does.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from chatbot.assistant.understanding.concepts import FIELDS, cmp, either
from chatbot.assistant.understanding.custom_reading import Told
from chatbot.assistant.understanding.custom_texts import BEGINS, ENDS
from chatbot.assistant.understanding.custom_values import NOTS
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.labelled import TYPES, in_marks, label_before
from chatbot.assistant.understanding.lexicon import Match, lexicon
from chatbot.assistant.understanding.tokens import Text
from shared.query.plan import Node, Not

_ENDING = frozenset(("endung", "endungen"))
_HOLDS = frozenset("contain contains containing enthalt enthalten beinhaltet beinhalten".split())
#: What stands between the verb and the text, and before the text where the verb is the last word.
_JOINTS = {"begins": ("with", "mit"), "ends": ("with", "in", "auf", "mit")}
_LETTER = (["the", "letter"], ["the", "letters"], ["dem", "buchstaben"], ["den", "buchstaben"])
_BEFORE = frozenset("whose that which who the their its with where have has deren dessen der die das wo mit".split())
_DENYING = frozenset((*NOTS, "do", "does"))
_OR = frozenset(("or", "oder", ",", "/"))
_TEXTS = frozenset(
    "name first_name last_name title city country industry domain website source lost_reason email phone street "
    "postcode region".split()
)
#: Titles are of tasks and meetings too; those called otherwise are people's.
_ANY_TITLE = frozenset(("title", "titles", "titel"))
_TITLES = _ANY_TITLE | frozenset("jobtitle jobtitel position positions positionen role rolle job".split())
#: Fields that people say words are in; of titles whole words are meant (“IT in their title” is no “Quality Manager”).
_WRITTEN = frozenset("name first_name last_name domain website email lost_reason".split())
_NAMES = {"company": "name", "contact": "name", "deal": "name"}
#: Whose mailboxes many have, and what is said behind their names.
_PROVIDERS = frozenset("gmail googlemail gmx outlook hotmail yahoo icloud web.de freenet protonmail aol".split())
_ADDRESSES = ("address", "adresse", "email", "mail", "konto", "account")
_IN = frozenset(("in", "im"))
_WITH = frozenset(("with", "having", "mit"))
_KINDS = ("word", "number", "domain", "email")
#: A sign right before a text is a part of it: “.example”, “@quill.de”.
_SIGNS = ".@+-_/"
_SLIGHT = frozenset(("stop", "link", "neg"))
_LONGEST = 3

#: fields by record type, and where the field's name begins
_Named = tuple[dict[str, str], int]


def text_parts(text: Text, language: str) -> list[Item]:
    """The items, in order; none overlap."""
    reader = _TextParts(text, language)
    found: list[Item] = []
    for at in range(len(reader.said)):
        item = reader.item(at)
        if item is not None and (not found or item.first >= found[-1].last):
            found.append(item)
    return found


class _TextParts:
    def __init__(self, text: Text, language: str) -> None:
        self.text, self.language = text, language
        self.said = [token.word for token in text.tokens]
        self.words = lexicon(language)

    def item(self, at: int) -> Item | None:
        """What is said by the verb here."""
        word = self.said[at]
        if word in BEGINS:
            return self._edge(at, "begins")
        if word in ENDS:
            return self._edge(at, "ends")
        if word in _ENDING:
            return self._held(at, "ends")
        if word in _IN:
            return self._inside(at)
        if word in _PROVIDERS and self.said[at + 1 : at + 2] and self.said[at + 1].startswith(_ADDRESSES):
            return self._item("contains", {"contact": "email"}, [word], at, at + 2)
        return self._held(at, "contains") if word in _HOLDS else None

    def _edge(self, at: int, op: str) -> Item | None:
        """How a text begins or ends: the text stands behind the verb, or before it."""
        joint = self.said[at + 1] if at + 1 < len(self.said) else ""
        if joint in _JOINTS[op]:
            first, (values, last) = at, self._values(at + 2, is_led=op == "ends" and joint != "in")
        else:
            first, last, values = self._before_the_verb(at, op)
        is_denied = first > 0 and self.said[first - 1] in NOTS
        begin = first
        while begin and self.said[begin - 1] in _DENYING:
            begin -= 1
        named = self._field(begin)
        if named is None and (joint == "in" or (op == "ends" and not self._is_of_a_noun(begin))):
            return None  # “ending in December”, „Kundennummer endet auf 6“
        fields, begin = named or (_NAMES, begin)
        return self._item(op, fields, values, begin, last, is_denied=is_denied) if values else None

    def _is_of_a_noun(self, begin: int) -> bool:
        """“companies (that) end with Group”: a record's name, where nothing stands between."""
        at = begin - 1
        while at > 0 and self.said[at] in _BEFORE:
            at -= 1
        match = self.words.at(self.said, at) if at >= 0 else None
        return match is not None and any(sense.kind == "noun" for sense in match.senses)

    def _inside(self, at: int) -> Item | None:
        """“with foods in the name”, „mit Bau im Namen“."""
        first = next((i for i in range(at - 1, max(-1, at - _LONGEST - 2), -1) if self.said[i] in _WITH), None)
        if first is None or first + 1 >= at:
            return None
        begin = at + 1
        while begin < len(self.said) and self.said[begin] in _BEFORE:
            begin += 1
        for end in range(min(len(self.said), begin + _LONGEST), begin, -1):
            named = self._field(end)
            if named is None or named[1] != begin or not set(named[0].values()) <= _WRITTEN:
                continue
            values, last = self._values(first + 1, is_led=True)
            return self._item("contains", named[0], values, first, end) if values and last == at else None
        return None

    def _held(self, at: int, op: str) -> Item | None:
        """“job title containing head”, „deren Position Leiter enthält“, “mail-endung .de”: always of a field named."""
        named = self._field(at)
        if named is not None:
            values, last = self._values(at + 1, is_led=True)
            return self._item(op, named[0], values, named[1], last) if values else None
        for start in range(at - 1, max(0, at - _LONGEST - 1), -1):
            if (named := self._field(start)) is not None:
                values, last = self._values(start, is_led=True)
                return self._item(op, named[0], values, named[1], at + 1) if values and last == at else None
        return None

    def _item(
        self, op: str, fields: dict[str, str], values: list[str], first: int, last: int, *, is_denied: bool = False
    ) -> Item:
        while first and self.said[first - 1] in _BEFORE:
            first -= 1
        nodes: dict[str, Node] = {
            type_: either(*(cmp(name, op, value) for value in values)) for type_, name in fields.items()
        }
        if is_denied:
            nodes = {type_: Not(node=node) for type_, node in nodes.items()}
        return Item("custom", first, last, data=Told(nodes))

    def _before_the_verb(self, at: int, op: str) -> tuple[int, int, list[str]]:
        """„mit K oder L beginnt“, „auf AG endet“: where it begins and ends, and the values."""
        for first in range(at - 1, max(-1, at - 10), -1):
            if self.said[first] in _JOINTS[op]:
                values, last = self._values(first + 1)
                return first, at + 1, values if last == at else []
        return at, at, []

    def _values(self, at: int, *, is_led: bool = False) -> tuple[list[str], int]:
        """One text or several, and the token behind them: what stands in quotation marks, else a word or figures.
        `is_led`: behind a field's name, where a word that means something else too is a text, and may go on."""
        found: list[str] = []
        while at < len(self.said):
            at += 2 if self.said[at : at + 2] in _LETTER else 0
            at += self._is_sign(at)
            end = next((last for first, last in self.text.quoted if first == at), None)
            if end is not None:
                found.append(in_marks(self.text, at, end))
            elif not self._is_text(at, is_led=is_led):
                break
            else:
                end = self._end(at) if is_led else at + 1
                found.append(self._signed(at) + self.text.slice(at, end))
            at = end or at + 1
            joint = at
            while joint < len(self.said) and self.said[joint] in _OR:
                joint += 1
            if joint == at or joint >= len(self.said) or not self._is_another(joint):
                break
            at = joint
        return found, at

    def _is_sign(self, at: int) -> bool:
        """Whether a token is a sign that belongs to the word behind it, as the point of “.example” does."""
        token = self.text.tokens[at] if at + 1 < len(self.said) else None
        return token is not None and token.text in _SIGNS and token.end == self.text.tokens[at + 1].start

    def _signed(self, at: int) -> str:
        start = self.text.tokens[at].start
        before = self.text.written[max(0, start - 1) : start]
        return before if before and before in _SIGNS else ""

    def _is_text(self, at: int, *, is_led: bool) -> bool:
        """A word or figures, and no word of the grammar: “beginning with the oldest”."""
        if at >= len(self.said) or self.text.tokens[at].kind not in _KINDS:
            return False
        if is_led and (known := self.words.at(self.said, at)) is not None:
            return bool({sense.kind for sense in known.senses} - _SLIGHT)
        return self._match(at) is None

    def _end(self, at: int) -> int:
        """Where a text of several words ends: before the first that the grammar knows."""
        end = at + 1
        while end < min(at + _LONGEST, len(self.said)) and self.text.tokens[end].kind == "word":
            if self.words.at(self.said, end) is not None:
                break
            end += 1
        return end

    def _match(self, at: int) -> Match | None:
        """What the grammar knows a word as, rather than as letters."""
        match = self.words.at(self.said, at)
        return match if len(self.said[at]) > 2 and match is not None and match.senses else None

    def _is_another(self, at: int) -> bool:
        """Behind “or”, another beginning and no new phrase: a letter or two, or in quotation marks."""
        return len(self.said[at]) <= 2 or any(first == at for first, _ in self.text.quoted)

    def _field(self, first: int) -> _Named | None:
        """The field named before, by record type, and where its name begins."""
        behind = first - 1 if first and self.said[first - 1] in ("that", "which", "who", "die") else first
        labelled = label_before(self.said, behind, self.language, is_part=True)
        known = self._known_field(behind)
        if labelled is None or known is None:
            return labelled or known
        return ({**known[0], **labelled[0]}, known[1]) if known[1] == labelled[1] else min(labelled, known, key=_first)

    def _known_field(self, behind: int) -> _Named | None:
        """The field that the grammar knows by the words before a token."""
        for length in (3, 2, 1):
            at = behind - length
            match = self.words.at(self.said, at) if at >= 0 else None
            if match is None or match.length != length:
                continue
            concept = next((s.value for s in match.senses if s.kind == "field"), None)
            if concept == "title" and self.said[behind - 1] in _TITLES:
                is_any = length == 1 and self.said[at] in _ANY_TITLE
                return ({t: "title" for t in ("contact", "task", "meeting") if is_any or t == "contact"}), at
            if concept in _TEXTS and concept in FIELDS:
                return {type_: name for type_, name in FIELDS[concept].items() if type_ in TYPES}, at
        return None


def _first(named: _Named) -> int:
    return named[1]
