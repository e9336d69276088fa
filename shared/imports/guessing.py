"""What is in a file? The type of its records, and the field of each column, from what columns are called and hold.

Names decide where they are known, in English and German and as other CRMs write them; shapes of values decide the rest.
A guess is shown to a person before anything comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

from shared.imports.fields import CALLED, ImportField, Kind
from shared.imports.framing import around
from shared.imports.values import meant
from shared.search import words

_EMAIL = re.compile(r"^[^\s@;,]+@[^\s@;,]+\.[^\s@;,.]{2,}$")
_PHONE = re.compile(r"^\+?[\d\s()./\-–]{6,22}$")
_URL = re.compile(r"^(https?://|www\.)\S+\.\S+$", re.IGNORECASE)
_DATE = re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b")
_DOMAIN = re.compile(r"^([a-z0-9-]+\.)+[a-z]{2,}$", re.IGNORECASE)
_GUID = re.compile(r"^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$", re.IGNORECASE)
_NOISE, _FOREIGN = around("noise"), around("foreign")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
#: The end of a compound of German is its head: a `Firmentelefon` is a telephone.
_SHORTEST_HEAD = 6
_MOST_REORDERED = 3  # `date created` is `created date`
_EXACT, _NEARLY, _PARTLY, _BY_SHAPE = 3.0, 2.5, 1.0, 0.8


def guess_type(headers: Sequence[str], fields: Mapping[str, Mapping[str, ImportField]]) -> str:
    """The type whose fields explain most of the columns. Contacts where nothing is known."""
    scores = {type_: _explained(_readings_of(headers, type_), known) for type_, known in fields.items()}
    if not any(scores.values()):
        return "contact"
    return max(scores, key=lambda type_: (scores[type_], type_ == "contact"))


def _explained(columns: Sequence[Readings], fields: Mapping[str, ImportField]) -> float:
    """How well a type's fields fit the columns, 0 for not at all; what tells the types apart counts more."""
    best: dict[str, float] = {}
    for readings in columns:
        for key, field in fields.items():
            best[key] = max(best.get(key, 0.0), _likeness(readings, field))
    telling = {
        "first_name", "last_name", "full_name", "emails", "lifecycle", "domain", "industry", "employees", "amount",
        "stage", "expected_close", "due", "priority", "assignee", "body",
    }  # fmt: skip
    everywhere = sum(field.own is None for field in fields.values())
    if not any(best.values()):
        return 0.0
    return sum(score * (2 if key in telling else 1) for key, score in best.items()) - 0.1 * everywhere


def guess_mapping(
    type_: str, headers: Sequence[str], samples: Sequence[Sequence[object]], fields: Mapping[str, ImportField]
) -> list[str | None]:
    """A field's key, or None, for each column; each field once unless it may be several."""
    mapping: list[str | None] = [None] * len(headers)
    used: set[str] = set()
    for _, column, key in _candidates(_readings_of(headers, type_), fields):
        if mapping[column] is None and (key not in used or fields[key].is_many):
            if _contradicts(fields[key], _column(samples, column)):
                continue
            mapping[column] = key
            used.add(key)
    for column, header in enumerate(headers):
        if mapping[column] is None and not _FOREIGN & set(_words(header)):
            shaped = _by_shape(_column(samples, column), fields, used)
            mapping[column] = shaped
            used |= {shaped} if shaped else set()
    return _one_name(mapping, headers)


def _candidates(columns: Sequence[Readings], fields: Mapping[str, ImportField]) -> list[tuple[float, int, str]]:
    """(likeness, column, key), best first. A name that is only partly known may mean what it fits best, or nothing."""
    found = []
    for column, readings in enumerate(columns):
        likely = {key: _likeness(readings, field) for key, field in fields.items()}
        best = max(likely.values(), default=0.0)
        found += [(-score, column, place, key) for place, (key, score) in enumerate(likely.items())
                  if score >= min(best, _NEARLY) and score]  # fmt: skip
    return [(-score, column, key) for score, column, _, key in sorted(found)]


def _one_name(mapping: list[str | None], headers: Sequence[str]) -> list[str | None]:
    """First and last name say more than the whole one; `Name` beside a first name is the last."""
    if "first_name" in mapping and "last_name" not in mapping and "full_name" in mapping:
        is_last = _words(headers[mapping.index("full_name")]) == ["name"]
        return ["last_name" if key == "full_name" and is_last else key for key in mapping]
    if "first_name" in mapping and "last_name" in mapping:
        return [None if key == "full_name" else key for key in mapping]
    return mapping


# --- Names


#: What a column's name may be read as, folded and squeezed, and how surely.
Readings = dict[str, float]


def _readings_of(headers: Sequence[str], type_: str) -> list[Readings]:
    return [_readings(header, CALLED[type_]) for header in headers]


