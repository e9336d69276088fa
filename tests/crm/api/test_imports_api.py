"""Files in and out over REST, as a script has them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from crm import downloads, exporting
from shared import records
from shared.config import Settings
from shared.events import Actor
from shared.imports import running
from shared.models import Company, Contact, Note
from tests.factories import make_company
from tests.shared.activities.conftest import letter

PEOPLE = (
    "Vorname;Nachname;E-Mail;Firma;Budget\nJane;Roe;jane@x.example;Quill AG;5\nBad;Mail;not an address;;\n"
    "Ann;Lee;ann@x.example;;\n"
)


@pytest.fixture
def post(alice_api: Any) -> Callable[..., TestResponse]:
    def send(data: str | bytes, name: str = "people.csv", **fields: Any) -> TestResponse:
        raw = data.encode() if isinstance(data, str) else data
        boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(raw), name), **fields})
        kind = f"multipart/form-data; boundary={boundary}"
        answer: TestResponse = alice_api.ask("POST", "/imports", data=body, content_type=kind)
        return answer

    return send


@pytest.fixture
def work(settings: Settings, cast: Any, database: Any) -> Callable[[int], None]:
    """What the worker does with an import."""

    def done(id: int) -> None:
        from shared.models import ImportJob

        with database.scope(cast.acme, read_only=True) as session:
            run = session.get_one(ImportJob, id).run
        running.run(settings, cast.acme, id, run)

    return done


def test_a_file_becomes_records_and_is_taken_back(alice_api: Any, post: Any, work: Any, count: Any) -> None:
    answer = post(PEOPLE)
    assert answer.status_code == 202, answer.text
    found = answer.json
    assert (found["type"], found["status"], found["dry_run"]) == ("contact", "checking", False)
    assert found["mapping"] == {
        "Vorname": "first_name", "Nachname": "last_name", "E-Mail": "emails", "Firma": "company", "Budget": None,
    }  # fmt: skip
    assert answer.headers["Location"].endswith(f"/imports/{found['id']}")
    work(found["id"])
    done = alice_api.get(f"/imports/{found['id']}").json
    assert [done[k] for k in ("status", "created", "updated", "skipped", "failed")] == ["done", 2, 0, 0, 1]
    assert done["rows"] == [
        {"row": 3, "result": "failed", "reason": "E-Mail: This is not an e-mail address.", "record_id": None}
    ]
    failed = alice_api.get(f"/imports/{found['id']}/failed").data.decode("utf-8-sig")
    (taken,) = alice_api.get("/audit", kind="export.").json["items"]
    assert taken["title"].endswith("-failed.csv") and taken["by"]["kind"] == "api"
    assert list(csv.reader(io.StringIO(failed))) == [
        ["Vorname", "Nachname", "E-Mail", "Firma", "Budget", "Reason"],
        ["Bad", "Mail", "not an address", "", "", "E-Mail: This is not an e-mail address."],
    ]
    assert alice_api.get("/contacts", q="jane").json["items"][0]["company_id"]
    again = post(PEOPLE).json["id"]
    work(again)
    repeated = alice_api.get(f"/imports/{again}").json
    assert [repeated[k] for k in ("created", "updated", "skipped", "failed")] == [0, 0, 2, 1]
    assert alice_api.post(f"/imports/{again}/revert").status_code == 409
    assert alice_api.post(f"/imports/{found['id']}/revert").status_code == 202
    work(found["id"])
    back = alice_api.get(f"/imports/{found['id']}").json
    assert (back["status"], back["reverted"], back["kept"]) == ("reverted", 2, 0)
    assert count(Contact, Contact.deleted_at.is_(None)) == count(Company, Company.deleted_at.is_(None)) == 0


def test_a_dry_run_says_what_would_be_and_writes_nothing(alice_api: Any, post: Any, work: Any, count: Any) -> None:
    mapping = json.dumps({"Vorname": "last_name", "E-Mail": "emails"})
    found = post(PEOPLE, dry_run="true", type="contact", mapping=mapping).json
    assert found["mapping"]["Nachname"] is None
    work(found["id"])
    checked = alice_api.get(f"/imports/{found['id']}").json
    assert (checked["status"], checked["created"], checked["failed"], checked["dry_run"]) == ("checked", 2, 1, True)
    assert count(Contact) == 0
    assert alice_api.post(f"/imports/{found['id']}/start").status_code == 202
    work(found["id"])
    assert alice_api.get(f"/imports/{found['id']}").json["created"] == count(Contact) == 2
    assert alice_api.post(f"/imports/{found['id']}/start").status_code == 409
    assert [one["id"] for one in alice_api.get("/imports").json["items"]] == [found["id"]]


@pytest.mark.parametrize(
    ("data", "fields", "path"),
    [
        (PEOPLE, {"type": "unicorn"}, "type"),
        (PEOPLE, {"mapping": "{"}, "mapping"),
        (PEOPLE, {"mapping": '{"Nowhere": "last_name"}'}, "mapping"),
        (PEOPLE, {"mapping": '{"Vorname": "wings"}'}, "mapping"),
        (PEOPLE, {"mapping": '{"Vorname": "last_name", "Nachname": "last_name"}'}, "mapping"),
        (PEOPLE, {"mapping": '{"Budget": "source"}'}, "mapping"),
        (PEOPLE, {"duplicates": "perhaps"}, "duplicates"),
        ("", {}, "file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), {}, "file"),
        (b"PK\x03\x04" + bytes(200), {}, "file"),
    ],
)
def test_what_cannot_be_imported_is_refused_by_name(post: Any, data: Any, fields: Any, path: str, count: Any) -> None:
    refused = post(data, **fields)
    assert refused.status_code == 422, refused.text
    assert path in {error["path"] for error in refused.json["errors"]}


def test_a_list_goes_out_with_its_filters_and_formulas_defused(alice_api: Any, database: Any) -> None:
    evil = '=HYPERLINK("http://x.example","click")'
    alice_api.made("/companies", {"name": evil, "city": "Bonn", "phone": "+49 30 123"})
    alice_api.made("/companies", {"name": "Plain", "city": "Bern", "description": "@SUM(A1)\n-2+3"})
    answer = alice_api.get("/exports/companies.csv", city="Bonn", columns="name,phone,city")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows == [["name", "phone", "city"], [f"'{evil}", "+49 30 123", "Bonn"]]
    everything = list(csv.DictReader(io.StringIO(alice_api.get("/exports/companies.csv").data.decode("utf-8-sig"))))
    assert {row["name"] for row in everything} == {f"'{evil}", "Plain"}
    assert next(row for row in everything if row["name"] == "Plain")["description"].startswith("'@SUM")
    sheet = alice_api.get("/exports/companies.xlsx", sort="name", columns="name").data
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet))
    assert book.get_sheet_by_index(0).to_python() == [["name"], [evil], ["Plain"]]  # a text there, no formula
    assert alice_api.get("/exports/companies.csv", columns="password").status_code == 422
    assert alice_api.get("/exports/companies.csv", nonsense="1").status_code == 422


def test_what_is_renamed_while_a_list_goes_out_stands_in_it_once(
    alice_api: Any, session: Any, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (exporting, downloads):
        monkeypatch.setattr(module, "_BATCH", 4)
    companies = [make_company(session, name=f"Company {letter}") for letter in "bcdefghijklm"]
    session.commit()
    by = Actor("user", cast.alice)
    asked = {"sort": "name", "columns": "id"}
    answer = alice_api.ask("GET", "/exports/companies.csv", query_string=asked, buffered=False)
    pieces = iter(answer.response)
    sent = next(pieces)
    for company, name in ((companies[0], "Company z"), (companies[-1], "Company a")):
        records.update(session, company, {"name": name}, by=by)
    records.delete(session, companies[-2], by=by)
    session.commit()
    lines = (sent + b"".join(pieces)).decode("utf-8-sig").split()
    assert lines == ["id", *(str(company.id) for company in companies)]


@pytest.mark.parametrize("plural", ["companies", "contacts", "deals", "tasks", "notes", "meetings"])
def test_every_list_can_be_exported(alice_api: Any, plural: str) -> None:
    new = {
        "companies": {"name": "A"}, "contacts": {"last_name": "A", "emails": [{"email": "a@x.example"}]},
        "deals": {"name": "A", "amount": "12.50", "currency": "EUR"}, "tasks": {"title": "A"}, "notes": {"body": "A"},
        "meetings": {"title": "A", "utterances": [{"text": "Hi"}]},
    }[plural]  # fmt: skip
    if plural == "deals":
        alice_api.made("/pipelines", {"name": "P", "stages": [{"name": "New"}]})
    alice_api.made(f"/{plural}", new)
    rows = list(csv.reader(io.StringIO(alice_api.get(f"/exports/{plural}.csv").data.decode("utf-8-sig"))))
    assert len(rows) == 2 and "A" in rows[1]
    assert alice_api.get(f"/exports/{plural}.xlsx").data[:2] == b"PK"


def test_what_was_exported_can_be_imported_and_changes_nothing(
    alice_api: Any, post: Any, work: Any, count: Any
) -> None:
    company = alice_api.made("/companies", {"name": "=Quill", "domain": "quill.example"})
    people = [{"last_name": "Roe", "emails": [{"email": "j@x.example"}, {"email": "k@x.example"}], "title": "-Boss"}]
    for person in people:
        alice_api.made("/contacts", {**person, "company_id": company["id"], "phones": [{"phone": "+49 30 123456"}]})
    for plural in ("companies", "contacts"):
        data = alice_api.get(f"/exports/{plural}.csv").data
        found = post(data, f"{plural}.csv").json
        work(found["id"])
        after = alice_api.get(f"/imports/{found['id']}").json
        assert [after[k] for k in ("created", "updated", "skipped", "failed")] == [0, 0, 1, 0], (plural, after["rows"])
    assert count(Contact) == count(Company) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_mails_go_in_by_script_with_the_people_they_are_from(alice_api: Any, post: Any, work: Any, count: Any) -> None:
    found = post(letter(), "m.eml", dry_run="true", new_contacts="true").json
    work(found["id"])
    checked = alice_api.get(f"/imports/{found['id']}").json
    assert (checked["type"], checked["status"], checked["fields"], count(Contact)) == ("email", "checked", [], 0)
    alice_api.post(f"/imports/{found['id']}/start")
    work(found["id"])
    done = alice_api.get(f"/imports/{found['id']}").json
    assert (done["created"], count(Note), count(Contact)) == (1, 1, 1)
    assert alice_api.get(f"/imports/{found['id']}/failed").status_code == 404
    assert post(letter(), "m.eml", on="contact:999").status_code == 404
    assert post("a,b\n1,2\n", "m.csv", type="email").status_code == 422
