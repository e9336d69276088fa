"""What changed since the last meeting: the deal's figures, objections, rivals, and whether promises were kept.

The last meeting is the one before of the same deal, or, for a meeting without a deal, of the same company. What was
said counts before what stands in the record: a meeting that names a sum says what it was then. Where nothing was said,
the record's history tells what stood there when the meetings were held.

Everything follows from insights, tasks and events, with a fixed number of queries however long the history is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, or_, select

from shared.models import (
    Deal,
    Event,
    EventTarget,
    Insight,
    InsightStatus,
    Meeting,
    MeetingStatus,
    Stage,
    Task,
    TaskStatus,
    User,
)
from shared.records.deals import to_minor
from shared.records.keys import company_key
from shared.records.wording import shared_words
from shared.review.deal_history import History
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: How far back an objection counts as raised before, and a rival as known.
_MEETINGS = 12
#: More objections than this of one meeting are not compared: every pair costs, and no card could show them.
_OBJECTIONS = 30
#: Two objections that have this share of their words in common are one.
_SAME = 0.5
_KINDS = (Kind.DEAL, Kind.ACTION_ITEM, Kind.NEXT_MEETING, Kind.OBJECTION, Kind.COMPETITOR)


@dataclass(frozen=True, slots=True)
class Said:
    """Where something was said. `is_open`: nobody has looked at it yet."""

    meeting_id: int
    text: str
    is_open: bool
    speaker: str | None = None
    start_s: float | None = None
    utterance: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that is another now. Amounts are {"minor", "currency"}, days ISO texts, stages names.

    `said` is where the new one was said; None if it comes from the record.
    """

    field: Literal["amount", "expected_close", "stage", "next_meeting"]
    before: Any
    after: Any
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """new: never raised before. repeated: raised again. gone: raised last time and not this time."""

    state: Literal["new", "repeated", "gone"]
    now: Said | None
    before: Said | None

    @property
    def text(self) -> str:
        said = self.now or self.before
        return said.text if said else ""


@dataclass(frozen=True, slots=True)
class Promise:
    """An action item of last time that became a task, and what became of it. `again`: it was spoken of this time."""

    state: Literal["kept", "open", "overdue"]
    task: Task
    owner: str | None
    done_by: str | None
    said: Said
    again: Said | None


@dataclass(frozen=True, slots=True)
class Since:
    """A meeting against the one before."""

    meeting: Meeting
    previous: Meeting
    changes: tuple[Change, ...]
    objections: tuple[Objection, ...]
    competitors: tuple[Said, ...]
    promises: tuple[Promise, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.objections or self.competitors or self.promises)


def since_last(session: TenantSession, meeting: Meeting, *, today: date) -> Since | None:
    """What changed; None for a first meeting. `today` says which promises are overdue."""
    earlier = _earlier(session, meeting)
    if not earlier:
        return None
    previous = earlier[0]
    said = _insights(session, [meeting.id, *(m.id for m in earlier)])
    now, before = said[meeting.id], said[previous.id]
    older = [insight for m in earlier[1:] for insight in said[m.id]]
    deal = session.get(Deal, meeting.deal_id) if meeting.deal_id else None
    return Since(
        meeting=meeting,
        previous=previous,
        changes=tuple(_changes(session, meeting, earlier, deal, now, before)),
        objections=tuple(_objections(now, before, older)),
        competitors=tuple(_new_competitors(now, [*before, *older])),
        promises=tuple(_promises(session, now, before, today)),
    )


def since_latest(session: TenantSession, deal_id: int, *, today: date) -> Since | None:
    """What the latest meeting of a deal changed; None if there were fewer than two."""
    query = select(Meeting).where(*_READY, Meeting.deal_id == deal_id)
    query = query.order_by(Meeting.occurred_at.desc(), Meeting.id.desc())
    latest = session.scalars(query.limit(1)).first()
    return since_last(session, latest, today=today) if latest is not None else None


# --- Meetings and what was said in them


_READY = (Meeting.deleted_at.is_(None), Meeting.status == MeetingStatus.READY)


def _earlier(session: TenantSession, meeting: Meeting) -> list[Meeting]:
    """Of the same deal, else of the same company, the latest first."""
    same = _same_series(meeting)
    if same is None:
        return []
    before = or_(
        Meeting.occurred_at < meeting.occurred_at,
        and_(Meeting.occurred_at == meeting.occurred_at, Meeting.id < meeting.id),
    )
    query = select(Meeting).where(*_READY, same, before).order_by(Meeting.occurred_at.desc(), Meeting.id.desc())
    return list(session.scalars(query.limit(_MEETINGS)))


