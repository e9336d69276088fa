"""How alike are two names of people, or of companies? Letters, sounds, short forms; no database.

A transcript has a name as somebody said it, and often as speech recognition heard it: `Liz`, `Mr Vogel`, `HP Vogel`,
`Grantly Foss`. What comes out is a rank, not a number that pretends to be a probability: the same, written like it, or
only a part of it. What follows from the rank depends on who else is there, which `matching.py` knows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from enum import IntEnum
from functools import cache, lru_cache
from pathlib import Path

from rapidfuzz import fuzz

from shared.records.keys import LEGAL_FORMS
from shared.search import words


class Like(IntEnum):
    """How much two people's names agree; the order counts."""

    NO = 0
    PART = 1  # a first name or a surname alone
    CLOSE = 2  # a slip of the pen or the ear away
    SAME = 3  # also in a short form, another order, another spelling of umlauts


class CompanyLike(IntEnum):
    """How much two companies' names agree; the order counts."""

    NO = 0
    LONGER = 1  # more was said than the record has: `Hellborg Energy` for `Hellborg`
    HEARD = 2  # it sounds the same
    SHORT = 3  # the first words of the record's name
    ACRONYM = 4
    CLOSE = 5  # a letter or two away
    SAME = 6  # also with another legal form, in one word or two, with other umlauts


#: Similarity (0-100, rapidfuzz ratio) from which two words are one with a slip; words that sound the same need less.
SLIP, SLIP_SOUNDING_THE_SAME = 86, 60
#: Two company names of at least this similarity are one, if no other is as close; of `_SOUNDS`, if they sound the same.
SIMILAR, _SOUNDS = 90, 75

_ADDRESS = frozenset([
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "herr", "frau", "herrn", "hr", "fr",
    "doktor", "dipl", "ing", "mag", "jun", "jr", "sr", "phd", "mba",
])  # fmt: skip
_PARTICLES = frozenset([
    "van", "von", "de", "der", "den", "da", "di", "la", "le", "zu", "zum", "bin", "del", "dos", "y", "al", "el",
])  # fmt: skip
_SOUNDS_ALIKE = [
    (re.compile(pattern), to)
    for pattern, to in (
        (r"tsch|sch|tch|sh|ch(?=[eiy])", "s"), (r"qu|kw", "kf"), (r"ph|pf|v|w", "f"),
        (r"ck|q|ch|c(?![eiy])|g", "k"), (r"x", "ks"), (r"tz|z|c", "s"), (r"th|dt|d", "t"), (r"b", "p"), (r"y|j", "i"),
        (r"h", ""),
    )
]  # fmt: skip
_DIGIT = re.compile(r"\d")
_GENERIC = frozenset([
    "group", "gruppe", "holding", "holdings", "international", "global", "company", "europe", "europa",
    "deutschland", "germany", "uk", "usa", "us", "the", "die", "der", "das", "firma", "und", "and", "et",
])  # fmt: skip


@lru_cache(maxsize=8192)
def letters(word: str) -> str:
    """A folded word in one spelling of umlauts: `mueller` -> `muller`."""
    return re.sub(r"(?<![aeq])ue|(?<=^)ue", "u", word.replace("ae", "a").replace("oe", "o"))


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """What is left of a word when it is heard: consonants in classes, a vowel only at the beginning."""
    heard = letters(word)
    for pattern, to in _SOUNDS_ALIKE:
        heard = pattern.sub(to, heard)
    heard = re.sub(r"(.)\1+", r"\1", heard)
    return ("a" if heard[:1] in "aeiou" else "") + re.sub(r"[aeiou]", "", heard)


@cache
def _nicknames() -> dict[str, frozenset[int]]:
    lines = (Path(__file__).parent / "words" / "nicknames.txt").read_text(encoding="utf-8").splitlines()
    table: dict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(lines):
        for name in [] if line.startswith("#") else line.split():
            table[letters(name)].add(number)
    return {name: frozenset(numbers) for name, numbers in table.items()}


@cache
def _by_number() -> dict[int, frozenset[str]]:
    table: dict[int, set[str]] = defaultdict(set)
    for name, numbers in _nicknames().items():
        for number in numbers:
            table[number].add(name)
    return {number: frozenset(names) for number, names in table.items()}


def sounds_like(one: str, other: str) -> bool:
    """Whether two folded words sound the same; the w of `Rowe` is mute to an English ear, a consonant to a German."""
    return sound(one) == sound(other) or re.sub(r"(?<=[aeou])w", "", one) == re.sub(r"(?<=[aeou])w", "", other)


def forms(first_name: str) -> frozenset[str]:
    """The other folded forms of a first name: `bob` -> robert, rob, …"""
    name = letters(first_name)
    return frozenset().union(*(_by_number()[n] for n in _nicknames().get(name, ()))) - {name}


def word_likeness(one: str, other: str) -> Like:
    """Two folded words: the same, a slip apart, or different."""
    if letters(one) == letters(other):
        return Like.SAME
    if min(len(one), len(other)) < 3 or _DIGIT.search(one) or _DIGIT.search(other):
        return Like.NO
    ratio = max(fuzz.ratio(one, other), fuzz.ratio(letters(one), letters(other)))
    if ratio >= (SLIP if min(len(one), len(other)) > 4 else 95):
        return Like.CLOSE
    return Like.CLOSE if ratio >= SLIP_SOUNDING_THE_SAME and sounds_like(one, other) else Like.NO


def person_words(name: str) -> list[str]:
    """A name's folded words, the given names first: no form of address, no particle; `Roe, Jane` is turned round."""
    last, comma, first = name.partition(",")
    ordered = f"{first} {last}" if comma and first.strip() else name
    ordered = re.sub(r"(?<=\w)['’](?=\w)", "", ordered)
    return [word for word in words(ordered) if word not in _ADDRESS]


