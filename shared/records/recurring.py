"""Tasks that come again. The rule is RRULE text (RFC 5545); the next task is made when one is done.

`repeat_on` is the day of the rule a task stands for: one that is put off keeps it, so the series does not move. Days
that passed while a task lay undone are skipped, not piled up. With COUNT each next task's rule counts one less.

    done ─▶ `following` ─▶ values of the next task (verbs make it; `repeats_from_id` is unique, so twice makes one)
    opened again ─▶ `untouched_next` ─▶ the next one goes, if nobody has touched it
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr
from sqlalchemy import select

from shared.errors import Invalid
from shared.models import Task, TaskStatus
from shared.query.dates import Calendar
from shared.records import due_times, due_words
from shared.records.due_words import NUMBER, WEEKDAY
from shared.tenancy import TenantSession

LONGEST = 200  # characters of a rule
_PARTS = frozenset(("FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "COUNT", "UNTIL", "WKST"))
_FREQUENCIES = frozenset(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: What the next task has from the one that is done, beside links, tags and custom fields.
_COPIED = ("title", "body", "priority", "assignee_id", "promised_by")
#: A rule that names no day within so many years names none.
_REACH = timedelta(days=366 * 30)


def check(text: str) -> str:
    """A rule in one spelling. Raises Invalid for what is no rule, for hourly ones and for those that never come."""
    parts = dict(part.partition("=")[::2] for part in text.strip().upper().removeprefix("RRULE:").split(";") if part)
    frequency = parts.get("FREQ", "")
    if len(text) > LONGEST or frequency not in _FREQUENCIES or not parts.keys() <= _PARTS:
        raise Invalid.field("repeat", "A rule is daily, weekly, monthly or yearly, as in “FREQ=WEEKLY;BYDAY=MO”.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise Invalid.field("repeat", "A rule ends on a day or after a number of times, not both.")
    if not (parts.get("INTERVAL", "1").isdecimal() and 1 <= int(parts.get("INTERVAL", "1")) <= 999):
        raise Invalid.field("repeat", "The interval is a number from 1 to 999.")
    if until := parts.get("UNTIL"):
        parts["UNTIL"] = until[:8]  # a day: times would need a zone
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        if _first(rule, date(2024, 1, 1), date(1990, 1, 1)) is None and "UNTIL" not in parts:
            raise Invalid.field("repeat", "There is no such day.")
    except (ValueError, TypeError) as error:
        raise Invalid.field("repeat", "This is not a rule that a task can follow.") from error
    return rule


def anchored(rule: str, day: date) -> str:
    """A monthly or yearly rule that takes its day from where it begins, with that day in it: no month is left out."""
    if any(part in rule for part in ("BYDAY", "BYMONTHDAY", "BYMONTH=")) or day.day < 29:
        return rule
    if rule.startswith("FREQ=MONTHLY"):
        return f"{rule};{day_of_month(day.day)}"
    is_leap_day = rule.startswith("FREQ=YEARLY") and (day.month, day.day) == (2, 29)
    return f"{rule};BYMONTH=2;{day_of_month(29)}" if is_leap_day else rule


def _rule(text: str, start: date) -> rrule:
    rule = rrulestr(text, dtstart=datetime.combine(start, time()))
    assert isinstance(rule, rrule)
    return rule


def _first(text: str, anchor: date, from_: date) -> date | None:
    """The first day of a rule begun at `anchor` that is not before `from_`."""
    rule = _rule(text, anchor)
    found = rule.after(datetime.combine(max(from_, anchor), time()), inc=True)
    return found.date() if found is not None and found - datetime.combine(anchor, time()) < _REACH else None


def first_day(text: str, from_: date) -> date | None:
    """The first day of a rule, `from_` or later."""
    return _first(text, from_, from_)


def coming(text: str, anchor: date, count: int = 3) -> list[date]:
    """The next days of a rule, for a preview."""
    found: list[date] = []
    for day in _rule(text, anchor):
        if len(found) == count or day.date() - anchor > _REACH:
            break
        found.append(day.date())
    return found


def next_day(text: str, anchor: date, today: date) -> tuple[date, str] | None:
    """The day after `anchor` by the rule, today or later, and the rule that is left; None where it ended."""
    rule = _rule(text, anchor)
    for passed, day in enumerate(rule):
        if day.date() > anchor and day.date() >= today:
            return day.date(), _counted_down(text, passed)
        if day.date() - anchor > _REACH:
            return None
    return None


def _counted_down(text: str, passed: int) -> str:
    return re.sub(r"COUNT=(\d+)", lambda match: f"COUNT={int(match[1]) - passed}", text)


def following(session: TenantSession, task: Task) -> dict[str, Any] | None:
    """The values of the task that comes after one that is done; None where none does, or it is there already."""
    if successor(session, task) is not None:
        return None
    values = skipped(session, task)
    if values is None:
        return None
    return {name: getattr(task, name) for name in _COPIED} | {"repeats_from_id": task.id} | values


def skipped(session: TenantSession, task: Task) -> dict[str, Any] | None:
    """What changes when a task stands for the next day of its rule instead; None where there is none."""
    anchor = task.repeat_on or task.due_date
    if not task.repeat or anchor is None:
        return None
    calendar = Calendar.of(session)
    found = next_day(task.repeat, anchor, calendar.today)
    if found is None:
        return None
    day, rule = found
    return {"repeat": rule, "repeat_on": day} | moved(task, day, calendar.zone)


def moved(task: Task, day: date, zone: ZoneInfo) -> dict[str, Any]:
    """Due on another day at the same time of day, whatever the clocks did in between."""
    if task.due_at is None:
        return {"due_date": day, "due_at": None}
    clock_time = task.due_at.astimezone(zone).time()
    return {"due_date": day, "due_at": datetime.combine(day, clock_time, tzinfo=zone)}


def successor(session: TenantSession, task: Task) -> Task | None:
    """The task that was made when this one was done, deleted or not."""
    return session.scalar(select(Task).where(Task.repeats_from_id == task.id))


def untouched_next(session: TenantSession, task: Task) -> Task | None:
    """The next task, if it still says what it was made with."""
    found = successor(session, task)
    if found is None or found.deleted_at is not None or found.status != TaskStatus.OPEN:
        return None
    same = all(getattr(found, name) == getattr(task, name) for name in _COPIED)
    return found if same and found.due_date == found.repeat_on else None


# --- Rules as people say them


_UNITS = {
    "DAILY": "day days tag tage tagen daily taeglich",
    "WEEKLY": "week weeks woche wochen weekly woechentlich",
    "MONTHLY": "month months monat monate monaten monatlich monthly",
    "YEARLY": "year years jahr jahre jahren yearly annually jaehrlich",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_UNIT = rf"(?P<u>{'|'.join(sorted(_UNIT_OF, key=len, reverse=True))})"
_EVERY = r"(?:every|each|jede[nrms]?|alle)"
_DAYS = rf"(?P<days>{WEEKDAY}s?(?:(?:\s*,\s*|\s+and\s+|\s+und\s+|\s*&\s*){WEEKDAY}s?)*)"
_INTERVAL = rf"(?:(?P<n>{NUMBER}|other|second|third|zweite[nrms]?|dritte[nrms]?)\s+)?"
_MONTHLY = r"(?:monthly|every\s+month)\s+on\s+(?:the\s+)?(?:day\s+)?|(?:monatlich|jeden\s+monat)\s+am\s+(?:tag\s+)?"
_OF_MONTH = r"(?:\s+(?:of|in|im|des)\s+(?:the\s+|each\s+|every\s+|jede[nms]\s+)?(?:month|monats?))?"
_SAYINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (
            rf"(?:{_EVERY}\s+)?(?:weekday|workday|working\s+day|business\s+day|werktags?|werktaeglich|arbeitstag)",
            "workdays",
        ),
        (rf"{_EVERY}\s+{_INTERVAL}{_DAYS}", "every"),  # before "nth": every second Tuesday is every other one
        (rf"(?:{_EVERY}\s+|{_MONTHLY}|am\s+)(?P<o>{due_words.ORDINAL})\s+"
         rf"(?P<w>{WEEKDAY}){_OF_MONTH}", "nth"),
        (rf"(?:{_EVERY}\s+|{_MONTHLY}|am\s+)(?:last|letzten?)\s+(?:day|tag){_OF_MONTH}"
         r"|(?:every\s+|each\s+|jede[sn]\s+)?(?:month[ -]end|monatsende)", "last"),
        (rf"(?:{_MONTHLY})(?:first|ersten?)(?:\s+(?:day|tag))?", "first"),
        (rf"(?:{_EVERY}\s+|{_MONTHLY}|am\s+)(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?"
         rf"(?:\s+jede[ns]\s+monats?)?{_OF_MONTH}", "dom"),
        (rf"{_EVERY}\s+{_INTERVAL}{_UNIT}(?:\s+(?:on|am)\s+{_DAYS})?", "every"),
        (rf"{_UNIT}(?:\s+(?:on|am)\s+{_DAYS})?", "every"),
        (r"(?P<n>bi)weekly|(?P<q>quarterly|vierteljaehrlich|every\s+quarter|jedes\s+quartal)", "apart"),
    )
)  # fmt: skip
#: “The 15th of every month”: the day first, which the sayings above have behind.
_DAY_FIRST = re.compile(
    r"(?:on\s+|am\s+)?(?:the\s+|den\s+)?(?P<day>.+?)"
    r"\s+(?:(?:of|in)\s+(?:each|every)\s+month|(?:eines\s+)?jede[ns]\s+monats?)"
)
_TIMES = re.compile(r"[,\s]+(?:for\s+)?(?P<n>\d{1,3})\s*(?:x|times|mal)$")
_UNTIL = re.compile(r"[,\s]+(?:until|till|bis(?:\s+zum)?)\s+(?P<day>.+)$")
_NTHS = {"other": 2, "second": 2, "third": 3, "zweite": 2, "dritte": 3}


def read(text: str, calendar: Calendar) -> str | None:
    """The rule that a text says (“every 2 weeks on mon and thu until 31 March”), or None where it says none.

    RRULE text is taken as it is. Raises Invalid for a rule that never comes, NotADay for an end that is none.
    """
    found = read_timed(text, calendar)
    return found[0] if found and found[1] is None else None


def read_timed(text: str, calendar: Calendar) -> tuple[str, time | None] | None:
    """The same with the time of day that stands in it: “every friday at 3pm until 31 March”."""
    if text.strip().upper().startswith(("FREQ=", "RRULE:")):
        return check(text), None
    folded, end, at_end = _without_end(due_words.fold(text), calendar)
    for said, clock_time in due_times.readings(folded):
        if day_first := _DAY_FIRST.fullmatch(said):
            said = f"monthly on {day_first['day']}"
        for pattern, name in _SAYINGS:
            if (match := pattern.fullmatch(said)) and (clock_time is None or at_end is None):
                return check(_said(name, match) + end), clock_time or at_end
    return None


def _without_end(folded: str, calendar: Calendar) -> tuple[str, str, time | None]:
    """The rule alone, its end, and the time that was said with that."""
    from shared.records import due  # which reads days; this reads rules

    if match := _TIMES.search(folded):
        return folded[: match.start()], f";COUNT={int(match['n'])}", None
    if match := _UNTIL.search(folded):
        last = due.read(match["day"], calendar)
        at = last.at.astimezone(calendar.zone).time() if last.at else None
        return folded[: match.start()], f";UNTIL={last.day:%Y%m%d}", at
    return folded, "", None


def _said(name: str, match: re.Match[str]) -> str:
    parts = match.groupdict()
    if name == "workdays":
        return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    if name == "nth":
        return f"FREQ=MONTHLY;BYDAY={due_words.ordinal(parts['o'])}{WEEKDAY_CODES[due_words.weekday(parts['w'])]}"
    if name == "last":
        return "FREQ=MONTHLY;BYMONTHDAY=-1"
    if name == "first":
        return "FREQ=MONTHLY;BYMONTHDAY=1"
    if name == "dom":
        return f"FREQ=MONTHLY;{day_of_month(int(parts['d']))}"
    if name == "apart":
        return "FREQ=WEEKLY;INTERVAL=2" if parts["n"] else "FREQ=MONTHLY;INTERVAL=3"
    named = re.findall(WEEKDAY + r"s?", parts.get("days") or "")
    days = [WEEKDAY_CODES[due_words.weekday(_singular(day))] for day in named]
    rule = f"FREQ={_UNIT_OF[parts['u']]}" if parts.get("u") else "FREQ=WEEKLY"
    if said := parts.get("n"):
        stem = said.rstrip("nrms") if said.startswith(("zw", "dr")) and said not in ("zwei", "drei") else said
        rule += f";INTERVAL={_NTHS.get(stem) or due_words.number(said)}"
    return rule + (f";BYDAY={','.join(dict.fromkeys(days))}" if days else "")


def _singular(day: str) -> str:
    bare = day.rstrip(".")
    return bare if bare in due_words.WEEKDAYS else bare.removesuffix("s")


def day_of_month(day: int) -> str:
    """The part of a monthly rule for a day; the last day of months that have no such day."""
    if not 1 <= day <= 31:
        raise Invalid.field("repeat", "A month has no such day.")
    return f"BYMONTHDAY={day}" if day < 29 else f"BYMONTHDAY={','.join(map(str, range(28, day + 1)))};BYSETPOS=-1"
