"""Days and times of day as they are spoken, resolved against the day of the meeting.

The rules (weeks begin on Monday; `day` is the meeting's): Friday is the first Friday after `day`; Friday next week lies
in the week after; "a week from Friday" and "Friday week" are the first Friday plus seven days; "the twenty-first" is
the next such day of a month, and with a weekday beside it the next on which both agree; "end of October" is its last
day, "end of next week" the Friday. What does not come to one day ("early next week", "in January") is not a date.
dateparser is not used: it knows no spoken ordinals and reads "Friday" as a day past or to come by a setting.
"""

from __future__ import annotations

# ruff: noqa: SIM905 - word lists read better as running text
import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_WEEKDAYS = {
    name: index % 7
    for index, name in enumerate(
        "monday tuesday wednesday thursday friday saturday sunday "
        "montag dienstag mittwoch donnerstag freitag samstag sonntag".split()
    )
} | {"sonnabend": 5, "mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thurs": 3, "fri": 4}
#: German short forms, only where the words beside them leave no doubt: "do" and "di" are words, too.
_SHORT = {"mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6}
_MONTHS = (
    {name: i % 12 + 1 for i, name in enumerate(
        "january february march april may june july august september october november december "
        "januar februar märz april mai juni juli august september oktober november dezember".split())}
    | {name: i + 1 for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())}
    | {"jänner": 1, "sept": 9, "mär": 3, "okt": 10, "dez": 12}
)  # fmt: skip
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_DAY_WORDS = (
    {word: i + 1 for i, word in enumerate(_ORDINALS)}
    | {f"twenty{mark}{word}": i + 21 for mark in "- " for i, word in enumerate(_ORDINALS[:9])}
    | {f"thirt{rest}": day for rest, day in (("ieth", 30), ("y-first", 31), ("y first", 31))}
)
_GERMAN_STEMS = (
    "erst zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft dreizehnt vierzehnt fünfzehnt sechzehnt "
    "siebzehnt achtzehnt neunzehnt zwanzigst einundzwanzigst zweiundzwanzigst dreiundzwanzigst vierundzwanzigst "
    "fünfundzwanzigst sechsundzwanzigst siebenundzwanzigst achtundzwanzigst neunundzwanzigst dreißigst "
    "einunddreißigst"
).split()
_DAY_WORDS |= {stem + end: i + 1 for i, stem in enumerate(_GERMAN_STEMS) for end in ("e", "en", "er")}
_COUNTS = {
    word: n
    for n, words in enumerate(
        ("", "a one einer einem ein", "two zwei", "three drei", "four vier", "five fünf", "six sechs", "seven sieben",
         "eight acht", "nine neun", "ten zehn")
    )
    for word in words.split()
}  # fmt: skip


def _any(table: dict[str, int]) -> str:
    return "|".join(sorted(map(re.escape, table), key=len, reverse=True))


_W = rf"(?P<w>{_any(_WEEKDAYS)})\b\.?"
_WS = rf"(?P<w>{_any(_SHORT)})\b\.?"
_M = rf"(?P<m>{_any(_MONTHS)})\b\.?"
_D = rf"(?P<d>{_any(_DAY_WORDS)}|[0-3]?\d(?:st|nd|rd|th)|[0-3]?\d\b(?!\s*[:%€$£]))"
_DWORD = rf"(?P<d>{_any(_DAY_WORDS)}|[0-3]?\d(?:st|nd|rd|th))\b"
_Y = r"(?:,?\s+(?P<y>20\d\d|twenty\s+twenty[ -](?:one|two|three|four|five|six|seven|eight|nine)))?"
_N = rf"(?P<n>{_any(_COUNTS)}|\d{{1,2}})"


@dataclass(frozen=True, slots=True)
class Day:
    """text[start:end] names `date`. `rule` is how: `fri`, `next:wed`, `thu+1w`, `dom:21`, `md:12-07`, `eom` …"""

    start: int
    end: int
    date: date
    rule: str


@dataclass(frozen=True, slots=True)
class Clock:
    """text[start:end] names a time of day."""

    start: int
    end: int
    hour: int
    minute: int


