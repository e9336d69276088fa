"""What is told of an insight: to REST, to the timelines, to whoever meets it decided already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, bindparam, select
from sqlalchemy.orm import aliased

from shared import events
from shared.errors import Conflict
from shared.events import Actor, Target
from shared.models import Insight, Meeting, User
from shared.prepared import Prepared
from shared.review.changes import APPLIED
from shared.schemas.insight import Kind
from shared.tenancy import TenantSession

#: Kinds that became a record of their own, or are the whole meeting in short.
_UNTOLD = (Kind.CONTACT, Kind.COMPANY, Kind.DEAL, Kind.ACTION_ITEM, Kind.NEXT_MEETING, Kind.SUMMARY)


def show(session: TenantSession, insight: Insight) -> dict[str, Any]:
    """The insight as REST gives it."""
    proposal = insight.proposal
    return {
        "id": insight.id,
        "meeting_id": insight.meeting_id,
        "kind": insight.kind,
        "data": insight.data,
        "evidence": [
            {"quote": e["quote"], "speaker": e.get("speaker"), "start_s": e.get("start_s"), "utterance": e["utterance"]}
            for e in insight.evidence
        ],
        "confidence": insight.confidence,
        "status": insight.status.value,
        "reason": insight.reason,
        "decided_by_id": insight.decided_by_id,
        "batch_id": insight.batch_id,
        "again_of_id": insight.again_of_id,
        "proposal": {
            "action": proposal.action,
            "type": proposal.record_type,
            "record_id": proposal.record_id,
            "changes": proposal.changes,
            "candidates": proposal.candidates,
        }
        if proposal
        else None,
    }


def insights_about(session: TenantSession, target: Target, *, limit: int = 200) -> Sequence[Row[Any]]:
    """Accepted decisions, pains, objections, competitors, requirements … about a deal, company or contact: rows of
    `id`, `meeting_id`, `kind`, `data` and `evidence`.

    Newest meeting first; what several meetings said stands there once. Those that became a record of their own (a
    contact, a task) are on that record instead.
    """
    return _ABOUT[target[0]].rows(session, id=target[1], limit=limit)


_ID: BindParameter[Any] = bindparam("id")


def _about(kind: str) -> Prepared:
    # From the insights to their meetings: the sum keeps SQLite from going through all meetings for their insights.
    theirs = Meeting.id == Insight.meeting_id + 0
    stands = (Insight.status.in_(APPLIED), Insight.kind.not_in(_UNTOLD), Meeting.deleted_at.is_(None))
    return Prepared(
        select(Insight.id, Insight.meeting_id, Insight.kind, Insight.data, Insight.evidence)
        .join(Meeting, theirs)
        .where(_belongs(kind), *stands, ~_is_told_by_an_earlier_one())
        .order_by(Meeting.occurred_at.desc(), Insight.position)
        .limit(bindparam("limit"))
    )


def _belongs(kind: str) -> ColumnElement[bool]:
    """The insight is about a record itself, or about none while its meeting is; each way by its index."""
    own = getattr(Insight, f"{kind}_id")
    mine = select(Insight.id).where(own == _ID)
    if kind == "contact":
        return Insight.id.in_(mine)
    of_meeting = select(Insight.id).join(Meeting, Meeting.id == Insight.meeting_id)
    inherited = of_meeting.where(getattr(Meeting, f"{kind}_id") == _ID, own.is_(None))
    return Insight.id.in_(mine.union_all(inherited))


def _is_told_by_an_earlier_one() -> ColumnElement[bool]:
    """Whether an insight says again what an earlier meeting's says, and that one still stands."""
    first, its_meeting = aliased(Insight), aliased(Meeting)
    return (
        select(first.id)
        .join(its_meeting, its_meeting.id == first.meeting_id)
        .where(first.id == Insight.again_of_id, first.status.in_(APPLIED), its_meeting.deleted_at.is_(None))
        .correlate(Insight)
        .exists()
    )


_ABOUT = {kind: _about(kind) for kind in ("contact", "company", "deal")}


def headline(insight: Insight | Row[Any]) -> str:
    """What an insight says, in a line, for events and messages."""
    data = insight.data
    return str(
        data.get("description") or data.get("name") or data.get("company") or data.get("purpose") or insight.kind
    )


def about(insight: Insight) -> list[Target]:
    """The records on whose timelines a decision on the insight stands."""
    pairs = (("company", insight.company_id), ("deal", insight.deal_id), ("contact", insight.contact_id))
    targets: list[Target] = [(type_, id) for type_, id in pairs if id is not None]
    proposal = insight.proposal
    if proposal and proposal.record_id and (proposal.record_type, proposal.record_id) not in targets:
        targets.append((proposal.record_type, proposal.record_id))
    return targets


def record(session: TenantSession, insight: Insight, name: str, *, by: Actor, **data: Any) -> None:
    """Write the event of a decision, with `data` beside the insight's kind and id."""
    events.record(
        session,
        name,
        by=Actor(by.kind, by.user_id, insight.meeting_id),
        subject=("meeting", insight.meeting_id),
        title=headline(insight),
        also=about(insight) if name == "insight.undone" else [],
        data={"kind": insight.kind, "insight_id": insight.id, "reason": insight.reason, **data},
    )


def expect_open(session: TenantSession, insight: Insight) -> None:
    """Raises Conflict, saying who decided, if there is nothing left to decide."""
    if insight.status.is_open:
        return
    word = insight.status.value.replace("_", " ")
    decider = session.get(User, insight.decided_by_id) if insight.decided_by_id else None
    what = f"{decider.name} {word} this already." if decider else f"This was {word} already."
    raise Conflict(what, current=show(session, insight))
