"""The state of an import, made so that a worker may die at any point.

    receive ─▶ mapping ─check─▶ checking ─▶ checked ─start─▶ importing ─▶ done ─revert─▶ reverting ─▶ reverted
                                    │                            │
                                    └──── cancel ─▶ cancelled ◀──┘ (goes on by `restart`, or is reverted)

As for analyses, a worker claims the stage with a lease (`shared.leases`) and proves in each of its transactions that it
still holds it; a sweep sends again what nobody holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from sqlalchemy import delete, select

from shared import clock, events, leases
from shared.database import Database
from shared.errors import Conflict, Invalid, NotFound
from shared.events import Actor, Work
from shared.imports import reading, vcards
from shared.imports.encodings import CHOICES as ENCODINGS
from shared.imports.fields import REQUIRED, TYPES, fields_of
from shared.imports.guessing import guess_mapping, guess_type
from shared.leases import MAX_ATTEMPTS
from shared.models import ImportJob, ImportRow, ImportStatus
from shared.queue import RUN_IMPORT
from shared.records import uploads
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)

CHOICES = ("update", "skip", "create")
DATE_STYLES = ("auto", "dmy", "mdy")
#: Of each column, so many different values are shown.
_SHOWN = 3
_WORKING = (ImportStatus.CHECKING, ImportStatus.IMPORTING, ImportStatus.REVERTING)
_OPEN = (ImportStatus.MAPPING, ImportStatus.CHECKED, ImportStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write one stage's results."""

    job_id: int
    run: int
    token: str
    status: ImportStatus
    by: Actor


# --- What a person wants


def receive(
    session: TenantSession,
    file: IO[bytes],
    file_name: str,
    *,
    upload_dir: Path,
    by: Actor,
    type_: str = "",
    encoding: str = "",
    with_history: bool = False,
) -> ImportJob:
    """Store a file and guess what is in it, but for what is given. Raises Invalid for what is no table, TooLarge never:
    there is no cap."""
    digest, size = uploads.save_stream(upload_dir, session.workspace_id, file)
    path = uploads.path_of(upload_dir, session.workspace_id, digest)
    job = ImportJob(
        file_name=(file_name or "file")[:300],
        file_sha256=digest,
        file_bytes=size,
        options={"duplicates": "update", "date_style": "auto", "with_history": with_history},
        created_by_id=by.user_id,
    )
    _look(session, job, path, type_, encoding=encoding)
    session.add(job)
    session.flush()
    return job


def receive_others(session: TenantSession, job: ImportJob, *, upload_dir: Path, by: Actor) -> ImportJob:
    """The companies of a vCard file whose people an import took, or the other way round, as an import of their own.

    It is checked at once. Raises Conflict where there are none, or they have one already; NotFound without the file.
    """
    if not job.plan.get("other_cards") or others_of(session, job) is not None:
        raise Conflict("There is nothing else in this file, or it is imported on its own already.")
    path = uploads.path_of(upload_dir, session.workspace_id, job.file_sha256)
    if not path.exists():
        raise NotFound("The file is no longer in the data folder. Upload it again.")
    other = ImportJob(
        file_name=job.file_name, file_sha256=job.file_sha256, file_bytes=job.file_bytes,
        options={name: job.options[name] for name in ("duplicates", "date_style", "with_history")} | {"others": job.id},
        created_by_id=by.user_id,
    )  # fmt: skip
    type_ = "contact" if job.layout["cards"] == "companies" else "company"
    _look(session, other, path, type_, encoding=job.layout["encoding"])
    session.add(other)
    session.flush()
    job.options = {**job.options, "others": other.id}
    check(session, other, by=by)
    return other


def others_of(session: TenantSession, job: ImportJob) -> ImportJob | None:
    """The import of the other cards of a file, if there is one."""
    id_ = job.options.get("others")
    return session.scalar(select(ImportJob).where(ImportJob.id == id_)) if id_ else None


