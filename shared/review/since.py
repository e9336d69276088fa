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

from sqlalchemy import ColumnElement, Integer, Row, bindparam, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from shared.models import (
    Deal,
    Event,
    EventTarget,
    Insight,
    InsightStatus,
    Meeting,
    MeetingStatus,
    Proposal,
    Stage,
    Task,
    TaskStatus,
)
from shared.prepared import Prepared
from shared.records import titles
from shared.records.deals import nearest_minor
from shared.records.keys import company_key
from shared.records.wording import shared_words
from shared.review.deal_history import History
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: An insight with the record its proposal names, a meeting, or a deal: the columns that are compared.
_Row = Row[*tuple[Any, ...]]

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
    """A meeting against the one before; each has an id, a title and when it was."""

    meeting: Meeting | _Row
    previous: _Row
    changes: tuple[Change, ...]
    objections: tuple[Objection, ...]
    competitors: tuple[Said, ...]
    promises: tuple[Promise, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.objections or self.competitors or self.promises)


def since_last(session: TenantSession, meeting: Meeting, *, today: date) -> Since | None:
    """What changed; None for a first meeting. `today` says which promises are overdue."""
    of = meeting.deal_id or meeting.company_id
    if of is None:
        return None
    query = _OF_DEAL if meeting.deal_id is not None else _OF_COMPANY
    earlier = query.rows(session, of=of, at=meeting.occurred_at, id=meeting.id)
    return _compared(session, meeting, earlier, today)


def since_latest(session: TenantSession, deal_id: int, *, today: date) -> Since | None:
    """What the latest meeting of a deal changed; None if there were fewer than two."""
    held = _LATEST.rows(session, of=deal_id)
    return _compared(session, held[0], held[1:], today) if held else None


def _compared(session: TenantSession, meeting: Meeting | _Row, earlier: Sequence[_Row], today: date) -> Since | None:
    """A meeting against those that were held before, the latest first."""
    if not earlier:
        return None
    said = _insights(session, [meeting.id, *(m.id for m in earlier)])
    now, before = said[meeting.id], said[earlier[0].id]
    older = [insight for m in earlier[1:] for insight in said[m.id]]
    return Since(
        meeting=meeting,
        previous=earlier[0],
        changes=tuple(_changes(session, meeting, earlier, now, before)),
        objections=tuple(_objections(now, before, older)),
        competitors=tuple(_new_competitors(now, [*before, *older])),
        promises=tuple(_promises(session, now, before, today)),
    )


# --- Meetings and what was said in them


_READY = (Meeting.deleted_at.is_(None), Meeting.status == MeetingStatus.READY)
_ID = bindparam("id", type_=Integer)


def _held(series: InstrumentedAttribute[int | None], *where: ColumnElement[bool], limit: int) -> Prepared:
    """(id, title, occurred_at, deal_id) of the meetings of a deal or a company, the latest first."""
    columns: tuple[Any, ...] = (Meeting.id, Meeting.title, Meeting.occurred_at, Meeting.deal_id)
    found = select(*columns).where(*_READY, series == bindparam("of"), *where)
    return Prepared(found.order_by(Meeting.occurred_at.desc(), Meeting.id.desc()).limit(limit))


_BEFORE = tuple_(Meeting.occurred_at, Meeting.id) < tuple_(bindparam("at", type_=Meeting.occurred_at.type), _ID)
_OF_DEAL = _held(Meeting.deal_id, _BEFORE, limit=_MEETINGS)
_OF_COMPANY = _held(Meeting.company_id, _BEFORE, limit=_MEETINGS)
_LATEST = _held(Meeting.deal_id, limit=_MEETINGS + 1)


_SAID = Prepared(
    select(
        Insight.id, Insight.meeting_id, Insight.kind, Insight.status, Insight.data, Insight.evidence, Insight.deal_id,
        Proposal.record_type, Proposal.record_id, Proposal.applied,
    )
    .outerjoin(Proposal, Proposal.insight_id == Insight.id)
    .where(
        Insight.meeting_id.in_(bindparam("meetings", expanding=True)), Insight.kind.in_(_KINDS),
        Insight.status != InsightStatus.REJECTED,
    )
    .order_by(Insight.meeting_id, Insight.position)
)  # fmt: skip


def _insights(session: TenantSession, meeting_ids: Sequence[int]) -> dict[int, list[_Row]]:
    """What is compared, by meeting, without what was refused: insights with the record that their proposal names."""
    found: dict[int, list[_Row]] = {id: [] for id in meeting_ids}
    for insight in _SAID.rows(session, meetings=list(meeting_ids)):
        found[insight.meeting_id].append(insight)
    return found


def _of(kind: Kind, insights: Iterable[_Row]) -> list[_Row]:
    return [insight for insight in insights if insight.kind == kind]


def _said(insight: _Row) -> Said:
    first = insight.evidence[0] if insight.evidence else {}
    return Said(
        meeting_id=insight.meeting_id,
        text=_text(insight),
        is_open=insight.status.is_open,
        speaker=first.get("speaker"),
        start_s=first.get("start_s"),
        utterance=first.get("utterance"),
    )


