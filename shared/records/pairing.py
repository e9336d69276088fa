"""Which of many records may be the same? Pure functions over lists, no database: exact keys, then similarity.

Comparing everybody with everybody would be five billion comparisons at 100,000; only records that share a block are
compared (an address, a number, a company, the sound of a name), and a block that is too large says nothing.

    records ─ exact / similar ─▶ pairs with scores and reasons ─ grouped ─▶ groups
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple, TypeVar

from rapidfuzz import fuzz

from shared.records import phones
from shared.records.likeness import (
    CompanyLike,
    Like,
    company_likeness,
    company_words,
    forms,
    letters,
    person_words,
    sound,
    words_likeness,
)

#: More than so many records with one address or number: it is a switchboard's, and tells nothing.
_COMMON = 20
#: More than so many in a block of similar ones are not compared with each other.
_BLOCK = 80
#: A group holds no more than can be merged at once.
GROUP = 20
#: Pairs below this are not worth a person's time.
LEAST = 0.5

Told = Callable[[int], None]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Person:
    """`words` as of `person_words`; `emails`, `phones` are normalised keys, a number as of `phones.number`."""

    id: int
    name_key: str
    words: tuple[str, ...]
    company_id: int | None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Firm:
    id: int
    name: str
    name_key: str
    words: tuple[str, ...]
    domain: str | None = None
    city: str | None = None
    phone: str | None = None


class Reason(NamedTuple):
    """`kind`: email, phone, domain, name (the same), phone_end, similar. `value` is what they share, if it is one."""

    kind: str
    value: str = ""


@dataclass(slots=True)
class Pair:
    score: float = 0.0
    reasons: list[Reason] = field(default_factory=list)

    def add(self, score: float, reason: Reason) -> None:
        self.score = max(self.score, score)
        if reason not in self.reasons:
            self.reasons.append(reason)


Pairs = dict[tuple[int, int], Pair]


def person(id: int, first: str, last: str, name_key: str, company_id: int | None) -> Person:
    return Person(id, name_key, tuple(person_words(f"{first} {last}")), company_id)


def mailbox(email_key: str) -> str:
    """What an address delivers to: `jane+news@x.example` is `jane@x.example`; Gmail sees no dots."""
    local, _, domain = email_key.partition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


# -------------------------------------------------------------------------------------------------------------- people


def exact_people(people: Sequence[Person]) -> Pairs:
    """Who shares an address, a number, or a whole name."""
    pairs: Pairs = defaultdict(Pair)
    for value, block in _blocks(people, lambda p: {mailbox(e) for e in p.emails}):
        for one, other in _each(block, _COMMON):
            score = 1.0 if _may_be_one(one, other) else 0.6
            _pair(pairs, one, other).add(score, Reason("email", str(value)))
    for value, block in _blocks(people, lambda p: set(p.phones)):
        for one, other in _each(block, _COMMON):
            if _may_be_one(one, other):
                _pair(pairs, one, other).add(0.9, Reason("phone", str(value)))
    if any(not number.startswith("+") for person in people for number in person.phones):
        _phones_that_end_alike(people, pairs)
    for _, block in _blocks(people, lambda p: {p.name_key} if len(p.words) > 1 else ()):
        for one, other in _each(block, _BLOCK):
            if score := _same_name(one, other, len(block)):
                _pair(pairs, one, other).add(score, Reason("name"))
    return pairs


def _phones_that_end_alike(people: Sequence[Person], pairs: Pairs) -> None:
    """Who has one number with a country's code, and without one that nobody can tell: in two countries it is two."""
    for end, block in _blocks(people, lambda p: {phones.inside(n) for n in p.phones}):
        for one, other in _each(block, _COMMON):
            if _may_be_one(one, other) and any(phones.share_an_end(a, b) for a in one.phones for b in other.phones):
                _pair(pairs, one, other).add(0.5, Reason("phone_end", str(end)))


def _may_be_one(one: Person, other: Person) -> bool:
    return not one.words or not other.words or words_likeness(one.words, other.words) is not Like.NO


