"""Records over REST: create, read, change, conflict, delete, restore."""

from __future__ import annotations

from typing import Any

import pytest

from tests import statements

SAMPLES: dict[str, dict[str, Any]] = {
    "companies": {"name": "Fernhallow GmbH", "domain": "https://www.fernhallow.example/about", "employees": 40},
    "contacts": {
        "first_name": "Jane",
        "last_name": "Roe",
        "emails": [{"email": "jane@roe.example", "primary": True}],
        "phones": [{"phone": "+44 20 7946 0000"}],
    },
    "deals": {"name": "Fernhallow 2027", "amount": {"minor": 125000, "currency": "EUR"}, "probability": 40},
    "tasks": {"title": "Send the offer", "due_date": "2026-12-01", "priority": "high"},
    "notes": {"body": "# Call\nThey want it by spring."},
    "meetings": {"title": "Kick-off", "occurred_at": "2026-11-01T10:00:00Z"},
    "pipelines": {"name": "Partners", "stages": [{"name": "New"}, {"name": "Signed", "type": "won"}]},
    "tags": {"name": "vip"},
    "users": {"email": "carol@acme.example", "name": "Carol", "role": "manager"},
}
EVERY_TYPE = pytest.mark.parametrize("plural", SAMPLES)
TEXT_FIELD = {
    "companies": "name", "contacts": "last_name", "deals": "name", "tasks": "title",
    "notes": "body", "meetings": "title", "pipelines": "name", "tags": "name", "users": "name",
}  # fmt: skip


@EVERY_TYPE
def test_what_is_created_can_be_read_and_stands_in_the_list(alice_api: Any, plural: str) -> None:
    created = alice_api.post(f"/{plural}", SAMPLES[plural])
    assert created.status_code == 201
    address = created.headers["Location"]
    assert created.headers["ETag"] == f'"{created.json["version"]}"'
    read = alice_api.get(address)
    assert read.status_code == 200
    assert {k: v for k, v in created.json.items() if k != "duplicate"} == read.json
    assert read.json["id"] in [item["id"] for item in alice_api.get(f"/{plural}").json["items"]]


@EVERY_TYPE
def test_a_known_external_id_updates_instead_of_making_another(alice_api: Any, plural: str) -> None:
    sample = {**SAMPLES[plural], "external_id": "crm-7"}
    first = alice_api.post(f"/{plural}", sample)
    again = alice_api.post(f"/{plural}", sample)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["id"] == first.json["id"]
    assert again.json["version"] == first.json["version"]
    changed = alice_api.post(f"/{plural}", {**sample, TEXT_FIELD[plural]: "Changed"})
    assert changed.status_code == 200
    assert changed.json[TEXT_FIELD[plural]] == "Changed"
    assert changed.json["version"] > first.json["version"]


@EVERY_TYPE
def test_a_patch_changes_what_it_names_and_nothing_else(alice_api: Any, plural: str) -> None:
    created = alice_api.made(f"/{plural}", SAMPLES[plural])
    changed = alice_api.patch(f"/{plural}/{created['id']}", {TEXT_FIELD[plural]: "Changed"}, version=created["version"])
    assert changed.status_code == 200
    assert changed.headers["ETag"] == f'"{changed.json["version"]}"'
    different = {k for k in changed.json if changed.json[k] != created[k]}
    assert different <= {TEXT_FIELD[plural], "version", "updated_at"}
    assert TEXT_FIELD[plural] in different


@EVERY_TYPE
def test_a_stale_version_is_refused_with_the_current_record(alice_api: Any, plural: str) -> None:
    created = alice_api.made(f"/{plural}", SAMPLES[plural])
    path, field = f"/{plural}/{created['id']}", TEXT_FIELD[plural]
    assert alice_api.patch(path, {field: "First"}, version=created["version"]).status_code == 200
    late = alice_api.patch(path, {field: "Second", "version": created["version"]})
    assert late.status_code == 409
    assert late.json["current"][field] == "First"
    assert alice_api.get(path).json[field] == "First"


@EVERY_TYPE
def test_a_patch_without_a_version_is_refused(alice_api: Any, plural: str) -> None:
    created = alice_api.made(f"/{plural}", SAMPLES[plural])
    refused = alice_api.patch(f"/{plural}/{created['id']}", {TEXT_FIELD[plural]: "X"})
    assert refused.status_code == 428


