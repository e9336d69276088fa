"""Leases: of all workers one has a run, and a run that nobody has is found again.

A worker takes a run for some seconds and renews its lease while it works. Before each of its writes it proves, in the
same transaction, that the lease is still its own, so a run has one result however many workers touched it. Whoever
finds a lease that ran out may take the run: its worker died, or the broker lost it. Leases use the wall clock.

What a worker does with a run it has taken is a `LeasedRun`.
"""

from __future__ import annotations

import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import OperationalError

from shared import clock, queue
from shared.config import Settings
from shared.database import Database, session_scope
from shared.errors import AppError, Unavailable
from shared.models import Event
from shared.models.base import Leased
from shared.telemetry import get_logger
from shared.tenancy import EVERY_WORKSPACE, TenantSession

log = get_logger(__name__)

#: A run that took its worker down with it this often is given up, so that one file cannot block the queue for ever.
MAX_ATTEMPTS = 5
#: A waiting run is sent again after this many seconds; the broker may have lost it.
_RESEND_AFTER_S = 4
_AT_ONCE = 100
#: After so many seconds a run makes room for what waits in its queue, webhooks above all; the sweep sends it again.
TURN_S = 45.0
_LOOK_AGAIN_S = 1.0

L = TypeVar("L", bound=Leased)


class LeaseLost(Exception):
    """Another worker took the run over, or it was cancelled. What is in hand must not be written."""


class TurnOver(Exception):
    """The run has had its turn, and others wait in its queue. It goes on behind them."""


def take(
    session: TenantSession, model: type[Leased], id: int, run: int, *waits: ColumnElement[bool], lease_s: float,
    **values: Any,
) -> str | None:  # fmt: skip
    """The token of a run that waits or whose lease ran out; None if it is done, superseded or held by another."""
    token = secrets.token_hex(16)
    taken = session.execute(
        update(model)
        .where(model.id == id, model.run == run, *waits, _is_free(model))
        .values(lease_token=token, lease_until=_in(lease_s), attempts=model.attempts + 1, **values)
        .execution_options(synchronize_session=False)
    )
    return token if taken.rowcount else None  # type: ignore[attr-defined]


def renew(
    session: TenantSession, model: type[Leased], id: int, run: int, token: str, *where: ColumnElement[bool],
    lease_s: float, **values: Any,
) -> None:  # fmt: skip
    """Hold a run for longer, and with it prove that it is ours; `values` are written with it. Raises LeaseLost."""
    renewed = session.execute(
        update(model)
        .where(model.id == id, model.run == run, model.lease_token == token, *where)
        .values({"lease_until": _in(lease_s)} | values)
        .execution_options(synchronize_session=False)
    )
    if not renewed.rowcount:  # type: ignore[attr-defined]
        raise LeaseLost


def sweep(
    database: Database, model: type[L], *waits: ColumnElement[bool], send_again: Callable[[TenantSession, L], None]
) -> int:
    """Call `send_again` with each run that nobody has had for a while, its row locked. Returns how many were found."""
    is_lost = (*waits, _is_free(model), model.queued_at < clock.wall() - timedelta(seconds=_RESEND_AFTER_S))
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        found = session.execute(select(model.workspace_id, model.id).where(*is_lost).limit(_AT_ONCE)).all()
    for workspace_id, id in found:
        with database.scope(workspace_id) as session:
            row = session.scalar(select(model).where(model.id == id, *is_lost).with_for_update())
            if row is not None:
                send_again(session, row)
    return len(found)


def sent_again(session: TenantSession, path: str, job_id: str) -> bool:
    """Have the outbox send a job once more under the fact that has it already, and say whether there was one.

    What waits behind others is found every few seconds and nothing has happened to it, so nothing is written down.
    """
    sent = update(Event).where(Event.job == path, Event.job_id == job_id).values(sent_at=None)
    found: Any = session.execute(sent.execution_options(synchronize_session=False))
    return bool(found.rowcount)


def _is_free(model: type[Leased]) -> ColumnElement[bool]:
    return or_(model.lease_until.is_(None), model.lease_until < clock.wall())


