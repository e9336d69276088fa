"""Meetings as people review them: the built-in analyzer reads a transcript, what it finds waits or was accepted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bench.ground import OWN_COMPANY, Ground
from chatbot.extraction import meeting_analyzer
from chatbot.extraction.builtin.engine import BuiltinEngine
from chatbot.extraction.types import MeetingContext
from shared import review, transcripts
from shared.models import Meeting, MeetingStatus
from shared.records import meetings
from shared.schemas.insight import Item
from shared.transcripts import Utterance

HELD_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def found_in(text: str) -> tuple[Sequence[Utterance], Sequence[Item]]:
    """What is said in a transcript (WebVTT), and what the built-in analyzer finds in it."""
    said = transcripts.parse(text.encode(), "long.vtt").utterances
    meeting = MeetingContext(said, HELD_AT, own_company=OWN_COMPANY)
    engine = BuiltinEngine()
    drafts = [draft for segment in engine.segments(meeting) for draft in engine.read(meeting, segment)]
    return said, meeting_analyzer.assemble(meeting, drafts, engine)


def hold(ground: Ground, said: Sequence[Utterance], items: Sequence[Item], *, is_accepted: bool) -> int:
    """A meeting in which this was said and found, all of it accepted or none; its id."""
    with ground.database.scope(ground.person.workspace_id) as session:
        meeting = Meeting(
            title="Workshop", occurred_at=HELD_AT, owner_id=ground.person.user_id, participants=[], custom={},
            status=MeetingStatus.READY, engine="builtin", analyzed_at=HELD_AT,
        )  # fmt: skip
        session.add(meeting)
        session.flush()
        meetings.store_utterances(session, meeting, list(said))
        review.propose(session, meeting, items)
        if is_accepted:
            review.accept_above(session, meeting, 0.0, by=ground.actor)
        return meeting.id