@EVERY_TYPE
def test_what_is_deleted_is_gone_until_it_is_restored(alice_api: Any, plural: str) -> None:
    created = alice_api.made(f"/{plural}", SAMPLES[plural])
    path = f"/{plural}/{created['id']}"
    assert alice_api.delete(path).status_code == 204
    assert alice_api.get(path).status_code == 404
    assert alice_api.patch(path, {TEXT_FIELD[plural]: "X"}, version=1).status_code == 404
    assert created["id"] not in [item["id"] for item in alice_api.get(f"/{plural}").json["items"]]
    assert created["id"] in [item["id"] for item in alice_api.get(f"/{plural}", deleted=1).json["items"]]
    restored = alice_api.post(f"{path}/restore")
    assert restored.status_code == 200
    assert restored.json["deleted_at"] is None
    assert alice_api.get(path).status_code == 200


def test_deleting_a_version_that_is_gone_is_a_conflict(alice_api: Any) -> None:
    company = alice_api.made("/companies", SAMPLES["companies"])
    path = f"/companies/{company['id']}"
    assert alice_api.delete(path, headers={"If-Match": '"99"'}).status_code == 409
    assert alice_api.delete(path, headers={"If-Match": f'W/"{company["version"]}"'}).status_code == 204


@pytest.mark.parametrize("header", ['"{}"', 'W/"{}"', "{}", "*"])
def test_versions_are_read_however_they_are_quoted(alice_api: Any, header: str) -> None:
    company = alice_api.made("/companies", SAMPLES["companies"])
    answer = alice_api.ask(
        "PATCH",
        f"/companies/{company['id']}",
        json={"city": "Bath"},
        headers={"If-Match": header.format(company["version"])},
    )
    assert answer.status_code == 200


def test_references_may_be_external_ids(alice_api: Any) -> None:
    company = alice_api.made("/companies", {"name": "Ossfield", "external_id": "c1"})
    contact = alice_api.made("/contacts", {"last_name": "Ode", "external_id": "p1", "company_external_id": "c1"})
    deal = alice_api.made(
        "/deals",
        {
            "name": "Renewal",
            "company_external_id": "c1",
            "contact_external_id": "p1",
            "contacts": [{"contact_external_id": "p1", "role": "buyer"}],
        },
    )
    note = alice_api.made("/notes", {"body": "Hi", "links": [{"type": "company", "external_id": "c1"}]})
    assert contact["company_id"] == deal["company_id"] == company["id"]
    assert contact["employments"] == [
        {"company_id": company["id"], "title": None, "started_on": None, "ended_on": None}
    ]
    assert deal["contact_id"] == contact["id"]
    assert deal["contacts"] == [{"contact_id": contact["id"], "role": "buyer"}]
    assert note["links"] == [{"type": "company", "id": company["id"]}]


def test_an_id_and_an_external_id_that_differ_are_refused(alice_api: Any) -> None:
    alice_api.made("/companies", {"name": "Ossfield", "external_id": "c1"})
    other = alice_api.made("/companies", {"name": "Other"})
    refused = alice_api.post("/deals", {"name": "D", "company_id": other["id"], "company_external_id": "c1"})
    assert refused.status_code == 422
    assert [error["path"] for error in refused.json["errors"]] == ["company_external_id"]


def test_money_may_be_given_in_major_units(alice_api: Any) -> None:
    deal = alice_api.made("/deals", {"name": "Renewal", "amount": 1250.5, "currency": "EUR"})
    assert deal["amount"] == {"minor": 125050, "currency": "EUR"}


@pytest.mark.parametrize(("amount", "currency", "says"), [
    (100.5, "JPY", "An amount in JPY has no decimals."), (12.505, "EUR", "An amount in EUR has at most 2 decimals."),
])  # fmt: skip
def test_money_finer_than_its_currency_is_refused_by_name(
    alice_api: Any, amount: float, currency: str, says: str
) -> None:
    answer = alice_api.post("/deals", {"name": "Fine", "amount": amount, "currency": currency})
    assert answer.status_code == 422
    assert [(e["path"], e["message"]) for e in answer.json["errors"]] == [("amount", says)]


def test_an_own_web_address_is_refused_by_name_where_it_is_none(alice_api: Any) -> None:
    alice_api.made("/fields", {"record_type": "company", "label": "Wiki", "type": "url"})
    answer = alice_api.post("/companies", {"name": "Acme", "custom": {"wiki": "javascript:alert(1)"}})
    assert answer.status_code == 422
    assert [e["path"] for e in answer.json["errors"]] == ["custom.wiki"]
    kept = alice_api.made("/companies", {"name": "Acme", "custom": {"wiki": "acme.example/wiki"}})
    assert kept["custom"] == {"wiki": "acme.example/wiki"}


def test_a_deal_goes_to_a_stage_by_name_and_closes_there(alice_api: Any) -> None:
    deal = alice_api.made("/deals", {"name": "Renewal"})
    won = alice_api.patch(f"/deals/{deal['id']}", {"stage": "won"}, version=deal["version"])
    assert won.json["stage_type"] == "won"
    assert won.json["closed_at"] is not None


