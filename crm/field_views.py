"""One field of one record, changed where it stands: in the property list, the side panel, a list.

    GET  /<plural>/<id>/field/<name>         its control        .../shown  its value
    POST /<plural>/<id>/field/<name>         save it            .../undo   take that back

The control carries the version it was drawn from and a mark of the value. A stale version is a conflict only where the
value itself is another one by now: then the answer shows both, and whoever saves again has seen them.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import record_fields, record_names, record_reading, record_values, web
from crm.record_fields import FormField
from crm.web import requires
from shared import records
from shared.accounts.permissions import Scope
from shared.errors import Conflict, Invalid, NotFound
from shared.models.base import Base
from shared.records import undoing

if TYPE_CHECKING:
    from crm.record_views import Screen

#: Set on what may be swapped in although its status says that something is wrong.
FRAGMENT = {"X-Fragment": "cell"}


def add_routes(bp: Blueprint, screen: Screen) -> None:
    """The routes of single fields of a screen."""
    views = _FieldViews(screen)
    for method, path, name, scope, view in (
        ("GET", "", "field", Scope.RECORDS_WRITE, views.edit),
        ("POST", "", "save_field", Scope.RECORDS_WRITE, views.save),
        ("GET", "/shown", "shown_field", Scope.RECORDS_READ, views.show),
        ("POST", "/undo", "undo_field", Scope.RECORDS_WRITE, views.undo),
    ):
        bp.add_url_rule(f"/<int:id>/field/<name>{path}", name, requires(scope)(view), methods=[method])


class _FieldViews:
    """The views of a screen's fields."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def edit(self, id: int, name: str) -> ResponseReturnValue:
        """The control of the field as it stands."""
        row, asked = self._found(id, name)
        return self._control(row, asked)

    def show(self, id: int, name: str) -> ResponseReturnValue:
        """What the field says."""
        row, asked = self._found(id, name)
        return self._value(row, asked)

    def save(self, id: int, name: str) -> ResponseReturnValue:
        """Change it. Invalid input comes back with its message, a lost race with both values."""
        row, asked = self._found(id, name)
        form, session = request.form, web.session()
        try:
            data = record_reading.read((asked,), form)
            changes = records.update(session, row, data, by=web.actor(), expecting=self._expected(row, asked))
        except Invalid as error:
            web.abandon()
            errors = record_reading.errors_of(error, (asked,))
            return self._control(web.get_or_404(self.screen.model, id), asked, errors=errors)
        except Conflict as error:
            if error.current is None:
                raise
            web.abandon()
            return self._conflict(web.get_or_404(self.screen.model, id), asked, data)
        answer = self._value(row, asked)
        if not changes:
            return answer
        undo = self.screen.url("undo_field", id=id, name=name, event=undoing.latest_event(session, row))
        return self._told(answer, row, asked, _("Saved."), undo_url=undo)

    def undo(self, id: int, name: str) -> ResponseReturnValue:
        """Give it the value back that it had before an event; from a message, which asks for no page."""
        row, asked = self._found(id, name)
        event = request.args.get("event", type=web.whole)
        if event is None:
            raise NotFound(_("There is nothing to take back."))
        undoing.take_back(web.session(), row, event, told_as(asked), by=web.actor())
        return self._told(make_response("", 200), row, asked, _("Taken back."))

    def _found(self, id: int, name: str) -> tuple[Base, FormField]:
        row: Base = web.get_or_404(self.screen.model, id)
        for asked in self.screen.all_fields():
            if name in names_of(asked):
                return row, asked
        raise NotFound(_("There is no such field."))

    def _expected(self, row: Any, asked: FormField) -> int | None:
        """The version to change: the form's, or the present one if this field still says what the form began with."""
        given = request.form.get("version", type=web.whole)
        if given is None or given == row.version:
            return given
        same = request.form.get("base") == mark(asked, records.show(web.session(), row))
        return int(row.version) if same else given

    # --- Answers

    def _value(self, row: Any, asked: FormField) -> Response:
        shown = records.show(web.session(), row)
        return self._answer(row, asked, "show", shown, value=asked.value_of(shown))

    def _control(self, row: Any, asked: FormField, errors: dict[str, list[str]] | None = None) -> Response:
        session, shown = web.session(), records.show(web.session(), row)
        if errors is None:
            return self._answer(row, asked, "edit", shown)
        state = record_fields.state_of_form(session, (asked,), request.form, errors)
        return self._answer(row, asked, "edit", shown, status=422, state=state)

    def _conflict(self, row: Any, asked: FormField, data: dict[str, Any]) -> Response:
        session, shown = web.session(), records.show(web.session(), row)
        mine = asked.value_of({"custom": {}, **data})
        theirs = asked.value_of(shown)
        if mine == theirs:  # both wrote the same: there is nothing to choose
            return self._value(row, asked)
        names = record_values.names_for(session, {asked.name: theirs}, {asked.name: mine})
        sent = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "version", "base")]
        return self._answer(
            row, asked, "conflict", shown, status=409, sent=sent,
            theirs=record_values.shown_value(asked.name, theirs, names, asked),
            mine=record_values.shown_value(asked.name, mine, names, asked),
        )  # fmt: skip

    def _answer(
        self, row: Any, asked: FormField, mode: str, shown: dict[str, Any], *, status: int = 200, **more: Any
    ) -> Response:
        session, screen = web.session(), self.screen
        state = more.get("state") or record_fields.state_of_record(session, (asked,), shown)
        context: dict[str, Any] = {
            "screen": screen,
            "row": row,
            "field": asked,
            "mode": mode,
            "url": screen.url("field", id=row.id, name=asked.name),
            "version": row.version,
            "base": mark(asked, shown),
            "state": state,
            "people": record_names.people(session),
            "users": record_names.choosable(session, state.named((asked,))),
            "choices": screen.form_more().get("choices"),
        }
        answer = make_response(web.render("records/_cell.html", **(context | more)), status)
        answer.headers.update(FRAGMENT)
        return answer

    def _told(self, answer: Response, row: Any, asked: FormField, text: str, **toast: Any) -> Response:
        """With a message, and word to the page of what changed where."""
        changed = {
            "cell": self.screen.url("field", id=row.id, name=asked.name),
            "record": f"{self.screen.type}:{row.id}",
            "title": record_names.reference(row).name,
        }
        return web.toast(answer, text, events={"fieldChanged": changed}, key="saved", **toast)


def names_of(asked: FormField) -> set[str]:
    """What a field is called by forms and by lists, whose columns are named by what they show (`owner`, `email`)."""
    return {asked.name, asked.name.removesuffix("_id"), asked.name.removesuffix("s")} - {""}


def mark(asked: FormField, shown: dict[str, Any]) -> str:
    """A short mark of a field's present value."""
    text = json.dumps([shown[name] if name in shown else asked.value_of(shown) for name in told_as(asked)], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def told_as(asked: FormField) -> tuple[str, ...]:
    """The names under which an event tells a change of this field."""
    together = {
        "amount": ("amount", "currency"), "due_date": ("due_date", "due_at"), "repeat": ("repeat", "repeat_on"),
        "stage_id": ("stage_id", "closed_at", "lost_reason"),
    }  # fmt: skip
    return together.get(asked.name, (asked.name,))
