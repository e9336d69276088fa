"""A database that goes away, or is asked for too much: an error that says so, and nothing of what was stored in it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from shared.database import Database
from shared.errors import Unavailable
from shared.models import Company
from shared.prepared import Prepared
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests import factories
from tests.conftest import Cast


@pytest.fixture
def database_kind() -> str:
    """What a server does; SQLite's one lock is tested beside."""
    return "postgresql"


Ask = Callable[[TenantSession, Any], object]
#: By SQLAlchemy, and past it.
WAYS: list[Ask] = [
    lambda session, what: session.execute(what).all(),
    lambda session, what: Prepared(what).rows(session),
]


@pytest.mark.parametrize("ask", WAYS)
def test_a_connection_cut_in_a_transaction_is_unavailable(session: TenantSession, database: Database, ask: Ask) -> None:
    pid = session.scalar(select(func.pg_backend_pid()))
    with database.scope(EVERY_WORKSPACE) as other:
        other.execute(select(func.pg_terminate_backend(pid)))
    with pytest.raises(Unavailable):
        ask(session, select(Company.id))
    session.rollback()
    ask(session, select(Company.id))  # the next transaction gets a fresh connection
    session.commit()


@pytest.mark.parametrize("ask", WAYS)
def test_a_statement_that_takes_too_long_is_unavailable(session: TenantSession, ask: Ask) -> None:
    session.execute(text("SET LOCAL statement_timeout = 20"))
    with pytest.raises(Unavailable):
        ask(session, select(func.count(), func.pg_sleep(5)))
    session.rollback()


def test_two_that_wait_for_each_other_are_told_to_try_again(
    session: TenantSession, database: Database, cast: Cast
) -> None:
    first, second = factories.make_company(session), factories.make_company(session)
    barrier, failed = threading.Barrier(2, timeout=10), []

    def lock(ids: list[int]) -> None:
        try:
            with database.scope(cast.acme) as mine:
                mine.get_one(Company, ids[0], with_for_update=True)
                barrier.wait()
                mine.get_one(Company, ids[1], with_for_update=True)
        except Exception as error:
            failed.append(error)

    ids = [first.id, second.id]
    threads = [threading.Thread(target=lock, args=(order,)) for order in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [type(error) for error in failed] == [Unavailable]


def test_an_error_tells_nothing_of_what_was_to_be_stored(session: TenantSession, cast: Cast) -> None:
    with pytest.raises(DBAPIError) as error:
        factories.make_company(session, name="A secret name\x00")
    assert "secret" not in str(error.value)
    session.rollback()
