"""My day: what is due, late, soon or undated, for oneself or a colleague, worked through by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from crm import due_reading, listing, record_names, record_pages, task_lines, task_views, web
from crm.record_fields import HANGS_ON
from crm.record_names import Reference
from crm.web import requires
from shared import clock, records
from shared.accounts.permissions import Scope
from shared.errors import Invalid, NotFound
from shared.models import Task, TaskStatus
from shared.query import Filter, ListQuery
from shared.schemas.ids import target_of

bp = Blueprint("day", __name__, url_prefix="/my-day")

#: Tasks a section shows; the list has the rest.
_SHOWN = 40
#: Tasks in the bell's menu.
_IN_BELL = 8

_SECTIONS = ("overdue", "today", "soon", "undated")


@dataclass(frozen=True, slots=True)
class Section:
    """Tasks below one heading; `total` there are, `url` lists them all."""

    key: str
    title: str
    tasks: tuple[Task, ...]
    total: int
    url: str


@dataclass(frozen=True, slots=True)
class Load:
    """A colleague's open tasks: how many under each heading, and where they are listed."""

    user_id: int | None
    name: str
    open: int
    url: str
    cells: tuple[tuple[str, int, str], ...]


@bp.get("")
@requires(Scope.RECORDS_READ)
def show() -> ResponseReturnValue:
    """Overdue, today, the next days, without a date; `person` looks at a colleague's."""
    people = record_names.people(web.session())
    person = request.args.get("person", type=web.whole) or web.current_user.id
    if person not in people and person != web.current_user.id:
        raise NotFound(_("There is no such colleague."))
    sections = [_section(key, person) for key in _SECTIONS]
    tasks = [task for section in sections for task in section.tasks]
    return web.page(
        "day/show.html",
        person=person,
        users=record_names.asked_for(web.session()),
        sections=sections,
        later=_count(task_views.open_of(person, "later")),
        later_url=_url(task_views.open_of(person, "later")),
        done_today=_done_today(person),
        links=record_pages.links_of(web.session(), Task, tasks),
        people=people,
    )


@bp.get("/people")
@requires(Scope.RECORDS_READ)
def people() -> ResponseReturnValue:
    """Who has how much to do, the most overdue first."""
    titles = [str(task_views.HEADINGS[key]) for key in _SECTIONS]
    return web.page("day/people.html", loads=_loads(), titles=titles)


def _section(key: str, person: int) -> Section:
    query = task_views.open_of(person, key, sort="-created_at" if key == "undated" else "due_date")
    found = listing.run(replace(query, limit=_SHOWN, with_total=True))
    tasks = found.items if key == "undated" else sorted(found.items, key=_by_time)
    return Section(key, str(task_views.HEADINGS[key]), tuple(tasks), found.total or 0, _url(query))


def _by_time(task: Task) -> tuple[date, bool, datetime | None, int]:
    """By day where the reader is; within a day those with a time first."""
    return due_reading.day_of(task) or date.max, task.due_at is None, task.due_at, task.id


def _url(query: ListQuery) -> str:
    return url_for("tasks.list_", **query.args())  # type: ignore[arg-type]  # names of parameters, not of arguments


def _count(query: ListQuery) -> int:
    return listing.run(replace(query, limit=1, with_total=True)).total or 0


def _done_today(person: int) -> int:
    asked = (("status", "done"), ("assignee_id", str(person)), ("completed_at", "today"))
    return _count(ListQuery("task", tuple(Filter(name, "eq", (value,)) for name, value in asked)))


def _loads() -> list[Load]:
    held = ([listing.holds("task", f.field, f.op, *f.values) for f in task_views.due(key)] for key in _SECTIONS)
    counted = [func.count().filter(*conditions) for conditions in held]
    query = (
        select(Task.assignee_id, *counted, func.count())
        .where(Task.deleted_at.is_(None), Task.status == TaskStatus.OPEN)
        .group_by(Task.assignee_id)
    )
    names = record_names.people(web.session())
    found = []
    for row in web.session().execute(query):
        person, *counts, total = tuple(row)
        name = names.get(person, "") if person else str(_("Nobody"))
        urls = [_url(task_views.open_of(person, key)) for key in (*_SECTIONS, "any")]
        found.append(Load(person, name, total, urls[-1], tuple(zip(_SECTIONS, counts, urls[:-1], strict=True))))
    return sorted(found, key=lambda load: (*(-count for _key, count, _url in load.cells[:2]), -load.open, load.name))


