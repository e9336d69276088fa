"""When two finds are one, and what becomes of them: the last word counts.

Used before grounding, where a later statement of the same thing replaces an earlier one, by the engines while they
read, and once more after grounding. Pure: drafts in, drafts out.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
from dataclasses import replace

from chatbot.extraction.text import contained, fold, key, overlap, words
from chatbot.extraction.types import Draft
from shared.schemas.insight import Item, Kind

_ONE_PER_MEETING = frozenset((Kind.NEXT_MEETING, Kind.SENTIMENT, Kind.SUMMARY))
_DESCRIBED = frozenset((Kind.ACTION_ITEM, Kind.DECISION, Kind.PAIN_POINT, Kind.OBJECTION, Kind.REQUIREMENT))
_SAME = 0.6
_LEGAL = frozenset("gmbh ltd limited inc llc ag bv plc co kg corp sa sarl se ug mbh".split())
MOST_QUOTES = 4


def merge(drafts: list[Draft]) -> list[Draft]:
    """One draft for each thing. Drafts come in the order they were said: the later value of a field wins.

    A contact that could be either of two people ("Tom" among two Toms) says nothing about one of them and is dropped.
    """
    kept: list[Draft] = []
    for draft in drafts:
        twins = [i for i, other in enumerate(kept) if same(other, draft)]
        if not twins:
            kept.append(draft)
        elif draft.kind is not Kind.CONTACT or len(twins) == 1:
            kept[twins[0]] = _joined(kept[twins[0]], draft)
    return kept


def same(one: Draft | Item, other: Draft | Item) -> bool:
    """Do both speak of one thing?"""
    if one.kind is not other.kind:
        return False
    if one.kind in _ONE_PER_MEETING:
        return True
    if one.kind in _DESCRIBED:
        return _same_statement(one, other)
    field = "company" if one.kind is Kind.DEAL else "name"
    left, right = str(one.data.get(field, "")), str(other.data.get(field, ""))
    if one.kind is Kind.CONTACT:
        return same_person(left, right)
    if one.kind is Kind.DEAL and one.data.get("name") and other.data.get("name"):
        return same_company(left, right) and overlap(str(one.data["name"]), str(other.data["name"])) >= 0.5
    return same_company(left, right)


def same_person(one: str, other: str) -> bool:
    """Equal names, or one is a part of the other (`Dana`, `Dana Whitcombe`). Titles do not count."""
    left, right = _person(one), _person(other)
    return bool(left and right) and (left <= right or right <= left)


def _person(name: str) -> frozenset[str]:
    titles = {"dr", "mr", "mrs", "ms", "prof", "herr", "frau", "doktor"}
    return frozenset(fold(word) for word in words(name)) - titles


def company_key(name: str) -> str:
    """Without case, accents, blanks and legal form."""
    return "".join(key(word) for word in words(name) if fold(word) not in _LEGAL and fold(word) not in ("and", "und"))


def same_company(one: str, other: str) -> bool:
    """Equal but for the legal form, or one is the first words of the other (`Acme`, `Acme Transit`)."""
    left, right = company_key(one), company_key(other)
    if not left or not right:
        return False
    shorter, longer = sorted((left, right), key=len)
    return left == right or (len(shorter) >= 4 and longer.startswith(shorter))


def is_legal_form(word: str) -> bool:
    return fold(word) in _LEGAL


def _same_statement(one: Draft | Item, other: Draft | Item) -> bool:
    left, right = str(one.data.get("description", "")), str(other.data.get("description", ""))
    if one.kind is Kind.ACTION_ITEM and not _same_owner(one, other):
        return False
    likeness = overlap(left, right)
    return likeness >= _SAME or (likeness >= 0.4 and max(contained(left, right), contained(right, left)) >= 0.9)


def _same_owner(one: Draft | Item, other: Draft | Item) -> bool:
    left, right = one.data.get("owner"), other.data.get("owner")
    return not left or not right or same_person(str(left), str(right))


def _joined(earlier: Draft, later: Draft) -> Draft:
    data = {**earlier.data, **{name: value for name, value in later.data.items() if value not in (None, "")}}
    if earlier.kind is Kind.CONTACT or earlier.kind is Kind.COMPANY or earlier.kind is Kind.DEAL:
        for name in ("name", "company"):
            longest = max((str(d.data[name]) for d in (earlier, later) if d.data.get(name)), key=len, default=None)
            if longest:
                data[name] = longest
        if earlier.kind is Kind.CONTACT:
            data["attended"] = bool(earlier.data.get("attended") or later.data.get("attended"))
    if earlier.kind in _DESCRIBED:
        data["description"] = _telling(earlier, later)
    quotes = tuple(dict.fromkeys(later.quotes + earlier.quotes))[:MOST_QUOTES]
    return replace(
        earlier,
        data=data,
        quotes=quotes,
        score=max(earlier.score, later.score),
        signals=earlier.signals | later.signals,
    )


def _telling(earlier: Draft, later: Draft) -> object:
    """The wording with more to say, the later one if they are close."""
    left, right = str(earlier.data["description"]), str(later.data["description"])
    return left if len(left) > 1.4 * len(right) else right
