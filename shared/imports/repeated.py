"""A value that many rows cannot be imported with, said once for all of them: a stage or a colleague of another system.

`find` lists such values, `replace` writes something else into their cells and checks those rows again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from shared.errors import Conflict
from shared.imports import staging
from shared.imports.applying import BATCH_ROWS
from shared.models import ImportJob, ImportRow, ImportStatus
from shared.tenancy import TenantSession

_MOST_SHOWN, _LOOKED_AT = 30, 20_000
#: Somebody waits for the answer: so many rows are checked again at once, 500 of them in about half a second.
MOST_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Repeated:
    """A cell's text with what is wrong with it, in `rows` rows."""

    column: int
    field: str | None
    text: str
    message: str
    rows: int


def find(session: TenantSession, job: ImportJob) -> list[Repeated]:
    """Texts that stand wrong in several rows, in the order of columns, the most frequent first."""
    query = select(ImportRow.problems).where(ImportRow.job_id == job.id, ImportRow.state == "bad")
    counts = Counter(
        (problem["column"], problem["field"], problem["text"], problem["message"])
        for problems in session.scalars(query.limit(_LOOKED_AT))
        for problem in problems or ()
        if problem["column"] is not None and problem["text"]
    )
    found = [Repeated(*key, rows) for key, rows in counts.most_common(_MOST_SHOWN) if rows > 1]
    return sorted(found, key=lambda one: (one.column, -one.rows))


def replace(session: TenantSession, job: ImportJob, column: int, text: str, new: str) -> int:
    """Put `new` in place of a text in all bad rows; returns how many there were. Raises Conflict once it has begun."""
    if job.status is not ImportStatus.CHECKED:
        raise Conflict("This import has begun; its rows cannot be changed any more.")
    query = select(ImportRow).where(ImportRow.job_id == job.id, ImportRow.state == "bad").order_by(ImportRow.number)
    rows = [row for row in session.scalars(query.limit(_LOOKED_AT)) if _holds(row, column, text)][:MOST_AT_ONCE]
    for row in rows:
        row.cells = [new if n == column else cell for n, cell in enumerate(row.cells or [])]
    for start in range(0, len(rows), BATCH_ROWS):
        staging.recheck(session, job, rows[start : start + BATCH_ROWS])
    if rows:
        job.plan = staging.counted(session, job)
    return len(rows)


def _holds(row: ImportRow, column: int, text: str) -> bool:
    cells = row.cells or []
    return column < len(cells) and str(cells[column]).strip()[:500] == text
