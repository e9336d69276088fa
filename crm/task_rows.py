"""One task in a list, here and on records' pages: a box to tick, what and about whom, by when, by whom.

Twenty of them stand on a page, so no template draws them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from crm import due_reading, localization, repeat_words, web
from crm.drawing import avatar, escaped, html, icon, reference
from crm.localization import gettext as _
from crm.record_names import Reference
from shared.accounts.permissions import Scope
from shared.query.linking import PATHS

_HOME = PATHS["task"]
#: More records than these a row has no room for.
_NAMED = 3


def task_rows(tasks: Iterable[Any], links: Mapping[int, Sequence[Reference]], people: Mapping[int, str]) -> Markup:
    """Rows of tasks; `links` are the records they hang on, by task. A template global."""
    drawing = _Drawing(people)
    return html("".join(drawing.row(task, links.get(task.id, ())) for task in tasks))


def task_row(task: Any, links: Sequence[Reference], people: Mapping[int, str], oob: bool = False) -> Markup:
    """The row of a task, a `Task` or its columns. With `oob` it finds its own place on the page (htmx)."""
    return html(_Drawing(people).row(task, links, oob))


class _Drawing:
    """What the rows of an answer have in common."""

    def __init__(self, people: Mapping[int, str]) -> None:
        self._today = localization.today()
        self._may_write = web.can(Scope.RECORDS_WRITE)
        self._token = f'<input type="hidden" name="csrf_token" value="{generate_csrf()}">' if self._may_write else ""
        self._check, self._sign = icon("check"), icon("layout-sidebar-right")
        self._preview, self._done = _("Preview %(name)s"), _("Done: %(task)s")
        self._done_title = escape(_("Done"))
        self._faces = {id: _face(name) for id, name in people.items()}

    def row(self, task: Any, links: Sequence[Reference], oob: bool = False) -> str:
        is_done = task.status == "done"
        stray = ' hx-swap-oob="true"' if oob else ""
        return (
            f'<li class="task{" task-done" if is_done else ""}" id="task-{task.id}" data-task="{task.id}"{stray}>'
            f"{self._tick(task, is_done)}\n"
            f'<span class="list-main"><a class="link-plain task-title" href="{_HOME}/{task.id}">'
            f"{escaped(task.title)}</a>{_about(task, links, is_done)}</span>{self._look(task)}"
            f'<span class="task-facts">{self._facts(task, is_done)}</span></li>'
        )

    def _tick(self, task: Any, is_done: bool) -> str:
        if task.deleted_at or not self._may_write:
            sign, done = (self._check, " tick-done") if is_done else ("", "")
            return f'<span class="tick{done}" aria-hidden="true">{sign}</span>'
        url = f"{_HOME}/{task.id}/{'open' if is_done else 'done'}"
        label = escaped((_("Open again: %(task)s") if is_done else self._done) % {"task": task.title})
        title = escape(_("Open again")) if is_done else self._done_title
        return (
            f'<form method="post" action="{url}" hx-post="{url}" hx-target="#task-{task.id}" hx-swap="outerHTML">'
            f"{self._token}\n"
            f'<button class="tick" type="submit" aria-label="{label}" title="{title}">{self._check}</button></form>'
        )

    def _look(self, task: Any) -> str:
        """The button that shows it at the side."""
        if task.deleted_at:
            return ""
        look = escaped(self._preview % {"name": task.title})
        return (
            '<button class="btn btn-square btn-quiet row-preview btn-sm" type="button"'
            f' aria-label="{look}" title="{look}"'
            f' data-preview="{_HOME}/{task.id}/panel" tabindex="-1">{self._sign}</button>'
        )

    def _facts(self, task: Any, is_done: bool) -> str:
        parts = []
        if task.priority == "high" and not is_done:
            high = _("High priority")
            parts.append(f'<span class="task-high" title="{escape(high)}">{icon("flag", "icon-sm", high)}</span>')
        due = due_reading.day_of(task)
        if is_done and task.completed_at:
            day = escaped(localization.day(task.completed_at))
            parts.append(f'<time class="text-3" datetime="{task.completed_at.isoformat()}">{day}</time>')
        elif due:
            is_late = not is_done and due < self._today
            tone = "due-late" if is_late else "due-today" if due == self._today else "text-2"
            sign = icon("alert-circle", "icon-sm", _("Overdue")) if is_late else ""
            words = escaped(due_reading.in_short(task))
            parts.append(f'<time class="{tone}" datetime="{(task.due_at or due).isoformat()}">{sign}{words}</time>')
        parts.append(self._faces.get(task.assignee_id, ""))
        return "".join(parts)


def _about(task: Any, links: Sequence[Reference], is_done: bool) -> str:
    parts: list[str] = [reference(ref) for ref in links[:_NAMED]]
    if task.repeat and not is_done:
        words = escape(repeat_words.describe(task.repeat))
        parts.append(f'<span class="task-repeat">{icon("repeat", "icon-sm")}<span class="clip">{words}</span></span>')
    if task.promised_by:
        parts.append(f"<span>{escape(_('promised by %(name)s', name=task.promised_by))}</span>")
    return f'<small class="task-about">{"".join(parts)}</small>' if parts else ""


def _face(name: str) -> str:
    said = escaped(name)
    return f'<span title="{said}">{avatar(name, "sm")}<span class="visually-hidden">{said}</span></span>'
