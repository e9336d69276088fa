"""Due days as people type them, in English and German: “next friday 3pm”, “übermorgen 14 Uhr”, “end of month”.

Every word must be accounted for: what is not understood is refused with a reason, never guessed at. Weekdays mean what
they mean in meetings (`chatbot.extraction.dates`): Friday is the first Friday after today, “next friday” and “Freitag
nächste Woche” lie in the week after, “nächsten Freitag” is the first one. Weeks begin where the workspace's do.

    text ─ fold ─▶ time of day off its end or its front ─▶ the rest is one day, by the first rule that fits it whole

dateparser is not used: it does not know “next friday”, skips words it cannot read, and takes 100 ms to begin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared import clock
from shared.query.dates import Calendar
from shared.records import due_days, due_times
from shared.records.due_words import NUMBER, UNIT, NoSuchDay, fold, number

LONGEST = 120  # characters; no day takes more to say

#: Words that introduce a day and say nothing about which.
_LEAD = re.compile(
    r"^(?:due|by|on|until|till|before|for|within|(?:no|not)\s+later\s+than|latest|bis|zum|zur|am|an|ab|vor|fuer|noch|binnen|"
    r"innerhalb\s+von|faellig|spaetestens|the|der|den|dem|das|,|:|-)\s+"
)
#: The same at its end.
_TAIL = re.compile(r"\s+(?:at\s+the\s+latest|latest|spaetestens|noch|sharp|punkt)$")
_MINUTES = r"(?:m|mins?|minutes?|minuten?)"
_SOON = re.compile(
    rf"^(?:in|within|binnen)?\s*(?:(?P<h>{NUMBER}|\d[.,]5|one\s+and\s+a\s+half|anderthalb|eineinhalb)\s*"
    rf"(?:h|hours?|hrs?|stunden?|std)(?P<half>\s+and\s+a\s+half)?)?\s*"
    rf"(?:(?:and|und)?\s*(?P<min>{NUMBER})\s*{_MINUTES})?(?:\s+(?:from\s+now|ab\s+jetzt))?$"
)
_SMALL = {
    "half an hour": 30,
    "half hour": 30,
    "einer halben stunde": 30,
    "a quarter of an hour": 15,
    "einer viertelstunde": 15,
}

#: One of these at the end of a sentence is more often a name or a word than a day.
_DOUBTFUL = frozenset((
    "sun", "mon", "sat", "wed", "thu", "fri", "tue", "mo", "di", "mi", "do", "fr", "sa", "so", "may", "march", "mar",
    "mai", "noon", "mittag", "morning", "evening", "afternoon", "now", "weekend", "abend", "abends", "morgens",
))  # fmt: skip


#: What a line may be about rather than due: “forecast Q1”, “budget for next year”, “reserve 2 hours”.
_TOPIC = re.compile(
    rf"(?:(?:for|fuer)\s+)?(?:(?:the|das|den)\s+)?(?:q[1-4]|(?:kw|cw|wk|week|woche)\s*\d+)(?:\s+\d{{4}})?|"
    rf"{due_days.HOLIDAY}|"
    r"(?:for|fuer)\s+.*\b(?:month|quarter|year|monat|quartal|jahr)|"
    rf"{NUMBER}\s*(?:{UNIT}|h|hours?|hrs?|stunden?|std|{_MINUTES})"
)
_BARE = re.compile(r"\d{1,2}[./:]?\d{0,2}")


class NotADay(ValueError):
    """`reason`: `empty`, `unknown`, `no_such_day` (30 February), `no_such_time` (25:00), `weekday` (they disagree),

    `too_far`. `detail` is the part at fault.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Due:
    """A day of the workspace's calendar, and the moment in UTC where a time was said."""

    day: date
    at: datetime | None = None

    def as_values(self) -> dict[str, str | None]:
        """The fields of a task."""
        return {"due_date": self.day.isoformat(), "due_at": self.at.isoformat() if self.at else None}


