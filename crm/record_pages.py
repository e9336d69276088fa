"""What stands on a record's page beside its own fields: tasks, notes, insights, people, deals, meetings, history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm import record_names, timeline_page
from crm.record_names import Reference
from crm.timeline_page import History
from shared import review
from shared.events import Target
from shared.models import Meeting, Note, Task
from shared.records import TYPES, related, work
from shared.records.related import Related, Tasks
from shared.tenancy import TenantSession

#: Of each kind so many are shown; the list shows the rest.
_TASKS, _NOTES, _OTHERS, _INSIGHTS = 20, 5, 8, 60


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one record that is not the record. `others` are related records by the plural of their type."""

    target: Target
    history: History
    tasks: Tasks
    notes: Related
    insights: Sequence[Any]
    others: Mapping[str, Related]

    def mentioned(self) -> Iterator[Target]:
        """The records that are named beside those shown."""
        yield from timeline_page.mentioned(self.history.events)
        for links in self.tasks.links.values():
            yield from links


def story(session: TenantSession, target: Target, types: Sequence[str], *, shown: str = "") -> Story:
    """The story of a record; `types` are listed beside tasks and notes, `shown` narrows its history."""
    return Story(
        target=target,
        history=timeline_page.history(session, target, shown=shown),
        tasks=related.tasks(session, target, limit=_TASKS),
        notes=related.related(session, "note", target, limit=_NOTES),
        # A meeting's own findings stand on its page for review.
        insights=() if target[0] == "meeting" else review.insights_about(session, target, limit=_INSIGHTS),
        others={TYPES[type_].plural: related.related(session, type_, target, limit=_OTHERS) for type_ in types},
    )


def told(session: TenantSession, story: Story) -> dict[str, Any]:
    """The same as its page shows it: ids as names."""
    known = record_names.references(session, story.mentioned())
    return {
        **story.others,
        "tasks": story.tasks,
        "notes": story.notes,
        "insights": story.insights,
        "timeline": timeline_page.told(session, story.target, story.history),
        "links": {id: _openable(links, known, but=story.target) for id, links in story.tasks.links.items()},
    }


def links_of(session: TenantSession, model: type[Task | Note], rows: Iterable[Any]) -> dict[int, list[Reference]]:
    """The records that tasks or notes hang on, by their id; with two questions, however many they are."""
    found = work.links_of_all(session, model.__tablename__, [row.id for row in rows])
    known = record_names.references(session, {target for links in found.values() for target in links})
    return {id: _openable(links, known) for id, links in found.items()}


def _openable(
    links: Iterable[Target], known: Mapping[Target, Reference], *, but: Target | None = None
) -> list[Reference]:
    return [known[target] for target in links if target != but and target in known and known[target].url]


def meeting_of(session: TenantSession, task: Task) -> Meeting | None:
    """The meeting a task was promised in, unless it was deleted."""
    meeting = session.get(Meeting, task.meeting_id) if task.meeting_id else None
    return meeting if meeting is not None and meeting.deleted_at is None else None
