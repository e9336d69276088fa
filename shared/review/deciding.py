"""Accept, edit, reject, undo.

A proposal is compared with the CRM when it is made (`proposing.py`), and again when it is accepted: a record that has
appeared since is updated instead of made twice, and a field that has changed since is a conflict, never overwritten.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import ValidationError

from shared import clock, events, search
from shared.errors import FieldError, Invalid
from shared.events import Actor
from shared.models import Deal, Insight, InsightStatus, Meeting, ReviewBatch
from shared.records.deals import to_minor
from shared.review import correcting
from shared.review.changes import apply, revert
from shared.review.correcting import proposal_of, renew
from shared.review.deal_plans import currency_of
from shared.review.locking import alone
from shared.review.settling import link_all, settle, task_links, unsettle
from shared.review.showing import about, expect_open, headline, record
from shared.schemas.insight import DATA_BY_KIND, Kind
from shared.tenancy import TenantSession


def accept(
    session: TenantSession,
    insight: Insight,
    *,
    by: Actor,
    edits: dict[str, Any] | None = None,
    choice: int | Literal["new"] | None = None,
) -> Insight:
    """Apply a pending insight, with `edits` to its data if any; `choice` says which record is meant where it is asked.

    Raises Conflict if it was decided before, the record has changed since, or it is not said which one is meant;
    Invalid if the edits do not fit or there is no such record.
    """
    meeting = alone(session, insight.meeting_id, insight)
    accept_in(session, meeting, insight, by=by, edits=edits, choice=choice)
    link_all(session, meeting)
    return insight


def accept_in(
    session: TenantSession,
    meeting: Meeting,
    insight: Insight,
    *,
    by: Actor,
    edits: dict[str, Any] | None = None,
    choice: int | Literal["new"] | None = None,
    batch: ReviewBatch | None = None,
) -> None:
    """`accept` as one of several: the caller is alone with the meeting, and calls `link_all` after the last."""
    expect_open(session, insight)
    kind, said = Kind(insight.kind), insight.data
    if edits:
        insight.data = _edited(kind, insight.data, edits)
        if "owner" in edits:
            correcting.forget_owner(insight)
    proposal = proposal_of(insight)
    if choice is not None:
        correcting.choose(session, insight, None if choice == "new" else choice, as_shown=not edits)
    elif edits or proposal.action != "update":  # an update would overwrite what the reviewer did not see
        renew(session, insight)
    correcting.expect_answered(session, insight)
    _expect_exact(session, insight, said)
    why = _why(insight)
    actor = Actor("meeting", by.user_id, meeting.id)
    applied = apply(session, proposal, task_links(session, meeting, insight), by=actor, why=why)
    proposal.record_id = applied["id"]
    if kind is Kind.SUMMARY:
        meeting.summary = insight.data["text"]
    insight.status = InsightStatus.EDITED if edits or insight.correction else InsightStatus.ACCEPTED
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
        title=headline(insight),
        also=about(insight),
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
    reject_in(session, insight, by=by, reason=reason)
    return insight


def reject_in(
    session: TenantSession,
    insight: Insight,
    *,
    by: Actor,
    reason: str | None = None,
    batch: ReviewBatch | None = None,
) -> None:
    """`reject` as one of several: the caller is alone with the meeting."""
    expect_open(session, insight)
    insight.status, insight.reason = InsightStatus.REJECTED, (reason or "").replace("\0", "").strip()[:500] or None
    insight.decided_by_id, insight.decided_at = by.user_id, clock.now()
    insight.batch_id = batch.id if batch else None
    session.flush()
    record(session, insight, "insight.rejected", by=by)


def undo(session: TenantSession, insight: Insight, *, by: Actor) -> Insight:
    """Take a decision back: the record is as it was before, the insight waits again. Of one that waits, take back how
    it was corrected last.

    Raises Conflict if nothing was decided or corrected, or the same fields were changed since.
    """
    meeting = alone(session, insight.meeting_id, insight)
    undo_in(session, meeting, insight, by=by)
    link_all(session, meeting)
    return insight


def undo_in(session: TenantSession, meeting: Meeting, insight: Insight, *, by: Actor) -> None:
    """`undo` as one of several: the caller is alone with the meeting, and calls `link_all` after the last."""
    if insight.status.is_open:
        correcting.take_back(session, insight, by=by)
        return
    if correcting.is_merged(insight):
        correcting.part(session, insight, by=by)
        return
    was_applied, applied = insight.status.is_applied, insight.proposal.applied if insight.proposal else None
    gone = revert(session, applied, by=Actor(by.kind, by.user_id, meeting.id)) if was_applied and applied else []
    insight.status = InsightStatus.UNDONE if was_applied else InsightStatus.PENDING
    insight.data, insight.reason, insight.batch_id = correcting.standing(insight), None, None
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
    record(session, insight, "insight.undone", by=by)


def _edited(kind: Kind, data: dict[str, Any], edits: dict[str, Any]) -> dict[str, Any]:
    merged = {**data, **{k: v for k, v in edits.items() if v not in (None, "")}}
    for name in (k for k, v in edits.items() if v in (None, "")):
        merged.pop(name, None)
    try:
        return DATA_BY_KIND[kind].model_validate(merged).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        errors = [FieldError(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors(include_url=False)]
        raise Invalid(f"{errors[0].path}: {errors[0].message}", errors=errors) from None


def _expect_exact(session: TenantSession, insight: Insight, said: dict[str, Any]) -> None:
    """What was said is rounded to its currency; what a reviewer types is not. Where none is named it is the deal's, or
    the workspace's."""
    data, proposal = insight.data, proposal_of(insight)
    if data.get("amount") is None or all(data.get(name) == said.get(name) for name in ("amount", "currency")):
        return
    deal = session.get(Deal, proposal.record_id) if proposal.record_id is not None else None
    try:
        to_minor(Decimal(str(data["amount"])), currency_of(session, data, deal))
    except ValueError as error:
        raise Invalid.field("amount", str(error)) from None


def _why(insight: Insight) -> dict[str, Any]:
    first = insight.evidence[0] if insight.evidence else {}
    return {
        "insight_id": insight.id,
        "quote": first.get("quote"),
        "speaker": first.get("speaker"),
        "start_s": first.get("start_s"),
        "utterance": first.get("utterance"),
    }
