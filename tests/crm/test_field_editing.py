"""One field of a record, changed in place: every kind, bad input, two people at once, taking it back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from shared import records
from shared.events import Actor
from shared.models import Company, User
from shared.records import custom
from shared.tenancy import TenantSession

from .conftest import Browser

Browse = Callable[[int], Browser]
HTMX = {"HX-Request": "true"}
OWN_FIELDS = (
    {"label": "Region code", "type": "text"},
    {"label": "Score", "type": "number"},
    {"label": "Budget", "type": "money"},
    {"label": "Renewal", "type": "date"},
    {"label": "Tier", "type": "select", "options": ["Gold", "Silver"]},
    {"label": "Channels", "type": "multi_select", "options": ["Mail", "Phone", "Post"]},
    {"label": "Signed", "type": "checkbox"},
    {"label": "Wiki", "type": "url"},
    {"label": "Backup", "type": "person"},
)


@pytest.fixture
def company(session: TenantSession, alice: User) -> Company:
    """A company of a team that has a field of its own of each type."""
    by = Actor("user", alice.id)
    for given in OWN_FIELDS:
        custom.define(session, {"record_type": "company", **given}, by=by)
    row = records.create(session, "company", {"name": "Lindqvist", "industry": "Trade", "employees": 5}, by=by)
    session.commit()
    return row


def form_of(page: str) -> dict[str, str]:
    """What a control carries unseen."""
    return {
        name: value for name in ("version", "base") for value in re.findall(rf'name="{name}" value="([^"]*)"', page)
    }


def change(browser: Browser, company: Company, name: str, sent: dict[str, Any], **more: str) -> Any:
    url = f"/companies/{company.id}/field/{name}"
    return browser.post(url, {**form_of(browser.get(url, headers=HTMX).text), **sent, **more}, headers=HTMX)


def shown(session: TenantSession, company: Company) -> dict[str, Any]:
    session.refresh(company)
    found = records.show(session, company)
    session.commit()
    return found


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "sent", "value"),
    [
        ("name", {"name": " Lindqvist AB "}, "Lindqvist AB"),
        ("industry", {"industry": ""}, None),
        ("employees", {"employees": "1,200"}, 1200),
        ("website", {"website": "lindqvist.example/se"}, "lindqvist.example/se"),
        ("description", {"description": "One\nTwo"}, "One\nTwo"),
        ("tags", {"tags": ["", "Key account"], "tags_text": "Fair 2026, "}, ["Fair 2026", "Key account"]),
        ("custom.region_code", {"custom.region_code": "N-7"}, "N-7"),
        ("custom.score", {"custom.score": "7.5"}, 7.5),
        (
            "custom.budget",
            {"custom.budget": "1,250.50", "custom.budget_currency": "SEK"},
            {"minor": 125050, "currency": "SEK"},
        ),
        ("custom.renewal", {"custom.renewal": "2027-01-31"}, "2027-01-31"),
        ("custom.tier", {"custom.tier": "gold"}, "gold"),
        ("custom.channels", {"custom.channels": ["", "post", "mail"]}, ["mail", "post"]),
        ("custom.signed", {"custom.signed": ["", "1"]}, True),
        ("custom.wiki", {"custom.wiki": "wiki.example/lindqvist"}, "wiki.example/lindqvist"),
        ("custom.backup", {"custom.backup": "ALICE"}, "ALICE"),
        ("owner_id", {"owner_id": "ALICE"}, "ALICE"),
    ],
)
def test_each_kind_of_field_is_changed_alone_and_taken_back(
    browse: Browse, session: TenantSession, alice: User, company: Company, name: str, sent: dict[str, Any], value: Any
) -> None:
    browser, before = browse(alice.id), shown(session, company)
    filled = {key: str(alice.id) if given == "ALICE" else given for key, given in sent.items()}
    answer = change(browser, company, name, filled)
    assert answer.status_code == 200, answer.text
    expected = alice.id if value == "ALICE" else value
    now = shown(session, company)
    found = now["custom"].get(name.removeprefix("custom.")) if name.startswith("custom.") else now[name]
    assert found == expected
    changed = {key for key in now if now[key] != before[key]} - {"version", "updated_at"}
    assert changed == {"custom" if name.startswith("custom.") else name}
    told = json.loads(answer.headers["HX-Trigger"])
    assert told["fieldChanged"]["cell"] == f"/companies/{company.id}/field/{name}"
    assert browser.post(told["toast"]["undo_url"], headers=HTMX).status_code == 200
    after = shown(session, company)
    assert {k: v for k, v in after.items() if k in changed} == {k: v for k, v in before.items() if k in changed}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_box_that_nobody_has_set_is_not_set_by_a_form_saved_for_something_else(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    browser, url = browse(alice.id), f"/companies/{company.id}"
    for ticked, kept in ((False, None), (True, True), (False, False)):
        page = browser.get(f"{url}/edit").text
        unseen = re.search(r'type="hidden" name="custom.signed" value="([^"]*)"', page)
        assert unseen is not None
        sent = {**form_of(page), "name": "Lindqvist", "custom.signed": [unseen[1], *(["1"] if ticked else [])]}
        assert browser.post(url, sent).status_code == 303
        assert shown(session, company)["custom"].get("signed") is kept


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "sent", "says"),
    [
        ("name", "  ", "This is needed."),
        ("employees", "many", "is not a number"),
        ("domain", "no domain", "This is not a domain"),
        ("owner_id", "999999", ""),
        ("custom.score", "x", "is not a number"),
        ("custom.renewal", "2027-02-30", "Must be a date"),
        ("custom.tier", "bronze", "is none of"),
        ("custom.wiki", "not an address", "Must be a web address"),
        ("industry", "x" * 201, ">Should have at most 200 characters"),
        ("custom.region_code", "x" * 501, ">Should have at most 500 characters"),
    ],
)
def test_what_cannot_be_stored_comes_back_with_its_message(
    browse: Browse, session: TenantSession, alice: User, company: Company, name: str, sent: str, says: str
) -> None:
    before = shown(session, company)
    answer = change(browse(alice.id), company, name, {name: sent})
    assert answer.status_code == 422
    assert f'id="{name}-error"' in answer.text
    assert says in answer.text
    assert shown(session, company) == before


def test_two_people_at_the_same_field_see_both_values_and_one_decides(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    url = f"/companies/{company.id}/field/industry"
    late = browse(bob.id)
    opened = form_of(late.get(url, headers=HTMX).text)
    assert change(browse(alice.id), company, "industry", {"industry": "Shipping"}).status_code == 200
    answer = late.post(url, {**opened, "industry": "Banking"}, headers=HTMX)
    assert answer.status_code == 409
    assert answer.headers["X-Fragment"] == "cell"
    assert "Shipping" in answer.text and "Banking" in answer.text
    assert shown(session, company)["industry"] == "Shipping"
    again = late.post(url, {**form_of(answer.text), "industry": "Banking"}, headers=HTMX)
    assert again.status_code == 200
    assert shown(session, company)["industry"] == "Banking"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "same"),
    [("industry", "Shipping"), ("employees", "7"), ("custom.tier", "gold"), ("custom.channels", ["", "mail"])],
)
def test_two_people_who_write_the_same_have_nothing_to_decide(
    browse: Browse, alice: User, bob: User, company: Company, name: str, same: Any
) -> None:
    url = f"/companies/{company.id}/field/{name}"
    late = browse(bob.id)
    opened = form_of(late.get(url, headers=HTMX).text)
    assert change(browse(alice.id), company, name, {name: same}).status_code == 200
    answer = late.post(url, {**opened, name: same}, headers=HTMX)
    assert answer.status_code == 200
    assert "data-conflict" not in answer.text


def test_two_people_at_different_fields_do_not_get_in_each_others_way(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    url = f"/companies/{company.id}/field/custom.tier"
    late = browse(bob.id)
    opened = form_of(late.get(url, headers=HTMX).text)
    assert change(browse(alice.id), company, "industry", {"industry": "Shipping"}).status_code == 200
    assert late.post(url, {**opened, "custom.tier": "gold"}, headers=HTMX).status_code == 200
    now = shown(session, company)
    assert (now["industry"], now["custom"]) == ("Shipping", {"tier": "gold"})


def test_what_changed_again_is_not_taken_back(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    browser = browse(alice.id)
    first = change(browser, company, "industry", {"industry": "Shipping"})
    change(browser, company, "industry", {"industry": "Banking"})
    undo = json.loads(first.headers["HX-Trigger"])["toast"]["undo_url"]
    assert browser.post(undo, headers=HTMX).status_code == 409
    assert browser.post(undo.replace("industry", "employees"), headers=HTMX).status_code == 404
    assert shown(session, company)["industry"] == "Banking"


def test_a_field_that_is_none_is_nowhere_and_a_viewer_changes_nothing(
    browse: Browse, session: TenantSession, alice: User, vera: User, mallory: User, company: Company
) -> None:
    browser = browse(alice.id)
    for name in ("version", "custom.nothing", "created_at", "x"):
        assert browser.get(f"/companies/{company.id}/field/{name}").status_code == 404
        assert browser.post(f"/companies/{company.id}/field/{name}", {name: "1"}).status_code == 404
    url = f"/companies/{company.id}/field/industry"
    assert browse(vera.id).post(url, {"industry": "Mine"}).status_code == 403
    assert "Trade" in browse(vera.id).get(f"{url}/shown").text
    for path in (url, f"{url}/shown"):
        assert browse(mallory.id).get(path).status_code == 404
    for path in (url, f"{url}/undo?event=1"):
        assert browse(mallory.id).post(path, {"industry": "Mine"}).status_code == 404
    assert shown(session, company)["industry"] == "Trade"


def test_tags_are_offered_while_typing_and_new_words_can_be_made(
    browse: Browse, alice: User, mallory: User, company: Company
) -> None:
    browser = browse(alice.id)
    change(browser, company, "tags", {"tags": ["Key account"]})
    offered = browser.get("/choices/tags?q=acc").text
    assert 'data-value="Key account"' in offered and "Make the tag “acc”" in offered
    assert "Make the tag" not in browser.get("/choices/tags?q=KEY account").text
    assert "Key account" not in browse(mallory.id).get("/choices/tags?q=acc").text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_teams_fields_stand_in_the_form_the_properties_and_the_conflict_page(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    browser, path = browse(alice.id), f"/companies/{company.id}"
    version = shown(session, company)["version"]
    sent = {"name": "Lindqvist", "custom.tier": "silver", "custom.channels": ["", "mail"], "tags": ["", "Fair"]}
    assert browser.post(path, {**sent, "version": str(version)}).status_code == 303
    page = browser.get(path).text
    for words in ("Tier", "Silver", "Channels", "Fair", "Backup"):
        assert words in page
    assert '<option value="silver" selected>' in browser.get(f"{path}/edit").text
    late = browser.post(path, {**sent, "custom.tier": "gold", "version": str(version)})
    assert late.status_code == 409
    assert "Tier" in late.text and "Gold" in late.text and "Silver" in late.text
    assert "Channels" not in late.text
