"""Saved views over the API."""

from __future__ import annotations

from typing import Any

from tests.shared.query.test_ask import cmp


def test_views_are_kept_over_rest(alice_api: Any, script: Any, cast: Any) -> None:
    body = {
        "type": "deal",
        "name": "Big",
        "where": cmp("amount", "1000", op="gt"),
        "sort": "-amount",
        "columns": ["stage"],
    }
    view = alice_api.post("/views", body).json
    assert (view["where"], view["version"]) == (cmp("amount", "1000", op="gt"), 1)
    assert alice_api.post("/views", body).status_code == 409
    assert alice_api.post("/views", {**body, "name": "X", "where": cmp("secret", "1")}).status_code == 422
    assert alice_api.patch(f"/views/{view['id']}", {"group": "stage_id"}, version=7).status_code == 409
    changed = alice_api.patch(f"/views/{view['id']}", {"group": "stage_id", "shared": True}, version=1).json
    assert (changed["group"], changed["sort"]) == ("stage_id", "-amount")
    assert [v["name"] for v in script(cast.bob).get("/views", type="deal").json["items"]] == ["Big"]
    assert script(cast.bob).delete(f"/views/{view['id']}").status_code == 403
    assert script(cast.mallory).get("/views").json["items"] == []
    assert alice_api.delete(f"/views/{view['id']}").status_code == 204
