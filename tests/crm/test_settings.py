"""The settings pages: for oneself, for admins, and never for another tenant."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from crm import web
from crm.web import requires
from shared.accounts import tokens
from shared.accounts.permissions import Scope
from shared.database import Database
from shared.events import Actor
from shared.models import ApiToken, Base, Event, Role, User, Workspace
from shared.tenancy import TenantSession
from tests.factories import make_company, make_deal

from .conftest import Browser

Browse = Callable[[int], Browser]
SCRIPT = "<script>alert(1)</script>{{ 7*7 }}"


def fresh(session: TenantSession, row: Base) -> None:
    """Read a row again, and let SQLite's write lock go."""
    session.refresh(row)
    session.commit()


def test_people_change_their_name_language_and_zone(browse: Browse, session: TenantSession, bob: User) -> None:
    browser = browse(bob.id)
    browser.post("/settings/profile", {"name": " Bob  B. ", "locale": "de", "timezone": "Europe/Berlin"})
    fresh(session, bob)
    assert (bob.name, bob.locale, bob.timezone) == ("Bob B.", "de", "Europe/Berlin")
    saved = browser.get("/settings/profile").text
    assert '<html lang="de"' in saved
    assert "Gespeichert." in saved  # not in the language before
    browser.post("/settings/profile", {"name": "Bob", "locale": "", "timezone": ""})
    fresh(session, bob)
    assert (bob.locale, bob.timezone) == (None, None)


def test_single_keys_are_switched_off_in_the_profile_or_in_the_list_of_shortcuts(
    browse: Browse, session: TenantSession, bob: User
) -> None:
    browser = browse(bob.id)
    assert 'data-single-keys="off"' not in browser.get("/settings/profile").text
    browser.post("/settings/profile", {"name": "Bob"})  # a box not ticked
    assert 'data-single-keys="off"' in browser.get("/companies").text
    assert browser.post("/settings/profile/keys", {"single_keys": "y"}).status_code == 204
    fresh(session, bob)
    assert (bob.single_keys, bob.name) == (True, "Bob")


def test_people_name_the_other_addresses_they_write_from(browse: Browse, session: TenantSession, bob: User) -> None:
    browser = browse(bob.id)
    written = f"Bob@Home.example; b.baker@old.example\n\n{bob.email}\nbob@home.example"
    browser.post("/settings/profile", {"name": "Bob", "mail_aliases": written})
    browser.post("/settings/profile/keys", {"single_keys": "y"})  # which leaves them alone
    fresh(session, bob)
    assert bob.mail_aliases == ["bob@home.example", "b.baker@old.example"]
    assert "bob@home.example\nb.baker@old.example</textarea>" in browser.get("/settings/profile").text
    audited = session.scalars(select(Event.data).where(Event.kind == "user.updated")).all()
    assert [data["mail_aliases"] for data in audited if "mail_aliases" in data] == [[0, 2]]  # that, not which
    session.commit()


