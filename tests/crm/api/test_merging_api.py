"""Merging over the API."""

from __future__ import annotations

from collections.abc import Callable

from shared.models import DuplicateScan
from shared.records import duplicates
from shared.tenancy import TenantSession
from tests.conftest import Cast

from .conftest import Script

Scripts = Callable[[int | None], Script]


def test_a_script_merges_and_the_old_ids_lead_to_the_winner(alice_api: Script) -> None:
    one = alice_api.made("/contacts", {"last_name": "Roe", "external_id": "a", "title": "CEO"})
    two = alice_api.made("/contacts", {"last_name": "Rowe", "external_id": "b", "emails": [{"email": "r@x.example"}]})
    deal = alice_api.made("/deals", {"name": "X", "contact_id": two["id"]})
    answer = alice_api.post(f"/contacts/{one['id']}/merge", {"ids": [two["id"]], "fields": {"name": one["id"]}})
    assert answer.status_code == 200, answer.text
    merged = answer.json
    assert merged and (merged["id"], merged["last_name"], merged["title"]) == (one["id"], "Roe", "CEO")
    assert [e["email"] for e in merged["emails"]] == ["r@x.example"]
    assert alice_api.get(f"/contacts/{two['id']}").json == alice_api.get(f"/contacts/{one['id']}").json
    assert alice_api.get(f"/deals/{deal['id']}").json["contact_id"] == one["id"]  # type: ignore[index]
    again = alice_api.post("/contacts", {"external_id": "b", "last_name": "Roe", "title": "Chair"})
    assert (again.status_code, again.json["id"]) == (200, one["id"])  # type: ignore[index]
    assert alice_api.delete(f"/contacts/{two['id']}").status_code == 404  # deleting a duplicate deletes no winner
    assert alice_api.post(f"/contacts/{two['id']}/restore").status_code == 409
    undone = alice_api.post(f"{answer.headers['Location']}/undo")
    assert undone.status_code == 200 and undone.json["kept"] == 1  # type: ignore[index]  # the title that was set since
    assert alice_api.get(f"/contacts/{two['id']}").json["last_name"] == "Rowe"  # type: ignore[index]
    assert alice_api.post(f"{answer.headers['Location']}/undo").status_code == 409


def test_what_cannot_be_merged_is_refused(alice_api: Script, script: Scripts, cast: Cast) -> None:
    one, two = (alice_api.made("/companies", {"name": name}) for name in ("Lumen", "Lumen AG"))
    path = f"/companies/{one['id']}/merge"
    for body in ({"ids": []}, {"ids": [one["id"]]}, {"ids": [two["id"]], "fields": {"name": 99}}, {"ids": "x"}):
        assert alice_api.post(path, body).status_code == 422, body
    assert alice_api.post(path, {"ids": [9999]}).status_code == 404
    assert alice_api.post(path, {"ids": [two["id"]], "versions": {str(two["id"]): 9}}).status_code == 409
    assert script(cast.bob).post(path, {"ids": [two["id"]]}).status_code == 403
    assert script(cast.mallory).post(path, {"ids": [two["id"]]}).status_code == 404


def test_a_script_looks_for_duplicates_and_tells_some_apart(
    alice_api: Script, script: Scripts, cast: Cast, session: TenantSession
) -> None:
    ids = [alice_api.made("/companies", {"name": name})["id"] for name in ("Lumen GmbH", "Lumen AG", "Nord")]
    answer = alice_api.post("/duplicates/search", {"type": "company"})
    assert answer.status_code == 202 and answer.json["status"] == "queued"  # type: ignore[index]
    scan = session.query(DuplicateScan).one()
    session.commit()
    duplicates.find(cast.acme, scan.id, scan.run)
    (group,) = alice_api.get("/duplicates", type="company").json["items"]  # type: ignore[index]
    assert [record["id"] for record in group["records"]] == ids[:2]
    assert group["reasons"] == [{"kind": "name", "value": None}]
    mallory = script(cast.mallory)
    assert mallory.get("/duplicates", type="company").json["items"] == []  # type: ignore[index]
    assert mallory.post("/duplicates/apart", {"type": "company", "ids": ids[:2]}).status_code == 404
    assert alice_api.post("/duplicates/apart", {"type": "company", "ids": ids[:2]}).status_code == 204
    assert alice_api.get("/duplicates", type="company").json["items"] == []  # type: ignore[index]
