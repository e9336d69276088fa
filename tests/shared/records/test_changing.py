"""One change of many records, and all of it taken back."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy.orm.exc import StaleDataError

from shared import clock, leases, queue, records
from shared.database import Database
from shared.errors import Conflict, Invalid, Unavailable
from shared.events import Actor
from shared.leases import MAX_ATTEMPTS
from shared.models import BulkChange, BulkStatus, Company, Event, User
from shared.records import changing, parts, show
from shared.tenancy import TenantSession
from tests.conftest import Cast
from tests.factories import make_company, make_contact, make_deal, make_field, make_pipeline


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor("user", user_id=alice.id)


def said(session: TenantSession, rows: list[Any]) -> list[dict[str, Any]]:
    """What records say, but for their version and when they changed."""
    session.expire_all()
    shown = [show(session, row) for row in rows]
    return [{k: v for k, v in one.items() if k not in ("version", "updated_at")} for one in shown]


def test_taking_back_gives_exactly_what_stood_there(session: TenantSession, by: Actor, bob: User) -> None:
    stages = make_pipeline(session).stages
    make_field(session, record_type="deal", key="tier")
    deals = [make_deal(session, name=f"Deal {i}", stage=stages[i % 3], amount_minor=i or None) for i in range(4)]
    records.update(session, deals[1], {"custom": {"tier": "gold"}, "tags": ["Hot"]}, by=by)
    session.commit()
    ids, before = [deal.id for deal in deals], said(session, deals)
    for action, values in (
        ("edit", {"owner_id": bob.id}), ("edit", {"stage_id": stages[2].id}), ("edit", {"custom": {"tier": "silver"}}),
        ("edit", {"amount": None}), ("tag", {"tags": ["hot", "New"]}), ("untag", {"tags": ["HOT"]}), ("delete", {}),
    ):  # fmt: skip
        events = session.query(Event).count()
        change = changing.start(session, "deal", ids, action, values, by=by, only_own=False)  # type: ignore[arg-type]
        assert (change.status, change.failed, change.skipped) == (BulkStatus.DONE, 0, 0), action
        assert change.changed > 0 and session.query(Event).count() == events + change.changed
        assert said(session, deals) != before
        changing.undo(session, change)
        assert change.failed == 0 and said(session, deals) == before, action
    with pytest.raises(Conflict):
        changing.undo(session, change)


def test_what_somebody_changed_since_is_left_alone(session: TenantSession, by: Actor) -> None:
    one, other = make_company(session, city="Ulm"), make_company(session, city="Köln")
    change = changing.start(session, "company", [one.id, other.id], "edit", {"city": "Bonn"}, by=by, only_own=False)
    records.update(session, one, {"city": "Berlin"}, by=by)
    changing.undo(session, change)
    assert (one.city, other.city, change.failed) == ("Berlin", "Köln", 1)


def test_only_ones_own_where_others_are_not_ones_to_manage(session: TenantSession, by: Actor, bob: User) -> None:
    own = make_contact(session, owner_id=by.user_id)
    others = make_contact(session, owner_id=bob.id)
    change = changing.start(session, "contact", [own.id, others.id, 999], "delete", {}, by=by, only_own=True)
    assert (change.changed, change.skipped, change.failed) == (1, 1, 1)
    assert own.deleted_at is not None and others.deleted_at is None


def test_what_no_record_can_take_is_refused_at_once(session: TenantSession, by: Actor) -> None:
    ids = [make_company(session).id for _ in range(3)]
    with pytest.raises(Invalid) as refused:
        changing.start(session, "company", ids, "edit", {"employees": -1}, by=by, only_own=False)
    assert [error.path for error in refused.value.errors] == ["employees"]
    with pytest.raises(Invalid):
        changing.start(session, "company", [], "edit", {"city": "Ulm"}, by=by, only_own=False)


def test_many_are_a_job_that_may_stop_anywhere_and_run_twice(
    session: TenantSession, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "AT_ONCE", 5)
    monkeypatch.setattr(changing, "_BATCH", 4)
    rows = [make_company(session, city="Ulm") for _ in range(11)]
    change = changing.start(
        session, "company", [row.id for row in rows], "edit", {"city": "Bonn"}, by=by, only_own=False
    )
    assert (change.status, change.position) == (BulkStatus.RUNNING, 0)
    session.commit()
    applied = changing._one
    monkeypatch.setattr(changing, "_one", lambda s, c, row: applied(s, c, row) if row.id != rows[6].id else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        changing.run(session.workspace_id, change.id)
    session.refresh(change)
    assert (change.position, change.changed) == (4, 4), "a batch is done whole or not at all"
    session.commit()
    monkeypatch.setattr(changing, "_one", applied)
    for _ in range(2):
        changing.run(session.workspace_id, change.id)
    session.expire_all()
    assert (change.status, change.changed) == (BulkStatus.DONE, 11)
    assert {row.city for row in rows} == {"Bonn"}
    changing.undo(session, change)
    session.commit()
    changing.run(session.workspace_id, change.id)
    session.expire_all()
    assert (change.status, {row.city for row in rows}) == (BulkStatus.UNDONE, {"Ulm"})


def begun(session: TenantSession, by: Actor, rows: list[Any]) -> BulkChange:
    """One that a job is to do."""
    ids = [row.id for row in rows]
    change = changing.start(session, "company", ids, "edit", {"city": "Bonn"}, by=by, only_own=False)
    assert change.status is BulkStatus.RUNNING
    session.commit()
    return change


def test_a_busy_database_is_no_fault_of_the_record(
    session: TenantSession, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "AT_ONCE", 1)
    change, update = begun(session, by, [make_company(session) for _ in range(3)]), changing.update
    calls: list[int] = []

    def busy_once(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise Unavailable("The database is busy.")
        return update(*args, **more)

    monkeypatch.setattr(changing, "update", busy_once)
    with pytest.raises(Unavailable):
        changing.run(session.workspace_id, change.id)
    changing.run(session.workspace_id, change.id)
    session.expire_all()
    assert (change.status, change.changed, change.failed) == (BulkStatus.DONE, 3, 0)


def test_whoever_edits_one_of_them_meanwhile_waits_for_the_batch(
    session: TenantSession, by: Actor, database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "AT_ONCE", 1)
    rows = [make_company(session) for _ in range(3)]
    change, last, applied = begun(session, by, rows), rows[-1].id, changing._one

    def edit() -> None:
        with suppress(StaleDataError), database.scope(cast.acme) as other:  # their page would say so
            records.update(other, other.get_one(Company, last), {"industry": "Ships"}, by=by)

    editor = Thread(target=edit)

    def one(*args: Any) -> None:
        if not editor.ident:
            editor.start()
            editor.join(0.3)
        applied(*args)

    monkeypatch.setattr(changing, "_one", one)
    changing.run(session.workspace_id, change.id)
    editor.join()
    session.expire_all()
    assert (change.status, change.changed, {row.city for row in rows}) == (BulkStatus.DONE, 3, {"Bonn"})


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The jobs that a sweep sends."""
    found: list[str] = []
    monkeypatch.setattr(queue, "enqueue", lambda _url, path, _args, *, job_id: found.append(f"{path} {job_id}"))
    return found


