"""What the controls of forms offer while one types, beside records (`search.pick`)."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from crm import web
from crm.web import requires
from shared.accounts.permissions import Scope
from shared.records import tags as tag_records
from shared.records.tags import key_of

bp = Blueprint("choices", __name__, url_prefix="/choices")

_CHOICES = 8


@bp.get("/tags")
@requires(Scope.RECORDS_READ)
def tags() -> ResponseReturnValue:
    """Tags like what is typed, and last the offer to make one of it."""
    q = " ".join(request.args.get("q", "").split())[:50]
    found = tag_records.like(web.session(), q, limit=_CHOICES)
    is_new = bool(q) and key_of(q) not in {tag.name_key for tag in found}
    return web.page("records/_tag_choices.html", found=found, q=q, is_new=is_new)