def choose_layout(
    session: TenantSession, job: ImportJob, *, type_: str, sheet: str, has_header: bool, encoding: str, upload_dir: Path
) -> None:
    """Other records than were guessed, another sheet or encoding, or a first row that is data: the columns are guessed
    anew. An empty `encoding` is guessed too."""
    demand(job, *_OPEN)
    reopen(session, job)
    path = uploads.path_of(upload_dir, session.workspace_id, job.file_sha256)
    _look(session, job, path, type_, sheet=sheet, has_header=has_header, encoding=encoding)
    session.flush()


def _look(session: TenantSession, job: ImportJob, path: Path, type_: str, *, encoding: str = "", **given: Any) -> None:
    """Guess what is in a file, but for what is given: type, layout, and the field of each column. Raises Invalid."""
    if type_ and type_ not in TYPES:
        raise Invalid.field("type", f"“{type_}” cannot be imported. Use one of: {', '.join(TYPES)}.")
    if encoding and encoding not in ENCODINGS:
        raise Invalid.field("encoding", f"“{encoding}” is not read. Use one of: {', '.join(ENCODINGS)}.")
    layout, samples = reading.inspect(path, encoding=encoding, **given)
    with_history = bool(job.options.get("with_history"))
    known = {name: fields_of(session, name, with_history=with_history) for name in ([type_] if type_ else TYPES)}
    cells = [row.cells for row in samples if not row.error]
    if layout.format == "vcf":
        job.type, layout = _of_cards(type_, layout, cells)
        cells = [card for card in cells if not reading.is_other(layout, card)]
    else:
        job.type = type_ or guess_type(layout.headers, known)
    job.layout = layout.to_json() | {"samples": _samples(cells, layout)}
    job.mapping = list(guess_mapping(job.type, layout.headers, cells, known[job.type]))


def _of_cards(type_: str, layout: reading.Layout, cards: list[list[reading.Cell]]) -> tuple[str, reading.Layout]:
    """What an import of cards makes: people of people and companies of companies, but where there are none of those."""
    kinds = {vcards.is_company(card) for card in cards}
    type_ = type_ or ("company" if kinds == {True} else "contact")
    wanted = {"contact": "people", "company": "companies"}.get(type_, "")
    return type_, replace(layout, cards=wanted if (type_ == "company") in kinds else "")


def _samples(rows: list[list[reading.Cell]], layout: reading.Layout) -> list[list[str]]:
    """A few different values of each column; where the encoding is asked for, those first that show it."""
    if layout.asks_encoding:
        rows = sorted(rows, key=lambda row: all(str(cell).isascii() for cell in row))
    found: list[dict[str, None]] = [{} for _ in layout.headers]
    for row in rows:
        for column, cell in enumerate(row[: len(found)]):
            text = str(cell).strip()[:120]
            if text and len(found[column]) < _SHOWN:
                found[column][text] = None
    return [list(values) for values in found]


def reopen(session: TenantSession, job: ImportJob) -> None:
    """Back to the columns: what a check found is forgotten. Raises Conflict once something was imported."""
    demand(job, *_OPEN, ImportStatus.FAILED)
    if job.created + job.updated:
        raise Conflict("Part of this file is imported already. Go on with it, or take it back first.")
    _forget_rows(session, job)


def set_mapping(session: TenantSession, job: ImportJob, mapping: list[str | None]) -> None:
    """What each column holds; None for a column that nothing is made of. Raises Invalid where it cannot be so."""
    demand(job, *_OPEN)
    fields = fields_of(session, job.type, with_history=bool(job.options.get("with_history")))
    headers = job.layout["headers"]
    if len(mapping) != len(headers):
        raise Invalid.field("mapping", f"The file has {len(headers)} columns.")
    used: dict[str, int] = {}
    for column, key in enumerate(mapping):
        if key is None:
            continue
        if key not in fields:
            raise Invalid.field("mapping", f"A {job.type} has no field “{key}”. It has: {', '.join(fields)}.")
        if key in used and not fields[key].is_many:
            raise Invalid.field(
                "mapping",
                f"“{headers[used[key]]}” and “{headers[column]}” cannot both be {fields[key].label}. Leave one out.",
            )
        used[key] = column
    needed = REQUIRED[job.type]
    if not set(needed) & used.keys():
        names = " or ".join(fields[key].label for key in needed)
        raise Invalid.field("mapping", f"No column is the {names}; without it there is no {job.type}.")
    job.mapping = list(mapping)


