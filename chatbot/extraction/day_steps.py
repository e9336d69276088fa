"""Days told from another day: "the day after", "two days later", "eine Woche danach"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "ein": 1, "einen": 1, "eine": 1, "zwei": 2, "drei": 3}
_STEP = re.compile(
    r"\b(?:(?P<n>a|one|two|three|einen?|zwei|drei) (?P<unit>days?|weeks?|tage?|wochen?) "
    r"(?:later|after(?:wards| that)|später|danach|darauf|drauf)"
    r"|(?P<next>the (?:day after(?: that)?(?! tomorrow)|next day|following day)|am (?:nächsten|folgenden) tag|"
    r"am tag (?:danach|darauf)|tags darauf)"
    r"|(?P<before>the day before(?! yesterday)(?: that)?|am tag (?:davor|vorher)|einen tag vorher))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Step:
    """text[start:end] tells a day that lies so many days after the one pointed to; before it where negative."""

    start: int
    end: int
    days: int


def find_steps(text: str) -> list[Step]:
    """Every such phrase, left to right."""
    return [Step(match.start(), match.end(), _days(match)) for match in _STEP.finditer(text)]


def _days(match: re.Match[str]) -> int:
    if match["next"] or match["before"]:
        return 1 if match["next"] else -1
    return _COUNTS[match["n"].lower()] * (7 if match["unit"].lower().startswith("w") else 1)


def without_steps(text: str) -> str:
    """The text without them."""
    return _STEP.sub("", text)
