"""“My”, “I” and “me”: whose records are asked for, or who only asks."""

from __future__ import annotations

from chatbot.assistant.understanding.nouns import Nouns
from chatbot.assistant.understanding.sentence import is_silent

_CAN = frozenset(("can", "could", "would", "may", "might", "kann", "könnte", "würde", "wäre", "möchte"))


class Mine(Nouns):
    """The asker in the question."""

    def _me(self, i: int, value: str) -> None:
        self.parse.used.add(i)
        said_next = self.words[i + 1].split()[:1] if i + 1 < len(self.words) else []
        if self.words[i] in ("i", "ich") and set(said_next) & _CAN:
            return  # “I can ring”, “I would be curious”: nobody's records
        if self.words[i] == "me" and i and self.items[i - 1].has("ask"):
            return  # “count me the people …”
        if self.words[i] == "for me" and self._is_told_to_reckon():
            return  # “add up the values for me”
        is_subject = self.words[i] in ("i", "ich")  # “haven't I spoken to”: it is the speaking that is denied
        negated = self.negation is not None and self.negation == self._previous(i) and not is_subject
        negated = negated and self._is_denied(i)
        following = self.items[i + 1] if i + 1 < len(self.items) else None
        # “under my name with a late task”: the task may be anybody's
        is_having = following is not None and following.has("verb", "have") and not following.has("link", "with")
        has_something = self.parse.head is not None and is_having
        if self._noun_ahead(i) or (has_something and self._noun_ahead(i + 1)):
            self.pending.append((i, negated))
        elif self.words[i] in ("me", "mir", "uns", "mich") and not (negated or self._is_said_of_me(i)):
            pass
        else:
            self.parse.loose.append(i) if self.parse.head is None else self._attach(i, negated)
            if self.parse.head is not None:
                self.parse.is_mine = True

    def _is_said_of_me(self, i: int) -> bool:
        """What is owned by whoever asks, and “meetings with me”."""
        is_meeting = self.current is not None and self.current.entity == "meeting"
        is_mine = any(item.has("verb", "own") for item in self.items[i + 1 : i + 4]) and self.words[i] in ("mir", "uns")
        return self._is_owned_by_me(i) or is_mine or (is_meeting and self.items[i - 1].has("link", "with"))

    def _is_told_to_reckon(self) -> bool:
        """A question that begins with “count”, “add up”, “break down” is a favour: “for me” says nobody's records."""
        first = next((j for j, item in enumerate(self.items) if not is_silent(item)), None)
        if first is None:
            return False
        is_list = self.items[first].has("ask", "list") and self.words[first].startswith(("break", "split", "group"))
        is_count = self.items[first].has("ask", "how_many") and self.words[first].startswith(("count", "tally"))
        return is_list or is_count or self.items[first].has("agg", "sum")

    def _is_owned_by_me(self, i: int) -> bool:
        previous = self._previous(i)
        if previous is None:
            return False
        return self.items[previous].has("verb") or self.words[previous].startswith(("waiting", "pending", "lined up"))
