"""Review, search, timeline, audit and settings over REST."""

from __future__ import annotations

from typing import Any

import pytest

from shared.models import Insight, Meeting
from shared.review import propose
from shared.schemas.insight import Evidence, Item, Kind

LINES = [
    {"speaker": "Jane Roe", "start_s": 0, "text": "I am Jane Roe of Fernhallow."},
    {"speaker": "Alice", "start_s": 9, "text": "I will send the offer on Friday."},
    {"speaker": "Jane Roe", "start_s": 15, "text": "We decided to start in May."},
]


def _item(kind: Kind, data: dict[str, Any], utterance: int, confidence: float) -> Item:
    line = LINES[utterance]
    evidence = Evidence(quote=line["text"], speaker=line["speaker"], start_s=line["start_s"], utterance=utterance)
    return Item(kind=kind, data=data, evidence=[evidence], confidence=confidence)


@pytest.fixture
def meeting_id(alice_api: Any, session: Any) -> int:
    """A meeting in which three things were found: a company, a task, a decision."""
    made = alice_api.made("/meetings", {"title": "Kick-off", "utterances": LINES})
    items = [
        _item(Kind.COMPANY, {"name": "Fernhallow"}, 0, 0.95),
        _item(Kind.ACTION_ITEM, {"description": "Send the offer", "owner": "Alice", "due_date": "2026-11-27"}, 1, 0.9),
        _item(Kind.DECISION, {"description": "Start in May"}, 2, 0.6),
    ]
    propose(session, session.get_one(Meeting, made["id"]), items)
    session.commit()
    return int(made["id"])


def _by_kind(alice_api: Any, meeting_id: int) -> dict[str, dict[str, Any]]:
    return {i["kind"]: i for i in alice_api.get(f"/meetings/{meeting_id}/insights").json["items"]}


def test_insights_carry_evidence_and_what_they_would_change(alice_api: Any, meeting_id: int) -> None:
    task = _by_kind(alice_api, meeting_id)["action_item"]
    assert task["status"] == "pending"
    assert task["evidence"][0]["quote"] == "I will send the offer on Friday."
    assert (task["evidence"][0]["speaker"], task["evidence"][0]["utterance"]) == ("Alice", 1)
    assert (task["proposal"]["action"], task["proposal"]["type"]) == ("create", "task")
    assert {"title", "due_date"} <= {change["field"] for change in task["proposal"]["changes"]}


def test_insights_can_be_narrowed_and_paged(alice_api: Any, meeting_id: int) -> None:
    path = f"/meetings/{meeting_id}/insights"
    assert [i["kind"] for i in alice_api.get(path, kind="decision").json["items"]] == ["decision"]
    assert alice_api.get(path, status="accepted").json["items"] == []
    assert alice_api.get(path, kind="nonsense").status_code == 422
    first = alice_api.get(path, limit=2).json
    rest = alice_api.get(path, limit=2, cursor=first["next_cursor"]).json
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)


def test_accepting_makes_the_record_and_undoing_takes_it_back(alice_api: Any, meeting_id: int) -> None:
    insight = _by_kind(alice_api, meeting_id)["action_item"]
    accepted = alice_api.post(f"/insights/{insight['id']}/accept")
    assert (accepted.status_code, accepted.json["status"]) == (200, "accepted")
    task_id = accepted.json["proposal"]["record_id"]
    task = alice_api.get(f"/tasks/{task_id}").json
    assert (task["due_date"], task["meeting_id"], task["meeting_s"]) == ("2026-11-27", meeting_id, 9.0)
    assert alice_api.post(f"/insights/{insight['id']}/accept").status_code == 409
    undone = alice_api.post(f"/insights/{insight['id']}/undo")
    assert undone.json["status"] == "undone"
    assert alice_api.get(f"/tasks/{task_id}").status_code == 404


def test_accepting_with_edits_keeps_the_edited_words(alice_api: Any, meeting_id: int) -> None:
    insight = _by_kind(alice_api, meeting_id)["action_item"]
    edited = alice_api.post(f"/insights/{insight['id']}/accept", {"edits": {"description": "Send the long offer"}})
    assert (edited.json["status"], edited.json["data"]["description"]) == ("edited", "Send the long offer")
    assert alice_api.get(f"/tasks/{edited.json['proposal']['record_id']}").json["title"] == "Send the long offer"


