"""Saved views from the list they are views of: save, rename, share, duplicate, pin, open lists with them, delete."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import list_address, list_builder, list_columns, listing, localization, web
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.config import LONGEST_ADDRESS
from shared.errors import AppError, Conflict, Invalid, NotFound
from shared.models import SavedView
from shared.query import catalog, lists
from shared.query.linking import PATHS
from shared.query.naming import Naming
from shared.records import view_states, views

bp = Blueprint("views", __name__, url_prefix="/views")

Args = dict[str, list[str]]


def _view(id: int) -> SavedView:
    return views.get(web.session(), id, user=list_address.person())


def _type(text: str | None) -> str:
    if text not in list_columns.DEFAULTS:
        raise NotFound(_("There is no such list."))
    return str(text)


def _args(address: str) -> Args:
    """The parameters of a list's address."""
    if len(address) > LONGEST_ADDRESS:
        raise Invalid(_("This address is too long."))
    return parse_qs(address, max_num_fields=200)


def _state(type_name: str, address: str) -> dict[str, Any]:
    """What an address asks for, as a view keeps it."""
    session = web.session()
    args, _gone = view_states.forgive(catalog(session)[type_name], _args(address))
    query = lists.parse(type_name, args, catalog(session), ignore=list_address.IGNORED)
    columns = [name for value in args.get("columns", []) for name in value.split(",") if name]
    state = view_states.state_of(query, columns=columns, group=next(iter(args.get("by", [])), ""))
    return list_address.usual(type_name, state).stored()


@bp.get("/new")
@requires(Scope.ACCOUNT_OWN)
def new() -> ResponseReturnValue:
    """The dialog that asks for a name."""
    type_ = _type(request.args.get("type"))
    name = request.args.get("name", "")
    name = _("%(name)s (copy)", name=name)[:100] if name else ""
    return web.page("views/form.html", type=type_, address=request.args.get("address", ""), name=name)


@bp.post("")
@requires(Scope.ACCOUNT_OWN)
def create() -> ResponseReturnValue:
    """Keep the list as it is under a name. Views are everybody's to make: they change no record."""
    form, type_ = request.form, _type(request.form.get("type"))
    data = {"type": type_, "name": form.get("name", ""), "shared": "shared" in form}
    try:
        state = _state(type_, form.get("address", ""))
        view = views.create(web.session(), {**data, **state}, user=list_address.person(), by=web.actor())
    except (Conflict, Invalid) as error:
        return _again(error, type=type_, address=form.get("address", ""))
    if "pinned" in form:
        views.pin(web.session(), view, user=list_address.person(), wanted=True)
    web.flash_message(_("Saved as “%(name)s”.", name=view.name))
    return web.go(list_address.href_of(view))


def _again(error: AppError, **context: Any) -> ResponseReturnValue:
    """The dialog again, with what is wrong."""
    web.abandon()
    form = request.form
    context |= {"name": form.get("name", ""), "shared": "shared" in form, "problem": error.detail}
    return web.page("views/form.html", status=422, **context)


@bp.get("/<int:id>/edit")
@requires(Scope.ACCOUNT_OWN)
def edit(id: int) -> ResponseReturnValue:
    """The dialog with its name and who sees it."""
    view = _view(id)
    return web.page("views/form.html", view=view, name=view.name, shared=view.is_shared)


@bp.post("/<int:id>")
@requires(Scope.ACCOUNT_OWN)
def update(id: int) -> ResponseReturnValue:
    """Let it stand for the list as it is now, or take another name."""
    view, form = _view(id), request.form
    if "address" in form:
        data = _state(view.record_type, form["address"])
    else:
        data = {"name": form.get("name", ""), "shared": "shared" in form}
    try:
        event = views.change(web.session(), view, data, user=list_address.person(), by=web.actor())
    except (Conflict, Invalid) as error:
        if "address" in form:
            raise
        return _again(error, view=view)
    undo_url = url_for("views.take_back", id=event.id) if "was" in event.data else None
    web.flash_message(_("“%(name)s” is saved.", name=view.name), undo_url=undo_url)
    return web.go(list_address.href_of(view))


