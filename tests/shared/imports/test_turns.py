"""A long import has its turns of the queue, as others have theirs, and loses nothing by it."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from sqlalchemy import update

from shared import clock, leases, queue, records
from shared.database import Database
from shared.errors import Unavailable
from shared.events import Actor
from shared.imports import applying, jobs, reverting, showing, staging
from shared.imports.meanwhile import Meanwhile
from shared.leases import MAX_ATTEMPTS
from shared.models import Contact, ImportJob
from tests.conftest import Cast

from .conftest import Import

ROWS = 2 * MAX_ATTEMPTS + 5
FILE = "Last name,Email\n" + "".join(f"P{n},p{n}@x.example\n" for n in range(ROWS))


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many jobs wait in the queue; turns are over as soon as they have begun, and a batch is a row."""
    waiting = [1]

    def over_at_once(run: leases.LeasedRun, *, at_least_s: float = 0.0) -> None:
        run._turn_ends = at_least_s if at_least_s == math.inf else 0.0  # however long it took to read the file

    monkeypatch.setattr(leases.LeasedRun, "begin_turn", over_at_once)
    monkeypatch.setattr(leases, "_LOOK_AGAIN_S", 0.0)
    monkeypatch.setattr(queue, "waiting_count", lambda _url, name: waiting[0] if name == "crm" else 0)
    for module in (applying, reverting, staging):
        monkeypatch.setattr(module, "BATCH_ROWS", 1)
    return waiting


def turns(importing: Import) -> int:
    """How many times a worker has to take it until its stage is over; in between it waits like one that is new."""
    count = 0
    while importing.job.status.is_working:
        if count:
            free_now(importing)
            assert showing.waits_for(importing.job, lease_s=15) == "turn"
            assert jobs.sweep(importing.database) == 1
        importing.run()
        count += 1
        assert count < 10 * ROWS
    return count


def free_now(importing: Import) -> None:
    """It was queued a while ago."""
    with importing.database.scope(importing.workspace_id) as session:
        ago = clock.wall() - timedelta(minutes=1)
        session.execute(update(ImportJob).where(ImportJob.id == importing.id).values(queued_at=ago))


def test_a_check_an_import_and_its_revert_let_others_have_their_turn(importing: Import, others: list[int]) -> None:
    importing.receive(FILE)
    importing._want(lambda session, job: jobs.check(session, job, by=importing.by))
    assert turns(importing) > MAX_ATTEMPTS
    assert importing.job.plan["create"] == ROWS
    importing._want(lambda session, job: jobs.start(session, job, by=importing.by))
    assert turns(importing) > MAX_ATTEMPTS
    assert (importing.job.status.value, importing.counts) == ("done", (ROWS, 0, 0, 0))
    assert len(importing.all(Contact)) == ROWS
    importing._want(lambda session, job: jobs.revert(session, job, by=importing.by))
    assert turns(importing) > MAX_ATTEMPTS
    assert (importing.job.status.value, importing.job.reverted) == ("reverted", ROWS)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_where_nobody_waits_it_goes_on(importing: Import, others: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    others[0] = 0
    importing.receive(FILE)
    assert importing.check().status.value == "checked"

    def away(_url: str, _name: str) -> int:
        raise Unavailable("The job broker cannot be reached.")

    monkeypatch.setattr(queue, "waiting_count", away)
    assert importing.start().status.value == "done"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_while_it_waits_for_its_turn_it_can_be_cancelled_and_goes_on_later(
    importing: Import, others: list[int]
) -> None:
    importing.receive(FILE)
    others[0] = 0
    importing.check()
    others[0] = 1
    assert importing.start().status.value == "importing"
    importing._want(lambda session, job: jobs.cancel(session, job, by=importing.by))
    free_now(importing)
    assert jobs.sweep(importing.database) == 0
    others[0] = 0
    importing._want(lambda session, job: jobs.restart(session, job, by=importing.by))
    importing.run()
    assert importing.counts == (ROWS, 0, 0, 0)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_what_takes_its_worker_down_at_the_same_row_is_given_up_however_far_it_came(
    importing: Import, others: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    importing.receive(FILE)
    others[0] = 0
    importing.check()
    importing._want(lambda session, job: jobs.start(session, job, by=importing.by))
    write = applying.Batch.write

    def killing(batch: applying.Batch, session: object) -> object:
        if importing.job.created == 3:
            raise KeyboardInterrupt  # nothing else of it runs, as after a kill
        return write(batch, session)  # type: ignore[arg-type]

    monkeypatch.setattr(applying.Batch, "write", killing)
    for _ in range(MAX_ATTEMPTS + 1):  # the first came to the row
        with pytest.raises(KeyboardInterrupt):
            importing.run()
        with importing.database.scope(importing.workspace_id) as session:
            ago = clock.wall() - timedelta(minutes=1)
            session.execute(update(ImportJob).values(queued_at=ago, lease_until=ago))
        jobs.sweep(importing.database)
    assert (importing.job.status.value, importing.job.created) == ("failed", 3)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_its_own_records_of_an_earlier_turn_are_no_news_and_a_colleagues_are(
    importing: Import, others: list[int], database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[int] = []
    look_up = Meanwhile._look_up

    def counted(meanwhile: Meanwhile, session: object, rows: list[applying.Ready]) -> dict[int, int]:
        looked_up.extend(row.number for row in rows)
        return look_up(meanwhile, session, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(Meanwhile, "_look_up", counted)
    importing.receive(FILE)
    others[0] = 0
    importing.check()
    others[0] = 1
    importing.start()
    for _ in range(3):
        importing.run()
    assert (importing.job.created, looked_up) == (4, [])
    with database.scope(cast.acme) as session:
        last = {"last_name": f"P{ROWS - 1}", "emails": [{"email": f"p{ROWS - 1}@x.example"}]}
        records.create(session, "contact", last, by=Actor("user", cast.bob))
    turns(importing)
    assert len(looked_up) == ROWS - 4
    assert importing.counts == (ROWS - 1, 0, 1, 0)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_time_left_of_a_check_that_goes_on_is_told_from_its_present_turn(importing: Import, others: list[int]) -> None:
    importing.receive(FILE)
    importing._want(lambda session, job: jobs.check(session, job, by=importing.by))
    for turn in range(1, 4):
        importing.run()
        job = importing.job
        assert (job.done, job.options["done_before"], showing.progress(job)) == (turn, turn - 1, turn / ROWS)
