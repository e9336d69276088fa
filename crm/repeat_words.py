"""The rules of recurring tasks as people say them: written in the reader's language, read from what is typed."""

from __future__ import annotations

import re
from datetime import date, time

from babel.dates import get_day_names
from flask_babel import gettext as _
from flask_babel import ngettext

from crm import due_reading, localization
from shared.errors import Invalid
from shared.records import recurring
from shared.records.due import NotADay


def read(text: str) -> str | None:
    """RRULE text of what was typed; None for nothing. Raises Invalid under the name `repeat`."""
    if not text:
        return None
    rule, clock_time = read_timed(text)
    if clock_time is not None:
        raise Invalid.field("repeat", _("Put the time of day with the due day: the task comes again at that time."))
    return rule


def read_timed(text: str) -> tuple[str, time | None]:
    """The same with the time of day that was said in it. Raises Invalid also for nothing."""
    try:
        found = recurring.read_timed(text, due_reading.calendar())
    except NotADay as error:
        raise Invalid.field("repeat", due_reading.explained(error)) from error
    if found is None:
        said = _(
            "“%(text)s” is not understood. Try “every monday”, “every 2 weeks” or “monthly on the 15th”.", text=text
        )
        raise Invalid.field("repeat", said)
    return found


def as_typed(rule: str | None) -> str:
    """A rule as its box reads it back: in words where those mean the same, else as it is."""
    if not rule:
        return ""
    said = describe(rule)
    try:
        return said if read(said) == rule else rule
    except Invalid:
        return rule


def describe(rule: str) -> str:
    """“every 2 weeks on Monday and Thursday until 31 Mar 2027”."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    said = [_every(parts), _on(parts), _ends(parts)]
    return " ".join(part for part in said if part)


def _every(parts: dict[str, str]) -> str:
    count = int(parts.get("INTERVAL", "1"))
    if parts["FREQ"] == "WEEKLY" and count == 1 and parts.get("BYDAY") == "MO,TU,WE,TH,FR":
        return str(_("every working day"))
    return str(
        {
            "DAILY": lambda: ngettext("every day", "every %(num)s days", count),
            "WEEKLY": lambda: ngettext("every week", "every %(num)s weeks", count),
            "MONTHLY": lambda: ngettext("every month", "every %(num)s months", count),
            "YEARLY": lambda: ngettext("every year", "every %(num)s years", count),
        }[parts["FREQ"]]()
    )


def _on(parts: dict[str, str]) -> str:
    if (days := parts.get("BYMONTHDAY", "")) == "-1":
        return str(_("on the last day"))
    if days:
        return str(_("on day %(day)s", day=days.rsplit(",", 1)[-1]))
    if not (named := parts.get("BYDAY", "")) or named == "MO,TU,WE,TH,FR":
        return ""
    names = get_day_names("wide", locale=localization.locale())
    said = []
    for code in named.split(","):
        match = re.fullmatch(r"(-?\d+)?([A-Z]{2})", code)
        if match and match[2] in recurring.WEEKDAY_CODES:
            said.append(_nth(match[1], str(names[recurring.WEEKDAY_CODES.index(match[2])])))
    return str(_("on %(days)s", days=_listed(said)))


def _nth(n: str | None, name: str) -> str:
    nth = {
        "1": _("the first %(day)s", day=name),
        "2": _("the second %(day)s", day=name),
        "3": _("the third %(day)s", day=name),
        "4": _("the fourth %(day)s", day=name),
        "-1": _("the last %(day)s", day=name),
    }
    return str(nth.get(n or "", name))


def _listed(said: list[str]) -> str:
    return said[0] if len(said) < 2 else str(_("%(these)s and %(last)s", these=", ".join(said[:-1]), last=said[-1]))


def _ends(parts: dict[str, str]) -> str:
    if until := parts.get("UNTIL"):
        last = date(int(until[:4]), int(until[4:6]), int(until[6:8]))
        return str(_("until %(day)s", day=localization.day(last)))
    if count := parts.get("COUNT"):
        return str(ngettext("once more", "%(num)s times", int(count)))
    return ""
