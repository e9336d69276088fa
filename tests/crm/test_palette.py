"""The palette's questions: what is found in whatever spelling, what is at hand, and for whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crm import palette
from shared import records
from shared.events import Actor
from shared.models import User
from shared.records import favourites
from shared.tenancy import TenantSession

from .conftest import Browser

Browse = Callable[[int], Browser]


@pytest.fixture
def john(session: TenantSession, alice: User) -> int:
    by = Actor("user", user_id=alice.id)
    company = records.create(session, "company", {"name": "Müller Straßenbau"}, by=by)
    john = {
        "first_name": "John", "last_name": "Smith", "title": "Buyer", "company_id": company.id,
        "emails": [{"email": "j.smith@muller.example"}], "phones": [{"phone": "+49 151 234567"}],
    }  # fmt: skip
    found = records.create(session, "contact", john, by=by)
    other = {"first_name": "Joan", "last_name": "Sm", "phones": [{"phone": "0171 9876543"}]}
    records.create(session, "contact", other, by=by)
    records.create(session, "note", {"body": "John Smith asked for a discount."}, by=by)
    session.commit()
    return found.id


def found(browser: Browser, q: str) -> list[dict[str, object]]:
    return browser.get("/search/palette", query_string={"q": q}, headers={"Accept": "application/json"}).json["found"]


@pytest.mark.parametrize(
    "typed",
    [
        "john", "smith jo", "Jhon Smtih", "jon smithh", "J.Smith@Muller.example", "0151 234-567", "+49 151 234567",
        "0049 (151) 234567", "0151/234567", "234567", "0151 2345", "buyer muller",
    ],
)  # fmt: skip
def test_a_person_is_the_first_that_is_found_in_whatever_spelling(
    browse: Browse, alice: User, john: int, typed: str
) -> None:
    first = found(browse(alice.id), typed)[0]
    assert (first["url"], first["kind"]) == (f"/contacts/{john}", "Contact")


def test_what_was_meant_is_marked_and_namesakes_are_told_apart(browse: Browse, alice: User, john: int) -> None:
    browser = browse(alice.id)
    by_name, by_number = found(browser, "smi")[0], found(browser, "0151 234567")[0]
    assert by_name["name"] == [["John ", False], ["Smith", True]]
    assert by_name["sub"] == [["Buyer · Müller Straßenbau", False]]
    assert by_number["sub"] == [["+49 151 234567", True]]
    asked = {"q": "who is john smith"}
    assert browser.get("/search/palette", query_string=asked).json["sure"] is False  # a sentence is for the assistant
    assert '<strong class="match">' in browser.get("/search?q=john+smith").text
    assert f'href="/contacts/{john}"' in browser.get("/search?q=Jhon+Smtih").text  # the page asks the same index


def test_the_bearer_of_a_name_is_not_lost_among_notes_that_begin_with_it(
    browse: Browse, session: TenantSession, alice: User, john: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(palette, "_WEIGHED", 2)
    for _ in range(3):
        records.create(session, "note", {"body": "Smith, John"}, by=Actor("user", user_id=alice.id))
        records.create(session, "note", {"body": "John"}, by=Actor("user", user_id=alice.id))
    session.commit()
    assert found(browse(alice.id), "john")[0]["url"] == f"/contacts/{john}"


def test_before_anything_is_typed_stand_recent_looks_and_what_ones_role_may_begin(
    browse: Browse, session: TenantSession, alice: User, vera: User, john: int
) -> None:
    favourites.look(session, alice.id, ("contact", john))
    favourites.star(session, vera.id, ("contact", john), on=True)
    session.commit()
    hers = browse(alice.id).get("/search/palette").json
    viewers = browse(vera.id).get("/search/palette").json
    assert [item["url"] for item in hers["recent"]] == [f"/contacts/{john}"]
    assert [item["url"] for item in viewers["favourites"]] == [f"/contacts/{john}"]
    assert {"/contacts/new", "/tasks/new"} <= {make["url"] for make in hers["makes"]}
    assert viewers["makes"] == []
    assert "/imports" in {place["url"] for place in hers["places"]}
    places = {place["url"] for place in viewers["places"]}
    assert "/settings/profile" in places
    assert not places & {"/imports", "/settings/people", "/settings/audit", "/settings/backup"}
    offer = 'data-command="New contact"'
    assert (offer in browse(alice.id).get("/contacts").text, offer in browse(vera.id).get("/contacts").text) == (
        True,
        False,
    )


def test_another_workspace_finds_and_remembers_nothing_of_it(
    browse: Browse, session: TenantSession, mallory: User, alice: User, john: int, stranger: Browser
) -> None:
    browser = browse(mallory.id)
    for typed in ("john smith", "Jhon Smtih", "0151 234567", "0151 2345", "j.smith@muller.example"):
        assert found(browser, typed) == []
    assert browser.get("/search/palette").json["recent"] == []
    assert stranger.get("/search/palette", headers={"Accept": "application/json"}).status_code == 401