def _text(insight: _Row) -> str:
    return str(insight.data.get("description") or insight.data.get("name") or "")


# --- Figures


def _changes(
    session: TenantSession,
    meeting: Meeting | _Row,
    earlier: Sequence[_Row],
    now: Sequence[_Row],
    before: Sequence[_Row],
) -> Iterable[Change]:
    if meeting.deal_id is not None:
        yield from _deal_changes(session, meeting, earlier, now, before)
    planned, plan = _of(Kind.NEXT_MEETING, before), _of(Kind.NEXT_MEETING, now)
    if plan:
        last = planned[-1].data["when"] if planned else None
        yield Change("next_meeting", last, plan[-1].data["when"], _said(plan[-1]))


#: A deal, and when the meeting of it that followed was held.
_DEAL = Prepared(
    select(
        Deal.id, Deal.amount_minor, Deal.currency, Deal.expected_close, Deal.stage_id,
        select(func.min(Meeting.occurred_at))
        .where(*_READY, Meeting.deal_id == Deal.id, Meeting.occurred_at > bindparam("at"))
        .correlate(Deal)
        .scalar_subquery()
        .label("next_time"),
    ).where(Deal.id == _ID, Deal.deleted_at.is_(None))
)  # fmt: skip


def _deal_changes(
    session: TenantSession,
    meeting: Meeting | _Row,
    earlier: Sequence[_Row],
    now: Sequence[_Row],
    before: Sequence[_Row],
) -> Iterable[Change]:
    deal = _DEAL.first(session, id=meeting.deal_id, at=meeting.occurred_at)
    if deal is None:
        return
    history = History(
        session,
        deal,
        last_time=earlier[0].occurred_at,
        known_then={m.id for m in earlier},
        known_now={meeting.id, *(m.id for m in earlier)},
        next_time=deal.next_time,
    )
    for field, value_in in (("amount", _amount_in(deal)), ("expected_close", _close_in)):
        told_before, _ = _told(before, deal, value_in)
        told_now, source = _told(now, deal, value_in)
        old = told_before if told_before is not None else history.before(field)
        new = told_now if told_now is not None else history.now(field)
        if new is not None and new != old:
            yield Change(field, old, new, _said(source) if source else None)  # type: ignore[arg-type]
    stages = (history.before("stage_id"), history.now("stage_id"))
    if stages[0] != stages[1]:
        names = dict(iter(session.execute(select(Stage.id, Stage.name).where(Stage.id.in_(stages)))))
        yield Change("stage", names.get(stages[0]), names.get(stages[1]))


def _told(insights: Sequence[_Row], deal: _Row, value_in: Callable[[dict[str, Any]], Any]) -> tuple[Any, _Row | None]:
    """The last value said of this deal, and where."""
    deals = _of(Kind.DEAL, insights)
    for insight in reversed(deals):
        is_meant = len(deals) == 1 or deal.id in (insight.deal_id, insight.record_id)
        value = value_in(insight.data) if is_meant else None
        if value is not None:
            return value, insight
    return None, None


def _amount_in(deal: _Row) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    def amount(data: dict[str, Any]) -> dict[str, Any] | None:
        currency = data.get("currency") or deal.currency
        if data.get("amount") is None or not currency:
            return None
        return {"minor": nearest_minor(Decimal(str(data["amount"])), currency), "currency": currency}

    return amount


def _close_in(data: dict[str, Any]) -> str | None:
    return data.get("close_date")


# --- Objections and rivals


def _objections(now: Sequence[_Row], before: Sequence[_Row], older: Sequence[_Row]) -> Iterable[Objection]:
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


def _most_like(insight: _Row, others: Iterable[_Row]) -> _Row | None:
    scored = [(shared_words(_text(insight), _text(other)), other) for other in others]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= _SAME else None


def _new_competitors(now: Sequence[_Row], earlier: Iterable[_Row]) -> Iterable[Said]:
    known = {company_key(_text(insight)) for insight in _of(Kind.COMPETITOR, earlier)}
    for insight in _of(Kind.COMPETITOR, now):
        key = company_key(_text(insight))
        if key not in known:
            known.add(key)
            yield _said(insight)


# --- Promises


def _promises(session: TenantSession, now: Sequence[_Row], before: Sequence[_Row], today: date) -> Iterable[Promise]:
    """The tasks that last time's accepted action items became: what is not done first, the oldest first."""
    by_task = {id: i for i in _of(Kind.ACTION_ITEM, before) if i.status.is_applied and (id := _task_id(i))}
    if not by_task:
        return
    query = select(Task).where(Task.id.in_(by_task), Task.deleted_at.is_(None))
    tasks = list(session.scalars(query.order_by(Task.due_date.is_(None), Task.due_date, Task.id)))
    names = {id: name for id, name, _is_active in titles.people(session)}
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


def _task_id(insight: _Row) -> int | None:
    return insight.record_id or (insight.applied or {}).get("id") if insight.record_type == "task" else None


def _state(task: Task, today: date) -> Literal["kept", "open", "overdue"]:
    if task.status is TaskStatus.DONE:
        return "kept"
    return "overdue" if task.due_date is not None and task.due_date < today else "open"


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