def _same_series(meeting: Meeting) -> ColumnElement[bool] | None:
    if meeting.deal_id is not None:
        return Meeting.deal_id == meeting.deal_id
    return Meeting.company_id == meeting.company_id if meeting.company_id is not None else None


def _insights(session: TenantSession, meeting_ids: Sequence[int]) -> dict[int, list[Insight]]:
    """What is compared, by meeting, without what was refused."""
    query = select(Insight).where(
        Insight.meeting_id.in_(meeting_ids), Insight.kind.in_(_KINDS), Insight.status != InsightStatus.REJECTED
    )
    found: dict[int, list[Insight]] = {id: [] for id in meeting_ids}
    for insight in session.scalars(query.order_by(Insight.meeting_id, Insight.position)):
        found[insight.meeting_id].append(insight)
    return found


def _of(kind: Kind, insights: Iterable[Insight]) -> list[Insight]:
    return [insight for insight in insights if insight.kind == kind]


def _said(insight: Insight) -> Said:
    first = insight.evidence[0] if insight.evidence else {}
    return Said(
        meeting_id=insight.meeting_id,
        text=_text(insight),
        is_open=insight.status.is_open,
        speaker=first.get("speaker"),
        start_s=first.get("start_s"),
        utterance=first.get("utterance"),
    )


def _text(insight: Insight) -> str:
    return str(insight.data.get("description") or insight.data.get("name") or "")


# --- Figures


def _changes(
    session: TenantSession,
    meeting: Meeting,
    earlier: Sequence[Meeting],
    deal: Deal | None,
    now: Sequence[Insight],
    before: Sequence[Insight],
) -> Iterable[Change]:
    if deal is not None and deal.deleted_at is None:
        yield from _deal_changes(session, meeting, earlier, deal, now, before)
    planned, plan = _of(Kind.NEXT_MEETING, before), _of(Kind.NEXT_MEETING, now)
    if plan:
        last = planned[-1].data["when"] if planned else None
        yield Change("next_meeting", last, plan[-1].data["when"], _said(plan[-1]))


def _deal_changes(
    session: TenantSession,
    meeting: Meeting,
    earlier: Sequence[Meeting],
    deal: Deal,
    now: Sequence[Insight],
    before: Sequence[Insight],
) -> Iterable[Change]:
    history = _history(session, deal, meeting, earlier)
    for field, value_in in (("amount", _amount_in(deal)), ("expected_close", _close_in)):
        told_before, _ = _told(before, deal, value_in)
        told_now, source = _told(now, deal, value_in)
        old = told_before if told_before is not None else history.before(field)
        new = told_now if told_now is not None else history.now(field)
        if new is not None and new != old:
            yield Change(field, old, new, _said(source) if source else None)  # type: ignore[arg-type]
    stages = (history.before("stage_id"), history.now("stage_id"))
    if stages[0] != stages[1]:
        names = {row.id: row.name for row in session.scalars(select(Stage).where(Stage.id.in_(stages)))}
        yield Change("stage", names.get(stages[0]), names.get(stages[1]))


def _history(session: TenantSession, deal: Deal, meeting: Meeting, earlier: Sequence[Meeting]) -> History:
    is_later = and_(Meeting.deal_id == deal.id, Meeting.occurred_at > meeting.occurred_at)
    query = select(Meeting.occurred_at).where(*_READY, is_later).order_by(Meeting.occurred_at).limit(1)
    return History(
        session,
        deal,
        last_time=earlier[0].occurred_at,
        known_then={m.id for m in earlier},
        known_now={meeting.id, *(m.id for m in earlier)},
        next_time=session.scalar(query),
    )


def _told(
    insights: Sequence[Insight], deal: Deal, value_in: Callable[[dict[str, Any]], Any]
) -> tuple[Any, Insight | None]:
    """The last value said of this deal, and where."""
    deals = _of(Kind.DEAL, insights)
    for insight in reversed(deals):
        is_meant = len(deals) == 1 or deal.id in (insight.deal_id, insight.proposal and insight.proposal.record_id)
        value = value_in(insight.data) if is_meant else None
        if value is not None:
            return value, insight
    return None, None


