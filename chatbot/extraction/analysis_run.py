"""One analysis of one meeting, from the stored file to proposals, safe to kill at any point.

    claim ─▶ parse ─▶ read segment, store it ─▶ … ─▶ assemble ─▶ propose + ready, in one commit

Every write proves that the lease is still held, in the same transaction; a thread renews the lease meanwhile. No
session is open while an engine reads. Whoever picks the run up after a crash starts from the segments that are stored.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import delete

from chatbot.extraction import meeting_analyzer
from chatbot.extraction.builtin.engine import BuiltinEngine
from chatbot.extraction.language import detect_language
from chatbot.extraction.likeness import likeness
from chatbot.extraction.ollama_engine import SegmentFailed, choose_engine
from chatbot.extraction.types import Draft, Engine, MeetingContext, Segment
from chatbot.llm.ollama_client import Call
from shared import database, installation, review, transcripts
from shared.config import Settings
from shared.database import session_scope
from shared.leases import LeasedRun
from shared.models import AnalysisSegment, LlmCall, Meeting, User, Workspace
from shared.records import analysis, meetings, uploads
from shared.records.analysis import Lease
from shared.schemas.insight import Item
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)


def run(settings: Settings, workspace_id: int, meeting_id: int, run_number: int) -> None:
    """Analyse a meeting, or go on where a killed worker stopped. Does nothing if the run is done or held by another."""
    with session_scope(workspace_id) as session:
        lease = analysis.claim(session, meeting_id, run_number, lease_s=settings.lease_s)
    if lease is not None:
        _Run(settings, workspace_id, lease).carry_out()


@dataclass(slots=True)
class _Run(LeasedRun):
    log_name = "analysis"
    bug_message = "An unexpected error stopped the analysis (reference {reference}). Nothing was lost; try again."

    lease: Lease
    fallback: BuiltinEngine = field(default_factory=BuiltinEngine)

    @property
    def log_fields(self) -> dict[str, int]:
        return {"meeting_id": self.lease.meeting_id, "run": self.lease.run}

    def renew(self, session: TenantSession, *, lease_s: float) -> None:
        analysis.hold(session, self.lease, lease_s=lease_s)

    def fail(self, session: TenantSession, reason: str) -> None:
        analysis.fail(session, self.lease, reason)

    def work(self) -> None:
        started = time.monotonic()
        meeting = self._context()
        settings = installation.effective(self.settings, database.current())
        engine, note = choose_engine(settings, self.lease.engine, on_call=self._book)
        notes = [note] if note else []
        drafts = self._read(meeting, engine, notes)
        alike = likeness(settings) if engine.name != "builtin" else None
        items = meeting_analyzer.assemble(meeting, drafts, engine, likeness=alike)
        notes += getattr(engine, "notes", [])  # what the model's last pass had to do without
        self._publish(meeting, items, engine, notes, ms=int((time.monotonic() - started) * 1000))

    def _context(self) -> MeetingContext:
        """The meeting's utterances, parsed from the file at the first attempt, and what is known about it."""
        with session_scope(self.workspace_id, read_only=True) as session:
            meeting = session.get_one(Meeting, self.lease.meeting_id)
            spoken = meetings.utterances_of(session, meeting.id)
        if not spoken and meeting.file_sha256:
            data = uploads.load(self.settings.upload_dir, self.workspace_id, meeting.file_sha256)
            spoken = self._store(transcripts.parse(data, meeting.file_name))
        with session_scope(self.workspace_id, read_only=True) as session:
            meeting = session.get_one(Meeting, self.lease.meeting_id)
            workspace = session.get_one(Workspace, self.workspace_id)
            users = {user.id: user.name for user in session.query(User)}
        attending = [users[a.user_id] for a in meeting.attendees if a.user_id in users]
        return MeetingContext(
            utterances=tuple(spoken),
            occurred_at=meeting.occurred_at.astimezone(ZoneInfo(workspace.timezone)),
            own_company=workspace.own_name,
            own_domains=tuple(workspace.own_domains or ()),
            participants=tuple(dict.fromkeys([*(meeting.participants or []), *attending])),
            title=meeting.title,
            language=detect_language(spoken),
        )

    def _store(self, transcript: transcripts.Transcript) -> list[transcripts.Utterance]:
        with session_scope(self.workspace_id) as session:
            analysis.hold(session, self.lease, lease_s=self.settings.lease_s)
            meeting = session.get_one(Meeting, self.lease.meeting_id)
            meetings.store_utterances(session, meeting, list(transcript.utterances))
            meeting.format, meeting.cues_kept, meeting.cues_found = transcript.format, transcript.kept, transcript.found
            if transcript.participants and not meeting.participants:
                meeting.participants = list(transcript.participants)[:100]
            meetings.learn_time(session, meeting, transcript.occurred_at)
        return list(transcript.utterances)

    def _read(self, meeting: MeetingContext, engine: Engine, notes: list[str]) -> list[Draft]:
        segments = engine.segments(meeting)
        stored = self._stored(segments)
        for done, segment in enumerate(segments):
            if segment.index not in stored:
                stored[segment.index] = self._read_one(meeting, engine, segment)
                self._keep(stored[segment.index], progress=(done + 1) / (len(segments) + 1))
        rows = [stored[segment.index] for segment in segments]
        notes += list(dict.fromkeys(row.note for row in rows if row.note))
        return [Draft.from_json(draft) for row in rows for draft in row.drafts]

    def _stored(self, segments: list[Segment]) -> dict[int, AnalysisSegment]:
        """What an earlier attempt left; dropped where the meeting is cut differently now (another engine)."""
        wanted = {(segment.index, segment.first, segment.last) for segment in segments}
        with session_scope(self.workspace_id) as session:
            analysis.hold(session, self.lease, lease_s=self.settings.lease_s)
            rows = analysis.segments(session, self.lease)
            useless = [row.id for row in rows if (row.position, row.first, row.last) not in wanted]
            if useless:
                session.execute(delete(AnalysisSegment).where(AnalysisSegment.id.in_(useless)))
        return {row.position: row for row in rows if row.id not in useless}

    def _read_one(self, meeting: MeetingContext, engine: Engine, segment: Segment) -> AnalysisSegment:
        started, note = time.monotonic(), None
        try:
            drafts = engine.read(meeting, segment)
        except SegmentFailed as error:
            note = error.reason
            log.warning("segment.fell_back", meeting_id=self.lease.meeting_id, segment=segment.index, reason=note)
            drafts = self.fallback.read(meeting, segment)
        return AnalysisSegment(
            position=segment.index,
            first=segment.first,
            last=segment.last,
            engine="builtin" if note else engine.name,
            drafts=[draft.to_json() for draft in drafts],
            note=note[:500] if note else None,
            ms=int((time.monotonic() - started) * 1000),
        )

    def _keep(self, segment: AnalysisSegment, *, progress: float) -> None:
        with session_scope(self.workspace_id) as session:
            analysis.hold(session, self.lease, lease_s=self.settings.lease_s, progress=progress)
            analysis.store_segment(session, self.lease, segment)

    def _book(self, call: Call) -> None:
        """A row for every model call, also for those that fail."""
        with session_scope(self.workspace_id) as session:
            session.add(LlmCall(meeting_id=self.lease.meeting_id, **asdict(call)))

    def _publish(
        self, context: MeetingContext, items: list[Item], engine: Engine, notes: list[str], *, ms: int
    ) -> None:
        note = " ".join(notes)[:500] or None
        with session_scope(self.workspace_id) as session:
            analysis.hold(session, self.lease, lease_s=self.settings.lease_s)
            insights = review.publish(
                session, self.lease, items, engine=engine.name, note=note, language=context.language, ms=ms
            )
        log.info(
            "meeting.analyzed", meeting_id=self.lease.meeting_id, insights=len(insights), engine=engine.name, ms=ms
        )
