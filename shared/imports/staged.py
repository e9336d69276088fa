"""A row that is good so far, and when two names of rows or records may be of one person or company.

What rows are compared by is worked out once for each: an import compares a row with many others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from shared.records import phones
from shared.records.keys import company_key, email_key, fold
from shared.records.likeness import CompanyLike, Like, company_likeness, letters, person_likeness, person_words

#: More people than these at one company, or names with one beginning, are not compared one by one.
LARGEST_BLOCK = 60


@dataclass(slots=True)
class Staged:
    """A row that is good so far, and what it was found to be.

    `company` is whose employee or deal it is, as far as rows can be compared by it: `5` or `acme`. `region` is where
    numbers without a country's code belong.
    """

    number: int
    data: dict[str, Any]
    refs: dict[str, str]
    region: str | None = None
    match: str | None = None
    why: str | None = None
    record_id: int | None = None
    leader: int | None = None
    name: str = field(init=False)
    folded: str = field(init=False)
    company: str = field(init=False)
    emails: list[str] = field(init=False)
    phones: list[str] = field(init=False)

    def __post_init__(self) -> None:
        data = self.data
        self.name = f"{data.get('first_name') or ''} {data.get('last_name') or ''}".strip()
        self.folded = fold(self.name)
        self.company = self.refs.get("company_id") or company_key(self.refs.get("company", ""))
        self.emails = [email_key(entry["email"]) for entry in data.get("emails") or ()]
        self.phones = [key for entry in data.get("phones") or () if (key := phones.number(entry["phone"], self.region))]

    def settle(self, match: str, why: str, *, record_id: int | None = None, leader: int | None = None) -> None:
        self.match, self.why, self.record_id, self.leader = match, why, record_id, leader

    def may_be(self, external_id: str | None) -> bool:
        """Whether a record of this ID may be meant by a name alone: two IDs are two records."""
        return not (external_id and self.data.get("external_id"))


def fits(one: str, other: str) -> bool:
    """Whether two names may be of one person who has one address; no name fits everybody."""
    if not one or not other or fold(one) == fold(other):
        return True
    mine, theirs = person_words(one), person_words(other)
    if not mine or not theirs:
        return True
    return person_likeness(one, other) > Like.NO or bool({letters(w) for w in mine} & {letters(w) for w in theirs})


def are_alike(one: str, other: str) -> bool:
    """Whether two names of a block are a slip or a short form apart. Cheap where they are not."""
    mine, theirs = _folded_words(one), _folded_words(other)
    if len(mine) < 2 or len(theirs) < 2 or (mine[-1][0] != theirs[-1][0] and mine[0][0] != theirs[0][0]):
        return False
    return person_likeness(one, other) >= Like.CLOSE


@lru_cache(maxsize=8192)
def _folded_words(name: str) -> tuple[str, ...]:
    return tuple(fold(name).split())


def are_alike_companies(one: str, other: str) -> bool:
    """Whether two names of a block are of one company, spelled otherwise or a slip apart."""
    return company_likeness(one, other) in (CompanyLike.SAME, CompanyLike.CLOSE)
