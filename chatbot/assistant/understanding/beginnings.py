"""“whose name begins with K”, “contacts starting with Sch”, „deren Stadt mit B beginnt“: how a text begins.

A field's name may stand before it; without one the record's own name is meant. Each stretch becomes one item with a
condition for each record type that has the field, as what is said of a workspace's own fields does.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from chatbot.assistant.understanding.concepts import FIELDS, cmp, either
from chatbot.assistant.understanding.custom_reading import Told
from chatbot.assistant.understanding.custom_values import BEGINS, NOTS
from chatbot.assistant.understanding.items import Item
from chatbot.assistant.understanding.labelled import in_marks, label_before
from chatbot.assistant.understanding.lexicon import lexicon
from chatbot.assistant.understanding.tokens import Text
from shared.query.plan import Node, Not

_LETTER = (["the", "letter"], ["the", "letters"], ["dem", "buchstaben"], ["den", "buchstaben"])
_BEFORE = frozenset("whose that which who the their its with where have has deren dessen die der das wo".split())
_DENYING = frozenset((*NOTS, "do", "does"))
_OR = frozenset(("or", "oder", ",", "/"))
_TEXTS = frozenset(
    "name first_name last_name title city country industry domain source lost_reason email phone".split()
)


def beginnings(text: Text, language: str) -> list[Item]:
    """The items, in order; none overlap."""
    reader = _Beginnings(text, language)
    return [item for at in range(len(reader.said)) if (item := reader.item(at)) is not None]


class _Beginnings:
    def __init__(self, text: Text, language: str) -> None:
        self.text, self.language = text, language
        self.said = [token.word for token in text.tokens]
        self.words = lexicon(language)

    def item(self, at: int) -> Item | None:
        """What is said by the verb here."""
        if self.said[at] not in BEGINS:
            return None
        if self.said[at + 1 : at + 2] in (["with"], ["mit"]):
            first, (values, last) = at, self._values(at + 2)
        else:
            first, last, values = self._before_the_verb(at)
        is_denied = first > 0 and self.said[first - 1] in NOTS
        while first and self.said[first - 1] in _DENYING:
            first -= 1
        fields, first = self._field(first)
        if not values:
            return None
        while first and self.said[first - 1] in _BEFORE:
            first -= 1
        nodes: dict[str, Node] = {
            type_: either(*(cmp(name, "begins", value) for value in values)) for type_, name in fields.items()
        }
        if is_denied:
            nodes = {type_: Not(node=node) for type_, node in nodes.items()}
        return Item("custom", first, last, data=Told(nodes))

    def _before_the_verb(self, at: int) -> tuple[int, int, list[str]]:
        """„mit K oder L beginnt“: where it begins and ends, and the values."""
        for first in range(at - 1, max(-1, at - 10), -1):
            if self.said[first] == "mit":
                values, last = self._values(first + 1)
                return first, at + 1, values if last == at else []
        return at, at, []

    def _values(self, at: int) -> tuple[list[str], int]:
        """One text or several, and the token behind them: what stands in quotation marks, else a word or figures."""
        found: list[str] = []
        while at < len(self.said):
            at += 2 if self.said[at : at + 2] in _LETTER else 0
            end = next((last for first, last in self.text.quoted if first == at), None)
            if end is not None:
                found.append(in_marks(self.text, at, end))
            elif not self._is_text(at):
                break
            else:
                found.append(self.text.slice(at, at + 1))
            at = end or at + 1
            joint = at
            while joint < len(self.said) and self.said[joint] in _OR:
                joint += 1
            if joint == at or joint >= len(self.said) or not self._is_another(joint):
                break
            at = joint
        return found, at

    def _is_text(self, at: int) -> bool:
        """A word or figures, and no word of the grammar: “beginning with the oldest”."""
        is_word = at < len(self.said) and self.text.tokens[at].kind in ("word", "number")
        return is_word and not self._means_something(at)

    def _means_something(self, at: int) -> bool:
        """Whether a word is one of the grammar's, rather than letters."""
        match = self.words.at(self.said, at)
        return len(self.said[at]) > 2 and match is not None and bool(match.senses)

    def _is_another(self, at: int) -> bool:
        """Behind “or”, another beginning and no new phrase: a letter or two, or in quotation marks."""
        return len(self.said[at]) <= 2 or any(first == at for first, _ in self.text.quoted)

    def _field(self, first: int) -> tuple[dict[str, str], int]:
        """The field named before, by record type, and where its name begins; with none the name."""
        behind = first - 1 if first and self.said[first - 1] in ("that", "which", "who", "die") else first
        if (labelled := label_before(self.said, behind, self.language, is_part=True)) is not None:
            return labelled
        for length in (3, 2, 1):
            at = behind - length
            match = self.words.at(self.said, at) if at >= 0 else None
            if match is None or match.length != length:
                continue
            concept = next((s.value for s in match.senses if s.kind == "field"), None)
            if concept in _TEXTS and concept in FIELDS:
                return dict(FIELDS[concept]), at
        return dict(FIELDS["name"]), first
