"""A user's tasks and meetings as an iCalendar file (RFC 5545), written by the `icalendar` library.

Most calendars show no VTODO, so tasks are events unless to-dos are asked for. Moments are written in UTC, which every
zone reads right; days are days. What a file says of a task depends on its row alone, so an unchanged one has the same
bytes and the same ETag.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from icalendar import Alarm, Calendar, Event, Todo
from sqlalchemy import or_, select

from shared import clock
from shared.models import Attendee, Meeting, Priority, Task, TaskStatus, User
from shared.query.dates import Calendar as Days
from shared.tenancy import TenantSession

#: Done tasks and meetings this old are left out; a calendar that subscribed keeps no archive for us.
DONE_DAYS, MEETING_DAYS = 30, 180
_MOST = 3000
_TASK_TAKES = timedelta(minutes=30)
_PRIORITIES = {Priority.HIGH: 1, Priority.NORMAL: 5, Priority.LOW: 9}

#: ("task" | "meeting", id) → the address of its page.
UrlOf = Callable[[str, int], str]


def feed(session: TenantSession, user: User, *, name: str, url_of: UrlOf, as_todos: bool = False) -> bytes:
    """The file."""
    calendar = Calendar()
    calendar.add("prodid", "-//Afterword//Tasks and meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", "PT15M")
    for task in _tasks(session, user):
        calendar.add_component(_todo(task, url_of) if as_todos else _event(task, url_of))
    for meeting in _meetings(session, user):
        calendar.add_component(_meeting(meeting, url_of))
    return bytes(calendar.to_ical())


def _tasks(session: TenantSession, user: User) -> list[Task]:
    since = Days.of(session).start_of(clock.now().date() - timedelta(days=DONE_DAYS))
    query = (
        select(Task)
        .where(
            Task.deleted_at.is_(None),
            Task.assignee_id == user.id,
            Task.due_date.is_not(None),
            or_(Task.status == TaskStatus.OPEN, Task.completed_at >= since),
        )
        .order_by(Task.due_date, Task.id)
        .limit(_MOST)
    )
    return list(session.scalars(query))


def _meetings(session: TenantSession, user: User) -> list[Meeting]:
    since = clock.now() - timedelta(days=MEETING_DAYS)
    query = (
        select(Meeting)
        .where(
            Meeting.deleted_at.is_(None),
            Meeting.occurred_at >= since,
            Meeting.id.in_(select(Attendee.meeting_id).where(Attendee.user_id == user.id)),
        )
        .order_by(Meeting.occurred_at, Meeting.id)
        .limit(_MOST)
    )
    return list(session.scalars(query))


def _event(task: Task, url_of: UrlOf) -> Event:
    entry = Event()
    done = task.status == TaskStatus.DONE
    _common(entry, "task", task, f"✓ {task.title}" if done else task.title, task.body, url_of)
    if task.due_at is not None:
        at = task.due_at.astimezone(UTC)
        entry.add("dtstart", at)
        entry.add("dtend", at + _TASK_TAKES)
    else:
        assert task.due_date is not None
        entry.add("dtstart", task.due_date)
        entry.add("dtend", task.due_date + timedelta(days=1))
    entry.add("transp", "TRANSPARENT")  # a task keeps nobody from meeting
    entry.add("priority", _PRIORITIES[task.priority])
    if task.due_at is not None and not done:
        entry.add_component(_alarm(task))
    return entry


def _todo(task: Task, url_of: UrlOf) -> Todo:
    entry = Todo()
    _common(entry, "task", task, task.title, task.body, url_of)
    entry.add("due", task.due_at.astimezone(UTC) if task.due_at is not None else task.due_date)
    entry.add("priority", _PRIORITIES[task.priority])
    entry.add("status", "COMPLETED" if task.status == TaskStatus.DONE else "NEEDS-ACTION")
    if task.completed_at is not None:
        entry.add("completed", task.completed_at.astimezone(UTC))
        entry.add("percent-complete", 100)
    return entry


def _meeting(meeting: Meeting, url_of: UrlOf) -> Event:
    entry = Event()
    _common(entry, "meeting", meeting, meeting.title, None, url_of)
    start = meeting.occurred_at.astimezone(UTC)
    entry.add("dtstart", start)
    entry.add("dtend", start + timedelta(seconds=meeting.duration_s or 30 * 60))
    return entry


def _common(entry: Event | Todo, kind: str, row: Task | Meeting, title: str, text: str | None, url_of: UrlOf) -> None:
    # Unique in the world and the same for ever, whatever address the CRM is reached at.
    entry.add("uid", f"{kind}-{row.id}-{int(row.created_at.timestamp() * 1000)}@afterword")
    changed = _whole_seconds(row.updated_at)
    entry.add("dtstamp", changed)
    entry.add("last-modified", changed)
    entry.add("created", _whole_seconds(row.created_at))
    entry.add("sequence", row.version)
    entry.add("summary", " ".join(title.split()) or _("Without a name"))
    url = url_of(kind, row.id)
    entry.add("description", f"{text}\n\n{url}" if text else url)
    entry.add("url", url)


def _whole_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _alarm(task: Task) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", task.title)
    alarm.add("trigger", timedelta(0))
    return alarm
