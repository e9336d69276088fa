"""Import: drop a file, see what is made of its columns, correct what cannot be read, decide about duplicates, start.

list_ ─ create ─▶ show (columns) ─ check ─▶ show (what would happen) ─ start ─▶ show (progress, then the result)
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select, update

from crm import downloads, import_page, web
from crm.api.http import FORM_EXTRA_BYTES
from crm.import_page import CHOICES
from crm.web import requires
from shared import activities, imports
from shared.accounts.permissions import Scope
from shared.config import MAX_IMPORT_BYTES
from shared.errors import Conflict, Invalid, NotFound
from shared.imports import dropped, jobs, new_fields, reading, repeated, showing, staging
from shared.models import ImportJob, ImportRow, ImportStatus
from shared.records import uploads

bp = Blueprint("imports", __name__, url_prefix="/imports")

_HISTORY = 100
#: Of the rows that somebody should look at, a page.
PAGE_ROWS = 30


@bp.url_value_preprocessor
def _allow_large_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before the form's token is read, and with it the form."""
    if endpoint == "imports.create":
        request.max_content_length = MAX_IMPORT_BYTES + FORM_EXTRA_BYTES


@bp.get("")
@requires(Scope.RECORDS_MANAGE)
def list_() -> ResponseReturnValue:
    """The place to drop a file, and what was imported before."""
    rows = web.session().scalars(select(ImportJob).order_by(ImportJob.id.desc()).limit(_HISTORY)).all()
    return web.page(
        "imports/list.html",
        rows=rows,
        counts={job.id: showing.counts(job) for job in rows},
        accept=reading.ACCEPT + dropped.ACCEPT,
        activity_types=activities.TYPES,
        max_bytes=MAX_IMPORT_BYTES,
        type=request.args.get("type", ""),
        **import_page.words(),
    )


def _import(id: int) -> ImportJob:
    """An import of a table. Those of e-mails and calendars have pages of their own. Raises NotFound."""
    job = web.get_or_404(ImportJob, id)
    if job.type in activities.TYPES:
        raise NotFound(_("There is no such record, or it was deleted."))
    return job