def _readings(header: str, called: frozenset[str]) -> Readings:
    """`Person - E-mail - Work` of a person is an `email`, `Reason for loss` a `lossreason`, `State/Province` either.

    `called` are the words for the records themselves, which may stand before any of their columns.
    """
    whole = _words(header)
    heard = [("".join(whole), _EXACT)]
    for text in _alternatives(header):
        for said in (_words(text), [_singular(word) for word in _words(text)]):
            kept = [word for word in said if word not in _NOISE]
            own = [word for word in said if word not in called]
            bare = [word for word in own if word not in _NOISE]
            for some in (said, kept, own, bare):
                orders = permutations(some) if len(some) <= _MOST_REORDERED else [some]
                heard += [("".join(order), _NEARLY) for order in orders]
            if not _FOREIGN & set(whole):
                heard += _parts(bare or kept)
    found: Readings = {}
    for reading, score in heard:
        found[reading] = max(found.get(reading, 0.0), score)
    found.pop("", None)
    return found


def _alternatives(header: str) -> list[str]:
    """A column's name without what stands in brackets or behind `of`, each of the words that a slash parts."""
    text = _ASIDE.sub(" ", header)
    text = text if _words(text) else header
    before = re.split(r"\b(?:of|der|des)\b", text, flags=re.IGNORECASE)[0]
    return list(dict.fromkeys([text, before, *before.split("/")]))


def _parts(kept: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Runs of words with a score: the longer the better, and the last word says what the others only describe."""
    for i in range(len(kept)):
        for j in range(i + 1, len(kept) + 1):
            part = "".join(kept[i:j])
            if len(part) > 2 and part not in ("first", "last"):
                yield part, _PARTLY + len(part) / 100 + (0.5 if j == len(kept) else 0.0)
    for end in range(_SHORTEST_HEAD, len(kept[-1]) if kept else 0):
        yield kept[-1][-end:], _PARTLY + end / 100


def _words(header: str) -> list[str]:
    text = header if " " in header else _CAMEL.sub(" ", header)
    return [word for word in words(text) if not word.isdecimal()]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _likeness(readings: Readings, field: ImportField) -> float:
    names = (*field.words, field.field.replace("_", ""))  # the last by our own export over REST
    best = max(readings.get(name, 0.0) for name in names)
    if field.own:
        return best + 1.0 if best == _EXACT else 0.0
    return best + 0.4 if best and readings.get(field.words[0]) == best else best


# --- Values


def _column(samples: Sequence[Sequence[object]], column: int) -> list[str]:
    found = (str(row[column]).strip() for row in samples if column < len(row))
    return [text for text in found if text][:100]


def _share(texts: Sequence[str], shape: re.Pattern[str]) -> float:
    return sum(1 for text in texts if shape.match(text)) / len(texts) if texts else 0.0


def _contradicts(field: ImportField, texts: Sequence[str]) -> bool:
    """Whether a column holds something else than its name says: addresses under `Contact`."""
    if not texts or field.own:
        return False
    if field.kind in (Kind.NAME, Kind.COMPANY) or field.key in ("first_name", "last_name", "name", "title"):
        return max(_share(texts, _EMAIL), _share(texts, _GUID)) > 0.5 or (
            field.key not in ("name", "title") and all(text.isdecimal() for text in texts)
        )
    if field.kind in (Kind.USER, Kind.RECORD):
        return all(text.isdecimal() for text in texts)
    if field.kind in (Kind.DATE, Kind.MOMENT):
        return not any(sum(c.isdecimal() for c in text) > 2 for text in texts)
    if field.kind is Kind.TEXT and field.key in ("street", "city", "region", "country", "postcode", "phone"):
        return _share(texts, _EMAIL) > 0.5
    if field.kind is Kind.CHOICE:
        return sum(meant(field.choices, text) is not None for text in texts) * 2 < len(texts)
    if field.kind is Kind.EMAILS:
        return not any("@" in text for text in texts)
    if field.kind in (Kind.PHONES, Kind.NUMBER, Kind.MONEY):
        return not any(c.isdecimal() for text in texts for c in text)
    return False


def _by_shape(texts: Sequence[str], fields: Mapping[str, ImportField], used: set[str]) -> str | None:
    ways = (
        ("emails", _EMAIL), ("website", _URL), ("domain", _DOMAIN), ("phones", _PHONE), ("external_id", _GUID),
    )  # fmt: skip
    for key, shape in ways:
        if key in fields and (key not in used or fields[key].is_many) and _share(texts, shape) >= _BY_SHAPE:
            if key == "phones" and (_share(texts, _DATE) or not any(text.startswith(("+", "0")) for text in texts)):
                return None
            return key
    return None
