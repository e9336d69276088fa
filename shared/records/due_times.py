"""Times of day as they are typed, taken off the end or the front of a folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time

from shared.records.due_words import WEEKDAY

#: By part of the day: when it is begun to be late.
_PARTS = {
    "morning": 9, "morgens": 9, "frueh": 9, "am morgen": 9, "in the morning": 9, "vormittag": 10, "vormittags": 10,
    "am vormittag": 10, "noon": 12, "midday": 12, "at noon": 12, "mittag": 12, "mittags": 12, "am mittag": 12,
    "afternoon": 15, "in the afternoon": 15, "nachmittag": 15, "nachmittags": 15, "am nachmittag": 15, "eod": 17,
    "end of day": 17, "close of business": 17, "cob": 17, "tagesende": 17, "feierabend": 17, "zum feierabend": 17,
    "evening": 18, "in the evening": 18, "abend": 18, "abends": 18, "am abend": 18, "at night": 20, "night": 20,
    "nacht": 20, "nachts": 20, "first thing": 9, "first thing in the morning": 9, "lunchtime": 12, "midnight": 24,
    "mitternacht": 24,
}  # fmt: skip
_PART = "|".join(sorted(map(re.escape, _PARTS), key=len, reverse=True))
_WORDS = {
    word: n for n, words in enumerate(
        ("", "one ein eins", "two zwei", "three drei", "four vier", "five fuenf", "six sechs", "seven sieben",
         "eight acht", "nine neun", "ten zehn", "eleven elf", "twelve zwoelf")
    ) for word in words.split()
}  # fmt: skip
_HOUR = rf"(?P<h>[012]?\d|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_MIN = r"(?P<m>[0-5]\d)"
_AP = r"(?P<ap>[ap])\.?m?\.?"
_AT = r"(?:(?:at|um|gegen|by|bis|ab|@|,)\s*)?"

_AHEAD = rf"(?:(?P<ahead>{_PART})\s+)?"
_HALF = rf"(?:\s*{_AP}|\s+(?P<after>{_PART}))?"

#: Whole shapes; each is tried at the end of the text, then at its front.
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"{_AHEAD}{_AT}{_HOUR}(?:[:.]{_MIN})?\s*{_AP}",
        rf"{_AHEAD}{_AT}{_HOUR}[:.]{_MIN}\s*(?:uhr|h)",
        rf"{_AHEAD}{_AT}{_HOUR}:{_MIN}{_HALF}",
        rf"(?:um|at|@)\s*{_HOUR}\.?{_MIN}",
        rf"{_AHEAD}{_AT}{_HOUR}\s*(?:uhr|o\s?clock|h)(?:\s*{_MIN})?{_HALF}",
        rf"{_AHEAD}(?:um|at|gegen|@)\s*{_HOUR}{_HALF}",
        rf"(?P<ahead>{_PART})\s+{_HOUR}",
        rf"{_AT}{_HOUR}\s+(?P<after>{_PART})",
        rf"{_AHEAD}{_AT}(?P<half>half\s+past)\s+{_HOUR}{_HALF}",
        rf"{_AHEAD}{_AT}(?P<toward>halb)\s+{_HOUR}{_HALF}",
        rf"{_AHEAD}{_AT}(?:a\s+)?(?P<past>quarter\s+past|viertel\s+nach)\s+{_HOUR}{_HALF}",
        rf"{_AHEAD}{_AT}(?:a\s+)?(?P<before>quarter\s+to|viertel\s+vor|dreiviertel)\s+{_HOUR}{_HALF}",
        rf"{_AT}(?P<h>[01]\d|2[0-3]){_MIN}\s*(?:uhr|h|hrs|hours)",
        rf"(?:this\s+|heute\s+)?(?P<part>{_PART})",
    )
)
#: German writes the part of a day onto its weekday; “Freitag morgen” is no tomorrow.
_GLUED = re.compile(r"\b(\w{3,7}tag|mittwoch|sonnabend)(morgen|frueh|vormittag|mittag|nachmittag|abend|nacht)s?\b")
_ISO = re.compile(r"^(\d{4}-\d\d?-\d\d?)t(\d\d:\d\d)(?::00)?$")
_MORNING = re.compile(rf"\b((?:{WEEKDAY}|heute)) morgen\b")
_AT_END = tuple(re.compile(rf"^(?P<rest>.*?)(?:^|[\s,]){shape.pattern}$") for shape in _SHAPES)
_AT_FRONT = tuple(re.compile(rf"^{shape.pattern}(?:[\s,]+(?P<rest>.*))$") for shape in _SHAPES)

#: What looks like a time and is none; says why nothing was understood.
IMPOSSIBLE = (
    re.compile(r"\b(?:2[4-9]|[3-9]\d):\d\d\b|\b\d{1,2}:[6-9]\d\b"),
    re.compile(r"\b(?:1[3-9]|[2-9]\d)\s*[ap]\.?m\b|\b(?:2[5-9]|[3-9]\d)\s*uhr\b"),
)


def readings(folded: str) -> Iterator[tuple[str, time | None]]:
    """(rest, time of day) for each way to read the text: without a time, then each shape at the end, the front."""
    if folded in ("tonight", "heute abend", "heute nacht"):
        yield "today", time(20 if "nacht" in folded else 18)
    yield folded, None
    folded = _MORNING.sub(r"\1 morgens", _GLUED.sub(r"\1 \2", _ISO.sub(r"\1 \2", folded)))
    for shape in (*_AT_END, *_AT_FRONT):
        match = shape.match(folded)
        if match and (said := _time(match)) is not None:
            yield match["rest"].strip(" ,"), said


def _time(match: re.Match[str]) -> time | None:
    parts = match.groupdict()
    if part := parts.get("part"):
        return _clock(_PARTS[part], 0)
    hour = _WORDS.get(parts["h"]) or (int(parts["h"]) if parts["h"].isdecimal() else 99)
    minute = int(parts.get("m") or 0)
    part_of_day = parts.get("ahead") or parts.get("after")
    if half := parts.get("ap"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    elif part_of_day:
        begins = _PARTS[part_of_day]
        if begins >= 12 and hour < 12 and not (begins >= 20 and hour < 6):  # two at night is two
            hour += 12
    elif 1 <= hour <= 6 and not parts.get("m") and len(parts["h"]) != 2:
        hour += 12  # nobody is due at three in the morning; 03:00 says so
    if parts.get("half") or parts.get("past"):
        minute = 30 if parts.get("half") else 15
    if parts.get("toward") or parts.get("before"):
        hour, minute = hour - 1, 30 if parts.get("toward") else 45
    return _clock(hour, minute)


def _clock(hour: int, minute: int) -> time | None:
    if (hour, minute) == (24, 0):
        return time(23, 59)  # still that day
    return time(hour, minute) if 0 <= hour < 24 else None
