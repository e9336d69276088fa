"""One stage of one import in a worker, safe to kill at any point.

    claim ─▶ check: spool, then stage batches ─▶ checked        claim ─▶ import batches ─▶ done
                                              └─ auto_start ─────────────▲     revert: batches ─▶ reverted

Every write proves that the lease is still held, in the same transaction; a thread renews it meanwhile. After a turn
of 45 s it makes room for what else waits in the queue, and goes on like one whose worker was killed.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update

from shared import activities, clock, events, queue
from shared.config import Settings
from shared.database import current, session_scope
from shared.errors import AppError
from shared.imports import applying, jobs, meanwhile, reverting, staging
from shared.imports.jobs import Lease
from shared.imports.meanwhile import Meanwhile
from shared.leases import LeasedRun
from shared.models import ImportJob, ImportRow, ImportStatus
from shared.records import uploads
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)

#: Between two batches others get their turn to write.
_PAUSE_S = 0.002
#: After so many new records, and four times as many, the database is told how many there are now.
_FIRST_LOOK = 1000


def run(settings: Settings, workspace_id: int, job_id: int, run_number: int) -> None:
    """Do what an import waits for, or go on where a killed worker stopped. Nothing if it is done or held by another."""
    with session_scope(workspace_id) as session:
        lease = jobs.claim(session, job_id, run_number, lease_s=settings.lease_s)
    if lease is not None:
        _Run(settings, workspace_id, lease).carry_out()


@dataclass(slots=True)
class _Run(LeasedRun):
    log_name = "import"
    bug_message = "An unexpected error stopped the import (reference {reference}). What it did stays; go on with it."

    lease: Lease

    @property
    def log_fields(self) -> dict[str, int]:
        return {"import_id": self.lease.job_id, "run": self.lease.run}

    def renew(self, session: TenantSession, *, lease_s: float) -> None:
        jobs.hold(session, self.lease, lease_s=lease_s)

    def fail(self, session: TenantSession, reason: str) -> None:
        jobs.fail(session, self.lease, reason)

    def make_room(self, session: TenantSession) -> None:
        jobs.hold(session, self.lease, lease_s=0, started_at=None)

    def work(self) -> None:
        started = time.monotonic()
        match self.lease.status:
            case ImportStatus.CHECKING:
                self._check()
                if self._job().options.get("auto_start"):
                    self._import()
            case ImportStatus.IMPORTING:
                self._import()
            case _:
                self._revert()
        job = self._job()
        log.info(
            "import.worked", import_id=job.id, status=job.status.value, ms=int((time.monotonic() - started) * 1000)
        )

    def _job(self) -> ImportJob:
        with session_scope(self.workspace_id, read_only=True) as session:
            return session.get_one(ImportJob, self.lease.job_id)

    @contextmanager
    def _session(self, writes: bool) -> Iterator[TenantSession]:
        """A short session; one that writes first proves the lease."""
        with session_scope(self.workspace_id, read_only=not writes) as session:
            if writes:
                self._hold(session)
            yield session

    @contextmanager
    def _staging(self, writes: bool) -> Iterator[TenantSession]:
        """The same for the check, which others may interrupt after each batch."""
        with self._session(writes) as session:
            yield session
        if writes:
            self.give_way(queue.RUN_IMPORT)

    def _hold(self, session: TenantSession, **values: Any) -> None:
        jobs.hold(session, self.lease, lease_s=self.settings.lease_s, **values)

    def _check(self) -> None:
        job = self._job()
        path = uploads.path_of(self.settings.upload_dir, self.workspace_id, job.file_sha256)
        if not path.exists():
            raise AppError("The file is no longer in the data folder. Upload it again.")
        stage = activities.stage if job.type in activities.TYPES else staging.stage
        with self._session(True) as session:
            self._hold(session, options=meanwhile.remember(session, job))
        plan = stage(job, path, self._staging, self._teller())
        options = self._job().options
        with session_scope(self.workspace_id) as session:
            if options.get("auto_start"):
                self._hold(
                    session, plan=plan, status=ImportStatus.IMPORTING, done=0, started_at=clock.wall(),
                    options={**options, "done_before": 0},
                )  # fmt: skip
            else:
                jobs.finish(session, self.lease, ImportStatus.CHECKED, plan=plan)

    def _teller(self) -> Callable[[TenantSession, dict[str, Any]], None]:
        """What writes the progress of a check. Its turn begins with the first batch that is new: to come to that, the
        file is read anew each time, which must not be all that a turn is good for."""
        began, is_under_way = time.monotonic(), False
        self.begin_turn(at_least_s=math.inf)

        def tell(session: TenantSession, values: dict[str, Any]) -> None:
            nonlocal is_under_way
            if "total" not in values:
                values = {**values, "attempts": 0}  # it is only at the same place that they count
                if not is_under_way:
                    self.begin_turn(at_least_s=time.monotonic() - began)
                is_under_way = True
            self._hold(session, **values)

        return tell

    def _import(self) -> None:
        job = self._job()
        written, look_at = 0, _FIRST_LOOK
        others = None if job.type in activities.TYPES else Meanwhile(job)
        while True:
            with session_scope(self.workspace_id, read_only=True) as session:
                rows, batch = self._batch(session, job, others)
                batch.prepare(session)
            if not rows or written >= look_at:
                if written >= _FIRST_LOOK:
                    current().refresh_statistics()
                look_at *= 4
            if not rows:
                break
            with self._session(True) as session:
                counts = batch.write(session)
                self._add(session, counts, done=rows)
            written += counts["created"]
            if others is not None:
                others.made(batch.created)
            self.give_way(queue.RUN_IMPORT)
            time.sleep(_PAUSE_S)
        with session_scope(self.workspace_id) as session:
            self._finish(session, job)

    def _batch(self, session: TenantSession, job: ImportJob, others: Meanwhile | None) -> tuple[int, Any]:
        """How many rows come next, and what writes them."""
        if others is None:
            items = activities.waiting(session, job.id)
            return len(items), activities.Batch(self.settings, job, items, self.lease.by)
        rows = applying.waiting(session, job.id)
        others.settle(session, rows)
        return len(rows), applying.Batch(job, rows, self.lease.by)

    def _add(self, session: TenantSession, counts: Counter[str], *, done: int) -> None:
        values = {getattr(ImportJob, name): getattr(ImportJob, name) + n for name, n in counts.items()}
        session.execute(
            update(ImportJob)
            .where(ImportJob.id == self.lease.job_id)
            .values({**values, ImportJob.done: ImportJob.done + done, ImportJob.attempts: 0})
            .execution_options(synchronize_session=False)
        )

    def _finish(self, session: TenantSession, job: ImportJob) -> None:
        """Rows that nobody corrected have failed, those that were left out are skipped."""
        for state, column in (("bad", ImportJob.failed), ("left_out", ImportJob.skipped)):
            count = session.scalar(
                select(func.count()).where(
                    ImportRow.job_id == job.id, ImportRow.state == state, ImportRow.result.is_(None)
                )
            )
            self._add(session, Counter({column.key: count or 0}), done=0)
            session.execute(
                update(ImportRow)
                .where(ImportRow.job_id == job.id, ImportRow.state == state)
                .values(result="failed" if state == "bad" else "skipped")
                .execution_options(synchronize_session=False)
            )
        jobs.finish(session, self.lease, ImportStatus.DONE)
        found = session.get_one(ImportJob, job.id, populate_existing=True)
        counts = {name: getattr(found, name) for name in ("created", "updated", "skipped", "failed")}
        events.record(
            session, "import.finished", by=self.lease.by, title=job.file_name, data={"import_id": job.id, **counts}
        )

    def _revert(self) -> None:
        job = self._job()
        back = activities.reverting if job.type in activities.TYPES else reverting
        while True:
            with self._session(True) as session:
                rows = back.waiting(session, job.id)
                if not rows:
                    jobs.finish(session, self.lease, ImportStatus.REVERTED)
                    return
                counts = back.revert(session, job, rows, by=self.lease.by)
                self._add(session, counts, done=counts["reverted"] + counts["kept"])
            self.give_way(queue.RUN_IMPORT)
            time.sleep(_PAUSE_S)
