"""What waits for a decision, across meetings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, select, tuple_

from shared.models import Insight, InsightStatus, Meeting, MeetingStatus
from shared.prepared import Prepared
from shared.schemas.insight import BANDS, Kind
from shared.tenancy import TenantSession

OPEN = (InsightStatus.PENDING, InsightStatus.UNDONE)

#: The confidences of a band, from and below.
RANGES = {"high": (BANDS.high, 1.01), "medium": (BANDS.medium, BANDS.high), "low": (0.0, BANDS.medium)}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which findings are asked for; nothing said means all. `owner_id` is whose meetings."""

    kind: str | None = None
    band: str | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A meeting and how many of its findings are open, by band."""

    meeting: Meeting
    high: int
    medium: int
    low: int

    @property
    def open(self) -> int:
        return self.high + self.medium + self.low


def _conditions(asked: Filter) -> list[ColumnElement[bool]]:
    wanted = [
        Insight.status.in_(OPEN),
        Insight.kind != Kind.SUMMARY,
        Meeting.deleted_at.is_(None),
        Meeting.status == MeetingStatus.READY,
    ]
    if asked.kind:
        wanted.append(Insight.kind == asked.kind)
    if asked.band:
        start, end = RANGES[asked.band]
        wanted += [Insight.confidence >= start, Insight.confidence < end]
    if asked.owner_id is not None:
        wanted.append(Meeting.owner_id == asked.owner_id)
    return wanted


#: All that waits.
EVERYTHING = Filter()


def waiting(session: TenantSession, asked: Filter = EVERYTHING, *, limit: int = 50) -> list[Waiting]:
    """Meetings with open findings, newest first."""
    query = _by_meeting(asked).order_by(Meeting.occurred_at.desc(), Meeting.id.desc()).limit(limit)
    found = session.execute(query).all()
    ids = [id for id, *_ in found]
    rows = {meeting.id: meeting for meeting in session.scalars(select(Meeting).where(Meeting.id.in_(ids)))}
    return [Waiting(rows[id], high, total - high - low, low) for id, total, high, low in found]


def _by_meeting(asked: Filter) -> Select[int, int, int, int]:
    high = func.count().filter(Insight.confidence >= BANDS.high)
    low = func.count().filter(Insight.confidence < BANDS.medium)
    return (
        select(Meeting.id, func.count(), high, low)
        .join(Insight, Insight.meeting_id == Meeting.id)
        .where(*_conditions(asked))
        .group_by(Meeting.id, Meeting.occurred_at)
    )


def next_after(session: TenantSession, meeting: Meeting) -> Any:
    """(id, title) of the next meeting to review: the next older one, else the newest of all; None when nothing else
    waits.
    """
    if not count(session, at_most=1):
        return None
    here = {"id": meeting.id, "at": meeting.occurred_at}
    return _next(is_older=True).first(session, **here) or _next(is_older=False).first(session, **here)


@cache
def _next(*, is_older: bool) -> Prepared:
    """The newest older one than this, or the newest of the others. Meetings are tried one after the other, by index."""
    id, at = bindparam("id", type_=Integer), bindparam("at", type_=Meeting.occurred_at.type)
    place = tuple_(Meeting.occurred_at, Meeting.id)
    waits = select(Insight.id).where(Insight.meeting_id == Meeting.id, *_conditions(EVERYTHING)).correlate(Meeting)
    found = select(Meeting.id, Meeting.title).where(waits.exists())
    found = found.where(place < tuple_(at, id) if is_older else place > tuple_(at, id))
    return Prepared(found.order_by(Meeting.occurred_at.desc(), Meeting.id.desc()).limit(1))


def findings(session: TenantSession, asked: Filter, meeting_ids: Sequence[int]) -> dict[int, list[Insight]]:
    """The open findings of these meetings, the surest first."""
    query = (
        select(Insight)
        .join(Meeting, Meeting.id == Insight.meeting_id)
        .where(*_conditions(asked), Insight.meeting_id.in_(meeting_ids))
        .order_by(Insight.confidence.desc(), Insight.position)
    )
    found: dict[int, list[Insight]] = {id: [] for id in meeting_ids}
    for insight in session.scalars(query):
        found[insight.meeting_id].append(insight)
    return found


def count(session: TenantSession, *, at_most: int) -> int:
    """How many findings are open in all meetings, counted no further than `at_most`."""
    return _counted(at_most).value(session) or 0


@cache
def _counted(at_most: int) -> Prepared:
    open_ones = (
        select(Insight.id)
        .join(Meeting, Meeting.id == Insight.meeting_id)
        .where(*_conditions(EVERYTHING))
        .limit(at_most)
    )
    return Prepared(select(func.count()).select_from(open_ones.subquery()))


def people_of(session: TenantSession, meeting: Meeting) -> list[str]:
    """Names of those who may have promised something and are none of us: found in the meeting, or speaking in it."""
    found = select(Insight.data).where(
        Insight.meeting_id == meeting.id,
        Insight.kind == Kind.CONTACT,
        Insight.status != InsightStatus.REJECTED,
    )
    names = [str(data["name"]) for data in session.scalars(found)]
    labels = [a.speaker for a in meeting.attendees if a.speaker and a.user_id is None]
    return list(dict.fromkeys([*names, *labels]))
