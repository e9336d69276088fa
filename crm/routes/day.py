"""My day: what is due, late, soon or undated, for oneself or a colleague, worked through by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, func, nulls_last, select

from crm import due_reading, localization, record_names, record_pages, web
from crm.record_names import Reference
from crm.web import requires
from shared import clock, records
from shared.accounts.permissions import Scope
from shared.errors import NotFound
from shared.models import Task, TaskStatus
from shared.records import due

bp = Blueprint("day", __name__, url_prefix="/my-day")

#: Tasks a section shows; the list has the rest.
_SHOWN = 100
_SOON_DAYS = 7
#: Tasks in the bell's menu.
_IN_BELL = 12

TITLES: dict[str, LazyString] = {
    "overdue": _l("Overdue"),
    "today": _l("Today"),
    "soon": _l("Next 7 days"),
    "undated": _l("No date"),
}


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
    """A colleague's open tasks, counted."""

    user_id: int | None
    name: str
    overdue: int
    today: int
    soon: int
    undated: int
    open: int


@bp.get("")
@requires(Scope.RECORDS_READ)
def show() -> ResponseReturnValue:
    """Overdue, today, the next days, without a date; `person` looks at a colleague's."""
    people = record_names.people(web.session(), active_only=True)
    person = request.args.get("person", type=int) or web.current_user.id
    if person not in people and person != web.current_user.id:
        raise NotFound(_("There is no such colleague."))
    sections = [_section(key, person) for key in TITLES]
    tasks = [task for section in sections for task in section.tasks]
    later = _count(person, Task.due_date > localization.today() + timedelta(days=_SOON_DAYS))
    return web.page(
        "day/show.html",
        person=person,
        users=people,
        sections=sections,
        later=later,
        done_today=_done_today(person),
        links=record_pages.links_of(web.session(), Task, tasks),
        people=record_names.people(web.session()),
    )


@bp.get("/people")
@requires(Scope.RECORDS_READ)
def people() -> ResponseReturnValue:
    """Who has how much to do, the most overdue first."""
    return web.page("day/people.html", loads=_loads())


def _when() -> dict[str, ColumnElement[bool]]:
    today = localization.today()
    return {
        "overdue": Task.due_date < today,
        "today": Task.due_date == today,
        "soon": Task.due_date.between(today + timedelta(days=1), today + timedelta(days=_SOON_DAYS)),
        "undated": Task.due_date.is_(None),
    }


def _open(person: int | None) -> tuple[ColumnElement[bool], ...]:
    assigned = Task.assignee_id.is_(None) if person is None else Task.assignee_id == person
    return Task.deleted_at.is_(None), Task.status == TaskStatus.OPEN, assigned


