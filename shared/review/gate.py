"""Accept, edit, reject, undo.

A proposal is compared with the CRM when it is made (`proposing.py`), and again when it is accepted: a record that has
appeared since is updated instead of made twice, and a field that has changed since is a conflict, never overwritten.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from sqlalchemy import and_, or_, select

from shared import clock, events, search
from shared.errors import AppError, Conflict, FieldError, Invalid
from shared.events import Actor, Target
from shared.models import Insight, InsightStatus, Meeting, Proposal, ReviewBatch
from shared.review.changes import APPLIED, apply, revert
from shared.review.locking import alone
from shared.review.plans import plan
from shared.review.proposing import ORDER
from shared.review.settling import link_all, settle, task_links, unsettle
from shared.schemas.insight import DATA_BY_KIND, Kind
from shared.tenancy import TenantSession

_ABOUT_RECORDS = (Kind.CONTACT, Kind.COMPANY, Kind.DEAL, Kind.ACTION_ITEM, Kind.NEXT_MEETING)


def accept(
    session: TenantSession,
    insight: Insight,
    *,
    by: Actor,
    edits: dict[str, Any] | None = None,
) -> Insight:
    """Apply a pending insight, with `edits` to its data if any.

    Raises Conflict if it was decided before, or the record has changed since; Invalid if the edits do not fit.
    """
    meeting = alone(session, insight.meeting_id, insight)
    _accept(session, meeting, insight, by=by, edits=edits)
    link_all(session, meeting)
    return insight


def _accept(
    session: TenantSession,
    meeting: Meeting,
    insight: Insight,
    *,
    by: Actor,
    edits: dict[str, Any] | None = None,
    batch: ReviewBatch | None = None,
) -> None:
    _expect_open(session, insight)
    kind = Kind(insight.kind)
    if edits:
        insight.data = _edited(kind, insight.data, edits)
    proposal = _proposal_of(insight)
    if edits or proposal.action != "update":  # an update would overwrite what the reviewer did not see
        renew(session, insight)
    why = _why(insight)
    actor = Actor("meeting", by.user_id, meeting.id)
    applied = apply(session, proposal, task_links(session, meeting), by=actor, why=why)
    proposal.record_id = applied["id"]
    if kind is Kind.SUMMARY:
        meeting.summary = insight.data["text"]
    insight.status = InsightStatus.EDITED if edits else InsightStatus.ACCEPTED
    insight.decided_by_id, insight.decided_at = by.user_id, clock.now()
    insight.batch_id = batch.id if batch else None
    session.flush()
    proposal.applied = {**applied, "settled": settle(session, meeting, insight)}
    session.flush()
    _mark(session, insight)
    events.record(
        session,
        "insight.accepted",
        by=Actor(by.kind, by.user_id, meeting.id),
        subject=("meeting", meeting.id),
        title=_headline(insight),
        also=_about(insight),
        data={"kind": insight.kind, "why": why},
    )


def _mark(session: TenantSession, insight: Insight) -> None:
    """Have what is found by meaning follow a decision: the insight itself, and the summary it may have put."""
    if insight.status.is_applied:
        search.mark(session, "insight", insight.id)
    if insight.kind == Kind.SUMMARY:
        search.mark(session, "meeting", insight.meeting_id)


def reject(session: TenantSession, insight: Insight, *, by: Actor, reason: str | None = None) -> Insight:
    """Refuse a pending insight; it does not come back on re-analysis. Raises Conflict if it was decided before."""
    alone(session, insight.meeting_id, insight)
    _expect_open(session, insight)
    insight.status, insight.reason = InsightStatus.REJECTED, (reason or "").strip()[:500] or None
    insight.decided_by_id, insight.decided_at = by.user_id, clock.now()
    session.flush()
    _record_decision(session, insight, "insight.rejected", by=by)
    return insight


def undo(session: TenantSession, insight: Insight, *, by: Actor) -> Insight:
    """Take a decision back: the record is as it was before, the insight waits again.

    Raises Conflict if nothing was decided, or the same fields were changed since.
    """
    meeting = alone(session, insight.meeting_id, insight)
    _undo(session, meeting, insight, by=by)
    link_all(session, meeting)
    return insight


def _undo(session: TenantSession, meeting: Meeting, insight: Insight, *, by: Actor) -> None:
    if insight.status.is_open:
        raise Conflict("There is nothing to undo here.", current=show(session, insight))
    was_applied, applied = insight.status.is_applied, insight.proposal.applied if insight.proposal else None
    gone = revert(session, applied, by=Actor(by.kind, by.user_id, meeting.id)) if was_applied and applied else []
    insight.status = InsightStatus.UNDONE if was_applied else InsightStatus.PENDING
    insight.data, insight.reason, insight.batch_id = insight.found, None, None
    insight.decided_by_id = insight.decided_at = None
    if was_applied and applied:
        if applied.get("settled"):
            gone.append((applied["type"], applied["id"]))
        unsettle(session, meeting, insight, gone)
    if was_applied and insight.kind == Kind.SUMMARY:
        meeting.summary = insight.data["text"]
    renew(session, insight)
    search.forget(session, "insight", insight.id)
    _mark(session, insight)
    _record_decision(session, insight, "insight.undone", by=by)


def accept_above(
    session: TenantSession, meeting: Meeting, threshold: float, *, by: Actor
) -> tuple[ReviewBatch, dict[str, int]]:
    """Accept every open insight of at least this confidence (0..1), as one batch.

    One that conflicts stays open and is counted: {"accepted", "conflicts", "below"}.
    """
    alone(session, meeting.id)
    batch = ReviewBatch(
        workspace_id=meeting.workspace_id, meeting_id=meeting.id, user_id=by.user_id, created_at=clock.now()
    )
    session.add(batch)
    session.flush()
    counts = {"accepted": 0, "conflicts": 0, "below": 0}
    for insight in _open_insights(session, meeting):
        if insight.confidence < threshold:
            counts["below"] += 1
            continue
        try:
            with session.begin_nested():
                _accept(session, meeting, insight, by=by, batch=batch)
            counts["accepted"] += 1
        except AppError:
            session.refresh(insight)
            renew(session, insight)
            counts["conflicts"] += 1
    link_all(session, meeting)
    return batch, counts


def undo_batch(session: TenantSession, batch: ReviewBatch, *, by: Actor) -> dict[str, int]:
    """Undo what a batch accepted, last first: {"undone", "conflicts"}. Raises Conflict the second time."""
    meeting = alone(session, batch.meeting_id)
    session.refresh(batch)
    if batch.undone_at is not None:
        raise Conflict("This batch was undone already.")
    query = select(Insight).where(Insight.batch_id == batch.id).execution_options(populate_existing=True)
    counts = {"undone": 0, "conflicts": 0}
    for insight in sorted(session.scalars(query), key=_dependence, reverse=True):
        try:
            with session.begin_nested():
                _undo(session, meeting, insight, by=by)
            counts["undone"] += 1
        except AppError:
            session.refresh(insight)
            counts["conflicts"] += 1
    link_all(session, meeting)
    batch.undone_at = clock.now()
    session.flush()
    return counts


def _open_insights(session: TenantSession, meeting: Meeting) -> list[Insight]:
    query = select(Insight).where(
        Insight.meeting_id == meeting.id, Insight.status.in_((InsightStatus.PENDING, InsightStatus.UNDONE))
    )
    return sorted(session.scalars(query.execution_options(populate_existing=True)), key=_dependence)


def _dependence(insight: Insight) -> tuple[int, int]:
    """Companies first: people and deals may stand at them."""
    return ORDER[insight.kind], insight.position


def _expect_open(session: TenantSession, insight: Insight) -> None:
    if not insight.status.is_open:
        raise Conflict(f"This was {insight.status.value} already.", current=show(session, insight))


def _edited(kind: Kind, data: dict[str, Any], edits: dict[str, Any]) -> dict[str, Any]:
    merged = {**data, **{k: v for k, v in edits.items() if v not in (None, "")}}
    for name in (k for k, v in edits.items() if v in (None, "")):
        merged.pop(name, None)
    try:
        return DATA_BY_KIND[kind].model_validate(merged).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        errors = [FieldError(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors(include_url=False)]
        raise Invalid(f"{errors[0].path}: {errors[0].message}", errors=errors) from None


def renew(session: TenantSession, insight: Insight) -> None:
    """Compare an open insight with the CRM as it is now; the reviewer must see what comes of it before a yes."""
    if not insight.status.is_open:
        return
    proposal, meeting = _proposal_of(insight), session.get_one(Meeting, insight.meeting_id)
    made = plan(session, meeting, Kind(insight.kind), insight.data)
    proposal.action, proposal.record_type, proposal.record_id = made.action, made.record_type, made.record_id
    proposal.base_version, proposal.changes = made.base_version, [change.to_json() for change in made.changes]
    session.flush()


def _proposal_of(insight: Insight) -> Proposal:
    if insight.proposal is None:
        raise Conflict("This insight proposes nothing.")
    return insight.proposal


def _why(insight: Insight) -> dict[str, Any]:
    first = insight.evidence[0] if insight.evidence else {}
    return {
        "insight_id": insight.id,
        "quote": first.get("quote"),
        "speaker": first.get("speaker"),
        "start_s": first.get("start_s"),
        "utterance": first.get("utterance"),
    }


def _about(insight: Insight) -> list[Target]:
    pairs = (("company", insight.company_id), ("deal", insight.deal_id), ("contact", insight.contact_id))
    targets: list[Target] = [(type_, id) for type_, id in pairs if id is not None]
    proposal = insight.proposal
    if proposal and proposal.record_id and (proposal.record_type, proposal.record_id) not in targets:
        targets.append((proposal.record_type, proposal.record_id))
    return targets


def _headline(insight: Insight) -> str:
    data = insight.data
    return str(
        data.get("description") or data.get("name") or data.get("company") or data.get("purpose") or insight.kind
    )


def _record_decision(session: TenantSession, insight: Insight, name: str, *, by: Actor) -> None:
    events.record(
        session,
        name,
        by=Actor(by.kind, by.user_id, insight.meeting_id),
        subject=("meeting", insight.meeting_id),
        title=_headline(insight),
        also=_about(insight) if name == "insight.undone" else [],
        data={"kind": insight.kind, "insight_id": insight.id, "reason": insight.reason},
    )


def insights_about(session: TenantSession, target: Target, *, limit: int = 200) -> list[Insight]:
    """Accepted decisions, pains, objections, competitors, requirements … about a meeting, deal, company or contact.

    Newest meeting first. Those that became a record of their own (a contact, a task) are on that record instead.
    """
    kind, id = target
    own = [k.value for k in _ABOUT_RECORDS]
    belongs = {
        "meeting": Insight.meeting_id == id,
        "contact": Insight.contact_id == id,
        "company": or_(Insight.company_id == id, and_(Insight.company_id.is_(None), Meeting.company_id == id)),
        "deal": or_(Insight.deal_id == id, and_(Insight.deal_id.is_(None), Meeting.deal_id == id)),
    }[kind]
    query = (
        select(Insight)
        .join(Meeting, Meeting.id == Insight.meeting_id)
        .where(belongs, Insight.status.in_(APPLIED), Insight.kind.not_in(own), Meeting.deleted_at.is_(None))
        .order_by(Meeting.occurred_at.desc(), Insight.position)
        .limit(limit)
    )
    return list(session.scalars(query))


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
        "batch_id": insight.batch_id,
        "proposal": {
            "action": proposal.action,
            "type": proposal.record_type,
            "record_id": proposal.record_id,
            "changes": proposal.changes,
        }
        if proposal
        else None,
    }
