"""What a run takes from the transcript itself, and what a second run leaves as a person wrote it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from chatbot.extraction import analysis_run
from shared import review
from shared.config import Settings
from shared.events import Actor
from shared.models import Insight, Meeting
from shared.records import analysis, meetings
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession
from tests.conftest import Cast

TALK = "\n\nAlice Archer: Shall we start?\n\nJane Roe: We need an offer by Friday, please send it to me.\n"


def analyzed(session: TenantSession, settings: Settings, cast: Cast, upload: meetings.Upload) -> Meeting:
    by = Actor("user", cast.alice)
    meeting, _ = meetings.receive(session, upload, upload_dir=settings.upload_dir, by=by)
    session.commit()
    analysis_run.run(settings, cast.acme, meeting.id, meeting.run)
    session.expire_all()
    shown = session.get_one(Meeting, meeting.id)
    assert (shown.status, shown.error) == ("ready", None)
    session.commit()
    return shown


def captions(day: str) -> bytes:
    """A transcript that says when it was."""
    return f"Meeting notes\nDate: {day}\n{TALK}".encode()


def test_a_transcript_that_says_when_it_was_is_believed(session: TenantSession, settings: Settings, cast: Cast) -> None:
    meeting = analyzed(session, settings, cast, meetings.Upload(captions("2026-03-02 10:00"), "talk.txt"))
    assert meeting.occurred_at.date() == date(2026, 3, 2)


def test_a_time_that_somebody_gave_stands_above_it(session: TenantSession, settings: Settings, cast: Cast) -> None:
    given = datetime(2026, 1, 5, 9, tzinfo=UTC)
    upload = meetings.Upload(captions("2026-03-02 10:00"), "talk.txt", occurred_at=given)
    assert analyzed(session, settings, cast, upload).occurred_at == given


@pytest.mark.parametrize("day", ["2399-01-01 10:00", "1901-01-01 10:00"])
def test_a_time_that_cannot_be_true_does_not_stop_the_reading(
    session: TenantSession, settings: Settings, cast: Cast, day: str
) -> None:
    meeting = analyzed(session, settings, cast, meetings.Upload(captions(day), "talk.txt"))
    assert meeting.occurred_at == meeting.created_at


def test_a_summary_in_a_persons_words_outlives_another_reading(
    session: TenantSession, settings: Settings, cast: Cast
) -> None:
    meeting = analyzed(session, settings, cast, meetings.Upload(captions("2026-03-02 10:00"), "talk.txt"))
    by = Actor("user", cast.alice)
    summary = session.scalars(select(Insight).where(Insight.kind == Kind.SUMMARY)).one()
    review.accept(session, summary, by=by, edits={"text": "Jane wants an offer."})
    analysis.queue(session, meeting, by=by)
    session.commit()
    analysis_run.run(settings, cast.acme, meeting.id, meeting.run)
    session.expire_all()
    assert session.get_one(Meeting, meeting.id).summary == "Jane wants an offer."
