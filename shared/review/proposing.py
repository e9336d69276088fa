"""What an analysis found, as insights that wait for a yes; who is one of us is not proposed, nor what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from shared.models import Attendee, Insight, InsightStatus, Meeting, Proposal, Workspace, workspace_of
from shared.records import matching
from shared.records.keys import company_key
from shared.review.known import said_before
from shared.review.locking import alone
from shared.review.plan_parts import Plan
from shared.review.plans import plan
from shared.review.repeats import Find, identity, repeated
from shared.schemas.insight import Item, Kind
from shared.tenancy import TenantSession

#: The order of review, companies first: people and deals may stand at them.
ORDER = {kind.value: position for position, kind in enumerate(dict.fromkeys((Kind.COMPANY, *Kind)))}


def propose(session: TenantSession, meeting: Meeting, items: Sequence[Item]) -> list[Insight]:
    """Turn what an analysis found into insights waiting for a yes.

    Pending insights of earlier runs are replaced. What was decided or corrected stays, and does not come back in
    other words. Colleagues are attendees, not proposals.
    """
    alone(session, meeting.id)
    pending = select(Insight).where(Insight.meeting_id == meeting.id, Insight.status == InsightStatus.PENDING)
    for old in session.scalars(pending):
        if not old.correction:
            session.delete(old)
    session.flush()
    decided = list(session.scalars(select(Insight).where(Insight.meeting_id == meeting.id)))
    seen: set[str] = set()
    workspace = workspace_of(session)
    made = []
    ordered = sorted(items, key=lambda item: ORDER[item.kind])
    finds = [_find(item) for item in ordered]
    again = repeated(finds, decided)
    for position, (item, find) in enumerate(zip(ordered, finds, strict=True)):
        data, key = find.data, identity(item.kind, find.data)
        if key in seen or position in again:
            continue
        if _is_colleague(session, meeting, workspace, item.kind, data):
            continue
        seen.add(key)
        before = said_before(session, meeting, item.kind, data)
        insight = Insight(
            workspace_id=meeting.workspace_id,
            meeting_id=meeting.id,
            run=meeting.run,
            position=position,
            identity=key,
            kind=item.kind.value,
            data=data,
            found=data,
            evidence=list(find.evidence),
            confidence=round(item.confidence, 3),
            again_of_id=before.id if before else None,
        )
        insight.proposal = _proposal(meeting, plan(session, meeting, item.kind, data))
        session.add(insight)
        made.append(insight)
    session.flush()
    return made


def _find(item: Item) -> Find:
    data = item.typed.model_dump(mode="json", exclude_none=True)
    return Find(item.kind, data, [e.model_dump(mode="json") for e in item.evidence])


def _is_colleague(
    session: TenantSession, meeting: Meeting, workspace: Workspace | None, kind: Kind, data: dict[str, Any]
) -> bool:
    """Somebody of our own side: noted as attending if they are a user, never proposed as a contact."""
    if kind is not Kind.CONTACT:
        return kind is Kind.COMPANY and _is_own(workspace, data["name"])
    user = matching.find_user(session, data["name"], by_short_form=False)
    if user is not None and (not data.get("company") or _is_own(workspace, data["company"])):
        if data.get("attended") and all(a.user_id != user.id for a in meeting.attendees):
            meeting.attendees.append(Attendee(workspace_id=meeting.workspace_id, user_id=user.id, speaker=data["name"]))
        return True
    return _is_own(workspace, data.get("company"))


def _is_own(workspace: Workspace | None, name: object) -> bool:
    own = workspace.own_name if workspace else None
    return bool(own and name and company_key(str(name)) == company_key(own))


def _proposal(meeting: Meeting, made: Plan) -> Proposal:
    return Proposal(
        workspace_id=meeting.workspace_id,
        action=made.action,
        record_type=made.record_type,
        record_id=made.record_id,
        base_version=made.base_version,
        changes=[change.to_json() for change in made.changes],
        candidates=[candidate.to_json() for candidate in made.candidates],
    )
