"""The bin in the browser: what is in it, restoring many, deleting for good; and who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from shared import clock, records
from shared.events import Actor
from shared.models import BulkChange, ChatConversation, Company, User
from shared.records import emptying, merging
from shared.tenancy import TenantSession
from tests.conftest import Cast

from .conftest import Browser

Browse = Callable[[int], Browser]


@pytest.fixture
def gone(session: TenantSession, alice: User, bob: User) -> dict[str, str]:
    """`type:id` of a company and a task of Alice's, and a note of Bob's, all deleted."""
    found = {}
    for who, type_name, data in (
        (alice, "company", {"name": "Zanzibar Ltd"}), (alice, "task", {"title": "Call them"}),
        (bob, "note", {"body": "So nice"}),
    ):  # fmt: skip
        by = Actor("user", who.id)
        row = records.create(session, type_name, data, by=by)
        records.delete(session, row, by=by)
        found[type_name] = f"{type_name}:{row.id}"
    session.commit()
    return found


def test_what_was_deleted_is_filtered_and_restored(browse: Browse, cast: Cast, gone: dict[str, str]) -> None:
    browser = browse(cast.alice)
    page = browser.get("/bin").text
    assert all(name in page for name in ("Zanzibar Ltd", "Call them", "So nice", "Bob Baker"))
    assert "Call them" not in browser.get("/bin?type=company&when=7&q=zanzi").text
    assert "Nothing like that" in browser.get("/bin?when=older").text
    assert "So nice" in browser.get(f"/bin?user_id={cast.bob}").text
    answer = browser.post("/bin/restore?type=task", {"record": [gone["company"], gone["note"]]})
    assert (answer.status_code, answer.location) == (303, "/bin?type=task")
    browser.post("/bin/restore", {"record": gone["company"], "only": gone["task"]})  # the row's own button
    assert "The bin is empty" in browser.get("/bin").text
    assert browser.get(f"/companies/{gone['company'].partition(':')[2]}").status_code == 200
    for bad in ({}, {"record": "user:1"}, {"record": "x"}, {"record": gone["task"]}):
        assert browser.post("/bin/restore", bad).status_code in (404, 422), bad


def test_an_admin_deletes_for_good_after_seeing_what_goes(browse: Browse, cast: Cast, gone: dict[str, str]) -> None:
    browser = browse(cast.alice)
    chosen = {"record": [gone["company"], gone["task"]]}
    page = browser.post("/bin/confirm", chosen).text
    assert "Delete 2 records for good?" in page and "Zanzibar Ltd" in page and "So nice" not in page
    assert "Zanzibar Ltd" in browser.get("/bin").text  # asking changes nothing
    assert "Delete 1 record for good?" in browser.post("/bin/confirm?type=note", {"all": "1"}).text
    assert browser.post("/bin/purge", chosen).status_code == 303
    page = browser.get("/bin").text
    assert "Zanzibar" not in page and "So nice" in page
    assert browser.post(f"/companies/{gone['company'].partition(':')[2]}/restore").status_code == 404


def test_as_many_are_said_to_be_gone_as_were_chosen_though_what_was_merged_into_them_goes_along(
    browse: Browse, cast: Cast, session: TenantSession, alice: User
) -> None:
    by = Actor("user", alice.id)
    one, two = (records.create(session, "contact", {"first_name": "Jane", "last_name": n}, by=by) for n in "AB")
    merging.merge(session, "contact", one.id, [two.id], by=by)
    records.delete(session, one, by=by)
    session.commit()
    browser = browse(cast.alice)
    assert '<td class="hide-phone">Contact</td>' in browser.get("/bin").text
    page = browser.post("/bin/purge", {"record": f"contact:{one.id}"}, follow_redirects=True).text
    assert "1 record is gone for good." in page


def test_emptying_takes_all_that_was_there_when_it_was_confirmed_part_after_part(
    browse: Browse, cast: Cast, session: TenantSession, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AT_ONCE", "_BATCH"):
        monkeypatch.setattr(emptying, name, 2)
    by = Actor("user", alice.id)
    for n in range(5):
        records.delete(session, records.create(session, "company", {"name": f"Old {n}"}, by=by), by=by)
    session.commit()
    browser = browse(cast.alice)
    page = browser.post("/bin/confirm?q=old", {"all": "1"}).text
    assert "Delete 5 records for good?" in page and "Old 4" in page
    assert page.index("btn-danger") < page.index("These go"), "what to decide is in sight however long the list is"
    records.delete(session, records.create(session, "company", {"name": "Old but late"}, by=by), by=by)
    session.commit()
    hidden = dict(re.findall(r'type="hidden" name="(all|until)" value="([^"]*)"', page))
    progress = browser.post("/bin/purge?q=old", hidden).location
    begun = session.scalars(select(BulkChange)).one()
    emptying._go_on(session, begun, 2)
    session.commit()
    page = browser.get(progress).text
    assert "2 of 5" in page and f'hx-get="{progress}' in page and 'href="/bin?q=old"' in page
    page = browser.get("/bin").text
    assert "2 of 5 are gone" in page and progress.partition("?")[0] in page, "who closed the page finds it again"
    for who in (cast.bob, cast.mallory):
        for path in (progress, progress.replace("?", "/stop?"), progress.replace("?", "/resume?")):
            answer = browse(who).get(path) if path == progress else browse(who).post(path)
            assert answer.status_code == (403 if who == cast.bob else 404), path
    assert "Nothing has moved" in browser.get(f"{progress}&at=2&waited=20").text
    assert browser.post(progress.replace("?", "/resume?")).location == progress
    for _once_or_twice in range(2):
        emptying.run(session.workspace_id, begun.id)
    assert browser.get(progress, headers={"HX-Request": "true"}).headers["HX-Redirect"] == progress, (
        "the heading is of the page"
    )
    page = browser.get(progress).text
    assert "5 records are gone for good." in page and "hx-trigger" not in page[page.index('id="emptying"') :][:200]
    page = browser.get("/bin").text
    assert "Old but late" in page and "Old 1" not in page and "are gone" not in page
    session.expire_all()
    assert "old" not in str(session.scalars(select(BulkChange)).one().data), "what was asked for may be a name"
    assert browser.post("/bin/purge", {"all": "1"}).status_code == 422, "of when, it must be said"


@pytest.fixture
def three_binned(session: TenantSession, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three companies in a bin that only a job empties."""
    monkeypatch.setattr(emptying, "AT_ONCE", 1)
    by = Actor("user", alice.id)
    for n in range(3):
        records.delete(session, records.create(session, "company", {"name": f"Old {n}"}, by=by), by=by)
    session.commit()


