"""One set of views for every record type: list, page, form, create, change, delete, restore, history.

A type describes its screen (`Screen`) and gets a blueprint; what only it can do it adds to that blueprint itself:

    SCREEN = Screen(type="company", …)
    bp = blueprint(SCREEN)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from crm import (
    beside_views,
    field_views,
    form_base,
    list_address,
    list_page,
    record_conflicts,
    record_custom,
    record_fields,
    record_names,
    record_pages,
    record_reading,
    timeline_page,
    web,
)
from crm.record_fields import FormField, FormState
from crm.web import requires
from shared import records
from shared.accounts.permissions import Scope, may_delete
from shared.errors import Forbidden, Invalid
from shared.events import Target
from shared.models.base import Base
from shared.query.lists import ListQuery, Page
from shared.records import titles, tombstones
from shared.records.types import TYPES
from shared.schemas.ids import target_of

Context = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screen:
    """How a record type is shown; there is one of each.

    `words` are the sentences of the screen (see `Words`); `related` the types listed on its page beside tasks and
    notes, which stand there too unless it is None; `list_args` the
    list's parameters that are no filters; `narrow` what they mean; `list_more`, `show_more` and `form_more` what the
    templates of this type need beside what all get; `page_more` what only its whole page does, which names the records
    `page_names`; `panel_more` what only the side panel does;
    `prefill` fits a new form to the address it was opened with; `own` names the views that it has its own way.
    """

    type: str
    icon: str
    fields: tuple[FormField, ...]
    words: Words
    related: tuple[str, ...] | None = None
    list_args: tuple[str, ...] = ()
    narrow: Callable[[ListQuery], ListQuery] = lambda query: query
    list_more: Callable[[ListQuery, Page], Context] = lambda _query, _page: {}
    show_more: Callable[[Any], Context] = lambda _row: {}
    page_more: Callable[[Any], Context] = lambda _row: {}
    page_names: Callable[[Any], Iterable[Target]] = lambda _row: ()
    panel_more: Callable[[Any], Context] = lambda _row: {}
    form_more: Callable[[], Context] = dict
    prefill: Callable[[MultiDict[str, str]], MultiDict[str, str]] = lambda args: args
    own: frozenset[str] = frozenset()

    @property
    def plural(self) -> str:
        return TYPES[self.type].plural

    @property
    def model(self) -> Any:
        return TYPES[self.type].model

    def all_fields(self) -> tuple[FormField, ...]:
        """Its own fields, tags and those the team defined."""
        return record_custom.fields(web.session(), self.type, self.fields)

    def url(self, view: str, /, **values: Any) -> str:
        return url_for(f"{self.plural}.{view}", **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a screen says of its records."""

    many: LazyString
    new: LazyString
    edit: LazyString
    filter: LazyString
    none_title: LazyString
    none_text: LazyString


SCREENS: dict[str, Screen] = {}


def _editable(screen: Screen) -> set[str]:
    """The columns of a list whose cells the signed-in person may change in place."""
    if not web.can(Scope.RECORDS_WRITE):
        return set()
    return {name for asked in screen.all_fields() for name in field_views.names_of(asked)}


def blueprint(screen: Screen) -> Blueprint:
    """The routes of a screen under `/<plural>`."""
    SCREENS[screen.type] = screen
    views = _Views(screen)
    bp = Blueprint(screen.plural, __name__, url_prefix=f"/{screen.plural}")
    for methods, path, name, scope, view in (
        ("GET", "", "list_", Scope.RECORDS_READ, views.list_),
        ("GET", "/new", "new", Scope.RECORDS_WRITE, views.new),
        ("POST", "", "create", Scope.RECORDS_WRITE, views.create),
        ("GET", "/<int:id>", "show", Scope.RECORDS_READ, views.show),
        ("GET", "/<int:id>/panel", "panel", Scope.RECORDS_READ, views.panel),
        ("GET", "/<int:id>/timeline", "timeline", Scope.RECORDS_READ, views.timeline),
        ("GET", "/<int:id>/edit", "edit", Scope.RECORDS_WRITE, views.edit),
        ("POST", "/<int:id>", "update", Scope.RECORDS_WRITE, views.update),
        ("POST", "/<int:id>/delete", "delete", Scope.RECORDS_DELETE, views.delete),
        ("POST", "/<int:id>/restore", "restore", Scope.RECORDS_DELETE, views.restore),
    ):
        if name not in screen.own:
            bp.add_url_rule(path, name, requires(scope)(view), methods=[methods])
    field_views.add_routes(bp, screen)
    beside_views.add_routes(bp, screen)
    return bp


