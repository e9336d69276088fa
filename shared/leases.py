"""Leases: of all workers one has a run, and a run that nobody has is found again.

A worker takes a run for some seconds and renews its lease while it works. Before each of its writes it proves, in the
same transaction, that the lease is still its own, so a run has one result however many workers touched it. Whoever
finds a lease that ran out may take the run: its worker died, or the broker lost it. Leases use the wall clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_, select, update

from shared import clock
from shared.database import Database
from shared.models.base import Leased
from shared.tenancy import EVERY_WORKSPACE, TenantSession

#: A run that took its worker down with it this often is given up, so that one file cannot block the queue for ever.
MAX_ATTEMPTS = 5
#: A waiting run is sent again after this many seconds; the broker may have lost it.
_RESEND_AFTER_S = 4
_AT_ONCE = 100

L = TypeVar("L", bound=Leased)


class LeaseLost(Exception):
    """Another worker took the run over, or it was cancelled. What is in hand must not be written."""


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


def _is_free(model: type[Leased]) -> ColumnElement[bool]:
    return or_(model.lease_until.is_(None), model.lease_until < clock.wall())


def _in(seconds: float) -> Any:
    return clock.wall() + timedelta(seconds=seconds)
