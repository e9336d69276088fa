"""Many records of a list at once: set a field, give an owner, move a day, tag, untag, delete; and take it back.

Which records: `ids=1,2,3`, or with `all=1` every record of the list at `address`. Who may not manage other people's
records changes their own among them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from urllib.parse import parse_qs

from flask import Blueprint, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from crm import (
    day_shift,
    list_address,
    list_columns,
    listing,
    localization,
    record_custom,
    record_fields,
    record_names,
    record_reading,
    web,
)
from crm.record_fields import FormField, FormState, Kind
from crm.record_labels import FIELD_LABELS, TASK_STATUSES
from crm.record_views import SCREENS
from crm.web import requires
from shared import clock
from shared.accounts.permissions import Scope
from shared.config import LONGEST_ADDRESS
from shared.errors import Forbidden, Invalid, NotFound
from shared.models import BulkChange, BulkStatus
from shared.query import catalog, lists
from shared.records import TYPES, changing, view_states

bp = Blueprint("bulk", __name__, url_prefix="/bulk")

_OWNERS = {"task": "assignee_id"}
#: Meetings have a screen of their own.
_OF_MEETINGS = (
    FormField("company_id", FIELD_LABELS["company_id"], Kind.RECORD, target="company"),
    FormField("deal_id", FIELD_LABELS["deal_id"], Kind.RECORD, target="deal"),
)
#: What a page of one record has a button for.
_MORE = {"task": [FormField("status", FIELD_LABELS["status"], Kind.CHOICE, choices=tuple(TASK_STATUSES.items()))]}
_TAGS = FormField("tags", FIELD_LABELS["tags"], Kind.TAGS, wide=True)
#: Progress is asked for so often without a step that its worker must have died.
_STUCK = 20
#: So long it is watched before it is said how much longer it takes.
_TELLING_S = 3
_A_DAY_S = 86_400


def _type(text: str) -> str:
    if text not in list_columns.DEFAULTS:
        raise NotFound(_("There is no such list."))
    return text


def _fields(type_: str) -> list[FormField]:
    """What can be set for many."""
    own = SCREENS[type_].fields if type_ in SCREENS else _OF_MEETINGS
    listed = [asked for asked in own if not changing.is_alone(type_, asked.name)] + _MORE.get(type_, [])
    return [asked for asked in record_custom.fields(web.session(), type_, listed) if asked.kind is not Kind.TAGS]


def _ids(type_: str) -> list[int]:
    """The records that the form means."""
    form = request.form
    if form.get("all") == "1":
        return _all_of(type_, form.get("address", ""))
    texts = [text for text in form.get("ids", "").split(",") if text]
    if any(not text.isascii() or not text.isdecimal() or len(text) > 9 for text in texts):
        raise Invalid.field("ids", _("There is no such record."))
    return [int(text) for text in texts]


def _all_of(type_: str, address: str) -> list[int]:
    """Every record of a list, as its page would show it. Raises Invalid for more than can be changed at once."""
    if len(address) > LONGEST_ADDRESS:  # cut off, it would mean more records
        raise Invalid(_("This address is too long."))
    session, viewpoint = web.session(), listing.viewpoint()
    model, given = catalog(session)[type_].model, parse_qs(address, max_num_fields=200)
    query, _gone = view_states.parse(session, type_, given, ignore=list_address.IGNORED)
    if type_ in SCREENS:
        query = SCREENS[type_].narrow(query)
    meant = select(model.id).where(*lists.conditions_of(session, query, viewpoint)).order_by(model.id)
    ids = list(session.scalars(meant.limit(changing.MOST + 1), viewpoint.parameters))
    changing.must_be_few(ids)
    return ids


# --- Asking


@bp.post("/<type>/ask")
@requires(Scope.RECORDS_WRITE)
def ask(type: str) -> ResponseReturnValue:
    """The dialog for a choice: which field, what value. Changes nothing."""
    web.only_read()
    type_, action = _type(type), request.form.get("action", "edit")
    return _dialog(type_, action, len(_ids(type_)))


def _dialog(
    type_: str, action: str, count: int, *, state: FormState | None = None, status: int = 200
) -> ResponseReturnValue:
    form = request.form
    fields = [_TAGS] if action in ("tag", "untag") else _fields(type_)
    name = form.get("field") or (_OWNERS.get(type_, "owner_id") if action == "assign" else "")
    chosen = fields[0] if len(fields) == 1 else next((asked for asked in fields if asked.name == name), None)
    more = SCREENS[type_].form_more() if type_ in SCREENS else {}
    titles = {"tag": _("Add tags"), "untag": _("Take tags off"), "assign": _("Give an owner"), "shift": _("Postpone")}
    is_shift = action == "shift"
    return web.page(
        "records/_bulk.html",
        status=status,
        type=type_,
        action=action,
        title=titles.get(action, _("Set a field")),
        count=count,
        fields=sorted(fields, key=lambda asked: str(asked.label).casefold()),
        chosen=chosen,
        state=state or (day_shift.USUAL if is_shift else FormState({})),
        users=record_names.people(web.session(), active_only=True),
        choices=more.get("choices"),
        shift=day_shift.fields(web.session(), type_) if is_shift else (),
        has_due=is_shift and day_shift.has_due(web.session(), type_),
        selected={name: form.get(name, "") for name in ("ids", "all", "address")},
    )


# --- Doing


@bp.post("/<type>")
@requires(Scope.RECORDS_WRITE)
def change(type: str) -> ResponseReturnValue:
    """Change them, now or bit by bit; the message takes all of it back."""
    type_, action = _type(type), request.form.get("action", "")
    if action not in ("edit", "assign", "shift", "tag", "untag", "delete"):
        raise Invalid.field("action", _("There is no such change."))
    if action == "delete" and not web.can(Scope.RECORDS_DELETE):
        raise Forbidden(_("Your role does not allow this. Ask an admin of your workspace."))
    ids = _ids(type_)
    asked = _asked(type_, action)
    try:
        values = _values(type_, action, asked)
        kind = cast("changing.Action", "edit" if action == "assign" else action)
        only_own = not web.can(Scope.RECORDS_MANAGE)
        done = changing.start(web.session(), type_, ids, kind, values, by=web.actor(), only_own=only_own)
    except Invalid as error:
        if not asked or not ids:
            raise
        web.abandon()
        errors = record_reading.errors_of(error, asked)
        state = record_fields.state_of_form(web.session(), asked, request.form, errors)
        return _dialog(type_, action, len(ids), state=state, status=422)
    return _progress(done) if done.status is BulkStatus.RUNNING else _told(done)


def _asked(type_: str, action: str) -> tuple[FormField, ...]:
    """The fields of the dialog: what is set, or how far a day moves; none for a deletion."""
    if action == "delete":
        return ()
    if action == "shift":
        return day_shift.fields(web.session(), type_)
    if action in ("tag", "untag"):
        return (_TAGS,)
    name = request.form.get("field", "")
    found = next((asked for asked in _fields(type_) if asked.name == name), None)
    if found is None:
        raise Invalid.field("field", _("Choose a field."))
    return (found,)


def _values(type_: str, action: str, asked: tuple[FormField, ...]) -> dict[str, Any]:
    """What the form says, as the change takes it. Raises Invalid."""
    if action == "shift":
        return day_shift.read(web.session(), type_, request.form)
    values = record_reading.read(asked, request.form)
    if asked and not (values.get("tags", True) if asked == (_TAGS,) else values):
        raise Invalid.field(asked[0].name, _("This is needed."))
    return values


# --- Telling


@bp.get("/<int:id>")
@requires(Scope.RECORDS_READ)
def show(id: int) -> ResponseReturnValue:
    """How far it is; asked for each second while it goes on."""
    done = changing.get(web.session(), id, by=web.actor())
    if web.is_htmx() and done.status in (BulkStatus.DONE, BulkStatus.UNDONE):
        return _told(done)
    return _progress(done)


def _progress(done: BulkChange) -> ResponseReturnValue:
    args = request.args
    waited = args.get("waited", 0, type=web.whole) + 1 if args.get("at", type=web.whole) == done.position else 0
    now = int(clock.wall().timestamp())
    first, since = args.get("first", done.position, type=web.whole), args.get("since", now, type=web.whole)
    template = "records/_bulk_progress.html" if web.is_htmx() else "records/bulk.html"
    return web.page(
        template,
        change=done,
        asked={"at": done.position, "waited": waited, "first": first, "since": since},
        left=_left(done, done.position - first, now - since),
        stuck=waited >= _STUCK,
        said=_said(done),
    )


def _left(done: BulkChange, moved: int, seconds: int) -> timedelta | None:
    """How long the rest takes if it goes on as since somebody began to look; None while that is too short to tell."""
    if moved <= 0 or seconds < _TELLING_S:
        return None
    total = done.changed if done.status is BulkStatus.UNDOING else done.total
    return timedelta(seconds=min(seconds, _A_DAY_S) / moved * max(0, total - done.position))


def _told(done: BulkChange) -> ResponseReturnValue:
    """A message, and word to the list to draw itself anew."""
    can_undo = done.status is BulkStatus.DONE and done.changed
    undo_url = url_for("bulk.undo", id=done.id) if can_undo else None
    if not web.is_htmx():
        web.flash_message(_said(done), undo_url=undo_url)
        return web.go(url_for(f"{TYPES[done.record_type].plural}.list_"))
    tone = "success" if done.changed and not done.failed else "warning" if done.failed else "info"
    events = {"closeModal": True, "listChanged": {"type": done.record_type}}
    return web.toast(make_response("", 200), _said(done), tone=tone, undo_url=undo_url, events=events)


def _said(done: BulkChange) -> str:
    """What was done to how many, and what was left alone and why."""
    number = localization.number
    if done.status in (BulkStatus.UNDOING, BulkStatus.UNDONE):
        back = done.position - done.failed
        text = ngettext("%(n)s record is as it was.", "%(n)s records are as they were.", back, n=number(back))
        if done.failed:
            text += " " + ngettext(
                "%(n)s was changed since and left alone.", "%(n)s were changed since and left alone.", done.failed,
                n=number(done.failed),
            )  # fmt: skip
        return str(text)
    if done.action == "delete":
        text = ngettext("%(n)s record deleted.", "%(n)s records deleted.", done.changed, n=number(done.changed))
    else:
        text = ngettext("%(n)s record changed.", "%(n)s records changed.", done.changed, n=number(done.changed))
    same = done.position - done.changed - done.skipped - done.failed
    if same:
        text += " " + ngettext("%(n)s was so already.", "%(n)s were so already.", same, n=number(same))
    if done.skipped:
        text += " " + ngettext(
            "%(n)s is not yours to change.", "%(n)s are not yours to change.", done.skipped, n=number(done.skipped)
        )
    if done.failed:
        text += " " + ngettext(
            "%(n)s could not be changed.", "%(n)s could not be changed.", done.failed, n=number(done.failed)
        )
        text += f" {done.reason}" if done.reason else ""
    if done.status is BulkStatus.DONE and (rest := done.total - done.position):
        text += " " + ngettext("%(n)s was not reached.", "%(n)s were not reached.", rest, n=number(rest))
    return str(text)


# --- Taking it back


@bp.post("/<int:id>/undo")
@requires(Scope.RECORDS_WRITE)
def undo(id: int) -> ResponseReturnValue:
    """Take it back as a whole."""
    done = changing.get(web.session(), id, by=web.actor())
    changing.undo(web.session(), done)
    if done.status is BulkStatus.UNDOING:
        return web.go(url_for("bulk.show", id=id))
    return _told(done)


@bp.post("/<int:id>/stop")
@requires(Scope.RECORDS_WRITE)
def stop(id: int) -> ResponseReturnValue:
    """Go no further."""
    done = changing.get(web.session(), id, by=web.actor())
    changing.stop(web.session(), done)
    return _told(done)


@bp.post("/<int:id>/resume")
@requires(Scope.RECORDS_WRITE)
def resume(id: int) -> ResponseReturnValue:
    """Go on, where the worker died."""
    done = changing.get(web.session(), id, by=web.actor())
    changing.resume(web.session(), done)
    return web.go(url_for("bulk.show", id=id))
