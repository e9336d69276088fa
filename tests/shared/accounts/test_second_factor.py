"""Codes of an authenticator app, whatever the database: each counts once, and none outlives its key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest

from shared import clock
from shared.accounts import logins, second_factor
from shared.database import Database
from shared.errors import Unauthorized
from shared.events import SYSTEM
from shared.models import User
from shared.tenancy import TenantSession

KEY = "a key for tests, long enough to seal with"

pytestmark = pytest.mark.usefixtures("whole_time_step")


def enrol(session: TenantSession, user: User) -> tuple[pyotp.TOTP, list[str]]:
    """The app of a user whose second factor counts, and the recovery codes."""
    phone = pyotp.TOTP(second_factor.begin(session, KEY, user))
    code = phone.at(clock.wall() - timedelta(seconds=30))
    codes = second_factor.confirm(session, KEY, user, code, by=SYSTEM)
    session.commit()
    return phone, codes


def test_of_the_same_code_sent_four_times_at_once_one_gets_in(
    database: Database, session: TenantSession, bob: User
) -> None:
    phone, _ = enrol(session, bob)
    code = phone.at(clock.wall())

    def enter(_: int) -> bool:
        try:
            return bool(logins.enter_code(database, KEY, bob, code, None))
        except Unauthorized:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(enter, range(4))) == [False, False, False, True]


def test_under_another_secret_key_the_app_lets_nobody_in_but_a_recovery_code_does_once(
    session: TenantSession, bob: User
) -> None:
    phone, codes = enrol(session, bob)
    another = "another key, after a restore elsewhere"
    assert not second_factor.check(session, another, bob, phone.at(clock.wall()))
    assert second_factor.check(session, another, bob, codes[0].upper().replace("-", " "))
    assert not second_factor.check(session, another, bob, codes[0])
    assert second_factor.codes_left(session, bob) == 9
