"""Tasks and notes, and the records they hang on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from shared import clock
from shared.errors import Invalid
from shared.events import Actor, Target
from shared.models import Link, Note, NoteKind, Priority, Task, TaskStatus, workspace_of
from shared.query.dates import Calendar
from shared.records import recurring
from shared.tenancy import TenantSession

_TASK_PLAIN = ("title", "body", "priority", "assignee_id", "promised_by", "meeting_id", "meeting_s")


def write_task(session: TenantSession, task: Task, values: dict[str, Any], by: Actor) -> None:
    """Set validated values. A due time sets the due day in the workspace's zone; done sets the time it was done."""
    for field in _TASK_PLAIN:
        if field in values:
            setattr(task, field, values[field])
    task.priority = task.priority or Priority.NORMAL
    if "due_at" in values:
        task.due_at = values["due_at"]
        task.due_date = _local_day(session, task.due_at) if task.due_at else values.get("due_date", task.due_date)
    elif "due_date" in values and values["due_date"] != task.due_date:
        task.due_date, task.due_at = values["due_date"], None
    status = values.get("status", task.status or TaskStatus.OPEN)
    if status == TaskStatus.DONE:
        task.completed_at = values.get("completed_at") or task.completed_at or clock.now()
    elif values.get("completed_at"):
        raise Invalid.field("completed_at", "An open task was not completed. Send the status “done” with it.")
    else:
        task.completed_at = None
    task.status = status
    _write_repeat(session, task, values)
    if "links" in values:
        write_links(session, "task", task, values["links"])


def _write_repeat(session: TenantSession, task: Task, values: dict[str, Any]) -> None:
    """How it comes again. A rule begins on the day the task is due, which is the rule's first where it had none."""
    if "repeat" in values:
        rule = recurring.check(values["repeat"]) if values["repeat"] else None
        if rule and task.due_date is None:
            task.due_date = recurring.first_day(rule, Calendar.of(session).today)
        if rule and task.due_date:
            rule = recurring.anchored(rule, task.due_date)
        if rule != task.repeat or rule is None:
            task.repeat, task.repeat_on = rule, task.due_date if rule else None
    if "repeat_on" in values:
        task.repeat_on = values["repeat_on"] if task.repeat else None
    if "repeats_from_id" in values:  # no schema has it: verbs alone say so
        task.repeats_from_id = values["repeats_from_id"]


def _local_day(session: TenantSession, at: datetime) -> Any:
    workspace = workspace_of(session)
    return at.astimezone(ZoneInfo(workspace.timezone)).date()


def write_note(session: TenantSession, note: Note, values: dict[str, Any], by: Actor) -> None:
    """Set validated values; the author is the writer unless history says otherwise."""
    if "body" in values:
        note.body = values["body"]
    if "author_id" in values:
        note.author_id = values["author_id"]
    elif note.id is None:
        note.author_id = by.user_id
    for field in ("happened_at", "duration_s", "direction"):
        if field in values:
            setattr(note, field, values[field])
    note.kind = values.get("kind") or note.kind or NoteKind.NOTE
    if note.kind is not NoteKind.NOTE and note.happened_at is None:
        note.happened_at = note.created_at or clock.now()
    if "links" in values:
        write_links(session, "note", note, values["links"])


def write_links(session: TenantSession, owner_type: str, owner: Task | Note, links: list[dict[str, Any]]) -> None:
    """Hang a task or note on exactly these records."""
    session.add(owner)
    session.flush()  # a new owner's links need its id
    wanted = {(link["type"], link["id"]) for link in links}
    present = set(links_of(session, owner_type, owner.id))
    for target_type, target_id in present - wanted:
        session.execute(
            delete(Link).where(
                Link.owner_type == owner_type,
                Link.owner_id == owner.id,
                Link.target_type == target_type,
                Link.target_id == target_id,
            )
        )
    for target_type, target_id in sorted(wanted - present):
        session.add(Link(owner_type=owner_type, owner_id=owner.id, target_type=target_type, target_id=target_id))
    session.flush()


def links_of(session: TenantSession, owner_type: str, owner_id: int | None) -> list[Target]:
    """The records a task or note hangs on, in the order they were linked."""
    if owner_id is None:
        return []
    query = select(Link).where(Link.owner_type == owner_type, Link.owner_id == owner_id).order_by(Link.id)
    return [(link.target_type, link.target_id) for link in session.scalars(query)]


def links_of_all(session: TenantSession, owner_type: str, ids: Collection[int]) -> dict[int, list[Target]]:
    """`links_of` for many at once, with one question: an entry for each of the ids."""
    query = select(Link.owner_id, Link.target_type, Link.target_id)
    found: dict[int, list[Target]] = {id: [] for id in ids}
    for id, type_, other in session.execute(
        query.where(Link.owner_type == owner_type, Link.owner_id.in_(found)).order_by(Link.id)
    ):
        found[id].append((type_, other))
    return found


def _shown_links(links: Sequence[Target]) -> list[dict[str, Any]]:
    return [{"type": type_, "id": id} for type_, id in links]


def show_task(session: TenantSession, task: Task) -> dict[str, Any]:
    return _shown_task(task, links_of(session, "task", task.id))


def show_tasks(session: TenantSession, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    links = links_of_all(session, "task", [task.id for task in tasks])
    return [_shown_task(task, links[task.id]) for task in tasks]


def _shown_task(task: Task, links: Sequence[Target]) -> dict[str, Any]:
    return {
        **{field: getattr(task, field) for field in _TASK_PLAIN},
        "due_at": task.due_at,
        "due_date": task.due_date,
        "status": task.status,
        "completed_at": task.completed_at,
        "repeat": task.repeat,
        "repeat_on": task.repeat_on,
        "links": _shown_links(links),
    }


def show_note(session: TenantSession, note: Note) -> dict[str, Any]:
    return _shown_note(note, links_of(session, "note", note.id))


def show_notes(session: TenantSession, notes: Sequence[Note]) -> list[dict[str, Any]]:
    links = links_of_all(session, "note", [note.id for note in notes])
    return [_shown_note(note, links[note.id]) for note in notes]


def _shown_note(note: Note, links: Sequence[Target]) -> dict[str, Any]:
    return {
        "body": note.body,
        "author_id": note.author_id,
        "kind": note.kind,
        "happened_at": note.happened_at,
        "duration_s": note.duration_s,
        "direction": note.direction,
        "links": _shown_links(links),
    }


def note_title(note: Note) -> str:
    """The first line of a note, without Markdown's heading marks."""
    return first_line(note.body)


def first_line(body: str) -> str:
    """The same of its text, or of the beginning of that."""
    first = body.strip().splitlines()[0] if body.strip() else ""
    return first.lstrip("# ").strip()[:120]


def task_text(session: TenantSession, task: Task) -> str:
    return task.body or ""


def note_text(session: TenantSession, note: Note) -> str:
    return note.body


def task_related(session: TenantSession, task: Task) -> list[Target]:
    meeting: list[Target] = [("meeting", task.meeting_id)] if task.meeting_id else []
    return links_of(session, "task", task.id) + meeting


def note_related(session: TenantSession, note: Note) -> list[Target]:
    return links_of(session, "note", note.id)
