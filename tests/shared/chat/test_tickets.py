"""Tickets: once, within a minute, for a login that lives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from shared import clock
from shared.accounts import logins, users
from shared.chat import tickets
from shared.chat.tickets import Holder
from shared.database import Database
from shared.errors import Unauthorized
from shared.events import SYSTEM
from shared.models import ChatTicket, Login, User
from shared.tenancy import EVERY_WORKSPACE, TenantSession
from tests.conftest import Cast

KEY = "a key for tests, long enough to sign with"


def issue(session: TenantSession, user: User) -> tuple[str, str]:
    """A ticket and the login it hangs on."""
    login = logins.start(session, user, "127.0.0.1")
    ticket = tickets.issue(session, user, login_token=login)
    session.commit()
    return ticket, login


def redeem(database: Database, ticket: str) -> Holder | None:
    with database.scope(EVERY_WORKSPACE) as session:
        return tickets.redeem(session, ticket)


def test_a_ticket_names_user_workspace_and_login_and_works_once(
    database: Database, session: TenantSession, cast: Cast, alice: User
) -> None:
    ticket, _ = issue(session, alice)
    assert ticket not in session.scalars(select(ChatTicket.token_hash)).all()
    login_id = session.scalar(select(Login.id))
    session.commit()
    assert redeem(database, ticket) == Holder(cast.acme, cast.alice, login_id)
    assert redeem(database, ticket) is None


def test_of_many_that_come_at_once_one_is_let_in(database: Database, session: TenantSession, alice: User) -> None:
    ticket, _ = issue(session, alice)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: redeem(database, ticket), range(6)))
    assert len([holder for holder in found if holder is not None]) == 1


def test_a_late_ticket_is_refused_even_while_the_business_clock_stands(
    database: Database, session: TenantSession, alice: User
) -> None:
    clock.configure(clock.wall() - timedelta(days=100))
    ticket, _ = issue(session, alice)
    session.execute(update(ChatTicket).values(expires_at=clock.wall() - timedelta(milliseconds=1)))
    session.commit()
    assert redeem(database, ticket) is None


def test_with_the_login_or_the_user_goes_the_ticket(
    database: Database, session: TenantSession, alice: User, bob: User
) -> None:
    (ended, login), (gone, _) = issue(session, alice), issue(session, bob)
    logins.sign_out(session, login)
    users.deactivate(session, bob, by=SYSTEM)
    session.commit()
    assert redeem(database, ended) is None
    assert redeem(database, gone) is None
    with pytest.raises(Unauthorized):
        tickets.issue(session, alice, login_token=login)


def test_another_users_login_gives_no_ticket(session: TenantSession, alice: User, bob: User) -> None:
    login = logins.start(session, bob, "127.0.0.1")
    with pytest.raises(Unauthorized):
        tickets.issue(session, alice, login_token=login)


def test_those_who_may_not_stay_are_found_all_at_once(
    database: Database, session: TenantSession, cast: Cast, alice: User, bob: User
) -> None:
    (first, login), (second, _), (third, _) = issue(session, alice), issue(session, alice), issue(session, bob)
    holders = [redeem(database, ticket) for ticket in (first, second, third)]
    asked = [holder for holder in holders if holder is not None]
    script, moved = Holder(cast.acme, cast.vera), Holder(cast.globex, cast.alice)
    with database.scope(EVERY_WORKSPACE, read_only=True) as every:
        assert tickets.lapsed(every, [*asked, script]) == set()
    logins.sign_out(session, login)
    users.deactivate(session, bob, by=SYSTEM)
    session.commit()
    with database.scope(EVERY_WORKSPACE, read_only=True) as every:
        assert tickets.lapsed(every, [*asked, script, moved]) == {asked[0], asked[2], moved}
        assert tickets.standing(every, asked[1]) is not None
        assert tickets.standing(every, asked[0]) is None
        assert tickets.lapsed(every, []) == set()


def test_a_session_is_signed_and_speaks_for_its_holder(cast: Cast) -> None:
    holder = Holder(cast.acme, cast.alice, 7)
    token = tickets.session_token(KEY, holder)
    assert tickets.from_session(KEY, token) == holder
    assert tickets.from_session(KEY + "x", token) is None
    assert tickets.from_session(KEY, token[:-2]) is None


def test_old_tickets_are_swept_away(database: Database, session: TenantSession, alice: User) -> None:
    issue(session, alice)
    issue(session, alice)
    session.execute(update(ChatTicket).where(ChatTicket.id == 1).values(expires_at=clock.wall() - timedelta(hours=2)))
    session.commit()
    assert tickets.sweep(database) == 1
    assert session.scalar(select(func.count(ChatTicket.id))) == 1
    session.commit()
    assert tickets.sweep(database) == 0
