"""A fault loses nothing: whatever dies, the meeting is read to one result, and the page says what happened."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from shared.models import AnalysisSegment, Insight, Meeting, MeetingStatus
from tests.fakes.ollama_reader import read_as_a_model_would
from tests.fakes.ollama_script import Reply, Request
from tests.fakes.ollama_server import OllamaServer
from tests.faults.conftest import Stack, is_running, kill, wait_until

pytestmark = pytest.mark.faults

#: Long enough for several segments of a 4,096-token window.
TALK = "\n".join(
    f"{name}: {line} number {i}."
    for i in range(90)
    for name, line in (
        ("Alice Archer", "I'll send you the revised offer by Friday, that is promise"),
        (
            "Jane Roe",
            "So I'm the operations director at Quillhaven Logistics, and our trucks wait fifty minutes, problem",
        ),
    )
)


def slow_model(request: Request) -> Reply:
    """What a model would find, half a second later."""
    return replace(read_as_a_model_would(request), load_s=0.5)


def segments_stored(stack: Stack, meeting_id: int) -> int:
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        return len(session.scalars(select(AnalysisSegment.id).where(AnalysisSegment.meeting_id == meeting_id)).all())


@contextmanager
def writes_blocked(stack: Stack, meeting_id: int) -> Iterator[None]:
    """Hold what every write of the analysis needs: SQLite's write lock, on PostgreSQL the meeting's row."""
    with stack.database.engine.connect() as connection:
        if not stack.database.is_sqlite:
            connection.execute(text("SELECT id FROM meeting WHERE id = :id FOR UPDATE"), {"id": meeting_id})
        else:
            connection.execute(select(1))  # the engine begins with BEGIN IMMEDIATE
        yield
        connection.rollback()


def assert_one_result(stack: Stack, meeting_id: int) -> None:
    meeting = stack.meeting(meeting_id)
    assert (meeting.status, meeting.progress, meeting.error) == (MeetingStatus.READY, 1.0, None), stack.logs()
    found = stack.insights(meeting_id)
    assert found
    assert len(found) == len(set(found))
    with stack.database.scope(stack.cast.acme, read_only=True) as session:
        runs = set(session.scalars(select(Insight.run).where(Insight.meeting_id == meeting_id)))
        positions = list(
            session.scalars(select(AnalysisSegment.position).where(AnalysisSegment.meeting_id == meeting_id))
        )
    assert runs == {1}
    assert len(positions) == len(set(positions))


def test_a_worker_killed_between_segments_is_continued_by_the_next(stack: Stack) -> None:
    with OllamaServer(answer=slow_model) as ollama:
        stack.ollama_host = ollama.host
        worker = stack.start_worker()
        meeting_id = stack.upload(TALK)
        wait_until(lambda: segments_stored(stack, meeting_id) >= 1, "a segment", explain=stack.logs)
        kill(worker)
        before = segments_stored(stack, meeting_id)
        assert stack.meeting(meeting_id).status is MeetingStatus.ANALYZING
        asked = len([r for r in ollama.requests if r.endpoint == "/api/chat"])
        stack.start_worker()
        stack.wait_for(meeting_id, "ready")
        stored = segments_stored(stack, meeting_id)
        again = len([r for r in ollama.requests if r.endpoint == "/api/chat"]) - asked
    assert_one_result(stack, meeting_id)
    assert stack.meeting(meeting_id).attempts == 2
    assert again < stored + 3, "stored segments were read again"
    assert before <= stored


def test_a_worker_killed_after_the_model_answered_and_before_it_is_stored(stack: Stack) -> None:
    with OllamaServer(answer=slow_model) as ollama:
        stack.ollama_host = ollama.host
        worker = stack.start_worker()
        meeting_id = stack.upload(TALK)
        wait_until(lambda: any(r.endpoint == "/api/chat" for r in ollama.requests), "a call", explain=stack.logs)
        with writes_blocked(stack, meeting_id):
            time.sleep(1.2)  # the model has answered; the worker waits to store it
            kill(worker)
        stack.start_worker()
        stack.wait_for(meeting_id, "ready")
    assert_one_result(stack, meeting_id)


def test_a_worker_killed_while_it_publishes(stack: Stack) -> None:
    worker = stack.start_worker()
    meeting_id = stack.upload(TALK, engine="builtin")
    wait_until(lambda: stack.meeting(meeting_id).progress > 0, "progress", explain=stack.logs)
    with writes_blocked(stack, meeting_id):
        time.sleep(0.5)
        kill(worker)
    stack.start_worker()
    stack.wait_for(meeting_id, "ready")
    assert_one_result(stack, meeting_id)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_two_workers_make_one_result(stack: Stack) -> None:
    stack.start_worker()
    stack.start_worker()
    ids = [stack.upload(TALK.replace("revised", f"revised {i}"), engine="builtin") for i in range(4)]
    for meeting_id in ids:
        stack.wait_for(meeting_id, "ready")
        assert_one_result(stack, meeting_id)
        assert stack.meeting(meeting_id).attempts == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_jobs_wait_out_a_killed_broker(stack: Stack) -> None:
    broker = stack.processes[0]
    waiting = stack.upload(TALK, engine="builtin")
    kill(broker)
    unsent = stack.upload(TALK + "\nAlice Archer: One more thing.", engine="builtin")
    stack.start_broker()
    stack.start_worker()
    for meeting_id in (waiting, unsent):
        stack.wait_for(meeting_id, "ready")
        assert_one_result(stack, meeting_id)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_broker_that_lost_everything_is_told_again(stack: Stack) -> None:
    meeting_id = stack.upload(TALK, engine="builtin")
    kill(stack.processes[0])
    for path in stack.folder.glob("appendonlydir/*"):
        path.unlink()
    stack.start_broker()
    stack.start_worker()
    stack.wait_for(meeting_id, "ready")
    assert_one_result(stack, meeting_id)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_worker_survives_the_brokers_restart(stack: Stack) -> None:
    worker = stack.start_worker()
    first = stack.upload(TALK, engine="builtin")
    stack.wait_for(first, "ready")
    kill(stack.processes[0])
    time.sleep(0.5)
    stack.start_broker()
    second = stack.upload(TALK + "\nJane Roe: And again.", engine="builtin")
    wait_until(lambda: not is_running(worker) or stack.meeting(second).status.value == "ready", "a reaction")
    if not is_running(worker):  # the launcher would start the next one
        stack.start_worker()
    stack.wait_for(second, "ready")
    assert_one_result(stack, second)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(json={"items": []}, die_after=2), ""),
        (Reply(json={"items": []}, hang_after=1), ""),
        (Reply(text="As a language model I think this was a nice meeting."), ""),
        (Reply(status=500, error="model requires more system memory (43.0 GiB) than is available (8.0 GiB)"), "memory"),
    ],
    ids=["dies in mid-stream", "hangs", "answers rubbish", "out of memory"],
)
def test_a_failing_model_leaves_the_meeting_to_the_builtin_analyzer(stack: Stack, reply: Reply, reason: str) -> None:
    with OllamaServer(answer=lambda _request: reply) as ollama:
        stack.ollama_host = ollama.host
        stack.start_worker()
        short = "\n".join(TALK.splitlines()[:20])
        meeting_id = stack.upload(short)
        meeting = stack.wait_for(meeting_id, "ready")
    assert_one_result(stack, meeting_id)
    assert meeting.engine_note
    assert reason in meeting.engine_note


def test_a_database_locked_for_three_seconds_is_waited_for(stack: Stack) -> None:
    stack.lease_s = 10
    stack.start_worker()
    meeting_id = stack.upload(TALK, engine="builtin")
    wait_until(lambda: stack.meeting(meeting_id).status.value != "queued", "a start", explain=stack.logs)
    with writes_blocked(stack, meeting_id):
        time.sleep(3)
    stack.wait_for(meeting_id, "ready")
    assert_one_result(stack, meeting_id)
    assert stack.meeting(meeting_id).attempts == 1


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_within_half_a_minute_of_the_restart_by_our_own_lease(stack: Stack) -> None:
    stack.lease_s = 15  # the default
    with OllamaServer(answer=slow_model) as ollama:
        stack.ollama_host = ollama.host
        worker = stack.start_worker()
        meeting_id = stack.upload(TALK)
        wait_until(lambda: segments_stored(stack, meeting_id) >= 1, "a segment", explain=stack.logs)
        kill(worker)
        known = stack.workers()
        stack.start_worker()
        wait_until(lambda: stack.workers() - known, "the next worker", explain=stack.logs)
        wait_until(lambda: stack.meeting(meeting_id).attempts == 2, "its start", seconds=30, explain=stack.logs)
        stack.wait_for(meeting_id, "ready")
    assert_one_result(stack, meeting_id)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_meeting_deleted_while_it_is_read_stays_deleted(stack: Stack) -> None:
    stop = threading.Event()
    with OllamaServer(answer=slow_model) as ollama:
        stack.ollama_host = ollama.host
        stack.start_worker()
        meeting_id = stack.upload(TALK)
        wait_until(lambda: segments_stored(stack, meeting_id) >= 1, "a segment", explain=stack.logs)
        with stack.database.scope(stack.cast.acme) as session:
            session.get_one(Meeting, meeting_id).deleted_at = session.get_one(Meeting, meeting_id).occurred_at
        stop.wait(4)
    assert stack.meeting(meeting_id).deleted_at is not None
    assert stack.insights(meeting_id) == []