class _Views:
    """The views of one screen."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    # --- Reading

    def list_(self) -> ResponseReturnValue:
        """A page of the list."""
        screen = self.screen
        asked = list_address.read(screen.type, ignore=screen.list_args, narrow=screen.narrow)
        if isinstance(asked, Response):
            return asked
        query = replace(asked.query, with_total=asked.query.cursor is None)
        found = list_page.run(asked, query)
        shown = list_page.context(asked, query, found, _editable(screen))
        if asked.is_piece:
            return web.page("records/_list_rows.html", screen=screen, found=found, query=query, **shown)
        users = record_names.asked_for(web.session())
        meant = list_page.meant(query) if query.q and not found.items and query.cursor is None else ()
        context = {"screen": screen, "found": found, "query": query, "users": users, "meant": meant, **shown}
        return web.page(f"{screen.plural}/list.html", **context | screen.list_more(query, found))

    def show(self, id: int) -> ResponseReturnValue:
        """The record and everything about it; of one that was merged, where it is now."""
        found = web.session().get(self.screen.model, id)
        if found is not None and found.deleted_at is not None:
            into = tombstones.winner_of(web.session(), self.screen.type, id)
            if into is not None:
                return redirect(self.screen.url("show", id=into))  # not for good: a merge can be undone
            return web.page("records/deleted.html", status=410, **_deleted(self.screen, found))
        row: Base = web.get_or_404(self.screen.model, id)
        titles.expect(web.session(), self.screen.page_names(row))
        context = page_of(self.screen, row) | self.screen.page_more(row)
        return web.page(f"{self.screen.plural}/show.html", **context)

    def panel(self, id: int) -> ResponseReturnValue:
        """The parts of its page for the panel beside a list, as a fragment; of one that was merged, where it is now."""
        into = tombstones.winner_of(web.session(), self.screen.type, id)
        if into is not None:
            return redirect(self.screen.url("panel", id=into))
        row: Base = web.get_or_404(self.screen.model, id)
        context = page_of(self.screen, row) | self.screen.panel_more(row)
        template = f"{self.screen.plural}/show.html"
        parts = {name: web.render_block(template, name, **context) for name in ("facts", "props", "main")}
        context |= {"url": self.screen.url("show", id=id), "panel_url": self.screen.url("panel", id=id)}
        return web.page("records/panel.html", parts=parts, **context)

    def timeline(self, id: int) -> ResponseReturnValue:
        """More of its history, or its history narrowed, as a fragment; opened as a page, the record's."""
        web.get_or_404(self.screen.model, id)
        before, shown = request.args.get("before", type=web.whole), request.args.get("shown", "")
        args = {"shown": shown} if shown else {}
        if not web.is_htmx():
            return redirect(self.screen.url("show", id=id, **args))
        timeline = timeline_page.timeline(web.session(), (self.screen.type, id), before=before, shown=shown)
        more_url = self.screen.url("timeline", id=id, before=timeline.before, **args) if timeline.before else None
        return web.page("records/_moments.html", timeline=timeline, more_url=more_url)

    # --- Writing

    def new(self) -> ResponseReturnValue:
        """An empty form, or one begun by the address."""
        args = self.screen.prefill(MultiDict(request.args))
        return self._form(record_fields.state_of_form(web.session(), self.screen.all_fields(), args))

    def create(self) -> ResponseReturnValue:
        """Make a record; from a composer the answer is the page it stands on."""
        screen, form = self.screen, request.form
        try:
            data = record_reading.read(screen.all_fields(), form)
            row = records.create(web.session(), screen.type, data, by=web.actor())
        except Invalid as error:
            web.abandon()
            return self._refused(error)
        on = _standing_on()
        if on and web.is_htmx():
            return _story_of(on)
        return web.go(SCREENS[on[0]].url("show", id=on[1]) if on else screen.url("show", id=row.id))

    def _refused(self, error: Invalid) -> ResponseReturnValue:
        fields = self.screen.all_fields()
        errors = record_reading.errors_of(error, fields)
        state = record_fields.state_of_form(web.session(), fields, request.form, errors)
        if web.is_htmx() and (on := _standing_on()):
            composer = request.form.get("composer") or self.screen.type
            return _story_of(on, composer=composer, composed=state, status=422)
        return self._form(state, status=422)

    def edit(self, id: int) -> ResponseReturnValue:
        """The form of a record as it stands."""
        row: Base = web.get_or_404(self.screen.model, id)
        shown = records.show(web.session(), row)
        return self._form(record_fields.state_of_record(web.session(), self.screen.all_fields(), shown), row)

    def update(self, id: int) -> ResponseReturnValue:
        """Change what was changed in the form. Where somebody was faster, both sides come together (`Sides`); what both
        changed differently is asked for, and nothing is written before that is answered."""
        form, fields = request.form, self.screen.all_fields()
        row = self._to_change(id)
        try:
            mine = record_conflicts.touched(fields, form)
            data = record_reading.read(mine, form)
            if row.deleted_at is not None and (answer := self._of_deleted(row, mine, data)) is not None:
                return answer
            version, told = form.get("version", type=web.whole), ""
            if version is not None and version != row.version:
                sides = record_conflicts.sides_of(self.screen, row, form, mine)
                if sides.disputed:
                    return record_conflicts.page(self.screen, row, form, sides, data)
                told = sides.told(row)
            records.update(web.session(), row, data, by=web.actor())
        except Invalid as error:
            web.abandon()
            errors = record_reading.errors_of(error, fields)
            state = record_fields.state_of_form(web.session(), fields, form, errors)
            return self._form(state, web.get_or_404(self.screen.model, id, deleted=True), status=422)
        web.flash_message(f"{_('Saved.')} {told}".rstrip())
        return web.go(self.screen.url("show", id=id))

    def _to_change(self, id: int) -> Any:
        """The record, nobody else's until this request ends; a deleted one, too, for what was typed for it."""
        web.session().get(self.screen.model, id, with_for_update=True)
        return web.get_or_404(self.screen.model, id, deleted=True)

    def _of_deleted(self, row: Any, mine: Sequence[FormField], data: dict[str, Any]) -> ResponseReturnValue | None:
        """What to ask whoever saves a record that is no more; None where they said to restore it."""
        screen, form = self.screen, request.form
        into = tombstones.winner_of(web.session(), screen.type, row.id)
        if into is not None:
            return record_conflicts.merged(screen, web.get_or_404(screen.model, into), form, mine, data)
        may_restore = web.can(Scope.RECORDS_DELETE) and may_delete(web.current_user, row)
        if not may_restore or "restore" not in form:
            return record_conflicts.deleted(screen, row, form, mine, data, may_restore=may_restore)
        records.restore(web.session(), row, by=web.actor())
        return None

    def delete(self, id: int) -> ResponseReturnValue:
        """Delete it; the message offers to take that back."""
        row: Base = web.get_or_404(self.screen.model, id)
        self._check_may_delete(row)
        name = record_names.reference(row).name
        records.delete(web.session(), row, by=web.actor())
        web.flash_message(_("“%(name)s” was deleted.", name=name), undo_url=self.screen.url("restore", id=id))
        return web.go(self.screen.url("list_"))

    def restore(self, id: int) -> ResponseReturnValue:
        """Take a deletion back."""
        row: Base = web.get_or_404(self.screen.model, id, deleted=True)
        self._check_may_delete(row)
        records.restore(web.session(), row, by=web.actor())
        web.flash_message(_("“%(name)s” is back.", name=record_names.reference(row).name))
        return web.go(self.screen.url("show", id=id))

    def _check_may_delete(self, row: Base) -> None:
        if not may_delete(web.current_user, row):
            raise Forbidden(_("Only its owner or a manager can delete or restore this."))

    def _form(self, state: FormState, row: Base | None = None, *, status: int = 200) -> ResponseReturnValue:
        screen, form = self.screen, request.form
        base = form.get(form_base.NAME) or (record_conflicts.base_of(screen, row).as_text() if row is not None else "")
        return web.page(
            "records/form.html",
            status=status,
            screen=screen,
            base=base,
            fields=screen.all_fields(),
            row=row,
            name=record_names.reference(row).name if row is not None else None,
            state=state,
            users=record_names.choosable(web.session(), state.named(screen.all_fields())),
            **screen.form_more(),
        )


