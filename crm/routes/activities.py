"""E-mails and calendar files dropped on a record or on the import page: look, leave some out, take in, undo.

create ─▶ show (what would become of each) ─ start ─▶ the record, or show (progress, then the result) ─ undo ─▶ back
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from crm import dropped_page, import_page, record_names, web
from crm.api.http import FORM_EXTRA_BYTES
from crm.web import requires
from shared import imports
from shared.accounts.permissions import Scope
from shared.activities import TYPES
from shared.config import MAX_ACTIVITY_BYTES
from shared.errors import Invalid, NotFound
from shared.imports import dropped, jobs, showing
from shared.models import ImportJob, ImportRow, ImportStatus

bp = Blueprint("activities", __name__, url_prefix="/activities")

PAGE_ROWS = 50
_MOST_FILES = 200


@bp.url_value_preprocessor
def _allow_large_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before the form's token is read, and with it the form."""
    if endpoint == "activities.create":
        request.max_content_length = MAX_ACTIVITY_BYTES + FORM_EXTRA_BYTES


@bp.post("")
@requires(Scope.RECORDS_WRITE)
def create() -> ResponseReturnValue:
    """Store files, and look at them."""
    sent = [(file.stream, file.filename or "") for file in request.files.getlist("file") if file.filename]
    if not sent:
        raise Invalid.field("file", _("Choose a file."))
    if len(sent) > _MOST_FILES:
        raise Invalid.field("file", _("Drop %(num)s files at most at a time.", num=_MOST_FILES))
    on = dropped.dropped_on(request.form.get("on", ""))
    job = dropped.receive(web.session(), sent, web.settings(), by=web.actor(), on=on)
    return web.go(url_for("activities.show", id=job.id))


def _job(id: int) -> ImportJob:
    """One's own, or anybody's for who may import. Raises NotFound: what somebody's mails say is theirs to show."""
    job = web.get_or_404(ImportJob, id)
    if job.type not in TYPES or not (job.created_by_id == web.current_user.id or web.can(Scope.RECORDS_MANAGE)):
        raise NotFound(_("There is no such record, or it was deleted."))
    return job


@bp.get("/<int:id>")
@requires(Scope.RECORDS_WRITE)
def show(id: int) -> ResponseReturnValue:
    """What would become of each; once it is done, what became of it."""
    return web.page("activities/show.html", **_page_of(_job(id)))


def _page_of(job: ImportJob) -> dict[str, Any]:
    session, after = web.session(), request.args.get("after", 0, type=web.whole)
    query = select(ImportRow).where(ImportRow.job_id == job.id, ImportRow.number > after)
    rows = list(session.scalars(query.order_by(ImportRow.number).limit(PAGE_ROWS + 1)))
    on = job.options.get("on")
    return {
        "job": job,
        "stage": job.status.value,
        "plan": dropped_page.Plan.of(job),
        "items": dropped_page.items(session, rows[:PAGE_ROWS]),
        "next_after": rows[PAGE_ROWS - 1].number if len(rows) > PAGE_ROWS else None,
        "after": after,
        "on": record_names.references(session, [tuple(on)]).get(tuple(on)) if on else None,
        "counts": showing.counts(job),
        "progress": showing.progress(job),
        "waits_for": showing.waits_for(job, lease_s=web.settings().lease_s),
        "kinds": dropped_page.KINDS,
        "statuses": import_page.TAKING,
    }


@bp.get("/<int:id>/status")
@requires(Scope.RECORDS_WRITE)
def status(id: int) -> ResponseReturnValue:
    """The progress card, asked for every second; once the stage is done the page is loaded again."""
    job = _job(id)
    if not job.status.is_working:
        return web.go(url_for("activities.show", id=id))
    return web.render("activities/_progress.html", **_page_of(job))


