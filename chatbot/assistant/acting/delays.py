"""How far something is put off or brought forward: “by a week”, “two months earlier”, „um drei Tage nach hinten“."""

from __future__ import annotations

import re

from shared.records.shifting import Delay

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "another": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "a couple of": 2, "couple of": 2,
    "ein": 1, "eine": 1, "einen": 1, "einem": 1, "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6,
    "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "zwölf": 12,
}  # fmt: skip
#: The first letters of a unit → its days, or months below zero.
_UNITS = {"d": 1, "ta": 1, "we": 7, "wo": 7, "f": 14, "m": -1, "q": -3, "y": -12, "j": -12}
_NUMBER = "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))
#: As a piece of a pattern; `of` reads what it has found.
LENGTH = (
    rf"(?:\d{{1,3}}|{_NUMBER})\s+(?:more\s+|weitere[n]?\s+)?"
    r"(?:(?:(?:work|working|business)\s*)?days?|(?:werk|arbeits)tage?n?|weeks?|fortnights?|months?|quarters?|years?|tage?n?|wochen?|monate?n?|quartale?n?|jahre?n?)"
)
_LENGTH = re.compile(rf"(?P<number>\d{{1,3}}|{_NUMBER})\s+(?:\w+\s+)??(?P<unit>[^\W\d_]+)$", re.IGNORECASE)
_WORKING = re.compile(r"(?:work|working|business)\s*days?$|(?:werk|arbeits)tage?n?$", re.IGNORECASE)
_EARLIER = re.compile(
    r"\b(?:bring|pull|earlier|sooner|ahead|forward|zieh\w*|früher|nach\s+vorne?|vorzuziehen|vor)\b", re.IGNORECASE
)


def of(length: str, command: str) -> Delay | None:
    """The delay that a `LENGTH` means within a command; None where it is no length."""
    said = " ".join(length.split())
    match = _LENGTH.search(said)
    if match is None:
        return None
    number = int(match["number"]) if match["number"].isdecimal() else _NUMBERS[match["number"].lower()]
    count = -number if _EARLIER.search(command) else number
    if _WORKING.search(said):
        return Delay(count, 0, is_working=True)
    unit = match["unit"].lower()
    size = next((size for start, size in _UNITS.items() if unit.startswith(start)), 0)
    return Delay(count * size, 0) if size > 0 else Delay(0, count * -size)
