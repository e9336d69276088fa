"""How a task stands on pages: under which heading, as a row, and what is answered when something about it changed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel.speaklater import LazyString

from crm import due_reading, localization, record_names, record_pages, web
from crm.localization import lazy_gettext as _l
from shared.models import Task, TaskStatus
from shared.query import Filter, ListQuery

#: Headings of the list, and of My day.
HEADINGS: dict[str, LazyString] = {
    "overdue": _l("Overdue"),
    "today": _l("Today"),
    "soon": _l("Next 7 days"),
    "upcoming": _l("Upcoming"),
    "undated": _l("No date"),
    "done": _l("Done"),
}
#: What a heading of My day means, as filters of the list. The seven days begin with today, as they do there.
_DUE: dict[str, tuple[tuple[str, str], ...]] = {
    "overdue": (("eq", "overdue"),),
    "today": (("eq", "today"),),
    "soon": (("gt", "today"), ("lte", "next_7_days")),
    "undated": (("is", "null"),),
    "waiting": (("lte", "today"),),
    "later": (("gt", "next_7_days"),),
    "any": (),
}


def due(key: str) -> tuple[Filter, ...]:
    """The filters of a heading."""
    return tuple(Filter("due_date", op, (value,)) for op, value in _DUE[key])


def open_of(person: int | None, key: str, **more: Any) -> ListQuery:
    """The list of somebody's open tasks under a heading; of None those that nobody has."""
    whose = Filter("assignee_id", "is", ("null",)) if person is None else Filter("assignee_id", "eq", (str(person),))
    return ListQuery("task", (whose, Filter("status", "eq", ("open",)), *due(key)), **more)


def heading_of(task: Task) -> str:
    """Under which heading a task stands in the list."""
    if task.status == TaskStatus.DONE:
        return "done"
    day, today = due_reading.day_of(task), localization.today()
    if day is None:
        return "undated"
    return "overdue" if day < today else "today" if day == today else "upcoming"


def stray_row(task: Task) -> str:
    """Its row, which nobody waits for: it finds its own place on the page. My day draws itself anew and needs none."""
    page = urlsplit(request.headers.get("HX-Current-URL", "")).path
    has_none = page in (url_for("day.show"), url_for("tasks.show", id=task.id))
    return "" if has_none else row(task, is_stray=True)


def row(task: Task, *, is_stray: bool = False) -> str:
    """Its row; a stray one says where on the page it belongs."""
    return web.render(
        "tasks/_row_alone.html",
        task=task,
        links=record_pages.links_of(web.session(), Task, [task])[task.id],
        people=record_names.people(web.session()),
        is_stray=is_stray,
    )


def told(
    answer: ResponseReturnValue,
    task: Task,
    text: str,
    *,
    undo_url: str | None,
    field: str = "status",
    close: bool = False,
) -> ResponseReturnValue:
    """An answer with a message, and word to the page that its day and this task changed."""
    changed = {
        "record": f"task:{task.id}",
        "cell": url_for("tasks.field", id=task.id, name=field),
        "title": task.title,
    }
    events: dict[str, Any] = {"dayChanged": {"task": task.id}, "fieldChanged": changed}
    return web.toast(answer, text, undo_url=undo_url, events=events | ({"closeModal": {}} if close else {}))
