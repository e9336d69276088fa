"""Days typed by people, for pages: what was understood in the reader's language, or why nothing was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_skeleton

from crm import localization, web
from crm.localization import gettext as _
from shared.errors import Invalid
from shared.models import Task
from shared.query.dates import Calendar
from shared.records import due
from shared.records.due import Due, NotADay


@dataclass(frozen=True, slots=True)
class Understood:
    """`text` says it in full, `typed` in figures; `is_past` warns."""

    text: str
    typed: str
    is_past: bool


def calendar() -> Calendar:
    """Days as the workspace counts them, at the clock of whoever types."""
    return Calendar.of(web.session(), zone=localization.zone())


def is_month_first() -> bool:
    """What 3/4 means to this reader."""
    pattern = str(localization.locale().date_formats["short"].pattern)
    return pattern.lower().startswith("m")


def read(text: str, path: str = "due") -> Due:
    """The day a person typed. Raises Invalid that says what is wrong, under the name `path`."""
    try:
        return due.read(text, calendar(), month_first=is_month_first())
    except NotADay as error:
        raise Invalid.field(path, explained(error)) from error


def split(text: str) -> tuple[str, Due | None]:
    """What is to be done, and by when, from one line."""
    return due.split(text, calendar(), month_first=is_month_first())


def day_of(task: Task) -> date | None:
    """The day a task is due where the reader is: a time of day near midnight lies on another day elsewhere."""
    return task.due_at.astimezone(localization.zone()).date() if task.due_at else task.due_date


def understood(found: Due) -> Understood:
    """What to show beside what was typed."""
    return Understood(said(found), as_typed(found.at or found.day), found.day < localization.today())


def said(found: Due) -> str:
    """“Friday, 4 December 2026, 15:00”."""
    day = localization.day(found.day, "full")
    return f"{day}, {localization.clock_time(found.at)}" if found.at else day


def explained(error: NotADay) -> str:
    """Why it is no day, in the reader's language."""
    if error.reason == "no_such_day":
        return str(_("There is no such day: “%(text)s”.", text=error.detail))
    if error.reason == "no_such_time":
        return str(_("There is no such time: “%(text)s”.", text=error.detail))
    if error.reason == "weekday":
        return str(_("That day is a %(day)s.", day=localization.day(date.fromisoformat(error.detail), "full")))
    if error.reason == "too_far":
        return str(_("That is too far away: %(year)s.", year=error.detail))
    if error.reason == "empty":
        return str(_("Type a day, like “tomorrow” or “friday 3pm”."))
    return str(
        _(
            "“%(text)s” is not understood. Try “tomorrow 9am”, “next friday”, “in two weeks” or “31.12.”.",
            text=error.detail,
        )
    )


def in_short(task: Task) -> str:
    """“Today 15:00”, “Tomorrow”, “Mon, Nov 30”, “Dec 24”, “Jan 4, 2027”."""
    day, today = day_of(task), localization.today()
    if day is None:
        return ""
    ahead = (day - today).days
    if -2 < ahead < 2:
        said = (_("Yesterday"), _("Today"), _("Tomorrow"))[ahead + 1]
    elif day.year == today.year:
        said = _without_year(day, "MMMEd" if -7 < ahead < 7 else "MMMd", localization.locale())
    else:
        said = localization.day(day)
    return f"{said} {localization.clock_time(task.due_at)}".rstrip() if task.due_at else said


def in_full(task: Task) -> str:
    """“Dec 4, 2026, 15:00”; an empty text without a day."""
    return localization.day(day_of(task)) + (f", {localization.clock_time(task.due_at)}" if task.due_at else "")


@lru_cache(maxsize=4096)
def _without_year(day: date, skeleton: str, language: Locale) -> str:
    return str(format_skeleton(skeleton, day, locale=language))


def as_typed(when: date | datetime | None) -> str:
    """A due day, or moment, in figures that `read` reads back."""
    if isinstance(when, datetime):
        return when.astimezone(localization.zone()).strftime("%Y-%m-%d %H:%M")
    return when.isoformat() if when else ""