@bp.post("")
@requires(Scope.RECORDS_MANAGE)
def create() -> ResponseReturnValue:
    """Store a file; its columns are guessed at once."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid.field("file", _("Choose a file."))
    if dropped.format_of(file.stream, file.filename):
        sent = [(file.stream, file.filename)]
        taken = dropped.receive(web.session(), sent, web.settings(), by=web.actor())
        return web.go(url_for("activities.show", id=taken.id))
    job = imports.receive(
        web.session(), file.stream, file.filename, upload_dir=web.settings().upload_dir, by=web.actor(),
        type_=request.form.get("type", ""), with_history=web.can(Scope.HISTORY_WRITE),
    )  # fmt: skip
    return web.go(url_for("imports.show", id=job.id))


@bp.get("/<int:id>")
@requires(Scope.RECORDS_MANAGE)
def show(id: int) -> ResponseReturnValue:
    """The import as it stands."""
    job = _import(id)
    return web.page("imports/show.html", **_page_of(job))


def _page_of(job: ImportJob, **more: Any) -> dict[str, Any]:
    context: dict[str, Any] = {
        "job": job,
        "stage": job.status.value,
        "counts": showing.counts(job),
        "progress": showing.progress(job),
        "time_left": showing.time_left(job, lease_s=web.settings().lease_s),
        "waits_for": showing.waits_for(job, lease_s=web.settings().lease_s),
        "others": jobs.others_of(web.session(), job),
        **import_page.words(),
    }
    if job.status in (ImportStatus.MAPPING, ImportStatus.FAILED, ImportStatus.CANCELLED) and not job.plan:
        context |= import_page.columns(web.session(), job)
    elif not job.status.is_working:
        context |= _rows_of(job)
    return context | more


def _rows_of(job: ImportJob) -> dict[str, Any]:
    session, after = web.session(), request.args.get("after", 0, type=web.whole)
    alike_after = request.args.get("alike_after", 0, type=web.whole)  # each of the two tables has its own pages
    match = request.args.get("match", "")
    bad = select(ImportRow).where(ImportRow.job_id == job.id, ImportRow.state == "bad", ImportRow.number > after)
    doubles = select(ImportRow).where(
        ImportRow.job_id == job.id, ImportRow.match.is_not(None), ImportRow.state == "ready",
        ImportRow.number > alike_after,
    )  # fmt: skip
    if match in ("exact", "similar", "file"):
        doubles = doubles.where(ImportRow.match == match)
    shown = list(session.scalars(bad.order_by(ImportRow.number).limit(PAGE_ROWS)))
    alike = list(session.scalars(doubles.order_by(ImportRow.number).limit(PAGE_ROWS)))
    return {
        **import_page.grid(job, shown),
        **import_page.alike(session, job, alike),
        **(import_page.repeated_values(session, job) if job.status is ImportStatus.CHECKED else {}),
        "match": match,
        "after": after,
        "alike_after": alike_after,
        "page_rows": PAGE_ROWS,
        "kept": import_page.kept(session, job, limit=PAGE_ROWS) if job.kept else [],
        "failures": [(row, showing.reason(job, row)) for row in showing.failures(session, job, limit=PAGE_ROWS)],
        "failure_count": showing.failure_count(session, job),
    }


@bp.get("/<int:id>/status")
@requires(Scope.RECORDS_MANAGE)
def status(id: int) -> ResponseReturnValue:
    """The progress card, asked for every second; once the stage is done the page is loaded again."""
    job = _import(id)
    if not job.status.is_working:
        return web.go(url_for("imports.show", id=id))
    return web.render("imports/_progress.html", **_page_of(job))


# --- Columns


@bp.post("/<int:id>/layout")
@requires(Scope.RECORDS_MANAGE)
def layout(id: int) -> ResponseReturnValue:
    """Other records, another sheet or encoding, or a first row that is data: the columns are guessed anew."""
    job, upload_dir = _import(id), web.settings().upload_dir
    has_header = request.form.get("has_header") == "1"
    sheet = request.form.get("sheet", job.layout.get("sheet", ""))
    try:
        jobs.choose_layout(
            web.session(), job, type_=request.form.get("type", job.type), sheet=sheet, has_header=has_header,
            encoding=request.form.get("encoding", ""), upload_dir=upload_dir,
        )  # fmt: skip
    except Invalid as error:  # another sheet holds nothing: the one before is still there
        web.abandon()
        return web.page("imports/show.html", status=422, **_page_of(_import(id), problem=error.detail))
    return web.go(url_for("imports.show", id=id))


@bp.post("/<int:id>/check")
@requires(Scope.RECORDS_MANAGE)
def check(id: int) -> ResponseReturnValue:
    """Take the columns as the form says and have everything checked."""
    job, form = _import(id), request.form
    mapping = [form.get(f"column.{n}") or None for n in range(len(job.mapping))]
    try:
        jobs.set_mapping(web.session(), job, _with_new_fields(job, mapping))
        jobs.set_options(job, duplicates=form.get("duplicates", "update"), date_style=form.get("date_style", "auto"))
        imports.check(web.session(), job, by=web.actor())
    except Invalid as error:
        web.abandon()
        job = _import(id)
        context = _page_of(job) | {"problem": error.detail, "mapping": mapping}
        return web.page("imports/show.html", status=422, **context)
    return web.go(url_for("imports.show", id=id))


def _with_new_fields(job: ImportJob, mapping: list[str | None]) -> list[str | None]:
    """The mapping, with a field made for each column that an admin wants one of."""
    path = uploads.path_of(web.settings().upload_dir, job.workspace_id, job.file_sha256)
    found = list(mapping)
    for column, key in enumerate(mapping):
        if key and key.startswith(import_page.NEW) and import_page.may_define(job):
            type_ = key.removeprefix(import_page.NEW)
            found[column] = new_fields.define(web.session(), job, column, type_, path=path, by=web.actor())
    return found


@bp.post("/<int:id>/columns")
@requires(Scope.RECORDS_MANAGE)
def columns(id: int) -> ResponseReturnValue:
    """Back to the columns; what the check found is forgotten."""
    jobs.reopen(web.session(), _import(id))
    return web.go(url_for("imports.show", id=id))


# --- Rows


def _row(job: ImportJob, number: int) -> ImportRow:
    if job.status is not ImportStatus.CHECKED:
        raise Conflict(_("This import has begun; its rows cannot be changed any more."))
    row = web.session().scalar(select(ImportRow).where(ImportRow.job_id == job.id, ImportRow.number == number))
    if row is None:
        raise NotFound(_("There is no such row."))
    return row


@bp.post("/<int:id>/rows/<int:number>")
@requires(Scope.RECORDS_MANAGE)
def correct(id: int, number: int) -> ResponseReturnValue:
    """Cells of a row, corrected in the grid. The answer is the row as it is now, and the new counts."""
    job = _import(id)
    row = _row(job, number)
    if row.cells is None:
        raise Conflict(_("Nothing is wrong with this row."))
    width = len(job.mapping)
    cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
    for column in range(width):
        if (text := request.form.get(f"cell.{column}")) is not None:
            cells[column] = text.strip()
    row.cells = cells
    was_bad = row.state == "bad"
    staging.recheck(web.session(), job, [row])
    if was_bad and row.state == "ready":
        staging.count_again(job, row)
    return _row_answer(job, row)


@bp.post("/<int:id>/rows/<int:number>/leave")
@requires(Scope.RECORDS_MANAGE)
def leave_out(id: int, number: int) -> ResponseReturnValue:
    """Leave a row out, or take it in again."""
    job = _import(id)
    row = _row(job, number)
    if row.state in ("bad", "left_out"):
        before, row.state = row.state, "left_out" if row.state == "bad" else "bad"
        job.plan = {**job.plan, before: job.plan.get(before, 1) - 1, row.state: job.plan.get(row.state, 0) + 1}
        web.session().flush()
    return _row_answer(job, row)


@bp.post("/<int:id>/replace")
@requires(Scope.RECORDS_MANAGE)
def replace(id: int) -> ResponseReturnValue:
    """Put something else in place of one wrong value, in all rows that hold it."""
    job, form = _import(id), request.form
    column, new = form.get("column", -1, type=web.whole), form.get("new", "").strip()
    rows = repeated.replace(web.session(), job, column, form.get("text", ""), new)
    web.flash_message(ngettext("%(num)s row was changed.", "%(num)s rows were changed.", rows))
    return web.go(url_for("imports.show", id=id, _anchor="repeated"))


def _row_answer(job: ImportJob, row: ImportRow) -> Response:
    context = {"job": job, "counts": showing.counts(job), **import_page.words()}
    grid = import_page.grid(job, [row], keep=request.form.get("columns", ""))
    return web.page("imports/_row_alone.html", **context, **grid)


@bp.post("/<int:id>/choose")
@requires(Scope.RECORDS_MANAGE)
def choose(id: int) -> ResponseReturnValue:
    """What becomes of a row that matches something (`number`), or of all of one kind (`match`)."""
    job = _import(id)
    if job.status is not ImportStatus.CHECKED:
        raise Conflict(_("This import has begun; its rows cannot be changed any more."))
    choice, number, match = (
        request.form.get("choice", ""),
        request.form.get("number", type=web.whole),
        request.form.get("match"),
    )
    if choice not in CHOICES:
        raise Invalid.field("choice", _("Choose one from the list."))
    which = ImportRow.number == number if number else ImportRow.match == match
    web.session().execute(
        update(ImportRow)
        .where(ImportRow.job_id == job.id, ImportRow.state == "ready", ImportRow.match.is_not(None), which)
        .values(choice=choice)
        .execution_options(synchronize_session=False)
    )
    job.plan = job.plan | staging.planned(web.session(), job)
    if number:
        return web.page("imports/_counts_alone.html", job=job, counts=showing.counts(job), **import_page.words())
    return web.go(url_for("imports.show", id=id, match=match, _anchor="duplicates"))


# --- Steering


@bp.post("/<int:id>/<any(start, cancel, restart, revert):deed>")
@requires(Scope.RECORDS_MANAGE)
def steer(id: int, deed: str) -> ResponseReturnValue:
    """Begin, stop, go on, take back."""
    act = {"start": imports.start, "cancel": imports.cancel, "restart": imports.restart, "revert": imports.revert}[deed]
    act(web.session(), _import(id), by=web.actor())
    return web.go(url_for("imports.show", id=id))


@bp.post("/<int:id>/others")
@requires(Scope.RECORDS_MANAGE)
def others(id: int) -> ResponseReturnValue:
    """The cards of a vCard file that this import leaves, companies or people, as an import of their own."""
    upload_dir = web.settings().upload_dir
    other = jobs.receive_others(web.session(), _import(id), upload_dir=upload_dir, by=web.actor())
    return web.go(url_for("imports.show", id=other.id))


@bp.post("/<int:id>/remove")
@requires(Scope.RECORDS_MANAGE)
def remove(id: int) -> ResponseReturnValue:
    """Forget a file of which nothing was imported."""
    jobs.remove(web.session(), _import(id))
    web.flash_message(_("The file was discarded. No record was changed."))
    return web.go(url_for("imports.list_"))


@bp.get("/<int:id>/failed.csv")
@requires(Scope.RECORDS_MANAGE)
def failed(id: int) -> ResponseReturnValue:
    """The rows that failed, the reason as last column: corrected, they can be imported again."""
    job = _import(id)
    path = uploads.path_of(web.settings().upload_dir, job.workspace_id, job.file_sha256)
    rows = list(showing.failed_file(web.session(), job, path))
    name = f"{job.file_name.rpartition('.')[0] or job.file_name}-failed.csv"
    downloads.note_taken(name)
    return downloads.csv_response(rows, name)
