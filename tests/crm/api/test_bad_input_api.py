"""Whatever is sent: a problem document that names what is wrong, and nothing half-written."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import pytest

from shared.models import Company, Event

JSON = {"content_type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"name": "a"} trailing', 400),
        (b"{'name': 'a'}", 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b'{"name": NaN}', 400),
        (b'{"name": "a", "employees": Infinity}', 400),
        (b'{"name": "a", "employees": ' + b"9" * 5000 + b"}", 422),
        (b'{"name": "a", "name": "b"}', 422),
        (b'{"name": "\\ud800"}', 422),
        (b'{"\\ud800": 1, "name": "a"}', 422),
        (b'{"name": "\xff\xfe"}', 400),
        ('{"name": "a"}'.encode("utf-16"), 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400),
    ],
)
def test_what_is_not_plain_json_is_refused(alice_api: Any, count: Any, body: bytes, status: int) -> None:
    refused = alice_api.ask("POST", "/companies", data=body, **JSON)
    assert refused.status_code == status
    assert refused.json["detail"]
    assert refused.json["request_id"] == refused.headers["X-Request-ID"]
    assert count(Company) == 0


def test_no_complaint_names_a_class_of_ours(alice_api: Any) -> None:
    refused = alice_api.ask("POST", "/contacts", data=b'{"first_name": "Ann", "emails": ["ann@x.example"]}', **JSON)
    assert (refused.status_code, refused.json["errors"][0]["message"]) == (422, "should be a valid dictionary")


def test_a_byte_order_mark_is_no_reason_to_refuse(alice_api: Any) -> None:
    assert alice_api.ask("POST", "/companies", data=b'\xef\xbb\xbf{"name": "a"}', **JSON).status_code == 201


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None]
)
def test_another_content_type_is_refused(alice_api: Any, kind: str | None) -> None:
    assert alice_api.ask("POST", "/companies", data=b'{"name": "a"}', content_type=kind).status_code == 415


def test_a_body_of_more_than_5_mb_is_refused(alice_api: Any) -> None:
    body = json.dumps({"name": "a", "description": "x" * 6_000_000})
    assert alice_api.ask("POST", "/companies", data=body, **JSON).status_code == 413


def test_a_body_sent_in_chunks_is_measured_too(alice_api: Any, count: Any) -> None:
    def send(body: bytes) -> int:
        chunked = {"wsgi.input_terminated": True}  # what gunicorn says of Transfer-Encoding: chunked
        answer = alice_api.ask("POST", "/companies", input_stream=BytesIO(body), environ_overrides=chunked, **JSON)
        return int(answer.status_code)

    assert send(b'{"name": "a"}') == 201
    assert send(b'{"name": "b"}' + b" " * 6_000_000) == 413
    assert count(Company) == 1


@pytest.mark.parametrize(
    ("plural", "body", "path"),
    [
        ("companies", {}, "name"),
        ("companies", {"name": None}, "name"),
        ("companies", {"name": 5}, "name"),
        ("companies", {"name": "\u202e\u200b"}, "name"),
        ("companies", {"name": "x" * 201}, "name"),
        ("companies", {"name": "a", "employees": "many"}, "employees"),
        ("companies", {"name": "a", "employees": True}, "employees"),
        ("companies", {"name": "a", "employees": -1}, "employees"),
        ("companies", {"name": "a", "employees": 2**70}, "employees"),
        ("contacts", {"last_name": "R", "phones": [{"phone": 2**63}]}, "phones.0.phone"),
        ("companies", {"name": "a", "domain": "not a domain"}, "domain"),
        ("companies", {"name": "a", "unknown": 1}, "unknown"),
        ("companies", {"name": "a", "id": 7}, "id"),
        ("companies", {"name": "a", "custom": {"x": 1}}, "custom.x"),
        ("companies", {"name": "a", "external_id": 5}, "external_id"),
        ("companies", {"name": "a", "owner_id": 0}, "owner_id"),
        ("companies", {"name": "a", "owner_id": True}, "owner_id"),
        ("companies", {"name": "a", "owner_id": 2**31}, "owner_id"),
        ("companies", {"name": "a", "owner_id": 2**31 - 1}, "owner_id"),
        ("companies", {"name": "a", "owner_external_id": "nobody"}, "owner_external_id"),
        ("companies", {"name": "a", "created_at": "yesterday"}, "created_at"),
        ("companies", {"name": "a", "created_at": "2026-01-01T00:00:00"}, "created_at"),
        ("companies", {"name": "a", "created_at": "0001-01-01T00:00:00+14:00"}, "created_at"),
        ("companies", {"name": "a", "created_at": "9999-12-31T23:59:59-14:00"}, "created_at"),
        ("companies", {"name": "a", "created_at": 0}, "created_at"),
        ("contacts", {}, "last_name"),
        ("contacts", {"last_name": "R", "emails": "a@b.example"}, "emails"),
        ("contacts", {"last_name": "R", "emails": [{"email": "nonsense"}]}, "emails.0.email"),
        ("contacts", {"last_name": "R", "lifecycle": "friend"}, "lifecycle"),
        ("contacts", {"last_name": "R", "company_id": 99}, "company_id"),
        ("deals", {"name": "d", "amount": {"minor": 1.5, "currency": "EUR"}}, "amount.minor"),
        ("deals", {"name": "d", "amount": {"minor": 1, "currency": "XYZ"}}, "amount.currency"),
        ("deals", {"name": "d", "amount": {"minor": 1, "currency": "XXX"}}, "amount.currency"),
        ("deals", {"name": "d", "expected_close": 0}, "expected_close"),
        ("deals", {"name": "d", "expected_close": "20261120"}, "expected_close"),
        ("deals", {"name": "d", "expected_close": "0001-01-01"}, "expected_close"),
        ("deals", {"name": "d", "amount": -5, "currency": "EUR"}, "amount"),
        ("deals", {"name": "d", "stage": "Nirvana"}, "stage"),
        ("deals", {"name": "d", "stage_id": 99}, "stage_id"),
        ("deals", {"name": "d", "pipeline_id": 99}, "pipeline_id"),
        ("deals", {"name": "d", "contacts": [{}]}, "contacts.0"),
        ("deals", {"name": "d", "contacts": [{"contact_id": 99}]}, "contacts.0.contact_id"),
        ("deals", {"name": "d", "expected_close": "2026-02-30"}, "expected_close"),
        ("tasks", {"title": "t", "links": [{"type": "planet", "id": 1}]}, "links.0.type"),
        ("tasks", {"title": "t", "links": [{"type": "deal", "id": 99}]}, "links.0.id"),
        ("tasks", {"title": "t", "assignee_id": 99}, "assignee_id"),
        ("tasks", {"title": "t", "status": "half"}, "status"),
        ("notes", {"body": ""}, "body"),
        ("notes", {"body": "\x00\x01"}, "body"),
        ("pipelines", {"name": "p", "stages": []}, "stages"),
        ("pipelines", {"name": "p", "stages": [{"name": "a"}, {"name": "A"}]}, "stages"),
        ("pipelines", {"name": "p", "stages": [{"name": "a", "probability": 101}]}, "stages.0.probability"),
        ("users", {"email": "nonsense"}, "email"),
        ("users", {"email": "x@acme.example", "role": "king"}, "role"),
        ("users", {"email": "alice@acme.example"}, "email"),
        ("users", {"email": "mallory@globex.example"}, "email"),
        ("users", {"email": "x@acme.example", "password": "hunter2hunter2"}, "password"),
    ],
)
def test_the_wrong_field_is_named(alice_api: Any, count: Any, plural: str, body: dict[str, Any], path: str) -> None:
    before = count(Event)
    refused = alice_api.post(f"/{plural}", body)
    assert refused.status_code == 422
    assert path in [error["path"] for error in refused.json["errors"]]
    assert count(Event) == before


@pytest.mark.parametrize("id", ["0", "-1", "99999999999999999999", "abc", "1e3", "1%00", "%F0%9F%92%A5", "2147483648"])
def test_ids_that_cannot_be_are_not_found(alice_api: Any, id: str) -> None:
    for path in (f"/companies/{id}", f"/meetings/{id}/utterances", f"/meetings/{id}/insights"):
        answer = alice_api.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert alice_api.patch(f"/deals/{id}", {"name": "x"}, version=1).status_code == 404
    assert alice_api.post(f"/insights/{id}/accept").status_code == 404


@pytest.mark.parametrize("version", ["abc", '"abc"', '"-1"', '"1", "2"', '"99999999999999999999"'])
def test_a_version_is_a_number(alice_api: Any, version: str) -> None:
    company = alice_api.made("/companies", {"name": "a"})
    refused = alice_api.ask("PATCH", f"/companies/{company['id']}", json={}, headers={"If-Match": version})
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "If-Match")


@pytest.mark.parametrize("version", ["1", 1.5, True, [], {}])
def test_a_version_in_the_body_is_a_whole_number(alice_api: Any, version: Any) -> None:
    company = alice_api.made("/companies", {"name": "a"})
    refused = alice_api.patch(f"/companies/{company['id']}", {"version": version})
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "version")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"), ("limit", "201"), ("limit", "abc"), ("limit", "-1"), ("limit", "9" * 30),
        ("cursor", "tampered"), ("cursor", "x" * 2000), ("cursor", "%00"), ("sort", "nonsense"), ("sort", "-"),
        ("total", "yes"), ("nonsense", "1"), ("employees[gte]", "many"), ("employees[like]", "1"),
        ("owner_id", "abc"), ("owner_id[in]", "1,x"), ("owner_id", "2147483648"),
        ("created_at[gte]", "0000-99-99"), ("employees[is]", "maybe"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_of_a_list_is_named(alice_api: Any, name: str, value: str) -> None:
    refused = alice_api.get("/companies", **{name: value})
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, name)


@pytest.mark.parametrize(("op", "names"), [("[lte]", ["Acme"]), ("[gte]", []), ("", [])])
def test_numbers_beyond_what_a_column_holds_can_be_compared_with(alice_api: Any, op: str, names: list[str]) -> None:
    alice_api.made("/companies", {"name": "Acme", "employees": 9})
    for number in ("2147483648", "9999999999"):
        found = alice_api.get("/companies", **{f"employees{op}": number})
        assert [company["name"] for company in found.json["items"]] == names


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("/search", {}, "q"),
        ("/search", {"q": "x", "mode": "psychic"}, "mode"),
        ("/search", {"q": "x", "types": "company,planet"}, "types"),
        ("/search", {"q": "x", "limit": "0"}, "limit"),
        ("/search", {"q": "x\0"}, "q"),
        ("/timeline", {"id": "1"}, "type"),
        ("/timeline", {"type": "planet", "id": "1"}, "type"),
        ("/timeline", {"type": "company", "id": "abc"}, "id"),
        ("/timeline", {"type": "company", "id": "0"}, "id"),
        ("/audit", {"cursor": "tampered"}, "cursor"),
        ("/audit", {"limit": "1000"}, "limit"),
        ("/audit", {"since": "x"}, "since"),
        ("/audit", {"since": "0001-01-01T00:00:00+14:00"}, "since"),
    ],
)
def test_a_wrong_parameter_elsewhere_is_named(alice_api: Any, path: str, query: dict[str, str], named: str) -> None:
    refused = alice_api.get(path, **query)
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, named)


def test_a_cursor_of_one_list_is_no_cursor_of_another(alice_api: Any) -> None:
    for i in range(3):
        alice_api.made("/companies", {"name": f"C{i}"})
    cursor = alice_api.get("/audit", limit=1).json["next_cursor"]
    meeting = alice_api.made("/meetings", {"title": "M", "utterances": [{"text": "Hi"}]})
    assert alice_api.get(f"/meetings/{meeting['id']}/utterances", cursor=cursor).status_code == 422
    assert alice_api.get("/companies", cursor=cursor).status_code == 422


@pytest.mark.parametrize(
    ("sort", "value", "id"),
    [
        ("employees", 2**40, 1),
        ("employees", 1, 2**40),
        ("employees", True, 1),
        ("created_at", "0001-01-01T00:00:00+14:00", 1),
        ("created_at", "9999-12-31T23:59:59-14:00", 1),
        ("name", "a\0b", 1),
        ("name", 1, 1),
        ("-name", "a", 1),
    ],
)
def test_a_forged_cursor_is_refused(alice_api: Any, sort: str, value: Any, id: int) -> None:
    order = sort.removeprefix("-")
    forged = base64.urlsafe_b64encode(json.dumps([sort, value, id]).encode()).decode()
    refused = alice_api.get("/companies", sort=order, cursor=forged)
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "cursor")


def test_what_is_not_there_and_what_is_not_allowed_there_are_problems_too(alice_api: Any) -> None:
    assert alice_api.get("/nonsense").status_code == 404
    wrong = alice_api.ask("PUT", "/api/v1/companies?x=1")
    assert (wrong.status_code, wrong.mimetype) == (405, "application/problem+json")
    assert "POST" in wrong.headers["Allow"]


HOSTILE = ["<script>alert(1)</script>", "{{ 7 * 7 }}", "{% raw %}", "'; DROP TABLE company; --", "\u202eevil", "🦊"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_text(alice_api: Any, text: str) -> None:
    company = alice_api.made("/companies", {"name": text, "description": text})
    assert alice_api.get(f"/companies/{company['id']}").json["name"] == text
    assert alice_api.get("/search", q=text).status_code == 200
    assert alice_api.get("/companies", q=text).status_code == 200


@pytest.mark.parametrize(
    ("plural", "data", "path", "message"),
    [
        ("deals", {"name": "a", "amount": {"minor": 5, "currency": "EUR"}, "currency": "USD"}, "currency", "another"),
        ("tasks", {"title": "a", "due_at": "2026-12-01T10:00:00Z", "due_date": "2026-12-04"}, "due_date", "another"),
        ("deals", {"name": "a", "closed_at": "2026-01-01T00:00:00Z"}, "closed_at", "An open deal was not closed"),
        ("tasks", {"title": "a", "completed_at": "2026-01-01T00:00:00Z"}, "completed_at", "An open task was not compl"),
        ("companies", {"name": "a", "nope": 1}, "nope", "There is no such field."),
        ("deals", {"name": "a", "amount": True, "currency": "EUR"}, "amount", "should be a number"),
        ("deals", {"name": "a", "amount": "a lot", "currency": "EUR"}, "amount", "should be a number such as 12.5"),
    ],
)
def test_what_contradicts_itself_is_refused_and_not_half_taken(
    alice_api: Any, count: Any, plural: str, data: dict[str, Any], path: str, message: str
) -> None:
    before = count(Event)
    refused = alice_api.ask("POST", f"/{plural}", data=json.dumps(data).encode(), **JSON)
    [complaint] = refused.json["errors"]
    assert (refused.status_code, complaint["path"]) == (422, path)
    assert message in complaint["message"]
    assert count(Event) == before


def test_a_day_that_the_zone_of_a_time_explains_is_no_contradiction(alice_api: Any) -> None:
    data = b'{"title": "a", "due_at": "2026-12-01T23:30:00Z", "due_date": "2026-12-02"}'
    assert alice_api.ask("POST", "/tasks", data=data, **JSON).status_code == 201


def test_an_answer_does_not_repeat_a_megabyte_that_was_sent(alice_api: Any) -> None:
    data = json.dumps({"name": "a", "amount": 1, "currency": "x" * 1_000_000}).encode()
    refused = alice_api.ask("POST", "/deals", data=data, **JSON)
    assert refused.status_code == 422
    assert len(refused.data) < 3000


def test_names_and_titles_are_one_line(alice_api: Any) -> None:
    for plural, field in (("companies", "name"), ("contacts", "last_name"), ("deals", "name"), ("tasks", "title")):
        data = json.dumps({field: "Ann \r\n\tBcc: eve@x.example\u2028z"}).encode()
        assert alice_api.ask("POST", f"/{plural}", data=data, **JSON).json[field] == "Ann Bcc: eve@x.example z"