@bp.post("/<int:id>/rows/<int:number>")
@requires(Scope.RECORDS_WRITE)
def leave_out(id: int, number: int) -> ResponseReturnValue:
    """Leave one out, or take it in after all."""
    job = _job(id)
    row = dropped.leave_out(web.session(), job, number, is_left=request.form.get("left") == "1")
    if not web.is_htmx():
        return web.go(url_for("activities.show", id=id))
    (item,) = dropped_page.items(web.session(), [row])
    plan = dropped_page.Plan.of(job)
    return web.page("activities/_item_alone.html", job=job, item=item, plan=plan, kinds=dropped_page.KINDS)


@bp.post("/<int:id>/start")
@requires(Scope.RECORDS_WRITE)
def start(id: int) -> ResponseReturnValue:
    """Take in what was shown, with new contacts for the addresses that were ticked."""
    job, form = _job(id), request.form
    plan, chosen = dropped_page.Plan.of(job), form.getlist("contact")
    if form.get("everybody") == "1":  # without scripts it is the only box that was ticked
        chosen = [address for address, *_more in plan.people]
    if job.status is ImportStatus.CHECKED and not plan.does and not chosen:
        web.flash_message(_("Tick somebody to add first; without that nothing would be taken in."), tone="info")
        return web.go(url_for("activities.show", id=id))
    dropped.start(
        web.session(), job, web.settings(), by=web.actor(), contacts=chosen, files=form.get("files") == "1"
    )  # fmt: skip
    if job.status is not ImportStatus.DONE:
        return web.go(url_for("activities.show", id=id))
    return _done(job)


def _done(job: ImportJob) -> ResponseReturnValue:
    """On to the record they were dropped on, with what was done and the way back."""
    taken = job.created + job.updated
    if not taken:
        web.flash_message(_("Nothing was taken in: there was nothing new, or nobody you know."), tone="info")
    else:
        said = dropped_page.summary(_made(job)) or str(_("%(num)s entries", num=taken))
        web.flash_message(_("Took in %(what)s.", what=said), undo_url=url_for("activities.undo", id=job.id))
    return web.go(_back(job) or url_for("activities.show", id=job.id))


def _made(job: ImportJob) -> dict[str, int]:
    """How many of each kind were made or changed."""
    rows = web.session().scalars(
        select(ImportRow).where(ImportRow.job_id == job.id, ImportRow.result.in_(("created", "updated")))
    )
    kinds: dict[str, int] = {}
    for row in rows:
        kind = "task" if row.match == "task" else row.values["kind"]
        kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


def _back(job: ImportJob) -> str | None:
    on = job.options.get("on")
    found = record_names.references(web.session(), [tuple(on)]).get(tuple(on)) if on else None
    return found.url if found else None


@bp.post("/<int:id>/undo")
@requires(Scope.RECORDS_WRITE)
def undo(id: int) -> ResponseReturnValue:
    """Take all of it back."""
    job = _job(id)
    dropped.undo(web.session(), job, by=web.actor())
    if job.status is ImportStatus.REVERTED:
        text = _("Taken back.")
        if job.kept:
            text = _("Taken back, but for %(num)s that somebody changed since.", num=job.kept)
        web.flash_message(text)
        return web.go(_back(job) or url_for("activities.show", id=id))
    return web.go(url_for("activities.show", id=id))


@bp.post("/<int:id>/<any(cancel, restart):deed>")
@requires(Scope.RECORDS_WRITE)
def steer(id: int, deed: str) -> ResponseReturnValue:
    """Stop, go on."""
    act = {"cancel": imports.cancel, "restart": imports.restart}[deed]
    act(web.session(), _job(id), by=web.actor())
    return web.go(url_for("activities.show", id=id))


@bp.post("/<int:id>/remove")
@requires(Scope.RECORDS_WRITE)
def remove(id: int) -> ResponseReturnValue:
    """Forget a file of which nothing was taken in."""
    job = _job(id)
    back = _back(job)
    jobs.remove(web.session(), job)
    web.flash_message(_("The file was discarded. No record was changed."))
    return web.go(back or (url_for("imports.list_") if web.can(Scope.RECORDS_MANAGE) else url_for("home.index")))
