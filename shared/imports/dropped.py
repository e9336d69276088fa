"""E-mails and calendar files that somebody dropped: taken in at once while they are few, else by a worker.

The stages are an import's (`jobs`). At once means in the transaction of the request: all of it, or nothing.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Any

from sqlalchemy import func, select

from shared import activities, clock, events, records
from shared.activities import mailboxes
from shared.config import MAX_ACTIVITY_BYTES, Settings
from shared.errors import Conflict, Invalid, TooLarge
from shared.events import Actor, Target
from shared.imports import jobs
from shared.models import ImportJob, ImportRow, ImportStatus
from shared.records import uploads
from shared.records.keys import email_key
from shared.schemas.ids import target_of
from shared.tenancy import TenantSession

#: What a page offers; what a file is, its content decides.
ACCEPT = (".eml", ".mbox", ".ics")
#: Looked at while the person waits; more are a worker's.
_AT_ONCE_BYTES = {"email": 8 * 2**20, "calendar": 64 * 1024}
#: Rows taken in or taken back while the person waits.
AT_ONCE = 50
_MOST_REPETITIONS = 30
_MOST_CHOSEN = 500
_NEITHER = "This is neither an e-mail (.eml, .mbox) nor a calendar file (.ics)."
_HEAD = 64 * 1024
_DROPPED_ON = ("company", "contact", "deal", "meeting")


def format_of(file: IO[bytes], name: str) -> str | None:
    """eml, mbox, ics, or None; the file is at its beginning again."""
    head = file.read(_HEAD)
    file.seek(0)
    return activities.format_of(head, name)


def receive(
    session: TenantSession,
    files: Sequence[tuple[IO[bytes], str]],
    settings: Settings,
    *,
    by: Actor,
    on: Target | None = None,
    at_once: bool = True,
) -> ImportJob:
    """Store (file, name) of one sort as one import, and look at it: at once where it is small, else by a worker.

    `on` is the record they were dropped on. Raises Invalid for anything else than e-mails or calendars, TooLarge,
    NotFound.
    """
    formats = [format_of(file, name) for file, name in files]
    if any(format is None and not file.read(1) for format, (file, _) in zip(formats, files, strict=True)):
        raise Invalid.field("file", "The file is empty: there is nothing in it.")
    if not files or None in formats:
        raise Invalid.field("file", _NEITHER)
    if len({format == "ics" for format in formats}) > 1:
        raise Invalid.field("file", "Drop e-mails and calendars one after the other.")
    format = formats[0] if len(files) == 1 else "ics" if formats[0] == "ics" else "mbox"
    type_ = "calendar" if format == "ics" else "email"
    with tempfile.TemporaryFile() as joined:
        if len(files) > 1:
            _join(files, type_, joined)
        source = joined if len(files) > 1 else files[0][0]
        source.seek(0)
        digest, size = uploads.save_stream(settings.upload_dir, session.workspace_id, source)
    if size > MAX_ACTIVITY_BYTES:
        uploads.path_of(settings.upload_dir, session.workspace_id, digest).unlink(missing_ok=True)
        raise TooLarge(f"A file of e-mails may have {MAX_ACTIVITY_BYTES // 2**20} MB at most. Export fewer at a time.")
    if on:
        records.get(session, *on)
    first = files[0][1] or "file"
    job = ImportJob(
        type=type_, file_name=(first if len(files) == 1 else f"{first} + {len(files) - 1}")[:300],
        file_sha256=digest, file_bytes=size, layout={"format": format, "headers": []}, mapping=[],
        options={"user_id": by.user_id, **({"on": list(on)} if on else {})}, created_by_id=by.user_id,
    )  # fmt: skip
    session.add(job)
    session.flush()
    path = uploads.path_of(settings.upload_dir, session.workspace_id, digest)
    if at_once and _is_small(path, type_, size):
        _look(session, job, path)
    else:
        jobs.send(session, job, ImportStatus.CHECKING, by=by)
    return job


def dropped_on(text: str) -> Target | None:
    """`contact:5` as a target; None for none. Raises Invalid for what nothing can be dropped on."""
    if not text:
        return None
    target = target_of(text, _DROPPED_ON)
    if target is None:
        raise Invalid.field("on", "E-mails and events are dropped on a company, a contact, a deal or a meeting.")
    return target


def _join(files: Sequence[tuple[IO[bytes], str]], type_: str, into: IO[bytes]) -> None:
    if type_ == "email":
        mailboxes.joined([file for file, _ in files], into)
        return
    for file, _ in files:
        while piece := file.read(_HEAD):
            into.write(piece)
        into.write(b"\r\n")


def _is_small(path: Path, type_: str, size: int) -> bool:
    if size > _AT_ONCE_BYTES[type_]:
        return False
    if type_ == "calendar":
        return path.read_bytes().upper().count(b"RRULE") <= _MOST_REPETITIONS
    return size < 256 * 1024 or len(mailboxes.spans(path, "mbox")) <= AT_ONCE


def _look(session: TenantSession, job: ImportJob, path: Path) -> None:
    """The check, in this transaction."""

    def opened(_writes: bool) -> AbstractContextManager[TenantSession]:
        return nullcontext(session)

    def tell(_session: TenantSession, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(job, name, value)
        session.flush()

    job.plan = activities.stage(job, path, opened, tell)
    job.status = ImportStatus.CHECKED
    session.flush()


def leave_out(session: TenantSession, job: ImportJob, number: int, *, is_left: bool) -> ImportRow:
    """Leave one out, or take it in after all. Raises Conflict once it has begun, Invalid where there is no such row."""
    jobs.demand(job, ImportStatus.CHECKED)
    row = session.scalar(select(ImportRow).where(ImportRow.job_id == job.id, ImportRow.number == number))
    if row is None or row.state not in ("ready", "left_out"):
        raise Invalid.field("number", "There is no such row.")
    job.plan = activities.replanned(job.plan, row, "left_out" if is_left else "ready")
    session.flush()
    return row


def start(
    session: TenantSession, job: ImportJob, settings: Settings, *, by: Actor, contacts: Collection[str], files: bool
) -> None:
    """Take in what was looked at. Contacts are made of the addresses in `contacts`; `files`: attachments are kept."""
    locked = _locked(session, job)
    jobs.demand(locked, ImportStatus.CHECKED)
    chosen = sorted({email_key(address) for address in contacts})[:_MOST_CHOSEN]
    locked.options = {**locked.options, "contacts": chosen, "files": files}
    if _count(session, locked, "ready") > AT_ONCE or locked.file_bytes > _AT_ONCE_BYTES["email"]:
        jobs.send(session, locked, ImportStatus.IMPORTING, by=by)
        return
    actor = Actor("import", user_id=by.user_id)
    while rows := activities.waiting(session, locked.id):
        batch = activities.Batch(settings, locked, rows, actor)
        batch.prepare(session)
        _add(locked, batch.write(session))
    for state, name, result in (("bad", "failed", "failed"), ("left_out", "skipped", "skipped")):
        _add(locked, Counter({name: _count(session, locked, state)}))
        for row in session.scalars(select(ImportRow).where(ImportRow.job_id == locked.id, ImportRow.state == state)):
            row.result = result
    _finish(session, locked, ImportStatus.DONE)
    counts = {name: getattr(locked, name) for name in ("created", "updated", "skipped", "failed")}
    events.record(
        session, "import.finished", by=actor, title=locked.file_name, data={"import_id": locked.id, **counts}
    )  # fmt: skip


def undo(session: TenantSession, job: ImportJob, *, by: Actor) -> None:
    """Take all of it back. Raises Conflict where it is under way, or nothing was done."""
    locked = _locked(session, job)
    if locked.created + locked.updated > AT_ONCE or locked.status is not ImportStatus.DONE:
        jobs.revert(session, locked, by=by)
        return
    if not locked.created + locked.updated:
        raise Conflict("Nothing was taken in from this file.")
    events.record(session, "import.reverted", by=by, title=locked.file_name, data={"import_id": locked.id})
    while rows := activities.reverting.waiting(session, locked.id):
        _add(locked, activities.reverting.revert(session, locked, rows, by=Actor("import", user_id=by.user_id)))
    _finish(session, locked, ImportStatus.REVERTED)


def _locked(session: TenantSession, job: ImportJob) -> ImportJob:
    """Two clicks at the same moment come one after the other."""
    found = select(ImportJob).where(ImportJob.id == job.id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one()


def _count(session: TenantSession, job: ImportJob, state: str) -> int:
    query = select(func.count()).where(
        ImportRow.job_id == job.id, ImportRow.state == state, ImportRow.result.is_(None)
    )  # fmt: skip
    return session.scalar(query) or 0


def _add(job: ImportJob, counts: Counter[str]) -> None:
    for name, count in counts.items():
        setattr(job, name, getattr(job, name) + count)


def _finish(session: TenantSession, job: ImportJob, status: ImportStatus) -> None:
    job.status, job.done, job.finished_at = status, job.total, clock.now()
    session.flush()
