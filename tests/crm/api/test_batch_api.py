"""Batches: all or nothing, in order, and the item that is wrong is named."""

from __future__ import annotations

from typing import Any

import pytest

from shared.models import Company, Event


def _item(type: str, **data: Any) -> dict[str, Any]:
    return {"type": type, "data": data}


def _mixed() -> list[dict[str, Any]]:
    return [
        _item("user", email="dan@acme.example", name="Dan", external_id="u1"),
        _item("pipeline", name="Partners", external_id="pl1", stages=[{"name": "New"}]),
        _item("company", name="Ossfield", external_id="c1", owner_external_id="u1"),
        _item("contact", last_name="Ode", external_id="p1", company_external_id="c1"),
        _item(
            "deal",
            name="Renewal",
            external_id="d1",
            company_external_id="c1",
            contact_external_id="p1",
            pipeline_external_id="pl1",
            amount={"minor": 5, "currency": "EUR"},
        ),
        _item("task", title="Call", external_id="t1", links=[{"type": "deal", "external_id": "d1"}]),
        _item("note", body="Hi", external_id="n1", links=[{"type": "contact", "external_id": "p1"}]),
        _item("meeting", title="Talk", external_id="m1", deal_external_id="d1", utterances=[{"text": "Hello."}]),
    ]


def test_later_items_refer_to_earlier_ones(alice_api: Any) -> None:
    answer = alice_api.post("/batch", {"items": _mixed()})
    assert answer.status_code == 200
    assert {item["result"] for item in answer.json["items"]} == {"created"}
    ids = {item["external_id"]: item["id"] for item in answer.json["items"]}
    deal = alice_api.get(f"/deals/{ids['d1']}").json
    assert (deal["company_id"], deal["contact_id"], deal["pipeline_id"]) == (ids["c1"], ids["p1"], ids["pl1"])
    assert alice_api.get(f"/meetings/{ids['m1']}").json["deal_id"] == ids["d1"]


def test_the_same_batch_again_changes_nothing(alice_api: Any, session: Any, count: Any) -> None:
    alice_api.post("/batch", {"items": _mixed()})
    events = count(Event)
    again = alice_api.post("/batch", {"items": _mixed()})
    assert {item["result"] for item in again.json["items"]} == {"unchanged"}
    assert count(Event) == events
    changed = alice_api.post("/batch", {"items": [{"type": "company", "data": {"name": "New", "external_id": "c1"}}]})
    assert changed.json["items"][0]["result"] == "updated"


@pytest.mark.parametrize(
    ("item", "path", "status"),
    [
        ({"type": "company", "data": {"name": ""}}, "items.2.data.name", 422),
        ({"type": "contact", "data": {}}, "items.2.data.last_name", 422),
        (_item("deal", name="D", company_external_id="nobody"), "items.2.data.company_external_id", 422),
        ({"type": "deal", "data": {"name": "D", "company_id": 99}}, "items.2.data.company_id", 422),
        ({"type": "lead", "data": {}}, "items.2.type", 422),
        ({"type": "company"}, "items.2.data", 422),
        ({"type": "company", "data": []}, "items.2.data", 422),
        ({"type": "company", "data": {"name": "X"}, "more": 1}, "items.2.more", 422),
        ({"type": "user", "data": {"email": "alice@acme.example"}}, "items.2.data.email", 422),
        ({"type": "company", "data": {"name": "X", "tags": [""]}}, "items.2.data.tags.0", 422),
    ],
)  # fmt: skip
def test_one_wrong_item_is_named_and_nothing_is_written(
    alice_api: Any, count: Any, item: dict[str, Any], path: str, status: int
) -> None:
    good = {"type": "company", "data": {"name": "Good"}}
    refused = alice_api.post("/batch", {"items": [good, good, item, good]})
    assert refused.status_code == status
    assert path in [error["path"] for error in refused.json["errors"]]
    assert count(Company) == 0
    assert count(Event, Event.kind.like("company.%")) == 0


def test_history_in_a_batch_needs_an_admin_and_names_the_item(script: Any, cast: Any, count: Any) -> None:
    items = [_item("company", name="A"), _item("company", name="B", created_at="2019-01-01T00:00:00Z")]
    refused = script(cast.bob).post("/batch", {"items": items})
    assert refused.status_code == 403
    assert refused.json["errors"][0]["path"] == "items.1.data.created_at"
    assert count(Company) == 0
    assert script(cast.alice).post("/batch", {"items": items}).status_code == 200


@pytest.mark.parametrize(
    "item", [_item("user", email="eve@acme.example"), _item("pipeline", name="P", stages=[{"name": "New"}])]
)
def test_a_batch_is_no_way_around_permissions(script: Any, cast: Any, item: dict[str, Any]) -> None:
    assert script(cast.bob).post("/batch", {"items": [item]}).status_code == 403


def test_500_items_are_taken_and_501_are_not(alice_api: Any) -> None:
    items = [{"type": "company", "data": {"name": f"C{i}", "external_id": f"c{i}"}} for i in range(500)]
    assert len(alice_api.post("/batch", {"items": items}).json["items"]) == 500
    assert alice_api.post("/batch", {"items": [*items, items[0]]}).status_code == 422