def set_options(job: ImportJob, **options: Any) -> None:
    """`duplicates` update, skip or create; `date_style` auto, dmy or mdy; `auto_start`: import once it is checked."""
    demand(job, *_OPEN)
    for name, allowed in (("duplicates", CHOICES), ("date_style", DATE_STYLES)):
        if name in options and options[name] not in allowed:
            raise Invalid.field(name, f"Must be one of: {', '.join(allowed)}.")
    job.options = {**job.options, **options}


def check(session: TenantSession, job: ImportJob, *, by: Actor) -> None:
    """Have all values checked and duplicates looked for. Nothing is written to the records."""
    reopen(session, job)
    set_mapping(session, job, job.mapping)
    send(session, job, ImportStatus.CHECKING, by=by)


def start(session: TenantSession, job: ImportJob, *, by: Actor) -> None:
    """Have the rows that are good imported. Raises Conflict where a column's field was deleted since the check."""
    demand(job, ImportStatus.CHECKED)
    _demand_fields(session, job)
    send(session, job, ImportStatus.IMPORTING, by=by)
    events.record(session, "import.started", by=by, title=job.file_name, data={"import_id": job.id, "type": job.type})


def _demand_fields(session: TenantSession, job: ImportJob) -> None:
    """Otherwise each row that has a value for it would fail. Mails and calendars have no columns."""
    if job.type not in TYPES:
        return
    known = fields_of(session, job.type, with_history=True)
    for header, key in zip(job.layout["headers"], job.mapping, strict=True):
        if key is not None and key not in known:
            raise Conflict(
                f"The field that column “{header}” becomes was deleted. Change the columns and check the file again."
            )


def restart(session: TenantSession, job: ImportJob, *, by: Actor) -> None:
    """Go on with an import that was cancelled or has failed, from where it stopped."""
    demand(job, ImportStatus.CANCELLED, ImportStatus.FAILED)
    is_staged = bool(job.plan)
    send(session, job, ImportStatus.IMPORTING if is_staged else ImportStatus.CHECKING, by=by)


def cancel(session: TenantSession, job: ImportJob, *, by: Actor) -> None:
    """Stop between two batches. What was imported stays, until it is reverted."""
    demand(job, *_WORKING, ImportStatus.MAPPING, ImportStatus.CHECKED)
    if job.status is ImportStatus.REVERTING:
        raise Conflict("Taking an import back is not stopped half-way.")
    job.status = ImportStatus.CANCELLED
    job.run += 1  # whoever works on it has lost it
    job.lease_token = job.lease_until = None
    job.finished_at = clock.now()
    session.flush()
    events.record(session, "import.cancelled", by=by, title=job.file_name, data={"import_id": job.id})


def revert(session: TenantSession, job: ImportJob, *, by: Actor) -> None:
    """Have everything taken back that this import did."""
    demand(job, ImportStatus.DONE, ImportStatus.CANCELLED, ImportStatus.FAILED)
    if not job.created + job.updated:
        raise Conflict("This import has changed nothing.")
    send(session, job, ImportStatus.REVERTING, by=by)
    events.record(session, "import.reverted", by=by, title=job.file_name, data={"import_id": job.id})


def remove(session: TenantSession, job: ImportJob) -> None:
    """Forget an import that has changed nothing."""
    if job.created + job.updated or job.status.is_working:
        raise Conflict("This import has changed records. Take it back instead.")
    session.execute(delete(ImportRow).where(ImportRow.job_id == job.id))
    session.delete(job)
    session.flush()


def demand(job: ImportJob, *statuses: ImportStatus) -> None:
    """Raise Conflict unless an import is in one of these stages."""
    if job.status not in statuses:
        raise Conflict(_SAID[job.status])


_SAID = {
    ImportStatus.MAPPING: "This import was not checked yet.",
    ImportStatus.CHECKING: "This import is being checked.",
    ImportStatus.CHECKED: "This import was checked and has not begun.",
    ImportStatus.IMPORTING: "This import is running.",
    ImportStatus.DONE: "This import is done already.",
    ImportStatus.CANCELLED: "This import was cancelled.",
    ImportStatus.FAILED: "This import broke off.",
    ImportStatus.REVERTING: "This import is being taken back.",
    ImportStatus.REVERTED: "This import was taken back already.",
}