def test_edits_that_do_not_fit_are_refused(alice_api: Any, meeting_id: int) -> None:
    insight = _by_kind(alice_api, meeting_id)["action_item"]
    for edits in ({"due_date": "Friday"}, {"nonsense": 1}, {"description": None}, []):
        assert alice_api.post(f"/insights/{insight['id']}/accept", {"edits": edits}).status_code == 422
    assert alice_api.get(f"/insights/{insight['id']}").json["status"] == "pending"


def test_rejecting_keeps_the_reason(alice_api: Any, session: Any, meeting_id: int) -> None:
    insight = _by_kind(alice_api, meeting_id)["decision"]
    assert (
        alice_api.post(f"/insights/{insight['id']}/reject", {"reason": "They only wished"}).json["status"] == "rejected"
    )
    row = session.get_one(Insight, insight["id"], populate_existing=True)
    session.commit()
    assert row.reason == "They only wished"


def test_accepting_all_above_a_threshold_can_be_undone_as_one(alice_api: Any, meeting_id: int) -> None:
    done = alice_api.post(f"/meetings/{meeting_id}/review", {"accept_above": 0.8})
    assert (done.json["accepted"], done.json["below"]) == (2, 1)
    assert _by_kind(alice_api, meeting_id)["decision"]["status"] == "pending"
    assert len(alice_api.get("/companies", q="Fernhallow").json["items"]) == 1
    undone = alice_api.post(f"/batches/{done.json['batch_id']}/undo")
    assert undone.json["undone"] == 2
    assert alice_api.get("/companies", q="Fernhallow").json["items"] == []
    assert alice_api.post(f"/batches/{done.json['batch_id']}/undo").status_code == 409


@pytest.mark.parametrize("body", [{}, {"accept_above": 1.1}, {"accept_above": "high"}, {"accept_above": -0.1}])
def test_a_threshold_lies_between_0_and_1(alice_api: Any, meeting_id: int, body: dict[str, Any]) -> None:
    refused = alice_api.post(f"/meetings/{meeting_id}/review", body)
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "accept_above")


def test_search_finds_records_by_words_and_type(alice_api: Any) -> None:
    company = alice_api.made("/companies", {"name": "Fernhallow", "city": "Bath"})
    alice_api.made("/notes", {"body": "Fernhallow wants it by spring."})
    hits = alice_api.get("/search", q="fernhallow").json
    assert {hit["type"] for hit in hits["items"]} == {"company", "note"}
    only = alice_api.get("/search", q="fernhallow", types="company", mode="hybrid").json
    assert [(hit["type"], hit["id"]) for hit in only["items"]] == [("company", company["id"])]
    assert only["mode"] == "keyword"


def test_the_timeline_says_what_happened_newest_first(alice_api: Any, cast: Any) -> None:
    company = alice_api.made("/companies", {"name": "Fernhallow"})
    alice_api.patch(f"/companies/{company['id']}", {"city": "Bath"}, version=company["version"])
    alice_api.made("/notes", {"body": "Hi", "links": [{"type": "company", "id": company["id"]}]})
    first = alice_api.get("/timeline", type="company", id=company["id"], limit=2).json
    rest = alice_api.get("/timeline", type="company", id=company["id"], limit=2, cursor=first["next_cursor"]).json
    assert [e["kind"] for e in first["items"] + rest["items"]] == ["note.created", "company.updated", "company.created"]
    changed = first["items"][1]
    assert changed["data"]["changes"]["city"] == [None, "Bath"]
    assert changed["by"] == {"kind": "api", "user_id": cast.alice, "name": "Alice Archer", "meeting_id": None}


def test_the_audit_log_shows_everything_to_those_who_may(alice_api: Any, script: Any, cast: Any) -> None:
    company = alice_api.made("/companies", {"name": "Fernhallow"})
    alice_api.delete(f"/companies/{company['id']}")
    found = alice_api.get("/audit", kind="company.", user_id=cast.alice).json["items"]
    assert [e["kind"] for e in found] == ["company.deleted", "company.created"]
    assert script(cast.bob).get("/audit").status_code == 403


