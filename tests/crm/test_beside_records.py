"""Files, links, stars and logged calls on the pages of records, and what nobody may do with them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from shared import query, records
from shared.config import Settings
from shared.errors import TooLarge
from shared.events import Actor
from shared.models import Company, Contact, Note, User
from shared.records import attachments, favourites, links
from shared.tenancy import TenantSession
from tests import factories

from .conftest import Browser
from .drawn_forms import form_on
from .drawn_forms import send as send_form

Browse = Callable[[int], Browser]
HTMX = {"HX-Request": "true"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
BY = Actor("user")


@pytest.fixture
def company(session: TenantSession) -> Company:
    return factories.make_company(session, name="Lindqvist")


def send(browser: Browser, company: Company, name: str, data: bytes) -> Any:
    file = {"file": (io.BytesIO(data), name)}
    return browser.post(f"/companies/{company.id}/files", file, headers=HTMX, content_type="multipart/form-data")


# --- Files


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b\r\nX-Evil: 1.txt", "abX-Evil_ 1.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("...", "file"),
        ("x" * 400 + ".pdf", "x" * 180 + ".pdf"),
        ('say "hi" <b>.txt', "say _hi_ _b_.txt"),
    ],
)
def test_a_files_name_can_neither_leave_its_folder_nor_break_a_header(sent: str, kept: str) -> None:
    assert attachments.harmless(sent) == kept


def test_a_file_is_kept_listed_fetched_taken_away_and_brought_back(
    browse: Browse, alice: User, company: Company
) -> None:
    browser, page = browse(alice.id), f"/companies/{company.id}"
    assert send(browser, company, "../Angebot für Öl.pdf", b"%PDF-1.7 x").status_code == 200
    listed = browser.get(f"{page}/files", headers=HTMX).text
    assert "Angebot für Öl.pdf" in listed and 'href="/attachments/1?inline=1"' in listed
    count = re.compile(r'id="files-count"( hx-swap-oob="true")?( hidden)?>(\d)')
    assert [found[2] for found in count.findall(listed)] == ["1"], "the heading counts along"
    fetched = browser.get("/attachments/1")
    assert fetched.data == b"%PDF-1.7 x"
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''Angebot%20f%C3%BCr%20%C3%96l.pdf" in fetched.headers["Content-Disposition"]
    gone = browser.post("/attachments/1/delete", headers=HTMX)
    assert browser.get("/attachments/1").status_code == 404
    listed = browser.get(f"{page}/files", headers=HTMX).text
    assert "Angebot" not in listed and count.findall(listed)[0][1:] == (" hidden", "0")
    undo = json.loads(gone.headers["HX-Trigger"])["toast"]["undo_url"]
    assert browser.post(undo, headers=HTMX).status_code == 200
    assert browser.get("/attachments/1").status_code == 200
    assert "Angebot für Öl.pdf" in browser.get(f"{page}/timeline?shown=files", headers=HTMX).text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "data", "type_", "shown"),
    [
        ("photo.png", PNG, "image/png", True),
        ("photo.png", b"<script>alert(1)</script>", "text/plain", False),
        ("page.html", b"<html><script>1</script>", "text/plain", False),
        ("pic.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='1'/>", "text/plain", False),
        ("report.pdf.exe", b"MZ\x90\x00\x03", "application/octet-stream", False),
    ],
)
def test_only_bytes_that_are_a_picture_or_a_pdf_are_shown_by_the_browser(
    browse: Browse, alice: User, company: Company, name: str, data: bytes, type_: str, shown: bool
) -> None:
    browser = browse(alice.id)
    send(browser, company, name, data)
    answer = browser.get("/attachments/1?inline=1")
    assert attachments.type_of(data, name) == type_
    assert answer.headers["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert answer.mimetype == (type_ if shown else "application/octet-stream")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_file_too_large_an_empty_one_and_one_too_many_are_refused_and_nothing_is_kept(
    browse: Browse, session: TenantSession, alice: User, company: Company, settings: Settings
) -> None:
    browser = browse(alice.id)
    assert send(browser, company, "empty.txt", b"").status_code == 422
    assert browser.post(f"/companies/{company.id}/files", headers=HTMX).status_code == 422
    limits: dict[str, Any] = {"upload_dir": settings.upload_dir, "most_bytes": 80, "quota_bytes": 100, "by": BY}
    target = ("company", company.id)
    attachments.receive(session, target, "a", b"0" * 60, **limits)
    for data in (b"1" * 81, b"1" * 60):
        with pytest.raises(TooLarge):
            attachments.receive(session, target, "b", data, **limits)
    assert [found.name for found in attachments.of(session, target)] == ["a"]
    assert attachments.receive(session, target, "a", b"0" * 30, **limits).size == 30
    session.commit()


# --- Links


def test_a_link_is_seen_from_both_sides_and_taken_away_from_either(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    group = factories.make_company(session, name="Nordic Group")
    browser = browse(alice.id)
    url = f"/companies/{company.id}/links"
    made = browser.post(url, {"other": f"company:{group.id}", "label": "parent company"}, headers=HTMX)
    assert made.status_code == 200 and "Nordic Group" in made.text and "Parent company" in made.text
    assert "<summary autofocus>" in made.text  # who links by keyboard goes on from there
    other = browser.get(f"/companies/{group.id}").text
    assert "Subsidiary" in other and "Lindqvist" in other
    assert browser.post(url, {"other": f"company:{group.id}", "label": "Parent company"}).status_code == 409
    assert browser.post(url, {"other": f"company:{company.id}"}).status_code == 422
    assert browser.post(url, {"other": "company:999999"}).status_code == 404
    gone = browser.post(f"/companies/{group.id}/unlink?link=1", headers=HTMX)
    assert "Lindqvist" not in gone.text
    assert links.of(session, ("company", company.id)) == []
    session.commit()
    browser.post(json.loads(gone.headers["HX-Trigger"])["toast"]["undo_url"], headers=HTMX)
    assert [(found.label, found.other) for found in links.of(session, ("company", company.id))] == [
        ("parent", ("company", group.id))
    ]
    session.commit()


def test_without_scripts_a_record_is_searched_chosen_linked_and_unlinked_by_plain_forms(
    browse: Browse, session: TenantSession, alice: User, mallory: User, company: Company
) -> None:
    group = records.create(session, "company", {"name": "Nordic Group"}, by=Actor("user", alice.id))
    session.commit()
    browser, page, url = browse(alice.id), f"/companies/{company.id}", f"/companies/{company.id}/links"
    typed = form_on(browser.get(page).text, url)
    searched = send_form(browser, url, typed, other_text="nordic", label="Parent company")
    assert searched.status_code == 303
    found = browser.get(searched.headers["Location"])
    assert f'name="other" value="company:{group.id}"' in found.text
    chosen = form_on(found.text, url)  # that of the results; the search is a GET to the same address
    assert send_form(browser, url, chosen, other=f"company:{group.id}", label="Parent company").status_code == 303
    shown = browser.get(page)
    assert "Nordic Group" in shown.text and "Linked." in shown.text
    unlink = re.findall(rf'action="({page}/unlink[^"]+)"', shown.text.split('class="links-card"')[1])[0]
    assert send_form(browser, unlink, form_on(shown.text, unlink)).status_code == 303
    assert links.of(session, ("company", company.id)) == []
    session.commit()
    assert company.name not in browser.get(f"{url}?q={company.name}").text.split('name="other"', 1)[-1][:200]
    assert browse(mallory.id).get(url).status_code == 404


def test_a_link_that_is_gone_already_is_what_was_asked_for_and_a_message_that_is_out_of_date_goes(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    group = factories.make_company(session, name="Nordic Group")
    browser = browse(alice.id)
    made = browser.post(f"/companies/{company.id}/links", {"other": f"company:{group.id}"}, headers=HTMX)
    said = json.loads(made.headers["HX-Trigger"])["toast"]
    gone = browser.post(said["undo_url"], headers=HTMX)  # by the button beside it
    assert json.loads(gone.headers["HX-Trigger"])["toast"]["key"] == said["key"] is not None
    late = browser.post(said["undo_url"], headers={**HTMX, "X-Undo": "true"})  # a message in another tab
    answer = json.loads(late.headers["HX-Trigger"])["toast"]
    assert late.status_code == 200 and answer["undo_url"] is None
    assert answer["text"] == "The link was gone already."
    assert f'id="links-company-{company.id}" hx-swap-oob="true"' in late.text  # drawn anew, wherever the message stood


# --- Favourites and recent looks


def test_stars_and_looks_belong_to_one_person_and_old_looks_are_forgotten(
    browse: Browse, session: TenantSession, alice: User, bob: User, company: Company
) -> None:
    browser = browse(alice.id)
    record = f"company:{company.id}"
    assert "is-starred" in browser.post("/mine/star", {"record": record, "on": "1"}, headers=HTMX).text
    assert "Favourites" in browser.get("/companies").text
    assert browser.post("/mine/look", {"record": record}).status_code == 204
    assert [found["id"] for found in browser.get("/search/palette").json["recent"]] == [f"company-{company.id}"]
    bobs = browse(bob.id).get("/search/palette").json
    assert bobs["favourites"] == bobs["recent"] == []
    for _ in range(favourites.KEPT + 3):
        favourites.look(session, bob.id, ("company", factories.make_company(session).id))
    assert len(favourites.recent(session, bob.id, limit=99)) == favourites.KEPT
    session.commit()
    browser.post("/mine/star", {"record": record, "on": "0"})
    assert browser.get("/search/palette").json["favourites"] == []


# --- Logged calls and meetings


def test_a_logged_call_has_its_time_length_and_people_and_can_be_asked_for(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    jane: Contact = factories.make_contact(session, first_name="Jane", last_name="Roe")
    browser = browse(alice.id)
    on = f"company:{company.id}"
    form = {
        "on": on, "links": [on, f"contact:{jane.id}"], "kind": "call", "composer": "call", "direction": "in",
        "body": "Asked about the rollout", "happened_at": "2026-11-20T09:30", "duration_s": "25",
    }  # fmt: skip
    story = browser.post("/notes", form, headers=HTMX)
    assert story.status_code == 200 and "logged a call" in story.text
    call = records.show(session, session.scalars(select(Note)).one())
    assert (call["kind"], call["duration_s"], call["direction"]) == ("call", 1500, "in")
    asked = query.parse("note", {"kind": ["call"], "happened_at[gte]": ["2026-11-20"]}, query.catalog(session))
    assert [row.body for row in query.run(session, asked).items] == ["Asked about the rollout"]
    session.commit()
    timeline = f"/companies/{company.id}/timeline"
    assert "rollout" in browser.get(f"{timeline}?shown=calls", headers=HTMX).text
    assert "rollout" not in browser.get(f"{timeline}?shown=notes", headers=HTMX).text
    assert browser.get(f"{timeline}?shown=nonsense", headers=HTMX).status_code == 422
    opened = browser.get(f"{timeline}?shown=notes")  # “Older” in a new tab: a page, no fragment
    assert opened.status_code == 302 and opened.location == f"/companies/{company.id}?shown=notes"
    history = browser.get(f"{timeline.removesuffix('/timeline')}?shown=notes").text.partition('id="history"')[2]
    assert "rollout" not in history and 'value="notes" autocomplete="off" checked' in history  # the page keeps to it
    refused = browser.post("/notes", {**form, "body": "", "duration_s": "long"}, headers=HTMX)
    assert refused.status_code == 422 and 'value="long"' in refused.text


# --- Pages of what was deleted, the side panel


def test_the_page_of_a_deleted_record_says_so_and_offers_to_bring_it_back(
    browse: Browse, session: TenantSession, alice: User, vera: User, company: Company
) -> None:
    records.delete(session, company, by=BY)
    session.commit()
    page = browse(alice.id).get(f"/companies/{company.id}")
    assert page.status_code == 410
    assert "This was deleted" in page.text and f'action="/companies/{company.id}/restore"' in page.text
    assert "data-cell=" not in page.text
    assert "/restore" not in browse(vera.id).get(f"/companies/{company.id}").text


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_the_side_panel_shows_every_type_with_its_fields_and_story(
    browse: Browse, session: TenantSession, alice: User, company: Company
) -> None:
    rows = [company, factories.make_contact(session), factories.make_deal(session), factories.make_task(session)]
    for row in [*rows, factories.make_note(session), factories.make_meeting(session)]:
        kind = records.type_of(row)
        panel = browse(alice.id).get(f"/{kind.plural}/{row.id}/panel", headers=HTMX)
        assert panel.status_code == 200
        assert "<html" not in panel.text
        assert f'data-cell="/{kind.plural}/{row.id}/field/' in panel.text
        assert f'href="/{kind.plural}/{row.id}"' in panel.text


def test_another_tenant_finds_no_file_link_star_or_panel(
    browse: Browse, session: TenantSession, alice: User, mallory: User, company: Company
) -> None:
    send(browse(alice.id), company, "secret.txt", b"secret")
    browser, page = browse(mallory.id), f"/companies/{company.id}"
    for path in ("/attachments/1", f"{page}/files", f"{page}/panel"):
        assert browser.get(path).status_code == 404, path
    assert send(browser, company, "mine.txt", b"x").status_code == 404
    for path in ("/attachments/1/delete", "/attachments/1/restore", f"{page}/links", f"{page}/unlink?link=1"):
        assert browser.post(path, {"other": "company:1"}).status_code == 404, path
    for path in ("/mine/star", "/mine/look"):
        assert browser.post(path, {"record": f"company:{company.id}", "on": "1"}).status_code == 404
