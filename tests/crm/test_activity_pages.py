"""E-mails and calendar files as a person drops them: what would happen, what did, and back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from shared.imports import dropped
from shared.models import Contact, ImportJob, Note
from tests.factories import make_contact, make_meeting
from tests.shared.activities.conftest import calendar, letter

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
QUOTED = "New *words* <b>\n\nOn Mon, 9 Nov 2026 at 16:02, Alice wrote:\n> old"


@pytest.fixture
def drop(browse: Any) -> Callable[..., Any]:
    def dropped(browser: Any, *files: bytes, name: str = "m.eml", **fields: str) -> Any:
        sent = [(io.BytesIO(data), name) for data in files]
        return browser.post("/activities", {"file": sent, **fields}, content_type="multipart/form-data")

    return dropped


def test_a_member_drops_mails_on_a_contact_looks_takes_them_in_and_back(
    drop: Any, browse: Any, cast: Any, session: Any
) -> None:
    jane = make_contact(session, first_name="Jane", last_name="Roe", email="jane@roe.example")
    bob = browse(cast.bob)
    assert f'data-on="contact:{jane.id}"' in bob.get(f"/contacts/{jane.id}").text
    other = letter(sender="New Man <new@roe.example>", id="<m2@roe.example>", subject="Another <i>")
    answer = drop(bob, letter(text=QUOTED), other, letter(id="<m3@x.example>"), on=f"contact:{jane.id}")
    page = answer.headers["Location"]
    shown = bob.get(page).text
    assert "3 e-mails" in shown and "Another &lt;i&gt;" in shown and "new@roe.example" in shown
    assert session.query(Note).count() == 0
    session.rollback()
    left = bob.post(f"{page}/rows/3", {"left": "1"}, headers={"HX-Request": "true"}).text
    assert "2 e-mails" in left and "Take in" in left
    assert bob.post(f"{page}/start", {"files": "1"}).headers["Location"] == f"/contacts/{jane.id}"
    record = bob.get(f"/contacts/{jane.id}").text
    assert "Took in 2 e-mails." in record and f"{page}/undo" in record
    assert "New *words* &lt;b&gt;" in record and re.search(r"letter-quoted.*&gt; old", record, re.S)
    assert session.query(Contact).count() == 1
    session.rollback()
    assert bob.post(f"{page}/start").status_code == 409
    bob.post(f"{page}/undo")
    assert "Taken back." in bob.get(f"/contacts/{jane.id}").text
    assert "New *words*" not in bob.get("/notes").text


def test_a_mail_dropped_on_a_meeting_stands_in_its_history(drop: Any, browse: Any, cast: Any, session: Any) -> None:
    meeting = make_meeting(session)
    session.commit()
    bob = browse(cast.bob)
    assert f'data-on="meeting:{meeting.id}"' in bob.get(f"/meetings/{meeting.id}").text
    page = drop(bob, letter(subject="Slides of the call"), on=f"meeting:{meeting.id}").headers["Location"]
    assert bob.post(f"{page}/start").headers["Location"] == f"/meetings/{meeting.id}"
    assert "Slides of the call" in bob.get(f"/meetings/{meeting.id}").text
    bob.post(f"{page}/undo")
    assert "Slides of the call" not in bob.get("/notes").text


def test_calendars_on_the_import_page_and_a_file_that_is_neither(
    drop: Any, browse: Any, cast: Any, session: Any, monkeypatch: Any
) -> None:
    make_contact(session, email="jane@roe.example")
    event = "UID:1\nSUMMARY:Review\nDTSTART:20991102T090000Z\nATTENDEE:mailto:jane@roe.example"
    alice = browse(cast.alice)
    file = (io.BytesIO(calendar(event)), "c.ics")
    page = alice.post("/imports", {"file": file}, content_type="multipart/form-data").headers["Location"]
    assert page.startswith("/activities/") and "1 task" in alice.get(page).text
    assert alice.post(f"{page}/start").headers["Location"] == page
    assert "1 was added" in alice.get(page).text and page in alice.get("/imports").text
    again = (io.BytesIO(calendar(event)), "again.ics")
    alice.post("/imports", {"file": again}, content_type="multipart/form-data")
    history = alice.get("/imports").text
    assert "Nothing new" in history and "To be taken in" not in history
    number = page.rsplit("/", 1)[1]
    assert alice.get(f"/imports/{number}").status_code == 404  # it has no columns to show
    for files, words in (
        ((b"%PDF-1.4",), "neither an e-mail"),
        ((b"",), "The file is empty"),
        ((letter(), calendar(event)), "one after the other"),
    ):
        refused = drop(alice, *files)
        assert refused.status_code == 422 and words in refused.text
    monkeypatch.setattr(dropped, "MAX_ACTIVITY_BYTES", 100)
    huge = drop(alice, letter(text="x" * 200))
    assert huge.status_code == 413 and "Export fewer at a time" in huge.text


def test_an_event_that_cannot_be_read_is_no_e_mail(drop: Any, browse: Any, cast: Any) -> None:
    alice = browse(cast.alice)
    broken = "UID:1\nSUMMARY:Odd one\nDTSTART:20261345T090000Z"
    page = alice.get(drop(alice, calendar(broken), name="c.ics").headers["Location"]).text
    item = page[page.index("Odd one") :]
    assert "Its date cannot be read." in item and "<span>Meeting</span>" in item and "<span>E-mail</span>" not in item


def test_what_is_said_of_a_file_is_in_the_readers_language(
    drop: Any, browse: Any, cast: Any, session: Any, alice: Any
) -> None:
    alice.locale = "de"
    jane = make_contact(session, email="jane@roe.example")
    to_do = "BEGIN:VTODO\nUID:2\nSUMMARY:x\nEND:VTODO\n"
    event = "UID:1\nSUMMARY:Review\nDTSTART:20991102T090000Z\nATTENDEE:mailto:jane@roe.example"
    page = drop(browse(cast.alice), calendar(event, more=to_do), name="c.ics").headers["Location"]
    assert "Eine Aufgabe wurde weggelassen" in browse(cast.alice).get(page).text
    heads = "".join(f"X-{n}: multipart/mixed\n" for n in range(2000))
    damaged = letter(id="<m9@roe.example>", more=heads)
    page = drop(browse(cast.alice), letter(subject=""), damaged).headers["Location"]
    assert "Diese Nachricht hat zu viele Teile." in browse(cast.alice).get(page).text
    browse(cast.alice).post(f"{page}/start")
    assert "Ohne Betreff</p>" in browse(cast.alice).get(f"/contacts/{jane.id}").text


def test_a_message_without_its_end_is_called_so_and_everybody_is_one_box(
    drop: Any, browse: Any, cast: Any, session: Any, alice: Any
) -> None:
    mailbox = b"".join(
        b"From x@y.example Tue Nov 10 09:30:00 2026\n"
        + letter(sender=f"s{n}@x.example", id=f"<s{n}@x.example>")
        + b"\n"
        for n in range(3)
    )
    bob = browse(cast.bob)
    page = drop(bob, mailbox[:-9], name="Inbox.mbox").headers["Location"]
    shown = bob.get(page).text
    assert "1 message is cut off: its end is missing." in shown and shown.count("Cut off</span>") == 1
    assert shown.count('name="everybody"') == 1
    assert bob.post(f"{page}/start", {"everybody": "1"}).status_code == 303
    assert sorted(one.emails[0].email for one in session.query(Contact)) == [f"s{n}@x.example" for n in range(3)]
    assert session.query(Note).count() == 3
    session.rollback()
    alice.locale = "de"
    session.commit()
    one = drop(browse(cast.alice), letter(sender="t@x.example", id="<t@x.example>")).headers["Location"]
    assert "Bereit zum Aufnehmen" in browse(cast.alice).get("/imports").text  # the history says it as the page does
    german = browse(cast.alice).get(one).text
    assert "Bereit zum Aufnehmen" in german and 'name="everybody"' not in german  # of one person there is no all


def test_what_somebodys_mails_say_is_theirs(drop: Any, browse: Any, cast: Any, session: Any) -> None:
    page = drop(browse(cast.bob), letter()).headers["Location"]
    job = session.query(ImportJob).one().id
    session.rollback()
    assert browse(cast.alice).get(page).status_code == 200  # she may import
    alices = drop(browse(cast.alice), letter()).headers["Location"]
    assert browse(cast.bob).get(alices).status_code == 404
    assert browse(cast.vera).get(page).status_code == 403 == drop(browse(cast.vera), letter()).status_code
    mallory = browse(cast.mallory)
    assert mallory.get(page).status_code == mallory.get(f"{page}/status").status_code == 404
    for deed in ("rows/1", "start", "undo", "cancel", "restart", "remove"):
        assert mallory.post(f"{page}/{deed}").status_code == 404
    jane = make_contact(session, email="x@roe.example")
    assert drop(mallory, letter(), on=f"contact:{jane.id}").status_code == 404
    forged = browse(cast.bob).client.post(f"/activities/{job}/start")
    assert forged.status_code == 400  # without the form's token