def test_tags_are_named_and_records_are_found_by_them(alice_api: Any) -> None:
    acme = alice_api.made("/companies", {"name": "Acme", "tags": ["vip"]})
    alice_api.made("/companies", {"name": "Bay"})
    assert acme["tags"] == ["vip"]
    assert [c["id"] for c in alice_api.get("/companies", tags="VIP").json["items"]] == [acme["id"]]
    (tag,) = alice_api.get("/tags").json["items"]
    renamed = alice_api.patch(f"/tags/{tag['id']}", {"name": "Key account"}, version=tag["version"])
    assert renamed.status_code == 200
    assert alice_api.get(f"/companies/{acme['id']}").json["tags"] == ["Key account"]
    assert alice_api.post("/tags", {"name": "key ACCOUNT"}).status_code == 409


def test_a_field_is_defined_filled_asked_and_taken_away(alice_api: Any) -> None:
    tier = alice_api.made("/fields", {"record_type": "deal", "label": "Tier", "type": "select", "options": ["A", "B"]})
    deal = alice_api.made("/deals", {"name": "Renewal", "custom": {"tier": "B"}})
    assert deal["custom"] == {"tier": "b"}
    assert [d["id"] for d in alice_api.get("/deals", **{"custom.tier": "b"}).json["items"]] == [deal["id"]]
    refused = alice_api.post("/deals", {"name": "X", "custom": {"tier": "C"}})
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "custom.tier")
    changed = alice_api.patch(f"/fields/{tier['id']}", {"label": "Class"}, version=tier["version"])
    assert (changed.json["label"], changed.json["key"]) == ("Class", "tier")
    assert alice_api.delete(f"/fields/{tier['id']}").status_code == 204
    assert alice_api.get(f"/deals/{deal['id']}").json["custom"] == {}
    assert alice_api.get("/deals", **{"custom.tier": "b"}).status_code == 422


def test_history_comes_in_with_an_admins_token(alice_api: Any, cast: Any) -> None:
    when = "2019-03-04T05:06:07Z"
    assert alice_api.made("/companies", {"name": "Old", "created_at": when})["created_at"] == when
    assert alice_api.made("/notes", {"body": "Old", "author_id": cast.bob})["author_id"] == cast.bob
    task = alice_api.made("/tasks", {"title": "Old", "status": "done", "completed_at": when})
    assert task["completed_at"] == when
    deal = alice_api.made("/deals", {"name": "Old", "stage": "Won", "closed_at": when})
    assert deal["closed_at"] == when


@pytest.mark.parametrize(
    ("plural", "field", "value"),
    [
        ("companies", "created_at", "2019-03-04T05:06:07Z"),
        ("deals", "closed_at", "2019-03-04T05:06:07Z"),
        ("tasks", "completed_at", "2019-03-04T05:06:07Z"),
        ("notes", "author_id", 1),
        ("meetings", "created_at", "2019-03-04T05:06:07Z"),
    ],
)
def test_history_is_refused_to_everybody_else_by_name(
    script: Any, cast: Any, plural: str, field: str, value: Any
) -> None:
    bob = script(cast.bob)
    refused = bob.post(f"/{plural}", {**SAMPLES[plural], field: value})
    assert refused.status_code == 403
    assert [error["path"] for error in refused.json["errors"]] == [field]
    assert bob.get(f"/{plural}").json["items"] == []


def test_lists_page_filter_sort_and_count(alice_api: Any) -> None:
    for i in range(5):
        alice_api.made("/companies", {"name": f"Company {i}", "employees": i * 10})
    first = alice_api.get("/companies", sort="-employees", limit=2, total=1, **{"employees[gte]": 10}).json
    assert [c["employees"] for c in first["items"]] == [40, 30]
    assert first["total"] == 4
    rest = alice_api.get(
        "/companies", sort="-employees", limit=2, cursor=first["next_cursor"], **{"employees[gte]": 10}
    ).json
    assert [c["employees"] for c in rest["items"]] == [20, 10]
    assert rest["next_cursor"] is None
    assert "total" not in rest


def test_times_are_answered_in_utc_wherever_they_came_from(alice_api: Any) -> None:
    task = alice_api.made("/tasks", {"title": "Call", "due_at": "2026-12-03T14:30:00+05:30"})
    assert task["due_at"] == "2026-12-03T09:00:00Z"
    assert alice_api.get(f"/tasks/{task['id']}").json["due_at"] == "2026-12-03T09:00:00Z"


