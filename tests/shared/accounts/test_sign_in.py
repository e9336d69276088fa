"""Signing in: right and wrong passwords, and what happens to those who guess."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from shared import clock, security
from shared.accounts import attempts, logins, proofs, users
from shared.database import Database
from shared.errors import Conflict, Invalid, TooManyRequests, Unauthorized
from shared.events import Actor
from shared.models import Event, LoginAttempt, User
from shared.tenancy import EVERY_WORKSPACE, TenantSession

RIGHT = "correct horse battery"
HERE = "192.0.2.7"
#: What people get; tests get a cheaper one.
HASHER = security._hasher


@pytest.fixture
def alice_with_password(session: TenantSession, alice: User) -> User:
    alice.password_hash = security.hash_password(RIGHT)
    session.commit()
    return alice


def test_passwords_are_hashed_by_argon2id_as_its_rfc_recommends_where_memory_is_short() -> None:
    assert (HASHER.type.name, HASHER.memory_cost, HASHER.time_cost, HASHER.parallelism) == ("ID", 64 * 1024, 3, 4)


class Wall:
    """The real time, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = datetime(2026, 11, 20, 9, tzinfo=UTC)
        monkeypatch.setattr(clock, "wall", lambda: self.time)

    def pass_(self, **delta: float) -> None:
        self.time += timedelta(**delta)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


def fail(database: Database, email: str, address: str = HERE) -> None:
    with pytest.raises(Unauthorized):
        logins.sign_in(database, email, "wrong", address)


def find(database: Database, token: str) -> User | None:
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        proof = logins.find(session, token)
        caller = proofs.enter(session, proof) if proof is not None else None
    return caller[0] if caller is not None else None


def test_the_right_password_gives_a_login_that_finds_the_user(database: Database, alice_with_password: User) -> None:
    user, token = logins.sign_in(database, " Alice@ACME.example ", RIGHT, HERE)
    found = find(database, token)
    assert found is not None
    assert user.id == found.id == alice_with_password.id


def test_signing_in_is_written_down(database: Database, session: TenantSession, alice_with_password: User) -> None:
    logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
    event = session.scalars(select(Event)).one()
    assert (event.kind, event.user_id) == ("user.signed_in", alice_with_password.id)


def test_wrong_password_unknown_account_and_no_password_look_the_same(
    database: Database, alice_with_password: User, bob: User
) -> None:
    said = set()
    for email in (alice_with_password.email, "nobody@acme.example", bob.email):
        with pytest.raises(Unauthorized) as caught:
            logins.sign_in(database, email, "wrong", HERE)
        said.add(caught.value.detail)
    assert len(said) == 1


def test_a_deactivated_user_cannot_sign_in(
    database: Database, session: TenantSession, alice_with_password: User
) -> None:
    alice_with_password.is_active = False
    session.commit()
    with pytest.raises(Unauthorized):
        logins.sign_in(database, alice_with_password.email, RIGHT, HERE)


def test_five_failures_block_the_account_even_for_the_right_password(
    database: Database, alice_with_password: User, wall: Wall
) -> None:
    for _ in range(5):
        fail(database, alice_with_password.email)
    with pytest.raises(TooManyRequests) as caught:
        logins.sign_in(database, alice_with_password.email, RIGHT, "198.51.100.1")
    assert 0 < caught.value.retry_after_s <= 31
    assert f"{caught.value.retry_after_s} seconds" in caught.value.detail
    wall.pass_(seconds=caught.value.retry_after_s)
    logins.sign_in(database, alice_with_password.email, RIGHT, HERE)


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    waits = [attempts.PER_ACCOUNT.block_s(n) for n in range(4, 40)]
    assert waits[:7] == [0, 30, 60, 120, 240, 480, 900]
    assert set(waits[6:]) == {900}
    assert all(a <= b for a, b in pairwise(waits))


