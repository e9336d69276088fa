"""The second factor through the pages: set up, asked for, lost, demanded of everybody; and where one is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock, security
from shared.accounts import links, second_factor, tokens
from shared.config import Settings
from shared.database import Database
from shared.events import SYSTEM
from shared.models import Event, Login, SecondFactor, User, Workspace
from shared.tenancy import EVERY_WORKSPACE, TenantSession

from .conftest import Browser

PASSWORD = "correct horse battery"
Browse = Callable[[int], Browser]

#: What depends on the database is in tests/shared/accounts/test_second_factor.py.
pytestmark = [
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("whole_time_step"),
]


@pytest.fixture
def bob_with_password(session: TenantSession, bob: User) -> User:
    bob.password_hash = security.hash_password(PASSWORD)
    session.commit()
    return bob


class Phone:
    """An authenticator app that was shown a secret; `at` steps away from now."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, at: int = 0) -> str:
        return self.totp.at(clock.wall() + timedelta(seconds=30 * at))


@pytest.fixture
def phone(session: TenantSession, settings: Settings, bob_with_password: User) -> Phone:
    """Bob's, whose second factor counts; its codes of the past minute are used up."""
    phone = Phone(second_factor.begin(session, settings.effective_secret_key, bob_with_password))
    second_factor.confirm(session, settings.effective_secret_key, bob_with_password, phone.code(-1), by=SYSTEM)
    session.commit()
    return phone


def log_in(browser: Browser, user: User) -> str:
    """With the password; where that leads."""
    return str(browser.post("/login", {"email": user.email, "password": PASSWORD}).location)


def is_in(browser: Browser) -> bool:
    return browser.get("/settings/profile").status_code == 200


def test_setting_it_up_takes_the_password_and_a_right_code(
    browse: Browse, session: TenantSession, bob_with_password: User
) -> None:
    browser, elsewhere = browse(bob_with_password.id), browse(bob_with_password.id)
    assert browser.post("/account/second-factor/begin", {"current_password": "wrong"}).status_code == 422
    assert browser.post("/account/second-factor/begin", {"current_password": PASSWORD}).status_code == 303
    page = browser.get("/account/second-factor").text
    assert "<svg" in page and 'class="qr"' in page
    secret = re.search(r'class="qr-key">([^<]+)<', page)
    assert secret
    phone = Phone(secret[1].replace(" ", ""))
    wrong = browser.post("/account/second-factor", {"code": phone.code(-50)})
    assert wrong.status_code == 422
    assert "does not fit" in wrong.text
    done = browser.post("/account/second-factor", {"code": phone.code()}, follow_redirects=True).text
    codes = re.findall(r"<li><code>([a-z0-9-]{19})</code>", done)
    assert len(set(codes)) == 10
    assert is_in(browser) and not is_in(elsewhere)
    stored = session.scalars(select(SecondFactor)).one()
    session.commit()
    assert phone.totp.secret not in stored.secret
    browser.post("/logout")
    assert log_in(browser, bob_with_password) == "/login/code"
    assert browser.post("/login/code", {"code": codes[3], "recovery": "1"}).location == "/"
    assert "9 recovery codes are left." in browser.get("/").text
    browser.post("/logout")
    log_in(browser, bob_with_password)
    assert browser.post("/login/code", {"code": codes[3]}).status_code == 401


def test_the_password_alone_opens_nothing(stranger: Browser, bob: User, phone: Phone) -> None:
    assert log_in(stranger, bob) == "/login/code"
    assert not is_in(stranger)
    assert stranger.post("/login/code", {"code": "000000"}).status_code == 401
    assert not is_in(stranger)
    assert stranger.post("/login/code", {"code": f" {phone.code()[:3]} {phone.code()[3:]} "}).location == "/"
    assert is_in(stranger)


def test_a_code_counts_once(app: Flask, stranger: Browser, bob: User, phone: Phone) -> None:
    code = phone.code()
    log_in(stranger, bob)
    assert stranger.post("/login/code", {"code": code}).location == "/"
    thief = Browser(app.test_client())
    log_in(thief, bob)
    assert thief.post("/login/code", {"code": code}).status_code == 401
    assert thief.post("/login/code", {"code": phone.code(-1)}).status_code == 401
    assert thief.post("/login/code", {"code": phone.code(1)}).location == "/"


