"""An import as its page and REST show it: how far, how many, what is wrong where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from shared import clock, errors
from shared.errors import NotFound
from shared.imports import reading
from shared.imports.fields import fields_of
from shared.imports.reading import Cell, Layout
from shared.imports.spool import DATES
from shared.imports.styles import Style, unmistakable
from shared.models import ImportJob, ImportRow, ImportStatus
from shared.tenancy import TenantSession


def counts(job: ImportJob) -> dict[str, int]:
    """What was done; before anything was, what would be."""
    if job.status in (ImportStatus.MAPPING, ImportStatus.CHECKING, ImportStatus.CHECKED) and job.plan:
        plan = job.plan
        skipped = plan.get("unchanged", 0) + plan.get("skip", 0) + plan.get("left_out", 0)
        planned = {"created": plan.get("create", 0), "updated": plan.get("update", 0), "skipped": skipped}
        return {**planned, "failed": plan.get("bad", 0)}
    return {name: getattr(job, name) for name in ("created", "updated", "skipped", "failed")}


def progress(job: ImportJob) -> float:
    """How much of the present stage is done, from 0 to 1."""
    if not job.status.is_working:
        return 0.0 if job.status is ImportStatus.MAPPING else 1.0
    done, of = _done_of(job)
    return min(1.0, done / of) if of else 0.0


def _done_of(job: ImportJob) -> tuple[int, int]:
    """Rows of the present stage that are done, of how many."""
    if job.status is ImportStatus.REVERTING:
        return job.reverted + job.kept, job.created + job.updated
    return job.done, job.total


def waits_for(job: ImportJob, *, lease_s: float) -> str | None:
    """What a stage waits for: its `turn`, while others are worked on, or another `worker`, since the one that had it
    was not heard of for longer than the third of a lease after which it renews it. None while it is worked on."""
    if not job.status.is_working:
        return None
    if job.started_at is None:
        return "turn"
    is_held = job.lease_until is not None and job.lease_until - clock.wall() > timedelta(seconds=lease_s / 3)
    return None if is_held else "worker"


def time_left(job: ImportJob, *, lease_s: float) -> timedelta | None:
    """As the rows took that the present worker did; None while there is nothing to tell from."""
    done, of = _done_of(job)
    here = done - int(job.options.get("done_before", 0))
    if job.started_at is None or here < of * 0.02 or here <= 0 or waits_for(job, lease_s=lease_s):
        return None
    return (clock.wall() - job.started_at) * (max(0, of - done) / here)


def notes(job: ImportJob) -> list[str]:
    """What is to be known of a file, in sentences. Cards of the other kind in it the page offers to bring in."""
    others = job.plan.get("other_cards")
    if not others:
        return list(job.notes or ())
    if job.type == "company":
        return [*(job.notes or ()), f"Cards of people in the file: {others}. Import it again as contacts for them."]
    return [*(job.notes or ()), f"Cards of companies in the file: {others}. Import it again as companies for them."]


def reason(job: ImportJob, row: ImportRow) -> str:
    """Why a row is not imported, in a sentence or several."""
    if row.reason:
        return errors.in_words(row.reason)
    headers = job.layout["headers"]
    parts = []
    for problem in row.problems or ():
        column = problem["column"]
        name = f"{headers[column]}: " if column is not None and column < len(headers) else ""
        parts.append(f"{name}{errors.in_words(problem['message'])}")
    return " ".join(parts)


_FAILED = (ImportRow.state == "bad") | (ImportRow.result == "failed")


def failure_count(session: TenantSession, job: ImportJob) -> int:
    """Of how many rows `failures` tells; `job.failed` counts those that nobody corrected only at the end."""
    return session.scalar(select(func.count()).where(ImportRow.job_id == job.id, _FAILED)) or 0


def failures(session: TenantSession, job: ImportJob, *, limit: int | None = None) -> list[ImportRow]:
    """Rows that were not, or would not be imported, in the file's order."""
    query = select(ImportRow).where(ImportRow.job_id == job.id, _FAILED).order_by(ImportRow.number)
    return list(session.scalars(query.limit(limit) if limit else query))


def failed_file(session: TenantSession, job: ImportJob, path: Path) -> Iterator[list[Cell]]:
    """The rows of the file that failed, the reason as last column: as they stood there but for what was corrected, and
    for days and numbers, which without the rest of their column would no longer say what comes first."""
    layout = Layout.from_json(job.layout)
    yield [*layout.headers, "Reason"]
    styles = {int(n): Style(**style) for n, style in job.plan.get("styles", {}).items()}
    known = fields_of(session, job.type)
    dates = {n for n, key in enumerate(job.mapping) if key in known and known[key].kind in DATES}
    reasons = {row.number: (row.cells, reason(job, row)) for row in failures(session, job)}
    if reasons and not path.exists():
        raise NotFound("The file is no longer in the data folder. Upload it again.")
    for row in reading.rows(path, layout) if reasons else ():
        if row.number in reasons:
            cells, why = reasons[row.number]
            kept = [
                unmistakable(cell, styles[n], is_date=n in dates) if n in styles and isinstance(cell, str) else cell
                for n, cell in enumerate(cells if cells is not None else row.cells)
            ]
            yield [*kept, *[""] * (len(layout.headers) - len(kept)), why]


def show(session: TenantSession, job: ImportJob, *, fields: list[str], most_rows: int = 1000) -> dict[str, Any]:
    """The import as REST gives it. `fields` are those a column may be mapped to."""
    rows = failures(session, job, limit=most_rows)
    return {
        "id": job.id,
        "type": job.type,
        "status": job.status.value,
        "file_name": job.file_name,
        "dry_run": not job.options.get("auto_start") and job.status in (ImportStatus.CHECKING, ImportStatus.CHECKED),
        "duplicates": job.options.get("duplicates", "update"),
        "mapping": dict(zip(job.layout["headers"], job.mapping, strict=True)),
        "fields": fields,
        "progress": round(progress(job), 4),
        "total": job.total,
        **counts(job),
        "reverted": job.reverted,
        "kept": job.kept,
        "rows": [
            {"row": row.number, "result": "failed", "reason": reason(job, row), "record_id": row.record_id}
            for row in rows
        ],
        "notes": notes(job),
        "error": job.error,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
    }