def _in(seconds: float) -> Any:
    return clock.wall() + timedelta(seconds=seconds)


@dataclass(slots=True)
class LeasedRun(ABC):
    """A run that this worker has taken: worked on while a thread renews its lease, and given back however that ends.

    A kind of run says what the work is, how its lease is renewed and where its failure is written.
    """

    #: Begins the names of its log events.
    log_name: ClassVar[str]
    #: What a person reads where a bug stopped it; `{reference}` stands beside the trace in the log.
    bug_message: ClassVar[str]

    settings: Settings
    workspace_id: int
    _turn_ends: float = field(init=False, default=0.0)

    @property
    @abstractmethod
    def log_fields(self) -> dict[str, int]:
        """Which run it is, as fields of log events."""

    @abstractmethod
    def work(self) -> None:
        """Do it. Each writing transaction renews the lease first; any of them may raise LeaseLost."""

    @abstractmethod
    def renew(self, session: TenantSession, *, lease_s: float) -> None:
        """Hold the lease for so many seconds from now. Raises LeaseLost."""

    @abstractmethod
    def fail(self, session: TenantSession, reason: str) -> None:
        """Write down that it failed. Raises LeaseLost."""

    def make_room(self, session: TenantSession) -> None:
        """Write down that the run waits for its next turn. Raises LeaseLost."""
        self._let_go(session)

    def begin_turn(self, *, at_least_s: float = 0.0) -> None:
        """From now on the work has as long as others of its queue may have to wait for it."""
        self._turn_ends = time.monotonic() + max(TURN_S, at_least_s)

    def give_way(self, job: str) -> None:
        """Between two steps of this job: raises TurnOver if the turn is over and something waits in the job's queue."""
        now = time.monotonic()
        if now < self._turn_ends:
            return
        self._turn_ends = now + _LOOK_AGAIN_S
        with suppress(Unavailable):  # without a broker nothing could be begun either
            if queue.waiting_count(self.settings.effective_redis_url, queue.JOBS[job].queue):
                raise TurnOver

    def carry_out(self) -> None:
        """Work to the end, or until others have their turn. Raises Unavailable, after which the sweep sends the run
        again, and whatever is a bug."""
        self.begin_turn()
        try:
            with self.renewing():
                self.work()
        except LeaseLost:
            log.info(f"{self.log_name}.superseded", **self.log_fields)
        except TurnOver:
            self._release(self.make_room)
            log.info(f"{self.log_name}.made_room", **self.log_fields)
        except Unavailable:
            self._release(self._let_go)  # somebody else's bad moment: disk, database
            raise
        except AppError as error:
            self._give_up(error.detail)
        except Exception:
            reference = uuid4().hex[:8]
            self._give_up(self.bug_message.format(reference=reference))
            log.exception(f"{self.log_name}.broke", **self.log_fields, reference=reference)
            raise

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Renew the lease from a thread while the block runs, so that long work is not taken for death."""
        is_over = threading.Event()
        thread = threading.Thread(target=self._renew_until, args=(is_over,), name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join(timeout=5)

    def _renew_until(self, is_over: threading.Event) -> None:
        while not is_over.wait(self.settings.lease_s / 3):
            try:
                with session_scope(self.workspace_id) as session:
                    self.renew(session, lease_s=self.settings.lease_s)
            except LeaseLost:
                return
            except (Unavailable, OperationalError):  # the database may be back before the lease runs out
                log.warning("lease.not_renewed", **self.log_fields)

    def _let_go(self, session: TenantSession) -> None:
        self.renew(session, lease_s=0)

    def _release(self, how: Callable[[TenantSession], None]) -> None:
        """Let the sweep find the run at once."""
        try:
            with session_scope(self.workspace_id) as session:
                how(session)
        except (LeaseLost, Unavailable):
            return  # the lease runs out by itself

    def _give_up(self, reason: str) -> None:
        try:
            with session_scope(self.workspace_id) as session:
                self.fail(session, reason)
        except LeaseLost:
            return
