"""Duplicates in the browser and over the API: warned, reviewed, merged, undone; and who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest

from shared import records
from shared.events import Actor
from shared.models import Contact, User
from shared.records import duplicates
from shared.tenancy import TenantSession
from tests.conftest import Cast

from .conftest import Browser

Browse = Callable[[int], Browser]


@pytest.fixture
def pair(session: TenantSession, alice: User) -> tuple[int, int]:
    """Jane, twice."""
    by = Actor("user", alice.id)
    one = {"first_name": "Jane", "last_name": "Roe", "title": "CEO", "emails": [{"email": "jane@roe.example"}]}
    two = {"first_name": "Jane", "last_name": "Roe-Smith", "title": "Chair", "emails": [{"email": "jane@roe.example"}]}
    ids = [records.create(session, "contact", data, by=by).id for data in (one, two)]
    scan = duplicates.request(session, "contact", by=by)
    session.commit()
    duplicates.find(session.workspace_id, scan.id, scan.run)
    return ids[0], ids[1]


def group_id(browser: Browser) -> str:
    found = re.search(r'href="/duplicates/(\d+)"', browser.get("/duplicates").text)
    assert found
    return found[1]


def test_a_group_is_reviewed_merged_and_taken_back(
    browse: Browse, cast: Cast, pair: tuple[int, int], session: TenantSession
) -> None:
    browser, (one, two) = browse(cast.alice), pair
    browser.post(f"/contacts/{two}/files", {"file": (BytesIO(b"hello"), "cv.txt")}, content_type="multipart/form-data")
    group = group_id(browser)
    page = browser.get(f"/duplicates/{group}").text
    assert "Same e-mail: jane@roe.example" in page and "Chair" in page and "CEO" in page
    assert set(re.findall(r'merge-whose">(\d) · Jane', page)) == {"1", "2"}, "which of two namesakes a choice is of"
    form = {"ids": f"{one},{two}", "winner": str(one), "pick.title": str(one), "pick.name": str(two), "group": group}
    answer = browser.post("/contacts/merge", form)
    assert (answer.status_code, answer.location) == (303, "/duplicates?type=contact")
    followed = browser.get(f"/contacts/{two}")
    assert (followed.status_code, followed.location) == (302, f"/contacts/{one}")
    aside = browser.get(f"/contacts/{two}/panel")
    assert (aside.status_code, aside.location) == (302, f"/contacts/{one}/panel")
    late = browser.post(f"/contacts/{two}/field/title", {"title": "CFO"})  # from a page that was open before
    assert late.status_code == 404 and "merged into another one meanwhile" in late.text
    shown = browser.get(f"/contacts/{one}").text
    assert (
        "Jane Roe-Smith" in shown
        and "CEO" in shown
        and re.search(r"merged into this:\s*(<[^>]+>)?Jane Roe-Smith", shown)
    )
    assert "added a file to" in shown and "contact.attached" not in shown and "in 0 seconds" not in shown
    undo = re.search(r'action="(/merges/\d+/undo)"', browser.get("/merges").text)
    assert undo
    assert browser.post(undo[1]).location == f"/contacts/{one}"
    assert browser.get(f"/contacts/{two}").status_code == 200
    assert browser.post(undo[1]).status_code == 409
    session.expire_all()
    assert session.get_one(Contact, one).name == "Jane Roe"


def test_two_that_are_not_the_same_are_not_shown_again(browse: Browse, cast: Cast, pair: tuple[int, int]) -> None:
    browser = browse(cast.alice)
    group = group_id(browser)
    assert browser.post(f"/duplicates/{group}/apart").location == "/duplicates?type=contact"
    page = browser.get("/duplicates").text
    assert "No duplicates" in page
    assert browser.get(f"/duplicates/{group}").status_code == 404
    undo = re.search(r'action="(/duplicates/told/\d+/undo)"', page)
    assert undo and undo[1] in browser.get("/merges").text, "in the message, and later beside the merges"
    for other, status in ((cast.mallory, 404), (cast.bob, 403)):
        assert browse(other).post(undo[1]).status_code == status
    assert browser.post(undo[1]).location == f"/duplicates/{group}"
    assert browser.get(f"/duplicates/{group}").status_code == 200
    assert "Told apart lately" not in browser.get("/merges").text
    assert browser.post(undo[1]).status_code == 409


def test_a_list_of_a_merged_companys_people_is_one_of_the_company_it_went_into(
    browse: Browse, cast: Cast, session: TenantSession, alice: User
) -> None:
    by = Actor("user", alice.id)
    kept, gone = (records.create(session, "company", {"name": name}, by=by).id for name in ("Quillhaven", "Quill"))
    for name, company in (("Kessler", kept), ("Galbraith", gone)):
        records.create(session, "contact", {"last_name": name, "company_id": company}, by=by)
    session.commit()
    browser = browse(cast.alice)
    address = f"/contacts?company_id={gone}"
    assert "Kessler" not in browser.get(address).text
    browser.post("/companies/merge", {"ids": f"{kept},{gone}", "winner": str(kept)})
    shown = browser.get(address).text
    assert "Kessler" in shown and "Galbraith" in shown and "Of Quillhaven" in shown
    undo = re.search(r'action="(/merges/\d+/undo)"', browser.get("/merges").text)
    assert undo
    browser.post(undo[1])
    shown = browser.get(address).text
    assert "Kessler" not in shown and "Galbraith" in shown


def test_chosen_records_are_compared_and_a_changed_one_is_not_merged(
    browse: Browse, cast: Cast, pair: tuple[int, int]
) -> None:
    browser, (one, two) = browse(cast.alice), pair
    assert browser.get(f"/contacts/merge?ids={one},{two}").status_code == 200
    for bad in ("", f"{one}", f"{one},x", f"{one},{one}"):
        assert browser.get(f"/contacts/merge?ids={bad}").status_code == 422
    assert browser.get(f"/contacts/merge?ids={one},99999").status_code == 404
    stale = {"ids": f"{one},{two}", "winner": str(one), f"version.{two}": "7"}
    answer = browser.post("/contacts/merge", stale)
    assert answer.status_code == 409 and "changed meanwhile" in answer.text
    browser.post("/contacts/merge", {"ids": f"{one},{two}", "winner": str(two)})
    back = browser.get(f"/contacts/merge?ids={one},{two}")  # as the browser's way back asks for it
    assert (back.status_code, back.headers["Location"]) == (303, f"/contacts/{two}")


def test_who_is_known_already_stands_beside_the_form(browse: Browse, cast: Cast, pair: tuple[int, int]) -> None:
    browser = browse(cast.bob)
    typed = {"first_name": "", "last_name": "", "emails": "1", "emails.0.email": "JANE@roe.example"}
    page = browser.post("/duplicates/known/contact", typed).text
    assert f"/contacts/{pair[0]}" in page and "Use this one" in page
    assert f"/contacts/{pair[0]}" not in browser.post(f"/duplicates/known/contact?besides={pair[0]}", typed).text
    assert browser.post("/duplicates/known/contact", {"first_name": "Bob", "last_name": "Unknown"}).text.strip() == ""
    assert 'hx-post="/duplicates/known/contact"' in browser.get("/contacts/new").text


def test_only_managers_merge(browse: Browse, cast: Cast, pair: tuple[int, int]) -> None:
    one, two = pair
    for user in (cast.bob, cast.vera):
        browser = browse(user)
        form = {"ids": f"{one},{two}", "winner": str(one)}
        for answer in (
            browser.get("/duplicates"), browser.get(f"/contacts/merge?ids={one},{two}"), browser.get("/merges"),
            browser.post("/contacts/merge", form), browser.post("/merges/1/undo"),
            browser.post("/duplicates/search", {"type": "contact"}),
        ):  # fmt: skip
            assert answer.status_code == 403
    assert browse(cast.vera).post("/duplicates/known/contact", {}).status_code == 403


def test_another_tenant_sees_none_of_it(browse: Browse, cast: Cast, pair: tuple[int, int]) -> None:
    group = group_id(browse(cast.alice))
    browser, (one, two) = browse(cast.mallory), pair
    merged = browse(cast.alice).post("/contacts/merge", {"ids": f"{one},{two}", "winner": str(one)})
    assert merged.status_code == 303
    for answer in (
        browser.get(f"/duplicates/{group}"), browser.post(f"/duplicates/{group}/apart"),
        browser.get(f"/contacts/merge?ids={one},{two}"), browser.get(f"/contacts/{two}"),
        browser.post("/contacts/merge", {"ids": f"{one},{two}", "winner": str(one)}), browser.post("/merges/1/undo"),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert "Jane" not in browser.get("/merges").text
    known = browser.post("/duplicates/known/contact", {"first_name": "Jane", "last_name": "Roe"})
    assert known.status_code == 200 and known.text.strip() == ""