def _same_name(one: Person, other: Person, holders: int) -> float:
    if one.company_id is not None and one.company_id == other.company_id:
        return 0.95
    if one.company_id is None or other.company_id is None:
        return 0.75
    return 0.5 if holders == 2 else 0.0  # of a common name there are many people


def similar_people(people: Sequence[Person], pairs: Pairs, told: Told = lambda _done: None) -> None:
    """Add who is written alike and works at the same place, or at none that is known. `told` hears how many of the
    people have been looked at."""
    done = 0
    for company_id, block in _blocks(people, lambda p: [p.company_id], least=1):
        done += len(block)
        told(done)
        if company_id is not None:
            for part in _parts(block, lambda p: sound(p.words[-1])[:1] if p.words else ""):
                _compare(pairs, part, (0.85, 0.7, 0.55))
    for _, block in _blocks(people, _name_blocks):
        for one, other in _each(block, _BLOCK):
            if one.company_id is None or other.company_id is None:
                _compare(pairs, (one, other), (0.65, 0.5, 0.0))


def _name_blocks(person: Person) -> Iterable[str]:
    """The last name by its sound with one of the forms of the first, and as it is written with the first by sound."""
    if len(person.words) < 2:
        return ()
    first, last = letters(person.words[0]), person.words[-1]
    return {f"{sound(last)} {min((first, *forms(first)))}", f"{letters(last)} {sound(first)}"}


def _compare(pairs: Pairs, block: Sequence[Person], scores: tuple[float, float, float]) -> None:
    for one, other in combinations(block, 2):
        like = words_likeness(one.words, other.words)
        if like is Like.NO or (like is Like.PART and min(len(one.words), len(other.words)) > 1):
            continue
        score = {Like.SAME: scores[0], Like.CLOSE: scores[1], Like.PART: scores[2]}[like]
        key = (min(one.id, other.id), max(one.id, other.id))
        if score >= LEAST and (key not in pairs or not any(r.kind == "name" for r in pairs[key].reasons)):
            pairs[key].add(score, Reason("similar"))


# ----------------------------------------------------------------------------------------------------------- companies


def firm(id: int, name: str, name_key: str, domain: str | None, city: str | None, phone: str | None) -> Firm:
    return Firm(id, name, name_key, tuple(company_words(name)), domain, city, phone)


def exact_firms(firms: Sequence[Firm]) -> Pairs:
    """Who shares a domain, a name, a number."""
    pairs: Pairs = defaultdict(Pair)
    for value, block in _blocks(firms, lambda f: {f.domain} if f.domain else ()):
        for one, other in _each(block, _COMMON):
            score = 0.7 if company_likeness(one.name, other.name) is CompanyLike.NO else 1.0
            _pair(pairs, one, other).add(score, Reason("domain", str(value)))
    for _, block in _blocks(firms, lambda f: {f.name_key} if f.name_key else ()):
        for one, other in _each(block, _BLOCK):
            elsewhere = one.domain and other.domain and one.domain != other.domain
            _pair(pairs, one, other).add(0.6 if elsewhere else 0.95, Reason("name"))
    for value, block in _blocks(firms, lambda f: {f.phone} if f.phone and len(f.phone) > 6 else ()):
        for one, other in _each(block, _COMMON):
            if company_likeness(one.name, other.name) is not CompanyLike.NO:
                _pair(pairs, one, other).add(0.85, Reason("phone", str(value)))
    return pairs


#: Of names that agree like this; the rest is too weak without anything else in common.
_FIRM_SCORES = {CompanyLike.SAME: 0.85, CompanyLike.CLOSE: 0.7, CompanyLike.HEARD: 0.55}


def similar_firms(firms: Sequence[Firm], pairs: Pairs, told: Told = lambda _done: None) -> None:
    """Add whose name is written alike."""
    done = 0
    for _, block in _blocks(firms, lambda f: {f.words[0][:4]} if f.words else (), least=1):
        done += len(block)
        told(done)
        for part in _parts(block, lambda f: "".join(f.words)[:6]):
            _compare_firms(pairs, part)
    for cut in (slice(-6, None), slice(0, 5)):  # a slip leaves one end of a name as it was
        for _, block in _blocks(firms, lambda f, cut=cut: {"".join(f.words)[cut]} if f.words else ()):  # type: ignore[misc]
            if len(block) <= _BLOCK:
                _compare_firms(pairs, block)


