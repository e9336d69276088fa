"""What the page of dropped e-mails and events shows of each: what it becomes, with whom, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from crm import record_names
from crm.localization import lazy_gettext as _l
from crm.record_names import Reference
from shared.activities import staging
from shared.models import ImportJob, ImportRow
from shared.tenancy import TenantSession

#: (words, tone, icon) by what stands against taking it in.
_FATES: dict[str | None, tuple[LazyString, str, str]] = {
    None: (_l("New"), "green", "plus"),
    staging.NEWER: (_l("Changed"), "blue", "refresh"),
    staging.HELD: (_l("Held: its task is done"), "green", "check"),
    staging.WITHDRAWN: (_l("Called off: will be deleted"), "amber", "trash"),
    staging.KNOWN: (_l("There already"), "neutral", "check"),
    staging.TWICE: (_l("Twice in the file"), "neutral", "copy"),
    staging.BINNED: (_l("In the bin"), "neutral", "trash"),
    staging.NOBODY: (_l("Nobody you know"), "neutral", "user"),
    staging.CANCELLED: (_l("Called off"), "neutral", "ban"),
    "left_out": (_l("Left out"), "neutral", "x"),
    "bad": (_l("Unreadable"), "red", "alert-triangle"),
    "failed": (_l("Failed"), "red", "alert-triangle"),
    "created": (_l("Taken in"), "green", "check"),
    "updated": (_l("Changed"), "blue", "refresh"),
    "deleted": (_l("Deleted"), "amber", "trash"),
    "reverted": (_l("Taken back"), "neutral", "arrow-back-up"),
    "kept": (_l("Changed since: stays"), "amber", "pencil"),
}
_LEAVABLE = (None, staging.NEWER, staging.HELD, staging.WITHDRAWN)
_ICONS = {"email": "mail", "meeting": "users", "task": "checkbox"}
KINDS: dict[str, LazyString] = {"email": _l("E-mail"), "meeting": _l("Meeting"), "task": _l("Task")}


@dataclass(frozen=True, slots=True)
class Item:
    """One message or event. `kind`: email, meeting or task; `fate` is (words, tone, icon)."""

    number: int
    kind: str
    icon: str
    title: str
    at: datetime | None
    day: date | None
    who: str
    snippet: str
    files: tuple[str, ...]
    people: tuple[Reference, ...]
    unknown: int
    fate: tuple[LazyString, str, str]
    reason: str
    record: Reference | None
    is_series: bool
    is_cut: bool
    is_left: bool
    may_leave: bool


def items(session: TenantSession, rows: Sequence[ImportRow]) -> list[Item]:
    """Rows as the page lists them."""
    wanted = [("contact", id) for row in rows for id in row.values.get("contacts", ())]
    made = [(row.match, row.record_id) for row in rows if row.match and row.record_id]
    known = record_names.references(session, [*wanted, *made])
    return [_item(row, known) for row in rows]


def _item(row: ImportRow, known: dict[Any, Reference]) -> Item:
    values = row.values
    kind = "task" if values.get("becomes") == "task" else values.get("kind", "email")
    at = datetime.fromisoformat(values["at"]) if values.get("at") else None
    day = date.fromisoformat(values["day"]) if values.get("day") else None
    fate = _fate(row)
    return Item(
        number=row.number,
        kind=kind,
        icon=_ICONS[kind],
        title=values.get("title") or str(_("Without a subject")),
        at=None if day else at,
        day=day,
        who=_who(values),
        snippet=values.get("snippet", ""),
        files=tuple(name for name, _size in values.get("files", ())),
        people=tuple(known["contact", id] for id in values.get("contacts", ()) if ("contact", id) in known),
        unknown=len(values.get("unknown", ())),
        fate=_FATES.get(fate, _FATES[None]),
        reason=(row.reason or "") if row.state == "bad" or row.result == "failed" else "",
        record=known.get((row.match or "", row.record_id or 0)),
        is_series=bool(values.get("series")),
        is_cut="cut" in values,
        is_left=row.state == "left_out",
        may_leave=row.result is None and row.state != "bad" and row.why in _LEAVABLE,
    )


def _fate(row: ImportRow) -> str | None:
    if row.state in ("bad", "left_out", "kept"):
        return row.state
    if row.state == "reverted" and row.result in ("created", "updated"):
        return "reverted"
    if row.result == "updated" and (row.before or {}).get("deleted"):
        return "deleted"
    if row.result in ("created", "updated", "failed"):
        return row.result
    return row.reason if row.result == "skipped" and row.reason else row.why


def _who(values: dict[str, Any]) -> str:
    """Whom it is from or to, whichever is not us; of an event, who takes part."""
    named = staging.people_of(values)
    is_out = values.get("direction") == "out"
    roles = {"to", "cc"} if is_out else {"from"} if values.get("kind") == "email" else {"organizer", "attendee"}
    shown = [person.name or person.address for person in named if person.role in roles]
    text = ", ".join(shown[:3])
    more = len(shown) - 3 + (values.get("more", 0) if roles != {"from"} else 0)
    if more > 0:
        text = str(_("%(names)s and %(num)s more", names=text, num=more))
    if not text or values.get("kind") != "email":
        return text
    return str(_("To %(names)s", names=text) if is_out else _("From %(names)s", names=text))


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done: entries to add (`summary` says which), to change, there already, left, unreadable; how many
    lack their end; and who is not known, as [address, name, entries], the most frequent of `unknown`."""

    new: int
    changed: int
    there: int
    left: int
    bad: int
    cut: int
    people: list[list[Any]]
    unknown: int
    summary: str

    @property
    def does(self) -> int:
        return self.new + self.changed

    @classmethod
    def of(cls, job: ImportJob) -> Plan:
        new, changed, there, left, bad, cut = (
            job.plan.get(name, 0) for name in ("create", "update", "unchanged", "skip", "bad", "cut")
        )
        said = summary(job.plan.get("kinds", {}))
        return cls(new, changed, there, left, bad, cut, job.plan.get("people", []), job.plan.get("unknown", 0), said)


def summary(kinds: dict[str, int]) -> str:
    """`12 e-mails, 3 meetings, 1 task`."""
    mails, meetings, tasks = (kinds.get(kind, 0) for kind in KINDS)
    words = (
        ngettext("%(num)s e-mail", "%(num)s e-mails", mails) if mails else "",
        ngettext("%(num)s meeting", "%(num)s meetings", meetings) if meetings else "",
        ngettext("%(num)s task", "%(num)s tasks", tasks) if tasks else "",
    )
    return ", ".join(str(word) for word in words if word)
