"""A task typed in one line: what is to be done, by when, and how it comes again."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from crm import due_reading, localization, repeat_words
from crm.due_reading import Understood
from crm.localization import gettext as _
from shared import clock
from shared.errors import Invalid
from shared.records import recurring
from shared.records.due import Due

#: What a repetition begins with. By itself one of them may as well be part of a name (“Daily stand-up”).
_BEGINS = re.compile(
    r"every|each|daily|weekly|biweekly|monthly|quarterly|yearly|jede[nrms]?|alle|täglich|wöchentlich|monatlich"
    r"|vierteljährlich|jährlich",
    re.IGNORECASE,
)
#: Behind one of these stands a part of a longer saying: “the 15th of | every month” is none without what is before it.
_BELONGS = frozenset(("of", "in", "eines", "and", "und"))
#: No saying is longer, in words; one may begin so many before the word that tells it.
_LONGEST, _AHEAD = 20, 6
#: What is longer is no line that somebody typed: it is not read, and too long to name a task.
_LINE = 600


@dataclass(frozen=True, slots=True)
class Line:
    """`repeat` is RRULE text; a task that comes again has a day."""

    title: str
    due: Due | None = None
    repeat: str | None = None

    def said(self) -> str:
        """“Friday, 4 December 2026, 15:00”; an empty text without a day."""
        when = due_reading.said(self.due) if self.due else ""
        if self.repeat is None:
            return when
        return str(_("%(repeat)s, first on %(when)s", repeat=repeat_words.describe(self.repeat), when=when))

    def understood(self) -> Understood | None:
        """What to show beside what was typed."""
        return replace(due_reading.understood(self.due), text=self.said()) if self.due else None


def read(text: str) -> Line:
    """“Stand-up every weekday 9am”: the longest repetition in it, before or behind what is to be done; then the day."""
    if len(text) > _LINE:
        return Line(text)
    words = text.split()
    for at in (at for at, word in enumerate(words) if _BEGINS.fullmatch(word)):
        for start in range(max(at - _AHEAD, 0), at + 1):
            for end in range(min(start + _LONGEST, len(words)), at, -1):
                if line := _coming_again(words[:start], words[start:end], words[end:]):
                    return line
    return Line(*due_reading.split(text))


def _coming_again(before: list[str], said: list[str], after: list[str]) -> Line | None:
    if before and before[-1].casefold() in _BELONGS:
        return None
    rule, clock_time = _rule(" ".join(said))
    if rule is None or (before and after and not _is_day(" ".join(after))) or not (before or len(said) > 1):
        return None
    title, found = due_reading.split(" ".join([*before, *after]))
    zone = localization.zone()
    if found is not None and found.at is not None:
        clock_time = found.at.astimezone(zone).time()
    for day in recurring.coming(rule, found.day if found else localization.today(), 2) if title else ():
        if clock_time is None:
            return Line(title, Due(day), rule)
        at = datetime.combine(day, clock_time, tzinfo=zone).astimezone(UTC)
        if at > clock.now():  # of today it may be over
            return Line(title, Due(day, at), rule)
    return None


def _rule(text: str) -> tuple[str | None, time | None]:
    try:
        return repeat_words.read_timed(text)
    except Invalid:
        return None, None


def _is_day(text: str) -> bool:
    try:
        return bool(due_reading.read(text))
    except Invalid:
        return False
