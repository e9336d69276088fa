"""One analysis of one meeting, from the stored file to proposals, safe to kill at any point.

    claim ─▶ parse ─▶ read segment, store it ─▶ … ─▶ assemble ─▶ propose + ready, in one commit

Every write proves that the lease is still held, in the same transaction; a thread renews the lease meanwhile. No
session is open while an engine reads. Whoever picks the run up after a crash starts from the segments that are stored.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

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
from shared.errors import AppError, Unavailable
from shared.leases import LeaseLost
from shared.models import AnalysisSegment, LlmCall, Meeting, User, Workspace
from shared.records import analysis, meetings, uploads
from shared.records.analysis import Lease
from shared.schemas.insight import Item
from shared.telemetry import get_logger

log = get_logger(__name__)


def run(settings: Settings, workspace_id: int, meeting_id: int, run_number: int) -> None:
    """Analyse a meeting, or go on where a killed worker stopped. Does nothing if the run is done or held by another."""
    with session_scope(workspace_id) as session:
        lease = analysis.claim(session, meeting_id, run_number, lease_s=settings.lease_s)
    if lease is None:
        return
    work = _Run(settings, workspace_id, lease)
    try:
        with _Heartbeat(work):
            work.analyze()
    except LeaseLost:
        log.info("analysis.superseded", meeting_id=meeting_id, run=run_number)
    except Unavailable:
        work.release()  # somebody else's bad moment (disk, database): the sweep sends the run again
        raise
    except AppError as error:
        work.give_up(error.detail)
    except Exception:
        reference = uuid4().hex[:8]
        work.give_up(f"An unexpected error stopped the analysis (reference {reference}). Nothing was lost; try again.")
        log.exception("analysis.broke", meeting_id=meeting_id, run=run_number, reference=reference)
        raise


@dataclass(slots=True)
class _Run:
    settings: Settings
    workspace_id: int
    lease: Lease
    fallback: BuiltinEngine = field(default_factory=BuiltinEngine)

    def analyze(self) -> None:
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

    def hold(self, *, progress: float | None = None) -> None:
        """Renew the lease in a transaction of its own. Raises LeaseLost."""
        with session_scope(self.workspace_id) as session:
            analysis.hold(session, self.lease, lease_s=self.settings.lease_s, progress=progress)

    def release(self) -> None:
        """Let the sweep find the run at once."""
        try:
            with session_scope(self.workspace_id) as session:
                analysis.hold(session, self.lease, lease_s=0)
        except (LeaseLost, Unavailable):
            return  # the lease runs out by itself

    def give_up(self, reason: str) -> None:
        try:
            with session_scope(self.workspace_id) as session:
                analysis.fail(session, self.lease, reason)
        except LeaseLost:
            return

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
            session.add(
                LlmCall(
                    meeting_id=self.lease.meeting_id,
                    purpose=call.purpose,
                    model=call.model,
                    prompt_version=call.prompt_version,
                    prompt_tokens=call.prompt_tokens,
                    output_tokens=call.output_tokens,
                    ms=call.ms,
                    ok=call.ok,
                    error=(call.error or "")[:500] or None,
                )
            )

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


class _Heartbeat:
    """Renews the lease from a thread while the block runs, so that long reading does not look like death."""

    def __init__(self, run: _Run) -> None:
        self._run = replace(run)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        while not self._stop.wait(self._run.settings.lease_s / 3):
            try:
                self._run.hold()
            except LeaseLost:
                return
            except (Unavailable, OperationalError):  # the database may be back before the lease runs out
                log.warning("lease.not_renewed", meeting_id=self._run.lease.meeting_id)
