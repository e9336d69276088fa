"""The look at a file before anything is taken in: what would become of each message or event, and with whom.

    file ─ messages, events ─▶ known already? ─▶ whose addresses are they? ─▶ import_row, a batch at a time

A row's `why` says what stands against taking it in, None that nothing does; `match` is the type of its record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from shared.activities import calendars, letters, mailboxes, people, sources, writing
from shared.activities.calendars import Happening
from shared.activities.letters import Letter, Person, Unreadable
from shared.activities.people import Ours
from shared.activities.sources import Version
from shared.errors import Invalid
from shared.models import ActivitySource, ImportJob, ImportRow
from shared.models.base import table_of
from shared.query.dates import Calendar
from shared.records.keys import email_key
from shared.records.types import jsonable
from shared.tenancy import TenantSession

#: Files of these imports are messages and events, not tables.
TYPES = ("email", "calendar")
BATCH_ROWS = 25
#: Why a row is not new. `known`, `twice` and `binned` change nothing, `newer` and `withdrawn` a record that is there;
#: what was a task has been `held` meanwhile: the task is done and a meeting stands in the history.
KNOWN, TWICE, BINNED = "known", "twice", "binned"
NEWER, WITHDRAWN, HELD = "newer", "withdrawn", "held"
NOBODY, CANCELLED = "nobody", "cancelled"
#: People that a page offers as new contacts.
_MOST_OFFERED = 200
_SNIPPET = 240
Sessions = Callable[[bool], AbstractContextManager[TenantSession]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message or event of a file: what is kept of it until it is taken in."""

    number: int
    values: dict[str, Any]
    problem: str | None = None


def stage(
    job: ImportJob, path: Path, open_session: Sessions, tell: Callable[[TenantSession, dict[str, Any]], None]
) -> dict[str, Any]:
    """Stage what is not staged yet. Returns the plan. `tell` writes progress, in the session of a batch."""
    with open_session(False) as session:
        staged_to = session.scalar(select(func.max(ImportRow.number)).where(ImportRow.job_id == job.id)) or 0
        calendar, ours = Calendar.of(session), Ours.of(session)
        seen = _staged_keys(session, job.id)
    total, entries, notes = _read(job, path, calendar, after=staged_to)
    with open_session(True) as session:
        tell(session, {"total": total, "done": staged_to, "notes": notes})
    while batch := list(islice(entries, BATCH_ROWS)):
        with open_session(False) as session:
            rows = _rows(session, job, batch, ours, seen)
        with open_session(True) as session:
            session.connection().execute(insert(table_of(ImportRow)), rows)
            tell(session, {"done": batch[-1].number})
    with open_session(False) as session:
        return plan_of(session, job)


def _staged_keys(session: TenantSession, job_id: int) -> set[str]:
    """What a check that was interrupted has staged."""
    rows = select(ImportRow.values["key"].as_string()).where(ImportRow.job_id == job_id)
    return {key for key in session.scalars(rows) if key}


def _read(job: ImportJob, path: Path, calendar: Calendar, *, after: int) -> tuple[int, Iterator[Entry], list[str]]:
    """(how many, those with a higher number than `after`, remarks)."""
    if job.type == "calendar":
        found, notes = calendars.read(path, calendar.zone)
        numbered = list(enumerate(found, 1))[after:]
        return len(found), (_event(number, one, calendar) for number, one in numbered), notes
    spans = mailboxes.spans(path, job.layout["format"])
    if not spans:
        raise Invalid.field("file", "There is no message in this file, or it is damaged.")
    return len(spans), _messages(path, job.layout["format"], spans, after), []


def _messages(path: Path, format: str, spans: list[mailboxes.Span], after: int) -> Iterator[Entry]:
    with path.open("rb") as file:
        for number, span in enumerate(spans[after:], after + 1):
            try:
                data = mailboxes.message_at(file, span, format)
                letter = letters.read(data)
            except Unreadable as error:
                yield Entry(number, {}, str(error))
            else:
                is_cut = letter.is_cut or (format == "mbox" and not data.endswith(b"\n"))  # each ends in an empty line
                yield Entry(number, _of_letter(letter, span) | ({"cut": True} if is_cut else {}))


def _of_letter(letter: Letter, span: mailboxes.Span) -> dict[str, Any]:
    return {
        "kind": "email", "becomes": "note", "key": letter.key, "digest": "", "title": letter.subject,
        "at": jsonable(letter.at), "people": [_packed(person) for person in letter.people], "more": letter.more,
        "snippet": _beginning(letter.text[: writing.end_of_words(letter.text)]), "span": list(span),
        "files": [[file.name, len(file.data)] for file in letter.files],
    }  # fmt: skip


def _event(number: int, one: Happening, calendar: Calendar) -> Entry:
    if one.problem:
        return Entry(number, {"kind": "meeting", "title": one.title}, one.problem)
    at = one.start if isinstance(one.start, datetime) else calendar.start_of(one.start) + timedelta(hours=12)
    day = None if isinstance(one.start, datetime) else one.start
    return Entry(
        number,
        {
            "kind": "meeting", "becomes": "task" if one.is_future(calendar.zone) else "note", "key": one.key,
            "digest": one.digest, "sequence": one.sequence, "stamp": jsonable(one.stamp), "title": one.title,
            "at": jsonable(at), "day": jsonable(day),  # an event of a whole day is shown at noon
            "duration_s": one.duration_s, "people": [_packed(person) for person in one.people], "more": one.more,
            "place": one.place, "text": one.text, "snippet": _beginning(one.text),
            "cancelled": one.is_cancelled, "series": one.is_series,
        },
    )  # fmt: skip


