"""A text beside the label of a field that a workspace defined: a code, words, how it begins or ends.

Account code | AC-105        Account code | begins with | AC        Note | contains | spare parts
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import re

from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.custom_words import Defined
from chatbot.assistant.understanding.lexicon import lexicon
from chatbot.assistant.understanding.tokens import Text
from shared.query.plan import Node

#: `fold` leaves of „anfängt“ the first of the two.
BEGINS = frozenset(
    "begin begins beginning start starts starting beginnt beginnen beginnend anfangt anfaengt anfangen".split()
)
ENDS = frozenset("end ends ending endet enden endend".split())
_JOINTS = ("with", "mit", "in", "auf")

#: from where to where what is said goes, and the condition by record type
Found = tuple[int, int, dict[str, Node]]


_OF = frozenset("of von vom for fur für bei".split())


class Texts:
    """What stands behind the label of a text. Tokens are counted as in the question."""

    def __init__(self, text: Text, language: str) -> None:
        self.text = text
        self.said = [token.word for token in text.tokens]
        self.own, self.other = lexicon(language), lexicon("en" if language == "de" else "de")

    def _words(self, defined: Defined, first: int, last: int, start: int, negated: bool) -> Found | None:
        """A text in quotation marks, or what stands behind “is” and “contains” as far as no other meaning begins."""
        if self.said[last : last + 1] and self.said[last] in _OF:
            return None  # “the account code of Quill” is asked for
        is_said = start > last
        if start < len(self.said) and self.said[start] in ("contains", "contain", "containing", "enthalt"):
            start, is_said = start + 1, True
        edge = self._edge(start)
        if edge is not None:
            op, value, end = edge
            node = {t: cmp(n, op, value) for t, n in defined.fields.items()}
            return None if negated else (first, end, dict(node))
        quoted = next((span for span in self.text.quoted if span[0] == start), None)
        is_code = start < len(self.said) and self._is_code(start)
        end = quoted[1] if quoted else self._end_of_words(start) if is_said or is_code else start
        if end == start:
            return None
        value = self.text.slice(start, end)
        nodes: dict[str, Node] = {t: cmp(n, "contains", value) for t, n in defined.fields.items()}
        if negated:
            return None
        return first, end, nodes

    def _edge(self, at: int) -> tuple[str, str, int] | None:
        """“begins with K”, „mit K beginnt“, “ends in 77”: how it is compared, the text, the token behind it all."""
        verb, joint = (*self.said[at : at + 2], "", "")[:2]
        is_verb_first = verb in BEGINS | ENDS and joint in _JOINTS
        start = at + 2 if is_verb_first else at + 1
        if start >= len(self.said) or not (is_verb_first or verb in _JOINTS):
            return None
        end = next((last for first, last in self.text.quoted if first == start), self._end_of_code(start))
        value = self.text.slice(start, end)
        if is_verb_first:
            return "begins" if verb in BEGINS else "ends", value, end
        verb = self.said[end] if end < len(self.said) else ""
        return ("begins" if verb in BEGINS else "ends", value, end + 1) if verb in BEGINS | ENDS else None

    def _is_code(self, at: int) -> bool:
        """“AC-105”, “K1006”: figures, alone or with letters and signs, right behind the label."""
        said = self.text.tokens[at : self._end_of_code(at)]
        return any(token.kind == "number" or token.text[-1:].isdecimal() for token in said)

    def _end_of_code(self, at: int) -> int:
        """Behind the tokens that are written as one."""
        tokens, end = self.text.tokens, at + 1
        while end < len(tokens) and tokens[end].kind in ("word", "number"):
            if not re.fullmatch(r"[-/._]?", self.text.written[tokens[end - 1].end : tokens[end].start]):
                break
            end += 1
        return end

    def _end_of_words(self, at: int) -> int:
        if self._is_code(at):
            return self._end_of_code(at)
        end = at
        while end < min(at + 4, len(self.said)) and self.text.tokens[end].kind not in ("break", "genitive"):
            if self.own.at(self.said, end) is not None:
                break
            end += 1
        return end
