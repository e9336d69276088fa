"""What a person keeps at hand: stars, and what they looked at last. For the sidebar and the palette (`crm.palette`)."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import record_names, web
from crm.record_names import Reference
from crm.web import requires
from shared import records
from shared.accounts.permissions import Scope
from shared.errors import Invalid
from shared.events import Target
from shared.records import favourites
from shared.records.links import LINKED
from shared.schemas.ids import target_of

bp = Blueprint("mine", __name__, url_prefix="/mine")


def starred() -> list[Reference]:
    """The signed-in person's favourites that are there, for the sidebar of every page."""
    if web.find_user() is None:
        return []
    targets = favourites.starred(web.session(), web.current_user.id)
    known = record_names.references(web.session(), targets) if targets else {}
    return [known[target] for target in targets if target in known and known[target].url]


@bp.post("/star")
@requires(Scope.RECORDS_READ)
def star() -> ResponseReturnValue:
    """Put a record among one's favourites (`on=1`) or take it away. The answer is its star."""
    target = _target()
    is_on = request.form.get("on") == "1"
    favourites.star(web.session(), web.current_user.id, target, on=is_on)
    return web.page("records/_star.html", value=f"{target[0]}:{target[1]}", is_starred=is_on, with_list=True)


@bp.post("/look")
@requires(Scope.RECORDS_READ)
def look() -> ResponseReturnValue:
    """Remember that one looked at a record; a page says so itself, because reading a page writes nothing."""
    favourites.look(web.session(), web.current_user.id, _target())
    return "", 204


def _target() -> Target:
    target = target_of(request.form.get("record", ""), LINKED)
    if target is None:
        raise Invalid.field("record", _("There is no such record."))
    records.get(web.session(), *target)
    return target


bp.add_app_template_global(starred, "starred")