def person_likeness(said: str, known: str) -> Like:
    """A name that was said against one in the records."""
    return _people(_person_words(said), _person_words(known))


@lru_cache(maxsize=8192)
def _person_words(name: str) -> tuple[str, ...]:
    """Kept, as one name is compared with many."""
    return tuple(person_words(name))


@lru_cache(maxsize=65536)
def _people(said: tuple[str, ...], known: tuple[str, ...]) -> Like:
    if not said or not known:
        return Like.NO
    if len(said) == 1 or len(known) == 1:
        return _one_word(said, known)
    if (straight := _both(said, known)) is not Like.NO:
        return straight
    return Like.SAME if len(said) == 2 and _both(said[::-1], known) is Like.SAME else Like.NO


def _both(said: tuple[str, ...], known: tuple[str, ...]) -> Like:
    """Surnames, then first names, which take longer: most pairs differ in their surnames."""
    surnames = _surnames(said, known)
    return surnames if surnames is Like.NO else min(surnames, _first_names(said, known))


def _one_word(said: tuple[str, ...], known: tuple[str, ...]) -> Like:
    short, long = (said, known) if len(said) == 1 else (known, said)
    if short == long:
        return Like.SAME
    parts = [word for word in long if word not in _PARTICLES]
    return Like.PART if any(_part(short[0], word) for word in (parts[0], parts[-1])) else Like.NO


def _part(one: str, other: str) -> Like:
    known = word_likeness(one, other) is Like.SAME or letters(other) in forms(one)
    return Like.PART if known else Like.NO


def _surnames(said: tuple[str, ...], known: tuple[str, ...]) -> Like:
    """The last words; a double name is also known by one of its halves."""
    return word_likeness(said[-1], known[-1])


def _first_names(said: tuple[str, ...], known: tuple[str, ...]) -> Like:
    one, other = _given(said), _given(known)
    if "".join(one) == "".join(other) or letters(one[0]) == letters(other[0]):
        return Like.SAME
    if letters(other[0]) in forms(one[0]):
        return Like.SAME
    initials = _initials(one), _initials(other)
    if (len(initials[1]) > 1 and "".join(one) == initials[1]) or (
        len(initials[0]) > 1 and "".join(other) == initials[0]
    ):
        return Like.SAME
    if "".join(one) in (initials[1], initials[1][:1]) or "".join(other) in (initials[0], initials[0][:1]):
        return Like.CLOSE
    if _nicknames().keys() >= {letters(one[0]), letters(other[0])}:
        return Like.NO  # two names, however alike: Daniel is not Daniela
    return word_likeness("".join(one), "".join(other))


def _given(name: tuple[str, ...]) -> list[str]:
    given = [word for word in name[:-1] if word not in _PARTICLES]
    return given or list(name[:1])


def _initials(given: list[str]) -> str:
    return "".join(word[0] for word in given)


def company_words(name: str) -> list[str]:
    """A company's folded words without legal form: `Jäger & Söhne GmbH & Co. KG` -> jager, sohne."""
    joined = re.sub(r"(?<=\w)['’](?=\w)|(?<=\b\w)\.(?=\w\b)", "", name)
    found = [letters(word) for word in words(joined)]
    while len(found) > 1 and found[-1] in LEGAL_FORMS | {"and", "und", "et", "v", "b"}:
        found.pop()
    kept = [word for word in found if word not in ("and", "und", "et", "the", "die", "der", "firma")]
    return kept or found


def company_likeness(said: str, known: str) -> CompanyLike:
    """A company as it was said against one in the records."""
    one, other = company_words(said), company_words(known)
    if not one or not other:
        return CompanyLike.NO
    squeezed, known_squeezed = "".join(one), "".join(other)
    if squeezed == known_squeezed or _without_generic(one) == _without_generic(other):
        return CompanyLike.SAME
    if is_acronym(said, known) or is_acronym(known, said):
        return CompanyLike.ACRONYM
    if _is_beginning(squeezed, other):
        return CompanyLike.SHORT
    if _is_beginning(known_squeezed, one):
        return CompanyLike.LONGER
    if re.findall(r"\d+", squeezed) != re.findall(r"\d+", known_squeezed):
        return CompanyLike.NO
    ratio = fuzz.ratio(squeezed, known_squeezed)
    if ratio >= SIMILAR and min(len(squeezed), len(known_squeezed)) > 5:
        return CompanyLike.CLOSE
    return CompanyLike.HEARD if ratio >= _SOUNDS and sounds_like(squeezed, known_squeezed) else CompanyLike.NO


def _is_beginning(squeezed: str, name: list[str]) -> bool:
    """Whether letters are the first words of a name, not all of them."""
    return len(squeezed) > 2 and any("".join(name[:n]) == squeezed for n in range(1, len(name)))


def _without_generic(name: list[str]) -> list[str]:
    kept = list(name)
    while len(kept) > 1 and kept[-1] in _GENERIC | LEGAL_FORMS:
        kept.pop()
    return kept


def is_in_capitals(name: str) -> bool:
    """Whether a name may be the first letters of a longer one."""
    return bool(re.fullmatch(r"[A-ZÄÖÜ]{2,6}", name.strip()))


def is_acronym(short: str, name: str) -> bool:
    """Whether `short` is in capitals and made of the first letters of the name's words."""
    return is_in_capitals(short) and short.strip().casefold() == "".join(word[0] for word in company_words(name))


def words_likeness(said: tuple[str, ...], known: tuple[str, ...]) -> Like:
    """`person_likeness` of names that are split into `person_words` already."""
    return _people(said, known)
