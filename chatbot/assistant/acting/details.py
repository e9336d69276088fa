"""Days, amounts, addresses and names inside a request, and the text that is left when they are taken out.

Days are read as they are spoken (`extraction.dates`) against the asker's own present day, because “Friday at 3” is
Friday at 3 where they sit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chatbot.assistant.understanding.quantities import quantity_at
from chatbot.assistant.understanding.tokens import read
from chatbot.extraction.dates import Clock, Day, find_clocks, find_days
from shared import clock

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.])\+?\(?\d[\d ()/.-]{4,}\d(?![\w])")
DOMAIN = re.compile(r"\b(?:https?://)?(?:www\.)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?\b", re.IGNORECASE)

_BEFORE_DAY = re.compile(
    r"(?:[\s,;(]*\b(?:due(?:\s+(?:on|by|at))?|on|by|until|till|before|for|at|from|starting|no\s+later\s+than|am|bis(?:\s+zum)?|"
    r"zum|um|vor|ab|fällig(?:\s+(?:am|bis|um))?|den|der|the|in\s+the|gegen|and|und)[\s,]*)+$",
    re.IGNORECASE,
)
_DUE_BEFORE = re.compile(
    r"\b(?:due(?:\s+(?:on|by))?|by|until|till|bis(?:\s+zum)?|fällig(?:\s+(?:am|bis))?)\s+$", re.IGNORECASE
)
_DAY_PART = re.compile(
    r"^\s*(?:in\s+the\s+)?(?:morning|afternoon|evening|noon|früh|vormittags?|nachmittags?|abends?|mittags?|morgens)\b",
    re.I,
)
_SOON = re.compile(
    r"\bin\s+(?P<n>an?|one|half\s+an|eine[rm]?|einer\s+halben|\d{1,3})\s+(?P<unit>hours?|minutes?|mins?|stunden?|minuten?)\b",
    re.I,
)
_END_OF = re.compile(
    r"\b(?:the\s+)?(?P<edge>end|close|ende?|start|beginning|anfang)\s+(?:of\s+)?(?:the\s+|des\s+|von\s+)?"
    r"(?:(?P<which>this|next|nächste[ns]|naechste[ns]|diese[ns]|kommende[ns]|coming)\s+)?"
    r"(?:Q(?P<number>[1-4])(?:\s+(?P<year>20\d\d))?|(?P<number2>[1-4])\.\s*Quartals?|quarter|quartals?)\b",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})(?:/(?P<y>\d{4}))?(?![\d/])")
_SLASHED_ON = re.compile(rf"(?:\b(?:on|by|am|bis)\s+)?{_SLASHED.pattern}", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(?:(?:early|late|sometime|mid)\s+)?(?:next|this|coming)\s+(?:week|month)\b|\b(?:nächste|naechste|diese|kommende)[nrs]?\s+"
    r"(?:Woche|Monat)\b|\b(?:in\s+a\s+few\s+days|soon|some\s+time|later|bald|demnächst|irgendwann)\b",
    re.IGNORECASE,
)
_PRIORITIES = {
    "high": re.compile(r"[\s,(]*\b(?:(?:with|at|of|mit)\s+)?(?:high(?:est)?[\s-]+prio(?:rity)?|urgent(?:ly)?|asap|"
                       r"hoher?\s+Priorität|dringend|priority\s*:?\s*high|Priorität\s*:?\s*hoch)\b\)?", re.I),
    "low": re.compile(r"[\s,(]*\b(?:(?:with|at|of|mit)\s+)?(?:low[\s-]+prio(?:rity)?|niedrige[rn]?\s+Priorität|"
                      r"priority\s*:?\s*low|Priorität\s*:?\s*niedrig)\b\)?", re.I),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class When:
    """A day, and a time if one was said. `text` is the request without it."""

    day: date
    at: datetime | None
    text: str

    @property
    def due(self) -> dict[str, str]:
        """As a tool's arguments."""
        return {"due_at": self.at.isoformat()} if self.at else {"due_date": self.day.isoformat()}


def find_when(text: str, zone: ZoneInfo) -> When | None:
    """The day a request names, in the asker's zone. Of several the one that is said to be due, else the last."""
    now = clock.now().astimezone(zone)
    if soon := _SOON.search(text):
        moment = now + _ahead(soon)
        return When(
            moment.date(), moment.replace(second=0, microsecond=0).astimezone(UTC), _without(text, [soon.span()])
        )
    hidden = _without_quotes(text)
    days = [*find_days(hidden, now.date()), *_slashed(hidden, now.date()), *_quarters(hidden, now.date())]
    clocks = [c for c in find_clocks(hidden) if not any(d.start < c.end and c.start < d.end for d in days)]
    if not days and not clocks:
        return None
    chosen = _due(hidden, days)
    said = _nearest(clocks, chosen) if clocks else None
    day = chosen.date if chosen else _today_or_tomorrow(now, said)
    at = datetime.combine(day, time(said.hour, said.minute), tzinfo=zone).astimezone(UTC) if said else None
    spans = [(part.start, part.end) for part in (chosen, said) if part is not None]
    return When(day, at, _without(text, spans))


