"""Meetings: taking in a transcript, and how a meeting is written and shown.

`receive` is the one door for files and texts: unreadable input is refused here and now, the file is on disk before
the row exists, and the row carries its analysis job in the same commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select

from shared import clock, events, search, transcripts
from shared.errors import Invalid
from shared.events import Actor, Target
from shared.models import Attendee, Company, Meeting, MeetingStatus, Utterance, Workspace, workspace_of
from shared.prepared import Prepared
from shared.records import analysis, uploads
from shared.records.references import resolve
from shared.schemas.ids import LARGEST_ID
from shared.telemetry import get_logger
from shared.tenancy import TenantSession

log = get_logger(__name__)

_PLAIN = ("title", "occurred_at", "duration_s", "company_id", "deal_id")


@dataclass(frozen=True, slots=True)
class Upload:
    """A transcript as it arrived. `engine` is auto, builtin or ollama."""

    data: bytes
    file_name: str | None = None
    title: str | None = None
    occurred_at: datetime | None = None
    company_id: int | None = None
    deal_id: int | None = None
    participants: tuple[str, ...] = ()
    engine: str = "auto"


def receive(session: TenantSession, upload: Upload, *, upload_dir: Path, by: Actor) -> tuple[Meeting, bool]:
    """Store a transcript and queue its analysis. Returns (meeting, is_duplicate).

    The same bytes again give the existing meeting, untouched. Raises Invalid or TooLarge for what cannot be read,
    Unavailable if it cannot be stored.
    """
    sniffed = transcripts.sniff(upload.data, upload.file_name)
    # On disk first: on SQLite the first question to the session takes the write lock, and a disk is slow.
    digest = uploads.save(upload_dir, session.workspace_id, upload.data)
    occurred_at = local_time(session, upload.occurred_at)
    resolve(session, {"company_id": upload.company_id, "deal_id": upload.deal_id})
    # One upload at a time per workspace, or the same file sent twice at once would make two meetings.
    session.execute(select(Workspace.id).where(Workspace.id == session.workspace_id).with_for_update())
    if existing := find_by_file(session, digest):
        return existing, True
    now = clock.now()
    meeting = Meeting(
        title=(upload.title or _title_from(upload.file_name) or "").strip()[:300] or _default_title(occurred_at),
        occurred_at=occurred_at or now,
        created_at=now,  # the same moment where nobody said when it was: `learn_time` tells by that
        company_id=upload.company_id,
        deal_id=upload.deal_id,
        owner_id=by.user_id,
        participants=[name.strip()[:200] for name in upload.participants if name.strip()][:100],
        file_name=(upload.file_name or "")[:255] or None,
        file_sha256=digest,
        file_bytes=len(upload.data),
        format=sniffed.format,
        actor=by.kind,
        created_by_id=by.user_id,
        custom={},
    )
    _add(session, meeting, by)
    analysis.queue(session, meeting, engine=upload.engine, by=by)
    return meeting, False


def add_utterances(
    session: TenantSession, values: dict[str, Any], utterances: list[transcripts.Utterance], *, by: Actor
) -> Meeting:
    """A meeting from utterances that are given, not parsed. It is stored; analysis is a separate wish."""
    meeting = Meeting(actor=by.kind, created_by_id=by.user_id, owner_id=by.user_id, custom={}, participants=[])
    meeting.title = _default_title(None)
    meeting.occurred_at = clock.now()
    meeting.external_id = values.get("external_id")
    if created_at := values.get("created_at"):
        meeting.created_at = meeting.updated_at = created_at
    with session.no_autoflush:
        write(session, meeting, values, by)
    _add(session, meeting, by)
    store_utterances(session, meeting, utterances)
    return meeting


def _add(session: TenantSession, meeting: Meeting, by: Actor) -> None:
    session.add(meeting)
    session.flush()
    search.index(session, "meeting", meeting.id, meeting.title, text(session, meeting))
    events.record(
        session,
        "meeting.created",
        by=by,
        subject=("meeting", meeting.id),
        title=meeting.title,
        also=related(session, meeting),
        at=meeting.created_at,
    )


def store_utterances(session: TenantSession, meeting: Meeting, utterances: list[transcripts.Utterance]) -> None:
    """Keep what was said; sets the meeting's length if the utterances have times."""
    rows = [
        {
            "meeting_id": meeting.id,
            "position": u.index,
            "speaker": (u.speaker or "")[:200] or None,
            "start_s": u.start_s,
            "end_s": u.end_s,
            "text": u.text,
        }
        for u in utterances
    ]
    if rows:
        session.execute(insert(Utterance), rows)
    ends = [end for u in utterances if (end := u.end_s if u.end_s is not None else u.start_s) is not None]
    if ends and meeting.duration_s is None:
        meeting.duration_s = max(ends)
    session.flush()
    search.mark(session, "meeting", meeting.id)


def learn_time(session: TenantSession, meeting: Meeting, said: datetime | None) -> None:
    """Take the time that the transcript itself gives, unless somebody said when it was or it cannot be true."""
    if said is None or meeting.occurred_at != meeting.created_at:
        return
    try:
        meeting.occurred_at = local_time(session, said) or meeting.occurred_at
    except Invalid:
        log.info("meeting.time_ignored", meeting_id=meeting.id)