def test_emptying_that_is_stopped_leaves_the_rest_in_the_bin(
    browse: Browse, cast: Cast, session: TenantSession, three_binned: None
) -> None:
    browser = browse(cast.alice)
    progress = browser.post(
        "/bin/purge", {"all": "1", "until": (clock.now() + timedelta(seconds=1)).isoformat()}
    ).location
    emptying._go_on(session, session.scalars(select(BulkChange)).one(), 2)
    session.commit()
    assert browser.post(f"{progress}/stop").location == progress
    assert "What was not reached" in browser.get(progress).text
    emptying.run(session.workspace_id, int(progress.rpartition("/")[2]))
    assert "Old 0" in browser.get("/bin").text


def test_of_two_who_empty_it_at_once_the_later_is_not_told_that_something_stays(
    browse: Browse, cast: Cast, session: TenantSession, three_binned: None
) -> None:
    browser, form = browse(cast.alice), {"all": "1", "until": (clock.now() + timedelta(seconds=1)).isoformat()}
    first, second = (browser.post("/bin/purge", form).location for _person in range(2))
    for progress in (first, second):
        emptying.run(session.workspace_id, int(progress.rpartition("/")[2]))
    assert "3 records are gone" in browser.get(first).text
    page = browser.get(second).text
    assert "0 records are gone" in page and "What was not reached" not in page