def test_guessing_is_slowed_down_and_a_right_password_does_not_forgive_it(
    stranger: Browser, bob: User, phone: Phone
) -> None:
    for _ in range(5):
        log_in(stranger, bob)
        assert stranger.post("/login/code", {"code": phone.code(-40)}).status_code == 401
    log_in(stranger, bob)
    blocked = stranger.post("/login/code", {"code": phone.code()})
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) > 0


def test_a_frozen_business_clock_does_not_freeze_codes(stranger: Browser, bob: User, phone: Phone) -> None:
    clock.configure(clock.wall() - timedelta(days=100))
    log_in(stranger, bob)
    assert stranger.post("/login/code", {"code": phone.code()}).location == "/"


def test_the_code_is_wanted_within_minutes(
    stranger: Browser, bob: User, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(stranger, bob)
    monkeypatch.setattr("shared.accounts.logins.CODE_WITHIN_S", -1)
    assert stranger.post("/login/code", {"code": phone.code()}).location == "/login"
    assert not is_in(stranger)


def test_a_password_link_does_not_stand_in_for_the_code(
    stranger: Browser, session: TenantSession, bob: User, phone: Phone
) -> None:
    path = f"/password/{links.create(session, bob, by=SYSTEM)}"
    session.commit()
    new = {"password": "an even longer one", "password_again": "an even longer one"}
    assert stranger.post(path, new).location == "/login/code"
    assert not is_in(stranger)
    assert stranger.post("/login/code", {"code": phone.code()}).location == "/"


def test_turning_it_off_takes_the_password_and_an_admin_may_reset_anothers(
    browse: Browse, session: TenantSession, alice: User, bob: User, phone: Phone
) -> None:
    browser, admin = browse(bob.id), browse(alice.id)
    assert browser.post("/account/second-factor/remove", {"current_password": "wrong"}).status_code == 422
    assert browser.post(f"/settings/people/{bob.id}/second-factor/reset").status_code == 403
    assert admin.post(f"/settings/people/{alice.id}/second-factor/reset").status_code == 409
    assert admin.post(f"/settings/people/{bob.id}/second-factor/reset").status_code == 303
    assert not is_in(browser)
    assert log_in(browser, bob) == "/"
    reset = session.scalars(select(Event).where(Event.kind == "user.second_factor_reset")).one()
    session.commit()
    assert (reset.user_id, reset.record_id) == (alice.id, bob.id)


def test_where_everybody_needs_one_nothing_else_opens_before(
    app: Flask, browse: Browse, session: TenantSession, alice: User, bob_with_password: User, acme: Workspace
) -> None:
    _, secret = tokens.create(session, bob_with_password, "script", by=SYSTEM)
    session.commit()
    browser = browse(bob_with_password.id)
    assert browse(alice.id).post("/settings/people/second-factor", {"required": "1"}).status_code == 303
    for path in ("/", "/contacts", "/settings/profile"):
        assert browser.get(path).location == "/account/second-factor"
    assert browser.get("/account/second-factor").status_code == 200
    browser.post("/account/second-factor/begin", {"current_password": PASSWORD})
    key = re.search(r'class="qr-key">([^<]+)<', browser.get("/account/second-factor").text)
    assert key
    browser.post("/account/second-factor", {"code": Phone(key[1].replace(" ", "")).code()})
    assert is_in(browser)
    assert browser.post("/account/second-factor/remove", {"current_password": PASSWORD}).status_code == 409
    with app.test_client().get("/api/v1/companies", headers={"Authorization": f"Bearer {secret}"}) as answer:
        assert answer.status_code == 200


# --- Where one is signed in


def test_a_revoked_login_stops_at_once_and_only_ones_own_can_be(
    browse: Browse, session: TenantSession, alice: User, bob: User, mallory: User
) -> None:
    here, there, admin = browse(bob.id), browse(bob.id), browse(alice.id)
    newest = select(Login).where(Login.user_id == bob.id).order_by(Login.id.desc())
    other = session.scalars(newest).first()
    session.commit()
    assert other is not None
    for stranger in (admin, browse(mallory.id)):
        assert stranger.post(f"/settings/logins/{other.id}/revoke").status_code == 404
    assert is_in(there)
    assert "This machine" in here.get("/settings/signing-in").text
    assert here.post(f"/settings/logins/{other.id}/revoke").status_code == 303
    assert is_in(here) and not is_in(there)


def test_all_others_are_signed_out_and_this_one_stays(
    browse: Browse, session: TenantSession, bob: User, alice: User
) -> None:
    here, others, colleague = browse(bob.id), [browse(bob.id) for _ in range(2)], browse(alice.id)
    for _ in range(2):
        here.post("/settings/logins/revoke-others")
    assert [is_in(browser) for browser in (here, *others, colleague)] == [True, False, False, True]
    colleague.post(f"/settings/people/{bob.id}/sign-out")
    assert [is_in(browser) for browser in (here, colleague)] == [False, True]
    told = session.scalars(select(Event).where(Event.kind == "user.login_ended").order_by(Event.id)).all()
    assert [(one.user_id, one.record_id, one.data) for one in told] == [
        (bob.id, bob.id, {"logins": 2}),
        (alice.id, bob.id, {"logins": 1}),
    ]


def test_a_login_says_when_and_from_where_it_was_used_last(
    browse: Browse, database: Database, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, later = browse(bob.id), clock.wall() + timedelta(hours=2)
    monkeypatch.setattr(clock, "wall", lambda: later)
    answer = browser.get("/settings/profile", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    answer.close()  # it is noted after the answer
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        login = session.scalars(select(Login)).one()
    assert (login.last_used_at, login.last_address, login.address) == (later, "203.0.113.9", "127.0.0.1")


# --- Invitations and tokens


def test_an_invitation_can_be_sent_again_and_withdrawn(
    browse: Browse, stranger: Browser, session: TenantSession, alice: User
) -> None:
    admin = browse(alice.id)
    dan_form = {"name": "Dan", "email": "dan@acme.example", "role": "member"}
    shown = admin.post("/settings/people", dan_form, follow_redirects=True).text
    first = re.search(r'value="http://127\.0\.0\.1:5000(/password/[^"]+)"', shown)
    dan = session.scalars(select(User).where(User.name == "Dan")).one()
    session.commit()
    assert "Invited" in admin.get("/settings/people").text
    again = admin.post(f"/settings/people/{dan.id}/link", follow_redirects=True).text
    second = re.search(r'value="http://127\.0\.0\.1:5000(/password/[^"]+)"', again)
    assert first and second
    assert [stranger.get(path[1]).status_code for path in (first, second)] == [404, 200]
    admin.post(f"/settings/people/{dan.id}/link/withdraw")
    assert stranger.get(second[1]).status_code == 404


def test_a_token_that_only_reads_changes_nothing_and_ends_when_it_should(
    app: Flask, browse: Browse, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"name": "BI", "access": "read", "days": "30"}
    page = browse(alice.id).post("/settings/tokens", form, follow_redirects=True).text
    secret = re.search(r'value="(aw_[^"]+)"', page)
    assert secret and "Read only" in page
    script, bearer = app.test_client(), {"Authorization": f"Bearer {secret[1]}"}
    assert script.get("/api/v1/companies", headers=bearer).status_code == 200
    assert script.get("/api/v1/audit", headers=bearer).status_code == 200
    refused = script.post("/api/v1/companies", json={"name": "New"}, headers=bearer)
    assert (refused.status_code, refused.json["detail"]) == (403, "This token may only read.")
    late = clock.wall() + timedelta(days=31)
    monkeypatch.setattr(clock, "wall", lambda: late)
    assert script.get("/api/v1/companies", headers=bearer).status_code == 401


def test_mallory_changes_nobodys_way_of_signing_in(
    browse: Browse, session: TenantSession, bob: User, mallory: User, phone: Phone
) -> None:
    links.create(session, bob, by=SYSTEM)
    session.commit()
    intruder, his = browse(mallory.id), browse(bob.id)
    for path in ("second-factor/reset", "sign-out", "link/withdraw", ""):
        assert intruder.post(f"/settings/people/{bob.id}/{path}".rstrip("/")).status_code == 404
    intruder.post("/settings/people/second-factor", {"required": "1"})
    assert is_in(his)
    assert len(links.of_all(session)) == 1
