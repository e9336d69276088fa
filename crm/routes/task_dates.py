"""When a task is due, comes again, or is put off, and who does it: the small dialogs, and what each key does."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from crm import due_reading, localization, record_names, repeat_words, task_views, web
from crm.localization import lazy_gettext as _l
from crm.routes.day import bp
from crm.web import requires
from shared import clock, records
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.models import Task
from shared.records import recurring, undoing

#: Ways to put a task off, by what is posted.
SNOOZES: dict[str, LazyString] = {
    "hour": _l("In an hour"),
    "evening": _l("This evening"),
    "tomorrow": _l("Tomorrow"),
    "week": _l("Next week"),
}
_EVENING = time(18)


def _task(id: int) -> Task:
    return web.get_or_404(Task, id)


@bp.get("/tasks/<int:id>/due")
@requires(Scope.RECORDS_WRITE)
def edit_due(id: int) -> ResponseReturnValue:
    """The dialog of day and repetition."""
    task = _task(id)
    said = repeat_words.describe(task.repeat) if task.repeat else ""
    return _due_dialog(
        task, due_reading.as_typed(task.due_at or task.due_date), repeat_words.as_typed(task.repeat), said
    )


def _due_dialog(
    task: Task, due_text: str, repeat: str, said: str, errors: dict[str, str] | None = None, *, status: int = 200
) -> ResponseReturnValue:
    return web.page(
        "day/_due.html", status=status, task=task, due_text=due_text, repeats=repeat, said=said, errors=errors or {}
    )


@bp.post("/tasks/<int:id>/due")
@requires(Scope.RECORDS_WRITE)
def set_due(id: int) -> ResponseReturnValue:
    """Set both from what was typed; an empty day takes it away."""
    task = _task(id)
    due_text, repeat = request.form.get("due", "").strip(), request.form.get("repeat", "").strip()
    data: dict[str, Any] = {"due_date": None, "due_at": None}
    errors: dict[str, str] = {}
    try:
        data |= due_reading.read(due_text).as_values() if due_text else {}
    except Invalid as error:
        errors["due"] = error.errors[0].message
    try:
        data["repeat"] = repeat_words.read(repeat)
    except Invalid as error:
        errors["repeat"] = error.errors[0].message
    if errors:
        return _due_dialog(task, due_text, repeat, "", errors, status=422)
    changes = records.update(web.session(), task, data, by=web.actor())
    return _changed(task, _("Saved."), close=True, is_changed=bool(changes))


@bp.get("/repeat")
@requires(Scope.RECORDS_READ)
def read_repeat() -> ResponseReturnValue:
    """What would be understood of a repetition, with its next days. A fragment."""
    try:
        rule = repeat_words.read(request.args.get("repeat", "").strip())
    except Invalid as error:
        return web.page("day/_read.html", understood=None, problem=error.errors[0].message)
    days = recurring.coming(rule, _begin(request.args.get("due") or request.args.get("due_date", ""))) if rule else []
    said = repeat_words.describe(rule) if rule else ""
    return web.page("day/_read.html", understood=None, repeat=said, days=days)


def _begin(due_text: str) -> date:
    """The day from which a repetition counts: the one typed beside it, else today."""
    try:
        return due_reading.read(due_text).day
    except Invalid:
        return localization.today()


@bp.post("/tasks/<int:id>/snooze")
@requires(Scope.RECORDS_WRITE)
def snooze(id: int) -> ResponseReturnValue:
    """Put it off. A recurring one keeps its place in the series."""
    task, until = _task(id), request.form.get("until", "tomorrow")
    if until not in SNOOZES:
        raise Invalid.field("until", _("Choose one of the times offered."))
    records.update(web.session(), task, _put_off(task, until), by=web.actor())
    return _changed(task, _("Put off until %(when)s.", when=due_reading.in_full(task)))


def _put_off(task: Task, until: str) -> dict[str, Any]:
    """Hours count from now; days keep the time of day."""
    calendar, now = due_reading.calendar(), clock.now()
    if until == "hour":
        return {"due_at": (now + timedelta(hours=1)).replace(second=0, microsecond=0)}
    if until == "evening":
        evening = datetime.combine(calendar.today, _EVENING, tzinfo=calendar.zone)
        return {"due_at": evening if evening > now else now.replace(second=0, microsecond=0) + timedelta(hours=1)}
    days = 1 if until == "tomorrow" else 7 - (calendar.today.weekday() - calendar.week_start) % 7
    return recurring.moved(task, calendar.today + timedelta(days=days), calendar.zone)


@bp.post("/tasks/<int:id>/skip")
@requires(Scope.RECORDS_WRITE)
def skip(id: int) -> ResponseReturnValue:
    """Leave this one of a series out: the task moves on to the next day of its rule."""
    task = _task(id)
    values = recurring.skipped(web.session(), task)
    if values is None:
        raise Invalid.field("repeat", _("This was the last one. Mark it as done, or delete it."))
    records.update(web.session(), task, values, by=web.actor())
    return _changed(
        task, _("Skipped. The next one is on %(day)s.", day=localization.day(due_reading.day_of(task))), close=True
    )


@bp.post("/tasks/<int:id>/stop")
@requires(Scope.RECORDS_WRITE)
def stop(id: int) -> ResponseReturnValue:
    """End the series; this one task stays."""
    task = _task(id)
    records.update(web.session(), task, {"repeat": None}, by=web.actor())
    return _changed(task, _("It does not come again."), close=True)


@bp.get("/tasks/<int:id>/assign")
@requires(Scope.RECORDS_WRITE)
def edit_assignee(id: int) -> ResponseReturnValue:
    """The dialog of who does it."""
    task = _task(id)
    users = record_names.choosable(web.session(), [str(task.assignee_id or "")])
    return web.page("day/_assign.html", task=task, users=users)


@bp.post("/tasks/<int:id>/assign")
@requires(Scope.RECORDS_WRITE)
def assign(id: int) -> ResponseReturnValue:
    """Give it to somebody, or to nobody."""
    task = _task(id)
    given = request.form.get("assignee_id", type=web.whole)
    records.update(web.session(), task, {"assignee_id": given}, by=web.actor())
    who = record_names.people(web.session()).get(task.assignee_id or 0, _("nobody"))
    return _changed(task, _("Given to %(name)s.", name=who), field="assignee_id", close=True)


@bp.post("/tasks/<int:id>/undo")
@requires(Scope.RECORDS_WRITE)
def undo(id: int) -> ResponseReturnValue:
    """Take the last change of day, repetition or person back, unless it was changed again."""
    task = _task(id)
    event = request.args.get("event", type=web.whole) or 0
    fields = ("due_date", "due_at", "repeat", "repeat_on", "assignee_id")
    undoing.take_back(web.session(), task, event, fields, by=web.actor())
    return _changed(task, _("Taken back."), is_changed=False)


def _changed(
    task: Task, text: str, *, field: str = "due_date", close: bool = False, is_changed: bool = True
) -> ResponseReturnValue:
    """The row as it is now, a message that takes it back, and word to the page that its day changed."""
    undo_url = None
    if is_changed:
        event = undoing.latest_event(web.session(), task)
        undo_url = url_for("day.undo", id=task.id, event=event)
    if not web.is_htmx():
        web.flash_message(text, undo_url=undo_url)
        return web.go(url_for("tasks.show", id=task.id))
    row = task_views.stray_row(task)
    answer = make_response(task_views.told(row, task, text, undo_url=undo_url, field=field, close=close))
    # The row finds its own place; only a refused form comes back into the dialog, which a swap there would open again.
    answer.headers["HX-Reswap"], answer.headers["HX-Retarget"] = "none", "body"
    return answer