def _compare_firms(pairs: Pairs, block: Sequence[Firm]) -> None:
    squeezed = {firm.id: "".join(firm.words) for firm in block}
    for one, other in combinations(block, 2):
        key = (min(one.id, other.id), max(one.id, other.id))
        a, b = squeezed[one.id], squeezed[other.id]
        begins = a.startswith(b) or b.startswith(a)
        if (key in pairs and pairs[key].score > 0.85) or (not begins and fuzz.ratio(a, b) < 75):
            continue
        like = company_likeness(one.name, other.name)
        score = _FIRM_SCORES.get(like, 0.0)
        if like in (CompanyLike.SHORT, CompanyLike.LONGER) and one.city and one.city == other.city:
            score = LEAST
        if score >= LEAST:
            pairs[key].add(score, Reason("similar"))


# -------------------------------------------------------------------------------------------------------------- groups


class Group(NamedTuple):
    ids: tuple[int, ...]
    score: float
    reasons: tuple[Reason, ...]


def grouped(pairs: Mapping[tuple[int, int], Pair], distinct: Collection[tuple[int, int]]) -> list[Group]:
    """Records that hang together by pairs, surest first. `distinct` holds (smaller, larger) ids that somebody told
    apart: no group holds both, whatever else speaks for it."""
    told_apart: dict[int, set[int]] = defaultdict(set)
    for one, other in distinct:
        told_apart[one].add(other)
        told_apart[other].add(one)
    members: dict[int, set[int]] = {}
    used: dict[int, list[Pair]] = defaultdict(list)
    for (one, other), pair in sorted(pairs.items(), key=lambda item: (-item[1].score, item[0])):
        mine, theirs = members.setdefault(one, {one}), members.setdefault(other, {other})
        if mine is theirs:
            used[min(mine)].append(pair)
            continue
        if pair.score < LEAST or len(mine) + len(theirs) > GROUP or any(told_apart[id] & theirs for id in mine):
            continue
        evidence = used.pop(min(mine), []) + used.pop(min(theirs), []) + [pair]
        mine |= theirs
        used[min(mine)] = evidence
        for id in theirs:
            members[id] = mine
    return sorted(_groups(members, used), key=lambda group: (-group.score, group.ids))


def _groups(members: Mapping[int, set[int]], used: Mapping[int, list[Pair]]) -> Iterator[Group]:
    for ids in {id(found): found for found in members.values() if len(found) > 1}.values():
        evidence = used[min(ids)]
        reasons = dict.fromkeys(reason for pair in evidence for reason in pair.reasons)
        yield Group(tuple(sorted(ids)), round(max(pair.score for pair in evidence), 2), tuple(reasons)[:4])


# -------------------------------------------------------------------------------------------------------------- blocks


def _blocks(
    items: Sequence[Item], keys: Callable[[Item], Iterable[Hashable]], *, least: int = 2
) -> Iterator[tuple[Hashable, list[Item]]]:
    found: dict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        for key in keys(item):
            found[key].append(item)
    yield from ((key, block) for key, block in found.items() if len(block) >= least)


def _parts(block: list[Item], key: Callable[[Item], Hashable]) -> Iterator[list[Item]]:
    """A block whole if it is small, else what of it shares another key."""
    if len(block) <= _BLOCK:
        yield block
    else:
        yield from (part for _, part in _blocks(block, lambda item: [key(item)]) if len(part) <= _BLOCK)


def _each(block: Sequence[Item], most: int) -> Iterator[tuple[Item, Item]]:
    return combinations(block, 2) if len(block) <= most else iter(())


def _pair(pairs: Pairs, one: Person | Firm, other: Person | Firm) -> Pair:
    return pairs[min(one.id, other.id), max(one.id, other.id)]
