"""Decisions on findings: one by one from the review page, many at once, and the queue across meetings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from flask import Blueprint, Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from crm import review_page, transcript_page, web
from crm.web import requires
from shared import review
from shared.accounts.permissions import Scope
from shared.errors import Conflict, Invalid, NotFound
from shared.models import Insight, Meeting, ReviewBatch
from shared.review import batches, correcting, queue
from shared.schemas.ids import id_of, target_of
from shared.schemas.insight import BANDS, DATA_BY_KIND, Kind

bp = Blueprint("review", __name__)

_ANY_MEETING = select(Meeting.id).where(Meeting.deleted_at.is_(None)).limit(1)


# --- The queue across meetings


@bp.get("/review")
@requires(Scope.RECORDS_READ)
def index() -> ResponseReturnValue:
    """What waits in all meetings, newest first, meeting by meeting."""
    kind, band = request.args.get("kind", ""), request.args.get("confidence", "")
    asked = queue.Filter(
        kind=kind if kind in transcript_page.KIND_NAMES else None,
        band=band if band in queue.RANGES else None,
        owner_id=web.current_user.id if request.args.get("mine") else None,
    )
    session = web.session()
    entries = queue.waiting(session, asked)
    found = queue.findings(session, asked, [entry.meeting.id for entry in entries])
    kinds = [(kind.value, str(name)) for kind, name in transcript_page.KIND_NAMES.items() if kind is not Kind.SUMMARY]
    return web.page(
        "review/index.html",
        entries=entries,
        found=found,
        asked=asked,
        kinds=kinds,
        total=sum(entry.open for entry in entries),
        is_filtered=asked != queue.EVERYTHING,
        has_meetings=bool(entries) or session.scalar(_ANY_MEETING) is not None,
    )


# --- One finding


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
        return _conflict(id, error, closes=bool(request.form.get("edited")))
    except Invalid as error:
        if not edits:
            raise
        web.abandon()
        errors = {problem.path: [problem.message] for problem in error.errors}
        return _edit_form(_insight(id), values=request.form, errors=errors, status=422)
    return _decided(
        insight,
        _("Accepted: %(what)s", what=transcript_page.headline(insight)),
        closes=bool(request.form.get("edited")),
    )


@bp.post("/insights/<int:id>/reject")
@requires(Scope.REVIEW)
def reject(id: int) -> ResponseReturnValue:
    """Say no; it does not come back."""
    reason = request.form.get("reason")
    return _attempt(
        id,
        lambda insight: review.reject(web.session(), insight, by=web.actor(), reason=reason),
        lambda insight: _("Rejected: %(what)s", what=transcript_page.headline(insight)),
    )


@bp.post("/insights/<int:id>/undo")
@requires(Scope.REVIEW)
def undo(id: int) -> ResponseReturnValue:
    """Take a decision back, or how an open finding was corrected last."""
    correction = _insight(id).correction or {}
    partners = [correction.get("merged_into"), *list(correction.get("absorbed", {}))[-1:]]
    return _attempt(
        id,
        lambda insight: review.undo(web.session(), insight, by=web.actor()),
        lambda insight: _("Undone: %(what)s", what=transcript_page.headline(insight)),
        undoable=False,
        also=[int(partner) for partner in partners if partner],
    )


@bp.post("/insights/<int:id>/merge")
@requires(Scope.REVIEW)
def merge(id: int) -> ResponseReturnValue:
    """Make one of two: this one is kept, `other` is refused as merged."""
    other = _insight(request.form.get("other", 0, type=web.whole))
    return _attempt(
        id,
        lambda insight: correcting.merge(web.session(), insight, other, by=web.actor()),
        lambda insight: _("Merged into: %(what)s", what=transcript_page.headline(insight)),
        also=[other.id],
    )


@bp.get("/insights/<int:id>/move")
@requires(Scope.REVIEW)
def choose_record(id: int) -> ResponseReturnValue:
    """The dialog in which a finding gets another record."""
    insight = _insight(id)
    kind = Kind(insight.kind)
    return _dialog(
        "review/_move.html",
        insight,
        targets=correcting.targets_of(kind),
        may_be_new=correcting.may_be_new(kind),
        places=review_page.places(web.session(), insight),
    )


@bp.post("/insights/<int:id>/move")
@requires(Scope.REVIEW)
def move(id: int) -> ResponseReturnValue:
    """Say what record it is about: `record` is "company:5", or "new"."""
    wanted = request.form.get("record", "")
    target = (_insight(id).kind, None) if wanted == "new" else target_of(wanted, correcting.HOLDERS)
    if target is None:
        raise Invalid.field("record", _("Choose a record from the list."))
    type_, record_id = target
    return _attempt(
        id,
        lambda insight: correcting.move(web.session(), insight, type=type_, id=record_id, by=web.actor()),
        lambda insight: _("Moved: %(what)s", what=transcript_page.headline(insight)),
        closes=True,
    )


@bp.get("/insights/<int:id>/owner")
@requires(Scope.REVIEW)
def choose_owner(id: int) -> ResponseReturnValue:
    """The dialog in which a task gets another owner."""
    insight = _insight(id)
    if insight.kind != Kind.ACTION_ITEM:
        raise NotFound(_("Only a task has an owner."))
    return _dialog("review/_owner.html", insight, owners=review_page.owners(web.session(), insight))


@bp.post("/insights/<int:id>/owner")
@requires(Scope.REVIEW)
def assign(id: int) -> ResponseReturnValue:
    """Say who owns it: `owner` is "user:3", "name:Jane Roe", or "none"."""
    kind, _colon, value = request.form.get("owner", "").partition(":")
    user_id, name = (id_of(value) if kind == "user" else None), (value if kind == "name" else None)
    if kind not in ("user", "name", "none") or (kind == "user" and user_id is None):
        raise Invalid.field("owner", _("Choose somebody from the list."))
    return _attempt(
        id,
        lambda insight: correcting.assign(web.session(), insight, user_id=user_id, name=name, by=web.actor()),
        lambda insight: _("New owner: %(who)s", who=insight.data.get("owner") or _("nobody")),
        closes=True,
    )


@bp.get("/insights/<int:id>/edit")
@requires(Scope.REVIEW)
def edit(id: int) -> ResponseReturnValue:
    """The dialog in which an insight is corrected before it is accepted."""
    insight = _insight(id)
    return _edit_form(insight, values=insight.data, errors={})


# --- Many


@bp.post("/meetings/<int:id>/review")
@requires(Scope.REVIEW)
def decide_all(id: int) -> ResponseReturnValue:
    """Accept everything above a confidence, or reject; of the findings named by `id`, if there are any. One batch."""
    meeting = web.get_or_404(Meeting, id)
    ids = request.form.getlist("id", type=web.whole)
    if request.form.get("decide") == "reject":
        if not ids:
            raise Invalid.field("id", _("Say which findings are to be rejected."))
        batch, counts = batches.reject_all(web.session(), meeting, ids, by=web.actor())
        text = _("%(n)s rejected.", n=counts["rejected"])
    else:
        threshold = request.form.get("accept_above", BANDS.high, type=float)
        if not 0 <= threshold <= 1:
            raise Invalid.field("accept_above", _("The confidence lies between 0 and 1."))
        batch, counts = review.accept_above(web.session(), meeting, threshold, by=web.actor(), among=ids or None)
        text = _("%(n)s accepted.", n=counts["accepted"])
    if counts["conflicts"]:
        text += " " + _("%(n)s need another look: they were changed meanwhile.", n=counts["conflicts"])
    if counts.get("to_ask"):
        text += " " + ngettext("%(num)s asks which one is meant.", "%(num)s ask which one is meant.", counts["to_ask"])
    done = counts.get("accepted", 0) + counts.get("rejected", 0)
    undo_url = url_for("review.undo_batch", id=batch.id) if done else None
    return _proposals(meeting, text, tone="warning" if counts["conflicts"] else "success", undo_url=undo_url)


@bp.post("/batches/<int:id>/undo")
@requires(Scope.REVIEW)
def undo_batch(id: int) -> ResponseReturnValue:
    """Take back what was decided together."""
    batch = web.get_or_404(ReviewBatch, id)
    counts = review.undo_batch(web.session(), batch, by=web.actor())
    return _undone(web.get_or_404(Meeting, batch.meeting_id), counts)


@bp.post("/meetings/<int:id>/undo")
@requires(Scope.REVIEW)
def undo_all(id: int) -> ResponseReturnValue:
    """Take back my last batch, or with `what=mine` every decision I took on this meeting."""
    meeting = web.get_or_404(Meeting, id)
    if request.form.get("what") == "mine":
        return _undone(meeting, batches.undo_mine(web.session(), meeting, by=web.actor()))
    batch = batches.last_batch(web.session(), meeting, by=web.actor())
    if batch is None:
        return _proposals(meeting, _("You have decided nothing together here that could be undone."), tone="info")
    return _undone(meeting, review.undo_batch(web.session(), batch, by=web.actor()))


def _undone(meeting: Meeting, counts: dict[str, int]) -> ResponseReturnValue:
    text = _("%(n)s undone.", n=counts["undone"])
    if counts["conflicts"]:
        text += " " + _("%(n)s were left: they were changed again since.", n=counts["conflicts"])
    return _proposals(meeting, text, tone="warning" if counts["conflicts"] else "success")


# --- What others decide meanwhile


@bp.get("/meetings/<int:id>/review/state")
@requires(Scope.RECORDS_READ)
def state(id: int) -> ResponseReturnValue:
    """{"states": {insight id: mark}}: the page compares the marks with those of its cards."""
    meeting = web.get_or_404(Meeting, id)
    found = review_page.reviewed_of(web.session(), meeting)
    return jsonify(states={insight.id: insight.state for insight in found})


@bp.get("/meetings/<int:id>/cards")
@requires(Scope.RECORDS_READ)
def cards(id: int) -> ResponseReturnValue:
    """These cards as they stand now, to be put in the place of the old ones; without any named, all proposals, or those
    of the sections from one `from` on, to be put where the page left them out.
    """
    meeting = web.get_or_404(Meeting, id)
    wanted = request.args.getlist("id", type=web.whole)[:50]
    first = request.args.get("from", 0, type=web.whole)
    if first:
        shown = review_page.page_of(web.session(), meeting)
        return web.render("meetings/_sections.html", **{**shown, "sections": shown["sections"][first:]})
    if not wanted:
        return web.render("meetings/_proposals.html", **review_page.page_of(web.session(), meeting), oob=True)
    query = select(Insight).where(Insight.meeting_id == meeting.id, Insight.id.in_(wanted))
    found = list(web.session().scalars(query))
    if not found:
        raise NotFound(_("There is no such finding, or the meeting was read again."))
    shown = review_page.after_decision(web.session(), found[0], found)
    return web.render("meetings/_decided.html", **{**shown, "insight": None})


# --- Parts


def _insight(id: int) -> Insight:
    insight = web.get_or_404(Insight, id)
    web.get_or_404(Meeting, insight.meeting_id)  # a deleted meeting is not reviewed
    return insight


def _choice() -> int | Literal["new"] | None:
    """Which of the candidates is meant, if the card asked."""
    value = request.form.get("record_id", "")
    return int(value) if value.isdecimal() and len(value) < 10 else "new" if value == "new" else None


def _attempt(
    id: int,
    act: Callable[[Insight], Any],
    text: Callable[[Insight], str],
    *,
    undoable: bool = True,
    closes: bool = False,
    also: list[int] | None = None,
) -> ResponseReturnValue:
    """Do it, and show the card as it stands then; or as somebody else has left it, and say so."""
    insight = _insight(id)
    try:
        with web.session().begin_nested():
            act(insight)
    except Conflict as error:
        return _conflict(id, error, closes=closes)
    return _decided(insight, text(insight), undoable=undoable, closes=closes, also=also)


def _conflict(id: int, error: Conflict, *, closes: bool = False) -> ResponseReturnValue:
    """Somebody was faster, or the record has changed: the card shows how it is now, for another look."""
    insight = web.session().get(Insight, id, populate_existing=True)
    if insight is None or (not insight.status.is_open and not web.is_htmx()):
        raise error
    review.renew(web.session(), insight)
    return _decided(insight, error.detail, tone="warning", undoable=False, closes=closes)


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
    fields = transcript_page.edit_fields(Kind(insight.kind))
    return _dialog("meetings/_edit_insight.html", insight, status=status, fields=fields, values=values, errors=errors)


def _dialog(template: str, insight: Insight, *, status: int = 200, **context: Any) -> ResponseReturnValue:
    """What a dialog shows; without JavaScript a page with the same, and ways to what the card's menu has with it."""
    if web.is_htmx():
        return web.page(template, status=status, insight=insight, **context)
    others = [("review.edit", _("Edit"), "pencil")]
    others.append(("review.choose_record", _("Move to another record …"), "arrow-right"))
    if insight.kind == Kind.ACTION_ITEM:
        others.append(("review.choose_owner", _("Change the owner …"), "user"))
    context["others"] = [other for other in others if other[0] != request.endpoint]
    meeting = web.get_or_404(Meeting, insight.meeting_id)
    return web.page("review/dialog.html", status=status, dialog=template, insight=insight, meeting=meeting, **context)


