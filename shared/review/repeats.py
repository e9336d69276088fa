"""What was decided in a meeting does not come back, however it is worded the next time, whichever engine reads it.

Names are compared as names, sentences by what they say and by where they stand in the transcript: the same words of the
transcript, read in another way, are the same find.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.models import Insight
from shared.records.keys import company_key, email_key, fold
from shared.records.likeness import CompanyLike, Like, company_likeness, person_likeness
from shared.records.wording import content, overlap
from shared.review.known import is_one
from shared.schemas.insight import Kind

#: The share of the shorter of two pieces of transcript that makes them one place.
_ONE_PLACE = 0.6
#: The share of all words that two readings of one place have at least, if they are of one thing.
_READ_ALIKE = 0.3
_Evidence = Sequence[dict[str, Any]]


def identity(kind: Kind, data: dict[str, Any]) -> str:
    """A hash of what makes two finds the same insight to the letter, however their details differ."""
    return hashlib.sha256(f"{kind.value}|{_identity_key(kind, data)}".encode()).hexdigest()


def _identity_key(kind: Kind, data: dict[str, Any]) -> str:
    if kind is Kind.COMPANY or kind is Kind.COMPETITOR:
        return company_key(data["name"])
    if kind is Kind.DEAL:
        return f"{company_key(data['company'])}|{fold(data.get('name') or '')}"
    if kind is Kind.CONTACT:
        return fold(data["name"])
    if kind in (Kind.SUMMARY, Kind.SENTIMENT):
        return ""
    if kind is Kind.NEXT_MEETING:
        return str(data["when"])[:10]
    return f"{fold(data['description'])}|{fold(data.get('owner') or '')}"


@dataclass(frozen=True, slots=True)
class Find:
    """What an analysis found, before it is an insight."""

    kind: Kind
    data: dict[str, Any]
    evidence: _Evidence


def repeated(finds: Sequence[Find], decided: Sequence[Insight]) -> set[int]:
    """Indexes of the finds that one of the meeting's decided insights is, as it was found or as a person put it.

    A decided insight that is found again to the meaning is not looked for in other words of the same place: a sentence
    may promise two things, of which one was refused.
    """
    same: set[int] = set()
    recognised: set[int] = set()
    for is_same in (_says_the_same, _reads_the_same):
        for old in decided:
            hits = [
                at
                for at, find in enumerate(finds)
                if at not in same and old.kind == find.kind.value and old.id not in recognised and is_same(find, old)
            ]
            same.update(hits)
            if hits and is_same is _says_the_same:
                recognised.add(old.id)
    return same


def _says_the_same(find: Find, old: Insight) -> bool:
    if _have_other_owners(find, old) and not _is_one_place(find.evidence, old.evidence):
        return False
    return any(_is_same(find.kind, find.data, earlier) for earlier in (old.found, old.data))


def _have_other_owners(find: Find, old: Insight) -> bool:
    """Two people who each promise the same, or who each do their part of one sentence."""
    owner, other = find.data.get("owner"), old.found.get("owner")
    return bool(owner and other) and not person_likeness(str(owner), str(other))


def _is_same(kind: Kind, data: dict[str, Any], earlier: dict[str, Any]) -> bool:
    if identity(kind, data) == identity(kind, earlier):
        return True
    if kind is Kind.CONTACT:
        has_address = bool(data.get("email") and earlier.get("email"))
        if has_address and email_key(data["email"]) == email_key(earlier["email"]):
            return True
        return person_likeness(data["name"], earlier["name"]) >= Like.CLOSE
    if kind is Kind.COMPANY or kind is Kind.COMPETITOR:
        return company_likeness(data["name"], earlier["name"]) >= CompanyLike.CLOSE
    if kind is Kind.DEAL:
        return _is_same_deal(data, earlier)
    return "description" in data and is_one(kind, data, earlier)


def _is_same_deal(data: dict[str, Any], earlier: dict[str, Any]) -> bool:
    if company_likeness(data["company"], earlier["company"]) < CompanyLike.SHORT:
        return False
    name, other = data.get("name"), earlier.get("name")
    return not name or not other or overlap(content(name), content(other))[0] >= _READ_ALIKE


def _reads_the_same(find: Find, old: Insight) -> bool:
    """Whether a find rests on the same words of the transcript and is not something else in them."""
    if not _is_one_place(find.evidence, old.evidence):
        return False
    data, earlier = find.data, old.found
    if find.kind is Kind.CONTACT:
        return person_likeness(data["name"], earlier["name"]) is not Like.NO
    if find.kind in (Kind.COMPANY, Kind.COMPETITOR):
        return company_likeness(data["name"], earlier["name"]) is not CompanyLike.NO
    if _have_other_owners(find, old):
        return False
    if "description" in data:
        return overlap(content(data["description"]), content(earlier["description"]))[0] >= _READ_ALIKE
    return find.kind is Kind.NEXT_MEETING


def _is_one_place(evidence: _Evidence, other: _Evidence) -> bool:
    """Whether two finds rest on the same words of the transcript."""
    return any(_shared(a, b) >= _ONE_PLACE for a in evidence for b in other if a["utterance"] == b["utterance"])


def _shared(a: dict[str, Any], b: dict[str, Any]) -> float:
    start, end = max(a.get("start", 0), b.get("start", 0)), min(a.get("end", 0), b.get("end", 0))
    shorter = min(a.get("end", 0) - a.get("start", 0), b.get("end", 0) - b.get("start", 0))
    return max(0, end - start) / shorter if shorter > 0 else 0.0
