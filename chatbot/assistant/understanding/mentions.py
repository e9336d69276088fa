"""What a stretch of the question may name: records by type, the best first."""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from dataclasses import dataclass, field

from chatbot.assistant.types import RecordRef

#: Words in a group that may be a whole name, and how many namesakes are worth offering.


MOST_NAMESAKES = 40
MOST_LOOKUPS = 10
#: From so many letters on, a word that is nearly a name is taken for it without asking.
SURE_LETTERS = 6
LEGAL = frozenset(
    "ab ag as asa bv co corp gmbh group holding inc kg limited llc ltd nv oy plc sa sarl se spa ug".split()
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be meant; `matched` of its name's words were said, `is_whole`: all of them."""

    record: RecordRef
    matched: int
    is_whole: bool
    is_strong: bool = True


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens from first to before last that name something, and by type who may be meant, best first."""

    first: int
    last: int
    by_type: dict[str, tuple[Candidate, ...]] = field(default_factory=dict)
    is_misspelt: bool = False
    letters: int = 0

    @property
    def is_doubtful(self) -> bool:
        """A short word that is nearly a name may as well be another name: Marta is not Marte."""
        return self.is_misspelt and self.letters < SURE_LETTERS

    @property
    def is_whole(self) -> bool:
        return any(c.is_whole for found in self.by_type.values() for c in found)

    @property
    def is_strong(self) -> bool:
        return any(c.is_strong for found in self.by_type.values() for c in found)

    @property
    def matched(self) -> int:
        return max((c.matched for found in self.by_type.values() for c in found), default=0)

    def records(self, type_: str) -> list[RecordRef]:
        """Those of a type who may be meant: only the whole names, if there are any."""
        found = self.by_type.get(type_, ())
        whole = [c.record for c in found if c.is_whole]
        return whole or [c.record for c in found]


def mention_of(first: int, last: int, found: list[Candidate], *, is_misspelt: bool = False) -> Mention:
    most = max(c.matched for c in found)
    by_type: dict[str, list[Candidate]] = {}
    for candidate in sorted(found, key=lambda c: (not c.is_whole, not c.is_strong, c.record.id)):
        if candidate.matched == most or candidate.is_whole:
            by_type.setdefault(candidate.record.type, []).append(candidate)
    return Mention(first, last, {type_: tuple(listed) for type_, listed in by_type.items()}, is_misspelt)