def test_settings_are_read_and_changed_against_a_version(alice_api: Any) -> None:
    before = alice_api.get("/workspace")
    version = before.json["version"]
    assert before.headers["ETag"] == f'"{version}"'
    wish = {"timezone": "Europe/Berlin", "own_company": {"name": "Acme Ltd", "domains": ["acme.example"]}}
    after = alice_api.patch("/workspace", wish, version=version)
    assert (after.status_code, after.json["timezone"]) == (200, "Europe/Berlin")
    assert after.json["own_company"] == {"name": "Acme Ltd", "domains": ["acme.example"]}
    late = alice_api.patch("/workspace", {"currency": "USD", "version": version})
    assert (late.status_code, late.json["current"]["timezone"]) == (409, "Europe/Berlin")
    assert alice_api.patch("/workspace", {"currency": "USD"}).status_code == 428
    for unseen in ({"currency": "XXX"}, {"name": "\u202e\u200b"}):  # no money, no name
        assert alice_api.patch("/workspace", unseen, version=after.json["version"]).status_code == 422


@pytest.mark.parametrize(
    ("body", "path"),
    [({"timezone": "Mars/Base"}, "timezone"), ({"currency": "XYZ"}, "currency"), ({"week_start": 9}, "week_start")],
)
def test_wrong_settings_are_named(alice_api: Any, body: dict[str, Any], path: str) -> None:
    refused = alice_api.patch("/workspace", {**body, "version": 1})
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, path)


# --- Corrections, and many at once


def test_insights_are_merged_moved_and_assigned(alice_api: Any, session: Any, meeting_id: int, cast: Any) -> None:
    meeting = session.get_one(Meeting, meeting_id)
    propose(session, meeting, [_item(Kind.DECISION, {"description": d}, 2, 0.6) for d in ("May it is", "Start in May")])
    session.commit()
    items = alice_api.get(f"/meetings/{meeting_id}/insights", kind="decision").json["items"]
    one, two = (i["id"] for i in items)
    assert alice_api.post(f"/insights/{one}/merge", {"other": two}).json["status"] == "pending"
    other = alice_api.get(f"/insights/{two}").json
    assert (other["status"], other["decided_by_id"]) == ("rejected", cast.alice)
    late = alice_api.post(f"/insights/{two}/accept")
    assert late.status_code == 409 and "Alice Archer rejected this already" in late.json["detail"]
    assert late.json["current"]["status"] == "rejected"
    company = alice_api.made("/companies", {"name": "Quill"})
    moved = alice_api.post(f"/insights/{one}/move", {"type": "company", "id": company["id"]}).json["proposal"]
    assert (moved["action"], moved["type"], moved["record_id"]) == ("link", "company", company["id"])
    assert alice_api.post(f"/insights/{one}/move", {"type": "company", "id": None}).status_code == 422
    assert alice_api.post(f"/insights/{one}/assign", {"user_id": cast.bob}).status_code == 422


def test_several_are_rejected_as_a_batch_and_all_of_mine_undone(alice_api: Any, session: Any, meeting_id: int) -> None:
    meeting = session.get_one(Meeting, meeting_id)
    found = propose(session, meeting, [_item(Kind.DECISION, {"description": d}, 2, 0.6) for d in ("Yes", "No", "So")])
    ids = [insight.id for insight in found]
    session.commit()
    done = alice_api.post(f"/meetings/{meeting_id}/reject", {"ids": ids[:2], "reason": "chatter"}).json
    assert (done["rejected"], done["conflicts"]) == (2, 0)
    accepted = alice_api.post(f"/meetings/{meeting_id}/review", {"accept_above": 0, "among": ids}).json
    assert accepted["accepted"] == 1
    assert alice_api.post(f"/meetings/{meeting_id}/undo").json == {"undone": 3, "conflicts": 0}
    assert alice_api.post(f"/meetings/{meeting_id}/reject", {"ids": []}).status_code == 422