def locked_out(session: TenantSession) -> list[tuple[str, dict[str, object]]]:
    """The entries of the audit log, oldest first: who, and the rest."""
    found = session.scalars(select(Event).where(Event.kind == "user.locked_out").order_by(Event.id)).all()
    session.commit()
    return [(one.title, one.data) for one in found]


def test_a_lock_out_is_one_entry_of_the_audit_log_that_says_who_and_from_where(
    database: Database, session: TenantSession, alice_with_password: User
) -> None:
    for _ in range(4):
        fail(database, alice_with_password.email)
    assert locked_out(session) == []
    fail(database, alice_with_password.email)
    for _ in range(3):  # of who goes on while the account is locked nothing is added
        with pytest.raises(TooManyRequests):
            logins.sign_in(database, alice_with_password.email, "wrong", HERE)
    said = {"of": "account", "asked": "password", "address": HERE, "failures": 5, "wait_s": 30}
    assert locked_out(session) == [(alice_with_password.name, said)]


def test_who_goes_on_guessing_for_a_day_fills_no_audit_log(
    database: Database, session: TenantSession, alice_with_password: User, wall: Wall
) -> None:
    for _ in range(80):
        fail(database, alice_with_password.email, address="")
        wall.pass_(minutes=16)
    assert [data["wait_s"] for _who, data in locked_out(session)] == [30, 60, 120, 240, 480, 900]


def test_a_right_password_at_the_last_free_attempt_locks_nobody_out(
    database: Database, session: TenantSession, alice_with_password: User
) -> None:
    for _ in range(4):
        fail(database, alice_with_password.email)
    logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
    assert locked_out(session) == []


def test_an_address_that_is_locked_out_is_told_where_a_colleague_was_attempted(
    database: Database, session: TenantSession, mallory_session: TenantSession, alice_with_password: User, bob: User
) -> None:
    for n in range(19):
        fail(database, f"guess{n}@acme.example")
    fail(database, bob.email)
    assert [(who, data["of"], data["failures"]) for who, data in locked_out(session)] == [(bob.name, "address", 20)]
    assert locked_out(mallory_session) == []


def test_an_unknown_account_is_in_no_audit_log_and_what_was_typed_nowhere(
    database: Database, session: TenantSession, alice: User, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(5):
        fail(database, "my secret password")
    assert locked_out(session) == []
    assert "my secret password" not in "".join(capfd.readouterr())


def test_wrong_passwords_for_what_asks_again_are_told_too(
    database: Database, session: TenantSession, alice_with_password: User
) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            logins.confirm(database, alice_with_password, "wrong", HERE)
    assert len(locked_out(session)) == 1


def test_success_forgives_the_account_its_failures(database: Database, alice_with_password: User) -> None:
    for _ in range(2):
        for _ in range(4):
            fail(database, alice_with_password.email)
        logins.sign_in(database, alice_with_password.email, RIGHT, HERE)


def test_an_unknown_account_is_blocked_like_a_known_one(database: Database, alice_with_password: User) -> None:
    for _ in range(5):
        fail(database, "nobody@acme.example")
    with pytest.raises(TooManyRequests):
        logins.sign_in(database, "nobody@acme.example", RIGHT, HERE)


def test_an_address_that_tries_twenty_accounts_is_blocked(database: Database, alice_with_password: User) -> None:
    for n in range(20):
        fail(database, f"guess{n}@acme.example")
    with pytest.raises(TooManyRequests):
        logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
    logins.sign_in(database, alice_with_password.email, RIGHT, "198.51.100.1")


def test_one_good_account_does_not_buy_guesses_at_others(database: Database, alice_with_password: User) -> None:
    with pytest.raises(TooManyRequests):
        for n in range(25):
            logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
            fail(database, f"guess{n}@acme.example")


def test_guesses_made_at_the_same_time_all_count(database: Database, alice_with_password: User) -> None:
    def guess(_: int) -> str:
        try:
            logins.sign_in(database, alice_with_password.email, "wrong", HERE)
        except (Unauthorized, TooManyRequests) as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(16)))
    assert outcomes.count("Unauthorized") == 5
    assert outcomes.count("TooManyRequests") == 11


