"""Decisions on single insights, from the review page."""

from __future__ import annotations

import json
from typing import Any, Literal

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm import transcript_view, web
from crm.web import requires
from shared import review
from shared.accounts.permissions import Scope
from shared.errors import Conflict, Invalid
from shared.models import Insight, Meeting, ReviewBatch
from shared.schemas.insight import DATA_BY_KIND, Kind

bp = Blueprint("review", __name__)


@bp.post("/insights/<int:id>/accept")
@requires(Scope.REVIEW)
def accept(id: int) -> ResponseReturnValue:
    """Say yes; with form fields, yes to that instead."""
    insight = _insight(id)
    edits = {name: value for name, value in _edits(insight).items() if value != insight.data.get(name, "")}
    try:
        with web.session().begin_nested():
            review.accept(web.session(), insight, by=web.actor(), edits=edits or None, choice=_choice())
    except Conflict as error:
        insight = _insight(id)
        if not insight.status.is_open:
            raise
        review.renew(web.session(), insight)  # the card shows the record as it is now, for another yes
        return _decided(insight, error.detail, tone="warning", undoable=False, closes=bool(edits))
    except Invalid as error:
        if not edits:
            raise
        web.abandon()
        errors = {problem.path: [problem.message] for problem in error.errors}
        return _edit_form(_insight(id), values=request.form, errors=errors, status=422)
    return _decided(
        insight,
        _("Accepted: %(what)s", what=transcript_view.headline(insight)),
        closes=bool(request.form.get("edited")),
    )


@bp.post("/insights/<int:id>/reject")
@requires(Scope.REVIEW)
def reject(id: int) -> ResponseReturnValue:
    """Say no; it does not come back."""
    insight = _insight(id)
    review.reject(web.session(), insight, by=web.actor(), reason=request.form.get("reason"))
    return _decided(insight, _("Rejected: %(what)s", what=transcript_view.headline(insight)))


@bp.post("/insights/<int:id>/undo")
@requires(Scope.REVIEW)
def undo(id: int) -> ResponseReturnValue:
    """Take a decision back."""
    insight = _insight(id)
    review.undo(web.session(), insight, by=web.actor())
    return _decided(insight, _("Undone: %(what)s", what=transcript_view.headline(insight)), undoable=False)


@bp.get("/insights/<int:id>/edit")
@requires(Scope.REVIEW)
def edit(id: int) -> ResponseReturnValue:
    """The dialog in which an insight is corrected before it is accepted."""
    insight = _insight(id)
    return _edit_form(insight, values=insight.data, errors={})


@bp.post("/batches/<int:id>/undo")
@requires(Scope.REVIEW)
def undo_batch(id: int) -> ResponseReturnValue:
    """Take back what was accepted together."""
    batch = web.get_or_404(ReviewBatch, id)
    counts = review.undo_batch(web.session(), batch, by=web.actor())
    text = _("%(n)s undone.", n=counts["undone"])
    if counts["conflicts"]:
        text += " " + _("%(n)s were left: they were changed again since.", n=counts["conflicts"])
    web.flash_message(text, tone="warning" if counts["conflicts"] else "success")
    return web.go(url_for("meetings.show", id=batch.meeting_id))


def _insight(id: int) -> Insight:
    insight = web.get_or_404(Insight, id)
    web.get_or_404(Meeting, insight.meeting_id)  # a deleted meeting is not reviewed
    return insight


def _choice() -> int | Literal["new"] | None:
    """Which of the candidates is meant, if the card asked."""
    value = request.form.get("record_id", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 18 else "new" if value == "new" else None


def _edits(insight: Insight) -> dict[str, Any]:
    """The submitted fields of the insight's kind; a checkbox that is not there is off."""
    if not request.form.get("edited"):
        return {}
    fields = DATA_BY_KIND[Kind(insight.kind)].model_fields
    values: dict[str, Any] = {name: request.form[name].strip() for name in fields if name in request.form}
    if "attended" in fields:
        values["attended"] = "attended" in request.form
    return values


def _edit_form(
    insight: Insight, *, values: Any, errors: dict[str, list[str]], status: int = 200
) -> ResponseReturnValue:
    fields = transcript_view.edit_fields(Kind(insight.kind))
    return web.page(
        "meetings/_edit_insight.html", status=status, insight=insight, fields=fields, values=values, errors=errors
    )


def _decided(
    insight: Insight, text: str, *, tone: str = "success", undoable: bool = True, closes: bool = False
) -> ResponseReturnValue:
    """The insight as it stands now, and the counts; without JavaScript the page again."""
    if not web.is_htmx():
        if tone != "success":
            web.flash_message(text, tone=tone)
        return web.go(url_for("meetings.show", id=insight.meeting_id) + f"#insight-{insight.id}")
    body = web.render("meetings/_decided.html", **transcript_view.after_decision(web.session(), insight))
    undo_url = url_for("review.undo", id=insight.id) if undoable else None
    answer = web.toast(body, text, tone=tone, undo_url=undo_url, key="decision")
    if closes:  # the form stood in the dialog; its answer belongs to the card
        answer.headers["HX-Retarget"] = f"#insight-{insight.id}"
        answer.headers["HX-Reswap"] = "outerHTML"
        triggers = json.loads(answer.headers["HX-Trigger"])
        answer.headers["HX-Trigger"] = json.dumps({**triggers, "closeModal": None})
    return answer
