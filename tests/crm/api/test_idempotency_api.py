"""A POST sent twice under one key is done once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from shared import clock
from shared.models import Company, IdempotencyKey, Meeting


def _keyed(key: str) -> dict[str, Any]:
    return {"headers": {"Idempotency-Key": key}}


def test_the_first_answer_is_replayed(alice_api: Any, count: Any) -> None:
    first = alice_api.post("/companies", {"name": "Acme"}, **_keyed("k1"))
    again = alice_api.post("/companies", {"name": "Acme"}, **_keyed("k1"))
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert (again.headers["ETag"], again.headers["Location"]) == (first.headers["ETag"], first.headers["Location"])
    assert count(Company) == 1


def test_another_body_or_address_under_the_key_is_refused(alice_api: Any, count: Any) -> None:
    alice_api.post("/companies", {"name": "Acme"}, **_keyed("k1"))
    for path, body in (("/companies", {"name": "Other"}), ("/contacts", {"last_name": "Roe"})):
        refused = alice_api.post(path, body, **_keyed("k1"))
        assert refused.status_code == 422
        assert refused.json["errors"][0]["path"] == "Idempotency-Key"
    assert count(Company) == 1


def test_a_refused_request_may_be_corrected_under_its_key(alice_api: Any) -> None:
    assert alice_api.post("/companies", {"name": ""}, **_keyed("k1")).status_code == 422
    assert alice_api.post("/companies", {"name": "Acme"}, **_keyed("k1")).status_code == 201


def test_keys_belong_to_one_user(script: Any, cast: Any, count: Any) -> None:
    for user in (cast.alice, cast.bob):
        assert script(user).post("/companies", {"name": "Acme"}, **_keyed("k1")).status_code == 201
    assert count(Company) == 2


def test_a_key_is_forgotten_after_a_day(alice_api: Any, session: Any, count: Any) -> None:
    alice_api.post("/companies", {"name": "Acme"}, **_keyed("k1"))
    alice_api.post("/companies", {"name": "Acme"}, **_keyed("k2"))
    session.execute(update(IdempotencyKey).values(created_at=clock.wall() - timedelta(hours=25)))
    session.commit()
    again = alice_api.post("/companies", {"name": "Acme"}, **_keyed("k1"))
    assert "Idempotency-Replayed" not in again.headers
    assert count(Company) == 3
    assert list(session.scalars(select(IdempotencyKey.key))) == ["k1"]


def test_a_file_uploaded_twice_under_one_key_gets_the_first_answer(alice_api: Any, count: Any) -> None:
    def upload(text: bytes) -> Any:
        return alice_api.upload(text, title="Call", **_keyed("k1"))

    first, again = upload(b"Alice: Hello, Jane.\n"), upload(b"Alice: Hello, Jane.\n")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json == first.json
    assert upload(b"Alice: Goodbye, Jane.\n").status_code == 422
    assert count(Meeting) == 1


def test_two_at_once_do_the_work_once(alice_api: Any, count: Any) -> None:
    answers: list[Any] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        answers.append(alice_api.post("/companies", {"name": "Acme"}, **_keyed("k1")))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 3
    assert count(Company) == 1


def test_two_upserts_of_one_external_id_at_once_make_one_record(alice_api: Any, count: Any) -> None:
    answers: list[Any] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        answers.append(alice_api.post("/companies", {"name": "Acme", "external_id": "c1"}))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert count(Company) == 1


def test_two_patches_of_one_version_at_once_are_one_change_and_one_conflict(alice_api: Any) -> None:
    company = alice_api.made("/companies", {"name": "Acme"})
    answers: list[Any] = []
    start = threading.Barrier(2)

    def send(city: str) -> None:
        start.wait()
        answers.append(alice_api.patch(f"/companies/{company['id']}", {"city": city}, version=company["version"]))

    threads = [threading.Thread(target=send, args=(city,)) for city in ("Bath", "York")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    assert lost.json["current"]["city"] == won.json["city"]


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "caf\u00e9\x80"])
def test_a_key_is_a_short_printable_text(alice_api: Any, key: str) -> None:
    assert alice_api.post("/companies", {"name": "Acme"}, **_keyed(key)).status_code == 422
