"""Many records of a list changed on its page."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from shared import clock, records
from shared.config import LONGEST_ADDRESS
from shared.models import BulkChange, Contact, User
from shared.records import changing
from shared.tenancy import TenantSession
from tests.factories import make_contact, make_deal, make_task

HTMX = {"HX-Request": "true"}


def test_all_of_a_list_with_many_conditions_is_never_more_than_they_say(
    alice_browser: Any, session: TenantSession
) -> None:
    """An address that was cut off would lose its last condition."""
    for title in ("Buyer", "Seller"):
        make_contact(session, title=title, first_name="Ann")
    names = ",".join(["Ann", *("x" * 95 + str(n) for n in range(150))])
    form = {"all": "1", "address": f"first_name[in]={names}&title=Buyer", "action": "assign"}
    assert len(form["address"]) > 14_000
    assert "1 record is selected." in alice_browser.post("/bulk/contact/ask", form, headers=HTMX).text
    form["address"] += "x" * LONGEST_ADDRESS
    assert alice_browser.post("/bulk/contact/ask", form, headers=HTMX).status_code == 422


def test_all_of_a_list_means_its_conditions_and_is_taken_back(
    alice_browser: Any, session: TenantSession, bob: User
) -> None:
    leads = [make_contact(session, title="Buyer").id for _ in range(3)]
    other = make_contact(session, title="Seller").id
    form = {"all": "1", "address": "title=Buyer&saved=0&by=lifecycle", "action": "assign"}
    dialog = alice_browser.post("/bulk/contact/ask", form, headers=HTMX).text
    assert "3 records are selected." in dialog and 'name="owner_id"' in dialog
    edit = alice_browser.post("/bulk/contact/ask", {**form, "action": "edit", "field": "title"}, headers=HTMX).text
    value = edit[edit.index('id="bulk-value"') : edit.index('id="bulk-foot"')]
    assert 'name="title"' in value and "autofocus" not in value, "the list of fields keeps what is typed in it"
    done = alice_browser.post(
        "/bulk/contact", {**form, "field": "owner_id", "owner_id": str(bob.id)}, headers=HTMX
    )  # fmt: skip
    told = json.loads(done.headers["HX-Trigger"])
    assert told["toast"]["text"] == "3 records changed." and "listChanged" in told
    owners = dict(session.query(Contact.id, Contact.owner_id).all())
    assert [owners[id] for id in leads] == [bob.id] * 3 and owners[other] is None
    session.commit()
    alice_browser.post(told["toast"]["undo_url"], headers=HTMX)
    session.expire_all()
    assert {owner for (owner,) in session.query(Contact.owner_id).all()} == {None}


def test_a_value_that_cannot_be_comes_back_with_its_message(alice_browser: Any, session: TenantSession) -> None:
    task = make_task(session, title="Call")
    form = {"ids": str(task.id), "action": "edit", "field": "due_date", "due_date": "someday"}
    refused = alice_browser.post("/bulk/task", form, headers=HTMX)
    assert refused.status_code == 422 and "field-error" in refused.text and "someday" in refused.text
    assert alice_browser.post("/bulk/task", {**form, "field": "links"}).status_code == 422
    assert alice_browser.post("/bulk/task", {**form, "ids": ""}).status_code == 422


def test_a_strangers_records_are_not_reached_and_a_viewer_changes_nothing(
    browse: Any, session: TenantSession, cast: Any, alice_browser: Any
) -> None:
    contact = make_contact(session, title="Buyer")
    form = {"ids": str(contact.id), "action": "edit", "field": "title", "title": "Mine"}
    assert browse(cast.vera).post("/bulk/contact", form).status_code == 403
    browse(cast.mallory).post("/bulk/contact", form)
    assert "1 is not yours" in browse(cast.bob).post("/bulk/contact", form, headers=HTMX).headers["HX-Trigger"]
    session.expire_all()
    assert records.get(session, "contact", contact.id).title == "Buyer"
    session.commit()
    done = alice_browser.post("/bulk/contact", form, headers=HTMX).headers["HX-Trigger"]
    undo = re.search(r"/bulk/\d+/undo", done)
    assert undo is not None
    for other in (cast.mallory, cast.bob):
        assert browse(other).post(undo[0]).status_code == 404
        assert browse(other).get(undo[0].removesuffix("/undo")).status_code == 404
        assert browse(other).post(undo[0].replace("undo", "resume")).status_code == 404


def test_more_than_two_hundred_are_a_job_with_progress(alice_browser: Any, session: TenantSession) -> None:
    session.add_all(
        Contact(first_name="Jane", last_name=f"Roe {i}", name_key=f"jane roe {i}", custom={}) for i in range(201)
    )
    session.commit()
    form = {"all": "1", "address": "", "action": "tag", "field": "tags", "tags": "Fair", "tags_text": ""}
    page = alice_browser.post("/bulk/contact", form, headers=HTMX).text
    assert "0 of 201" in page and re.search(r'hx-get="/bulk/\d+\?at=0', page) and "left" not in page


def test_how_much_longer_it_takes_is_said_and_it_can_be_stopped(
    alice_browser: Any, session: TenantSession, monkeypatch: pytest.MonkeyPatch, bob_browser: Any
) -> None:
    monkeypatch.setattr(changing, "AT_ONCE", 3)
    ids = [make_contact(session, title="Buyer").id for _ in range(8)]
    form = {"ids": ",".join(map(str, ids)), "action": "edit", "field": "title", "title": "Seller"}
    url = re.search(r"/bulk/\d+", alice_browser.post("/bulk/contact", form, headers=HTMX).text)[0]  # type: ignore[index]
    change = session.get_one(BulkChange, int(url.rpartition("/")[2]))
    changing._go_on(session, change, change.ids[:2])
    session.commit()
    began = int(clock.wall().timestamp()) - 60
    page = alice_browser.get(f"{url}?at=0&waited=0&first=0&since={began}", headers=HTMX).text
    assert "2 of 8 · about 3 min left" in page
    for since in ("nan", "-1" + "0" * 400, str(began + 3600)):
        assert alice_browser.get(f"{url}?first=0&since={since}", headers=HTMX).status_code == 200
    assert bob_browser.post(f"{url}/stop", headers=HTMX).status_code == 404, "it is not theirs"
    told = json.loads(alice_browser.post(f"{url}/stop", headers=HTMX).headers["HX-Trigger"])
    assert told["toast"]["text"] == "2 records changed. 6 were not reached." and told["closeModal"]
    assert "<h2>Stopped</h2>" in alice_browser.get(url).text
    changing.run(session.workspace_id, change.id)
    session.expire_all()
    assert [title for (title,) in session.query(Contact.title).order_by(Contact.id)] == ["Seller"] * 2 + ["Buyer"] * 6
    session.commit()
    alice_browser.post(told["toast"]["undo_url"], headers=HTMX)
    session.expire_all()
    assert {title for (title,) in session.query(Contact.title)} == {"Buyer"}
    session.commit()
    assert "<h2>Taken back</h2>" in alice_browser.get(url).text


def test_too_many_are_refused_before_anything_is_asked(
    alice_browser: Any, session: TenantSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "MOST", 2)
    for _ in range(3):
        make_contact(session)
    refused = alice_browser.post("/bulk/contact/ask", {"all": "1", "address": "", "action": "tag"}, headers=HTMX)
    assert refused.status_code == 422 and "At most 2 records can be changed at once." in refused.text


def test_days_are_put_off_by_a_length_that_is_typed(alice_browser: Any, session: TenantSession) -> None:
    deal = make_deal(session, expected_close=date(2031, 1, 31))
    form = {"ids": str(deal.id), "action": "shift", "days": "1", "unit": "months", "way": "later"}
    dialog = alice_browser.post("/bulk/deal/ask", form, headers=HTMX).text
    assert 'name="unit"' in dialog and "put off from today" in dialog
    refused = alice_browser.post("/bulk/deal", {**form, "days": "0"}, headers=HTMX)
    assert refused.status_code == 422 and "whole number" in refused.text
    done = alice_browser.post("/bulk/deal", form, headers=HTMX).headers["HX-Trigger"]
    session.expire_all()
    assert records.get(session, "deal", deal.id).expected_close == date(2031, 2, 28)
    session.commit()
    alice_browser.post(json.loads(done)["toast"]["undo_url"], headers=HTMX)
    session.expire_all()
    assert records.get(session, "deal", deal.id).expected_close == date(2031, 1, 31)
    session.commit()
    alice_browser.post("/bulk/deal", {**form, "days": "3", "unit": "working"}, headers=HTMX)
    session.expire_all()
    assert records.get(session, "deal", deal.id).expected_close == date(2031, 2, 5), "from a Friday to the Wednesday"
    session.commit()
    assert alice_browser.post("/bulk/meeting", {**form, "ids": "1"}, headers=HTMX).status_code == 422
