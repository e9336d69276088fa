"""One task in a list, here and on records' pages: a box to tick, what and about whom, by when, by whom.

Twenty of them stand on a page, so no template draws them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from crm import due_reading, localization, repeat_words, web
from crm.drawing import avatar, html, icon, reference
from crm.record_names import Reference
from shared.accounts.permissions import Scope
from shared.query.linking import PATHS

#: More records than these a row has no room for.
_NAMED = 3


def task_row(task: Any, links: Sequence[Reference], people: Mapping[int, str], oob: bool = False) -> Markup:
    """The row of a task, a `Task` or its columns. With `oob` it finds its own place on the page (htmx)."""
    is_done = task.status == "done"
    stray = ' hx-swap-oob="true"' if oob else ""
    return html(
        f'<li class="task{" task-done" if is_done else ""}" id="task-{task.id}" data-task="{task.id}"{stray}>'
        f"{_tick(task, is_done)}\n"
        f'<span class="list-main"><a class="link-plain task-title" href="{PATHS["task"]}/{task.id}">'
        f"{escape(task.title)}</a>{_about(task, links, is_done)}</span>{_look(task)}"
        f'<span class="task-facts">{_facts(task, people, is_done)}</span></li>'
    )


def _tick(task: Any, is_done: bool) -> str:
    if task.deleted_at or not web.can(Scope.RECORDS_WRITE):
        sign, done = (icon("check"), " tick-done") if is_done else ("", "")
        return f'<span class="tick{done}" aria-hidden="true">{sign}</span>'
    url = f"{PATHS['task']}/{task.id}/{'reopen' if is_done else 'done'}"
    label = _("Open again: %(task)s", task=task.title) if is_done else _("Done: %(task)s", task=task.title)
    title = _("Open again") if is_done else _("Done")
    return (
        f'<form method="post" action="{url}" hx-post="{url}" hx-target="#task-{task.id}" hx-swap="outerHTML">'
        f'<input type="hidden" name="csrf_token" value="{generate_csrf()}">\n'
        f'<button class="tick" type="submit" aria-label="{escape(label)}" title="{escape(title)}">'
        f"{icon('check')}</button></form>"
    )


def _about(task: Any, links: Sequence[Reference], is_done: bool) -> str:
    parts = [reference(ref) for ref in links[:_NAMED]]
    if task.repeat and not is_done:
        words = escape(repeat_words.describe(task.repeat))
        parts.append(
            html(f'<span class="task-repeat">{icon("repeat", "icon-sm")}<span class="clip">{words}</span></span>')
        )
    if task.promised_by:
        parts.append(html(f"<span>{escape(_('promised by %(name)s', name=task.promised_by))}</span>"))
    return f'<small class="task-about">{"".join(parts)}</small>' if parts else ""


def _look(task: Any) -> str:
    """The button that shows it at the side."""
    if task.deleted_at:
        return ""
    look = escape(_("Preview %(name)s", name=task.title))
    return (
        f'<button class="btn btn-square btn-quiet row-preview btn-sm" type="button" aria-label="{look}" title="{look}"'
        f' data-preview="{PATHS["task"]}/{task.id}/panel" tabindex="-1">{icon("layout-sidebar-right")}</button>'
    )


def _facts(task: Any, people: Mapping[int, str], is_done: bool) -> str:
    parts = []
    if task.priority == "high" and not is_done:
        high = _("High priority")
        parts.append(f'<span class="task-high" title="{escape(high)}">{icon("flag", "icon-sm", high)}</span>')
    due = due_reading.day_of(task)
    if is_done and task.completed_at:
        day = escape(localization.day(task.completed_at))
        parts.append(f'<time class="text-3" datetime="{task.completed_at.isoformat()}">{day}</time>')
    elif due:
        today = localization.today()
        is_late = not is_done and due < today
        tone = "due-late" if is_late else "due-today" if due == today else "text-2"
        sign = icon("alert-circle", "icon-sm", _("Overdue")) if is_late else ""
        words = escape(due_reading.in_short(task))
        parts.append(f'<time class="{tone}" datetime="{(task.due_at or due).isoformat()}">{sign}{words}</time>')
    if task.assignee_id in people:
        name = people[task.assignee_id]
        said = escape(name)
        parts.append(f'<span title="{said}">{avatar(name, "sm")}<span class="visually-hidden">{said}</span></span>')
    return "".join(parts)
