"""What stands on a record's page beside its own fields: tasks, notes, insights, people, deals, meetings, history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from crm import record_names, timeline_view
from crm.record_names import Reference
from crm.timeline_view import Timeline
from shared import review
from shared.events import Target
from shared.models import Insight, Link, Meeting, Note, Task
from shared.query import Filter, ListQuery, lists
from shared.query.lists import Page
from shared.records import TYPES
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: Of each kind of related record, this many are shown; the list shows the rest.
SHOWN = 8
_INSIGHTS = 60


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one record that is not the record."""

    target: Target
    people: Mapping[int, str]
    timeline: Timeline
    tasks: Page | None = None
    done: int = 0
    notes: Page | None = None
    contacts: Page | None = None
    deals: Page | None = None
    meetings: Page | None = None
    insights: Sequence[Insight] = ()
    names: Mapping[Target, Reference] = field(default_factory=dict)
    links: Mapping[int, Sequence[Reference]] = field(default_factory=dict)


def story(session: TenantSession, target: Target, related: Sequence[str], *, shown: str = "") -> Story:
    """The story of a record; `related` are the types listed beside tasks and notes, `shown` narrows its history."""
    parts: dict[str, Any] = {TYPES[type_].plural: _page(session, type_, target) for type_ in related}
    tasks = _page(session, "task", target, Filter("status", "eq", ("open",)), sort="due_date", limit=20)
    done = lists.count(session, ListQuery("task", (_about(target), Filter("status", "eq", ("done",)))))
    return Story(
        target=target,
        people=record_names.people(session),
        timeline=timeline_view.timeline(session, target, shown=shown),
        tasks=tasks,
        done=done,
        notes=_page(session, "note", target, sort="-created_at", limit=5),
        insights=_said(session, target),
        links=links_of(session, Task, tasks.items, but=target),
        **parts,
    )


def _said(session: TenantSession, target: Target) -> list[Insight]:
    """What was said in meetings; a meeting's own findings stand on its page for review."""
    if target[0] == "meeting":
        return []
    return [i for i in review.insights_about(session, target, limit=_INSIGHTS) if i.kind != Kind.SUMMARY]


def _page(
    session: TenantSession, type_: str, target: Target, *more: Filter, sort: str = "", limit: int = SHOWN
) -> Page:
    """The records of a type that belong to another, counted."""
    return lists.run(session, ListQuery(type_, (_about(target), *more), sort=sort, limit=limit, with_total=True))


def _about(target: Target) -> Filter:
    return Filter(f"{target[0]}_id", "eq", (str(target[1]),))


def links_of(
    session: TenantSession, model: type[Task | Note], rows: Iterable[Any], *, but: Target | None = None
) -> dict[int, list[Reference]]:
    """The records that tasks or notes hang on, by their id; with two queries and one a type, however many they are."""
    rows = list(rows)
    query = select(Link).where(Link.owner_type == model.__tablename__, Link.owner_id.in_([row.id for row in rows]))
    links = list(session.scalars(query.order_by(Link.id)))
    known = record_names.references(session, {(link.target_type, link.target_id) for link in links})
    found: dict[int, list[Reference]] = {row.id: [] for row in rows}
    for link in links:
        target = (link.target_type, link.target_id)
        if target != but and target in known and known[target].url:
            found[link.owner_id].append(known[target])
    return found


def meeting_of(session: TenantSession, task: Task) -> Meeting | None:
    """The meeting a task was promised in, unless it was deleted."""
    meeting = session.get(Meeting, task.meeting_id) if task.meeting_id else None
    return meeting if meeting is not None and meeting.deleted_at is None else None
