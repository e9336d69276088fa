"""Imports over the API: a file in, counts to poll, and back again.

file ─▶ mapping guessed or given ─▶ checked ─(dry_run)─▶ counts, nothing written ─ /start ─▶ imported ─ /revert ─▶ gone
"""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlalchemy import select

from crm import downloads, web
from crm.api import http
from crm.api.http import FORM_EXTRA_BYTES, Reply
from crm.api.operations import Api
from shared import activities, imports
from shared.accounts.permissions import Scope
from shared.config import MAX_IMPORT_BYTES
from shared.errors import Invalid, NotFound
from shared.imports import dropped, jobs, showing
from shared.models import ImportJob
from shared.records import uploads
from shared.records.types import jsonable
from shared.schemas import answers
from shared.schemas import api as schemas


def register(api: Api) -> None:
    """Taking in, looking at, and steering."""
    _register_files(api)
    _register_steering(api)


def _register_files(api: Api) -> None:
    @api.operation(
        "POST", "/imports", tag="imports", scope=Scope.RECORDS_MANAGE,
        summary="Import records from a file",
        description="The file is stored, its columns are guessed (or given as `mapping`), and a worker checks and"
        " imports it: poll the import. Rows whose record is there already are updated; the same file again changes"
        " nothing. E-mails (eml, mbox) and calendars (ics) become notes and tasks of the people they name, each once.",
        upload=schemas.ImportFile, upload_bytes=MAX_IMPORT_BYTES + FORM_EXTRA_BYTES,
        answers={202: answers.ImportOut}, errors=(404, 413, 503),
    )  # fmt: skip
    def create_import() -> Reply:
        wish, file = _form()
        session, by = web.session(), web.actor()
        if dropped.format_of(file.stream, file.filename or ""):
            job = _take_in(wish, file)
            return Reply(_show(job), 202, {"Location": url_for("api.get_import", id=job.id)})
        if wish.type in activities.TYPES:
            raise Invalid.field("file", "This is neither an e-mail (.eml, .mbox) nor a calendar file (.ics).")
        job = imports.receive(
            session, file.stream, file.filename or "", upload_dir=web.settings().upload_dir, by=by,
            type_=wish.type or "", encoding=wish.encoding or "", with_history=web.can(Scope.HISTORY_WRITE),
        )  # fmt: skip
        if wish.mapping is not None:
            jobs.set_mapping(session, job, _mapping(job, wish.mapping))
        jobs.set_options(
            job, duplicates=wish.duplicates, date_style=wish.date_style, auto_start=not wish.dry_run
        )  # fmt: skip
        imports.check(session, job, by=by)
        return Reply(_show(job), 202, {"Location": url_for("api.get_import", id=job.id)})

    @api.operation(
        "GET", "/imports", tag="imports", scope=Scope.RECORDS_MANAGE, summary="All imports, newest first",
        query=schemas.Paging, answers={200: answers.page_of(answers.ImportOut, "Import")},
    )  # fmt: skip
    def list_imports() -> Reply:
        paging = http.query(schemas.Paging)
        before = http.decode_cursor("import", paging.cursor)
        query = select(ImportJob).order_by(ImportJob.id.desc()).limit(paging.limit + 1)
        rows = list(web.session().scalars(query if before is None else query.where(ImportJob.id < before)))
        shown = rows[: paging.limit]
        more = http.encode_cursor("import", shown[-1].id) if len(rows) > paging.limit else None
        return Reply({"items": [_show(job, most_rows=20) for job in shown], "next_cursor": more})

    @api.operation(
        "GET", "/imports/{id}", tag="imports", scope=Scope.RECORDS_MANAGE,
        summary="How far an import is, and what came of it", answers={200: answers.ImportOut}, errors=(404,),
    )  # fmt: skip
    def get_import(id: int) -> Reply:
        return Reply(_show(web.get_or_404(ImportJob, id)))

    @api.operation(
        "GET", "/imports/{id}/failed", tag="imports", scope=Scope.RECORDS_MANAGE,
        summary="The rows that failed as CSV, the reason as last column",
        answers={200: None}, files=("text/csv",), errors=(404,),
    )  # fmt: skip
    def get_failed_rows(id: int) -> Reply:
        job = web.get_or_404(ImportJob, id)
        if job.type in activities.TYPES:
            raise NotFound("E-mails and calendars have no rows to correct; `rows` says why some were not taken in.")
        path = uploads.path_of(web.settings().upload_dir, job.workspace_id, job.file_sha256)
        rows = list(showing.failed_file(web.session(), job, path))
        name = f"{job.file_name}-failed.csv"
        downloads.note_taken(name)
        return Reply(None, file=downloads.csv_response(rows, name))


