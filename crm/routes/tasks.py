"""Tasks: what was promised, by when, by whom, and where it was said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from crm import due_reading, listing, localization, record_names, record_pages, task_views, timeline_page, web
from crm.list_address import LOOKS
from crm.localization import lazy_gettext as _l
from crm.record_fields import FormField, Kind
from crm.record_labels import FIELD_LABELS, PRIORITIES
from crm.record_views import Context, Screen, Words, blueprint
from crm.web import requires
from shared import records
from shared.accounts.permissions import Scope
from shared.models import Task, TaskStatus
from shared.query.lists import Filter, ListQuery, Page
from shared.records import recurring, view_states

FIELDS = (
    FormField("title", FIELD_LABELS["title"], required=True, wide=True),
    FormField("due_date", FIELD_LABELS["due_date"], Kind.DUE),
    FormField("repeat", FIELD_LABELS["repeat"], Kind.REPEAT),
    FormField("assignee_id", FIELD_LABELS["assignee_id"], Kind.USER),
    FormField("priority", FIELD_LABELS["priority"], Kind.CHOICE, choices=tuple(PRIORITIES.items())),
    FormField("promised_by", FIELD_LABELS["promised_by"], hint=_l("If it is the other side who promised.")),
    FormField("links", FIELD_LABELS["links"], Kind.LINKS, target="company,contact,deal,meeting", wide=True),
    FormField("body", FIELD_LABELS["description"], Kind.LONG, wide=True),
)

#: Done tasks below the open ones.
_DONE_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks below one heading; `key` is in `task_views.HEADINGS`, empty for a list in an order of its own."""

    key: str
    title: str
    tasks: tuple[Task, ...]


def _is_about_status(query: ListQuery) -> bool:
    return query.where is not None or any(asked.field in ("status", "is_overdue") for asked in query.filters)


def _narrow(query: ListQuery) -> ListQuery:
    """Without a word about the status, the open ones come by date; the done ones stand below.

    A condition may hold such a word.
    """
    return query if _is_about_status(query) else replace(query.with_filter("status", "open"), cursor=query.cursor)


def _list_more(query: ListQuery, page: Page) -> Context:
    session = web.session()
    asked, _gone = view_states.parse(session, "task", request.args.to_dict(flat=False), ignore=("group", *LOOKS))
    done: list[Task] = []
    if not _is_about_status(asked) and page.next_cursor is None and not asked.deleted:
        finished = replace(query.with_filter("status", "done"), sort="-completed_at", limit=_DONE_SHOWN)
        done = listing.run(finished).items
    by_date = query.order == "due_date"
    tasks = [task for task in page.items if isinstance(task, Task)]  # a table draws rows of its own
    if by_date:
        # Kept by the workspace's days; where the reader is, a time near midnight lies on another one.
        tasks.sort(key=lambda task: due_reading.day_of(task) or date.max)
    keyed = groupby(tasks, lambda task: task_views.heading_of(task) if by_date else "")
    groups = [Group(key, str(task_views.HEADINGS.get(key, "")), tuple(below)) for key, below in keyed]
    if done:
        groups.append(Group("done", str(task_views.HEADINGS["done"]), tuple(done)))
    return {
        "groups": groups,
        "shows_open_only": Filter("status", "eq", ("open",)) in query.filters,
        "shown_before": request.args.get("group"),
        "links": record_pages.links_of(session, Task, [*tasks, *done]),
        "people": record_names.people(session),
        "priorities": PRIORITIES,
    }


def _show_more(task: Task) -> Context:
    session = web.session()
    why, meeting = timeline_page.why_created(session, ("task", task.id))
    return {
        "links": record_pages.links_of(session, Task, [task])[task.id],
        "timeline": timeline_page.timeline(session, ("task", task.id)),
        "why": why,
        "meeting": record_pages.meeting_of(session, task),
        "came_from": meeting,
        "group": task_views.heading_of(task),
    }


def _mine_by_default(args: MultiDict[str, str]) -> MultiDict[str, str]:
    args.setdefault("assignee_id", str(web.current_user.id))
    args.setdefault("priority", "normal")
    return args


bp = blueprint(
    Screen(
        type="task",
        icon="checkbox",
        fields=FIELDS,
        words=Words(
            many=_l("Tasks"),
            new=_l("New task"),
            edit=_l("Edit task"),
            filter=_l("Filter tasks"),
            none_title=_l("Nothing to do"),
            none_text=_l("Add a task here, or drop a meeting’s transcript: Afterword finds what was promised."),
        ),
        list_args=("group",),
        narrow=_narrow,
        list_more=_list_more,
        show_more=_show_more,
        prefill=_mine_by_default,
    )
)


@bp.get("/<int:id>/row")
@requires(Scope.RECORDS_READ)
def row(id: int) -> ResponseReturnValue:
    """It as a row, drawn anew after something about it changed beside it."""
    return task_views.row(web.get_or_404(Task, id))


@bp.post("/<int:id>/done")
@requires(Scope.RECORDS_WRITE)
def complete(id: int) -> ResponseReturnValue:
    """Tick it off; the message takes it back."""
    task = _set_status(id, TaskStatus.DONE)
    undo_url = url_for("tasks.reopen", id=id)
    following = recurring.successor(web.session(), task) if task.repeat else None
    again = _("The next one is on %(day)s.", day=localization.day(due_reading.day_of(following))) if following else ""
    if web.is_htmx():
        return task_views.told(task_views.row(task), task, f"{_('Done.')} {again}".strip(), undo_url=undo_url)
    web.flash_message(f"{_('“%(name)s” is done.', name=task.title)} {again}".strip(), undo_url=undo_url)
    return web.go(url_for("tasks.show", id=id))


@bp.post("/<int:id>/open")
@requires(Scope.RECORDS_WRITE)
def reopen(id: int) -> ResponseReturnValue:
    """Take "done" back. From a message nobody waits for the row, so it finds its own place on the page."""
    task = _set_status(id, TaskStatus.OPEN)
    if web.is_htmx():
        is_asked = request.headers.get("HX-Target") == f"task-{id}"
        row = task_views.row(task) if is_asked else task_views.stray_row(task)
        return task_views.told(row, task, _("Open again."), undo_url=url_for("tasks.complete", id=id))
    return web.go(url_for("tasks.show", id=id))


def _set_status(id: int, status: TaskStatus) -> Task:
    task = web.get_or_404(Task, id)
    records.update(web.session(), task, {"status": status}, by=web.actor())
    return task
