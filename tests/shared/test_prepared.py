"""A prepared question sees what an ORM select sees: the session's workspace, typed values, lists of any length."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import JSON, bindparam, func, select
from sqlalchemy import cast as type_cast
from sqlalchemy.exc import DBAPIError

from shared import clock
from shared.database import Database
from shared.models import Company, Contact, Lifecycle, Task, TaskStatus
from shared.prepared import Prepared
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.conftest import Cast
from tests.factories import make_company, make_contact, make_task

_BY_NAME = Prepared(select(Company.id, Company.name).where(Company.name == bindparam("name")).order_by(Company.id))
_SOME = Prepared(select(Company.name).where(Company.id.in_(bindparam("ids", expanding=True))).order_by(Company.name))


def test_only_the_rows_of_the_sessions_workspace_are_seen(database: Database, cast: Cast) -> None:
    for workspace in (cast.acme, cast.globex):
        with database.scope(workspace) as session:
            make_company(session, name="Initech")
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        of_all = [row.id for row in _BY_NAME.rows(session, name="Initech")]
    seen = []
    for workspace in (cast.acme, cast.globex):
        with database.scope(workspace, read_only=True) as session:
            [row] = _BY_NAME.rows(session, name="Initech")
            seen.append(row.id)
    assert sorted(seen) == sorted(of_all) and len(set(seen)) == 2


def test_values_are_given_and_found_as_their_columns_types(session: TenantSession) -> None:
    at = clock.now()
    make_task(session, title="Call", status=TaskStatus.DONE, completed_at=at)
    session.commit()
    done = Prepared(
        select(Task.title, Task.status, Task.completed_at, func.count().over().label("of"))
        .where(Task.status == bindparam("status", type_=Task.status.type))
        .where(Task.completed_at > bindparam("since", type_=Task.completed_at.type))
    )
    [row] = done.rows(session, status=TaskStatus.DONE, since=at - timedelta(seconds=1))
    assert row._asdict() == {"title": "Call", "status": TaskStatus.DONE, "completed_at": at, "of": 1}
    assert row.status is TaskStatus.DONE
    assert done.rows(session, status=TaskStatus.DONE, since=at) == []


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8])
def test_a_list_has_as_many_values_as_it_is_given(session: TenantSession, count: int) -> None:
    ids = [make_company(session, name=f"Company {i}").id for i in range(8)]
    assert [row.name for row in _SOME.rows(session, ids=ids[:count])] == [f"Company {i}" for i in range(count)]


def test_a_fixed_list_is_part_of_the_question(session: TenantSession) -> None:
    make_contact(session, last_name="Ruiz", lifecycle=Lifecycle.CUSTOMER)
    make_contact(session, last_name="Okafor", lifecycle=Lifecycle.LEAD)
    near = Prepared(select(Contact.last_name).where(Contact.lifecycle.in_([Lifecycle.CUSTOMER, Lifecycle.PARTNER])))
    assert [row.last_name for row in near.rows(session)] == ["Ruiz"]


def test_what_a_transaction_has_changed_is_seen_in_it(session: TenantSession) -> None:
    company = make_company(session, name="Initech")
    company.name = "Hooli"
    assert _BY_NAME.value(session, name="Hooli") == company.id
    assert _BY_NAME.first(session, name="Initech") is None


def test_a_value_that_is_missing_is_named(session: TenantSession) -> None:
    with pytest.raises(KeyError, match="name"):
        _BY_NAME.rows(session)


def test_what_goes_wrong_is_told_as_everywhere(session: TenantSession) -> None:
    make_company(session, name="no JSON")
    session.flush()
    parsed = func.json(Company.name) if session.get_bind().dialect.name == "sqlite" else type_cast(Company.name, JSON)
    with pytest.raises(DBAPIError):
        Prepared(select(parsed)).rows(session)
