"""The import as a person goes through it: file, columns, correction, duplicates, start, result, back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from flask_babel import force_locale
from sqlalchemy import select

from crm import downloads, import_page
from shared import records
from shared.config import Settings
from shared.events import Actor
from shared.imports import encodings, running
from shared.imports.fields import TYPES, built_in
from shared.imports.guessing import guess_mapping, guess_type
from shared.imports.values import meant
from shared.models import Company, Contact, Deal, ImportJob, Stage, User
from shared.records import custom
from shared.schemas.accounts import LOCALES
from tests.factories import make_import, make_pipeline

PEOPLE = (
    "First name,Last name,E-mail,Company\nJane,Roe,jane@x.example,Quill\nAnn,Lee,ann at x,Quill\n"
    "Bob,Fox,bob@x.example,\n"
)


@pytest.fixture
def upload(browse: Any, cast: Any) -> Callable[..., tuple[Any, int]]:
    """Alice's browser, and the import she has begun."""

    def begun(data: str | bytes = PEOPLE, name: str = "people.csv", **fields: Any) -> tuple[Any, int]:
        alice = browse(cast.alice)
        file = (io.BytesIO(data.encode() if isinstance(data, str) else data), name)
        answer = alice.post("/imports", {"file": file, **fields}, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.text
        return alice, int(answer.headers["Location"].rsplit("/", 1)[1])

    return begun


@pytest.fixture
def work(settings: Settings, cast: Any, database: Any) -> Callable[[int], ImportJob]:
    def done(id: int) -> ImportJob:
        with database.scope(cast.acme, read_only=True) as session:
            run = session.get_one(ImportJob, id).run
        running.run(settings, cast.acme, id, run)
        with database.scope(cast.acme, read_only=True) as session:
            found: ImportJob = session.get_one(ImportJob, id)
            return found

    return done


COLUMNS = {"column.0": "first_name", "column.1": "last_name", "column.2": "emails", "column.3": "company"}


def test_a_file_on_its_whole_way(upload: Any, work: Any, database: Any, cast: Any) -> None:
    with database.scope(cast.acme) as session:
        data = {"last_name": "Fox", "first_name": "Bob", "emails": [{"email": "bob@x.example"}], "title": "CEO"}
        records.create(session, "contact", data, by=Actor("user", cast.alice))
    alice, id = upload()
    page = alice.get(f"/imports/{id}").text
    assert "jane@x.example" in page and page.count(" selected") >= 5
    refused = alice.post(f"/imports/{id}/check", COLUMNS | {"column.3": "first_name"})
    assert refused.status_code == 422 and "cannot both be" in refused.text
    assert alice.post(f"/imports/{id}/check", COLUMNS).status_code == 303
    assert 'hx-trigger="every 1s"' in alice.get(f"/imports/{id}").text
    work(id)
    page = alice.get(f"/imports/{id}").text
    assert "This is not an e-mail address." in page and "ann at x" in page and "the same e-mail" in page
    fixed = alice.post(f"/imports/{id}/rows/3", {"cell.2": "ann@x.example"}, headers={"HX-Request": "true"})
    assert "imports-fixed" in fixed.text and re.search(r'id="import-counts" hx-swap-oob="true"', fixed.text)
    assert alice.post(f"/imports/{id}/choose", {"number": "4", "choice": "create"}).status_code == 200
    alice.post(f"/imports/{id}/start")
    job = work(id)
    assert (job.status.value, job.created, job.updated, job.failed) == ("done", 3, 0, 0)
    assert "Take it back" in alice.get(f"/imports/{id}").text
    assert "people.csv" in alice.get("/imports").text
    contact = alice.get("/contacts?q=Ann").text
    assert "Ann Lee" in contact
    alice.post(f"/imports/{id}/revert")
    assert work(id).reverted == 3
    assert "3 records are as they were before" in alice.get(f"/imports/{id}").text


def test_rows_are_left_out_and_failed_ones_come_back_as_a_file(upload: Any, work: Any) -> None:
    alice, id = upload(PEOPLE + "X,Y,neither,\n")
    alice.post(f"/imports/{id}/check", COLUMNS)
    work(id)
    assert "Take in again" in alice.post(f"/imports/{id}/rows/3/leave").text
    alice.post(f"/imports/{id}/start")
    job = work(id)
    assert (job.created, job.skipped, job.failed) == (2, 1, 1)
    rows = alice.get(f"/imports/{id}/failed.csv").data.decode("utf-8-sig").splitlines()
    assert rows == ["First name,Last name,E-mail,Company,Reason", "X,Y,neither,,E-mail: This is not an e-mail address."]
    assert "-failed.csv" in alice.get("/settings/audit?what=exports").text
    assert alice.post(f"/imports/{id}/rows/5", {"cell.2": "x@y.example"}).status_code == 409  # it has begun


def test_what_many_rows_call_otherwise_is_said_once_for_all_of_them(
    upload: Any, work: Any, session: Any, database: Any, cast: Any
) -> None:
    make_pipeline(session)
    people = "Deal,Stage,Owner\n" + "".join(
        f"Deal {n},{'Closed Won' if n == 3 else 'Appointment Scheduled'},Pat Olden\n" for n in range(5)
    )
    alice, id = upload(people, "deals.csv")
    alice.post(f"/imports/{id}/check", {"column.0": "name", "column.1": "stage", "column.2": "owner"})
    assert work(id).plan["bad"] == 5
    page = alice.get(f"/imports/{id}").text
    assert re.findall(r'id="value-\d">([^<]+)</strong> <span class="[^"]+">(\d) rows', page) == [
        ("Appointment Scheduled", "4"), ("Pat Olden", "5"),
    ]  # fmt: skip
    assert "<option>Proposal</option>" in page and "<option>Bob Baker</option>" in page
    alice.post(f"/imports/{id}/replace", {"column": "1", "text": "Appointment Scheduled", "new": "Proposal"})
    done = alice.post(
        f"/imports/{id}/replace", {"column": "2", "text": "Pat Olden", "new": "Bob Baker"}, follow_redirects=True
    ).text
    assert "5 rows were changed." in done and 'id="repeated"' not in done
    alice.post(f"/imports/{id}/start")
    assert work(id).created == 5
    with database.scope(cast.acme, read_only=True) as read:
        deals = read.scalars(select(Deal).order_by(Deal.name)).all()
        assert {deal.owner_id for deal in deals} == {cast.bob}
        names = dict(read.execute(select(Stage.id, Stage.name)).all())
        assert [names[deal.stage_id] for deal in deals] == ["Proposal", "Proposal", "Proposal", "Won", "Proposal"]
    again = alice.post(f"/imports/{id}/replace", {"column": "1", "text": "Proposal", "new": ""})
    assert again.status_code == 409


def test_another_type_or_header_guesses_the_columns_anew_and_a_file_can_be_dropped(upload: Any, database: Any) -> None:
    alice, id = upload("Name,City\nAcorn,Bonn\n", "c.csv", type="company")
    assert alice.post(f"/imports/{id}/layout", {"type": "contact"}).status_code == 303
    page = alice.get(f"/imports/{id}").text
    assert "Column 1" in page and "Acorn" in page
    assert alice.post(f"/imports/{id}/remove").status_code == 303
    assert alice.get(f"/imports/{id}").status_code == 404


def test_a_sheet_that_is_empty_is_said_beside_the_columns_of_the_one_before(upload: Any) -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        book.add_worksheet("Cover")
        book.add_worksheet("People").write_column(0, 0, ["Name", "Ann Roe"])
    alice, id = upload(data.getvalue(), "people.xlsx")
    assert "<option selected>People</option>" in alice.get(f"/imports/{id}").text
    layout = {"type": "contact", "has_header": "1", "sheet": "Cover"}
    refused = alice.post(f"/imports/{id}/layout", layout)
    assert refused.status_code == 422 and "This sheet is empty" in refused.text
    assert "<option selected>People</option>" in refused.text and "Ann Roe" in refused.text
    assert alice.post(f"/imports/{id}/check", {"column.0": "full_name"}).status_code == 303


def test_an_encoding_that_was_guessed_can_be_said_and_the_sample_shows_it(upload: Any) -> None:
    alice, id = upload("First name,Last name\nAnn,Lee\nJiří,Dvořák\n".encode("cp1250"))
    assert "Dvoøák" in alice.get(f"/imports/{id}").text
    layout = {"type": "contact", "has_header": "1", "encoding": "cp1250"}
    alice.post(f"/imports/{id}/layout", layout)
    page = alice.get(f"/imports/{id}").text
    assert "Dvořák" in page and '<option value="cp1250" selected>' in page
    assert alice.post(f"/imports/{id}/layout", layout | {"encoding": "ebcdic"}).status_code == 422
    assert set(import_page.ENCODINGS) == set(encodings.CHOICES)
    alice, id = upload()
    assert 'name="encoding"' not in alice.get(f"/imports/{id}").text


def test_all_of_one_kind_are_decided_at_once(upload: Any, work: Any, session: Any, alice: Any) -> None:
    for name in ("Roe", "Fox"):
        email = {"Roe": "jane@x.example", "Fox": "bob@x.example"}[name]
        data = {"last_name": name, "emails": [{"email": email}]}
        records.create(session, "contact", data, by=Actor("user", alice.id))
    session.commit()
    browser, id = upload()
    browser.post(f"/imports/{id}/check", COLUMNS)
    work(id)
    assert browser.post(f"/imports/{id}/choose", {"match": "exact", "choice": "skip"}).status_code == 303
    browser.post(f"/imports/{id}/start")
    job = work(id)
    assert (job.created, job.updated, job.skipped, job.failed) == (0, 0, 2, 1)
    assert session.query(Contact).count() == 2


def test_what_would_happen_is_counted_for_every_row_and_again_after_each_choice(upload: Any, work: Any) -> None:
    rows = "".join(f"Ann,Lee{n},ann{n}@x.example,Quill\n" for n in range(3))
    browser, id = upload(
        f"First name,Last name,E-mail,Company\n{rows}Katherine,Vogel,k@x.example,Acorn\n"
        "Katharine,Vogel,kv@x.example,Acorn\nAnn,Lee0,ann0@x.example,Quill\nBad,Row,not an address,Quill\n"
    )

    def says() -> list[str]:
        return re.findall(r'stat-value num">([^<]+)<', browser.get(f"/imports/{id}").text)

    browser.post(f"/imports/{id}/check", COLUMNS)
    work(id)
    assert says() == ["5", "1", "0", "1"]  # who is only similar is created as well
    assert "a similar name at the same company" in browser.get(f"/imports/{id}").text
    browser.post(f"/imports/{id}/choose", {"match": "similar", "choice": "skip"})
    assert says() == ["4", "1", "1", "1"]
    browser.post(f"/imports/{id}/choose", {"number": "7", "choice": "create"})
    assert says() == ["5", "0", "1", "1"]
    browser.post(f"/imports/{id}/rows/8", {"cell.2": "ann1@x.example"})
    assert says() == ["5", "1", "1", "0"]
    browser.post(f"/imports/{id}/start")
    job = work(id)
    assert [str(n) for n in (job.created, job.updated, job.skipped, job.failed)] == ["5", "0", "2", "0"]


def test_a_page_without_scripts_asks_again_while_the_work_is_under_way(upload: Any, work: Any) -> None:
    alice, id = upload()
    asks = '<noscript><meta http-equiv="refresh" content="5"></noscript>'
    assert asks not in alice.get(f"/imports/{id}").text
    alice.post(f"/imports/{id}/check", COLUMNS)
    assert asks in alice.get(f"/imports/{id}").text.partition("<body")[0]
    work(id)
    assert asks not in alice.get(f"/imports/{id}").text


def test_a_german_import_is_one_of_german_words(upload: Any, work: Any, database: Any, cast: Any) -> None:
    with database.scope(cast.acme) as session:
        session.get_one(User, cast.alice).locale = "de"
    alice, id = upload()
    alice.post(f"/imports/{id}/check", COLUMNS)
    said = alice.post(f"/imports/{id}/start").text
    assert "Dieser Import wird gerade geprüft." in said
    work(id)
    page = alice.get(f"/imports/{id}").text
    assert re.search(r"<button[^>]*>(<svg.*?</svg>)?<span>?Importieren|>Importieren</button>", page), page
    alice.post(f"/imports/{id}/start")
    work(id)
    assert ">Angelegt</th>" in alice.get("/imports").text
    with database.scope(cast.acme) as session:
        records.delete(
            session, session.scalars(select(Contact).where(Contact.last_name == "Roe")).one(), by=Actor("user")
        )
    alice, id = upload()
    alice.post(f"/imports/{id}/check", COLUMNS)
    work(id)
    assert "löschte" not in alice.get(f"/imports/{id}").text


def test_what_is_not_taken_back_is_listed_with_its_reason(upload: Any, work: Any, database: Any, cast: Any) -> None:
    alice, id = upload()
    alice.post(f"/imports/{id}/check", COLUMNS)
    work(id)
    alice.post(f"/imports/{id}/start")
    work(id)
    with database.scope(cast.acme) as session:
        jane = session.scalars(select(Contact).where(Contact.last_name == "Roe")).one()
        records.create(
            session, "note", {"body": "Hi", "links": [{"type": "contact", "id": jane.id}]}, by=Actor("user", cast.bob)
        )
    alice.post(f"/imports/{id}/revert")
    work(id)
    page = alice.get(f"/imports/{id}").text
    assert f'<a href="/contacts/{jane.id}">Jane Roe</a>' in page and "Something was added to it since" in page


def test_what_was_cancelled_can_go_on_be_read_otherwise_or_be_dropped(
    upload: Any, work: Any, database: Any, cast: Any
) -> None:
    alice, id = upload()

    def offers() -> list[str]:
        page = alice.get(f"/imports/{id}").text
        return [
            one for one in ("Go on", "Change the columns", "Discard this file", "Take it back") if f">{one}<" in page
        ]

    alice.post(f"/imports/{id}/check", COLUMNS)
    alice.post(f"/imports/{id}/cancel")
    assert offers() == ["Go on", "Discard this file"]
    assert 'name="column.0"' in alice.get(f"/imports/{id}").text
    alice.post(f"/imports/{id}/restart")
    work(id)
    alice.post(f"/imports/{id}/start")
    alice.post(f"/imports/{id}/cancel")
    assert offers() == ["Go on", "Change the columns", "Discard this file"]
    with database.scope(cast.acme) as session:  # as if one of two rows had been imported before
        job = session.get_one(ImportJob, id)
        job.created = job.done = 1
    assert offers() == ["Go on", "Take it back"]
    page = alice.get(f"/imports/{id}").text
    assert "It stopped after 1 of 3 rows." in page
    assert re.search(r'Not imported</h2><span class="count num">1<', page)
    assert alice.post(f"/imports/{id}/remove").status_code == 409


def test_notes_about_a_file_are_in_the_readers_language(
    upload: Any, work: Any, browse: Any, session: Any, alice: User
) -> None:
    alice.locale = "de"
    session.commit()
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Vorname", "Nachname", "E-Mail", "Firma"])
        page.write_row(1, 0, ["Jane", "Roe", "jane@x.example"])
        page.write_formula(1, 3, "=1+1", None, "")
    browser, id = upload(data.getvalue(), "leute.xlsx")
    browser.post(f"/imports/{id}/check", COLUMNS)
    work(id)
    assert "Eine Zelle enthält eine Formel, deren Ergebnis nie gespeichert wurde" in browser.get(f"/imports/{id}").text


CARDS = "BEGIN:VCARD\nFN:Jane Roe\nEND:VCARD\nBEGIN:VCARD\nFN:Acme\nORG:Acme\nTEL:030 12345\nEND:VCARD\n"


def test_companies_among_cards_of_people_are_offered_as_an_import_of_their_own(
    upload: Any, work: Any, session: Any
) -> None:
    alice, people = upload(CARDS, "cards.vcf")
    alice.post(f"/imports/{people}/check", {"column.1": "first_name", "column.2": "last_name"})
    work(people)
    shown = alice.get(f"/imports/{people}").text
    assert "1 card in this file is of a company and is imported on its own." in shown and "To correct" not in shown
    page = alice.post(f"/imports/{people}/others").headers["Location"]
    firms = int(page.rsplit("/", 1)[1])
    assert f'<a href="{page}">To that import</a>' in alice.get(f"/imports/{people}").text
    assert alice.post(f"/imports/{people}/others").status_code == 409
    work(firms)
    assert f'<a href="/imports/{people}">To that import</a>' in alice.get(page).text
    alice.post(f"{page}/start")
    work(firms)
    assert [(one.name, one.phone) for one in session.scalars(select(Company))] == [("Acme", "030 12345")]


OWN = {
    "Motto": ("text", "=1+1"), "Score": ("number", 12.5), "Budget": ("money", {"minor": 123450, "currency": "CHF"}),
    "Since": ("date", "2026-04-03"), "Segment": ("select", "b_team"), "Likes": ("multi_select", ["rye_dark", "tea"]),
    "Vip": ("checkbox", False), "Blog": ("url", "https://x.example/a?b=c"), "Buddy": ("person", None),
}  # fmt: skip


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_a_view_with_own_columns_goes_out_and_in_again_without_a_change(
    browse: Any, work: Any, session: Any, cast: Any, format_: str
) -> None:
    by = Actor("user", cast.alice)
    values: dict[str, Any] = {}
    for label, (type_, value) in OWN.items():
        wish: dict[str, Any] = {"record_type": "contact", "label": label, "type": type_}
        options = ["Tea", "Rye, dark", "B team"] if type_.endswith("select") else []
        key = custom.define(session, wish | {"options": options}, by=by).key
        values[key] = cast.bob if type_ == "person" else value
    session.get_one(User, cast.bob).name = session.get_one(User, cast.alice).name  # the file must say who is meant
    who = {"last_name": "Roe", "emails": [{"email": "jane@x.example"}], "owner_id": cast.bob}
    jane = records.create(session, "contact", who | {"tags": ["a, b", "vip"], "custom": values}, by=by)
    session.commit()
    before = records.show(session, jane)
    session.rollback()
    browser = browse(cast.alice)
    columns = ",".join(["last_name", "emails", "owner", "tags", *(f"custom.{key}" for key in values)])
    data = browser.get(f"/exports/contacts.{format_}?columns={columns}").data
    if format_ == "csv":
        assert data.decode("utf-8-sig").splitlines()[1] == (
            'Roe,jane@x.example,bob@acme.example,"""a, b""; vip",\'=1+1,12.5,1234.50 CHF,2026-04-03,B team,'
            '"Tea; Rye, dark",no,https://x.example/a?b=c,bob@acme.example'
        )
    file = (io.BytesIO(data), f"contacts.{format_}")
    answer = browser.post("/imports", {"file": file}, content_type="multipart/form-data")
    id = int(answer.headers["Location"].rsplit("/", 1)[1])
    mapping = list(session.get_one(ImportJob, id).mapping)
    session.rollback()
    assert mapping == ["last_name", "emails", "owner", "tags", *(f"custom.{key}" for key in values)]
    chosen = {f"column.{n}": key for n, key in enumerate(mapping)}
    browser.post(f"/imports/{id}/check", chosen)
    assert work(id).plan["unchanged"] == 1
    browser.post(f"/imports/{id}/start")
    job = work(id)
    assert (job.created, job.updated, job.skipped, job.failed) == (0, 0, 1, 0)
    session.expire_all()
    assert records.show(session, jane) == before


@pytest.mark.parametrize("language", LOCALES)
def test_choices_leave_in_the_readers_words_and_come_back_the_same(
    upload: Any, work: Any, browse: Any, session: Any, cast: Any, alice: User, language: str
) -> None:
    alice.locale = language
    by, about = Actor("user", cast.alice), {"lifecycle": "former", "last_name": "Roe"}
    jane = records.create(session, "contact", about, by=by)
    note = {"kind": "call", "direction": "out", "body": "Hi", "links": [{"type": "contact", "id": jane.id}]}
    records.create(session, "note", note, by=by)
    records.create(session, "task", {"title": "Call", "priority": "high", "status": "done"}, by=by)
    session.commit()
    for plural in ("contacts", "notes", "tasks"):
        data = browse(cast.alice).get(f"/exports/{plural}.csv").data
        assert ("Ehemaliger Kunde" in data.decode()) == (language == "de" and plural == "contacts")
        browser, id = upload(data, f"{plural}.csv")
        mapping = session.get_one(ImportJob, id).mapping
        session.rollback()
        browser.post(f"/imports/{id}/check", {f"column.{n}": key or "" for n, key in enumerate(mapping)})
        job = work(id)
        assert {name: n for name, n in job.plan.items() if n and name in ("create", "update", "unchanged", "bad")} == {
            "unchanged": 1
        }, plural


def test_columns_of_an_own_export_are_known_again_in_every_language(browse: Any, session: Any, cast: Any) -> None:
    browser = browse(cast.alice)
    for language in LOCALES:
        session.get_one(User, cast.alice).locale = language
        session.commit()
        for type_ in TYPES:
            answer = browser.get(f"/exports/{records.TYPES[type_].plural}.csv")
            headers = next(csv.reader([answer.data.decode("utf-8-sig").strip()]))
            guessed = guess_mapping(type_, headers, [], built_in(type_))
            assert guess_type(headers, {one: built_in(one) for one in TYPES}) == type_
            assert [h for h, key in zip(headers, guessed, strict=True) if key is None] == [headers[-3], headers[-1]]


@pytest.mark.parametrize("language", LOCALES)
def test_words_that_the_grid_offers_for_a_cell_are_read_in_every_language(own_app: Any, language: str) -> None:
    with own_app.test_request_context(), force_locale(language):
        words = {(name, code): str(word) for name, known in import_page.CHOSEN.items() for code, word in known.items()}
    assert {key: meant(key[0], word) for key, word in words.items()} == {key: key[1] for key in words}


def test_an_admin_makes_a_field_of_a_column(upload: Any, work: Any, browse: Any, cast: Any, session: Any) -> None:
    data = "Last name,Segment,Since\nRoe,A,31.12.2025\nLee,B,01.02.2026\nFox,a,\n"
    browser, id = upload(data, type="contact")
    page = browser.get(f"/imports/{id}").text
    assert 'label="Make a new field of it"' in page and 'value="new:select"' in page
    columns = {"column.0": "last_name", "column.1": "new:select", "column.2": "new:date"}
    assert browser.post(f"/imports/{id}/check", columns | {"column.0": ""}).status_code == 422
    assert custom.definitions(session, "contact") == []  # refused as a whole
    session.rollback()
    assert browser.post(f"/imports/{id}/check", columns).status_code == 303
    work(id)
    assert "imports-brings" not in browser.get(f"/imports/{id}").text
    browser.post(f"/imports/{id}/start")
    work(id)
    found = [one.custom for one in session.query(Contact).order_by(Contact.id)]
    assert found == [{"segment": "a", "since": "2025-12-31"}, {"segment": "b", "since": "2026-02-01"}, {"segment": "a"}]
    session.rollback()
    with_tags, id = upload("Last name,Tags\nRoe,new one\n", type="contact")
    with_tags.post(f"/imports/{id}/check", {"column.0": "last_name", "column.1": "tags"})
    work(id)
    assert re.search(r"imports-brings.*new one", with_tags.get(f"/imports/{id}").text, re.DOTALL)
    session.get_one(User, cast.alice).role = "manager"
    session.commit()
    _, id = upload(data, type="contact")
    assert "new:select" not in browse(cast.alice).get(f"/imports/{id}").text
    assert browse(cast.alice).post(f"/imports/{id}/check", columns).status_code == 422


def test_only_managers_import_and_nobody_elses_workspace(browse: Any, cast: Any, session: Any) -> None:
    id = make_import(session).id
    for path in ("", f"/{id}"):
        assert browse(cast.bob).get(f"/imports{path}").status_code == 403
        assert browse(cast.alice).get(f"/imports{path}").status_code == 200
    mallory = browse(cast.mallory)
    gets = ["", "/status", "/failed.csv"]
    posts = [
        "/layout", "/check", "/columns", "/rows/1", "/rows/1/leave", "/choose", "/start", "/cancel",
        "/restart", "/revert", "/remove", "/replace", "/others",
    ]  # fmt: skip
    assert [mallory.get(f"/imports/{id}{path}").status_code for path in gets] == [404] * len(gets)
    assert [mallory.post(f"/imports/{id}{path}", {"choice": "skip"}).status_code for path in posts] == [404] * len(
        posts
    )


def test_a_list_leaves_from_its_menu_with_its_filters(browse: Any, cast: Any, session: Any, alice: Any) -> None:
    for name, city in (("Acorn", "Bonn"), ("Birch", "Bern")):
        records.create(session, "company", {"name": name, "city": city, "tags": ["vip"]}, by=Actor("user", alice.id))
    session.commit()
    browser = browse(cast.vera)
    page = browser.get("/companies?city=Bonn").text
    assert 'href="/exports/companies.csv?city=Bonn"' in page
    rows = browser.get("/exports/companies.csv?city=Bonn").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 2 and rows[0].startswith("Name,Domain") and "Acorn" in rows[1] and "vip" in rows[1]
    seen = browser.get("/exports/companies.csv?columns=name,owner,people,open_deals&by=city&sort=-name").data
    assert seen.decode("utf-8-sig").splitlines()[:2] == ["Name,Owner,Open deals", "Birch,,0"]
    assert browse(cast.mallory).get("/exports/companies.csv").data.decode("utf-8-sig").count("\n") == 1
    assert browser.get("/exports/secrets.csv").status_code == 404
    assert downloads.defused("=1+1") == "'=1+1" and downloads.defused("-5.00") == "-5.00"