def read(text: str, calendar: Calendar, *, month_first: bool = False) -> Due:
    """The day, and time if any, that a text names. Raises NotADay.

    `month_first`: what 3/4 means; where one of the two is above 12 there is no doubt.
    """
    folded = fold(text[: LONGEST + 1])
    if not folded:
        raise NotADay("empty")
    if len(text) > LONGEST:
        raise NotADay("unknown", text[:LONGEST])
    folded = _TAIL.sub("", folded)
    if (minutes := _minutes_ahead(folded)) is not None:
        return _in_minutes(minutes, calendar)
    for rest, clock_time in due_times.readings(folded):
        if (day := _day(rest, clock_time, calendar, month_first, text)) is not None:
            return _moment(day, clock_time, calendar)
    if any(shape.search(folded) for shape in due_times.IMPOSSIBLE):
        raise NotADay("no_such_time", text.strip())
    raise NotADay("unknown", text.strip())


def split(text: str, calendar: Calendar, *, month_first: bool = False) -> tuple[str, Due | None]:
    """What is to be done, and by when, from one line: “Call Ana next friday 3pm” → (“Call Ana”, that Friday at 15:00).

    The longest end of the line that is a day is the day; else the longest beginning. A single word that is more often
    something else (“May”, “so”) is left where it is.
    """
    words = text.split()
    for start in range(1, len(words)):
        if words[start - 1].casefold() in ("for", "für"):
            continue  # tried together with it
        if found := _tried(words[start:], calendar, month_first):
            return " ".join(words[:start]).rstrip(" ,;:-–"), found
    for end in range(len(words) - 1, 0, -1):
        if found := _tried(words[:end], calendar, month_first):
            return " ".join(words[end:]).lstrip(" ,;:-–"), found
    return " ".join(words), None


def _tried(words: list[str], calendar: Calendar, month_first: bool) -> Due | None:
    said = fold(" ".join(words))
    if said in _DOUBTFUL or said.isdecimal() or _TOPIC.fullmatch(said) or _BARE.fullmatch(said):
        return None
    try:
        return read(" ".join(words), calendar, month_first=month_first)
    except NotADay:
        return None


def _day(rest: str, clock_time: time | None, calendar: Calendar, month_first: bool, text: str) -> date | None:
    """The day that the text names beside its time; None if it names none."""
    try:
        while rest:
            if (day := due_days.find(rest, calendar, month_first=month_first)) is not None:
                return day
            bare = _LEAD.sub("", rest)
            if bare == rest:
                return None
            rest = bare
    except NoSuchDay as error:
        raise NotADay(error.reason, error.detail or text.strip()) from error
    return None if clock_time is None else _today_or_tomorrow(clock_time, calendar)


def _today_or_tomorrow(clock_time: time, calendar: Calendar) -> date:
    """A bare time is the next such time."""
    is_over = datetime.combine(calendar.today, clock_time, tzinfo=calendar.zone) <= clock.now()
    return calendar.today + timedelta(days=1 if is_over else 0)


def _moment(day: date, clock_time: time | None, calendar: Calendar) -> Due:
    if not date(1990, 1, 1) <= day <= date(2199, 12, 31):
        raise NotADay("too_far", str(day.year))
    return Due(day, at(day, clock_time, calendar) if clock_time is not None else None)


def at(day: date, clock_time: time, calendar: Calendar) -> datetime:
    """The moment in UTC. A time that the clocks skip in spring is an hour on; of one they show twice, the first."""
    return datetime.combine(day, clock_time, tzinfo=calendar.zone).astimezone(UTC)


def _minutes_ahead(folded: str) -> int | None:
    if (small := _SMALL.get(folded.removeprefix("in "))) is not None:
        return small
    match = _SOON.match(folded)
    if not match or not (match["h"] or match["min"]):
        return None
    return _hour_minutes(match["h"]) + (30 if match["half"] else 0) + (number(match["min"]) if match["min"] else 0)


def _hour_minutes(said: str | None) -> int:
    if said is None:
        return 0
    if said[-1] == "5" and said[1:2] in (".", ","):
        return int(said[0]) * 60 + 30
    return 90 if said[-4:] in ("half", "halb") else number(said) * 60


def _in_minutes(minutes: int, calendar: Calendar) -> Due:
    then = (clock.now() + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    return Due(then.astimezone(calendar.zone).date(), then)