def riddle(text: str, today: date) -> tuple[str | None, list[date]]:
    """A time that is said but is no one day, and the days it may be if those are few: “next week”, “12/05”, “soon”."""
    if match := _SLASHED_ON.search(text):
        a, b = int(match["a"]), int(match["b"])
        days = [_in_year(month, number, match["y"], today) for month, number in ((a, b), (b, a))]
        return match[0].strip(), [day for day in days if day is not None]
    match = _VAGUE.search(_without_quotes(text))
    if match is None:
        return None, []
    if re.search(r"(?i)next\s+week|n(?:ä|ae)chste\w?\s+woche", match[0]):
        monday = today + timedelta(days=7 - today.weekday())
        return match[0], [monday + timedelta(days=n) for n in range(5)]
    return match[0], []


def _in_year(month: int, number: int, year: str | None, today: date) -> date | None:
    """That day, the next one if no year is said; None if there is no such day."""
    for candidate in (int(year),) if year else (today.year, today.year + 1):
        try:
            day = date(candidate, month, number)
        except ValueError:
            continue
        if year or day >= today:
            return day
    return None


def _ahead(soon: re.Match[str]) -> timedelta:
    number = soon["n"].lower()
    count = 0.5 if "hal" in number else float(number) if number.isdecimal() else 1.0
    return timedelta(hours=count) if soon["unit"].lower().startswith(("h", "st")) else timedelta(minutes=count)


def _slashed(text: str, today: date) -> Iterable[Day]:
    """`15/12`, `12/15/2026` where only one reading is a date; a date that may be two is none."""
    for match in _SLASHED.finditer(text):
        a, b = int(match["a"]), int(match["b"])
        days = {_in_year(month, number, match["y"], today) for month, number in ((a, b), (b, a))} - {None}
        if len(days) == 1 and (day := days.pop()):
            yield Day(match.start(), match.end(), day, "slash")


def _quarters(text: str, today: date) -> Iterable[Day]:
    """“End of Q1”, “Ende nächsten Quartals”: a quarter that is named without its year is the next of that name."""
    for match in _END_OF.finditer(text):
        number = int(match["number"] or match["number2"] or 0)
        quarter = today.year * 4 + (today.month - 1) // 3
        if number:
            ahead = (number - 1 - quarter) % 4
            quarter = int(match["year"]) * 4 + number - 1 if match["year"] else quarter + ahead
        elif (match["which"] or "").lower().startswith(("next", "n", "kommend", "coming")):
            quarter += 1
        is_start = match["edge"].lower() in ("start", "beginning", "anfang")
        year, index = divmod(quarter if is_start else quarter + 1, 4)
        first = date(year, index * 3 + 1, 1)
        yield Day(match.start(), match.end(), first if is_start else first - timedelta(days=1), "quarter")


def _due(text: str, days: list[Day]) -> Day | None:
    ordered = sorted(days, key=lambda day: day.start)
    due = [day for day in ordered if _DUE_BEFORE.search(text[: day.start])]
    return next(reversed(due or ordered), None)


def _nearest(clocks: list[Clock], day: Day | None) -> Clock:
    return clocks[-1] if day is None else min(clocks, key=lambda c: min(abs(c.start - day.end), abs(day.start - c.end)))


def _today_or_tomorrow(now: datetime, said: Clock | None) -> date:
    is_over = said is not None and (said.hour, said.minute) <= (now.hour, now.minute)
    return now.date() + timedelta(days=1) if is_over else now.date()


def _without_quotes(text: str) -> str:
    """The same length, with quoted text blanked: a date in it is content."""
    return re.sub(r"[\"“„«][^\"“”„«»]*[\"”“»]", lambda m: "_" * len(m[0]), text)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        head, tail = text[:start], text[end:]
        if part := _DAY_PART.match(tail):
            tail = tail[part.end() :]
        if before := _BEFORE_DAY.search(head):
            head = head[: before.start()]
        glue = "" if not head.strip() or not tail.strip() or tail[:1] in ",.;:!?)" else " "
        text = head.rstrip() + glue + tail.lstrip(" ,")
    return text.strip(" ,;")


def find_priority(text: str) -> tuple[str | None, str]:
    """The priority a request gives, and the text without it."""
    for priority, pattern in _PRIORITIES.items():
        if match := pattern.search(text):
            return priority, (text[: match.start()] + text[match.end() :]).strip(" ,;:")
    return None, text


def find_amount(text: str) -> tuple[str, str | None] | None:
    """An amount in major units and its currency if one is said: `15k`, `€20,000`, `1,5 Mio. Euro`."""
    tokens = read(text).tokens
    for position in range(len(tokens)):
        if found := quantity_at(tokens, position):
            quantity = found[0]
            return quantity.text, quantity.unit if quantity.is_money else None
    return None


def take(pattern: re.Pattern[str], text: str) -> tuple[str | None, str]:
    """What a pattern finds first, and the text without it."""
    match = pattern.search(text)
    if match is None:
        return None, text
    rest = f"{text[: match.start()].rstrip(' ,;(<:')} , {text[match.end() :].lstrip(' ,;)>')}"
    return match[0], rest.strip(" ,;")
