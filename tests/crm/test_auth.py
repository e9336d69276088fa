"""Signing in and out in a browser, the first set-up, and who gets past the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import IntegerConverter, Rule

from crm import create_app, web
from shared import clock, security
from shared.accounts import links, users
from shared.accounts.permissions import Scope
from shared.config import Settings
from shared.database import Database
from shared.events import SYSTEM, Actor
from shared.models import Login, Role, User, Workspace
from shared.tenancy import EVERY_WORKSPACE, TenantSession

from .conftest import Browser

PASSWORD = "correct horse battery"
SET_UP = {
    "workspace_name": "Northwind",
    "own_company": "Northwind Ltd",
    "timezone": "Europe/Berlin",
    "currency": "chf",
    "name": "Nora North",
    "email": "Nora@Northwind.example",
    "password": PASSWORD,
    "password_again": PASSWORD,
}

Browse = Callable[[int], Browser]


@pytest.fixture
def alice_with_password(session: TenantSession, alice: User) -> User:
    alice.password_hash = security.hash_password(PASSWORD)
    session.commit()
    return alice


def credentials(user: User, **over: str) -> dict[str, str]:
    return {"email": user.email, "password": PASSWORD, **over}


# --- In and out


def test_signing_in_leads_to_where_one_was_going(stranger: Browser, alice_with_password: User) -> None:
    away = stranger.get("/settings/profile?a=1")
    assert away.status_code == 303
    assert away.location == "/login?next=/settings/profile?a%3D1"
    into = stranger.post("/login", credentials(alice_with_password, next="/settings/profile?a=1"))
    assert (into.status_code, into.location) == (303, "/settings/profile?a=1")
    assert alice_with_password.name in stranger.get("/settings/profile").text


def test_a_wrong_password_is_said_above_the_form_and_keeps_the_address(
    stranger: Browser, alice_with_password: User
) -> None:
    answer = stranger.post("/login", credentials(alice_with_password, password="wrong"))
    assert answer.status_code == 401
    assert "The e-mail address or the password is wrong." in answer.text
    assert alice_with_password.email in answer.text


def test_the_sixth_wrong_password_is_told_when_to_try_again(stranger: Browser, alice_with_password: User) -> None:
    for _ in range(5):
        stranger.post("/login", credentials(alice_with_password, password="wrong"))
    answer = stranger.post("/login", credentials(alice_with_password))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 31
    assert "Try again in" in answer.text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "http:evil.example",
        "",
    ],
)
def test_nobody_is_sent_to_another_site(stranger: Browser, alice_with_password: User, target: str) -> None:
    assert stranger.post("/login", credentials(alice_with_password, next=target)).location == "/"
    assert stranger.get("/login", query_string={"next": target}).location == "/"


def test_a_session_planted_before_the_login_is_worth_nothing(
    app: Flask, stranger: Browser, alice_with_password: User
) -> None:
    stranger.get("/login")
    with stranger.client.session_transaction() as cookie:
        cookie["planted"] = "by Mallory"
        before = cookie.get("csrf_token")
    stranger.post("/login", credentials(alice_with_password))
    with stranger.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie.get("csrf_token") != before
        assert cookie["login"]


def test_signing_out_ends_the_login_on_the_server_too(app: Flask, stranger: Browser, alice_with_password: User) -> None:
    stranger.post("/login", credentials(alice_with_password))
    with stranger.client.session_transaction() as cookie:
        stolen = dict(cookie)
    assert stranger.post("/logout").location == "/login"
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(stolen)
    assert thief.get("/settings/profile").status_code == 303


def test_signing_out_is_no_link(browse: Browse, alice: User) -> None:
    assert browse(alice.id).get("/logout").status_code == 405


def test_reading_a_page_writes_nothing(browse: Browse, alice: User, database: Database) -> None:
    browser = browse(alice.id)
    with database.scope(EVERY_WORKSPACE) as locked:  # a write lock on SQLite, held meanwhile
        locked.add(Workspace(name="Meanwhile", own_domains=[]))
        locked.flush()
        assert browser.get("/settings/profile").status_code == 200


def test_forms_without_the_token_are_refused(app: Flask, alice_with_password: User) -> None:
    answer = app.test_client().post("/login", data=credentials(alice_with_password))
    assert answer.status_code == 400
    assert "Reload it and try again" in answer.text


def test_a_token_of_another_session_is_refused(app: Flask, stranger: Browser, browse: Browse, alice: User) -> None:
    foreign = stranger.csrf_token()
    answer = browse(alice.id).client.post("/settings/tokens", data={"name": "x", "csrf_token": foreign})
    assert answer.status_code == 400


def test_htmx_may_send_the_token_as_a_header(browse: Browse, alice: User) -> None:
    browser = browse(alice.id)
    page = browser.get("/settings/profile").text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    headers = {"X-CSRFToken": token, "HX-Request": "true"}
    answer = browser.client.post("/settings/profile", data={"name": "Alice A."}, headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/settings/profile")


def test_htmx_of_a_stranger_is_led_to_the_login_and_back(stranger: Browser, cast: object) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/settings/profile?x=1"}
    answer = stranger.get("/settings/profile", headers=headers)
    assert answer.headers["HX-Redirect"] == "/login?next=/settings/profile?x%3D1"


def test_cookies_are_http_only_lax_and_secure_behind_https(
    settings: Settings, database: Database, alice_with_password: User
) -> None:
    for public, secure in (("", False), ("https://crm.example", True)):
        app = create_app(settings.model_copy(update={"crm_public_url": public}))
        client = app.test_client()
        base = "https://crm.example" if secure else "http://localhost"
        headers = client.get("/login", base_url=base).headers
        assert ("Strict-Transport-Security" in headers) is secure
        cookie = headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is secure


@pytest.mark.parametrize(
    ("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7"), (3, "127.0.0.1")]
)
def test_as_many_proxies_as_are_trusted_say_where_somebody_comes_from(
    settings: Settings, database: Database, alice_with_password: User, proxies: int, seen: str
) -> None:
    app = create_app(settings.model_copy(update={"trusted_proxies": proxies}))
    browser, forwarded = Browser(app.test_client()), {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}
    browser.post("/login", credentials(alice_with_password), headers=forwarded)
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        assert session.scalars(select(Login.address)).one() == seen


def test_a_cookie_does_not_open_the_api(own_app: Flask, browse: Browse, alice: User) -> None:
    @own_app.get("/api/v1/echo")
    @web.requires(Scope.RECORDS_READ)
    def echo() -> dict[str, str]:
        return {"email": web.current_user.email}

    answer = browse(alice.id).get("/api/v1/echo")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_demo_login_is_told_as_long_as_it_is_one(
    stranger: Browser, database: Database, session: TenantSession, alice: User
) -> None:
    alice.is_demo = True
    session.commit()
    page = stranger.get("/login").text
    assert alice.email in page
    users.change_password(session, alice, "not the demo's any more", by=Actor("user", alice.id))
    session.commit()
    assert alice.email not in stranger.get("/login").text


# --- Passwords


def test_changing_the_password_keeps_this_browser_and_ends_the_others(
    app: Flask, stranger: Browser, browse: Browse, alice_with_password: User
) -> None:
    elsewhere = browse(alice_with_password.id)
    stranger.post("/login", credentials(alice_with_password))
    new = {"current_password": PASSWORD, "password": "an even longer one", "password_again": "an even longer one"}
    assert stranger.post("/account/password", new).status_code == 303
    assert stranger.get("/settings/profile").status_code == 200
    assert elsewhere.get("/settings/profile").status_code == 303


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"current_password": "wrong"}, "This is not your present password."),
        ({"password_again": "something else"}, "The two passwords differ."),
        ({"password": "short", "password_again": "short"}, "A password has at least 8 characters."),
        ({"password": "x" * 2000, "password_again": "x" * 2000}, "A password has at most 1,024 characters."),
        ({"password": "Passw0rd", "password_again": "Passw0rd"}, "Whoever guesses tries this one first."),
    ],
)
def test_a_bad_change_is_explained_beside_the_field(
    stranger: Browser, alice_with_password: User, change: dict[str, str], message: str
) -> None:
    stranger.post("/login", credentials(alice_with_password))
    new = {"current_password": PASSWORD, "password": "an even longer one", "password_again": "an even longer one"}
    answer = stranger.post("/account/password", new | change)
    assert answer.status_code == 422
    assert message.casefold() in answer.text.casefold()
    assert stranger.get("/settings/profile").status_code == 200


def link_for(session: TenantSession, user: User) -> str:
    token = links.create(session, user, by=SYSTEM)
    session.commit()
    return token


def test_a_one_time_link_works_once(app: Flask, stranger: Browser, session: TenantSession, bob: User) -> None:
    path = f"/password/{link_for(session, bob)}"
    assert bob.email in stranger.get(path).text
    new = {"password": PASSWORD, "password_again": PASSWORD}
    assert stranger.post(path, {**new, "password_again": "typo"}).status_code == 422
    assert stranger.post(path, new).location == "/"
    assert bob.name in stranger.get("/settings/profile").text
    other = Browser(app.test_client())
    assert other.get(path).status_code == 404
    assert other.post(path, new).status_code == 404


def test_a_forged_an_old_and_a_replaced_link_are_nothing(
    stranger: Browser, session: TenantSession, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = link_for(session, bob)
    good = link_for(session, bob)
    for token in (good[:-1] + "-", replaced):
        assert stranger.get(f"/password/{token}").status_code == 404
    assert stranger.get(f"/password/{good}").status_code == 200
    late = clock.wall() + links.LIFETIME
    monkeypatch.setattr(clock, "wall", lambda: late)
    assert stranger.get(f"/password/{good}").status_code == 404


# --- The first set-up


def count(database: Database, model: type) -> int:
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_new_installation_is_set_up_once_and_signs_its_admin_in(stranger: Browser, database: Database) -> None:
    assert stranger.get("/", follow_redirects=True).request.path == "/setup"
    assert stranger.post("/setup", SET_UP).location == "/"
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        user = session.scalars(select(User)).one()
        workspace = session.scalars(select(Workspace)).one()
    assert (user.email, user.role, user.name) == ("nora@northwind.example", Role.ADMIN, "Nora North")
    assert (workspace.name, workspace.timezone, workspace.currency) == ("Northwind", "Europe/Berlin", "CHF")
    assert stranger.get("/settings/people").status_code == 200
    assert stranger.get("/setup").location == "/login"


def test_a_workspace_goes_on_in_the_language_it_was_set_up_in(stranger: Browser, database: Database) -> None:
    german = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
    assert "Afterword einrichten" in stranger.get("/setup", headers=german).text
    stranger.post("/setup", SET_UP, headers=german)
    with database.scope(EVERY_WORKSPACE, read_only=True) as session:
        assert session.scalars(select(Workspace.locale)).one() == "de"
    assert "Firmen" in stranger.get("/", headers={"Accept-Language": "en"}).text


def test_the_set_up_page_is_closed_once_there_is_a_user(stranger: Browser, database: Database, alice: User) -> None:
    assert stranger.get("/setup").location == "/login"
    assert stranger.post("/setup", SET_UP).location == "/login"
    assert count(database, User) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"email": "nobody"}, "must be an e-mail address"),
        ({"timezone": "Mars/Olympus"}, "must be a time zone"),
        ({"currency": "ZZZ"}, "must be an ISO currency code"),
        ({"workspace_name": "  "}, "must not be empty"),
        ({"password": "short", "password_again": "short"}, "at least 8 characters"),
        ({"password_again": "typo"}, "The two passwords differ."),
    ],
)
def test_a_mistake_in_the_set_up_is_named_and_nothing_is_kept(
    stranger: Browser, database: Database, change: dict[str, str], message: str
) -> None:
    answer = stranger.post("/setup", SET_UP | change)
    assert answer.status_code == 422
    assert message.casefold() in answer.text.casefold()
    assert "Nora North" in answer.text
    assert count(database, User) == count(database, Workspace) == 0


def test_of_two_set_ups_at_once_one_wins(app: Flask, database: Database) -> None:
    browsers = [Browser(app.test_client()) for _ in range(4)]
    forms = [
        {**SET_UP, "csrf_token": browser.csrf_token(), "email": f"admin{n}@northwind.example"}
        for n, browser in enumerate(browsers)
    ]

    def submit(n: int) -> str | None:
        return browsers[n].client.post("/setup", data=forms[n]).location

    with ThreadPoolExecutor(4) as pool:
        locations = list(pool.map(submit, range(4)))
    assert sorted(str(location) for location in locations) == ["/", "/login", "/login", "/login"]
    assert (count(database, User), count(database, Workspace), count(database, Login)) == (1, 1, 1)


# --- The door


def test_every_route_says_who_may_pass(app: Flask) -> None:
    unsaid = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not isinstance(getattr(app.view_functions[rule.endpoint], "access", None), str)
    ]
    assert unsaid == []


def test_only_these_are_public(app: Flask) -> None:
    public = {
        name
        for name, view in app.view_functions.items()
        if getattr(view, "access", None) == "public" and not name.startswith("api")
    }
    assert public == {
        "static", "home.healthz", "home.readyz", "auth.login", "auth.sign_in", "auth.logout", "auth.setup",
        "auth.set_up", "auth.password_link", "auth.set_password", "auth.code", "auth.enter_code",
        "calendar.feed",  # its address is the secret
    }  # fmt: skip


def some_path(rule: Rule) -> str:
    """An address that a rule fits."""
    path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
    for name, converter in rule._converters.items():
        value = "1" if isinstance(converter, IntegerConverter) else "x"
        path = path.replace(f"<int:{name}>", value).replace(f"<{name}>", value).replace(f"<path:{name}>", value)
    return path


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_no_page_opens_to_a_stranger(app: Flask, stranger: Browser, cast: object) -> None:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if view.access == "public" or rule.rule.startswith("/api/"):  # type: ignore[attr-defined]
            continue
        path = some_path(rule)
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        token = {"X-CSRFToken": stranger.csrf_token()}
        answer = stranger.client.open(path, method=method, headers=token)
        assert (answer.status_code, str(answer.location).split("?")[0]) == (303, "/login"), f"{method} {path}"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_nothing_is_changed_on_a_cookie_alone(app: Flask, browse: Browse, alice: User) -> None:
    browser, tried = browse(alice.id), 0
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            if not rule.rule.startswith("/api/"):
                tried += 1
                for headers in ({}, {"X-CSRFToken": "made up"}, {"Origin": "https://evil.example"}):
                    answer = browser.client.open(some_path(rule), method=method, headers=headers)
                    assert answer.status_code == 400, f"{method} {rule.rule}"
    assert tried > 50
