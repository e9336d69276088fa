"""Many records part after part, by a job whose worker may die at any point.

    send ─▶ run: claim ─▶ part, committed ─▶ part … ─▶ done
              ▲──── the lease ran out: sweep ◀──┘ killed

Whoever has a `BulkChange` that is under way holds a lease (`shared.leases`) and proves it in the transaction of each
part, in which `position` moves, too: the next worker goes on where the last one stopped. One that takes its workers
down at the same place again and again, or that meets a bug there, is left to whoever looks at its page and goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import defer

from shared import clock, events, leases, queue
from shared.config import Settings
from shared.database import Database, session_scope
from shared.events import Actor, Work
from shared.leases import MAX_ATTEMPTS, LeasedRun
from shared.models import BulkChange, BulkStatus
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)

UNDER_WAY = (BulkStatus.RUNNING, BulkStatus.UNDOING)
_PAUSE_S = 0.005

#: Does the next part, and says in `status` when that was the last.
Part = Callable[[TenantSession, BulkChange], None]


def actor(change: BulkChange) -> Actor:
    """Who asked for it."""
    return Actor(change.data["actor"], user_id=change.user_id)


def locked(session: TenantSession, id: int) -> BulkChange:
    """As it is now, and nobody else's until the transaction ends."""
    found = select(BulkChange).where(BulkChange.id == id).with_for_update().options(defer(BulkChange.ids))
    return session.scalars(found.execution_options(populate_existing=True)).one()


def send(session: TenantSession, change: BulkChange, kind: str, *, title: str = "") -> None:
    """Have a worker do it, or go on; the fact is recorded as `kind`."""
    change.run, change.attempts, change.queued_at = (change.run or 0) + 1, 0, clock.wall()
    change.lease_token = change.lease_until = None
    session.flush()
    events.record(session, kind, by=actor(change), title=title, work=_work(change))


def _work(change: BulkChange) -> Work:
    path = queue.EMPTY_BIN if change.record_type == "bin" else queue.CHANGE_MANY
    return Work(path, (change.workspace_id, change.id), f"bulk-{change.id}-{change.run}-{change.attempts}")


def run(workspace_id: int, id: int, part: Part) -> None:
    """Do it part after part, or go on where a killed worker stopped. Nothing if it is done or held by another."""
    settings = Settings()
    with session_scope(workspace_id) as session:
        change = locked(session, id)
        waits = BulkChange.status.in_(UNDER_WAY)
        token = leases.take(session, BulkChange, id, change.run, waits, lease_s=settings.lease_s)
        number = change.run
    if token is not None:
        _Run(settings, workspace_id, id, number, token, part).carry_out()


@dataclass(slots=True)
class _Run(LeasedRun):
    log_name = "bulk"
    bug_message = "An unexpected error stopped it (reference {reference})."

    id: int
    number: int
    token: str
    part: Part

    @property
    def log_fields(self) -> dict[str, int]:
        return {"change_id": self.id, "run": self.number}

    def renew(self, session: TenantSession, *, lease_s: float) -> None:
        leases.renew(session, BulkChange, self.id, self.number, self.token, lease_s=lease_s)

    def fail(self, session: TenantSession, reason: str) -> None:
        leases.renew(session, BulkChange, self.id, self.number, self.token, lease_s=0, queued_at=None)
        log.warning("bulk.given_up", **self.log_fields, reason=reason)

    def work(self) -> None:
        while True:
            with session_scope(self.workspace_id) as session:
                self.renew(session, lease_s=self.settings.lease_s)
                change = locked(session, self.id)
                if change.status not in UNDER_WAY:
                    return
                self.part(session, change)
                change.attempts = 0  # it is only at the same place that they count
            self.give_way(queue.CHANGE_MANY)
            time.sleep(_PAUSE_S)  # others get their turn to write


def sweep(database: Database, redis_url: str) -> None:
    """Send again what nobody holds. Raises Unavailable without a broker.

    Not through the outbox: what waits behind a long import is found every few seconds, and nothing has happened to it.
    """
    found: list[Work] = []

    def send_again(session: TenantSession, change: BulkChange) -> None:
        is_given_up = change.attempts >= MAX_ATTEMPTS
        change.queued_at = None if is_given_up else clock.wall()
        if is_given_up:
            log.warning("bulk.given_up", change_id=change.id, run=change.run, attempts=change.attempts)
        else:
            found.append(_work(change))

    leases.sweep(database, BulkChange, BulkChange.status.in_(UNDER_WAY), send_again=send_again)
    for work in found:
        queue.enqueue(redis_url, work.path, list(work.args), job_id=work.job_id)
