"""Tasks by whose promise they are: the CRM notes it where somebody on the customer's side promised.

“What the customer promised”, “promised by Lotte” and “what we promised” are conditions on that note, not on whom a task
is about.
"""

from __future__ import annotations

from chatbot.assistant.understanding.concepts import cmp
from chatbot.assistant.understanding.describing import Describing

_THEM = ("customer", "customers", "client", "clients", "prospect", "prospects", "other side", "their side", "buyer",
         "kunde", "kunden", "kundin", "gegenseite", "kundenseite", "vom kunden", "interessent")  # fmt: skip

_ANYBODY = ("somebody", "someone", "anybody", "anyone", "jemand", "irgendjemand")


class Promising(Describing):
    """Who promised, where it is nobody by name."""

    def _promises(self) -> bool:
        head = self.parse.head
        return head is not None and head.entity == "task" and any(i.has("verb", "promise") for i in self.items)

    def _is_promised_by_them(self, i: int) -> bool:
        """“where it is the customer who promised”; that it was not us need not be said then."""
        if not self._promises() or self.words[i] not in _THEM:
            return False
        self._promised("set")
        return True

    def _is_not_us(self, i: int) -> bool:
        """“it is the customer who promised, not one of us”: said already."""
        head = self.parse.head
        words = {token.word for token in self.reading.text.tokens[self.items[i].last :]}
        if head is None or cmp("promised_by", "is", "set") not in head.nodes or not words & {"us", "we", "ours"}:
            return False
        self.parse.used.add(i)
        return True

    def _is_promised_by_us(self, i: int) -> bool:
        """“that we promised”, “promised by us”, and “not one of us”."""
        near = [self.items[j] for j in (i - 2, i - 1, i + 1, i + 2) if 0 <= j < len(self.items)]
        is_denied = self.negation is not None
        if not self._promises() or not (is_denied or any(item.has("verb", "promise") for item in near)):
            return False
        is_anybody = self.words[i] in _ANYBODY  # “promised by somebody”
        self._promised("set" if self._take_negation() is not is_anybody else "null")
        return True

    def _promised(self, whether: str) -> None:
        head = self.parse.head
        assert head is not None
        node = cmp("promised_by", "is", whether)
        if node not in head.nodes:
            head.add(node)
