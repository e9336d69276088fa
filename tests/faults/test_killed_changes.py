"""A change of thousands, and the emptying of a bin, whose worker is killed: the next one goes on, each record once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shared import clock, records
from shared.events import Actor
from shared.models import BulkChange, BulkItem, BulkStatus, Company, Event
from shared.records import bin as records_bin
from shared.records import changing, emptying
from shared.tenancy import TenantSession
from tests.factories import make_company
from tests.faults.conftest import Process, Stack, kill, wait_until

pytestmark = pytest.mark.faults

ROWS = 400


def made(stack: Stack) -> list[int]:
    with stack.database.scope(stack.cast.acme) as session:
        return [make_company(session, name=f"Company {n}", city="Ulm").id for n in range(ROWS)]


def change_of(stack: Stack, id: int) -> BulkChange:
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        return session.get_one(BulkChange, id)


def killed_on_the_way(stack: Stack, worker: Process, id: int, *, with_broker: bool = False) -> Process:
    """Its worker dies, and the broker perhaps; nobody asks for it again, and another comes to its end."""
    wait_until(lambda: change_of(stack, id).position > 0, "a first part", explain=stack.logs)
    kill(worker)
    under_way = change_of(stack, id)
    assert 0 < under_way.position < ROWS and under_way.status in (BulkStatus.RUNNING, BulkStatus.UNDOING)
    if with_broker:
        kill(stack.processes[0])
        stack.start_broker()
    worker = stack.start_worker("crm")
    ends = (BulkStatus.DONE, BulkStatus.UNDONE)
    wait_until(lambda: change_of(stack, id).status in ends, "the end", explain=stack.logs)
    return worker


def cities(stack: Stack) -> Counter[str | None]:
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        return Counter(session.scalars(select(Company.city).where(Company.deleted_at.is_(None))))


def test_a_change_goes_on_by_itself_and_so_does_taking_it_back(stack: Stack) -> None:
    ids = made(stack)
    id = stack.begin(
        lambda session, by: changing.start(session, "company", ids, "edit", {"city": "Bonn"}, by=by, only_own=False),
    )
    worker = killed_on_the_way(stack, stack.start_worker("crm"), id)
    assert cities(stack) == {"Bonn": ROWS}
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        told = Counter(session.scalars(select(Event.record_id).where(Event.kind == "company.updated")))
        kept = session.scalar(select(func.count()).select_from(BulkItem))
    assert set(told.values()) == {1} and len(told) == kept == change_of(stack, id).changed == ROWS

    def take_back(session: TenantSession, _by: Actor) -> BulkChange:
        change = session.get_one(BulkChange, id)
        changing.undo(session, change)
        return change

    stack.begin(take_back)
    killed_on_the_way(stack, worker, id)
    assert cities(stack) == {"Ulm": ROWS} and change_of(stack, id).failed == 0


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_emptying_of_a_bin_goes_on_by_itself(stack: Stack) -> None:
    ids, by = made(stack), Actor("user", stack.cast.alice)
    with stack.database.scope(stack.cast.acme) as session:
        for company in session.scalars(select(Company).where(Company.id.in_(ids))).all():
            records.delete(session, company, by=by)
        stays = make_company(session).id
    asked = records_bin.Asked(before=clock.now() + timedelta(seconds=1))
    id = stack.begin(lambda session, by: emptying.start(session, asked, by=by))
    killed_on_the_way(stack, stack.start_worker("crm"), id, with_broker=True)
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        assert session.scalars(select(Company.id)).all() == [stays]
        purged = session.scalars(select(Event.data).where(Event.kind == "bin.purged"))
        assert sum(data["counts"]["company"] for data in purged) == change_of(stack, id).position == ROWS