def _count(person: int, condition: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(Task).where(*_open(person), condition)
    return int(web.session().scalar(query) or 0)


def _section(key: str, person: int) -> Section:
    condition = _when()[key]
    order = (Task.due_date, nulls_last(Task.due_at), Task.id) if key != "undated" else (Task.id.desc(),)
    found = list(
        web.session().scalars(select(Task).where(*_open(person), condition).order_by(*order).limit(_SHOWN + 1))
    )
    total = len(found) if len(found) <= _SHOWN else _count(person, condition)
    tokens = {"overdue": "overdue", "today": "today", "soon": "next_7_days"}
    asked: dict[str, Any] = {"due_date": tokens[key]} if key in tokens else {"due_date[is]": "null"}
    url = url_for("tasks.list_", assignee_id=person, status="open", **asked)
    return Section(key, str(TITLES[key]), tuple(found[:_SHOWN]), total, url)


def _done_today(person: int) -> int:
    start = due_reading.calendar().start_of(localization.today())
    query = (
        select(func.count())
        .select_from(Task)
        .where(
            Task.deleted_at.is_(None),
            Task.status == TaskStatus.DONE,
            Task.assignee_id == person,
            Task.completed_at >= start,
        )
    )
    return int(web.session().scalar(query) or 0)


def _loads() -> list[Load]:
    counted = [func.count().filter(condition) for condition in _when().values()]
    query = (
        select(Task.assignee_id, *counted, func.count())
        .where(Task.deleted_at.is_(None), Task.status == TaskStatus.OPEN)
        .group_by(Task.assignee_id)
    )
    names = record_names.people(web.session())
    found = []
    for row in web.session().execute(query):
        person, *counts = tuple(row)
        name = names.get(person, "") if person else str(_("Nobody"))
        found.append(Load(person, name, *counts))
    return sorted(found, key=lambda load: (-load.overdue, -load.today, -load.open, load.name))


# --- One line, one task


@bp.post("/tasks")
@requires(Scope.RECORDS_WRITE)
def add() -> ResponseReturnValue:
    """A task from one line: “Call Ana next friday 3pm”. `on` (`company:5`) is the record it is about."""
    title, found = due.split(
        request.form.get("text", ""), due_reading.calendar(), month_first=due_reading.is_month_first()
    )
    person = request.form.get("person", type=int) or web.current_user.id
    data: dict[str, Any] = {"title": title[:500], "assignee_id": person, **(found.as_values() if found else {})}
    if on := _target(request.form.get("on", "")):
        data["links"] = [{"type": on.type, "id": on.id}]
    task = records.create(web.session(), "task", data, by=web.actor())
    when = due_reading.said(found) if found else _("without a date")
    if not web.is_htmx():
        web.flash_message(_("“%(name)s” is noted, %(when)s.", name=task.title, when=when))
        return web.go(web.safe_next(request.form.get("next"), url_for("tasks.show", id=task.id)))
    return web.toast("", _("“%(name)s” is noted, %(when)s.", name=task.title, when=when), events={"dayChanged": {}})


@bp.get("/read")
@requires(Scope.RECORDS_READ)
def read() -> ResponseReturnValue:
    """What would be understood: of a day alone, or of a line with a task in it (`line=1`). A fragment."""
    text = request.args.get("text") or request.args.get("due") or ""
    if request.args.get("line"):
        title, found = due.split(text, due_reading.calendar(), month_first=due_reading.is_month_first())
        return web.page("day/_read.html", understood=due_reading.understood(found) if found else None, title=title)
    if not text.strip():
        return web.page("day/_read.html", understood=None)
    try:
        found = due.read(text, due_reading.calendar(), month_first=due_reading.is_month_first())
    except due.NotADay as error:
        return web.page("day/_read.html", understood=None, problem=due_reading.explained(error))
    return web.page("day/_read.html", understood=due_reading.understood(found))


def _target(value: str) -> Reference | None:
    """A record named `company:5`, if there is one a task can hang on."""
    type_, _colon, id = value.partition(":")
    if type_ not in ("company", "contact", "deal", "meeting") or not id.isdigit() or len(id) > 9:
        return None
    return record_names.references(web.session(), [(type_, int(id))]).get((type_, int(id)))


# --- Reminders


@bp.get("/bell")
@requires(Scope.RECORDS_READ)
def bell() -> ResponseReturnValue:
    """The bell's menu: what is late or due today. A fragment."""
    return web.page("day/_bell.html", tasks=_waiting(), late=localization.today())


@bp.get("/reminders")
@requires(Scope.RECORDS_READ)
def reminders() -> ResponseReturnValue:
    """How many wait, and which came due since the time that the last answer named. Asked each minute, by one index."""
    now, since = clock.now(), _moment(request.args.get("since", ""))
    fresh: Sequence[Task] = ()
    if since is not None:
        query = select(Task).where(*_open(web.current_user.id), Task.due_at > since, Task.due_at <= now)
        fresh = web.session().scalars(query.order_by(Task.due_at, Task.id).limit(5)).all()
    waiting = _count(web.current_user.id, Task.due_date <= localization.today())
    label = ngettext("%(num)s task is due", "%(num)s tasks are due", waiting)
    due_now = [
        {"id": task.id, "text": str(_("Due now: %(task)s", task=task.title)), "url": url_for("tasks.show", id=task.id)}
        for task in fresh
    ]
    answer = jsonify(now=now.isoformat(), count=waiting, label=label, due=due_now)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _waiting() -> list[Task]:
    query = select(Task).where(*_open(web.current_user.id), Task.due_date <= localization.today())
    return list(
        web.session().scalars(query.order_by(Task.due_date.desc(), nulls_last(Task.due_at), Task.id).limit(_IN_BELL))
    )


def _moment(text: str) -> datetime | None:
    """An aware time, a day old at most: a laptop that slept over the weekend is not told everything at once."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(found, clock.now() - timedelta(days=1)) if found.tzinfo else None