_UTTERANCES = Prepared(
    select(Utterance.position, Utterance.speaker, Utterance.text, Utterance.start_s, Utterance.end_s)
    .where(Utterance.meeting_id == bindparam("meeting"))
    .where(Utterance.position.between(bindparam("first"), bindparam("last")))
    .order_by(Utterance.position)
)
_SAID_AT = Prepared(
    select(Utterance.position)
    .where(Utterance.meeting_id == bindparam("meeting"), Utterance.start_s <= bindparam("second"))
    .order_by(Utterance.position.desc())
    .limit(1)
)


def utterances_of(
    session: TenantSession, meeting_id: int, first: int = 0, last: int = LARGEST_ID
) -> list[transcripts.Utterance]:
    """What was said, in order: all of it, or from one position to another."""
    found = _UTTERANCES.rows(session, meeting=meeting_id, first=first, last=last)
    return [transcripts.Utterance(*row) for row in found]


def position_at(session: TenantSession, meeting_id: int, second: float) -> int | None:
    """The utterance that is being said at a second of the meeting; None before the first, or without times."""
    found: int | None = _SAID_AT.value(session, meeting=meeting_id, second=second + 0.5)
    return found


def find_by_file(session: TenantSession, digest: str) -> Meeting | None:
    """The meeting made from these bytes, if it was not deleted."""
    query = select(Meeting).where(Meeting.file_sha256 == digest, Meeting.deleted_at.is_(None))
    return session.scalars(query.order_by(Meeting.id).limit(1)).first()


def local_time(session: TenantSession, value: datetime | None) -> datetime | None:
    """A meeting's time, aware: without a zone it is the workspace's local time. A future one raises Invalid."""
    if value is None:
        return None
    if value.tzinfo is None:
        workspace = workspace_of(session)
        value = value.replace(tzinfo=ZoneInfo(workspace.timezone))
    if value > clock.now() + timedelta(hours=24):
        raise Invalid.field(
            "occurred_at", f"{value:%Y-%m-%d} lies in the future; a transcript can only be of a past meeting."
        )
    if value.year < 1970:
        raise Invalid.field("occurred_at", f"{value.date()} is too long ago.")
    return value


def _title_from(file_name: str | None) -> str | None:
    if not file_name:
        return None
    return Path(file_name.replace("\\", "/")).stem.replace("_", " ").strip() or None


def _default_title(occurred_at: datetime | None) -> str:
    return f"Meeting of {(occurred_at or clock.now()):%Y-%m-%d}"


def write(session: TenantSession, meeting: Meeting, values: dict[str, Any], by: Actor) -> None:
    """Set validated values."""
    if values.get("occurred_at") is not None:
        values = {**values, "occurred_at": local_time(session, values["occurred_at"])}
    for field in _PLAIN:
        if field in values and (values[field] is not None or field not in ("title", "occurred_at")):
            setattr(meeting, field, values[field])
    _write_attendees(meeting, values)


def _write_attendees(meeting: Meeting, values: dict[str, Any]) -> None:
    for key, attribute in (("contact_ids", "contact_id"), ("user_ids", "user_id")):
        if key not in values:
            continue
        wanted = set(values[key])
        meeting.attendees = [
            a for a in meeting.attendees if getattr(a, attribute) is None or getattr(a, attribute) in wanted
        ]
        present = {getattr(a, attribute) for a in meeting.attendees}
        for id in sorted(wanted - present):
            meeting.attendees.append(Attendee(workspace_id=meeting.workspace_id, **{attribute: id}))


def show(session: TenantSession, meeting: Meeting) -> dict[str, Any]:
    return {
        **{field: getattr(meeting, field) for field in _PLAIN},
        "user_ids": sorted(a.user_id for a in meeting.attendees if a.user_id is not None),
        "contact_ids": sorted(a.contact_id for a in meeting.attendees if a.contact_id is not None),
        "participants": list(meeting.participants or []),
        "language": meeting.language,
        "file_name": meeting.file_name,
        "format": meeting.format,
        "cues_kept": meeting.cues_kept,
        "cues_found": meeting.cues_found,
        "status": meeting.status or MeetingStatus.STORED,
        "progress": round(meeting.progress or 0.0, 3),
        "engine": meeting.engine,
        "engine_note": meeting.engine_note,
        "summary": meeting.summary,
        "error": meeting.error,
        "analyzed_at": meeting.analyzed_at,
    }


def text(session: TenantSession, meeting: Meeting) -> str:
    company = session.get(Company, meeting.company_id) if meeting.company_id else None
    parts = (company.name if company else None, meeting.summary, " ".join(meeting.participants or []))
    return "\n".join(part for part in parts if part)


def related(session: TenantSession, meeting: Meeting) -> list[Target]:
    targets: list[Target] = [("contact", a.contact_id) for a in meeting.attendees if a.contact_id is not None]
    if meeting.company_id:
        targets.append(("company", meeting.company_id))
    if meeting.deal_id:
        targets.append(("deal", meeting.deal_id))
    return targets
