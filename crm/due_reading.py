"""Days typed by people, for pages: what was understood in the reader's language, or why nothing was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from crm import localization, web
from shared.errors import Invalid
from shared.query.dates import Calendar
from shared.records import due
from shared.records.due import Due, NotADay


@dataclass(frozen=True, slots=True)
class Understood:
    """`text` says it in full; `is_past` warns."""

    found: Due
    text: str
    is_past: bool


def calendar() -> Calendar:
    """Days as the workspace counts them, at the clock of whoever types."""
    return Calendar.of(web.session(), zone=localization.zone())


def is_month_first() -> bool:
    """What 3/4 means to this reader."""
    pattern = str(localization.locale().date_formats["short"].pattern)
    return pattern.lower().startswith("m")


def read(text: str) -> Due:
    """The day a person typed. Raises Invalid that says what is wrong, under the name `due`."""
    try:
        return due.read(text, calendar(), month_first=is_month_first())
    except NotADay as error:
        raise Invalid.field("due", explained(error)) from error


def understood(found: Due) -> Understood:
    """What to show beside what was typed."""
    return Understood(found, said(found), found.day < localization.today())


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


def as_typed(day: date | None, at: datetime | None) -> str:
    """A due day in figures that `read` reads back."""
    if at is not None:
        return at.astimezone(localization.zone()).strftime("%Y-%m-%d %H:%M")
    return day.isoformat() if day else ""
