"""What a “not” is said of: the next description, and those joined to it by “or” and “and”.

“not in Germany or France” is in neither; “any stage but Proposal” is all others.
"""

from __future__ import annotations

from chatbot.assistant.understanding.sentence import Sentence, is_silent

_ANY = frozenset(("any", "all", "every", "each", "anything", "everything", "everyone", "everybody", "jede", "alle"))
_JOINING = (",", "or", "and", "nor", "oder", "und", "noch", "/")


class Denying(Sentence):
    """Which descriptions are denied."""

    def _take_negation(self) -> bool:
        """Whether what comes now is negated; each negation is used once."""
        if self.negation is None:
            return False
        self.parse.used.add(self.negation)
        self.negation = None
        return True

    def _is_denied(self, i: int) -> bool:
        """Whether the description at an item is: said so, joined to one that is, or all but it."""
        if self._take_negation() or self._is_exception(i) or self._is_joined_to_denied(i):
            self.denied = i
            return True
        return False

    def _is_joined_to_denied(self, i: int) -> bool:
        if self.denied is None or not self._are_alike(self.denied, i):
            return False
        if self.items[self.denied].has("field") and self.items[i].has("state"):
            return False  # “without a phone, that are open”: a state is beside no field
        between = range(self.denied + 1, i)
        joins = [j for j in between if self.words[j] in _JOINING]
        return bool(joins) and all(j in joins or is_silent(self.items[j]) for j in between)

    def _are_alike(self, one: int, other: int) -> bool:
        """Of one kind; „weder in Proposal noch in Won“ are two stages, though the last is known as a state."""
        if self.items[one].kind == self.items[other].kind:
            return True
        is_stage = self.items[one].kind == "value" and any(v.field == "stage" for v in self.items[one].data)
        return is_stage and self.items[other].has("state", "won", "lost")

    def _is_exception(self, i: int) -> bool:
        """“in any stage but Proposal”, “all countries but Germany”."""
        at = i - 1
        while at > 0 and self.words[at] in ("the", "a", "in", "from", "of"):
            at -= 1
        if at < 1 or self.words[at] not in ("but", "außer", "ausser"):
            return False
        first = self.items[max(0, at - 3)].first
        return any(token.word in _ANY for token in self.reading.text.tokens[first : self.items[at].first])
