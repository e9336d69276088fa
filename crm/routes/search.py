"""One box that finds every record, and the choices of the pickers in forms."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import palette as palette_items
from crm import record_names, web
from crm.record_labels import TYPE_NAMES
from crm.record_names import Reference
from crm.record_views import Context
from crm.web import requires
from shared import search
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.query import ListQuery, lists
from shared.search import Hit

bp = Blueprint("search", __name__, url_prefix="/search")

_FOUND = 100
_SHOWN_OF_A_TYPE = 6
_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one type, the best first; `total` of them were found."""

    type: str
    title: str
    hits: list[tuple[Hit, Reference]]
    total: int


@bp.get("")
@requires(Scope.RECORDS_READ)
def index() -> ResponseReturnValue:
    """What the top bar's box opens."""
    q = request.args.get("q", "").strip()[:500]
    type_ = request.args.get("type", "")
    if type_ and type_ not in TYPE_NAMES:
        raise Invalid.field("type", _("There is no such type of record."))
    hits = search.find(web.session(), q, limit=_FOUND) if q else []
    known = record_names.references(web.session(), [(hit.type, hit.id) for hit in hits])
    openable = [(hit, known[hit.type, hit.id]) for hit in hits if (hit.type, hit.id) in known]
    by_type = {name: [pair for pair in openable if pair[0].type == name] for name in TYPE_NAMES}
    # The type with the best hit stands first.
    order = sorted((name for name in by_type if by_type[name]), key=lambda name: -by_type[name][0][0].score)
    shown = [
        Found(name, str(TYPE_NAMES[name]), by_type[name][: None if type_ else _SHOWN_OF_A_TYPE], len(by_type[name]))
        for name in order
        if type_ in ("", name)
    ]
    counts = [(name, str(TYPE_NAMES[name]), len(by_type[name])) for name in TYPE_NAMES if by_type[name]]
    is_capped = len(hits) >= _FOUND
    context: Context = {
        "q": q,
        "type": type_,
        "found": shown,
        "counts": counts,
        "all": len(openable),
        "is_capped": is_capped,
    }
    return web.page("search/index.html", **context)


@bp.get("/palette")
@requires(Scope.RECORDS_READ)
def palette() -> ResponseReturnValue:
    """`{found, sure}` for what was typed; without it `{recent, favourites, places, makes}` (`crm.palette`)."""
    q = request.args.get("q", "").strip()[:200]
    if q:
        return jsonify(palette_items.found(web.session(), q, web.current_user.id))
    return jsonify(palette_items.at_hand(web.session(), web.current_user.id))


@bp.get("/pick")
@requires(Scope.RECORDS_READ)
def pick() -> ResponseReturnValue:
    """Choices for a picker: the best hits, or what was changed last when nothing was typed yet."""
    types = [name for name in request.args.get("type", "").split(",") if name]
    if not types or any(name not in TYPE_NAMES for name in types):
        raise Invalid.field("type", _("There is no such type of record."))
    session = web.session()
    q = request.args.get("q", "").strip()[:200]
    if q:
        choices = record_names.like(session, q, types, _CHOICES)
    else:
        recent = (lists.run(session, ListQuery(name, sort="-updated_at", limit=_CHOICES)).items for name in types)
        rows = sorted((row for rows in recent for row in rows), key=lambda row: row.updated_at, reverse=True)
        choices = [record_names.reference(row) for row in rows[:_CHOICES]]
    return web.page("records/_choices.html", choices=choices, q=q, several=len(types) > 1)