def _amount_in(deal: Deal) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    def amount(data: dict[str, Any]) -> dict[str, Any] | None:
        currency = data.get("currency") or deal.currency
        if data.get("amount") is None or not currency:
            return None
        return {"minor": to_minor(Decimal(str(data["amount"])), currency), "currency": currency}

    return amount


def _close_in(data: dict[str, Any]) -> str | None:
    return data.get("close_date")


# --- Objections and rivals


def _objections(now: Sequence[Insight], before: Sequence[Insight], older: Sequence[Insight]) -> Iterable[Objection]:
    """Each objection once: matched with the one most like it, last time's first."""
    last_time, long_ago = _of(Kind.OBJECTION, before)[:_OBJECTIONS], _of(Kind.OBJECTION, older)[: 3 * _OBJECTIONS]
    left = list(last_time)
    for insight in _of(Kind.OBJECTION, now)[:_OBJECTIONS]:
        twin = _most_like(insight, left) or _most_like(insight, long_ago)
        if twin in left:
            left.remove(twin)
        yield Objection("repeated" if twin else "new", _said(insight), _said(twin) if twin else None)
    for insight in left:
        yield Objection("gone", None, _said(insight))


def _most_like(insight: Insight, others: Iterable[Insight]) -> Insight | None:
    scored = [(shared_words(_text(insight), _text(other)), other) for other in others]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= _SAME else None


def _new_competitors(now: Sequence[Insight], earlier: Iterable[Insight]) -> Iterable[Said]:
    known = {company_key(_text(insight)) for insight in _of(Kind.COMPETITOR, earlier)}
    for insight in _of(Kind.COMPETITOR, now):
        key = company_key(_text(insight))
        if key not in known:
            known.add(key)
            yield _said(insight)


# --- Promises


def _promises(
    session: TenantSession, now: Sequence[Insight], before: Sequence[Insight], today: date
) -> Iterable[Promise]:
    """The tasks that last time's accepted action items became: what is not done first, the oldest first."""
    by_task = {id: i for i in _of(Kind.ACTION_ITEM, before) if i.status.is_applied and (id := _task_id(i))}
    if not by_task:
        return
    query = select(Task).where(Task.id.in_(by_task), Task.deleted_at.is_(None))
    tasks = list(session.scalars(query.order_by(Task.due_date.is_(None), Task.due_date, Task.id)))
    names = _names(session)
    doers = _doers(session, [task.id for task in tasks if task.status is TaskStatus.DONE])
    spoken_of = _of(Kind.ACTION_ITEM, now)
    states = [(_state(task, today), task) for task in tasks]
    for state, task in sorted(states, key=lambda pair: ("overdue", "open", "kept").index(pair[0])):
        promised = by_task[task.id]
        again = next((i for i in spoken_of if _task_id(i) == task.id), None) or _most_like(promised, spoken_of)
        yield Promise(
            state=state,
            task=task,
            owner=names.get(task.assignee_id or 0) or task.promised_by,
            done_by=names.get(doers.get(task.id) or 0),
            said=_said(promised),
            again=_said(again) if again else None,
        )


def _task_id(insight: Insight) -> int | None:
    proposal = insight.proposal
    if proposal is None or proposal.record_type != "task":
        return None
    return proposal.record_id or (proposal.applied or {}).get("id")


def _state(task: Task, today: date) -> Literal["kept", "open", "overdue"]:
    if task.status is TaskStatus.DONE:
        return "kept"
    return "overdue" if task.due_date is not None and task.due_date < today else "open"


def _names(session: TenantSession) -> dict[int, str]:
    return {int(id): str(name) for id, name in session.execute(select(User.id, User.name))}


def _doers(session: TenantSession, task_ids: Sequence[int]) -> dict[int, int | None]:
    """Who ticked each task off last."""
    if not task_ids:
        return {}
    query = (
        select(Event)
        .join(EventTarget, EventTarget.event_id == Event.id)
        .where(EventTarget.target_type == "task", EventTarget.target_id.in_(task_ids), Event.kind == "task.updated")
        .order_by(Event.id)
    )
    done: dict[int, int | None] = {}
    for event in session.scalars(query):
        change = (event.data.get("changes") or {}).get("status")
        if event.record_id is not None and change and change[1] == TaskStatus.DONE:
            done[event.record_id] = event.user_id
    return done
