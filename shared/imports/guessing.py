"""What is in a file? The type of its records, and the field of each column, from what columns are called and hold.

Names decide where they are known, in English and German and as other CRMs write them; shapes of values decide the rest.
A guess is shown to a person before anything comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shared.imports.fields import ImportField, Kind
from shared.imports.values import meant
from shared.search import words

_EMAIL = re.compile(r"^[^\s@;,]+@[^\s@;,]+\.[^\s@;,.]{2,}$")
_PHONE = re.compile(r"^\+?[\d\s()./\-–]{6,22}$")
_URL = re.compile(r"^(https?://|www\.)\S+\.\S+$", re.IGNORECASE)
_DATE = re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b")
_DOMAIN = re.compile(r"^([a-z0-9-]+\.)+[a-z]{2,}$", re.IGNORECASE)
#: Words around a column's name that do not change what it holds.
_NOISE = frozenset([
    "value", "wert", "primary", "main", "work", "business", "geschaftlich", "dienstlich", "privat", "home", "other",
    "the", "der", "die", "das", "of", "in", "eur", "usd", "gbp", "chf", "your", "record",
])  # fmt: skip
#: A column whose name is about something else, however much of it sounds known.
_FOREIGN = frozenset(
    [
        "fax",
        "type",
        "label",
        "typ",
        "count",
        "anzahl",
        "score",
        "hash",
        "opt",
        "newsletter",
        "rating",
        "display",
        "angezeigter",
    ]
)
_EXACT, _PARTLY, _BY_SHAPE = 3.0, 1.0, 0.8


def guess_type(headers: Sequence[str], fields: Mapping[str, Mapping[str, ImportField]]) -> str:
    """The type whose fields explain most of the columns. Contacts where nothing is known."""
    scores = {type_: _explained(headers, known) for type_, known in fields.items()}
    if not any(scores.values()):
        return "contact"
    return max(scores, key=lambda type_: (scores[type_], type_ == "contact"))


def _explained(headers: Sequence[str], fields: Mapping[str, ImportField]) -> float:
    """How well a type's fields fit the columns, 0 for not at all; what tells the types apart counts more."""
    best: dict[str, float] = {}
    for header in headers:
        for key, field in fields.items():
            best[key] = max(best.get(key, 0.0), _likeness(header, field))
    telling = {
        "first_name", "last_name", "full_name", "emails", "lifecycle", "domain", "industry", "employees", "amount",
        "stage", "expected_close", "due", "priority", "assignee", "body",
    }  # fmt: skip
    everywhere = sum(field.own is None for field in fields.values())
    if not any(best.values()):
        return 0.0
    return sum(score * (2 if key in telling else 1) for key, score in best.items()) - 0.1 * everywhere


def guess_mapping(
    headers: Sequence[str], samples: Sequence[Sequence[object]], fields: Mapping[str, ImportField]
) -> list[str | None]:
    """A field's key, or None, for each column; each field once unless it may be several."""
    pairs = sorted(
        (
            (_likeness(header, field), -column, -position, key)
            for column, header in enumerate(headers)
            for position, (key, field) in enumerate(fields.items())
        ),
        reverse=True,
    )
    mapping: list[str | None] = [None] * len(headers)
    used: set[str] = set()
    for score, column, _, key in pairs:
        if score > 0 and mapping[-column] is None and (key not in used or fields[key].is_many):
            if _contradicts(fields[key], _column(samples, -column)):
                continue
            mapping[-column] = key
            used.add(key)
    for column, header in enumerate(headers):
        if mapping[column] is None and not _FOREIGN & set(words(header)):
            shaped = _by_shape(_column(samples, column), fields, used)
            mapping[column] = shaped
            used |= {shaped} if shaped else set()
    return _one_name(mapping)


def _one_name(mapping: list[str | None]) -> list[str | None]:
    """First and last name say more than the whole one."""
    if "first_name" in mapping and "last_name" in mapping:
        return [None if key == "full_name" else key for key in mapping]
    return mapping


def _likeness(header: str, field: ImportField) -> float:
    folded = [word for word in words(header) if not word.isdigit()]
    if not folded:
        return 0.0
    squeezed = "".join(folded)
    if squeezed in field.words:
        return _EXACT + (1.0 if field.own else 0.5 if squeezed == field.words[0] else 0.0)
    if field.own or _FOREIGN & set(folded):
        return 0.0
    kept = [word for word in folded if word not in _NOISE]
    if kept and "".join(kept) in field.words:
        return _EXACT - 0.5
    parts = {"".join(kept[i:j]) for i in range(len(kept)) for j in range(i + 1, len(kept) + 1)}
    longest = max((len(part) for part in parts & set(field.words) if len(part) > 2), default=0)
    return _PARTLY + longest / 100 if longest else 0.0


def _column(samples: Sequence[Sequence[object]], column: int) -> list[str]:
    found = (str(row[column]).strip() for row in samples if column < len(row))
    return [text for text in found if text][:100]


def _share(texts: Sequence[str], shape: re.Pattern[str]) -> float:
    return sum(1 for text in texts if shape.match(text)) / len(texts) if texts else 0.0


def _contradicts(field: ImportField, texts: Sequence[str]) -> bool:
    """Whether a column holds something else than its name says: addresses under `Contact`."""
    if not texts:
        return False
    if field.kind in (Kind.NAME, Kind.COMPANY) or field.key in ("first_name", "last_name"):
        return _share(texts, _EMAIL) > 0.5 or all(text.isdigit() for text in texts)
    if field.kind is Kind.CHOICE:
        return sum(meant(field.choices, text) is not None for text in texts) * 2 < len(texts)
    if field.kind is Kind.EMAILS:
        return not any("@" in text for text in texts)
    if field.kind in (Kind.PHONES, Kind.NUMBER, Kind.MONEY):
        return not any(c.isdigit() for text in texts for c in text)
    return False


def _by_shape(texts: Sequence[str], fields: Mapping[str, ImportField], used: set[str]) -> str | None:
    ways = (
        ("emails", _EMAIL), ("website", _URL), ("domain", _DOMAIN), ("phones", _PHONE),
    )  # fmt: skip
    for key, shape in ways:
        if key in fields and (key not in used or fields[key].is_many) and _share(texts, shape) >= _BY_SHAPE:
            if key == "phones" and (_share(texts, _DATE) or not any(text.startswith(("+", "0")) for text in texts)):
                return None
            return key
    return None