# --- One line, one task


@bp.post("/tasks")
@requires(Scope.RECORDS_WRITE)
def add() -> ResponseReturnValue:
    """A task from one line: “Call Ana next friday 3pm”. `on` (`company:5`) is the record it is about."""
    line = task_lines.read(request.form.get("text", ""))
    if not line.title:
        raise Invalid(_("What has to be done?"))
    person = request.form.get("person", type=web.whole) or web.current_user.id
    data: dict[str, Any] = {"title": line.title, "assignee_id": person, "repeat": line.repeat}
    data |= line.due.as_values() if line.due else {}
    if on := _target(request.form.get("on", "")):
        data["links"] = [{"type": on.type, "id": on.id}]
    task = records.create(web.session(), "task", data, by=web.actor())
    when = line.said() or _("without a date")
    if not web.is_htmx():
        web.flash_message(_("“%(name)s” is noted, %(when)s.", name=task.title, when=when))
        return web.go(web.safe_next(request.form.get("next"), url_for("tasks.show", id=task.id)))
    return web.toast("", _("“%(name)s” is noted, %(when)s.", name=task.title, when=when), events={"dayChanged": {}})


@bp.get("/read")
@requires(Scope.RECORDS_READ)
def read() -> ResponseReturnValue:
    """What would be understood: of a day alone, or of a line with a task in it (`line=1`). A fragment."""
    text = next((request.args[name] for name in ("text", "due", "due_date") if name in request.args), "")
    if request.args.get("line"):
        return web.page("day/_read.html", understood=task_lines.read(text).understood())
    if not text.strip():
        return web.page("day/_read.html", understood=None)
    try:
        found = due_reading.read(text)
    except Invalid as error:
        return web.page("day/_read.html", understood=None, problem=error.errors[0].message)
    return web.page("day/_read.html", understood=due_reading.understood(found))


def _target(value: str) -> Reference | None:
    """A record named `company:5`, if there is one a task can hang on."""
    target = target_of(value, HANGS_ON)
    return record_names.references(web.session(), [target]).get(target) if target is not None else None


# --- Reminders


@bp.get("/bell")
@requires(Scope.RECORDS_READ)
def bell() -> ResponseReturnValue:
    """The bell's menu: what is late or due today. A fragment."""
    query = task_views.open_of(web.current_user.id, "waiting", sort="-due_date", limit=_IN_BELL)
    return web.page("day/_bell.html", tasks=listing.run(query).items)


@bp.get("/reminders")
@requires(Scope.RECORDS_READ)
def reminders() -> ResponseReturnValue:
    """How many wait, and which came due since the time that the last answer named. Asked each minute, by one index."""
    now, since = clock.now(), _moment(request.args.get("since", ""))
    fresh: Sequence[Task] = ()
    if since is not None:
        mine = (Task.deleted_at.is_(None), Task.status == TaskStatus.OPEN, Task.assignee_id == web.current_user.id)
        query = select(Task).where(*mine, Task.due_at > since, Task.due_at <= now)
        fresh = web.session().scalars(query.order_by(Task.due_at, Task.id).limit(5)).all()
    waiting = _count(task_views.open_of(web.current_user.id, "waiting"))
    label = ngettext("%(num)s task is due", "%(num)s tasks are due", waiting)
    due_now = [
        {"id": task.id, "text": str(_("Due now: %(task)s", task=task.title)), "url": url_for("tasks.show", id=task.id)}
        for task in fresh
    ]
    answer = jsonify(now=now.isoformat(), count=waiting, label=label, due=due_now)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _moment(text: str) -> datetime | None:
    """An aware time, a day old at most: a laptop that slept over the weekend is not told everything at once."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(found, clock.now() - timedelta(days=1)) if found.tzinfo else None