@bp.post("/changed/<int:id>/undo")
@requires(Scope.ACCOUNT_OWN)
def take_back(id: int) -> ResponseReturnValue:
    """Take back that one saved over a view; `id` is the event of it."""
    view = views.take_back(web.session(), id, user=list_address.person(), by=web.actor())
    web.flash_message(_("“%(name)s” is as it was.", name=view.name))
    return web.go(list_address.href_of(view))


@bp.post("/<int:id>/delete")
@requires(Scope.ACCOUNT_OWN)
def delete(id: int) -> ResponseReturnValue:
    """Delete the view; its records stay."""
    view = _view(id)
    path, name = PATHS[view.record_type], view.name
    event = views.remove(web.session(), view, user=list_address.person(), by=web.actor())
    undo_url = url_for("views.bring_back", id=event.id)
    web.flash_message(_("The view “%(name)s” was deleted.", name=name), undo_url=undo_url)
    return web.go(f"{path}?saved=0")


@bp.post("/deleted/<int:id>/undo")
@requires(Scope.ACCOUNT_OWN)
def bring_back(id: int) -> ResponseReturnValue:
    """Take back that one deleted a view; `id` is the event of it."""
    view = views.bring_back(web.session(), id, user=list_address.person(), by=web.actor())
    web.flash_message(_("The view “%(name)s” is back.", name=view.name))
    return web.go(list_address.href_of(view))


@bp.post("/<int:id>/pin")
@requires(Scope.ACCOUNT_OWN)
def pin(id: int) -> ResponseReturnValue:
    """Into one's sidebar, or out of it."""
    view = _view(id)
    views.pin(web.session(), view, user=list_address.person(), wanted=request.args.get("wanted") == "1")
    return web.go(list_address.href_of(view))


@bp.post("/<int:id>/default")
@requires(Scope.ACCOUNT_OWN)
def default(id: int) -> ResponseReturnValue:
    """What one's list, or with `team` everybody's, opens with."""
    view = _view(id)
    wanted, team = request.args.get("wanted") == "1", request.args.get("team") == "1"
    views.set_default(web.session(), view, user=list_address.person(), wanted=wanted, team=team, by=web.actor())
    web.flash_message(_("The list opens with “%(name)s”.", name=view.name) if wanted else _("Saved."))
    return web.go(list_address.href_of(view))


@bp.get("/columns/<type>")
@requires(Scope.RECORDS_READ)
def columns(type: str) -> ResponseReturnValue:
    """The dialog with the columns of a list."""
    type_, session = _type(type), web.session()
    entity, args = catalog(session)[type_], _args(request.args.get("address", ""))
    locale = localization.locale()
    naming = Naming(session, listing.viewpoint(), locale.language, str(locale))
    known = {c.name: c for c in list_columns.offered(entity, naming)}
    beside = list_columns.offered_beside(entity, naming)
    theirs = {c.name: c for columns in beside.values() for c in columns}
    named = [name for value in args.pop("columns", []) for name in value.split(",")]
    wanted = named or list_columns.DEFAULTS[type_]
    shown = [(known if name in known else theirs).pop(name) for name in wanted if name in known or name in theirs]
    args.pop("cursor", None)
    others = [(name, value) for name, values in args.items() for value in values]
    usual = f"{PATHS[type_]}?{urlencode(others or [('saved', '0')])}"
    hidden = sorted(known.values(), key=_by_label)
    beside = {head: sorted((c for c in columns if c.name in theirs), key=_by_label) for head, columns in beside.items()}
    return web.page(
        "views/columns.html", path=PATHS[type_], shown=shown, hidden=hidden, beside=beside, others=others, usual=usual
    )  # fmt: skip


def _by_label(column: list_columns.Column) -> str:
    return column.label.casefold()


@bp.get("/fields/<type>")
@requires(Scope.RECORDS_READ)
def fields(type: str) -> ResponseReturnValue:
    """What the filter builder offers for a record type: its fields with their operators and choices, its relations."""
    return jsonify(list_builder.offer(type))
