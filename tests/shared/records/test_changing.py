"""One change of many records, and all of it taken back."""

from __future__ import annotations

from typing import Any

import pytest

from shared import records
from shared.errors import Conflict, Invalid
from shared.events import Actor
from shared.models import BulkStatus, Event, User
from shared.records import changing, show
from shared.tenancy import TenantSession
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
