"""Taking in transcripts, and the states of their analysis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from shared import clock, events
from shared.database import Database
from shared.errors import Conflict, Invalid, Unavailable
from shared.events import Actor
from shared.leases import MAX_ATTEMPTS, LeaseLost
from shared.models import AnalysisSegment, Event, Meeting, MeetingStatus, User
from shared.records import analysis, meetings, uploads
from shared.records.meetings import Upload
from shared.tenancy import TenantSession
from tests import factories

TALK = b"Alice: Hello there, thanks for joining.\nJane: Hi, we wait fifty minutes for every truck.\n"


@pytest.fixture
def by(alice: User) -> Actor:
    return Actor("user", alice.id)


def receive(
    session: TenantSession, tmp_path: Path, by: Actor, data: bytes = TALK, **over: object
) -> tuple[Meeting, bool]:
    upload = Upload(data, "talk.txt", **over)  # type: ignore[arg-type]
    return meetings.receive(session, upload, upload_dir=tmp_path / "uploads", by=by)


def test_the_file_is_on_disk_and_the_job_in_the_outbox_of_the_same_commit(
    session: TenantSession, tmp_path: Path, by: Actor
) -> None:
    meeting, is_duplicate = receive(session, tmp_path, by)
    assert not is_duplicate
    assert (meeting.status, meeting.run, meeting.title) == (MeetingStatus.QUEUED, 1, "talk")
    assert uploads.load(tmp_path / "uploads", session.workspace_id, meeting.file_sha256 or "") == TALK
    (job,) = session.scalars(select(Event).where(Event.job.is_not(None)))
    assert (job.job_args, job.sent_at) == ([session.workspace_id, meeting.id, 1], None)


def test_the_same_bytes_again_are_the_same_meeting(session: TenantSession, tmp_path: Path, by: Actor) -> None:
    first, _ = receive(session, tmp_path, by)
    again, is_duplicate = receive(session, tmp_path, by, title="Another name")
    assert (again.id, is_duplicate, again.run) == (first.id, True, 1)


def test_the_same_bytes_in_another_workspace_are_another_meeting(
    session: TenantSession, mallory_session: TenantSession, tmp_path: Path, by: Actor, mallory: User
) -> None:
    ours, _ = receive(session, tmp_path, by)
    session.commit()
    theirs, is_duplicate = receive(mallory_session, tmp_path, Actor("user", mallory.id))
    assert (theirs.id != ours.id, is_duplicate) == (True, False)


@pytest.mark.parametrize("data", [b"", b"   \n", b"\x89PNG\r\n\x1a\n" + bytes(500)])
def test_what_cannot_be_read_is_refused_and_nothing_is_stored(
    session: TenantSession, tmp_path: Path, by: Actor, data: bytes
) -> None:
    with pytest.raises(Invalid):
        receive(session, tmp_path, by, data)
    assert session.scalars(select(Meeting)).all() == []
    assert not (tmp_path / "uploads").exists()


def test_a_meeting_in_the_future_is_refused(session: TenantSession, tmp_path: Path, by: Actor) -> None:
    with pytest.raises(Invalid, match="future"):
        receive(session, tmp_path, by, occurred_at=clock.now() + timedelta(days=3))


def test_a_time_without_zone_is_the_workspaces_local_time(
    session: TenantSession, tmp_path: Path, by: Actor, acme: object
) -> None:
    acme.timezone = "Europe/Berlin"  # type: ignore[attr-defined]
    meeting, _ = receive(session, tmp_path, by, occurred_at=datetime(2026, 7, 1, 10))
    assert meeting.occurred_at == datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_a_company_of_another_workspace_is_unknown(
    session: TenantSession, mallory_session: TenantSession, tmp_path: Path, mallory: User, by: Actor
) -> None:
    ours = factories.make_company(session)
    with pytest.raises(Invalid):
        receive(mallory_session, tmp_path, Actor("user", mallory.id), company_id=ours.id)


def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(Unavailable, match="disk is full"):
        uploads.save(tmp_path, 1, TALK)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# ------------------------------------------------------------------------------------------------------------- leases


@pytest.fixture
def queued(session: TenantSession, by: Actor) -> Meeting:
    meeting = factories.make_meeting(session, lines=[("Jane", "Hello")])
    analysis.queue(session, meeting, by=by)
    session.commit()
    return meeting


def expire(session: TenantSession, meeting: Meeting) -> None:
    meeting.lease_until = clock.wall() - timedelta(seconds=1)
    meeting.queued_at = clock.wall() - timedelta(seconds=60)
    session.commit()


def test_one_run_has_one_holder(session: TenantSession, queued: Meeting) -> None:
    assert analysis.claim(session, queued.id, 1, lease_s=60) is not None
    assert analysis.claim(session, queued.id, 1, lease_s=60) is None


def test_a_superseded_or_finished_run_cannot_be_claimed(session: TenantSession, queued: Meeting) -> None:
    assert analysis.claim(session, queued.id, 0, lease_s=60) is None
    lease = analysis.claim(session, queued.id, 1, lease_s=60)
    assert lease is not None
    analysis.finish(session, lease, engine="builtin", note=None, ms=1)
    assert analysis.claim(session, queued.id, 1, lease_s=60) is None


def test_who_lost_the_lease_can_write_nothing(session: TenantSession, queued: Meeting) -> None:
    first = analysis.claim(session, queued.id, 1, lease_s=-1)
    second = analysis.claim(session, queued.id, 1, lease_s=60)
    assert first is not None
    assert second is not None
    session.refresh(queued)
    assert queued.attempts == 2
    with pytest.raises(LeaseLost):
        analysis.hold(session, first, lease_s=60)
    analysis.hold(session, second, lease_s=60, progress=0.5)


def test_asking_twice_is_a_conflict(session: TenantSession, queued: Meeting, by: Actor) -> None:
    with pytest.raises(Conflict):
        analysis.queue(session, queued, by=by)


def test_the_sweep_sends_again_what_nobody_holds(
    session: TenantSession, database: Database, queued: Meeting, redis_server: str
) -> None:
    analysis.claim(session, queued.id, 1, lease_s=60)
    session.commit()
    assert analysis.sweep(database) == 0
    session.refresh(queued)
    expire(session, queued)
    assert analysis.sweep(database) == 1
    assert analysis.sweep(database) == 0  # it waits a while before it sends once more
    jobs = session.scalars(select(Event.job_id).where(Event.job.is_not(None)).order_by(Event.id)).all()
    session.commit()
    assert jobs == [f"analyze-{queued.id}-1-0", f"analyze-{queued.id}-1-1"]
    assert events.sweep(database, redis_server) == 2
    assert events.sweep(database, redis_server) == 0
    for _ in range(3):  # it waits behind others: sent again, should the broker have lost it, and not written down
        session.refresh(queued)
        expire(session, queued)
        assert analysis.sweep(database) == 1
        assert events.sweep(database, redis_server) == 1
    assert session.scalars(select(Event.job_id).where(Event.job.is_not(None)).order_by(Event.id)).all() == jobs


def test_a_run_that_keeps_killing_its_worker_is_given_up_with_a_reason(
    session: TenantSession, database: Database, queued: Meeting
) -> None:
    queued.attempts = MAX_ATTEMPTS
    expire(session, queued)
    analysis.sweep(database)
    session.refresh(queued)
    assert queued.status is MeetingStatus.FAILED
    assert "interrupted 5 times" in (queued.error or "")


def test_reading_again_starts_from_nothing(session: TenantSession, queued: Meeting, by: Actor) -> None:
    lease = analysis.claim(session, queued.id, 1, lease_s=60)
    assert lease is not None
    analysis.store_segment(session, lease, AnalysisSegment(position=0, first=0, last=0, engine="builtin", drafts=[]))
    analysis.finish(session, lease, engine="builtin", note=None, ms=1)
    analysis.queue(session, queued, by=by)
    assert (queued.run, queued.attempts, session.scalars(select(AnalysisSegment)).all()) == (2, 0, [])