def page_of(screen: Screen, row: Any) -> Context:
    """What the page of a record shows."""
    session, target = web.session(), (screen.type, row.id)
    story = None
    if screen.related is not None:
        shown = request.args.get("shown", "")
        narrowed = shown if shown in timeline_page.SHOWN else ""
        story = record_pages.story(session, target, screen.related, shown=narrowed)
    titles.expect(session, beside_views.mentioned(target))
    if story is not None:
        titles.expect(session, story.mentioned())
    return {
        **properties_of(screen, row),
        **beside_views.beside(target),
        "story": story and record_pages.told(session, story),
        "composer": "note",
        "composed": None,
        **screen.show_more(row),
    }


def _deleted(screen: Screen, row: Any) -> Context:
    timeline = timeline_page.timeline(web.session(), (screen.type, row.id))
    choices = screen.form_more().get("choices")
    return properties_of(screen, row) | {"timeline": timeline, "choices": choices}


def properties_of(screen: Screen, row: Any) -> Context:
    """A record's own fields, and what they name."""
    session, fields = web.session(), screen.all_fields()
    shown = records.show(session, row)
    return {
        "screen": screen,
        "fields": fields,
        "values": {asked.name: asked.value_of(shown) for asked in fields},
        "row": row,
        "name": record_names.reference(row).name,
        "state": record_fields.state_of_record(session, fields, shown),
        "people": record_names.people(session),
        "may_delete": may_delete(web.current_user, row),
    }


# --- Composers: short forms for tasks and notes on the page of the record they are about


def _standing_on() -> Target | None:
    """The record on whose page a composer stands, if one sent this."""
    on = target_of(request.form.get("on", ""), SCREENS)
    return on if on is not None and SCREENS[on[0]].related is not None else None


def _story_of(on: Target, *, status: int = 200, **composed: Any) -> ResponseReturnValue:
    screen = SCREENS[on[0]]
    row: Base = web.get_or_404(screen.model, on[1])
    context = page_of(screen, row) | composed
    return web.page("records/_story.html", status=status, **context)