def _forget_rows(session: TenantSession, job: ImportJob) -> None:
    session.execute(delete(ImportRow).where(ImportRow.job_id == job.id))
    job.plan, job.notes, job.error = {}, [], None
    job.total = job.done = job.created = job.updated = job.skipped = job.failed = 0
    job.status = ImportStatus.MAPPING
    session.flush()


def send(session: TenantSession, job: ImportJob, status: ImportStatus, *, by: Actor) -> None:
    """Have a worker do a stage."""
    job.status, job.run, job.attempts, job.error = status, job.run + 1, 0, None
    job.done = 0 if status is not ImportStatus.IMPORTING else job.created + job.updated + job.skipped
    job.queued_at, job.started_at, job.finished_at = clock.wall(), None, None
    job.lease_token = job.lease_until = None
    job.options = {**job.options, "user_id": by.user_id}
    session.flush()
    events.record(session, "import.queued", by=by, title=job.file_name, data={"import_id": job.id}, work=_work(job))


def _work(job: ImportJob) -> Work:
    return Work(RUN_IMPORT, (job.workspace_id, job.id, job.run), job_id=f"import-{job.id}-{job.run}-{job.attempts}")


# --- What a worker does


def claim(session: TenantSession, job_id: int, run: int, *, lease_s: float) -> Lease | None:
    """Take a waiting stage, or one whose lease ran out. None if it is done, superseded or held by another."""
    is_waiting = ImportJob.status.in_(_WORKING)
    token = leases.take(session, ImportJob, job_id, run, is_waiting, lease_s=lease_s, started_at=clock.wall())
    if token is None:
        return None
    job = session.get_one(ImportJob, job_id, populate_existing=True)
    job.options = {**job.options, "done_before": _done_before(job)}
    return Lease(job_id, run, token, job.status, Actor("import", user_id=job.options.get("user_id")))


def _done_before(job: ImportJob) -> int:
    """Rows that an earlier worker has done: how long they took says nothing of this one."""
    return job.reverted + job.kept if job.status is ImportStatus.REVERTING else job.done


def hold(session: TenantSession, lease: Lease, *, lease_s: float, **values: Any) -> None:
    """Renew the lease, and with it prove that it is still ours; `values` are written with it. Raises LeaseLost."""
    leases.renew(session, ImportJob, lease.job_id, lease.run, lease.token, lease_s=lease_s, **values)


def finish(session: TenantSession, lease: Lease, status: ImportStatus, **values: Any) -> None:
    """The stage is done. Raises LeaseLost."""
    hold(
        session, lease, lease_s=0, status=status, lease_token=None, finished_at=clock.now(), error=None, **values
    )  # fmt: skip


def fail(session: TenantSession, lease: Lease, reason: str) -> None:
    """Give the stage up, with a reason for the page. Raises LeaseLost."""
    hold(
        session, lease, lease_s=0, status=ImportStatus.FAILED, lease_token=None, finished_at=clock.now(),
        error=reason[:1000],
    )  # fmt: skip


def sweep(database: Database) -> int:
    """Send again the stages that nobody holds. Those that brought `MAX_ATTEMPTS` workers down are given up."""
    return leases.sweep(database, ImportJob, ImportJob.status.in_(_WORKING), send_again=_send_again)


def _send_again(session: TenantSession, job: ImportJob) -> None:
    if job.attempts >= MAX_ATTEMPTS:
        job.status, job.lease_token, job.lease_until = ImportStatus.FAILED, None, None
        job.error = (
            f"The import was interrupted {job.attempts} times and was given up. What it did stays; go on with it."
        )
        return
    log.info("import.resent", import_id=job.id, run=job.run, attempts=job.attempts)
    job.queued_at = clock.wall()
    session.flush()
    if not leases.sent_again(session, RUN_IMPORT, _work(job).job_id):
        events.record(session, "import.resent", by=events.SYSTEM, data={"import_id": job.id}, work=_work(job))