def first_after(day: date, weekday: int) -> date:
    """The first such weekday after `day`, `day` itself excluded."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def _in_week(day: date, weekday: int, weeks: int) -> date:
    return day - timedelta(days=day.weekday()) + timedelta(days=weekday, weeks=weeks)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _day_of_month(day: date, number: int, weekday: int | None = None) -> date | None:
    """The next such day of a month; given a weekday, the next within a year on which both agree, else without it."""
    fallback: date | None = None
    for step in range(13):
        month = (day.month - 1 + step) % 12 + 1
        year = day.year + (day.month - 1 + step) // 12
        if number > calendar.monthrange(year, month)[1]:
            continue
        candidate = date(year, month, number)
        if candidate <= day:
            continue
        fallback = fallback or candidate
        if weekday is None or candidate.weekday() == weekday:
            return candidate
    return fallback


def _year(said: str | None) -> int | None:
    if not said:
        return None
    return int(said) if said.isdecimal() else 2020 + _COUNTS.get(re.split(r"[ -]", said)[-1], 0)


def _month_day(day: date, month: int, number: int, year: int | None) -> date | None:
    for candidate in (year,) if year else (day.year, day.year + 1, day.year + 2, day.year + 3, day.year + 4):
        try:
            found = date(candidate, month, number)
        except ValueError:
            continue
        if year or found >= day:
            return found
    return None


def _number(said: str) -> int:
    return _DAY_WORDS.get(said) or int(re.sub(r"\D", "", said))


Resolver = Callable[[date, "re.Match[str]"], tuple[date | None, str]]


def _fixed(days: int, rule: str) -> Resolver:
    return lambda day, match: (day + timedelta(days=days), rule)


def _weekday(weeks: int, prefix: str = "", suffix: str = "") -> Resolver:
    """`weeks` -1: the first such weekday after the day, plus a week with a suffix; else in the week so many on."""

    def resolve(day: date, match: re.Match[str]) -> tuple[date | None, str]:
        weekday = (_WEEKDAYS | _SHORT)[match["w"]]
        name = "mon tue wed thu fri sat sun".split()[weekday]
        if weeks >= 0:
            return _in_week(day, weekday, weeks), f"{prefix}{name}"
        found = first_after(day, weekday)
        return found + timedelta(days=7 if suffix else 0), f"{prefix}{name}{suffix}"

    return resolve


def _weekday_in_weeks(day: date, match: re.Match[str]) -> tuple[date | None, str]:
    weeks = _COUNTS.get(match["n"]) or int(match["n"])
    return _in_week(day, _WEEKDAYS[match["w"]], weeks), f"+{weeks}w"


def _weeks_from_weekday(day: date, match: re.Match[str]) -> tuple[date | None, str]:
    weeks = _COUNTS[match["n"]]
    return first_after(day, _WEEKDAYS[match["w"]]) + timedelta(weeks=weeks), f"+{weeks}w"


def _after(day: date, match: re.Match[str]) -> tuple[date | None, str]:
    count = _COUNTS.get(match["n"]) or int(match["n"])
    unit = match["u"]
    if unit.startswith(("week", "woche", "fort")):
        count *= 2 if unit.startswith("fort") else 1
        return day + timedelta(weeks=count), f"+{count}w"
    if unit.startswith(("day", "tag")):
        return day + timedelta(days=count), f"+{count}d"
    month = (day.month - 1 + count) % 12 + 1
    year = day.year + (day.month - 1 + count) // 12
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1])), f"+{count}m"


def _dom(day: date, match: re.Match[str]) -> tuple[date | None, str]:
    number = _number(match["d"])
    weekday = match.groupdict().get("w")
    found = _day_of_month(day, number, _WEEKDAYS[weekday] if weekday else None) if 1 <= number <= 31 else None
    return found, f"dom:{number}"


def _month_and_day(day: date, match: re.Match[str]) -> tuple[date | None, str]:
    month, number = _MONTHS[match["m"]], _number(match["d"])
    return _month_day(day, month, number, _year(match.groupdict().get("y"))), f"md:{month:02}-{number:02}"


def _end_of_month(day: date, match: re.Match[str]) -> tuple[date | None, str]:
    month = _MONTHS[match["m"]]
    year = _year(match.groupdict().get("y")) or day.year + (month < day.month)
    return _month_end(year, month), f"end:{year}-{month:02}"


def _end_of_next_month(day: date, match: re.Match[str]) -> tuple[date | None, str]:
    following = _month_end(day.year, day.month) + timedelta(days=1)
    return _month_end(following.year, following.month), f"end:{following.year}-{following.month:02}"


def _iso(day: date, match: re.Match[str]) -> tuple[date | None, str]:
    try:
        return date(int(match["y"]), int(match["mm"]), int(match["dd"])), "iso"
    except ValueError:
        return None, ""


def _dotted(day: date, match: re.Match[str]) -> tuple[date | None, str]:
    month, number = int(match["mm"]), int(match["dd"])
    if not 1 <= month <= 12:
        return None, ""
    year = int(match["y"]) if match["y"] else None
    year = year + 2000 if year is not None and year < 100 else year
    return _month_day(day, month, number, year), f"md:{month:02}-{number:02}"


_ART = r"(?:the\s+|der\s+|dem\s+|den\s+|am\s+)?"
_JOIN = r"(?:,?\s+|\s*\()"
#: Tried in this order at each place; the first that matches wins, so the longer wording stands before the shorter.
_RULES: tuple[tuple[re.Pattern[str], Resolver], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})"), resolve)
    for pattern, resolve in (
        (r"(?P<y>20\d\d)-(?P<mm>\d\d)-(?P<dd>\d\d)\b", _iso),
        (r"(?P<dd>[0-3]?\d)\.(?P<mm>[01]?\d)\.(?P<y>\d{4}|\d\d)?(?!\d)", _dotted),
        (r"end\s+of\s+(?:the\s+)?next\s+month\b|ende\s+(?:des\s+)?nächsten\s+monats\b", _end_of_next_month),
        (rf"(?:the\s+)?(?:end|close|last\s+day)\s+of\s+{_M}{_Y}", _end_of_month),
        (rf"ende\s+{_M}(?:\s+(?P<y>20\d\d))?", _end_of_month),
        (r"(?:end|close)\s+of\s+(?:the\s+|this\s+)?month\b|month[ -]end\b|end\s+of\s+month\b"
         r"|ende\s+(?:des|dieses|vom)\s+monats?\b|monatsende\b|ende\s+monat\b",
         lambda day, match: (_month_end(day.year, day.month), "eom")),
        (r"(?:end|close)\s+of\s+(?:the\s+|this\s+)?year\b|year[ -]end\b|ende\s+(?:des|dieses)\s+jahres\b|jahresende\b",
         lambda day, match: (date(day.year, 12, 31), f"end:{day.year}-12")),
        (r"end\s+of\s+(?:the\s+)?next\s+week\b|ende\s+(?:der\s+)?(?:nächste|kommende)[rn]?\s+woche\b",
         lambda day, match: (_in_week(day, 4, 1), "next:fri")),
        (r"(?:end\s+of\s+(?:the\s+|this\s+)?week|ende\s+(?:der|dieser)\s+woche)\b",
         lambda day, match: (_in_week(day, 4, 0) if day.weekday() < 5 else first_after(day, 4), "this:fri")),
        (rf"(?:a\s+week\s+(?:from|on)\s+)(?:this\s+)?{_W}", _weekday(-1, suffix="+1w")),
        (rf"{_W}\s+in\s+{_N}\s+(?:weeks?|wochen?)\b", _weekday_in_weeks),
        (rf"(?P<n>two|three)\s+weeks\s+(?:from|on)\s+{_W}", _weeks_from_weekday),
        (rf"{_W}\s+week\b(?!\s*(?:ly|end))", _weekday(-1, suffix="+1w")),
        (rf"{_W}{_JOIN}{_ART}{_D}{_JOIN}?(?:of\s+)?{_M}{_Y}", _month_and_day),
        (rf"{_W}{_JOIN}{_M}\s+(?:the\s+)?{_D}{_Y}", _month_and_day),
        (rf"(?:(?:the|am|der|dem|den|zum|vom)\s+)?{_D}\.?\s+(?:of\s+)?{_M}{_Y}", _month_and_day),
        (rf"{_M}\s+(?:the\s+)?{_D}(?!\s*(?:people|users|seats|percent|thousand|hundred)){_Y}", _month_and_day),
        (rf"{_W}(?:\s+(?:of\s+|in\s+the\s+)?next\s+week|\s+nächste[r]?\s+woche)(?:{_JOIN}{_ART}{_DWORD})?",
         lambda day, match: _dom(day, match) if match["d"] else _weekday(1, "next:")(day, match)),
        (rf"(?:next\s+week|nächste\s+woche)(?:\s+on|\s+am)?,?\s+{_W}(?:{_JOIN}{_ART}{_DWORD})?",
         lambda day, match: _dom(day, match) if match["d"] else _weekday(1, "next:")(day, match)),
        (rf"next\s+{_W}(?:{_JOIN}{_ART}{_DWORD})?",
         lambda day, match: _dom(day, match) if match["d"] else _weekday(1, "next:")(day, match)),
        (rf"(?:this\s+|diesen\s+)?{_W}(?:\s+this\s+week)?{_JOIN}{_ART}{_DWORD}", _dom),
        (rf"(?:diesen\s+|nächsten\s+|kommenden\s+){_WS}", _weekday(-1, "this:")),
        (rf"{_WS}\s+nächste[r]?\s+woche",
         _weekday(1, "next:")),
        (r"(?P<n>a|one|two|three)\s+(?P<u>weeks?|fortnight)\s+(?:from\s+)?today\b", _after),
        (r"(?P<n>a|one|two|three)\s+(?P<u>weeks?|fortnight)\s+(?:from\s+)?tomorrow\b",
         lambda day, match: _after(day + timedelta(days=1), match)),
        (rf"(?:this\s+|diesen\s+|nächsten\s+|kommenden\s+|coming\s+){_W}", _weekday(-1, "this:")),
        (rf"{_W}\s+(?:this|diese)\s+(?:week|woche)\b", _weekday(-1, "this:")),
        (rf"in\s+{_N}\s+(?P<u>weeks?|fortnights?|days?|months?|wochen?|tagen?|monaten?)(?:['’]?\s+time)?\b", _after),
        (rf"{_N}\s+(?P<u>weeks?|days?|months?)\s+from\s+(?:now|today)\b", _after),
        (r"(?:heute|today)\s+in\s+(?P<n>einer|zwei|drei|vier|a|two|three)\s+(?P<u>wochen?|weeks?)\b", _after),
        (r"(?:the\s+)?day\s+after\s+tomorrow\b|übermorgen\b", _fixed(2, "+2d")),
        (r"tomorrow\b|morgen\s+(?:früh|vormittag|nachmittag|mittag|abend)\b", _fixed(1, "tomorrow")),
        (r"today\b|tonight\b|this\s+(?:morning|afternoon|evening)\b|heute?\b", _fixed(0, "today")),
        (rf"(?:the|der|dem|den|zum|am|vom)\s+{_DWORD}"
         r"(?!\s+(?:time|thing|one|two|three|step|phase|quarter|half|floor|call|meeting|of\s+all|person|year|place|"
         r"part|version|draft|option|schritt|punkt|mal|termin|jahr|teil|tag|to\s|lot|site|day|week|month|page|point|"
         r"question|round|vendor|name|people|things|weeks|months|days)\b)", _dom),
        (rf"{_DWORD}(?=\s*[,.?!]|\s+(?:works|is\s+(?:fine|good|ok)|it\s+is)|['’]s\s+(?:fine|good|ok))", _dom),
        (rf"{_W}(?!s\b|\s+(?:to|bis)\b)", _weekday(-1)),
        (r"(?P<w>montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)"
         r"(?:früh|morgen|vormittag|mittag|nachmittag|abend)\b", _weekday(-1)),
    )
)  # fmt: skip
_STARTS = re.compile(r"(?<![\w-])(?=[a-zäöü0-9])")
_PAST = re.compile(
    r"\b(?:last|letzten|vergangenen|since|seit|(?:every|jede[nrs]?|each|alle)(?:\s+(?:second|other|third|zweite[nrs]?|zwei))?|"
    r"on\s+the\s+last)\s+$"
)
_RECURRING = re.compile(r"^['’]?s\b")
_GERMAN_MORGEN = re.compile(
    r"(?<!guten )(?<!jeden )(?<!am )(?<!gute )\bmorgen\b(?!\s*(?:zusammen|allerseits|,?\s*herr))"
)
_ORDER_WORDS = frozenset("first second third erste ersten zweite zweiten dritte dritten".split())


@lru_cache(maxsize=8192)
def find_days(text: str, day: date) -> tuple[Day, ...]:
    """Every day named in `text`, left to right, as said on `day`. Past and recurring ones are left out."""
    return tuple(_scan(text, day))


def _scan(text: str, day: date) -> Iterator[Day]:
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters change length; offsets must stay true
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    position = 0
    for start in (match.start() for match in _STARTS.finditer(lowered)):
        if start < position:
            continue
        found = _match(text, lowered, start, day)
        if found:
            position = found.end
            yield found


def _match(text: str, lowered: str, start: int, day: date) -> Day | None:
    morgen = _GERMAN_MORGEN.match(lowered, start)
    if morgen and text[start] == "m":
        return Day(start, morgen.end(), day + timedelta(days=1), "tomorrow")
    for pattern, resolve in _RULES:
        match = pattern.match(lowered, start)
        if not match:
            continue
        past = _PAST.search(lowered, max(0, start - 20), start) or _RECURRING.match(lowered[match.end() :])
        if past and match.groupdict().get("w"):
            return None
        bare = match.groupdict().get("d") == match.group()
        if bare and (match.group() in _ORDER_WORDS or match.group().isdecimal()):
            return None
        found, rule = resolve(day, match)
        return Day(start, match.end(), found, rule) if found else None
    return None


_HOUR_WORDS = {w: n for n, w in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)}
_HOUR_WORDS |= {
    w: n for n, w in enumerate("eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split(), 1)
} | {"ein": 1, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18,
    "neunzehn": 19, "zwanzig": 20}  # fmt: skip
_MINUTES = {"fifteen": 15, "thirty": 30, "forty-five": 45, "forty five": 45, "oh five": 5, "ten": 10, "twenty": 20}
_H = rf"(?P<h>{_any(_HOUR_WORDS)}|[012]?\d)"
_AP = r"(?:\s*(?P<ap>[ap])\.?\s?m\b\.?)"
_CLOCKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?P<h>[012]?\d):(?P<min>[0-5]\d)(?:\s*(?P<ap>[ap])\.?\s?m\b\.?)?",
        rf"\b(?P<half>half)\s+(?:past\s+)?{_H}\b",
        rf"\b(?P<toten>halb)\s+{_H}\b",
        rf"\b(?:a\s+)?(?P<q>quarter|viertel)\s+(?P<side>past|after|to|nach|vor)\s+{_H}\b",
        rf"\b{_H}\s+(?P<minw>{'|'.join(_MINUTES)})\b(?!-|\s*(?:thousand|percent|people|doors|seats|days|minutes|"
        rf"k\b|\d))",
        rf"\b{_H}{_AP}",
        rf"\b{_H}\s+(?:o['’]?\s?clock|uhr)\b(?:\s+(?P<minu>[0-5]\d|dreißig|dreissig)\b)?",
        r"\b(?P<noon>noon|midday|mittags?)\b",
        rf"\b(?:at|um|gegen)\s+{_H}\b(?!\s*(?:percent|thousand|hundred|people|euro|pounds|dollars|%|dot\b|am\s+\w))",
        rf"(?:,\s+|^){_H}(?=[.?!]?$)",
    )
)


def find_clocks(text: str) -> tuple[Clock, ...]:
    """Times of day, left to right. Without a.m. or p.m. an hour from 1 to 6 is taken for the afternoon."""
    lowered = text.lower()
    found: list[Clock] = []
    for pattern in _CLOCKS:
        for match in pattern.finditer(lowered):
            clock = _clock(match)
            if clock and not any(clock.start < other.end and other.start < clock.end for other in found):
                found.append(clock)
    return tuple(sorted(found, key=lambda clock: clock.start))


def _clock(match: re.Match[str]) -> Clock | None:
    parts = match.groupdict()
    if parts.get("noon"):
        return Clock(match.start(), match.end(), 12, 0)
    hour = _HOUR_WORDS.get(parts["h"]) or (int(parts["h"]) if parts["h"].isdecimal() else 99)
    minute = int(parts.get("min") or 0) or _MINUTES.get(parts.get("minw") or "", 0)
    if parts.get("minu"):
        minute = int(parts["minu"]) if parts["minu"].isdecimal() else 30
    if parts.get("half"):
        minute = 30
    if parts.get("toten"):
        hour, minute = hour - 1, 30
    if parts.get("q"):
        before = parts["side"] in ("to", "vor")
        hour, minute = (hour - 1, 45) if before else (hour, 15)
    afternoon = not parts.get("ap") and 1 <= hour <= 6 and not parts.get("min")
    if afternoon or (parts.get("ap") == "p" and hour < 12):
        hour += 12
    return Clock(match.start(), match.end(), hour, minute) if 0 <= hour < 24 else None