def test_one_that_nobody_holds_is_sent_again_and_one_that_is_held_is_not(
    session: TenantSession, by: Actor, database: Database, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "AT_ONCE", 1)
    change = begun(session, by, [make_company(session) for _ in range(3)])
    parts.sweep(database, "")
    assert sent == [], "it was sent a moment ago"
    ago = clock.wall() - timedelta(minutes=1)
    for until, times in ((clock.wall() + timedelta(minutes=1), 0), (ago, 1)):
        change.queued_at, change.lease_until = ago, until
        session.commit()
        parts.sweep(database, "")
        assert sent == [f"shared.records.changing.run bulk-{change.id}-1-0"] * times
    parts.sweep(database, "")
    assert len(sent) == 1


def test_what_takes_its_workers_down_is_given_up_until_somebody_lets_it_go_on(
    session: TenantSession, by: Actor, database: Database, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "AT_ONCE", 1)
    change = begun(session, by, [make_company(session) for _ in range(3)])
    change.queued_at, change.attempts = clock.wall() - timedelta(minutes=1), MAX_ATTEMPTS
    session.commit()
    for _ in range(2):
        parts.sweep(database, "")
    session.refresh(change)
    assert sent == [] and change.queued_at is None and change.status is BulkStatus.RUNNING
    changing.resume(session, change)
    session.commit()
    assert (change.run, change.attempts) == (2, 0) and change.queued_at is not None
    changing.run(session.workspace_id, change.id)
    session.expire_all()
    assert change.status is BulkStatus.DONE


def test_a_long_one_lets_others_of_its_queue_have_their_turn_and_is_sent_again_behind_them(
    session: TenantSession, by: Actor, database: Database, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in ((changing, "AT_ONCE", 1), (changing, "_BATCH", 2), (leases, "TURN_S", 0.0)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(queue, "waiting_count", lambda _url, _queue: 1)
    change = begun(session, by, [make_company(session) for _ in range(3)])
    change.queued_at = clock.wall() - timedelta(minutes=1)
    session.commit()
    changing.run(session.workspace_id, change.id)
    session.expire_all()
    assert (change.status, change.position) == (BulkStatus.RUNNING, 2)
    session.commit()
    parts.sweep(database, "")
    assert len(sent) == 1, "it is free"
    changing.run(session.workspace_id, change.id)
    session.expire_all()
    assert (change.status, change.changed) == (BulkStatus.DONE, 3)
