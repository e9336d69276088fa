"""Transcripts over REST: stored before anything else, queued once, refused with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared.models import Event, Meeting, Utterance
from shared.queue import ANALYZE_MEETING

TEXT = "Alice: Good morning, Jane.\nJane: We need the offer by Friday.\nAlice: I will send it on Thursday.\n"
SPOKEN = [
    {"speaker": "Alice", "start_s": 0, "text": "Good morning."},
    {"speaker": "Jane", "start_s": 4.5, "text": "We need the offer by Friday."},
]


def test_a_text_is_stored_and_queued(alice_api: Any, session: Any, settings: Any) -> None:
    answer = alice_api.post("/meetings", {"text": TEXT, "title": "Offer", "participants": ["Jane Roe"]})
    assert answer.status_code == 202
    assert answer.json["status"] == "queued"
    assert answer.json["duplicate"] is False
    assert answer.headers["Location"].endswith(f"/meetings/{answer.json['id']}")
    assert answer.json["participants"] == ["Jane Roe"]
    jobs = session.scalars(select(Event).where(Event.job == ANALYZE_MEETING)).all()
    assert [job.job_args[1] for job in jobs] == [answer.json["id"]]
    assert [p.read_text() for p in settings.upload_dir.rglob("*") if p.is_file()] == [TEXT]


def test_a_file_is_stored_with_its_fields(alice_api: Any) -> None:
    company = alice_api.made("/companies", {"name": "Fernhallow", "external_id": "f"})
    answer = alice_api.upload(
        TEXT.encode(), "kick_off.txt", company_external_id="f", participants="Jane Roe, Tom Poe", external_id="m-1"
    )
    assert answer.status_code == 202
    meeting = alice_api.get(f"/meetings/{answer.json['id']}").json
    assert meeting["title"] == "kick off"
    assert meeting["company_id"] == company["id"]
    assert meeting["participants"] == ["Jane Roe", "Tom Poe"]
    assert (meeting["external_id"], meeting["file_name"]) == ("m-1", "kick_off.txt")


@pytest.mark.parametrize("second", ["text", "file"])
def test_the_same_bytes_again_are_the_existing_meeting(alice_api: Any, count: Any, second: str) -> None:
    first = alice_api.post("/meetings", {"text": TEXT})
    again = alice_api.post("/meetings", {"text": TEXT}) if second == "text" else alice_api.upload(TEXT.encode())
    assert again.status_code == 200
    assert (again.json["id"], again.json["duplicate"]) == (first.json["id"], True)
    assert count(Meeting) == 1


def test_utterances_are_stored_and_analysed_only_when_asked(alice_api: Any, count: Any) -> None:
    stored = alice_api.post(
        "/meetings", {"title": "Offer", "occurred_at": "2026-11-03T09:00:00Z", "utterances": SPOKEN}
    )
    assert (stored.status_code, stored.json["status"]) == (201, "stored")
    asked = alice_api.post("/meetings", {"title": "Offer 2", "utterances": SPOKEN, "analyze": True})
    assert (asked.status_code, asked.json["status"]) == (201, "queued")
    assert count(Event, Event.job == ANALYZE_MEETING) == 1


def test_utterances_come_back_in_pages(alice_api: Any) -> None:
    spoken = [{"speaker": "Alice", "start_s": i, "text": f"Line {i}"} for i in range(7)]
    meeting = alice_api.made("/meetings", {"title": "Long", "utterances": spoken})
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = alice_api.get(f"/meetings/{meeting['id']}/utterances", limit=3, **cursor).json
        seen += [u["text"] for u in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [u["text"] for u in spoken]


def test_a_synchronised_meeting_is_updated_and_keeps_its_transcript(alice_api: Any, count: Any) -> None:
    sent = {"external_id": "zoom-1", "title": "Offer", "utterances": SPOKEN}
    first = alice_api.post("/meetings", sent)
    again = alice_api.post("/meetings", {**sent, "title": "Offer, renamed"})
    assert (again.status_code, again.json["id"]) == (200, first.json["id"])
    assert again.json["title"] == "Offer, renamed"
    assert count(Utterance) == len(SPOKEN)
    other = alice_api.post("/meetings", {**sent, "utterances": [{"text": "Something else"}]})
    assert other.status_code == 409
    assert count(Utterance) == len(SPOKEN)


def test_another_text_under_a_known_external_id_is_a_conflict(alice_api: Any) -> None:
    first = alice_api.post("/meetings", {"external_id": "m", "text": TEXT})
    same = alice_api.post("/meetings", {"external_id": "m", "text": TEXT})
    other = alice_api.post("/meetings", {"external_id": "m", "text": TEXT + "Jane: Thanks.\n"})
    assert (same.status_code, same.json["id"]) == (200, first.json["id"])
    assert other.status_code == 409
    assert other.json["current"]["id"] == first.json["id"]


def test_a_meeting_can_be_analysed_on_request_but_not_twice_at_once(alice_api: Any) -> None:
    meeting = alice_api.made("/meetings", {"title": "Offer", "utterances": SPOKEN})
    path = f"/meetings/{meeting['id']}/analyze"
    assert alice_api.post(path, {"engine": "magic"}).status_code == 422
    queued = alice_api.post(path)
    assert (queued.status_code, queued.json["status"]) == (202, "queued")
    assert alice_api.post(path, {"engine": "builtin"}).status_code == 409


def test_there_must_be_something_to_analyse(alice_api: Any) -> None:
    meeting = alice_api.made("/meetings", {"title": "Lunch"})
    assert alice_api.post(f"/meetings/{meeting['id']}/analyze").status_code == 422


BAD_FILES = {
    "empty": (b"", "call.txt", 422),
    "binary renamed": (bytes(range(256)) * 40, "call.txt", 422),
    "broken json": (b'{"segments": [', "call.json", 422),
    "too large": (b"Alice: hello there\n" * 1_200_000, "call.txt", 413),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    alice_api: Any, count: Any, settings: Any, case: str
) -> None:
    data, name, status = BAD_FILES[case]
    refused = alice_api.upload(data, name)
    assert refused.status_code == status
    assert len(refused.json["detail"]) > 10
    assert count(Meeting) == 0
    assert not [p for p in settings.upload_dir.rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "text"),
        ({"text": TEXT, "utterances": SPOKEN}, "text"),
        ({"text": TEXT, "occurred_at": "2099-01-01T00:00:00Z"}, "occurred_at"),
        ({"text": TEXT, "company_id": 999}, "company_id"),
        ({"text": TEXT, "deal_external_id": "nobody"}, "deal_external_id"),
        ({"text": TEXT, "speakers": 2}, "speakers"),
        ({"utterances": [{"speaker": "Jane"}]}, "utterances.0.text"),
        ({"utterances": [{"text": "Hi", "start_s": -1}]}, "utterances.0.start_s"),
        ({"text": 5}, "text"),
        ({"text": TEXT, "analyze": False}, "analyze"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_stored(
    alice_api: Any, count: Any, body: dict[str, Any], path: str
) -> None:
    refused = alice_api.post("/meetings", body)
    assert refused.status_code == 422
    assert path in [error["path"] for error in refused.json["errors"]]
    assert count(Meeting) == 0


def test_a_form_needs_exactly_one_file(alice_api: Any) -> None:
    refused = alice_api.ask("POST", "/meetings", data={"title": "x"}, content_type="multipart/form-data")
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "file")


def test_every_development_transcript_is_taken(alice_api: Any) -> None:
    folder = Path(__file__).parents[2] / "data" / "meetings"
    files = [p for p in folder.iterdir() if p.name[:2].isdigit() and ".gold." not in p.name]
    assert len(files) == 10
    for file in files:
        assert alice_api.upload(file.read_bytes(), file.name).status_code == 202, file.name