def test_failures_are_forgotten_after_a_day_and_their_rows_go(
    database: Database, session: TenantSession, alice_with_password: User, wall: Wall
) -> None:
    for _ in range(4):
        fail(database, alice_with_password.email)
    fail(database, "nobody@acme.example")
    wall.pass_(hours=25)
    fail(database, alice_with_password.email)
    logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
    keys = set(session.scalars(select(LoginAttempt.key)))
    assert "account:nobody@acme.example" not in keys


def test_a_very_long_or_odd_address_is_only_wrong(database: Database, alice: User) -> None:
    fail(database, "x" * 5000 + "@acme.example")
    fail(database, "")
    fail(database, "Robert'); DROP TABLE user;--")


def test_a_login_ends_after_two_weeks(database: Database, alice_with_password: User, wall: Wall) -> None:
    _, token = logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
    wall.pass_(days=13, hours=23)
    assert find(database, token) is not None
    wall.pass_(hours=2)
    assert find(database, token) is None


def test_a_frozen_business_clock_does_not_keep_logins_alive(
    database: Database, alice_with_password: User, wall: Wall
) -> None:
    clock.configure(datetime(2020, 1, 1, tzinfo=UTC))
    _, token = logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
    wall.pass_(days=15)
    assert find(database, token) is None


def test_signing_out_ends_that_login_alone(database: Database, alice_with_password: User) -> None:
    _, one = logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
    _, other = logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
    with database.scope(EVERY_WORKSPACE) as everywhere:
        logins.sign_out(everywhere, one)
        logins.sign_out(everywhere, "never heard of")
    assert find(database, one) is None
    assert find(database, other) is not None


def test_a_new_password_ends_all_logins(database: Database, session: TenantSession, alice_with_password: User) -> None:
    _, token = logins.sign_in(database, alice_with_password.email, RIGHT, HERE)
    session.refresh(alice_with_password)
    users.change_password(session, alice_with_password, "a new and long one", by=Actor("user", alice_with_password.id))
    session.commit()
    assert find(database, token) is None
    logins.sign_in(database, alice_with_password.email, "a new and long one", HERE)


def test_the_present_password_cannot_be_guessed_where_it_is_asked_for(
    database: Database, alice_with_password: User
) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            logins.confirm(database, alice_with_password, "wrong", HERE)
    with pytest.raises(TooManyRequests):
        logins.confirm(database, alice_with_password, RIGHT, HERE)


def test_two_sign_ins_at_once_both_succeed(database: Database, alice_with_password: User) -> None:
    def sign_in(_: int) -> str:
        return logins.sign_in(database, alice_with_password.email, RIGHT, HERE)[1]

    with ThreadPoolExecutor(4) as pool:
        tokens = set(pool.map(sign_in, range(4)))
    assert len(tokens) == 4


def test_deactivating_ends_logins(
    database: Database, session: TenantSession, alice_with_password: User, bob: User
) -> None:
    bob.password_hash = security.hash_password(RIGHT)
    session.commit()
    _, token = logins.sign_in(database, bob.email, RIGHT, HERE)
    session.refresh(bob)
    users.deactivate(session, bob, by=Actor("user", alice_with_password.id))
    session.commit()
    assert find(database, token) is None


def test_the_last_admin_stays(session: TenantSession, alice: User, bob: User) -> None:
    by = Actor("user", alice.id)
    with pytest.raises(Conflict):
        users.set_role(session, alice, users.Role.MEMBER, by=by)
    with pytest.raises(Conflict):
        users.deactivate(session, alice, by=by)
    users.set_role(session, bob, users.Role.ADMIN, by=by)
    users.set_role(session, alice, users.Role.MEMBER, by=by)
    with pytest.raises(Conflict):
        users.deactivate(session, bob, by=by)