def test_users_page_like_everything_else(alice_api: Any) -> None:
    for i in range(3):
        alice_api.made("/users", {"email": f"user{i}@acme.example", "name": f"User {i}"})
    seen: list[int] = []
    cursor: dict[str, str] = {}
    for _ in range(10):
        page = alice_api.get("/users", sort="email", limit=2, total=1, **cursor).json
        seen += [user["id"] for user in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(seen) == len(set(seen)) == page["total"]


@pytest.mark.parametrize("plural", ["companies", "contacts", "deals", "tasks", "notes"])
def test_a_longer_list_costs_no_more_queries(alice_api: Any, database: Any, plural: str) -> None:
    def queries() -> int:
        with statements.sent(database.engine) as sent:
            assert alice_api.get(f"/{plural}").status_code == 200
        return len(sent)

    company = alice_api.made("/companies", {"name": "Acme", "external_id": "acme"})
    linked = {"links": [{"type": "company", "id": company["id"]}]} if plural in ("tasks", "notes") else {}
    for _ in range(2):
        alice_api.made(f"/{plural}", {**SAMPLES[plural], **linked})
    queries()  # what is kept is looked up
    few = queries()
    for _ in range(6):
        alice_api.made(f"/{plural}", {**SAMPLES[plural], **linked})
    assert queries() == few


def test_a_record_read_changed_and_sent_back_whole_is_taken(alice_api: Any) -> None:
    made = alice_api.post("/companies", {"name": "Quill"}).json
    whole = alice_api.get(f"/companies/{made['id']}").json
    answer = alice_api.patch(f"/companies/{made['id']}", {**whole, "city": "Ulm"})
    assert (answer.status_code, answer.json["city"], answer.json["version"]) == (200, "Ulm", 2)


def test_a_field_that_cannot_be_written_is_refused_where_it_says_something_else(alice_api: Any) -> None:
    made = alice_api.post("/companies", {"name": "Quill"}).json
    answer = alice_api.patch(f"/companies/{made['id']}", {"id": 7_000, "version": 1})
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "id")


@pytest.mark.parametrize("website", ["javascript:alert(1)", "data:text/html,x", "two words"])
def test_a_website_is_an_address_of_the_web(alice_api: Any, website: str) -> None:
    answer = alice_api.post("/companies", {"name": "Quill", "website": website})
    assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "website")


def test_a_program_cannot_call_a_field_like_a_built_in_one_nor_take_the_key_of_a_deleted_one(alice_api: Any) -> None:
    for said, path in (
        ({"label": "Lost  reason"}, "label"), ({"label": "BETRAG"}, "label"), ({"label": "Sum", "key": "amount"}, "key")
    ):  # fmt: skip
        answer = alice_api.post("/fields", {"record_type": "deal", "type": "text", **said})
        assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, path)
    tier = alice_api.made("/fields", {"record_type": "deal", "label": "Tier", "type": "text"})
    renamed = alice_api.patch(f"/fields/{tier['id']}", {"label": "stage"}, version=1)
    assert (renamed.status_code, renamed.json["errors"][0]["path"]) == (422, "label")
    alice_api.delete(f"/fields/{tier['id']}")
    taken = alice_api.post("/fields", {"record_type": "deal", "label": "Rank", "key": "tier", "type": "text"})
    assert (taken.status_code, taken.json["current"]["id"]) == (409, tier["id"])
    assert alice_api.post(f"/fields/{taken.json['current']['id']}/restore").json["label"] == "Tier"


def test_programs_delete_list_restore_and_purge_a_field(alice_api: Any, script: Any, cast: Any) -> None:
    mallory = script(cast.mallory)
    field = alice_api.made("/fields", {"record_type": "company", "label": "Tier", "type": "text"})
    row = alice_api.made("/companies", {"name": "Acme", "custom": {"tier": "gold"}})
    path = f"/fields/{field['id']}"
    assert alice_api.delete(path).status_code == 204
    assert alice_api.get(path).status_code == 404
    assert alice_api.get("/fields").json["items"] == []
    assert [one["key"] for one in alice_api.get("/fields", deleted="true").json["items"]] == ["tier"]
    assert alice_api.get(f"/companies/{row['id']}").json["custom"] == {}
    assert [mallory.post(f"{path}/{verb}").status_code for verb in ("restore", "purge")] == [404, 404]
    assert alice_api.post(f"{path}/restore").json["key"] == "tier"
    assert alice_api.get(f"/companies/{row['id']}").json["custom"] == {"tier": "gold"}
    assert alice_api.post(f"{path}/purge").status_code == 409, "only what was deleted goes for good"
    alice_api.delete(path)
    assert alice_api.post(f"{path}/purge").status_code == 204
    assert alice_api.get("/fields", deleted="true").json["items"] == []