def test_emptying_leaves_the_pipeline_that_deals_stand_in(
    browse: Browse, cast: Cast, session: TenantSession, alice: User
) -> None:
    by = Actor("user", alice.id)
    used = records.create(session, "pipeline", {"name": "Used", "stages": [{"name": "New"}]}, by=by)
    deal = records.create(session, "deal", {"name": "Cranes", "pipeline_id": used.id}, by=by)
    for row in (used, records.create(session, "note", {"body": "Old"}, by=by)):
        records.delete(session, row, by=by)
    session.commit()
    browser = browse(cast.alice)
    until = (clock.now() + timedelta(seconds=1)).isoformat()
    page = browser.post("/bin/purge", {"all": "1", "until": until, "total": "2"}, follow_redirects=True).text
    assert "1 record is gone for good." in page and "Used" in page and deal.id


def test_members_restore_their_own_and_nobody_but_admins_deletes_for_good(
    browse: Browse, cast: Cast, gone: dict[str, str]
) -> None:
    bob = browse(cast.bob)
    assert bob.post("/bin/restore", {"record": gone["company"]}).status_code == 403
    for path in ("/bin/confirm", "/bin/purge"):
        assert bob.post(path, {"record": gone["note"]}).status_code == 403
    assert bob.post("/bin/restore", {"record": gone["note"]}).status_code == 303
    assert browse(cast.vera).get("/bin").status_code == 403


def test_another_tenant_finds_nothing_in_it(browse: Browse, cast: Cast, gone: dict[str, str]) -> None:
    browser = browse(cast.mallory)
    assert "Zanzibar" not in browser.get("/bin").text
    for path in ("/bin/restore", "/bin/confirm", "/bin/purge"):
        assert browser.post(path, {"record": gone["company"]}).status_code == 404
    assert "Zanzibar" in browse(cast.alice).get("/bin").text


def test_the_workspace_says_how_long_it_keeps_what_was_deleted(browse: Browse, cast: Cast) -> None:
    browser = browse(cast.alice)
    assert "Kept until an admin deletes it" in browser.get("/bin").text
    assert browser.post("/settings/workspace", {"bin_days": "30"}).status_code == 303
    assert "Emptied after 30 days" in browser.get("/bin").text
    assert browser.post("/settings/workspace", {"bin_days": "x"}).status_code == 422
    browser.post("/settings/workspace", {"bin_days": ""})
    assert "Kept until an admin deletes it" in browser.get("/bin").text


def test_keeping_things_for_a_shorter_time_says_first_what_would_go(
    browse: Browse, cast: Cast, gone: dict[str, str], session: TenantSession
) -> None:
    company = session.get_one(Company, int(gone["company"].partition(":")[2]))
    company.deleted_at = clock.now() - timedelta(days=40)
    session.add(ChatConversation(public_id="c_old", user_id=cast.alice, updated_at=clock.now() - timedelta(days=40)))
    session.commit()
    browser = browse(cast.alice)
    form = {"bin_days": "30", "chat_retention_days": "30"}
    asked = browser.post("/settings/workspace", form)
    assert asked.status_code == 422 and 'value="30"' in asked.text
    assert "1 thing in the bin, 1 conversation with the assistant." in asked.text
    assert "Kept until an admin deletes it" in browser.get("/bin").text
    assert browser.post("/settings/workspace", form | {"agreed": "1"}).status_code == 303
    assert browser.post("/settings/workspace", form).status_code == 303, "no shorter than before"
    assert browser.post("/settings/workspace", {"bin_days": "60"}).status_code == 303
    assert browser.post("/settings/workspace", {"bin_days": "50"}).status_code == 303, "nothing is that old"