@pytest.mark.parametrize(
    ("field", "value"),
    [("timezone", "Mars/Olympus"), ("locale", "xx"), ("name", " "), ("name", "x" * 201), ("mail_aliases", "b@x\nnone")],
)
def test_a_bad_profile_names_the_field(
    browse: Browse, session: TenantSession, bob: User, field: str, value: str
) -> None:
    answer = browse(bob.id).post("/settings/profile", {"name": "New", field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert ("Should have at most 200 characters" in answer.text) is (len(value) > 200)
    fresh(session, bob)
    assert bob.name == "Bob Baker"


def test_script_in_a_name_stays_text(browse: Browse, bob: User) -> None:
    browser = browse(bob.id)
    browser.post("/settings/profile", {"name": SCRIPT})
    page = browser.get("/settings/profile").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page


@pytest.mark.parametrize("path", ["/settings/people", "/settings/workspace"])
def test_only_admins_see_the_workspaces_settings(browse: Browse, bob: User, vera: User, path: str) -> None:
    for user in (bob, vera):
        answer = browse(user.id).get(path)
        assert answer.status_code == 403
        assert "Your role does not allow this" in answer.text


def test_currencies_of_today_are_offered_and_the_one_in_use(
    browse: Browse, session: TenantSession, alice: User, acme: Workspace
) -> None:
    acme.currency = "DEM"
    session.commit()
    page = browse(alice.id).get("/settings/workspace").text
    assert '<option selected value="DEM">' in page
    assert '<option value="ILS">' in page
    assert 'value="FRF"' not in page


def test_an_admin_changes_the_workspace(browse: Browse, session: TenantSession, alice: User, acme: Workspace) -> None:
    form = {
        "version": str(acme.version),
        "name": "Acme & Sons",
        "timezone": "Asia/Jerusalem",
        "locale": "he",
        "currency": "ILS",
        "week_start": "6",
        "fiscal_year_start": "4",
        "own_name": "Acme",
        "own_domains": "https://www.Acme.example/\nacme.test, acme.example",
    }
    browser = browse(alice.id)
    assert browser.post("/settings/workspace", form).status_code == 303
    fresh(session, acme)
    assert (acme.name, acme.locale, acme.currency, acme.week_start) == ("Acme & Sons", "he", "ILS", 6)
    assert acme.own_domains == ["acme.example", "acme.test"]
    saved = browser.get("/settings/workspace").text
    assert 'dir="rtl"' in saved
    assert "נשמר" in saved
    stale = browser.post("/settings/workspace", form | {"name": "Older"})
    assert stale.status_code == 409
    assert "in the meantime" in stale.text
    event = session.scalars(select(Event).where(Event.kind == "workspace.updated")).one()
    assert event.data["name"] == ["Acme", "Acme & Sons"]
    assert event.user_id == alice.id


@pytest.mark.parametrize(
    ("field", "value"),
    [("week_start", "7"), ("fiscal_year_start", "0"), ("own_domains", "not a domain"), ("currency", "EURO")],
)
def test_bad_workspace_settings_are_named_and_not_kept(
    browse: Browse, session: TenantSession, alice: User, acme: Workspace, field: str, value: str
) -> None:
    answer = browse(alice.id).post("/settings/workspace", {"name": "New", field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    fresh(session, acme)
    assert acme.name == "Acme"


def test_a_new_colleague_with_a_password_can_sign_in(browse: Browse, stranger: Browser, alice: User) -> None:
    new = {"name": "Carla", "email": "Carla@acme.example", "role": "manager", "password": "carla's own password"}
    assert browse(alice.id).post("/settings/people", new).status_code == 303
    assert stranger.post("/login", {"email": new["email"], "password": new["password"]}).location == "/"


def test_a_new_colleague_without_one_gets_a_link_shown_once(browse: Browse, stranger: Browser, alice: User) -> None:
    admin = browse(alice.id)
    form = {"name": "Dan", "email": "dan@acme.example", "role": "member"}
    page = admin.post("/settings/people", form, follow_redirects=True).text
    link = re.search(r'value="http://127\.0\.0\.1:5000(/password/[^"]+)"', page)
    assert link
    assert "/password/" not in admin.get("/settings/people").text
    password = {"password": "dan's own password", "password_again": "dan's own password"}
    assert stranger.post(link[1], password).location == "/"


def test_an_address_in_use_is_refused_even_when_another_tenant_uses_it(
    browse: Browse, alice: User, mallory: User
) -> None:
    answer = browse(alice.id).post("/settings/people", {"name": "M", "email": mallory.email, "role": "member"})
    assert answer.status_code == 422
    assert "There is already a user" in answer.text


def test_a_slip_in_an_invitation_is_put_right_and_its_link_ends(
    browse: Browse, stranger: Browser, session: TenantSession, alice: User, mallory: User
) -> None:
    admin = browse(alice.id)
    invited = {"name": "Dan", "email": "dan@acne.example", "role": "member"}
    page = admin.post("/settings/people", invited, follow_redirects=True).text
    link = re.search(r'value="http://127\.0\.0\.1:5000(/password/[^"]+)"', page)
    dan = session.scalars(select(User).where(User.email == invited["email"])).one()
    path, version = f"/settings/people/{dan.id}", str(dan.version)
    session.commit()
    assert link and f'href="{path}"' in admin.get("/settings/people").text
    assert 'value="dan@acne.example"' in admin.get(path).text
    right = {"name": "Dan Dee", "email": "Dan@acme.example", "version": version}
    for wrong, said in [
        ({"email": mallory.email}, "There is already a user"), ({"email": "dan"}, "Must be an e-mail address"),
        ({"name": " "}, "Must not be empty"),
    ]:  # fmt: skip
        answer = admin.post(path, right | wrong)
        assert answer.status_code == 422 and said in answer.text
    assert admin.post(path, right).location == "/settings/people"
    assert admin.post(path, right | {"name": "Dan Doe"}).status_code == 409  # from a page of before
    fresh(session, dan)
    assert (dan.name, dan.email) == ("Dan Dee", "dan@acme.example")
    assert stranger.get(link[1]).status_code == 404


def test_roles_change_and_the_last_admin_stays(browse: Browse, session: TenantSession, alice: User, bob: User) -> None:
    admin = browse(alice.id)
    assert admin.post(f"/settings/people/{alice.id}/role", {"role": "member"}).status_code == 409
    assert admin.post(f"/settings/people/{alice.id}/deactivate").status_code == 409
    assert admin.post(f"/settings/people/{bob.id}/role", {"role": "emperor"}).status_code == 422
    assert admin.post(f"/settings/people/{bob.id}/role", {"role": "admin"}).status_code == 303
    fresh(session, bob)
    assert bob.role == Role.ADMIN
    event = session.scalars(select(Event).where(Event.kind == "user.role_changed")).one()
    assert (event.data, event.user_id, event.record_id) == ({"role": ["member", "admin"]}, alice.id, bob.id)


def test_a_deactivated_colleague_is_out_at_once_and_can_come_back(browse: Browse, alice: User, bob: User) -> None:
    admin, member = browse(alice.id), browse(bob.id)
    admin.post(f"/settings/people/{bob.id}/deactivate")
    assert member.get("/settings/profile").status_code == 303
    assert admin.post(f"/settings/people/{bob.id}/link").status_code == 409
    admin.post(f"/settings/people/{bob.id}/reactivate")
    assert browse(bob.id).get("/settings/profile").status_code == 200


def test_what_somebody_who_left_holds_stays_theirs_until_it_is_handed_over(
    browse: Browse, session: TenantSession, alice: User, bob: User
) -> None:
    deal, company = make_deal(session, owner_id=bob.id), make_company(session, name="Acme", owner_id=bob.id)
    session.commit()
    admin, kept = browse(alice.id), f'<option value="{bob.id}" selected>{bob.name}</option>'
    admin.post(f"/settings/people/{bob.id}/deactivate")
    held = re.search(r'href="(/deals\?[^"]+)">1 open deal<', admin.get("/settings/people").text)
    assert held and deal.name in admin.get(html.unescape(held[1])).text
    assert kept in admin.get(f"/companies/{company.id}/edit").text  # saving the form takes nobody out
    assert kept in admin.get(f"/companies/{company.id}/field/owner_id").text
    assert f"{bob.name} (deactivated)" in admin.get("/companies").text
    assert f"{bob.name}</option>" not in admin.get("/companies/new").text


def test_mallory_reaches_nobody_and_nothing_of_acmes(
    browse: Browse, session: TenantSession, alice: User, bob: User, mallory: User
) -> None:
    token, _ = tokens.create(session, bob, "bob's", by=Actor("user", bob.id))
    session.commit()
    intruder = browse(mallory.id)
    for path, data in [
        (f"/settings/people/{bob.id}/role", {"role": "admin"}),
        (f"/settings/people/{bob.id}/deactivate", {}),
        (f"/settings/people/{bob.id}/reactivate", {}),
        (f"/settings/people/{bob.id}/link", {}),
        (f"/settings/tokens/{token.id}/revoke", {}),
    ]:
        assert intruder.post(path, data).status_code == 404, path
    for path in ("/settings/people", "/settings/tokens", "/settings/workspace", "/settings/profile"):
        page = intruder.get(path).text
        assert "acme.example" not in page
        assert "Baker" not in page
    fresh(session, bob)
    fresh(session, token)
    assert (bob.role, bob.is_active, token.revoked_at) == (Role.MEMBER, True, None)


def test_an_admin_sees_and_revokes_the_tokens_of_a_colleague_who_cannot_be_asked(
    browse: Browse, session: TenantSession, alice: User, bob: User, mallory: User
) -> None:
    secrets = [tokens.create(session, bob, name, by=Actor("user", bob.id))[1] for name in ("Nightly <b>", "Sheet")]
    _, own = tokens.create(session, alice, "mine", by=Actor("user", alice.id))
    session.commit()
    admin, path = browse(alice.id), f"/settings/people/{bob.id}/tokens/revoke"
    page = admin.get("/settings/people").text
    assert "2 API tokens" in page and path in page and "Nightly &lt;b&gt;, Sheet." in page
    assert browse(mallory.id).post(path).status_code == 404
    assert browse(bob.id).post(path).status_code == 403
    admin.post(path)
    script = admin.client
    for secret, status in [(secrets[0], 401), (secrets[1], 401), (own, 200)]:
        bearer = {"Authorization": f"Bearer {secret}"}
        assert script.get("/api/v1/companies", headers=bearer).status_code == status
    assert path not in admin.get("/settings/people").text
    told = session.scalars(select(Event).where(Event.kind == "token.revoked")).all()
    assert [(one.user_id, one.data["name"]) for one in told] == [(alice.id, "Nightly <b>"), (alice.id, "Sheet")]


def test_a_colleagues_token_cannot_be_revoked(browse: Browse, session: TenantSession, alice: User, bob: User) -> None:
    token, _ = tokens.create(session, bob, "bob's", by=Actor("user", bob.id))
    session.commit()
    assert browse(alice.id).post(f"/settings/tokens/{token.id}/revoke").status_code == 404


# --- API tokens


@pytest.fixture
def whoami(own_app: Flask) -> None:
    @own_app.get("/api/v1/whoami")
    @requires(Scope.RECORDS_READ)
    def whoami() -> dict[str, str]:
        return {"email": web.current_user.email}


def ask(app: Flask, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    with app.test_client().get("/api/v1/whoami", headers=headers) as answer:
        return answer.status_code


def test_a_token_is_shown_once_works_and_is_revoked(
    whoami: None, app: Flask, browse: Browse, database: Database, session: TenantSession, bob: User
) -> None:
    browser = browse(bob.id)
    made = browser.post("/settings/tokens", {"name": "Nightly sync"})
    secret = re.search(r'value="(aw_[^"]+)"', browser.get(made.location).text)
    assert secret
    assert secret[1] in browser.get(made.location).text  # a reload makes no second one, and does not lose this one
    assert secret[1] not in browse(bob.id).get(made.location).text
    assert secret[1] not in browser.get("/settings/tokens").text
    assert "never" in browser.get("/settings/tokens").text
    assert ask(app, secret[1]) == 200
    token = session.scalars(select(ApiToken)).one()
    session.commit()
    assert token.last_used_at is not None
    assert secret[1] not in (token.token_hash, token.hint)
    used_at = token.last_used_at
    assert ask(app, secret[1]) == 200
    fresh(session, token)
    assert token.last_used_at == used_at
    session.commit()
    browser.post(f"/settings/tokens/{token.id}/revoke")
    assert ask(app, secret[1]) == 401


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("secret", ["", "aw_wrong", "aw_" + "x" * 5000, "\u00e4\u00f6"])
def test_an_unknown_token_is_a_401(whoami: None, app: Flask, cast: object, secret: str) -> None:
    assert ask(app, secret.encode("utf-8").decode("latin-1")) == 401


def test_a_deactivated_users_token_is_dead(
    whoami: None, app: Flask, browse: Browse, session: TenantSession, alice: User, bob: User
) -> None:
    _, secret = tokens.create(session, bob, "bob's", by=Actor("user", bob.id))
    session.commit()
    browse(alice.id).post(f"/settings/people/{bob.id}/deactivate")
    browse(alice.id).post(f"/settings/people/{bob.id}/reactivate")
    assert ask(app, secret) == 401