def _beginning(text: str) -> str:
    return " ".join(text[: _SNIPPET * 2].split())[:_SNIPPET]


def _packed(person: Person) -> list[str]:
    return list(asdict(person).values())


def people_of(values: dict[str, Any]) -> tuple[Person, ...]:
    """Who a staged message or event names."""
    return tuple(Person(*packed) for packed in values.get("people", ()))


def _rows(
    session: TenantSession, job: ImportJob, batch: list[Entry], ours: Ours, seen: set[str]
) -> list[dict[str, Any]]:
    """Rows of `import_row`, ready to insert. Keys of this file that were met are added to `seen`."""
    good = [entry.values for entry in batch if not entry.problem]
    known = sources.find(session, [values["key"] for values in good])
    binned = sources.in_the_bin(session, known.values())
    contacts = people.contacts_of(session, {p.address for v in good for p in people_of(v) if not ours.has(p.address)})
    rows = []
    for entry in batch:
        values, source = entry.values, known.get(entry.values.get("key", ""))
        if not entry.problem:
            named = people_of(values)
            found = [one for p in named for one in contacts.get(email_key(p.address), ())]
            values["contacts"] = list(dict.fromkeys(id for id, _ in found))
            values["unknown"] = [
                [p.address, p.name]
                for p in named
                if email_key(p.address) not in contacts and people.is_somebody(p.address, ours)
            ]
            if values["kind"] == "email":
                values["direction"] = people.direction(named, ours).value
        is_other = source is not None and is_held(source, values)
        why = None if entry.problem else _why(values, source, binned, seen, has_record=bool(job.options.get("on")))
        rows.append(
            {
                "workspace_id": job.workspace_id, "job_id": job.id, "number": entry.number, "values": values,
                "state": "bad" if entry.problem else "ready", "reason": entry.problem, "why": why,
                "match": source.record_type if source and not is_other else values.get("becomes"),
                "record_id": source.record_id if source and not is_other else None,
            }
        )  # fmt: skip
    return rows


def _why(values: dict[str, Any], source: Any, binned: set[str], seen: set[str], *, has_record: bool) -> str | None:
    key = values["key"]
    was_seen = key in seen
    seen.add(key)
    if source is not None:
        if key in binned:
            return BINNED
        if is_held(source, values):
            return HELD
        if not Version.of(values).is_after(source):
            return KNOWN
        return WITHDRAWN if values.get("cancelled") else NEWER
    if was_seen:
        return TWICE
    if values.get("cancelled"):
        return CANCELLED
    return None if has_record or values["contacts"] else NOBODY


def is_held(source: ActivitySource, values: dict[str, Any]) -> bool:
    """Whether an event that was to come when it was taken in has taken place."""
    return source.record_type == "task" and values["becomes"] == "note" and not values["cancelled"]


def plan_of(session: TenantSession, job: ImportJob) -> dict[str, Any]:
    """What would be done: rows to create, update, leave as they are, skip, bad ones; what they become (`kinds`), how
    many lack their end (`cut`), and who is not known, as [address, name, rows]."""
    grouped = select(ImportRow.state, ImportRow.why, func.count()).where(ImportRow.job_id == job.id)
    counts: Counter[str] = Counter()
    for state, why, count in session.execute(grouped.group_by(ImportRow.state, ImportRow.why)):
        counts[_fate(state, why)] += count
    kinds: Counter[str] = Counter()
    rows_of: Counter[str] = Counter()
    unknown: dict[str, list[str]] = {}
    last = cut = 0
    while rows := _ready_after(session, job.id, last):
        last = rows[-1].number
        for _number, why, values in rows:
            cut += "cut" in values
            if why in (None, HELD):
                kinds[_kind(values)] += 1
            for address, name in values["unknown"] if why in (None, NOBODY) else ():
                key = email_key(address)
                rows_of[key] += 1
                if key not in unknown or (name and not unknown[key][1]):
                    unknown[key] = [address, name]
    offered = [[*unknown[key], count] for key, count in rows_of.most_common(_MOST_OFFERED)]
    return {**counts, "kinds": dict(kinds), "cut": cut, "people": offered, "unknown": len(unknown)}


def _kind(values: dict[str, Any]) -> str:
    return "task" if values["becomes"] == "task" else str(values["kind"])


def replanned(plan: dict[str, Any], row: ImportRow, state: str) -> dict[str, Any]:
    """The plan after somebody left a row out (`state` left_out), or took it in after all (ready)."""
    was, row.state = row.state, state
    if was == state:
        return plan
    counts = Counter({name: count for name, count in plan.items() if isinstance(count, int)})
    counts[_fate(was, row.why)] -= 1
    counts[_fate(state, row.why)] += 1
    kinds = Counter(plan["kinds"])
    if row.why in (None, HELD):
        kinds[_kind(row.values)] += 1 if state == "ready" else -1
    return {**plan, **counts, "kinds": dict(kinds)}


def _ready_after(session: TenantSession, job_id: int, number: int) -> list[Any]:
    query = select(ImportRow.number, ImportRow.why, ImportRow.values).where(
        ImportRow.job_id == job_id, ImportRow.state == "ready", ImportRow.number > number
    )
    return list(session.execute(query.order_by(ImportRow.number).limit(500)))


def _fate(state: str, why: str | None) -> str:
    if state != "ready":
        return state
    if why in (None, HELD):
        return "create"
    if why in (NEWER, WITHDRAWN):
        return "update"
    return "unchanged" if why in (KNOWN, TWICE, BINNED) else "skip"