def _decided(
    insight: Insight,
    text: str,
    *,
    tone: str = "success",
    undoable: bool = True,
    closes: bool = False,
    also: list[int] | None = None,
) -> ResponseReturnValue:
    """The insight as it stands now, wherever it was asked from, and the counts; without JavaScript the page again."""
    if not web.is_htmx():
        if tone != "success":
            web.flash_message(text, tone=tone)
        return web.go(url_for("meetings.show", id=insight.meeting_id) + f"#insight-{insight.id}")
    others = [other for id in also or [] if (other := web.session().get(Insight, id)) is not None]
    body = web.render("meetings/_decided.html", **review_page.after_decision(web.session(), insight, others))
    undo_url = url_for("review.undo", id=insight.id) if undoable else None
    events = {"closeModal": None} if closes else None
    answer = web.toast(body, text, tone=tone, undo_url=undo_url, key="decision", events=events)
    return _put(answer, f"#insight-{insight.id}")


def _put(answer: Response, place: str) -> Response:
    """It takes this place on the page: what asked for it may be a dialog, or a message's "Undo"."""
    answer.headers["HX-Retarget"] = place
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer


def _proposals(meeting: Meeting, text: str, *, tone: str, undo_url: str | None = None) -> ResponseReturnValue:
    """All proposals of the meeting anew: much has changed at once."""
    if not web.is_htmx():
        web.flash_message(text, tone=tone, undo_url=undo_url)
        return web.go(url_for("meetings.show", id=meeting.id))
    web.session().flush()
    body = web.render("meetings/_proposals.html", **review_page.page_of(web.session(), meeting), oob=True)
    answer = web.toast(body, text, tone=tone, undo_url=undo_url, key="decision")
    return _put(answer, "#proposals")