def _register_steering(api: Api) -> None:
    deeds = (
        ("start", "start_import", imports.start, "Import what a dry run has checked"),
        ("cancel", "cancel_import", imports.cancel, "Stop an import; what it did stays until it is reverted"),
        ("restart", "restart_import", imports.restart, "Go on with an import that was cancelled or broke off"),
        ("revert", "revert_import", imports.revert, "Take an import back: what it made is deleted, what it changed is"
         " as before, unless somebody changed it since"),
    )  # fmt: skip
    for deed, operation_id, do, summary in deeds:

        @api.operation(
            "POST", f"/imports/{{id}}/{deed}", id=operation_id, tag="imports", scope=Scope.RECORDS_MANAGE,
            summary=summary, answers={202: answers.ImportOut}, errors=(404, 409),
        )  # fmt: skip
        def steer(id: int, do: Any = do) -> Reply:
            job = web.get_or_404(ImportJob, id)
            do(web.session(), job, by=web.actor())
            return Reply(_show(job), 202)


def _take_in(wish: schemas.ImportFile, file: Any) -> ImportJob:
    """E-mails or a calendar: looked at by a worker, and taken in unless it is a dry run."""
    job = dropped.receive(
        web.session(), [(file.stream, file.filename or "")], web.settings(), by=web.actor(),
        on=dropped.dropped_on(wish.on or ""), at_once=False,
    )  # fmt: skip
    if wish.type not in (None, job.type):
        raise Invalid.field("type", f"This file is of type “{job.type}”.")
    job.options = {**job.options, "auto_start": not wish.dry_run, "contacts": "all" if wish.new_contacts else []}
    return job


def _form() -> tuple[schemas.ImportFile, Any]:
    if request.mimetype != "multipart/form-data":
        raise http.UnsupportedMediaType("Send the file as multipart/form-data, in the field “file”.")
    for name, values in request.form.lists():
        if len(values) > 1:
            raise Invalid.field(http.printable(name), "This field is given twice.")
    files = request.files.getlist("file")
    if len(files) != 1 or set(request.files) != {"file"}:
        raise Invalid.field("file", "Send exactly one file in the field “file”.")
    given = {name: value for name, value in request.form.items() if value.strip()}
    return web.parse(schemas.ImportFile, {**given, "file": b""}), files[0]


def _mapping(job: ImportJob, text: str) -> list[str | None]:
    """A field for each column, from `{"column": "field"}`."""
    given = http.parse_part("mapping", text)
    headers: list[str] = job.layout["headers"]
    if isinstance(given, list) and all(key is None or isinstance(key, str) for key in given):
        return given
    if not isinstance(given, dict):
        raise Invalid.field("mapping", "The mapping is a JSON object: {“column”: “field”}.")
    for name, key in given.items():
        if name not in headers:
            known = ", ".join(headers)[:500]
            raise Invalid.field("mapping", f"The file has no column “{http.printable(name)}”. It has: {known}.")
        if key is not None and not isinstance(key, str):
            raise Invalid.field("mapping", f"“{http.printable(name)}” must name a field, or null.")
    return [given.get(name) for name in headers]


def _show(job: ImportJob, *, most_rows: int = 1000) -> dict[str, Any]:
    with_history = bool(job.options.get("with_history"))
    is_table = job.type not in activities.TYPES
    fields = list(imports.fields_of(web.session(), job.type, with_history=with_history)) if is_table else []
    shown: dict[str, Any] = jsonable(showing.show(web.session(), job, fields=fields, most_rows=most_rows))
    return shown
